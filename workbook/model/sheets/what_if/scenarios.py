"""Scenarios: the whole valuation of the miner chosen on Tornado, once for each end of a driver.

The lines are those of the other sheets; a column is the base or one end of a driver. Facts are
looked up in the chosen miner's column and then moved by the driver.
"""

from __future__ import annotations

from typing import Final

from valuation_core.evaluation.lookup import LEVELS as LEVEL_METRICS
from valuation_core.sensitivity import DRIVERS, LEVEL, Driver
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.excel import BLANK, IF, MIN, ONE, SUM, ZERO, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.valuation.dilution_instruments import dilution_instruments, per_share_of
from workbook.model.sheets.valuation.hpc_grids import pick
from workbook.model.sheets.valuation.mining import MINER_FACTS, NETWORK_FACTS
from workbook.model.sheets.valuation.mining_periods import mining_value, plan_chain
from workbook.style import COUNT, FACTOR, MONEY_EXACT, PER_MW, PER_SHARE, PERCENT, RATIO, SHARES

NAME: Final = "Scenarios"
BASE: Final = "Base"
LEVELS: Final = ("low", "mid", "high")
ENDS: Final = ("low", "high")


def column_of(driver: Driver, end: int) -> str:
    """Give the column of one end of a driver."""
    return f"{title_of(driver)}, {ENDS[end]}"


def title_of(driver: Driver) -> str:
    """Give the name of a driver as a line begins with it."""
    return driver.name[0].upper() + driver.name[1:]


COLUMNS: Final = (BASE, *(column_of(driver, end) for driver in DRIVERS for end in (0, 1)))
ON_MW: Final = ("hpc_mw_shopped", "tenant_cap", "cloud_mw")
"""Facts in MW; the others that know a basis are per MW."""


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

    def plan(self) -> Lines:
        """Plan the moves, the facts as moved, the parts and the target."""
        self._moves()
        self._facts()
        plan_chain(self.lines, self.inputs)
        self._parts()
        self._claims()
        self._target()
        return self.lines

    def _moves(self) -> None:
        """Plan what each scenario does: factors, values in place of facts, the level per MW."""
        lines = self.lines
        lines.section("What is moved")
        for driver in DRIVERS:
            neutral: Value = "mid" if driver.moves == LEVEL else 1.0 if driver.relative else None
            moved = {column_of(driver, end): driver.ends[end] for end in (0, 1)}
            lines.stated(
                f"move_{driver.moves}",
                f"{title_of(driver)}: {'x' if driver.relative else 'set to'}",
                "level" if driver.moves == LEVEL else "factor" if driver.relative else "",
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
        driver = next((one for one in DRIVERS if one.moves == key), None)
        rescaled = key != "gross_to_critical" and f"critical_{key}" in self.model[sheet].cells

        def make(column: str) -> Term:
            fact = self._picked(sheet, source or key)
            if rescaled:
                fact = self._rescaled(fact, sheet, key, column)
            if driver is None:
                return fact
            move = lines.at(f"move_{key}", column)
            if driver.relative:
                return fact * move
            return IF(move.equals(BLANK), fact, move)

        lines.line(key, label, unit, number_format, make, style="link")

    def _rescaled(self, fact: Term, sheet: str, key: str, column: str) -> Term:
        """Bring a fact stated on critical MW to gross MW at the scenario's ratio."""
        now = self.lines.at("gross_to_critical", column)
        change = now / self._picked(sheet, "gross_to_critical")
        moved = fact * change if key in ON_MW else fact / change
        flag = self._picked(sheet, f"critical_{key}")
        return IF(flag.equals(ONE), moved, fact)

    def _facts(self) -> None:
        lines = self.lines
        lines.section("Facts of the chosen miner, as moved")
        for key, label, unit, number_format in (*MINER_FACTS, *NETWORK_FACTS):
            self._fact(key, "mining", label, unit, number_format)
        self._fact("gross_to_critical", "hpc", "Gross MW per critical IT MW", "ratio", PER_MW)
        self._fact("hpc_probability", "hpc", "Probability that the MW are let", "fraction", PERCENT)
        self._fact("hpc_mw_shopped", "hpc", "MW shopped", "MW gross", COUNT)
        self._fact("tenant_cap", "hpc", "Demand of one tenant (cap)", "MW gross", COUNT)
        for level in LEVELS:
            label = f"Equity value per MW, {level}"
            self._fact(LEVEL_METRICS[level], "hpc", label, "USD M/MW gross", PER_MW)
        self._fact("cloud_mw", "hpc", "MW of GPU cloud", "MW gross", COUNT)
        self._fact("cloud_value", "hpc", "Equity value per MW of cloud", "USD M/MW gross", PER_MW)
        self._fact("signed_critical", "hpc", "Signed MW, critical", "MW critical", COUNT)
        self._fact("signed_gross", "hpc", "Signed MW, gross", "MW gross", COUNT)
        self._fact("btc_held", "sotp", "Bitcoin held", "BTC", COUNT)
        self._fact("hodl_premium", "sotp", "Value of held bitcoin over spot", "ratio", RATIO)
        self._fact("other", "sotp", "Other", "USD M", MONEY_EXACT)
        self._fact("cash", "sotp", "Cash", "USD M", MONEY_EXACT)

        def level_value(column: str) -> Term:
            level = lines.at("move_level", column)
            low, mid, high = (lines.at(LEVEL_METRICS[name], column) for name in LEVELS)
            return IF(level.equals(text("low")), low, IF(level.equals(text("high")), high, mid))

        lines.line("per_mw", "Equity value per MW, in use", "USD M/MW gross", PER_MW, level_value)

    def _parts(self) -> None:
        lines, million = self.lines, self.inputs.constants["million"]

        def at(key: str, column: str) -> Term:
            return lines.at(key, column)

        def hodl(column: str) -> Term:
            held = at("btc_held", column) * at("btc_price", column)
            return held * at("hodl_premium", column) / million

        def signed(column: str) -> Term:
            critical, gross = at("signed_critical", column), at("signed_gross", column)
            ratio = at("gross_to_critical", column)
            on_gross = IF(critical > ZERO, critical * ratio, ZERO) + gross
            return IF(critical + gross > ZERO, on_gross * at("per_mw", column), ZERO)

        def option(column: str) -> Term:
            probability = at("hpc_probability", column)
            mw = MIN(at("hpc_mw_shopped", column), at("tenant_cap", column))
            value = probability * mw * at("per_mw", column)
            return IF(probability.equals(text(NOT_AVAILABLE)), ZERO, value)

        lines.section("Parts")
        for key, label, make in (
            ("mining", "Mining", lambda column: mining_value(lines, self.inputs, column)),
            ("hodl", "Bitcoin held", hodl),
            ("signed", "Signed deals", signed),
            ("option", "HPC option", option),
            ("cloud", "GPU cloud", lambda c: at("cloud_mw", c) * at("cloud_value", c)),
            ("assets", "Assets", lambda c: SUM(lines.span("mining", "cloud", c))
             + at("other", c) + at("cash", c)),
        ):  # fmt: skip
            style = "total" if key == "assets" else "calculation"
            lines.line(key, label, "USD M", MONEY_EXACT, make, style=style)

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
            "shared",
            "Value to be shared",
            "USD M",
            MONEY_EXACT,
            lambda c: lines.at("assets", c) - lines.at("other_debt", c),
        )
        lines.line(
            "per_share",
            "Value per share",
            "USD/share",
            PER_SHARE,
            lambda c: per_share_of(lines.at("shared", c), lines, self.instruments, c),
        )
        self._fact("growth", "targets", "Roll-forward to the target date", "ratio", FACTOR)
        lines.line(
            "target",
            "Target",
            "USD/share",
            PER_SHARE,
            lambda c: lines.at("per_share", c) * lines.at("growth", c),
            style="total",
        )
