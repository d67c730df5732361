"""Deals: signed contracts as stated, and their metrics in cells and through HPC_DEAL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.catalogue.catalogue import formula
from valuation_core.deal_metrics import KILOWATTS_PER_MEGAWATT, MONTHS_A_YEAR, deal_metric
from valuation_core.errors import ValuationError
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.addresses import needs
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.tables import (
    Field,
    mark_low,
    put_headings,
    put_record,
    put_sources,
    widths,
)
from workbook.style import DATE, MEGAWATTS, MONEY, PER_MW, PERCENT, SHARES

NAME: Final = "Deals"
USD_PER_USD_M: Final = 1_000_000.0

FIELDS: Final = (
    Field("ticker", "Miner", 8, "label_bold"),
    Field("deal_id", "Deal", 36),
    Field("counterparty", "Counterparty", 27),
    Field("site", "Site", 24),
    Field("kind", "Kind", 6, "unit"),
    Field("announced", "Announced", 11, "calculation", DATE),
    Field("mw_gross", "MW gross", 9, "calculation", MEGAWATTS),
    Field("mw_critical", "MW critical", 9, "calculation", MEGAWATTS),
    Field("term_years", "Term, years", 8, "calculation", "0"),
    Field("revenue_usd_m", "Revenue, USD M", 9, "calculation", MONEY),
    Field("extension_years", "Extension, years", 9, "calculation", "0"),
    Field("revenue_with_extensions_usd_m", "Revenue, extended", 9, "calculation", MONEY),
    Field("noi_margin_low", "NOI margin, low", 8, "calculation", PERCENT),
    Field("noi_margin_high", "NOI margin, high", 8, "calculation", PERCENT),
    Field("capex_low_usd_m_per_critical_mw", "Capex low, USD M/MW", 9, "calculation", PER_MW),
    Field("capex_high_usd_m_per_critical_mw", "Capex high, USD M/MW", 9, "calculation", PER_MW),
    Field("backstop_usd_m", "Backstop, USD M", 9, "calculation", MONEY),
    Field("warrants_m", "Warrants, M", 9, "calculation", SHARES),
)

METRICS: Final = (
    ("revenue_per_critical_mw_year", "Revenue, USD M per critical MW-year", PER_MW),
    ("usd_per_kw_month", "USD per critical kW-month", "0.0"),
    ("gross_to_critical", "Gross MW per critical MW", PER_MW),
    ("noi_low", "NOI low, USD M a year", MONEY),
    ("noi_high", "NOI high, USD M a year", MONEY),
    ("backstop_to_revenue", "Backstop to revenue", PERCENT),
)
"""Metric of HPC_DEAL, its title, its format."""

UNITS: Final = (
    ("Months a year", MONTHS_A_YEAR),
    ("kW per MW", KILOWATTS_PER_MEGAWATT),
    ("USD per USD M", USD_PER_USD_M),
)
FIRST_METRIC: Final = 7

Pairs = list[tuple[str, Ref, Ref]]


def plan_deals(book: Book, tickers: Sequence[str]) -> tuple[Sheet, Pairs]:
    """Plan the sheet: deals of any miner known on the date, those of the model in bold.

    Gives the sheet and the pairs of cells that Checks compares.
    """
    sheet = Sheet(NAME, widths(FIELDS), freeze="C5")
    sheet.put(1, 1, "Signed deals", "title")
    text = (
        f"Contracts announced on or before {book.as_of:%d %B %Y}, of any miner, as stated by their "
        "sources; a blank is not stated. Amber: low confidence. "
        f"Of the miners of this model: {_own(book, tickers)}."
    )
    sheet.put(2, 1, text, "subtitle")
    rows = list(book.in_force["deals"].rows())
    if not rows:
        sheet.put(4, 1, "The book holds no deal on this date.", "text")
        return sheet, []
    put_headings(sheet, 4, FIELDS)
    sheet.heights[4] = 36
    placed = [put_record(sheet, 5 + index, FIELDS, row) for index, row in enumerate(rows)]
    last = 4 + len(rows)
    metrics = _Metrics(sheet, book, rows, placed, last + 2)
    end = metrics.plan()
    confidence = put_sources(sheet, end + 1, FIELDS, rows, ("ticker", "deal_id"))
    mark_low(sheet, Ref(NAME, 5, 1, last, len(FIELDS)), confidence)
    return sheet, metrics.pairs


def _own(book: Book, tickers: Sequence[str]) -> str:
    signed = {row["ticker"] for row in book.in_force["deals"].rows()}
    return ", ".join(ticker for ticker in tickers if ticker in signed) or "none"


class _Metrics:
    """The block of metrics below the deals: each native, beside it the function."""

    def __init__(
        self,
        sheet: Sheet,
        book: Book,
        rows: Sequence[Row],
        placed: Sequence[Mapping[str, Ref]],
        row: int,
    ) -> None:
        self.sheet, self.book, self.rows, self.placed, self.row = sheet, book, rows, placed, row
        self.pairs: Pairs = []

    def plan(self) -> int:
        """Plan the block and say which row comes next."""
        self.sheet.put(self.row, 1, "Metrics: in cells, and through HPC_DEAL", "section")
        self._keys()
        self._headings()
        for index, row in enumerate(self.rows):
            self._line(self.row + 2 + index, row, self.placed[index])
        self._functions(self.row + 2)
        return self.row + 2 + len(self.rows)

    def _keys(self) -> None:
        """Plan the names of the metrics as HPC_DEAL takes them, and the units they need."""
        sheet = self.sheet
        self.names, self.units = {}, {}
        sheet.put_row(self.row + 1, 2, ("Metric", "as HPC_DEAL names it"), "heading_left")
        sheet.put_row(self.row + 1, FIRST_METRIC, ("Unit", None, None), "heading_left")
        for line, (metric, title, _) in enumerate(METRICS, start=self.row + 2):
            sheet.put(line, 2, title, "label")
            self.names[metric] = sheet.put(line, 3, metric, "label")
        for line, (label, value) in enumerate(UNITS, start=self.row + 2):
            sheet.put_row(line, FIRST_METRIC, (label, None), "label")
            at = sheet.put(line, FIRST_METRIC + 2, value, "calculation", "#,##0")
            self.units[label] = at.fixed
        self.row += len(METRICS) + 3

    def _headings(self) -> None:
        sheet = self.sheet
        sheet.put_row(self.row, 1, ("Miner", "Deal", *[None] * (FIRST_METRIC - 3)), "heading_left")
        sheet.put_row(self.row + 1, 1, [None] * (FIRST_METRIC - 1), "heading_left")
        for index, (_, title, _) in enumerate(METRICS):
            column = FIRST_METRIC + 2 * index
            sheet.put_row(self.row, column, (title, None), "heading_center")
            sheet.merges.append(Ref(NAME, self.row, column, self.row, column + 1))
            sheet.put_row(self.row + 1, column, ("in cells", "function"), "heading")
        sheet.heights[self.row] = 25

    def _line(self, line: int, row: Row, at: Mapping[str, Ref]) -> None:
        sheet = self.sheet
        sheet.put(line, 1, row["ticker"], "label_bold", formula=at["ticker"].here)
        sheet.put(line, 2, row["deal_id"], "label", formula=at["deal_id"].here)
        sheet.put_row(line, 3, [None] * (FIRST_METRIC - 3), "label")
        native: dict[str, Ref] = {}
        for index, (metric, title, number_format) in enumerate(METRICS):
            column = FIRST_METRIC + 2 * index
            value = _value(self.book, row["deal_id"], metric)
            text = self._native(metric, at, native)
            native[metric] = sheet.put(line, column, value, "calculation", number_format, text)
            if isinstance(value, float):
                function = Ref(NAME, line, column + 1, line, column + 1)
                self.pairs.append((f"{row['deal_id']}: {title}", native[metric], function))

    def _functions(self, first: int) -> None:
        """Plan a call for each metric, which spills down all deals."""
        deals = Ref(NAME, first, 2, first + len(self.rows) - 1, 2).fixed
        for index, (metric, _, number_format) in enumerate(METRICS):
            name = self.names[metric].fixed
            call = formula("HPC_DEAL", deal=deals, metric=name, book=BOOK_NAME)
            values = [[_value(self.book, row["deal_id"], metric)] for row in self.rows]
            shown = f'_xlfn.IFNA({call},"{NOT_AVAILABLE}")'
            column = FIRST_METRIC + 2 * index + 1
            self.sheet.put_spill(first, column, values, shown, "function", number_format)

    def _native(self, metric: str, at: Mapping[str, Ref], done: Mapping[str, Ref]) -> str:
        """Write the metric from the cells above; the core states the same formulas in words."""
        here = {name: ref.here for name, ref in at.items()}
        months, kilowatts, dollars = (self.units[label] for label, _ in UNITS)
        revenue, years = here["revenue_usd_m"], here["term_years"]
        if metric == "revenue_per_critical_mw_year":
            return needs((revenue, years, here["mw_critical"]), "{0}/{1}/{2}")
        if metric == "usd_per_kw_month":
            rent = done["revenue_per_critical_mw_year"].here
            return needs((rent,), f"{{0}}*{dollars}/{kilowatts}/{months}")
        if metric == "gross_to_critical":
            return needs((here["mw_gross"], here["mw_critical"]), "{0}/{1}")
        if metric == "backstop_to_revenue":
            return needs((here["backstop_usd_m"], revenue), "{0}/{1}")
        margin = here["noi_margin_low" if metric == "noi_low" else "noi_margin_high"]
        return needs((revenue, years, margin), "{0}/{1}*{2}")


def _value(book: Book, deal: str, metric: str) -> Value:
    try:
        return float(deal_metric(book, deal, metric))  # type: ignore[arg-type]
    except ValuationError:
        return NOT_AVAILABLE
