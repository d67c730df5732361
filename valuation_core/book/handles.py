"""Content addresses: a handle names the exact facts of a book, in any process.

The content of a book is a JSON text: format version, date and every visible row. Its SHA-256 is
the digest; a handle shows the date and the first 16 hexadecimal digits (64 bits) of it.
"""

from __future__ import annotations

import json
import re
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from valuation_core.book.metrics import METRICS
from valuation_core.book.schema import FORMAT_VERSION, TABLES
from valuation_core.book.tables import Table, Tables
from valuation_core.errors import ValuationError, missing

if TYPE_CHECKING:
    from valuation_core.book.book import Book

SHOWN_DIGITS: Final = 16
_HANDLE: Final = re.compile(r"book:(\d{4}-\d{2}-\d{2})\+([0-9a-f]{16})")


def content_of(book: Book) -> str:
    """Write a book as text; the same facts always give the same text."""
    tables = {name: dict(table.columns) for name, table in book.tables.items()}
    content = {"format": FORMAT_VERSION, "as_of": book.as_of, "tables": tables}
    return json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
        default=date.isoformat,
    )


def digest_of(content: str) -> str:
    """Give the SHA-256 of a content as 64 hexadecimal digits."""
    return sha256(content.encode("ascii")).hexdigest()


def handle_of(book: Book) -> str:
    """Give the handle of a book.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> handle = handle_of(load_book())
    >>> handle[:16], len(handle)
    ('book:2025-09-26+', 32)
    """
    return f"book:{book.as_of.isoformat()}+{digest_of(content_of(book))[:SHOWN_DIGITS]}"


def parse_handle(text: str) -> tuple[date, str]:
    """Split a handle into its date and the shown digits of its digest.

    Raises
    ------
    ValuationError
        When the text is not a handle: the pattern is strict, so no path can hide in it.
    """
    match = _HANDLE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        return date.fromisoformat(match[1]), match[2]
    except ValueError:
        raise missing("book", "is not a handle made by HPC_BOOK", text) from None


def unresolved(text: str) -> ValuationError:
    """Make the error for a handle whose content is not to be had."""
    return missing("book", "cannot be resolved: recalculate the HPC_BOOK cell", text)


def book_from_content(content: str, handle: str) -> Book:
    """Rebuild a book from its content, after verifying that the handle names it.

    Raises
    ------
    ValuationError
        When the content is damaged, forged or of another format version.
    """
    from valuation_core.book.book import Book

    as_of, digits = parse_handle(handle)
    try:
        if not digest_of(content).startswith(digits):
            raise ValueError
        data = json.loads(content)
        if data["format"] != FORMAT_VERSION or data["as_of"] != as_of.isoformat():
            raise ValueError
        book = Book(as_of, _tables(data["tables"]))
        if book.handle != handle.strip():
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise unresolved(handle) from None
    return book


def _tables(data: dict[str, dict[str, list[Any]]]) -> Tables:
    tables: dict[str, Table] = {}
    for schema in TABLES.values():
        columns = {column.name: tuple(data[schema.name][column.name]) for column in schema.columns}
        for column in schema.columns:
            if column.kind == "date":
                columns[column.name] = tuple(map(_date, columns[column.name]))
        tables[schema.name] = Table(schema.name, columns)
    inputs = dict(tables["inputs"].columns)
    inputs["value"] = tuple(
        _date(value) if METRICS[metric].unit == "date" else value
        for metric, value in zip(inputs["metric"], inputs["value"], strict=True)
    )
    return {**tables, "inputs": Table("inputs", inputs)}


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
