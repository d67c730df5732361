"""Refresh: which Inputs cells a newer book changes, and how to take it back. Pure; no host.

Gather reads a grid of cells, `decide` gives the list of changes, apply writes them: to a closed
file at package level, or to an open workbook through Excel. Own values are never among the changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isclose
from typing import Any, Final, TypeAlias

from valuation_core.book import METRICS, PLAIN, Book, Fact
from workbook.cells import LAST_SERIAL, Value, day_of, letters
from workbook.errors import WorkbookError

Grid: TypeAlias = Mapping[tuple[int, int], Any]
"""Values of a sheet by row and column, both counted from 1; blank cells may be left out."""

NEEDED: Final = ("scope", "metric", "in use", "in the book", "your value")
"""Headings by which the facts of a workbook are found, wherever their columns are."""

VALUE: Final = "in the book"
CASE_IS_LIVE: Final = "row of the case"
"""Heading of a workbook whose case is a cell: what stands in the book is without it there."""

BESIDE: Final = ("as of", "confidence", "source", "note")
"""Columns that say where a fact comes from; they change with it."""

DATE_LABEL: Final = "Date of the book"
CASE_LABEL: Final = "Case"
STAMP_LABEL: Final = "Facts refreshed"
_NAMED: Final = 3
"""Facts named in a refusal before the rest is only counted."""


class RefreshError(WorkbookError):
    """Nothing was changed; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A cell beside a changed fact: its heading, address, and value before and after."""

    heading: str
    address: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that changes: the cell, its value before and after, and the cells beside it."""

    sheet: str
    address: str
    scope: str
    metric: str
    old: Value
    new: Value
    beside: tuple[Beside, ...] = ()

    @property
    def source(self) -> str:
        """Where the new value comes from."""
        return str(self.told("source").new or "")

    def told(self, heading: str) -> Beside:
        """Give the cell beside the fact under a heading, an empty one where there is none."""
        found = (item for item in self.beside if item.heading == heading)
        return next(found, Beside(heading, "", None, None))


@dataclass(frozen=True, slots=True)
class InputRow:
    """One row of Inputs as the workbook holds it."""

    row: int
    scope: str
    metric: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InputTable:
    """The facts of a workbook: where they stand, and on which date."""

    sheet: str
    header: int
    columns: Mapping[str, int]
    rows: tuple[InputRow, ...]
    as_of: date
    date_row: int
    refreshed_to: date | None
    """Date of the facts of the last refresh."""
    stamp_row: int | None
    case: str = PLAIN
    """The case that the values in the book are under: the plain one where the case is a cell."""

    @property
    def known_by(self) -> date:
        """The date whose facts a refresh takes when none is given."""
        return max(self.as_of, self.refreshed_to or self.as_of)


def find_inputs(grids: Mapping[str, Grid]) -> InputTable:
    """Find the facts of a workbook by the headings of their columns.

    Raises
    ------
    RefreshError
        When no sheet has them, or a fact stands there twice.
    """
    for sheet, grid in grids.items():
        for line in sorted({row for (row, _), value in grid.items() if value == VALUE}):
            columns = {
                str(value): column
                for (row, column), value in sorted(grid.items())
                if row == line and isinstance(value, str)
            }
            for heading in (*BESIDE, "basis"):
                # What is shown under the heading itself is then a formula, which follows the case
                # and your own value.
                theirs = columns.pop(f"{heading} {VALUE}", None)
                if theirs is not None:
                    columns[heading] = theirs
            if set(NEEDED) <= columns.keys():
                return _read(sheet, grid, line, columns)
    raise RefreshError(f"no sheet has the columns {', '.join(NEEDED)}; nothing was changed")


def _read(sheet: str, grid: Grid, header: int, columns: Mapping[str, int]) -> InputTable:
    rows: dict[tuple[str, str], InputRow] = {}
    for line in range(header + 1, max(row for row, _ in grid) + 1):
        scope = str(grid.get((line, columns["scope"])) or "").strip()
        metric = str(grid.get((line, columns["metric"])) or "").strip()
        if scope == "scope":
            break  # the published figures have headings of their own
        if metric not in METRICS or not scope:
            continue
        if (scope, metric) in rows:
            places = f"{rows[scope, metric].row} and {line}"
            raise RefreshError(
                f"{sheet} holds {scope} {metric} twice, in rows {places}; nothing was changed"
            )
        cells = {
            heading: _typed(grid.get((line, column)), heading, metric)
            for heading, column in columns.items()
        }
        rows[scope, metric] = InputRow(line, scope, metric, cells)
    dates = _labelled(grid, DATE_LABEL, header)
    stamps = _labelled(grid, STAMP_LABEL, header)
    if not rows or not dates or dates[1] is None:
        raise RefreshError(f"{sheet} does not say the date of its book; nothing was changed")
    return InputTable(
        sheet,
        header,
        columns,
        tuple(rows.values()),
        dates[1],
        dates[0],
        stamps[1] if stamps else None,
        stamps[0] if stamps else None,
        PLAIN if CASE_IS_LIVE in columns else _case(grid, header),
    )


def _case(grid: Grid, header: int) -> str:
    """Give the case of a workbook; one made before there were cases is of the plain one."""
    found = (at for at, value in sorted(grid.items()) if value == CASE_LABEL and at[0] < header)
    row, column = next(found, (0, 0))
    after = (grid.get((row, place)) for place in range(column + 1, column + 6))
    return next((text for text in after if isinstance(text, str) and text.strip()), PLAIN)


def _labelled(grid: Grid, label: str, header: int) -> tuple[int, date | None] | None:
    """Find a label above the headings and the date that follows it in its row."""
    for (row, column), value in sorted(grid.items()):
        if value == label and row < header:
            after = (_day(grid.get((row, place))) for place in range(column + 1, column + 6))
            return row, next((day for day in after if day is not None), None)
    return None


def _typed(value: Any, heading: str, metric: str) -> Any:
    """Read a cell: a blank is None, a serial under a date is a date."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    dated = heading == "as of" or (heading == VALUE and METRICS[metric].unit == "date")
    day = _day(value) if dated else None
    return value if day is None else day


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float | int) and not isinstance(value, bool):
        return day_of(value) if 1 <= value < LAST_SERIAL + 1 else None
    return None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a refresh will do: the changes, and how many facts were compared."""

    changes: tuple[Change, ...]
    compared: int
    origin: str
    known_by: date

    def __str__(self) -> str:
        count = len(self.changes)
        return (
            f"{count} of {self.compared} facts changed, from {self.origin} as of {self.known_by}; "
            f"{self.compared - count} unchanged"
        )


def decide(table: InputTable, book: Book, origin: str) -> Decision:
    """Compare the facts of a workbook with a book and list the cells that change.

    Parameters
    ----------
    table : InputTable
        The facts as the workbook holds them.
    book : Book
        The facts of the source, on the date wanted.
    origin : str
        What the source is called in the report, the stamp and the log.

    Raises
    ------
    RefreshError
        When the source is older than the sheet, lacks a fact that the sheet has, or states one on
        another MW basis. Nothing is changed then.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> cells = {"in the book": 500.0, "as of": date(2025, 9, 1), "basis": "gross"}
    >>> row = InputRow(9, "RIOT", "hpc_mw_shopped", cells)
    >>> columns = {"in the book": 4, "as of": 8}
    >>> day = date(2025, 9, 26)
    >>> table = InputTable("Inputs", 8, columns, (row,), day, 4, None, None)
    >>> decision = decide(table, load_book(), "folder facts")
    >>> [(change.address, change.old, change.new) for change in decision.changes]
    [('D9', 500.0, 600.0)]
    >>> print(decision)
    1 of 1 facts changed, from folder facts as of 2025-09-26; 0 unchanged
    """
    if book.as_of < table.as_of:
        raise RefreshError(
            f"{origin} as of {book.as_of} is older than {table.sheet}, whose book is of "
            f"{table.as_of}; nothing was changed"
        )
    _refuse(table, book, origin)
    changes, compared = [], 0
    for row in table.rows:
        fact = book.facts.get((row.scope, row.metric))
        if fact is None:
            continue
        compared += 1
        if not same(row.cells.get(VALUE), fact.value):
            changes.append(_change(table, row, fact))
    return Decision(tuple(changes), compared, origin, book.as_of)


def _refuse(table: InputTable, book: Book, origin: str) -> None:
    """Refuse a source that would put older facts, or none, in the place of what is there."""
    older, lacking, other = [], [], []
    for row in table.rows:
        fact, name = book.facts.get((row.scope, row.metric)), f"{row.scope} {row.metric}"
        day, basis = row.cells.get("as of"), row.cells.get("basis")
        if fact is None:
            if row.cells.get(VALUE) is not None:
                lacking.append(name)
        elif isinstance(day, date) and fact.as_of < day:
            older.append(f"{name} is of {fact.as_of} there and of {day} here")
        elif fact.basis and basis in ("gross", "critical") and fact.basis != basis:
            other.append(f"{name} is on {fact.basis} MW there and on {basis} MW here")
    if older:
        raise RefreshError(f"{origin} is older than {table.sheet}: {_few(older)}")
    if lacking:
        raise RefreshError(f"{origin} lacks facts that {table.sheet} holds: {_few(lacking)}")
    if other:
        raise RefreshError(f"{origin} needs another workbook: {_few(other)}")


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}; nothing was changed"


def same(old: Any, new: Any) -> bool:
    """Whether a cell holds a value, but for the digits a spreadsheet program drops on saving."""
    numbers = all(isinstance(one, float | int) and not isinstance(one, bool) for one in (old, new))
    return isclose(old, new, rel_tol=1e-14) if numbers else bool(old == new)


def _change(table: InputTable, row: InputRow, fact: Fact) -> Change:
    told: dict[str, Value] = {
        "as of": fact.as_of,
        "confidence": fact.confidence,
        "source": fact.source,
        "note": fact.note or None,
    }
    beside = tuple(
        Beside(heading, address_in(table, row, heading), row.cells.get(heading), told[heading])
        for heading in BESIDE
        if heading in table.columns
    )
    return Change(
        table.sheet,
        address_in(table, row, VALUE),
        row.scope,
        row.metric,
        row.cells.get(VALUE),
        fact.value,
        beside,
    )


def address_in(table: InputTable, row: InputRow, heading: str) -> str:
    """Give the address of a row's cell under a heading."""
    return f"{letters(table.columns[heading])}{row.row}"


def stamp(table: InputTable, grid: Grid, text: str, known_by: date | None) -> dict[str, Value]:
    """Give the cells that say when the facts were refreshed and from what, by address.

    Raises
    ------
    RefreshError
        When the row above the headings, where the stamp goes, is in use.
    """
    row = table.stamp_row or table.header - 1
    columns = [letters(table.columns[heading]) for heading in NEEDED[:4]]
    if table.stamp_row is None:
        used = [place for place in grid if place[0] == row and grid[place] not in (None, "")]
        if row <= table.date_row or used:
            raise RefreshError(
                f"row {row} of {table.sheet} is needed for the time of the refresh and is in use; "
                "nothing was changed"
            )
    first, _, third, fourth = columns
    return {
        f"{first}{row}": STAMP_LABEL,
        f"{third}{row}": known_by,
        f"{fourth}{row}": text,
    }
