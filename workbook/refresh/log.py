"""The Log sheet: one line per changed fact, from which a refresh is taken back. Pure; no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from workbook.cells import Value
from workbook.refresh.decide import (
    BESIDE,
    VALUE,
    Beside,
    Change,
    Grid,
    InputTable,
    RefreshError,
    address_in,
    same,
)

NAME: Final = "Log"
UNDO: Final = "undo of "
"""How the origin of a line begins that took a refresh back; the time of that refresh follows."""

HEADINGS: Final = (
    "time",
    "sheet",
    "cell",
    "scope",
    "metric",
    "old",
    "new",
    "source",
    "refreshed from",
    "known by",
    *(f"{heading} {when}" for heading in BESIDE for when in ("before", "after")),
)
WIDTHS: Final = (20, 9, 8, 9, 22, 12, 12, 44, 44, 11, *[11] * (2 * len(BESIDE)))


def log_lines(
    changes: Sequence[Change], time: str, origin: str, known_by: date | None
) -> list[list[Value]]:
    """Write the lines of a refresh, one per changed fact."""
    return [
        [
            time,
            change.sheet,
            change.address,
            change.scope,
            change.metric,
            _text(change.old),
            _text(change.new),
            change.source,
            origin,
            _text(known_by),
            *(_text(value) for heading in BESIDE for value in _both(change.told(heading))),
        ]
        for change in changes
    ]


def _both(beside: Beside) -> tuple[Value, Value]:
    return beside.old, beside.new


def _text(value: Value) -> Value:
    """Write a date as text, so that the log reads the same in any country."""
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes the last refresh back."""

    time: str
    changes: tuple[Change, ...]
    origin: str
    """What the facts rest on afterwards: the refresh before, or the workbook as built."""
    known_by: date | None

    def __str__(self) -> str:
        count = len(self.changes)
        facts = "1 fact is as it was" if count == 1 else f"{count} facts are as they were"
        return f"{facts} before the refresh of {self.time}"


def decide_undo(log: Grid, table: InputTable) -> Undo:
    """List the changes that restore the facts as they were before the last refresh.

    Raises
    ------
    RefreshError
        When there is no refresh to take back, or one of its cells was changed since.
    """
    lines = _lines(log)
    standing: list[str] = []
    for time, origin in dict.fromkeys((line["time"], line["refreshed from"]) for line in lines):
        if origin.startswith(UNDO):
            standing.remove(origin.removeprefix(UNDO))
        else:
            standing.append(time)
    if not standing:
        raise RefreshError("the Log holds no refresh to take back; nothing was changed")
    last = standing.pop()
    changes = [_reverse(line, table) for line in lines if line["time"] == last]
    before = [line for line in lines if standing and line["time"] == standing[-1]]
    if not before:
        return Undo(last, tuple(changes), "the workbook as built", None)
    day = date.fromisoformat(before[0]["known by"])
    return Undo(last, tuple(changes), before[0]["refreshed from"], day)


def _lines(log: Grid) -> list[dict[str, Any]]:
    """Read the lines of the Log by its headings."""
    headings = {value: column for (row, column), value in log.items() if row == 1}
    if not set(HEADINGS) <= headings.keys():
        raise RefreshError(f"sheet {NAME} is not a log of refreshes; nothing was changed")
    last = max(row for row, _ in log)
    lines = (
        {name: log.get((row, column)) for name, column in headings.items()}
        for row in range(2, last + 1)
    )
    return [line for line in lines if line["time"]]


def _reverse(line: Mapping[str, Any], table: InputTable) -> Change:
    """Turn a line round, after making sure that the fact is still as the refresh left it."""
    name = f"{line['scope']} {line['metric']}"
    rows = (row for row in table.rows if f"{row.scope} {row.metric}" == name)
    row = next(rows, None)
    old = row.cells.get(VALUE) if row else None
    if row is None or not same(_text(old), _blank(line["new"])):
        raise RefreshError(
            f"{name} was changed since the refresh of {line['time']}; nothing was changed"
        )
    beside = tuple(
        Beside(
            heading,
            address_in(table, row, heading),
            row.cells.get(heading),
            _read(line[f"{heading} before"], heading == "as of"),
        )
        for heading in BESIDE
        if heading in table.columns
    )
    is_date = isinstance(old, date)
    new = _read(line["old"], is_date)
    return Change(
        table.sheet, address_in(table, row, VALUE), row.scope, row.metric, old, new, beside
    )


def _blank(value: Any) -> Any:
    return None if value == "" else value


def _read(value: Any, is_date: bool) -> Value:
    """Read a value of the log back."""
    if value in (None, ""):
        return None
    if is_date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value  # type: ignore[no-any-return]
