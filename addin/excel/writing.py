"""Cells of an open workbook are written all or none, while Excel neither computes nor paints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from itertools import zip_longest
from math import isclose
from typing import TYPE_CHECKING, Any, Final

from addin.excel.open_cells import formulas_in, is_error, stored_in
from addin.excel.stopping import look
from workbook.cells import Value, letters, serial_of
from workbook.errors import WorkbookError
from workbook.opc.refusals import refuse_arithmetic

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

NOT_TAKEN: Final = (
    "Excel did not take what was written from {} on, perhaps since rows are filtered or cells hold "
    "text only; nothing was changed"
)

HOLDS_FORMULA: Final = "{} holds a formula; nothing was changed"

NOT_SET_BACK: Final = (
    "Excel did not go back to its way of calculation: choose it under Formulas, Calculation Options"
)

NOTHING_CHANGED: Final = "nothing was changed"

WRITTEN: Final = "the cells are written"

Block = list[list[Any]]
"""What the cells of a block hold as it is entered, row by row."""


class SettingError(WorkbookError):
    """Excel did not take a setting back."""


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
            When the cell cannot be written, or holds a formula.
        """

        def changed(was: Block) -> Block:
            if str(was[0][0]).startswith("="):
                raise WorkbookError(HOLDS_FORMULA.format(_where(place)))
            return [[entered(value)]]

        self.put_block(place, changed)

    def put_block(self, place: Any, changed: Callable[[Block], Block]) -> None:
        """Put values into a block of cells in one call: each call crosses into Excel's process.

        What the cells then hold is read back: an Excel that leaves cells out, such as filtered
        ones, or makes something else of an entry says nothing about it.

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
        wanted = changed(was)
        # A write that fails may have reached some cells before.
        self._back.append(lambda: _restore(place, was))
        try:
            _set(place, wanted)
            held = contents_of(place)
        except Exception as error:
            raise WorkbookError(CANNOT_WRITE.format(_where(place))) from error
        if not _alike(held, wanted):
            raise WorkbookError(NOT_TAKEN.format(_where(place)))

    def look_as(self, place: Any, number_format: str) -> None:
        """Give cells below each other a number format.

        Raises
        ------
        WorkbookError
            When the cells cannot be changed.
        """
        was = place.number_format
        if was == number_format:
            return
        each = [(place, was)] if was is not None else [(one, one.number_format) for one in place]
        for one, before in each:
            self._back.append(partial(setattr, one, "number_format", before))
        try:
            place.number_format = number_format
        except Exception as error:
            raise WorkbookError(CANNOT_WRITE.format(_where(place))) from error

    def clear(self, sheet: xlwings.Sheet) -> None:
        """Take what a sheet holds out of it."""
        self.put_block(sheet.used_range, lambda was: [[None] * len(row) for row in was])

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

    def hold_tables(self, sheet: xlwings.Sheet) -> None:
        """Let the tables of a sheet end where they end now when all is taken back.

        Excel itself lets a table grow over what is written below it.
        """
        ends = {one.name: one.range.address for one in sheet.tables}

        def restore() -> None:
            for one in sheet.tables:
                if one.range.address != ends[one.name]:
                    one.resize(sheet.range(ends[one.name]))

        self._back.append(restore)

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
    SettingError
        When Excel does not calculate again as before; it says whether the cells are written.
    """
    _refuse_other_arithmetic(book)
    app = book.app
    calculation, screen, active = app.calculation, app.screen_updating, book.sheets.active
    before = {sheet.name for sheet in book.sheets}
    writer = Writer(book)
    done = NOTHING_CHANGED
    try:
        app.calculation = MANUAL
        app.screen_updating = False
        yield writer
        done = WRITTEN
    except BaseException as error:
        if not writer.taken_back():
            done = HALF_WRITTEN
            raise WorkbookError(HALF_WRITTEN) from error
        raise
    finally:
        with suppress(Exception):  # what is selected is no reason to fail
            names = {sheet.name for sheet in book.sheets}
            if names != before or book.sheets.active.name != active.name:
                active.select()  # activate would also ask which Excel is in front, and may fail
        with suppress(Exception):  # Excel shows the screen again by itself
            app.screen_updating = screen
        try:
            app.calculation = calculation
        except Exception as error:
            raise SettingError(f"{NOT_SET_BACK}; {done}") from error


def _refuse_other_arithmetic(book: xlwings.Book) -> None:
    """Refuse settings of a workbook under which our figures would mean something else."""
    api: Any = book.api
    refuse_arithmetic(book.name, from_1904=api.Date1904, as_displayed=api.PrecisionAsDisplayed)


def shown_in_lines(value: Value) -> Value:
    """Give a date as text: no cell of a line has a number format."""
    return value.isoformat() if isinstance(value, date) else value


def contents_of(place: Any) -> Block:
    """Give what the cells of a block hold, as it is entered, in two calls.

    A text that only looks like a formula is a text.
    """
    return [
        [_content(formula, value) for formula, value in zip(*lines, strict=True)]
        for lines in zip(formulas_in(place), stored_in(place), strict=True)
    ]


def _set(place: Any, block: Block) -> None:
    """Write a block in one call: without "raw" xlwings makes a dozen more to learn its size."""
    place.options("raw").value = [
        ["" if value is None else value for value in row] for row in block
    ]


def _restore(place: Any, was: Block) -> None:
    """Let cells hold again what they held; those that do are not touched, and may be protected."""
    if not _alike(contents_of(place), was):
        _set(place, was)
        if not _alike(contents_of(place), was):
            raise WorkbookError(NOT_TAKEN.format(_where(place)))


def _alike(held: Block, wanted: Block) -> bool:
    """Tell whether cells hold what was entered."""
    return all(
        _is_same(one, other)
        for lines in zip(held, wanted, strict=True)
        for one, other in zip(*lines, strict=True)
    )


def _is_same(held: Any, wanted: Any) -> bool:
    if isinstance(held, float | int) and isinstance(wanted, float | int):
        return isclose(held, wanted, rel_tol=1e-14)
    # A text of no letters is a blank cell; of a line end Excel may keep the half.
    one, other = (
        "" if entry in (None, "'") else str(entry).replace("\r", "") for entry in (held, wanted)
    )
    return one == other


def _content(formula: Any, value: Any) -> Any:
    text = str(formula or "")
    if is_error(value):
        return text  # a formula, or an error as a person types it
    return text if text.startswith("=") and text != value else entered(value)


def _where(place: Any) -> str:
    return f"{place.sheet.name}!{letters(place.column)}{place.row}"


def entered(value: Any) -> Any:
    """Write a value as it is entered: a date as its serial, text so that Excel leaves it alone."""
    if isinstance(value, date):
        return serial_of(value)
    if isinstance(value, str):
        return f"'{value}"  # else =1+1 is a formula, 2025-09-26 a date and 007 a number
    return value
