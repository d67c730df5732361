"""Sources of facts: a folder of CSV files, one Excel file, or a SQL database by its URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from valuation_core.book import read_tables
from valuation_core.book.origin import Folder, Origin
from valuation_core.book.tables import Tables

FILE_SUFFIXES: Final = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".csv")
"""Of one file that holds every table, or is refused with what to do."""


def origin_of(source: str | Path) -> Origin:
    """Tell what a source is by its text.

    Examples
    --------
    >>> origin_of("facts").name, origin_of("sqlite:///facts.db").name
    ('facts', 'sqlite:///facts.db')
    """
    if is_url(source):
        from addin.sources.database import Database

        return Database(str(source))
    path = Path(source)
    # Path asks too, but raises where a folder above may not be entered.
    named_as_one = path.suffix.lower() in FILE_SUFFIXES and not os.path.isdir(path)  # noqa: PTH112
    if named_as_one or os.path.isfile(path):  # noqa: PTH113
        from addin.sources.excel_file import ExcelFile

        return ExcelFile(path)
    return Folder(path)


def is_url(source: str | Path) -> bool:
    """Tell whether a source is a database: `sqlite:///facts.db`, `postgresql+psycopg://...`."""
    return isinstance(source, str) and "://" in source


def described(source: str | Path) -> str:
    """Name a source in a report: what it is, and where, without a password.

    Examples
    --------
    >>> described("facts"), described("postgresql://ann:secret@desk/facts")
    ('folder facts', 'database postgresql://ann:***@desk/facts')
    """
    origin = origin_of(source)
    kind = "folder" if isinstance(origin, Folder) else "file"
    return f"{'database' if is_url(source) else kind} {origin.name}"


def tables_from(source: str | Path) -> Tables:
    """Read the tables of a source.

    Raises
    ------
    BookError
        When the source is not to be had or is not a valid book, with table, row and column.
    """
    return read_tables(origin_of(source))
