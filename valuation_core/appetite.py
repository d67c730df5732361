"""The appetite of tenants: the one factor through which signings hang together.

A contract is signed where sqrt(c) x appetite + sqrt(1 - c) x chance of its own, both standard
normal, is above the point that leaves its probability: a Gaussian copula with one factor [1]_.
Given the appetite, contracts are signed independently of each other.

References
----------
.. [1] Vasicek, O. (2002), "The distribution of loan portfolio value", Risk 15(12), 160-162.
"""

from __future__ import annotations

from math import erfc, log, pi, sqrt
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from valuation_core.evaluation.arrays import Array

REACH: Final = 7.5
"""Appetites beyond these many standard deviations have a probability of less than 1e-13."""

NOISE: Final = 1e-30
"""Error of the quadrature, were there one contract and no rounding: of many it is about 1e-8."""

SAME: Final = 1e-6
"""A correlation this close to 1 is taken as 1."""

FAR: Final = 8.5
KNOTS: Final = 512
"""Knots for each standard deviation: between them a series of third order errs by 1e-13."""

_KNOT: Final = np.arange(-FAR * KNOTS, FAR * KNOTS + 1) / KNOTS
_BELOW: Final = np.array([0.5 * erfc(-knot * sqrt(0.5)) for knot in _KNOT.tolist()])
_DENSITY: Final = np.exp(-0.5 * _KNOT**2) / sqrt(2.0 * pi)


def normal_below(number: Any) -> Array:
    """Probability that a standard normal is below a number, to 1e-13.

    Examples
    --------
    >>> normal_below(np.array([0.0, -np.inf, 1.0])).round(12).tolist()
    [0.5, 0.0, 0.841344746069]
    """
    number = np.asarray(number, dtype=np.float64)
    inside = np.clip(number, -FAR, FAR)
    at = np.rint((inside + FAR) * KNOTS).astype(np.intp)
    knot = _KNOT[at]
    away = inside - knot
    series = away * (1.0 - away * (0.5 * knot - away * (knot * knot - 1.0) / 6.0))
    found = _BELOW[at] + _DENSITY[at] * series
    return np.where(number < -FAR, 0.0, np.where(number > FAR, 1.0, found))


def signing_points(probability: Array) -> Array:
    """Give the number that a standard normal is below with a probability; infinite at 0 and 1.

    Examples
    --------
    >>> signing_points(np.array([0.0, 0.5, 1.0])).tolist()
    [-inf, 0.0, inf]
    """
    inside = NormalDist().inv_cdf
    ends = {0.0: -np.inf, 1.0: np.inf}
    return np.array([ends[one] if one in ends else inside(one) for one in probability.tolist()])


def appetites(correlation: float, probability: Array) -> tuple[Array, Array]:
    """Give appetites of tenants to sum over: how likely each is, and what is signed under it.

    Parameters
    ----------
    correlation : float
        Of signings, 0 to 1.
    probability : array
        Of each contract, 0 to 1.

    Returns
    -------
    weight : array
        Adds up to 1.
    signed : array
        A row an appetite, a column a contract: its probability given the appetite.

    Notes
    -----
    The trapezoidal rule, which converges faster than any power of its step on such integrands: the
    step follows the correlation, since the higher it is, the more sharply the appetite decides.

    Examples
    --------
    Fully correlated, the likelier contract is signed whenever the other one is.

    >>> weight, signed = appetites(1.0, np.array([0.5, 0.25]))
    >>> weight.tolist(), signed.tolist()
    ([0.25, 0.25, 0.5], [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    """
    if correlation == 0.0 or len(probability) < 2:  # nothing to hang together with
        return np.ones(1), probability[np.newaxis, :]
    if correlation > 1.0 - SAME:
        ends = np.unique(np.concatenate([[0.0, 1.0], probability]))
        return np.diff(ends), (probability >= ends[1:, np.newaxis]).astype(np.float64)
    own = sqrt(1.0 - correlation)
    # The transform of the integrand falls as exp(-(1 - c) w^2 / 2): the rule errs by it at 2 pi/h.
    step = min(2.0 * pi * own / sqrt(-2.0 * log(NOISE)), 0.5)
    count = int(REACH / step) + 1
    appetite = step * np.arange(-count, count + 1)
    weight = np.exp(-0.5 * appetite**2)
    point = signing_points(probability)
    signed = normal_below((point + sqrt(correlation) * appetite[:, np.newaxis]) / own)
    # Where the appetite has decided everything, those beside each other are as one.
    signed, which = np.unique(signed, axis=0, return_inverse=True)
    return np.bincount(which.ravel(), weight / weight.sum()), signed
