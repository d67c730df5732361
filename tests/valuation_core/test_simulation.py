"""The simulation against the exact distribution, and its bits against themselves."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest

from valuation_core import ValuationError, load_book
from valuation_core.contracts import Contract, Contracts
from valuation_core.distribution import TargetSpread, distribution
from valuation_core.draws import BLOCK, CELLS, Cells, Plan, cells_between, draw, plan_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.lattice import spread_of
from valuation_core.simulation import AHEAD, CHUNK, run, simulate

VALUES = 200
"""Fixed values at which both distributions are compared."""


def names(count):
    """A plan of names with one contract each, of 100 to 800 MW at 3.7, 6.15 or 8.6 USD M."""
    draws = np.random.default_rng(0)
    made = []
    for number in range(count):
        mw, chance = draws.uniform(100, 800), draws.uniform(0.1, 0.8)
        contract = Contract(f"{number}", chance, mw, 3.7 * mw, 6.15 * mw, 8.6 * mw)
        made.append(Contracts(f"{number}", (contract,), 0.0))
    return tuple(made)


def coverage_plan(contracts, correlation, pool=None, own=None):
    most = sum(one.high for miner in contracts for one in miner.contracts)
    own = np.ones(len(contracts), dtype=bool) if own is None else np.array(own)
    return Plan(contracts, own, correlation, pool, None, (), cells_between(0.0, most), Cells(0, 1))


def assert_alike(counts, exact, values, paths):
    """The shares counted below values are the exact ones, within four standard errors."""
    counted = np.concatenate([[0], np.cumsum(counts)])[values] / paths
    error = np.sqrt(np.clip(exact * (1 - exact), 0, None) / paths)
    assert (np.abs(counted - exact) <= 4 * error + 1.5 / paths).all()


def some_cells(counts):
    """Cells spread over where the paths are."""
    reached = np.flatnonzero(counts)
    return np.unique(np.linspace(reached[0] + 1, reached[-1], VALUES).astype(int))


def check_sum(count, correlation, paths):
    contracts = names(count)
    plan = coverage_plan(contracts, correlation)
    tally = run(plan, paths, 1)
    values = some_cells(tally.values)
    spread = spread_of(*_joined(contracts), correlation)
    assert_alike(tally.values, spread.below(plan.value_cells.edges[values]), values, paths)
    assert tally.no_deal / paths == pytest.approx(spread.no_deal, abs=2 / np.sqrt(paths))


def _joined(contracts):
    from valuation_core.lattice import joined

    probability = np.concatenate([one.probability for one in contracts])
    return joined(one.values for one in contracts), probability


def check_target(ticker, case, correlation, paths):
    book = load_book(case=case)
    plan = plan_of(Evaluation().use(book), ticker, correlation)
    tally = run(plan, paths, 2)
    gains, probability = plan.outcomes.contracts.gains, plan.outcomes.contracts.probability
    exact = TargetSpread(plan.outcomes, spread_of(gains, probability, correlation))
    values = some_cells(tally.targets)
    assets = [plan.outcomes.assets(edge) for edge in plan.target_cells.edges[values]]
    assert_alike(tally.targets, exact.below(np.array(assets)), values, paths)
    mean, error = tally.mean(1)
    assert abs(mean - exact.mean) < 4 * error


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("count", [1, 5, 13])
def test_a_million_paths_are_where_the_exact_sum_says(count, correlation):
    check_sum(count, correlation, 1_000_000)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
@pytest.mark.parametrize(
    ("ticker", "case"), [("RIOT", "plain"), ("IREN", "sites"), ("CIFR", "sites")]
)
def test_targets_of_a_million_paths_are_where_the_exact_distribution_says(
    ticker, case, correlation
):
    check_target(ticker, case, correlation, 1_000_000)


def test_the_table_has_the_rows_of_the_exact_one_and_the_standard_error():
    exact, drawn = distribution("RIOT").rows, simulate("RIOT").rows
    kept = [row[0] for row in exact if row[0] != "model's own"]
    assert [row[0] for row in drawn if row[0] != "standard error of the mean"] == kept
    at = {row[0]: row for row in drawn}
    mean, error = at["mean"], at["standard error of the mean"]
    assert abs(mean[2] - 1845) < 4 * error[2]
    # One contract at even odds: 0.5 x (3690^2 + 1/24 of the width squared) less the mean squared.
    spread = np.sqrt(0.5 * (3690**2 + 2940**2 / 24) - 1845**2)
    assert error[2] == pytest.approx(spread / np.sqrt(100_000), rel=0.01)


def test_the_price_and_the_published_target_are_reached_as_often_as_the_exact_table_says():
    exact = {row[0]: row[1] for row in distribution("RIOT").rows}
    drawn = {row[0]: row[1] for row in simulate("RIOT").rows}
    for name in ("no deal", "at least the price", "at least the published target"):
        error = np.sqrt(exact[name] * (1 - exact[name]) / 100_000)
        assert abs(drawn[name] - exact[name]) < 4 * error


def same(one, other):
    """Whether two tallies are the same bits."""
    return (
        one.paths == other.paths
        and one.no_deal == other.no_deal
        and np.array_equal(one.values, other.values)
        and np.array_equal(one.targets, other.targets)
        and np.array_equal(one.reached, other.reached)
        and one.mean(0) == other.mean(0)
        and one.mean(1) == other.mean(1)
    )


PLAN = plan_of(Evaluation().use(load_book(case="sites")), "CIFR", 0.3, None, (11.66, 12.0))
PATHS = 300_000


def test_no_chunk_and_no_thread_changes_a_bit():
    alone = run(PLAN, PATHS, 5)
    assert alone.paths == PATHS
    assert int(alone.values.sum()) == int(alone.targets.sum()) == PATHS
    for chunk in (1, 10_000, 1_000_000):
        assert same(run(PLAN, PATHS, 5, chunk=chunk), alone)
    with ThreadPoolExecutor(3) as threads:
        assert same(run(PLAN, PATHS, 5, threads, 10_000), alone)
    assert not same(run(PLAN, PATHS, 6), alone)


def test_fewer_paths_are_the_first_of_more():
    few, many = run(PLAN, BLOCK + 100, 5), run(PLAN, 2 * BLOCK, 5)
    first = draw(PLAN, 5, 1).value[100:]
    rest = np.bincount(PLAN.value_cells.of(first), minlength=CELLS)
    assert np.array_equal(few.values + rest, many.values)


class FailsAfter(Executor):
    """Does some tasks, then breaks down: those that run fail, and none is taken any more."""

    def __init__(self, count):
        self.count, self.taken = count, 0

    def submit(self, function, /, *arguments, **_):
        self.taken += 1
        if self.taken > self.count + 3:
            raise BrokenExecutor
        future = Future()
        if self.taken > self.count:
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(function(*arguments))
        return future


@pytest.mark.parametrize("count", [0, 3, 34, 1000])
def test_workers_that_are_lost_change_nothing(count):
    assert same(run(PLAN, PATHS, 5, FailsAfter(count), 1), run(PLAN, PATHS, 5))


def test_tasks_that_a_cluster_cancels_are_drawn_here():
    class Cancels(Executor):
        def submit(self, *_, **__):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    assert same(run(PLAN, PATHS, 5, Cancels()), run(PLAN, PATHS, 5))


def test_never_more_tasks_are_handed_out_than_are_soon_counted():
    most, running, lock = 0, 0, threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, function, /, *arguments, **_):
            nonlocal most, running
            with lock:
                running += 1
                most = max(most, running)
            future = super().submit(function, *arguments)
            future.add_done_callback(back)
            return future

    def back(_):
        nonlocal running
        with lock:
            running -= 1

    with Counting(2) as executor:
        run(PLAN, 60 * BLOCK, 1, executor, 1)
    assert most <= AHEAD


def test_an_interruption_cancels_what_was_handed_out():
    cancelled = []

    class Slow(Executor):
        def submit(self, function, /, *arguments, **_):
            future = Future()
            if not cancelled and self.first:
                self.first = False
                future.set_result(function(*arguments))
            else:
                future.add_done_callback(lambda one: cancelled.append(one.cancelled()))
            return future

        first = True

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(PLAN, 5 * BLOCK, 1, Slow(), 1, stop)
    assert cancelled == [True] * 4


def test_progress_is_told_in_paths():
    told = []
    run(PLAN, 3 * BLOCK + 7, 1, chunk=BLOCK, progress=told.append)
    assert told == [BLOCK, 2 * BLOCK, 3 * BLOCK, 3 * BLOCK + 7]


def test_memory_is_that_of_a_chunk_and_not_of_the_paths():
    run(PLAN, CHUNK, 1)
    peaks = []
    for paths in (CHUNK, 8 * CHUNK):
        tracemalloc.start()
        run(PLAN, paths, 1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 20e6
    assert peaks[1] < peaks[0] + 2e6


def certain(*mw):
    """Names that sign for certain, at 1 USD M a MW."""
    return tuple(
        Contracts(str(at), (Contract(str(at), 1.0, one, one, one, one),), 0.0)
        for at, one in enumerate(mw)
    )


def test_names_that_share_a_tenant_take_what_is_left_first_come_by_a_drawn_order():
    # 600 and 600 MW of a tenant for 800: one has 600, the other 200, each first on half the paths.
    first = draw(coverage_plan(certain(600.0, 600.0), 0.3, 800.0, [True, False]), 1, 0).value
    assert set(first.round(9)) == {200.0, 600.0}
    assert first.mean() == pytest.approx(400, abs=4 * 200 / np.sqrt(BLOCK))
    together = draw(coverage_plan(certain(600.0, 600.0), 0.3, 800.0), 1, 0).value
    assert together == pytest.approx(np.full(BLOCK, 800.0))


def test_tenants_enough_for_all_change_no_mean_and_none_at_all_leave_nothing():
    book = load_book()
    alone = {row[0]: row for row in simulate("RIOT", [0.5], 50_000, book=book).rows}
    enough = {row[0]: row for row in simulate("RIOT", [0.5], 50_000, book=book, tenants=3).rows}
    error = alone["standard error of the mean"][2]
    assert enough["mean"][2] == pytest.approx(alone["mean"][2], abs=6 * error)
    nothing = {row[0]: row for row in simulate("RIOT", [0.5], 1000, book=book, tenants=0).rows}
    assert (nothing["mean"][2], nothing["no deal"][1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"paths": 1e12}, "paths must be a whole number from 1 to 1,000,000, got 1000000000000"),
        ({"paths": 0.5}, "paths must be a whole number from 1 to 1,000,000, got 0.5"),
        ({"paths": "x"}, "paths must be a number, got 'x'"),
        ({"seed": -1}, "seed must be a whole number from 0 to 9,007,199,254,740,992, got -1"),
        ({"correlation": 1.2}, "correlation must be between 0 and 1, got 1.2"),
        ({"percentiles": [2.0]}, "percentiles must be between 0 and 1, got 2"),
        ({"tenants": 1.5}, "tenants must be a whole number from 0 to 1,000,000, got 1.5"),
        ({"chunk": 0}, "chunk must be a whole number from 1 to 100,000,000, got 0"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, reason):
    with pytest.raises(ValuationError) as refused:
        simulate("RIOT", **given)
    assert str(refused.value) == reason


def test_an_executor_takes_more_paths_up_to_a_limit():
    with pytest.raises(ValuationError) as refused, ThreadPoolExecutor(1) as executor:
        simulate("RIOT", paths=1e12, executor=executor)
    assert (
        str(refused.value)
        == "paths must be a whole number from 1 to 100,000,000, got 1000000000000"
    )
