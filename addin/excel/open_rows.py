"""Rows of the book's tables in an open workbook: put below the others, and taken off again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addin.excel.writing import Writer
from valuation_core.book.schema import TABLES
from workbook.cells import letters
from workbook.errors import WorkbookError
from workbook.refresh.decide import MARKER, Held, TableRow, by_table

if TYPE_CHECKING:
    import xlwings


def put_rows(book: xlwings.Book, writer: Writer, rows: Sequence[TableRow], mark: str) -> None:
    """Write rows below their tables, with a mark beside each; dates look as those above.

    Raises
    ------
    WorkbookError
        When a cell cannot be written, or holds a formula.
    """
    for table, new in by_table(rows):
        sheet = book.sheets[table.sheet]
        heading = f"{letters(table.marker)}{table.header}"
        if not table.marks:
            writer.put(sheet.range(heading), MARKER)
        for one in new:
            for address, value in one.cells.items():
                place = sheet.range(address)
                if str(place.formula or "").startswith("="):
                    raise WorkbookError(
                        f"{table.sheet}!{address} holds a formula; nothing was changed"
                    )
                writer.put(place, value)
            writer.put(sheet.range(one.mark), mark)
        for column, number_format in _formats_of_dates(sheet, table).items():
            for one in new:
                writer.look_as(sheet.range(f"{column}{one.line}"), number_format)
        _end_with(writer, sheet, table, new[-1].line, grow=True)


def take_rows(book: xlwings.Book, writer: Writer, rows: Sequence[TableRow]) -> None:
    """Take rows off their tables, which end again with the row above where they were the last."""
    for table, gone in by_table(rows):
        sheet = book.sheets[table.sheet]
        lines = {one.line for one in gone}
        for one in gone:
            for address in [*one.cells, one.mark]:
                writer.put(sheet.range(address), None)
        if not table.marks.keys() - lines:
            writer.put(sheet.range(f"{letters(table.marker)}{table.header}"), None)
        kept = max((line for line in table.lines if line not in lines), default=table.header + 1)
        if table.lines and table.lines[-1] in lines:
            _end_with(writer, sheet, table, kept, grow=False)


def _formats_of_dates(sheet: xlwings.Sheet, table: Held) -> dict[str, str]:
    """Give the number format of each column of dates: that of its last cell that has a date."""
    found = {}
    for column in TABLES[table.name].columns:
        if column.kind == "date" and column.name in table.columns:
            letter = letters(table.columns[column.name])
            filled = [
                line
                for line, row in zip(table.lines, table.rows, strict=True)
                if row[column.name] is not None
            ]
            if filled:
                found[letter] = str(sheet.range(f"{letter}{filled[-1]}").number_format)
    return found


def _end_with(writer: Writer, sheet: xlwings.Sheet, table: Held, last: int, *, grow: bool) -> None:
    """Let the table of Excel over the headings of a table end in another row."""
    first = f"{letters(min(table.columns.values()))}{table.header}"
    for one in sheet.tables:
        begin, _, end = str(one.range.address).replace("$", "").partition(":")
        bottom = int(end.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
        if begin == first and (bottom < last if grow else bottom > last):
            column = end.rstrip("0123456789")
            writer.stretch(sheet, one, f"{first}:{column}{last}")
