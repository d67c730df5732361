"""Snapshot: the model's targets and ratings as they stand, appended to History. Pure; no host."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbook.cells import Value
from workbook.refresh.decide import Grid, RefreshError
from workbook.refresh.inputs import miners_of

HISTORY: Final = "History"
TARGETS: Final = "Targets"
TITLE: Final = "Snapshots of this model"
LISTING: Final = ("Editions, newest first", "Edition")
"""Title and first heading of the list above: those of the snapshots look like them."""

HANDLE_LABEL: Final = "Handle of these facts"

LINES: Final = (
    "Target, model",
    "Rating by the rule",
    "Share price",
    "Published target",
    "Published rating",
)
"""Rows of Targets that a snapshot keeps, by their label."""

_DAY: Final = re.compile(r"book:(\d{4}-\d\d-\d\d)")

DRIVER, CHANGE = "Driver since the snapshot before", "Change, USD per share"
HEADINGS: Final = ("Taken", "Miner", *LINES, "Book of", "Handle", DRIVER, CHANGE)
NOT_TOLD: Final = "not told: the facts of then are no longer in the workbook"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a snapshot says of a miner."""

    target: Value
    handle: Value
    day: Value
    time: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows to append to History, and the row of the first; a title and headings come first."""

    sheet: str
    """What History is called in the workbook."""
    row: int
    starts: bool
    """Whether this is the first snapshot, so that title and headings are still to be written."""
    rows: tuple[tuple[Value, ...], ...]
    moves: tuple[tuple[Value, ...], ...] = ()
    """Rows that follow: one for each driver of a target that moved since the snapshot before."""

    @property
    def taken(self) -> dict[str, Taken]:
        """What it says of each miner."""
        return {
            str(row[1]): Taken(row[2], row[len(LINES) + 3], row[len(LINES) + 2], str(row[0]))
            for row in self.rows
        }

    def line(self, miner: str, driver: str, change: float | None) -> tuple[Value, ...]:
        """Make the row of a driver."""
        blank: tuple[Value, ...] = (None,) * (len(LINES) + 2)
        return (self.rows[0][0], miner, *blank, driver, change)

    def with_moves(self, moves: Sequence[tuple[Value, ...]]) -> Snapshot:
        """Give it with rows that say why targets moved."""
        return replace(self, moves=tuple(moves))

    def __str__(self) -> str:
        return f"targets and ratings of {len(self.rows)} miners appended to {self.sheet}"


def decide_snapshot(grids: Mapping[str, Grid], time: str, attached: Mapping[str, str]) -> Snapshot:
    """Read what Targets shows and say which rows History gets.

    Parameters
    ----------
    grids : mapping of str to Grid
        The sheets of the workbook.
    time : str
        When the snapshot is taken.
    attached : mapping of str to str
        What attached sheets are called, by their names in the model.

    Raises
    ------
    RefreshError
        When the workbook has no such sheets, or its figures are not computed.
    """
    targets, history = (attached.get(name, name) for name in (TARGETS, HISTORY))
    for name in (targets, history):
        if name not in grids or (attached and name not in attached.values()):
            raise RefreshError(f"the workbook has no sheet {name} of ours; nothing was changed")
    ours = {title: grids[title] for title in attached.values()} or grids
    handle = next((text for one in ours.values() if (text := _beside(one, HANDLE_LABEL))), None)
    shown = targets_shown(grids[targets], miners_of(ours))
    day = _day_of(handle)
    rows = tuple((time, miner, *figures, day, handle) for miner, figures in shown.items())
    if not rows or any(value is None for row in rows for value in row):
        raise RefreshError(
            "the figures are not computed yet: open the workbook in Excel and save it; "
            "nothing was changed"
        )
    last = max(row for row, _ in grids[history])
    starts = TITLE not in grids[history].values()
    return Snapshot(history, last + (4 if starts else 1), starts, rows)


def last_taken(history: Grid) -> dict[str, Taken]:
    """Give what the newest snapshot in History says of each miner."""
    start = next((row for (row, _), value in history.items() if value == TITLE), None)
    if start is None:
        return {}
    found: dict[str, Taken] = {}
    last = max(row for row, _ in history)
    for row in range(start + 2, last + 1):
        time, miner, target = (history.get((row, column)) for column in (1, 2, 3))
        if target is not None:
            day, handle = (history.get((row, len(LINES) + more)) for more in (3, 4))
            found[str(miner)] = Taken(target, handle, day, str(time))
    return found


def targets_shown(grid: Grid, miners: Collection[str]) -> dict[str, list[Value]]:
    """Give the figures of `LINES` that Targets shows of each miner.

    Raises
    ------
    RefreshError
        When the sheet lacks one of the lines.
    """
    labels = {
        value: row for (row, column), value in sorted(grid.items(), reverse=True) if column == 1
    }
    lacking = [label for label in ("Miner", *LINES) if label not in labels]
    if lacking:
        raise RefreshError(f"{TARGETS} has no row {lacking[0]}; nothing was changed")
    columns = {
        str(value): column
        for (row, column), value in sorted(grid.items())
        if row == labels["Miner"] and value in miners
    }
    return {
        miner: [grid.get((labels[label], column)) for label in LINES]
        for miner, column in columns.items()
    }


def _day_of(handle: Value) -> Value:
    """Give the date that the handle of a book names."""
    found = _DAY.match(str(handle))
    return found[1] if found else None


def _beside(grid: Grid, label: str) -> Value:
    """Give the first text right of a label."""
    for (row, column), value in sorted(grid.items()):
        if value == label:
            right = (grid.get((row, place)) for place in range(column + 1, column + 6))
            return next((text for text in right if isinstance(text, str) and text), None)
    return None
