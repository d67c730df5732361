"""Sites: power of the miners by site, and its sums by status without counting anything twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.book.tables import Row
from workbook.cells import Ref, Value
from workbook.model.addresses import column_absolute
from workbook.model.plan import Highlight, Sheet
from workbook.model.tables import (
    Field,
    mark_low,
    put_headings,
    put_record,
    put_sources,
    widths,
)
from workbook.style import DATE, MEGAWATTS

NAME: Final = "Sites"
FIRST_ROW: Final = 5

STATED: Final = (
    Field("ticker", "Miner", 9, "label_bold"),
    Field("site", "Site", 34, "label_wrap"),
    Field("location", "Location", 24, "label_wrap"),
    Field("part_of", "Inside of", 26, "label_wrap"),
    Field("status", "Status", 17),
    Field("mw_gross", "MW gross", 10, "calculation", MEGAWATTS),
    Field("mw_critical", "MW critical", 10, "calculation", MEGAWATTS),
    Field("ownership", "Owned", 10, "calculation", "0%"),
)
COMPUTED: Final = (
    Field("owned", "MW gross owned", 10, "calculation", MEGAWATTS),
    Field("inside", "Inside of rows shown", 12, "calculation", "0"),
    Field("added", "MW added", 10, "result", MEGAWATTS),
)
REST: Final = (
    Field("energization", "Energized", 22, "note_ruled"),
    Field("hpc_mw_offered", "MW offered to tenants", 10, "calculation", MEGAWATTS),
    Field("intended_use", "Use", 24, "note_ruled"),
    Field("as_of", "As of", 11, "calculation", DATE),
)
FIELDS: Final = (*STATED, *COMPUTED, *REST)
FIRST_TOTAL: Final = 6
MW_FORMAT: Final = "#,##0;-#,##0;-"


def plan_sites(book: Book, tickers: Sequence[str]) -> Sheet:
    """Plan the sheet: the sites of the miners, then MW by status and miner."""
    sheet = Sheet(NAME, widths(FIELDS), freeze=f"C{FIRST_ROW}")
    sheet.put(1, 1, "Sites", "title")
    text = (
        f"Power known on {book.as_of:%d %B %Y}. A row inside of another row shown is a detail "
        "of it and not added; ownership applies; a site that states no gross MW adds nothing and "
        "is counted below. Amber: low confidence."
    )
    sheet.put(2, 1, text, "subtitle")
    rows = [row for ticker in tickers for row in book.rows_of("sites", ticker)]
    if not rows:
        sheet.put(4, 1, "The book holds no site of these miners on this date.", "text")
        return sheet
    put_headings(sheet, FIRST_ROW - 1, FIELDS)
    sheet.heights[FIRST_ROW - 1] = 36
    last = FIRST_ROW + len(rows) - 1
    for index, row in enumerate(rows):
        _put(sheet, FIRST_ROW + index, row, rows, last)
    end = _Totals(sheet, rows, tickers, last).plan(last + 2)
    confidence = put_sources(sheet, end + 1, FIELDS, rows, ("ticker", "site"))
    mark_low(sheet, Ref(NAME, FIRST_ROW, 1, last, len(FIELDS)), confidence)
    return sheet


def inside(row: Row, rows: Sequence[Row]) -> int:
    """Count the rows that a site is a detail of."""
    return sum(
        (row["ticker"], row["part_of"]) == (other["ticker"], other["site"]) for other in rows
    )


def added(row: Row, rows: Sequence[Row]) -> float:
    """Give the MW that a site adds to the sums: owned gross MW, nothing for a detail."""
    return 0.0 if inside(row, rows) else (row["mw_gross"] or 0.0) * row["ownership"]


def _column(name: str, row: int, last: int | None = None) -> Ref:
    column = next(place for place, field in enumerate(FIELDS, start=1) if field.name == name)
    return Ref(NAME, row, column, last or row, column)


def _put(sheet: Sheet, line: int, row: Row, rows: Sequence[Row], last: int) -> None:
    """Plan one site with its three computed cells."""
    placed = put_record(sheet, line, STATED, row)
    record = {**row, "energization": _year(row["energization"])}
    put_record(sheet, line, REST, record, len(STATED) + len(COMPUTED) + 1)
    gross, ownership = placed["mw_gross"].here, placed["ownership"].here
    miners, sites = (_column(name, FIRST_ROW, last).fixed for name in ("ticker", "site"))
    miner, part_of = placed["ticker"].here, placed["part_of"].here
    owned: Value = None if row["mw_gross"] is None else row["mw_gross"] * row["ownership"]
    values: tuple[Value, ...] = (owned or 0.0, float(inside(row, rows)), added(row, rows))
    owned_cell, inside_cell = (_column(name, line).here for name in ("owned", "inside"))
    texts = (
        f"{gross}*{ownership}",
        f"SUMPRODUCT(({miners}={miner})*({sites}={part_of}))",
        f"IF({inside_cell}=0,{owned_cell},0)",
    )
    for field, value, text in zip(COMPUTED, values, texts, strict=True):
        at = _column(field.name, line)
        sheet.put(line, at.column, value, field.style, MW_FORMAT, text)


def _year(text: str | None) -> Value:
    """Give a year as a number, so that no cell holds a number as text."""
    return float(text) if text and text.isdecimal() else text


class _Totals:
    """MW added by miner down and status across, and the sites that state none."""

    def __init__(
        self, sheet: Sheet, rows: Sequence[Row], tickers: Sequence[str], last: int
    ) -> None:
        self.sheet, self.rows, self.last = sheet, rows, last
        self.tickers = [
            ticker for ticker in tickers if any(row["ticker"] == ticker for row in rows)
        ]
        totals = {row["status"]: 0.0 for row in rows}
        for row in rows:
            totals[row["status"]] += added(row, rows)
        self.statuses = sorted(totals, key=lambda status: -totals[status])

    def plan(self, row: int) -> int:
        """Plan the block from a row on and say which row comes next."""
        sheet, head, first = self.sheet, row + 1, FIRST_TOTAL
        sheet.put(row, 1, "MW added by status, gross and owned", "section")
        sheet.put_row(head, 1, ("Miner", *[None] * (first - 2)), "heading_left")
        titles = (*self.statuses, "All", "Sites without MW gross")
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
        sheet, count = self.sheet, len(self.statuses)
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
        sheet, first, count = self.sheet, FIRST_TOTAL, len(self.statuses)
        miners, statuses, gross, within, values = (
            _column(name, FIRST_ROW, self.last).fixed
            for name in ("ticker", "status", "mw_gross", "inside", "added")
        )
        own = [row for row in self.rows if row["ticker"] == ticker]
        for column, status in enumerate(self.statuses, start=first):
            value = sum((added(row, self.rows) for row in own if row["status"] == status), 0.0)
            title = column_absolute(Ref(NAME, head, column, head, column))
            # SUMIFS would read a status such as "oper*" or ">5" as a pattern.
            text = f"SUMPRODUCT(({miners}=$A{line})*({statuses}={title}),{values})"
            sheet.put(line, column, value, "calculation", MW_FORMAT, text)
        value = sum((added(row, self.rows) for row in own), 0.0)
        text = f"SUMPRODUCT(--({miners}=$A{line}),{values})"
        sheet.put(line, first + count, value, "result", MW_FORMAT, text)
        silent = sum(row["mw_gross"] is None and not inside(row, self.rows) for row in own)
        text = f'SUMPRODUCT(({miners}=$A{line})*({gross}="")*({within}=0))'
        sheet.put(line, first + count + 1, float(silent), "calculation", MW_FORMAT, text)
