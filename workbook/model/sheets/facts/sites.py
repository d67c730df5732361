"""Sites: power of the miners by site, and its sums by status without counting anything twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book.schema import STATUSES, folded
from workbook.cells import Ref
from workbook.model.addresses import column_absolute
from workbook.model.excel import BLANK, IF, ZERO, Term
from workbook.model.lines import Pair
from workbook.model.plan import Highlight, Sheet
from workbook.model.sheets.facts.deal_keys import SHOWN
from workbook.model.sheets.facts.keys import KeyColumns, count_where, sum_where
from workbook.model.sheets.facts.listed import ROW, SPARE_LINES, Listed
from workbook.model.tables import Field, mark_low, put_headings, widths
from workbook.style import DATE, MEGAWATTS

NAME: Final = "Sites"
FIRST_ROW: Final = 5

STATED: Final = (
    Field("ticker", "Miner", 9, "label_bold"),
    Field("site", "Site", 30, "label_wrap"),
    Field("location", "Location", 20, "label_wrap"),
    Field("part_of", "Inside of", 24, "label_wrap"),
    Field("status", "Status", 17),
    Field("mw_gross", "MW gross", 10, "calculation", MEGAWATTS),
    Field("mw_critical", "MW critical", 11.5, "calculation", MEGAWATTS),
    Field("ownership", "Owned", 10, "calculation", "0%"),
)
COMPUTED: Final = (
    Field("owned", "MW gross owned", 10, "calculation", MEGAWATTS),
    Field("inside", "Inside of rows shown", 12, "calculation", "0"),
    Field("added", "MW added", 10, "result", MEGAWATTS),
)
REST: Final = (
    Field("energization", "Energized", 16, "note_ruled"),
    Field("hpc_mw_offered", "MW offered to tenants", 10, "calculation", MEGAWATTS),
    Field("intended_use", "Use", 18, "note_ruled"),
    Field("as_of", "As of", 11, "calculation", DATE),
)
FIELDS: Final = (*STATED, *COMPUTED, *REST, Field(ROW, "Row of AllSites", 10, "unit", "0;-0;-"))
FIRST_TOTAL: Final = 6
MW_FORMAT: Final = "#,##0;-#,##0;-"


def plan_sites(tickers: Sequence[str], keys: KeyColumns) -> tuple[Sheet, list[Pair]]:
    """Plan the sheet: the sites of the miners, then MW by status and miner.

    Gives the sheet and the pair of counts that shows whether each site has a line.
    """
    sheet = Sheet(NAME, widths(FIELDS), freeze=f"C{FIRST_ROW}")
    sheet.put(1, 1, "Sites", "title")
    told = (
        "Power known on the date of the workbook. A row inside of another row shown is a detail "
        "of it and not added; ownership applies; a site that states no gross MW adds nothing and "
        "is counted below. Amber: low confidence."
    )
    sheet.put(2, 1, told, "subtitle")
    ours = {(row["ticker"], folded(row["site"])) for row in keys.table.rows_built}
    number = sum(ticker in tickers for ticker, _ in ours) + SPARE_LINES
    sites = Listed(sheet, keys, SHOWN, FIELDS, FIRST_ROW, number)
    put_headings(sheet, FIRST_ROW - 1, FIELDS)
    sheet.heights[FIRST_ROW - 1] = 36
    sites.put([field.name for field in COMPUTED])
    for line in range(FIRST_ROW, sites.last + 1):
        _put_computed(sites, line)
    sheet.page_breaks.append(sites.last + 2)
    end = _Totals(sites, tickers).plan(sites.last + 2)
    pair = sites.put_count(end + 1, "Sites")
    confidence = sites.put_sources(end + 4, ("ticker", "site"))
    mark_low(sheet, Ref(NAME, FIRST_ROW, 1, sites.last, len(FIELDS)), confidence)
    return sheet, [pair]


def _put_computed(sites: Listed, line: int) -> None:
    """Plan the MW owned of a site, the rows that it is inside of, and the MW that it adds."""
    miner, part_of = sites.at("ticker", line), sites.at("part_of", line)
    is_spare = miner.equals(BLANK)
    gross, ownership = sites.at("mw_gross", line), sites.at("ownership", line)
    owned = IF(gross.equals(BLANK), ZERO, gross * ownership)
    sites.put_cell("owned", line, IF(is_spare, BLANK, owned))
    outer = count_where([(sites.span("ticker"), "=", miner), (sites.span("site"), "=", part_of)])
    inside = IF(part_of.equals(BLANK), ZERO, outer)
    sites.put_cell("inside", line, IF(is_spare, BLANK, inside))
    apart = sites.at("inside", line).equals(ZERO)
    added = IF(apart, sites.at("owned", line), ZERO)
    sites.put_cell("added", line, IF(is_spare, BLANK, added))


class _Totals:
    """MW added by miner down and status across, and the sites that state none."""

    def __init__(self, sites: Listed, tickers: Sequence[str]) -> None:
        self.sites, self.sheet, self.tickers = sites, sites.sheet, tickers

    def plan(self, row: int) -> int:
        """Plan the block from a row on and say which row comes next."""
        sheet, head, first = self.sheet, row + 1, FIRST_TOTAL
        sheet.put(row, 1, "MW added by status, gross and owned", "section")
        sheet.put_row(head, 1, ("Miner", *[None] * (first - 2)), "heading_left")
        titles = (*STATUSES, "All", "Sites without MW gross")
        sheet.put_row(head, first, titles, "heading")
        sheet.heights[head] = 36
        for line, ticker in enumerate(self.tickers, start=head + 1):
            sheet.put(line, 1, ticker, "label_bold")
            sheet.put_row(line, 2, [None] * (first - 2), "label")
            self._line(line, head, ticker)
        end = head + 1 + len(self.tickers)
        sheet.put(end, 1, "All", "label_bold")
        sheet.put_row(end, 2, [None] * (first - 2), "label")
        for column in range(first, first + len(titles)):
            block = Ref(NAME, head + 1, column, end - 1, column)
            shown = (sheet.cells[line, column].value for line in range(head + 1, end))
            total = sum(value for value in shown if isinstance(value, float))
            sheet.put(end, column, total, "result", MW_FORMAT, f"SUM({block.here})")
        self._check(end + 1)
        return end + 2

    def _check(self, row: int) -> None:
        """Plan the MW of all statuses shown, and whether they are all MW added."""
        sheet, count = self.sheet, len(STATUSES)
        shown = Ref(NAME, row - 1, FIRST_TOTAL, row - 1, FIRST_TOTAL + count - 1)
        every = Ref(NAME, row - 1, FIRST_TOTAL + count, row - 1, FIRST_TOTAL + count)
        sheet.put(row, 1, "All of the statuses above", "label_bold")
        sheet.put_row(row, 2, [None] * (FIRST_TOTAL + count - 2), "label")
        total = sum(
            value
            for column in range(shown.column, shown.last_column + 1)
            if isinstance(value := sheet.cells[row - 1, column].value, float)
        )
        made = sheet.put(row, every.column, total, "result", MW_FORMAT, f"SUM({shown.here})")
        agree = f"ROUND({every.here}-{made.here},6)=0"
        checked = sheet.put(row, every.column + 1, True, "check", formula=agree)
        # LibreOffice 7.4 crashes while it prints a rule that reads its own cell here.
        wrong = f"ROUND({every.here}-{made.here},6)<>0"
        sheet.highlights.append(Highlight(checked, wrong, "red"))

    def _line(self, line: int, head: int, ticker: str) -> None:
        sheet, first, sites = self.sheet, FIRST_TOTAL, self.sites
        of_miner = (sites.span("ticker"), "=", Term(f"$A{line}", ticker))
        statuses, added = sites.span("status"), sites.span("added")
        for column, status in enumerate(STATUSES, start=first):
            title = Term(column_absolute(Ref(NAME, head, column, head, column)), status)
            # SUMIFS would read a status such as "oper*" or ">5" as a pattern.
            found = sum_where([of_miner, (statuses, "=", title)], added)
            sheet.put(line, column, found.value, "calculation", MW_FORMAT, found.text)
        every = sum_where([of_miner], added)
        silent = count_where(
            [of_miner, (sites.span("mw_gross"), "=", BLANK), (sites.span("inside"), "=", ZERO)]
        )
        for column, term, style in (
            (first + len(STATUSES), every, "result"),
            (first + len(STATUSES) + 1, silent, "calculation"),
        ):
            sheet.put(line, column, term.value, style, MW_FORMAT, term.text)
