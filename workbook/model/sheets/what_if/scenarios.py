"""Scenarios: the whole valuation of the miner chosen on Tornado, once for each end of a driver.

The lines are those of the other sheets; a column is the base or one end of a driver. Facts are
looked up in the chosen miner's column and then moved by the driver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from valuation_core.parts import ASSETS, OPERATING
from valuation_core.sensitivity import DRIVERS, Driver
from workbook.cells import Ref, Value
from workbook.model.excel import AND, BLANK, IF, ISNUMBER, MIN, ONE, OR, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines, Make
from workbook.model.sheets.facts.input_cells import NONE_STATED, InputCells
from workbook.model.sheets.valuation.dilution_instruments import dilution_instruments, per_share_of
from workbook.model.sheets.valuation.hpc import FACTS as HPC_FACTS
from workbook.model.sheets.valuation.hpc import OPTIONAL
from workbook.model.sheets.valuation.hpc_grids import pick
from workbook.model.sheets.valuation.mining import ALL_FACTS as MINING_FACTS
from workbook.model.sheets.valuation.mining_periods import mining_value, plan_chain
from workbook.model.sheets.valuation.pipeline import PICKED, plan_weighted, sites_of
from workbook.model.sheets.valuation.power import (
    MW_OF_TABLES,
    plan_land,
    plan_named,
    plan_signed_mw,
    signed_value,
)
from workbook.model.sheets.valuation.roll_forward import AT_FACE, growth_of
from workbook.model.sheets.valuation.shopped import STATED, places_of, plan_net
from workbook.model.sheets.valuation.sotp import LABELS
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES, plan_values
from workbook.style import COUNT, FACTOR, MONEY_EXACT, PER_SHARE, PERCENT, RATIO, SHARES

NAME: Final = "Scenarios"
BASE: Final = "Base"
ENDS: Final = ("low", "high")


def column_of(driver: Driver, end: int) -> str:
    """Give the column of one end of a driver."""
    return f"{title_of(driver)}, {ENDS[end]}"


def title_of(driver: Driver) -> str:
    """Give the name of a driver as a line begins with it."""
    return driver.name[0].upper() + driver.name[1:]


COLUMNS: Final = (BASE, *(column_of(driver, end) for driver in DRIVERS for end in (0, 1)))
ON_MW: Final = ("hpc_mw_shopped", "tenant_cap", "cloud_mw", "hpc_mw_named")
"""Facts in MW; the others that know a basis are per MW."""

RATIO_KEY: Final = "gross_to_critical"

NEUTRAL: Final[Mapping[str, Value]] = {"replaces": None, "times": 1.0, "plus": 0.0}
"""What leaves a fact as it is."""

HOW: Final = {"replaces": "set to", "times": "x", "plus": "+"}
UNITS: Final = {"replaces": "", "times": "factor", "plus": "points"}


class Scenarios:
    """Plans the sheet."""

    def __init__(
        self, figures: Figures, inputs: InputCells, model: dict[str, Lines], chosen: Ref, miner: str
    ) -> None:
        self.figures, self.inputs, self.model = figures, inputs, model
        self.chosen, self.miner = chosen, miner
        self.lines = Lines(
            NAME,
            "Scenarios of the tornado",
            "The valuation of the miner chosen on Tornado, in the base and at both ends of each "
            "driver. The ends are those of HPC_TORNADO.",
            COLUMNS,
            head="Scenario",
        )
        self.lines.sheet.heights[4] = 36
        self.instruments = dilution_instruments(figures)
        book = figures.laid_out
        self.places, self.sites = places_of(book.tables["deals"].rows()), sites_of(book)

    def plan(self) -> Lines:
        """Plan the moves, the facts as moved, the parts and the target."""
        self._moves()
        self._facts()
        plan_chain(self.lines, self.inputs)
        self._power()
        self._parts()
        self._claims()
        self._target()
        return self.lines

    def _moves(self) -> None:
        """Plan what each scenario does: factors, values in place of facts, the level per MW."""
        lines = self.lines
        lines.section("What is moved")
        for driver in DRIVERS:
            neutral = NEUTRAL[driver.how]
            moved = {column_of(driver, end): driver.ends[end] for end in (0, 1)}
            lines.stated(
                f"move_{driver.moves}",
                f"{title_of(driver)}: {HOW[driver.how]}",
                UNITS[driver.how],
                "General",
                lambda column, moved=moved, neutral=neutral: moved.get(column, neutral),  # type: ignore[misc]
                note="blank: as the book has it" if neutral is None else "",
            )

    def _picked(self, sheet: str, key: str) -> Term:
        lines = self.model[sheet]
        return Term(pick(lines, key, self.chosen, NAME), lines.value(key, self.miner))

    def _fact(
        self, key: str, sheet: str, label: str, unit: str, number_format: str, source: str = ""
    ) -> None:
        """Plan a fact of the chosen miner, moved where a driver moves it."""
        lines = self.lines
        rescaled = key != "gross_to_critical" and f"critical_{key}" in self.model[sheet].cells

        def make(column: str) -> Term:
            fact = self._picked(sheet, source or key)
            if rescaled:
                fact = self._rescaled(fact, sheet, key, column)
            # MW that find a tenant move net of what was let: see `_net`.
            return fact if key == "hpc_mw_shopped" else self._moved(fact, key, column)

        lines.line(key, label, unit, number_format, make, style="link")

    def _moved(self, fact: Term, key: str, column: str) -> Term:
        """Move a fact as its driver does; one that the miner has not stays what it is."""
        driver = next((one for one in DRIVERS if one.moves == key), None)
        if driver is None:
            return fact
        move = self.lines.at(f"move_{key}", column)
        if driver.how == "replaces":
            return IF(OR(move.equals(BLANK), fact.equals(NONE_STATED)), fact, move)
        moved = fact * move if driver.how == "times" else fact + move
        return IF(fact.equals(NONE_STATED), fact, moved)

    def _rescaled(self, fact: Term, sheet: str, key: str, column: str) -> Term:
        """Bring a fact stated on critical MW to gross MW at the scenario's ratio."""
        now = self.lines.at("gross_to_critical", column)
        change = now / self._picked(sheet, "gross_to_critical")
        moved = fact * change if key in ON_MW else fact / change
        rescales = self._picked(sheet, f"critical_{key}").equals(ONE)
        return IF(AND(rescales, ISNUMBER(fact)), moved, fact)

    def _facts(self) -> None:
        lines = self.lines
        lines.section("Facts of the chosen miner, as moved")
        for key, label, unit, number_format in MINING_FACTS:
            self._fact(key, "mining", label, unit, number_format)
        for key, label, unit, number_format in (*HPC_FACTS, *OPTIONAL):
            self._fact(key, "hpc", label, unit, number_format)
        for key, label, unit in MW_OF_TABLES:
            self._fact(key, "hpc", label, unit, COUNT)
        self._fact("named", "hpc", "Whether named MW are used", "", "0")
        self._fact("by_site", "hpc", "Whether the option is valued site by site", "", "0")
        self._fact("by_lease", "hpc", "Whether deals are valued lease by lease", "", "0")
        self._fact("lease_fixed", "hpc", "Deals by lease, fixed part", "USD M", MONEY_EXACT)
        self._fact("lease_base", "hpc", "Deals by lease, all", "USD M", MONEY_EXACT, "lease_worth")
        self._fact("ratio_base", "hpc", "Gross per critical, base", "ratio", RATIO, RATIO_KEY)
        self._fact("sites", "pipeline", "Sites that offer MW", "", "0")
        for index in range(self.sites):
            for key, label, unit, number_format in PICKED:
                name = f"{label}, site {index + 1}"
                self._fact(f"{key}_{index}", "pipeline", name, unit, number_format)
        self._fact("places", "hpc", "Places where MW were let since", "", "0")
        for index in range(self.places):
            for key, label, unit in STATED:
                self._fact(f"{key}_{index}", "hpc", f"{label}, {index + 1}", unit, COUNT)
        self._fact("btc_held", "sotp", "Bitcoin held", "BTC", COUNT)
        self._fact("hodl_premium", "sotp", "Value of held bitcoin over spot", "ratio", RATIO)
        self._fact("other_value", "sotp", "Value of everything else", "USD M", MONEY_EXACT)
        self._fact("cash_fact", "sotp", "Cash, pro forma", "USD M", MONEY_EXACT, "cash")
        self._fact("cost_of_equity", "targets", "Cost of equity", "fraction", PERCENT)
        self._fact("days", "targets", "Days to the target date", "days", COUNT)

    def _power(self) -> None:
        lines = self.lines
        lines.section("Power of the chosen miner")
        plan_net(lines, self.places)
        lines.line(
            "net_moved",
            "MW shopped, net, as moved",
            "MW gross",
            COUNT,
            lambda c: self._moved(lines.at("net", c), "hpc_mw_shopped", c),
        )
        plan_values(lines, self.inputs)
        plan_weighted(lines, self.sites)
        lines.line(
            "lease_worth",
            "Signed deals, lease by lease",
            "USD M",
            MONEY_EXACT,
            self._leases,
            note="critical MW of deals that state gross MW go with the ratio",
        )
        plan_signed_mw(lines)
        plan_named(lines)
        plan_land(lines, net="net_moved")

    def _leases(self, column: str) -> Term:
        fixed, now = self.lines.at("lease_fixed", column), self.lines.at(RATIO_KEY, column)
        moves = self.lines.at("lease_base", column) - fixed
        return fixed + moves * self.lines.at("ratio_base", column) / now

    def _parts(self) -> None:
        lines, million = self.lines, self.inputs.constants["million"]

        def at(key: str, column: str) -> Term:
            return lines.at(key, column)

        def hodl(column: str) -> Term:
            held = at("btc_held", column) * at("btc_price", column)
            return held * at("hodl_premium", column) / million

        def apart(column: str, term: Term, where_named: Term = ZERO) -> Term:
            return IF(at("named", column).equals(ONE), where_named, term)

        def option(column: str) -> Term:
            probability = at("hpc_probability", column)
            mw = MIN(at("net_moved", column), at("tenant_cap", column))
            value = probability * mw * at(VALUES[USE], column)
            by_rule = IF(probability.equals(NONE_STATED), ZERO, value)
            by_site = at("weighted", column) * at(VALUES[USE], column)
            return apart(column, IF(at("by_site", column).equals(ONE), by_site, by_rule))

        makes: dict[str, Make] = {
            "mining": lambda c: mining_value(lines, self.inputs, c),
            "hodl": hodl,
            "named": lambda c: at("named_value", c),
            "signed": lambda c: apart(
                c, signed_value(lines, VALUES[USE], c), at("beyond_value", c)
            ),
            "option": option,
            "cloud": lambda c: apart(c, at("cloud_mw", c) * at("cloud_value", c)),
            "land": lambda c: apart(c, at("land", c)),
            "other": lambda c: at("other_value", c),
            "cash": lambda c: at("cash_fact", c),
        }
        lines.section("Parts")
        for part in ASSETS:
            label = LABELS[part][0]
            lines.line(f"part_{part}", label, "USD M", MONEY_EXACT, makes[part])

    def _claims(self) -> None:
        self.lines.section("Claims")
        self._fact("shares_basic", "dilution", "Basic shares", "M shares", SHARES)
        self._fact("principal", "dilution", "Principal of convertible notes", "USD M", MONEY_EXACT)
        self._fact("other_debt", "dilution", "Debt that cannot convert", "USD M", MONEY_EXACT)
        for name, label, unit, number_format in (
            ("conversion_price", "Conversion price or strike", "USD/share", "#,##0.0000_)"),
            ("new_shares", "New shares on conversion or exercise", "M shares", SHARES),
            ("claims_at", "Claims at conversion price or strike", "USD M", MONEY_EXACT),
        ):
            for index in range(self.instruments.number):
                key = f"{name}_{index}"
                self._fact(key, "dilution", f"{label} {index + 1}", unit, number_format)

    def _target(self) -> None:
        lines = self.lines
        lines.section("Target")
        lines.line(
            "growth",
            "Growth to the target date",
            "ratio",
            FACTOR,
            lambda c: growth_of(lines.at("cost_of_equity", c), lines.at("days", c), self.inputs),
        )

        def total(names: Iterable[str], column: str) -> Term:
            first, *rest = (lines.at(f"part_{name}", column) for name in names)
            return sum(rest, first)

        def shared(column: str) -> Term:
            grown = total(OPERATING, column) * lines.at("growth", column)
            return grown + total(AT_FACE, column) - lines.at("other_debt", column)

        lines.line("shared", "Value to be shared at the target date", "USD M", MONEY_EXACT, shared)
        lines.line(
            "target",
            "Target",
            "USD/share",
            PER_SHARE,
            lambda c: per_share_of(lines.at("shared", c), lines, self.instruments, c),
            style="total",
        )
