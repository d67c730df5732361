"""A check is true, false or not run: without the functions nothing is compared, nothing shouts."""

from __future__ import annotations

from collections import Counter

import pytest

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import change, with_inputs
from workbook.cells import ErrorValue
from workbook.model.excel import Term
from workbook.model.sheets.front.verdict import FIRST_ROW, verdict
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag


@pytest.fixture(scope="module")
def model(model_of, tmp_path_factory):
    """The model of two miners on 2025-09-26."""
    return model_of(tmp_path_factory.mktemp("model") / "model.xlsx", ["RIOT", "CIFR"])


def without(source, target, names=""):
    """Copy a workbook whose functions of some names, of every name by default, are nowhere."""

    def edit(_, root):
        formulas = [one for one in root.iter(tag("f")) if f"HPC_{names}" in (one.text or "")]
        for one in formulas:
            one.text = one.text.replace(f"HPC_{names}", f"GONE_{names}")
        return bool(formulas)

    return change(source, target, edit)


def results(cells):
    """Count the checks by what they say."""
    return Counter(
        str(cell.value)
        for address, cell in cells["Checks"].items()
        if address[0] == "E" and int(address[1:]) >= FIRST_ROW and cell.value is not None
    )


@pytest.mark.engine
def test_without_the_functions_their_checks_are_not_run_and_only_a_false_one_shouts(
    model, tmp_path
):
    bare = without(model, tmp_path / "bare.xlsx")
    wrong = with_inputs(bare, tmp_path / "wrong.xlsx", [("RIOT", "hpc_probability", "often")])
    one_gone = without(model, tmp_path / "one.xlsx", "LAND")
    quiet, loud, partly = recalculated_each([bare, wrong, one_gone])

    counted = results(quiet)
    said = (
        f"{counted['True']} checks pass, {counted['not run']} not run: functions are not available"
    )
    assert set(counted) == {"True", "not run"}
    assert counted["not run"] > counted["True"] > 5
    for sheet, address in (("Cover", "A3"), ("Summary", "A4")):
        assert quiet[sheet][address].value == said
    assert quiet["Cover"]["B9"].value == "functions are not available"
    assert all(
        not isinstance(cell.value, ErrorValue) for cell in quiet["Cover"].values() if cell.formula
    )
    assert {cell.value for a, cell in quiet["HPC"].items() if a[0] == "C" and cell.formula} == {
        "not run"
    }

    count = sum(counted.values())
    assert results(loud)["False"] == 1
    assert loud["Cover"]["A3"].value == (
        f"1 of {count} CHECKS FAIL, {counted['not run']} not run: functions are not available; "
        "see sheet Checks"
    )
    # HPC_LAND alone is missing: two miners are not compared, all others are.
    assert results(partly) == {"True": count - 2, "not run": 2}


def test_the_sentence_says_what_passes_what_fails_and_what_is_not_run():
    def said(failing, count, idle):
        return verdict(Term("B3", failing), Term("B5", count), Term("B6", idle)).value

    assert said(0.0, 271.0, 0.0) == "All 271 checks pass"
    assert said(0.0, 271.0, 86.0) == "185 checks pass, 86 not run: functions are not available"
    assert said(3.0, 271.0, 0.0) == "3 of 271 CHECKS FAIL; see sheet Checks"
    assert said(3.0, 271.0, 86.0) == (
        "3 of 271 CHECKS FAIL, 86 not run: functions are not available; see sheet Checks"
    )


def test_in_the_file_as_built_every_check_ran(model):
    cells = read_cells(read_parts(model))
    assert set(results(cells)) == {"True"}
    assert cells["Checks"]["B6"].value == 0
