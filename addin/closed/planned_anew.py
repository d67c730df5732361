"""A workbook planned anew out of its own cells: its tables, its facts in use, your own values.

The tables of the book stand in the workbook, so the core can compute what every sheet of ours
shows. Functions read what HPC_BOOK makes of these cells; native cells read the sheet Inputs, which
also knows since when a refreshed fact is known and from where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from addin.boundary.tables import table_of
from valuation_core.book import METRICS, OWN, Book, Fact, with_own_facts
from valuation_core.book.book import shipped_tables
from valuation_core.book.fact import Key
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.ranges import with_given
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import coverage
from valuation_core.evaluation.lookup import BASES
from workbook.cells import ErrorValue, corners_of, day_of, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.calls import call_in, cells_of
from workbook.formulas.ours import plain_formula
from workbook.model.build import plan_model
from workbook.model.lines import FIRST_COLUMN
from workbook.model.plan import Cell
from workbook.model.sheets.facts.book_tables import SHEETS as TABLES
from workbook.model.sheets.facts.input_cells import COLUMN, NAME, OWN_VALUE
from workbook.model.sheets.facts.inputs import plan_inputs
from workbook.model.sheets.facts.sources import NAME as SOURCES
from workbook.model.sheets.valuation.hpc_grids import CHOOSE
from workbook.model.shown import Shown
from workbook.opc.stored import StoredCell
from workbook.refresh.decide import InputRow, InputTable, RefreshError, find_inputs

BOOK_CALL: Final = "HPC_BOOK("
_FIRST_SOURCE: Final = 7
"""Row of the first source on the sheet of sources."""

Cells = Mapping[str, Mapping[str, StoredCell]]


@dataclass(frozen=True, slots=True)
class PlannedAnew:
    """What each sheet holds by the plan, by its name in the model; rows of facts on Inputs."""

    book: Book
    sheets: Mapping[str, Mapping[tuple[int, int], Cell]]
    rows_of_facts: frozenset[int]


class _AsShown(Book):
    """A book whose facts are as the sheet Inputs shows them."""

    def __init__(self, book: Book, facts: Mapping[Key, Fact]) -> None:
        super().__init__(book.as_of, book.tables, book.case)
        self.__dict__["facts"] = MappingProxyType(dict(facts))


def plan_anew(cells: Cells, called: Mapping[str, str]) -> PlannedAnew:
    """Plan a workbook from what its cells hold.

    Parameters
    ----------
    cells : mapping
        Stored cells by sheet and address.
    called : mapping of str to str
        What the sheets of the model are called there.

    Raises
    ------
    WorkbookError
        When it does not carry its book, or is not laid out as this version builds it.
    ValuationError
        When a table or an own value is wrong.
    """
    if NAME not in called:
        raise WorkbookError(f"there is no sheet {NAME}")
    title = called[NAME]
    try:
        table = find_inputs({title: _grid(cells[title])})
    except RefreshError:
        raise WorkbookError(f"{title} is not as this version has it") from None
    given, read = _call_of_book(cells, title)
    tables = {name: table_of(name, given[name]) for name in TABLES}
    base = Book.at(with_given(shipped_tables(), tables), table.as_of, table.case)
    tickers = [row.scope for row in table.rows if row.scope not in (MARKET_WIDE, NETWORK)]
    miners = tuple(dict.fromkeys(tickers))
    if not miners:
        raise WorkbookError(f"{title} has no miner")
    facts = _facts(table, base)
    inputs = plan_inputs(_AsShown(base, facts), miners, {})[0].cells
    book = with_own_facts(base, [_read(inputs, row, read) for row in _rows(read)])
    shown = Shown(
        _AsShown(book, facts), tuple(_sources(cells, called)), _chosen(cells, called, miners)
    )
    plan = plan_model(coverage(book, miners), shown)
    sheets = {sheet.name: dict(sheet.cells) for sheet in plan.sheets}
    # What a row asks of its cells goes by the book it was made for, not by what you state there.
    made = plan_inputs(base, miners, {})[0].cells
    for at, cell in sheets[NAME].items():
        formula = made[at].formula if at in made else None
        if cell.formula and not cell.formula.startswith(BOOK_CALL):
            sheets[NAME][at] = replace(cell, formula=formula)
    return PlannedAnew(book, sheets, frozenset(row.row for row in table.rows))


def _grid(cells: Mapping[str, StoredCell]) -> dict[tuple[int, int], Any]:
    return {
        place_of(address): cell.value.code if isinstance(cell.value, ErrorValue) else cell.value
        for address, cell in cells.items()
        if cell.value is not None
    }


def _call_of_book(cells: Cells, inputs: str) -> tuple[dict[str, list[list[Any]]], str]:
    """Give the tables that the handle of the facts is made of, and the range of facts in use."""
    names = [argument.name for argument in catalogue()["HPC_BOOK"].arguments]
    for cell in cells[inputs].values():
        formula = plain_formula(cell.formula or "")
        if not formula.startswith(BOOK_CALL):
            continue
        stated = dict(zip(names, call_in(formula).arguments, strict=False))
        read = cells_of(stated.get("facts") or "")
        if read is None:
            continue
        tables = {name: _range(cells, stated.get(name) or "") for name in TABLES}
        return tables, f"{read.first}:{read.last}"
    raise WorkbookError("no cell makes the handle of its facts")


def _range(cells: Cells, reference: str) -> list[list[Any]]:
    found = cells_of(reference)
    if found is None or found.sheet is None or found.sheet not in cells:
        raise WorkbookError("it does not carry the tables of its book")
    held = cells[found.sheet]
    (top, left), (bottom, right) = corners_of(f"{found.first}:{found.last}")
    columns = [letters(column) for column in range(left, right + 1)]
    return [
        [None if (cell := held.get(f"{column}{row}")) is None else cell.value for column in columns]
        for row in range(top, bottom + 1)
    ]


def _rows(read: str) -> range:
    (top, _), (bottom, _) = corners_of(read)
    return range(top, bottom + 1)


def _read(inputs: Mapping[tuple[int, int], Cell], row: int, read: str) -> Any:
    """Give a row as HPC_BOOK reads it."""
    (_, left), (_, right) = corners_of(read)
    if any((row, column) not in inputs for column in range(left, right + 1)):
        raise WorkbookError(f"{NAME} has other rows than this version gives it")
    return tuple(inputs[row, column].value for column in range(left, right + 1))


def _facts(table: InputTable, base: Book) -> dict[Key, Fact]:
    """Give the facts in use as the rows of Inputs say them."""
    own = {(row.scope, row.metric) for row in table.rows if row.cells.get("your value") is not None}
    found: dict[Key, Fact] = {}
    for row in table.rows:
        key = row.scope, row.metric
        before = base.facts.get(key)
        fact = _fact(row, base.as_of, "" if before is None else before.case)
        if fact is None:
            continue
        of_all = (MARKET_WIDE, row.metric) in own and row.scope not in (MARKET_WIDE, NETWORK)
        if fact.case and fact.confidence != OWN:
            if fact.value != row.cells.get("set by the case"):
                raise WorkbookError(f"{row.scope} {row.metric} is not as the case sets it")
            if of_all:
                # Your value for ALL keeps every change of the case to that metric off.
                fact = replace(fact, value=_value(row, "without the case"))
        found[key] = fact
    return found


def _fact(row: InputRow, day: date, case: str) -> Fact | None:
    """Read the fact in use of a row; None for a blank one."""
    is_own = row.cells.get("your value") is not None
    if not is_own and row.cells.get("in the book") is None:
        return None
    as_of, basis = row.cells.get("as of"), row.cells.get("basis")
    return Fact(
        scope=row.scope,
        metric=row.metric,
        value=_value(row, "your value" if is_own else "in the book"),
        unit=METRICS[row.metric].unit,
        basis=str(basis) if basis in BASES else "",
        as_of=day if is_own or not isinstance(as_of, date) else as_of,
        source=str(row.cells.get("source") or ""),
        confidence=OWN if is_own else str(row.cells.get("confidence") or ""),
        note=str(row.cells.get("note") or ""),
        case=case,
    )


def _value(row: InputRow, heading: str) -> float | date:
    value = row.cells.get(heading)
    if METRICS[row.metric].unit == "date" and isinstance(value, float):
        return day_of(value)
    if isinstance(value, bool) or not isinstance(value, float | date):
        raise WorkbookError(f"{row.scope} {row.metric}: {heading} is {value!r}")
    return value


def _sources(cells: Cells, called: Mapping[str, str]) -> list[str]:
    """Give the sources that the sheet of sources lists."""
    held = cells.get(called.get(SOURCES, ""), {})
    listed = []
    row = _FIRST_SOURCE
    while (cell := held.get(f"B{row}")) is not None and isinstance(cell.value, str):
        listed.append(cell.value)
        row += 1
    return listed


def _chosen(cells: Cells, called: Mapping[str, str], miners: Sequence[str]) -> dict[str, str]:
    """Give the miner that is chosen on a sheet, where it is one of the workbook."""
    found = {}
    for model, title in called.items():
        held = cells[title]
        for address, cell in held.items():
            if cell.value == CHOOSE:
                beside = held.get(f"{letters(FIRST_COLUMN)}{place_of(address)[0]}")
                if beside is not None and beside.value in miners:
                    found[model] = str(beside.value)
    return found


def is_read_as_fact(at: tuple[int, int], planned: PlannedAnew) -> bool:
    """Tell whether a cell of Inputs is one that the facts were read from."""
    row, column = at
    return row in planned.rows_of_facts and column in _READ_AS_FACTS


_READ_AS_FACTS: Final = frozenset(
    COLUMN[heading]
    for heading in (
        "in the book",
        "as of",
        "source",
        "note",
        "confidence in the book",
        "set by the case",
        "without the case",
    )
) | {OWN_VALUE}
