"""Distinct combinations of text in ranges: a look-up is made once for each."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np

from valuation_core.evaluation.arrays import Array

FEW: Final = 512
"""Text cells up to which a plain loop finds the distinct ones faster than pandas."""


class Distinct:
    """Numbers the distinct combinations of arrays, and remembers those of the last arrays.

    One evaluation looks many facts of the same miners up one after the other.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[Any, ...], Array, list[tuple[Any, ...]]] | None = None

    def of(self, keys: tuple[Any, ...]) -> tuple[Array, list[tuple[Any, ...]]]:
        """Give each element its number among the distinct combinations, and those."""
        if self._last is not None:
            last, codes, combinations = self._last
            if len(keys) == len(last) and all(map(operator.is_, keys, last)):
                return codes, combinations
        arrays = np.broadcast_arrays(*(np.asarray(key, dtype=object) for key in keys))
        codes, combinations = _distinct([array.ravel() for array in arrays])
        codes = codes.reshape(arrays[0].shape)
        self._last = keys, codes, combinations
        return codes, combinations


def _distinct(columns: list[Array]) -> tuple[Array, list[tuple[Any, ...]]]:
    """Give each row its number among the distinct rows, and those rows."""
    if columns[0].size <= FEW:
        seen: dict[tuple[Any, ...], int] = {}
        numbers = [seen.setdefault(row, len(seen)) for row in zip(*columns, strict=True)]
        return np.array(numbers, dtype=np.intp), list(seen)
    from pandas import factorize

    combined = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        codes, distinct = factorize(column, use_na_sentinel=False)
        combined = combined * len(distinct) + codes
    if len(columns) > 1:
        codes, _ = factorize(combined)
    # Backwards, so that what is written last, and stays, is the first row of each.
    first = np.empty(codes.max() + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, list(zip(*(column[first].tolist() for column in columns), strict=True))
