"""Equity value per MW: a place in the published range, a named level, or a number."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.units import Number

POSITIONS: Final = {"low": 0.0, "mid": 0.5, "high": 1.0}
"""Levels of the value per MW of colocation, by their place in the published range."""

CLOUD: Final = "cloud"
LEVELS: Final = (*POSITIONS, CLOUD)
"""Names that stand for a value per MW of the book."""


def is_level(given: Any) -> Any:
    """Tell whether a value per MW is named, element by element."""
    if isinstance(given, np.ndarray):
        if given.dtype != object:
            return np.zeros(given.shape, dtype=bool)
        return np.frompyfunc(lambda item: isinstance(item, str), 1, 1)(given).astype(bool)
    return isinstance(given, str)


def value_in_use(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the value per gross MW at the position of the book."""
    return value_at(evaluation, ticker, evaluation.number(ticker, "colo_value_position"))


def value_at(evaluation: Evaluation, ticker: Any, position: Any) -> Number:
    """Give the value per gross MW at a position between the low and the high one."""
    low, high = (evaluation.gross(ticker, f"colo_value_{end}") for end in ("low", "high"))
    value = low * (1.0 - position) + high * position
    return evaluation.step("value per gross MW", "low + position x (high - low)", value, "USD M/MW")


def value_at_level(evaluation: Evaluation, ticker: Any, level: str) -> Number:
    """Give the value per gross MW of a named level."""
    if level == CLOUD:
        return evaluation.gross(ticker, "cloud_value")
    if level in ("low", "high"):
        return evaluation.gross(ticker, f"colo_value_{level}")
    return value_at(evaluation, ticker, POSITIONS[level])


def value_per_gross_mw(evaluation: Evaluation, ticker: Any, given: Any, to_gross: Any) -> Number:
    """Give the value per gross MW: of the book, of a named level, or the caller's own number."""
    if given is None:
        return value_in_use(evaluation, ticker)
    if isinstance(given, str):
        level = evaluation.keyword("per_mw", given, LEVELS)
        return value_at_level(evaluation, ticker, level) if level else np.nan
    if isinstance(given, np.ndarray) and given.dtype == object:
        return _mixed(evaluation, ticker, given, to_gross)
    own = evaluation.argument("per_mw", given, "USD M/MW")
    if isinstance(to_gross, float) and to_gross == 1.0:
        return own
    return evaluation.step(
        "value per gross MW",
        "value per critical MW / gross_to_critical",
        own / to_gross,
        "USD M/MW",
    )


def _mixed(evaluation: Evaluation, ticker: Any, given: Any, to_gross: Any) -> Number:
    """Give values per gross MW where some elements are levels and some numbers."""
    named = is_level(given)
    result = evaluation.argument("per_mw", np.where(named, 0.0, given), "USD M/MW") / to_gross
    levels = evaluation.keyword("per_mw", only(given, named), LEVELS)
    for level in LEVELS:
        chosen = levels == level
        if chosen.any():
            found = value_at_level(evaluation, only(ticker, chosen), level)
            result = np.where(chosen, found, result)
    return result


def value_of_signed(evaluation: Evaluation, ticker: Any, per_mw: Any) -> Number:
    """Give the value per gross MW of signed deals: at the option's level, else that of the book."""
    if isinstance(per_mw, np.ndarray) and per_mw.dtype == object:
        return _mixed_signed(evaluation, ticker, per_mw)
    name = per_mw.strip().casefold() if isinstance(per_mw, str) else ""
    if name in POSITIONS:
        return value_at_level(evaluation, ticker, name)
    return value_in_use(evaluation, ticker)


def _mixed_signed(evaluation: Evaluation, ticker: Any, per_mw: Any) -> Number:
    names = np.array([str(item).strip().casefold() for item in per_mw.ravel()], dtype=object)
    names = names.reshape(per_mw.shape)
    unnamed = ~np.isin(names, list(POSITIONS))
    value: Any = 0.0
    if unnamed.any():
        value = np.where(unnamed, value_in_use(evaluation, only(ticker, unnamed)), value)
    for level in POSITIONS:
        chosen = names == level
        if chosen.any():
            value = np.where(chosen, value_at_level(evaluation, only(ticker, chosen), level), value)
    return value
