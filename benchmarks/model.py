"""The model workbook against openpyxl writing the same cells without their values."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Row, compare
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


def _bare(plan: Plan, path: Path) -> None:
    """Write formulas, inputs and looks as openpyxl does by itself: no stored values, no arrays."""
    filled(plan).save(path)
