"""What look-ups go by: the default book, the names of bases and of values per MW."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from valuation_core.book import Book, load_book
from valuation_core.errors import misfit

COLOCATION_LEVELS: Final = ("low", "mid", "high")
"""Levels of the equity value per MW of colocation."""

BASES: Final = ("gross", "critical")
LEVELS: Final = {
    "low": "colo_value_low",
    "mid": "colo_value_mid",
    "high": "colo_value_high",
    "cloud": "cloud_value",
}
"""Names of the value per MW that the book holds, and the metric of each."""


@lru_cache(maxsize=1)
def default_book() -> Book:
    """Give the shipped book on its default date, read once per process."""
    return load_book()


def book_or_default(book: Any) -> Book:
    """Give a book, the shipped one for None; anything else is refused."""
    if book is not None and not isinstance(book, Book):
        raise misfit("book", "must be a Book", book)
    return default_book() if book is None else book


def only(text: Any, where: Any) -> Any:
    """Keep text where a condition holds and leave None elsewhere: nothing is looked up there."""
    if isinstance(where, np.ndarray):
        return np.where(where, text, np.full(where.shape, None))
    return text if where else None
