"""What look-ups go by: the default book, the names of bases and of values per MW."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from valuation_core.book import Book, load_book

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


def only(text: Any, where: Any) -> Any:
    """Keep text where a condition holds and leave None elsewhere: nothing is looked up there."""
    if isinstance(where, np.ndarray):
        return np.where(where, text, np.full(where.shape, None))
    return text if where else None
