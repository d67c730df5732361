"""What a real Excel may do to a button, on the stand-in of an open workbook."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from addin.excel import buttons
from addin.excel.open_cells import cells_in, source_of, values_of
from addin.excel.writing import SettingError, contents_of
from tests.addin.closed.many_facts import write_many
from tests.addin.closed.stored import cell_with
from tests.hosts.excel_fakes import OpenBook, Text
from valuation_core import load_book
from valuation_core.target import target
from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.model.sheets.facts.input_cells import AS_OF
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


@pytest.fixture
def opened(book_of_many, many):
    """A workbook of 100 facts, and a source with a 101st: 1,500 for M000's btc_held."""
    write_many(many, {0: 1500.0})
    book = OpenBook(read_cells(read_parts(book_of_many)))
    book.tables["Facts"] = "A1:J101"
    return book


def state_of(opened):
    shown = {
        sheet: {at: value for at, value in cells.items() if value is not None}
        for sheet, cells in opened.cells.items()
    }
    return shown, dict(opened.tables), opened.app.calculation, opened.app.screen_updating


def test_cells_are_read_as_a_file_stores_them():
    """Money and days as numbers, and errors by their codes, also those xlwings does not know."""
    spill, unknown, not_available = -2146826243, -2146826242, -2146826246
    place = SimpleNamespace(api=SimpleNamespace(Value2=((12.3456789, 45926.0), (spill, unknown))))
    assert cells_in(place) == [[12.3456789, 45926.0], ["#SPILL!", "#VALUE!"]]
    one = SimpleNamespace(api=SimpleNamespace(Value2=not_available))
    assert cells_in(one) == [["#N/A"]]


def test_a_text_that_looks_like_an_error_is_a_text_and_an_error_is_one(opened):
    cells = opened.cells["Inputs"]
    cells["A1"], cells["B1"] = Text("#N/A"), "#N/A"
    place = opened.book.sheets["Inputs"].range("A1:B1")
    assert contents_of(place) == [["'#N/A", "#N/A"]]


def test_a_formula_that_begins_like_the_name_of_a_sheet_is_explained(built, desk):
    """A first cell, an operator and a cell of another sheet: what stands before the mark is none."""
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(Book="=Inputs!$C$5")
    opened.cells["Targets"]["Z99"], opened.formulas["Targets"]["Z99"] = 5.0, "D9*D22-Inputs!$C$5"
    opened.select("Targets", "Z99")
    assert buttons.explain_selection(opened.book, desk).startswith("the steps of Targets!Z99 are")


def test_a_text_that_begins_with_an_equals_sign_is_not_explained_as_a_formula(built):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(Book="=Inputs!$C$5")
    opened.cells["Targets"]["Z99"] = "=D9*D22"
    assert source_of(opened.book).formula("Targets", "Z99") is None


def test_a_block_that_is_written_half_is_taken_back_whole(opened, many):
    before = state_of(opened)
    opened.breaks_at = ("Facts", "C102")
    with pytest.raises(WorkbookError, match=r"Facts!A102 cannot be written, .*nothing was changed"):
        buttons.refresh(opened.book, many)
    assert opened.breaks_at is None
    assert state_of(opened) == before


@pytest.mark.parametrize("shown", ["1500.0", 1500.5])
def test_a_cell_that_shows_other_than_was_written_takes_all_back(opened, many, shown):
    before = state_of(opened)
    opened.spoils["Facts", "C102"] = shown
    with pytest.raises(WorkbookError, match="Excel did not take what was written from Facts!A102"):
        buttons.refresh(opened.book, many)
    assert state_of(opened) == before


def test_rows_that_excel_leaves_in_place_are_not_said_to_be_off(opened, many):
    """As cells of filtered rows may be: what undo writes there is read back too."""
    buttons.refresh(opened.book, many)
    before = state_of(opened)
    enter = opened._enter

    def filtered(name, values):
        enter(name, {at: value for at, value in values.items() if place_of(at)[0] != 102})

    opened._enter = filtered
    with pytest.raises(WorkbookError, match="perhaps since rows are filtered"):
        buttons.undo(opened.book)
    assert state_of(opened) == before


def test_a_table_that_excel_let_grow_ends_as_before_after_a_failure(opened, many):
    before = state_of(opened)
    opened.grows = True
    opened.breaks_at = ("Log", "A2")
    with pytest.raises(WorkbookError, match="Log!A2 cannot be written"):
        buttons.refresh(opened.book, many)
    assert state_of(opened) == before


def test_a_number_stays_one_where_the_cells_below_were_made_for_text(opened, many):
    opened.formats["Facts", "C102"] = "@"
    opened.formats["Facts", "C101"] = "#,##0.0"
    buttons.refresh(opened.book, many)
    assert opened.cells["Facts"]["C102"] == 1500.0
    assert opened.formats["Facts", "C102"] == "#,##0.0"


def test_a_table_with_a_row_of_totals_gets_no_row_in_its_place(opened, many):
    """The row of totals is blank, as where its only sum stands in a column of the analyst's."""
    opened.tables["Facts"] = "A1:J102"
    opened.totals = {"Facts"}
    before = state_of(opened)
    with pytest.raises(WorkbookError, match="table Facts has a row of totals: take it off first"):
        buttons.refresh(opened.book, many)
    assert state_of(opened) == before


def test_a_date_that_a_formula_makes_is_not_written_over(opened, many):
    opened.formulas[AS_OF.sheet][AS_OF.here] = "TODAY()"
    before = state_of(opened)
    with pytest.raises(WorkbookError, match="Control!.* holds a formula; nothing was changed"):
        buttons.refresh(opened.book, many, date(2025, 10, 31))
    assert state_of(opened) == before


def test_a_row_with_a_formula_in_a_blank_cell_is_not_taken_off(opened, many):
    buttons.refresh(opened.book, many)
    opened.formulas["Facts"]["G102"] = '""'
    with pytest.raises(WorkbookError, match="Facts!G102 holds a formula; nothing was changed"):
        buttons.undo(opened.book)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("Date1904", "model.xlsx counts dates from 1904"),
        ("PrecisionAsDisplayed", "model.xlsx calculates with precision as displayed"),
    ],
)
def test_a_workbook_of_another_arithmetic_is_not_written_to(opened, many, setting, reason):
    setattr(opened.book.api, setting, True)
    with pytest.raises(WorkbookError, match=reason):
        buttons.refresh(opened.book, many)
    assert opened.writes == 0


def test_a_copy_of_inputs_that_stands_before_it_is_not_read(opened, many, book_of_many):
    stored = read_cells(read_parts(book_of_many))
    copied = OpenBook({"Inputs (2)": stored["Inputs"], **stored})
    copied.formulas["Inputs (2)"]["C5"] = stored["Inputs"]["C5"].formula.replace("Facts!", "Old!")
    assert buttons.refresh(copied.book, many).startswith("1 row added")


class Stubborn:
    """A setting of Excel that it takes a number of times, and then no more."""

    def __init__(self, value, times):
        self.value, self.times = value, times

    def __get__(self, *_):
        return self.value

    def __set__(self, _, value):
        if not self.times:
            raise RuntimeError("Excel is busy")
        self.value, self.times = value, self.times - 1


def test_an_excel_that_stays_manual_is_told_with_what_became_of_the_cells(opened, many):
    type(opened.app).calculation = Stubborn("automatic", 1)
    with pytest.raises(SettingError, match="Calculation Options; the cells are written$"):
        buttons.refresh(opened.book, many)
    assert opened.cells["Facts"]["C102"] == 1500.0
    assert opened.app.screen_updating is True


def test_an_excel_that_takes_no_setting_calculates_as_before(opened, many):
    type(opened.app).screen_updating = Stubborn(True, 0)
    before = state_of(opened)
    with pytest.raises(RuntimeError, match="busy"):
        buttons.refresh(opened.book, many)
    assert state_of(opened) == before


def test_targets_without_a_line_that_is_needed_are_refused_before_anything_is_written(
    built, folder
):
    opened = OpenBook(read_cells(read_parts(built)))
    label = next(at for at, value in opened.cells["Targets"].items() if value == "Share price")
    opened.cells["Targets"][label] = "Quote"
    with pytest.raises(WorkbookError, match="Targets has no row Share price; nothing was changed"):
        buttons.refresh(opened.book, folder)
    assert opened.writes == 0


def test_rows_stay_and_it_is_said_where_the_log_cannot_be_told_the_targets(
    built, folder, monkeypatch
):
    opened = OpenBook(read_cells(read_parts(built)))

    def fails(*_):
        raise RuntimeError("Excel is busy")

    monkeypatch.setattr(buttons, "moves_of", fails)
    said = buttons.refresh(opened.book, folder)
    assert " added (" in said
    assert said.endswith("; the Log could not be told which targets moved")
    count = said.partition(" ")[0]
    assert buttons.undo(opened.book).startswith(f"{count} rows are off again")


def test_an_explanation_that_cannot_be_written_leaves_the_former_one(built, desk):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.name(Book="=Inputs!$C$5")
    opened.select(*cell_with(built, "HPC_TARGET(D$4:E$4,,,,,,,Book)").split("!"))
    buttons.explain_selection(opened.book, desk)
    before = values_of(opened.book.sheets["Explain"].used_range)
    opened.breaks_at = ("Explain", "B5")
    with pytest.raises(WorkbookError, match="Explain!A1 cannot be written"):
        buttons.explain_selection(opened.book, desk)
    assert values_of(opened.book.sheets["Explain"].used_range) == before


def targets_logged(opened):
    log = opened.cells["Log"]
    lines = {at[1:] for at in log if str(log.get(f"E{at[1:]}")).endswith(" target")}
    return {log[f"E{line}"]: (log[f"F{line}"], log[f"G{line}"]) for line in lines}


def test_a_button_logs_the_targets_that_excel_computes_after_it(built, folder):
    """The add-in lets Excel compute when Python has answered: the core knows the figures before."""
    opened = OpenBook(read_cells(read_parts(built)))
    opened.app.api.CalculationState = 2  # xlPending
    before, day = load_book(), date(2025, 11, 24)
    buttons.refresh(opened.book, folder, day)
    assert targets_logged(opened) == {
        f"{miner} target": pytest.approx(
            (target(miner, book=before), target(miner, book=load_book(day)))
        )
        for miner in ("RIOT", "IREN")
    }


def test_a_target_that_the_facts_do_not_give_is_left_to_excel_in_the_log(built, folder):
    opened = OpenBook(read_cells(read_parts(built)))
    opened.app.api.CalculationState = 2
    row = next(at[1:] for at, value in opened.cells["Targets"].items() if value == "Target, model")
    opened.cells["Targets"][f"D{row}"] = 99.0
    buttons.refresh(opened.book, folder, date(2025, 11, 24))
    assert targets_logged(opened)["RIOT target"] == (99.0, "computed by Excel")
