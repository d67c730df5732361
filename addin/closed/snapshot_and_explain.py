"""Snapshot and Explain for closed workbooks."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from openpyxl.formula.translate import Translator

from addin.boundary.desk import Desk
from addin.closed.core_figures import names_of
from addin.closed.explain_cell import HEADER, NAME, WIDTHS, Explanation, explain
from addin.closed.figures import NOTHING_DEPENDS, store_true_figures
from addin.closed.moves import since_last
from addin.closed.planned_anew import carried_in
from addin.closed.refresh import now
from addin.closed.sheet_cells import At, Source
from addin.closed.workbook import ClosedWorkbook
from workbook.cells import Value, letters
from workbook.errors import WorkbookError
from workbook.formulas.ours import plain_formula
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import empty_sheet
from workbook.opc.sheet_list import names as defined_names
from workbook.opc.sheet_list import tabs
from workbook.opc.stored import within
from workbook.opc.xml import parse_xml
from workbook.refresh.snapshot import HEADINGS, LISTING, decide_snapshot
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
        called, _ = names_of(workbook.package, workbook.cells)
        with suppress(WorkbookError):  # without tables of its own nobody can tell why targets moved
            step = since_last(carried_in(workbook.cells, called), grids[step.sheet], step)
        editor = workbook.editor(step.sheet)
        if step.starts:
            title, heading = (_style_of(workbook, step.sheet, text) for text in LISTING)
            editor.put(f"A{step.row - 2}", SNAPSHOTS, title)
            headings: list[Value] = list(HEADINGS)
            editor.put_row(step.row - 1, headings, heading)
        for line, values in enumerate((*step.rows, *step.moves), start=step.row):
            editor.put_row(line, list(values))
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
    """Give the steps behind a cell, put them on the sheet Explain where `write`.

    Parameters
    ----------
    path : pathlib.Path
        The workbook.
    place : str
        A cell such as Targets!D17, or the name of one, such as RIOT_target.
    desk : Desk
        The session's facts and handles.
    write : bool, optional
        Whether to write the sheet.

    Raises
    ------
    WorkbookError
        When the cell cannot be explained.
    """
    with ClosedWorkbook.to_change(path) if write else ClosedWorkbook.to_read(path) as workbook:
        source = closed_source(workbook)
        found = explain(desk, source, *_place(workbook, source, place))
        if write:
            _write_rows(workbook, found.lines())
            workbook.finish()
            workbook.save(BEFORE_EXPLAIN)
        return found


def _place(workbook: ClosedWorkbook, source: Source, place: str) -> At:
    sheet, mark, address = place.rpartition("!")
    if not mark:
        named = source.cell_named("", place)
        if named is None:
            raise WorkbookError(
                f"{workbook.name} has no name {place} of one cell: give a cell as Sheet!A1, or a "
                "name such as RIOT_target"
            )
        return named
    sheet = sheet.strip("'").replace("''", "'")
    if sheet not in workbook.cells:
        raise WorkbookError(f"{workbook.name} has no sheet {sheet!r}: give a cell as Sheet!A1")
    return At(sheet, address.replace("$", "").upper())


def closed_source(workbook: ClosedWorkbook) -> Source:
    """Read formulas, stored values and names of a closed workbook."""

    def formula(sheet: str, address: str) -> str | None:
        cells = workbook.cells.get(sheet, {})
        cell = cells.get(address)
        if cell is None:
            return None
        text = cell.formula
        if cell.source is not None:
            shared = Translator(f"={cells[cell.source].formula}", origin=cell.source)
            text = shared.translate_formula(address).removeprefix("=")
        return plain_formula(text) if text else None

    def value(sheet: str, address: str) -> Any:
        cell = workbook.cells.get(sheet, {}).get(address)
        return None if cell is None else cell.value

    def area(sheet: str, address: str) -> str | None:
        cells = workbook.cells.get(sheet, {})
        here = {address: cells[address]} if address in cells else {}
        areas = (one.area for one in cells.values() if one.kind == "array")
        many = (found for found in areas if found is not None and ":" in found)
        return next((found for found in many if any(within([found], here))), None)

    main = parse_xml(workbook.package[workbook.package.main])
    titles = [str(one.get("name")) for one in tabs(main)]
    names = {
        (titles[int(scope)] if (scope := one.get("localSheetId")) else "", str(one.get("name"))): (
            one.text or ""
        )
        for one in defined_names(main)
    }
    return Source(formula, value, cache(workbook.grid), names, area)


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
