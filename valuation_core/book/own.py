"""Own facts: what an analyst states on top of a book, checked before it enters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import isfinite
from numbers import Real
from typing import Any

from valuation_core.book.book import OWN, Book
from valuation_core.book.metrics import MARKET_WIDE, METRICS
from valuation_core.book.parse import outside, scope_problem
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row, table_of
from valuation_core.errors import ValuationError, domain, misfit, missing, unknown

Key = tuple[str, str]


def with_own_facts(book: Book, rows: Iterable[tuple[str, str, float | date | None]]) -> Book:
    """State own facts on top of a book.

    A row equal to what the book already holds changes nothing, so the fact keeps its source and
    the book its handle. A row without a value states nothing.

    Parameters
    ----------
    book : Book
        The book to start from; it stays as it is.
    rows : iterable of (scope, metric, value)
        Scope is a miner, `ALL` or `NETWORK`; the value is in the unit of the metric. None, NaN and
        an empty text are no value.

    Returns
    -------
    Book
        A new book; changed facts have the confidence "own".

    Raises
    ------
    ValuationError
        For an unknown scope or metric, a value of the wrong type or outside its domain, or the
        same fact stated twice.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = with_own_facts(load_book(), [("RIOT", "hpc_mw_shopped", 400.0)])
    >>> book.fact("RIOT", "hpc_mw_shopped").value, book.fact("RIOT", "price").value
    (400.0, 16.74)
    """
    own = _checked(book, rows)
    changed = {
        key: value
        for key, value in own.items()
        if key not in book.facts or value != book.facts[key].value
    }
    if not changed:
        return book
    kept = [
        row for row in book.tables["inputs"].rows() if (row["scope"], row["metric"]) not in changed
    ]
    added = [
        _own_row(book, scope, metric, value)
        for (scope, metric), value in sorted(changed.items(), key=lambda item: item[0])
    ]
    inputs = table_of("inputs", [*kept, *added])
    return Book(book.as_of, {**book.tables, "inputs": inputs})


def _own_row(book: Book, scope: str, metric: str, value: float | date) -> Row:
    known = METRICS[metric]
    before = book.facts.get((scope, metric)) or book.facts.get((MARKET_WIDE, metric))
    row: dict[str, Any] = {column.name: None for column in TABLES["inputs"].columns}
    return row | {
        "scope": scope,
        "metric": metric,
        "value": value,
        "unit": known.unit,
        "basis": before.basis if before else known.basis,
        "as_of": book.as_of,
        "source": "own fact",
        "confidence": OWN,
        "note": f"in place of {before.value}" if before else "",
    }


def _checked(
    book: Book, rows: Iterable[tuple[str, str, float | date | None]]
) -> dict[Key, float | date]:
    """Give own facts by canonical (scope, metric), or refuse the first bad row."""
    stated: dict[Key, float | date] = {}
    for number, (scope, metric, value) in enumerate(rows, start=1):
        if is_blank(value) and (is_blank(scope) or is_blank(metric)):
            continue
        key = (_scope(book, number, scope), _metric(number, metric))
        if wrong := scope_problem(METRICS[key[1]], key[0]):
            raise misfit("facts", f"row {number}: {wrong}", scope, f"facts row {number}: {wrong}")
        if is_blank(value):
            continue
        if key in stated:
            raise misfit("facts", f"row {number} states {key[0]} {key[1]} a second time")
        stated[key] = _value(number, key, value)
    return stated


def is_blank(value: Any) -> bool:
    """Tell whether a value is none: None, NaN or text without a character.

    Examples
    --------
    >>> [is_blank(value) for value in (None, float("nan"), " ", 0.0)]
    [True, True, True, False]
    """
    if value is None or isinstance(value, str):
        return not (value or "").strip()
    return isinstance(value, Real | date) and bool(value != value)


def _scope(book: Book, number: int, scope: Any) -> str:
    if not isinstance(scope, str):
        raise misfit("facts", f"row {number}: scope must be a name", scope)
    try:
        return book.scope(scope)
    except ValuationError as error:
        raise missing("facts", error.rule, scope, f"facts row {number}: {error}") from None


def _metric(number: int, metric: Any) -> str:
    if not isinstance(metric, str):
        raise misfit("facts", f"row {number}: metric must be a name", metric)
    name = metric.strip().casefold()
    if name not in METRICS:
        error = unknown("metric", metric.strip(), list(METRICS))
        raise missing("facts", error.rule, metric, f"facts row {number}: {error}")
    return name


def _value(number: int, key: Key, value: Any) -> float | date:
    metric = METRICS[key[1]]
    label = f"facts row {number}: {key[0]} {metric.name}"
    if metric.unit == "date":
        if not isinstance(value, date):
            raise misfit(label, "must be a date", value)
        return value
    if isinstance(value, date) or not isinstance(value, Real):
        raise misfit(label, "must be a number", value)
    if not isfinite(value):
        raise domain(label, "must be a finite number", value)
    if wrong := outside(metric.domain, float(value)):
        raise domain(label, metric.domain.rule, value, f"{label} {wrong}")
    return float(value)
