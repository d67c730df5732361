"""What look-ups go by: the default book and the names of bases."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from valuation_core.book import Book, load_book
from valuation_core.errors import misfit

BASES: Final = ("gross", "critical")


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


def only_where(text: Any, where: Any) -> Any:
    """Keep text where a condition holds, all of it as it is where it holds everywhere."""
    return text if np.all(where) else only(text, where)
