"""Snapshot and Explain on a closed model: what it shows is kept, and where a figure comes from."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.cli import main
from addin.closed.snapshot_and_explain import explain_cell, snapshot
from tests.addin.closed.stored import beside, cell_with, values
from valuation_core import load_book, with_own_facts
from valuation_core.target import target
from workbook.audit.check import check
from workbook.cells import letters
from workbook.errors import WorkbookError
from workbook.model.sheets.facts.input_cells import COLUMN
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor, store_results
from workbook.opc.stored import read_cells


@pytest.fixture
def model(built, tmp_path):
    return shutil.copy(built, tmp_path / "model.xlsx")


def test_a_snapshot_keeps_target_rating_handle_and_date_of_each_miner(model):
    before, shown = read_parts(model), values(model)
    assert snapshot(model, Desk()).startswith("targets and ratings of 2 miners appended to History")
    after = values(model)
    last = max(int(address[1:]) for sheet, address in shown if sheet == "History")
    new = {at: value for at, value in after.items() if at not in shown}
    rows = [
        [new.get(("History", f"{letter}{last + 4 + line}")) for letter in "BCDFGHI"]
        for line in range(2)
    ]
    handle = load_book().handle
    assert rows[0] == [
        "RIOT",
        pytest.approx(target("RIOT")),
        "UW",
        19.0,
        "OW",
        "2025-09-26",
        handle,
    ]
    assert rows[1] == [
        "IREN",
        pytest.approx(target("IREN")),
        "UW",
        24.0,
        "UW",
        "2025-09-26",
        handle,
    ]
    part = sheet_parts(before)["History"]
    assert [name for name, data in read_parts(model).items() if data != before[name]] == [part]


def test_a_second_snapshot_follows_the_first(model):
    snapshot(model, Desk())
    first = values(model)
    snapshot(model, Desk())
    second = values(model)
    assert {at: second[at] for at in first} == first
    titles = [at for at, value in second.items() if value == "Snapshots of this model"]
    miners = [at for at, value in second.items() if at not in first and value == "RIOT"]
    assert (len(titles), len(miners)) == (1, 1)


@pytest.mark.parametrize("sheet", ["Inputs", "Targets"])
def test_figures_that_are_not_computed_are_not_kept(model, sheet):
    parts = read_parts(model)
    stored = read_cells(parts)
    store_results(parts, stored, {sheet: dict.fromkeys(stored[sheet])})
    write_parts(model, parts)
    original = model.read_bytes()
    with pytest.raises(WorkbookError, match="not computed yet"):
        snapshot(model, Desk())
    assert model.read_bytes() == original


def test_the_steps_of_a_cell_end_with_the_value_it_shows(model, desk):
    found = explain_cell(model, cell_with(model, "HPC_TARGET(D$4:E$4,,,,,,,Book)"), desk)
    assert found.steps[0][:3] == ["step", "formula", "value"]
    assert found.steps[-1][2] == pytest.approx(target("RIOT"), rel=1e-15)


def test_any_cell_of_a_spilled_line_is_explained_as_that_of_its_miner(model, desk):
    first = cell_with(model, "HPC_TARGET(D$4:E$4,,,,,,,Book)")
    found = explain_cell(model, beside(first, right=1), desk)
    assert found.cell == beside(first, right=1)
    assert "HPC_TARGET(D$4:E$4" in found.formula
    assert found.steps[-1][2] == pytest.approx(target("IREN"), rel=1e-15)


def test_a_cell_of_several_spilled_lines_is_explained_at_the_level_of_its_own(model, desk):
    low = cell_with(model, "HPC_TARGET(D$4:E$4,,,F")
    steps = explain_cell(model, beside(low, right=1, down=2), desk).steps
    assert steps[-1][2] == pytest.approx(target("IREN", per_mw="high"), rel=1e-15)


def test_a_cell_of_a_spilled_grid_is_explained_at_its_own_probability_and_mw(model, desk):
    corner = cell_with(model, "HPC_VALUE($D$")  # 0 to 100% down, 200 to 1000 MW across
    steps = explain_cell(model, beside(corner, right=1, down=1), desk).steps
    assert steps[-1][2] == pytest.approx(0.25 * 400 * (3.7 + 8.6) / 2)


def test_own_values_in_the_workbook_are_what_is_explained(model, desk):
    """600 MW are 300 by the analyst: 0.5 x 300 x 6.15 = 922.5."""
    parts = read_parts(model)
    cells = read_cells(parts)
    row = next(
        int(at[1:])
        for at, cell in cells["Inputs"].items()
        if at[0] == "B"
        and cell.value == "hpc_mw_shopped"
        and cells["Inputs"][f"A{at[1:]}"].value == "RIOT"
    )
    part = sheet_parts(parts)["Inputs"]
    editor = SheetEditor("Inputs", parts[part])
    editor.put(f"E{row}", 300.0)
    for heading in ("in use", "value read"):  # as Excel stores what the formulas give
        editor.cells[f"{letters(COLUMN[heading])}{row}"][-1].text = "300"
    handle = with_own_facts(load_book(), [("RIOT", "hpc_mw_shopped", 300.0)]).handle
    editor.cells["C5"][-1].text = handle
    parts[part] = editor.to_part()
    write_parts(model, parts)
    found = explain_cell(model, beside(cell_with(model, "HPC_VALUE("), down=1), Desk())
    assert found.steps[-1][2] == 922.5  # 0.5 x 300 x 6.15


@pytest.mark.long
def test_the_steps_are_put_on_a_sheet_which_is_written_anew_each_time(model, desk):
    findings = [(one.kind.name, one.cell) for one in check(model).found]
    place = cell_with(model, "HPC_TARGET(")
    explain_cell(model, place, desk, write=True)
    long = values(model)
    assert long["Explain", "A1"] == f"Explained: {place}"
    assert long["Explain", "A4"] == "step"
    other = cell_with(model, "HPC_CAPEX(")
    explain_cell(model, other, desk, write=True)
    short = values(model)
    assert short["Explain", "A1"] == f"Explained: {other}"
    assert len([at for at in short if at[0] == "Explain"]) < len(
        [at for at in long if at[0] == "Explain"]
    )
    assert {at: v for at, v in short.items() if at[0] != "Explain"} == {
        at: v for at, v in long.items() if at[0] != "Explain"
    }
    assert [(one.kind.name, one.cell) for one in check(model).found] == findings


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("Targets!A1", "Targets!A1 holds no formula and is no input: give a cell that is computed"),
        ("Nowhere!A1", "has no sheet 'Nowhere'"),
        ("RIOT_tarhet", "has no name RIOT_tarhet of one cell"),
    ],
)
def test_a_cell_that_cannot_be_explained_says_why(model, place, sentence):
    result = CliRunner().invoke(main, ["explain-cell", str(model), place])
    assert result.exit_code == 1
    assert sentence in result.output
