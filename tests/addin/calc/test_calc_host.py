"""LibreOffice evaluates our functions in its cells: every case, in one workbook."""

from __future__ import annotations

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from addin.boundary.cells import OMITTED
from addin.calc.engine import EngineError, convert, find_office
from addin.calc.names import to_calc
from addin.calc.profile import interface_text
from addin.calc.recalculate import compare, recalculated_cells
from tests.addin.boundary.cases import CASES, SAME, every_case
from valuation_core.catalogue.catalogue import catalogue
from workbook.cells import ErrorValue
from workbook.opc.stored import StoredCell

ERROR_FORMULAS = {"#N/A": "=NA()", "#DIV/0!": "=1/0"}
BLOCK = 6
"""Rows kept for one case."""
ARGUMENTS = 14
"""Column of the first argument: what a table gives stands left of it."""


class Sheet:
    """Lays cases out: arguments to the right, the call in column A."""

    def __init__(self):
        self.book = Workbook()
        self.cells = self.book.active
        self.column = ARGUMENTS

    def add(self, index, case):
        row, self.column = 1 + index * BLOCK, ARGUMENTS
        texts = [self.argument(row, cell) for cell in case.cells]
        formula = f"={case.function}({','.join(texts)})"
        expected = expected_of(case)
        if isinstance(expected, list):
            last = f"{get_column_letter(len(expected[0]))}{row + len(expected) - 1}"
            self.cells[f"A{row}"] = ArrayFormula(f"A{row}:{last}", formula)
        else:
            self.cells[f"A{row}"] = formula

    def argument(self, row, cell):
        if cell is OMITTED:
            return ""
        rows = cell if isinstance(cell, list) else [[cell]]
        first = f"{get_column_letter(self.column)}{row}"
        for i, line in enumerate(rows):
            for j, value in enumerate(line):
                self.write(row + i, self.column + j, value)
        last = f"{get_column_letter(self.column + len(rows[0]) - 1)}{row + len(rows) - 1}"
        self.column += len(rows[0]) + 1
        return first if first == last else f"{first}:{last}"

    def write(self, row, column, value):
        target = self.cells.cell(row, column)
        if isinstance(value, ErrorValue):
            target.value = ERROR_FORMULAS[value.code]
        elif value is not None:
            target.value = value


def expected_of(case):
    return case.expected if case.calc is SAME else case.calc


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    path = tmp_path_factory.mktemp("calc") / "cases.xlsx"
    sheet = Sheet()
    for index, case in enumerate(CASES):
        sheet.add(index, case)
    sheet.book.save(path)
    return recalculated_cells(path)["Sheet"]


@pytest.mark.engine
@every_case
def test_every_case_in_a_cell_of_libreoffice(evaluated, case):
    row = 1 + CASES.index(case) * BLOCK
    expected = expected_of(case)
    rows = expected if isinstance(expected, list) else [[expected]]
    found = [
        [evaluated[f"{get_column_letter(j + 1)}{row + i}"].value for j in range(len(rows[0]))]
        for i in range(len(rows))
    ]
    assert [[getattr(value, "code", value) for value in line] for line in found] == [
        [pytest.approx(value, rel=1e-14) if isinstance(value, float) else value for value in line]
        for line in rows
    ]


@pytest.mark.engine
def test_an_error_of_ours_is_a_true_error_to_other_formulas(tmp_path):
    book = Workbook()
    cells = book.active
    cells["A1"] = '=ISNA(HPC_VALUE("NOBODY"))'
    cells["A2"] = "=ERROR.TYPE(B2)"  # 6 is #NUM!
    cells["B2"] = '=HPC_VALUE("RIOT",1.7)'
    cells["A3"] = '=IFERROR(HPC_VALUE("RIOT","x"),"caught")'
    cells["A4"] = '=SUM(HPC_VALUE("RIOT",{0.25,0.5},600))'
    book.save(tmp_path / "errors.xlsx")
    found = recalculated_cells(tmp_path / "errors.xlsx")["Sheet"]
    assert [found[f"A{row}"].value for row in (1, 2, 3, 4)] == [True, 6, "caught", 2767.5]


@pytest.mark.engine
def test_an_unknown_function_is_a_name_error(tmp_path):
    book = Workbook()
    book.active["A1"] = "=HPC_NOTHING(1)"
    book.save(tmp_path / "unknown.xlsx")
    found = recalculated_cells(tmp_path / "unknown.xlsx")["Sheet"]["A1"].value
    assert found == ErrorValue("#NAME?")


@pytest.mark.engine
def test_an_engine_that_takes_too_long_is_ended(tmp_path):
    Workbook().save(tmp_path / "slow.xlsx")
    with pytest.raises(EngineError, match="took longer than 0.01 s and was ended"):
        convert(tmp_path / "slow.xlsx", "pdf", tmp_path, timeout=0.01)


def test_without_an_engine_the_message_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr("addin.calc.engine.find_office", lambda: None)
    with pytest.raises(
        EngineError, match="apt-get install --no-install-recommends libreoffice-calc"
    ):
        convert(tmp_path / "x.xlsx", "pdf", tmp_path)


def test_looking_for_the_engine_gives_a_program_or_none():
    found = find_office()
    assert found is None or found.exists()


@pytest.mark.parametrize(
    ("formula", "translated"),
    [
        ("HPC_VALUE(A1)", "ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(A1)"),
        ("hpc_value(A1)+1", "ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(A1)+1"),
        ("[1]!HPC_VALUE(A1)", "ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(A1)"),
        ("_xll.HPC_VALUE(A1)", "ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(A1)"),
        ("'C:\\desk\\hpc.xlam'!HPC_VALUE(A1)", "ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(A1)"),
        (
            '"HPC_VALUE("&HPC_DATA(A1,"x")',
            '"HPC_VALUE("&ORG.HPCVALUATION.FUNCTIONS.HPCDATA(A1,"x")',
        ),
        ("'HPC_VALUE('!A1", "'HPC_VALUE('!A1"),
        ("MY_HPC_VALUE(A1)", "MY_HPC_VALUE(A1)"),
        ("HPC_VALUE", "HPC_VALUE"),
    ],
)
def test_names_are_translated_in_formulas_and_left_alone_in_text(formula, translated):
    assert to_calc(formula) == translated


def test_the_interface_declares_every_function_once():
    text = interface_text()
    assert text.count("sequence< sequence< any > >") == len(catalogue())


def test_a_figure_that_cannot_be_given_is_no_error_of_the_workbook_but_a_broken_formula_is():
    def stored(**values):
        return {
            "Sheet": {name: StoredCell(name, "A1", value, True) for name, value in values.items()}
        }

    missing, unsolved, broken = (ErrorValue(code) for code in ("#N/A", "#NUM!", "#NAME?"))
    cells = stored(A1=missing, A2=unsolved, A3=broken, A4=1.0)
    comparison = compare(cells, stored(A1=missing, A2=unsolved, A3=broken, A4=missing))
    assert comparison.not_given == 2
    assert [found.address for found in comparison.errors] == ["A3", "A4"]
    assert [found.address for found in comparison.differences] == ["A4"]
