"""Drawing outcomes from the command line: the same figures on any number of processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Future

import pytest
from click.testing import CliRunner

from addin.cli import main
from addin.cli import simulate as command
from valuation_core import __version__, load_book
from valuation_core.simulation import simulate


def hpcval(*arguments):
    return CliRunner().invoke(main, ["simulate", *arguments])


def test_the_figures_are_those_of_the_function_on_one_process_and_on_two():
    given = ("CIFR", "--paths", "50000", "--seed", "3", "--percentile", "0.9", "--case", "sites")
    shown = [json.loads(hpcval(*given, "--workers", count, "--json").output) for count in "12"]
    assert shown[0] == shown[1]
    rows = shown[0]["Target of CIFR, 50,000 outcomes, sites, 2025-09-26"]
    direct = simulate("CIFR", [0.9], 50_000, 3, book=load_book(case="sites"))
    names = dict.fromkeys(direct.header)
    assert [[*row] for row in rows] == [[*names]] * len(rows)
    found = [[None if cell == "-" else cell for cell in row.values()] for row in rows]
    assert found == [[*row] for row in direct.rows]


def test_names_may_share_tenants():
    run = hpcval("ALL", "--tenants", "1", "--paths", "1000", "--workers", "1")
    assert run.exit_code == 0
    assert "HPC value of the coverage, 1,000 outcomes, plain, 2025-09-26" in run.output


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("RIOT --paths 1e12", "paths must be a whole number from 1 to 100,000,000"),
        ("RIOT --correlation 1.2", "correlation must be between 0 and 1, got 1.2"),
        ("RIOT --percentile 1.5", "percentiles must be between 0 and 1, got 1.5"),
        ("RIOT --tenants x", "tenants must be a number, got 'x'"),
        ("RIOTT", "unknown miner 'RIOTT'; did you mean RIOT?"),
        ("RIOT --dask nowhere", "--dask nowhere: must be HOST:PORT, such as tcp://10.0.0.5:8786"),
        ("RIOT --dask tcp://127.0.0.1:1 --workers 2", "give either --workers or --dask"),
    ],
)
def test_bad_input_is_one_sentence_and_no_table(given, reason):
    run = hpcval(*given.split())
    assert run.exit_code != 0
    assert run.output.splitlines()[-1].startswith(f"Error: {reason}")


def test_a_cluster_that_cannot_be_reached_is_one_sentence(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(command, "PATIENCE", "1s")
    run = hpcval("RIOT", "--dask", "tcp://127.0.0.1:1")
    assert run.exit_code == 1
    assert run.output.startswith("Error: --dask tcp://127.0.0.1:1 cannot be reached: ")
    assert run.output.count("\n") == 1


class Cluster:
    """What a client of a cluster tells, and an executor that never does anything."""

    status = "running"

    def __init__(self, versions=None):
        self.versions = versions
        self.futures = []

    def wait_for_workers(self, count, timeout):
        assert (count, timeout) == (1, command.PATIENCE)
        if not self.versions:
            raise TimeoutError

    def run(self, function):
        assert function() == __version__
        return self.versions

    def get_executor(self):
        return self

    def submit(self, *_):
        self.futures.append(Future())
        return self.futures[-1]


@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        ({}, "--dask A:1 has no worker"),
        (
            {"tcp://B:2": __version__, "tcp://C:3": "none"},
            f"--dask A:1: the worker tcp://C:3 needs hpc-valuation {__version__}, and has none",
        ),
    ],
)
def test_workers_that_cannot_draw_the_same_are_refused_before_they_draw(versions, reason):
    with pytest.raises(command.Refusal) as refused:
        command._check_workers(Cluster(versions), "A:1")
    assert refused.value.message == reason
    command._check_workers(Cluster({"tcp://B:2": __version__}), "A:1")


def test_a_cluster_that_is_lost_leaves_no_task_waiting_for_ever():
    cluster = Cluster()
    workers = command._Workers(cluster)
    done, waiting, stopped = (workers.submit(print) for _ in range(3))
    cluster.futures[0].set_result(1)
    stopped.cancel()
    cluster.status = "connecting"
    with pytest.raises(BrokenExecutor, match="the cluster is lost"):
        waiting.result(timeout=10)
    assert done.result() == 1
    assert [one.cancelled() for one in cluster.futures] == [False, False, True]
    with pytest.raises(BrokenExecutor):
        workers.submit(print)


def test_without_the_package_of_the_cluster_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = hpcval("RIOT", "--dask", "tcp://127.0.0.1:8786")
    assert run.output == (
        'Error: --dask needs dask.distributed: pip install "hpc-valuation[cluster]"\n'
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes gets a signal at once")
@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_ctrl_c_is_one_sentence_and_leaves_no_process(seconds):
    """As at a terminal: every process of the group gets the signal."""
    running = subprocess.Popen(
        [sys.executable, "-m", "addin", "simulate", "RIOT", "--paths", "1e8", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(seconds)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=300)
    assert (running.returncode, out, err) == (
        130,
        "",
        "Interrupted: no file is left half written.\n",
    )
    for _ in range(200):
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("processes are left")
