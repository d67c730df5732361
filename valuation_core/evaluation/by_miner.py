"""Ways of valuing that differ from miner to miner: which one is on, and one miner at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.units import Number


def switched(evaluation: Evaluation, ticker: Any, metric: str) -> Any:
    """Tell for which tickers a fact that switches a way of valuing is 1; it is 0 or 1.

    A switch that is off is no step of an explanation: nothing rests on it.
    """
    explaining = evaluation.steps is not None and metric not in evaluation.given
    if explaining and evaluation.book.number(ticker, metric) == 0.0:
        return False
    return is_on(evaluation, metric, evaluation.number(ticker, metric))


def is_on(evaluation: Evaluation, metric: str, switch: Any) -> Any:
    """Tell where a switch is 1; what is neither that nor 0 is refused, what failed is off."""
    on = np.equal(switch, 1.0)
    known = on | np.equal(switch, 0.0) | np.isnan(switch)
    evaluation.require(known, metric, "must be 0 or 1", switch)
    return on


def of_each_miner(
    evaluation: Evaluation,
    ticker: Any,
    figure: Callable[[Evaluation, str], Number],
    sound: Callable[[Evaluation, str], object],
) -> Number:
    """Give a figure that is made one miner at a time, for one resolved ticker or an array.

    In an array `sound` is asked first, apart, so that what is wrong with one miner is an error in
    its cells alone.
    """
    if not isinstance(ticker, np.ndarray):
        return 0.0 if ticker is None else figure(evaluation, ticker)

    def asked(one: str) -> float:
        sound(Evaluation().use(evaluation.book), one)
        return 0.0

    ticker = only(ticker, np.isfinite(evaluation.each(asked, ticker)))
    total: Any = 0.0
    for one in dict.fromkeys(name for name in ticker.ravel() if name is not None):
        total = total + np.where(ticker == one, figure(evaluation, one), 0.0)
    return total
