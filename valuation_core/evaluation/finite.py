"""What rounding leaves of a number: infinity, NaN, and sums that are lost in their parts."""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

import numpy as np

ROUNDING: Final = 2.0**-50
"""Part of its parts by which rounding may move a sum of some ten of them."""

DIGITS: Final = 1e-6
"""Part of itself, or of one unit, that a sum must be sure to."""

ROUNDED_AWAY: Final = DIGITS / ROUNDING
"""Sum of parts up to which no digit can be lost: 1e9 USD M."""

_FINITE_OR_WORD: Final = np.frompyfunc(
    lambda value: not isinstance(value, float) or isfinite(value), 1, 1
)


def are_finite(values: Any) -> Any:
    """Tell of numbers, words and dates, one or many, whether they are neither infinite nor NaN."""
    if not isinstance(values, np.ndarray):
        return isfinite(values)
    if values.dtype == object:
        return _FINITE_OR_WORD(values).astype(bool)
    # One pass tells of nearly every array that it is.
    return True if np.isfinite(values.sum()) else np.isfinite(values)


def is_sure(total: Any, parts: tuple[Any, ...]) -> Any:
    """Tell of a sum whether rounding of its parts moves it by less than a millionth.

    Parts of 1e16 that add to 100 leave no digit of it.
    """
    if sum(map(_largest, parts)) <= ROUNDED_AWAY:
        return True
    rounding = ROUNDING * sum(np.abs(part) for part in parts)
    return np.logical_not(rounding > DIGITS * np.maximum(np.abs(total), 1.0))


def _largest(part: Any) -> float:
    """The largest magnitude in a part; NaN where an element failed before."""
    if isinstance(part, float):
        return abs(part)
    return float(max(np.max(part), -np.min(part))) if np.size(part) else 0.0
