"""MW and value per MW that an edition names: their product, in place of option, deals, cloud, land."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.valuation_core.book_files import with_row, without_facts
from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.company import option_per_share, sum_of_parts, value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice, value
from valuation_core.implied import implied_mw, implied_per_mw, implied_prob
from valuation_core.sensitivity import sensitivity
from valuation_core.target import rating, target, upside

DAY = date(2025, 11, 24)
MINERS = ["RIOT", "IREN", "CLSK", "CIFR", "MARA"]
NAMED = ["IREN", "CLSK", "CIFR"]
REASON = "the edition names 660 MW for IREN: set use_named to 0 to value the option"
CHOICES = [{"prob": 0.5}, {"mw": 100.0}, {"per_mw": "mid"}, {"per_mw": 7.0}, {"cap": 500.0}]


@pytest.fixture(scope="module")
def november():
    return load_book("2025-11-24", case="reconstruction")


@pytest.fixture(scope="module")
def aside(november):
    """The same book with named MW set aside."""
    return with_own_facts(november, [("ALL", "use_named", 0.0)])


def parts_of(ticker, book, **choice):
    return value_of(Evaluation().use(book), ticker, Choice(**choice))


@pytest.mark.parametrize(
    ("ticker", "named"),
    [("CIFR", 480 * 14), ("CLSK", 200 * 13), ("IREN", 660 * 17)],  # critical MW, per critical MW
)
def test_mw_named_times_value_named_takes_the_place_of_all_other_hpc(november, ticker, named):
    value = parts_of(ticker, november)
    assert value.named == pytest.approx(named, rel=1e-15)
    assert (value.option, value.cloud, value.land) == (0, 0, 0)
    assert value.signed == 0  # 600 MW gross are let by CIFR, below the 624 named


def test_where_nothing_is_named_the_parts_are_as_before(november):
    value = parts_of("RIOT", november)
    assert value.named == 0
    assert value.option == pytest.approx(0.5 * 600 * 17 / 1.3)
    assert value.land == pytest.approx(1.18 * 1100)


def test_the_option_itself_speaks_of_what_is_shopped_whatever_is_named(november):
    assert value("CIFR", book=november) == pytest.approx(0.5 * 100 * 17 / 1.3)
    # Over the shares at the value that the option, and not the MW named, gives.
    alone = parts_of("CIFR", with_own_facts(november, [("ALL", "use_named", 0.0)]))
    expected = 0.5 * 100 * 17 / 1.3 / float(alone.shares)
    assert option_per_share("CIFR", book=november) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("critical", "beyond"),
    [(200, 0.0), (300, 1.3 * 300 - 1.3 * 200)],  # 260 MW are named: 390 let are 130 more
)
def test_signed_mw_count_only_beyond_the_mw_named(november, critical, beyond):
    book = with_row(
        november, "deals", "CIFR-fluidstack-barber-lake", deal_id="CLSK-lease", ticker="CLSK",
        site="Austin County (Houston)", mw_gross=None, mw_critical=critical, announced=DAY, as_of=DAY,
    )  # fmt: skip
    found = parts_of("CLSK", book)
    assert found.named == pytest.approx(2600)
    assert found.signed == pytest.approx(beyond * 17 / 1.3, abs=1e-9)


@pytest.mark.parametrize("metric", ["hpc_mw_named", "hpc_value_named"])
def test_only_one_of_the_two_is_not_enough(november, metric):
    book = without_facts(november, ("IREN", metric))
    made = target.evaluate({"miner": MINERS, "book": book})
    assert made.failed.tolist() == [False, True, False, False, False]
    assert made.error_at((1,)).kind is ErrorKind.MISSING
    assert str(made.error_at((1,))) == f"IREN: no {metric} on or before 2025-11-24"
    with pytest.raises(ValuationError, match=f"IREN: no {metric}"):
        target("IREN", book=book)
    assert target("IREN", book=with_own_facts(book, [("ALL", "use_named", 0.0)])) > 0


def test_use_named_0_values_option_deals_cloud_and_land(aside):
    value = parts_of("CIFR", aside)
    assert value.named == 0
    assert value.option == pytest.approx(0.5 * 100 * 17 / 1.3)
    # Critical MW at 17, those of AWS, who states gross MW only, at 17 / 1.3.
    assert value.signed == pytest.approx((168 + 39) * 17 + 300 * 17 / 1.3)
    assert parts_of("IREN", aside).cloud == pytest.approx(858 * 19 / 1.3)
    assert target("CIFR", 0.9, book=aside) > target("CIFR", book=aside)


def test_a_miner_may_be_set_apart_from_what_is_named(november):
    book = with_own_facts(november, [("IREN", "use_named", 0.0)])
    assert parts_of("IREN", book).named == 0
    assert parts_of("CIFR", book).named == pytest.approx(6720)


@pytest.mark.parametrize("switch", [0.5, 0.999])
def test_a_switch_is_on_or_off(november, switch):
    book = with_own_facts(november, [("IREN", "use_named", switch)])
    with pytest.raises(ValuationError, match="use_named must be 0 or 1"):
        target("IREN", book=book)
    assert target("CIFR", book=book) == target("CIFR", book=november)


@pytest.mark.parametrize("choice", CHOICES)
def test_an_option_chosen_where_mw_are_named_is_refused_there_and_nowhere_else(november, choice):
    for function in (target, upside, rating):
        with pytest.raises(ValuationError) as caught:
            function("IREN", **choice, book=november)
        assert str(caught.value) == REASON
        assert caught.value.kind is ErrorKind.MISSING
        made = function.evaluate({"miner": MINERS, "book": november, **choice})
        assert made.failed.tolist() == [False, True, True, True, False]
        assert str(made.error_at((1,))) == REASON
        for place in (0, 4):
            alone = function(MINERS[place], **choice, book=november)
            assert made.values[place] == alone
    with pytest.raises(ValuationError, match="the edition names 660 MW for IREN"):
        sum_of_parts("IREN", **choice, book=november)


def test_a_grid_over_probabilities_and_mw_is_refused_cell_by_cell_too(november, aside):
    grid = sensitivity("IREN", [0.5], [100.0, 200.0], "target", november)
    assert [str(cell) for cell in grid.rows[0][1:]] == [REASON, REASON]
    grid = sensitivity("IREN", [0.5], [100.0], "target", aside)
    assert grid.rows[0][1] == pytest.approx(target("IREN", 0.5, 100, book=aside))


def test_a_basis_alone_and_a_price_of_bitcoin_choose_no_option(november):
    assert target("IREN", basis="critical", book=november) == target("IREN", book=november)
    assert target("IREN", btc_price=2e5, book=november) > 0


def test_named_and_unnamed_miners_in_one_range_are_what_they_are_alone(november):
    prices = np.array([[60_000.0], [86_000.0], [150_000.0]])
    together = target([MINERS], btc_price=prices, book=november)
    for row, price in enumerate(prices[:, 0].tolist()):
        for column, miner in enumerate(MINERS):
            alone = target(miner, btc_price=price, book=november)
            assert together[row, column] == pytest.approx(alone, rel=1e-14)
    for name in ("named", "signed", "option", "cloud", "land"):
        evaluation = Evaluation((5,)).use(november)
        made = getattr(value_of(evaluation, np.array(MINERS, dtype=object), Choice()), name)
        alone = [getattr(parts_of(miner, november), name) for miner in MINERS]
        assert np.broadcast_to(made, 5) == pytest.approx(alone, rel=1e-14), name


@pytest.mark.parametrize("ticker", NAMED)
def test_what_a_price_pays_for_sets_named_mw_aside(november, aside, ticker):
    """At a price of 60 USD: put back into the book without them, each gives the price."""
    for function, name in ((implied_mw, "mw"), (implied_per_mw, "per_mw"), (implied_prob, "prob")):
        given = {} if name == "mw" else {"mw": 4000.0, "cap": 4000.0}
        given |= {"prob": 1.0} if name == "per_mw" else {}
        found = function(ticker, 60.0, **given, book=november)
        assert found == function(ticker, 60.0, **given, book=aside)
        back = {"prob": 1.0, "cap": found if name == "mw" else 4000.0} | given | {name: found}
        if found <= 1 or name != "prob":
            assert target(ticker, **back, book=value_today(aside)) == pytest.approx(60.0, rel=1e-9)


def value_today(book):
    """The book without the roll-forward: a price is of today."""
    return with_own_facts(book, [("ALL", "cost_of_equity", 0.0)])
