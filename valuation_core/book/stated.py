"""Rows that state a metric - inputs, changes of a case - checked against the nomenclature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from valuation_core.book.metrics import GONE, METRICS, MW_UNITS, UNITS
from valuation_core.book.parse import input_value, parse_number, scope_problem
from valuation_core.book.schema import PLAIN, folded
from valuation_core.book.tables import Row
from valuation_core.errors import quote

Hint = Callable[[str, Sequence[str]], str]
"""Suggests the nearest of some names, as the end of a sentence."""


def input_problems(row: Row, hint: Hint) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row of `inputs`, as (column, what)."""
    yield from _metric_problems(row, hint, needs_basis=True)
    if metric := METRICS.get(row["metric"]):
        if wrong := scope_problem(metric, row["scope"]):
            yield "scope", wrong
        if wrong := input_value(metric.name, row["value"])[1]:
            yield "value", wrong


def change_problems(row: Row, hint: Hint) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row of `cases`, as (column, what)."""
    if folded(row["case"]) == PLAIN:
        yield "case", f"{PLAIN} is the case without changes: give this one another name"
    yield from _metric_problems(row, hint, needs_basis=row["change"] == "set")
    if metric := METRICS.get(row["metric"]):
        if row["change"] == "times" and metric.unit == "date":
            yield "change", f"{metric.name} is a date: set it"
        if wrong := scope_problem(metric, row["scope"]):
            yield "scope", wrong
        if wrong := change_value(row)[1]:
            yield "value", wrong


def change_value(row: Row) -> tuple[float | date | None, str | None]:
    """Parse the value of a change, as (value, what is wrong)."""
    if row["change"] == "times":
        return parse_number(row["value"])
    return input_value(row["metric"], row["value"])


def _metric_problems(row: Row, hint: Hint, needs_basis: bool) -> Iterator[tuple[str, str]]:
    """Say what is wrong with the metric of a row, its unit and its basis."""
    metric = METRICS.get(row["metric"])
    if metric is None and row["metric"] in GONE:
        yield "metric", f"{row['metric']} is gone: {GONE[row['metric']]}"
        return
    if metric is None:
        yield "metric", f"unknown metric {quote(row['metric'])}" + hint(row["metric"], [*METRICS])
        return
    if row["unit"] not in UNITS:
        yield "unit", f"unknown unit {quote(row['unit'])}; {metric.name} is in {metric.unit}"
    elif row["unit"] != metric.unit:
        yield "unit", f"{metric.name} is in {metric.unit}, got {quote(row['unit'])}"
    if metric.unit in MW_UNITS and not row["basis"] and needs_basis:
        yield "basis", f"{metric.name} needs a basis, gross or critical"
    if metric.unit not in MW_UNITS and row["basis"]:
        yield "basis", f"{metric.name} has no MW basis, got {quote(row['basis'])}"
