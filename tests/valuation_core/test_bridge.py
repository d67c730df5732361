"""The bridge: why a target moved, driver by driver, from one book to another."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import numpy as np
import pytest

from tests.strategies import COVERED
from tests.valuation_core.book_files import with_row
from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.book import METRICS, Book
from valuation_core.book.book import shipped_tables
from valuation_core.book.mixed import Mixing
from valuation_core.book.tables import table_of
from valuation_core.bridge import _target, _Values, bridge
from valuation_core.catalogue.catalogue import explain
from valuation_core.company import target_of
from valuation_core.drivers import NO_DRIVERS, SUBJECTS, drivers_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.ladder import ladder
from valuation_core.target import target

BEFORE, AFTER = load_book("2025-09-26"), load_book("2025-11-24")
DAYS = ("2025-06-30", "2025-09-26", "2025-10-20", "2025-11-06", "2025-11-24")
SCALED = ("btc_price", "network_hashrate", "hashrate", "btc_held", "cash", "shares_basic",
          "power_price", "colo_value_low", "hpc_mw_shopped")  # fmt: skip


def changes(table):
    """The target before, the change by each driver, the target after."""
    start, *lines, end, residual, published = table.rows
    assert (residual[0], published[0]) == ("residual", "published")
    return start[2], {name: change for name, change, _ in lines}, end[2]


def random_book(draw):
    """A book of some day and case, with facts scaled, and deals, notes and sites left out or not."""
    tables = dict(shipped_tables())
    for name in ("deals", "instruments", "sites"):
        kept = [row for row in tables[name].rows() if draw.random() < 0.8]
        figure = {"deals": "mw_critical", "instruments": "principal_usd_m", "sites": "mw_gross"}[
            name
        ]
        for row in kept:
            if row[figure] and draw.random() < 0.2:
                row[figure] *= draw.uniform(0.5, 2.0)
        tables[name] = table_of(name, kept)
    facts = []
    for row in tables["inputs"].rows():
        if row["metric"] in SCALED and draw.random() < 0.3:
            row["value"] *= draw.uniform(0.8, 1.2)
        facts.append(row)
    tables["inputs"] = table_of("inputs", facts)
    day = date.fromisoformat(draw.choice(DAYS))
    return Book.at(tables, day, str(draw.choice(["plain", "reconstruction", "base", "sites"])))


def pairs(count):
    """Pairs of random books and a miner that both can value."""
    draw = np.random.default_rng(2025)
    books = [random_book(draw) for _ in range(60)]
    found = 0
    while found < count:
        first, second = (books[place] for place in draw.integers(len(books), size=2))
        ticker = str(draw.choice(COVERED))
        try:
            _target(first, ticker), _target(second, ticker)
        except ValuationError:
            continue
        found += 1
        yield first, second, ticker


def test_the_changes_of_1000_random_pairs_of_books_add_up_to_the_change_of_the_target():
    lines = 0
    for first, second, ticker in pairs(1000):
        start, by_driver, end = changes(bridge(ticker, first, second))
        assert (start, end) == (target(ticker, book=first), target(ticker, book=second))
        assert start + sum(by_driver.values()) == pytest.approx(end, rel=1e-13, abs=1e-12)
        lines += sum(change != 0.0 for change in by_driver.values())
    assert lines > 5000


def test_nothing_that_moves_a_target_is_left_to_the_last_driver():
    """The first book with all differences taken over is worth what the second is."""
    for first, second, ticker in pairs(200):
        mixing = Mixing(first, second, ticker)
        everything = _target(mixing.book(mixing.differences), ticker)
        assert everything == pytest.approx(_target(second, ticker), rel=1e-12)
        assert _target(mixing.book(()), ticker) == _target(first, ticker)


def test_a_target_that_is_not_worked_out_again_is_what_it_would_be():
    """Of each pair of books 20 mixtures, in any order: what was looked up decides what is known."""
    draw = np.random.default_rng(7)
    for first, second, ticker in pairs(100):
        mixing = Mixing(first, second, ticker)
        drivers = drivers_of(mixing.differences)
        values = _Values(mixing, drivers)
        for taken in draw.integers(2 ** len(drivers), size=20).tolist():
            places = [place for place in values.moving if taken >> place & 1]
            mixed = mixing.book([one for place in places for one in drivers[place].differences])
            try:
                fresh = _target(mixed, ticker)
            except ValuationError:
                continue
            assert values.target(sum(1 << place for place in places)) == pytest.approx(
                fresh, rel=1e-12
            )


@pytest.mark.parametrize("method", ["order", "shapley"])
def test_equal_books_give_zeros(method):
    start, by_driver, end = changes(bridge("RIOT", AFTER, load_book("2025-11-24"), method))
    assert start == end == target("RIOT", book=AFTER)
    assert by_driver == dict.fromkeys(SUBJECTS, 0.0)


def test_bitcoin_and_coins_by_hand():
    """19,287 coins (+1,000) and bitcoin from 100,000 to 110,000 USD, over 369.62 M shares.

    Coins are 1,000 x 110,000 / 1e6 = 110 USD M once bitcoin has moved.
    """
    facts = [("NETWORK", "btc_price", 100_000.0), ("RIOT", "btc_held", 18_000.0)]
    moved = [("NETWORK", "btc_price", 110_000.0), ("RIOT", "btc_held", 19_000.0)]
    first, second = with_own_facts(load_book(), facts), with_own_facts(load_book(), moved)
    _, by_driver, _ = changes(bridge("RIOT", first, second))
    assert by_driver["coins"] == pytest.approx(110.0 / 369.62, rel=1e-12)
    alone = with_own_facts(first, [("NETWORK", "btc_price", 110_000.0)])
    price = target("RIOT", book=alone) - target("RIOT", book=first)
    assert by_driver["price of bitcoin"] == pytest.approx(price, rel=1e-12)
    assert sum(change != 0.0 for change in by_driver.values()) == 2


def test_shapley_shares_what_two_drivers_make_together_equally():
    """Coins and price add 18,000 x 10,000 + 1,000 x 100,000 + 1,000 x 10,000 USD, the last halved."""
    facts = [("NETWORK", "btc_price", 100_000.0), ("RIOT", "btc_held", 18_000.0),
             ("RIOT", "hashrate", 0.0)]  # fmt: skip
    moved = [("NETWORK", "btc_price", 110_000.0), ("RIOT", "btc_held", 19_000.0),
             ("RIOT", "hashrate", 0.0)]  # fmt: skip
    first, second = with_own_facts(load_book(), facts), with_own_facts(load_book(), moved)
    _, by_driver, _ = changes(bridge("RIOT", first, second, "shapley"))
    assert by_driver["price of bitcoin"] == pytest.approx(185.0 / 369.62, rel=1e-12)
    assert by_driver["coins"] == pytest.approx(105.0 / 369.62, rel=1e-12)


def test_shapley_does_not_depend_on_the_order_of_the_drivers(monkeypatch):
    reference = changes(bridge("CLSK", BEFORE, AFTER, "shapley"))
    reverse = dict(reversed(SUBJECTS.items()))
    monkeypatch.setattr("valuation_core.drivers.SUBJECTS", reverse)
    start, by_driver, end = changes(bridge("CLSK", BEFORE, AFTER, "shapley"))
    assert list(by_driver) != list(reference[1])
    assert (start, end) == (reference[0], reference[2])
    assert by_driver == pytest.approx(reference[1], abs=1e-12)
    in_order = changes(bridge("CLSK", BEFORE, AFTER))[1]
    assert in_order != pytest.approx(by_driver, abs=1e-3)


def test_shapley_is_the_average_over_all_orders_of_groups_and_inside_them():
    """Price of bitcoin and network are one group, coins and mining one each: 3! x 2! orders."""
    metrics = {
        "price of bitcoin": ("NETWORK", "btc_price", 150_000.0),
        "network": ("NETWORK", "network_hashrate", 900.0),
        "coins": ("RIOT", "btc_held", 10_000.0),
        "hashrate and power cost": ("RIOT", "hashrate", 60.0),
    }
    book = load_book()
    orders = [
        (*group[0], *group[1], *group[2])
        for pair in permutations(["price of bitcoin", "network"])
        for group in permutations([pair, ("coins",), ("hashrate and power cost",)])
    ]
    average = dict.fromkeys(metrics, 0.0)
    for order in orders:
        for place, name in enumerate(order):
            before, after = (
                with_own_facts(book, [metrics[one] for one in order[:count]])
                for count in (place, place + 1)
            )
            average[name] += (target("RIOT", book=after) - target("RIOT", book=before)) / 12
    own = with_own_facts(book, list(metrics.values()))
    _, by_driver, _ = changes(bridge("RIOT", book, own, "shapley"))
    assert len(orders) == 12
    assert {name: by_driver[name] for name in metrics} == pytest.approx(average, abs=1e-12)


@pytest.mark.parametrize("ticker", COVERED)
@pytest.mark.parametrize("case", ["reconstruction", "base", "bear", "bull", "sites"])
def test_from_plain_to_a_case_the_bridge_is_the_ladder(ticker, case):
    book = load_book(case=case)
    plain, *steps, _, _ = ladder(ticker, book).rows
    start, by_driver, end = changes(bridge(ticker, load_book(), book))
    assert list(by_driver) == [name for name, _, _ in steps]
    assert by_driver == pytest.approx({name: change for name, change, _ in steps}, abs=1e-12)
    assert (start, end) == (plain[2], steps[-1][2])


def test_own_facts_on_top_of_a_case_are_the_step_that_the_ladder_has_for_them():
    own = [("RIOT", "hashrate", 60.0), ("RIOT", "cost_of_equity", 0.2)]
    book = with_own_facts(load_book(case="reconstruction"), own)
    _, *steps, _, _ = ladder("RIOT", book).rows
    _, by_driver, _ = changes(bridge("RIOT", load_book(), book))
    assert by_driver == pytest.approx({name: change for name, change, _ in steps}, abs=1e-12)
    assert by_driver["own facts"] > 0.0


def test_back_from_a_case_each_of_its_changes_is_taken_back():
    _, by_driver, _ = changes(bridge("RIOT", load_book(case="reconstruction"), load_book()))
    assert list(by_driver) == [
        "without colo_value_position set to 1",
        "without guided_hashrate_share set to 1",
        "without land_power_value set to 1.18",
        "own facts",
        "roll-forward",
    ]
    assert by_driver["without land_power_value set to 1.18"] < 0.0


def test_the_last_lines_lead_on_to_the_published_target():
    *_, end, residual, published = bridge("RIOT", BEFORE, AFTER).rows
    assert published == ("published", None, 17.0)
    assert residual == ("residual", 17.0 - end[2], 17.0)
    tables = {**AFTER.tables, "editions": table_of("editions", [])}
    *_, residual, published = bridge("RIOT", BEFORE, Book(AFTER.as_of, tables)).rows
    assert isinstance(residual[1], ValuationError)
    assert isinstance(published[2], ValuationError)


def test_each_new_deal_note_and_site_is_a_line_of_its_own():
    day = date(2025, 9, 20)
    book = load_book()
    more = with_row(
        book, "deals", "CIFR-fluidstack-barber-lake", deal_id="A", site="Nowhere", mw_critical=10.0
    )
    more = with_row(more, "instruments", "RIOT-0-75-convertible-2030", instrument_id="B",
                    ticker="CIFR", issue_date=day, as_of=day)  # fmt: skip
    more = with_row(more, "sites", "CIFR", site="C", mw_gross=5.0)
    _, by_driver, _ = changes(bridge("CIFR", book, more))
    names = list(by_driver)
    for line, before in (("deal A, new", "signed, shopped and cloud MW"),
                         ("site C, new", "signed, shopped and cloud MW"),
                         ("note B, new", "cash and debt")):  # fmt: skip
        assert names.index(line) < names.index(before)
    assert set(names) - set(SUBJECTS) == {"deal A, new", "site C, new", "note B, new"}
    back = changes(bridge("CIFR", more, book))[1]
    assert set(back) - set(SUBJECTS) == {"deal A, gone", "site C, gone", "note B, gone"}


def test_a_new_deal_is_worth_its_mw_at_the_value_per_mw():
    """10 critical MW x 6.15 x 1.30 = 79.95 USD M over 369.62 M shares."""
    book, day = load_book(), date(2025, 9, 1)
    more = with_row(book, "deals", "CIFR-fluidstack-barber-lake", deal_id="A", ticker="RIOT",
                    mw_critical=10.0, mw_gross=None, announced=day, as_of=day)  # fmt: skip
    _, by_driver, _ = changes(bridge("RIOT", book, more))
    assert by_driver["deal A, new"] == pytest.approx(79.95 / 369.62, rel=1e-12)


def test_a_note_brings_the_cash_that_it_owes_on_its_own_line():
    """It is issued at its principal after the balance: cash and debt rise by 1,300 alike."""
    for case in ("plain", "reconstruction"):
        first, second = (load_book(day, case=case) for day in ("2025-09-29", "2025-10-02"))
        _, by_driver, _ = changes(bridge("CIFR", first, second))
        assert by_driver["note CIFR-0-convertible-2031, new"] == pytest.approx(0.0, abs=1e-12)
        assert abs(by_driver["passage of time"]) < 0.02


def test_the_first_books_date_makes_no_difference_to_what_a_repaid_loan_cost():
    """CLSK's loan of 174.5 went at no cash of its own on 13 November: debt falls by all of it."""
    first, second = load_book("2025-11-12"), load_book("2025-11-14")
    _, by_driver, _ = changes(bridge("CLSK", first, second))
    shares = target_of(Evaluation().use(first), "CLSK", Choice()).shares
    line = by_driver["loan CLSK-bitcoin-backed-credit-line, gone"]
    assert line == pytest.approx(174.5 / shares, rel=1e-9)


def without_debt(book, ticker):
    rows = [row for row in book.tables["instruments"].rows() if row["ticker"] != ticker]
    return Book(book.as_of, {**book.tables, "instruments": table_of("instruments", rows)})


def test_drivers_that_give_a_target_only_together_are_one_line():
    """Without loans and notes debt is as reported, which the book with them does not state."""
    book = load_book()
    reported = with_own_facts(without_debt(book, "RIOT"), [("RIOT", "debt_reported", 800.0)])
    start, by_driver, end = changes(bridge("RIOT", book, reported))
    (together,) = [name for name in by_driver if " and cash and debt" in name]
    assert together == "loan RIOT-bitcoin-backed-credit-facility, gone and cash and debt"
    assert sum(by_driver.values()) == pytest.approx(end - start, abs=1e-12)
    with pytest.raises(ValuationError, match="shapley meets a book between the two that has no"):
        bridge("RIOT", book, reported, "shapley")


def test_a_fact_that_is_only_stated_again_moves_nothing_and_is_no_line():
    day = date(2025, 9, 26)
    again = with_row(load_book(), "sites", "Rockdale", as_of=day, note="seen again")
    _, by_driver, _ = changes(bridge("RIOT", load_book(), again))
    assert by_driver == dict.fromkeys(SUBJECTS, 0.0)


def test_every_metric_is_under_one_driver_or_moves_no_target():
    metrics = [metric for subject in SUBJECTS.values() for metric in subject.metrics]
    assert len(metrics) == len(set(metrics))
    assert set(metrics) - {"date"} | NO_DRIVERS == set(METRICS)
    assert {"price", "window_months", "rating_overweight_from"} <= NO_DRIVERS
    for metric in sorted(NO_DRIVERS):
        for case in ("reconstruction", "sites"):
            book = load_book("2025-11-24", case=case)
            scope = "ALL" if METRICS[metric].home == "ALL" else "CIFR"
            fact = book.find(scope, metric)
            value = 0.5 if fact is None else fact.value * 0.9
            for one in (book, with_own_facts(book, [("ALL", "signed_by_lease", 1.0)])):
                other = with_own_facts(one, [(scope, metric, value)])
                assert target("CIFR", book=other) == target("CIFR", book=one), metric


def test_each_driver_explains_to_the_facts_that_changed_with_their_sources():
    rows = explain("HPC_BRIDGE", "CIFR", BEFORE, AFTER).rows
    names = [row[0] for row in rows]
    price = names.index("price of bitcoin")
    before, after = rows[price - 2 : price]
    assert before[:4] == ("btc_price", "before: fact of NETWORK", 109_107.0, "USD")
    assert after[:4] == ("btc_price", "after: fact of NETWORK", 86_000.0, "USD")
    for row, book in ((before, BEFORE), (after, AFTER)):
        fact = book.fact("NETWORK", "btc_price")
        assert row[4:] == (fact.origin, fact.as_of, fact.confidence)
    deal = names.index("deal CIFR-aws-black-pearl, new")
    assert rows[deal - 2][:3] == ("CIFR-aws-black-pearl", "before: none", None)
    assert "announced 2025-11-03" in rows[deal - 1][2]
    assert rows[deal - 1][4].startswith("https://")
    table = bridge("CIFR", BEFORE, AFTER)
    told = {row[0]: row[2] for row in rows if row[1].startswith("change of the target")}
    assert told == {name: told[name] for name, change, _ in table.rows if name in told}
    assert all(told[name] == change for name, change, _ in table.rows if name in told)
    assert {name for name, change, _ in table.rows[1:-3] if change} <= set(told)
    assert rows[-1][2] == target("CIFR", book=AFTER)


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        (("RIOTT", BEFORE, AFTER), ErrorKind.MISSING, "unknown miner 'RIOTT'; did you mean RIOT?"),
        (("RIOT", BEFORE, AFTER, "average"), ErrorKind.MISFIT, "method must be one of order, shapley, got 'average'"),
        (("RIOT", None, AFTER), ErrorKind.MISFIT, "from_book must be a Book"),
        (("RIOT", BEFORE, "plain"), ErrorKind.MISFIT, "to_book must be a Book, got 'plain'"),
        ((["RIOT", "IREN"], BEFORE, AFTER), ErrorKind.MISFIT, "miner must be a single value, not a range"),
        (("WULF", BEFORE, AFTER), ErrorKind.MISSING, "WULF: no efficiency on or before 2025-11-24"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(arguments, kind, reason):
    with pytest.raises(ValuationError) as error:
        bridge(*arguments)
    assert (error.value.kind, error.value.reason) == (kind, reason)


def test_too_many_changes_for_all_orders_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("valuation_core.bridge.MOST_BOOKS", 100)
    with pytest.raises(ValuationError, match="shapley compares 100 books between the two at most"):
        bridge("RIOT", BEFORE, AFTER, "shapley")
    assert bridge("RIOT", BEFORE, AFTER).rows
