"""Refresh: which rows of a source the tables of a workbook lack, and where they go. Pure; no host.

A row that is there stays as it is. A source that says something else about the same thing on the
same day is refused: what a workbook was valued with is corrected by a later row, never in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Final, TypeAlias

from valuation_core.book.origin import as_text
from valuation_core.book.schema import TABLES, folded
from valuation_core.book.tables import Row, Tables
from workbook.cells import Value, letters, stated
from workbook.errors import WorkbookError

Grid: TypeAlias = Mapping[tuple[int, int], Any]
"""Values of a sheet by row and column, both counted from 1; blank cells may be left out."""

MARKER: Final = "brought by"
"""Heading of the column, apart from the table, that says which refresh brought a row."""

PROVENANCE: Final = ("source", "confidence", "note")
"""Columns that say where a row comes from: other words there are told, and change nothing."""

_NAMED: Final = 3
"""Rows named in a sentence before the rest is only counted."""


class RefreshError(WorkbookError):
    """Nothing was changed; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Held:
    """A table of the book as a workbook holds it."""

    name: str
    sheet: str
    header: int
    columns: Mapping[str, int]
    lines: tuple[int, ...]
    """Rows of the sheet, one for each row of the table."""
    rows: tuple[Row, ...]
    last: int
    """The last row of the sheet that is read."""
    marker: int
    """Column of the marks."""
    marks: Mapping[int, str]

    @property
    def next_line(self) -> int:
        """The row of the sheet where the next row of the table goes."""
        return max(self.lines, default=self.header) + 1


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table and where it stands, or will."""

    table: Held
    line: int
    row: Row

    @property
    def cells(self) -> dict[str, Value]:
        """The cells of the row that hold something, by address."""
        shown = {name: stated(self.row[name]) for name in self.table.columns}
        return {
            f"{letters(self.table.columns[name])}{self.line}": value
            for name, value in shown.items()
            if value is not None
        }

    @property
    def mark(self) -> str:
        """The address of the cell that says which refresh brought the row."""
        return f"{letters(self.table.marker)}{self.line}"

    @property
    def address(self) -> str:
        """The first cell of the row."""
        return f"{letters(min(self.table.columns.values()))}{self.line}"

    @property
    def thing(self) -> str:
        """What the row is about."""
        return " ".join(as_text(self.row[name]) for name in TABLES[self.table.name].key)

    @property
    def content(self) -> str:
        """All that the row says, as one text."""
        return content_of(self.table.name, self.row)


@dataclass(frozen=True, slots=True)
class NewRows:
    """What a refresh will bring."""

    rows: tuple[TableRow, ...]
    held: int
    """Rows of the source that were there already."""
    told: tuple[str, ...]
    """Rows of which the source gives another source, confidence or note."""
    origin: str

    def __str__(self) -> str:
        if self.rows:
            counts: dict[str, int] = {}
            for one in self.rows:
                counts[one.table.sheet] = counts.get(one.table.sheet, 0) + 1
            each = ", ".join(f"{sheet} {count}" for sheet, count in counts.items())
            said = f"{_rows(len(self.rows))} added ({each}) from {self.origin}"
        else:
            said = f"no row added from {self.origin}"
        said += f"; {self.held} were there already"
        if self.told:
            named = _few(self.told)
            said += f"; another source, confidence or note is given there for {named}: as it was"
        return said


def decide_rows(held: Mapping[str, Held], source: Tables, origin: str) -> NewRows:
    """List the rows of a source that a workbook lacks.

    Parameters
    ----------
    held : mapping of str to Held
        The tables of the workbook, by name in the book.
    source : mapping of str to Table
        The tables of the source.
    origin : str
        What the source is called in reports and in the Log.

    Raises
    ------
    RefreshError
        When a row of the source differs from one about the same thing and day in the workbook, or
        when there is no room for the new ones. Nothing is changed then.
    """
    found: list[TableRow] = []
    other: list[str] = []
    told: list[str] = []
    known = 0
    for name, table in held.items():
        there = {identity_of(name, row): place for place, row in enumerate(table.rows)}
        new: list[TableRow] = []
        for row in source[name].rows():
            place = there.get(identity_of(name, row))
            if place is None:
                new.append(TableRow(table, table.next_line + len(new), row))
                continue
            known += 1
            mine = TableRow(table, table.lines[place], table.rows[place])
            column = differing(mine.row, row)
            if column is None:
                continue
            where = f"{table.sheet} row {mine.line} ({mine.thing})"
            if column in PROVENANCE:
                told.append(where)
                continue
            values = f"{as_text(mine.row[column])!r} here and {as_text(row[column])!r} there"
            other.append(f"{where}: {column} is {values}")
        if new and new[-1].line > table.last:
            room = max(0, table.last - table.next_line + 1)
            raise RefreshError(
                f"{table.sheet} has room for {_rows(room)} more and {origin} has {len(new)} new "
                "ones: build the workbook anew, or attach the model again, which makes room; "
                "nothing was changed"
            )
        found += new
    if other:
        raise RefreshError(
            f"{origin} has another row for the same thing and day: {_few(other, '; ')}: correct a "
            "fact by a row of a later day, or make the two alike; nothing was changed"
        )
    return NewRows(tuple(found), known, tuple(told), origin)


def content_of(name: str, row: Row) -> str:
    """Give all that a row says, as one text, but for digits that a program drops on saving."""
    return " | ".join(_text(row[column.name]) for column in TABLES[name].columns)


def by_table(rows: Iterable[TableRow]) -> list[tuple[Held, list[TableRow]]]:
    """Group rows by their table."""
    found: dict[str, tuple[Held, list[TableRow]]] = {}
    for one in rows:
        found.setdefault(one.table.name, (one.table, []))[1].append(one)
    return list(found.values())


def identity_of(name: str, row: Row) -> tuple[Any, ...]:
    """Give what a row is about and of which day: no two rows of a table share it."""
    schema = TABLES[name]
    columns = (*schema.key, "as_of") if schema.dated else schema.key
    parts = (row[column] for column in columns)
    return tuple(folded(part) if isinstance(part, str) else part for part in parts)


def differing(mine: Row, theirs: Row) -> str | None:
    """Give the first column in which two rows differ, those that tell its origin last."""
    columns = sorted(mine, key=lambda name: name in PROVENANCE)
    return next((name for name in columns if not _same(mine[name], theirs[name])), None)


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are one but for the digits a spreadsheet drops on saving."""
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-14)
    return bool(("" if one is None else one) == ("" if other is None else other))


def _text(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else as_text(value)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _few(names: Sequence[str], mark: str = ", ") -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{mark.join(names[:_NAMED])}{more}"


def marker_column(grid: Grid, header: int, last: int) -> int:
    """Find the column of the marks: where its heading stands, else apart from all that is there.

    One blank column stays between, for Excel takes what touches a table for a part of it.

    Examples
    --------
    >>> marker_column({(1, 1): "case", (1, 2): "note"}, 1, 2)
    4
    >>> marker_column({(1, 1): "case", (1, 2): "note", (9, 4): "cases to choose"}, 1, 2)
    6
    >>> marker_column({(1, 1): "case", (1, 6): "brought by"}, 1, 1)
    6
    """
    for (row, column), value in grid.items():
        if row == header and column > last and value == MARKER:
            return column
    used = {column for (_, column), value in grid.items() if value not in (None, "")}
    column = last + 2
    while {column, column - 1} & used:
        column += 1
    return column
