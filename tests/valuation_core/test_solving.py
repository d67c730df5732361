"""Solving for an input: each that moves the target is found, and put back it gives the target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import covered
from valuation_core import ValuationError, load_book, solving, with_own_facts
from valuation_core.book import METRICS
from valuation_core.solving import solve_for
from valuation_core.target import target

REACHED = {
    # input: miner, target as a multiple of the present one
    "btc_held": ("RIOT", 0.9),
    "btc_price": ("RIOT", 1.1),
    "block_subsidy": ("RIOT", 1.1),
    "blocks_per_day": ("RIOT", 0.9),
    "cash": ("RIOT", 0.9),
    "cloud_mw": ("RIOT", 1.1),  # it has none today
    "cloud_value": ("IREN", 1.03),  # the only one with a cloud
    "colo_value_high": ("RIOT", 1.1),
    "colo_value_low": ("RIOT", 1.05),
    "colo_value_position": ("RIOT", 1.1),
    "cost_of_equity": ("RIOT", 0.9),
    "efficiency": ("RIOT", 1.1),
    "fee_share": ("RIOT", 1.1),
    "gross_to_critical": ("CIFR", 1.1),  # its signed MW are critical
    "guided_hashrate_share": ("RIOT", 1.005),
    "hashrate": ("RIOT", 0.9),
    "hodl_premium": ("RIOT", 1.1),
    "hpc_mw_shopped": ("RIOT", 1.1),
    "land_power_value": ("RIOT", 1.1),  # 1,100 MW are free
    "hpc_probability": ("RIOT", 0.9),
    "mining_discount_rate": ("RIOT", 0.9),
    "network_growth": ("RIOT", 0.9),
    "network_hashrate": ("RIOT", 1.1),
    "other_value": ("RIOT", 1.1),
    "power_price": ("RIOT", 0.9),
    "shares_basic": ("RIOT", 1.1),
    "tenant_cap": ("RIOT", 0.9),  # only a smaller one binds
    "uptime": ("RIOT", 0.9),  # it is 1 today
    "debt_reported": ("APLD", 0.9),  # the book has no instrument of its debt
}
REACHED_ELSEWHERE = {
    # input: miner, target as a multiple of the present one, date, case
    "cash": (
        "CLSK",
        0.9,
        "2025-11-24",
        "plain",
    ),  # pro forma: what is solved for is that of the day
    "colo_value_high": ("CIFR", 1.1, "2025-11-06", "reconstruction"),
    "colo_value_position": ("CIFR", 0.9, "2025-11-06", "reconstruction"),
    "cost_of_equity": ("RIOT", 1.1, "2025-09-26", "reconstruction"),
    "hashrate_displaced": ("CIFR", 1.005, "2025-11-24", "plain"),
    "hashrate_guided": ("RIOT", 1.01, "2025-09-26", "reconstruction"),
    "hpc_mw_named": ("CIFR", 1.1, "2025-11-24", "reconstruction"),
    "hpc_mw_shopped": ("CIFR", 0.95, "2025-11-06", "plain"),  # net of what was let
    "hpc_value_named": ("CIFR", 1.1, "2025-11-24", "reconstruction"),
    "land_on_unlet": ("RIOT", 1.02, "2025-09-26", "reconstruction"),
    "land_power_value": ("CLSK", 1.1, "2025-11-06", "reconstruction"),
}
NOT_IN_THE_TARGET = {
    "btc_volatility", "capex_per_mw", "gpu_capex", "gpu_life",
    "gpu_opex_share", "gpu_per_mw", "gpu_price", "gpu_utilisation", "grid_backlog",
    "hpc_cost_reduction", "lease_build_years", "lease_debt_rate", "lease_debt_years",
    "lease_equity_return", "lease_escalator", "lease_exit_cap_rate", "lease_loan_to_cost",
    "lease_noi_margin", "lease_rent", "lease_years", "option_by_site", "power_operating",
    "power_secured", "price",
    "rating_overweight_from", "rating_underweight_below", "sector_power_development",
    "sector_power_operating", "signed_by_lease", "signing_correlation", "site_probability_12m",
    "site_probability_24m", "site_probability_later", "site_probability_pipeline", "window_months",
}  # fmt: skip
AIMS = (11.0, 14.0, 14.864, 19.0)
"""Below the target of RIOT, above it, at its conversion price, above that."""
OUT_OF_REACH = {
    ("fee_share", 11.0),  # fees cannot be negative
    ("fee_share", 19.0),  # nor more than the subsidy
    ("efficiency", 19.0),  # nor can a machine need less than nothing
    ("hpc_mw_shopped", 14.864),  # one tenant takes 800 MW
    ("hpc_mw_shopped", 19.0),
}
NAMES = [
    "btc_price", "hodl_premium", "other_value", "hashrate", "cash", "colo_value_high", "btc_held",
    "shares_basic", "efficiency", "network_hashrate", "hpc_mw_shopped", "fee_share", "power_price",
]  # fmt: skip


@pytest.fixture(scope="module")
def complete():
    """The book, with what it lacks of APLD stated."""
    lacking = ("hashrate", "efficiency", "power_price", "uptime", "btc_held", "cloud_mw")
    own = [("APLD", metric, 1.0) for metric in (*lacking, "other_value")]
    return with_own_facts(load_book(), own)


def put_back(book, ticker, name, found):
    """The target with the value solved for in place of the fact."""
    scope = "NETWORK" if METRICS[name].home == "NETWORK" else ticker
    basis = (book.find(ticker, name) or METRICS[name]).basis
    return target(ticker, book=with_own_facts(book, [(scope, name, found, basis)]))


def test_every_numeric_fact_is_named_here():
    numeric = {name for name, metric in METRICS.items() if metric.unit != "date"}
    reached = {*REACHED, *REACHED_ELSEWHERE}
    assert reached | NOT_IN_THE_TARGET | {"use_named"} == numeric
    assert not reached & NOT_IN_THE_TARGET


@pytest.mark.parametrize("name", REACHED)
def test_an_input_that_moves_the_target_is_found_and_put_back_gives_the_target(complete, name):
    ticker, multiple = REACHED[name]
    aim = multiple * target(ticker, book=complete)
    found = solve_for(ticker, name, aim, complete)
    assert put_back(complete, ticker, name, found) == pytest.approx(aim, rel=1e-9)


@pytest.mark.parametrize("name", REACHED_ELSEWHERE)
def test_an_input_of_another_date_or_case_is_found_and_put_back_gives_the_target(name):
    ticker, multiple, day, case = REACHED_ELSEWHERE[name]
    book = load_book(day, case=case)
    aim = multiple * target(ticker, book=book)
    found = solve_for(ticker, name, aim, book)
    assert put_back(book, ticker, name, found) == pytest.approx(aim, rel=1e-9)


def test_a_value_per_critical_mw_is_solved_on_that_basis_and_says_so():
    # The edition names 14 USD M per critical MW for 480 of them.
    book = load_book("2025-11-24", case="reconstruction")
    aim = 1.1 * target("CIFR", book=book)
    steps = solve_for.explain(
        {"miner": "CIFR", "input": "hpc_value_named", "target": aim, "book": book}
    )
    assert steps[-1].unit == "USD M/MW critical"
    assert steps[-1].value == pytest.approx(15.714, abs=5e-4)


def test_a_switch_is_solved_only_where_it_stands_on_or_off():
    book = load_book("2025-11-24")
    off = target("CIFR", book=with_own_facts(book, [("ALL", "use_named", 0.0)]))
    assert solve_for("CIFR", "use_named", off, book) == 0
    between = (off + target("CIFR", book=book)) / 2
    with pytest.raises(ValuationError, match="target is not reached by any use_named"):
        solve_for("CIFR", "use_named", between, book)


@pytest.mark.parametrize("name", sorted(NOT_IN_THE_TARGET))
def test_an_input_that_does_not_move_the_target_reaches_no_other_one(name):
    with pytest.raises(ValuationError, match=f"target is not reached by any {name}, got 19"):
        solve_for("RIOT", name, 19)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("aim", AIMS)
def test_a_solved_input_put_back_gives_the_target_and_what_no_input_gives_is_said(book, name, aim):
    if (name, aim) in OUT_OF_REACH:
        with pytest.raises(ValuationError, match=f"is not reached by any {name}, got {aim:g}"):
            solve_for("RIOT", name, aim)
    else:
        found = solve_for("RIOT", name, aim)
        assert put_back(book, "RIOT", name, found) == pytest.approx(aim, rel=1e-9)


@given(aim=st.floats(8, 60), ticker=covered)
@settings(max_examples=20)
def test_other_value_always_solves_and_in_closed_form_below_conversion(aim, ticker):
    found = solve_for(ticker, "other_value", aim)
    book = with_own_facts(load_book(), [(ticker, "other_value", found)])
    assert target(ticker, book=book) == pytest.approx(aim, rel=1e-9)


def test_solving_says_why_it_cannot():
    for name, reason in (
        ("target_date", "must be a number, not a date"),
        ("hpc_probability", "is not reached by any hpc_probability, got 19"),
        ("btc_prize", "did you mean btc_price"),
    ):
        with pytest.raises(ValuationError, match=reason):
            solve_for("RIOT", name, 19)
    with pytest.raises(ValuationError, match="WULF: no"):
        solve_for("WULF", "btc_price", 19)


def test_values_that_fail_are_passed_over_and_where_all_do_the_first_says_why(monkeypatch, book):
    """A target that is the value itself, but fails below some height."""

    def fails_below(height):
        def part(evaluation, ticker, choice):
            value = evaluation.given["other_value"]
            evaluation.require(value >= height, "first", "is too low", value)
            evaluation.require(value >= height - 1e20, "second", "is too low", value)
            return value

        monkeypatch.setattr(solving, "target_part", part)

    fails_below(100.0)
    assert solve_for("RIOT", "other_value", 150) == 150
    with pytest.raises(ValuationError, match="is not reached by any other_value"):
        solve_for("RIOT", "other_value", 50)
    fails_below(1e300)
    with pytest.raises(ValuationError, match="first is too low, got -"):
        solve_for("RIOT", "other_value", 150)


def bracket_of(tried, gaps, present):
    """The neighbours between which a gap changes sign, as the solver takes them."""
    low, high = solving._brackets(tried, gaps, present, np.array([0.0]))
    return low[0], high[0]


def test_of_several_solutions_the_one_nearest_to_the_present_value_is_taken():
    # The gap changes sign between 1 and 2, 4 and 5, 7 and 8; between 4 and 5 it is 0 nowhere.
    tried = np.arange(10.0)
    gaps = np.array([-1, -1, 1, 1, 1, -1, -1, -1, 1, 1.0])
    for present, bracket in (
        (0.0, (1, 2)),
        (4.0, (4, 5)),
        (5.9, (4, 5)),
        (6.1, (7, 8)),
        (99, (7, 8)),
    ):
        assert bracket_of(tried, gaps, present) == bracket
    for present, exact in ((-3.0, 3.0), (5.0, 6.0), (-99.0, 3.0)):
        met = np.where(np.isin(tried, (3, 6)), 0.0, gaps)
        assert bracket_of(tried, met, present) == (exact, exact)
    assert np.isnan(bracket_of(tried, np.ones(10), 0.0)).all()


@pytest.mark.parametrize("name", ["other_value", "btc_price", "network_growth", "shares_basic"])
def test_a_range_is_solved_as_its_cells_are(name):
    aims = np.linspace(8.0, 30.0, 45).reshape(9, 5)
    miners = np.array([["RIOT", "IREN", "CLSK", "CIFR", "nobody"]], dtype=object)
    together = solve_for.evaluate({"miner": miners, "input": name, "target": aims})
    for index in np.ndindex(aims.shape):
        error = together.error_at(index)
        try:
            alone = solve_for(miners[0, index[1]], name, aims[index])
        except ValuationError as expected:
            assert (str(error), error.kind) == (str(expected), expected.kind)
        else:
            assert error is None
            assert together.values[index] == pytest.approx(alone, rel=1e-12)


def test_inputs_down_and_miners_across_are_solved_one_by_one():
    inputs = [["btc_price"], ["target_date"], ["cash"]]
    found = solve_for.evaluate({"miner": ["RIOT", "IREN"], "input": inputs, "target": 14.0})
    assert found.failed.tolist() == [[False, False], [True, True], [False, False]]
    assert found.values[2, 1] == pytest.approx(solve_for("IREN", "cash", 14.0), rel=1e-12)


def test_more_solutions_than_the_limit_are_refused_with_the_reason():
    aims = np.full(solving.LARGEST + 1, 19.0)
    with pytest.raises(ValuationError, match="solutions must be 100,000 or fewer, got 100001"):
        solve_for("RIOT", "cash", aims)


def test_a_target_that_a_jump_passes_over_is_not_reached():
    def jump(values):
        return np.where(values < 1.0, 10.0, 20.0)

    one = np.array([1.0])
    assert np.isnan(solving._closed(jump, 15.0 * one, 0.0 * one, 2.0 * one)).all()
    line = solving._closed(lambda values: 3.0 * values, 4.5 * one, 0.0 * one, 2.0 * one)
    assert line.tolist() == [1.5]
    curve = solving._closed(lambda values: values**3, 2.0 * one, 0.0 * one, 9.0 * one)
    assert curve == pytest.approx(2.0 ** (1 / 3), rel=1e-15)


def test_one_end_of_a_range_is_not_solved_beyond_the_other():
    # RIOT, halfway: 300 expected MW x (8.6 - 6.15) = 735 USD M on 369.62 M shares reach 14.39
    # with a low of 8.6, the high itself; and as much less with a high of 3.7 the low: 10.42.
    plain = target("RIOT")
    for name, most in (("colo_value_low", plain + 735 / 369.62), ("colo_value_high", None)):
        end = plain - 735 / 369.62 if most is None else most
        inside, outside = (end + 0.01, end - 0.01) if most is None else (end - 0.01, end + 0.01)
        found = solve_for("RIOT", name, inside)
        book = with_own_facts(load_book(), [("RIOT", name, found)])
        assert target("RIOT", book=book) == pytest.approx(inside, rel=1e-9)
        with pytest.raises(ValuationError, match=f"is not reached by any {name}"):
            solve_for("RIOT", name, outside)
    # The other end may be on another basis: 8.6 per gross MW are 11.18 per critical MW.
    critical = with_own_facts(load_book(), [("RIOT", "colo_value_low", 3.7 * 1.3, "critical")])
    found = solve_for("RIOT", "colo_value_low", plain + 734 / 369.62, book=critical)
    assert found == pytest.approx((8.6 - 1 / 150) * 1.3, rel=1e-4)
    with pytest.raises(ValuationError, match="is not reached by any colo_value_low"):
        solve_for("RIOT", "colo_value_low", plain + 736 / 369.62, book=critical)


def test_blocks_a_day_are_not_solved_where_they_would_move_a_halving():
    # 927 days to the halving, then 210,000 / 380 = 553 days: the next one is on day 1,480, beyond
    # the horizon of 1,461. At 400 blocks a day it is on day 1,452: the last days bring less.
    at_350, at_380, at_400 = (target("RIOT", book=blocks(count)) for count in (350, 380, 400))
    assert solve_for("RIOT", "blocks_per_day", at_350) == pytest.approx(350, rel=1e-12)
    on_the_line = at_380 + (at_380 - at_350) * 20 / 30
    assert at_400 < on_the_line - 0.01
    with pytest.raises(ValuationError, match="is not reached by any blocks_per_day"):
        solve_for("RIOT", "blocks_per_day", on_the_line)


def blocks(count):
    return with_own_facts(load_book(), [("NETWORK", "blocks_per_day", float(count))])


def test_a_solution_is_explained_by_the_target_it_gives():
    steps = solve_for.explain({"miner": "RIOT", "input": "btc_price", "target": 19.0})
    given, fact, there, solution = (step.value for step in steps)
    assert (given, fact) == (19.0, 109_107.0)
    assert there == pytest.approx(19.0, rel=1e-12) == target("RIOT", btc_price=solution)


def test_an_input_that_is_gone_names_its_successor():
    with pytest.raises(ValuationError, match="colo_value_mid is gone: state colo_value_position"):
        solve_for("RIOT", "colo_value_mid", 19)
