"""One evaluation: facts on either basis, values in their place, and what is not looked up at all."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation_core.book_files import without_facts
from valuation_core import Book, ValuationError, hpc, load_book
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.target import target


@pytest.fixture
def mixed(folder):
    """A book in which RIOT shops 400 MW on the critical basis, and the capex is per gross MW."""
    path = folder / "inputs.csv"
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ("RIOT,hpc_mw_shopped,600,MW,gross,", "RIOT,hpc_mw_shopped,400,MW,critical,"),
        ("ALL,capex_per_mw,10,USD M/MW,critical,", "ALL,capex_per_mw,8,USD M/MW,gross,"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return load_book(folder=folder)


def test_a_fact_on_critical_mw_is_brought_to_gross_and_its_neighbour_stays(mixed):
    miners = np.array(["RIOT", "IREN"], dtype=object)
    found = Evaluation((2,)).use(mixed).gross(miners, "hpc_mw_shopped")
    assert found.tolist() == [400 * 1.3, mixed.number("IREN", "hpc_mw_shopped")]
    assert Evaluation().use(mixed).gross("RIOT", "hpc_mw_shopped") == 400 * 1.3


def test_a_value_in_place_of_a_fact_is_on_the_basis_of_that_fact(mixed, book):
    def gross(book, metric, value):
        return Evaluation().use(book, **{metric: value}).gross("RIOT", metric)

    assert gross(mixed, "hpc_mw_shopped", 300.0) == 300 * 1.3
    assert gross(book, "hpc_mw_shopped", 300.0) == 300.0
    assert gross(mixed, "capex_per_mw", 9.0) == 9.0
    assert gross(book, "capex_per_mw", 9.0) == 9.0 / 1.3


def test_a_value_in_place_of_a_fact_that_is_not_there_is_on_the_basis_of_the_metric(book):
    without = without_facts(book, ("ALL", "capex_per_mw"))
    found = Evaluation().use(without, capex_per_mw=9.0).gross("ALL", "capex_per_mw")
    assert found == 9.0 / 1.3  # per critical MW


def test_what_no_figure_rests_on_is_not_looked_up(book):
    # RIOT has signed no deal: the ratio that brings critical MW to gross is not needed.
    without = without_facts(book, ("ALL", "gross_to_critical"))
    assert target("RIOT", book=without) == target("RIOT")
    steps = [step.step for step in target.explain({"miner": "RIOT"})]
    assert "gross_to_critical" not in steps
    assert "gross_to_critical" in [step.step for step in target.explain({"miner": "CIFR"})]


def test_the_value_in_an_error_is_a_plain_number_also_out_of_an_array():
    with pytest.raises(ValuationError, match="prob must be between 0 and 1, got 1.7") as caught:
        hpc.value("RIOT", np.array([0.5, 1.7]), 600)
    assert type(caught.value.value) is float


@pytest.mark.parametrize("miner", ["RIOT", ["RIOT", "RIOT"]])
def test_a_value_reads_each_of_its_facts_once(monkeypatch, miner):
    read = []
    find = Book.find

    def counted(self, scope, metric):
        read.append((scope, metric))
        return find(self, scope, metric)

    monkeypatch.setattr(Book, "find", counted)
    hpc.value(miner)
    facts = (
        "option_by_site",
        "hpc_probability",
        "hpc_mw_shopped",
        "colo_value_position",
        "colo_value_low",
        "colo_value_high",
        "tenant_cap",
    )
    assert read == [("RIOT", metric) for metric in facts]


@pytest.mark.parametrize(("per_mw", "shown"), [(1e308, "inf"), (-1e308, "-inf")])
def test_a_result_too_large_on_either_side_is_an_error_alone_and_in_an_array(per_mw, shown):
    # 800 MW at 1e308 USD M per MW is beyond what a float can hold.
    rule = f"result is not a finite number, got {shown}"
    with pytest.raises(ValuationError, match=f"^{rule}$"):
        hpc.value("RIOT", 1, 800, per_mw)
    both = hpc.value.evaluate({"miner": "RIOT", "mw": 800, "per_mw": np.array([6.15, per_mw])})
    assert both.failed.tolist() == [False, True]
    assert str(both.error_at((1,))) == rule


def test_a_value_in_place_of_a_fact_that_is_no_number_spoils_its_own_element(book):
    given = np.array([[100_000.0], ["x"], [-1.0]], dtype=object)
    evaluation = Evaluation((3, 1)).use(book, btc_price=given)
    assert evaluation.number("NETWORK", "btc_price")[0, 0] == 100_000.0
    failed = [str(fault.error_at((row, 0))) for row, fault in enumerate(evaluation.faults, start=1)]
    assert failed == ["btc_price must be a number, got 'x'", "btc_price must be 0 or more, got -1"]
