"""Refresh, Undo, Snapshot, Explain and Freeze in an open workbook, through xlwings.

Each gathers the cells, lets the same pure function decide that serves closed files, and applies the
changes under manual calculation. Where a write fails, what was written is taken back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from addin.boundary.desk import Desk
from addin.closed.explain_cell import NAME as EXPLAIN
from addin.closed.explain_cell import Source, explain
from addin.closed.own_sheets import ours_called
from addin.closed.refresh import WHOLE, WITH_DECIMALS, addresses_of_number, decision_for, now
from addin.excel.attached import attached_in, attached_only
from addin.excel.opened import filled_with
from workbook.cells import ERROR_CODES, ErrorValue, Value, letters, place_of, serial_of
from workbook.errors import WorkbookError
from workbook.formulas.ours import plain_formula
from workbook.freeze import free_name
from workbook.freeze import freeze as frozen_copy
from workbook.refresh import log
from workbook.refresh.decide import Change, Grid, InputTable, RefreshError, find_inputs, stamp
from workbook.refresh.snapshot import HEADINGS, decide_snapshot
from workbook.refresh.snapshot import TITLE as SNAPSHOTS

if TYPE_CHECKING:
    import xlwings

MANUAL: Final = "manual"
COMPUTED: Final = 0
"""Excel's word for a workbook with nothing left to compute: xlDone."""

HALF_WRITTEN: Final = (
    "a cell could not be written, and not everything could be taken back: close this workbook "
    "without saving it, and open it again"
)


def refresh(book: xlwings.Book, source: str | Path, known_by: date | None = None) -> str:
    """Change the facts of an open workbook that differ from those of a source; say what was done.

    Raises
    ------
    WorkbookError
        When workbook or source cannot be used; nothing is changed then.
    """
    grids = grids_of(book)
    table = find_inputs(attached_only(book, grids))
    decision = decision_for(table, source, known_by)
    if decision.changes:
        time = now()
        cells = _cells(decision.changes)
        text = f"{time}, from {decision.origin}"
        cells |= stamp(table, grids[table.sheet], text, decision.known_by)
        lines = log.log_lines(decision.changes, time, decision.origin, decision.known_by)
        _apply(book, table, decision.changes, cells, lines)
    return str(decision)


def undo(book: xlwings.Book) -> str:
    """Take the last refresh of an open workbook back, from its Log; say what was done.

    Raises
    ------
    WorkbookError
        When there is none, or a fact was changed since; nothing is changed then.
    """
    grids = grids_of(book)
    table = find_inputs(attached_only(book, grids))
    title, there = _ours_called(book, log.NAME)
    if not there:
        raise RefreshError(f"{book.name} has no sheet {log.NAME} of ours, so nothing to take back")
    step = log.decide_undo(grids[title], table)
    time = now()
    cells = _cells(step.changes)
    cells |= stamp(table, grids[table.sheet], f"{time}, back to {step.origin}", step.known_by)
    lines = log.log_lines(step.changes, time, f"{log.UNDO}{step.time}", step.known_by)
    _apply(book, table, step.changes, cells, lines)
    return str(step)


def snapshot(book: xlwings.Book) -> str:
    """Append the targets and ratings that an open workbook shows to History; say what was done."""
    _refuse_uncomputed(book)
    step = decide_snapshot(grids_of(book), now(), attached_in(book))
    lines: list[Sequence[Value]] = list(step.rows)
    row = step.row
    if step.starts:
        lines = [(SNAPSHOTS,), HEADINGS, *lines]
        row -= 2
    with _settled(book) as write:
        _put_lines(write, book.sheets[step.sheet], row, lines)
    return str(step)


def explain_selection(book: xlwings.Book, desk: Desk) -> str:
    """Write the steps behind the selected cell to the sheet Explain; say what was done."""
    _refuse_uncomputed(book)
    place = book.selection
    if place is None:
        raise WorkbookError("no cell is selected")
    sheet, address = place.sheet.name, f"{letters(place.column)}{place.row}"
    found = explain(desk, source_of(book), sheet, address)
    title, there = _ours_called(book, EXPLAIN)
    with _settled(book) as write:
        target = book.sheets[title] if there else _added(book, title)
        if there:
            target.clear_contents()
        _put_lines(write, target, 1, found.lines())
    return f"the steps of {found.cell} are on the sheet {title}"


def freeze(book: xlwings.Book) -> str:
    """Write a copy of an open workbook, as it is now, with values for our formulas; say where."""
    place = str(book.api.FullName)
    if "://" in place:
        raise WorkbookError(f"{book.name} is in the cloud: save a copy in a folder first")
    if not book.api.Path:
        raise WorkbookError(f"{book.name} was never saved: save it first")
    _refuse_uncomputed(book)
    path = Path(place)
    out = free_name(path)
    with tempfile.TemporaryDirectory(prefix="hpcval-freeze-") as folder:
        copy = Path(folder) / path.name
        book.api.SaveCopyAs(str(copy))
        return frozen_copy(copy, out).summary(out)


def _refuse_uncomputed(book: xlwings.Book) -> None:
    """Refuse figures of before beside inputs of now: at a desk that computes only when told."""
    if book.app.api.CalculationState != COMPUTED:
        raise WorkbookError("Excel has not computed everything: press F9 first")


def grids_of(book: xlwings.Book) -> dict[str, Grid]:
    """Read the values of every sheet, each in one call."""
    return {sheet.name: _values(sheet.used_range) for sheet in book.sheets}


def _values(used: xlwings.Range) -> Grid:
    return _grid(used, used.options(ndim=2, err_to_str=True).value)


def _formulas(used: xlwings.Range) -> Grid:
    found = used.formula
    return _grid(used, [[found]] if isinstance(found, str) else found)


def _grid(used: xlwings.Range, rows: Sequence[Sequence[Any]]) -> Grid:
    top, left = used.row, used.column
    return {
        (top + i, left + j): float(value) if isinstance(value, Decimal) else value
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value is not None
    }


def source_of(book: xlwings.Book) -> Source:
    """Read formulas, values and names of an open workbook, a sheet in two calls."""

    @cache
    def formulas(sheet: str) -> Grid:
        return _formulas(book.sheets[sheet].used_range)

    @cache
    def values(sheet: str) -> Grid:
        return _values(book.sheets[sheet].used_range)

    def formula(sheet: str, address: str) -> str | None:
        text = str(formulas(sheet).get(place_of(address), ""))
        return plain_formula(text.removeprefix("=")) if text.startswith("=") else None

    def value(sheet: str, address: str) -> Any:
        found = values(sheet).get(place_of(address))
        return ErrorValue(found) if found in ERROR_CODES else found

    def area(sheet: str, address: str) -> str | None:
        return filled_with(book.sheets[sheet].range(address).api)

    names = {str(name.name): str(name.refers_to) for name in book.names}
    return Source(formula, value, names, area)


def _cells(changes: Sequence[Change]) -> dict[str, Value]:
    """Give every cell that a list of changes writes, by address."""
    cells: dict[str, Value] = {}
    for change in changes:
        cells[change.address] = change.new
        cells |= {one.address: one.new for one in change.beside if one.old != one.new}
    return cells


def _apply(
    book: xlwings.Book,
    table: InputTable,
    changes: Sequence[Change],
    cells: Mapping[str, Value],
    lines: Sequence[Sequence[Value]],
) -> None:
    """Write the facts, the stamp and the Log: all of it, or nothing."""
    inputs = book.sheets[table.sheet]
    for address in cells:
        if str(inputs.range(address).formula or "").startswith("="):
            raise RefreshError(f"{table.sheet}!{address} holds a formula; nothing was changed")
    title, there = _ours_called(book, log.NAME)
    with _settled(book) as write:
        target = book.sheets[title] if there else _added(book, title)
        if not there:
            _put_lines(write, target, 1, [log.HEADINGS])
        used = target.used_range
        _put_lines(write, target, used.row + used.shape[0], lines)
        for address, value in cells.items():
            write(inputs.range(address), value)
        _widen(inputs, table, changes)


def _ours_called(book: xlwings.Book, name: str) -> tuple[str, bool]:
    """Give what the sheet Log or Explain of ours is called, and whether it is there."""

    def first_row(sheet: str) -> list[Any]:
        cells = _values(book.sheets[sheet].used_range)
        return [value for (row, _), value in cells.items() if row == 1]

    return ours_called(name, [sheet.name for sheet in book.sheets], first_row)


def _added(book: xlwings.Book, name: str) -> xlwings.Sheet:
    """Add a sheet after the last one."""
    try:
        return book.sheets.add(name, after=list(book.sheets)[-1])
    except Exception as error:
        raise WorkbookError(
            f"the sheet {name} cannot be added, perhaps since the workbook is protected; nothing "
            "was changed"
        ) from error


def _widen(inputs: xlwings.Sheet, table: InputTable, changes: Sequence[Change]) -> None:
    """Let a number show its decimals where the one before had none."""
    rows = {(row.scope, row.metric): row.row for row in table.rows}
    for change in changes:
        if isinstance(change.new, float) and not change.new.is_integer():
            for address in addresses_of_number(table, rows[change.scope, change.metric]):
                if inputs.range(address).number_format == WHOLE:
                    inputs.range(address).number_format = WITH_DECIMALS


Write = Callable[[Any, Value], None]


@contextmanager
def _settled(book: xlwings.Book) -> Iterator[Write]:
    """Hold calculation and screen while cells are written; after a failure take them back.

    Calculation, screen and active sheet are as before in any case.

    Raises
    ------
    WorkbookError
        When a cell cannot be written; it says so where something could not be taken back.
    """
    app = book.app
    calculation, screen, active = app.calculation, app.screen_updating, book.sheets.active
    written: list[tuple[Any, Any]] = []
    before = {sheet.name for sheet in book.sheets}

    def write(place: Any, value: Value) -> None:
        was = _content(place)
        try:
            place.value = _entered(value)
        except Exception as error:
            where = f"{place.sheet.name}!{letters(place.column)}{place.row}"
            raise WorkbookError(
                f"{where} cannot be written, perhaps since the sheet is protected; nothing was "
                "changed"
            ) from error
        written.append((place, was))

    app.calculation = MANUAL
    app.screen_updating = False
    try:
        yield write
    except BaseException as error:
        if not _taken_back(book, written, before):
            raise WorkbookError(HALF_WRITTEN) from error
        raise
    finally:
        app.calculation = calculation
        app.screen_updating = screen
        names = {sheet.name for sheet in book.sheets}
        if names != before or book.sheets.active.name != active.name:
            active.select()  # activate would also ask which Excel is in front, and may fail


def _taken_back(
    book: xlwings.Book, written: Sequence[tuple[Any, Any]], before: Collection[str]
) -> bool:
    """Restore what was written, last first, and remove new sheets; tell whether all of it could."""
    whole = True
    for place, was in reversed(written):
        try:
            place.value = was
        except Exception:  # the others are restored all the same
            whole = False
    for sheet in [one for one in book.sheets if one.name not in before]:
        try:
            sheet.delete()
        except Exception:
            whole = False
    return whole


def _content(place: Any) -> Any:
    """Give what a cell holds, as it is entered: a text that only looks like a formula is a text."""
    formula, value = str(place.formula or ""), place.value
    return formula if formula.startswith("=") and formula != value else _entered(value)


def _entered(value: Any) -> Any:
    """Write a value as it is entered: a date as its serial, text so that Excel leaves it alone."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return serial_of(value)
    if isinstance(value, str):
        return f"'{value}"  # else =1+1 is a formula, 2025-09-26 a date and 007 a number
    return value


def _put_lines(
    write: Write, sheet: xlwings.Sheet, row: int, lines: Sequence[Sequence[Value]]
) -> None:
    for offset, line in enumerate(lines):
        for column, value in enumerate(line, start=1):
            if value is not None:
                shown = value.isoformat() if isinstance(value, date) else value
                write(sheet.range(f"{letters(column)}{row + offset}"), shown)
