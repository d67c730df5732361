"""A book with the facts of recorded filings over it: `book+edgar:FOLDER`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from addin.sources.edgar import Filed, filings
from valuation_core.book.origin import as_text
from valuation_core.book.tables import Row, Tables, table_of
from valuation_core.errors import misfit

PREFIX: Final = "edgar:"
SHIPPED: Final = "book"
"""Stands for the shipped book before a `+`."""


def parted(source: str | Path) -> tuple[str, Path] | None:
    """Part a source into a book and the folder of filings over it; None where it has none.

    Examples
    --------
    >>> parted("book+edgar:filings"), parted("facts")
    (('book', PosixPath('filings')), None)

    Raises
    ------
    ValuationError
        For filings without a book: they hold two facts of a company.
    """
    if not isinstance(source, str):
        return None
    if source.startswith(PREFIX):
        raise misfit("source", f"filings are no book: write {SHIPPED}+{source}", source)
    book, mark, folder = source.rpartition(f"+{PREFIX}")
    return (book, Path(folder)) if mark else None


def folder_of(source: str) -> Path:
    """Give the folder that `edgar:FOLDER` names."""
    if not source.startswith(PREFIX) or source == PREFIX:
        raise misfit("filings", f"must be {PREFIX}FOLDER", source)
    return Path(source.removeprefix(PREFIX))


def merged(tables: Tables, folder: Path) -> Tables:
    """Give a book with the cash and shares that filings state.

    A figure of a day for which the book has none is a new row. Of the same day the book's stands
    where it is the filing's, rounded; else the filing's takes its place. Filings that a newer one
    had replaced before the first day of the book are left out.
    """
    inputs = tables["inputs"]
    found = _that_count(filings(folder, tables["miners"].columns["ticker"]), tables)
    filed = {(one.ticker, one.subject, one.as_of): one for one in found}
    rows: list[Row] = []
    for row in inputs.rows():
        one = filed.pop((row["scope"], row["metric"], row["as_of"]), None)
        rows.append(row if one is None or is_rounded(row["value"], one.value) else one.row)
    rows += [one.row for one in filed.values()]
    return {**tables, "inputs": table_of("inputs", rows)}


def is_rounded(stated: float | None, filed: float) -> bool:
    """Tell whether a figure is a filed one as written with fewer decimals.

    Examples
    --------
    >>> is_rounded(34.6, 34.557), is_rounded(34.6, 46.5), is_rounded(1800.0, 1808.2)
    (True, False, False)
    """
    if stated is None:
        return False
    _, _, decimals = as_text(stated).partition(".")
    return bool(round(filed, len(decimals)) == stated)


def _that_count(found: Sequence[Filed], tables: Tables) -> list[Filed]:
    """Leave filings out that no date of the book can reach."""
    inputs = tables["inputs"].columns
    days = zip(inputs["known_on"], inputs["as_of"], strict=True)
    first = min((known or day for known, day in days), default=None)
    newest = {
        (one.ticker, one.subject): one.as_of  # the last of a key is its newest
        for one in found
        if first is not None and one.known_on <= first
    }
    return [one for one in found if one.as_of >= newest.get((one.ticker, one.subject), one.as_of)]
