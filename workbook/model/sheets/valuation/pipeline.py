"""Pipeline: the option site by site, each by its stage, its start and the tenant's cap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.errors import ValuationError
from valuation_core.option_by_site import STAGES, Offer, offers_of
from workbook.cells import MISSING, ErrorValue, Value
from workbook.model.excel import IF, ISNUMBER, MAX, MIN, NA, ONE, ZERO, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import Lines, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import FACTOR, MEGAWATTS, MONEY_EXACT, PER_MW, PERCENT, RATIO, TEXT

NAME: Final = "Pipeline"
GROSS: Final = "MW gross"
NAME_HEIGHT: Final = 22

PICKED: Final = (
    ("site_offered", "MW offered", GROSS, MEGAWATTS),
    ("site_gross", "MW let there since, gross", GROSS, MEGAWATTS),
    ("site_critical", "MW let there since, critical", "MW critical", MEGAWATTS),
    ("site_owned", "Owned", "fraction", PERCENT),
    ("site_probability", "Probability in use", "fraction", PERCENT),
    ("site_discount", "Discount to energization", "ratio", FACTOR),
)
"""Key, label, unit, format of what weighs the MW of one site; the scenarios take it too."""

_STATED: Final = ("site_offered", "site_gross", "site_critical", "site_owned")


@dataclass(frozen=True)
class Sites:
    """The sites of the miners that offer MW, and how many blocks the sheet needs for them."""

    found: dict[str, list[Offer] | None]
    number: int

    def value(self, key: str, ticker: str, index: int) -> Value:
        """Give a figure of one site of a miner; nothing where it has fewer."""
        offers = self.found[ticker]
        if offers is None:
            return MISSING
        if index >= len(offers):
            return "-" if key in ("site", "site_stage", "site_stated") else 0.0
        offer = offers[index]
        stated = offer.row["hpc_probability"]
        figures: dict[str, Value] = {
            "site": offer.row["site"],
            "site_stage": offer.stage,
            "site_stated": "-" if stated is None else stated,
            "site_years": offer.years,
            "site_offered": offer.row["hpc_mw_offered"],
            "site_gross": float(offer.let_gross),
            "site_critical": float(offer.let_critical),
            "site_owned": offer.row["ownership"],
        }
        return figures[key]


def sites_of(figures: Figures) -> Sites:
    """Lay out the sites that offer MW; a deal that states no MW spoils its miner."""
    found: dict[str, list[Offer] | None] = {}
    for ticker in figures.tickers:
        try:
            found[ticker] = list(offers_of(figures.book, ticker))
        except ValuationError:
            found[ticker] = None
    return Sites(found, max(1, *(len(offers or ()) for offers in found.values())))


def plan_pipeline(figures: Figures, inputs: InputCells) -> Lines:
    """Plan the sheet up to the MW weighted; `close_pipeline` values them."""
    lines = Lines(
        NAME,
        "Pipeline: the option site by site",
        "Probability x MW left, up to the cap, x discount to energization, site by site. It is the "
        "option of the target where option_by_site is 1; else the company rule on sheet HPC is.",
        figures.tickers,
    )
    lines.section("Facts")
    _facts(lines, inputs)
    lines.name_missing((*STAGES, "tenant_cap", "lease_build_years", "lease_equity_return"))
    sites = sites_of(figures)
    for index in range(sites.number):
        lines.section(f"Site {index + 1}")
        _site(lines, sites, index)
    lines.section("Sum of the sites")
    plan_weighted(lines, sites.number)
    return lines


def _facts(lines: Lines, inputs: InputCells) -> None:
    lines.line(
        "gross_to_critical",
        "Gross MW per critical IT MW",
        "ratio",
        PER_MW,
        lambda ticker: inputs.usable(ticker, "gross_to_critical"),
        style="link",
    )
    lines.line(
        "tenant_cap",
        "Demand of one tenant (cap)",
        GROSS,
        MEGAWATTS,
        lambda t: inputs.usable(t, "tenant_cap", "gross", lines.at("gross_to_critical", t)),
        style="link",
    )
    for metric, stage in STAGES.items():
        lines.line(
            metric,
            f"Probability, {stage}",
            "fraction",
            PERCENT,
            lambda ticker, metric=metric: inputs.usable(ticker, metric),  # type: ignore[misc]
            style="link",
        )
    for key, label, unit, number_format in (
        ("lease_build_years", "Build time that values per MW hold", "years", RATIO),
        ("lease_equity_return", "Equity return asked for", "fraction/year", PERCENT),
    ):
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda _, key=key: inputs.usable("ALL", key),  # type: ignore[misc]
            style="link",
        )


def _site(lines: Lines, sites: Sites, index: int) -> None:
    def stated(key: str, label: str, unit: str, number_format: str, style: str = "fact") -> None:
        lines.stated(
            f"{key}_{index}",
            label,
            unit,
            number_format,
            lambda ticker: sites.value(key, ticker, index),
            style=style,
        )

    def at(key: str, ticker: str) -> Term:
        return lines.at(f"{key}_{index}", ticker)

    stated("site", "Site", "", TEXT, "fact_small")
    lines.sheet.heights[lines.row - 1] = NAME_HEIGHT
    stated("site_stage", "Stage: whose probability it takes", "", TEXT, "fact_small")
    lines.sheet.heights[lines.row - 1] = NAME_HEIGHT
    stated("site_stated", "Probability stated for the site", "fraction", PERCENT)
    stated("site_years", "Years to energization", "years", RATIO)

    def probability(ticker: str) -> Term:
        found = NA
        for metric in reversed(STAGES):
            here = at("site_stage", ticker).equals(text(metric))
            found = IF(here, lines.at(metric, ticker), found)
        found = IF(at("site_stage", ticker).equals(text("-")), ZERO, found)
        own = at("site_stated", ticker)
        return IF(ISNUMBER(own), own, found)

    def discount(ticker: str) -> Term:
        wait = MAX(at("site_years", ticker) - lines.at("lease_build_years", ticker), ZERO)
        return (ONE + lines.at("lease_equity_return", ticker)) ** -wait

    makes = {"site_probability": probability, "site_discount": discount}
    for key, label, unit, number_format in PICKED:
        if key in _STATED:
            stated(key, label, unit, number_format)
        else:
            lines.line(f"{key}_{index}", label, unit, number_format, makes[key])


def plan_weighted(lines: Lines, number: int) -> None:
    """Plan the MW of each site, weighted, and their sum."""

    def weighted(column: str, index: int) -> Term:
        def at(key: str) -> Term:
            return lines.at(f"{key}_{index}", column)

        ratio, critical = lines.at("gross_to_critical", column), at("site_critical")
        let = at("site_gross") + IF(critical > ZERO, critical * ratio, ZERO)
        left = MAX(at("site_offered") - let, ZERO) * at("site_owned")
        mw = MIN(left, lines.at("tenant_cap", column))
        return at("site_probability") * mw * at("site_discount")

    for index in range(number):
        lines.line(
            f"weighted_{index}",
            f"MW of site {index + 1}, weighted",
            GROSS,
            "#,##0.0_);-#,##0.0_);-_)",
            lambda column, index=index: weighted(column, index),  # type: ignore[misc]
            note="probability x (offered - let) owned, up to the cap, x discount"
            if index == 0
            else "",
        )

    def total(column: str) -> Term:
        first, *rest = (lines.at(f"weighted_{index}", column) for index in range(number))
        return sum(rest, first)

    lines.line(
        "weighted", "MW of all sites, weighted", GROSS, "#,##0.0_);-#,##0.0_);-_)", total,
        style="total",
    )  # fmt: skip


def close_pipeline(figures: Figures, lines: Lines, hpc: Lines) -> None:
    """Plan what the sites are worth at the value per MW in use, in cells and through the table."""
    sites = sites_of(figures)
    lines.line(
        "worth",
        "Option site by site",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("weighted", t) * hpc.there(VALUES[USE], t),
        style="total",
        note="MW weighted x value per MW in use",
    )
    lines.stated(
        "row_of_sum",
        "Row of that sum in the table of HPC_PIPELINE",
        "",
        "0",
        lambda t: len(sites.found[t] or ()) + 2.0,
    )

    def call(ticker: str) -> str:
        # A table is of one miner.
        table = formula("HPC_PIPELINE", miner=lines.head(ticker), book=BOOK_NAME)
        return f"IFERROR(INDEX({table},{lines.at('row_of_sum', ticker).text},10),NA())"

    core: dict[str, Value] = {}
    for ticker in figures.tickers:
        made = figures.table("HPC_PIPELINE", ticker)
        core[ticker] = MISSING if isinstance(made, ErrorValue) else made[-2][-1]
    lines.section("Through functions")
    label = "HPC_PIPELINE, sum by site"
    line = Through("function_worth", label, "USD M", MONEY_EXACT, core, of="worth")
    lines.functions_by_column(call, [line])
