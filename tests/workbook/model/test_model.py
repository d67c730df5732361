"""The model workbook: figures without the add-in, and a real engine that agrees with them."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import Counter
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from addin.boundary.call import call
from addin.boundary.desk import Desk
from tests.places import SHIPPED
from tests.workbook.cases import FIVE, OWN
from valuation_core import load_book
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.cells import ErrorValue
from workbook.formulas.traits import traits
from workbook.model.build import SHEETS, build_model, plan_model
from workbook.model.sheets.facts.control_cells import cell_of
from workbook.model.sheets.facts.input_cells import COLUMN
from workbook.model.sheets.facts.input_sections import IDLE
from workbook.opc.package import read_parts, sheet_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag


@pytest.fixture(scope="module")
def model(model_of, tmp_path_factory):
    """The model of the shipped book on 2025-09-26."""
    return model_of(tmp_path_factory.mktemp("model") / "model.xlsx")


@pytest.fixture(scope="module")
def plan():
    return plan_model(coverage(load_book()))


def test_the_sheets_stand_in_reading_order(model):
    assert openpyxl.load_workbook(model).sheetnames == [
        *(
            "Cover",
            "Control",
            "WhatIf",
            "Summary",
            "Inputs",
            "Deals",
            "Instruments",
            "Sites",
            "Mining",
            "HPC",
        ),
        *(
            "Pipeline",
            "Lease",
            "Leases",
            "Dilution",
            "SOTP",
            "Targets",
            "Implied",
            "Comps",
        ),
        *("Distribution", "Bridge"),
        *("History", "Facts", "AllDeals", "AllInstruments", "AllSites", "Editions", "Cases"),
        *("Miners", "Series", "Functions", "Checks", "Sources", "Keys"),
        "RowChecks",
    ]


def test_the_names_by_which_a_closed_file_is_known_as_ours_are_those_of_the_sheets(plan):
    assert {sheet.name for sheet in plan.sheets if sheet.visibility == "visible"} <= SHEETS
    assert {sheet.name for sheet in plan.sheets} >= SHEETS


def test_without_the_add_in_every_formula_shows_its_figure(model):
    cells = read_cells(read_parts(model))
    computed = [
        (sheet, cell) for sheet, on in cells.items() for cell in on.values() if cell.computed
    ]
    assert len(computed) > 5000
    assert all(cell.value is not None for _, cell in computed)
    unsolved = {sheet for sheet, cell in computed if isinstance(cell.value, ErrorValue)}
    # CLSK and MARA shop no MW: no probability explains them. Most miners have no MW signed.
    assert unsolved == {"Implied", "Comps", "Checks"}


def test_a_cell_holds_its_formula_then_its_value_and_no_inline_text_beside_it(model):
    parts = read_parts(model)
    for part in sheet_parts(parts).values():
        for cell in etree.fromstring(parts[part]).iter(tag("c")):
            children = [etree.QName(child).localname for child in cell]
            assert children in ([], ["v"], ["f"], ["f", "v"], ["is"]), (part, cell.get("r"))


def test_openpyxl_pandas_and_calamine_read_the_figures(model):
    summary = openpyxl.load_workbook(model, data_only=True)["Summary"]
    riot = [cell.value for cell in summary[8]][:20]
    assert riot[:3] == ["RIOT", "Riot Platforms", 16.74]
    assert [day.date().isoformat() for day in riot[3:5]] == ["2025-09-26"] * 2
    assert riot[5:9] == ["OW", 19, pytest.approx(0.135006), pytest.approx(0.135006)]
    plain, target = riot[9:11]
    assert plain == target == pytest.approx(12.41, abs=0.005)
    assert riot[11:13] == [pytest.approx(-0.259, abs=0.0005), "UW"]
    assert riot[13] == pytest.approx(12.41 - 19, abs=0.005)
    assert riot[15:19] == [600, 1110, 1845, 2580]
    for engine in ("openpyxl", "calamine"):
        frame = pd.read_excel(model, sheet_name="Summary", header=6, engine=engine)
        assert frame["mid"].tolist()[:2] == [1845, 2460]
    rows = CalamineWorkbook.from_path(model).get_sheet_by_name("Summary").to_python()
    assert rows[7][:3] == ["RIOT", "Riot Platforms", 16.74]
    assert rows[7][5:8] == ["OW", 19, pytest.approx(0.135006)]


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


def test_functions_are_called_by_lines_and_not_by_cells(plan):
    # Each call crosses into another process. Pipeline and SOTP take a table for each of the five
    # miners, Pipeline twice for its sentence; Bridge makes two books, compares them and explains; Functions shows an example of each
    # function.
    calls = Counter(
        sheet.name
        for sheet in plan.sheets
        for cell in sheet.cells.values()
        if cell.formula and "HPC_" in cell.formula and sheet.name != "Functions"
    )
    assert calls == {
        "Inputs": 2,
        "Deals": 6,
        "Mining": 2,
        "HPC": 7,
        "Pipeline": 10,
        "Lease": 5,
        "Leases": 1,
        "Dilution": 2,
        "SOTP": 5,
        "Targets": 10,
        "Implied": 3,
        "Comps": 1,
        "Distribution": 2,
        "Bridge": 4,
        "Checks": 2,
    }
    assert calls.total() <= 60 + 2 * 2  # two a sheet for Distribution and Bridge


def test_a_line_of_functions_spills_over_every_miner(plan):
    targets = next(sheet for sheet in plan.sheets if sheet.name == "Targets")
    row = next(at[0] for at, cell in targets.cells.items() if cell.value == "HPC_TARGET")
    line = [targets.cells[row, column] for column in range(4, 9)]
    assert (line[0].formula, line[0].spill) == ("HPC_TARGET(D$4:H$4,,,,,,,Book)", (1, 5))
    assert [cell.formula for cell in line[1:]] == [None] * 4
    assert [cell.value for cell in line] == [
        pytest.approx(target(miner)) for miner in ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
    ]


def test_no_formula_holds_a_number_that_should_be_an_input(plan):
    # The rule of `hpcval check`: 0 and 1, a square, COUNT(...)=2, and the numbers by which INDEX,
    # ROUND and their like are told what to do. Any other number has a cell, 1+1 included.
    for sheet in plan.sheets:
        for cell in sheet.cells.values():
            if cell.formula:
                assert traits(cell.formula).constants == (), cell.formula


def test_a_small_number_stands_in_a_formula_as_an_analyst_writes_it(plan):
    formulas = {
        sheet.name: " ".join(cell.formula for cell in sheet.cells.values() if cell.formula)
        for sheet in plan.sheets
    }
    assert re.search(r"COUNT\(B(\d+):C\1\)=2", formulas["Checks"])
    below_the_head = "ROW($B$55:$B$70)-ROW($B$54)+1,"
    assert below_the_head in formulas["SOTP"]  # the lines of HPC_SOTP
    assert "=-Dilution!$D$83" in [f"={formula}" for formula in formulas["SOTP"].split()]
    assert not any(re.search(r"(?<![\w$])0-|\(-1\)", text) for text in formulas.values())


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
    at = {heading: place - 1 for heading, place in COLUMN.items()}
    for (scope, metric), fact in book.facts.items():
        if scope in ("ALL", "NETWORK", *book.coverage) and metric not in IDLE:
            row = listed[scope, metric]
            value = row[2].date() if isinstance(row[2], datetime) else row[2]
            shown = (value, *(row[at[name]] for name in ("unit", "confidence", "source")))
            assert shown == (fact.value, fact.unit, fact.confidence, fact.source)
            assert row[at["link"]] == ("open" if fact.source.startswith("http") else None)
            assert row[at["as of"]].date() == fact.as_of
            assert row[at["age, days"]] == (book.as_of - fact.as_of).days
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
    # The note in use is what another cell says: a text that no program evaluates.
    assert all(cell.formula is None or cell.formula.startswith("IF(") for cell in texts)


def test_a_text_too_long_for_a_function_is_stored_as_the_function_gives_it(tmp_path):
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    path = folder / "inputs.csv"
    said = "Core Scientific's commitment to CoreWeave, read as gross."
    text = path.read_text(encoding="utf-8")
    assert text.count(said) == 1
    path.write_text(text.replace(said, f"{said} {'x' * 300}"), encoding="utf-8")
    given = call(Desk(source=folder), "HPC_SOURCE", ["ALL", "tenant_cap"])
    plan = plan_model(coverage(load_book(folder=folder)))
    shown = next(sheet for sheet in plan.sheets if sheet.name == "Functions").cells.values()
    assert [cell.value for cell in shown if str(cell.formula).startswith("HPC_SOURCE")] == [given]
    assert (len(given), given[-3:]) == (255, "xx…")


def test_the_same_book_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        build_model(coverage(load_book()), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_every_fact_in_use_has_a_name_of_its_own(model, book):
    names = openpyxl.load_workbook(model).defined_names
    assert names["RIOT_hashrate"].attr_text.startswith("Inputs!$C$")
    assert len(names) == len(set(map(str.casefold, names)))
    facts = [key for key in book.facts if key[0] in book.coverage and key[1] not in IDLE]
    assert {f"{scope}_{metric}" for scope, metric in facts} <= {*names}


def test_the_columns_of_every_miner_sheet_are_the_same(model):
    cells = read_cells(read_parts(model))
    heads = [
        [cells[sheet][f"{letter}4"].value for letter in "ABCDEFGHI"]
        for sheet in ("Mining", "HPC", "Dilution", "SOTP", "Targets", "Implied", "Comps")
    ]
    assert all(head == heads[0] for head in heads)
    assert heads[0][1:8] == ["unit", "check", "RIOT", "IREN", "CLSK", "CIFR", "MARA"]


def test_a_fact_of_low_confidence_is_amber_where_it_is_shown(plan, book):
    amber = {
        (sheet.name, cell.value)
        for sheet in plan.sheets
        for cell in sheet.cells.values()
        if cell.style == "link_assumed"
    }
    assert book.fact("IREN", "hpc_mw_shopped").confidence == "low"
    assert ("HPC", 2000.0) in amber
    assert book.fact("RIOT", "btc_held").confidence != "low"
    assert ("SOTP", 19309.0) not in amber


def test_no_conditional_format_looks_at_another_sheet(plan):
    # Excel keeps such rules in an extension that older versions and openpyxl do not know.
    assert all("!" not in rule.formula for sheet in plan.sheets for rule in sheet.highlights)


def test_a_cell_for_an_own_value_takes_what_its_metric_allows(model):
    sheet = openpyxl.load_workbook(model)["Inputs"]
    rows = {(row[0].value, row[1].value): row[0].row for row in sheet.iter_rows(min_row=9)}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    probability = rules[f"{OWN}{rows['RIOT', 'hpc_probability']}"]
    assert (probability.type, probability.formula1) == ("custom", "FALSE")  # typed on Control
    control = openpyxl.load_workbook(model)["Control"].data_validations.dataValidation
    probability = {str(rule.sqref): rule for rule in control}[
        cell_of(("RIOT", "hpc_probability"), FIVE).here
    ]
    assert (probability.type, probability.operator) == ("decimal", "between")
    assert (probability.formula1, probability.formula2) == ("0", "1")
    power = rules[f"{OWN}{rows['RIOT', 'hpc_mw_shopped']}"]
    assert (power.operator, power.formula1, power.formula2) == ("greaterThanOrEqual", "0", None)
    assert rules[f"{OWN}{rows['ALL', 'target_date']}"].type == "date"
    assert all(rule.showErrorMessage and rule.error for rule in rules.values())


def test_the_file_is_a_sound_zip_of_reasonable_size(model):
    assert zipfile.ZipFile(model).testzip() is None
    assert model.stat().st_size < 900_000
