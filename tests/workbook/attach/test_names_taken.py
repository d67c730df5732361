"""Sheets and names of the analyst that are called as ours: both stay, and ours take other names."""

from __future__ import annotations

import re

import pytest
import xlsxwriter
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.calc.recalculate import compare_with_engine
from addin.cli import main
from addin.closed.figures import our_sheets
from addin.closed.snapshot_and_explain import explain_cell, snapshot
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.attach.mark import find_mark
from workbook.attach.own_values import attached_before
from workbook.attach.transplant import name_of, tables
from workbook.errors import WorkbookError
from workbook.formulas.references import sheets_in
from workbook.formulas.words import words_of
from workbook.opc.package import main_part, open_package, read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.stored import read_cells
from workbook.opc.xml import parse_xml, tag

TAKEN = ("Inputs", "WhatIf", "checks", "History", "Targets", "Distribution", "Bridge")
OTHERS = (
    *("HPC Inputs", "HPC WhatIf", "HPC Checks", "HPC History", "HPC Targets"),
    *("HPC Distribution", "HPC Bridge"),
)


def with_sheets(path, *names, defined=()):
    with xlsxwriter.Workbook(path) as book:
        for name in names:
            sheet = book.add_worksheet(name)
            sheet.write("A1", f"{name} of the analyst")
            sheet.write("A2", 2)
            sheet.write_formula("A3", "=A2*2", None, 4)
        for name in defined:
            book.define_name(name, f"='{names[0]}'!$A$2")
    return path


@pytest.fixture
def mine(tmp_path):
    return with_sheets(tmp_path / "mine.xlsx", *TAKEN)


def texts(parts, *kinds):
    """Every formula and address of the parts of a kind, wherever Excel keeps one."""
    for part in parts:
        if part.startswith(kinds) and part.endswith(".xml"):
            for element in parse_xml(parts[part]).iter():
                name = str(element.tag).rpartition("}")[2]
                if name in ("f", "formula", "formula1", "formula2") and element.text:
                    yield element.text
                if name == "hyperlink" and element.get("location"):
                    yield element.get("location")


def run(*arguments):
    result = CliRunner().invoke(main, [str(word) for word in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_ours_stand_beside_sheets_of_the_same_names(ours, mine):
    outcome = attach(mine, ours)
    assert set(OTHERS) <= set(outcome.sheets)
    assert "You have a sheet Inputs of your own: ours is called HPC Inputs." in outcome.notes
    assert list(sheet_parts(read_parts(mine)))[: len(TAKEN)] == list(TAKEN)
    for name in TAKEN:
        assert read_cells(read_parts(mine))[name]["A1"].value == f"{name} of the analyst"


def test_a_formula_that_other_names_make_too_long_for_excel_is_refused(ours, tmp_path, monkeypatch):
    """Excel specifications and limits: 8,192 characters; AllDeals!A2 is 'HPC AllDeals'!A2 then."""
    mine = with_sheets(tmp_path / "mine.xlsx", "AllDeals")
    before = mine.read_bytes()
    every = (len(text) for text in texts(ours, "xl/worksheets/"))
    monkeypatch.setattr("workbook.attach.other_names.LONGEST_FORMULA", max(every))
    with pytest.raises(WorkbookError, match="more than Excel takes"):
        attach(mine, ours)
    assert mine.read_bytes() == before


def test_nothing_of_ours_points_at_the_sheets_of_the_analyst(ours, mine):
    outcome = attach(mine, ours)
    parts = read_parts(mine)
    added = {part: parts[part] for part in outcome.added}
    named = [sheets_in(text) for text in texts(added, "xl/worksheets/", "xl/charts/")]
    of_model = [sheets_in(text) for text in texts(ours, "xl/worksheets/", "xl/charts/")]
    assert len(named) == len(of_model)
    assert sum("HPC Inputs" in one for one in named) == sum("Inputs" in one for one in of_model) > 0
    assert not {sheet for one in named for sheet in one} & {*TAKEN, "Checks"}
    names = words_of(parts).names
    price = words_of(ours).names[None, "riot_price"]
    assert names[None, "riot_price"] == price.replace("Inputs!", "'HPC Inputs'!")
    assert not [text for text in names.values() if text.startswith(("Inputs!", "Checks!"))]


def test_every_figure_is_that_of_the_model(ours, mine):
    attach(mine, ours)
    here, there = read_cells(ours), read_cells(read_parts(mine))
    for name, other in zip(("Inputs", "WhatIf", "Checks"), OTHERS, strict=False):
        # Texts that name a sheet name it as it is called.
        values = {
            at: re.sub(r"\b(of|on) Inputs", r"\1 HPC Inputs", cell.value)
            if isinstance(cell.value, str)
            else cell.value
            for at, cell in here[name].items()
        }
        assert {at: cell.value for at, cell in there[other].items()} == values
    contents = [cell.value for cell in there["Cover"].values()]
    assert "HPC Inputs" in contents
    assert "Inputs" not in contents


def test_a_second_name_is_found_where_the_first_is_taken_too(ours, tmp_path):
    path = with_sheets(tmp_path / "mine.xlsx", "INPUTS", "hpc inputs", "Data")
    assert "HPC Inputs 2" in attach(path, ours, sheets=["Inputs"]).sheets


@pytest.mark.long
def test_sheets_are_asked_for_by_the_names_of_the_model(ours, mine):
    outcome = attach(mine, ours, sheets=["Inputs"])
    assert "HPC Inputs" in outcome.sheets
    assert "Cover" not in outcome.sheets
    assert attach(mine, ours, sheets=["HPC Inputs"]).backup is None, "by either name"
    with pytest.raises(WorkbookError, match="the model has no sheet Valuation"):
        attach(mine, ours, sheets=["Valuation"])


@pytest.mark.long
def test_attached_again_nothing_changes_and_detach_gives_the_file_back(ours, mine):
    original = digest(mine)
    attach(mine, ours)
    assert attach(mine, ours).backup is None
    assert detach(mine).to_the_byte
    assert digest(mine) == original


def test_a_sheet_keeps_its_other_name_when_that_of_the_analyst_is_gone(ours, tmp_path):
    path = with_sheets(tmp_path / "mine.xlsx", "Data", "Inputs")
    attach(path, ours, sheets=["Inputs"])
    parts = entries(path)
    workbook = parts["xl/workbook.xml"].replace(b'name="Inputs"', b'name="My inputs"')
    write_parts(path, {**parts, "xl/workbook.xml": workbook})
    assert "HPC Inputs" in attach(path, ours).sheets, "formulas of the analyst may point there"


def test_a_name_of_theirs_stays_and_ours_takes_another_which_formulas_follow(ours, tmp_path):
    path = with_sheets(tmp_path / "mine.xlsx", "Data", defined=("book", "RIOT_price"))
    original = digest(path)
    outcome = attach(path, ours)
    assert "You have a name or table Book of your own: ours is called Book_HPC." in outcome.notes
    names = words_of(read_parts(path)).names
    assert names[None, "book"] == names[None, "riot_price"] == "'Data'!$A$2"
    assert names[None, "book_hpc"] == "Inputs!$C$5"
    assert names[None, "riot_price_hpc"] == words_of(ours).names[None, "riot_price"]
    formulas = [cell.formula for cell in read_cells(read_parts(path))["Targets"].values()]
    calls = [text for text in formulas if text and "HPC_TARGET(" in text]
    assert [text for text in calls if text.endswith(",,,,,,,Book_HPC)")]
    assert not [text for text in calls if "Book)" in text]
    with open_package(path) as package:
        found = find_mark(package, package.main)
    assert found[1].stands_for == {"Book": "Book_HPC", "RIOT_price": "RIOT_price_HPC"}
    assert attach(path, ours).backup is None
    detach(path)
    assert digest(path) == original


def test_a_table_of_ours_takes_another_name_beside_theirs(ours, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "mine.xlsx") as book:
        book.add_worksheet("Data").add_table("A1:B3", {"name": "facts"})
    outcome = attach(tmp_path / "mine.xlsx", ours)
    assert "You have a name or table Facts of your own: ours is called Facts_HPC." in outcome.notes
    found = [name_of(table) for _, table in tables(read_parts(tmp_path / "mine.xlsx"))]
    assert {"facts", "Facts_HPC", "Deals"} <= set(found)
    assert "Facts" not in found


def test_a_table_is_theirs_wherever_its_part_lies(ours, tmp_path):
    """Parts are found by their type: a writer may keep tables beside the sheets."""
    path = tmp_path / "mine.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Data").add_table("A1:B3", {"name": "Facts"})
    moved = {
        name.replace("xl/tables/", "xl/worksheets/"): data.replace(b"/tables/", b"/worksheets/")
        for name, data in read_parts(path).items()
    }
    write_parts(path, moved)
    outcome = attach(path, ours, sheets=["Facts"])
    assert "You have a name or table Facts of your own: ours is called Facts_HPC." in outcome.notes
    numbers = [table.get("id") for _, table in tables(read_parts(path))]
    assert len(numbers) == len(set(numbers)) > 1


def test_our_cells_are_explained_by_our_book_where_the_analyst_has_a_name_book(ours, tmp_path):
    path = with_sheets(tmp_path / "mine.xlsx", "Data", defined=("Book",))
    attach(path, ours)
    cells = read_cells(read_parts(path))["Targets"]
    at = next(at for at, cell in cells.items() if (cell.formula or "").startswith("HPC_TARGET("))
    steps = explain_cell(path, f"Targets!{at}", Desk()).steps
    assert steps[-1][2] == pytest.approx(cells[at].value)


@pytest.mark.long
def test_own_values_are_read_from_our_sheet_and_not_from_theirs(ours, mine):
    run("attach", mine, "--miners", "RIOT")
    parts = entries(mine)
    part = sheet_parts(parts)["HPC Inputs"]
    at = words_of(parts).names[None, "riot_price"].rpartition("$")[2]
    inputs = SheetEditor("HPC Inputs", parts[part])
    inputs.put(f"E{at}", 18.0)
    # A formula of theirs: nine times the 2 that stands on their own sheet Inputs.
    own = inputs.cells[f"E{at}"]
    own.insert(0, parse_xml(f'<f xmlns="{own.nsmap[None]}">Inputs!A2*9</f>'.encode()))
    write_parts(mine, {**parts, part: inputs.to_part()})
    assert [one.row for one in attached_before(mine).own] == [("RIOT", "price", 18.0, "")]
    assert "Your own value is kept: RIOT price = 18.0" in run("attach", mine)
    cells = read_cells(read_parts(mine))["HPC Inputs"]
    assert cells[f"C{at}"].value == 18.0
    assert cells[f"E{at}"].formula == "'Inputs'!A2*9", "it goes on meaning theirs"


def test_texts_that_name_a_sheet_name_it_as_it_is_called(ours, mine):
    attach(mine, ours)
    cells = read_cells(read_parts(mine))
    assert "green ones on Control" in cells["HPC Inputs"]["A2"].value
    assert "Those in force on another date are on HPC Inputs." in cells["HPC History"]["A2"].value
    control = cells["Control"]
    said = [one.formula for one in control.values() if one.formula and "typed on" in one.formula]
    assert said
    assert not [text for text in said if "typed on Inputs" in text]
    assert cells["HPC Inputs"]["A1"].value == "Inputs", "a title is no reference"


@pytest.mark.long
def test_commands_find_ours_by_its_mark(ours, mine):
    attach(mine, ours)
    with open_package(mine) as package:
        assert our_sheets(package) >= set(OTHERS)
        assert not our_sheets(package) & set(TAKEN)
    before = entries(mine)
    assert "appended to HPC History" in snapshot(mine, Desk())
    after = entries(mine)
    assert after["xl/worksheets/sheet4.xml"] == before["xl/worksheets/sheet4.xml"]
    taken = [cell.value for cell in read_cells(after)["HPC History"].values()]
    assert "Snapshots of this model" in taken


@pytest.mark.long
@pytest.mark.engine
def test_an_engine_finds_no_difference_beside_sheets_of_the_same_names(ours, tmp_path):
    path = with_sheets(tmp_path / "mine.xlsx", *TAKEN, defined=("Book", "RIOT_price"))
    attach(path, ours)
    comparison = compare_with_engine(path)
    assert comparison.compared > 1000
    assert list(comparison.differences) == []


def test_the_main_part_lists_ours_after_theirs(ours, mine):
    attach(mine, ours)
    parts = read_parts(mine)
    root = parse_xml(parts[main_part(parts)])
    assert len({one.get("name").casefold() for one in root.iter(tag("sheet"))}) == len(TAKEN) + len(
        sheet_parts(ours)
    )
