"""Cells of an open workbook are written all or none, while Excel neither computes nor paints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from workbook.cells import Value, letters, serial_of
from workbook.errors import WorkbookError

if TYPE_CHECKING:
    import xlwings

MANUAL: Final = "manual"

HALF_WRITTEN: Final = (
    "a cell could not be written, and not everything could be taken back: close this workbook "
    "without saving it, and open it again"
)


class Writer:
    """Writes into an open workbook, and can take all of it back."""

    def __init__(self, book: xlwings.Book) -> None:
        self._book = book
        self._before = {sheet.name for sheet in book.sheets}
        self._back: list[Callable[[], None]] = []

    def put(self, place: Any, value: Value) -> None:
        """Put a value into a cell.

        Raises
        ------
        WorkbookError
            When the cell cannot be written.
        """
        was = content_of(place)
        try:
            place.value = _entered(value)
        except Exception as error:
            where = f"{place.sheet.name}!{letters(place.column)}{place.row}"
            raise WorkbookError(
                f"{where} cannot be written, perhaps since the sheet is protected; nothing was "
                "changed"
            ) from error
        self._back.append(lambda: setattr(place, "value", was))

    def look_as(self, place: Any, number_format: str) -> None:
        """Give a cell a number format."""
        was = place.number_format
        place.number_format = number_format
        self._back.append(lambda: setattr(place, "number_format", was))

    def put_lines(self, sheet: xlwings.Sheet, row: int, lines: Sequence[Sequence[Value]]) -> None:
        """Put lines of values below each other, from column A on; dates as text."""
        for offset, line in enumerate(lines):
            for column, value in enumerate(line, start=1):
                if value is not None:
                    shown = value.isoformat() if isinstance(value, date) else value
                    self.put(sheet.range(f"{letters(column)}{row + offset}"), shown)

    def stretch(self, sheet: xlwings.Sheet, table: xlwings.main.Table, address: str) -> None:
        """Let a table of Excel reach over other cells."""
        was = table.range.address
        table.resize(sheet.range(address))
        self._back.append(lambda: table.resize(sheet.range(was)))

    def taken_back(self) -> bool:
        """Restore what was written, last first, and remove new sheets; tell whether all could."""
        whole = True
        news = [one.delete for one in self._book.sheets if one.name not in self._before]
        for restore in [*reversed(self._back), *news]:
            try:
                restore()
            except Exception:  # the others are restored all the same
                whole = False
        return whole


@contextmanager
def settled(book: xlwings.Book) -> Iterator[Writer]:
    """Hold calculation and screen while cells are written; after a failure take them back.

    Calculation, screen and active sheet are as before in any case.

    Raises
    ------
    WorkbookError
        When a cell cannot be written; it says so where something could not be taken back.
    """
    app = book.app
    calculation, screen, active = app.calculation, app.screen_updating, book.sheets.active
    before = {sheet.name for sheet in book.sheets}
    writer = Writer(book)
    app.calculation = MANUAL
    app.screen_updating = False
    try:
        yield writer
    except BaseException as error:
        if not writer.taken_back():
            raise WorkbookError(HALF_WRITTEN) from error
        raise
    finally:
        app.calculation = calculation
        app.screen_updating = screen
        names = {sheet.name for sheet in book.sheets}
        if names != before or book.sheets.active.name != active.name:
            active.select()  # activate would also ask which Excel is in front, and may fail


def content_of(place: Any) -> Any:
    """Give what a cell holds, as it is entered: a text that only looks like a formula is a text."""
    formula, value = str(place.formula or ""), place.value
    return formula if formula.startswith("=") and formula != value else _entered(value)


def _entered(value: Any) -> Any:
    """Write a value as it is entered: a date as its serial, text so that Excel leaves it alone."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return serial_of(value)
    if isinstance(value, str):
        return f"'{value}"  # else =1+1 is a formula, 2025-09-26 a date and 007 a number
    return value
