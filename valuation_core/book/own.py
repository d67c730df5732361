"""Own facts: what an analyst states on top of a book, checked before it enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import isfinite
from numbers import Real
from typing import Any, Final

from valuation_core.book.book import Book
from valuation_core.book.cases import in_order
from valuation_core.book.fact import OWN, Key
from valuation_core.book.metrics import MARKET_WIDE, METRICS, MW_UNITS
from valuation_core.book.parse import outside, scope_problem, unknown_metric
from valuation_core.book.schema import TABLES, folded
from valuation_core.book.tables import Row, Table, table_of
from valuation_core.errors import ValuationError, domain, misfit, missing, unknown

Value = float | date | None
OwnRow = tuple[str, str, Value] | tuple[str, str, Value, str | None]
"""Scope, metric, value, and the MW basis where it is not gross."""

BASES: Final = ("gross", "critical")
PROBABILITY: Final = "hpc_probability"
"""The metric that can be stated for a site, as "RIOT/Rockdale"."""
OWN_PROBABILITY: Final = "hpc_probability is your own"


def with_own_facts(book: Book, rows: Iterable[OwnRow]) -> Book:
    """State own facts on top of a book.

    They are dated the book's date and win over its rows and its case. A row equal to what the book
    already holds changes nothing, so the fact keeps its source and the book its handle. A row
    without a value states nothing.

    Parameters
    ----------
    book : Book
        The book to start from; it stays as it is.
    rows : iterable of (scope, metric, value) or (scope, metric, value, basis)
        Scope is a miner, `ALL` or `NETWORK`, or a site as "RIOT/Rockdale" for its hpc_probability;
        the value is in the unit of the metric, MW and values per MW gross unless the basis is
        "critical". None, NaN and an empty text are no value.

    Returns
    -------
    Book
        A new book; changed facts have the confidence "own".

    Raises
    ------
    ValuationError
        For an unknown scope or metric, a value of the wrong type or outside its domain, a low above
        its high, or the same fact stated twice.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = with_own_facts(load_book(), [("RIOT", "hpc_mw_shopped", 400.0)])
    >>> book.fact("RIOT", "hpc_mw_shopped").value, book.fact("RIOT", "price").value
    (400.0, 16.74)
    """
    own = _checked(book, rows)
    changed = {key: stated for key, stated in own.items() if not _is_held(book, key, *stated)}
    if not changed:
        return book
    kept = [
        row
        for row in book.tables["inputs"].rows()
        if row["confidence"] != OWN or (row["scope"], row["metric"]) not in changed
    ]
    added = [
        _own_row(book, scope, metric, *stated)
        for (scope, metric), stated in sorted(changed.items(), key=lambda item: item[0])
        if "/" not in scope
    ]
    tables = {
        "inputs": table_of("inputs", [*kept, *added]),
        "sites": _own_sites(
            book, {key: stated for key, stated in changed.items() if "/" in key[0]}
        ),
    }
    made = Book(book.as_of, {**book.tables, **tables}, book.case)
    in_order(made.facts)
    return made


def _own_sites(book: Book, changed: Mapping[Key, tuple[float | date, str]]) -> Table:
    """Give the sites with own probabilities: a row like the one in force, which it follows."""
    if not changed:
        return book.tables["sites"]
    values = {_parts(scope): value for (scope, _), (value, _) in changed.items()}
    in_force = {(row["ticker"], row["site"]): row for row in book.in_force["sites"].rows()}
    kept = [
        row
        for row in book.tables["sites"].rows()
        if row["confidence"] != OWN or (row["ticker"], row["site"]) not in values
    ]
    added = [
        {**in_force[key], "hpc_probability": value, "confidence": OWN, "note": OWN_PROBABILITY}
        for key, value in values.items()
    ]
    return table_of("sites", [*kept, *added])


def _parts(scope: str) -> tuple[str, str]:
    """Split the scope of a site into ticker and name."""
    ticker, _, name = scope.partition("/")
    return ticker, name


def _is_held(book: Book, key: Key, value: float | date, basis: str) -> bool:
    fact = book.facts.get(key)
    return fact is not None and not fact.case and (fact.value, fact.basis) == (value, basis)


def _own_row(book: Book, scope: str, metric: str, value: float | date, basis: str) -> Row:
    known = METRICS[metric]
    before = book.facts.get((scope, metric)) or book.facts.get((MARKET_WIDE, metric))
    row: dict[str, Any] = {column.name: None for column in TABLES["inputs"].columns}
    return row | {
        "scope": scope,
        "metric": metric,
        "value": value,
        "unit": known.unit,
        "basis": basis,
        "as_of": book.as_of,
        "source": "own fact",
        "confidence": OWN,
        "note": f"in place of {before.value} {before.basis}".rstrip() if before else "",
    }


def _checked(book: Book, rows: Iterable[OwnRow]) -> dict[Key, tuple[float | date, str]]:
    """Give own facts by canonical (scope, metric), or refuse the first bad row."""
    stated: dict[Key, tuple[float | date, str]] = {}
    for number, (scope, metric, value, *more) in enumerate(rows, start=1):
        if is_blank(value) and (is_blank(scope) or is_blank(metric)):
            continue
        key = (_scope(book, number, scope), _metric(number, metric))
        if "/" in key[0] and key[1] != PROBABILITY:
            rule = f"row {number}: of a site only {PROBABILITY} can be stated"
            raise misfit("facts", rule, metric, f"facts {rule}, got {metric}")
        if wrong := scope_problem(METRICS[key[1]], key[0]):
            raise misfit("facts", f"row {number}: {wrong}", scope, f"facts row {number}: {wrong}")
        if is_blank(value):
            continue
        if key in stated:
            raise misfit("facts", f"row {number} states {key[0]} {key[1]} a second time")
        stated[key] = _value(number, key, value), _basis(number, key, more[0] if more else "")
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
        return _site(book, scope) if "/" in scope else book.scope(scope)
    except ValuationError as error:
        raise missing("facts", error.rule, scope, f"facts row {number}: {error}") from None


def _site(book: Book, scope: str) -> str:
    """Give the canonical form of a site's scope: ticker and name as the book spells them."""
    miner, _, name = scope.partition("/")
    ticker = book.ticker(miner)
    sites = {folded(row["site"]): row["site"] for row in book.rows_of("sites", ticker)}
    if folded(name) not in sites:
        raise unknown(f"site of {ticker}", name.strip(), list(sites.values()))
    return f"{ticker}/{sites[folded(name)]}"


def _metric(number: int, metric: Any) -> str:
    if not isinstance(metric, str):
        raise misfit("facts", f"row {number}: metric must be a name", metric)
    name = metric.strip().casefold()
    if name not in METRICS:
        error = unknown_metric("metric", metric)
        raise missing("facts", error.rule, metric, f"facts row {number}: {error}")
    return name


def _basis(number: int, key: Key, basis: Any) -> str:
    metric = METRICS[key[1]]
    stated = "" if is_blank(basis) else str(basis).strip().casefold()
    if metric.unit not in MW_UNITS:
        if stated:
            label = f"facts row {number}: {key[0]} {metric.name}"
            raise misfit(label, "has no MW basis", basis)
        return ""
    if stated not in ("", *BASES):
        raise misfit(f"facts row {number}: basis", f"must be {' or '.join(BASES)}", basis)
    return stated or BASES[0]


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
