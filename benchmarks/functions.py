"""The option over a million elements, scalar calls, companies over scenarios, lease returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np

from addin.boundary.call import call
from addin.boundary.desk import Desk
from benchmarks.timing import Row, compare, show
from valuation_core import hpc, load_book
from valuation_core.book import METRICS, Book
from valuation_core.book.tables import table_of
from valuation_core.bridge import bridge
from valuation_core.company import value_of
from valuation_core.deal_lease import deal_value, leases_of
from valuation_core.deals import deal
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import default_book
from valuation_core.lease import lease_return
from valuation_core.lease_cashflows import (
    internal_rate_of_return,
    lease_flows,
    present_value,
)
from valuation_core.network import book_periods
from valuation_core.solving import solve_for
from valuation_core.target import target

COVERED = ("RIOT", "IREN", "CLSK", "CIFR", "MARA")


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    yield from _options()
    yield _companies()
    yield _leases()
    yield _deals()
    yield _solves()
    yield _bridges()


def _options() -> Iterator[Row]:
    random = np.random.default_rng(2025)
    prob, mw = random.random(1_000_000), random.random(1_000_000) * 1500
    yield compare(
        "1e6 elements: hpc.value with checks against the bare expression",
        lambda: hpc.value("RIOT", prob, mw),
        lambda: prob * np.minimum(mw, 800.0) * 6.15,
        "-",
    )
    yield compare(
        "1e6 elements: the arithmetic inside against the bare expression",
        lambda: hpc.option_value(prob, mw, 6.15, 800.0),
        lambda: prob * np.minimum(mw, 800.0) * 6.15,
        "1.5x",
    )
    plain, case = default_book(), load_book(case="reconstruction")
    for what, function in (("hpc.value", hpc.value), ("target", target)):
        yield compare(
            f"1e6 elements: {what} under the reconstruction against the plain case",
            lambda function=function: function("RIOT", prob, mw, book=case),  # type: ignore[misc]
            lambda function=function: function("RIOT", prob, mw, book=plain),  # type: ignore[misc]
            "1.1x",
        )
    desk = Desk()
    _ = desk.default_book
    many = range(1000)
    yield compare(
        "1,000 scalar calls: hpc.value against the bare expression",
        lambda: [hpc.value("RIOT", 0.5, 600.0) for _ in many],
        lambda: [0.5 * min(600.0, 800.0) * 6.15 for _ in many],
        "-",
    )
    yield compare(
        "1,000 scalar calls: from cells to a cell against hpc.value",
        lambda: [call(desk, "HPC_VALUE", ["RIOT", 0.5, 600.0]) for _ in many],
        lambda: [hpc.value("RIOT", 0.5, 600.0) for _ in many],
        "-",
    )


def _companies() -> Row:
    """Value 5 miners in 10,000 price scenarios, dilution solved exactly, against the bare sums."""
    tickers = np.array([COVERED], dtype=object)
    prices = np.linspace(50_000.0, 200_000.0, 10_000)[:, np.newaxis]
    book = default_book()

    def fact(metric: str) -> np.ndarray:
        return np.array([[book.number(ticker, metric) for ticker in COVERED]])

    names = ("hashrate", "uptime", "efficiency", "power_price", "btc_held", "cash", "shares_basic")
    hashrate, uptime, efficiency, power, held, cash, shares = map(fact, names)
    debt, option, cloud = np.array([[794.4, 950, 824.5, 172.5, 3648.1]]), 1845.0, 265.0
    periods = book_periods(book)

    def bare() -> np.ndarray:
        today = prices * 1.008 / 1019
        mining = np.zeros((10_000, 5))
        for days, coins in zip(periods.days, periods.coins_per_day, strict=True):
            mining += days * np.maximum(coins * today - efficiency * 24 * power, 0)
        parts = hashrate * uptime * mining / 1e6 + held * prices / 1e6 + option + cloud + cash
        return (parts - debt) / shares

    def ours() -> np.ndarray:
        evaluation = Evaluation((10_000, 5)).use(book, btc_price=prices)
        return value_of(evaluation, tickers, hpc.Choice()).per_share

    name = "5 miners x 10,000 scenarios, exact dilution, against bare sums without it"
    return compare(name, ours, bare, "3x")


def _solves() -> Row:
    """Solve 1,000 targets for each input in one call; the slowest input counts."""
    aims = np.linspace(10.0, 30.0, 1000)
    slowest, name = max(
        (_seconds(lambda metric=metric: _solved(metric, aims)), metric)  # type: ignore[misc]
        for metric in METRICS
        if METRICS[metric].unit != "date"
    )
    return f"1,000 solves of any input, the slowest: {name}", show(slowest), "-", "-", "1 s"


def _bridges() -> Row:
    """Say why 5 targets moved between two editions, against the targets at both ends alone."""
    first, second = load_book("2025-09-26"), load_book("2025-11-24")
    return compare(
        "bridge of 5 miners in stated order against their 10 targets",
        lambda: [bridge(ticker, first, second) for ticker in COVERED],
        lambda: [target(ticker, book=book) for ticker in COVERED for book in (first, second)],
        "20 ms",
    )


def _solved(metric: str, aims: np.ndarray) -> None:
    solve_for.evaluate({"miner": "RIOT", "input": metric, "target": aims})


def _seconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _leases() -> Row:
    """Solve 10,000 lease returns against pyxirr one by one, on the same cash flows."""
    try:
        import pyxirr
    except ImportError:
        return "10,000 lease returns", "NOT RUN: pyxirr is not installed", "-", "-", "-"
    values, rents = np.linspace(3, 12, 10_000), np.linspace(1.4, 1.7, 10_000)
    flows = lease_flows(rents, 0.03, 0.825, 10.0, 0.8, 0.07125, 15, 20, 1.0, 0.08)
    half_years = np.zeros((10_000, 43))
    half_years[:, 0] = flows.start - values
    half_years[:, 3:43:2] = flows.yearly.T
    half_years[:, 42] += flows.end
    theirs = np.array([pyxirr.irr(row) for row in half_years])
    assert np.allclose((1 + theirs) ** 2 - 1, lease_return(values, rents), atol=1e-9)
    return compare(
        "10,000 lease returns against a loop over pyxirr",
        lambda: lease_return(values, rents),
        lambda: [pyxirr.irr(row) for row in half_years],
        "0.2x",
    )


def _deals() -> Row:
    """Value 10,000 deals of a book, and solve them for their return, against the bare engine.

    A book lays its deals out once; the calls that are timed come after.
    """
    shipped = load_book("2025-11-24")
    stated = [
        row
        for row in shipped.in_force["deals"].rows()
        if row["kind"] == "colo" and row["revenue_usd_m"] is not None
    ]
    rows = []
    for place in range(10_000):
        row = stated[place % len(stated)]
        revenue = row["revenue_usd_m"] * (1.0 + place / 10_000)
        rows.append({**row, "deal_id": f"Lease-{place}", "revenue_usd_m": revenue})
    book = Book(shipped.as_of, {**shipped.tables, "deals": table_of("deals", rows)})
    names = np.array([row["deal_id"] for row in rows], dtype=object)
    lease = leases_of(book).at(np.arange(10_000.0)).lease

    def ours() -> tuple[np.ndarray, np.ndarray]:
        return deal_value(names, 0.11, book=book), deal(names, "equity_return", book=book)

    def bare() -> tuple[np.ndarray, np.ndarray]:
        value = present_value(lease_flows(**lease), 0.11)
        return value, internal_rate_of_return(lease_flows(**lease), 0.0)[0]

    for one, other in zip(ours(), bare(), strict=True):
        assert np.allclose(one, other, rtol=1e-12, atol=0.0)
    name = "10,000 deals of a book valued and solved for their return, against the bare engine"
    return compare(name, ours, bare, "2x")
