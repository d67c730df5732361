"""Deals: signed contracts as stated, and their metrics in cells and through HPC_DEAL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from valuation_core.book import Book
from valuation_core.catalogue.catalogue import formula
from valuation_core.deal_metrics import KILOWATTS_PER_MEGAWATT, MONTHS_A_YEAR, deal_metric
from valuation_core.errors import ValuationError
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.addresses import needs
from workbook.model.lines import Pair
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.deal_keys import SHOWN
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.facts.keys import KeyColumns
from workbook.model.sheets.facts.listed import ROW, SPARE_LINES, Listed
from workbook.model.tables import Field, mark_low, put_headings, widths
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
    Field(ROW, "Row of AllDeals", 9, "unit", "0;-0;-"),
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

FIRST_ROW: Final = 5


def plan_deals(book: Book, keys: KeyColumns) -> tuple[Sheet, list[Pair]]:
    """Plan the sheet: deals of any miner known on the date.

    Gives the sheet and the pairs of cells that Checks compares.
    """
    sheet = Sheet(NAME, widths(FIELDS), freeze=f"C{FIRST_ROW}")
    sheet.put(1, 1, "Signed deals", "title")
    told = (
        "Contracts announced on or before the date of the workbook, of any miner, as stated by "
        "their sources; a blank is not stated. Amber: low confidence."
    )
    sheet.put(2, 1, told, "subtitle")
    number = len({row["deal_id"] for row in keys.table.rows_built}) + SPARE_LINES
    deals = Listed(sheet, keys, SHOWN, FIELDS, FIRST_ROW, number)
    put_headings(sheet, FIRST_ROW - 1, FIELDS)
    sheet.heights[FIRST_ROW - 1] = 36
    deals.put()
    metrics = _Metrics(deals, book, deals.last + 2)
    end = metrics.plan()
    pair = deals.put_count(end + 1, "Deals")
    sheet.page_breaks.append(end + 4)
    confidence = deals.put_sources(end + 4, ("ticker", "deal_id"))
    mark_low(sheet, Ref(NAME, FIRST_ROW, 1, deals.last, len(FIELDS)), confidence)
    return sheet, [*metrics.pairs, pair]


class _Metrics:
    """The block of metrics below the deals: each native, beside it the function."""

    def __init__(self, deals: Listed, book: Book, row: int) -> None:
        self.deals, self.sheet, self.book, self.row = deals, deals.sheet, book, row
        self.lines = range(deals.first, deals.last + 1)
        self.pairs: list[Pair] = []

    def plan(self) -> int:
        """Plan the block and say which row comes next."""
        self.sheet.put(self.row, 1, "Metrics: in cells, and through HPC_DEAL", "section")
        self._keys()
        self._headings()
        for offset, of in enumerate(self.lines):
            self._line(self.row + 2 + offset, of)
        self._functions(self.row + 2)
        return self.row + 2 + len(self.lines)

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

    def _line(self, line: int, of: int) -> None:
        """Plan the metrics of the deal in a line of the list; blank where it has none."""
        sheet, deals = self.sheet, self.deals
        for column, name, style in ((1, "ticker", "label_bold"), (2, "deal_id", "label")):
            term = deals.at(name, of)
            sheet.put(line, column, term.value, style, formula=term.text)
        sheet.put_row(line, 3, [None] * (FIRST_METRIC - 3), "label")
        native: dict[str, Ref] = {}
        at = {field.name: deals.ref(field.name, of) for field in FIELDS}
        for index, (metric, title, number_format) in enumerate(METRICS):
            column = FIRST_METRIC + 2 * index
            text = f'IF({at["deal_id"].here}="","",{self._native(metric, at, native)})'
            value = self._value(of, metric)
            native[metric] = sheet.put(line, column, value, "calculation", number_format, text)
            function = Ref(NAME, line, column + 1, line, column + 1)
            label = f"Deal {of - deals.first + 1}: {title}"
            self.pairs.append(Pair(label, label, native[metric], function, native[metric]))

    def _functions(self, first: int) -> None:
        """Plan a call for each metric, which spills down all deals."""
        deals = Ref(NAME, first, 2, first + len(self.lines) - 1, 2).fixed
        for index, (metric, _, number_format) in enumerate(METRICS):
            name = self.names[metric].fixed
            call = formula("HPC_DEAL", deal=deals, metric=name, book=BOOK_NAME)
            values = [[self._value(line, metric)] for line in self.lines]
            shown = f'IF({deals}="","",_xlfn.IFNA({call},"{NOT_AVAILABLE}"))'
            column = FIRST_METRIC + 2 * index + 1
            self.sheet.put_spill(first, column, values, shown, "function", number_format)

    def _value(self, line: int, metric: str) -> Value:
        """Give the core's metric of the deal in a line of the list."""
        deal = self.deals.at("deal_id", line).value
        if not deal:
            return ""
        try:
            return float(deal_metric(self.book, deal, metric))  # type: ignore[arg-type]
        except ValuationError:
            return NOT_AVAILABLE

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
