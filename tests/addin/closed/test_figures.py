"""Stored figures of a changed workbook: ours are computed, the analyst's are Excel's to compute."""

from __future__ import annotations

import pytest
import xlsxwriter

from addin.boundary.desk import Desk
from addin.closed import figures
from addin.closed.figures import LEFT_TO_EXCEL, RECALCULATED, store_true_figures
from workbook.cells import ErrorValue, place_of
from workbook.formulas.dependents import Place
from workbook.opc.package import open_package
from workbook.opc.stored import StoredCell, read_cells

NAMES = {"Rate": "=Inputs!$A$1"}
NOT_BY_US = "the valuation core could not: no cell makes the handle of the workbook's facts"


@pytest.fixture
def settle(tmp_path):
    """Write sheets of cells, change Inputs!A1, and give what is stored then, and what is said."""

    def settled(sheets, *, recalculate=False):
        path = tmp_path / "model.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name, cells in sheets.items():
                page = book.add_worksheet(name)
                for address, cell in cells.items():
                    if isinstance(cell, tuple):
                        page.write_formula(address, cell[0], None, cell[1])
                    else:
                        page.write(address, cell)
            for name, text in NAMES.items():
                book.define_name(name, text)
        with open_package(path) as package:
            asking = package[package.main]
            package[package.main] = asking.replace(b' fullCalcOnLoad="1"', b"")
            changed = [Place("inputs", *place_of("A1"))]
            said = store_true_figures(
                package, read_cells(package), changed, Desk(), recalculate=recalculate
            )
            stored = read_cells(package)
            asked = b'fullCalcOnLoad="1"' in package[package.main]
        return (
            {n: {a: c.value for a, c in found.items()} for n, found in stored.items()},
            said,
            asked,
        )

    return settled


INPUTS = {"A1": 2.0, "B1": ("=A1*2", 2.0), "C1": ("=1+1", 7.0)}


def test_without_an_engine_what_depends_loses_its_figure_and_nothing_else_does(settle):
    stored, said, asked = settle({"Inputs": INPUTS})
    assert stored["Inputs"] == {"A1": 2.0, "B1": None, "C1": 7.0}
    assert (said, asked) == (LEFT_TO_EXCEL, True)


WITH_AN_ENGINE = pytest.mark.parametrize(
    "recalculate",
    [False, pytest.param(True, marks=[pytest.mark.engine, pytest.mark.long])],
    ids=["without an engine", "with one"],
)
APART = {
    "a pivot table": '=GETPIVOTDATA("x",A9)',
    "a terminal": '=BDP("RIOT US Equity","PX_LAST")',
    "LET": "=_xlfn.LET(_xlpm.x,2,_xlpm.x*3)",
    "another file": "='[prices.xlsx]Day'!B2",
    "a loop": "=A1+1",
    "a function of a macro": "=MyOwn(3)",
    "today": "=TODAY()-45000",
    "a sum": "=SUM(B1:B9)",
}
DEPENDING = ["=Inputs!B1*10", "=Rate*2", "=SUM(Inputs!A:B)", "=Other!A1+1", "=BDP(Inputs!A1)"]


@pytest.mark.parametrize("kind", APART)
@WITH_AN_ENGINE
def test_a_figure_of_the_analyst_that_does_not_depend_on_ours_stays(settle, kind, recalculate):
    mine = {"A1": (APART[kind], 12.5), "B1": 3.0}
    stored, _, _ = settle({"Inputs": INPUTS, "Mine": mine}, recalculate=recalculate)
    assert stored["Mine"] == {"A1": 12.5, "B1": 3.0}


@pytest.mark.engine
def test_with_an_engine_each_of_them_stays_and_each_that_depends_is_left_to_excel(settle):
    """All in one workbook, each on a sheet of its own; the long tests try them one by one."""
    apart = {kind: {"A1": (formula, 12.5), "B1": 3.0} for kind, formula in APART.items()}
    depending = {f"Mine{n}": {"A1": (one, 12.5)} for n, one in enumerate(DEPENDING)}
    other = {"Other": {"A1": ("=Inputs!B1", 2.0)}}
    stored, said, asked = settle(
        {"Inputs": INPUTS, **apart, **depending, **other}, recalculate=True
    )
    assert [stored[kind] for kind in apart] == [{"A1": 12.5, "B1": 3.0}] * len(APART)
    assert [stored[name] for name in depending] == [{"A1": None}] * len(DEPENDING)
    assert asked
    assert "Mine0!A1" in said
    assert "computed by Excel" in said


@pytest.mark.parametrize("formula", DEPENDING)
@WITH_AN_ENGINE
def test_one_that_depends_on_ours_is_left_to_excel_and_named(settle, formula, recalculate):
    sheets = {
        "Inputs": INPUTS,
        "Mine": {"A1": (formula, 12.5)},
        "Other": {"A1": ("=Inputs!B1", 2.0)},
    }
    stored, said, asked = settle(sheets, recalculate=recalculate)
    assert stored["Mine"] == {"A1": None}
    assert asked
    assert "Mine!A1" in said
    assert "computed by Excel" in said


def test_where_only_excel_can_tell_the_figure_stays_and_the_file_is_marked(settle):
    stored, said, asked = settle(
        {"Inputs": {"A1": 2.0}, "Mine": {"A1": ('=INDIRECT("Inputs!A"&1)', 12.5)}}
    )
    assert stored["Mine"] == {"A1": 12.5}
    assert asked
    assert "Mine!A1" in said
    assert "may depend on them" in said


@pytest.mark.engine
def test_with_an_engine_our_figures_are_computed(settle):
    stored, said, asked = settle({"Inputs": INPUTS}, recalculate=True)
    assert stored["Inputs"] == {"A1": 2.0, "B1": 4.0, "C1": 7.0}, "C1 depends on nothing changed"
    assert (said, asked) == (f"{RECALCULATED}; {NOT_BY_US}", False)


@pytest.mark.engine
def test_our_figure_that_rests_on_what_the_engine_lacks_is_left_to_excel(settle):
    inputs = {**INPUTS, "D1": ("=A1*Mine!A1", 9.0)}
    mine = {"A1": ('=BDP("BTC","PX")', 100.0)}
    stored, said, asked = settle({"Inputs": inputs, "Mine": mine}, recalculate=True)
    assert stored["Inputs"] == {"A1": 2.0, "B1": 4.0, "C1": 7.0, "D1": None}
    assert stored["Mine"] == {"A1": 100.0}
    assert asked
    assert "1 of them, which LibreOffice cannot know" in said


def test_figures_that_are_lost_are_counted_and_named(settle, monkeypatch):
    fresh = {"Inputs": {"B1": StoredCell("B1", "A1*2", ErrorValue("#N/A"), True)}}
    monkeypatch.setattr(figures, "_from_engine", lambda package, desk: fresh)
    stored, said, _ = settle({"Inputs": INPUTS}, recalculate=True)
    assert stored["Inputs"]["B1"] == ErrorValue("#N/A")
    lost = "cells that show an error and did not before: 1, Inputs!B1"
    assert said == f"{RECALCULATED}; {NOT_BY_US}; {lost}"


def test_a_sheet_of_the_analyst_with_a_name_of_ours_is_theirs_in_an_attached_workbook(
    model_of, tmp_path
):
    from workbook.attach.attach import attach
    from workbook.model.sheets.facts.book_tables import SHEETS
    from workbook.opc.package import read_parts

    model, path = tmp_path / "model.xlsx", tmp_path / "mine.xlsx"
    model_of(model)
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Targets")
    attach(path, read_parts(model), sheets=["Inputs"])
    with open_package(path) as package:
        tables = {sheet for _, sheet in SHEETS.values()}
        ours = figures.our_sheets(package)
        assert ours >= {"Inputs", "Keys", *tables}
        assert "Targets" not in ours
