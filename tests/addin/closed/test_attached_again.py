"""Attach again: what was typed or brought stays, values in use with it, and undo goes on."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.calc import engine
from addin.cli import main
from addin.closed.core_figures import names_of
from addin.closed.feed import feed
from addin.closed.figures import COMPUTED
from addin.closed.planned_anew import carried_in
from addin.closed.refresh import refresh, undo
from tests.places import SHIPPED
from tests.valuation_core.book_files import add_rows
from tests.workbook import analysts
from tests.workbook.cases import figure, input_row
from tests.workbook.tables import row_like
from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.target import target
from workbook.cells import day_of, letters, stated
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.facts.control_cells import cell_of
from workbook.model.sheets.facts.input_cells import AS_OF, CASE, CHOSEN_CASE, COLUMN, MINER
from workbook.model.sheets.facts.what_if_cells import NAME as WHAT_IF
from workbook.model.sheets.facts.what_if_cells import TRIED, X_TRIED, driver_cell
from workbook.model.sheets.front.checks import TOLERANCE_ROW
from workbook.model.sheets.valuation.lease_tables import CHOOSE_LEASE
from workbook.opc.package import open_package, read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor, asks_for_calculation, store_result
from workbook.opc.stored import read_cells
from workbook.refresh.decide import MARKER

DAY = date(2025, 10, 31)
OWN_DEAL = {
    "deal_id": "RIOT-mine",
    "ticker": "RIOT",
    "counterparty": "Mine",
    "kind": "colo",
    "announced": date(2025, 9, 20),
    "mw_critical": 200.0,
    "term_years": 10.0,
    "revenue_usd_m": 3000.0,
    "as_of": date(2025, 9, 20),
}
OWN_FACT = {
    "scope": "CIFR",
    "metric": "cash",
    "value": 900.0,
    "unit": "USD M",
    "basis": "",
    "as_of": date(2025, 9, 25),
}
OWN_CASE = {
    "case": "mine",
    "scope": "RIOT",
    "metric": "hpc_probability",
    "change": "set",
    "value": 0.8,
    "unit": "fraction",
    "basis": "",
}


BRIDGE_FROM, BRIDGE_TO, BRIDGE_CASE, BRIDGE_WAY = "B6", "C6", "C7", "B11"
TOLERANCE = f"B{TOLERANCE_ROW}"
TRIED_BTC, STEP = driver_cell("btc_price", TRIED).here, f"F{X_TRIED.row}"


def run(*words):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


def put(path, sheet, cells):
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    for address, value in cells.items():
        editor.put(address, value)
    write_parts(path, {**parts, part: editor.to_part()})


def type_below(path, table, row):
    """Type a row below a table."""
    sheet = SHEETS[table][1]
    cells = read_cells(read_parts(path))[sheet]
    line = max(int(at[1:]) for at in cells if at[0] == "A" and at[1:].isdigit()) + 1
    values = {
        f"{letters(place)}{line}": stated(value)
        for place, value in enumerate(row.values(), start=1)
        if value not in (None, "")
    }
    put(path, sheet, values)


def state(path, key, value):
    """Type an own value on Control, and let Inputs take it from there as Excel does."""
    put(path, "Control", {cell_of(key, ["RIOT", "CIFR"]).here: value})
    row = input_row(read_cells(read_parts(path)), *key)
    headings = ("your value", "yours in use", "value read")
    compute(path, "Inputs", {f"{letters(COLUMN[one])}{row}": value for one in headings})


def beside(path, sheet, label):
    """The cell in which something is chosen, in the row of its label."""
    cells = read_cells(read_parts(path))[sheet]
    (row,) = [address[1:] for address, cell in cells.items() if cell.value == label]
    return f"D{row}"


def compute(path, sheet, values):
    """Store results of formulas, as Excel does."""
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    for address, value in values.items():
        store_result(editor.cells[address], value)
    write_parts(path, {**parts, part: editor.to_part()})


def carried(path):
    """The book that the workbook carries."""
    with open_package(path) as package:
        cells = read_cells(package)
        return carried_in(cells, names_of(package, cells)[0])


def marked(path):
    """The rows beside which the mark of a refresh stands, by sheet."""
    found = {}
    for name, held in carried(path).held.items():
        if held.marks:
            found[SHEETS[name][1]] = set(held.marks.values())
    return found


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """An attached workbook with own rows, a fact brought by a refresh, and choices of one's own."""
    root = tmp_path_factory.mktemp("used")
    path = analysts.write(root / "mine.xlsx", analysts.formats)
    run("attach", path, "--miners", "RIOT,CIFR")
    book = load_book()
    for table, row in (("deals", OWN_DEAL), ("inputs", OWN_FACT), ("cases", OWN_CASE)):
        type_below(path, table, row_like(book, table, **row))
    shutil.copytree(SHIPPED, root / "facts")
    add_rows(root / "facts", ("RIOT", "cash", "400", "USD M", "", "2025-09-24", ""))
    refresh(path, root / "facts", Desk(), recalculate=False)
    choices = {AS_OF: DAY, CHOSEN_CASE: "mine", MINER: "CIFR"}
    put(path, "Control", {cell.here: value for cell, value in choices.items()})
    compute(path, "Control", {CASE.here: "mine"})
    state(path, ("NETWORK", "btc_price"), 99_000.0)
    put(path, "Bridge", {BRIDGE_FROM: date(2025, 8, 1), BRIDGE_CASE: "mine", BRIDGE_WAY: "shapley"})
    put(path, "Leases", {beside(path, "Leases", CHOOSE_LEASE): "RIOT-mine"})
    return path


@pytest.fixture(scope="module")
def again(used, tmp_path_factory):
    """The workbook attached again, and what was said."""
    path = tmp_path_factory.mktemp("again") / "mine.xlsx"
    shutil.copy(used, path)
    return path, run("attach", path)


def test_rows_case_date_and_miner_of_ones_own_stay_and_the_values_in_use_with_them(used, again):
    path, said = again
    before, after = carried(used), carried(path)
    assert (after.as_of, after.case) == (DAY, "mine")
    for table, key in (("deals", "RIOT-mine"), ("inputs", 900.0), ("cases", "mine")):
        rows = [row for row in after.held[table].rows if key in row.values()]
        assert rows == [row for row in before.held[table].rows if key in row.values()] != []
    assert "Your own rows kept: Facts CIFR cash, AllDeals RIOT-mine, Cases mine RIOT hpc" in said
    assert "Your own value is kept: NETWORK btc_price = 99000.0" in said
    cells = read_cells(read_parts(path))
    assert cells["Control"][MINER.here].value == "CIFR"
    book = after.book()
    assert book.number("RIOT", "hpc_probability") == 0.8
    assert book.number("NETWORK", "btc_price") == 99_000.0
    assert cells["Inputs"]["C5"].value == book.handle
    for miner in ("RIOT", "CIFR"):
        shown = figure(cells, "Targets", "Target, model", miner)
        assert shown == pytest.approx(target(miner, book=book))


def test_the_figures_in_use_are_those_of_before(used, again):
    """Every fact and row in force of the workbook's date, by the core."""
    before, after = carried(used).book(), carried(again[0]).book()
    assert before.facts == after.facts
    for table in ("deals", "instruments", "sites"):
        rows = [sorted(map(str, book.in_force[table].rows()), key=str) for book in (before, after)]
        assert rows[0] == rows[1]
    assert target("RIOT", book=after) == target("RIOT", book=before)


def test_brought_rows_keep_their_mark_and_undo_takes_them_off(again, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "find_office", lambda: None)
    path = shutil.copy(again[0], tmp_path / "mine.xlsx")
    assert "Rows kept that a refresh brought: Facts ALL " in again[1]
    (mark,) = marked(path)["AllDeals"]
    assert mark.startswith("refresh 1, 20")
    said = undo(path, Desk()).report
    assert " rows are off again that refresh 1 of " in said
    assert COMPUTED in said
    assert "left to Excel" not in said
    assert marked(path) == {}
    left = carried(path)
    assert left.as_of == DAY
    assert "RIOT-mine" in [row["deal_id"] for row in left.held["deals"].rows]
    assert 400.0 not in [row["value"] for row in left.held["inputs"].rows]
    assert MARKER not in [cell.value for cell in read_cells(read_parts(path))["Facts"].values()]
    found = read_cells(read_parts(path))
    shown = figure(found, "Targets", "Target, model", "RIOT")
    assert shown == pytest.approx(target("RIOT", book=left.book()))


def test_choices_on_bridge_and_of_a_lease_stay_and_the_figures_are_theirs(again):
    path, said = again
    cells, book = read_cells(read_parts(path)), carried(path).book()
    bridge_cells = cells["Bridge"]
    assert day_of(bridge_cells[BRIDGE_FROM].value) == date(2025, 8, 1)
    assert bridge_cells[BRIDGE_CASE].value == "mine"
    assert bridge_cells[BRIDGE_WAY].value == "shapley"
    assert "Kept on Bridge: B6 = 2025-08-01, C7 = mine, B11 = shapley." in said
    first = Book.at(book.plain.tables, date(2025, 8, 1), "plain")
    last = Book.at(book.plain.tables, DAY, "mine")
    shown = {cell.value for cell in bridge_cells.values()}
    assert {first.handle, last.handle} <= shown
    chosen = beside(path, "Leases", CHOOSE_LEASE)
    assert cells["Leases"][chosen].value == "RIOT-mine"
    assert f"Kept on Leases: {chosen} = RIOT-mine." in said


def test_the_second_date_of_bridge_is_that_of_control_unless_one_is_typed(again):
    cell = read_cells(read_parts(again[0]))["Bridge"][BRIDGE_TO]
    assert (cell.formula, day_of(cell.value)) == (AS_OF.there, DAY)


@pytest.fixture(scope="module")
def typed(again, tmp_path_factory):
    """The workbook with values typed into input cells and prices of a terminal, attached again."""
    path = shutil.copy(again[0], tmp_path_factory.mktemp("typed") / "mine.xlsx")
    before = read_cells(read_parts(path))
    put(path, WHAT_IF, {TRIED_BTC: 90_000.0, STEP: 5_000.0})
    put(path, "Checks", {TOLERANCE: 0.5})
    feed(path, "bloomberg", Desk())
    linked = read_cells(read_parts(path))["Inputs"]
    return path, before, linked, run("attach", path)


def test_what_is_tried_on_what_if_stays_and_what_rests_on_it_is_left_to_excel(typed):
    path, before, _, said = typed
    assert f"Kept on WhatIf: {STEP} = 5000.0, {TRIED_BTC} = 90000.0; Excel computes what" in said
    after = read_cells(read_parts(path))
    assert (after[WHAT_IF][TRIED_BTC].value, after[WHAT_IF][STEP].value) == (90_000.0, 5_000.0)
    assert figure(before, "Targets", "Target, model", "RIOT") is not None
    assert figure(after, "Targets", "Target, model", "RIOT") is None, "no figure without it"
    facts = [{at: cell.value for at, cell in found["Facts"].items()} for found in (before, after)]
    assert facts[0] == facts[1]
    assert asks_for_calculation(read_parts(path))


def test_what_is_typed_into_any_other_input_cell_stays_and_is_named(typed):
    path, _, _, said = typed
    assert read_cells(read_parts(path))["Checks"][TOLERANCE].value == 0.5
    assert f"Kept on Checks: {TOLERANCE} = 0.5; Excel computes what rests on it." in said


def test_prices_that_a_terminal_gives_stay_linked_where_it_is_not_at_hand(typed):
    path, _, linked, said = typed
    after = read_cells(read_parts(path))["Inputs"]
    links = {at: cell.formula for at, cell in linked.items() if "Feed" in str(cell.formula)}
    assert set(links.values()) == {f"'Feed'!$G${line}" for line in (3, 4)}, "RIOT and CIFR"
    assert {at: after[at].formula for at in links} == links
    assert "RIOT price = 'Feed'!$G$3" in said


@pytest.mark.long
def test_attached_a_third_time_nothing_changes(again):
    assert "nothing was changed" in run("attach", again[0])


@pytest.mark.long
def test_what_stood_on_sheets_that_are_left_out_is_not_called_kept(again, tmp_path):
    path = shutil.copy(again[0], tmp_path / "mine.xlsx")
    put(path, WHAT_IF, {STEP: 5_000.0})
    said = run("attach", path, "--sheets", "Miners")
    assert not {"Inputs", "Facts", WHAT_IF} & sheet_parts(read_parts(path)).keys()
    assert "Kept on" not in said
    assert f"Not kept, as the sheet WhatIf was not asked for: {STEP} = 5000.0" in said
    assert "Own values not kept, as the sheet Inputs was not asked for: NETWORK btc_price" in said
    assert "Rows not kept, as their sheets were not asked for; they are in the file as" in said
    assert "rows kept" not in said
