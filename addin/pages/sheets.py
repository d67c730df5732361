"""Tables and pages as a workbook: figures as numbers, charts as Excel's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.marker import DataPoint
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from addin.boundary.digits import PERCENT, STATED, decimals_of
from addin.pages.blocks import SERIES, Chart, Note, Page, Table
from addin.pages.layout import COLORS
from workbook import style
from workbook.cells import ErrorValue

LEFT: Final = ("headline", "parts", "pays", "pipeline", "sources")
RIGHT: Final = ("ladder", "bridge", "field", "risks")
"""Blocks of a page one below the other, in two columns."""

COLUMNS: Final = 6
"""Of the left column of a page."""
CHARTS_AT: Final = COLUMNS + 2
DATA_AT: Final = CHARTS_AT + 10
"""Columns at which charts stand, and their data: beside what is printed."""
CHART_ROWS: Final = 15
CHART_SIZE: Final = (17.0, 7.0)
"""Width and height of a chart in centimetres."""
LETTERS_IN_LINE: Final = 105
"""Of a text across the left column."""

_LONGEST_NAME: Final = 29
"""Letters of the name of a sheet; Excel takes 31, and openpyxl numbers a name that is taken."""
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\]")
"""What stands in no name of a sheet."""

_BELOW: Final = Border(bottom=Side(style="thin", color=style.RULE))


def to_xlsx(pages: Sequence[Page]) -> bytes:
    """Give the pages as a workbook, a sheet a page."""
    book = _empty()
    for page in pages:
        _write_page(book.create_sheet(sheet_name(page.ticker)), page)
    return _saved(book)


def sheet_name(ticker: str) -> str:
    """Give the name of a sheet on a miner; Excel takes neither every sign nor the word History.

    Examples
    --------
    >>> sheet_name("BRK/B"), sheet_name("History")
    ('BRK-B', 'History-')
    """
    name = _NO_NAME.sub("-", ticker)[:_LONGEST_NAME].strip("'") or "-"
    return f"{name}-" if name.casefold() == "history" else name


def tables_to_xlsx(title: str, table: Table, remarks: Sequence[str]) -> bytes:
    """Give one table as a workbook, with what is to be said of it below."""
    book = _empty()
    sheet = book.create_sheet(table.key)
    _put(sheet, 1, 1, title, Font(name=style.FONT, size=12, bold=True, color=style.NAVY))
    below = _write_table(sheet, 3, table)
    for number, remark in enumerate(remarks, start=below + 1):
        _put(sheet, number, 1, remark, Font(name=style.FONT, size=8, color=style.GREY))
    for column in range(1, len(table.rows[0]) + 1):
        longest = max(len(line[column - 1]) for line in table.texts())
        sheet.column_dimensions[get_column_letter(column)].width = min(longest, 40) + 3
    sheet.freeze_panes = "B4"
    return _saved(book)


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "hpc-valuation"
    return book


def _saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(sheet: Any, row: int, column: int, value: Any, font: Font | None = None) -> Any:
    """Write a value: a text stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.font = font or Font(name=style.FONT, size=9, color=style.INK)
    if isinstance(value, ErrorValue):
        cell.value, cell.data_type = value.code, "e"
    elif isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def format_of(value: Any, unit: str | None) -> str:
    """Give the number format of a figure in a unit.

    Examples
    --------
    >>> format_of(0.135, "percent"), format_of(1172.75, "USD M"), format_of(600.0, "MW")
    ('0.0%', '#,##0.00', '#,##0.0')
    """
    if isinstance(value, date):
        return style.DATE
    if not isinstance(value, float) or unit == STATED:
        return "General"
    if unit == PERCENT:
        return "0.0%"
    digits = decimals_of(unit)
    return "#,##0." + "0" * digits if digits else "#,##0"


def _write_table(sheet: Any, row: int, table: Table) -> int:
    """Write a table and give the first row below it."""
    header, *lines = table.rows
    head = Font(name=style.FONT, size=9, bold=True, color=style.NAVY)
    for column, text in enumerate(header, start=1):
        cell = _put(sheet, row, column, str(text), head)
        cell.fill = PatternFill("solid", fgColor=style.BAND)
        side = "right" if table.is_number(column - 1) else "left"
        cell.alignment = Alignment(wrap_text=True, horizontal=side)
    for number, (line, units) in enumerate(zip(lines, table.units(), strict=True), start=row + 1):
        for column, (value, unit) in enumerate(zip(line, units, strict=True), start=1):
            cell = _put(sheet, number, column, value)
            cell.number_format = format_of(value, unit)
            cell.border = _BELOW
            side = "right" if table.is_number(column - 1) else "left"
            cell.alignment = Alignment(horizontal=side)
    return row + 1 + len(lines)


def _write_page(sheet: Any, page: Page) -> None:
    heading = Font(name=style.FONT, size=10, bold=True, color=style.NAVY)
    small = Font(name=style.FONT, size=8, color=style.GREY)
    _put(sheet, 1, 1, page.title, Font(name=style.FONT, size=16, bold=True, color=style.NAVY))
    _put(sheet, 2, 1, page.verdict, Font(name=style.FONT, size=11, bold=True, color=style.TEAL))
    _put(sheet, 3, 1, page.subtitle, small)
    row = 5
    for key in LEFT:
        block = page.block(key)
        if block is None:
            continue
        _put(sheet, row, 1, block.title, heading)
        row += 1
        said: Sequence[str] = ()
        if isinstance(block, Table):
            row = _write_table(sheet, row, block)
            said = [block.note] if block.note else []
        elif isinstance(block, Note):
            said = block.lines
        for text in said:
            _paragraph(sheet, row, text, small)
            row += 1
        row += 1
    _paragraph(sheet, row, page.footer, small)
    last = max(row, _write_charts(sheet, page, heading, small))
    _set_print(sheet, last)


def _paragraph(sheet: Any, row: int, text: str, font: Font) -> None:
    """Write a text across the left column, in as many lines as it takes."""
    cell = _put(sheet, row, 1, text, font)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=COLUMNS)
    lines = 1 + len(text) // LETTERS_IN_LINE
    sheet.row_dimensions[row].height = min(11.5 * lines, style.TALLEST_ROW)


def _write_charts(sheet: Any, page: Page, heading: Font, small: Font) -> int:
    """Write the charts beside the tables, their data beside them, and give the last row."""
    row = 5
    for key in RIGHT:
        block = page.block(key)
        if block is None:
            continue
        _put(sheet, row, CHARTS_AT, block.title, heading)
        if isinstance(block, Note):
            for number, text in enumerate(block.lines, start=row + 1):
                _put(sheet, number, CHARTS_AT, text, small)
            row += len(block.lines) + 3
        elif isinstance(block, Chart):
            _put(sheet, row + CHART_ROWS, CHARTS_AT, block.note, small)
            _write_chart(sheet, row, block, heading)
            row += CHART_ROWS + 2
    return row


def _write_chart(sheet: Any, row: int, chart: Chart, heading: Font) -> None:
    """Write the data of a chart, and the chart over it."""
    for column, text in enumerate((chart.title, "from", "to", *SERIES, "name")):
        _put(sheet, row, DATA_AT + column, text, heading)
    for number, (bar, name) in enumerate(zip(chart.bars, chart.names, strict=True), start=row + 1):
        for column, value in enumerate((bar.label, bar.start, bar.end, *bar.parts, name)):
            cell = _put(sheet, number, DATA_AT + column, value)
            if isinstance(value, float):
                cell.number_format = style.PER_SHARE
    made = BarChart()
    made.type = "col" if chart.upright else "bar"
    made.grouping, made.overlap, made.gapWidth = "stacked", 100, 40
    made.legend = None
    made.x_axis.delete, made.y_axis.delete = False, True
    made.x_axis.tickLblPos = "low"
    made.y_axis.majorGridlines = None
    if not chart.upright:
        made.x_axis.scaling.orientation = "maxMin"
    last = row + len(chart.bars)
    first = DATA_AT + 3
    made.add_data(
        Reference(sheet, min_col=first, max_col=first + 2, min_row=row, max_row=last),
        titles_from_data=True,
    )
    made.set_categories(Reference(sheet, min_col=DATA_AT + 6, min_row=row + 1, max_row=last))
    base, *seen = made.series
    base.graphicalProperties.noFill = True
    base.graphicalProperties.line.noFill = True
    for series in seen:
        series.invertIfNegative = False
        for number, bar in enumerate(chart.bars):
            point = DataPoint(idx=number, invertIfNegative=False)
            point.graphicalProperties.solidFill = COLORS[bar.role]
            series.dPt.append(point)
    made.width, made.height = CHART_SIZE  # type: ignore[assignment]  # centimetres, of any size
    sheet.add_chart(made, f"{get_column_letter(CHARTS_AT)}{row + 1}")


def _set_print(sheet: Any, last: int) -> None:
    """Print tables and charts on one page, the data of the charts beside it."""
    for column, width in zip(range(1, COLUMNS + 1), (30, 15, 15, 16, 13, 13), strict=True):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_view.showGridLines = False
    sheet.print_area = f"A1:{get_column_letter(DATA_AT - 1)}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
