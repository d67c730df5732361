"""Cases: named changes to the facts of a book, under which everything is valued."""

from __future__ import annotations

from datetime import date

import pytest

from tests.valuation_core.book_files import add_changes, add_rows
from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.ladder import ladder
from valuation_core.target import target


def fact(folder, scope, metric, case="x", day="2025-09-26"):
    return load_book(day, folder, case).fact(scope, metric)


def test_the_shipped_cases_are_six_and_plain_is_the_default(book):
    assert book.cases == ("plain", "reconstruction", "base", "bear", "bull", "sites")
    assert (book.case, book.changes) == ("plain", ())
    assert load_book(case="plain").handle == book.handle


def test_set_replaces_a_value_and_names_the_case_and_its_source(folder):
    add_changes(folder, ("x", "RIOT", "hpc_mw_shopped", "set", "400", "MW", "critical"))
    changed = fact(folder, "RIOT", "hpc_mw_shopped")
    assert (changed.value, changed.basis, changed.case) == (400, "critical", "x")
    assert (changed.source, changed.confidence) == ("assumption", "low")
    assert changed.note == "case x: in place of 600"
    assert changed.as_of == load_book().as_of
    assert fact(folder, "RIOT", "hpc_mw_shopped", "plain").value == 600


def test_times_multiplies_the_value_in_force_on_its_own_basis_and_day(folder):
    add_changes(
        folder,
        ("x", "RIOT", "hpc_mw_shopped", "times", "0.5", "MW", ""),
        ("x", "ALL", "capex_per_mw", "times", "1.2", "USD M/MW", ""),
        ("x", "RIOT", "cash", "times", "2", "USD M", ""),
    )
    changed = fact(folder, "RIOT", "hpc_mw_shopped")
    plain = fact(folder, "RIOT", "hpc_mw_shopped", "plain")
    assert (changed.value, changed.basis, plain.value) == (300, "gross", 600)
    assert changed.note == "case x: 600 times 0.5"
    capex = fact(folder, "RIOT", "capex_per_mw")
    assert (capex.value, capex.basis) == (12, "critical")
    cash = fact(folder, "RIOT", "cash")
    assert (cash.value, cash.as_of) == (2 * 255.4, date(2025, 6, 30))


def test_a_change_for_all_applies_to_every_miner_that_has_a_value_and_gives_none_to_others(folder):
    add_changes(folder, ("x", "ALL", "hpc_probability", "times", "0.5", "fraction", ""))
    for ticker in ("RIOT", "IREN", "CIFR"):
        assert fact(folder, ticker, "hpc_probability").value == 0.25
    with pytest.raises(ValuationError, match="CLSK: no hpc_probability"):
        fact(folder, "CLSK", "hpc_probability")


def test_a_tickers_own_change_stands_before_the_one_for_all_whatever_the_order(folder):
    add_changes(
        folder,
        ("x", "RIOT", "hpc_probability", "set", "0.9", "fraction", ""),
        ("x", "ALL", "hpc_probability", "times", "0.5", "fraction", ""),
        ("x", "ALL", "tenant_cap", "set", "1000", "MW", "gross"),
        ("x", "RIOT", "tenant_cap", "times", "2", "MW", ""),
    )
    found = [fact(folder, ticker, "hpc_probability").value for ticker in ("RIOT", "IREN")]
    assert found == [0.9, 0.25]
    # RIOT's factor is on the 800 of the book, not on the 1,000 of the case
    found = [fact(folder, ticker, "tenant_cap").value for ticker in ("RIOT", "IREN")]
    assert found == [1600, 1000]


def test_a_change_of_the_network_reaches_every_miner(folder):
    add_changes(folder, ("x", "NETWORK", "btc_price", "times", "0.7", "USD", ""))
    assert fact(folder, "RIOT", "btc_price").value == pytest.approx(0.7 * 109_107)


def test_a_date_is_set_to_another_date(folder):
    add_changes(folder, ("x", "ALL", "target_date", "set", "2027-12-31", "date", ""))
    changed = fact(folder, "RIOT", "target_date")
    assert changed.value.isoformat() == "2027-12-31"
    assert changed.note == "case x: in place of 2026-12-31"


def test_own_facts_win_over_the_case_and_an_own_row_for_all_too(folder):
    add_changes(
        folder,
        ("x", "RIOT", "cash", "times", "2", "USD M", ""),
        ("x", "RIOT", "tenant_cap", "set", "100", "MW", "gross"),
        ("x", "ALL", "hodl_premium", "set", "1.5", "ratio", ""),
    )
    under_case = load_book(folder=folder, case="x")
    own = with_own_facts(
        under_case, [("RIOT", "cash", 7), ("ALL", "tenant_cap", 900), ("ALL", "hodl_premium", 1.2)]
    )
    assert own.case == "x"
    for metric, value in (("cash", 7), ("tenant_cap", 900), ("hodl_premium", 1.2)):
        assert (own.fact("RIOT", metric).value, own.fact("RIOT", metric).case) == (value, "")


def test_an_own_row_for_all_keeps_the_case_off_the_figures_of_single_miners(book):
    """The book states 0.5 for RIOT and nothing for CLSK; the case would make it 0.125."""
    own = with_own_facts(load_book(case="bear"), [("ALL", "hpc_probability", 0.3)])
    assert [own.fact(name, "hpc_probability").value for name in ("RIOT", "CLSK")] == [0.5, 0.3]


def test_an_own_fact_equal_to_the_plain_one_still_wins_over_the_case(book):
    own = with_own_facts(load_book(case="bear"), [("RIOT", "hpc_probability", 0.5)])
    assert own.fact("RIOT", "hpc_probability").value == 0.5
    assert own.fact("IREN", "hpc_probability").value == 0.125


def test_plain_is_without_the_case_and_without_own_facts(book):
    own = with_own_facts(load_book(case="bear"), [("RIOT", "cash", 7)])
    assert own.plain == book


def test_changes_are_counted_by_the_facts_they_change_and_none_is_kept_from_sight(book):
    found = {
        (change["case"], change["scope"], change["metric"]): count
        for change, count in book.facts_changed()
    }
    # RIOT, IREN and CIFR have a probability; no edition names MW before 2025-11-24
    assert found["bear", "ALL", "hpc_probability"] == 3
    assert found["bear", "ALL", "hpc_mw_named"] == 0
    later = {
        (change["case"], change["scope"], change["metric"]): count
        for change, count in load_book("2025-11-24").facts_changed()
    }
    assert later["bear", "ALL", "hpc_mw_named"] == 3  # CIFR, CLSK, IREN


def test_an_unknown_case_is_missing_and_names_those_there_are():
    with pytest.raises(ValuationError) as caught:
        load_book(case="baer")
    assert caught.value.kind is ErrorKind.MISSING
    said = str(caught.value)
    assert "plain, reconstruction, base, bear, bull, sites" in said
    assert "did you mean bear?" in said


def test_a_case_that_leads_out_of_a_domain_is_refused_when_the_book_is_made(folder):
    add_changes(folder, ("x", "ALL", "hpc_probability", "times", "3", "fraction", ""))
    with pytest.raises(ValuationError) as caught:
        load_book(folder=folder, case="x")
    assert caught.value.kind is ErrorKind.DOMAIN
    assert "case x: " in str(caught.value)
    assert "hpc_probability must be between 0 and 1, got 1.5" in str(caught.value)
    assert load_book(folder=folder).cases[-1] == "x"  # another case is not concerned


def test_a_case_may_lead_out_of_a_domain_on_another_day_only(folder):
    """2.2 times 0.4 is 0.88, 2.2 times 0.5 is more than certain."""
    add_changes(folder, ("x", "RIOT", "hpc_probability", "times", "2.2", "fraction", ""))
    add_rows(folder, ("RIOT", "hpc_probability", "0.4", "fraction", "", "2025-12-01", ""))
    assert fact(folder, "RIOT", "hpc_probability", day="2025-12-01").value == pytest.approx(0.88)
    with pytest.raises(ValuationError, match="got 1.1"):
        fact(folder, "RIOT", "hpc_probability")


def test_the_changes_of_an_analyst_take_the_place_of_those_of_the_book(book):
    (first, *_) = load_book(case="bear").changes
    changed = book.with_changes([{**first, "case": "mine", "value": 0.25}])
    assert (changed.case, changed.cases) == ("mine", ("plain", "mine"))
    assert changed.fact("RIOT", "colo_value_position").value == 0.25
    assert book.with_changes([]).case == "plain"


def test_a_case_or_an_own_fact_that_puts_a_low_above_its_high_is_refused(folder, book):
    """The range on 2025-09-26 is 3.7 to 8.6 USD M per gross MW."""
    add_changes(
        folder,
        ("above", "ALL", "colo_value_low", "set", "9", "USD M/MW", "gross"),
        ("moved", "ALL", "colo_value_low", "set", "9", "USD M/MW", "gross"),
        ("moved", "ALL", "colo_value_high", "set", "12", "USD M/MW", "gross"),
    )
    reason = "colo_value_low must not be above colo_value_high, 8.6, got 9"
    with pytest.raises(ValuationError, match=f"ALL {reason}") as refused:
        load_book(folder=folder, case="above")
    assert refused.value.kind is ErrorKind.DOMAIN
    with pytest.raises(ValuationError, match=f"RIOT {reason}"):
        with_own_facts(book, [("RIOT", "colo_value_low", 9.0)])
    # 11 per critical MW are 8.46 per gross MW, at 1.3 gross MW per critical one.
    with pytest.raises(ValuationError, match="above colo_value_high, 8.6 per gross MW, got 11.5"):
        with_own_facts(book, [("RIOT", "colo_value_low", 11.5, "critical")])
    assert with_own_facts(book, [("RIOT", "colo_value_low", 11.0, "critical")])
    # Both ends moved are a range again, and the ladder goes through where they cross.
    moved = load_book(folder=folder, case="moved")
    assert target("RIOT", book=moved) > target("RIOT", book=moved.plain)
    assert len(ladder("RIOT", moved).rows) == 7
    assert with_own_facts(book, [("RIOT", "colo_value_low", 8.6)]).fact("RIOT", "colo_value_low")
