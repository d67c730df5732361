"""The distribution of a target as bars: against the distribution itself, and by hand."""

from __future__ import annotations

import pytest

from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.distribution import distribution
from valuation_core.histogram import histogram
from valuation_core.simulation import simulate
from valuation_core.target import target

PLAIN = load_book()
STILL = with_own_facts(PLAIN, [("ALL", "btc_volatility", 0.0)])
SITES = load_book(case="sites")


def reached(miner, price, book=PLAIN):
    """How likely the target is at or above a figure, by a histogram of two bars."""
    return sum(histogram(miner, [price], book=book).rows[1][2:])


@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CLSK", "CIFR", "MARA"])
def test_bars_add_up_to_one_and_those_without_a_deal_to_its_probability(ticker):
    rows = histogram(ticker).rows
    no_deal = next(row[1] for row in distribution(ticker).rows if row[0] == "no deal")
    assert sum(row[2] for row in rows) == pytest.approx(no_deal, abs=1e-12)
    assert sum(row[2] + row[3] for row in rows) == pytest.approx(1.0, abs=1e-12)
    assert [row[0] for row in rows[1:]] == [row[1] for row in rows[:-1]]
    assert len(rows) == 24
    assert all(row[2] >= 0.0 and row[3] >= 0.0 for row in rows)
    assert sum(rows[0][2:]) < 0.01
    assert sum(rows[-1][2:]) < 0.03


@pytest.mark.parametrize("book", [PLAIN, STILL, SITES])
def test_what_lies_at_or_above_the_price_is_that_of_the_distribution(book):
    price = next(row for row in distribution("RIOT", book=book).rows if "the price" in row[0])
    assert reached("RIOT", price[3], book) == pytest.approx(price[1], abs=1e-12)


def test_a_target_on_an_edge_belongs_to_the_bar_above_it():
    # Bitcoin stands still and no deal is signed at even odds: one target with half of all odds.
    without = target("RIOT", 0.0, book=STILL)
    rows = histogram("RIOT", [without - 1.0, without, without + 1.0], book=STILL).rows
    assert [row[2] for row in rows] == pytest.approx([0.0, 0.0, 0.5, 0.0], abs=1e-12)


def test_a_name_that_signs_for_certain_has_no_bar_without_a_deal():
    sure = with_own_facts(PLAIN, [("RIOT", "hpc_probability", 1.0)])
    assert sum(row[2] for row in histogram("RIOT", book=sure).rows) == pytest.approx(0.0, abs=1e-12)


def test_a_single_target_lies_in_one_bar_of_a_round_width():
    rows = [row for row in histogram("MARA", book=STILL).rows if row[2] > 0.0]
    ((start, end, probability, _),) = rows
    assert start <= target("MARA", book=STILL) < end
    assert probability == pytest.approx(1.0, abs=1e-12)


def test_drawn_targets_fall_into_the_bars():
    # 200,000 paths: a probability misses by less than 4 x sqrt(1/4 / 200,000) = 0.45 points.
    drawn = simulate("RIOT", [0.3, 0.6, 0.9], paths=200_000, book=SITES).rows
    for _, chance, _, edge in drawn[:3]:
        assert reached("RIOT", edge, SITES) == pytest.approx(1.0 - chance, abs=0.0045)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"edges": [1.0, 1.0]}, "edges must rise, got 1"),
        ({"edges": ["low"]}, "edges must be numbers, got"),
        ({"edges": [float("nan")]}, "edges must be between -1,000,000 and 1,000,000, got nan"),
        ({"edges": [5.0, 1e300]}, "edges must be between -1,000,000 and 1,000,000, got 1e"),
        ({"edges": list(range(201))}, "edges must be 1 to 200 of them, got 201"),
        ({"correlation": 1.2}, "correlation must be between 0 and 1, got 1.2"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, said):
    with pytest.raises(ValuationError, match=said):
        histogram("RIOT", **given)
