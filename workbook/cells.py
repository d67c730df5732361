"""Cells of a spreadsheet: addresses, what a cell holds, error values, dates as serial numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

from valuation_core.errors import ErrorKind
from workbook.errors import WorkbookError

EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial numbers."""

LAST_SERIAL: Final = 2_958_465
"""31 December 9999, the last date a spreadsheet knows."""

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

ERROR_CODES: Final = (
    "#N/A",
    "#VALUE!",
    "#NUM!",
    "#DIV/0!",
    "#REF!",
    "#NAME?",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
)

CODE_OF_KIND: Final = {
    ErrorKind.MISSING: "#N/A",
    ErrorKind.MISFIT: "#VALUE!",
    ErrorKind.DOMAIN: "#NUM!",
}
"""The error that a cell shows for each kind of mistake."""

LONGEST_TEXT: Final = 255
"""Characters that a function may give a cell as text."""

_ADDRESS: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error in a cell: its code, and the reason where we know it."""

    code: str
    reason: str = ""


MISSING: Final = ErrorValue("#N/A")
"""What a native formula shows while it lacks a fact or has no solution."""

NOT_AVAILABLE: Final = "n/a"
"""Shown where the edition gives no figure by design, as a label and not as a number."""

Value: TypeAlias = float | str | bool | date | ErrorValue | None


# Not frozen but for the type checker: one is made for each cell of a workbook, and a frozen one is
# made four times as slowly.
@dataclass(slots=True, unsafe_hash=True)
class Ref:
    """Where a cell or range landed."""

    sheet: Final[str]
    row: Final[int]
    column: Final[int]
    last_row: Final[int]
    last_column: Final[int]

    @property
    def here(self) -> str:
        """The address within its own sheet, such as C5 or C5:E9."""
        first = f"{letters(self.column)}{self.row}"
        last = f"{letters(self.last_column)}{self.last_row}"
        return first if first == last else f"{first}:{last}"

    @property
    def fixed(self) -> str:
        """The address with dollar signs, such as $C$5:$E$9."""
        first = f"${letters(self.column)}${self.row}"
        last = f"${letters(self.last_column)}${self.last_row}"
        return first if first == last else f"{first}:{last}"

    @property
    def there(self) -> str:
        """The fixed address from another sheet, such as Inputs!$C$5."""
        return f"{self.sheet}!{self.fixed}"

    def to(self, other: Ref) -> Ref:
        """Give the range from this cell to another one."""
        return Ref(self.sheet, self.row, self.column, other.last_row, other.last_column)

    @classmethod
    def top_of(cls, sheet: str) -> Ref:
        """Give the first cell of a sheet, where a link to it leads."""
        return cls(sheet, 1, 1, 1, 1)


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """Give the letters of a column, counted from 1.

    Examples
    --------
    >>> letters(1), letters(27)
    ('A', 'AA')
    """
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def stated(value: Value) -> Value:
    """Give what a cell holds for a value of a table of the book.

    A year, such as that of an energization, is a number there: no cell holds a number as text.

    Examples
    --------
    >>> stated("2027"), stated(""), stated("Q4 2027"), stated(18.5)
    (2027.0, None, 'Q4 2027', 18.5)
    """
    if isinstance(value, str) and value.isdecimal():
        return float(value)
    return None if value == "" else value


@lru_cache(maxsize=65_536)
def place_of(address: str) -> tuple[int, int]:
    """Give row and column of a cell, counted from 1.

    Raises
    ------
    WorkbookError
        When the text is not the address of a cell.

    Examples
    --------
    >>> place_of("D15"), place_of("$AA$1")
    ((15, 4), (1, 27))
    """
    match = _ADDRESS.fullmatch(address)
    column, row = 0, int(match[2]) if match else 0
    for letter in match[1].upper() if match else "":
        column = column * 26 + ord(letter) - 64
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        raise WorkbookError(f"{address} is not the address of a cell")
    return row, column


def corners_of(area: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give the first and the last cell of an area, such as C5 or C5:E9.

    Examples
    --------
    >>> corners_of("C5:E9"), corners_of("B2")
    (((5, 3), (9, 5)), ((2, 2), (2, 2)))
    """
    first, _, last = area.partition(":")
    return place_of(first), place_of(last or first)


def cut(text: str) -> str:
    """Give a text as a function gives it to a cell: one that is too long ends in an ellipsis.

    Examples
    --------
    >>> cut("as it is"), len(cut("x" * 300)), cut("x" * 300)[-1]
    ('as it is', 255, '…')
    """
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def serial_of(day: date) -> float:
    """Give the serial number of a date; a time of day is its fraction.

    Examples
    --------
    >>> serial_of(date(2025, 9, 26))
    45926.0
    """
    fraction = 0.0
    if isinstance(day, datetime):
        midnight = datetime(day.year, day.month, day.day, tzinfo=day.tzinfo)
        fraction = (day - midnight) / timedelta(days=1)
        day = day.date()
    return float((day - EPOCH).days) + fraction


def day_of(serial: float) -> date:
    """Give the date of a serial number, from 1 to `LAST_SERIAL`; a time of day is left out.

    Examples
    --------
    >>> day_of(45926.75).isoformat()
    '2025-09-26'
    """
    return EPOCH + timedelta(days=int(serial))
