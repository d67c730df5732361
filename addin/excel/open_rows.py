"""Rows of the book's tables in an open workbook: put below the others, and taken off again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from addin.excel.writing import HOLDS_FORMULA, Block, Writer, entered
from workbook.cells import Value, letters, place_of
from workbook.errors import WorkbookError
from workbook.refresh.decide import MARKER, Held, TableRow, by_table

if TYPE_CHECKING:
    import xlwings


def put_rows(book: xlwings.Book, writer: Writer, rows: Sequence[TableRow], mark: str) -> None:
    """Write rows below their tables, looking as those above, with a mark beside each.

    Raises
    ------
    WorkbookError
        When a cell cannot be written, or holds a formula, or a table has a row of totals.
    """
    for table, new in by_table(rows):
        sheet = book.sheets[table.sheet]
        writer.hold_tables(sheet)
        heading = f"{letters(table.marker)}{table.header}"
        if not table.marks:
            writer.put(sheet.range(heading), MARKER)
        values = {address: value for one in new for address, value in one.cells.items()}
        values |= {one.mark: mark for one in new}
        lines = [one.line for one in new]
        # Before the values: in a cell that was made to hold text a number becomes one.
        for column, number_format in _formats(sheet, table).items():
            for block in _blocks([column], lines):
                writer.look_as(sheet.range(block), number_format)
        _put(sheet, writer, [*table.columns.values(), table.marker], lines, values)
        _end_with(sheet, table, new[-1].line, grow=True)


def take_rows(book: xlwings.Book, writer: Writer, rows: Sequence[TableRow]) -> None:
    """Take rows off their tables, which end again with the row above where they were the last."""
    for table, gone in by_table(rows):
        sheet = book.sheets[table.sheet]
        writer.hold_tables(sheet)
        lines = {one.line for one in gone}
        columns = [*table.columns.values(), table.marker]
        none = {f"{letters(column)}{line}": None for line in lines for column in columns}
        _put(sheet, writer, columns, sorted(lines), none)
        if not table.marks.keys() - lines:
            writer.put(sheet.range(f"{letters(table.marker)}{table.header}"), None)
        kept = max((line for line in table.lines if line not in lines), default=table.header + 1)
        if table.lines and table.lines[-1] in lines:
            _end_with(sheet, table, kept, grow=False)


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
                        raise WorkbookError(HOLDS_FORMULA.format(f"{sheet.name}!{at}"))
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


def _formats(sheet: xlwings.Sheet, table: Held) -> dict[int, str]:
    """Give the number format of each column: that of its last cell that holds something."""
    found = {}
    for name, column in table.columns.items():
        lines = zip(table.lines, table.rows, strict=True)
        filled = [line for line, row in lines if row[name] not in (None, "")]
        if filled:
            found[column] = str(sheet.range(f"{letters(column)}{filled[-1]}").number_format)
    return found


def _end_with(sheet: xlwings.Sheet, table: Held, last: int, *, grow: bool) -> None:
    """Let the table of Excel over the headings of a table end in another row."""
    first = f"{letters(min(table.columns.values()))}{table.header}"
    for one in sheet.tables:
        begin, _, end = str(one.range.address).replace("$", "").partition(":")
        if begin != first or not end:
            continue
        bottom = place_of(end)[0] - one.show_totals
        if bottom >= last if grow else bottom <= last:
            continue
        if one.show_totals:
            raise WorkbookError(
                f"the table {one.name} has a row of totals: take it off first; nothing was changed"
            )
        try:
            one.resize(sheet.range(f"{first}:{end.rstrip('0123456789')}{last}"))
        except Exception as error:
            raise WorkbookError(
                f"the table {one.name} cannot be made to end in row {last}; nothing was changed"
            ) from error
