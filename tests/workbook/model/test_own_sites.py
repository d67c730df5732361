"""Your own probability of a site: one yellow cell, followed by cells, functions and core alike."""

from __future__ import annotations

import pytest

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import figure, with_cells
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.pipeline import difference_in_words, pipeline
from valuation_core.target import target
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.facts.input_cells import AS_OF, COLUMN, OWN_VALUE
from workbook.model.sheets.facts.own_sites import own_sites_of, typed_at

CORSICANA, AUSTIN = "RIOT/Corsicana phase 2 (remaining)", "CLSK/Austin County (Houston)"
MINERS = ("RIOT", "CLSK")
LATER = load_book("2025-11-24", case="sites")
CELLS = {
    one.scope: typed_at(SITES, one, MINERS)
    for SITES in [own_sites_of(list(LATER.tables["sites"].rows()), MINERS)]
    for one in SITES
}


def sheets_of(book):
    return {sheet.name: sheet for sheet in plan_model(coverage(book, MINERS)).sheets}


def shown(sheet, label, column=4):
    row = next(at for (at, left), one in sheet.cells.items() if (left, one.value) == (1, label))
    return sheet.cells[row, column].value


def test_a_probability_typed_on_pipeline_is_that_of_the_site():
    """0.8 x 600 x 5.17, the value per MW of the case: 0.35 before."""
    book = with_own_facts(load_book(case="sites"), [(CORSICANA, "hpc_probability", 0.8)])
    sheets = sheets_of(book)
    sites, inputs = sheets["Pipeline"], sheets["Inputs"]
    assert shown(sites, "RIOT: Corsicana phase 2 (remaining)") == 0.8
    assert shown(sites, "Your own probability") == 0.8
    assert shown(sites, "Probability from") == "own"
    assert shown(sites, "Probability in use") == 0.8
    assert shown(sites, "Option site by site") == pytest.approx(0.8 * 600 * 5.17)
    why = difference_in_words("RIOT", book)
    assert "probability 80.0% against 50.0%" in why
    assert shown(sites, "RIOT", 2) == why, "beside the steps in cells, the sentence"
    assert shown(inputs, "Handle of these facts", 3) == book.handle
    row = next(
        at for (at, left), one in inputs.cells.items() if (left, one.value) == (1, CORSICANA)
    )
    told = {name: inputs.cells[row, COLUMN[name]].value for name in ("confidence", "source")}
    assert told == {"confidence": "own", "source": "own fact"}
    failed = [cell for cell in sheets["Checks"].cells.values() if cell.value is False]
    assert failed == []


def test_without_one_the_stage_gives_it_and_a_site_that_states_one_comes_before_that():
    sheets = sheets_of(load_book(case="sites"))
    assert shown(sheets["Pipeline"], "Your own probability") == "-"
    assert shown(sheets["Pipeline"], "Probability from") == "its stage"
    assert shown(sheets["Pipeline"], "Probability in use") == 0.35


def test_three_steps_lead_from_the_company_rule_to_the_sum_by_site():
    """IREN: the cap binds each site, the later one is less likely and waits 1.26 years at 11%."""
    plan = plan_model(coverage(load_book(), ["IREN"]))
    sites = next(sheet for sheet in plan.sheets if sheet.name == "Pipeline")
    rule, steps = (
        0.5 * 800 * 6.15,
        (
            0.5 * (1400 - 800) * 6.15,
            (0.35 * 800 + 0.1 * 600 - 0.5 * 1400) * 6.15,
            0.1 * 600 * 6.15 * (1.11 ** -(826 / 365.25 - 1) - 1),
        ),
    )
    assert shown(sites, "Company rule") == pytest.approx(rule)
    labels = ("Change: MW used", "Change: probability by site", "Change: wait until energization")
    assert [shown(sites, label) for label in labels] == pytest.approx(steps)
    assert shown(sites, "Sum by site, step by step") == pytest.approx(rule + sum(steps))
    assert shown(sites, "Option site by site") == pytest.approx(2045.484, abs=5e-4)


def test_each_site_that_offers_mw_on_any_day_has_a_yellow_cell_in_the_column_of_its_miner():
    sites, inputs = (sheets_of(LATER)[name] for name in ("Pipeline", "Inputs"))
    yellow = {at for at, cell in sites.cells.items() if cell.style == "own"}
    assert yellow == {(cell.row, cell.column) for cell in CELLS.values()}
    assert set(CELLS) == {CORSICANA, AUSTIN}
    rules = {rule.ref.here: (rule.low, rule.high) for rule in sites.validations}
    assert {rules[cell.here] for cell in CELLS.values()} == {(0.0, 1.0)}
    taken = {cell.formula for (_, at), cell in inputs.cells.items() if at == OWN_VALUE}
    assert {f'IF({cell.there}="","",{cell.there})' for cell in CELLS.values()} <= taken


@pytest.mark.engine
@pytest.mark.long
def test_what_is_typed_moves_cells_and_functions_and_waits_for_a_site_not_known_yet(tmp_path):
    model = tmp_path / "model.xlsx"
    build_model(coverage(LATER, MINERS), model)
    typed = {CELLS[CORSICANA].here: 0.8, CELLS[AUSTIN].here: 0.6}
    earlier = {AS_OF.sheet: {AS_OF.here: load_book().as_of}, "Pipeline": typed}
    now, then, wrong = recalculated_each(
        [
            with_cells(model, tmp_path / "now.xlsx", {"Pipeline": typed}),
            # Austin County is not known in September: its value waits, and no function fails.
            with_cells(model, tmp_path / "then.xlsx", earlier),
            with_cells(model, tmp_path / "wrong.xlsx", {"Pipeline": {CELLS[AUSTIN].here: 1.5}}),
        ]
    )
    own = [(scope, "hpc_probability", typed[cell.here]) for scope, cell in CELLS.items()]
    for cells, book in (
        (now, with_own_facts(LATER, own)),
        (then, with_own_facts(load_book(case="sites"), own[:1])),
    ):
        assert cells["Inputs"]["C5"].value == book.handle
        assert cells["Checks"]["B4"].value is True
        for ticker in MINERS:
            *_, (*_, by_site), _, _ = pipeline(ticker, book).rows
            found = figure(cells, "Pipeline", "Option site by site", ticker)
            assert found == pytest.approx(by_site)
            found = figure(cells, "Targets", "Target, model", ticker)
            assert found == pytest.approx(target(ticker, book=book))
    # A probability above 1 is none: its miner has no figure, and a check says where.
    assert wrong["Checks"]["B4"].value is not True
    assert figure(wrong, "Pipeline", "Option site by site", "CLSK") != pytest.approx(0)
    assert not isinstance(figure(wrong, "Pipeline", "Option site by site", "CLSK"), float)
