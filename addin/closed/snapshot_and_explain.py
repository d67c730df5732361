"""Snapshot and Explain for closed workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from addin.boundary.desk import Desk
from addin.closed.explain_cell import HEADER, NAME, WIDTHS, Explanation, Source, explain
from addin.closed.figures import NOTHING_DEPENDS, store_true_figures
from addin.closed.refresh import now
from addin.closed.workbook import ClosedWorkbook
from workbook.cells import Value, letters
from workbook.errors import WorkbookError
from workbook.formulas.ours import plain_formula
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import empty_sheet
from workbook.opc.stored import within
from workbook.opc.xml import parse_xml, tag
from workbook.refresh.snapshot import HEADINGS, LISTING, dated, decide_snapshot
from workbook.refresh.snapshot import TITLE as SNAPSHOTS

BEFORE_SNAPSHOT: Final = "before-snapshot"
BEFORE_EXPLAIN: Final = "before-explain"


def snapshot(path: Path, desk: Desk) -> str:
    """Append the targets and ratings that a closed workbook shows to its History.

    Raises
    ------
    WorkbookError
        When it shows none, or cannot be changed. The file is unchanged then.
    """
    with ClosedWorkbook.to_change(path) as workbook:
        grids = {sheet: workbook.grid(sheet) for sheet in workbook.cells}
        step = decide_snapshot(grids, now(), workbook.attached)
        editor = workbook.editor(step.sheet)
        if step.starts:
            title, heading = (_style_of(workbook, step.sheet, text) for text in LISTING)
            editor.put(f"A{step.row - 2}", SNAPSHOTS, title)
            headings: list[Value] = list(HEADINGS)
            editor.put_row(step.row - 1, headings, heading)
        for line, values in enumerate(step.rows, start=step.row):
            editor.put_row(line, dated(values))
        workbook.finish()
        figures = store_true_figures(workbook.package, workbook.cells, workbook.changed, desk)
        said = "" if figures == NOTHING_DEPENDS else f"; {figures}"
        return f"{step}{said}; as it was: {workbook.save(BEFORE_SNAPSHOT)}"


def _style_of(workbook: ClosedWorkbook, sheet: str, text: str) -> str | None:
    """Give the format of the cell of a sheet that holds a text."""
    cells = workbook.cells[sheet]
    found = (address for address, cell in cells.items() if cell.value == text)
    address = next(found, None)
    return None if address is None else workbook.editor(sheet).style(address)


def explain_cell(path: Path, place: str, desk: Desk, *, write: bool = False) -> Explanation:
    """Give the steps behind a cell such as Targets!D38, and put them on the sheet Explain.

    Raises
    ------
    WorkbookError
        When the cell cannot be explained.
    """
    sheet, _, address = place.rpartition("!")
    sheet = sheet.strip("'").replace("''", "'")
    with ClosedWorkbook.to_change(path) if write else ClosedWorkbook.to_read(path) as workbook:
        if sheet not in workbook.cells:
            raise WorkbookError(f"{path.name} has no sheet {sheet!r}: give a cell as Sheet!A1")
        found = explain(desk, closed_source(workbook), sheet, address.replace("$", "").upper())
        if write:
            _write_rows(workbook, found.lines())
            workbook.finish()
            workbook.save(BEFORE_EXPLAIN)
        return found


def closed_source(workbook: ClosedWorkbook) -> Source:
    """Read formulas, stored values and names of a closed workbook."""

    def formula(sheet: str, address: str) -> str | None:
        cell = workbook.cells.get(sheet, {}).get(address)
        return plain_formula(cell.formula) if cell is not None and cell.formula else None

    def value(sheet: str, address: str) -> Any:
        cell = workbook.cells.get(sheet, {}).get(address)
        return None if cell is None else cell.value

    def area(sheet: str, address: str) -> str | None:
        cells = workbook.cells[sheet]
        here = {address: cells[address]} if address in cells else {}
        areas = (one.area for one in cells.values() if one.kind == "array")
        many = (found for found in areas if found is not None and ":" in found)
        return next((found for found in many if any(within([found], here))), None)

    names = {
        str(name.get("name")): name.text or ""
        for name in parse_xml(workbook.package[workbook.package.main]).iter(tag("definedName"))
        if name.get("localSheetId") is None
    }
    return Source(formula, value, names, area)


def _write_rows(workbook: ClosedWorkbook, rows: list[list[Value]]) -> None:
    """Put the rows on the sheet Explain, in place of what we put there before."""
    title, there = workbook.ours_called(NAME)
    if there:
        part = sheet_parts(workbook.package)[title]
        workbook.package[part] = empty_sheet(WIDTHS, freeze=False)
    else:
        workbook.sheet_with(NAME, [], WIDTHS)
    heading = workbook.heading_style
    editor = workbook.editor(title)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            style = heading if line == HEADER else None
            editor.put(f"{letters(column)}{line}", cell, style)
