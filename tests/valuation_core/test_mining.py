"""Mining, hashprice and the network, against plain loops over days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.book import Book
from valuation_core.mining import mining_value
from valuation_core.network import hashprice, opportunity, subsidy_periods
from valuation_core.solving import solve_for
from valuation_core.target import target

COVERED = ("RIOT", "IREN", "CLSK", "CIFR", "MARA")


def by_day(book, ticker, growth=0.0, discount=0.0):
    """Add up 1,461 days one by one, from raw facts."""
    number = book.number
    halving = book.day("NETWORK", "halving_date")
    total = 0.0
    for day in range(1461):
        coins = 450.0 if book.as_of + timedelta(days=day) < halving else 225.0
        price, fees = number("NETWORK", "btc_price"), number("NETWORK", "fee_share")
        revenue = coins * price * (1 + fees) / number("NETWORK", "network_hashrate")
        revenue /= (1 + growth) ** (day / 365.25)
        power = number(ticker, "efficiency") * 24 * number(ticker, "power_price")
        total += max(0.0, revenue - power) / (1 + discount) ** (day / 365.25)
    return number(ticker, "hashrate") * number(ticker, "uptime") * total / 1e6


def test_four_years_are_927_days_at_450_coins_and_534_at_225(book):
    periods = subsidy_periods(book.as_of, date(2028, 4, 10), 3.125, 144)
    assert periods.days.tolist() == [927, 534]
    assert periods.coins_per_day.tolist() == [450, 225]
    assert periods.coins == 537_300


def test_a_later_date_starts_in_the_halved_period_and_meets_the_next_halving():
    periods = subsidy_periods(date(2029, 4, 10), date(2028, 4, 10), 3.125, 144)
    assert periods.coins_per_day.tolist() == [225, 112.5]
    assert periods.days.tolist() == [1093, 368]  # 1,458 days after the halving comes the next
    assert subsidy_periods(date(2020, 1, 1), date(2028, 4, 10), 3.125, 144).days.tolist() == [1461]


def test_riot_mines_1172_75_million(book):
    # 36.4 x (927 x (48,568.14 - 17,640) + 534 x (24,284.07 - 17,640)) / 1e6
    assert mining_value("RIOT") == pytest.approx(1172.75, abs=0.005)
    assert by_day(book, "RIOT") == pytest.approx(mining_value("RIOT"), rel=1e-12)


@pytest.mark.parametrize("ticker", COVERED)
def test_every_covered_name_agrees_with_a_loop_over_days(book, ticker):
    assert mining_value(ticker) == pytest.approx(by_day(book, ticker), rel=1e-11)


@given(
    growth=st.floats(-0.3, 1.0),
    discount=st.floats(-0.1, 0.5),
    price=st.floats(0, 300_000),
    power=st.floats(0, 150),
)
@settings(max_examples=25)
def test_growth_discount_price_and_power_agree_with_a_loop_over_days(
    growth, discount, price, power
):
    own = [("RIOT", "power_price", power), ("ALL", "network_growth", growth),
           ("ALL", "mining_discount_rate", discount), ("NETWORK", "btc_price", price)]  # fmt: skip
    book = with_own_facts(load_book(), own)
    expected = by_day(book, "RIOT", growth, discount)
    assert mining_value("RIOT", book=book) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("growth", "discount"), [(0.2, 0.0), (0.0, 0.1), (-0.1, 0.0), (0.0, 0.0)])
def test_growth_alone_and_discount_alone_count_too(growth, discount):
    own = [("RIOT", "network_growth", growth), ("RIOT", "mining_discount_rate", discount)]
    book = with_own_facts(load_book(), own)
    expected = by_day(book, "RIOT", growth, discount)
    assert mining_value("RIOT", book=book) == pytest.approx(expected, rel=1e-9)
    both = mining_value(["RIOT", "IREN"], book=book)  # IREN keeps the rates of the book, 0 and 0
    assert both == pytest.approx([expected, mining_value("IREN")], rel=1e-9)


def test_hashrate_that_is_down_earns_nothing():
    book = with_own_facts(load_book(), [("RIOT", "uptime", 0.9)])
    assert mining_value("RIOT", book=book) == pytest.approx(0.9 * mining_value("RIOT"))


def test_a_period_below_power_cost_is_switched_off_and_says_so():
    # at 60,000 USD the halved revenue of 13,354 USD is below the power of 17,640 USD
    steps = mining_value.explain({"miner": "RIOT", "btc_price": 60_000.0})
    texts = [step.formula for step in steps if step.step.startswith("revenue per EH/s-day")]
    assert texts == ["927 days at 450 BTC a day", "534 days at 225 BTC a day (switched off)"]
    revenue = 450 * 60_000 * 1.008 / 1019
    assert mining_value("RIOT", 60_000) == pytest.approx(36.4 * 927 * (revenue - 17_640) / 1e6)


@given(a=st.floats(0, 1e6), b=st.floats(0, 1e6))
def test_a_higher_price_is_never_worth_less(a, b):
    low, high = sorted((a, b))
    assert mining_value("RIOT", high) >= mining_value("RIOT", low)


def test_prices_over_miners_give_a_grid():
    grid = mining_value(["RIOT", "IREN"], [[100_000], [50_000]])
    assert grid.shape == (2, 2)
    assert grid[1, 0] == mining_value("RIOT", 50_000)


def test_hashprice_is_the_revenue_of_a_petahash():
    assert hashprice() * 1000 == pytest.approx(48_568, abs=0.5)
    assert hashprice(100_000) == pytest.approx(450 * 100_000 * 1.008 / 1019 / 1000)


def test_the_networks_opportunity_is_58_62_billion_before_fees():
    assert opportunity() == pytest.approx(537_300 * 109_107 / 1e9)
    assert round(opportunity(), 2) == 58.62


def test_the_day_before_the_halving_is_a_period_of_its_own():
    periods = subsidy_periods(date(2028, 4, 9), date(2028, 4, 10), 3.125, 144)
    assert periods.days[:2].tolist() == [1, 1458]  # 210,000 blocks later comes the next one
    assert periods.coins_per_day[:2].tolist() == [450, 225]


def test_a_subsidy_stated_after_a_halving_is_not_halved_again():
    # 225 coins a day x 86,000 USD x 1.008 / 1,100,000 PH/s = 17.73, on that day and after it.
    after = load_book("2028-06-01")
    stated = with_own_facts(after, [("NETWORK", "block_subsidy", 1.5625)])
    assert hashprice(book=stated) == hashprice(book=after) == pytest.approx(17.73, abs=0.005)
    assert mining_value("RIOT", book=stated) == mining_value("RIOT", book=after)
    tables = {**after.tables, "inputs": stated.tables["inputs"]}
    for day in (date(2028, 6, 1), date(2030, 1, 1), date(2032, 4, 6)):
        assert hashprice(book=Book.at(tables, day)) == hashprice(book=after)
    # 1,458 days after 2028-04-10 the next halving comes: the subsidy of 2028 is halved once.
    assert hashprice(book=Book.at(tables, date(2032, 4, 7))) == hashprice(book=after) / 2
    assert opportunity(stated) == opportunity(after)


def test_a_subsidy_of_the_day_of_the_halving_is_that_after_it():
    day = load_book("2028-04-10")
    stated = with_own_facts(day, [("NETWORK", "block_subsidy", 1.5625)])
    before = load_book("2028-04-09")
    assert hashprice(book=stated) == hashprice(book=day) == hashprice(book=before) / 2


def test_a_value_solved_for_put_back_after_a_halving_gives_the_target():
    book = load_book("2028-06-01")
    found = solve_for("RIOT", "block_subsidy", 11.0, book=book)
    back = with_own_facts(book, [("NETWORK", "block_subsidy", found)])
    assert target("RIOT", book=back) == pytest.approx(11.0, rel=1e-9)


def test_no_subsidy_is_no_revenue():
    book = with_own_facts(load_book(), [("NETWORK", "block_subsidy", 0.0)])
    assert (hashprice(book=book), mining_value("RIOT", book=book)) == (0, 0)


def test_after_a_halving_the_hashprice_is_that_of_half_the_coins():
    book = with_own_facts(load_book(), [("NETWORK", "halving_date", date(2025, 9, 1))])
    assert hashprice(book=book) == pytest.approx(hashprice() / 2)


def day_by_day(book, ticker):
    """Add up 1,461 days in decimals, with the hashrate that runs on each of them."""

    def number(scope, metric):
        return Decimal(book.number(scope, metric))

    def factor(metric, day):
        rate = Decimal(1) + number(ticker, metric)
        return (rate.ln() * day / Decimal("365.25")).exp()

    running = number(ticker, "hashrate")
    if book.find(ticker, "hashrate_guided"):
        more = max(Decimal(0), number(ticker, "hashrate_guided") - running)
        running += number(ticker, "guided_hashrate_share") * more
    stops, stopped = None, Decimal(0)
    if book.find(ticker, "hashrate_displaced") and book.number(ticker, "hashrate_displaced"):
        stops = book.day(ticker, "displaced_on")
        stopped = min(running, number(ticker, "hashrate_displaced"))
    earned = number("NETWORK", "btc_price") * (1 + number("NETWORK", "fee_share"))
    earned /= number("NETWORK", "network_hashrate")
    power = number(ticker, "efficiency") * 24 * number(ticker, "power_price")
    total = Decimal(0)
    for day in range(1461):
        today = book.as_of + timedelta(days=day)
        coins = 450 if today < date(2028, 4, 10) else 225
        revenue = coins * earned / factor("network_growth", day)
        runs = running - stopped if stops and today >= stops else running
        total += runs * max(Decimal(0), revenue - power) / factor("mining_discount_rate", day)
    return float(total * number(ticker, "uptime") / 10**6)


RATES = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.12), (0.3, 0.12), (-0.2, 0.05)]


@pytest.mark.parametrize(("growth", "discount"), RATES)
def test_hashrate_that_is_guided_and_hashrate_that_stops_agree_with_a_loop_over_days(
    growth, discount
):
    for day in ("2025-09-26", "2025-11-24"):
        own = [("ALL", "network_growth", growth), ("ALL", "mining_discount_rate", discount)]
        book = with_own_facts(load_book(day, case="reconstruction"), own)
        for ticker in COVERED:
            expected = day_by_day(book, ticker)
            assert mining_value(ticker, book=book) == pytest.approx(expected, rel=1e-11), ticker
        together = mining_value(list(COVERED), book=book)
        assert together == pytest.approx([mining_value(t, book=book) for t in COVERED], rel=1e-14)


@given(
    stops=st.integers(-400, 2000),
    displaced=st.floats(0, 60),
    share=st.floats(0, 1),
    rates=st.sampled_from(RATES),
)
@settings(max_examples=25)
def test_hashrate_stops_mining_on_any_day(stops, displaced, share, rates):
    day = load_book().as_of + timedelta(days=stops)
    own = [("RIOT", "hashrate_displaced", displaced), ("RIOT", "displaced_on", day),
           ("ALL", "guided_hashrate_share", share), ("ALL", "network_growth", rates[0]),
           ("ALL", "mining_discount_rate", rates[1])]  # fmt: skip
    book = with_own_facts(load_book(), own)
    expected = day_by_day(book, "RIOT")
    assert mining_value("RIOT", book=book) == pytest.approx(expected, rel=1e-10, abs=1e-9)


@pytest.mark.parametrize(("share", "hashrate"), [(0.0, 36.4), (0.5, 38.2), (1.0, 40.0)])
def test_riot_is_valued_on_its_way_to_the_40_guided(share, hashrate):
    book = with_own_facts(load_book(), [("ALL", "guided_hashrate_share", share)])
    expected = mining_value("RIOT") / 36.4 * hashrate
    assert mining_value("RIOT", book=book) == pytest.approx(expected, rel=1e-14)
    # CLSK guides nothing, IREN neither: no change.
    assert mining_value("CLSK", book=book) == mining_value("CLSK")


def test_guidance_below_what_runs_takes_nothing_away():
    own = [("ALL", "guided_hashrate_share", 1.0), ("RIOT", "hashrate_guided", 20.0)]
    assert mining_value("RIOT", book=with_own_facts(load_book(), own)) == mining_value("RIOT")


def test_a_third_of_the_hashrate_that_stops_after_1000_days_loses_a_third_of_the_rest():
    # From day 1,000 on, 461 days at 24,284.07 - 17,640 USD per EH/s and day are left.
    day = load_book().as_of + timedelta(days=1000)
    own = [("RIOT", "hashrate_displaced", 12.0), ("RIOT", "displaced_on", day)]
    found = mining_value("RIOT", book=with_own_facts(load_book(), own))
    lost = 12.0 * 461 * (48_568.140530 / 2 - 17_640) / 1e6
    assert found == pytest.approx(mining_value("RIOT") - lost, rel=1e-9)


def test_no_more_hashrate_stops_than_is_valued():
    own = [("RIOT", "hashrate_displaced", 500.0), ("RIOT", "displaced_on", load_book().as_of)]
    assert mining_value("RIOT", book=with_own_facts(load_book(), own)) == 0


def test_hashrate_that_stops_on_no_day_stated_is_missing_and_spoils_its_miner_alone():
    book = with_own_facts(load_book(), [("RIOT", "hashrate_displaced", 12.0)])
    made = mining_value.evaluate({"miner": ["RIOT", "IREN"], "book": book})
    assert made.failed.tolist() == [True, False]
    assert str(made.error_at((0,))) == "RIOT: no displaced_on on or before 2025-09-26"
    assert made.values[1] == mining_value("IREN")
    with pytest.raises(ValuationError, match="RIOT: no displaced_on"):
        mining_value("RIOT", book=book)
    none = with_own_facts(load_book(), [("RIOT", "hashrate_displaced", 0.0)])
    assert mining_value("RIOT", book=none) == mining_value("RIOT")  # nothing stops: no day is due
