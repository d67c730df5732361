"""Ctrl+C and a request to end: one sentence, its exit status, no process and no file left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from addin import interrupts
from addin.calc.engine import _pipe_of
from addin.cli import main

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc, on Linux"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    assert CliRunner().invoke(main, ["build", "--out", str(path)]).exit_code == 0
    return path


def start(folder, *arguments):
    """Start the command line with a temporary folder of its own."""
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "addin", *map(str, arguments)],
        env=os.environ | {"TMPDIR": str(folder), "HPCVAL_CACHE": str(folder.parent / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,
    )


def heed_signals():
    """Let signals mean what they do at a terminal: a shell in the background has them ignored."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def processes_in(folder):
    """Give the processes that were started with a path in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(int(place.parent.name))
    return found


def wait_until(true, seconds=300):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("command", "number", "status"),
    [
        *((("recalc",), *one) for one in SIGNALS),
        (("check", "--recalc"), *SIGNALS[0]),
        *(pytest.param(("check", "--recalc"), *one, marks=pytest.mark.long) for one in SIGNALS[1:]),
    ],
    ids=str,
)
def test_an_interrupted_command_leaves_no_libreoffice_and_no_copy(
    tmp_path, model, number, status, command
):
    folder = tmp_path / "temporary"
    before = model.read_bytes()
    process = start(folder, command[0], model, *command[1:])
    wait_until(lambda: processes_in(folder))
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    (profile,) = folder.glob("hpcval-office-*/profile")
    wait_until(_pipe_of(profile).exists)
    process.send_signal(number)
    output, said = process.communicate(timeout=150)
    assert (process.returncode, said, output) == (status, f"{interrupts.SENTENCE}\n", "")
    assert processes_in(folder) == []
    assert list(folder.iterdir()) == []
    assert not _pipe_of(profile).exists()
    assert model.read_bytes() == before


@pytest.mark.engine
def test_a_second_ctrl_c_does_not_disturb_the_tidying_up(tmp_path, model):
    folder = tmp_path / "temporary"
    process = start(folder, "recalc", model)
    wait_until(lambda: processes_in(folder))
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, said = process.communicate(timeout=150)
    assert (process.returncode, said) == (130, f"{interrupts.SENTENCE}\n")
    assert processes_in(folder) == []
    assert list(folder.iterdir()) == []


def watches(process):
    """Tell whether a process has come to our code: it handles a request to end."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(
    "delay",
    [
        0,
        0.1,
        0.5,
        *(pytest.param(one, marks=pytest.mark.long) for one in (0.05, 0.2, 0.35, 0.8, 1.2)),
    ],
)
def test_whenever_ctrl_c_comes_there_is_a_sentence_and_no_traceback(tmp_path, delay):
    """From the imports to the writing of the workbook."""
    out = tmp_path / "model.xlsx"
    process = start(tmp_path / "temporary", "build", "--out", out)
    wait_until(lambda: watches(process))
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    output, said = process.communicate(timeout=300)
    assert process.returncode == 130 or output.endswith(f"Workbook: {out}\n")
    assert "Traceback" not in said
    if process.returncode:
        assert said.endswith(f"{interrupts.SENTENCE}\n")
    assert {path.name for path in tmp_path.iterdir()} <= {"model.xlsx", "temporary", "cache"}
    assert list((tmp_path / "temporary").iterdir()) == []


PROBE = """
import signal, sys, types
cli = types.ModuleType("addin.cli")
cli.main = lambda: exec("import signal\\nsignal.raise_signal(signal.SIGINT)\\nwhile True: pass")
sys.modules["addin.cli"] = cli
from addin.__main__ import run
run()
"""


def test_a_ctrl_c_that_passes_through_a_text_being_run_gives_its_status_too(tmp_path):
    """As while a dataclass is made; python -m would end by the signal, -2 here."""
    (tmp_path / "probe.py").write_text(PROBE)
    done = subprocess.run(
        [sys.executable, "-m", "probe"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        preexec_fn=heed_signals,
    )
    assert (done.returncode, done.stderr) == (130, f"{interrupts.SENTENCE}\n")


def test_once_a_command_is_done_ctrl_c_changes_nothing_but_stays_someone_elses():
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, interrupts._on_ctrl_c)
        interrupts.done()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupts.done()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_waits_while_it_is_held(monkeypatch):
    monkeypatch.setattr(interrupts, "_state", interrupts._State())
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    done = []

    def hold():
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            done.append("held")
            with interrupts.released():
                done.append("never")

    try:
        interrupts.watch()
        with pytest.raises(KeyboardInterrupt):
            hold()
        assert done == ["held"]
    finally:
        signal.signal(signal.SIGINT, before)
