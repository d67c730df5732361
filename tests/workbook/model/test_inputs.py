"""Inputs as an analyst reads it: sections, drivers first, what takes effect, sources to open."""

from __future__ import annotations

from functools import cache

import openpyxl
import pytest

from tests.workbook.cases import FIVE, inputs_of
from valuation_core import ValuationError, load_book, with_own_facts
from workbook.cells import letters
from workbook.model.plan import Plan
from workbook.model.sheets.facts.input_cells import COLUMN, FIRST_ROW, LAST_SHOWN
from workbook.model.sheets.facts.input_sections import FRAMEWORK, IDLE
from workbook.model.write import write


@cache
def inputs(day="2025-09-26", case="plain", own=()):
    return inputs_of(with_own_facts(load_book(day, case=case), own), FIVE)[:2]


def needs(key, **book):
    sheet, cells = inputs(**book)
    return sheet.cells[cells.fact(*key).row, COLUMN["to take effect"]].value or ""


def test_sections_are_the_market_the_framework_and_each_miner_and_begin_with_their_drivers():
    sheet, cells = inputs()
    titles = {
        row: cell.value
        for (row, column), cell in sheet.cells.items()
        if column == 1
        and cell.style == "section"
        and row < max(r.row for r in cells.facts.values())
    }
    names = [title.partition(":")[0] for title in titles.values()]
    assert names == ["Market", *["Framework"] * len(FRAMEWORK), *FIVE]
    assert min(titles) == FIRST_ROW
    first = {title: sheet.cells[row + 1, 2].value for row, title in titles.items()}
    assert first["Market"] == "btc_price"
    assert first["Framework: value of power"] == "colo_value_position"
    assert first["RIOT: Riot Platforms"] == "price"
    # Every row folds under the title above it.
    folded = {row for first, last in sheet.outline for row in range(first, last + 1)}
    of_sites = {
        row
        for (row, column), cell in sheet.cells.items()
        if column == 1 and "/" in str(cell.value) and sheet.cells[row, 2].value == "hpc_probability"
    }
    assert len(of_sites) >= 4
    assert folded == {ref.row for ref in cells.facts.values()} | of_sites
    assert folded.isdisjoint(titles)


@pytest.mark.parametrize(
    ("own", "says"),
    [
        # Functions would value CIFR at 0.25, cells at the 0.5 of ALL.
        (("CIFR", "colo_value_position", 0.25), "state it for ALL or in a book of yours, got 0.25"),
        (("GLXY", "price", 20.0), "state it in a book of yours, got 20"),
    ],
)
def test_a_value_of_your_own_that_no_row_can_hold_is_refused_and_not_lost(own, says):
    book = with_own_facts(load_book(), [own])
    with pytest.raises(
        ValuationError, match=f"has no row on sheet Inputs of this workbook: {says}"
    ):
        inputs_of(book, FIVE)


def test_a_probability_of_a_site_is_refused_where_its_miner_is_not_in_the_workbook():
    book = with_own_facts(load_book(), [("CIFR/Barber Lake", "hpc_probability", 0.4)])
    assert inputs_of(book, FIVE)
    with pytest.raises(ValuationError, match="CIFR/Barber Lake hpc_probability: has no row"):
        inputs_of(book, ("RIOT", "MARA"))


def test_what_drives_nothing_has_no_row():
    _, cells = inputs()
    assert {metric for _, metric in cells.facts}.isdisjoint(IDLE)
    book = load_book()
    stated = {key for key in book.facts if key[0] in ("ALL", "NETWORK", *FIVE)}
    assert {key for key in stated - cells.facts.keys() if key[1] not in IDLE} == set()


def test_a_probability_without_mw_says_that_it_needs_them():
    assert needs(("CLSK", "hpc_probability")) == "needs hpc_mw_shopped"
    assert needs(("CLSK", "hpc_probability"), own=(("CLSK", "hpc_mw_shopped", 100.0),)) == ""
    assert needs(("RIOT", "hpc_probability")) == "", "600 MW are shopped"
    assert needs(("CLSK", "hpc_mw_shopped")) == "needs hpc_probability"


def test_what_another_fact_takes_the_place_of_is_set_aside():
    # The edition of 24 November names 660 MW for IREN.
    iren = ("IREN", "hpc_probability")
    assert needs(iren, day="2025-11-24") == "set aside: use_named is 1"
    assert needs(iren, day="2025-11-24", own=(("ALL", "use_named", 0.0),)) == ""
    assert needs(("RIOT", "debt_reported")) == "set aside: instruments count"
    assert needs(("RIOT", "hpc_probability"), own=(("ALL", "option_by_site", 1.0),)) == (
        "set aside: option_by_site is 1"
    )


def test_a_parameter_says_which_other_switches_it_on():
    guided = ("RIOT", "hashrate_guided")
    assert needs(guided) == "needs guided_hashrate_share"
    assert needs(guided, case="reconstruction") == ""
    assert needs(("ALL", "land_on_unlet")) == "needs land_power_value"
    assert needs(("ALL", "cloud_value")) == "", "IREN has 50 MW of cloud"


@pytest.mark.parametrize(
    ("key", "shown"), [(("RIOT", "cash"), "open"), (("ALL", "cost_of_equity"), "")]
)
def test_a_source_on_the_web_opens_by_a_click_and_an_assumption_does_not(key, shown):
    sheet, cells = inputs()
    row = cells.facts[key].row
    link = sheet.cells[row, COLUMN["link"]]
    assert link.value == shown
    assert f'HYPERLINK({letters(COLUMN["source"])}{row},"open")' in link.formula


def test_columns_that_only_compute_are_folded_away_and_not_printed(tmp_path):
    sheet, _ = inputs()
    write(Plan("inputs", [sheet]), tmp_path / "inputs.xlsx")
    written = openpyxl.load_workbook(tmp_path / "inputs.xlsx")["Inputs"]
    hidden = {name for name, at in COLUMN.items() if written.column_dimensions[letters(at)].hidden}
    assert hidden == {name for name, at in COLUMN.items() if at > COLUMN[LAST_SHOWN]}
    last = written.print_area.partition(":")[2].strip("$").partition("$")[0]
    assert last == letters(COLUMN[LAST_SHOWN])
    assert written.row_dimensions[FIRST_ROW].outlineLevel == 0
    assert written.row_dimensions[FIRST_ROW + 1].outlineLevel == 1
    assert not written.sheet_properties.outlinePr.summaryBelow, "a title stands above its rows"
