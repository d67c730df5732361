"""A sheet Log or Explain that the analyst made is the analyst's: ours stands beside it."""

from __future__ import annotations

import pytest
import xlsxwriter

from addin.boundary.desk import Desk
from addin.closed.figures import our_sheets
from addin.closed.own_sheets import ours_called
from addin.closed.refresh import refresh, undo
from addin.closed.snapshot_and_explain import explain_cell
from tests.valuation_core.book_files import add_rows
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.cells import place_of
from workbook.opc.package import open_package, read_parts
from workbook.opc.stored import read_cells
from workbook.refresh.log import HEADINGS


@pytest.fixture(scope="module")
def ours(model_of, tmp_path_factory):
    path = model_of(tmp_path_factory.mktemp("ours") / "model.xlsx", ["RIOT"])
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
def test_refresh_writes_its_lines_beside_a_log_of_the_analyst(attached, folder, name):
    path = attached(name)
    add_rows(folder, ("RIOT", "price", "21", "USD/share", "", "2025-09-26", ""))
    refresh(path, folder, Desk(), recalculate=False)
    cells = read_cells(read_parts(path))
    assert cells[name]["A1"].value == "calls with the company"
    log = {at: cell.value for at, cell in cells["HPC Log"].items()}
    (line,) = [at[1:] for at, value in log.items() if value == 21.0]
    assert [log[f"{column}{line}"] for column in "BCE"] == ["refresh 1", "Facts", "RIOT price"]
    count = max(place_of(at)[0] for at in log) - 1
    targets = sum(at.startswith("C") and value == "Targets" for at, value in log.items())
    with open_package(path) as package:
        assert our_sheets(package) >= {"Inputs", "HPC Log"}
        assert name not in our_sheets(package)
    undo(path, Desk(), recalculate=False)
    lines = [at for at in read_cells(read_parts(path))["HPC Log"] if at.startswith("A")]
    rows = count - targets
    assert len(lines) == 1 + rows + targets + rows, "headings, the refresh, the undo"
    detach(path)
    assert list(read_cells(read_parts(path))) == [name]


def test_explain_writes_beside_a_sheet_of_the_analyst(attached):
    path = attached("explain", "Functions")
    for _ in range(2):
        explain_cell(path, first_call(path), Desk(), write=True)
    cells = read_cells(read_parts(path))
    assert cells["explain"]["A1"].value == "calls with the company"
    assert cells["HPC Explain"]["A1"].value.startswith("Explained: Functions!")
    assert "HPC Explain 2" not in cells


def first_call(path):
    with open_package(path) as package:
        cells = read_cells(package)["Functions"]
    return next(f"Functions!{at}" for at, cell in cells.items() if "HPC_" in (cell.formula or ""))


def test_such_a_sheet_is_not_taken_for_ours_when_figures_are_stored(attached):
    with open_package(attached("Log")) as package:
        assert "Log" not in our_sheets(package)
        assert "Inputs" in our_sheets(package)


def test_our_own_is_found_by_what_its_first_row_says():
    assert ours_called("Log", ["Log"], lambda sheet: HEADINGS) == ("Log", True)
    explained = ours_called("Explain", ["Explain"], lambda sheet: ["Explained: HPC!D8"])
    assert explained == ("Explain", True)
    assert ours_called("Log", ["Logistics"], lambda sheet: []) == ("Log", False)
    assert ours_called("Log", ["Log", "hpc log"], lambda sheet: []) == ("HPC Log 2", False)
