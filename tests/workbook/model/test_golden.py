"""The golden files of the model: what they say, and that a change of a formula is one line."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from openpyxl.formula.translate import Translator

from tests.workbook.model.golden import FOLDER, lines_of, relative, september
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import letters
from workbook.model.build import plan_model
from workbook.model.plan import Plan, Sheet


@pytest.fixture(scope="module")
def plan():
    return plan_model(coverage(load_book()))


def test_each_sheet_is_its_golden_file():
    made = september()
    assert {path.name for path in FOLDER.iterdir()} == set(made), "run make golden"
    for name, text in made.items():
        golden = (FOLDER / name).read_text(encoding="utf-8")
        changed = list(unified_diff(golden.splitlines(), text.splitlines(), name, "made", n=0))
        assert changed[:8] == [], f"{name}: run make golden, and look at what changed"


def test_a_reference_is_told_as_its_cell_sees_it():
    assert relative("D$4*$C5", row=5, column=4) == "R4C*RC3"
    assert relative("B3-F9", row=5, column=4) == "R[-2]C[-2]-R[4]C[2]"
    assert relative("SUM('Q1 D4'!$A$1:B$2)", row=1, column=1) == "SUM('Q1 D4'!R1C1:R2C[1])"
    assert relative('LOG10(A1)&"A1"&RIOT_price', row=1, column=1) == 'LOG10(RC)&"A1"&RIOT_price'


def test_a_formula_filled_right_or_down_reads_the_same_in_each_cell(plan):
    # openpyxl copies a formula as a spreadsheet does; what it makes must read as the first did.
    for sheet in plan.sheets:
        # Of those that read the same one is copied.
        formulas = {
            relative(cell.formula, *at): (*at, cell)
            for at, cell in sheet.cells.items()
            if cell.formula is not None
        }
        for row, column, cell in formulas.values():
            copied = Translator(f"={cell.formula}", f"{letters(column)}{row}")
            for down, right in ((0, 1), (3, 0)):
                moved = copied.translate_formula(f"{letters(column + right)}{row + down}")
                assert relative(moved[1:], row + down, column + right) == relative(
                    cell.formula, row, column
                ), cell.formula


def test_a_line_filled_right_is_one_line_and_a_cell_of_nothing_is_none():
    sheet = Sheet("Mining", (10, 10))
    sheet.put(5, 1, "Profit", "label")
    sheet.put(5, 2, None, "label")
    for column, letter in enumerate("DEF", start=4):
        sheet.put(5, column, 2.0, "calculation", "0.0", formula=f"{letter}3-{letter}$4*$C5")
    lines = list(lines_of(Plan("A model", [sheet]), sheet))
    assert lines[4:8] == [
        "[formulas]",
        "D5:F5\t=R[-2]C-R4C*RC3",
        "",
        "[cells]",
    ]
    assert lines[8:10] == [
        "A5\t'Profit'\tlabel\tGeneral",
        "D5:F5\t2 | 2 | 2\tcalculation\t0.0",
    ]
