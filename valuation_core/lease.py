"""Lease economics: equity value of a colocation lease per critical MW, and the return in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS
from valuation_core.domain import LONGEST_LEASE, YEARLY_RATE, Domain
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.lease_cashflows import (
    Flows,
    internal_rate_of_return,
    lease_flows,
    present_value,
)
from valuation_core.units import (
    BookText,
    Fraction,
    FractionPerYear,
    Number,
    UsdMillionsPerMwYear,
    UsdPerMw,
    Years,
)

CHUNK: Final = 16_384
"""Leases computed together: their flows of 20 years take a few megabytes."""

_EXTRA: Final = "extra"


TERMS: Final[dict[str, tuple[str, Domain]]] = {
    name: (metric, METRICS[metric].domain)
    for name, metric in {
        "rent": "lease_rent",
        "escalator": "lease_escalator",
        "noi_margin": "lease_noi_margin",
        "capex": "capex_per_mw",
        "loan_to_cost": "lease_loan_to_cost",
        "debt_rate": "lease_debt_rate",
        "debt_years": "lease_debt_years",
        "lease_years": "lease_years",
        "build_years": "lease_build_years",
        "exit_cap_rate": "lease_exit_cap_rate",
    }.items()
}
"""The terms of a lease: the fact that each is by default, and what it may be, as a fact too."""


def _terms(evaluation: Evaluation, given: dict[str, Any]) -> dict[str, Any]:
    """Check the terms of leases and fill them from the book."""
    terms: dict[str, Any] = {}
    for name, (metric, inside) in TERMS.items():
        value = given[name]
        if value is None:
            value = on_critical_mw(evaluation, metric)
        terms[name] = evaluation.argument(name, value, "", inside)
    for name in ("debt_years", "lease_years"):
        evaluation.whole_years(name, terms[name])
    for name in ("debt_years", "lease_years"):
        # Years that were refused count as one, so that nothing is laid out for them.
        years = np.floor(np.nan_to_num(terms[name]))
        terms[name] = np.where((years >= 1) & (years <= LONGEST_LEASE), years, 1.0)[()]
    return terms


def in_chunks(
    terms: dict[str, Any], extra: Any, compute: Callable[[Flows, Any], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """Compute over many leases a chunk at a time, so that their yearly flows fit in memory."""
    shape = np.broadcast_shapes(np.shape(extra), *(np.shape(value) for value in terms.values()))
    flat = {
        name: np.broadcast_to(value, shape).ravel() if np.size(value) > 1 else value
        for name, value in {**terms, _EXTRA: extra}.items()
    }
    parts = []
    for start in range(0, max(int(np.prod(shape)), 1), CHUNK):
        chunk = {
            name: value[start : start + CHUNK] if np.size(value) > 1 else value
            for name, value in flat.items()
        }
        first = chunk.pop(_EXTRA)
        parts.append(compute(lease_flows(**chunk), first))
    return tuple(_joined(column, shape) for column in zip(*parts, strict=True))


def _joined(parts: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """Put the chunks of a result together; all leases may have given one and the same figure."""
    whole = np.concatenate([np.ravel(part) for part in parts])
    return (
        whole.reshape(shape) if whole.size == np.prod(shape) else np.broadcast_to(whole, shape)
    )[()]


def on_critical_mw(evaluation: Evaluation, metric: str) -> Number:
    """Look a term up on critical MW: a fact on gross MW is converted."""
    value = evaluation.number("ALL", metric)
    fact = evaluation.book.facts.get(("ALL", metric))
    if fact is not None and fact.basis == "gross":
        return value * evaluation.number("ALL", "gross_to_critical")
    return value


@elementwise
@shared_parameters
def lease_value(
    evaluation: Evaluation,
    equity_return: FractionPerYear | None = None,
    rent: UsdMillionsPerMwYear | None = None,
    escalator: Fraction | None = None,
    noi_margin: Fraction | None = None,
    capex: UsdPerMw | None = None,
    loan_to_cost: Fraction | None = None,
    debt_rate: FractionPerYear | None = None,
    debt_years: Years | None = None,
    lease_years: Years | None = None,
    build_years: Years | None = None,
    exit_cap_rate: Fraction | None = None,
    book: BookText | None = None,
) -> UsdPerMw:
    """Equity value of a colocation lease, in USD millions per critical MW.

    Parameters
    ----------
    equity_return : float or array, optional
        Yearly return asked for. Default: the book's lease_equity_return.
    <rent>
    <escalator>
    <noi_margin>
    <capex>
    <loan_to_cost>
    <debt_rate>
    <debt_years>
    <lease_years>
    <build_years>
    <exit_cap_rate>
    <book>

    Returns
    -------
    float or array
        USD M per critical MW, after capex and debt; no tax.

    Raises
    ------
    ValuationError
        For a term outside its domain: negative rent, capex or cap rate; a margin or loan to cost
        outside 0 to 1; a rate or return below -0.99; a lease or debt of other than 1 to 200 whole
        years; build years outside 0 to 200.

    Notes
    -----
    Equity (1 - loan to cost) x capex at time 0; income less level debt service in the middle of
    each lease year [1]_; exit value on the income of the next year, and debt still due, at the end.

    References
    ----------
    .. [1] S. P. Pratt and R. J. Grabowski, "Cost of Capital", Wiley: mid-period convention.

    Examples
    --------
    >>> round(lease_value(0.10), 1), round(lease_value(0.10, lease_years=10, exit_cap_rate=0), 2)
    (8.0, -0.33)
    """
    evaluation.use(book)
    given = {
        "rent": rent, "escalator": escalator, "noi_margin": noi_margin, "capex": capex,
        "loan_to_cost": loan_to_cost, "debt_rate": debt_rate, "debt_years": debt_years,
        "lease_years": lease_years, "build_years": build_years, "exit_cap_rate": exit_cap_rate,
    }  # fmt: skip
    if equity_return is None:
        equity_return = evaluation.number("ALL", "lease_equity_return")
    else:
        equity_return = evaluation.argument(
            "equity_return", equity_return, "fraction/year", YEARLY_RATE
        )
    terms = _terms(evaluation, given)
    (value,) = in_chunks(terms, equity_return, lambda flows, k: (present_value(flows, k),))
    equity = (1.0 - terms["loan_to_cost"]) * terms["capex"]
    evaluation.require_digits("lease value", value, value + equity, equity)
    return evaluation.step(
        "lease value", "cash flows to equity at the return", value, "USD M/MW critical"
    )


@elementwise
@shared_parameters
def lease_return(
    evaluation: Evaluation,
    value: UsdPerMw,
    rent: UsdMillionsPerMwYear | None = None,
    escalator: Fraction | None = None,
    noi_margin: Fraction | None = None,
    capex: UsdPerMw | None = None,
    loan_to_cost: Fraction | None = None,
    debt_rate: FractionPerYear | None = None,
    debt_years: Years | None = None,
    lease_years: Years | None = None,
    build_years: Years | None = None,
    exit_cap_rate: Fraction | None = None,
    book: BookText | None = None,
) -> FractionPerYear:
    """Yearly equity return at which a lease is worth a given value.

    Parameters
    ----------
    value : float or array
        Equity value, USD M per critical MW.
    <rent>
    <escalator>
    <noi_margin>
    <capex>
    <loan_to_cost>
    <debt_rate>
    <debt_years>
    <lease_years>
    <build_years>
    <exit_cap_rate>
    <book>

    Returns
    -------
    float or array
        Fraction a year. Where no return gives the value, or several do, the result is an error.

    Raises
    ------
    ValuationError
        For a value that no return gives, or that several give; a term outside its domain, as
        HPC_LEASE_VALUE has it.

    Notes
    -----
    The internal rate of return (IRR) of the equity. Cash flows that change sign once have one at
    most (Descartes' rule of signs); elsewhere the returns are counted from -95% to 10,000%.

    Examples
    --------
    The published 4.8 to 11.2 USD M per critical MW, and their middle.

    >>> [round(100 * lease_return(value), 2) for value in (4.8, 8.0, 11.2)]
    [12.99, 10.0, 8.03]
    """
    evaluation.use(book)
    given = {
        "rent": rent, "escalator": escalator, "noi_margin": noi_margin, "capex": capex,
        "loan_to_cost": loan_to_cost, "debt_rate": debt_rate, "debt_years": debt_years,
        "lease_years": lease_years, "build_years": build_years, "exit_cap_rate": exit_cap_rate,
    }  # fmt: skip
    value = evaluation.argument("value", value, "USD M/MW critical")
    found, count = in_chunks(_terms(evaluation, given), value, internal_rate_of_return)
    for wrong, rule in ((0, "is not reached at any return"), (2, "is reached at several returns")):
        evaluation.require(np.not_equal(count, wrong), "value", rule, value)
    return evaluation.step(
        "lease return", "return at which the cash flows are worth the value", found, "fraction/year"
    )
