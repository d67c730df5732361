"""Cash flows of leases to equity, their present value, and the return that they give.

Cash flows per critical MW: equity (1 - L) x K at time 0; for lease year y = 1..T income less debt
service at time B + y - 0.5; at the end of the lease, B + T, an exit value less the debt still due.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.evaluation.arrays import Array
from valuation_core.units import Number

LOWEST_RETURN: Final = -0.95
HIGHEST_RETURN: Final = 100.0
"""Yearly returns between which a solution is looked for: -95% to +10,000%."""

STEPS: Final = 200
"""Steps of a solution at most; a handful do, but a halved bracket may need more."""

CLOSE: Final = 1e-14
"""Relative step below which a solution is found."""

_AT_ONCE: Final = 1_000_000
"""Values of the scan that are computed together."""

_SCAN: Final = 400
"""Points of the scan for several solutions, where signs of the cash flows allow more than one."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Cash flows to equity per critical MW, USD M; lease years are the first axis."""

    start: Any
    """At time 0."""
    yearly: Array
    """At build years + y - 0.5; zero after the end of the lease."""
    end: Any
    """At build years + lease years: exit less debt still due."""
    build_years: Any
    lease_years: Any


def lease_flows(
    rent: Any,
    escalator: Any,
    noi_margin: Any,
    capex: Any,
    loan_to_cost: Any,
    debt_rate: Any,
    debt_years: Any,
    lease_years: Any,
    build_years: Any,
    exit_cap_rate: Any,
) -> Flows:
    """Lay out the cash flows of leases.

    Debt service is level, at the times of the income, and its present value at the debt rate is the
    loan: interest to the first payment is capitalised. Payments still due at the end of the lease
    are settled then at their present value at the debt rate.

    Parameters
    ----------
    rent, escalator, noi_margin, capex, loan_to_cost, debt_rate : float or array
        USD M per MW and year, fraction, fraction, USD M per MW, fraction, fraction a year.
    debt_years, lease_years, build_years, exit_cap_rate : float or array
        Years, years, years, fraction; an exit cap rate of 0 means no exit.

    Returns
    -------
    Flows
        Broadcast over all arguments.
    """
    arguments = (
        np.asarray(value, dtype=np.float64)
        for value in (
            rent, escalator, noi_margin, capex, loan_to_cost,
            debt_rate, debt_years, lease_years, build_years, exit_cap_rate,
        )
    )  # fmt: skip
    r, g, m, k, share, i, n, t, b, cap = arguments
    longest = int(np.nanmax(np.maximum(n, t), initial=1.0))
    axes = max(value.ndim for value in (r, g, m, k, share, i, n, t, b, cap))
    year = np.arange(1.0, longest + 1.0).reshape(-1, *(1,) * axes)
    income = r * m * (1.0 + g) ** (year - 1.0)
    due = (1.0 + i) ** -(b + year - 0.5)
    paying = year <= n
    level = share * k / (due * paying).sum(axis=0)
    yearly = np.where(year <= t, income - level * paying, 0.0)
    left = level * (paying & (year > t)) * (1.0 + i) ** -(year - 0.5 - t)
    last_income = r * m * (1.0 + g) ** t
    exit_value = np.where(cap > 0.0, last_income / np.where(cap > 0.0, cap, 1.0), 0.0)
    return Flows(-(1.0 - share) * k, yearly, exit_value - left.sum(axis=0), b, t)


def present_value(flows: Flows, equity_return: Any) -> Number:
    """Value of cash flows to equity at a return, in USD M per critical MW.

    Parameters
    ----------
    flows : Flows
        The cash flows.
    equity_return : float or array
        Yearly return, above -1.

    Returns
    -------
    float or array
        USD M per critical MW.
    """
    x = 1.0 / (1.0 + np.asarray(equity_return, dtype=np.float64))
    total = np.zeros(np.broadcast_shapes(x.shape, flows.yearly.shape[1:]))
    for flow in flows.yearly[::-1]:  # Horner over years, not over cells
        total = (total + flow) * x
    mid_year = x ** (flows.build_years - 0.5)
    return flows.start + total * mid_year + flows.end * x ** (flows.build_years + flows.lease_years)


def internal_rate_of_return(flows: Flows, value: Any) -> tuple[Any, Any]:
    """Find the return at which cash flows are worth a value, and how many such returns there are.

    Parameters
    ----------
    flows : Flows
        The cash flows.
    value : float or array
        USD M per critical MW.

    Returns
    -------
    tuple of (float or array, int or array)
        The return, meaningful where the count is 1, and the count: 0, 1, or 2 for several.
    """
    parts = (value, flows.start, flows.yearly[0], flows.end, flows.lease_years)
    shape = np.broadcast_shapes(*map(np.shape, parts))
    start = np.broadcast_to(flows.start - value, shape)
    flows = Flows(start, flows.yearly, flows.end, flows.build_years, flows.lease_years)
    count = np.minimum(_sign_changes(flows), 2)
    if np.any(count > 1):
        count = np.where(count > 1, np.minimum(_crossings(flows, shape), 2), count)
    return _refined(flows, count)


def _sign_changes(flows: Flows) -> Any:
    """Count sign changes in time order: with one there is one root, with none there is none."""
    shape = np.shape(flows.start)
    last = np.zeros(shape)
    changes = np.zeros(shape)
    for flow in (flows.start, *flows.yearly, flows.end):
        now = np.sign(flow)
        changes += (now * last) < 0
        last = np.where(now == 0, last, now)
    return changes


def _crossings(flows: Flows, shape: tuple[int, ...]) -> Any:
    """Count the roots on a fine grid of returns, where the signs do not decide."""
    grid = np.geomspace(1.0 + LOWEST_RETURN, 1.0 + HIGHEST_RETURN, _SCAN) - 1.0
    together = max(1, _AT_ONCE // max(1, int(np.prod(shape))))
    parts = (grid[start : start + together] for start in range(0, _SCAN, together))
    above = np.concatenate(
        [present_value(flows, k.reshape(-1, *(1,) * len(shape))) > 0.0 for k in parts]
    )
    return (above[1:] != above[:-1]).sum(axis=0)


def _refined(flows: Flows, count: Any) -> tuple[Any, Any]:
    """Close in on the only root: Newton steps in 1 / (1 + k) inside a bracket."""
    small = np.full(np.shape(flows.start), 1.0 / (1.0 + HIGHEST_RETURN))
    large = np.full(np.shape(flows.start), 1.0 / (1.0 + LOWEST_RETURN))
    at_small, at_large = (_value_and_slope(flows, x)[0] for x in (small, large))
    outside = (np.sign(at_small) == np.sign(at_large)) & (count == 1)
    count = np.where(outside, 0, count)
    x = np.full(small.shape, 1.0 / 1.1)
    for _ in range(STEPS):
        value, slope = _value_and_slope(flows, x)
        is_small = np.sign(value) == np.sign(at_small)
        small, large = np.where(is_small, x, small), np.where(is_small, large, x)
        step = np.divide(value, slope, where=slope != 0.0, out=np.full(x.shape, np.inf))
        done = (np.abs(step) <= CLOSE * x) | (value == 0.0) | (count != 1)
        newton = x - step
        inside = (newton > small) & (newton < large)
        x = np.where(done, x, np.where(inside, newton, np.sqrt(small * large)))
        if done.all():
            break
    return (1.0 / x - 1.0)[()], count


def _value_and_slope(flows: Flows, x: Array) -> tuple[Array, Array]:
    """Value of the cash flows and its slope in the one-year discount factor."""
    total, slope = np.zeros(x.shape), np.zeros(x.shape)
    for flow in flows.yearly[::-1]:  # Horner over years, not over cells
        total = total + flow
        slope = slope * x + total
        total = total * x
    shift, last = flows.build_years - 0.5, flows.build_years + flows.lease_years
    early, late = x**shift, flows.end * x**last
    value = flows.start + total * early + late
    return value, slope * early + (total * early * shift + late * last) / x
