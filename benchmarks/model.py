"""The model workbook against openpyxl writing the same cells without their values."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.closed.figures import COMPUTED
from addin.closed.refresh import refresh
from benchmarks.timing import Row, compare
from tests.places import SHIPPED
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model, plan_model
from workbook.model.plan import Plan
from workbook.model.write import filled


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
            "3x, goal 1.5x",
            repeats=7,
        )
        size = (folder / "ours.xlsx").stat().st_size
        yield "size of the September model", f"{size / 1000:.0f} kB", "-", "-", "500 kB"
        yield _refreshed(folder / "ours.xlsx", folder)


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
    """Write formulas, inputs and looks as openpyxl does by itself: no stored values, no arrays."""
    filled(plan).save(path)
