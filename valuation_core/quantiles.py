"""Quantiles: the smallest value that a rising probability reaches, for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from valuation_core.errors import domain, misfit
from valuation_core.evaluation.arrays import Array

USUAL: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Percentiles of a table that asks for none."""

MOST: Final = 200
"""Percentiles in one call beyond which it is refused."""

EDGE: Final = 1e-12
"""A probability that falls short by no more than rounding is reached."""

ROUNDS: Final = 100
"""Steps in which a bracket is closed; a dozen do."""


def percentiles_of(given: Any) -> Array:
    """Check the percentiles of a call, the usual ones where none are given.

    Examples
    --------
    >>> percentiles_of([0.1, 1.5])
    Traceback (most recent call last):
    valuation_core.errors.ValuationError: percentiles must be between 0 and 1, got 1.5
    """
    if given is None:
        return np.array(USUAL)
    try:
        numbers = np.ravel(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise misfit("percentiles", "must be numbers", given) from None
    outside = ~((numbers >= 0.0) & (numbers <= 1.0))
    if outside.any():
        raise domain("percentiles", "must be between 0 and 1", float(numbers[outside][0]))
    if not 0 < len(numbers) <= MOST:
        raise domain("percentiles", f"must be 1 to {MOST} of them", float(len(numbers)))
    return numbers


def smallest(below: Callable[[Array], Array], probability: Array, low: float, high: float) -> Array:
    """Give the smallest values at which a rising probability reaches others.

    Parameters
    ----------
    below : callable
        Probability of at most a value, for an array of values.
    probability : array
        What is to be reached.
    low, high : float
        Values between which the answers lie.

    Returns
    -------
    array
        By Chandrupatla's method [1]_: inverse quadratic steps where they are safe, else halves.

    References
    ----------
    .. [1] Chandrupatla, T. R. (1997), "A new hybrid quadratic/bisection algorithm for finding the
       zero of a nonlinear function without using derivatives", Advances in Engineering Software 28.

    Examples
    --------
    >>> smallest(lambda value: value**2, np.array([0.25, 0.81]), 0.0, 1.0).round(9).tolist()
    [0.5, 0.9]
    """
    aim = np.maximum(probability - EDGE, 0.0)
    one, other = np.full(aim.shape, high), np.full(aim.shape, low)
    at_one, at_other = below(one) - aim, below(other) - aim
    reached = at_other >= 0.0
    part = np.full(aim.shape, 0.5)
    for _ in range(ROUNDS):
        tried = one + part * (other - one)
        at_tried = below(tried) - aim
        same = (at_tried >= 0.0) == (at_one >= 0.0)
        third, at_third = np.where(same, one, other), np.where(same, at_one, at_other)
        other, at_other = np.where(same, other, one), np.where(same, at_other, at_one)
        one, at_one = tried, at_tried
        width = np.abs(other - one)
        close = EDGE * 0.01 * np.maximum(np.abs(one), np.abs(other)) + 1e-300
        if np.all((width <= close) | reached):
            break
        part = np.where(width > 0.0, _part(one, other, third, at_one, at_other, at_third), 0.5)
        least = np.minimum(0.5 * close / np.maximum(width, 1e-300), 0.5)
        part = np.clip(part, least, 1.0 - least)
    return np.where(reached, low, np.where(at_one >= 0.0, one, other))


def _part(
    one: Array, other: Array, third: Array, f_one: Array, f_other: Array, f_third: Array
) -> Array:
    """Give how far to go from one end to the other: an inverse quadratic step, or half."""
    with np.errstate(all="ignore"):
        place = (one - other) / (third - other)
        level = (f_one - f_other) / (f_third - f_other)
        safe = (level**2 < place) & ((1.0 - level) ** 2 < 1.0 - place)
        slope = f_one / (f_other - f_one) * f_third / (f_other - f_third)
        bend = (third - one) / (other - one) * f_one / (f_third - f_one)
        step = slope + bend * f_other / (f_third - f_other)
    return np.where(safe & np.isfinite(step), step, 0.5)
