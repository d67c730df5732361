"""The content of a book as text, and the handle that names it.

The content is a JSON text: format version, date, case and every visible row. Its SHA-256 is the
digest; a handle shows the date and the first 16 hexadecimal digits (64 bits) of it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from valuation_core.book.schema import FORMAT_VERSION
from valuation_core.book.tables import Tables

SHOWN_DIGITS: Final = 16


def content_of(as_of: date, tables: Tables, case: str) -> str:
    """Write the facts and the case of a book as text; the same always give the same text."""
    import json  # opening a book needs neither this nor a digest

    columns = {name: dict(table.columns) for name, table in tables.items()}
    content = {"format": FORMAT_VERSION, "as_of": as_of, "case": case, "tables": columns}
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
    from hashlib import sha256

    return sha256(content.encode("ascii")).hexdigest()


def handle_of(as_of: date, tables: Tables, case: str) -> str:
    """Give the handle of the book that holds some tables on a date under a case.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = load_book()
    >>> handle = handle_of(book.as_of, book.tables, book.case)
    >>> handle[:16], len(handle)
    ('book:2025-09-26+', 32)
    """
    digest = digest_of(content_of(as_of, tables, case))
    return f"book:{as_of.isoformat()}+{digest[:SHOWN_DIGITS]}"
