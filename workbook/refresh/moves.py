"""Why targets moved between two books: what Log and History say driver by driver. Pure; no host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Final

from valuation_core.book import Book
from valuation_core.bridge import bridge
from valuation_core.errors import ValuationError
from workbook.cells import Value

AGREE: Final = 1e-9
"""Relative difference up to which a target that is shown is that of the facts."""


@dataclass(frozen=True, slots=True)
class Move:
    """What one driver changes: the target before it and after it, USD per share."""

    driver: str
    before: float
    after: float


Moves = Callable[[str], Sequence[Move]]
"""Gives the moves of a miner's target; none where nothing moves or nobody can tell."""


def moves_between(before: Book, after: Book, miner: str) -> list[Move]:
    """Give each driver that moves a target from one book to another, in the order of the bridge.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> moves = moves_between(load_book("2025-09-26"), load_book("2025-11-24"), "RIOT")
    >>> [(move.driver, round(move.after - move.before, 2)) for move in moves[:2]]
    [('price of bitcoin', -2.42), ('network', -0.33)]
    """
    try:
        rows = bridge(miner, before, after).rows
    except ValuationError:
        return []
    found: list[Move] = []
    reached = rows[0][2]
    for driver, change, so_far in rows[1:]:
        if change is None:  # the second target
            break
        if change:
            found.append(Move(driver, reached, so_far))
        reached = so_far
    return found


def lead_from(moves: Sequence[Move], old: Value, new: Value) -> bool:
    """Tell whether moves lead from a target that was shown to one that is shown.

    A new one that Excel is still to compute, None, is reached by any.
    """
    if not moves:
        return False
    return is_shown(moves[0].before, old) and (new is None or is_shown(moves[-1].after, new))


def is_shown(target: float | None, shown: Value) -> bool:
    """Tell whether a target is the one that is shown; one that is none is shown by an error."""
    if target is None or not isinstance(shown, float):
        return target is None and not isinstance(shown, float)
    return isclose(target, shown, rel_tol=AGREE, abs_tol=AGREE)
