"""Attach again: sheets come up to date in place, what the analyst stated and pointed at stays."""

from __future__ import annotations

import shutil

import pytest
import xlsxwriter
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.calc.engine import convert
from addin.calc.recalculate import compare_with_engine
from addin.cli import main
from addin.closed.refresh import refresh
from addin.closed.snapshot_and_explain import snapshot
from tests.valuation_core.book_files import add_rows
from tests.workbook import analysts
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.attach.mark import attached_as, marked_sheets
from workbook.attach.own_values import attached_before
from workbook.cells import letters, place_of
from workbook.errors import WorkbookError
from workbook.model.sheets.facts.input_cells import COLUMN
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.sheet_list import add_name, add_tab
from workbook.opc.stored import read_cells
from workbook.opc.xml import parse_xml, tag, to_bytes

XLSX = "xlsx:Calc MS Excel 2007 XML"


@pytest.fixture
def path(tmp_path):
    return analysts.write(tmp_path / "model.xlsx", analysts.formulas, analysts.table)


@pytest.fixture(scope="module")
def attached_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attached")
    path = analysts.write(folder / "model.xlsx", analysts.formulas, analysts.table)
    run("attach", path, "--miners", "RIOT,CIFR")
    return path


@pytest.fixture
def attached(attached_once, tmp_path):
    """The workbook with the model of two miners attached by the command, which a test may change."""
    return shutil.copy(attached_once, tmp_path / "model.xlsx")


def run(*arguments):
    result = CliRunner().invoke(main, [str(word) for word in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def edit(path, sheet, address, value=None, formula=None):
    """Type into a cell, as Excel stores it."""
    parts = entries(path)
    part = sheet_parts(parts)[sheet]
    root = parse_xml(parts[part])
    cell = next(c for c in root.iter(tag("c")) if c.get("r") == address)
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if formula:
        parse = parse_xml(f'<f xmlns="{root.nsmap[None]}">{formula}</f>'.encode())
        cell.append(parse)
    if value is not None:
        cell.append(parse_xml(f'<v xmlns="{root.nsmap[None]}">{value}</v>'.encode()))
    write_parts(path, {**parts, part: to_bytes(root)})


def row_of(path, scope, metric):
    cells = read_cells(read_parts(path))["Inputs"]
    return next(
        cell.address[1:]
        for cell in cells.values()
        if cell.address.startswith("B")
        and cell.value == metric
        and cells[f"A{cell.address[1:]}"].value == scope
    )


def test_own_values_stay_and_every_figure_follows_them(attached):
    path = attached
    row = row_of(path, "RIOT", "hpc_mw_shopped")
    edit(path, "Inputs", f"E{row}", 400, "Sheet1!A1*200")
    output = run("attach", path)
    assert "Your own value is kept: RIOT hpc_mw_shopped = 400.0" in output
    before = attached_before(path)
    assert before.miners == ("RIOT", "CIFR")
    assert [one.row for one in before.own] == [("RIOT", "hpc_mw_shopped", 400.0, "gross")]
    cells = read_cells(read_parts(path))["Inputs"]
    assert (cells[f"C{row}"].value, cells[f"D{row}"].value) == (400.0, 600.0)
    assert cells[f"E{row}"].formula == "Sheet1!A1*200"
    assert cells[f"L{row}"].value == "own"
    assert cells[f"P{row}"].value == "own fact"
    of_the_book = cells[f"{letters(COLUMN['source in the book'])}{row}"]
    assert of_the_book.value.startswith("https://"), "what it is in place of stays in sight"
    assert "nothing was changed" in run("attach", path)


def history_below(path, title="Snapshots of this model"):
    """Values of History from the title of the snapshots down, by row below it and column."""
    cells = read_cells(read_parts(path))["History"]
    top = next(int(at[1:]) for at, cell in cells.items() if cell.value == title)
    below = {place_of(at): cell.value for at, cell in cells.items() if cell.value is not None}
    return {(row - top, column): value for (row, column), value in below.items() if row >= top}


@pytest.mark.long
def test_snapshots_stay_on_history(attached):
    path = attached
    assert "2 miners" in snapshot(path, Desk())
    taken = history_below(path)
    run("attach", path)
    assert history_below(path) == taken
    assert "nothing was changed" in run("attach", path)
    output = run("attach", path, "--as-of", "2025-11-24")
    assert "Rows of snapshots kept on History: 2." in output
    assert history_below(path) == taken, "under a list of more editions"
    snapshot(path, Desk())
    below = history_below(path)
    of_targets = {row for row, column in below if column == 3 and row > 1}
    assert len(of_targets) == 2 + 2, "each driver of a change has a line of its own beside them"


def test_snapshots_that_cannot_stay_are_told(path, ours):
    attach(path, ours)
    snapshot(path, Desk())
    outcome = attach(path, ours, sheets=["Inputs"])
    said = "Rows of snapshots not kept, as the sheet History was not asked for: 2"
    assert any(note.startswith(said) for note in outcome.notes)


def test_a_row_that_cannot_be_read_is_named_before_anything_changes(attached):
    path = attached
    parts = entries(path)
    part = sheet_parts(parts)["Facts"]
    facts = SheetEditor("Facts", parts[part])
    row = max(place_of(at)[0] for at in facts.cells) + 1
    facts.put_row(row, ["RIOT", "price", 21.0])
    write_parts(path, {**parts, part: facts.to_part()})
    before = digest(path)
    result = CliRunner().invoke(main, ["attach", str(path)])
    assert f"sheet Facts row {row} column unit: is empty" in result.output
    assert "correct or clear it first" in result.output
    assert digest(path) == before


def test_an_own_value_for_which_no_row_is_left_is_told(attached):
    path = attached
    edit(path, "Inputs", f"E{row_of(path, 'CIFR', 'cash')}", 400)
    edit(path, "Inputs", f"E{row_of(path, 'RIOT', 'cash')}", 300)
    output = run("attach", path, "--miners", "RIOT")
    assert "Your own value is kept: RIOT cash = 300.0" in output
    assert "Not kept, as the model has no row for it: CIFR cash = 400.0; it is in " in output


def test_a_sheet_of_the_analyst_with_the_headings_of_inputs_is_not_refreshed(
    tmp_path, folder, ours
):
    """It stands before ours, with the same cells: the mark alone tells them apart."""
    path = tmp_path / "model.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Inputs")
        for at, cell in read_cells(ours)["Inputs"].items():
            if isinstance(cell.value, str | float):
                sheet.write(at, cell.value)
    attach(path, ours)
    before = read_cells(read_parts(path))
    add_rows(folder, ("RIOT", "price", "21", "USD/share", "", "2025-09-26", ""))
    refresh(path, folder, Desk(), recalculate=False)
    after = read_cells(read_parts(path))
    assert after["Inputs"] == before["Inputs"]
    assert len(after["Facts"]) > len(before["Facts"])


def test_a_copy_that_excel_made_of_a_sheet_is_the_analysts(path, ours):
    """Excel copies the hidden name with the sheet."""
    attach(path, ours)
    root = parse_xml(read_parts(path)["xl/workbook.xml"])
    copied = len(list(root.iter(tag("sheet"))))
    add_tab(root, "Inputs (2)", "rId999")
    add_name(root, "_hpcval_sheet", '"Inputs"', copied, hidden=True)
    assert attached_as(root)["Inputs"] == "Inputs"
    assert marked_sheets(root)["Inputs"] == ["Inputs", "Inputs (2)"]


@pytest.mark.long
@pytest.mark.engine
def test_an_engine_agrees_with_every_figure_after_attaching_again(attached):
    path = attached
    edit(path, "Inputs", f"E{row_of(path, 'RIOT', 'hpc_mw_shopped')}", 400)
    run("attach", path)
    comparison = compare_with_engine(path)
    assert comparison.compared > 1000
    assert [one for one in comparison.differences if one.sheet != "Sheet1"] == []


@pytest.mark.parametrize("value", ["#N/A", "many"])
def test_an_own_value_that_is_none_is_said(path, ours, value):
    attach(path, ours)
    parts = entries(path)
    part = sheet_parts(parts)["Inputs"]
    root = parse_xml(parts[part])
    cell = next(c for c in root.iter(tag("c")) if c.get("r") == "E12")
    cell.set("t", "e" if value == "#N/A" else "str")
    cell.append(parse_xml(f'<v xmlns="{root.nsmap[None]}">{value}</v>'.encode()))
    write_parts(path, {**parts, part: to_bytes(root)})
    with pytest.raises(WorkbookError, match=r"Inputs!E12\) is not a number"):
        attached_before(path)


def test_a_formula_at_a_cell_that_keeps_its_meaning_goes_on(path, ours):
    attach(path, ours)
    edit(path, "Sheet1", "A1", 2, "Inputs!C9+RIOT_price")
    attach(path, {**ours})
    assert read_cells(read_parts(path))["Sheet1"]["A1"].formula == "Inputs!C9+RIOT_price"


def test_a_formula_over_a_table_of_ours_goes_on(path, ours):
    attach(path, ours)
    formula = "SUM(Facts[value])+ROWS(AllDeals[#Data])"
    edit(path, "Sheet1", "A1", 2, formula)
    attach(path, {**ours})
    assert read_cells(read_parts(path))["Sheet1"]["A1"].formula == formula
    missing = {
        name: data.replace(b'"Facts"', b'"Known"') if name.startswith("xl/tables/") else data
        for name, data in ours.items()
    }
    with pytest.raises(WorkbookError, match="no longer has names .* uses: Sheet1!A1"):
        attach(path, missing)


@pytest.mark.parametrize("formula", ["RIOT_price*2", "Inputs!C9", "SUM(Facts[value])"])
def test_sheets_that_formulas_use_are_not_left_out(path, ours, formula):
    attach(path, ours)
    edit(path, "Sheet1", "A1", 2, formula)
    before = digest(path)
    with pytest.raises(WorkbookError, match="point at sheets left out: name these .*: Sheet1!A1"):
        attach(path, ours, sheets=["Miners"])
    assert digest(path) == before
    edit(path, "Sheet1", "A1", 2, "ROWS(Miners[#Data])")
    assert attach(path, ours, sheets=["Miners"]).sheets == ("Miners",)


def test_stored_results_of_the_analyst_are_not_left_beside_new_figures(path, ours):
    parts = entries(path)
    settled = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    write_parts(path, {**parts, "xl/workbook.xml": settled})
    attach(path, ours)
    edit(path, "Sheet1", "A1", 33.48, "RIOT_price*2")
    assert attach(path, ours).backup is None, "no figure changed"
    assert b"fullCalcOnLoad" not in entries(path)["xl/workbook.xml"]
    part = sheet_parts(ours)["Inputs"]
    newer = {**ours, part: ours[part].replace(b"<v>16.74</v>", b"<v>20.0</v>")}
    assert newer != ours
    outcome = attach(path, newer)
    assert "Excel computes them when it opens the file" in outcome.notes[0]
    assert b'fullCalcOnLoad="1"' in entries(path)["xl/workbook.xml"]
    assert attach(path, newer).backup is None


def test_a_formula_typed_before_our_names_were_there_is_computed_once_they_are(path, ours):
    """It shows 0 as long as there is no name RIOT_target; detach leaves it as it was."""
    edit(path, "Sheet1", "A1", 0, "IFERROR(RIOT_target,0)")
    parts = entries(path)
    settled = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    write_parts(path, {**parts, "xl/workbook.xml": settled})
    before = digest(path)
    attach(path, ours, sheets=["Inputs"])
    assert b'fullCalcOnLoad="1"' in entries(path)["xl/workbook.xml"]
    assert detach(path).to_the_byte
    assert digest(path) == before


def test_a_formula_at_a_cell_that_would_mean_something_else_is_refused(path, ours):
    attach(path, ours)
    row = row_of(path, "RIOT", "cash")
    edit(path, "Sheet1", "A1", 2, f"Inputs!$C${row}*2")
    part = sheet_parts(ours)["Inputs"]
    moved = {**ours, part: ours[part].replace(b">RIOT</t>", b">RIOX</t>")}
    before = digest(path)
    with pytest.raises(WorkbookError, match=rf"something else: Sheet1!A1 =Inputs!\$C\${row}\*2"):
        attach(path, moved)
    assert digest(path) == before


def test_detach_refuses_to_leave_formulas_pointing_at_nothing(path, ours):
    attach(path, ours)
    edit(path, "Sheet1", "A1", 2, "Inputs!C9")
    edit(path, "Sheet1", "A4", 2, "SUM(RIOT_price)")
    edit(path, "Sheet1", "A2", 2, "_xlfn.LET(_xlpm.a,Inputs!C9,_xlpm.a)")
    before = digest(path)
    said = r"Sheet1!A1 =Inputs!C9; Sheet1!A2 =LET\(a,Inputs!C9,a\); Sheet1!A4 =SUM\(RIOT_price\)"
    with pytest.raises(WorkbookError, match=said):
        detach(path)
    assert digest(path) == before


def test_what_another_tool_changed_in_a_sheet_stays_and_the_lists_come_back(path, ours):
    before = entries(path)
    attach(path, ours)
    edit(path, "Sheet1", "A4", 7)
    changed = entries(path)["xl/worksheets/sheet1.xml"]
    assert not detach(path).to_the_byte
    after = entries(path)
    assert after.pop("xl/worksheets/sheet1.xml") == changed
    del before["xl/worksheets/sheet1.xml"]
    assert after == before


@pytest.fixture
def saved_again(path, ours):
    """The workbook after LibreOffice opened it with our sheets and saved it."""
    attach(path, ours, sheets=["Inputs", "Deals"])
    shutil.copy(convert(path, XLSX, path.parent / "out"), path)
    return path


@pytest.mark.long
@pytest.mark.engine
def test_a_workbook_saved_by_another_program_is_brought_up_to_date(saved_again, ours):
    path = saved_again
    names = list(sheet_parts(read_parts(path)))
    outcome = attach(path, ours, miners=["RIOT", "CIFR"])
    assert "was saved by another program since" in outcome.notes[0]
    assert list(sheet_parts(read_parts(path))) == names, "tabs stay in their places"
    here, there = read_cells(ours), read_cells(read_parts(path))
    assert there["Deals"] == here["Deals"]
    detached = detach(path)
    assert not detached.to_the_byte
    assert list(sheet_parts(read_parts(path))) == ["Sheet1", "Sheet2"]
    assert not [name for name in entries(path) if "customXml" in name]
    again = read_cells(read_parts(convert(path, XLSX, path.parent / "opened")))
    assert again["Sheet1"]["A4"].value == 4.0


@pytest.mark.engine
def test_a_renamed_sheet_of_ours_is_named_in_the_refusal(saved_again, ours):
    parts = entries(saved_again)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'"Deals"', b'"Signed"')
    write_parts(saved_again, parts)
    with pytest.raises(WorkbookError, match="Deals was renamed to Signed"):
        attach(saved_again, ours)
