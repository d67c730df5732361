"""Fit: least squares of chosen inputs to published targets. It tells, it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS, PLAIN, Book
from valuation_core.book.tables import Tables
from valuation_core.errors import ValuationError, domain, misfit, missing
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.scorecard import editions_of, modelled, rows_of_edition
from valuation_core.solving import numeric_metric
from valuation_core.target import target_part

SEEDS: Final = (0.0, 0.5, 1.0, 2.0)
"""Parts of the present value from which the search starts, each input at a time."""

ROUNDS: Final = 200
STEP: Final = 1e-6
"""Part of an input by which it is moved to see what it does."""
DONE: Final = 1e-12
"""Part by which a round must still lower the sum of squares."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A published target beside the model's, before and after the fit."""

    edition: date
    ticker: str
    published: float
    before: float | ValuationError
    after: float | ValuationError
    left_out: float | None = None
    """The model's target where the fit did not see this one."""

    @staticmethod
    def part(figure: float | ValuationError | None, published: float) -> float | None:
        """Part of the published target by which a figure misses it."""
        if figure is None or isinstance(figure, ValuationError):
            return None
        return figure / published - 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Inputs that come closest to published targets, and how close."""

    case: str
    inputs: tuple[str, ...]
    present: tuple[float, ...]
    """What the inputs are under the case."""
    fitted: tuple[float, ...]
    degrees_of_freedom: int
    """Targets less inputs."""
    misses: tuple[Miss, ...]
    """The targets that were fitted."""
    others: tuple[Miss, ...]
    """Those of every other edition."""
    without: tuple[tuple[date, str, str], ...]
    """Edition, ticker and reason of the targets that could not be fitted."""


def fit(tables: Tables, inputs: Sequence[str], editions: Sequence[date], case: str = PLAIN) -> Fit:
    """Fit inputs, one value for all names, to the published targets of editions.

    Parameters
    ----------
    tables : mapping of str to Table
        Every row, later ones too: each edition sees those known by its date.
    inputs : sequence of str
        Names of numeric metrics.
    editions : sequence of datetime.date
        Days of editions of the bank.
    case : str, optional
        The case on top of which the inputs are fitted.

    Returns
    -------
    Fit
        The values, what they miss, what each name misses when the fit did not see it, and what
        every other edition misses.

    Raises
    ------
    ValuationError
        For an unknown metric, case or edition, an input given twice, more inputs than half the
        targets, or inputs that move no target.

    Notes
    -----
    Least squares of target / published target - 1, each input within its domain, by
    Levenberg-Marquardt from several starts. Few targets and many inputs always fit: read the error
    of the names left out before believing a value.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> found = fit(shipped_tables(), ["land_power_value"], [date(2025, 9, 26)], "reconstruction")
    >>> [round(value, 2) for value in found.fitted], found.degrees_of_freedom
    ([1.43], 4)
    """
    metrics = tuple(numeric_metric(name) for name in inputs)
    if len(set(metrics)) < len(metrics) or not metrics:
        raise misfit("inputs", "must be named once each", ", ".join(metrics))
    known = editions_of(tables)
    for day in editions:
        if day not in known:
            listed = ", ".join(one.isoformat() for one in known)
            raise missing("edition", f"is none of {listed}", day.isoformat())
    targets, without = _targets(tables, sorted(set(editions)), case)
    if 2 * len(metrics) > len(targets):
        count, half = len(targets), len(targets) // 2
        rule = f"must be {half} or fewer for {count} targets: half of them"
        raise domain("inputs", rule, len(metrics))
    model = _Model(targets, metrics)
    present = model.present()
    found = _least_squares(model, present, np.ones(len(targets), dtype=bool))
    made = model.targets(found[np.newaxis, :])[0]
    before = [target.before for target in targets]
    misses = []
    for at, one in enumerate(targets):
        others = np.arange(len(targets)) != at
        apart = _least_squares(model, found, others) if others.sum() >= len(metrics) else found
        left = float(model.targets(apart[np.newaxis, :])[0][at])
        misses.append(Miss(one.day, one.ticker, one.published, before[at], float(made[at]), left))
    return Fit(
        case=targets[0].book.case,
        inputs=metrics,
        present=tuple(present.tolist()),
        fitted=tuple(found.tolist()),
        degrees_of_freedom=len(targets) - len(metrics),
        misses=tuple(misses),
        others=tuple(_others(tables, metrics, found, [*editions], case)),
        without=tuple(without),
    )


@dataclass(frozen=True, slots=True)
class _Aim:
    """One published target and the book it is to be met with."""

    day: date
    ticker: str
    published: float
    before: float
    book: Book


def _targets(
    tables: Tables, editions: Sequence[date], case: str
) -> tuple[list[_Aim], list[tuple[date, str, str]]]:
    """Give the targets that the model can be held against, and why it cannot against others."""
    aims: list[_Aim] = []
    without: list[tuple[date, str, str]] = []
    for day in editions:
        rows = rows_of_edition(tables, day)
        book = Book.at(tables, day, case)
        figures = modelled(book, [row["ticker"] for row in rows])
        for row, figure in zip(rows, figures, strict=True):
            if isinstance(figure, ValuationError):
                without.append((day, row["ticker"], figure.reason))
            else:
                aims.append(_Aim(day, row["ticker"], row["new_target"], figure, book))
    if not aims:
        reasons = dict.fromkeys(reason for *_, reason in without)
        raise missing("edition", "; ".join(reasons) or "states no target")
    return aims, without


class _Model:
    """The targets as a function of the inputs."""

    def __init__(self, aims: Sequence[_Aim], metrics: tuple[str, ...]) -> None:
        self.aims = aims
        self.metrics = metrics
        self.published = np.array([aim.published for aim in aims])
        domains = [METRICS[metric].domain for metric in metrics]
        self.low = np.array([inside.least for inside in domains])
        self.high = np.array([inside.high for inside in domains])

    def present(self) -> Array:
        """Give what the inputs are, the median where names differ."""
        values = []
        for metric in self.metrics:
            found = [aim.book.find(aim.ticker, metric) for aim in self.aims]
            numbers = [float(fact.value) for fact in found if fact is not None]  # type: ignore[arg-type]
            if not numbers:
                raise missing("input", f"{metric} is no fact of any of the names")
            values.append(float(np.median(numbers)))
        return np.array(values)

    def targets(self, values: Array) -> Array:
        """Give the targets for rows of values; NaN where there is none."""
        made = np.empty((len(values), len(self.aims)))
        for book in dict.fromkeys(aim.book for aim in self.aims):
            own = [at for at, aim in enumerate(self.aims) if aim.book is book]
            tickers = np.array([self.aims[at].ticker for at in own], dtype=object)
            shape = (len(values), len(own))
            evaluation = Evaluation(shape)
            with np.errstate(all="ignore"):
                given: dict[str, Any] = {
                    metric: values[:, [place]] for place, metric in enumerate(self.metrics)
                }
                evaluation.use(book, **given)
                spread = np.broadcast_to(tickers, shape)
                one = np.array(np.broadcast_to(target_part(evaluation, spread, Choice()), shape))
            for fault in evaluation.faults:
                one = np.where(fault.where, np.nan, one)
            made[:, own] = one
        return made

    def misses(self, values: Array, counted: Array) -> Array:
        """Give the relative errors of the targets that count, a row for each row of values."""
        misses: Array = self.targets(values)[:, counted] / self.published[counted] - 1.0
        return np.nan_to_num(misses, nan=1e6)


def _least_squares(model: _Model, present: Array, counted: Array) -> Array:
    """Minimise the sum of squares from several starts; the lowest wins."""
    starts = [present]
    for place in range(len(present)):
        scale = abs(present[place]) or 1.0
        for seed in SEEDS:
            start = present.copy()
            start[place] = seed * scale
            starts.append(start)
    ends = [_descend(model, np.clip(start, model.low, model.high), counted) for start in starts]
    sums = [float((model.misses(end[np.newaxis, :], counted) ** 2).sum()) for end in ends]
    best = ends[int(np.argmin(sums))]
    moved = model.misses(np.array([best, *_nudged(model, best)]), counted)
    if not np.abs(moved[1:] - moved[0]).any(axis=1).all():
        still = [
            metric
            for metric, line in zip(model.metrics, moved[1:], strict=True)
            if not np.abs(line - moved[0]).any()
        ]
        raise domain("inputs", f"{', '.join(still)} moves none of the targets")
    return best


def _nudged(model: _Model, at: Array) -> list[Array]:
    """Give the values with each input moved a little, inside its domain."""
    rows = []
    for place in range(len(at)):
        step = STEP * max(abs(at[place]), 1.0)
        row = at.copy()
        row[place] += step if at[place] + step <= model.high[place] else -step
        rows.append(row)
    return rows


def _descend(model: _Model, start: Array, counted: Array) -> Array:
    """Levenberg-Marquardt with the inputs kept inside their domains."""
    at, damping = start, 1e-3
    misses = model.misses(at[np.newaxis, :], counted)[0]
    for _ in range(ROUNDS):
        rows = _nudged(model, at)
        steps = np.array([row[place] - at[place] for place, row in enumerate(rows)])
        slopes = (model.misses(np.array(rows), counted) - misses).T / steps
        normal, pull = slopes.T @ slopes, slopes.T @ misses
        # An input at its bound that is pulled outwards stays there.
        held = ((at <= model.low) & (pull > 0.0)) | ((at >= model.high) & (pull < 0.0))
        free = np.nonzero(~held & (np.diag(normal) > 0.0))[0]
        if not len(free):
            return at
        square = float(misses @ misses)
        for _ in range(40):
            block = normal[np.ix_(free, free)]
            damped = block + damping * np.diag(np.diag(block))
            move = np.zeros(len(at))
            move[free] = np.linalg.lstsq(damped, -pull[free], rcond=None)[0]
            tried = np.clip(at + move, model.low, model.high)
            new = model.misses(tried[np.newaxis, :], counted)[0]
            if float(new @ new) < square:
                break
            damping *= 4.0
        else:
            return at
        at, misses, damping = tried, new, damping / 8.0
        if square - float(new @ new) <= DONE * square:
            return at
    return at


def _others(
    tables: Tables, metrics: tuple[str, ...], values: Array, editions: list[date], case: str
) -> list[Miss]:
    """Give what the targets of every other edition miss, before and at the fitted values."""
    misses = []
    for day in editions_of(tables):
        if day in editions:
            continue
        rows = rows_of_edition(tables, day)
        try:
            aims, without = _targets(tables, [day], case)
        except ValuationError as error:
            misses += [Miss(day, row["ticker"], row["new_target"], error, error) for row in rows]
            continue
        made = _Model(aims, metrics).targets(values[np.newaxis, :])[0].tolist()
        misses += [
            Miss(day, aim.ticker, aim.published, aim.before, after)
            for aim, after in zip(aims, made, strict=True)
        ]
        for _, ticker, reason in without:
            why = missing(ticker, reason, reason=reason)
            published = next(row["new_target"] for row in rows if row["ticker"] == ticker)
            misses.append(Miss(day, ticker, published, why, why))
    return misses
