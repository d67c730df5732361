"""Steps from one target to another, as the bars of a chart: the ladder and the bridge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from addin.boundary.call import NOTHING
from addin.pages.blocks import Bar, Block, Chart, Note
from workbook.cells import ErrorValue

MOST_UPRIGHT: Final = 7
"""Bars that stand beside each other with names that can be read; more of them lie."""

LEAST: Final = 0.005
"""USD per share: what is less shows as nothing, so it is no bar."""


def of_steps(key: str, title: str, rows: Any) -> Block:
    """Give a ladder or a bridge as a chart, or say why there is none."""
    if isinstance(rows, ErrorValue):
        return Note(key, title, (f"n/a: {rows.reason}",))
    small = [str(row[0]) for row in rows[1:] if row[1] != NOTHING and 0.0 < abs(row[1]) < LEAST]
    note = f"under {LEAST} and not drawn: {', '.join(small)}" if small else ""
    bars = tuple(steps(rows[1:]))
    return Chart(key, title, bars, upright=len(bars) <= MOST_UPRIGHT, note=note)


def steps(lines: Sequence[Sequence[Any]]) -> Iterator[Bar]:
    """Turn rows of a ladder or a bridge into bars; steps too small to see are left out.

    Examples
    --------
    >>> rows = [["plain", "-", 12.4], ["land", 3.2, 15.6], ["own facts", 0.0, 15.6]]
    >>> for bar in steps(rows):
    ...     print(bar.label, bar.start, bar.end, bar.role)
    plain 0.0 12.4 total
    land 12.4 15.6 rise
    """
    before = 0.0
    for name, change, so_far in lines:
        if isinstance(so_far, ErrorValue):
            continue
        if change == NOTHING:
            role = "figure" if name == "published" else "total"
            yield Bar(str(name), 0.0, so_far, role)  # type: ignore[arg-type]
        elif abs(change) >= LEAST:
            yield Bar(_label(str(name)), before, so_far, "rise" if change > 0.0 else "fall")
        before = so_far


def _label(name: str) -> str:
    """Give the name of a step in words that can be folded, and say which way a residual is meant.

    Examples
    --------
    >>> _label("land_power_value set to 1.18"), _label("note CIFR-0-convertible-2031, new")
    ('land power value set to 1.18', 'note CIFR 0 convertible 2031, new')
    """
    if name == "residual":
        return "left to published"
    words = (word.replace("-", " ") if word.count("-") > 1 else word for word in name.split())
    return " ".join(words).replace("_", " ")
