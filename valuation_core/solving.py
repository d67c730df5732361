"""Solve for any input: which value of one fact makes the model's target equal a given figure."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final

import numpy as np

from valuation_core.book import METRICS, Book
from valuation_core.errors import ValuationError, domain, misfit, unknown
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.target import target_part
from valuation_core.units import BookText, Figure, Keyword, UsdPerShare

POINTS: Final = 129
"""Values tried at once, in one vectorised valuation."""

WIDEST: Final = 1e9
"""The search reaches this many times the present value, up and down."""

ROUNDS: Final = 14
"""Each narrows the bracket by the number of points: far beyond what a float can tell apart."""


@elementwise
@shared_parameters
def solve_for(
    evaluation: Evaluation,
    miner: Keyword,
    input: Keyword,
    target: UsdPerShare,
    book: BookText | None = None,
) -> Figure:
    """Value of one input at which the model's target equals a given figure.

    Parameters
    ----------
    <miner>
    input : str or array
        Name of a numeric fact, such as "btc_price", "hodl_premium" or "other_value".
    target : float or array
        USD per share that the model's target shall equal.
    <book>

    Returns
    -------
    float or array
        In the unit of the input; of several solutions the one nearest to the present value.

    Raises
    ------
    ValuationError
        For an unknown miner or input, an input that is a date, a target that no value of the input
        gives, or another fact that is missing.

    Notes
    -----
    Bracketed root within the domain of the input. No error remains unsaid: where no value of the
    input gives the target, the result is an error.

    Examples
    --------
    The RIOT target of 19 USD read as other value: 19 x 409.61 M shares less 5,379.89 of parts plus
    the 200 of debt left once the note has converted.

    >>> round(solve_for("RIOT", "other_value", 19), 1)
    2602.7
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    aim = evaluation.argument("target", target, "USD/share")

    def look_up(ticker: str, name: str, aim: float) -> float:
        metric = name.strip().casefold()
        if metric not in METRICS:
            raise unknown("input", name, list(METRICS))
        if METRICS[metric].unit == "date":
            raise misfit("input", "must be a number, not a date", metric)
        return solved(evaluation.book, ticker, metric, aim)

    found = evaluation.each(look_up, ticker, input, aim)
    return evaluation.step("solution", "value of the input at which the target is met", found)


def solved(book: Book, ticker: str, metric: str, aim: float) -> float:
    """Find the value of a metric at which the target of a ticker equals an aim.

    Raises
    ------
    ValuationError
        When no value within the domain gives it, or another fact is missing.
    """

    def gap(values: Array) -> Array:
        evaluation = Evaluation(values.shape)
        with np.errstate(all="ignore"):
            evaluation.use(book, **{metric: values})
            made = np.broadcast_to(target_part(evaluation, ticker, Choice()), values.shape) - aim
        for fault in evaluation.faults:
            made = np.where(fault.where, np.nan, made)
        if np.isnan(made).all() and evaluation.faults:
            raise evaluation.faults[0].error_at((0,))
        return np.asarray(made)

    inside = METRICS[metric].domain
    try:
        present = book.number(ticker, metric)
    except ValuationError:
        present = 1.0 if inside.high == inf else (inside.low + inside.high) / 2.0
    tried = _candidates(present, inside.least, inside.high)
    low, high = _bracket(tried, gap(tried), present, metric, aim)
    return _narrowed(gap, low, high)


def _candidates(present: float, low: float, high: float) -> Array:
    """Give values to try: the present one, ever further away on both sides, and the bounds."""
    scale = max(abs(present), 1.0)
    away = scale * np.geomspace(1e-6, WIDEST, 6 * POINTS)
    tried = np.concatenate([[present, 0.0], present + away, present - away])
    if low > -inf and high < inf:
        tried = np.concatenate([tried, np.linspace(low, high, POINTS)])
    ends = [end for end in (low, high) if abs(end) < inf]
    return np.unique(np.clip(np.concatenate([tried, ends]), low, high))


def _bracket(
    tried: Array, gaps: Array, present: float, metric: str, aim: float
) -> tuple[float, float]:
    """Give the neighbours between which the gap changes sign, nearest to the present value."""
    keep = ~np.isnan(gaps)
    tried, gaps = tried[keep], gaps[keep]
    changes = np.nonzero((gaps[:-1] <= 0.0) != (gaps[1:] <= 0.0))[0]
    exact = np.nonzero(gaps == 0.0)[0]
    if len(exact):
        nearest = tried[exact[np.argmin(np.abs(tried[exact] - present))]]
        return float(nearest), float(nearest)
    if not len(changes):
        raise domain("target", f"is not reached by any {metric}", aim)
    middles = (tried[changes] + tried[changes + 1]) / 2.0
    best = changes[np.argmin(np.abs(middles - present))]
    return float(tried[best]), float(tried[best + 1])


def _narrowed(gap: Callable[[Array], Array], low: float, high: float) -> float:
    """Narrow a bracket until no float lies between its ends; give the better end."""
    for _ in range(ROUNDS):
        if low == high:
            break
        tried = np.unique(np.linspace(low, high, POINTS))
        gaps = gap(tried)
        change = int(np.nonzero((gaps[:-1] <= 0.0) != (gaps[1:] <= 0.0))[0][0])
        if (tried[change], tried[change + 1]) == (low, high):
            break
        low, high = float(tried[change]), float(tried[change + 1])
    ends = np.array([low, high])
    return float(ends[np.argmin(np.abs(gap(ends)))])
