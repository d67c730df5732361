"""Where the records of a book come from: a folder of CSV files, or whatever reads like one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from valuation_core.book.schema import FORMAT_VERSION, TABLES
from valuation_core.book.tables import Tables

FORMAT: Final = "format"
"""The table that states the version of the format."""


LARGEST_WHOLE: Final = 1e15
"""Above it a whole number is written with an exponent, as Python does."""


class Unreadable(Exception):  # noqa: N818  the reader turns it into a Problem
    """Why the records of a table cannot be had, in words that follow its name."""


class Origin(Protocol):
    """A place that holds the tables of a book as text, the header first."""

    @property
    def name(self) -> str:
        """What the place is called in a message; never holds a password."""

    @property
    def first_row(self) -> int:
        """Number of the first row below the header, as a person counts there."""

    def refusal(self) -> str | None:
        """Say why the place as a whole cannot be a book, in words that follow its name."""

    def label(self, table: str) -> str:
        """Name a table in a message."""

    def records(self, table: str) -> list[list[str]]:
        """Give the cells of a table, the header first.

        Raises
        ------
        Unreadable
            When the table is missing or cannot be read.
        """


@dataclass(frozen=True)
class Folder:
    """A folder of CSV files, UTF-8 with comma and point."""

    path: Path
    first_row: int = 2

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def refusal(self) -> str | None:
        """Say whether this is no folder, or one without CSV files."""
        if not self.path.is_dir():
            return "is not a folder"
        if not any(self.path.glob("*.csv")):
            return "holds no CSV files, so it is not a book"
        return None

    def label(self, table: str) -> str:
        """Name the file."""
        return f"{table}.csv"

    def records(self, table: str) -> list[list[str]]:
        """Read one file."""
        try:
            text = (self.path / f"{table}.csv").read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise Unreadable("is missing (an empty table needs its header row)") from None
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise Unreadable(f"is not UTF-8 text (byte {error.start})") from None
        if "\0" in text:
            raise Unreadable("is not a text file: it holds a NUL character")
        try:
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise Unreadable(f"is not a CSV file: {error}") from None


def as_text(value: Any) -> str:
    """Write a value of a table as a CSV file holds it.

    Examples
    --------
    >>> as_text(600.0), as_text(6.15), as_text(date(2025, 9, 26)), as_text(None)
    ('600', '6.15', '2025-09-26', '')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        at_midnight = value == datetime(value.year, value.month, value.day, tzinfo=value.tzinfo)
        return value.date().isoformat() if at_midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        value = float(value)
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
