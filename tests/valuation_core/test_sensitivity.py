"""The tornado: every bar is the target with that fact, and only what moves a miner is a driver."""

from __future__ import annotations

import pytest

from valuation_core import load_book, with_own_facts
from valuation_core.book import METRICS
from valuation_core.sensitivity import DRIVERS, tornado
from valuation_core.target import target

BOOKS = {
    "plain": load_book(),
    "reconstruction": load_book(case="reconstruction"),
    "after a letting": load_book("2025-11-06", case="reconstruction"),
    "named": load_book("2025-11-24", case="reconstruction"),
}
ALWAYS = {"value per MW", "BTC price", "network hashrate", "power price", "hodl premium",
          "gross-to-critical"}  # fmt: skip
OPTION = {"probability", "MW shopped"}
NOT_0 = {"land value", "guided share", "cost of equity"}
NAMED = {"named value per MW", "named MW"}


def bars(ticker, book):
    return {row[0].split(" (")[0]: row for row in tornado(ticker, book).rows}


@pytest.mark.parametrize(
    ("book", "ticker", "drivers"),
    [
        ("plain", "RIOT", ALWAYS | OPTION),
        ("plain", "CLSK", ALWAYS | {"MW shopped"}),  # the edition applies no probability to it
        ("reconstruction", "RIOT", ALWAYS | OPTION | NOT_0),
        ("named", "IREN", ALWAYS | NAMED | NOT_0),
        ("named", "RIOT", ALWAYS | OPTION | NOT_0),
    ],
)
def test_what_moves_a_miner_is_a_driver_and_nothing_else(book, ticker, drivers):
    assert set(bars(ticker, BOOKS[book])) == drivers


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("ticker", ["RIOT", "CIFR", "IREN", "MARA"])
def test_both_ends_of_every_bar_are_the_target_with_that_fact(name, ticker):
    """What each driver does is written out here, and put into the book as an own fact."""
    book = BOOKS[name]
    shopped = {"IREN": 2000, "RIOT": 600, "CIFR": 306 if book.as_of.month == 9 else 156, "MARA": 0}
    now = {metric: book.find(ticker, metric) for metric in METRICS}
    now = {metric: fact.value for metric, fact in now.items() if fact}
    now["hpc_mw_shopped"] = shopped[ticker]  # those still offered
    ends = {
        "value per MW": ("colo_value_position", 0.0, 1.0),
        "probability": ("hpc_probability", 0.25, 0.75),
        "MW shopped": ("hpc_mw_shopped", *_around(now, "hpc_mw_shopped", 0.25)),
        "named value per MW": ("hpc_value_named", *_around(now, "hpc_value_named", 0.25)),
        "named MW": ("hpc_mw_named", *_around(now, "hpc_mw_named", 0.25)),
        "BTC price": ("btc_price", *_around(now, "btc_price", 0.2)),
        "network hashrate": ("network_hashrate", *_around(now, "network_hashrate", 0.2)),
        "power price": ("power_price", *_around(now, "power_price", 0.2)),
        "hodl premium": ("hodl_premium", 1.0, 1.5),
        "gross-to-critical": ("gross_to_critical", 1.25, 1.5),
        "land value": ("land_power_value", *_around(now, "land_power_value", 0.5)),
        "guided share": ("guided_hashrate_share", 0.0, 1.0),
        "cost of equity": (
            "cost_of_equity", now["cost_of_equity"] - 0.03, now["cost_of_equity"] + 0.03,
        ),
    }  # fmt: skip
    assert set(ends) == {driver.name for driver in DRIVERS}
    for driver, (_, *found, swing) in bars(ticker, book).items():
        metric, *values = ends[driver]
        scope = "NETWORK" if METRICS[metric].home == "NETWORK" else ticker
        known = book.find(ticker, metric) or METRICS[metric]
        for value, shown in zip(values, found, strict=True):
            own = with_own_facts(book, [(scope, metric, value, known.basis)])
            assert shown == pytest.approx(target(ticker, book=own), rel=1e-12), (driver, value)
        assert swing == abs(found[1] - found[0])


def _around(now, metric, part):
    value = now.get(metric, 0.0)
    return value * (1 - part), value * (1 + part)


def test_the_names_of_the_bars_tell_their_ends():
    labels = [row[0] for row in tornado("IREN", BOOKS["named"]).rows]
    for label in (
        "named value per MW (-25% to +25%)",
        "named MW (-25% to +25%)",
        "land value (-50% to +50%)",
        "guided share (0% to 100%)",
        "cost of equity (-3 to +3 points)",
        "value per MW (8 to 17 USD M per critical MW)",
    ):
        assert label in labels
    plain = [row[0] for row in tornado("RIOT").rows]
    assert "value per MW (3.7 to 8.6 USD M per gross MW)" in plain
    mixed = with_own_facts(load_book(), [("ALL", "colo_value_low", 5.2, "critical")])
    label = "value per MW (5.2 per critical to 8.6 USD M per gross MW)"
    assert label in [row[0] for row in tornado("RIOT", mixed).rows]


def test_mw_shopped_on_critical_mw_stay_on_that_basis():
    # 400 MW critical are 520 gross; a quarter less and a quarter more of them.
    book = with_own_facts(load_book(), [("RIOT", "hpc_mw_shopped", 400.0, "critical")])
    found = bars("RIOT", book)["MW shopped"][1:3]
    assert found == pytest.approx([target("RIOT", mw=520 * part) for part in (0.75, 1.25)])
