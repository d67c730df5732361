"""Why the targets of a workbook moved: through a refresh, and since the snapshot before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from addin.closed.carried import Carried
from valuation_core.book import Book
from valuation_core.errors import ValuationError
from valuation_core.target import target
from workbook.cells import Value
from workbook.refresh.decide import Grid, RefreshError, TableRow
from workbook.refresh.moves import Move, is_shown, lead_from, moves_between
from workbook.refresh.snapshot import NOT_TOLD, Snapshot, Taken, last_taken

MINUTES: Final = len("2026-11-27 08:40")
"""A mark tells the time of a refresh to the minute."""


def moves_of(
    carried: Carried, then: Callable[[], Book], miners: Iterable[str]
) -> dict[str, list[Move]]:
    """Give what moves the target of each miner from the book of a workbook to another.

    Nothing where own values or rows make no book: nobody can tell then.
    """
    try:
        first, second = carried.book(), then()
    except (ValuationError, RefreshError):
        return {}
    return {miner: moves_between(first, second, miner) for miner in miners}


def targets_then(
    carried: Carried, then: Callable[[], Book], before: Mapping[str, Value]
) -> dict[str, Value]:
    """Give the target of each miner by another book, as the core computes it.

    None, which is left to Excel, where the core does not give the target that is shown now.
    """
    try:
        first, second = carried.book(), then()
    except (ValuationError, RefreshError):
        return dict.fromkeys(before)
    found: dict[str, Value] = {}
    for miner, shown in before.items():
        old, new = _target(first, miner), _target(second, miner)
        found[miner] = None
        if is_shown(old, shown):
            found[miner] = shown if new == old else new
    return found


def _target(book: Book, miner: str) -> float | None:
    try:
        return float(target(miner, book=book))
    except ValuationError:
        return None


def since_last(carried: Carried, history: Grid, step: Snapshot) -> Snapshot:
    """Give a snapshot with why each target moved since the one before it.

    The facts of then are looked for in the workbook: its rows but those brought since, under any
    case, with your own values or without. The handle says whether they are the same.
    """
    before = last_taken(history)
    try:
        book = carried.book()
    except (ValuationError, RefreshError):
        book = None
    lines: list[tuple[Value, ...]] = []
    known: dict[Taken, Book | None] = {}
    for miner, now in step.taken.items():
        then = before.get(miner)
        if then is None or then.target == now.target:
            continue
        key = Taken(0.0, then.handle, then.day, then.time)
        if key not in known:
            known[key] = next(_books_of(carried, then), None)
        moves: list[Move] = []
        if (first := known[key]) is not None and book and book.handle == now.handle:
            moves = moves_between(first, book, miner)
        if lead_from(moves, then.target, now.target):
            lines += [step.line(miner, one.driver, one.after - one.before) for one in moves]
        else:
            lines.append(step.line(miner, NOT_TOLD, None))
    return step.with_moves(lines)


def _books_of(carried: Carried, then: Taken) -> Iterator[Book]:
    """Give the book that a handle names, as far as the rows and own values of today make it."""
    try:
        day = date.fromisoformat(str(then.day))
        rows = carried.without(_brought_since(carried, then.time), day)
    except (ValueError, ValuationError):
        return
    for case in rows.cases:
        for own in (carried.own, ()):
            try:
                book = carried.in_case(rows, case, own)
            except ValuationError:
                continue
            if book.handle == then.handle:
                yield book


def _brought_since(carried: Carried, time: str) -> list[TableRow]:
    """Give the rows that a refresh brought after a time, by the marks beside them."""
    found = []
    for table in carried.held.values():
        rows: Mapping[int, Any] = dict(zip(table.lines, table.rows, strict=True))
        for line, mark in table.marks.items():
            if line in rows and mark.partition(", ")[2] > time[:MINUTES]:
                found.append(TableRow(table, line, rows[line]))
    return found
