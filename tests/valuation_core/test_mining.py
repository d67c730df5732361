"""Mining, hashprice and the network, against plain loops over days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation_core import load_book, with_own_facts
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
