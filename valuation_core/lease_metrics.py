"""What a signed lease yields: rent, yield on cost, spread, multiple, debt cover, equity return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from valuation_core.book.tables import Row
from valuation_core.deal_lease import Terms, terms_of, value_of_lease
from valuation_core.errors import domain
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.lease_cashflows import internal_rate_of_return, lease_flows

FORMULAS: Final[Mapping[str, str]] = {
    "first_year_rent": "revenue / (critical MW x sum of (1 + escalator)^(y - 1))",
    "yield_on_cost": "first-year NOI / capex",
    "development_spread": "yield on cost less exit cap rate",
    "noi_multiple": "(equity value + capex) / first-year NOI",
    "debt_cover": "first-year NOI / level debt service",
    "equity_return": "return at which the cash flows to equity are worth nothing",
}
"""Metrics of a lease, all per critical MW, and how each is made."""

_UNITS: Final[Mapping[str, str]] = {
    "first_year_rent": "USD M/MW/year",
    "yield_on_cost": "fraction",
    "development_spread": "fraction",
    "noi_multiple": "ratio",
    "debt_cover": "ratio",
    "equity_return": "fraction/year",
}


def lease_metric(evaluation: Evaluation, row: Row, name: str) -> float:
    """Give one metric of a deal on its own terms, as a step of the explanation.

    Raises
    ------
    ValuationError
        For a contract of the cloud, or a metric that its terms do not give.
    """
    terms = terms_of(evaluation, row)
    found = float(_METRICS[name](evaluation, terms))
    return evaluation.step(name, FORMULAS[name], found, _UNITS[name])


def _income(terms: Terms) -> float:
    return float(terms.lease["rent"] * terms.lease["noi_margin"])


def _yield_on_cost(_: Evaluation, terms: Terms) -> float:
    return _divided("capex", _income(terms), terms.lease["capex"])


def _spread(evaluation: Evaluation, terms: Terms) -> float:
    return _yield_on_cost(evaluation, terms) - float(terms.lease["exit_cap_rate"])


def _multiple(evaluation: Evaluation, terms: Terms) -> float:
    rate = evaluation.number("ALL", "lease_equity_return")
    worth = float(value_of_lease(terms, rate)) + float(terms.lease["capex"])
    return _divided("first-year NOI", worth, _income(terms))


def _cover(_: Evaluation, terms: Terms) -> float:
    lease = terms.lease
    year = np.arange(1.0, float(lease["debt_years"]) + 1.0)
    due = (1.0 + lease["debt_rate"]) ** -(lease["build_years"] + year - 0.5)
    service = float(lease["loan_to_cost"] * lease["capex"] / due.sum())
    return _divided("debt service", _income(terms), service)


def _return(_: Evaluation, terms: Terms) -> float:
    found, count = internal_rate_of_return(lease_flows(**terms.lease), 0.0)
    if int(count) != 1:
        several = "is reached at several returns" if int(count) else "is not reached at any return"
        raise domain("a value of nothing", several)
    return float(found)


def _divided(name: str, part: float, whole: Any) -> float:
    if not float(whole) > 0.0:
        raise domain(name, "must be above 0 to divide by it", float(whole))
    return part / float(whole)


_METRICS: Final[Mapping[str, Callable[[Evaluation, Terms], float]]] = {
    "first_year_rent": lambda _, terms: float(terms.lease["rent"]),
    "yield_on_cost": _yield_on_cost,
    "development_spread": _spread,
    "noi_multiple": _multiple,
    "debt_cover": _cover,
    "equity_return": _return,
}
