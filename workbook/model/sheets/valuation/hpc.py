"""HPC: what power is worth: the option, signed deals, named MW, cloud, land, and capex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.coverage import LEVELS
from workbook.cells import NOT_AVAILABLE, ErrorValue
from workbook.model.excel import IF, MIN, ONE, ZERO, Term
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import Lines, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME, NONE_STATED, InputCells
from workbook.model.sheets.valuation.deal_leases import of_miner
from workbook.model.sheets.valuation.power import (
    plan_is_named,
    plan_land,
    plan_named,
    plan_signed,
    plan_signed_mw,
    plan_switches,
    plan_tables,
)
from workbook.model.sheets.valuation.shopped import GROSS, plan_net, plan_places
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES, plan_values
from workbook.style import MEGAWATTS, MONEY, MONEY_EXACT, PER_MW, PERCENT

NAME: Final = "HPC"
VALUE_UNIT: Final = "USD M/MW gross"

FACTS: Final = (
    ("gross_to_critical", "Gross MW per critical IT MW", "ratio", PER_MW),
    ("hpc_mw_shopped", "MW shopped, as stated", GROSS, MEGAWATTS),
    ("tenant_cap", "Demand of one tenant (cap)", GROSS, MEGAWATTS),
    ("colo_value_low", "Equity value per MW, low", VALUE_UNIT, PER_MW),
    ("colo_value_high", "Equity value per MW, high", VALUE_UNIT, PER_MW),
    ("colo_value_position", "Position in that range", "fraction", PERCENT),
    ("cloud_value", "Equity value per MW of GPU cloud", VALUE_UNIT, PER_MW),
    ("cloud_mw", "MW of GPU cloud", GROSS, MEGAWATTS),
    ("land_power_value", "Value per MW of land and power", VALUE_UNIT, PER_MW),
    ("land_on_unlet", "Share of MW without tenant that counts as land", "fraction", PERCENT),
)
"""Key, label, unit, format of facts that every miner needs."""

OPTIONAL: Final = (
    ("hpc_probability", "Probability that the MW are let", "fraction", PERCENT),
    ("hpc_mw_named", "MW named by the edition", GROSS, MEGAWATTS),
    ("hpc_value_named", "Value per MW named", VALUE_UNIT, PER_MW),
)
"""Facts that a miner may do without."""

_NOTES: Final = {
    "hpc_mw_shopped": "a fact on critical MW is converted",
    "hpc_probability": "stated for a name, or none is applied and the option is not valued",
    "hpc_mw_named": "named in the published target: they take the place of the other parts",
}


WAYS: Final = {
    "named": "use_named",
    "by_site": "option_by_site",
    "by_lease": "signed_by_lease",
    "weighted": "pipeline",
    "lease_worth": "deal_leases",
}
"""Lines of the ways of valuing, and what is missing where they fail."""


def plan_hpc(figures: Figures, inputs: InputCells, pipeline: Lines, leases: Lines) -> Lines:
    """Plan the lines of the sheet; `grids.plan_grids` adds the what-if grids below them."""
    lines = Lines(
        NAME,
        "Option to host AI/HPC load",
        "Probability x MW, capped by one tenant's demand, x equity value per MW (net of project "
        f'debt and capex). "{NOT_AVAILABLE}": the edition applies no probability to the name.',
        figures.tickers,
    )
    lines.section("Facts, on gross MW")
    _facts(lines, inputs)
    lines.section("MW let, signed and approved, from the tables")
    plan_places(lines, inputs)
    plan_tables(lines, inputs)
    plan_is_named(lines, inputs)
    plan_switches(lines, inputs)
    _ways(lines, inputs, pipeline, leases)
    _missing(lines)
    lines.section("MW still offered, and value per MW")
    plan_net(lines, inputs)
    plan_values(lines, inputs)
    lines.section("Option")
    _option(lines, figures)
    lines.section("Signed deals, and MW that the edition names")
    plan_signed_mw(lines)
    plan_signed(lines, figures)
    plan_named(lines)
    lines.section("GPU cloud, land and power, capex")
    _others(lines, figures, inputs)
    lines.section("Through functions")
    _functions(lines, figures)
    return lines


def _facts(lines: Lines, inputs: InputCells) -> None:
    def linked(take: Callable[..., Term], facts: tuple[tuple[str, str, str, str], ...]) -> None:
        for key, label, unit, number_format in facts:

            def make(ticker: str, key: str = key) -> Term:
                if key == "gross_to_critical":
                    return take(ticker, key)
                return take(ticker, key, "gross", lines.at("gross_to_critical", ticker))

            note = _NOTES.get(key, "")
            lines.line(key, label, unit, number_format, make, style="link", note=note)

    linked(inputs.usable, FACTS)
    linked(inputs.stated, OPTIONAL)


def _ways(lines: Lines, inputs: InputCells, pipeline: Lines, leases: Lines) -> None:
    """Plan what the other ways of valuing rest on, where they are switched on."""

    def where(switch: str, ticker: str, term: Term) -> Term:
        return IF(lines.at(switch, ticker).equals(ONE), term, ZERO)

    lines.line(
        "weighted",
        "MW weighted, site by site",
        GROSS,
        MEGAWATTS,
        lambda t: where("by_site", t, pipeline.there("weighted", t)),
        style="link",
        note="sheet Pipeline",
    )
    lines.line(
        "lease_worth",
        "Signed deals, lease by lease",
        "USD M",
        MONEY_EXACT,
        lambda t: where("by_lease", t, of_miner(inputs, leases, "worth", lines.title(t))),
        style="link",
        note="sheet Leases",
    )


def _missing(lines: Lines) -> None:
    """Plan which facts are missing; sums of the tables go by the name of their table."""
    keys = [key for key, *_ in (*FACTS, *OPTIONAL)]
    tables = {"signed_critical": "deals", "let_all_gross": "deals", "places": "places of deals"}
    lines.name_missing(
        (*keys, *WAYS, "signed_critical", "places", "approved_gross"),
        called=tables | {"approved_gross": "sites", **WAYS},
    )


def _option(lines: Lines, figures: Figures) -> None:
    def at(key: str, ticker: str) -> Term:
        return lines.at(key, ticker)

    lines.line(
        "capped",
        "MW capped",
        GROSS,
        MEGAWATTS,
        lambda ticker: MIN(at("net", ticker), at("tenant_cap", ticker)),
        note="smaller of MW shopped, net, and one tenant's demand",
    )
    for level in (*LEVELS, USE):

        def option(ticker: str, level: str = level) -> Term:
            value, probability = at(VALUES[level], ticker), at("hpc_probability", ticker)
            by_rule = probability * at("capped", ticker) * value
            by_rule = IF(probability.equals(NONE_STATED), NONE_STATED, by_rule)
            by_site = at("weighted", ticker) * value
            return IF(at("by_site", ticker).equals(ONE), by_site, by_rule)

        lines.line(
            f"option_{level}",
            f"Option value, {'in use' if level == USE else level}",
            "USD M",
            MONEY_EXACT,
            option,
            style="total" if level == USE else "calculation",
            core=figures.call("HPC_VALUE", **_level(level)),
            note="probability x MW capped x value per MW; by site: MW weighted x value per MW"
            if level == "low"
            else "",
        )


def _level(level: str) -> dict[str, str]:
    """Give the argument of a level; the value in use needs none."""
    return {} if level == USE else {"per_mw": level}


def _others(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    core = figures.valuation(with_named=False)
    lines.line(
        "cloud",
        "GPU cloud",
        "USD M",
        MONEY_EXACT,
        lambda ticker: lines.at("cloud_mw", ticker) * lines.at("cloud_value", ticker),
        core=core["cloud"],
        note="MW of GPU cloud x value per MW",
    )
    plan_land(lines, core["land"])

    def ratio(_: str) -> Term:
        return inputs.usable("ALL", "gross_to_critical")

    def cost(ticker: str) -> Term:
        return inputs.usable("ALL", "capex_per_mw", "critical", lines.at("ratio_all", ticker))

    lines.line(
        "ratio_all", "Gross MW per critical MW, framework", "ratio", PER_MW, ratio, style="link"
    )
    lines.line("capex_per_mw", "Cost of building", "USD M/MW critical", PER_MW, cost, style="link")

    def capex(ticker: str) -> Term:
        critical = lines.at("capped", ticker) / lines.at("ratio_all", ticker)
        return critical * lines.at("capex_per_mw", ticker)

    lines.line(
        "capex",
        "Capex of the MW capped",
        "USD M",
        MONEY,
        capex,
        core=_capex(lines, figures),
        note="MW capped / gross per critical x cost; inside the value per MW",
    )


def _capex(lines: Lines, figures: Figures) -> ByMiner:
    """Give the core's capex of the MW capped of each miner."""
    mw = {ticker: lines.value("capped", ticker) for ticker in figures.tickers}
    return {
        ticker: value if isinstance(value, ErrorValue) else figures.one("HPC_CAPEX", mw=value)
        for ticker, value in mw.items()
    }


def _functions(lines: Lines, figures: Figures) -> None:
    guard = f'({lines.across("hpc_probability").here}="{NOT_AVAILABLE}")'
    guard += f"*({lines.across('by_site').here}=0)"
    for levels in (LEVELS, (USE,)):
        made = [
            Through(
                f"function_{level}",
                f"HPC_VALUE, {'in use' if level == USE else level}",
                "USD M",
                MONEY_EXACT,
                _labelled(lines, figures, level),
                of=f"option_{level}",
                note="" if level == USE else level,
            )
            for level in levels
        ]
        given, none = {}, guard
        if levels == LEVELS:
            given = {"per_mw": lines.notes_of_next(len(made))}
            # LibreOffice answers over the size of the condition, so it takes in the levels.
            none = f'{guard}*({given["per_mw"]}<>"")'
        call = formula("HPC_VALUE", miner=lines.heads, **given, book=BOOK_NAME)
        lines.functions(f'IF({none},"{NOT_AVAILABLE}",{call})', made)
    lines.function(
        "function_land",
        "HPC_LAND_VALUE",
        "USD M",
        MONEY_EXACT,
        formula("HPC_LAND_VALUE", miner=lines.heads, book=BOOK_NAME),
        figures.call("HPC_LAND_VALUE"),
        of="land",
        gate="land_mw",
    )
    given_mw = lines.argument("capped", "MW capped as the function takes them", GROSS, MEGAWATTS)
    call = formula("HPC_CAPEX", mw=given_mw, book=BOOK_NAME)
    lines.function(
        "function_capex",
        "HPC_CAPEX",
        "USD M",
        MONEY,
        f"IF(ISERROR({lines.across('capped').here}),NA(),{call})",
        _capex(lines, figures),
        of="capex",
    )


def _labelled(lines: Lines, figures: Figures, level: str) -> ByMiner:
    """Give the core's option at a level, and the label where no probability is applied."""
    return {
        ticker: NOT_AVAILABLE if lines.value(f"option_{level}", ticker) == NOT_AVAILABLE else value
        for ticker, value in figures.call("HPC_VALUE", **_level(level)).items()
    }
