"""Cells of an open workbook are written all or none, while Excel neither computes nor paints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from addin.excel.stopping import look
from workbook.cells import Value, letters, serial_of
from workbook.errors import WorkbookError

if TYPE_CHECKING:
    import xlwings

MANUAL: Final = "manual"

HALF_WRITTEN: Final = (
    "a cell could not be written, and not everything could be taken back: close this workbook "
    "without saving it, and open it again"
)

CANNOT_WRITE: Final = (
    "{} cannot be written, perhaps since the sheet is protected; nothing was changed"
)

Block = list[list[Any]]
"""What the cells of a block hold as it is entered, row by row."""


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
        look()
        was = content_of(place)
        try:
            place.value = entered(value)
        except Exception as error:
            raise WorkbookError(CANNOT_WRITE.format(_where(place))) from error
        self._back.append(lambda: setattr(place, "value", was))

    def put_block(self, place: Any, changed: Callable[[Block], Block]) -> None:
        """Put values into a block of cells in one call: each call crosses into Excel's process.

        Parameters
        ----------
        place
            The cells.
        changed
            Gives what the cells shall hold for what they hold now, row by row, as it is entered.

        Raises
        ------
        WorkbookError
            When a cell cannot be written.
        """
        look()
        was = contents_of(place)
        try:
            _set(place, changed(was))
        except WorkbookError:
            raise
        except Exception as error:
            raise WorkbookError(CANNOT_WRITE.format(_where(place))) from error
        self._back.append(lambda: _set(place, was))

    def look_as(self, place: Any, number_format: str) -> None:
        """Give cells below each other a number format."""
        was = place.number_format
        each = [(place, was)] if was is not None else [(one, one.number_format) for one in place]
        place.number_format = number_format
        for one, before in each:
            self._back.append(partial(setattr, one, "number_format", before))

    def put_lines(self, sheet: xlwings.Sheet, row: int, lines: Sequence[Sequence[Value]]) -> None:
        """Put lines of values below each other, from column A on; dates as text."""
        wide = max((len(line) for line in lines), default=0)
        if not wide:
            return

        def changed(was: Block) -> Block:
            return [
                [
                    held if value is None else entered(shown_in_lines(value))
                    for held, value in zip_longest(before, line)
                ]
                for before, line in zip(was, lines, strict=True)
            ]

        last = f"{letters(wide)}{row + len(lines) - 1}"
        self.put_block(sheet.range(f"A{row}:{last}"), changed)

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


def shown_in_lines(value: Value) -> Value:
    """Give a date as text: no cell of a line has a number format."""
    return value.isoformat() if isinstance(value, date) else value


def content_of(place: Any) -> Any:
    """Give what a cell holds, as it is entered: a text that only looks like a formula is a text."""
    return _content(place.formula, place.value)


def contents_of(place: Any) -> Block:
    """Give what the cells of a block hold, as it is entered, in two calls."""
    formulas = place.formula
    formulas = (
        formulas
        if isinstance(formulas, Sequence) and not isinstance(formulas, str)
        else [[formulas]]
    )
    values = place.options(ndim=2).value
    return [
        [_content(formula, value) for formula, value in zip(*lines, strict=True)]
        for lines in zip(formulas, values, strict=True)
    ]


def _set(place: Any, block: Block) -> None:
    """Write a block in one call: without "raw" xlwings makes a dozen more to learn its size."""
    place.options("raw").value = [
        ["" if value is None else value for value in row] for row in block
    ]


def _content(formula: Any, value: Any) -> Any:
    text = str(formula or "")
    return text if text.startswith("=") and text != value else entered(value)


def _where(place: Any) -> str:
    return f"{place.sheet.name}!{letters(place.column)}{place.row}"


def entered(value: Any) -> Any:
    """Write a value as it is entered: a date as its serial, text so that Excel leaves it alone."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return serial_of(value)
    if isinstance(value, str):
        return f"'{value}"  # else =1+1 is a formula, 2025-09-26 a date and 007 a number
    return value
