"""Handles of books: read from text, and turned back into the book whose content they name."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from valuation_core.book.book import Book
from valuation_core.book.content import digest_of
from valuation_core.book.metrics import METRICS
from valuation_core.book.schema import FORMAT_VERSION, TABLES
from valuation_core.book.tables import Table, Tables
from valuation_core.errors import ValuationError, missing

_HANDLE: Final = re.compile(r"book:(\d{4}-\d{2}-\d{2})\+([0-9a-f]{16})")


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
    import json

    as_of, digits = parse_handle(handle)
    try:
        if not digest_of(content).startswith(digits):
            raise ValueError
        data = json.loads(content)
        if data["format"] != FORMAT_VERSION or data["as_of"] != as_of.isoformat():
            raise ValueError
        book = Book(as_of, _tables(data["tables"]), data["case"])
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
    for name in ("inputs", "cases"):
        columns = dict(tables[name].columns)
        columns["value"] = tuple(
            _date(value) if METRICS[metric].unit == "date" else value
            for metric, value in zip(columns["metric"], columns["value"], strict=True)
        )
        tables[name] = Table(name, columns)
    return tables


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
