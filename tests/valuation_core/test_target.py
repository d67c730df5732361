"""The target: operating parts grown to its date, coins, cash and debt at face, dilution anew."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import COVERED, covered
from tests.valuation_core.book_files import without_facts
from tests.valuation_core.by_hand import OPERATING, ByHand
from valuation_core import load_book, with_own_facts
from valuation_core.company import sum_of_parts, target_of, value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.target import RANK_HEADER, rank, target, upside

DAYS = 461
"""From 2025-09-26 to the end of 2026."""


def parts_of(ticker, book):
    return value_of(Evaluation().use(book), ticker, Choice())


def grown(ticker, book, factor):
    """Give what operating parts x factor, coins and cash are together, USD M."""
    value = parts_of(ticker, book)
    operating = sum(float(getattr(value, name)) for name in OPERATING)
    return operating * factor + float(value.hodl) + float(value.cash)


def test_the_parts_of_riot_under_the_reconstruction_by_hand():
    book = load_book(case="reconstruction")
    value = parts_of("RIOT", book)
    # Mining of 40 EH/s guided: 40 / 36.4 x 1,172.75.
    assert value.mining == pytest.approx(1288.73, abs=0.005)
    assert value.hodl == pytest.approx(19_309 * 109_107 / 1e6)  # 2,106.75
    assert value.option == pytest.approx(0.5 * 600 * 8.6)  # 2,580
    assert value.land == pytest.approx(1.18 * 1100)  # 1,298
    assert value.cash == 255.4
    # The note of 594.4 converts into 39.99 M shares: 200 of debt and 409.61 M shares are left.
    growth = 1.11 ** (DAYS / 365.25)
    operating = (40 / 36.4 * 1172.7468 + 2580 + 1298) * growth
    by_hand = (operating + 2106.747063 + 255.4 - 200) / (369.62 + 39.98927048)
    assert target("RIOT", book=book) == pytest.approx(by_hand, rel=1e-7)
    assert round(by_hand, 2) == 19.67
    aim = target_of(Evaluation().use(book), "RIOT", Choice())
    assert aim.shares == pytest.approx(409.61, abs=0.005)


def test_parts_under_the_reconstruction_that_the_choice_of_it_did_not_see():
    book = load_book(case="reconstruction")
    assert parts_of("MARA", book).mining == pytest.approx(2403.22, abs=0.005)  # published: 2,500
    cifr = parts_of("CIFR", book)
    assert cifr.signed == pytest.approx(168 * 1.3 * 8.6)  # 1,878.24
    assert cifr.land == pytest.approx(1.18 * 386.4)  # 455.95


@pytest.mark.parametrize("day", ["2025-09-26", "2025-11-24"])
@pytest.mark.parametrize("ticker", COVERED)
def test_at_a_cost_of_equity_of_0_target_and_value_are_one_bit_for_bit(day, ticker):
    for case in ("plain", "reconstruction"):
        book = with_own_facts(load_book(day, case=case), [("ALL", "cost_of_equity", 0.0)])
        assert target(ticker, book=book) == float(parts_of(ticker, book).per_share)
        together = target(list(COVERED), book=book)
        assert together[COVERED.index(ticker)] == pytest.approx(
            target(ticker, book=book), rel=1e-15
        )


@given(rate=st.floats(-0.5, 3.0), ticker=covered, day=st.sampled_from(["2025-09-26", "2025-11-06"]))
@settings(max_examples=40)
def test_any_rate_grows_the_operating_parts_and_dilution_is_solved_there(rate, ticker, day):
    book = with_own_facts(load_book(day, case="bull"), [("ALL", "cost_of_equity", rate)])
    days = (date(2026, 12, 31) - book.as_of).days
    total = grown(ticker, book, (1 + rate) ** (days / 365.25))
    # The value at which all claims together take that: found by halving an interval.
    expected = ByHand(day, "bull").per_share(ticker, total)
    assert target(ticker, book=book) == pytest.approx(expected, rel=1e-9)


def test_a_note_that_converts_only_at_the_target_joins_the_shares_there_alone():
    # RIOT's note converts above 14.864 USD: today the value is 12.41, at 40% a year the target 16.
    book = with_own_facts(load_book(), [("ALL", "cost_of_equity", 0.4)])
    rows = {row[0]: row for row in sum_of_parts("RIOT", book=book).rows}
    assert rows["diluted shares (M)"][1] == pytest.approx(369.62)
    assert rows["diluted shares at the target (M)"][1] == pytest.approx(409.61, abs=0.005)
    assert rows["value per share"][2] == pytest.approx(12.406, abs=5e-4)
    assert rows["target"][2] == target("RIOT", book=book) > 594.4 / 39.98927048


def test_coins_cash_and_debt_earn_nothing():
    own = [
        ("ALL", "cost_of_equity", 0.2),
        ("RIOT", "hashrate", 0.0),
        ("RIOT", "hpc_mw_shopped", 0.0),
    ]
    book = with_own_facts(load_book(), own)
    # Without anything that earns: 2,106.75 + 255.4 - 794.4 over 369.62 M shares.
    assert target("RIOT", book=book) == pytest.approx((2106.747063 + 255.4 - 794.4) / 369.62)


@pytest.mark.parametrize("ticker", ["CIFR", "IREN"])
def test_named_mw_grow_as_other_operating_parts_do(ticker):
    book = load_book("2025-11-24", case="reconstruction")
    assert parts_of(ticker, book).named > 0
    total = grown(ticker, book, 1.11 ** (402 / 365.25))
    expected = ByHand("2025-11-24").per_share(ticker, total)
    assert target(ticker, book=book) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("day", [date(2025, 9, 26), date(2025, 6, 30)])
def test_a_target_date_that_is_here_or_past_grows_nothing(day):
    own = [("ALL", "cost_of_equity", 0.11), ("ALL", "target_date", day)]
    assert target("RIOT", book=with_own_facts(load_book(), own)) == target("RIOT")


def test_a_book_after_the_target_date_rolls_nothing_back():
    book = load_book("2028-06-01", case="reconstruction")
    assert target("RIOT", book=book) == pytest.approx(float(parts_of("RIOT", book).per_share))


def test_a_miner_may_have_a_target_date_and_a_rate_of_its_own():
    own = [("ALL", "cost_of_equity", 0.1), ("RIOT", "target_date", date(2030, 12, 31)),
           ("MARA", "cost_of_equity", 0.0)]  # fmt: skip
    book = with_own_facts(load_book(), own)
    days = (date(2030, 12, 31) - date(2025, 9, 26)).days
    by_hand = ByHand("2025-09-26")
    growths = {"RIOT": 1.1 ** (days / 365.25), "IREN": 1.1 ** (DAYS / 365.25), "MARA": 1.0}
    expected = [by_hand.per_share(t, grown(t, book, g)) for t, g in growths.items()]
    assert target(list(growths), book=book) == pytest.approx(expected, rel=1e-9)


def test_the_table_of_parts_goes_on_to_the_target_and_adds_up():
    book = load_book(case="reconstruction")
    for ticker in COVERED:
        rows = {row[0]: row for row in sum_of_parts(ticker, book=book).rows}
        operating = sum(rows[name][1] for name in OPERATING)
        growth = 1.11 ** (DAYS / 365.25)
        more = rows["roll-forward to the target date"][1]
        assert more == pytest.approx(operating * (growth - 1))
        assert rows["target"][2] == target(ticker, book=book)
        assert rows["value per share"][2] == float(parts_of(ticker, book).per_share)


def test_upside_and_ranking_are_of_the_target_and_not_of_the_value():
    book = load_book(case="reconstruction")
    assert upside("RIOT", book=book) == pytest.approx(target("RIOT", book=book) / 16.74 - 1)
    riot = next(row for row in rank(book).rows if row[0] == "RIOT")
    assert riot[RANK_HEADER.index("target")] == target("RIOT", book=book)


def test_scenarios_of_the_rate_run_together():
    rates = np.array([[0.0], [0.05], [0.11]])
    evaluation = Evaluation((3, 5)).use(load_book(), cost_of_equity=rates)
    made = target_of(evaluation, np.array([COVERED], dtype=object), Choice()).per_share
    for row, rate in enumerate(rates[:, 0].tolist()):
        book = with_own_facts(load_book(), [("ALL", "cost_of_equity", rate)])
        assert made[row] == pytest.approx(target(list(COVERED), book=book), rel=1e-14)


@pytest.mark.parametrize(
    ("ticker", "metric", "switch"),
    [
        ("CLSK", "hpc_mw_shopped", "land_power_value"),
        ("RIOT", "land_on_unlet", "land_power_value"),
        ("RIOT", "target_date", "cost_of_equity"),
    ],
)
def test_a_fact_of_a_part_that_is_worth_nothing_is_not_asked_for_alone_in_a_range_or_explained(
    ticker, metric, switch
):
    book = without_facts(load_book(), (ticker, metric), ("ALL", metric))
    alone = target(ticker, book=book)
    assert alone == target(ticker)
    assert target.explain({"miner": ticker, "book": book})[-1].value == alone
    own = with_own_facts(book, [("IREN", switch, 0.1)])
    beside = target.evaluate({"miner": np.array([ticker, "IREN"], dtype=object), "book": own})
    assert beside.values[0] == alone
    assert beside.error_at((0,)) is None


def test_where_a_fact_of_the_network_is_missing_the_ranking_still_shows_what_was_published():
    """On 2025-08-31 the parameters of the framework are not known; JPM's edition of July is."""
    found = {row[0]: row for row in rank(load_book("2025-08-31")).rows}
    assert {ticker: row[7] for ticker, row in found.items()} == {
        "RIOT": 15, "IREN": 16, "CLSK": 15, "CIFR": 6, "MARA": 22
    }  # fmt: skip
    assert "no halving_date on or before 2025-08-31" in found["RIOT"][3].reason
