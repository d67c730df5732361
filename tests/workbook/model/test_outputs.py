"""Outputs: every headline has a name, a line that holds it and a function that gives it."""

from __future__ import annotations

import re

import pytest

from tests.places import ROOT
from valuation_core import load_book
from valuation_core.book import METRICS
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import coverage
from workbook.cells import Ref
from workbook.model.build import plan_model
from workbook.model.lines import Lines
from workbook.model.outputs import OUTPUTS, output_names

MINERS = ("RIOT", "CIFR")


@pytest.fixture(scope="module")
def plan():
    return plan_model(coverage(load_book(), MINERS))


def test_every_output_of_every_miner_has_a_name_for_its_line(plan):
    labels = {sheet.name: sheet for sheet in plan.sheets}
    for ticker in MINERS:
        for output in OUTPUTS.values():
            ref = plan.names[f"{ticker}_{output.name}"]
            assert ref.sheet == output.sheet
            assert labels[ref.sheet].cells[4, ref.column].value == ticker
    target = plan.names["RIOT_target"]
    assert labels["Targets"].cells[target.row, 1].value == "Target, model"


def test_no_output_is_called_as_a_metric_so_that_inputs_keep_their_names(plan):
    assert OUTPUTS.keys().isdisjoint(METRICS)
    assert plan.names["RIOT_price"].sheet == "Inputs"
    assert plan.names["RIOT_price_in_use"].sheet == "Targets"


def test_a_name_that_an_input_has_is_not_given_to_an_output():
    """The miner RIOT.A spells its target as the fact A_target of RIOT would be."""
    planned = {}
    for output in OUTPUTS.values():
        if output.sheet not in planned:
            planned[output.sheet] = Lines(output.sheet, "", "", ["RIOT.A"])
        planned[output.sheet].stated(output.key, "", "", "0", lambda _: 1.0)
    names = output_names(planned.values(), taken=["RIOT_a_target"])
    assert "RIOT_A_target" not in names
    assert isinstance(names["RIOT_A_target_2"], Ref)
    assert OUTPUTS["target"].is_called("RIOT_A_target_2", "RIOT.A")
    assert not OUTPUTS["target"].is_called("RIOT_A_target_shares", "RIOT.A")


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=list(OUTPUTS))
def test_the_call_of_an_output_names_arguments_that_its_function_has(output):
    card = catalogue()[output.function]
    assert output.call("RIOT").startswith(f"{card.name}(")
    assert all(cell in OUTPUTS for _, cell in output.cells)
    assert not output.less or output.less in OUTPUTS


def test_the_page_on_the_workbook_lists_every_output_with_its_sheet_and_function():
    page = (ROOT / "docs" / "workbook.md").read_text(encoding="utf-8")
    table = page.partition("| name, after `RIOT_` |")[2].partition("\n\n")[0]
    told = {}
    for row in table.splitlines()[2:]:
        names, sheet, through = row.strip("|").split("|")
        for name in re.findall(r"`(\w+)`", names):
            told[name] = sheet.strip(), re.findall(r"`(HPC_\w+)`", through)
    assert told.keys() == OUTPUTS.keys()
    for name, (sheet, functions) in told.items():
        assert sheet == OUTPUTS[name].sheet
        assert OUTPUTS[name].function in functions, name
