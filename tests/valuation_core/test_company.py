"""Sum of the parts, target, rating, rank; implied figures and solved inputs go round."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import without_facts
from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.company import diluted_shares, option_per_share, sum_of_parts, value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.implied import implied_mw, implied_per_mw, implied_prob
from valuation_core.sensitivity import sensitivity, tornado
from valuation_core.solving import solve_for
from valuation_core.target import rank, rating, target, upside

COVERED = ["RIOT", "IREN", "CLSK", "CIFR", "MARA"]
covered = st.sampled_from(COVERED)


def parts_of(ticker, book=None, **given):
    return value_of(Evaluation().use(book, **given), ticker, Choice())


def test_the_model_values_of_september_2025():
    assert target(COVERED).round(2).tolist() == [12.41, 15.46, 6.93, 6.86, 12.53]


def test_the_parts_of_riot_by_hand():
    value = parts_of("RIOT")
    assert value.hodl == pytest.approx(19_309 * 109_107 / 1e6)  # 2,106.75
    assert value.option == 1845
    assert value.cash == 255.4
    assert value.debt == pytest.approx(594.4 + 200)
    assert value.equity == pytest.approx(1172.7468 + 2106.7471 + 1845 + 255.4 - 794.4, abs=1e-3)
    assert value.per_share == pytest.approx(value.equity / 369.62)


def test_signed_deals_count_in_full_at_the_level_of_the_option():
    assert parts_of("CIFR").signed == pytest.approx(168 * 6.15 * 1.30)  # 1,343.16
    low = value_of(Evaluation().use(None), "CIFR", Choice(per_mw="low"))
    assert low.signed == pytest.approx(168 * 3.7 * 1.30)
    number = value_of(Evaluation().use(None), "CIFR", Choice(per_mw=20.0))
    assert number.signed == pytest.approx(168 * 6.15 * 1.30)
    assert parts_of("CIFR", load_book("2025-09-26")).signed > 0
    mixed = target(["CIFR"] * 4, per_mw=["low", "mid", 6.15, "cloud"])
    alone = [target("CIFR", per_mw=level) for level in ("low", "mid", 6.15, "cloud")]
    assert mixed.tolist() == pytest.approx(alone)


def test_gpu_cloud_is_mw_times_value_per_mw():
    assert parts_of("IREN").cloud == 50 * 5.3


def test_a_name_without_a_probability_has_no_option_unless_one_is_given():
    assert parts_of("CLSK").option == 0
    assert option_per_share("CLSK", 0.5, 200) > 0
    assert option_per_share(["CLSK", "RIOT"])[0] == 0


def test_a_missing_fact_spoils_its_miner_and_no_other():
    made = target.evaluate({"miner": np.array(["RIOT", "WULF", "IREN"], dtype=object)})
    assert made.failed.tolist() == [False, True, False]
    assert made.values[[0, 2]] == pytest.approx(target(["RIOT", "IREN"]))


@given(price=st.floats(0, 5e5), prob=st.floats(0, 1), mw=st.floats(0, 2000), ticker=covered)
@settings(max_examples=50)
def test_the_table_of_parts_adds_up_to_the_target(price, prob, mw, ticker):
    rows = {row[0]: row for row in sum_of_parts(ticker, prob, mw, btc_price=price).rows}
    parts = (
        "mining",
        "hodl",
        "named",
        "signed",
        "option",
        "cloud",
        "land",
        "other",
        "cash",
        "debt",
    )
    assert sum(rows[name][1] for name in parts) == pytest.approx(rows["equity"][1], abs=1e-6)
    per_share = rows["value per share"][2]
    assert rows["equity"][1] / rows["diluted shares (M)"][1] == pytest.approx(
        per_share, rel=1e-9, abs=1e-9
    )
    assert per_share == pytest.approx(
        target(ticker, prob, mw, btc_price=price), rel=1e-12, abs=1e-12
    )


def test_upside_and_rating_follow_the_price():
    assert upside("RIOT", 10) == pytest.approx(target("RIOT") / 10 - 1)
    assert upside("RIOT") == pytest.approx(target("RIOT") / 16.74 - 1)
    base = target("RIOT")
    prices = [base / 1.1001, base / 1.0999, base / 0.9001, base / 0.8999]
    assert [rating("RIOT", price) for price in prices] == ["OW", "N", "N", "UW"]
    assert rating(["RIOT", "IREN"], [[5.0], [100.0]]).tolist() == [["OW", "OW"], ["UW", "UW"]]


def test_the_ranking_shows_published_beside_model_with_the_residual():
    table = rank()
    upsides = [row[4] for row in table.rows]
    assert upsides == sorted(upsides, reverse=True)
    riot = next(row for row in table.rows if row[0] == "RIOT")
    model = pytest.approx(12.406, abs=1e-3)
    assert riot[1:4] == (16.74, date(2025, 9, 26), model)
    assert riot[5:] == ("UW", model, 19, "OW", pytest.approx(12.406 - 19, abs=1e-3))


def test_the_ranking_under_a_case_keeps_the_plain_target_beside_it():
    riot = next(row for row in rank(load_book(case="reconstruction")).rows if row[0] == "RIOT")
    assert (riot[3], riot[6]) == (pytest.approx(19.668, abs=1e-3), pytest.approx(12.406, abs=1e-3))


def test_a_name_that_cannot_be_valued_comes_last_in_the_ranking(book):
    table = rank(without_facts(book, ("MARA", "hashrate")))
    assert table.rows[-1][0] == "MARA"
    assert isinstance(table.rows[-1][3], ValuationError)
    assert table.rows[-1][7] == 20


def test_iren_at_46_29_pays_for_more_than_1000_mw_and_ten_billion_of_capex():
    from valuation_core import hpc

    mw = implied_mw("IREN", 46.29, 1, "high")
    assert mw > 1000
    assert hpc.capex(1300) == pytest.approx(10_000)  # 10 USD bn for 1,300 gross MW


@given(
    ticker=covered,
    price=st.floats(20, 200),
    prob=st.floats(0.05, 1),
    level=st.sampled_from(["low", "mid", "high", "cloud"]),
)
@settings(max_examples=60)
def test_the_implied_mw_put_back_give_the_price(ticker, price, prob, level):
    mw = implied_mw(ticker, price, prob, level)
    assert target(ticker, prob, mw, level, cap=mw) == pytest.approx(price, rel=1e-9)
    critical = implied_mw(ticker, price, prob, level, "critical")
    assert critical == pytest.approx(mw / 1.3, rel=1e-12)


@given(
    price=st.floats(10, 30), mw=st.floats(200, 3000), level=st.sampled_from(["mid", "high", 5.0])
)
@settings(max_examples=60)
def test_the_implied_probability_put_back_gives_the_price(price, mw, level):
    prob = implied_prob("RIOT", price, mw, level)
    if prob <= 1:
        assert target("RIOT", prob, mw, level) == pytest.approx(price, rel=1e-9)
    else:
        assert price > target("RIOT", 1, mw, level)


@given(price=st.floats(10, 100), prob=st.floats(0.05, 1), mw=st.floats(100, 3000))
@settings(max_examples=60)
def test_the_implied_value_per_mw_put_back_gives_the_price(price, prob, mw):
    per_mw = implied_per_mw("RIOT", price, prob, mw)
    assert target("RIOT", prob, mw, per_mw) == pytest.approx(price, rel=1e-9)
    critical = implied_per_mw("RIOT", price, prob, mw / 1.3, "critical")
    assert critical == pytest.approx(per_mw * 1.3, rel=1e-9)


def test_a_price_that_is_the_value_without_the_option_pays_for_no_mw():
    # below the conversion price nothing but the basic shares takes part
    plain = target("RIOT", 0)
    assert implied_prob("RIOT", np.nextafter(plain, 99)) == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValuationError, match="is below the value without the option"):
        implied_mw("RIOT", plain - 1e-6)


def test_the_explanation_of_implied_mw_flags_the_cap_and_the_last_step_is_the_result():
    steps = implied_mw.explain({"miner": "IREN", "price": 46.29, "prob": 1.0, "per_mw": "high"})
    names = [step.step for step in steps]
    assert "above one tenant's demand" in names
    assert "within power secured" in names
    assert steps[-1].value == implied_mw("IREN", 46.29, 1, "high")


def test_the_sensitivity_grid_is_the_function_at_each_point():
    for output, function in (
        ("target", target),
        ("upside", lambda t, p, m: upside(t, None, p, m)),
        ("option_per_share", option_per_share),
    ):
        table = sensitivity("IREN", [0, 0.5, 1], [100, 900], output)
        for prob, *cells in table.rows:
            assert cells == pytest.approx([function("IREN", prob, mw) for mw in (100, 900)])


def test_each_bar_of_the_tornado_is_the_target_at_that_value(book):
    bars = {row[0].split(" (")[0]: row[1:] for row in tornado("CIFR").rows}
    assert bars["probability"][:2] == pytest.approx((target("CIFR", 0.25), target("CIFR", 0.75)))
    assert bars["value per MW"][:2] == pytest.approx(
        (target("CIFR", per_mw="low"), target("CIFR", per_mw="high"))
    )
    price = 109_107
    assert bars["BTC price"][:2] == pytest.approx(
        (target("CIFR", btc_price=0.8 * price), target("CIFR", btc_price=1.2 * price))
    )
    for name, metric, value in (
        ("power price", "power_price", 31 * 0.8),
        ("hodl premium", "hodl_premium", 1.0),
        ("gross-to-critical", "gross_to_critical", 1.25),
    ):
        own = with_own_facts(book, [("CIFR", metric, value)])
        assert bars[name][0] == pytest.approx(target("CIFR", book=own))
    for name, metric, value in (
        ("hodl premium", "hodl_premium", 1.5),
        ("gross-to-critical", "gross_to_critical", 1.5),
        ("network hashrate", "network_hashrate", 1019 * 1.2),
    ):
        scope = "NETWORK" if metric == "network_hashrate" else "CIFR"
        own = with_own_facts(book, [(scope, metric, value)])
        assert bars[name][1] == pytest.approx(target("CIFR", book=own))
    assert bars["MW shopped"][:2] == pytest.approx(
        (target("CIFR", mw=306 * 0.75), target("CIFR", mw=306 * 1.25))
    )
    assert all(swing == abs(high - low) for low, high, swing in bars.values())
    swings = [row[3] for row in tornado("CIFR").rows]
    assert swings == sorted(swings, reverse=True)


def test_scenarios_of_any_fact_run_together(book):
    prices = np.linspace(50_000, 200_000, 7)[:, np.newaxis]
    evaluation = Evaluation((7, 5)).use(book, btc_price=prices)
    together = value_of(evaluation, np.array([COVERED], dtype=object), Choice()).per_share
    for i, price in enumerate(prices[:, 0]):
        for j, ticker in enumerate(COVERED):
            assert together[i, j] == pytest.approx(
                target(ticker, btc_price=float(price)), rel=1e-12
            )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"mw": -5}, "mw must be 0 or more, got -5"),
        ({"cap": -1}, "cap must be 0 or more, got -1"),
        ({"per_mw": "foo"}, "per_mw must be one of low, mid, high, cloud"),
        ({"basis": "net"}, "basis must be one of gross, critical"),
        ({"per_mw": float("inf")}, "per_mw must be a finite number"),
        ({"per_mw": [6.15, float("inf")]}, "per_mw must be a finite number"),
        ({"per_mw": ["mid", "foo"]}, "per_mw must be one of low, mid, high, cloud"),
        ({"per_mw": [6.15, "foo"]}, "per_mw must be one of low, mid, high, cloud"),
    ],
)
def test_mistakes_are_told_also_where_there_is_no_option_to_value(given, reason):
    for miner in ("CLSK", ["CLSK", "RIOT"]):
        with pytest.raises(ValuationError, match=reason):
            target(miner, **given)


def test_an_own_price_is_used(book):
    own = with_own_facts(book, [("RIOT", "price", 10.0)])
    assert upside("RIOT", book=own) == pytest.approx(target("RIOT") / 10 - 1)


def test_facts_beyond_sense_are_errors_and_end_soon(book):
    for scope, metric, value in (
        ("NETWORK", "blocks_per_day", 0.05),
        ("NETWORK", "blocks_per_day", 5e5),
    ):
        with pytest.raises(ValuationError, match="must be between 1 and 10000"):
            with_own_facts(book, [(scope, metric, value)])
    absurd = with_own_facts(book, [("ALL", "cost_of_equity", 1e250)])
    for function in (target, upside, rating):
        with pytest.raises(ValuationError, match="is not a finite number"):
            function("RIOT", book=absurd)
    with pytest.raises(ValuationError, match="is not a finite number"):
        rating(["RIOT"], btc_price=1e306)
    with pytest.raises(ValuationError, match="is not a finite number"):
        sum_of_parts("RIOT", btc_price=1e306)


@pytest.mark.parametrize("name", ["block_subsidy", "blocks_per_day"])
def test_facts_of_the_network_can_be_solved_for_too(book, name):
    found = solve_for("RIOT", name, 15)
    again = with_own_facts(book, [("NETWORK", name, found)])
    if name == "block_subsidy":
        assert target("RIOT", book=again) == pytest.approx(15, rel=1e-9)
    else:  # the day of a second halving moves with it, outside the four years here
        assert target("RIOT", book=again) == pytest.approx(15, rel=1e-6)


def test_table_functions_take_whole_numbers_and_refuse_ranges_in_words():
    assert {row[0]: row[1] for row in sum_of_parts("RIOT", 1).rows}["option"] == 3690
    for call in (
        lambda: sum_of_parts("RIOT", np.array([0.5, 0.6])),
        lambda: sensitivity(["RIOT"], [0.5], [1.0]),
        lambda: sensitivity("RIOT", ["a"], [1.0]),
        lambda: sensitivity("RIOT", np.zeros(4000), np.zeros(4000)),
    ):
        with pytest.raises(ValuationError, match="not a range|must be numbers|elements or fewer"):
            call()


@given(extra=st.floats(0, 5000), ticker=covered)
@settings(max_examples=40)
def test_the_models_own_value_without_option_pays_for_none_whatever_the_rounding(extra, ticker):
    book = with_own_facts(load_book(), [(ticker, "other_value", extra)])
    price = target(ticker, 0, 0, book=book)
    assert implied_mw(ticker, price, book=book) == pytest.approx(0, abs=1e-6)


def test_an_upside_of_exactly_ten_percent_is_overweight(book):
    from valuation_core.published import rule_rating

    assert 13.2 / 12 - 1 < 0.1  # by rounding
    assert rule_rating(book, "RIOT", 13.2 / 12 - 1) == "OW"
    assert rule_rating(book, "RIOT", 11.7 / 13 - 1) == "N"


def test_a_signed_deal_that_states_gross_mw_alone_counts_them_at_the_value_per_gross_mw(folder):
    path = folder / "deals.csv"
    text = path.read_text(encoding="utf-8")
    assert ",244,168,10," in text
    path.write_text(text.replace(",244,168,10,", ",244,,10,"), encoding="utf-8")
    assert parts_of("CIFR", load_book(folder=folder)).signed == pytest.approx(244 * 6.15)
    path.write_text(text.replace(",244,168,10,", ",,,10,"), encoding="utf-8")
    with pytest.raises(ValuationError, match="CIFR: deal CIFR-fluidstack-barber-lake states no MW"):
        target("CIFR", book=load_book(folder=folder))


def test_without_mw_or_odds_a_price_cannot_be_explained():
    for call in (
        lambda: implied_mw("IREN", 46.29, 0),
        lambda: implied_prob("MARA", 20),
        lambda: implied_per_mw("RIOT", 20, 0.5, 0),
    ):
        with pytest.raises(
            ValuationError, match="must be above 0 for the price to be explained by it"
        ):
            call()


@pytest.mark.parametrize("down", [True, False])
def test_scenarios_may_run_down_or_across(down):
    prices = np.linspace(60_000.0, 160_000.0, 40)
    miners = np.array(["RIOT", "CIFR", "MARA"], dtype=object)
    one_by_one = [[target(miner, btc_price=price) for miner in miners] for price in prices]
    if down:
        found = target(miners[np.newaxis, :], btc_price=prices[:, np.newaxis])
    else:
        found = target(miners[:, np.newaxis], btc_price=prices[np.newaxis, :]).T
    assert found == pytest.approx(np.array(one_by_one), rel=1e-12)


def test_looking_up_by_one_text_or_by_two_never_takes_the_other_for_itself():
    evaluation = Evaluation((2, 1))
    miners = np.array([["RIOT"], ["MARA"]], dtype=object)
    names = np.array([["a"], ["b"]], dtype=object)
    both = evaluation.each(lambda miner, name: miner + name, miners, names, text=True)
    alone = evaluation.each(lambda miner: miner, miners, text=True)
    again = evaluation.each(lambda miner, name: name + miner, miners, names, text=True)
    assert both.tolist() == [["RIOTa"], ["MARAb"]]
    assert alone.tolist() == [["RIOT"], ["MARA"]]
    assert again.tolist() == [["aRIOT"], ["bMARA"]]


def test_a_premium_raises_the_value_of_the_bitcoin_held(book):
    own = with_own_facts(book, [("RIOT", "hodl_premium", 1.25)])
    assert parts_of("RIOT", own).hodl == pytest.approx(1.25 * 19_309 * 109_107 / 1e6)


def test_the_option_per_share_is_the_option_over_the_diluted_shares():
    assert option_per_share("RIOT") == pytest.approx(1845 / 369.62)
    # With 600 MW in place of 800 IREN is worth less than its notes convert at: basic shares alone.
    assert option_per_share("IREN", 0.5, 600) == pytest.approx(1845 / 271.98)


def test_the_table_of_parts_gives_each_part_per_diluted_share():
    rows = sum_of_parts("RIOT").rows
    parts = rows[: [row[0] for row in rows].index("diluted shares (M)")]
    assert len(parts) == 11  # nine parts, debt, equity
    for part, musd, per_share in parts:
        assert per_share == pytest.approx(musd / 369.62), part


@pytest.mark.parametrize("price", [0, -1])
def test_shares_are_diluted_at_a_price_above_nothing(price):
    with pytest.raises(ValuationError, match=f"price must be above 0, got {price}"):
        diluted_shares("RIOT", price)


def test_the_explanation_names_the_basis_of_each_signed_deal():
    steps = {step.step: step for step in target.explain({"miner": "CIFR"})}
    deal = steps["CIFR-fluidstack-barber-lake"]
    assert (deal.value, deal.unit) == (168, "MW critical")
    noted = [step for step in target.explain({"miner": "IREN"}) if step.formula == "signed deal"]
    assert all(step.value is not None for step in noted)


@pytest.mark.parametrize(
    ("function", "given", "reason"),
    [
        (implied_mw, {"price": [1.0, 20.0]}, "price is below the value without the option, got 1"),
        (implied_mw, {"price": 20.0, "prob": [0.0, 1.0]}, "prob x per_mw must be above 0"),
        (implied_prob, {"price": 20.0, "mw": [0.0, 600.0]}, "must be above 0"),
        (implied_mw, {"price": 20.0, "prob": [1.5, 1.0]}, "prob must be between 0 and 1, got 1.5"),
        (implied_per_mw, {"price": 20.0, "prob": [1.5, 1.0]}, "prob must be between 0 and 1"),
    ],
)
def test_of_two_cells_the_one_that_cannot_be_explained_fails_alone(function, given, reason):
    found = function.evaluate({"miner": "RIOT", **given})
    assert found.failed.tolist() == [True, False]
    assert reason in str(found.error_at((0,)))
    assert found.values[1] > 0


def test_an_upside_on_a_threshold_counts_as_reaching_it_whatever_the_rounding(book):
    """OW from 10% on, UW below -10%: at either mark, and one rounding beneath, it is reached."""
    value = target("RIOT")
    for mark, reached, missed in ((0.1, "OW", "N"), (-0.1, "N", "UW")):
        price = value / (1 + mark)
        assert rating("RIOT", price * (1 + 1e-15)) == rating("RIOT", price) == reached
        assert rating("RIOT", price * (1 + 1e-9)) == missed


def test_one_rating_that_has_no_upside_fails_alone():
    found = rating.evaluate({"miner": ["RIOT", "WULF"], "price": [10.0, 10.0]})
    assert found.failed.tolist() == [False, True]
