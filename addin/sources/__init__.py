"""Sources of facts: a folder of CSV files, one Excel file, or a SQL database by its URL.

Any of them may have filings over it: `FOLDER+edgar:FILINGS`, and `book` is the shipped book there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from addin.sources.with_filings import SHIPPED, merged, parted
from valuation_core.book import SHIPPED_FOLDER, read_tables
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
    if (both := parted(source)) is not None:
        book, folder = both
        base = "the shipped book" if book == SHIPPED else described(book)
        return f"{base} with filings of {folder}"
    origin = origin_of(source)
    kind = "folder" if isinstance(origin, Folder) else "file"
    return f"{'database' if is_url(source) else kind} {origin.name}"


def name_of(source: str | Path) -> str:
    """Name a source as it is given, without a password."""
    if (both := parted(source)) is not None:
        book, folder = both
        return f"{book if book == SHIPPED else name_of(book)}+edgar:{folder}"
    return origin_of(source).name


def tables_from(source: str | Path) -> Tables:
    """Read the tables of a source.

    Raises
    ------
    BookError
        When the source is not to be had or is not a valid book, with table, row and column.
    """
    if (both := parted(source)) is not None:
        book, folder = both
        return merged(tables_from(SHIPPED_FOLDER if book == SHIPPED else book), folder)
    return read_tables(origin_of(source))
