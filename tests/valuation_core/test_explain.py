"""HPC_EXPLAIN: every step down to the sourced fact; the last value is the result bit for bit."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.strategies import megawatts, months, probabilities, values_per_mw, windows
from tests.valuation_core.scalars import SCALARS
from valuation_core import ErrorKind, ValuationError, facts, hpc, load_book
from valuation_core.catalogue.catalogue import catalogue, explain
from valuation_core.catalogue.explain import HEADER

LOOK_UPS = ("HPC_DATA", "HPC_DEAL", "HPC_PUBLISHED", "HPC_SERIES", "HPC_SOLVE")
"""Explained in one step: the row they found."""


def last(table):
    return table.rows[-1][2]


@given(p=probabilities, mw=megawatts, per_mw=values_per_mw, cap=megawatts)
def test_the_last_step_of_the_option_is_the_option(p, mw, per_mw, cap):
    arguments = ("IREN", p, mw, per_mw, "critical", cap)
    assert last(explain("HPC_VALUE", *arguments)) == hpc.value(*arguments)


@given(p=probabilities, t=months, w=windows)
def test_the_last_step_of_the_window_is_the_window(p, t, w):
    assert last(explain("HPC_WINDOW", p, t, w)) == hpc.window(p, t, w)


@pytest.mark.parametrize("name", SCALARS)
def test_the_last_step_of_every_elementwise_function_is_its_result_bit_for_bit(name):
    result = catalogue()[name].function(*SCALARS[name])
    table = explain(name, *SCALARS[name])
    assert last(table) == result
    assert len(table.rows) > 1 or name in LOOK_UPS


@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CLSK", "CIFR", "MARA"])
def test_a_target_is_explained_down_to_sourced_facts_deals_and_instruments(book, ticker):
    rows = explain("HPC_TARGET", ticker).rows
    assert last(explain("HPC_TARGET", ticker)) == catalogue()["HPC_TARGET"].function(ticker)
    named = {row[0] for row in rows}
    assert {"hashrate", "btc_held", "shares_basic", "cash", "equity", "diluted shares"} <= named
    for table, key in (("instruments", "instrument_id"), ("deals", "deal_id")):
        rows_of_table = list(book.tables[table].rows())
        own = {row[key] for row in rows_of_table if row["ticker"] == ticker}
        assert own == named & {row[key] for row in rows_of_table}
    for row in rows:
        if row[4] not in ("calculation", "argument"):
            assert row[4].startswith(("http", "assumption")), row
            assert row[6] in ("high", "medium", "low"), row


def test_a_figure_without_its_optional_arguments_ends_on_the_figure_too():
    for name in ("HPC_DILUTED_SHARES", "HPC_IMPLIED_MW", "HPC_UPSIDE", "HPC_RATING"):
        assert last(explain(name, "RIOT")) == catalogue()[name].function("RIOT")
    table = explain("HPC_IMPLIED_MW", "RIOT", 16.74, 0.8)
    assert [row[2] for row in table.rows if row[0] == "prob"] == [0.8]


def test_the_sum_of_the_parts_is_explained_by_every_part():
    rows = explain("HPC_SOTP", "CIFR").rows
    table = {row[0]: row for row in catalogue()["HPC_SOTP"].function("CIFR").rows}
    assert last(explain("HPC_SOTP", "CIFR")) == table["value per share"][2]
    named = {row[0]: row[2] for row in rows}
    for step, part in (
        ("mining", "mining"),
        ("hodl", "hodl"),
        ("signed deals", "signed"),
        ("option value", "option"),
        ("cloud", "cloud"),
        ("cash", "cash"),
        ("equity", "equity"),
    ):
        assert named[step] == table[part][1]
    (row,) = explain("HPC_SOTP", "CIFR", 1.7).rows
    assert row[1] == "prob must be between 0 and 1, got 1.7"


def test_the_price_is_explained_with_its_own_date():
    later = load_book("2025-11-30")
    rows = explain("HPC_UPSIDE", "IREN", *[None] * 7, later).rows
    price = next(row for row in rows if row[0] == "price")
    assert (price[2], price[5].isoformat()) == (48.45, "2025-11-26")


def test_instruments_are_explained_by_what_makes_them_dilute():
    riot = {row[0]: row for row in explain("HPC_TARGET", "RIOT").rows}
    assert (
        riot["RIOT-0-75-convertible-2030"][1] == "converts into 39.9893 M shares above 14.8640 USD"
    )
    assert riot["RIOT-0-75-convertible-2030"][2] == 594.4
    assert riot["RIOT-bitcoin-backed-credit-facility"][1:3] == ("loan", 200)
    cifr = {row[0]: row for row in explain("HPC_TARGET", "CIFR").rows}
    assert cifr["CIFR-google-warrants"][1:4] == ("warrants, strike 0.01 USD", 24.178576, "M shares")
    assert "left out of dilution" in cifr["CIFR-public-warrants-cifrw"][1]


def test_implied_mw_are_explained_against_cap_and_secured_power():
    rows = {row[0]: row for row in explain("HPC_IMPLIED_MW", "IREN", 46.29, 1.0, "high").rows}
    mw = last(explain("HPC_IMPLIED_MW", "IREN", 46.29, 1.0, "high"))
    assert rows["above one tenant's demand"][2] == pytest.approx(mw - 800)
    assert rows["within power secured"][2] == pytest.approx(mw - 2910)


def test_facts_show_source_date_and_confidence(book):
    table = explain("HPC_VALUE", "RIOT")
    assert table.header == HEADER
    steps = {row[0]: row for row in table.rows}
    fact = book.fact("RIOT", "hpc_mw_shopped")
    assert steps["hpc_mw_shopped"] == (
        "hpc_mw_shopped", "fact of RIOT", 600.0, "MW gross", fact.source, fact.as_of, "high",
    )  # fmt: skip
    # A position within the published range is ours, the ends are not.
    assert steps["colo_value_position"][4:] == (
        "assumption: Place in the published range of equity value per MW: 0 low, 0.5 halfway, 1 high.",
        load_book().as_of,
        "low",
    )
    assert steps["colo_value_high"][4].startswith("http")
    assert last(table) == 1845


def test_a_fact_and_its_source_are_explained():
    assert last(explain("HPC_DATA", "RIOT", "price")) == 16.74
    assert last(explain("HPC_SOURCE", "RIOT", "price")) == facts.source("RIOT", "price")
    assert last(explain("HPC_CAPEX", 1300.0)) == hpc.capex(1300)


def test_bookkeeping_functions_are_explained_by_their_result(book):
    assert last(explain("HPC_BOOK")) == book
    assert last(explain("hpc_version")).startswith("hpc-valuation")


def test_a_failed_function_is_explained_by_its_reason():
    (row,) = explain("HPC_VALUE", "RIOT", 1.7).rows
    assert row[:2] == ("no result", "prob must be between 0 and 1, got 1.7")
    assert row[2].kind is ErrorKind.DOMAIN


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "miner must be given"),
        (("RIOT", [0.1, 0.2]), "prob must be a single value to be explained, not a range"),
        (("RIOT", 1, 1, "mid", "gross", 1, load_book(), 1), "arguments must be 7 or fewer, got 8"),
    ],
)
def test_a_call_that_cannot_be_made_is_explained_too(arguments, reason):
    (row,) = explain("HPC_VALUE", *arguments).rows
    assert row[1] == reason


def test_an_unknown_function_suggests_the_nearest():
    with pytest.raises(
        ValuationError, match="unknown function 'HPC_VALU'; did you mean HPC_VALUE?"
    ):
        explain("HPC_VALU")


def test_the_table_is_to_be_had_as_a_data_frame():
    assert explain("HPC_VALUE", "RIOT").frame()["value"].iloc[-1] == 1845
