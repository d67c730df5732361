"""The model workbook: figures without the add-in, and a real engine that agrees with them."""

from __future__ import annotations

import shutil
import zipfile
from datetime import datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from addin.calc.recalculate import compare_with_engine, recalculated_cells
from tests.conftest import SHIPPED
from valuation_core import hpc, load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.model import build_model, plan_model
from workbook.package import StoredError, read_cells, read_parts, sheet_parts, tag, write_parts

OWN = "E"
"""Column of Inputs in which an analyst states a value of their own."""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The model of the shipped book on 2025-09-26."""
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book()), path)
    return path


@pytest.fixture(scope="module")
def plan():
    return plan_model(coverage(load_book()))


def change(source, target, edit):
    """Copy a workbook with one sheet's XML edited: edit(sheet name, root) says whether it changed."""
    parts = read_parts(source)
    for name, part in sheet_parts(parts).items():
        root = etree.fromstring(parts[part])
        if edit(name, root):
            parts[part] = etree.tostring(root)
    write_parts(target, parts)
    return target


def cell_of(root, address):
    return next(cell for cell in root.iter(tag("c")) if cell.get("r") == address)


def find(cells, sheet, text, offset=0):
    """Give the address right of the cell that holds a text."""
    address = next(a for a, cell in cells[sheet].items() if cell.value == text)
    column, row = openpyxl.utils.cell.coordinate_from_string(address)
    index = openpyxl.utils.column_index_from_string(column) + 1 + offset
    return f"{openpyxl.utils.get_column_letter(index)}{row}"


def input_address(cells, scope, metric):
    rows = {a[1:]: cell.value for a, cell in cells["Inputs"].items() if a[0] == "A"}
    metrics = {a[1:]: cell.value for a, cell in cells["Inputs"].items() if a[0] == "B"}
    row = next(row for row in rows if (rows[row], metrics.get(row)) == (scope, metric))
    return f"{OWN}{row}"


def test_the_sheets_stand_in_reading_order(model):
    assert openpyxl.load_workbook(model).sheetnames == [
        *("Cover", "Summary", "Inputs", "Deals", "Instruments", "Sites", "Mining", "HPC", "Lease"),
        *("Dilution", "SOTP", "Targets", "Implied", "Sensitivity", "Tornado", "Scenarios"),
        *("History", "Functions", "Checks", "Sources"),
    ]


def test_without_the_add_in_every_formula_shows_its_figure(model):
    cells = read_cells(read_parts(model))
    computed = [cell for sheet in cells.values() for cell in sheet.values() if cell.computed]
    assert len(computed) > 500
    assert all(
        cell.value is not None and not isinstance(cell.value, StoredError) for cell in computed
    )


def test_openpyxl_pandas_and_calamine_read_the_figures(model):
    summary = openpyxl.load_workbook(model, data_only=True)["Summary"]
    riot = [cell.value for cell in summary[8]][:17]
    assert riot[:6] == ["RIOT", "Riot Platforms", 16.74, "OW", 19, pytest.approx(0.135006)]
    assert riot[6:9] == ["UW", pytest.approx(12.41, abs=0.005), pytest.approx(-0.259, abs=0.0005)]
    assert riot[9] == pytest.approx(12.41 - 19, abs=0.005)
    assert riot[11:16] == [600, 600, 1110, 1845, 2580]
    for engine in ("openpyxl", "calamine"):
        frame = pd.read_excel(model, sheet_name="Summary", header=6, engine=engine)
        assert frame["mid"].tolist()[:2] == [1845, 2460]
    rows = CalamineWorkbook.from_path(model).get_sheet_by_name("Summary").to_python()
    assert rows[7][:6] == ["RIOT", "Riot Platforms", 16.74, "OW", 19, pytest.approx(0.135006)]


def test_excel_is_not_asked_to_recalculate_on_opening(model):
    workbook = read_parts(model)["xl/workbook.xml"].decode()
    assert 'calcId="191029"' in workbook
    assert "fullCalcOnLoad" not in workbook


def test_every_call_of_ours_is_a_dynamic_array_with_its_metadata(model):
    parts = read_parts(model)
    assert b"XLDAPR" in parts["xl/metadata.xml"]
    assert b"sheetMetadata" in parts["xl/_rels/workbook.xml.rels"]
    assert b"/xl/metadata.xml" in parts["[Content_Types].xml"]
    for part in sheet_parts(parts).values():
        for cell in etree.fromstring(parts[part]).iter(tag("c")):
            formula = cell.find(tag("f"))
            if formula is not None and "HPC_" in (formula.text or ""):
                assert (cell.get("cm"), formula.get("t")) == ("1", "array")


def test_no_formula_holds_a_number_that_should_be_an_input(plan):
    import re

    allowed = {"0", "1"}  # neutral elements and the step to the next one
    for sheet in plan.sheets:
        for cell in sheet.cells.values():
            if cell.formula:
                bare = re.sub(r'"[^"]*"|\$?[A-Z]{1,3}\$?\d+', "", cell.formula)
                assert set(re.findall(r"(?<![\w.])\d+\.?\d*", bare)) <= allowed, cell.formula


def test_no_formula_is_volatile_or_leaves_the_workbook(plan):
    for sheet in plan.sheets:
        for cell in sheet.cells.values():
            for word in ("OFFSET", "INDIRECT", "NOW(", "TODAY(", "RAND", "[", "http"):
                assert word not in (cell.formula or "")


def test_the_book_cell_of_unchanged_inputs_is_the_shipped_book(model, book):
    cells = read_cells(read_parts(model))
    assert cells["Inputs"]["C5"].value == book.handle
    names = openpyxl.load_workbook(model).defined_names
    assert names["Book"].attr_text == "Inputs!$C$5"


def test_every_input_shows_unit_source_date_and_confidence(model, book):
    sheet = openpyxl.load_workbook(model, data_only=True)["Inputs"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=9)]
    facts = rows[: next(index for index, row in enumerate(rows) if row[0] is None)]
    listed = {(row[0], row[1]): row for row in facts}
    for (scope, metric), fact in book.facts.items():
        if scope in ("ALL", "NETWORK", *book.coverage):
            row = listed[scope, metric]
            value = row[2].date() if isinstance(row[2], datetime) else row[2]
            assert (value, row[5], row[8], row[14]) == (
                fact.value,
                fact.unit,
                fact.confidence,
                fact.source,
            )
            assert row[7].date() == fact.as_of
            assert row[3] == row[2]
            assert row[4] is None
    assert listed["CLSK", "hpc_probability"][2:5] == [None, None, None]


def test_a_note_that_starts_with_an_equals_sign_stays_text(tmp_path):
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    lines = (folder / "inputs.csv").read_text(encoding="utf-8").splitlines()
    lines.append('RIOT,cash,255.4,USD M,,2025-09-26,,=HYPERLINK("http://x"),high,=1+1')
    lines[-1] = 'RIOT,cash,255.4,USD M,,2025-09-26,,"=HYPERLINK(""http://x"")",high,=1+1'
    (folder / "inputs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    build_model(coverage(load_book(folder=folder)), tmp_path / "model.xlsx")
    cells = read_cells(read_parts(tmp_path / "model.xlsx"))["Inputs"]
    texts = [
        cell for cell in cells.values() if isinstance(cell.value, str) and cell.value[:1] == "="
    ]
    assert {cell.value for cell in texts} == {'=HYPERLINK("http://x")', "=1+1"}
    assert all(cell.formula is None for cell in texts)


def test_the_same_book_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        build_model(coverage(load_book()), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_file_is_a_sound_zip_of_reasonable_size(model):
    assert zipfile.ZipFile(model).testzip() is None
    assert model.stat().st_size < 500_000


@pytest.mark.engine
def test_a_real_engine_finds_no_difference_and_no_error(model):
    comparison = compare_with_engine(model)
    assert comparison.compared > 500
    assert comparison.differences == ()
    assert comparison.errors == ()


@pytest.mark.engine
@pytest.mark.parametrize("miners", [["RIOT"], ["WULF", "APLD"], ["MARA", "IREN", "GREE"]])
def test_any_universe_builds_and_recalculates_clean(tmp_path, miners):
    build_model(coverage(load_book(), miners), tmp_path / "model.xlsx")
    comparison = compare_with_engine(tmp_path / "model.xlsx")
    assert (comparison.differences, comparison.errors) == ((), ())


@pytest.mark.engine
@pytest.mark.parametrize("day", ["2025-09-25", "2025-10-15"])
def test_another_date_builds_and_recalculates_clean(tmp_path, day):
    book = load_book(day)
    build_model(coverage(book, ["RIOT", "CIFR"]), tmp_path / "model.xlsx")
    comparison = compare_with_engine(tmp_path / "model.xlsx")
    assert (comparison.differences, comparison.errors) == ((), ())


@pytest.mark.engine
def test_facts_on_critical_mw_come_out_the_same_in_cells_and_functions(tmp_path):
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    text = text.replace("RIOT,hpc_mw_shopped,600,MW,gross", "RIOT,hpc_mw_shopped,400,MW,critical")
    text = text.replace(
        "ALL,colo_value_mid,6.15,USD M/MW,gross", "ALL,colo_value_mid,8,USD M/MW,critical"
    )
    (folder / "inputs.csv").write_text(text, encoding="utf-8")
    build_model(coverage(load_book(folder=folder)), tmp_path / "model.xlsx")
    comparison = compare_with_engine(tmp_path / "model.xlsx", source=folder)
    assert (comparison.differences, comparison.errors) == ((), ())
    summary = read_cells(read_parts(tmp_path / "model.xlsx"))["Summary"]
    assert summary["O8"].value == pytest.approx(0.5 * 520 * 8 / 1.3)  # 400 critical are 520 gross


@pytest.mark.engine
def test_a_tampered_stored_value_is_found(model, tmp_path):
    def edit(name, root):
        if name == "HPC":
            address = find(read_cells(read_parts(model)), "HPC", "Option value, mid", offset=2)
            cell_of(root, address).find(tag("v")).text = "1846.0"
        return name == "HPC"

    comparison = compare_with_engine(change(model, tmp_path / "value.xlsx", edit))
    assert [(found.stored, found.recalculated) for found in comparison.differences] == [
        (1846.0, 1845.0)
    ]


@pytest.mark.engine
def test_a_tampered_formula_is_found(model, tmp_path):
    def edit(name, root):
        if name == "HPC":
            address = find(read_cells(read_parts(model)), "HPC", "MW capped", offset=2)
            formula = cell_of(root, address).find(tag("f"))
            formula.text = formula.text.replace("MIN", "MAX")
        return name == "HPC"

    comparison = compare_with_engine(change(model, tmp_path / "formula.xlsx", edit))
    sheets = {found.sheet for found in comparison.differences}
    assert {"HPC", "Checks", "Summary"} <= sheets  # it runs through to the checks and the banner


@pytest.mark.engine
def test_a_broken_function_is_found(model, tmp_path):
    def edit(name, root):
        changed = False
        for formula in root.iter(tag("f")):
            if "HPC_CAPEX" in (formula.text or ""):
                formula.text = formula.text.replace("HPC_CAPEX", "HPC_CAPITAL")
                changed = True
        return changed

    comparison = compare_with_engine(change(model, tmp_path / "function.xlsx", edit))
    assert {found.recalculated for found in comparison.errors} >= {StoredError("#NAME?")}
    assert any("HPC_CAPITAL" in found.formula for found in comparison.errors)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("scope", "metric", "value"),
    [
        ("RIOT", "hpc_mw_shopped", 400.0),
        ("RIOT", "hpc_probability", 0.75),
        ("ALL", "colo_value_mid", 7.0),
        ("ALL", "tenant_cap", 500.0),
        ("ALL", "gross_to_critical", 1.5),
        ("CLSK", "hpc_probability", 0.25),
        ("RIOT", "hpc_probability", None),
    ],
)
def test_a_changed_input_moves_cells_and_functions_together(model, tmp_path, scope, metric, value):
    address = input_address(read_cells(read_parts(model)), scope, metric)
    changed = with_input(model, tmp_path / "changed.xlsx", address, value)
    check_against_core(recalculated_cells(changed), load_book(), (scope, metric, value))


def with_input(model, target, address, value):
    """Copy the model with an own value stated; None takes the book's value away in its place."""

    def edit(name, root):
        if name == "Inputs":
            place = address if value is not None else address.replace(OWN, "D")
            cell = cell_of(root, place)
            for old in list(cell):
                cell.remove(old)
            cell.attrib.pop("t", None)
            if value is not None:
                etree.SubElement(cell, tag("v")).text = repr(value)
        return name == "Inputs"

    return change(model, target, edit)


def check_against_core(cells, book, own):
    """All checks TRUE, no error cell, and the figures the core gives on the same facts."""
    assert cells["Checks"]["B4"].value is True
    errors = [
        (name, cell.address)
        for name, sheet in cells.items()
        for cell in sheet.values()
        if isinstance(cell.value, StoredError)
        and name not in NO_SOLUTION
        and (name, cell.address) not in SPILL_REST
        # A live example shows what the function itself answers.
        and (name, cell.value) != ("Functions", StoredError("#N/A"))
    ]
    assert errors == []
    changed = with_own_facts(book, [own])
    assert cells["Inputs"]["C5"].value == changed.handle
    table = coverage(changed)
    tickers = np.array(table.tickers, dtype=object)
    targets = target.evaluate({"miner": tickers, "book": changed})
    columns = {"N": table.option["low"], "O": table.option["mid"], "P": table.option["high"]}
    columns |= {"C": table.price, "E": table.target, "H": targets}
    for index, ticker in enumerate(table.tickers):
        for letter, expected in columns.items():
            shown = cells["Summary"][f"{letter}{8 + index}"].value
            if expected.error_at((index,)):
                assert shown == "n/a", ticker
            else:
                assert shown == pytest.approx(expected.values[index], rel=1e-12), ticker


NO_SOLUTION = ("Implied", "Checks")
"""Sheets that show #N/A where a price is below the value without the option."""

SPILL_REST = {("HPC", f"{letter}{row}") for letter in "ABCDEFG" for row in range(70, 110)}
"""LibreOffice keeps the size of a spill: a shorter explanation leaves #N/A below it."""


@pytest.mark.engine
def test_a_native_and_a_function_figure_agree_with_the_core_after_a_change(model, tmp_path):
    stored = read_cells(read_parts(model))
    address = input_address(stored, "IREN", "hpc_probability")

    def edit(name, root):
        if name == "Inputs":
            etree.SubElement(cell_of(root, address), tag("v")).text = "0.9"
        return name == "Inputs"

    cells = recalculated_cells(change(model, tmp_path / "changed.xlsx", edit))
    native = find(stored, "HPC", "Option value, high", offset=3)
    function = find(stored, "HPC", "HPC_VALUE, high", offset=3)
    expected = hpc.value("IREN", 0.9, per_mw="high")
    assert cells["HPC"][native].value == pytest.approx(expected, rel=1e-12)
    assert cells["HPC"][function].value == pytest.approx(expected, rel=1e-12)
