"""Ctrl+C, and a request to end: one sentence, an exit status, nothing left behind."""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn

BY_CTRL_C: Final = 130
"""Exit status after Ctrl+C, as shells give it: 128 and the number of the signal."""

SENTENCE: Final = "Interrupted: no file is left half written."

PATIENCE: Final = 3.0
"""Seconds in which a second Ctrl+C does not disturb the tidying up after the first."""


class _State:
    """What the handlers know of the process: signals come to its main thread alone."""

    def __init__(self) -> None:
        self.holding = False
        self.waiting: int | None = None
        self.last = -PATIENCE


_state: Final = _State()


def watch() -> None:
    """Have Ctrl+C and requests to end unwind what runs, so that it tidies up.

    A signal that someone else handles or ignores, such as under `nohup`, stays theirs.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _on_ctrl_c)
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _on_request)
    sys.unraisablehook = _on_unraisable


def done() -> None:
    """Have Ctrl+C change nothing more: what was asked for is done, and Python only ends.

    While it ends it would give signals back to the system, and be killed without a sentence.
    """
    if signal.getsignal(signal.SIGINT) is _on_ctrl_c:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def happened() -> bool:
    """Tell whether Ctrl+C was pressed: what fails just after it, fails because of it."""
    return _state.last > -PATIENCE


def leave(status: int) -> NoReturn:
    """Say that this was interrupted, and end."""
    print(SENTENCE, file=sys.stderr)
    sys.exit(status)


def end(status: Any) -> NoReturn:
    """End with a status, once everything is tidied up.

    Left to itself `python -m` would end by the signal where the KeyboardInterrupt had passed
    through a text that it ran, as dataclasses do while they are made, although it was handled.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


@contextmanager
def held() -> Iterator[None]:
    """Let signals wait until the block is left, or until a block within it releases them."""
    _state.holding = True
    try:
        yield
    finally:
        _state.holding = False
        _raise_what_waits()


@contextmanager
def released() -> Iterator[None]:
    """Let signals through for a while inside `held`."""
    _state.holding = False
    _raise_what_waits()
    try:
        yield
    finally:
        _state.holding = True


def _raise_what_waits() -> None:
    number, _state.waiting = _state.waiting, None
    if number is not None:
        signal.raise_signal(number)


def _on_ctrl_c(number: int, _frame: FrameType | None) -> None:
    if _state.holding:
        _state.waiting = number
    elif time.monotonic() - _state.last > PATIENCE:
        _state.last = time.monotonic()
        raise KeyboardInterrupt


def _on_request(number: int, _frame: FrameType | None) -> None:
    if _state.holding:
        _state.waiting = number
        return
    signal.signal(number, signal.SIG_IGN)
    leave(128 + number)


def _on_unraisable(failure: Any) -> None:
    """Where Python would drop a Ctrl+C, such as while it frees an object, have it come again."""
    if isinstance(failure.exc_value, KeyboardInterrupt):
        _state.last = -PATIENCE
        _thread.interrupt_main()
    else:
        sys.__unraisablehook__(failure)
