"""The case is a cell: changing it changes every figure to that of a fresh build under the case."""

from __future__ import annotations

import pytest

from addin.calc.recalculate import agree, recalculated_each
from tests.workbook.cases import figure, find, input_row, of_a_data_table, with_cells
from tests.workbook.model.test_second_engine import computed, with_native_formulas_alone
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, letters, serial_of
from workbook.model.build import build_model, plan_model
from workbook.model.excel_values import number
from workbook.model.sheets.facts.input_cells import AS_OF, CHOSEN_CASE
from workbook.model.sheets.facts.what_if_cells import NAME as WHAT_IF
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

CASES = ("reconstruction", "base", "bear", "bull", "sites")
DAYS = ("2025-09-26", "2025-11-24")
LISTS = ("Sources", "Functions")
"""Their rows stand in the order of what a build shows; what they count is asked of them alone."""
NA = ErrorValue("#N/A")


def under(model, target, case, **more):
    """Copy the model with another name in the cell of the case."""
    return with_cells(model, target, {CHOSEN_CASE.sheet: {CHOSEN_CASE.here: case}, "Inputs": more})


def plans(day, case):
    return plan_model(coverage(load_book(day, case=case))).sheets


def computed_cells(sheets, *, functions=True):
    """Give the cells that compute, by sheet and address, with the value that they should have."""
    for sheet in sheets:
        left_empty = of_a_data_table(sheet)
        for (row, column), cell in sheet.cells.items():
            native = cell.formula is not None and "HPC_" not in cell.formula
            # A table that spills keeps the size of the file in LibreOffice.
            spilled = functions and cell.style == "function"
            if sheet.name in LISTS or row in left_empty or not (native or spilled):
                continue
            value = cell.value
            if isinstance(value, ErrorValue):
                value = ErrorValue(value.code)
            elif not isinstance(value, str | bool | None):
                value = number(value)
            yield sheet.name, f"{letters(column)}{row}", cell.formula, value


@pytest.mark.engine
@pytest.mark.parametrize(
    ("day", "names"),
    [
        (DAYS[1], ("bear",)),
        *(pytest.param(day, ("plain", *CASES), marks=pytest.mark.long) for day in DAYS),
    ],
)
def test_every_figure_follows_the_cell_of_the_case_to_that_of_a_fresh_build(
    model_of, tmp_path, day, names
):
    model = model_of(tmp_path / "plain.xlsx", as_of=day)
    paths = [under(model, tmp_path / f"to-{name}.xlsx", name) for name in names]
    for name, cells in zip(names, recalculated_each(paths), strict=True):
        assert cells["Checks"]["B4"].value is True, name
        assert cells["Inputs"]["C5"].value == load_book(day, case=name).handle
        differing, compared = [], 0
        for sheet, address, formula, value in computed_cells(plans(day, name)):
            if sheet == WHAT_IF or (sheet == "Control" and WHAT_IF in formula):
                continue  # LibreOffice computes no data tables: test_what_if looks at them
            found = cells[sheet][address].value if address in cells[sheet] else None
            compared += 1
            if not agree(value, found):
                differing.append((sheet, address, formula, value, found))
        assert differing == [], name
        assert compared > 9000


@pytest.mark.long
@pytest.mark.engine
def test_a_case_of_the_build_is_no_other_than_one_chosen_later(tmp_path):
    model = tmp_path / "base.xlsx"
    build_model(coverage(load_book(case="base"), ["RIOT", "CIFR"]), model)
    (cells,) = recalculated_each([under(model, tmp_path / "plain.xlsx", "plain")])
    assert cells["Checks"]["B4"].value is True
    row = input_row(cells, "RIOT", "hpc_probability")
    # Sheet Summary says which case it is of.
    assert cells["Summary"]["J6"].value == "Model, case plain"
    assert cells["Inputs"][f"C{row}"].value == 0.5
    # 0.5 x 600 MW x (3.7 + 0.5 x (8.6 - 3.7))
    assert figure(cells, "HPC", "Option value, mid", "RIOT") == pytest.approx(1845.0)


@pytest.mark.engine
def test_a_name_that_is_no_case_and_a_date_with_a_time_give_no_figure_and_are_named(
    model_of, tmp_path
):
    model = model_of(tmp_path / "plain.xlsx", ["RIOT"])
    # A pattern is no name: "b*" would match base, bear and bull. Half past three, as NOW() has it.
    wrong = under(model, tmp_path / "wrong.xlsx", "b*")
    noon = {AS_OF.sheet: {AS_OF.here: serial_of(load_book().as_of) + 15.5 / 24}}
    (cells,) = recalculated_each([with_cells(wrong, wrong, noon)])
    assert cells["Inputs"]["C5"].value == NA
    assert figure(cells, "Targets", "Target, model", "RIOT") == NA
    assert cells["Checks"]["B4"].value is False
    at = find(cells, "Checks", "Case in use is one of sheet Cases")[1:]
    assert cells["Checks"][f"C{at}"].value == "no case of this name: b*"
    assert cells["Checks"][f"E{at}"].value is False
    at = find(cells, "Checks", "Date in use is a day")[1:]
    said = "type a date, without a time of day, into Control!$C$5"
    assert cells["Checks"][f"C{at}"].value == said
    assert cells["Checks"][f"E{at}"].value is False


@pytest.mark.long
@pytest.mark.engine
def test_what_you_state_wins_over_the_case_for_a_miner_and_for_all(tmp_path):
    model = tmp_path / "plain.xlsx"
    build_model(coverage(load_book(), ["RIOT", "CIFR"]), model)
    stored = read_cells(read_parts(model))
    own, of_all = (
        f"E{input_row(stored, *key)}"
        for key in (("RIOT", "hpc_probability"), ("ALL", "colo_value_position"))
    )
    path = under(model, tmp_path / "own.xlsx", "bear", **{own: 0.4, of_all: 0.5})
    (cells,) = recalculated_each([path])
    assert cells["Checks"]["B4"].value is True
    # Yours: 0.4 x 600 MW x (3.7 + 0.5 x (8.6 - 3.7)); the case has 0.125 and position 0
    assert figure(cells, "HPC", "Option value, mid", "RIOT") == pytest.approx(1476.0)
    assert cells["Inputs"][f"C{of_all[1:]}"].value == 0.5
    other = input_row(cells, "CIFR", "hpc_probability")
    row = own[1:]
    assert cells["Inputs"][f"L{row}"].value == "own"
    assert cells["Inputs"][f"C{other}"].value == 0.5 * 0.25
    assert cells["Inputs"][f"R{other}"].value == "case bear: 0.5 times 0.25. 12.5%."


def test_no_formula_and_no_stored_fact_depends_on_the_case_of_the_build():
    at_build = {"Summary", "Cover"}
    without_case = plans(DAYS[1], "plain")
    for name in CASES:
        for plain, other in zip(without_case, plans(DAYS[1], name), strict=True):
            if plain.name in LISTS:
                continue
            chosen = (
                {(CHOSEN_CASE.row, CHOSEN_CASE.column)}
                if plain.name == CHOSEN_CASE.sheet
                else set()
            )
            for at in {*plain.cells, *other.cells} - chosen:
                one, two = plain.cells.get(at), other.cells.get(at)
                styles = {cell.style for cell in (one, two) if cell}
                if plain.name in at_build or styles <= {"function", "function_left"}:
                    continue
                if plain.name == "WhatIf" and styles == {"grid"}:
                    continue  # a data table: Excel computes its cells, which hold no formula
                assert one is not None, (plain.name, at)
                assert two is not None, (plain.name, at)
                assert one.formula == two.formula, (plain.name, at)
                if one.formula is None:
                    assert one.value == two.value, (plain.name, at)


@pytest.mark.long
def test_a_second_engine_follows_the_cell_of_the_case_too(tmp_path):
    model, copy = tmp_path / "plain.xlsx", tmp_path / "native.xlsx"
    build_model(coverage(load_book(DAYS[1])), model)
    native = with_native_formulas_alone(under(model, tmp_path / "bear.xlsx", "bear"), copy)
    found = computed(copy, native)
    differing, compared = [], 0
    # Checks compare with cells of functions, which keep what is stored here; so do data tables.
    fed = ("Checks", "Summary", "Cover", "Control", "WhatIf", "Comps", "Distribution", "Bridge")
    for sheet, address, formula, value in computed_cells(plans(DAYS[1], "bear"), functions=False):
        if sheet in fed or isinstance(value, bool) or (sheet, address) not in found:
            continue
        compared += 1
        if not agree(value, found[sheet, address]):
            differing.append((sheet, address, formula, value, found[sheet, address]))
    assert differing == []
    assert compared > 5000
