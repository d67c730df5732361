"""A workbook planned anew out of its own cells: its tables, date, case and own values.

The tables of the book stand in the workbook, so the core can compute what every sheet of ours
shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from addin.closed.carried import BOOK_CALL, Carried, read_carried
from valuation_core.book import Book
from valuation_core.book.own import OwnRow
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Tables, table_of
from valuation_core.coverage import coverage
from workbook.cells import LAST_SERIAL, ErrorValue, Value, day_of, letters, place_of
from workbook.formulas.ours import plain_formula
from workbook.formulas.renaming import are_alike
from workbook.model.build import plan_model
from workbook.model.lines import FIRST_COLUMN
from workbook.model.plan import Cell
from workbook.model.sheets.facts.book_tables import rows_for
from workbook.model.sheets.facts.input_cells import AS_OF, MINER
from workbook.model.sheets.facts.input_cells import NAME as INPUTS
from workbook.model.sheets.facts.sources import NAME as SOURCES
from workbook.model.sheets.valuation.hpc_grids import CHOOSE
from workbook.model.sheets.valuation.lease_tables import CHOOSE_LEASE
from workbook.model.sheets.what_if.bridge_choices import CHOSEN, DATE_ROW
from workbook.model.sheets.what_if.bridge_choices import NAME as BRIDGE
from workbook.model.shown import Shown
from workbook.opc.stored import StoredCell
from workbook.refresh.decide import Grid
from workbook.refresh.inputs import miners_of

_FIRST_SOURCE: Final = 7
"""Row of the first source on the sheet of sources."""

Cells = Mapping[str, Mapping[str, StoredCell]]


@dataclass(frozen=True, slots=True)
class PlannedAnew:
    """What each sheet holds by the plan, by its name in the model."""

    book: Book
    sheets: Mapping[str, Mapping[tuple[int, int], Cell]]


def carried_in(cells: Cells, called: Mapping[str, str]) -> Carried:
    """Read the book of a closed workbook.

    Parameters
    ----------
    cells : mapping
        Stored cells by sheet and address.
    called : mapping of str to str
        What the sheets of the model are called there.

    Raises
    ------
    RefreshError
        When the workbook does not carry its book, or a table is wrong.
    """
    return read_carried(grids_of(cells, called), _calls(cells, called), called)


@dataclass(frozen=True)
class Read:
    """All that a plan of a workbook goes by: two that are equal are planned alike."""

    as_of: date
    case: str
    own: tuple[OwnRow, ...]
    miners: tuple[str, ...]
    shown: Shown
    book: Book = field(compare=False)

    def plan(self) -> PlannedAnew:
        """Plan the workbook."""
        plan = plan_model(coverage(self.book, self.miners), self.shown)
        return PlannedAnew(self.book, {sheet.name: dict(sheet.cells) for sheet in plan.sheets})


def read_anew(
    cells: Cells,
    called: Mapping[str, str],
    built_with: Book | None = None,
    carried: Carried | None = None,
) -> Read:
    """Read what a workbook is planned from out of its cells.

    Parameters
    ----------
    cells : mapping
        Stored cells by sheet and address.
    called : mapping of str to str
        What the sheets of the model are called there.
    built_with : Book, optional
        The book that it was built with, where rows of that were taken off since.
    carried : Carried, optional
        The book that it carries, where that was read already.

    Raises
    ------
    WorkbookError
        When it does not carry its book, or is not laid out as this version builds it.
    ValuationError
        When an own value is wrong.
    """
    carried = carried or carried_in(cells, called)
    miners = miners_of(grids_of(cells, called))
    built = {name: rows_for(name, held.last) for name, held in carried.held.items()}
    book = carried.book()
    built_with = built_with or laid_out(carried.tables, built)
    if built_with.handle == book.handle:
        built_with = book  # what was computed of one is known of the other
    shown = Shown(
        carried.tables,
        built,
        built_with,
        tuple(_sources(cells, called)),
        chosen_in(cells, called, miners),
        compared_in(cells, called),
    )
    return Read(carried.as_of, carried.case, carried.own, miners, shown, book)


def laid_out(tables: Tables, built: Mapping[str, int]) -> Book:
    """Give the book that a workbook was built with: the first rows of its tables, on their day."""
    rows = {name: list(table.rows())[: built[name]] for name, table in tables.items()}
    days = [
        next(day for column in TABLES[name].known if (day := row[column]))
        for name, found in rows.items()
        for row in found
        if TABLES[name].known
    ]
    return Book(max(days), {name: table_of(name, found) for name, found in rows.items()})


class _Grids(Mapping[str, Grid]):
    """The values of sheets, made for each when it is asked for: most are never."""

    def __init__(self, cells: Cells, titles: Iterable[str]) -> None:
        self._cells = cells
        self._titles = dict.fromkeys(title for title in titles if title in cells)
        self._made: dict[str, Grid] = {}

    def __getitem__(self, title: str) -> Grid:
        if title not in self._made:
            if title not in self._titles:
                raise KeyError(title)
            self._made[title] = grid_of(self._cells[title])
        return self._made[title]

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles)

    def __len__(self) -> int:
        return len(self._titles)

    def __contains__(self, title: object) -> bool:
        return title in self._titles


def grids_of(cells: Cells, called: Mapping[str, str]) -> Mapping[str, Grid]:
    """Give the values of our sheets of a workbook, that of the facts first."""
    return _Grids(cells, (called.get(INPUTS, ""), *called.values()))


def grid_of(cells: Mapping[str, StoredCell]) -> dict[tuple[int, int], Any]:
    """Give the values of the stored cells of a sheet by row and column, errors as their codes."""
    return {
        place_of(address): cell.value.code if isinstance(cell.value, ErrorValue) else cell.value
        for address, cell in cells.items()
        if cell.value is not None
    }


def _calls(cells: Cells, called: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for title in called.values():
        for cell in cells.get(title, {}).values():
            formula = (cell.formula or "").upper()
            if BOOK_CALL in formula and plain_formula(formula).startswith(BOOK_CALL):
                yield title, str(cell.formula)


def _sources(cells: Cells, called: Mapping[str, str]) -> list[str]:
    """Give the sources that the sheet of sources lists."""
    held = cells.get(called.get(SOURCES, ""), {})
    listed = []
    row = _FIRST_SOURCE
    while (cell := held.get(f"B{row}")) is not None and isinstance(cell.value, str):
        listed.append(cell.value)
        row += 1
    return listed


def compared_in(cells: Cells, called: Mapping[str, str]) -> dict[tuple[int, int], Value]:
    """Give what is typed into the cells that choose the two books of the sheet Bridge.

    The second date is that of Control until another one is typed.
    """
    held = cells.get(called.get(BRIDGE, ""), {})
    of_control = f"{called.get(AS_OF.sheet, AS_OF.sheet)}!{AS_OF.fixed}"
    found: dict[tuple[int, int], Value] = {}
    for row, column in CHOSEN if held else ():
        cell = held.get(f"{letters(column)}{row}")
        value: Value = None if cell is None else cell.value
        if row == DATE_ROW and isinstance(value, float) and 1.0 <= value <= LAST_SERIAL:
            value = day_of(value)
        if cell is None or not are_alike(cell.formula or "", of_control):
            found[row, column] = value
    return found


def chosen_in(cells: Cells, called: Mapping[str, str], miners: Sequence[str]) -> dict[str, str]:
    """Give the miner that is chosen on a sheet, where it is one of the workbook."""
    found = {}
    chosen = cells.get(called.get(MINER.sheet, ""), {}).get(MINER.here)
    if chosen is not None and chosen.value in miners:
        found[MINER.sheet] = str(chosen.value)
    for model, title in called.items():
        held = cells.get(title, {})
        for address, cell in held.items():
            if cell.value == CHOOSE:
                beside = held.get(_beside(address))
                if beside is not None and beside.value in miners:
                    found[model] = str(beside.value)
            if cell.value == CHOOSE_LEASE and (deal := held.get(_beside(address))) is not None:
                found[model] = str(deal.value)
    return found


def _beside(address: str) -> str:
    """Give the address of the cell in which something is chosen, in the row of its label."""
    return f"{letters(FIRST_COLUMN)}{place_of(address)[0]}"
