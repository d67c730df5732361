"""Rows of the tables that are not the book's: typed below, or brought by a refresh. Pure; no host.

When sheets are attached again the tables come anew from the book. What the analyst typed and what
a refresh brought goes below its rows, each with its mark, so that undo goes on finding it. A row
that is there stays: where the book has another for the same thing and day, it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from valuation_core.book.book import shipped_tables
from valuation_core.book.ranges import with_given
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row, Tables
from valuation_core.errors import ValuationError
from workbook.model.plan import Plan
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.opc.raw_zip import digest
from workbook.refresh.decide import (
    MARKER,
    PROVENANCE,
    Held,
    TableRow,
    content_of,
    differing,
    identity_of,
    marker_column,
)

_DIGITS: Final = 12
"""Of the digest of a row: enough for no two rows to share one."""

_FEW: Final = 3
"""Rows that a sentence names before it counts the others."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row that is to be kept, and the mark of the refresh that brought it."""

    name: str
    row: Row
    thing: str
    mark: str = ""

    @property
    def sheet(self) -> str:
        """The sheet of its table in the model."""
        return SHEETS[self.name][1]

    def __str__(self) -> str:
        return f"{self.sheet} {self.thing}"


@dataclass(frozen=True, slots=True)
class Joined:
    """The tables of the book with the rows that are kept below its own."""

    tables: Tables
    rows: tuple[KeptRow, ...]
    """Those that found a place."""
    in_book: tuple[KeptRow, ...] = ()
    """Those that the book has too by now."""
    disputed: tuple[KeptRow, ...] = ()
    """Those of which the book says something else."""
    lost: tuple[tuple[KeptRow, str], ...] = ()
    """Those that found none, and why."""

    def told(self, sheets: Collection[str]) -> list[str]:
        """Say what became of the rows, a sentence each, when these sheets of the model came."""
        there = [one for one in self.rows if one.sheet in sheets]
        notes = [
            f"{said}: {_named(found)}"
            for said, found in (
                ("Your own rows kept", [one for one in there if not one.mark]),
                ("Rows kept that a refresh brought", [one for one in there if one.mark]),
                (
                    "Rows not kept, as their sheets were not asked for; they are in the file as "
                    "it was",
                    [one for one in self.rows if one not in there],
                ),
                ("Your own rows that the book has too now", self.in_book),
                (
                    "The book says something else than these rows, which stay in use",
                    [one for one in self.disputed if one in there],
                ),
            )
            if found
        ]
        return notes + [f"Row not kept: {one}: {reason}" for one, reason in self.lost]

    @property
    def of_the_book(self) -> tuple[str, ...]:
        """Digests of the rows that are the book's."""
        kept = {digest_of(one.name, one.row) for one in self.rows}
        every = (digest_of(name, row) for name in SHEETS for row in self.tables[name].rows())
        return tuple(one for one in every if one not in kept)


def digest_of(name: str, row: Row) -> str:
    """Give a short text that tells a row of a table from every other."""
    return digest(f"{name} | {content_of(name, row)}".encode())[:_DIGITS]


def not_of_the_book(
    held: Mapping[str, Held], of_the_book: Iterable[str], book: Tables
) -> tuple[list[KeptRow], date | None]:
    """Find the rows of a workbook that its book did not have, and the last day its book reached.

    Parameters
    ----------
    held : mapping of str to Held
        The tables of the workbook.
    of_the_book : iterable of str
        Digests of the rows that were the book's when the sheets were attached. Where another
        program has dropped them, a row about which the book of today says nothing is the analyst's.
    book : mapping of str to Table
        The book of today, of all days.
    """
    known = set(of_the_book)
    found: list[KeptRow] = []
    days: list[date] = []
    for name, table in held.items():
        theirs = {identity_of(name, row) for row in book[name].rows()}
        for line, row in zip(table.lines, table.rows, strict=True):
            mark = table.marks.get(line, "")
            of_book = digest_of(name, row) in known or (
                not known and identity_of(name, row) in theirs
            )
            if of_book and not mark:
                days += [day for one in TABLES[name].known if (day := row[one])][:1]
            else:
                found.append(KeptRow(name, row, TableRow(table, line, row).thing, mark))
    return found, max(days, default=None)


def joined(book: Tables, rows: Sequence[KeptRow]) -> Joined:
    """Put rows below those of a book, as far as the tables stay right with them.

    Parameters
    ----------
    book : mapping of str to Table
        The tables of the book, with the rows that the workbook gets.
    rows : sequence of KeptRow
        What is to be kept, in its order.
    """
    rows, in_book, other = _beside(book, rows)
    tables, lost = _read(book, rows)
    placed = tuple(one for one in rows if one not in [gone for gone, _ in lost])
    return Joined(tables, placed, tuple(in_book), tuple(other), tuple(lost))


def _beside(
    book: Tables, rows: Sequence[KeptRow]
) -> tuple[list[KeptRow], list[KeptRow], list[KeptRow]]:
    """Give the rows to keep, those that the book has too, and those it says otherwise."""
    theirs = {(name, identity_of(name, row)): row for name in SHEETS for row in book[name].rows()}
    kept, in_book, other = [], [], []
    for one in rows:
        row = theirs.get((one.name, identity_of(one.name, one.row)))
        column = None if row is None else differing(one.row, row)
        if row is not None and not one.mark and column in (None, *PROVENANCE):
            in_book.append(one)
            continue
        kept.append(one)
        if column not in (None, *PROVENANCE):
            other.append(one)
    return kept, in_book, other


def _read(book: Tables, rows: Sequence[KeptRow]) -> tuple[Tables, list[tuple[KeptRow, str]]]:
    """Read the tables with all rows, else with each that leaves them right; say why not."""
    try:
        return _with(book, rows), []
    except ValuationError:
        pass
    kept: list[KeptRow] = []
    lost: list[tuple[KeptRow, str]] = []
    for one in rows:
        try:
            _with(book, [*kept, one])
        except ValuationError as error:
            lost.append((one, str(error)))
        else:
            kept.append(one)
    return _with(book, kept), lost


def _with(book: Tables, rows: Sequence[KeptRow]) -> Tables:
    """Read the tables with rows below the others, in place of those about the same."""
    given = {}
    for name in dict.fromkeys(one.name for one in rows):
        own = [one.row for one in rows if one.name == name]
        taken = {identity_of(name, row) for row in own}
        every = [row for row in book[name].rows() if identity_of(name, row) not in taken] + own
        names = [column.name for column in TABLES[name].columns]
        given[name] = [names, *([row[column] for column in names] for row in every)]
    read = with_given(shipped_tables(), given)
    return {**book, **{name: read[name] for name in given}}


def put_marks(plan: Plan, found: Joined) -> None:
    """Show beside each row that a refresh brought which one it was, where a refresh shows it."""
    marks = {digest_of(one.name, one.row): one.mark for one in found.rows if one.mark}
    for name in dict.fromkeys(one.name for one in found.rows if one.mark):
        sheet = next(sheet for sheet in plan.sheets if sheet.name == SHEETS[name][1])
        grid = {at: cell.value for at, cell in sheet.cells.items()}
        column = marker_column(grid, 1, len(TABLES[name].columns))
        sheet.put(1, column, MARKER, "heading_left")
        for line, row in enumerate(found.tables[name].rows(), start=2):
            if (mark := marks.get(digest_of(name, row))) is not None:
                sheet.put(line, column, mark, "table_cell")


def _named(rows: Sequence[KeptRow]) -> str:
    shown = ", ".join(str(one) for one in rows[:_FEW])
    more = len(rows) - _FEW
    return shown + (f" and {more} more" if more > 0 else "")
