"""The distribution of a miner's target as bars, by whether a contract is signed: exact too."""

from __future__ import annotations

from math import floor, log10
from typing import Any, Final

import numpy as np

from valuation_core.distribution import TargetSpread, correlation_part, target_spread
from valuation_core.errors import domain, misfit
from valuation_core.evaluation.arrays import Array, single_name
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.quantiles import EDGE
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Edges, Fraction, Keyword, Spill

HEADER: Final = (
    "from, USD per share",
    "below, USD per share",
    "probability, no deal",
    "probability, with a deal",
)

BETWEEN: Final = 22
"""Bars of one width where no edges are given; one below them and one above hold the rest."""

ENDS: Final = (0.005, 0.98)
"""Probabilities between whose targets those bars lie."""

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Widths of a bar, up to a power of ten."""

FARTHEST: Final = 1e6
"""USD per share beyond which no edge lies."""

MOST: Final = 200
"""Edges in one call beyond which it is refused."""


@shared_parameters
def histogram(
    miner: Keyword,
    edges: Edges | None = None,
    correlation: Fraction | None = None,
    book: BookText | None = None,
    *,
    evaluation: Evaluation | None = None,
) -> Spill:
    """Distribution of a miner's target as bars: how likely it lies between figures, exactly.

    Parameters
    ----------
    <miner>
    edges : array, optional
        USD per share between the bars, rising. Default: 23 round ones, from 0.5% to 98%.
    <correlation>
    <book>
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        A row a bar, the first below all edges, the last at and above them: its ends, how likely the
        target is in it with no contract signed, and with one or more. All add up to 1.

    Raises
    ------
    ValuationError
        For an unknown miner, edges that do not rise, a correlation outside 0 to 1, or a missing
        fact.

    Notes
    -----
    Assumptions are those of HPC_DISTRIBUTION. A target on an edge belongs to the bar above it.

    Examples
    --------
    RIOT signs at even odds, which moves its target by about 10 USD per share.

    >>> for start, end, without, signed in histogram("RIOT", [7.5, 15.0]).rows:
    ...     print(start, end, round(without, 3), round(signed, 3))
    None 7.5 0.308 0.002
    7.5 15.0 0.134 0.215
    15.0 None 0.059 0.283
    """
    evaluation = evaluation or Evaluation()
    given = None if edges is None else _rising(edges)
    evaluation.use(book)
    shared = correlation_part(evaluation, correlation)
    with np.errstate(all="ignore"):
        ticker = evaluation.ticker(single_name("miner", miner))
        spread, target = target_spread(evaluation, ticker, shared)
        between = _round_edges(target) if given is None else given
        every = _between(target.reaches(between), 1.0)
        without = _between(spread.no_deal * _unsigned(target, between), spread.no_deal)
    evaluation.step("no deal", "of all outcomes", spread.no_deal, "fraction")
    ends = [None, *between.tolist(), None]
    # What rounding leaves is no probability.
    bars = (np.where(one > EDGE, one, 0.0).tolist() for one in (without, every - without))
    rows = zip(ends[:-1], ends[1:], *bars, strict=True)
    return ResultTable(HEADER, tuple(rows))


def _rising(given: Any) -> Array:
    try:
        edges = np.ravel(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise misfit("edges", "must be numbers", given) from None
    if not 0 < len(edges) <= MOST:
        raise domain("edges", f"must be 1 to {MOST} of them", float(len(edges)))
    outside = ~(np.abs(edges) <= FARTHEST)
    if outside.any():
        rule = f"must be between {-FARTHEST:,.0f} and {FARTHEST:,.0f}"
        raise domain("edges", rule, float(edges[outside][0]))
    wrong = np.concatenate([[False], np.diff(edges) <= 0.0])
    if wrong.any():
        raise domain("edges", "must rise", float(edges[wrong][0]))
    return edges


def _round_edges(target: TargetSpread) -> Array:
    """Give round figures between which nearly all targets lie."""
    low, high = target.quantile(np.array(ENDS)).tolist()
    # The first bar starts up to one width below the lowest target.
    width = _round_width((high - low or max(abs(high), 1.0)) / (BETWEEN - 1))
    first = floor(low / width)
    return np.array([(first + place) * width for place in range(BETWEEN + 1)])


def _round_width(least: float) -> float:
    """Give the smallest round width of at least so much.

    Examples
    --------
    >>> [_round_width(least) for least in (1.0, 1.3, 2.1, 0.3)]
    [1.0, 2.0, 2.5, 0.5]
    """
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1.0 - EDGE))


def _unsigned(target: TargetSpread, edges: Array) -> Array:
    """Probability that a target without a contract is at or above each edge."""
    beside = target.outcomes.beside
    assets = target.least_assets(edges)
    if beside.moves:
        return np.asarray(1.0 - beside.below(assets))
    return np.asarray(beside.assets[0] > assets, dtype=np.float64)


def _between(reached: Array, all_of: float) -> Array:
    """Give how much lies below the first edge, between each two, and at or above the last."""
    return -np.diff(np.concatenate([[all_of], reached, [0.0]]))
