"""attach, freeze and detach from the shell: what is said, and what it leaves."""

from __future__ import annotations

import openpyxl
import pytest
from click.testing import CliRunner

from addin.cli import main
from tests.workbook import analysts
from tests.workbook.cases import cell_of as cell_of_sheet
from tests.workbook.cases import change
from tests.workbook.packages import digest
from workbook.model.sheets.facts.control_cells import cell_of, source_of, taken_from
from workbook.opc.package import read_parts
from workbook.opc.sheet_editor import store_result
from workbook.opc.stored import read_cells


@pytest.fixture
def path(tmp_path):
    return analysts.write(tmp_path / "model.xlsx", analysts.formats)


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_attach_freeze_and_detach_say_what_they_did(path):
    before = digest(path)
    attached = run("attach", path, "--sheets", "Inputs", "--miners", "RIOT", "--verbose").output
    # Inputs takes date and own values from Control, which shows what the others come to.
    assert ": Control, WhatIf, Summary, Inputs, " in attached
    assert " attached; as it was: " in attached
    assert "Parts of the file: 4 changed, " in attached
    listed = [line.split()[1] for line in attached.splitlines() if line.startswith("   changed")]
    assert sorted(listed) == [
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/workbook.xml",
    ]
    frozen = run("freeze", path)
    assert "cells frozen on Inputs, " in frozen.output
    assert "give --force to replace it" in run("freeze", path).output
    assert run("freeze", path, "--force").exit_code == 0
    assert "to the byte" in run("detach", path).output
    assert digest(path) == before


def test_attach_sums_up_what_it_changed_in_three_lines(path):
    said = run("attach", path).output.splitlines()
    assert len(said) <= 3
    assert said[0].endswith("model.before-attach.xlsx")
    assert said[1].startswith("Parts of the file: 4 changed, ")


def test_a_refusal_is_one_line_and_no_traceback(path):
    path.write_bytes(b"no workbook")
    for command in ("attach", "detach", "freeze"):
        result = run(command, path)
        assert result.exit_code == 1
        assert result.output.startswith("Error: model.xlsx is damaged or not an Excel workbook")
        assert len(result.output.splitlines()) == 1


def test_freeze_never_writes_over_the_file_itself(path):
    before = digest(path)
    result = run("freeze", path, "--out", path, "--force")
    assert result.exit_code == 1
    assert digest(path) == before


@pytest.mark.parametrize(
    "back", [False, pytest.param(True, marks=pytest.mark.long)], ids=["once", "and back"]
)
def test_what_is_attached_is_of_the_case_asked_for_and_stays_of_it(path, back):
    def value_of(metric):
        sheet = openpyxl.load_workbook(path, data_only=True)["Inputs"]
        return next(row[2] for row in sheet.iter_rows(values_only=True) if row[1] == metric)

    def attach(*options):
        assert run("attach", path, "--sheets", "Inputs", *options).exit_code == 0
        return value_of("land_power_value")

    assert attach("--case", "reconstruction") == 1.18
    assert attach("--miners", "RIOT") == 1.18  # brought up to date under the case it was made under
    if back:
        assert attach("--case", "plain") == 0
        assert attach("--miners", "IREN") == 0
    assert "case is none of" in run("attach", path, "--case", "bul").output


@pytest.mark.long
def test_own_values_typed_on_control_stay_when_the_sheets_are_brought_up_to_date(path):
    assert run("attach", path, "--miners", "RIOT").exit_code == 0
    cell = cell_of(("NETWORK", "btc_price"), ["RIOT"])
    (row,) = (
        at[1:]
        for at, one in read_cells(read_parts(path))["Inputs"].items()
        if at[0] == "E" and one.formula == taken_from(cell)
    )

    def edit(sheet, root):
        if sheet == "Control":
            store_result(cell_of_sheet(root, cell.here), 99_000.0)
        if sheet == "Inputs":  # as Excel stores it
            store_result(cell_of_sheet(root, f"E{row}"), 99_000.0)
        return sheet in ("Control", "Inputs")

    change(path, path, edit)
    said = run("attach", path)
    assert said.exit_code == 0, said.output
    cells = read_cells(read_parts(path))
    assert cells["Control"][cell.here].value == 99_000
    assert (cells["Inputs"][f"E{row}"].formula, cells["Inputs"][f"E{row}"].value) == (
        taken_from(cell),
        99_000,
    )
    assert cells["Inputs"][f"C{row}"].value == 99_000


@pytest.mark.long
def test_a_probability_of_a_site_typed_on_pipeline_stays_with_its_site(path):
    assert run("attach", path, "--miners", "RIOT,IREN", "--case", "sites").exit_code == 0
    cells = read_cells(read_parts(path))
    row = line_of(cells["Inputs"], "IREN/Sweetwater 1")
    sheet, address = source_of(cells["Inputs"][f"E{row}"].formula)
    assert sheet == "Pipeline"

    def edit(name, root):
        if name == sheet:
            store_result(cell_of_sheet(root, address), 0.9)
        if name == "Inputs":  # as Excel stores it
            store_result(cell_of_sheet(root, f"E{row}"), 0.9)
        return name in (sheet, "Inputs")

    change(path, path, edit)
    # CLSK and CIFR come first now: the site stands in another row and another column.
    said = run("attach", path, "--miners", "CLSK,CIFR,IREN")
    assert said.exit_code == 0, said.output
    assert "IREN/Sweetwater 1 hpc_probability = 0.9" in said.output
    cells = read_cells(read_parts(path))
    row = line_of(cells["Inputs"], "IREN/Sweetwater 1")
    again = source_of(cells["Inputs"][f"E{row}"].formula)[1]
    assert again != address
    assert (cells[sheet][again].value, cells["Inputs"][f"C{row}"].value) == (0.9, 0.9)
    # 0.9 x 800 x 5.17, capped by a tenant; 0.35 of it before.
    worth = cells[sheet][f"{again[0]}{line_of(cells[sheet], 'MW of site 1, weighted')}"].value
    assert worth == pytest.approx(0.9 * 800)


def line_of(cells, label):
    return next(at[1:] for at, one in cells.items() if at[0] == "A" and one.value == label)
