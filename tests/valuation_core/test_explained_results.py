"""The last row of an explanation follows from the rows above it: each is worked out again here."""

from __future__ import annotations

from datetime import date
from math import inf

import numpy as np
import pytest

from tests.valuation_core.scalars import SCALARS
from valuation_core import load_book, with_own_facts
from valuation_core.catalogue.cards import Kind
from valuation_core.catalogue.catalogue import catalogue, explain
from valuation_core.gpu import _annuity
from valuation_core.lease_cashflows import lease_flows, present_value

LEVELS = ("per_mw", "colo_value_low", "colo_value_high", "cloud_value")
LEASE = ("rent", "escalator", "noi_margin", "capex", "loan_to_cost", "debt_rate", "debt_years",
         "lease_years", "build_years", "exit_cap_rate")  # fmt: skip


class Rows(dict):
    """The rows of an explanation by name: of two with one name the later, as it is read down."""

    def first(self, *names):
        """The value of the first of some names that there is."""
        return next(self[name] for name in names if name in self)


def per_gross(rows, *names):
    """A value per MW on gross MW: as it is, or the row that brought it there."""
    converted = [f"{name} on gross MW" for name in names]
    return rows.first("value per gross MW", *converted, *names)


def option(rows):
    prob = rows.first("prob", "hpc_probability")
    return prob * rows["MW capped"] * per_gross(rows, *LEVELS)


def shopped(rows):
    """The MW offered: the caller's own, or what is shopped, less what was let since."""
    mw = rows.first("mw on gross MW", "mw", "MW shopped, net", "hpc_mw_shopped")
    return min(mw, rows.first("cap on gross MW", "cap", "tenant_cap"))


def rating(rows):
    over, under = rows["rating_overweight_from"], rows["rating_underweight_below"]
    return "OW" if rows["upside"] >= over else "UW" if rows["upside"] < under else "N"


def diluted(rows):
    """Shares at a price: basic ones, notes that convert below it, warrants by treasury stock."""
    if "price" not in rows:
        return rows["equity"] / rows["value per share"]
    price, shares = rows["price"], rows["shares_basic"]
    for name, (words, value) in rows.noted.items():
        if words.startswith("converts into"):
            into, above = float(words.split()[2]), float(words.split()[-2])
            shares += into if price > above else 0.0
        if words.startswith("warrants"):
            strike = float(words.split()[-2])
            shares += value * max(0.0, 1.0 - strike / price)
        assert name
    return shares


def mining(rows):
    hashrate, uptime = rows.first("hashrate valued", "hashrate"), rows["uptime"]
    found = hashrate * uptime * rows["profit per EH/s of the horizon"] / 1e6
    if "profit per EH/s displaced" in rows:
        lost = min(rows["hashrate_displaced"], hashrate)
        found -= lost * uptime * rows["profit per EH/s displaced"] / 1e6
    return found


def land(rows):
    free = max(0.0, rows["MW approved"] - rows["MW signed"] - rows["cloud_mw"]
               - rows.first("MW shopped, net", "hpc_mw_shopped"))  # fmt: skip
    assert rows["MW free"] == free
    mw = free + rows["land_on_unlet"] * rows.get("MW not let", 0.0)
    return rows.first("per_mw", "land_power_value") * mw


def horizon_profit(rows):
    """The profit of the horizon from its periods, where nothing moves from day to day."""
    total = 0.0
    for name, (words, revenue) in rows.noted.items():
        if name.startswith("revenue per EH/s-day, period"):
            days = float(words.split()[0])
            profit = max(0.0, revenue - rows["power per EH/s-day"])
            assert ("switched off" in words) == (profit == 0.0)
            total += days * profit
    return total


def hashprice(rows):
    revenue = rows["coins per day"] * rows["btc_price"] * (1.0 + rows["fee_share"])
    return revenue / rows["network_hashrate"] / 1000.0


def window(rows):
    return 1.0 - (1.0 - rows["prob"]) ** rows["window left"]


PARTS = ("signed deals", "option value", "cloud")


def operating(rows):
    """The parts that earn; where MW are named they take the place of the others."""
    if "named" in rows:
        hpc = rows["named"] + rows["signed beyond named"]
    else:
        hpc = sum(rows[part] for part in PARTS) + rows.get("land and power", 0.0)
    return rows["mining"] + hpc + rows["other_value"]


def cash(rows):
    return rows.first("cash, pro forma", "cash")


def target(rows):
    """Equity at the target date over its shares: what stands at face is not grown."""
    growth = (1.0 + rows["cost_of_equity"]) ** (rows["days to the target date"] / 365.25)
    assert rows["growth to the target date"] == pytest.approx(growth, rel=1e-12)
    if growth == 1.0:
        return rows["value per share"]
    grown = rows["operating parts at the target"]
    assert grown == pytest.approx(operating(rows) * growth, rel=1e-12)
    equity = grown + rows["hodl"] + cash(rows) - rows["debt at the target"]
    assert rows["equity at the target"] == pytest.approx(equity, rel=1e-12)
    return equity / rows["diluted shares at the target"]


def flows(rows):
    return lease_flows(*(rows[name] for name in LEASE))


def deal_value(rows):
    """Its own terms, and those of the book that it does not state."""
    terms = [
        rows.first(
            name,
            "capex_per_mw" if name == "capex" else f"lease_{name}".replace("lease_lease", "lease"),
        )
        for name in LEASE
    ]
    return float(present_value(lease_flows(*terms), rows["equity_return"]))


def lease_return(rows):
    """The return itself, once it gives the value: no formula gives it."""
    found = rows["lease return"]
    assert present_value(flows(rows), found) == pytest.approx(rows["value"], rel=1e-9)
    return found


def solution(rows):
    assert rows["target at the solution"] == pytest.approx(rows["target"], rel=1e-6)
    return rows["solution"]


def cloud(rows):
    k = rows.first("equity_return", "lease_equity_return")
    start = rows["gpus_per_mw"] * rows["capex_per_gpu"] / 1e6
    return rows["cash flow"] * float(_annuity(k, rows["life"])) - start


def deal(rows):
    revenue, years = rows["revenue_usd_m"], rows["term_years"]
    return {
        "noi_low": lambda: revenue / years * rows["noi_margin_low"],
        "usd_per_kw_month": lambda: revenue * 1e6 / years / rows["mw_critical"] / 1000 / 12,
    }[rows.last]()


def itself(rows):
    """A fact looked up is its own row: with its source, and nothing before it to follow from."""
    return rows[rows.last]


REMADE = {
    "HPC_VALUE": option,
    "HPC_PER_SHARE": lambda rows: rows["option value"] / rows["diluted shares"],
    "HPC_WINDOW": window,
    "HPC_CAPEX": lambda rows: rows["mw"] * rows.first("per_mw", "capex_per_mw on gross MW"),
    "HPC_MINING_VALUE": mining,
    "HPC_HASHPRICE": hashprice,
    "HPC_LAND_VALUE": land,
    "HPC_DILUTED_SHARES": diluted,
    "HPC_TARGET": target,
    "HPC_UPSIDE": lambda rows: rows["target"] / rows["price"] - 1.0,
    "HPC_RATING": rating,
    "HPC_IMPLIED_MW": lambda rows: rows["option paid for"] / rows["prob"]
    / per_gross(rows, *LEVELS),
    "HPC_IMPLIED_PROB": lambda rows: rows["option paid for"] / shopped(rows)
    / per_gross(rows, *LEVELS),
    "HPC_IMPLIED_PER_MW": lambda rows: rows["option paid for"] / shopped(rows)
    / rows.first("prob", "hpc_probability"),
    "HPC_SOLVE": solution,
    "HPC_LEASE_VALUE": lambda rows: float(
        present_value(flows(rows), rows.first("equity_return", "lease_equity_return"))
    ),
    "HPC_LEASE_RETURN": lease_return,
    "HPC_CLOUD_VALUE": cloud,
    "HPC_DEAL_VALUE": deal_value,
    "HPC_DEAL": deal,
    "HPC_PUBLISHED": itself,
    "HPC_DATA": itself,
    "HPC_SOURCE": itself,
    "HPC_AGE": lambda rows: float((rows.book.as_of - rows.days[rows.facts[0]]).days),
    "HPC_SERIES": itself,
}  # fmt: skip
"""How the last row of each function is made of those above it."""

HALVED = load_book("2028-06-01")
GROWING = with_own_facts(
    load_book(),
    [("ALL", "network_growth", 0.35), ("ALL", "mining_discount_rate", 0.12),
     ("ALL", "cost_of_equity", 0.1)],
)  # fmt: skip
BOOKS = {
    "default": load_book(),
    "after a halving": HALVED,
    "own subsidy after it": with_own_facts(HALVED, [("NETWORK", "block_subsidy", 1.5625)]),
    "horizon with two halvings": with_own_facts(
        load_book(), [("NETWORK", "halving_date", date(2025, 10, 1))]
    ),
    "growing": GROWING,
    "power too dear": with_own_facts(load_book(), [("RIOT", "power_price", 80.0)]),
    "reconstruction": load_book(case="reconstruction"),
    "bull on 2025-11-24": load_book("2025-11-24", case="bull"),
}
OTHERWISE = {
    "HPC_SOLVE": ("RIOT", "other_value", 30.0),
    "HPC_IMPLIED_MW": ("RIOT", 40.0),
    "HPC_IMPLIED_PROB": ("CIFR", 40.0),
    "HPC_IMPLIED_PER_MW": ("RIOT", 40.0),
    "HPC_RATING": ("RIOT", 40.0),
    "HPC_TARGET": ("IREN",),
}
"""Arguments in the other books, in which MW are named and prices pay for something else."""
EDGES = [
    ("HPC_VALUE", ("RIOT", 0.5, 1000.0)),  # capped at 800 MW
    ("HPC_VALUE", ("RIOT", 0.5, 500.0, "low", "critical")),
    ("HPC_VALUE", ("RIOT", 0.5, 500.0, 8.0, "critical", 300.0)),
    ("HPC_WINDOW", (0.5, 9.0)),  # the window has run out
    ("HPC_WINDOW", (1.0, 4.0)),
    ("HPC_UPSIDE", ("RIOT",)),
    ("HPC_RATING", ("MARA",)),
    ("HPC_DILUTED_SHARES", ("CIFR", 20.0)),  # a note, and the warrants of Google
    ("HPC_DILUTED_SHARES", ("CIFR",)),
    ("HPC_IMPLIED_MW", ("RIOT",)),
    ("HPC_SOLVE", ("RIOT", "network_growth", 11.0)),
    ("HPC_DEAL", ("CIFR-fluidstack-barber-lake", "usd_per_kw_month")),
    ("HPC_LEASE_VALUE", ()),
    ("HPC_LEASE_VALUE", (0.1, 1.6, 0.03, 0.8, 10.0, 0.7, 0.07, 20.0, 15.0, 1.0, 0.0)),
    ("HPC_LEASE_RETURN", (8.0,)),
    ("HPC_CLOUD_VALUE", ()),
]


def explained(name, arguments, book):
    card = catalogue()[name]
    padded = [*arguments, *[None] * (len(card.arguments) - len(arguments) - 1), book]
    table = explain(name, *padded)
    rows = Rows((row[0], row[2]) for row in table.rows)
    rows.noted = {row[0]: (row[1], row[2]) for row in table.rows}
    rows.last = table.rows[-1][0]
    rows.days = {row[0]: row[5] for row in table.rows}
    rows.facts, rows.book = [name for name, day in rows.days.items() if day], book
    return rows


def test_every_elementwise_function_is_worked_out_here():
    elementwise = {card.name for card in catalogue().values() if card.kind is Kind.ELEMENTWISE}
    assert set(REMADE) == elementwise == set(SCALARS)


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize(("name", "arguments"), [*SCALARS.items(), *EDGES])
def test_the_last_row_follows_from_the_rows_above_it(name, arguments, book):
    if book != "default":
        arguments = OTHERWISE.get(name, arguments)
    rows = explained(name, arguments, BOOKS[book])
    found, made = rows[rows.last], REMADE[name](rows)
    if isinstance(found, float):
        assert made == pytest.approx(found, rel=1e-6 if name == "HPC_DILUTED_SHARES" else 1e-12)
    else:
        assert made == found


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("miner", ["RIOT", "IREN", "CLSK", "CIFR", "MARA"])
def test_the_steps_of_a_target_follow_from_the_rows_above_them(miner, book):
    rows = explained("HPC_TARGET", (miner,), BOOKS[book])
    assert rows["mining"] == pytest.approx(mining(rows), rel=1e-12)
    if book != "growing":
        assert rows["profit per EH/s of the horizon"] == pytest.approx(horizon_profit(rows))
    subsidy = rows.first("block subsidy in force", "block_subsidy")
    assert rows["coins per day"] == subsidy * rows["blocks_per_day"]
    assert rows["hodl"] == pytest.approx(
        rows["btc_held"] * rows["btc_price"] * rows["hodl_premium"] / 1e6
    )
    assert rows["equity"] == pytest.approx(
        operating(rows) + rows["hodl"] + cash(rows) - rows["debt"]
    )
    assert rows["value per share"] == pytest.approx(rows["equity"] / rows["diluted shares"])
    assert rows["target"] == pytest.approx(target(rows), rel=1e-12)
    assert np.isfinite(rows["target"])
    assert rows["target"] < inf
