"""The Log sheet: a line for each row that a refresh brought or took off. Pure; no host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from valuation_core.book.schema import TABLES
from workbook.cells import Value
from workbook.refresh.decide import Grid, Held, RefreshError, TableRow
from workbook.refresh.moves import Move, lead_from

NAME: Final = "Log"
REFRESH: Final = "refresh "
UNDO: Final = "undo of "
"""How the name of a step begins that took a refresh back; the name of that refresh follows."""

DATE: Final = "date of the workbook"
TARGET: Final = "target"
LEFT_TO_EXCEL: Final = "computed by Excel"

HEADINGS: Final = (
    "time",
    "step",
    "sheet",
    "cell",
    "what",
    "old",
    "new",
    "known from",
    "source",
    "from",
    "row",
)
WIDTHS: Final = (24, 18, 14, 9, 34, 14, 14, 11, 44, 44, 60)

Line = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Step:
    """A refresh or an undo: its number, name, time and what it rests on."""

    number: int
    name: str
    time: str
    """With the zone, such as 2026-11-27 08:40:12.345 UTC."""
    origin: str

    @property
    def mark(self) -> str:
        """What stands beside a row that this refresh brought."""
        return f"{self.name}, {self.time[:16]}"

    def line(self, sheet: str, cell: str, what: str, old: Value, new: Value) -> Line:
        """Make a line of the Log."""
        return {
            "time": self.time,
            "step": self.name,
            "sheet": sheet,
            "cell": cell,
            "what": what,
            "old": _text(old),
            "new": _text(new),
            "from": self.origin,
        }

    def of_row(self, one: TableRow, *, off: bool = False) -> Line:
        """Make the line of a row that is brought, or taken off."""
        value = one.row.get("value")
        line = self.line(one.table.sheet, one.address, one.thing, None, None)
        schema = TABLES[one.table.name]
        days = (one.row[name] for name in schema.known)
        return line | {
            ("old" if off else "new"): _text(value),
            "known from": _text(next((day for day in days if day), None)),
            "source": one.row.get("source"),
            "row": one.content,
        }

    def of_targets(
        self,
        sheet: str,
        before: Mapping[str, Value],
        after: Mapping[str, Value],
        moves: Mapping[str, Sequence[Move]],
    ) -> list[Line]:
        """Make the lines of the targets that changed: one for each miner, then one a driver.

        The target before and after a driver stand where old and new do. No driver is told where
        the facts give other targets than those shown.
        """
        lines = []
        for miner, old in before.items():
            new = after.get(miner)
            if new == old:
                continue
            shown = LEFT_TO_EXCEL if new is None else new
            lines.append(self.line(sheet, "", f"{miner} {TARGET}", old, shown))
            told = moves.get(miner, ())
            if lead_from(told, old, new):
                lines += [
                    self.line(sheet, "", f"{miner} {TARGET}: {one.driver}", one.before, one.after)
                    for one in told
                ]
        return lines


def _text(value: Value) -> Value:
    """Write a date as text, so that the log reads the same in any country."""
    return value.isoformat() if isinstance(value, date) else value


def in_columns(line: Mapping[str, Value]) -> list[Value]:
    """Give the cells of a line in the order of the headings."""
    return [line.get(heading) for heading in HEADINGS]


def next_step(log: Grid | None, tables: Iterable[Held], time: str, origin: str) -> Step:
    """Number a refresh: one more than the last that the Log or a mark names."""
    names = [str(line["step"]) for line in read_log(log)] if log else []
    names += [mark for table in tables for mark in table.marks.values()]
    numbers = [_number(name.removeprefix(UNDO)) for name in names]
    number = max(numbers, default=0) + 1
    return Step(number, f"{REFRESH}{number}", time, origin)


def _number(name: str) -> int:
    text = name.removeprefix(REFRESH).partition(",")[0]
    return int(text) if text.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes the last refresh back."""

    of: str
    """Name of that refresh."""
    time: str
    rows: tuple[TableRow, ...]
    day: date | None
    """The date of the workbook before it, where it changed it."""

    def step(self, time: str) -> Step:
        """Give the step as the Log names it."""
        return Step(0, f"{UNDO}{self.of}", time, "")

    def __str__(self) -> str:
        count = len(self.rows)
        rows = "1 row is" if count == 1 else f"{count} rows are"
        said = [f"{rows} off again that {self.of} of {self.time} brought"] if count else []
        if self.day is not None:
            said.append(f"the date is {self.day} again, as before {self.of}")
        return "; ".join(said)


def decide_undo(log: Grid, tables: Mapping[str, Held], today: date) -> Undo:
    """List the rows that the last refresh brought, and the date that it changed.

    Parameters
    ----------
    log : Grid
        The cells of the Log.
    tables : mapping of str to Held
        The tables of the workbook.
    today : datetime.date
        The date of the workbook: it goes back only where it is still as the refresh set it.

    Raises
    ------
    RefreshError
        When there is no refresh to take back, or one of its rows was changed since.
    """
    lines = read_log(log)
    standing: list[str] = []
    for name in dict.fromkeys(str(line["step"]) for line in lines):
        if name.startswith(UNDO):
            standing.remove(name.removeprefix(UNDO))
        else:
            standing.append(name)
    if not standing:
        raise RefreshError("the Log holds no refresh to take back; nothing was changed")
    last = standing.pop()
    own = [line for line in lines if line["step"] == last]
    dates = [line for line in own if line["what"] == DATE]
    day = None
    if dates and dates[0]["new"] == today.isoformat():
        day = date.fromisoformat(str(dates[0]["old"]))
    rows = _brought(tables, last)
    if dates and day is None and not rows:
        raise RefreshError(f"the {DATE} was changed since {last}; nothing was changed")
    _refuse_changed([line for line in own if line["row"]], rows, last)
    return Undo(last, str(own[0]["time"]), tuple(rows), day)


def read_log(log: Grid) -> list[dict[str, Any]]:
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


def _brought(tables: Mapping[str, Held], name: str) -> list[TableRow]:
    """Give the rows beside which the mark of a refresh stands."""
    return [
        TableRow(table, line, row)
        for table in tables.values()
        for line, row in zip(table.lines, table.rows, strict=True)
        if table.marks.get(line, "").startswith(f"{name},")
    ]


def _refuse_changed(
    lines: Sequence[Mapping[str, Any]], rows: Sequence[TableRow], name: str
) -> None:
    """Refuse to take off rows that are not as the refresh brought them."""
    marked = {(one.table.sheet, one.content): one for one in rows}
    logged = {(str(line["sheet"]), str(line["row"])): line for line in lines}
    for key, line in logged.items():
        if key not in marked:
            what = f"{line['what']} of sheet {line['sheet']}"
            raise RefreshError(f"{what} was changed since {name}; nothing was changed")
    for key, one in marked.items():
        if key not in logged:
            what = f"{one.table.sheet} row {one.line} ({one.thing})"
            raise RefreshError(f"{what} was changed since {name}; nothing was changed")
