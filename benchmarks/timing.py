"""Timing of small things on a shared machine: alternate the two, take the medians.

What counts is the time of the processor, which a busy machine does not stretch as it does a clock.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

Row = tuple[str, str, str, str, str]


def compare(
    name: str, ours: Callable[[], Any], bare: Callable[[], Any], goal: str, repeats: int = 15
) -> Row:
    """Time two calls in turn and give a row of the table."""
    ours(), bare()
    times = [(_time(ours), _time(bare)) for _ in range(repeats)]
    first, second = median(pair[0] for pair in times), median(pair[1] for pair in times)
    ratio = median(pair[0] / pair[1] for pair in times)
    return name, show(first), show(second), f"{ratio:.2f}x", goal


def _time(call: Callable[[], Any]) -> float:
    start = _processor_seconds()
    call()
    return _processor_seconds() - start


def _processor_seconds() -> float:
    """Give what this process has taken, and those that it started and that have ended."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + others.ru_utime + others.ru_stime


def show(seconds: float) -> str:
    """Write a duration in a fitting unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
