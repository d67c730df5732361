"""The buttons on an open workbook, on autospecs of the installed xlwings."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from pptx import Presentation

from addin.cli import main
from addin.closed.refresh import refresh
from addin.closed.sheet_cells import At, Spilled
from addin.excel import buttons
from addin.excel.open_cells import source_of
from addin.excel.pages_button import tear_sheets
from addin.excel.writing import contents_of
from tests.addin.closed.many_facts import write_many
from tests.addin.closed.stored import beside, cell_with, values
from tests.hosts.excel_fakes import OneCell, OpenBook
from valuation_core import load_book
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.model.build import plan_model
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.facts.input_cells import AS_OF
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


@pytest.fixture
def opened(book_of_many):
    return open_book(book_of_many)


def open_book(path):
    book = OpenBook(read_cells(read_parts(path)))
    book.tables["Facts"] = "A1:J101"
    book.formats["Facts", "F101"] = "yyyy-mm-dd"
    return book


def twenty(folder):
    write_many(folder, dict.fromkeys(range(0, 100, 5), 1500.0))


def state_of(opened):
    return opened.app.calculation, opened.app.screen_updating


def test_twenty_new_facts_are_twenty_rows_and_twenty_lines(opened, many):
    before = dict(opened.cells["Facts"])
    twenty(many)
    report = buttons.refresh(opened.book, many)
    assert report.startswith("20 rows added (Facts 20) from folder ")
    after = opened.cells["Facts"]
    assert {at: after[at] for at in before} == before
    new = after.keys() - before.keys()
    assert {place_of(at)[0] for at in new} == {1, *range(102, 122)}
    assert after["L102"].startswith("refresh 1, ")
    assert opened.tables["Facts"] == "A1:J121"
    assert len({at for at in opened.cells["Log"] if at[0] == "A"}) == 21
    assert state_of(opened) == ("semiautomatic", True)
    opened.book.sheets.active.select.assert_called()
    writes = opened.writes
    assert buttons.refresh(opened.book, many).startswith("no row added from folder ")
    assert opened.writes == writes


def test_an_open_workbook_gets_what_a_closed_one_gets(opened, many, book_of_many, desk):
    write_many(many, {3: 1500.5, 6: 1600})
    buttons.refresh(opened.book, many)
    refresh(book_of_many, many, desk, recalculate=False)
    closed = {at[1]: value for at, value in values(book_of_many).items() if at[0] == "Facts"}
    cells = [at for at in closed if at[0] != "L" and closed[at] is not None]
    assert {at: opened.cells["Facts"].get(at) for at in cells} == {at: closed[at] for at in cells}
    log = {at[1]: value for at, value in values(book_of_many).items() if at[0] == "Log"}
    assert {at: opened.cells["Log"].get(at) for at in log if at[0] != "A"} == {
        at: log[at] for at in log if at[0] != "A"
    }
    assert opened.formats == {("Facts", f"F{row}"): "yyyy-mm-dd" for row in (102, 103)} | {
        ("Facts", "F101"): "yyyy-mm-dd"
    }


@pytest.mark.long
def test_all_tables_and_targets_come_open_as_they_come_closed(built, folder, tmp_path, desk):
    """Every cell of the tables and of the Log, but for the times of both."""
    day, closed = date(2025, 11, 24), shutil.copy(built, tmp_path / "closed.xlsx")
    opened = OpenBook(read_cells(read_parts(built)))
    opened.app.api.CalculationState = 2  # as after a button: Excel computes when it has ended
    said = buttons.refresh(opened.book, folder, day)
    assert refresh(closed, folder, desk, as_of=day).report.startswith(said)
    sheets = {sheet for _, sheet in SHEETS.values()} | {"Log"}
    found = {at: value for at, value in values(closed).items() if at[0] in sheets and value != ""}
    here = {
        (sheet, at): value
        for sheet in sheets
        for at, value in opened.cells[sheet].items()
        if value not in (None, "")
    }
    timed = {at for at, value in here.items() if "UTC" in str(value)}
    assert {at: here[at] for at in here.keys() - timed} == {
        at: value if not isinstance(value, float) else pytest.approx(value, rel=1e-12)
        for at, value in found.items()
        if value is not None and at not in timed
    }


@pytest.mark.parametrize("writes", [0, 1, 2, -2, -1])
def test_a_failure_while_writing_takes_everything_back(opened, many, writes, book_of_many):
    """Counted from the first write, which goes to the table, or from the last, to the Log."""
    before = {sheet: dict(cells) for sheet, cells in opened.cells.items()}
    twenty(many)
    opened.fail_after = writes
    if writes < 0:
        other = open_book(book_of_many)
        buttons.refresh(other.book, many)
        opened.fail_after += other.writes
    with pytest.raises(WorkbookError, match="cannot be written, .*; nothing was changed"):
        buttons.refresh(opened.book, many)
    shown = {
        sheet: {at: value for at, value in cells.items() if value is not None}
        for sheet, cells in opened.cells.items()
    }
    assert shown == {
        sheet: {at: value for at, value in cells.items() if value is not None}
        for sheet, cells in before.items()
    }
    assert opened.tables["Facts"] == "A1:J101"
    assert state_of(opened) == ("semiautomatic", True)


def test_a_source_that_is_wrong_changes_nothing(opened, many):
    write_many(many, {3: "1.500,00"})
    with pytest.raises(WorkbookError, match="row 102 column value: .*nothing was changed"):
        buttons.refresh(opened.book, many)
    assert opened.writes == 0


def test_a_formula_where_a_row_would_go_is_never_written_over(opened, many):
    write_many(many, {6: 1500})
    opened.formulas["Facts"]["E102"] = '""'
    before = dict(opened.cells["Facts"])
    with pytest.raises(WorkbookError, match="Facts!E102 holds a formula; nothing was changed"):
        buttons.refresh(opened.book, many)
    assert shown(opened.cells["Facts"]) == shown(before)


def shown(cells):
    return {at: value for at, value in cells.items() if value is not None}


def test_undo_takes_the_last_refresh_back(opened, many):
    before = dict(opened.cells["Facts"])
    twenty(many)
    buttons.refresh(opened.book, many)
    assert buttons.undo(opened.book).startswith("20 rows are off again that refresh 1 of ")
    assert shown(opened.cells["Facts"]) == shown(before)
    assert opened.tables["Facts"] == "A1:J101"
    with pytest.raises(WorkbookError, match="no refresh to take back"):
        buttons.undo(opened.book)


def test_the_date_is_set_when_asked_and_undo_gives_it_back(opened, many):
    was = opened.cells[AS_OF.sheet][AS_OF.here]
    said = buttons.refresh(opened.book, many, date(2025, 10, 31))
    assert said.endswith("the date is now 2025-10-31")
    assert opened.cells[AS_OF.sheet][AS_OF.here] == 45961.0
    assert buttons.undo(opened.book) == "the date is 2025-09-26 again, as before refresh 1"
    assert opened.cells[AS_OF.sheet][AS_OF.here] == was


def test_a_target_that_changed_is_a_line_of_the_log(built, folder):
    """Excel has computed when the rows are there: here it makes RIOT's target 99."""
    opened = OpenBook(read_cells(read_parts(built)))
    row = next(at[1:] for at, value in opened.cells["Targets"].items() if value == "Target, model")
    was = opened.cells["Targets"][f"D{row}"]
    enter = opened._enter

    def entered(name, entries):
        enter(name, entries)
        opened.cells["Targets"][f"D{row}"] = 99.0

    opened._enter = entered
    buttons.refresh(opened.book, folder)
    log = opened.cells["Log"]
    last = max(int(at[1:]) for at in log)
    assert [log[f"{column}{last}"] for column in "EFG"] == ["RIOT target", was, 99.0]


def test_a_snapshot_is_appended_to_history(built):
    opened = OpenBook(read_cells(read_parts(built)))
    before = dict(opened.cells["History"])
    assert buttons.snapshot(opened.book).startswith("targets and ratings of 2 miners")
    new = {at: value for at, value in opened.cells["History"].items() if at not in before}
    assert "Snapshots of this model" in new.values()
    assert target("RIOT") in [pytest.approx(v) for v in new.values() if isinstance(v, float)]
    assert state_of(opened) == ("semiautomatic", True)


def test_the_selected_cell_is_explained_on_a_sheet(built, desk):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(Book="=Inputs!$C$5")
    sheet, address = cell_with(built, "HPC_TARGET(D$4:E$4,,,,,,,Book)").split("!")
    for _ in range(2):  # the sheet is made, then written anew
        opened.select(sheet, address)
        report = buttons.explain_selection(opened.book, desk)
        assert report == f"the steps of {sheet}!{address} are on the sheet Explain"
    shown = opened.cells["Explain"]
    assert shown["A1"] == f"Explained: {sheet}!{address}"
    last = max(int(at[1:]) for at in shown)
    assert shown[f"C{last}"] == pytest.approx(target("RIOT"))
    assert state_of(opened) == ("semiautomatic", True)


def test_a_native_headline_is_explained_too(built, desk):
    opened = OpenBook(read_cells(read_parts(built)))
    place = plan_model(coverage(load_book(), ["RIOT", "IREN"])).names["RIOT_target"]
    opened.name(Book="=Inputs!$C$5", RIOT_target=f"={place.there}")
    opened.select("Targets", place.here)
    buttons.explain_selection(opened.book, desk)
    shown = opened.cells["Explain"]
    assert shown["A3"] == 'RIOT_target, the figure of HPC_TARGET("RIOT",,,,,,,Book)'
    last = max(int(at[1:]) for at in shown)
    assert shown[f"C{last}"] == pytest.approx(target("RIOT"))


def test_names_of_a_sheet_and_spills_of_an_open_workbook_are_seen(built):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(**{"'My ''sheet'!Rate": "=Inputs!$C$9", "Rate": "=Inputs!$C$10"})
    opened.areas["Targets"].append("D8:G9")
    source = source_of(opened.book)
    assert source.names == {("My 'sheet", "Rate"): "=Inputs!$C$9", ("", "Rate"): "=Inputs!$C$10"}
    assert source.spilled(At("Targets", "F9")) == Spilled("D8", 1, 2)
    assert source.spilled(At("Targets", "F1")) is None


def test_a_selected_cell_of_a_spilled_line_is_explained_as_that_of_its_miner(built, desk):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(Book="=Inputs!$C$5")
    place = beside(cell_with(built, "HPC_TARGET(D$4:E$4,,,,,,,Book)"), right=1)
    opened.select(*place.split("!"))
    buttons.explain_selection(opened.book, desk)
    shown = opened.cells["Explain"]
    assert shown["A1"] == f"Explained: {place}"
    last = max(int(at[1:]) for at in shown)
    assert shown[f"C{last}"] == pytest.approx(target("IREN"))


def test_the_command_line_works_in_the_open_workbook_or_says_there_is_none(
    opened, many, monkeypatch
):
    run = CliRunner().invoke
    twenty(many)
    result = run(main, ["refresh", "--open", "--from", str(many)])
    assert (result.exit_code, result.output) == (1, "Error: no workbook is open in Excel\n")
    monkeypatch.setattr("addin.excel.opened.active_book", lambda: opened.book)
    result = run(main, ["refresh", "--open", "--from", str(many)])
    assert result.output.startswith("20 rows added (Facts 20)")
    assert run(main, ["refresh", "--open", "--undo"]).output.startswith("20 rows are off again")
    assert "give either FILE or --open" in run(main, ["snapshot"]).output


def test_an_excel_in_which_a_cell_is_being_typed_is_told_in_one_line(opened, many, monkeypatch):
    class RejectedError(Exception):
        """Call was rejected by callee."""

    def read(*_):
        raise RejectedError

    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(com_error=RejectedError))
    monkeypatch.setattr("addin.excel.opened.active_book", lambda: opened.book)
    monkeypatch.setattr(buttons, "grids_of", read)
    result = CliRunner().invoke(main, ["refresh", "--open", "--from", str(many)])
    assert result.output.startswith("Error: Excel does not answer: finish the cell that is being")
    assert result.exit_code == 1


@pytest.fixture
def saved(built, tmp_path):
    """A model open in Excel, which saves copies of itself as they are on the disk."""
    opened = OpenBook(read_cells(read_parts(built)))
    opened.save_as(tmp_path / "model.xlsx", built.read_bytes())
    return opened


def test_a_frozen_copy_of_an_open_workbook_stands_beside_it(saved, built, tmp_path):
    report = buttons.freeze(saved.book)
    out = tmp_path / "model.frozen.xlsx"
    assert " frozen on " in report
    assert f" sheets: {out}" in report
    formulas = [
        cell.formula for sheet in read_cells(read_parts(out)).values() for cell in sheet.values()
    ]
    assert not any("HPC_" in formula for formula in formulas if formula)
    assert saved.writes == 0
    buttons.freeze(saved.book)  # an earlier copy is never written over
    assert {path.name for path in tmp_path.glob("*.xlsx")} == {
        "model.frozen.xlsx",
        "model.frozen-2.xlsx",
    }


def test_the_pages_of_an_open_workbook_stand_beside_it(saved, tmp_path, monkeypatch):
    said = tear_sheets(saved.book)
    out = tmp_path / "model.pages.pptx"
    assert said == f"pages of RIOT, IREN, facts as of 2025-09-26: {out}"
    texts = [
        [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for slide in Presentation(out).slides
    ]
    assert [found[0] for found in texts] == ["Riot Platforms (RIOT)", "IREN (IREN)"]
    assert "plain UW 12.41" in texts[0][1]
    assert saved.writes == 0
    monkeypatch.setitem(sys.modules, "pptx", None)
    monkeypatch.delitem(sys.modules, "addin.pages.slides")
    assert tear_sheets(saved.book).endswith(f": {tmp_path / 'model.pages.xlsx'}")


@pytest.mark.parametrize(
    ("place", "folder", "reason"),
    [
        ("Book1", "", "model.xlsx was never saved: save it first"),
        ("https://bank.sharepoint.com/model.xlsx", "https://bank", "model.xlsx is in the cloud"),
    ],
)
def test_a_workbook_without_a_folder_is_not_frozen(opened, place, folder, reason):
    opened.book.api.FullName, opened.book.api.Path = place, folder
    with pytest.raises(WorkbookError, match=reason):
        buttons.freeze(opened.book)


def test_a_protected_sheet_leaves_nothing_behind_and_is_told_in_words(opened, many):
    before = {sheet: dict(cells) for sheet, cells in opened.cells.items()}
    twenty(many)
    opened.protected = {"Facts"}
    with pytest.raises(
        WorkbookError, match=r"Facts!\w+ cannot be written, perhaps since the sheet"
    ):
        buttons.refresh(opened.book, many)
    assert opened.cells == before  # the new sheet Log is gone too
    assert state_of(opened) == ("semiautomatic", True)


def test_what_cannot_be_taken_back_is_said(opened, many):
    twenty(many)
    opened.protected = {"Log"}
    opened.undeletable = True
    with pytest.raises(WorkbookError, match="close this workbook without saving it"):
        buttons.refresh(opened.book, many)
    assert state_of(opened) == ("semiautomatic", True)


def test_a_log_of_the_analyst_gets_no_line(book_of_many, many):
    opened = OpenBook(read_cells(read_parts(book_of_many)) | {"LOG": {}})
    twenty(many)
    buttons.refresh(opened.book, many)
    assert opened.cells["LOG"] == {}
    assert opened.cells["HPC Log"]["A1"] == "time"


def test_an_attached_sheet_is_found_by_its_mark(book_of_many, many):
    """Before them stands a sheet of the analyst with the name and the formula of ours."""
    stored = read_cells(read_parts(book_of_many))
    opened = OpenBook(stored | {"HPC Inputs": stored["Inputs"]})
    opened.mark("HPC Inputs", "Inputs")
    for sheet in stored.keys() - {"Inputs"}:
        opened.mark(sheet, sheet)
    opened.formulas["Inputs"]["C5"] = opened.formulas["Inputs"]["C5"].replace("Facts!", "Mine!")
    twenty(many)
    assert buttons.refresh(opened.book, many).startswith("20 rows added")


def test_a_workbook_whose_structure_is_protected_gets_no_sheet(opened, many):
    twenty(many)
    opened.book.sheets.add.side_effect = RuntimeError("protected")
    with pytest.raises(WorkbookError, match="Log cannot be added, .*; nothing was changed"):
        buttons.refresh(opened.book, many)
    assert "L1" not in shown(opened.cells["Facts"])


def test_a_text_that_looks_like_a_formula_is_restored_as_a_text(opened):
    opened.cells["Inputs"]["A1"] = "=1+1"
    opened.formulas["Inputs"].pop("A1", None)
    place = opened.book.sheets["Inputs"].range("A1")
    place.__class__ = TextLikeAFormula
    assert contents_of(place) == [["'=1+1"]]
    opened.formulas["Inputs"]["A2"] = "B2*2"
    opened.cells["Inputs"]["A2"] = 4.0
    assert contents_of(opened.book.sheets["Inputs"].range("A2")) == [["=B2*2"]]


class TextLikeAFormula(OneCell):
    """Excel gives a text that begins with = under Formula as well."""

    formula = property(lambda self: "=1+1")


@pytest.mark.parametrize("button", [buttons.snapshot, buttons.freeze])
def test_figures_that_are_not_computed_are_neither_kept_nor_frozen(saved, button, tmp_path):
    saved.app.api.CalculationState = 2  # xlPending
    with pytest.raises(WorkbookError, match="press F9 first"):
        button(saved.book)
    assert saved.writes == 0
    assert list(tmp_path.glob("*.frozen*")) == []


def test_neither_are_they_explained(saved, desk):
    saved.app.api.CalculationState = 2
    with pytest.raises(WorkbookError, match="press F9 first"):
        buttons.explain_selection(saved.book, desk)
