"""The model workbook in a real spreadsheet engine: cells, functions and core stay together."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from addin.calc.recalculate import (
    agree,
    compare_with_engine,
    recalculated_cells,
    recalculated_each,
)
from tests.places import SHIPPED
from tests.workbook.cases import (
    cell_of,
    change,
    check_against_core,
    compared,
    figure,
    find,
    input_row,
    with_cells,
    with_inputs,
)
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, letters
from workbook.model.build import build_model
from workbook.model.sheets.facts.input_cells import COLUMN, MINER
from workbook.model.sheets.facts.what_if_cells import driver_cell
from workbook.model.sheets.what_if.drivers import BASE
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag

pytestmark = pytest.mark.engine

THIRTEEN = [
    "RIOT",
    "IREN",
    "CLSK",
    "CIFR",
    "MARA",
    "WULF",
    "CORZ",
    "HUT",
    "BITF",
    "APLD",
    "HIVE",
    "CANG",
    "GLXY",
]


@pytest.fixture(scope="module")
def model(model_of, tmp_path_factory):
    """The model of the shipped book on 2025-09-26."""
    return model_of(tmp_path_factory.mktemp("model") / "model.xlsx")


UNIVERSES = {
    "shipped": ("2025-09-26", "plain", None),
    "one-with-missing-facts": ("2025-09-26", "plain", ["WULF"]),
    "thirteen": ("2025-10-15", "plain", THIRTEEN),
    "before-the-edition": ("2025-09-25", "plain", ["RIOT", "CIFR"]),
    "reconstruction": ("2025-09-26", "reconstruction", None),
    "named-MW": ("2025-11-24", "plain", None),
    "named-MW-in-a-case": ("2025-11-24", "base", ["CIFR", "CLSK", "MARA"]),
    "site-by-site": ("2025-11-24", "sites", ["RIOT", "CIFR"]),
}


@pytest.mark.parametrize(
    "names",
    [
        ("one-with-missing-facts", "named-MW-in-a-case"),
        pytest.param(tuple(UNIVERSES), marks=pytest.mark.long),
    ],
    ids=["two", "all"],
)
def test_any_universe_recalculates_without_a_difference_and_with_every_check_true(tmp_path, names):
    paths = []
    for name in names:
        day, case, miners = UNIVERSES[name]
        paths.append(tmp_path / f"{name}.xlsx")
        build_model(coverage(load_book(day, case=case), miners), paths[-1])
    for path, cells in zip(paths, recalculated_each(paths), strict=True):
        comparison = compared(path, cells)
        assert comparison.compared > 1000, path.name
        assert (comparison.differences, comparison.errors) == ((), ()), path.name
        assert cells["Checks"]["B4"].value is True, path.name
        checked = [cell.value for a, cell in cells["Checks"].items() if a[0] == "E" and a != "E10"]
        assert set(checked) - {None} == {True}, path.name


MOVED = {
    "everything": [
        ("ALL", "network_growth", 0.35),
        ("ALL", "mining_discount_rate", 0.12),
        ("ALL", "cost_of_equity", 0.1),
        ("NETWORK", "btc_price", 150_000.0),
        ("RIOT", "hpc_mw_shopped", 1000.0),
        ("CLSK", "hpc_probability", 0.25),
        ("IREN", "price", 20.0),
        ("MARA", "power_price", 90.0),
    ],
    "no-probability": [("RIOT", "hpc_probability", 0.0)],
    "after-a-halving": [
        ("NETWORK", "halving_date", date(2025, 9, 1)),
        ("NETWORK", "block_subsidy", 1.5625),
    ],
    "cheap-bitcoin": [("NETWORK", "btc_price", 30_000.0), ("ALL", "network_growth", -0.2)],
}


def together(changes, *names):
    """The changes of several names in one workbook."""
    return {" and ".join(names): [one for name in names for one in changes[name]]}


@pytest.mark.parametrize(
    "changes",
    [
        together(MOVED, "everything", "after-a-halving")
        | together(MOVED, "no-probability", "cheap-bitcoin"),
        pytest.param(MOVED, marks=pytest.mark.long),
    ],
    ids=["together", "each"],
)
def test_changed_inputs_flow_to_every_figure_as_the_core_has_it(model, tmp_path, changes):
    paths = [with_inputs(model, tmp_path / f"{name}.xlsx", own) for name, own in changes.items()]
    for own, cells in zip(changes.values(), recalculated_each(paths), strict=True):
        check_against_core(cells, load_book(), own)


OVER_A_CASE = {
    "over-the-case": [
        ("ALL", "land_power_value", 1.0),
        ("ALL", "cost_of_equity", 0.0),
        ("IREN", "hpc_probability", 0.25),  # what the case made of it: still yours
    ],
    "in-place-of-what-moved-since": [
        ("ALL", "use_named", 0.0),
        ("CIFR", "hpc_mw_shopped", 250.0),  # of today: no deal of November comes off
        ("CLSK", "cash", 100.0),  # of today: the notes of November are in it
    ],
    "hashrate": [
        ("CIFR", "hashrate_guided", 30.0),
        ("MARA", "hashrate_displaced", 20.0),
        ("MARA", "displaced_on", date(2028, 12, 1)),  # in the second subsidy period
    ],
}


@pytest.mark.parametrize(
    "changes",
    [
        together(OVER_A_CASE, *OVER_A_CASE),
        pytest.param(OVER_A_CASE, marks=pytest.mark.long),
    ],
    ids=["together", "each"],
)
def test_your_own_values_win_over_a_case_in_cells_as_in_the_core(tmp_path, changes):
    book = load_book("2025-11-24", case="base")
    miners = ("RIOT", "CIFR", "CLSK", "IREN", "MARA")
    model = tmp_path / "base.xlsx"
    build_model(coverage(book, miners), model)
    paths = [with_inputs(model, tmp_path / f"{name}.xlsx", own) for name, own in changes.items()]
    for own, cells in zip(changes.values(), recalculated_each(paths), strict=True):
        check_against_core(cells, book, own, miners)


def test_another_miner_chosen_moves_the_grids_and_their_functions(model, tmp_path):
    stored = read_cells(read_parts(model))
    places = {"HPC": {find(stored, "HPC", "Miner (choose)", offset=2): "IREN"}}
    places[MINER.sheet] = {MINER.here: "IREN"}
    cells = recalculated_cells(with_cells(model, tmp_path / "chosen.xlsx", places))
    assert cells["Checks"]["B4"].value is True
    # What-if tries its values on the miner chosen on Control.
    probability = driver_cell("hpc_probability", BASE).here
    book = load_book()
    assert cells["WhatIf"][probability].value == book.number("IREN", "hpc_probability")


def test_wrong_input_fails_a_check_that_names_it_and_no_figure_is_silently_wrong(model, tmp_path):
    wrong = {
        ("RIOT", "hpc_probability", "often"): "hpc_probability: not a number",
        ("IREN", "hpc_mw_shopped", -5.0): "hpc_mw_shopped: out of range",
    }
    cells = recalculated_cells(with_inputs(model, tmp_path / "wrong.xlsx", wrong))
    assert cells["Checks"]["B4"].value is False
    assert "CHECKS FAIL" in cells["Summary"]["A4"].value
    for (ticker, *_), said in wrong.items():
        row = find(cells, "Checks", f"{ticker}: valid inputs of all")[1:]
        assert cells["Checks"][f"C{row}"].value == said
        assert cells["Checks"][f"E{row}"].value is False
        assert figure(cells, "Targets", "Target, model", ticker) == ErrorValue("#N/A")
    assert isinstance(figure(cells, "Targets", "Target, model", "MARA"), float)


@pytest.mark.long
def test_a_fact_withdrawn_in_its_table_is_missing_in_cells_as_in_functions(model, tmp_path):
    path = with_inputs(model, tmp_path / "blank.xlsx", [("CIFR", "hpc_mw_shopped", None)])
    cells = recalculated_cells(path)
    assert cells["Checks"]["B4"].value is True
    row = input_row(cells, "CIFR", "hpc_mw_shopped")
    assert cells["Inputs"][f"C{row}"].value in (None, "")
    status = f"{letters(COLUMN['status'])}{row}"
    assert cells["Inputs"][status].value == "not in the book"
    assert figure(cells, "Targets", "Target, model", "CIFR") == ErrorValue("#N/A")
    assert isinstance(figure(cells, "Targets", "Target, model", "MARA"), float)


@pytest.mark.long
def test_a_missing_fact_of_one_miner_leaves_the_others_of_every_spilled_line(model, tmp_path):
    before = read_cells(read_parts(model))
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    lines = (folder / "inputs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    taken = ("CIFR,shares_basic,", "CIFR,hpc_mw_shopped,")
    kept = [line for line in lines if not line.startswith(taken)]
    assert len(kept) < len(lines)
    (folder / "inputs.csv").write_text("".join(kept), encoding="utf-8")
    build_model(coverage(load_book(folder=folder)), tmp_path / "m.xlsx")
    cells = recalculated_cells(tmp_path / "m.xlsx", source=folder)
    assert cells["Checks"]["B4"].value is True
    others = []
    for sheet in ("Mining", "HPC", "Dilution", "SOTP", "Targets", "Implied"):
        heads = {before[sheet][f"{letter}4"].value: letter for letter in "DEFGH"}
        cifr = heads.pop("CIFR")
        rows = [
            at[1:]
            for at, cell in before[sheet].items()
            if at[0] == "A" and str(cell.value)[:4] == "HPC_"
        ]
        for row in rows:
            for letter in heads.values():
                stored, found = (which[sheet][f"{letter}{row}"].value for which in (before, cells))
                assert agree(stored, found), (sheet, f"{letter}{row}", stored, found)
                others.append(found)
            if before[sheet][f"A{row}"].value in ("HPC_CAPEX", "HPC_TARGET", "HPC_UPSIDE"):
                assert cells[sheet][f"{cifr}{row}"].value == ErrorValue("#N/A")
    assert len(others) > 4 * 40


@pytest.mark.long
def test_facts_on_critical_mw_come_out_the_same_in_cells_and_functions(tmp_path):
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    text = text.replace("RIOT,hpc_mw_shopped,600,MW,gross", "RIOT,hpc_mw_shopped,400,MW,critical")
    before = "ALL,colo_value_high,8.6,USD M/MW,gross,2025-09-26"
    assert before in text
    text = text.replace(before, "ALL,colo_value_high,13,USD M/MW,critical,2025-09-26")
    (folder / "inputs.csv").write_text(text, encoding="utf-8")
    build_model(coverage(load_book(folder=folder)), tmp_path / "model.xlsx")
    comparison = compare_with_engine(tmp_path / "model.xlsx", source=folder)
    assert (comparison.differences, comparison.errors) == ((), ())
    cells = read_cells(read_parts(tmp_path / "model.xlsx"))
    option = figure(cells, "HPC", "Option value, mid", "RIOT")
    # 400 critical are 520 gross; halfway between 3.7 and 13 / 1.3 per gross MW
    assert option == pytest.approx(0.5 * 520 * (3.7 + 10) / 2)


def test_a_tampered_value_formula_or_function_is_found(model, tmp_path):
    stored = read_cells(read_parts(model))
    value = find(stored, "HPC", "Option value, mid", offset=2)
    formula = find(stored, "Dilution", "Value to be shared", offset=2)

    def edit(name, root):
        if name == "HPC":
            cell_of(root, value).find(tag("v")).text = "1846.0"
        if name == "Dilution":
            cell = cell_of(root, formula).find(tag("f"))
            cell.text = cell.text.replace("-", "+")
        changed = name in ("HPC", "Dilution")
        for element in root.iter(tag("f")):
            if "HPC_CAPEX" in (element.text or ""):
                element.text = element.text.replace("HPC_CAPEX", "HPC_CAPITAL")
                changed = True
        return changed

    comparison = compare_with_engine(change(model, tmp_path / "tampered.xlsx", edit))
    found = {(one.sheet, one.address): one for one in comparison.differences}
    assert (found["HPC", value].stored, found["HPC", value].recalculated) == (1846.0, 1845.0)
    sheets = {sheet for sheet, _ in found}
    assert {"HPC", "Dilution", "Checks", "Summary"} <= sheets  # it runs to the banner
    assert {one.recalculated for one in comparison.errors} >= {ErrorValue("#NAME?")}
    assert any("HPC_CAPITAL" in one.formula for one in comparison.errors)
