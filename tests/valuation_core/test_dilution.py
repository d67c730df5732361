"""Diluted shares and the value per share, solved together: against brute force."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.company import diluted_shares, sum_of_parts, value_of
from valuation_core.dilution import (
    Claims,
    conversions_of,
    payoff_of_capped_calls,
    shares_at,
    solve,
    taken,
)
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.instruments import Instruments, instruments_of
from valuation_core.target import target

notes = st.lists(st.tuples(st.floats(1, 2000), st.floats(0.5, 100)), max_size=4)
warrants = st.lists(st.tuples(st.floats(0, 50), st.floats(0.5, 100)), max_size=3)


def claims_from(basic, notes, warrants):
    rows = [(owed / shares, shares, owed, 0.0) for owed, shares in notes]
    rows += [(strike, shares, 0.0, shares) for strike, shares in warrants]
    price, shares, converted, exercised = np.array(rows, dtype=float).reshape(-1, 4).T
    principal = sum(owed for owed, _ in notes)
    columns = (price, shares, converted, exercised, np.ones(len(price)))
    return Claims(basic, 0.0, conversions_of([Instruments(None, principal, (), *columns)]))


def brute_force(basic, notes, warrants, value):
    """Try every set of converting notes and exercised warrants; keep the one that is consistent."""
    consistent = []
    for mask in range(2 ** (len(notes) + len(warrants))):
        chosen = [bool(mask >> bit & 1) for bit in range(len(notes) + len(warrants))]
        own_notes, own_warrants = chosen[: len(notes)], chosen[len(notes) :]
        debt = sum(owed for (owed, _), used in zip(notes, own_notes, strict=True) if not used)
        shares = basic + sum(n for (_, n), used in zip(notes, own_notes, strict=True) if used)
        shares += sum(n for (_, n), used in zip(warrants, own_warrants, strict=True) if used)
        paid_in = sum(k * n for (k, n), used in zip(warrants, own_warrants, strict=True) if used)
        v = (value - debt + paid_in) / shares
        room = 1e-9 * max(1.0, abs(v))
        fits = all(
            (v >= owed / n - room) if used else (v <= owed / n + room)
            for (owed, n), used in zip(notes, own_notes, strict=True)
        ) and all(
            (v >= k - room) if used else (v <= k + room)
            for (k, _), used in zip(warrants, own_warrants, strict=True)
        )
        if fits:
            consistent.append(v)
    return consistent


@given(basic=st.floats(1, 1000), notes=notes, warrants=warrants, value=st.floats(-1e4, 1e5))
@settings(max_examples=1000)
def test_the_exact_solution_is_the_consistent_one_of_all_subsets(basic, notes, warrants, value):
    found = solve(claims_from(basic, notes, warrants), value)
    consistent = brute_force(basic, notes, warrants, value)
    assert consistent
    assert found.per_share == pytest.approx(consistent[0], rel=1e-8, abs=1e-8)


@pytest.mark.long
@given(basic=st.floats(1, 1000), notes=notes, warrants=warrants, value=st.floats(-1e4, 1e5))
@settings(max_examples=10_000)
def test_the_exact_solution_in_ten_thousand_capital_structures(basic, notes, warrants, value):
    found = solve(claims_from(basic, notes, warrants), value)
    consistent = brute_force(basic, notes, warrants, value)
    assert found.per_share == pytest.approx(consistent[0], rel=1e-8, abs=1e-8)


@given(basic=st.floats(1, 1000), notes=notes, warrants=warrants, value=st.floats(-1e4, 1e5))
def test_what_everybody_takes_adds_up_to_the_value(basic, notes, warrants, value):
    claims = claims_from(basic, notes, warrants)
    found = solve(claims, value)
    assert taken(claims, found.per_share) == pytest.approx(value, rel=1e-9, abs=1e-6)
    equity = value - found.notes
    assert found.per_share * found.shares == pytest.approx(equity, rel=1e-9, abs=1e-6)


@given(
    basic=st.floats(1, 1000),
    notes=notes,
    warrants=warrants,
    a=st.floats(-1e4, 1e5),
    b=st.floats(-1e4, 1e5),
)
def test_more_value_never_gives_less_per_share(basic, notes, warrants, a, b):
    claims = claims_from(basic, notes, warrants)
    low, high = (solve(claims, value).per_share for value in sorted((a, b)))
    assert high >= low - 1e-9


def test_ties_and_equal_notes_convert_together():
    # two notes of 120 into 10 shares convert at 12: (1,500 + 0) / (100 + 20) = 12.5
    found = solve(claims_from(100, [(120, 10), (120, 10)], []), 1500.0)
    assert (found.per_share, found.shares, found.notes) == (12.5, 120, 0)
    # exactly at 12 per share nobody needs to convert: 100 x 12 + 240
    at_kink = solve(claims_from(100, [(120, 10), (120, 10)], []), 1440.0)
    assert (at_kink.per_share, at_kink.shares) == (12, 100)


def test_negative_equity_gives_a_negative_value_and_converts_nothing():
    found = solve(claims_from(100, [(120, 10)], [(0.01, 5)]), 20.0)
    assert (found.per_share, found.shares, found.notes) == (-1, 100, 120)
    nothing = solve(claims_from(100, [(120, 10)], []), 120.0)
    assert (nothing.per_share, nothing.shares) == (0, 100)


def test_a_penny_warrant_is_nearly_a_share():
    found = solve(claims_from(100, [], [(0.01, 10)]), 1100.0)
    assert found.per_share == pytest.approx((1100 + 0.1) / 110)
    assert found.shares == pytest.approx(1100 / found.per_share)


def test_scenarios_are_solved_at_once():
    claims = claims_from(100, [(120, 10)], [(15, 10)])
    values = np.linspace(-500, 5000, 301)
    together = solve(claims, values).per_share
    assert together.tolist() == [solve(claims, value).per_share for value in values.tolist()]


CONVERSION_PRICES = {
    "RIOT-0-75-convertible-2030": 14.864,
    "IREN-3-25-convertible-2030": 16.807,
    "IREN-3-50-convertible-2029": 13.638,
    "CLSK-0-convertible-2030": 14.796,
    "CIFR-1-75-convertible-2030": 4.446,
    "MARA-0-convertible-2030": 25.913,
    "MARA-0-convertible-2031": 34.583,
    "MARA-0-convertible-2032": 20.260,
    "MARA-1-00-convertible-2026": 76.175,
    "MARA-2-125-convertible-2031": 18.887,
}


@pytest.mark.parametrize(("name", "strike"), CONVERSION_PRICES.items())
def test_every_note_of_the_covered_names_turns_into_shares_at_its_price(book, name, strike):
    ticker = name.split("-")[0]
    instruments = instruments_of(book, ticker)
    at = dict(zip(instruments.names, instruments.conversion_price, strict=True))[name]
    assert at == pytest.approx(strike, abs=0.001)
    row = next(r for r in book.tables["instruments"].rows() if r["instrument_id"] == name)
    step = diluted_shares(ticker, at * (1 + 1e-12)) - diluted_shares(ticker, at)
    assert step == pytest.approx(row["shares_m"], rel=1e-6)


@pytest.mark.parametrize("ticker", ["RIOT", "IREN", "CLSK", "CIFR", "MARA"])
def test_the_target_is_continuous_across_every_conversion(book, ticker):
    """A little more cash is a little more value, also where a note or warrant flips."""
    for at in instruments_of(book, ticker).conversion_price:
        if at < 1:
            continue
        need = _cash_for(book, ticker, at)
        values = [
            target(ticker, book=with_own_facts(book, [(ticker, "cash", need + nudge)]))
            for nudge in (-1e-6, 1e-6)
        ]
        assert values == pytest.approx([at, at], abs=1e-6)


def _cash_for(book, ticker, per_share):
    from valuation_core.dilution import claims_of

    evaluation = Evaluation().use(book)
    value = value_of(evaluation, ticker, Choice())
    claims = claims_of(evaluation, ticker)
    assets = sum(
        getattr(value, name)
        for name in ("mining", "hodl", "signed", "option", "cloud", "land", "other")
    )
    return float(taken(claims, per_share) + claims.debt - assets)


def test_project_debt_retired_and_countless_instruments_are_left_out(folder):
    path = folder / "instruments.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    tail = ",,2025-01-01,,{retired},{recourse},,2025-01-01,,made up,low,"
    rows = [
        "RIOT-project,RIOT,x,convertible,500,,50,10" + tail.format(retired="", recourse="project"),
        # Retired before the balance of 2025-06-30, so that its cash is in there.
        "RIOT-retired,RIOT,x,convertible,500,,50,10"
        + tail.format(retired="2025-06-01", recourse="corporate"),
        "RIOT-countless,RIOT,x,warrant,,,,10" + tail.format(retired="", recourse="corporate"),
    ]
    path.write_text("\n".join([*lines, *rows]) + "\n", encoding="utf-8")
    changed = load_book(folder=folder)
    assert instruments_of(changed, "RIOT").names == ("RIOT-0-75-convertible-2030",)
    assert target("RIOT", book=changed) == target("RIOT")


def test_a_note_without_a_share_count_is_plain_debt(folder):
    path = folder / "instruments.csv"
    text = path.read_text(encoding="utf-8").replace("594.4,0.0075,39.98927048,", "594.4,0.0075,,")
    path.write_text(text, encoding="utf-8")
    changed = load_book(folder=folder)
    assert instruments_of(changed, "RIOT").loans == 794.4
    assert diluted_shares("RIOT", 50, changed) == 369.62


def test_a_name_without_a_debt_instrument_takes_its_debt_as_reported(book):
    assert instruments_of(book, "APLD").loans is None
    own = [("APLD", metric, 1.0) for metric in ("hashrate", "efficiency", "power_price", "uptime",
           "btc_held", "cloud_mw", "other_value")]  # fmt: skip
    complete = with_own_facts(book, own)
    value = value_of(Evaluation().use(complete), "APLD", Choice())
    assert value.debt == 687.3


@pytest.mark.parametrize(
    ("cash", "low", "high"),
    [(300.0, 13.7, 16.8), (1000.0, 16.9, 20.9), (3000.0, 21.0, 25.8), (5000.0, 25.9, 99.0)],
)
def test_capped_calls_are_an_asset_when_asked_for(book, cash, low, high):
    """One call pays, both do, one is at its cap, both are: strikes 13.64, 16.81, caps 20.98, 25.86."""
    evaluation = Evaluation().use(with_own_facts(book, [("IREN", "cash", cash)]))
    plain = value_of(evaluation, "IREN", Choice())
    hedged = value_of(evaluation, "IREN", Choice(), capped_calls=True)
    v = float(hedged.per_share)
    assert low < v < high
    assert v > float(plain.per_share)
    payoff = sum(
        n * max(0.0, min(v, cap) - owed / n)
        for owed, n, cap in ((440, 26.18, 25.86), (550, 40.327595, 20.98))
    )
    claims = 271.98 * v + sum(max(owed, n * v) for owed, n in ((440, 26.18), (550, 40.327595)))
    assets = sum(
        float(getattr(hedged, name))
        for name in ("mining", "hodl", "signed", "option", "cloud", "land", "other", "cash")
    )
    assert claims - payoff == pytest.approx(assets, rel=1e-12)
    assert hedged.capped_calls == pytest.approx(payoff, rel=1e-12)
    converted = sum(n for owed, n in ((440, 26.18), (550, 40.327595)) if v > owed / n)
    assert hedged.shares == pytest.approx(271.98 + converted)  # a capped call adds no share


def test_shares_at_a_price_follow_the_treasury_stock_method():
    claims = claims_from(100, [], [(10, 30)])
    assert shares_at(claims, 15.0) == pytest.approx(100 + 30 * (1 - 10 / 15))
    assert shares_at(claims, 10.0) == 100
    assert inf > shares_at(claims, 1e9) > 129.99


def test_with_capped_calls_equity_over_shares_is_still_the_value_per_share(book):
    for ticker, extra in (("IREN", 1e4), ("CLSK", 8e3), ("RIOT", 0.0)):
        evaluation = Evaluation().use(with_own_facts(book, [(ticker, "other_value", extra)]))
        value = value_of(evaluation, ticker, Choice(), capped_calls=True)
        assert value.equity / value.shares == pytest.approx(value.per_share, rel=1e-12)
        assert value.capped_calls >= 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "convertible,594.4,",
            "convertible,,",
            "RIOT: RIOT-0-75-convertible-2030 states no principal_usd_m",
        ),
        ("24.178576,0.01,", "24.178576,,", "CIFR: CIFR-google-warrants states no strike_usd"),
    ],
)
def test_an_instrument_without_its_figure_is_missing_and_never_nothing(folder, old, new, reason):
    path = folder / "instruments.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    changed = load_book(folder=folder)
    ticker = reason.split(":")[0]
    with pytest.raises(ValuationError, match=reason):
        target(ticker, book=changed)
    assert target("IREN", book=changed) == target("IREN")


def test_a_warrant_far_above_the_value_takes_nothing(folder):
    path = folder / "instruments.csv"
    text = path.read_text(encoding="utf-8")
    strike = "24.178576,0.01,"
    assert strike in text
    without = "\n".join(line for line in text.splitlines() if strike not in line) + "\n"
    path.write_text(without, encoding="utf-8")
    none = sum_of_parts("CIFR", book=load_book(folder=folder))
    path.write_text(text.replace(strike, "24.178576,1000,"), encoding="utf-8")
    assert sum_of_parts("CIFR", book=load_book(folder=folder)) == none


def test_capped_calls_that_pay_nothing_change_nothing(book):
    # CLSK at 6.93 USD is below its notes' 14.796: neither they nor the calls bought with them pay.
    calls = instruments_of(book, "CLSK", capped_calls=True)
    assert len(calls.conversion_price) > len(instruments_of(book, "CLSK").conversion_price)
    found = [
        value_of(Evaluation().use(book), "CLSK", Choice(), capped_calls=counted)
        for counted in (False, True)
    ]
    assert found[0] == found[1]


def test_capped_calls_beside_warrants_pay_what_is_between_strike_and_cap():
    # A note of 120 into 10 M shares (12 USD), its call capped at 20, and 30 M warrants at 10.
    price, shares = np.array([10.0, 12, 12, 20]), np.array([30.0, 10, -10, 10])
    converted, exercised = np.array([0.0, 120, 0, 0]), np.array([30.0, 0, 0, 0])
    counted = np.array([1.0, 1, 0, 0])
    one = Instruments(None, 120.0, (), price, shares, converted, exercised, counted)
    claims = Claims(100, 0.0, conversions_of([one]))
    for v, payoff in ((11.0, 0.0), (15.0, 10 * 3.0), (25.0, 10 * 8.0)):
        assert payoff_of_capped_calls(claims, v) == pytest.approx(payoff)
        takes = 100 * v + max(120, 10 * v) + 30 * (v - 10) - payoff
        assert taken(claims, v) == pytest.approx(takes)
        assert solve(claims, takes).per_share == pytest.approx(v)
