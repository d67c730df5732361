"""Read and check single values: numbers, dates, inputs."""

from __future__ import annotations

import re
from datetime import date
from math import isfinite
from typing import Final

from valuation_core.book.metrics import GONE, MARKET_WIDE, METRICS, NETWORK, SHARED, Metric
from valuation_core.domain import Domain
from valuation_core.errors import ValuationError, missing, quote, unknown

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"[+-]?[\d.,]*\d,\d[\d.,]*", re.ASCII)
_ERROR: Final = re.compile(r"#(N/A|N/D|NV|[A-Z/0]+[!?])")
CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that a terminal obeys, that turn text around, or that no workbook can hold."""

LONGEST: Final = 15_000
"""Characters of a text: source and note together fit a cell of a spreadsheet, 32,767."""

LONGEST_NAME: Final = 200
"""Characters of what rows are found by: formulas compare it, and take texts of up to 255."""


def text_problem(cell: str, is_name: bool = False) -> str | None:
    r"""Say why a text cannot be the content of a cell, if it cannot.

    Examples
    --------
    >>> text_problem("#N/A"), text_problem("a\x1b[31m")
    ('is the error #N/A: put the fact there', 'holds the control character U+001B: take it out')
    """
    if _ERROR.fullmatch(cell):
        return f"is the error {cell}: put the fact there"
    if found := CONTROL.search(cell):
        return f"holds the control character U+{ord(found[0]):04X}: take it out"
    longest = LONGEST_NAME if is_name else LONGEST
    if len(cell) > longest:
        return f"has {len(cell):,} characters, more than {longest:,}: shorten it"
    return None


def unknown_metric(input: str, name: str) -> ValuationError:
    """Make the error for a metric that is not known: the nearest, or its successor.

    Examples
    --------
    >>> print(unknown_metric("metric", "colo_value_mid"))
    colo_value_mid is gone: state colo_value_position: 0 is low, 0.5 halfway, 1 high
    """
    known = name.strip().casefold()
    if known not in GONE:
        return unknown(input, name.strip(), list(METRICS))
    return missing(input, GONE[known], name, f"{known} is gone: {GONE[known]}")


def scope_problem(metric: Metric, scope: str) -> str | None:
    """Say why a metric cannot be stated for a scope, if it cannot."""
    if (metric.home == NETWORK) != (scope == NETWORK):
        other = "not of the network" if scope == NETWORK else f"of the network: use {NETWORK}"
        return f"{metric.name} is a fact {other}, got {quote(scope)}"
    if metric.name in SHARED and scope != MARKET_WIDE:
        return f"{metric.name} is one for all miners: use {MARKET_WIDE}, got {quote(scope)}"
    return None


def input_value(metric: str, cell: str) -> tuple[float | date | None, str | None]:
    """Parse the value of an input, as (value, what is wrong)."""
    if cell == "" or metric not in METRICS:
        return None, None
    if METRICS[metric].unit == "date":
        return parse_date(cell)
    number, wrong = parse_number(cell)
    if wrong is None and number is not None:
        wrong = outside(METRICS[metric].domain, number)
    return number, wrong


def parse_number(cell: str) -> tuple[float | None, str | None]:
    """Read a plain decimal number, as (number, what is wrong).

    Examples
    --------
    >>> parse_number("6.15")
    (6.15, None)
    >>> parse_number("6,15")[1]
    "decimal or thousands comma in '6,15': write numbers with a point and no separators"
    """
    if _NUMBER.fullmatch(cell):
        number = float(cell)
        return (number, None) if isfinite(number) else (None, f"too large: {quote(cell)}")
    if _DECIMAL_COMMA.fullmatch(cell):
        return None, (
            f"decimal or thousands comma in {quote(cell)}: "
            "write numbers with a point and no separators"
        )
    return None, f"not a number: {quote(cell)}"


def parse_date(cell: str) -> tuple[date | None, str | None]:
    """Read a date as YYYY-MM-DD, as (date, what is wrong)."""
    try:
        if not _DATE.fullmatch(cell):
            raise ValueError
        return date.fromisoformat(cell), None
    except ValueError:
        return None, f"not a date as YYYY-MM-DD: {quote(cell)}"


def outside(domain: Domain, number: float) -> str | None:
    """Say which rule of its domain a number breaks, if it does."""
    return None if domain.holds(number) else f"{domain.rule}, got {number:.15g}"
