"""HPC: the option, signed deals, cloud and capex of each miner, and the grids of one."""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.errors import ValuationError
from valuation_core.evaluation.lookup import COLOCATION_LEVELS
from valuation_core.evaluation.lookup import LEVELS as LEVEL_METRICS
from valuation_core.signed import signed_mw
from workbook.cells import MISSING, NOT_AVAILABLE, ErrorValue, Value
from workbook.model.excel import IF, MIN, ZERO, Term, text
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.style import MEGAWATTS, MONEY, MONEY_EXACT, PER_MW, PERCENT

NAME: Final = "HPC"
GROSS: Final = "MW gross"
FRAMEWORK: Final = ("gross_to_critical", "tenant_cap", *LEVEL_METRICS.values())
NONE_APPLIED: Final = text(NOT_AVAILABLE)


def plan_hpc(figures: Figures, inputs: InputCells) -> Lines:
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
    keys = ("hpc_probability", "hpc_mw_shopped", "cloud_mw", *FRAMEWORK)
    lines.name_missing((*keys, "signed_critical"), called={"signed_critical": "deals"})
    lines.section("Option")
    _option(lines, figures)
    lines.section("Signed deals, GPU cloud, capex")
    _others(lines, figures, inputs)
    lines.section("Through functions")
    _functions(lines, figures)
    return lines


def _facts(lines: Lines, inputs: InputCells) -> None:
    def linked(key: str, label: str, unit: str, number_format: str, note: str = "") -> None:
        def make(ticker: str) -> Term:
            ratio = None if key == "gross_to_critical" else lines.at("gross_to_critical", ticker)
            return inputs.usable(ticker, key, "gross", ratio)

        lines.line(key, label, unit, number_format, make, style="link", note=note)

    linked("gross_to_critical", "Gross MW per critical IT MW", "ratio", PER_MW)

    def probability(ticker: str) -> Term:
        found = inputs.usable(ticker, "hpc_probability")
        return IF(inputs.is_blank(ticker, "hpc_probability"), NONE_APPLIED, found)

    lines.line(
        "hpc_probability",
        "Probability that the MW are let",
        "fraction",
        PERCENT,
        probability,
        style="link",
        note="stated for a name, or none is applied and the option is not valued",
    )
    on_gross = "a fact on critical MW is converted"
    linked("hpc_mw_shopped", "MW shopped", GROSS, MEGAWATTS, on_gross)
    linked("tenant_cap", "Demand of one tenant (cap)", GROSS, MEGAWATTS)
    for level in COLOCATION_LEVELS:
        label = f"Equity value per MW, {level}"
        linked(LEVEL_METRICS[level], label, "USD M/MW gross", PER_MW)
    linked("cloud_value", "Equity value per MW of GPU cloud", "USD M/MW gross", PER_MW)
    linked("cloud_mw", "MW of GPU cloud", GROSS, MEGAWATTS)
    _stated_on_critical(lines, inputs)
    for basis, index in (("critical", 0), ("gross", 1)):
        lines.stated(
            f"signed_{basis}",
            f"MW of signed colocation deals, {basis}",
            f"MW {basis}",
            MEGAWATTS,
            lambda ticker, index=index: _signed(inputs, ticker, index),  # type: ignore[misc]
            note="from the table of deals: critical where the deal states it, else gross",
        )


def _stated_on_critical(lines: Lines, inputs: InputCells) -> None:
    """Say with 1 which facts are stated on critical MW, where any is: the tornado rescales them."""
    for key in ("hpc_mw_shopped", "cloud_mw", "tenant_cap", *LEVEL_METRICS.values()):
        flags = {ticker: inputs.on_critical(ticker, key) for ticker in lines.columns}
        if any(flags.values()):
            lines.stated(
                f"critical_{key}",
                f"{key} is stated on critical MW",
                "",
                "0_)",
                lambda ticker, flags=flags: float(flags[ticker]),  # type: ignore[misc]
            )


def _signed(inputs: InputCells, ticker: str, index: int) -> Value:
    try:
        return signed_mw(inputs.source, ticker)[index]
    except ValuationError:
        return MISSING


def _option(lines: Lines, figures: Figures) -> None:
    def at(key: str, ticker: str) -> Term:
        return lines.at(key, ticker)

    def applied(ticker: str, term: Term) -> Term:
        none = at("hpc_probability", ticker).equals(NONE_APPLIED)
        return IF(none, NONE_APPLIED, term)

    lines.line(
        "capped",
        "MW capped",
        GROSS,
        MEGAWATTS,
        lambda ticker: MIN(at("hpc_mw_shopped", ticker), at("tenant_cap", ticker)),
        note="smaller of MW shopped and one tenant's demand",
    )
    for level in COLOCATION_LEVELS:

        def option(ticker: str, level: str = level) -> Term:
            mw = at("hpc_probability", ticker) * at("capped", ticker)
            return applied(ticker, mw * at(LEVEL_METRICS[level], ticker))

        core = figures.call("HPC_VALUE", per_mw=level)
        style = "total" if level == "mid" else "calculation"
        note = "probability x MW capped x value per MW" if level == "low" else ""
        lines.line(
            f"option_{level}",
            f"Option value, {level}",
            "USD M",
            MONEY_EXACT,
            option,
            style=style,
            core=core,
            note=note,
        )


def _others(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    for level in COLOCATION_LEVELS:

        def signed(ticker: str, level: str = level) -> Term:
            critical, gross = (
                lines.at(f"signed_{basis}", ticker) for basis in ("critical", "gross")
            )
            ratio = lines.at("gross_to_critical", ticker)
            on_gross = IF(critical > ZERO, critical * ratio, ZERO) + gross
            value = on_gross * lines.at(LEVEL_METRICS[level], ticker)
            return IF(critical + gross > ZERO, value, ZERO)

        core = figures.valuation(per_mw=level)["signed"]
        note = "(critical MW x gross per critical + gross MW) x value per MW; not weighted"
        lines.line(
            f"signed_value_{level}",
            f"Signed deals, {level}",
            "USD M",
            MONEY_EXACT,
            signed,
            core=core,
            note=note if level == "low" else "",
        )
    lines.line(
        "cloud",
        "GPU cloud",
        "USD M",
        MONEY_EXACT,
        lambda ticker: lines.at("cloud_mw", ticker) * lines.at("cloud_value", ticker),
        core=figures.valuation()["cloud"],
        note="MW of GPU cloud x value per MW",
    )

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
    for level in COLOCATION_LEVELS:

        def call(ticker: str, level: str = level) -> str:
            miner = lines.head(ticker)
            made = formula("HPC_VALUE", miner=miner, per_mw=f'"{level}"', book=BOOK_NAME)
            probability = lines.at("hpc_probability", ticker).text
            return f'IF({probability}="{NOT_AVAILABLE}","{NOT_AVAILABLE}",{made})'

        core = {
            ticker: NOT_AVAILABLE
            if lines.value("hpc_probability", ticker) == NOT_AVAILABLE
            else value
            for ticker, value in figures.call("HPC_VALUE", per_mw=level).items()
        }
        lines.function(
            f"function_{level}",
            f"HPC_VALUE, {level}",
            "USD M",
            MONEY_EXACT,
            call,
            core,
            of=f"option_{level}",
        )
    lines.function(
        "function_capex",
        "HPC_CAPEX",
        "USD M",
        MONEY,
        lambda ticker: formula("HPC_CAPEX", mw=lines.at("capped", ticker).text, book=BOOK_NAME),
        _capex(lines, figures),
        of="capex",
    )
