"""A sheet Log or Explain that the analyst made is the analyst's: no command of ours writes there."""

from __future__ import annotations

import pytest
import xlsxwriter

from addin.boundary.desk import Desk
from addin.closed.figures import our_sheets
from addin.closed.own_sheets import holds_ours
from addin.closed.refresh import refresh
from addin.closed.snapshot_and_explain import explain_cell
from tests.valuation_core.book_files import add_rows
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.attach.attach import attach
from workbook.errors import WorkbookError
from workbook.model.build import build_model
from workbook.opc.package import open_package, read_parts
from workbook.refresh.log import HEADINGS


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    path = tmp_path_factory.mktemp("ours") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT"]), path)
    return read_parts(path)


@pytest.fixture
def attached(tmp_path, ours):
    """Make a workbook with a sheet of that name, ours attached to it."""

    def make(name, *sheets):
        path = tmp_path / "mine.xlsx"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet(name).write("A1", "calls with the company")
        attach(path, ours, sheets=sheets or ["Inputs"])
        return path

    return make


@pytest.mark.parametrize("name", ["Log", "LOG"])
def test_refresh_writes_no_line_onto_a_log_of_the_analyst(attached, folder, name):
    path = attached(name)
    add_rows(folder, ("RIOT", "price", "21", "USD/share", "", "2025-09-26", ""))
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match=f"mine.xlsx has a sheet {name} of its own"):
        refresh(path, folder, Desk(), recalculate=False)
    assert path.read_bytes() == before


def test_explain_writes_nothing_onto_a_sheet_of_the_analyst(attached):
    path = attached("explain", "Functions")
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match="has a sheet explain of its own"):
        explain_cell(path, first_call(path), Desk(), write=True)
    assert path.read_bytes() == before


def first_call(path):
    from workbook.opc.stored import read_cells

    with open_package(path) as package:
        cells = read_cells(package)["Functions"]
    return next(f"Functions!{at}" for at, cell in cells.items() if "HPC_" in (cell.formula or ""))


def test_such_a_sheet_is_not_taken_for_ours_when_figures_are_stored(attached):
    with open_package(attached("Log")) as package:
        assert our_sheets(package) == {"Inputs"}


def test_our_own_is_found_by_what_its_first_row_says():
    assert holds_ours("a.xlsx", "Log", ["Log"], lambda sheet: HEADINGS)
    assert holds_ours("a.xlsx", "Explain", ["Explain"], lambda sheet: ["Explained: HPC!D8"])
    assert not holds_ours("a.xlsx", "Log", ["Logistics"], lambda sheet: [])
