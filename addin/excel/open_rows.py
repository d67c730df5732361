"""Rows of the book's tables in an open workbook: put below the others, and taken off again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from addin.excel.writing import Block, Writer, entered
from valuation_core.book.schema import TABLES
from workbook.cells import Value, letters
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
        values = {address: value for one in new for address, value in one.cells.items()}
        values |= {one.mark: mark for one in new}
        lines = [one.line for one in new]
        _put(sheet, writer, [*table.columns.values(), table.marker], lines, values)
        for column, number_format in _formats_of_dates(sheet, table).items():
            for block in _blocks([column], lines):
                writer.look_as(sheet.range(block), number_format)
        _end_with(writer, sheet, table, new[-1].line, grow=True)


def take_rows(book: xlwings.Book, writer: Writer, rows: Sequence[TableRow]) -> None:
    """Take rows off their tables, which end again with the row above where they were the last."""
    for table, gone in by_table(rows):
        sheet = book.sheets[table.sheet]
        lines = {one.line for one in gone}
        none = {address: None for one in gone for address in [*one.cells, one.mark]}
        _put(sheet, writer, [*table.columns.values(), table.marker], sorted(lines), none)
        if not table.marks.keys() - lines:
            writer.put(sheet.range(f"{letters(table.marker)}{table.header}"), None)
        kept = max((line for line in table.lines if line not in lines), default=table.header + 1)
        if table.lines and table.lines[-1] in lines:
            _end_with(writer, sheet, table, kept, grow=False)


def _put(
    sheet: xlwings.Sheet,
    writer: Writer,
    columns: Sequence[int],
    lines: Sequence[int],
    values: Mapping[str, Value],
) -> None:
    """Put values by address, block by block; other cells of a block keep what they hold."""
    for block in _blocks(columns, lines):
        place = sheet.range(block)

        def changed(was: Block, top: int = place.row, left: int = place.column) -> Block:
            grid: Block = []
            for row, line in enumerate(was, start=top):
                ats = [f"{letters(column)}{row}" for column in range(left, left + len(line))]
                for at, held in zip(ats, line, strict=True):
                    if at in values and str(held).startswith("="):
                        raise WorkbookError(
                            f"{sheet.name}!{at} holds a formula; nothing was changed"
                        )
                grid.append(
                    [
                        entered(values[at]) if at in values else held
                        for at, held in zip(ats, line, strict=True)
                    ]
                )
            return grid

        writer.put_block(place, changed)


def _blocks(columns: Sequence[int], lines: Sequence[int]) -> Iterator[str]:
    """Give the addresses of the blocks that columns and lines next to each other make.

    Examples
    --------
    >>> list(_blocks([1, 2, 4], [7, 8, 10]))
    ['A7:B8', 'D7:D8', 'A10:B10', 'D10:D10']
    """
    for top, bottom in _runs(lines):
        for left, right in _runs(columns):
            yield f"{letters(left)}{top}:{letters(right)}{bottom}"


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the first and last of each run of whole numbers without a gap."""
    numbers = sorted(set(numbers))
    begins = [one for one in numbers if one - 1 not in numbers]
    ends = [one for one in numbers if one + 1 not in numbers]
    return zip(begins, ends, strict=True)


def _formats_of_dates(sheet: xlwings.Sheet, table: Held) -> dict[int, str]:
    """Give the number format of each column of dates: that of its last cell that has a date."""
    found = {}
    for column in TABLES[table.name].columns:
        if column.kind == "date" and column.name in table.columns:
            at = table.columns[column.name]
            filled = [
                line
                for line, row in zip(table.lines, table.rows, strict=True)
                if row[column.name] is not None
            ]
            if filled:
                found[at] = str(sheet.range(f"{letters(at)}{filled[-1]}").number_format)
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
