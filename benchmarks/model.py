"""The model workbook against openpyxl writing the same cells without their values."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from copy import copy
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from openpyxl.worksheet.formula import DataTableFormula

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.closed.figures import COMPUTED
from addin.closed.planned_anew import carried_in
from addin.closed.refresh import refresh
from benchmarks.timing import Row, compare, show
from tests.places import SHIPPED
from valuation_core import load_book
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue
from workbook.model.build import build_model, plan_model
from workbook.model.formats import styles_of
from workbook.model.plan import Cell, Plan
from workbook.model.write import cells_of, without_cells
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells
from workbook.style import DATE, LOOKS


def run() -> Iterator[Row]:
    """Give the row of this module."""
    plan = plan_model(coverage(load_book()))
    cells = sum(len(sheet.cells) for sheet in plan.sheets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield compare(
            f"build the September model, {cells:,} cells, against openpyxl without values",
            lambda: build_model(coverage(load_book()), folder / "ours.xlsx"),
            lambda: _bare(plan, folder / "bare.xlsx"),
            "1.6x",
            repeats=7,
        )
        size = (folder / "ours.xlsx").stat().st_size
        yield "size of the September model", f"{size / 1000:.0f} kB", "-", "-", "900 kB"
        yield _book_read(folder / "ours.xlsx", folder)
        yield _refreshed(folder / "ours.xlsx", folder)


def _book_read(model: Path, folder: Path) -> Row:
    """Read all tables of the workbook through HPC_BOOK, as its cell does."""
    cells = read_cells(read_parts(model))
    carried = carried_in(cells, {sheet: sheet for sheet in cells})
    given = {"as_of": carried.as_of, "case": carried.case, "facts": carried.own, **carried.ranges}
    arguments = [given.get(one.name, OMITTED) for one in catalogue()["HPC_BOOK"].arguments]
    desk = Desk(store=BookStore(folder / "books"))
    took = []
    for _ in range(9):
        start = perf_counter()
        handle = call(desk, "HPC_BOOK", arguments)
        took.append(perf_counter() - start)
        if handle != cells["Inputs"]["C5"].value:
            raise AssertionError(handle)
    return "HPC_BOOK over all tables", show(min(took)), "-", "-", "30 ms"


def _refreshed(model: Path, folder: Path) -> Row:
    """Refresh the closed model from the whole shipped folder, figures and all."""
    desk = Desk(store=BookStore(folder / "books"))
    took = []
    for _ in range(5):
        path = Path(shutil.copy(model, folder / "refreshed.xlsx"))
        start = perf_counter()
        done = refresh(path, SHIPPED, desk)
        took.append(perf_counter() - start)
        if not done.report.endswith(COMPUTED):
            raise AssertionError(done.report)
    label = "refresh the closed September model, figures by the core"
    return label, f"{min(took):.2f} s", "-", "-", "1.5 s"


def _bare(plan: Plan, path: Path) -> None:
    """Write formulas, inputs and looks as openpyxl does by itself: no stored values, no arrays.

    As quickly as it can: a format is made once and copied to the other cells that have it.
    """
    book = without_cells(plan)
    known: dict[tuple[str, str], Any] = {}
    for sheet in plan.sheets:
        target = book[sheet.name]
        for (row, column), cell in cells_of(sheet, plan).items():
            _bare_cell(target.cell(row, column), cell, known)
        boxes = [str(box) for box in target.merged_cells.ranges]
        target.merged_cells.ranges.clear()
        for box in boxes:
            target.merge_cells(box)
    book.save(path)


def _bare_cell(target: Any, cell: Cell, known: dict[tuple[str, str], Any]) -> None:
    if cell.table is not None:
        table = cell.table
        target.value = DataTableFormula(
            table.cells.here, dt2D=True, dtr=True, r1=table.across.here, r2=table.down.here
        )
    elif cell.formula is not None:
        target.value = f"={cell.formula}"
    else:
        target.value = cell.value.code if isinstance(cell.value, ErrorValue) else cell.value
        if isinstance(cell.value, str):
            target.data_type = "s"
    number_format = DATE if isinstance(cell.value, date) else cell.number_format
    if (cell.style, number_format) not in known:
        if (named := LOOKS[cell.style].named) is not None:
            target.style = named
        target.font, target.fill, target.alignment, target.border = styles_of(cell.style)
        target.number_format = number_format
        known[cell.style, number_format] = target._style
    target._style = copy(known[cell.style, number_format])
