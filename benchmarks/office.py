"""LibreOffice: ten thousand cells of ours against native ones; recalc against its own work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter
from openpyxl import Workbook

from addin.calc.engine import convert, find_office
from addin.calc.names import to_calc
from addin.calc.recalculate import compare_with_engine
from benchmarks.timing import Row, compare
from workbook.cells import letters

CELLS = 10_000
FORMULAS = {
    "ours": to_calc('HPC_VALUE("RIOT",A{0},B{0})'),
    "native": "A{0}*MIN(B{0},800)*6.15",
}


def run() -> Iterator[Row]:
    """Give the rows of this module, none where there is no LibreOffice."""
    if find_office() is None:
        yield "10,000 cells in LibreOffice", "NOT RUN: no LibreOffice", "-", "-", "-"
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {kind: _workbook(folder / f"{kind}.xlsx", text) for kind, text in FORMULAS.items()}

        def evaluate(kind: str) -> Path:
            return convert(paths[kind], "xlsx:Calc MS Excel 2007 XML", folder / "out")

        yield compare(
            "10,000 HPC_VALUE cells against 10,000 native cells (one-shot, start included)",
            lambda: evaluate("ours"),
            lambda: evaluate("native"),
            "-",
            repeats=3,
        )
        large = _chain(folder / "large.xlsx")
        yield compare(
            "recalc of 118,000 formulas against LibreOffice loading, computing and saving them",
            lambda: compare_with_engine(large),
            lambda: convert(large, "xlsx:Calc MS Excel 2007 XML", folder / "out"),
            "2x",
            repeats=3,
        )


def _chain(path: Path) -> Path:
    """Write rows in which each formula follows the one before, with stored values."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(11_800):
            sheet.write_number(row, 0, row + 0.5)
            for column in range(1, 11):
                formula = f"={letters(column)}{row + 1}*1.01"
                sheet.write_formula(row, column, formula, None, (row + 0.5) * 1.01**column)
    return path


def _workbook(path: Path, text: str) -> Path:
    book = Workbook()
    for row in range(1, CELLS + 1):
        book.active.append([row / CELLS, row / 10.0, f"={text.format(row)}"])
    book.save(path)
    return path
