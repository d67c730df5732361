"""The simulation at length: ten million paths against the exact figures, and real workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.valuation_core.test_simulation import PLAN, check_sum, check_target, same
from valuation_core.simulation import run

pytestmark = [pytest.mark.long, pytest.mark.alone]

PATHS = 10_000_000
CORRELATIONS = (0.0, 0.3, 0.9)


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("count", [1, 5, 13])
def test_ten_million_paths_are_where_the_exact_sum_says(count, correlation):
    check_sum(count, correlation, PATHS)


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("case", ["plain", "sites"])
@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CIFR", "MARA"])
def test_targets_of_ten_million_paths_are_where_the_exact_distribution_says(
    ticker, case, correlation
):
    check_target(ticker, case, correlation, PATHS)


def processes(count=2):
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def test_two_processes_change_no_bit_for_any_chunk():
    alone = run(PLAN, 2_000_000, 5)
    with processes() as pool:
        for chunk in (10_000, 100_000, 1_000_000):
            assert same(run(PLAN, 2_000_000, 5, pool, chunk), alone)


def test_a_process_that_is_killed_changes_no_bit():
    alone = run(PLAN, 20_000_000, 5)
    killed = []

    def kill_one():
        while not killed:
            if found := list(pool._processes):
                time.sleep(1)
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])

    with processes() as pool:
        threading.Thread(target=kill_one).start()
        assert same(run(PLAN, 20_000_000, 5, pool), alone)
        with pytest.raises(Exception, match="terminated abruptly"):  # it was, while it ran
            pool.submit(int).result()


def test_two_workers_of_a_cluster_change_no_bit_not_even_when_one_is_killed():
    distributed = pytest.importorskip("distributed")
    alone = run(PLAN, 2_000_000, 5)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        executor = client.get_executor()
        for chunk in (10_000, 100_000, 1_000_000):
            assert same(run(PLAN, 2_000_000, 5, executor, chunk), alone)
        worker = next(iter(client.run(os.getpid).values()))
        told = []

        def kill_one(done):
            if not told:
                os.kill(worker, signal.SIGKILL)
            told.append(done)

        assert same(run(PLAN, 2_000_000, 5, executor, 50_000, kill_one), alone)


def test_the_command_draws_on_a_cluster(tmp_path):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    line = [sys.executable, "-m", "addin", "simulate", "CIFR", "--json"]
    with cluster:
        shown = [
            subprocess.run([*line, *more], capture_output=True, text=True, check=True).stdout
            for more in (["--dask", cluster.scheduler_address], ["--workers", "2"])
        ]
    assert shown[0] == shown[1]
    assert '"mean"' in shown[0]


def test_a_cluster_that_is_lost_while_it_draws_changes_no_figure_and_says_no_word():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    line = [sys.executable, "-m", "addin", "simulate", "RIOT", "--paths", "8e6", "--json"]
    with cluster:
        running = subprocess.Popen(
            [*line, "--dask", cluster.scheduler_address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not cluster.scheduler.tasks:  # none is handed out yet
            time.sleep(0.1)
    out, err = running.communicate(timeout=100)
    alone = subprocess.run([*line, "--workers", "2"], capture_output=True, text=True, check=True)
    assert (out, err, running.returncode) == (alone.stdout, "", 0)


MEMORY = """
import resource
from valuation_core.draws import plan_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.simulation import run
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
plan = plan_of(Evaluation().use(None), "RIOT", 0.3)
start = peak()
assert run(plan, 100_000_000, 1).paths == 100_000_000
print((peak() - start) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is told in its units there")
def test_a_hundred_million_paths_take_less_than_150_mb():
    run_alone = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    assert float(run_alone.stdout) < 150
