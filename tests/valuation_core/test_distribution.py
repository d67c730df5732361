"""The distribution of a target: against the target itself at the facts of one outcome."""

from __future__ import annotations

from math import exp, sqrt
from statistics import NormalDist

import numpy as np
import pytest

from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.book import Book
from valuation_core.book.tables import table_of
from valuation_core.catalogue.catalogue import explain
from valuation_core.contracts import NAMED_RANGE, contracts_of
from valuation_core.distribution import distribution
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.histogram import histogram
from valuation_core.implied import implied_per_mw
from valuation_core.outcomes import outcomes_of
from valuation_core.sensitivity import DRIVERS
from valuation_core.target import target

PLAIN = load_book()
STEADY = [("ALL", "btc_volatility", 0.0)]
STILL = with_own_facts(PLAIN, STEADY)
"""Bitcoin does not move: what is signed decides alone."""
YEARS = (np.datetime64("2026-12-31") - np.datetime64("2025-09-26")).astype(float) / 365.25


def table(miner, percentiles=None, book=PLAIN, correlation=None):
    return distribution(miner, percentiles, correlation, book=book).rows


def column(miner, percentiles, book=PLAIN, place=3):
    return [row[place] for row in table(miner, percentiles, book)[: len(percentiles)]]


def named(miner, name, book=PLAIN, correlation=None):
    return next(row for row in table(miner, None, book, correlation) if row[0] == name)


@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CIFR"])
def test_without_bitcoin_a_quarter_from_the_top_is_the_target_with_the_deal_signed(ticker):
    # At even odds: 0.5 without a deal, then half the triangle, to its middle at 6.15 USD M per MW.
    found = column(ticker, [0.4, 0.5, 0.75, 1.0], STILL)
    without = target(ticker, 0.0, book=STILL)
    tops = [target(ticker, 1.0, per_mw=per_mw, book=STILL) for per_mw in (6.15, 8.6)]
    assert found == pytest.approx([without, without, *tops], rel=1e-12)


def test_without_bitcoin_the_price_is_reached_where_the_triangle_is_above_what_it_pays_for():
    # RIOT's price needs v per MW: 0.5 x (1 - (v - 3.7)^2 / (4.9 x 2.45)), v below 6.15.
    needs = implied_per_mw("RIOT", prob=1.0, book=STILL)
    assert 3.7 < needs < 6.15
    chance = named("RIOT", "at least the price", STILL)[1]
    assert chance == pytest.approx(0.5 * (1 - (needs - 3.7) ** 2 / (4.9 * 2.45)), rel=1e-10)


def test_a_name_without_a_contract_and_bitcoin_is_a_single_point():
    found = column("MARA", [0.0, 0.3, 1.0], STILL)
    assert found == pytest.approx([target("MARA")] * 3, rel=1e-12)
    assert named("MARA", "no deal", STILL)[1] == 1
    assert named("MARA", "at least the price", STILL)[1] == 0  # 12.53 below 16.06


@pytest.mark.parametrize("case", ["plain", "reconstruction"])
def test_a_name_without_a_contract_has_the_target_at_each_quantile_of_bitcoin(case):
    # Lognormal with a mean of 109,107 USD and 50% a year over 1.26 years.
    book = load_book(case=case)
    deviation = 0.5 * sqrt(YEARS)
    chances = [0.001, 0.05, 0.2, 0.5, 0.9, 0.999]
    normal = [NormalDist().inv_cdf(chance) for chance in chances]
    prices = [109_107 * exp(deviation * one - deviation**2 / 2) for one in normal]
    by_hand = [target("MARA", btc_price=price, book=book) for price in prices]
    assert column("MARA", chances, book) == pytest.approx(by_hand, rel=1e-9)


def test_where_mining_switches_off_is_met_exactly():
    """MARA pays for its power above 39,900 USD a bitcoin, and above twice that after the halving."""
    chances = np.linspace(0.02, 0.5, 200)
    found = np.array(column("MARA", chances.tolist()))
    deviation = 0.5 * sqrt(YEARS)
    normal = np.array([NormalDist().inv_cdf(one) for one in chances])
    prices = 109_107 * np.exp(deviation * normal - deviation**2 / 2)
    assert prices[0] < 39_900
    assert prices[-1] > 90_000
    assert found == pytest.approx(target("MARA", btc_price=prices), abs=1e-9)


@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CIFR"])
def test_both_factors_together_are_the_mixture_of_each_outcome(ticker):
    """Signed or not, each averaged over many values of the contract, bitcoin by its quantile."""
    contract = contracts_of(Evaluation().use(PLAIN), ticker).contracts[0]
    outcomes = outcomes_of(Evaluation().use(PLAIN), ticker)
    middles = (np.arange(400) + 0.5) / 400
    values = outcomes.contracts.values.quantile(middles[:, np.newaxis])[:, 0]
    deviation = 0.5 * sqrt(YEARS)
    normal = np.array([NormalDist().inv_cdf(one) for one in middles])
    prices = 109_107 * np.exp(deviation * normal - deviation**2 / 2)
    signed = target(ticker, 1.0, per_mw=values[:, np.newaxis] / contract.mw, btc_price=prices)
    unsigned = target(ticker, 0.0, btc_price=prices)
    chances = [0.1, 0.4, 0.6, 0.9]
    for chance, figure in zip(chances, column(ticker, chances), strict=True):
        below = 0.5 * (signed <= figure).mean() + 0.5 * (unsigned <= figure).mean()
        assert below == pytest.approx(chance, abs=0.002)
    mean = named(ticker, "mean")[3]
    assert mean == pytest.approx(0.5 * signed.mean() + 0.5 * unsigned.mean(), rel=0.003)


def test_the_mean_of_the_hpc_value_is_the_probability_weighted_sum():
    # (3.7 + 6.15 + 8.6) / 3 = 6.15: half of 600, 800 and 306 MW.
    for miner, mw in {"RIOT": 600, "IREN": 800, "CIFR": 306, "ALL": 1706}.items():
        assert named(miner, "mean")[2] == pytest.approx(0.5 * mw * 6.15, rel=1e-12)
        assert named(miner, "model's own")[2] == pytest.approx(0.5 * mw * 6.15, rel=1e-12)


def test_at_the_top_of_the_range_the_mean_is_below_the_target():
    # The mode is 8.6 and the mean (3.7 + 8.6 + 8.6) / 3 = 6.97 USD M per MW.
    book = load_book(case="reconstruction")
    mean, own = (named("RIOT", name, book)[2] for name in ("mean", "model's own"))
    assert (mean, own) == pytest.approx((300 * 20.9 / 3, 300 * 8.6), rel=1e-12)


def test_no_deal_of_the_coverage_is_likelier_the_more_signings_hang_together():
    # Three names at even odds: 1/8 on their own, 1/2 as one.
    chances = [named("ALL", "no deal", PLAIN, one)[1] for one in (0.0, 0.3, 0.6, 1.0)]
    assert chances[0] == pytest.approx(0.125, abs=1e-12)
    assert chances[-1] == pytest.approx(0.5, abs=1e-12)
    # Orthants of three: 1/8 + 3 asin(c) / (4 pi).
    by_hand = [0.125 + 3 * np.arcsin(one) / (4 * np.pi) for one in (0.3, 0.6)]
    assert chances[1:3] == pytest.approx(by_hand, abs=1e-11)
    assert chances[1] == named("ALL", "no deal")[1]  # 0.3 is the book's


def test_site_by_site_each_site_is_a_contract_of_its_own():
    # IREN: 0.35 and 0.1, on their own 0.65 x 0.9 without a deal; the second pays for waiting.
    book = load_book(case="sites")
    found = contracts_of(Evaluation().use(book), "IREN").contracts
    assert [(one.probability, one.mw) for one in found] == [(0.35, 800), (0.1, 600)]
    assert found[1].high / (600 * 8.6) == pytest.approx(found[1].low / (600 * 3.7))
    assert found[1].high < 600 * 8.6
    assert named("IREN", "no deal", book, 0.0)[1] == pytest.approx(0.65 * 0.9)


def test_land_that_is_let_is_no_longer_valued_as_land():
    # Base: 600 MW x 0.475 of land are given up by the deal; both outcomes are targets of the model.
    book = with_own_facts(load_book(case="base"), STEADY)
    outcomes = [
        target("RIOT", book=with_own_facts(book, [("RIOT", "hpc_probability", chance)]))
        for chance in (0.0, 1.0)
    ]
    contract = contracts_of(Evaluation().use(book), "RIOT").contracts[0]
    assert contract.land == pytest.approx(600 * 0.475)
    # At 0.3 of the range the mode is reached with 0.3 of the triangle: 0.75 + 0.25 x 0.3.
    found = column("RIOT", [0.7, 0.75 + 0.25 * 0.3], book)
    assert found == pytest.approx(outcomes, rel=1e-9)


def test_named_mw_beyond_those_under_contract_are_certain_unless_you_give_a_probability():
    # IREN: 660 critical MW are 858 gross, 260 of them let to Microsoft: 598 at 17 / 1.3 USD M.
    book = load_book("2025-11-24")
    assert named("IREN", "no deal", book)[1] == 0
    assert named("IREN", "mean", book)[2] == pytest.approx(598 * 17 / 1.3)
    own = with_own_facts(book, [("IREN", "hpc_probability", 0.4)])
    assert named("IREN", "no deal", own)[1] == pytest.approx(0.6)
    assert named("IREN", "mean", own)[2] == pytest.approx(0.4 * 598 * 17 / 1.3)
    steady = with_own_facts(book, STEADY)
    assert column("IREN", [0.5], steady) == pytest.approx([target("IREN", book=book)], rel=1e-9)


def test_named_values_are_drawn_within_the_range_of_the_tornado():
    driver = next(driver for driver in DRIVERS if driver.moves == "hpc_value_named")
    assert (driver.ends, driver.how) == (NAMED_RANGE, "times")


def test_what_is_missing_is_an_error_in_its_row_alone():
    kept = [row for row in PLAIN.tables["editions"].rows() if row["ticker"] != "RIOT"]
    book = Book(PLAIN.as_of, {**PLAIN.tables, "editions": table_of("editions", kept)})
    *_, price, published = table("RIOT", [0.5], book)
    assert price[1] == pytest.approx(named("RIOT", price[0])[1])
    assert str(published[1]) == "RIOT: nothing published on or before 2025-09-26"


def test_a_low_above_its_high_on_another_basis_is_no_triangle():
    """20 per gross MW against 17 per critical MW, which are 13.08 per gross MW."""
    book = load_book("2025-11-24")
    rows = [*book.tables["inputs"].rows()]
    low = next(row for row in reversed(rows) if row["metric"] == "colo_value_low")
    stated = {**low, "value": 20.0, "basis": "gross"}
    wrong = table_of("inputs", [row for row in rows if row != low] + [stated])
    crossed = Book.at({**book.tables, "inputs": wrong}, book.as_of)
    for function in (distribution, histogram):
        with pytest.raises(ValuationError, match=r"above colo_value_high, 13\.0769 per gross MW"):
            function("RIOT", book=crossed)


def test_bitcoin_has_no_highest_price_and_the_target_no_highest_figure():
    rows = table("RIOT", [0.5, 1.0])
    assert isinstance(rows[0][3], float)
    assert str(rows[1][3]) == "RIOT: has no highest target, since bitcoin may rise without limit"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("RIOT", None, 1.2), "correlation must be between 0 and 1, got 1.2"),
        (("RIOT", None, "x"), "correlation must be a number, got 'x'"),
        (("RIOT", [0.5, -0.1]), "percentiles must be between 0 and 1, got -0.1"),
        (("RIOT", [0.5, float("nan")]), "percentiles must be between 0 and 1, got nan"),
        (("RIOT", ["x"]), "percentiles must be numbers, got ['x']"),
        (("RIOT", [0.5] * 201), "percentiles must be 1 to 200 of them, got 201"),
        (("RIOTT",), "unknown miner 'RIOTT'; did you mean RIOT?"),
        ((["RIOT", "IREN"],), "miner must be a single value, not a range"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, reason):
    with pytest.raises(ValuationError) as refused:
        distribution(*arguments)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            [("ALL", "btc_volatility", 5.0)],
            "btc_volatility must be 2.7 or less up to the target date, got 5",
        ),
        (
            [("RIOT", "hpc_mw_shopped", 1e7), ("ALL", "tenant_cap", 1e7)],
            "HPC value of RIOT must be 10,000,000 USD M or less, got 86000000",
        ),
    ],
)
def test_facts_beyond_all_sense_are_refused_in_one_sentence(facts, reason):
    with pytest.raises(ValuationError) as refused:
        table("RIOT", None, with_own_facts(PLAIN, facts))
    assert str(refused.value) == reason


def test_the_same_call_gives_the_same_bits():
    assert table("ALL") == table("ALL")
    assert table("CIFR") == table("CIFR")


def test_the_explanation_leads_from_the_facts_to_the_mean():
    steps = explain("HPC_DISTRIBUTION", "RIOT").rows
    names = {row[0] for row in steps}
    assert {"signing_correlation", "btc_volatility", "btc_held", "hpc_probability"} <= names
    assert steps[-1][:3] == ("mean", "over all outcomes", named("RIOT", "mean")[3])
