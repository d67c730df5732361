"""Pipeline: the option site by site, each by its stage, its start and the tenant's cap."""

from __future__ import annotations

from typing import Final

from valuation_core.book import Book
from valuation_core.catalogue.catalogue import formula
from valuation_core.option_by_site import STAGES
from workbook.cells import MISSING, ErrorValue, Value
from workbook.model.excel import BLANK, IF, ISNUMBER, MAX, NA, ONE, OR, ZERO, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import LABEL, UNIT, Lines, Make, Through
from workbook.model.plan import Highlight
from workbook.model.sheets.facts.deal_keys import TOO_DEEP
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.facts.keys import count_where, picked, row_of, sum_where
from workbook.model.sheets.facts.miner_keys import TICKER, key_of, most_of_a_miner
from workbook.model.sheets.facts.own_site_rows import put_typed
from workbook.model.sheets.facts.own_sites import PIPELINE
from workbook.model.sheets.facts.site_keys import LET_CRITICAL, LET_GROSS, OFFER, UNCLEAR
from workbook.model.sheets.valuation.pipeline_steps import GROSS, plan_steps, used_mw
from workbook.model.sheets.valuation.shopped import NOTHING
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import FACTOR, MEGAWATTS, MONEY_EXACT, PER_MW, PERCENT, RATIO, TEXT

NAME: Final = PIPELINE
NAME_HEIGHT: Final = 22

PICKED: Final = (
    ("site_offered", "MW offered", GROSS, MEGAWATTS),
    ("site_gross", "MW let there since, gross", GROSS, MEGAWATTS),
    ("site_critical", "MW let there since, critical", "MW critical", MEGAWATTS),
    ("site_owned", "Owned", "fraction", PERCENT),
    ("site_probability", "Probability in use", "fraction", PERCENT),
    ("site_discount", "Discount to energization", "ratio", FACTOR),
)
"""Key, label, unit, format of what weighs the MW of one site."""


def sites_of(book: Book) -> int:
    """Give for how many sites of one miner that offer MW there is room."""
    offering = [row for row in book.tables["sites"].rows() if row["hpc_mw_offered"]]
    return most_of_a_miner(offering, "site")


def plan_pipeline(figures: Figures, inputs: InputCells) -> Lines:
    """Plan the sheet up to the MW weighted; `close_pipeline` values them."""
    lines = Lines(
        NAME,
        "Pipeline: the option site by site",
        "Probability x MW left, up to the cap, x discount to energization, site by site. It is the "
        "option of the target where option_by_site is 1; else the company rule on sheet HPC is.",
        figures.tickers,
    )
    put_typed(lines, inputs.own_sites, figures.book)
    lines.section("Facts")
    _facts(lines, inputs)
    lines.name_missing((*STAGES, "tenant_cap", "lease_build_years", "lease_equity_return"))
    number = sites_of(figures.laid_out)
    for index in range(number):
        lines.section(f"Site {index + 1}")
        _Site(lines, inputs, index).plan()
    lines.section("Sum of the sites")
    _plan_sites(lines, inputs, number)
    plan_weighted(lines, number)
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


class _Site:
    """Plans the block of the k-th site of each miner that offers MW; "-" where it has fewer."""

    def __init__(self, lines: Lines, inputs: InputCells, index: int) -> None:
        self.lines, self.inputs, self.index = lines, inputs, index
        self.keys = inputs.keys["sites"]

    def plan(self) -> None:
        """Plan what the table of sites says, and what follows from it."""
        offers = self.keys.span(OFFER)
        self._line(
            "site_row",
            "Its row on sheet AllSites",
            "",
            "0_);;-_)",
            lambda t: row_of(key_of(self.lines.title(t), self.index + 1), offers),
        )
        for key, label, make in (
            ("site", "Site", lambda t: self._stated(t, "site", NOTHING)),
            ("site_stage", "Stage: whose probability it takes", self._stage),
        ):
            self._line(key, label, "", TEXT, make, "fact_small")
            self.lines.sheet.heights[self.lines.row - 1] = NAME_HEIGHT
        self._line(
            "site_stated", "Probability stated for the site", "fraction", PERCENT, self._probability
        )
        self._line("site_own", "Your own probability", "fraction", PERCENT, self._own, "link")
        self._line("site_from", "Probability from", "", TEXT, self._from, "fact_small")
        self._line("site_years", "Years to energization", "years", RATIO, self._years)
        makes = {
            "site_offered": lambda t: self._stated(t, "hpc_mw_offered", ZERO),
            "site_gross": lambda t: self._let(t, LET_GROSS),
            "site_critical": lambda t: self._let(t, LET_CRITICAL),
            "site_owned": lambda t: self._stated(t, "ownership", ZERO),
            "site_probability": self._used,
            "site_discount": self._discount,
        }
        for key, label, unit, number_format in PICKED:
            self._line(key, label, unit, number_format, makes[key])
        self._grey()

    def _grey(self) -> None:
        """Grey the figures of the miners that have no such site."""
        rows, cells = f"site_row_{self.index}", self.lines.cells
        first = cells[rows][self.lines.columns[0]].here
        column, row = first.rstrip("0123456789"), first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        block = self.lines.block(rows, f"{PICKED[-1][0]}_{self.index}")
        self.lines.sheet.highlights.append(Highlight(block, f"{column}${row}=0", "idle"))

    def _line(
        self, key: str, label: str, unit: str, looks: str, make: Make, style: str = "calculation"
    ) -> None:
        self.lines.line(f"{key}_{self.index}", label, unit, looks, make, style=style)

    def _at(self, key: str, ticker: str) -> Term:
        return self.lines.at(f"{key}_{self.index}", ticker)

    def _stated(self, ticker: str, field: str, otherwise: Term) -> Term:
        row = self._at("site_row", ticker)
        return IF(row > ZERO, picked(self.keys.table.span(field), row), otherwise)

    def _let(self, ticker: str, column: str) -> Term:
        row = self._at("site_row", ticker)
        return IF(row > ZERO, picked(self.keys.span(column), row), ZERO)

    def _probability(self, ticker: str) -> Term:
        found = self._stated(ticker, "hpc_probability", BLANK)
        return IF(found.equals(BLANK), NOTHING, found)

    def _own(self, ticker: str) -> Term:
        row = self._at("site_row", ticker)
        return IF(row > ZERO, self.inputs.own_sites.of_row(row), NOTHING)

    def _from(self, ticker: str) -> Term:
        own, stated = self._at("site_own", ticker), self._at("site_stated", ticker)
        whose = IF(stated.equals(NOTHING), text("its stage"), text("the site"))
        found = IF(own.equals(NOTHING), whose, text("own"))
        return IF(self._at("site_row", ticker) > ZERO, found, NOTHING)

    def _days(self, ticker: str) -> Term:
        return self._stated(ticker, "energized_on", BLANK) - self.keys.date

    def _years(self, ticker: str) -> Term:
        unknown = self._stated(ticker, "energized_on", BLANK).equals(BLANK)
        years = MAX(self._days(ticker), ZERO) / self.inputs.constants["days_a_year"]
        return IF(unknown, ZERO, years)

    def _stage(self, ticker: str) -> Term:
        first, second, later, planned = (text(metric) for metric in STAGES)
        year = self.inputs.constants["days_a_year"]
        days = self._days(ticker)
        near = IF(days <= year, first, IF(days <= year + year, second, later))
        dated = IF(self._stated(ticker, "energized_on", BLANK).equals(BLANK), later, near)
        status = self._stated(ticker, "status", BLANK)
        staged = IF(status.equals(text("pipeline")), planned, dated)
        return IF(self._at("site_row", ticker) > ZERO, staged, NOTHING)

    def _used(self, ticker: str) -> Term:
        stage, stated = self._at("site_stage", ticker), self._at("site_stated", ticker)
        own = self._at("site_own", ticker)
        found = ZERO
        for metric in reversed(STAGES):
            found = IF(stage.equals(text(metric)), self.lines.at(metric, ticker), found)
        found = IF(ISNUMBER(stated), stated, found)
        return IF(own.equals(NOTHING), found, own)

    def _discount(self, ticker: str) -> Term:
        wait = self._at("site_years", ticker) - self.lines.at("lease_build_years", ticker)
        return (ONE + self.lines.at("lease_equity_return", ticker)) ** -MAX(wait, ZERO)


def _plan_sites(lines: Lines, inputs: InputCells, number: int) -> None:
    """Plan how many sites of each miner offer MW: #N/A where what is let there cannot be told."""
    sites, deals = inputs.keys["sites"], inputs.keys["deals"]
    of_sites, unclear, offers = (sites.span(name) for name in (TICKER, UNCLEAR, OFFER))
    of_deals, too_deep = deals.span(TICKER), deals.span(TOO_DEEP)

    def count(ticker: str) -> Term:
        head, found = lines.title(ticker), ZERO
        for index in range(number):
            found = found + IF(lines.at(f"site_row_{index}", ticker) > ZERO, ONE, ZERO)
        wrong = OR(
            sum_where([(of_sites, "=", head)], unclear) > ZERO,
            count_where([(of_deals, "=", head), (too_deep, "=", ONE)]) > ZERO,
            row_of(key_of(head, number + 1), offers) > ZERO,
        )
        return IF(wrong, NA, found)

    lines.line(
        "sites",
        "Sites that offer MW",
        "",
        "0_)",
        count,
        note="#N/A for a deal there that states no MW, or more sites than there are blocks for",
    )


def plan_weighted(lines: Lines, number: int) -> None:
    """Plan the MW of each site, weighted, and their sum."""

    def weighted(column: str, index: int) -> Term:
        probability, discount = (
            lines.at(f"site_{key}_{index}", column) for key in ("probability", "discount")
        )
        return probability * used_mw(lines, column, index) * discount

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
        # An error of the number of sites is one of their sum.
        return IF(lines.at("sites", column) >= ZERO, sum(rest, first), ZERO)

    lines.line(
        "weighted", "MW of all sites, weighted", GROSS, "#,##0.0_);-#,##0.0_);-_)", total,
        style="total",
    )  # fmt: skip


def close_pipeline(figures: Figures, lines: Lines, hpc: Lines) -> None:
    """Plan what the sites are worth at the value per MW in use, in cells and through the table."""
    lines.line(
        "worth",
        "Option site by site",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("weighted", t) * hpc.there(VALUES[USE], t),
        style="total",
        note="MW weighted x value per MW in use",
    )
    lines.line(
        "rows_above",
        "Rows above that sum in the table of HPC_PIPELINE",
        "",
        "0",
        lambda t: lines.at("sites", t) + ONE,
        note="its header and the sites",
    )
    for key, label, of in (
        ("rows_to_rule", "Rows above the company rule there", "rows_above"),
        ("rows_to_reason", "Rows above the last one there, why both differ", "rows_to_rule"),
    ):
        lines.line(key, label, "", "0", lambda t, of=of: lines.at(of, t) + ONE)  # type: ignore[misc]

    plan_steps(lines, hpc, sites_of(figures.laid_out))

    def call(ticker: str, above: str = "rows_above", column: int = 10) -> str:
        # A table is of one miner.
        table = formula("HPC_PIPELINE", miner=lines.head(ticker), book=BOOK_NAME)
        return f"IFERROR(INDEX({table},{lines.at(above, ticker).text}+1,{column}),NA())"

    core: dict[str, Value] = {}
    reasons: dict[str, Value] = {}
    for ticker in figures.tickers:
        made = figures.table("HPC_PIPELINE", ticker)
        if isinstance(made, ErrorValue):
            core[ticker] = reasons[ticker] = MISSING
            continue
        counted = isinstance(lines.at("rows_above", ticker).value, float)
        core[ticker], reasons[ticker] = made[-3][-1], made[-1][1] if counted else MISSING
    lines.section("Through functions")
    label = "HPC_PIPELINE, sum by site"
    line = Through("function_worth", label, "USD M", MONEY_EXACT, core, of="worth")
    lines.functions_by_column(call, [line])
    lines.section("Why the sum by site is not the company rule, in a sentence (HPC_PIPELINE)")
    for ticker, reason in reasons.items():
        row, title = lines.row, lines.title(ticker)
        lines.sheet.put(row, LABEL, ticker, "link_left", formula=title.text)
        lines.sheet.put_spill(
            row, UNIT, [[reason]], call(ticker, "rows_to_reason", 2), "function_sentence"
        )
        lines.row += 1
