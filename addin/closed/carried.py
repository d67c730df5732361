"""The book that a workbook carries: its tables, date, case and own values, read from its cells.

The one call of HPC_BOOK that takes own values says where all of them stand, wherever that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from addin.boundary.tables import table_of
from valuation_core.book import PLAIN, Book, with_own_facts
from valuation_core.book.book import shipped_tables
from valuation_core.book.own import OwnRow
from valuation_core.book.ranges import with_given
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Tables
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import ValuationError
from workbook.cells import ERROR_CODES, LAST_SERIAL, corners_of, day_of, place_of
from workbook.formulas.calls import Cells, call_in, cells_of
from workbook.formulas.ours import plain_formula
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.facts.keys import NAME as KEYS
from workbook.model.sheets.facts.row_checks import NAME as ROW_CHECKS
from workbook.refresh.decide import Grid, Held, RefreshError, TableRow, marker_column

BOOK_CALL: Final = "HPC_BOOK("
_TABLE: Final = re.compile(r"\btable (\w+) row\b")

Place = tuple[str, str]
"""A sheet and the address of a cell."""


class NoBookError(RefreshError):
    """The workbook does not carry its book in tables: an earlier version made it."""


@dataclass(frozen=True)
class Carried:
    """The book that a workbook carries."""

    as_of: date
    date_cell: Place
    case: str
    own: tuple[OwnRow, ...]
    """Own values, as HPC_BOOK reads them."""
    tables: Tables
    held: Mapping[str, Held]
    """The tables with their cells, by name in the book."""
    ranges: Mapping[str, Sequence[Sequence[Any]]]
    """The cells of the tables as they are read, by name in the book."""

    def book(self) -> Book:
        """Give the book that functions of the workbook read.

        Raises
        ------
        RefreshError
            When an own value is an error, as a program without its function stores it.
        """
        if unknown := [one for one in self.own if one[2] in ERROR_CODES]:
            scope, metric, code = unknown[0][:3]
            raise RefreshError(
                f"your value for {scope} {metric} is stored as {code}: let Excel with the add-in "
                "compute and save the workbook, or clear the value"
            )
        return with_own_facts(Book.at(self.tables, self.as_of, self.case), self.own)

    def without(self, rows: Sequence[TableRow], as_of: date) -> Book:
        """Give the book of a date without some of its rows: what functions read before they came.

        Raises
        ------
        ValuationError
            When the other rows make no book.
        """
        ranges = {name: [list(row) for row in cells] for name, cells in self.ranges.items()}
        for one in rows:
            target = ranges[one.table.name]
            target[one.line - one.table.header] = [None] * len(target[0])
        return self._book_of(ranges, as_of)

    def in_case(self, book: Book, case: str, own: tuple[OwnRow, ...]) -> Book:
        """Give another book of the workbook under a case and with own values.

        Raises
        ------
        ValuationError
            When the case or an own value does not go with its facts.
        """
        return with_own_facts(Book.at(book.plain.tables, book.as_of, case), own)

    def joined(self, rows: Sequence[TableRow], as_of: date) -> Book:
        """Give the book with more rows on a date: what functions will read.

        Raises
        ------
        ValuationError
            When the tables would be wrong, with table and row.
        """
        ranges = {name: [list(row) for row in cells] for name, cells in self.ranges.items()}
        for one in rows:
            target = ranges[one.table.name]
            headings = [str(cell).strip().casefold() for cell in target[0]]
            place = one.line - one.table.header
            target[place] = [one.row.get(heading) for heading in headings]
        return self._book_of(ranges, as_of)

    def _book_of(self, ranges: Mapping[str, Sequence[Sequence[Any]]], as_of: date) -> Book:
        tables = with_given(shipped_tables(), ranges)
        # What an own value is that is stored as an error is Excel's to tell.
        known = [one for one in self.own if one[2] not in ERROR_CODES]
        return with_own_facts(Book.at(tables, as_of, self.case), known)


def read_carried(
    grids: Mapping[str, Grid], calls: Iterable[tuple[str, str]], called: Mapping[str, str]
) -> Carried:
    """Read the book of a workbook.

    Parameters
    ----------
    grids : mapping of str to Grid
        Its sheets.
    calls : iterable of (str, str)
        Sheet and formula of its cells that may call HPC_BOOK.
    called : mapping of str to str
        What the sheets of the model are called there.

    Raises
    ------
    RefreshError
        When the workbook does not carry its book, or a table is wrong.
    """
    sheet, stated = _call_of_book(calls)

    def area(name: str) -> Cells | None:
        found = cells_of(stated.get(name) or "")
        return found and Cells(found.sheet or sheet, found.first, found.last)

    day, facts, case = area("as_of"), area("facts"), area("case")
    places = {name: area(name) for name in SHEETS}
    missing = [name for name, place in places.items() if place is None or place.sheet not in grids]
    if missing or day is None or facts is None:
        raise NoBookError(
            "the workbook does not carry its book in tables: build it anew, or attach the model "
            "again; nothing was changed"
        )
    cells = {name: _range(grids, place) for name, place in places.items() if place is not None}
    helped = [_rows_helped(grids.get(called.get(helper, ""), {})) for helper in (KEYS, ROW_CHECKS)]
    ranges = {name: table_of(name, rows) for name, rows in cells.items()}
    try:
        tables = with_given(shipped_tables(), ranges)
    except ValuationError as error:
        titles = {name: str(place.sheet) for name, place in places.items() if place is not None}
        said = by_sheet(str(error), titles)
        raise RefreshError(f"the workbook's own tables are wrong: {said}") from None
    held = {
        name: _held(name, place, grids, ranges[name], tables, helped)
        for name, place in places.items()
        if place is not None
    }
    return Carried(
        _day(grids, day),
        (str(day.sheet), day.first),
        str((case and _value(grids, case)) or PLAIN),
        tuple(tuple(row) for row in _range(grids, facts)),
        tables,
        held,
        ranges,
    )


def by_sheet(said: str, titles: Mapping[str, str]) -> str:
    """Name the sheets of a workbook in place of the tables that what is wrong was said of.

    Examples
    --------
    >>> by_sheet("table deals row 9 column price: is empty", {"deals": "AllDeals"})
    'sheet AllDeals row 9 column price: is empty'
    """
    return _TABLE.sub(lambda match: f"sheet {titles.get(match[1], match[1])} row", said)


def _call_of_book(calls: Iterable[tuple[str, str]]) -> tuple[str, dict[str, str | None]]:
    """Find the call that takes own values: its sheet, and its arguments by name."""
    names = [argument.name for argument in catalogue()["HPC_BOOK"].arguments]
    for sheet, formula in calls:
        text = plain_formula(formula)
        if text.upper().startswith(BOOK_CALL):
            stated = dict(zip(names, call_in(text).arguments, strict=False))
            if stated.get("facts"):
                return sheet, stated
    raise NoBookError("no cell makes the handle of the workbook's facts; nothing was changed")


def _range(grids: Mapping[str, Grid], area: Cells) -> list[list[Any]]:
    grid = grids.get(str(area.sheet), {})
    (top, left), (bottom, right) = corners_of(f"{area.first}:{area.last}")
    return [
        [grid.get((row, column)) for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]


def _value(grids: Mapping[str, Grid], cell: Cells) -> Any:
    return grids.get(str(cell.sheet), {}).get(place_of(cell.first))


def _day(grids: Mapping[str, Grid], cell: Cells) -> date:
    value = _value(grids, cell)
    if isinstance(value, float) and 1 <= value <= LAST_SERIAL:
        return day_of(value)
    raise RefreshError(f"{cell.sheet}!{cell.first} is no date; nothing was changed")


def _held(
    name: str,
    area: Cells,
    grids: Mapping[str, Grid],
    rows: Sequence[Sequence[Any]],
    tables: Tables,
    helped: Sequence[Mapping[str, int]],
) -> Held:
    sheet, grid = str(area.sheet), grids[str(area.sheet)]
    (top, left), (bottom, right) = corners_of(f"{area.first}:{area.last}")
    known = {column.name for column in TABLES[name].columns}
    headings = [str(cell).strip().casefold() for cell in rows[0]]
    columns = {one: left + place for place, one in enumerate(headings) if one in known}
    filled = [
        top + number
        for number, row in enumerate(rows)
        if number
        and any(
            heading in known and cell is not None and str(cell).strip()
            for heading, cell in zip(headings, row, strict=True)
        )
    ]
    marker = marker_column(grid, top, right)
    marks = {
        row: str(value)
        for (row, column), value in grid.items()
        if column == marker and row > top and value not in (None, "")
    }
    return Held(
        name,
        sheet,
        top,
        columns,
        tuple(filled),
        tuple(tables[name].rows()),
        min(bottom, *(rows.get(SHEETS[name][1], bottom) for rows in helped)),
        marker,
        marks,
    )


def _rows_helped(helpers: Grid) -> dict[str, int]:
    """Give the last row of each sheet of a table beside which another sheet has helper cells."""
    columns = {
        column: str(value).partition(": ")[0]
        for (row, column), value in helpers.items()
        if row == 1 and ": " in str(value)
    }
    found: dict[str, int] = {}
    for row, column in helpers:
        if row > 1 and (sheet := columns.get(column)) is not None:
            found[sheet] = max(row, found.get(sheet, row))
    return found
