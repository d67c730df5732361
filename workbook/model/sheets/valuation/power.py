"""What power is worth beside the option, in cells: signed deals, named MW, land and power.

The lines are planned alike for the miners of the HPC sheet and for the scenarios of one miner.
"""

from __future__ import annotations

from typing import Final

from valuation_core.coverage import LEVELS
from workbook.model.excel import FALSE, IF, MAX, MIN, NA, ONE, OR, ZERO, Term
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.deal_keys import (
    LET_CRITICAL,
    LET_GROSS,
    SIGNED_CRITICAL,
    SIGNED_GROSS,
    SILENT,
)
from workbook.model.sheets.facts.input_cells import NONE_STATED, InputCells
from workbook.model.sheets.facts.keys import count_where, sum_where
from workbook.model.sheets.facts.miner_keys import TICKER
from workbook.model.sheets.facts.site_keys import APPROVED_CRITICAL, APPROVED_GROSS
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import MEGAWATTS, MONEY_EXACT

GROSS: Final = "MW gross"
NAMED: Final = ("hpc_mw_named", "hpc_value_named")

MW_OF_TABLES: Final = (
    ("signed_critical", "MW of signed deals, where critical are stated", "MW critical"),
    ("signed_gross", "MW of signed deals, of the others", GROSS),
    ("let_all_gross", "MW of signed deals, where gross are stated", GROSS),
    ("let_all_critical", "MW of signed deals, of the others", "MW critical"),
    ("approved_gross", "MW of approved sites, where gross are stated", GROSS),
    ("approved_critical", "MW of approved sites, of the others", "MW critical"),
)
"""Sums of the tables of deals and sites: key, label, unit."""

_NOTES: Final = {
    "signed_critical": "table of deals; they are valued on critical MW where those are stated",
    "let_all_gross": "table of deals; on gross MW where those are stated, for what power is left",
    "approved_gross": "table of sites, by ownership: not in the pipeline, not part of another",
}


_SUMS: Final = {
    "signed_critical": ("deals", SIGNED_CRITICAL),
    "signed_gross": ("deals", SIGNED_GROSS),
    "let_all_gross": ("deals", LET_GROSS),
    "let_all_critical": ("deals", LET_CRITICAL),
    "approved_gross": ("sites", APPROVED_GROSS),
    "approved_critical": ("sites", APPROVED_CRITICAL),
}
"""Table and helper column that a line adds up."""


def plan_tables(lines: Lines, inputs: InputCells) -> None:
    """Plan the MW that the tables of deals and sites add up to; a deal without MW spoils them."""
    deals = inputs.keys["deals"]
    of_deals, silent = deals.span(TICKER), deals.span(SILENT)

    def total(ticker: str, key: str) -> Term:
        table, column = _SUMS[key]
        head, keys = lines.title(ticker), inputs.keys[table]
        found = sum_where([(keys.span(TICKER), "=", head)], keys.span(column))
        if table == "sites":
            return found
        none = count_where([(of_deals, "=", head), (silent, "=", ONE)])
        return IF(none > ZERO, NA, found)

    for key, label, unit in MW_OF_TABLES:
        lines.line(
            key,
            label,
            unit,
            MEGAWATTS,
            lambda ticker, key=key: total(ticker, key),  # type: ignore[misc]
            note=_NOTES.get(key, ""),
        )


def on_gross(lines: Lines, gross: str, critical: str, column: str) -> Term:
    """Add up MW on both bases, as gross MW."""
    of_critical = lines.at(critical, column)
    ratio = lines.at("gross_to_critical", column)
    return IF(of_critical > ZERO, of_critical * ratio, ZERO) + lines.at(gross, column)


def signed_value(lines: Lines, value: str, column: str) -> Term:
    """Give the value of signed deals at a line of the value per MW, or lease by lease."""
    some = lines.at("signed_critical", column) + lines.at("signed_gross", column) > ZERO
    worth = on_gross(lines, "signed_gross", "signed_critical", column) * lines.at(value, column)
    by_lease = lines.at("by_lease", column).equals(ONE)
    return IF(by_lease, lines.at("lease_worth", column), IF(some, worth, ZERO))


def plan_signed(lines: Lines, figures: Figures) -> None:
    """Plan the value of signed deals at each value per MW, MW that are named set aside."""
    for level in (*LEVELS, USE):
        choice = {} if level == USE else {"per_mw": level}
        lines.line(
            f"signed_value_{level}",
            f"Signed deals, {'in use' if level == USE else level}",
            "USD M",
            MONEY_EXACT,
            lambda ticker, level=level: signed_value(lines, VALUES[level], ticker),  # type: ignore[misc]
            core=figures.valuation(with_named=False, **choice)["signed"],
            style="total" if level == USE else "calculation",
            note="(critical MW x gross per critical + gross MW) x value per MW; not weighted"
            if level == "low"
            else "",
        )


def plan_is_named(lines: Lines, inputs: InputCells) -> None:
    """Plan whether MW that the edition names are used: 1 where they are."""

    def named(ticker: str) -> Term:
        either = OR(*(inputs.is_blank(ticker, key).equals(FALSE) for key in NAMED))
        use = inputs.usable(ticker, "use_named")
        switched = IF(OR(use.equals(ZERO), use.equals(ONE)), use, NA)
        return IF(either, switched, ZERO)

    lines.line("named", "Whether named MW are used", "", "0", named, style="link")


def plan_switches(lines: Lines, inputs: InputCells) -> None:
    """Plan which other ways of valuing are switched on: 1 where they are."""
    for key, metric, label in (
        ("by_site", "option_by_site", "Whether the option is valued site by site"),
        ("by_lease", "signed_by_lease", "Whether signed deals are valued lease by lease"),
    ):

        def switch(ticker: str, metric: str = metric) -> Term:
            use = inputs.usable(ticker, metric)
            return IF(OR(use.equals(ZERO), use.equals(ONE)), use, NA)

        lines.line(key, label, "", "0", switch, style="link")


def plan_named(lines: Lines) -> None:
    """Plan the value of the MW that the edition names, and of signed MW beyond them."""

    def is_named(column: str) -> Term:
        return lines.at("named", column).equals(ONE)

    lines.line(
        "named_value",
        "MW named by the edition",
        "USD M",
        MONEY_EXACT,
        lambda c: IF(is_named(c), _named(lines, NAMED[0], c) * _named(lines, NAMED[1], c), ZERO),
        note="MW named x value per MW named",
    )

    def beyond(column: str) -> Term:
        more = lines.at("signed_mw", column) - _named(lines, NAMED[0], column)
        return IF(is_named(column), MAX(more, ZERO), ZERO)

    lines.line("beyond", "Signed MW beyond the MW named", GROSS, MEGAWATTS, beyond)

    def value(column: str) -> Term:
        some = lines.at("beyond", column)
        return IF(some > ZERO, some * lines.at(VALUES[USE], column), ZERO)

    lines.line(
        "beyond_value",
        "Signed deals beyond the MW named",
        "USD M",
        MONEY_EXACT,
        value,
        note="at the value per MW in use",
    )


def _named(lines: Lines, key: str, column: str) -> Term:
    """Give MW or value that an edition names: #N/A where it names the other one alone."""
    found = lines.at(key, column)
    return IF(found.equals(NONE_STATED), NA, found)


def plan_signed_mw(lines: Lines) -> None:
    """Plan the gross MW of all signed deals."""
    lines.line(
        "signed_mw",
        "MW signed",
        GROSS,
        MEGAWATTS,
        lambda c: on_gross(lines, "let_all_gross", "let_all_critical", c),
    )


def plan_land(lines: Lines, core: ByMiner | None = None, *, net: str = "net") -> None:
    """Plan the MW that are free, those not expected to be let, and what they are worth.

    `net` is the line of the MW shopped, net.
    """

    def at(key: str, column: str) -> Term:
        return lines.at(key, column)

    lines.line(
        "approved",
        "MW approved",
        GROSS,
        MEGAWATTS,
        lambda c: on_gross(lines, "approved_gross", "approved_critical", c),
    )

    def used(column: str) -> Term:
        each = at("signed_mw", column) + at(net, column) + at("cloud_mw", column)
        named = _named(lines, NAMED[0], column) + at("beyond", column)
        return IF(at("named", column).equals(ONE), named, each)

    lines.line(
        "used",
        "MW used",
        GROSS,
        MEGAWATTS,
        used,
        note="signed + shopped, net + cloud; MW named and signed beyond them where those count",
    )
    lines.line(
        "free",
        "MW free",
        GROSS,
        MEGAWATTS,
        lambda c: MAX(
            at("approved", c) - at("signed_mw", c) - at(net, c) - at("cloud_mw", c), ZERO
        ),
        note="approved - signed - shopped, net - cloud",
    )

    def unlet(column: str) -> Term:
        probability, shopped = at("hpc_probability", column), at(net, column)
        let = probability * MIN(shopped, at("tenant_cap", column))
        return shopped - IF(probability.equals(NONE_STATED), ZERO, let)

    lines.line(
        "unlet",
        "MW shopped that find no tenant",
        GROSS,
        MEGAWATTS,
        unlet,
        note="shopped, net - probability x MW up to the cap",
    )

    def land_mw(column: str) -> Term:
        share = at("land_on_unlet", column)
        # Like the core, which asks for the MW that find no tenant only where they count.
        return at("free", column) + IF(share.equals(ZERO), ZERO, share * at("unlet", column))

    lines.line("land_mw", "MW of land and power", GROSS, MEGAWATTS, land_mw, note="free + share x")
    worth = "land_power_value"
    lines.line(
        "land",
        "Land and power",
        "USD M",
        MONEY_EXACT,
        lambda c: IF(at(worth, c).equals(ZERO), ZERO, at(worth, c) * at("land_mw", c)),
        core=core,
        note="value per MW x (free MW + share x MW that find no tenant)",
    )
