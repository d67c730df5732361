"""Killed at any moment, attach and freeze leave the original or the complete result."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.workbook import analysts
from tests.workbook.packages import digest
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.attach.attach import attach
from workbook.freeze import freeze
from workbook.model.build import build_model
from workbook.opc import replace
from workbook.opc.package import read_parts

pytestmark = [
    pytest.mark.long,
    pytest.mark.alone,
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="forks a process to kill it: run it on Linux"
    ),
]

KILLS = 100
"""Of each kind: of attach, and of freeze."""


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    path = tmp_path_factory.mktemp("ours") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "CIFR"]), path)
    return read_parts(path)


def start(work):
    """Begin the work in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def kill_at(seconds, work):
    """Begin the work in a process of its own and kill it."""
    child = start(work)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def moments(work):
    """Random moments over the time the work takes in a process of its own, and some after."""
    lengths = []
    for _ in range(3):
        began = time.perf_counter()
        os.waitpid(start(work), 0)
        lengths.append(time.perf_counter() - began)
    return [random.uniform(0, 1.6 * max(lengths)) for _ in range(KILLS)]


@pytest.mark.parametrize("links", [True, False], ids=["second names", "copies"])
def test_attach_leaves_the_original_or_the_complete_result(links, tmp_path, ours, monkeypatch):
    if not links:
        monkeypatch.setattr(replace.os, "link", lambda *_: (_ for _ in ()).throw(OSError()))
    source = analysts.write(tmp_path / "source.xlsx", *analysts.RICH)
    original, content = digest(source), source.read_bytes()
    whole = tmp_path / "whole.xlsx"

    def complete():
        whole.write_bytes(content)
        attach(whole, ours)

    times = moments(complete)
    result = digest(whole)
    outcomes = {original: 0, result: 0}
    for number, seconds in enumerate(times[: KILLS if links else KILLS // 4]):
        folder = tmp_path / f"kill{number}"
        folder.mkdir()
        path = folder / "model.xlsx"
        path.write_bytes(content)
        kill_at(seconds, lambda path=path: attach(path, ours))
        assert digest(path) in outcomes
        outcomes[digest(path)] += 1
        backup = folder / "model.before-attach.xlsx"
        assert not backup.exists() or digest(backup) == original
        attach(path, ours)
        assert digest(path) == result, "what a kill leaves behind is in nobody's way"
    assert all(outcomes.values()), "kills before and after the one moment of change"


def test_freeze_leaves_no_copy_or_the_complete_one(tmp_path, ours):
    path = analysts.write(tmp_path / "model.xlsx", *analysts.RICH)
    attach(path, ours)
    original = digest(path)
    whole = tmp_path / "whole.xlsx"
    times = moments(lambda: freeze(path, whole))
    result = digest(whole)
    seen = {"none": 0, "complete": 0}
    for number, seconds in enumerate(times):
        out = tmp_path / f"out{number}.xlsx"
        kill_at(seconds, lambda out=out: freeze(path, out))
        assert digest(path) == original
        if out.exists():
            assert digest(out) == result
        seen["complete" if out.exists() else "none"] += 1
    assert all(seen.values())
