"""Refresh a closed workbook from a source, and take the last refresh back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from addin.boundary.desk import Desk
from addin.closed.carried import Carried, by_sheet
from addin.closed.core_figures import names_of
from addin.closed.figures import store_true_figures
from addin.closed.moves import moves_of
from addin.closed.planned_anew import carried_in, grids_of
from addin.closed.table_rows import put_rows, take_rows
from addin.closed.workbook import ClosedWorkbook
from addin.sources import described, tables_from
from valuation_core.book import Book
from valuation_core.book.tables import Tables
from valuation_core.errors import ValuationError
from workbook.cells import Value
from workbook.formulas.dependents import Place
from workbook.garbage import nothing_collected
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.stored import StoredCell, cells_of
from workbook.refresh.decide import NewRows, RefreshError, TableRow, decide_rows
from workbook.refresh.inputs import miners_of
from workbook.refresh.log import (
    DATE,
    HEADINGS,
    NAME,
    WIDTHS,
    Line,
    Step,
    decide_undo,
    in_columns,
    next_step,
)
from workbook.refresh.snapshot import TARGETS, targets_shown

BACKUP: Final = "before-refresh"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was done: the rows, one sentence on them, and the copy of the file as it was."""

    rows: tuple[TableRow, ...]
    report: str
    backup: Path | None = None


def now() -> str:
    """Give the time for the marks and the Log, the same for every reader."""
    return datetime.now(UTC).isoformat(" ", "milliseconds").replace("+00:00", " UTC")


def decision_for(carried: Carried, source: str | Path, as_of: date | None) -> NewRows:
    """Read a source and decide which of its rows the workbook gets.

    Raises
    ------
    RefreshError
        When the source is not to be had, half written or wrong somewhere, or when its rows do not
        go with those of the workbook.
    """
    origin = described(source)
    try:
        tables = tables_from(source)
    except ValuationError as error:
        raise RefreshError(f"{origin}: {error}; nothing was changed") from None
    return decision_on(carried, tables, origin, as_of)


def decision_on(carried: Carried, tables: Tables, origin: str, as_of: date | None) -> NewRows:
    """Decide which rows of some tables the workbook gets.

    Raises
    ------
    RefreshError
        When they do not go with those of the workbook.
    """
    decision = decide_rows(carried.held, tables, origin)
    try:
        carried.joined(decision.rows, as_of or carried.as_of)
    except ValuationError as error:
        what = "with the new rows the workbook's tables would be wrong"
        said = by_sheet(str(error), {name: one.sheet for name, one in carried.held.items()})
        raise RefreshError(f"{origin}: {what}: {said}; nothing was changed") from None
    return decision


def refresh(
    path: Path,
    source: str | Path,
    desk: Desk,
    *,
    as_of: date | None = None,
    dry_run: bool = False,
    recalculate: bool = True,
) -> Refreshed:
    """Add the rows of a source that a closed workbook lacks to its tables.

    Parameters
    ----------
    path : pathlib.Path
        The workbook.
    source : str or pathlib.Path
        A folder of CSV files, an Excel file or the URL of a database.
    desk : Desk
        Where the functions find their facts.
    as_of : datetime.date, optional
        A date for the workbook; it stays as it is when left out.
    dry_run : bool, optional
        Whether to change nothing.
    recalculate : bool, optional
        Whether our figures are computed here; else they are left to Excel.

    Raises
    ------
    WorkbookError
        When workbook or source cannot be used. The file is unchanged then.
    """

    def decide(carried: Carried, _: ClosedWorkbook) -> NewRows:
        return decision_for(carried, source, as_of)

    return bring(path, decide, desk, as_of=as_of, dry_run=dry_run, recalculate=recalculate)


@nothing_collected()
def bring(
    path: Path,
    decide: Callable[[Carried, ClosedWorkbook], NewRows],
    desk: Desk,
    *,
    as_of: date | None = None,
    dry_run: bool = False,
    recalculate: bool = True,
) -> Refreshed:
    """Add the rows that are decided on to the tables of a closed workbook, as `refresh` does."""
    with ClosedWorkbook.to_change(path) as workbook:
        carried = _carried(workbook)
        decision = decide(carried, workbook)
        day = None if as_of == carried.as_of else as_of
        said = str(decision) if day is None else f"{decision}; the date is now {day}"
        if dry_run or not (decision.rows or day):
            return Refreshed(decision.rows, said)
        log, there = workbook.ours_called(NAME)
        grid = workbook.grid(log) if there else None
        step = next_step(grid, carried.held.values(), now(), decision.origin)
        put_rows(workbook, decision.rows, step.mark)
        lines = [step.of_row(one) for one in decision.rows]
        then = partial(carried.joined, decision.rows, day or carried.as_of)
        return _finish(
            workbook, carried, then, step, lines, day, decision.rows, said, desk, recalculate
        )


@nothing_collected()
def undo(path: Path, desk: Desk, *, dry_run: bool = False, recalculate: bool = True) -> Refreshed:
    """Take the rows that the last refresh brought off a closed workbook.

    Raises
    ------
    WorkbookError
        When there is none, or a row was changed since. The file is unchanged then.
    """
    with ClosedWorkbook.to_change(path) as workbook:
        carried = _carried(workbook)
        title, there = workbook.ours_called(NAME)
        if not there:
            raise RefreshError(f"{path.name} has no sheet {NAME} of ours, so nothing to take back")
        found = decide_undo(workbook.grid(title), carried.held, carried.as_of)
        if dry_run:
            return Refreshed(found.rows, str(found))
        take_rows(workbook, found.rows)
        step = found.step(now())
        lines = [step.of_row(one, off=True) for one in found.rows]
        then = partial(carried.without, found.rows, found.day or carried.as_of)
        return _finish(
            workbook,
            carried,
            then,
            step,
            lines,
            found.day,
            found.rows,
            str(found),
            desk,
            recalculate,
        )


def _carried(workbook: ClosedWorkbook) -> Carried:
    called, _ = names_of(workbook.package, workbook.cells)
    return carried_in(workbook.cells, called)


def _finish(
    workbook: ClosedWorkbook,
    carried: Carried,
    then: Callable[[], Book],
    step: Step,
    lines: list[Line],
    day: date | None,
    rows: tuple[TableRow, ...],
    sentence: str,
    desk: Desk,
    recalculate: bool,
) -> Refreshed:
    """Set the date, make the figures true, append to the Log and replace the file: all or nothing.

    A target that changed is a line of the Log too, and each driver of it as the core gives it for
    the book `then`: the figure that is shown is known when all are computed.
    """
    if day is not None:
        sheet, address = carried.date_cell
        workbook.editor(sheet).put(address, day)
        lines.append(step.line(sheet, address, DATE, carried.as_of, day))
    called, _ = names_of(workbook.package, workbook.cells)
    targets = called.get(TARGETS, "")
    before = _targets(workbook.cells, called, targets)
    moves = moves_of(carried, then, before)
    headings: list[Value] = list(HEADINGS)
    log, first = workbook.sheet_with(NAME, headings, WIDTHS)
    for line, values in enumerate(lines, start=first):
        log.put_row(line, in_columns(values))
    workbook.finish()
    # Lines of targets follow when their figures are known.
    ahead = {
        Place(log.name.lower(), first + len(lines) + more, column)
        for more in range(len(before) + sum(map(len, moves.values())))
        for column in range(1, len(HEADINGS) + 1)
    }
    package = workbook.package
    figures = store_true_figures(
        package,
        workbook.cells,
        workbook.changed | ahead,
        desk,
        recalculate=recalculate,
        carried=carried,
    )
    parts = sheet_parts(package)
    after = dict(workbook.cells)
    if before:
        after[targets] = cells_of(package, parts[targets])
    changed = step.of_targets(targets, before, _targets(after, called, targets), moves)
    editor = SheetEditor(log.name, package[parts[log.name]])
    for line, values in enumerate(changed, start=first + len(lines)):
        editor.put_row(line, in_columns(values))
    package[parts[log.name]] = editor.to_part()
    backup = workbook.save(BACKUP)
    return Refreshed(rows, f"{sentence}; {figures}", backup)


def _targets(
    cells: Mapping[str, Mapping[str, StoredCell]], called: Mapping[str, str], title: str
) -> dict[str, Value]:
    """Give the target of each miner as a workbook shows it, none where it has no such sheet."""
    if title not in cells:
        return {}
    grids = grids_of(cells, called)
    shown = targets_shown(grids[title], miners_of(grids))
    return {miner: figures[0] for miner, figures in shown.items()}
