"""Solve for any input: which value of one fact makes the model's target equal a given figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, prod
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS, Book
from valuation_core.book.contradictions import ORDERED_METRICS
from valuation_core.book.parse import unknown_metric
from valuation_core.domain import Domain
from valuation_core.errors import ValuationError, misfit
from valuation_core.evaluation.arrays import Array, Fault
from valuation_core.evaluation.distinct import Distinct
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.target import target_part
from valuation_core.units import BookText, Figure, Keyword, UsdPerShare

POINTS: Final = 129
"""Values tried between the bounds of an input; six times as many lie around its present value."""

WIDEST: Final = 1e9
"""The search reaches this many times the present value, up and down."""

ROUNDS: Final = 200
"""Steps in which a bracket is closed; a dozen do."""

CLOSE: Final = 4.0 * float(np.finfo(np.float64).eps)
"""Part of itself to which a solution is found: what a float can tell apart, and a little."""

MISSED: Final = 1e-6
"""Part of the target by which a solution may miss it; a jump over the target misses it by more."""

LARGEST: Final = 100_000
"""Solutions in one call beyond which it is refused."""

TOGETHER: Final = 2048
"""Targets whose brackets are looked for at once: some 1,700 values tried for each."""


@elementwise
@shared_parameters
def solve_for(
    evaluation: Evaluation,
    miner: Keyword,
    input: Keyword,
    target: UsdPerShare,
    book: BookText | None = None,
) -> Figure:
    """Value of one input at which the model's target equals a given figure.

    Parameters
    ----------
    <miner>
    input : str or array
        Name of a numeric fact, such as "btc_price", "hodl_premium" or "other_value".
    target : float or array
        USD per share that the model's target shall equal.
    <book>

    Returns
    -------
    float or array
        In the unit of the input and on the MW basis of its fact; of several solutions the one
        nearest to the present value.

    Raises
    ------
    ValuationError
        For an unknown miner or input, an input that is a date, a target that no value of the input
        gives, another fact that is missing, or more than 100,000 solutions in a call.

    Notes
    -----
    Bracketed root within the domain of the input, of one end of a range up to the other; where the
    target is linear in it, the point on the line. Blocks a day that would move a halving of the
    horizon are not tried. No error remains unsaid: where no value of the input gives the target,
    the result is an error. Targets for one miner and input are solved together: a range is quicker
    than cells.

    Examples
    --------
    The RIOT target of 19 USD read as other value: 19 x 409.61 M shares less 5,379.89 of parts plus
    the 200 of debt left once the note has converted.

    >>> round(solve_for("RIOT", "other_value", 19), 1)
    2602.7
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    aim = evaluation.argument("target", target, "USD/share")

    metric = evaluation.each(numeric_metric, evaluation.text("input", input), text=True)
    if evaluation.shape is None:
        return _explained(evaluation, ticker, metric, float(aim))
    count = prod(evaluation.shape)
    evaluation.require(count <= LARGEST, "solutions", f"must be {LARGEST:,} or fewer", count)
    if count > LARGEST:
        return np.full(evaluation.shape, np.nan)
    return _solved_range(evaluation, ticker, metric, np.broadcast_to(aim, evaluation.shape))


def numeric_metric(name: str) -> str:
    """Give the metric of a name in any letter case, or refuse what is none or a date."""
    metric = name.strip().casefold()
    if metric not in METRICS:
        raise unknown_metric("input", name)
    if METRICS[metric].unit == "date":
        raise misfit("input", "must be a number, not a date", metric)
    return metric


def _explained(evaluation: Evaluation, ticker: str, metric: str, aim: float) -> float:
    """Solve for one input, and show what it is in the book and what it gives."""
    if evaluation.steps is not None and evaluation.book.find(ticker, metric) is not None:
        evaluation.read(ticker, metric)
    found = float(solved(evaluation.book, ticker, metric, np.array([aim]))[0])
    evaluation.require(np.isfinite(found), "target", f"is not reached by any {metric}", aim)
    if evaluation.steps is not None:
        given = float(_targets(evaluation.book, ticker, metric, np.array([found]))[0][0])
        evaluation.step("target at the solution", f"target with {metric} at it", given, "USD/share")
    known = evaluation.book.find(ticker, metric) or METRICS[metric]
    unit = f"{known.unit} {known.basis}".strip()
    return evaluation.step("solution", f"{metric} at which the target is met", found, unit)


def _solved_range(evaluation: Evaluation, ticker: Any, metric: Any, aim: Array) -> Array:
    """Solve for a range: the targets of one miner and input together."""
    found = np.full(aim.shape, np.nan)
    codes, pairs = Distinct().of((ticker, metric))
    codes = np.broadcast_to(codes, aim.shape)
    for code, pair in enumerate(pairs):
        own = (codes == code) & np.isfinite(aim)
        if None in pair or not own.any():
            continue
        aims, place = np.unique(aim[own], return_inverse=True)
        try:
            ticker, metric = pair
            found[own] = solved(evaluation.book, ticker, metric, aims)[place]
        except ValuationError as error:
            evaluation.fail(own, error)
            continue
        missed = own & np.isnan(found)
        evaluation.require(~missed, "target", f"is not reached by any {pair[1]}", aim)
    return found


def solved(book: Book, ticker: str, metric: str, aims: Array) -> Array:
    """Find the values of a metric at which the target of a ticker equals some aims.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker, metric : str
        The miner and the input.
    aims : array
        USD per share, in one dimension.

    Returns
    -------
    array
        One value an aim; NaN where no value within the domain gives it.

    Raises
    ------
    ValuationError
        When another fact is missing.
    """
    inside = _domain(book, ticker, metric)
    try:
        present = book.number(ticker, metric)
    except ValuationError:
        present = 1.0 if inside.high == inf else (inside.low + inside.high) / 2.0
    tried = _candidates(present, inside.least, inside.high)
    targets, faults = _targets(book, ticker, metric, tried)
    known = ~np.isnan(targets)
    if faults and not known.any():
        raise faults[0].error_at((0,))
    tried, targets = tried[known], targets[known]

    def figure(values: Array) -> Array:
        return _targets(book, ticker, metric, values)[0]

    found = []
    for start in range(0, len(aims), TOGETHER):
        part = aims[start : start + TOGETHER]
        low, high = _brackets(tried, targets, present, part)
        found.append(_closed(figure, part, low, high))
    return np.concatenate(found)


def _domain(book: Book, ticker: str, metric: str) -> Domain:
    """Give what a metric may be beside the other end of its range, which a book holds to."""
    inside = METRICS[metric].domain
    low, high = inside.low, inside.high
    for smaller, larger in ORDERED_METRICS:
        if metric == smaller and book.find(ticker, larger) is not None:
            high = min(high, _on_basis_of(book, ticker, metric, larger))
        elif metric == larger and book.find(ticker, smaller) is not None:
            low = max(low, _on_basis_of(book, ticker, metric, smaller))
    return replace(inside, low=low, high=high)


def _on_basis_of(book: Book, ticker: str, metric: str, other: str) -> float:
    """Give a value per MW on the basis of another one."""
    bases = [(book.find(ticker, name) or METRICS[name]).basis for name in (metric, other)]
    value = book.number(ticker, other)
    if bases[0] == bases[1]:
        return value
    ratio = book.number(ticker, "gross_to_critical")
    return value * ratio if bases[0] == "critical" else value / ratio


def _targets(book: Book, ticker: str, metric: str, values: Array) -> tuple[Array, list[Fault]]:
    """Give the target at each value of a metric; NaN where there is none, and why."""
    evaluation = Evaluation(values.shape)
    with np.errstate(all="ignore"):
        evaluation.use(book, **{metric: values})
        made = np.broadcast_to(target_part(evaluation, ticker, Choice()), values.shape)
    for fault in evaluation.faults:
        made = np.where(fault.where, np.nan, made)
    return np.asarray(made), evaluation.faults


def _candidates(present: float, low: float, high: float) -> Array:
    """Give values to try: the present one, ever further away on both sides, and the bounds."""
    scale = max(abs(present), 1.0)
    away = scale * np.geomspace(1e-6, WIDEST, 6 * POINTS)
    tried = np.concatenate([[present, 0.0], present + away, present - away])
    if low > -inf and high < inf:
        tried = np.concatenate([tried, np.linspace(low, high, POINTS)])
    ends = [end for end in (low, high) if abs(end) < inf]
    return np.unique(np.clip(np.concatenate([tried, ends]), low, high))


def _brackets(tried: Array, targets: Array, present: float, aims: Array) -> tuple[Array, Array]:
    """Give, for each aim, the neighbours between which it is met, nearest to the present value.

    Both are the same where a value tried meets the aim, and NaN where none does.
    """
    nowhere = np.full(len(aims), np.nan)
    if len(tried) < 2:
        return nowhere, nowhere
    above = targets > aims[:, np.newaxis]
    changes = above[:, :-1] != above[:, 1:]
    middles = np.abs((tried[:-1] + tried[1:]) / 2.0 - present)
    best = np.where(changes, middles, inf).argmin(axis=1)
    crossed = changes[np.arange(len(aims)), best]
    low, high = (np.where(crossed, side, np.nan) for side in (tried[best], tried[best + 1]))
    exact = targets == aims[:, np.newaxis]
    met = np.where(exact, np.abs(tried - present), inf).argmin(axis=1)
    is_met = exact[np.arange(len(aims)), met]
    return np.where(is_met, tried[met], low), np.where(is_met, tried[met], high)


def _closed(figure: Callable[[Array], Array], aims: Array, low: Array, high: Array) -> Array:
    """Close brackets by Chandrupatla's method, from the point on the line between their ends.

    Inverse quadratic interpolation where the three last points bend little, else halves [1]_.

    References
    ----------
    .. [1] T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of
       a nonlinear function without using derivatives", Advances in Engineering Software 28 (1997).
    """
    found = np.where(low == high, low, np.nan)
    open_ = np.nonzero(low < high)[0]
    if not len(open_):
        return found
    aim, a, b = aims[open_], low[open_], high[open_]
    fa, fb = np.split(figure(np.concatenate([a, b])) - np.tile(aim, 2), 2)
    c, fc = a, fa
    part = np.clip(fa / (fa - fb), 1e-6, 1.0 - 1e-6)
    for step in range(1, ROUNDS + 1):
        x = a + part * (b - a)
        fx = figure(x) - aim
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best, miss = np.where(np.abs(fa) < np.abs(fb), (a, fa), (b, fb))
        least = CLOSE * np.abs(best) / np.abs(b - a)
        done = (miss == 0.0) | (least >= 0.5) | np.isnan(fx) | (step == ROUNDS)
        good = done & (np.abs(miss) <= MISSED * np.maximum(np.abs(aim), 1.0))
        found[open_[good]] = best[good]
        if done.all():
            break
        go = ~done
        open_, aim, a, b, c, least = (each[go] for each in (open_, aim, a, b, c, least))
        fa, fb, fc = fa[go], fb[go], fc[go]
        part = np.clip(_bent(a, b, c, fa, fb, fc), least, 1.0 - least)
    return found


@np.errstate(all="ignore")
def _bent(a: Array, b: Array, c: Array, fa: Array, fb: Array, fc: Array) -> Array:
    """Give the part of the way from a to b to go on with."""
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    bends_little = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
    along = fa / (fb - fa) * fc / (fb - fc)
    along = along + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(bends_little & np.isfinite(along), along, 0.5)
