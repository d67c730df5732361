"""Esc stops a button: Excel hears no key while it waits for Python, so Python listens in its place.

What is done asks between its steps, `look`, never within one: a write that was begun is ended and
known, so that it can be taken back with the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from workbook.errors import WorkbookError

if TYPE_CHECKING:
    import xlwings

PULSE: Final = 0.03
"""Seconds between two looks at the key: a finger holds one down for longer."""

ESCAPE: Final = 0x1B
"""The number that Windows gives the key Esc."""

STOPPED: Final = "stopped by Esc; nothing was changed"

_pressed: ContextVar[threading.Event | None] = ContextVar("pressed", default=None)


class StoppedError(WorkbookError):
    """Somebody pressed Esc."""


@contextmanager
def listening(is_down: Callable[[], bool]) -> Iterator[None]:
    """Let Esc stop what is done meanwhile.

    Parameters
    ----------
    is_down
        Tells whether Esc is down now, and meant for this Excel.
    """
    pressed, over = threading.Event(), threading.Event()

    def listen() -> None:
        while not over.wait(PULSE):
            if is_down():
                pressed.set()
                return

    thread = threading.Thread(target=listen, daemon=True)
    token = _pressed.set(pressed)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _pressed.reset(token)


def look() -> None:
    """Go on, unless somebody pressed Esc.

    Raises
    ------
    StoppedError
        When somebody did.
    """
    pressed = _pressed.get()
    if pressed is not None and pressed.is_set():
        raise StoppedError(STOPPED)


def past_stopping() -> None:
    """Hear Esc no more: the cells are written, and what is left only reports on them."""
    _pressed.set(None)


def escape_over(book: xlwings.Book) -> Callable[[], bool]:
    """Tell whether Esc is down while a workbook's Excel is in front: elsewhere it is for others."""
    import pywintypes
    import win32api
    import win32gui
    import win32process

    excel = book.app.pid
    win32api.GetAsyncKeyState(ESCAPE)  # forgets a press of before

    def is_down() -> bool:
        if not win32api.GetAsyncKeyState(ESCAPE):
            return False
        try:
            front = win32process.GetWindowThreadProcessId(win32gui.GetForegroundWindow())[1]
            return bool(front == excel)
        except pywintypes.error:  # no window is in front, or it has gone
            return False

    return is_down
