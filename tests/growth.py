"""How what something costs grows with its size: a law that holds on any machine, busy or not."""

from __future__ import annotations

from time import process_time

LEAST = 0.01
"""Seconds that measure nothing: a pass of the garbage collector takes as long."""


def seconds_of(work):
    """Give the processor seconds that a piece of work takes in this process."""
    start = process_time()
    work()
    return process_time() - start


def check_growth(work, few, many, factor=5.0):
    """Hold that what is done `many` times costs at most `factor` times as much for each as `few`.

    Work that grows with the square of its size costs `many / few` times as much for each.
    """
    work(few)  # what is read once is read now
    small = max(LEAST, *(seconds_of(lambda: work(few)) for _ in range(3)))
    large = seconds_of(lambda: work(many))
    assert large <= factor * small * many / few, (small, large)
