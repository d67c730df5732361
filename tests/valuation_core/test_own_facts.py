"""An analyst's own facts on top of a book."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.lease import lease_value


def test_an_own_fact_replaces_the_books_and_is_marked(book):
    own = with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400)])
    fact = own.fact("RIOT", "hpc_mw_shopped")
    assert (fact.value, fact.confidence, fact.source) == (400.0, "own", "own fact")
    assert (fact.unit, fact.basis, fact.as_of) == ("MW", "gross", date(2025, 9, 26))
    assert fact.note == "in place of 600.0 gross"


def test_the_book_it_started_from_stays_as_it_was(book):
    before = book.handle
    with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400)])
    assert book.fact("RIOT", "hpc_mw_shopped").value == 600
    assert book.handle == before


def test_a_fact_the_book_lacks_is_added(book):
    own = with_own_facts(book, [("CLSK", "hpc_probability", 0.25)])
    assert own.fact("CLSK", "hpc_probability").value == 0.25


def test_a_miners_own_parameter_wins_over_the_one_for_all(book):
    own = with_own_facts(book, [("RIOT", "tenant_cap", 100)])
    assert own.fact("RIOT", "tenant_cap").value == 100
    assert own.fact("IREN", "tenant_cap").value == 800


def test_a_fact_equal_to_the_books_keeps_its_source_and_the_handle(book):
    same = with_own_facts(book, [("RIOT", "hpc_mw_shopped", 600), ("ALL", "tenant_cap", 800.0)])
    assert same.handle == book.handle
    assert same.fact("RIOT", "hpc_mw_shopped").confidence == "high"


def test_stating_every_fact_of_the_book_again_changes_nothing(book):
    rows = [(*key, fact.value, fact.basis) for key, fact in book.facts.items()]
    assert with_own_facts(book, rows).handle == book.handle


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan")])
def test_a_row_without_a_value_states_nothing(book, blank):
    rows = [("RIOT", "hpc_probability", blank), ("RIOT", "cash", 1.0), ("RIOT", "cash", blank)]
    own = with_own_facts(book, rows)
    assert own.handle == with_own_facts(book, [("RIOT", "cash", 1.0)]).handle
    assert own.fact("RIOT", "hpc_probability").value == 0.5
    assert with_own_facts(book, [("RIOT", blank, blank), (None, None, None)]) is book


def test_a_name_mistyped_beside_a_blank_value_is_told_all_the_same(book):
    with pytest.raises(ValuationError, match="row 1: unknown metric 'cahs'; did you mean cash"):
        with_own_facts(book, [("RIOT", "cahs", None)])


@pytest.mark.parametrize("row", [(5, "cash", 1.0), ("RIOT", 5.0, 1.0), (None, "cash", 1.0)])
def test_a_number_in_place_of_a_name_is_refused_with_its_row(book, row):
    with pytest.raises(ValuationError, match="row 1: (scope|metric) must be a name"):
        with_own_facts(book, [row])


def test_scopes_and_metrics_are_recognised_in_any_case(book):
    own = with_own_facts(book, [(" riot platforms ", " HASHRATE ", 1), ("network", "btc_price", 2)])
    assert own.fact("RIOT", "hashrate").value == 1
    assert own.fact("NETWORK", "btc_price").value == 2


@pytest.mark.parametrize(
    ("row", "kind", "reason"),
    [
        (
            ("RIOTT", "cash", 1),
            ErrorKind.MISSING,
            "facts row 1: unknown miner 'RIOTT'; did you mean RIOT?",
        ),
        (
            ("RIOT", "cahs", 1),
            ErrorKind.MISSING,
            "facts row 1: unknown metric 'cahs'; did you mean cash?",
        ),
        (("RIOT", "hpc_probability", 1.7), ErrorKind.DOMAIN, "must be between 0 and 1, got 1.7"),
        (("RIOT", "cloud_mw", -1), ErrorKind.DOMAIN, "must be 0 or more, got -1"),
        (("RIOT", "cash", float("inf")), ErrorKind.DOMAIN, "must be a finite number, got inf"),
        (("RIOT", "cash", "much"), ErrorKind.MISFIT, "must be a number, got 'much'"),
        (("ALL", "target_date", 5.0), ErrorKind.MISFIT, "must be a date, got 5"),
        (("RIOT", "cash", date(2025, 1, 1)), ErrorKind.MISFIT, "must be a number"),
        (
            ("RIOT", "btc_price", 1),
            ErrorKind.MISFIT,
            "a fact of the network: use NETWORK, got 'RIOT'",
        ),
        (
            ("CIFR", "lease_equity_return", 0.2),  # every lease is valued with the one of ALL
            ErrorKind.MISFIT,
            "lease_equity_return is one for all miners: use ALL, got 'CIFR'",
        ),
    ],
)
def test_a_bad_own_fact_is_refused_with_its_row(book, row, kind, reason):
    with pytest.raises(ValuationError) as caught:
        with_own_facts(book, [row])
    assert caught.value.kind is kind
    assert reason in str(caught.value)


def test_a_fact_stated_twice_is_refused(book):
    with pytest.raises(ValuationError, match="row 2 states RIOT cash a second time"):
        with_own_facts(book, [("RIOT", "cash", 1), ("riot", "cash", 1)])


@pytest.mark.parametrize("basis", [None, "", " ", "gross", "Gross "])
def test_mw_are_gross_unless_said(book, basis):
    own = with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400, basis)])
    assert own.handle == with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400)]).handle
    # the book's own cost is 10 per critical MW; ten per gross MW is another figure
    capex = with_own_facts(book, [("ALL", "capex_per_mw", 10, basis)]).fact("ALL", "capex_per_mw")
    assert (capex.basis, capex.confidence) == ("gross", "own")
    assert capex.note == "in place of 10.0 critical"


def test_the_fourth_column_states_critical_mw(book):
    own = with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400, "CRITICAL"), ("RIOT", "cash", 1)])
    assert own.fact("RIOT", "hpc_mw_shopped").basis == "critical"
    # 400 critical MW are 520 gross, and half of them at 6.15 are worth 1,599
    assert own.handle != with_own_facts(book, [("RIOT", "hpc_mw_shopped", 400)]).handle


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("RIOT", "cash", 1, "gross"), "row 1: RIOT cash has no MW basis, got 'gross'"),
        (("RIOT", "cloud_mw", 1, "net"), "basis must be gross or critical, got 'net'"),
    ],
)
def test_a_basis_that_is_none_is_refused(book, row, reason):
    with pytest.raises(ValuationError, match=reason):
        with_own_facts(book, [row])


def test_a_metric_that_is_gone_is_refused_with_its_successor(book):
    with pytest.raises(ValuationError) as caught:
        with_own_facts(book, [("ALL", "COLO_VALUE_MID", 6.5)])
    assert str(caught.value) == (
        "facts row 1: colo_value_mid is gone: "
        "state colo_value_position: 0 is low, 0.5 halfway, 1 high"
    )


@given(
    values=st.permutations(
        [("RIOT", "cash", 1.0), ("IREN", "cash", 2.0), ("ALL", "grid_backlog", 3.0)]
    )
)
def test_the_order_of_own_facts_does_not_matter(values):
    expected = with_own_facts(load_book(), sorted(values))
    assert with_own_facts(load_book(), values).handle == expected.handle


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("escalator", -1.0),  # no rent after the first year
        ("debt_rate", -0.995),
        ("debt_years", 201.0),
        ("lease_years", 0.0),
        ("build_years", 250.0),
    ],
)
def test_what_a_lease_is_refused_with_is_no_fact_of_a_lease_either(book, argument, value):
    with pytest.raises(ValuationError) as as_argument:
        lease_value(0.1, **{argument: value})
    with pytest.raises(ValuationError) as as_fact:
        with_own_facts(book, [("ALL", f"lease_{argument}".replace("lease_lease", "lease"), value)])
    assert as_fact.value.rule == as_argument.value.rule


@pytest.mark.parametrize(
    "metric", ["mining_discount_rate", "network_growth", "lease_equity_return"]
)
def test_a_rate_at_which_more_than_everything_is_lost_is_no_fact(book, metric):
    with pytest.raises(ValuationError, match=f"{metric} must be -0.99 or more, got -0.995"):
        with_own_facts(book, [("ALL", metric, -0.995)])
