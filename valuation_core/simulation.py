"""The simulation: the distribution drawn at random, and what has no closed form beside it.

Paths are drawn in blocks and counted in cells, so memory does not grow with them, and whole numbers
are added up, so no order of adding changes a bit. What is not whole is kept by block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field
from math import fsum, sqrt
from typing import Any, Final

import numpy as np

from valuation_core.distribution import (
    HEADER,
    Row,
    compared_with,
    correlation_part,
    is_coverage,
)
from valuation_core.domain import Domain
from valuation_core.draws import BLOCK, CELLS, Cells, Plan, draw, plan_of
from valuation_core.errors import ValuationError, domain, misfit
from valuation_core.evaluation.arrays import Array, single_name, single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.quantiles import EDGE, percentiles_of
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Count, Fraction, Keyword, Percentiles, Spill

MOST_PATHS: Final = 100_000_000
"""Paths beyond which a call is refused, as the specification says."""

MOST_ALONE: Final = 1_000_000
"""Paths beyond which a call without an executor is refused: a cell must not stop a spreadsheet."""

USUAL_PATHS: Final = 100_000
CHUNK: Final = 16 * BLOCK
"""Paths of a task."""

AHEAD: Final = 32
"""Tasks that are handed out and not yet counted: what bounds the memory of their results."""

SEEDS: Final = Domain(0.0, 2.0**53)
"""Whole numbers that a cell holds exactly."""


TENANTS: Final = Domain(0.0, 1e6)


@dataclass(slots=True)
class Tally:
    """What is counted of paths; adding tallies up gives the same in any order."""

    paths: int = 0
    no_deal: int = 0
    reached: Any = 0
    """Paths on which the target reaches each mark."""
    values: Any = 0
    targets: Any = 0
    """Paths by cell."""
    moments: dict[int, tuple[float, ...]] = field(default_factory=dict)
    """Sums of value and target and of their squares, by block."""

    def add(self, other: Tally) -> None:
        """Add what another task has counted."""
        self.paths += other.paths
        self.no_deal += other.no_deal
        self.reached = self.reached + other.reached
        self.values = self.values + other.values
        self.targets = self.targets + other.targets
        self.moments |= other.moments

    def mean(self, of: int) -> tuple[float, float]:
        """Give the mean of the value (0) or the target (1), and its standard error."""
        total, squares = (fsum(one[of + more] for one in self.moments.values()) for more in (0, 2))
        mean = total / self.paths
        spread = max(squares / self.paths - mean * mean, 0.0)
        return mean, sqrt(spread / self.paths)


def count_blocks(plan: Plan, seed: int, first: int, paths: int) -> Tally:
    """Draw paths from the first of a block on, and count them: one task of a simulation."""
    tally = Tally(reached=np.zeros(len(plan.marks), dtype=np.int64))
    values, targets = [], []
    for at in range(0, paths, BLOCK):
        number = first + at // BLOCK
        block = draw(plan, seed, number)
        some = slice(min(BLOCK, paths - at))
        value, signed = block.value[some], block.signed[some]
        tally.paths += len(value)
        tally.no_deal += int(len(signed) - np.count_nonzero(signed))
        values.append(plan.value_cells.of(value))
        sums = [float(value.sum()), 0.0, float(np.square(value).sum()), 0.0]
        if block.target is not None:
            target = block.target[some]
            targets.append(plan.target_cells.of(target))
            sums[1], sums[3] = float(target.sum()), float(np.square(target).sum())
            tally.reached += np.array(
                [np.count_nonzero(target >= _least(mark)) for mark in plan.marks], dtype=np.int64
            )
        tally.moments[number] = tuple(sums)
    tally.values = np.bincount(np.concatenate(values), minlength=CELLS)
    if targets:
        tally.targets = np.bincount(np.concatenate(targets), minlength=CELLS)
    return tally


def _least(mark: float) -> float:
    """Give the least target that reaches a mark: rounding does not make it fall short."""
    return mark - EDGE * abs(mark)


def run(
    plan: Plan,
    paths: int,
    seed: int,
    executor: Executor | None = None,
    chunk: int = CHUNK,
    progress: Callable[[int], object] | None = None,
) -> Tally:
    """Draw paths and count them, one task after the other or on an executor.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    paths, seed : int
        How many, and which.
    executor : concurrent.futures.Executor, optional
        Threads, processes or a cluster. Default: here.
    chunk : int
        Paths of a task, rounded up to whole blocks.
    progress : callable, optional
        Told the paths that are done.

    Returns
    -------
    Tally
        The same bits whatever the executor and the chunk. Where workers are lost for good, what
        they left undone is drawn here.

    Examples
    --------
    >>> plan = plan_of(Evaluation().use(None), "RIOT", 0.3)
    >>> run(plan, 20_000, 1).no_deal == run(plan, 20_000, 1, chunk=1).no_deal
    True
    """
    size = -(-chunk // BLOCK) * BLOCK
    tasks = [(first // BLOCK, min(size, paths - first)) for first in range(0, paths, size)]
    total = Tally()

    def done(tally: Tally) -> None:
        total.add(tally)
        if progress is not None:
            progress(total.paths)

    left = tasks if executor is None else _on_executor(executor, plan, seed, tasks, done)
    for first, count in left:
        done(count_blocks(plan, seed, first, count))
    return total


Task = tuple[int, int]


def _on_executor(
    executor: Executor, plan: Plan, seed: int, tasks: list[Task], done: Callable[[Tally], None]
) -> list[Task]:
    """Have an executor do tasks, never too many ahead; give those that it broke down on."""
    waiting = iter(tasks)
    running: dict[Future[Tally], Task] = {}
    undone: list[Task] = []
    try:
        for task in waiting:
            try:
                running[executor.submit(count_blocks, plan, seed, *task)] = task
            except BrokenExecutor:  # it takes no more
                undone += [task, *waiting]
            if len(running) >= AHEAD:
                undone += _gather(running, done)
        while running:
            undone += _gather(running, done)
    except BaseException:
        for future in running:
            future.cancel()
        raise
    return undone


def _gather(running: dict[Future[Tally], Task], done: Callable[[Tally], None]) -> list[Task]:
    """Count what has come back; give the tasks whose worker was lost."""
    ready, _ = wait(running, return_when=FIRST_COMPLETED)
    lost = []
    for future in ready:
        task = running.pop(future)
        try:
            tally = future.result()
        except (CancelledError, Exception):
            # A cluster cancels what it loses, or stumbles over it. Done anew, a task that is at
            # fault itself says so.
            lost.append(task)
        else:
            done(tally)
    return lost


@shared_parameters
def simulate(
    miner: Keyword,
    percentiles: Percentiles | None = None,
    paths: Count = USUAL_PATHS,
    seed: Count = 1,
    correlation: Fraction | None = None,
    book: BookText | None = None,
    *,
    tenants: int | None = None,
    executor: Executor | None = None,
    chunk: int = CHUNK,
    progress: Callable[[int], object] | None = None,
) -> Spill:
    """Distribution of a miner's target, or of the coverage's HPC value, from drawn outcomes.

    Parameters
    ----------
    miner : str
        Ticker, name or alias; "ALL" for the coverage together, in USD M alone.
    <percentiles>
    paths : int, optional
        Outcomes drawn: up to 1,000,000 in a cell. Default: 100,000.
    seed : int, optional
        Whole number of 0 or more; the same seed draws the same outcomes. Default: 1.
    <correlation>
    <book>
    tenants : int, optional
        Tenants that all names share, each of tenant_cap MW: contracts come in a drawn order and
        take what is left. Default: each name finds tenants of its own.
    executor : concurrent.futures.Executor, optional
        Threads, processes or a cluster to draw on, up to 100,000,000 paths. Default: here.
    chunk : int, optional
        Paths that a worker draws at once; its memory grows with them, the result does not change.
    progress : callable, optional
        Told the paths that are done.

    Returns
    -------
    ResultTable
        The rows of HPC_DISTRIBUTION without the model's own; the standard error of the mean.

    Raises
    ------
    ValuationError
        For an unknown miner, percentiles or a correlation outside 0 to 1, paths or a seed that are
        no such whole numbers, or a missing fact. What fails in one row is an error there alone.

    Notes
    -----
    Assumptions are those of HPC_DISTRIBUTION, whose figures it approaches: a probability misses
    them by about sqrt(p (1 - p) / paths). Percentiles are the lower edges of 65,536 cells between
    the least and the most that can come about. The result is the same bits for any chunk, executor
    and number of workers on one machine.

    Examples
    --------
    RIOT signs at even odds, and has then 3,690 USD M on average: half of it is 1,845.

    >>> rows = {row[0]: row for row in simulate("RIOT", [0.5], 100_000).rows}
    >>> round(rows["no deal"][1], 2)
    0.5
    >>> abs(rows["mean"][2] - 1845) < 4 * rows["standard error of the mean"][2]
    True
    """
    chosen = percentiles_of(percentiles)
    evaluation = Evaluation().use(book)
    most = MOST_ALONE if executor is None else MOST_PATHS
    count = _whole("paths", paths, Domain(1.0, float(most)))
    key = _whole("seed", seed, SEEDS)
    size = _whole("chunk", chunk, Domain(1.0, float(MOST_PATHS)))
    shared_by = None if tenants is None else _whole("tenants", tenants, TENANTS)
    shared = correlation_part(evaluation, correlation)
    ticker = None if is_coverage(miner) else evaluation.ticker(single_name("miner", miner))
    marks = {} if ticker is None else dict(compared_with(evaluation.book, ticker))
    figures = tuple(one for one in marks.values() if isinstance(one, float))
    with np.errstate(all="ignore"):
        plan = plan_of(evaluation, ticker, shared, shared_by, figures)
    tally = run(plan, count, key, executor, size, progress)
    return ResultTable(HEADER, tuple(_rows(plan, tally, chosen, marks)))


def _whole(name: str, given: Any, inside: Domain) -> int:
    """Check an argument that must be a whole number."""
    one = single_value(name, given)
    if not isinstance(one, float):
        raise misfit(name, "must be a number", one)
    if not inside.holds(one) or one != int(one):
        low, high = int(inside.low), int(inside.high)
        raise domain(name, f"must be a whole number from {low:,} to {high:,}", one)
    return int(one)


def _rows(
    plan: Plan, tally: Tally, percentiles: Array, marks: dict[str, float | ValuationError]
) -> Iterator[Row]:
    alone = plan.outcomes is None
    values = quantile_of_counts(plan.value_cells, tally.values, percentiles)
    targets = [None] * len(percentiles)
    if not alone:
        targets = quantile_of_counts(plan.target_cells, tally.targets, percentiles).tolist()
    for row in zip(percentiles.tolist(), values.tolist(), targets, strict=True):
        yield "percentile", *row
    means = [tally.mean(0), (None, None) if alone else tally.mean(1)]
    yield "mean", None, *(mean for mean, _ in means)
    yield "standard error of the mean", None, *(error for _, error in means)
    yield "no deal", tally.no_deal / tally.paths, 0.0, None
    reached = iter(np.ravel(tally.reached).tolist())
    for name, figure in marks.items():
        if isinstance(figure, ValuationError):
            yield name, figure, None, figure
        else:
            yield name, next(reached) / tally.paths, None, figure


def quantile_of_counts(cells: Cells, counts: Array, probability: Array) -> Array:
    """Give the lower edges of the first cells at which probabilities are reached.

    Examples
    --------
    >>> counts = np.bincount([0, 2], minlength=CELLS)
    >>> quantile_of_counts(Cells(10.0, 5.0), counts, np.array([0.5, 0.6])).tolist()
    [10.0, 20.0]
    """
    below = np.cumsum(counts)
    wanted = np.maximum(probability - EDGE, 0.0) * below[-1]
    # Before the first path there is nothing, even at a probability of 0.
    at = np.searchsorted(below, np.maximum(wanted, 0.5), side="left")
    return cells.edges[at]
