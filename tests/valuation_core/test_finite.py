"""Infinity, NaN and lost digits are errors with a reason: scalars, elements, cells of tables."""

from __future__ import annotations

import numpy as np
import pytest

from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.company import sum_of_parts
from valuation_core.coverage import coverage
from valuation_core.deals import deal, deals, sites
from valuation_core.errors import finite
from valuation_core.facts import fact, source
from valuation_core.gpu import cloud_value
from valuation_core.hpc import capex, value
from valuation_core.implied import implied_mw, implied_per_mw, implied_prob
from valuation_core.lease import lease_value
from valuation_core.network import opportunity
from valuation_core.result import ResultTable
from valuation_core.sector import power_by_status, series
from valuation_core.sensitivity import sensitivity
from valuation_core.solving import solve_for
from valuation_core.target import rank, target, upside


@pytest.mark.parametrize("function", [implied_mw, implied_prob, implied_per_mw])
def test_a_price_whose_equity_is_beyond_a_float_explains_nothing(function):
    # 1e306 USD x 409.61 M shares is above 1.8e308
    with pytest.raises(ValuationError, match="is not a finite number, got inf") as caught:
        function("RIOT", 1e306)
    assert caught.value.kind is ErrorKind.DOMAIN
    together = function.evaluate({"miner": ["RIOT", "IREN"], "price": [1e306, 46.29]})
    assert together.failed.tolist() == [True, False]
    assert together.values[1] == function("IREN", 46.29)


def test_an_overflow_beside_words_is_an_error_of_its_own_element():
    per_mw = np.array(["mid", 1e308, "high", 8.0], dtype=object)
    found = value.evaluate({"miner": "RIOT", "prob": 0.5, "mw": 600.0, "per_mw": per_mw})
    assert found.failed.tolist() == [False, True, False, False]
    assert found.values[[0, 3]].tolist() == [1845.0, 2400.0]
    assert "is not a finite number" in str(found.error_at((1,)))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (capex, (1e200, 1e200)),
        (upside, ("RIOT", 5e-324)),
        (lease_value, (0.1, 1e308, 2.0)),
        (cloud_value, (-0.99, 1e308)),
        (target, ("RIOT", 1.0, 800.0, 1.7e308)),
    ],
)
def test_what_overflows_is_refused(function, arguments):
    with pytest.raises(ValuationError, match="is not a finite number"):
        function(*arguments)


def test_a_sum_lost_in_the_rounding_of_its_parts_is_refused():
    # 1e18 of other value less 1e18 of cash owed leaves no digit of an equity of 4,330 USD M.
    own = [("RIOT", "other_value", 1e18), ("RIOT", "cash", -1e18)]
    book = with_own_facts(load_book(), own)
    with pytest.raises(ValuationError, match="equity is lost in the rounding of its parts"):
        target("RIOT", book=book)
    found = target.evaluate({"miner": ["RIOT", "IREN"], "book": book})
    assert found.failed.tolist() == [True, False]
    large = with_own_facts(load_book(), [("RIOT", "other_value", 1e18)])
    assert target("RIOT", book=large) == pytest.approx(1e18 / 409.61, rel=1e-5)


def test_an_option_lost_in_the_equity_of_a_price_is_refused():
    book = with_own_facts(load_book(), [("RIOT", "other_value", 1e17)])
    price = target("RIOT", 0.0, book=book)
    with pytest.raises(ValuationError, match="option paid for is lost in the rounding"):
        implied_mw("RIOT", price, book=book)


def test_a_lease_or_cloud_of_which_no_digit_is_left_is_refused():
    # income and cost of 1e18 USD M that differ by less than they are known to
    income = cloud_value(0.1, 1.0, 1.0, 1.0, 0.0, 5.0, 0.0)
    with pytest.raises(ValuationError, match="cloud value is lost"):
        cloud_value(0.1, 1.0, 1.0, 1e24, income * 1e6, 5.0, 0.0)
    worth = lease_value(0.1, 1e18, capex=0.0)
    with pytest.raises(ValuationError, match="lease value is lost"):
        lease_value(0.1, 1e18, capex=worth, loan_to_cost=0.0)


def test_a_cell_of_a_table_is_never_infinite_or_nan():
    table = ResultTable(("a",), ((1.0,), (float("inf"),), (float("nan"),), ("word",)))
    assert [isinstance(row[0], ValuationError) for row in table.rows] == [False, True, True, False]
    (row,) = sensitivity("RIOT", [0.5], [600.0, 1e300], "option").rows
    assert row[1] == 1845.0
    tiny = with_own_facts(load_book(), [("RIOT", "price", 5e-324)])
    assert coverage(tiny, ["RIOT"]).upside.failed.tolist() == [True]
    ranked = {row[0]: row for row in rank(tiny).rows}
    assert isinstance(ranked["RIOT"][4], ValuationError)
    assert isinstance(ranked["IREN"][4], float)
    rich = with_own_facts(load_book(), [("NETWORK", "btc_price", 1e306)])
    for make in (lambda: opportunity(rich), lambda: sum_of_parts("RIOT", book=rich)):
        with pytest.raises(ValuationError, match="is not a finite number"):
            make()
    with pytest.raises(ValuationError, match="margin is not a finite number, got inf"):
        finite(float("inf"), "margin")


@pytest.mark.parametrize(
    "call",
    [
        lambda: sites(3.0),
        lambda: deals(3.0),
        lambda: deal(3.0, "noi_low"),
        lambda: deal("CIFR-fluidstack-barber-lake", 3.0),
        lambda: fact(3.0, "cash"),
        lambda: fact("RIOT", 3.0),
        lambda: fact("RIOT", None),
        lambda: source("RIOT", 3.0),
        lambda: series(3.0),
        lambda: series("aggregate_market_cap", 3.0),
        lambda: series("aggregate_market_cap", None, 3.0),
        lambda: solve_for("RIOT", 3.0, 19.0),
        lambda: solve_for(3.0, "cash", 19.0),
        lambda: target(3.0),
        lambda: target(None),
        lambda: fact(np.array(["RIOT", 3.0], dtype=object), "cash"),
    ],
)
def test_a_number_in_place_of_a_name_is_told_as_such(call):
    with pytest.raises(ValuationError, match=r"must be a name") as caught:
        call()
    assert caught.value.kind is ErrorKind.MISFIT


@pytest.mark.parametrize(
    "call",
    [
        lambda: rank("book"),
        lambda: sites("RIOT", 3.0),
        lambda: deals(book="x"),
        lambda: power_by_status("x"),
        lambda: opportunity(1.0),
        lambda: target("RIOT", book="x"),
    ],
)
def test_what_is_no_book_is_told_as_such(call):
    with pytest.raises(ValuationError, match="book must be a Book"):
        call()
