"""Refresh, Undo, Keep, Snapshot, Explain and Freeze in an open workbook, through xlwings.

Each gathers the cells, lets the same pure function decide that serves closed files, and applies the
changes under manual calculation. Where a write fails, what was written is taken back.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from addin.boundary.desk import Desk
from addin.closed.carried import Carried, read_carried
from addin.closed.explain_cell import NAME as EXPLAIN
from addin.closed.explain_cell import explain
from addin.closed.feed import kept
from addin.closed.moves import moves_of, since_last, targets_then
from addin.closed.own_sheets import ours_called
from addin.closed.refresh import decision_for, now
from addin.excel.attached import attached_in, called_in, ours_only
from addin.excel.open_cells import formulas_of, grids_of, source_of, values_of
from addin.excel.open_rows import put_rows, take_rows
from addin.excel.stopping import look, past_stopping
from addin.excel.writing import SettingError, Writer, settled
from valuation_core.book import Book
from workbook.cells import Value, letters
from workbook.errors import WorkbookError
from workbook.freeze import free_name
from workbook.freeze import freeze as frozen_copy
from workbook.refresh import log
from workbook.refresh.decide import Grid, NewRows, RefreshError
from workbook.refresh.feed import NAME as FEED
from workbook.refresh.feed import rows_to_keep
from workbook.refresh.inputs import miners_of
from workbook.refresh.snapshot import HEADINGS, TARGETS, decide_snapshot, targets_shown
from workbook.refresh.snapshot import TITLE as SNAPSHOTS

if TYPE_CHECKING:
    import xlwings

_log_of_server: Final = logging.getLogger(__name__)

COMPUTED: Final = 0
"""Excel's word for a workbook with nothing left to compute: xlDone."""


def refresh(book: xlwings.Book, source: str | Path, as_of: date | None = None) -> str:
    """Add the rows of a source that an open workbook lacks to its tables; say what was done.

    Raises
    ------
    WorkbookError
        When workbook or source cannot be used; nothing is changed then.
    """
    grids = grids_of(book)
    carried = carried_by(book, grids)
    return _brought(book, grids, carried, decision_for(carried, source, as_of), as_of)


def keep(book: xlwings.Book, day: date) -> str:
    """Add the terminal's prices that an open workbook shows to its facts; say what was done.

    Raises
    ------
    WorkbookError
        When it shows none, or has others for that day; nothing is changed then.
    """
    _refuse_uncomputed(book)
    grids = grids_of(book)
    carried = carried_by(book, grids)
    title, there = _ours_called(book, FEED)
    if not there:
        raise RefreshError(f"{book.name} has no feed: hpcval feed makes one")
    decision = kept(carried, rows_to_keep(grids[title], day), title)
    return _brought(book, grids, carried, decision, None)


def _brought(
    book: xlwings.Book,
    grids: Mapping[str, Grid],
    carried: Carried,
    decision: NewRows,
    as_of: date | None,
) -> str:
    """Add the rows that are decided on, and move the date of the workbook where one is given."""
    day = None if as_of == carried.as_of else as_of
    if not (decision.rows or day):
        return str(decision)
    title, there = _ours_called(book, log.NAME)
    former = grids[title] if there else None
    step = log.next_step(former, carried.held.values(), now(), decision.origin)
    lines = [step.of_row(one) for one in decision.rows]
    targets = _targets(book, grids)
    with settled(book) as writer:
        put_rows(book, writer, decision.rows, step.mark)
        _log(book, writer, step, lines, carried, day)
    past_stopping()
    then = partial(carried.joined, decision.rows, day or carried.as_of)
    said = str(decision) if day is None else f"{decision}; the date is now {day}"
    return said + _log_targets(book, step, targets, carried, then)


def undo(book: xlwings.Book) -> str:
    """Take the rows that the last refresh brought off an open workbook; say what was done.

    Raises
    ------
    WorkbookError
        When there is none, or a row was changed since; nothing is changed then.
    """
    grids = grids_of(book)
    carried = carried_by(book, grids)
    title, there = _ours_called(book, log.NAME)
    if not there:
        raise RefreshError(f"{book.name} has no sheet {log.NAME} of ours, so nothing to take back")
    found = log.decide_undo(grids[title], carried.held, carried.as_of)
    step = found.step(now())
    lines = [step.of_row(one, off=True) for one in found.rows]
    targets = _targets(book, grids)
    with settled(book) as writer:
        take_rows(book, writer, found.rows)
        _log(book, writer, step, lines, carried, found.day)
    past_stopping()
    then = partial(carried.without, found.rows, found.day or carried.as_of)
    return str(found) + _log_targets(book, step, targets, carried, then)


def carried_by(book: xlwings.Book, grids: Mapping[str, Grid]) -> Carried:
    """Read the book of an open workbook: the call of HPC_BOOK shows a handle, or an error."""
    called = called_in(book, grids)
    ours = ours_only(called, grids)
    calls = (
        (sheet, formula.removeprefix("="))
        for sheet, grid in ours.items()
        if (candidates := [at for at, value in grid.items() if _may_be_book(value)])
        for formulas in [formulas_of(book.sheets[sheet].used_range)]
        for at in candidates
        if "HPC_BOOK(" in (formula := str(formulas.get(at, "")))
    )
    return read_carried(ours, calls, called)


def _may_be_book(value: Value) -> bool:
    return isinstance(value, str) and value.startswith(("book:", "#"))


def _log(
    book: xlwings.Book,
    writer: Writer,
    step: log.Step,
    lines: list[log.Line],
    carried: Carried,
    day: date | None,
) -> None:
    """Set the date of the workbook, where it gets another one, and append to the Log."""
    if day is not None:
        sheet, address = carried.date_cell
        writer.put(book.sheets[sheet].range(address), day)
        lines.append(step.line(sheet, address, log.DATE, carried.as_of, day))
    title, there = _ours_called(book, log.NAME)
    target = book.sheets[title] if there else _added(book, title)
    if not there:
        writer.put_lines(target, 1, [log.HEADINGS])
    writer.put_lines(target, _free_row(target), [log.in_columns(one) for one in lines])


def _free_row(sheet: xlwings.Sheet) -> int:
    """Give the row below all that a sheet holds, but for cells that are only formatted."""
    return max((row for row, _ in values_of(sheet.used_range)), default=0) + 1


def _targets(book: xlwings.Book, grids: Mapping[str, Grid]) -> dict[str, Value]:
    """Give the target of each miner as a workbook shows it, none where it has no such sheet."""
    called = called_in(book, grids)
    title = called.get(TARGETS, "")
    if title not in grids:
        return {}
    shown = targets_shown(grids[title], miners_of(ours_only(called, grids)))
    return {miner: figures[0] for miner, figures in shown.items()}


def _log_targets(
    book: xlwings.Book,
    step: log.Step,
    before: Mapping[str, Value],
    carried: Carried,
    then: Callable[[], Book],
) -> str:
    """Log the targets that changed and their drivers.

    A button holds calculation until it has ended, so Excel may be still to compute them: then they
    are those of the core, as in a closed workbook. The rows are written: what fails here is said,
    and takes nothing back.
    """
    if not before:
        return ""
    try:
        title = attached_in(book).get(TARGETS, TARGETS)
        if book.app.api.CalculationState == COMPUTED:
            shown = targets_shown(values_of(book.sheets[title].used_range), before)
            after = {miner: figures[0] for miner, figures in shown.items()}
        else:
            after = targets_then(carried, then, before)
        if lines := step.of_targets(title, before, after, moves_of(carried, then, before)):
            with settled(book) as writer:
                target = book.sheets[_ours_called(book, log.NAME)[0]]
                cells = [log.in_columns(one) for one in lines]
                writer.put_lines(target, _free_row(target), cells)
    except SettingError:
        raise
    except Exception:
        _log_of_server.exception("targets of %s", step.name)
        return "; the Log could not be told which targets moved"
    return ""


def snapshot(book: xlwings.Book) -> str:
    """Append the targets and ratings that an open workbook shows to History; say what was done."""
    _refuse_uncomputed(book)
    grids = grids_of(book)
    step = decide_snapshot(grids, now(), attached_in(book))
    with suppress(WorkbookError):  # without tables of its own nobody can tell why targets moved
        step = since_last(carried_by(book, grids), grids[step.sheet], step)
    lines: list[Sequence[Value]] = [*step.rows, *step.moves]
    row = step.row
    if step.starts:
        lines = [(SNAPSHOTS,), HEADINGS, *lines]
        row -= 2
    with settled(book) as writer:
        writer.put_lines(book.sheets[step.sheet], row, lines)
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
    with settled(book) as writer:
        target = book.sheets[title] if there else _added(book, title)
        if there:
            writer.clear(target)
        writer.put_lines(target, 1, found.lines())
    return f"the steps of {found.cell} are on the sheet {title}"


def freeze(book: xlwings.Book) -> str:
    """Write a copy of an open workbook, as it is now, with values for our formulas; say where."""
    path = place_of(book)
    _refuse_uncomputed(book)
    out = free_name(path)
    with tempfile.TemporaryDirectory(prefix="hpcval-freeze-") as folder:
        copy = Path(folder) / path.name
        book.api.SaveCopyAs(str(copy))
        look()
        return frozen_copy(copy, out).summary(out)


def place_of(book: xlwings.Book) -> Path:
    """Give where an open workbook is saved: what is written of it stands beside it.

    Raises
    ------
    WorkbookError
        When it is in no folder.
    """
    place = str(book.api.FullName)
    if "://" in place:
        raise WorkbookError(f"{book.name} is in the cloud: save a copy in a folder first")
    if not book.api.Path:
        raise WorkbookError(f"{book.name} was never saved: save it first")
    return Path(place)


def _refuse_uncomputed(book: xlwings.Book) -> None:
    """Refuse figures of before beside inputs of now: at a desk that computes only when told."""
    if book.app.api.CalculationState != COMPUTED:
        raise WorkbookError("Excel has not computed everything: press F9 first")


def _ours_called(book: xlwings.Book, name: str) -> tuple[str, bool]:
    """Give what the sheet Log or Explain of ours is called, and whether it is there."""

    def first_row(sheet: str) -> list[Any]:
        cells = values_of(book.sheets[sheet].used_range)
        return [value for (row, _), value in cells.items() if row == 1]

    return ours_called(name, [sheet.name for sheet in book.sheets], first_row)


def _added(book: xlwings.Book, name: str) -> xlwings.Sheet:
    """Add a sheet after the last one."""
    with suppress(Exception):  # with several sheets selected Excel would add as many
        book.sheets.active.select()
    try:
        return book.sheets.add(name, after=list(book.sheets)[-1])
    except Exception as error:
        raise WorkbookError(
            f"the sheet {name} cannot be added, perhaps since the workbook is protected; nothing "
            "was changed"
        ) from error
