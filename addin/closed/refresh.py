"""Refresh a closed workbook from a source, and take the last refresh back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from addin.boundary.desk import Desk
from addin.closed.figures import store_true_figures
from addin.closed.workbook import ClosedWorkbook
from addin.sources import described, tables_from
from valuation_core.book import Book
from valuation_core.errors import ValuationError
from workbook.cells import Value, letters
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import style_with_format, with_link
from workbook.refresh.decide import (
    Change,
    Decision,
    InputTable,
    RefreshError,
    decide,
    find_inputs,
    stamp,
)
from workbook.refresh.log import HEADINGS, NAME, UNDO, WIDTHS, decide_undo, log_lines

BACKUP: Final = "before-refresh"
WHOLE: Final = "#,##0"
"""Number format of a fact without decimals, which would round one that has some out of sight."""

WITH_DECIMALS: Final = "#,##0.####"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was done: the changes, one sentence on them, and the copy of the file as it was."""

    changes: tuple[Change, ...]
    report: str
    backup: Path | None = None


def now() -> str:
    """Give the time for the stamp and the Log, the same for every reader."""
    return datetime.now(UTC).isoformat(" ", "milliseconds").replace("+00:00", " UTC")


def book_of(source: str | Path, known_by: date, case: str) -> Book:
    """Read the facts of a source on a date, as the case of the workbook changes them.

    Raises
    ------
    RefreshError
        When the source is not to be had, half written, wrong somewhere or without the case.
    """
    try:
        return Book.at(tables_from(source), known_by, case)
    except ValuationError as error:
        raise RefreshError(f"{described(source)}: {error}; nothing was changed") from None


def decision_for(table: InputTable, source: str | Path, known_by: date | None) -> Decision:
    """Read a source and decide; the date is that of the workbook unless another is given."""
    book = book_of(source, known_by or table.known_by, table.case)
    return decide(table, book, described(source))


def refresh(
    path: Path,
    source: str | Path,
    desk: Desk,
    *,
    known_by: date | None = None,
    dry_run: bool = False,
    recalculate: bool = True,
) -> Refreshed:
    """Change the facts of a closed workbook that differ from those of a source.

    Raises
    ------
    WorkbookError
        When workbook or source cannot be used. The file is unchanged then.
    """
    with ClosedWorkbook.to_change(path) as workbook:
        table = _inputs(workbook)
        decision = decision_for(table, source, known_by)
        if dry_run or not decision.changes:
            return Refreshed(decision.changes, str(decision))
        time = now()
        _write(workbook, table, decision.changes)
        lines = log_lines(decision.changes, time, decision.origin, decision.known_by)
        _stamp(workbook, table, f"{time}, from {decision.origin}", decision.known_by)
        return _finish(workbook, lines, decision.changes, str(decision), desk, recalculate)


def undo(path: Path, desk: Desk, *, dry_run: bool = False, recalculate: bool = True) -> Refreshed:
    """Take the last refresh of a closed workbook back, from its Log.

    Raises
    ------
    WorkbookError
        When there is none, or a fact was changed since. The file is unchanged then.
    """
    with ClosedWorkbook.to_change(path) as workbook:
        table = _inputs(workbook)
        title, there = workbook.ours_called(NAME)
        if not there:
            raise RefreshError(f"{path.name} has no sheet {NAME} of ours, so nothing to take back")
        step = decide_undo(workbook.grid(title), table)
        if dry_run:
            return Refreshed(step.changes, str(step))
        time = now()
        _write(workbook, table, step.changes)
        lines = log_lines(step.changes, time, f"{UNDO}{step.time}", step.known_by)
        _stamp(workbook, table, f"{time}, back to {step.origin}", step.known_by)
        return _finish(workbook, lines, step.changes, str(step), desk, recalculate)


def _inputs(workbook: ClosedWorkbook) -> InputTable:
    sheets = workbook.attached.values() or workbook.cells
    return find_inputs({sheet: workbook.grid(sheet) for sheet in sheets})


def _write(workbook: ClosedWorkbook, table: InputTable, changes: Sequence[Change]) -> None:
    """Write the facts and what stands beside them."""
    editor = workbook.editor(table.sheet)
    part = sheet_parts(workbook.package)[table.sheet]
    for change in changes:
        _widen(workbook, table, change)
        editor.put(change.address, change.new)
        for beside in change.beside:
            if beside.old == beside.new:
                continue
            editor.put(beside.address, beside.new)
            if beside.heading == "source":
                with_link(
                    workbook.package, part, editor.root, beside.address, str(beside.new or "")
                )


def _widen(workbook: ClosedWorkbook, table: InputTable, change: Change) -> None:
    """Let a number show its decimals where the one before had none."""
    if not isinstance(change.new, float) or change.new.is_integer():
        return
    editor = workbook.editor(table.sheet)
    row = next(row.row for row in table.rows if (row.scope, row.metric) == _key(change))
    for address in addresses_of_number(table, row):
        style = editor.style(address)
        if style is not None and address in editor.cells:
            wider = style_with_format(workbook.package, style, WHOLE, WITH_DECIMALS)
            editor.cells[address].set("s", wider)


def _key(change: Change) -> tuple[str, str]:
    return change.scope, change.metric


def addresses_of_number(table: InputTable, row: int) -> list[str]:
    """Give the cells of a row that show the number of a fact."""
    headings = ("in use", "in the book", "your value")
    return [f"{letters(table.columns[heading])}{row}" for heading in headings]


def _stamp(workbook: ClosedWorkbook, table: InputTable, text: str, known_by: date | None) -> None:
    """Write the time of the refresh above the headings, in the formats of the date of the book."""
    editor = workbook.editor(table.sheet)
    cells: Mapping[str, Value] = stamp(table, workbook.grid(table.sheet), text, known_by)
    for address, value in cells.items():
        letter = address.rstrip("0123456789")
        editor.put(address, value, editor.style(f"{letter}{table.date_row}"))


def _finish(
    workbook: ClosedWorkbook,
    lines: list[list[Value]],
    changes: tuple[Change, ...],
    sentence: str,
    desk: Desk,
    recalculate: bool,
) -> Refreshed:
    """Append to the Log, make the figures true and replace the file, all or nothing."""
    headings: list[Value] = list(HEADINGS)
    log, row = workbook.sheet_with(NAME, headings, WIDTHS)
    for line, values in enumerate(lines, start=row):
        log.put_row(line, values)
    workbook.finish()
    figures = store_true_figures(
        workbook.package, workbook.cells, workbook.changed, desk, recalculate=recalculate
    )
    backup = workbook.save(BACKUP)
    return Refreshed(changes, f"{sentence}; {figures}", backup)
