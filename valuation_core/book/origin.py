"""Where the records of a book come from: a folder of CSV files, or whatever reads like one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from valuation_core.book.schema import FORMAT_VERSION, TABLES
from valuation_core.book.tables import Tables

FORMAT: Final = "format"
"""The table that states the version of the format."""


LARGEST_WHOLE: Final = 1e15
"""Above it a whole number is written with an exponent, as Python does."""


_SEPARATOR: Final = re.compile(r'"?sep=(?P<one>[^\r\n])"?[ ,;\t]*(\r\n|\r|\n|$)', re.IGNORECASE)


class Unreadable(Exception):  # noqa: N818  the reader turns it into a Problem
    """Why the records of a table cannot be had, in words that follow its name."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that no fact can be read from, and why, in words that follow its place."""

    what: str


Cell = str | Unusable


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table: its number as a person counts there, and the cells that hold something.

    Cells are named by where they stand, such as a column's letters; a heading has the same name as
    the cells below it. A header that is no row has the number 0.
    """

    number: int
    cells: Mapping[str, Cell]
    width: int = 0
    """Cells as written, blank ones too, where a row can have too many or too few."""


class Origin(Protocol):
    """A place that holds the tables of a book as text, the header first."""

    @property
    def name(self) -> str:
        """What the place is called in a message; never holds a password."""

    def refusal(self) -> str | None:
        """Say why the place as a whole cannot be a book, in words that follow its name."""

    def label(self, table: str) -> str:
        """Name a table in a message."""

    def records(self, table: str) -> list[Record]:
        """Give the rows of a table that are not blank, the header first.

        Raises
        ------
        Unreadable
            When the table is missing or cannot be read.
        """


@dataclass(frozen=True)
class Folder:
    """A folder of CSV files, UTF-8 with comma and point."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        """The files by their names in lower case."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.path.iterdir()):
            found.setdefault(path.name.lower(), []).append(path)
        return found

    def refusal(self) -> str | None:
        """Say whether this is no folder, one that may not be read, or one without CSV files."""
        try:
            if not self.path.is_dir():
                return "is not a folder"
            if not any(name.endswith(".csv") for name in self._files):
                return "holds no CSV files, so it is not a book"
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        return None

    def label(self, table: str) -> str:
        """Name the file."""
        return f"{table}.csv"

    def records(self, table: str) -> list[Record]:
        """Read one file, in whatever letter case its name is."""
        files = self._files.get(f"{table}.csv", [])
        if not files:
            raise Unreadable("is missing (an empty table needs its header row)")
        if len(files) > 1:
            names = " and ".join(path.name for path in files)
            raise Unreadable(f"is there twice, as {names}: keep one of them")
        text = _comma_separated(_text_of(files[0]))
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise Unreadable(f"is not a CSV file: {error}") from None
        return [record for number, row in enumerate(rows, 1) if (record := _record(number, row))]


def _text_of(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"is not UTF-8 text (byte {error.start}): save it as CSV UTF-8 (comma delimited)"
        ) from None
    if "\0" in text:
        raise Unreadable("is not a text file: it holds a NUL character")
    return text


def _comma_separated(text: str) -> str:
    """Take off the line by which a file tells Excel its separator; Excel does not count it."""
    stated = _SEPARATOR.match(text)
    if stated is None:
        return text
    if stated["one"] != ",":
        raise Unreadable(f"says {stated[0].strip()}: save it with commas")
    return text[stated.end() :]


def _record(number: int, row: list[str]) -> Record | None:
    """Give a row of text, or None for a blank one."""
    cells = {str(place): cell for place, cell in enumerate(row, 1) if cell.strip()}
    return Record(number, cells, len(row)) if cells else None


def first_format(source: str) -> str:
    """Say what to do with a book of the first format.

    Examples
    --------
    >>> first_format("my facts")
    'is 1, the first format: convert the book with hpcval book upgrade "my facts" NEW-FOLDER'
    """
    typed = f'"{source}"' if " " in source else source
    what = "is 1, the first format: convert the book with hpcval book upgrade"
    return f"{what} {typed} NEW-FOLDER"


def as_text(value: Any) -> str:
    """Write a value of a table as a CSV file holds it.

    Examples
    --------
    >>> as_text(600.0), as_text(6.15), as_text(date(2025, 9, 26)), as_text(None)
    ('600', '6.15', '2025-09-26', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        at_midnight = value == datetime(value.year, value.month, value.day, tzinfo=value.tzinfo)
        return value.date().isoformat() if at_midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if not isinstance(value, float | int):
        from decimal import Decimal  # what a database may hold

        value = float(value) if isinstance(value, Decimal) else value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < LARGEST_WHOLE else repr(value)
    return str(value)


def records_of(tables: Tables) -> Iterable[tuple[str, list[str], list[list[str]]]]:
    """Write tables as text: name, header and rows of each, the format first."""
    yield FORMAT, [FORMAT], [[FORMAT_VERSION]]
    for name, schema in TABLES.items():
        header = [column.name for column in schema.columns]
        rows = [[as_text(row[column]) for column in header] for row in tables[name].rows()]
        yield name, header, rows


def shown(cell: Cell) -> str:
    """Give what a cell holds, or what is wrong with it."""
    return cell.what if isinstance(cell, Unusable) else cell.strip()


def heading_of(cell: Cell) -> str:
    """Give the heading of a column, in whatever letter case it is written."""
    return shown(cell).casefold()
