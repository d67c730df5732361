"""What LibreOffice cannot know is not called wrong; what it can know still is."""

from __future__ import annotations

import pytest
import xlsxwriter

from addin.calc import comparable
from addin.calc.recalculate import compare_with_engine
from workbook.macros.project import VbaModule, vba_project

pytestmark = pytest.mark.engine


def compared(path, cells, **settings):
    """Recalculate a workbook of formulas with stored values; give what differs, and the reasons."""
    with xlsxwriter.Workbook(path, settings) as book:
        page = book.add_worksheet("M")
        for address, (formula, value) in cells.items():
            page.write_formula(address, formula, None, value)
    found = compare_with_engine(path)
    wrong = {cell.address for cell in (*found.differences, *found.errors)}
    return wrong, dict(found.not_comparable)


def test_what_cannot_be_known_and_what_follows_from_it_is_counted_apart(tmp_path):
    cells = {
        "A1": ("=NOW()", 45000.0),
        "A2": ("=A1+1", 45001.0),
        "A3": ("=_xlfn.LET(_xlpm.x,2,_xlpm.x*3)", 6),
        "A4": ('=BDP("RIOT US Equity","PX_LAST")', 16.74),
        "A5": ("='[prices.xlsx]Day'!B2", 7),
        "A6": ("=A5*2", 14),
        "A7": ("=1+2", 4),
        "A8": ("=1+2", 3),
    }
    wrong, reasons = compared(tmp_path / "m.xlsx", cells)
    assert wrong == {"A7"}
    assert reasons == {
        comparable.CHANGING: 1,
        comparable.LACKING: 2,
        comparable.OUTSIDE: 1,
        comparable.FOLLOWING: 2,
    }


def test_a_function_among_the_macros_of_the_workbook_is_one_that_cannot_be_known(tmp_path):
    path, macros = tmp_path / "m.xlsm", tmp_path / "macros.bin"
    twice = "Function Twice(x)\r\n    Twice = 2 * x\r\nEnd Function\r\n"
    macros.write_bytes(
        vba_project(
            [
                VbaModule("ThisWorkbook", "", "document"),
                VbaModule("M", "", "document"),
                VbaModule("Desk", twice),
            ]
        )
    )
    with xlsxwriter.Workbook(path) as book:
        book.add_vba_project(macros)
        page = book.add_worksheet("M")
        page.write_formula("A1", "=Twice(3)", None, 6)
        page.write_formula("A2", "=A1+1", None, 7)
    found = compare_with_engine(path)
    assert (found.differences, found.errors) == ((), ())
    assert dict(found.not_comparable) == {comparable.LACKING: 1, comparable.FOLLOWING: 1}


def test_a_function_of_ours_that_is_not_known_stays_a_fault(tmp_path):
    cells = {"A1": ("=HPC_NOTHING(1)", 5), "A2": ("=A1*2", 10), "A3": ("=SUM(A2:A2)", 10)}
    wrong, reasons = compared(tmp_path / "m.xlsx", cells)
    assert (wrong, reasons) == ({"A1", "A2", "A3"}, {})


def test_a_spilled_function_of_ours_that_is_not_known_stays_a_fault_in_what_reads_its_cells(
    tmp_path,
):
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("M")
        page.write_dynamic_array_formula("A1:B1", "=HPC_NOTHING(C1:D1)", None, 5)
        page.write_number("B1", 6)
        page.write_formula("A2", "=B1*2", None, 12)
    found = compare_with_engine(path)
    assert {cell.address for cell in found.errors} == {"A1", "B1", "A2"}
    assert dict(found.not_comparable) == {}


def test_an_error_by_another_name_is_no_stale_figure_but_an_error_for_a_figure_is(tmp_path):
    cells = {"A1": ("=BIN2OCT(2)", "#NUM!"), "A2": ("=BIN2OCT(2)", 7), "A3": ("=1/0", "#DIV/0!")}
    wrong, reasons = compared(tmp_path / "m.xlsx", cells)
    assert wrong == {"A2", "A3"}, "a stale figure, and an error that both show"
    assert reasons == {comparable.OTHER_ERROR: 1}


def test_a_check_of_billions_that_cancels_is_judged_by_the_size_of_its_terms(tmp_path):
    cells = {
        "A1": ("=1234567890.1*7", 8641975230.7),
        "A2": ("=A1/3", 2880658410.2333336),
        "A3": ("=A1-3*A2", 9.5e-7),
        "A4": ("=A1-3*A2", 0.01),
    }
    wrong, _ = compared(tmp_path / "m.xlsx", cells)
    assert wrong == {"A4"}, "8.6e9 keeps rounding of a millionth, not of a hundredth"
