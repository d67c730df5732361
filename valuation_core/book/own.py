"""Check the facts an analyst states before they enter a book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING

from valuation_core.book.metrics import METRICS
from valuation_core.book.parse import out_of_bounds, scope_problem
from valuation_core.errors import ValuationError, domain, misfit, missing, unknown

if TYPE_CHECKING:
    from valuation_core.book.book import Book

Key = tuple[str, str]


def checked_own_facts(
    book: Book, rows: Iterable[tuple[str, str, float | date | None]]
) -> dict[Key, float | date | None]:
    """Give own facts by canonical (scope, metric), or refuse the first bad row."""
    stated: dict[Key, float | date | None] = {}
    for number, (scope, metric, value) in enumerate(rows, start=1):
        key = (_scope(book, number, scope), _metric(number, metric))
        if wrong := scope_problem(METRICS[key[1]], key[0]):
            raise misfit("facts", f"row {number}: {wrong}", scope, f"facts row {number}: {wrong}")
        if key in stated:
            raise misfit("facts", f"row {number} states {key[0]} {key[1]} a second time")
        stated[key] = _value(number, key, value)
    return stated


def _scope(book: Book, number: int, scope: str) -> str:
    try:
        return book.scope(scope)
    except ValuationError as error:
        raise missing("facts", error.rule, scope, f"facts row {number}: {error}") from None


def _metric(number: int, metric: str) -> str:
    name = metric.strip().casefold()
    if name not in METRICS:
        error = unknown("metric", metric.strip(), list(METRICS))
        raise missing("facts", error.rule, metric, f"facts row {number}: {error}")
    return name


def _value(number: int, key: Key, value: float | date | None) -> float | date | None:
    metric = METRICS[key[1]]
    label = f"facts row {number}: {key[0]} {metric.name}"
    if value is None:
        return None
    if metric.unit == "date":
        if not isinstance(value, date):
            raise misfit(label, "must be a date", value)
        return value
    if isinstance(value, date) or not isinstance(value, Real):
        raise misfit(label, "must be a number", value)
    if not isfinite(value):
        raise domain(label, "must be a finite number", value)
    if wrong := out_of_bounds(metric, float(value)):
        raise domain(label, metric.rule, value, f"{label} {wrong}")
    return float(value)
