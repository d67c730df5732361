"""How a figure is written: the one place that decides its digits, by the unit it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from addin.boundary.cells import date_of
from valuation_core.book import METRICS
from workbook.cells import ErrorValue

NONE: Final = "n/a"

PERCENT: Final = "percent"
DATE: Final = "date"
WHOLE: Final = "whole"
"""Unit of USD millions in a table that has no room for more."""
STATED: Final = "as stated"
"""Unit of what is shown with the digits that a source or a person gave it."""

DECIMALS: Final = {
    "BTC": 0, "BTC/block": 3, "BTC/day": 1, "EH/s": 2, "GPUs/MW": 0, "J/TH": 1, "M shares": 2,
    "MW": 1, "USD": 0, "USD M": 2, "USD M/MW": 3, "USD M/MW/year": 3, "USD bn": 1, "USD/EH/s": 0,
    "USD/GPU": 0, "USD/GPU/hour": 2, "USD/MWh": 2, "USD/PH/s-day": 2, "USD/kW-month": 2,
    "USD/share": 2, "blocks/day": 0, "count": 0, "days": 0, "fraction": 4, "fraction/year": 4,
    "months": 1, "ratio": 4, "times": 2, "whole": 0, "years": 2,
}  # fmt: skip
"""Digits behind the point of a computed figure, by unit."""

_NAMES: Final = tuple(
    (re.compile(pattern), unit)
    for pattern, unit in (
        (r"^(as of|announced|edition|price date)$", DATE),
        (r"^price / value$", "times"),
        (r"^EV per ", "USD M/MW"),
        (r"upside|probability|error|, % of|^coins / |yield on cost|equity return", PERCENT),
        (r"facts changed|names", "count"),
        (r"USD per kW-month", "USD/kW-month"),
        (r"USD M per critical MW and year", "USD M/MW/year"),
        (r"USD M per (critical )?MW", "USD M/MW"),
        (r"years to wait", "years"),
        (r"USD M", "USD M"),
        (r"USD|price|target|residual|published", "USD/share"),
        (r"\bMW\b", "MW"),
        (r"years", STATED),
    )
)
"""Unit that the name of a column or a row tells, the first that fits."""


def unit_of(name: str) -> str | None:
    """Give the unit that a name stands for; None where it tells none.

    Examples
    --------
    >>> unit_of("btc_price"), unit_of("MW critical"), unit_of("published upside"), unit_of("step")
    ('USD', 'MW', 'percent', None)
    """
    if name in METRICS:
        return METRICS[name].unit
    return next((unit for pattern, unit in _NAMES if pattern.search(name)), None)


def written(value: Any, unit: str | None) -> str:
    """Write a figure, a date or a text for a person.

    Examples
    --------
    >>> written(3.125, "BTC/block"), written(1345.678, "USD M"), written(-0.026, "percent")
    ('3.125', '1,345.68', '-2.6%')
    >>> written(46387.0, "date"), written(0.8485, None), written(6.15, "USD M/MW gross")
    ('2026-12-31', '0.85', '6.150')
    """
    if isinstance(value, ErrorValue):
        return NONE
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, float):
        return str(value)
    if unit == DATE:
        return date_of(DATE, value).isoformat()
    if unit == PERCENT:
        return f"{value:.1%}"
    if unit == STATED:
        return as_stated(value)
    return f"{value:,.{decimals_of(unit)}f}"


def decimals_of(unit: str | None) -> int:
    """Give the digits behind the point of a figure in a unit.

    Examples
    --------
    >>> decimals_of("MW gross"), decimals_of("USD M/MW gross"), decimals_of(None)
    (1, 3, 2)
    """
    return DECIMALS.get(re.sub(" (gross|critical)( owned)?$", "", unit or ""), 2)


def as_stated(value: Any) -> str:
    """Write a fact with the digits that its source gives it.

    Examples
    --------
    >>> as_stated(3.125), as_stated(109107.0), as_stated(date(2026, 12, 31))
    ('3.125', '109,107', '2026-12-31')
    """
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def site_of(source: str) -> str:
    """Give the site of an address, other sources as they are: a screen has no room for more.

    Examples
    --------
    >>> site_of("https://example.com/a/b"), site_of("assumption: ours")
    ('example.com', 'assumption: ours')
    """
    return source.split("/")[2] if source.startswith("http") else source


def units_of_rows(header: Sequence[Any], lines: Sequence[Sequence[Any]]) -> list[list[str | None]]:
    """Give the unit of each cell of a table: of its row where that names one, else of its column.

    A column "unit" names the unit of a row's value; where a column "source" stands beside it, what
    is no calculation keeps the digits of its source. Else the first cell of a row may name it.
    """
    names = [str(name) for name in header]
    by_column = [unit_of(name) for name in names]
    if "unit" in names:
        return [_with_unit(names, line, by_column) for line in lines]
    found = []
    for line in lines:
        own = unit_of(str(line[0])) if names[0] in ("", "input") else None
        found.append([own or unit for unit in by_column])
    return found


def _with_unit(
    names: list[str], line: Sequence[Any], by_column: list[str | None]
) -> list[str | None]:
    unit = str(line[names.index("unit")])
    computed = "source" not in names or line[names.index("source")] == "calculation"
    units = list(by_column)
    units[names.index("value")] = unit if computed or unit == DATE else STATED
    return units
