"""The book inside the workbook: its tables, and functions that read nothing else."""

from __future__ import annotations

import csv
import shutil

import openpyxl
import pytest

from addin.calc.recalculate import recalculated_cells
from tests.places import SHIPPED
from tests.workbook.cases import cell_of, change, compared
from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.book.reader import read_tables
from valuation_core.book.tables import in_force_on
from valuation_core.coverage import coverage
from workbook.cells import letters
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.facts.book_tables import SHEETS, SPARE_ROWS
from workbook.model.sheets.facts.keys import FIRST_COLUMN, NAME
from workbook.model.shown import Shown
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book("2025-10-31"), ["RIOT", "CIFR"]), path)
    return path


def test_each_table_holds_every_row_visible_on_the_date_of_every_miner(model):
    book, shown = load_book("2025-10-31"), openpyxl.load_workbook(model)
    for name, (title, sheet) in SHEETS.items():
        table = shown[sheet].tables[title]
        assert list(table.column_names) == list(book.tables[name].columns)
        first, *rows = shown[sheet][table.ref]
        assert [cell.value for cell in first] == list(book.tables[name].columns)
        assert len(rows) == len(book.tables[name])
    assert len(book.tables["deals"]) > len([*book.rows_of("deals", "RIOT")])


def test_a_source_on_the_web_is_a_link(model):
    sheet = openpyxl.load_workbook(model)["AllDeals"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    source = sheet.cell(2, heads["source"])
    assert source.hyperlink.target == source.value


def other_book(folder):
    """A book that has half the hashrate of the shipped one and a single deal."""
    shutil.copytree(SHIPPED, folder)
    for name, edit in (("inputs", halve_hashrate), ("deals", lambda rows: rows[:2])):
        path = folder / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = edit(list(csv.reader(file)))
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return folder


def halve_hashrate(rows):
    metric, value = (rows[0].index(name) for name in ("metric", "value"))
    for row in rows[1:]:
        if row[metric] == "hashrate" and row[value]:
            row[value] = str(float(row[value]) / 2)
    return rows


@pytest.mark.engine
@pytest.mark.parametrize(
    "add_in", ["of another", pytest.param("of the same", marks=pytest.mark.long)]
)
def test_a_workbook_shows_its_own_figures_whatever_book_the_add_in_has(model, tmp_path, add_in):
    stored = read_cells(read_parts(model))
    source = other_book(tmp_path / "other") if add_in == "of another" else None
    cells = recalculated_cells(model, source=source)
    found = compared(model, cells)
    assert (found.differences, found.errors) == ((), ())
    assert cells["Checks"]["B4"].value == stored["Checks"]["B4"].value


@pytest.mark.long
@pytest.mark.engine
def test_a_workbook_of_a_book_of_ones_own_keeps_its_figures_under_the_shipped_one(tmp_path):
    tables = read_tables(other_book(tmp_path / "own"))
    path = tmp_path / "own.xlsx"
    build_model(coverage(Book.at(tables, load_book().as_of), ["RIOT"]), path)
    found = compared(path, recalculated_cells(path))
    assert (found.differences, found.errors) == ((), ())


@pytest.mark.long
@pytest.mark.engine
def test_a_wrong_cell_of_a_table_turns_the_handle_into_na(model, tmp_path):
    def edit(name, root):
        if name == "AllDeals":
            cell_of(root, "A2").find("{*}is/{*}t").text = "x"
            cell_of(root, "B2").find("{*}is/{*}t").text = "NOBODY"
        return name == "AllDeals"

    cells = recalculated_cells(change(model, tmp_path / "wrong.xlsx", edit))
    assert cells["Inputs"]["C5"].value.code == "#N/A"


@pytest.mark.engine
def test_a_wrong_row_turns_the_handle_into_na_and_is_named_with_its_table(model, tmp_path):
    book = openpyxl.load_workbook(model)
    typed = {}
    for sheet, changes in (
        ("Facts", {"metric": "hashrat"}),
        ("AllInstruments", {"principal_usd_m": "five"}),
        ("AllDeals", {}),
        ("AllSites", {"ticker": "NOBODY"}),
        ("Editions", {"broker": "Bernstein", "ref_price": -1.0}),
    ):
        cells = book[sheet]
        heads = {cell.value: cell.column for cell in cells[1]}
        row = typed[sheet] = cells.max_row + 1
        for name, column in heads.items():
            cells.cell(row, column, changes.get(name, cells.cell(2, column).value))
    path = tmp_path / "typed.xlsx"
    book.save(path)
    cells = recalculated_cells(path)
    assert cells["Inputs"]["C5"].value.code == "#N/A"
    checks = cells["Checks"]
    rows = {cell.value: at[1:] for at, cell in checks.items() if at.startswith("A")}
    for sheet, what in (
        ("Facts", "unknown metric"),
        ("AllInstruments", "principal_usd_m is not a number"),
        ("AllDeals", "repeats another row"),
        ("AllSites", "unknown ticker"),
    ):
        row = rows[f"{sheet}: rows that can be read"]
        assert checks[f"C{row}"].value == f"row {typed[sheet]}: {what}"
        assert checks[f"E{row}"].value is False
    assert checks[f"E{rows['Editions: rows that can be read']}"].value is True
    row = rows["Editions: numbers, days and names that can be"]
    assert checks[f"C{row}"].value == f"row {typed['Editions']}: ref_price must be above 0"
    assert checks[f"E{row}"].value is False
    assert checks[f"E{rows['All tables, read by HPC_BOOK']}"].value is False


@pytest.mark.engine
def test_a_row_typed_below_those_that_are_read_is_named_by_a_check(model, tmp_path):
    book = openpyxl.load_workbook(model)
    last = book["AllSites"].max_row + SPARE_ROWS["sites"]
    book["AllSites"].cell(last + 1, 1, "RIOT")
    path = tmp_path / "typed.xlsx"
    book.save(path)
    checks = recalculated_cells(path)["Checks"]
    rows = {cell.value: at[1:] for at, cell in checks.items() if at.startswith("A")}
    row = rows["AllSites: rows, to the last one that is read"]
    assert checks[f"D{row}"].value == -1
    assert checks[f"E{row}"].value is False
    assert checks[f"C{row}"].value == f"insert them above row {last}"


def test_the_rows_that_count_on_the_date_are_those_of_the_core(model):
    book = load_book("2025-10-31")
    keys = read_cells(read_parts(model))[NAME]
    for name in ("deals", "sites", "instruments"):
        rows = list(book.tables[name].rows())
        column = FIRST_COLUMN[name] + 3
        live = [keys[f"{letters(column)}{line}"].value for line in range(2, len(rows) + 2)]
        in_force = list(in_force_on(book.tables[name], book.as_of).rows())
        assert [row for row, counts in zip(rows, live, strict=True) if counts] == in_force


def test_what_two_months_brought_fills_no_more_than_half_of_the_spare_rows():
    september, november = load_book("2025-09-26").tables, load_book("2025-11-24").tables
    for name, spare in SPARE_ROWS.items():
        assert len(november[name]) - len(september[name]) <= spare / 2, name


def test_a_workbook_of_september_has_room_for_the_instruments_of_november():
    september, november = load_book("2025-09-26"), load_book("2025-11-24")
    built = {name: len(table) for name, table in september.tables.items()}
    shown = Shown(november.tables, built, september)
    plan = plan_model(coverage(november, coverage(september).tickers), shown)
    cells = next(sheet for sheet in plan.sheets if sheet.name == "Instruments").cells
    counts = {
        cell.value: cells.get((row, 3)) for (row, column), cell in cells.items() if column == 1
    }
    outstanding = counts["Outstanding, of all kinds"].value
    lines = [at for at, cell in cells.items() if at[1] == 1 and "IF($P" in (cell.formula or "")]
    assert counts["Of them with a line above"].value == outstanding
    assert len(lines) >= outstanding + 5
