"""What a signed lease yields: rent, yield on cost, spread, multiple, debt cover, equity return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from valuation_core.book.tables import Row
from valuation_core.deal_lease import Terms, leases_of, terms_of, value_of_lease
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.lease import in_chunks
from valuation_core.lease_cashflows import internal_rate_of_return

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
    found = float(_METRICS[name](evaluation, terms_of(evaluation, row)))
    return evaluation.step(name, FORMULAS[name], found, _UNITS[name])


def lease_metrics(evaluation: Evaluation, deals: Array, name: str) -> Any:
    """Give one metric of many deals, computed together; what a deal lacks is its own error."""
    leases = leases_of(evaluation.book)
    return _METRICS[name](evaluation, leases.at(leases.places_of(evaluation, deals)))


def _income(terms: Terms) -> Any:
    return terms.lease["rent"] * terms.lease["noi_margin"]


def _yield_on_cost(evaluation: Evaluation, terms: Terms) -> Any:
    return _divided(evaluation, "capex", _income(terms), terms.lease["capex"])


def _spread(evaluation: Evaluation, terms: Terms) -> Any:
    return _yield_on_cost(evaluation, terms) - terms.lease["exit_cap_rate"]


def _multiple(evaluation: Evaluation, terms: Terms) -> Any:
    rate = evaluation.number("ALL", "lease_equity_return")
    worth = value_of_lease(terms, rate) + terms.lease["capex"]
    return _divided(evaluation, "first-year NOI", worth, _income(terms))


def _cover(evaluation: Evaluation, terms: Terms) -> Any:
    lease = terms.lease
    years = lease["debt_years"]
    year = np.arange(1.0, np.nanmax(years, initial=1.0) + 1.0).reshape(-1, *(1,) * np.ndim(years))
    due = (1.0 + lease["debt_rate"]) ** -(lease["build_years"] + year - 0.5)
    service = lease["loan_to_cost"] * lease["capex"] / (due * (year <= years)).sum(axis=0)
    return _divided(evaluation, "debt service", _income(terms), service)


def _return(evaluation: Evaluation, terms: Terms) -> Any:
    found, count = in_chunks(terms.lease, 0.0, internal_rate_of_return)
    of = "a value of nothing"
    evaluation.require(count < 2, of, "is reached at several returns")
    evaluation.require(count > 0, of, "is not reached at any return")
    return found


def _divided(evaluation: Evaluation, name: str, part: Any, whole: Any) -> Any:
    evaluation.require(whole > 0.0, name, "must be above 0 to divide by it", whole)
    return part / whole


_METRICS: Final[Mapping[str, Callable[[Evaluation, Terms], Any]]] = {
    "first_year_rent": lambda _, terms: terms.lease["rent"],
    "yield_on_cost": _yield_on_cost,
    "development_spread": _spread,
    "noi_multiple": _multiple,
    "debt_cover": _cover,
    "equity_return": _return,
}
