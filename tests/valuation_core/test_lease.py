"""Lease and GPU cloud economics against cash flows added up one by one in mpmath."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from valuation_core import ValuationError, lease_cashflows, load_book
from valuation_core.gpu import cloud_value
from valuation_core.lease import lease_return, lease_value
from valuation_core.lease_cashflows import lease_flows, present_value

SHIPPED = {
    "rent": 1.55, "escalator": 0.03, "noi_margin": 0.825, "capex": 10.0, "loan_to_cost": 0.8, "debt_rate": 0.07125,
    "debt_years": 15, "lease_years": 20, "build_years": 1.0, "exit_cap_rate": 0.08,
}  # fmt: skip

terms = st.fixed_dictionaries(
    {
        "rent": st.floats(0.5, 4),
        "escalator": st.floats(-0.05, 0.1),
        "noi_margin": st.floats(0.3, 1),
        "capex": st.floats(1, 20),
        "loan_to_cost": st.floats(0, 1),
        "debt_rate": st.floats(-0.05, 0.2),
        "debt_years": st.integers(1, 30),
        "lease_years": st.integers(1, 30),
        "build_years": st.floats(0, 5),
        "exit_cap_rate": st.sampled_from([0.0, 0.05, 0.08, 0.2]),
    }
)


def one_by_one(k, rent, escalator, noi_margin, capex, loan_to_cost, debt_rate, debt_years,
               lease_years, build_years, exit_cap_rate):  # fmt: skip
    """Add up every cash flow in 40 digits."""
    with mp.workdps(40):
        k, i, b = mpf(k), mpf(debt_rate), mpf(build_years)
        loan = mpf(loan_to_cost) * mpf(capex)
        factors = [(1 + i) ** -(b + y - mpf("0.5")) for y in range(1, debt_years + 1)]
        payment = loan / sum(factors) if factors else mpf(0)
        total = loan - mpf(capex)
        for y in range(1, lease_years + 1):
            income = mpf(rent) * mpf(noi_margin) * (1 + mpf(escalator)) ** (y - 1)
            flow = income - (payment if y <= debt_years else 0)
            total += flow / (1 + k) ** (b + y - mpf("0.5"))
        left = sum(
            payment * (1 + i) ** -(y - mpf("0.5") - lease_years)
            for y in range(lease_years + 1, debt_years + 1)
        )
        ending = -left
        if exit_cap_rate:
            ending += (
                mpf(rent)
                * mpf(noi_margin)
                * (1 + mpf(escalator)) ** lease_years
                / mpf(exit_cap_rate)
            )
        return float(total + ending / (1 + k) ** (b + lease_years))


def test_the_shipped_lease():
    assert [round(100 * lease_return(v), 2) for v in (4.8, 8.0, 11.2)] == [12.99, 10.00, 8.03]
    assert lease_value(0.1) == pytest.approx(8.0, abs=0.05)
    assert round(lease_value(0.1, lease_years=10, exit_cap_rate=0), 2) == -0.33


@given(k=st.floats(-0.2, 0.5), terms=terms)
@settings(max_examples=200)
def test_the_value_agrees_with_every_cash_flow_added_up(k, terms):
    expected = one_by_one(k, **terms)
    assert lease_value(k, **terms) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(k=st.floats(-0.1, 0.6), terms=terms)
@settings(max_examples=200)
def test_a_solved_return_gives_the_value_back_unless_several_do(k, terms):
    # k is a return that gives the value, so that there is one: it is found, or there are others.
    value = lease_value(k, **terms)
    flows = lease_flows(**terms)
    try:
        found = lease_return(value, **terms)
    except ValuationError as error:
        grid = np.geomspace(0.05, 101.0, 40_000) - 1.0
        signs = np.sign(present_value(flows, grid) - value)
        at = np.nonzero(signs[1:] != signs[:-1])[0]
        if "at several returns" in str(error):
            assert len(at) >= 2
        else:
            # Where the value only touches what the flows are worth, or all returns give it, none is
            # told; nor where it dips below it within a step of the scan, 100 of this grid.
            assert len(at) == 0 or (len(at) == 2 and at[1] - at[0] <= 101)
        return
    assert one_by_one(found, **terms) == pytest.approx(value, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("k", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("changed", [{}, {"build_years": 3.0}, {"lease_years": 5}, {"rent": 3.0}])
def test_flows_that_change_sign_once_give_their_return_back(k, changed):
    terms = SHIPPED | {"loan_to_cost": 0.0} | changed  # no debt: out first, then in
    flows = lease_flows(**terms)
    value = lease_value(k, **terms)
    in_time = np.array([flows.start - value, *flows.yearly.ravel(), flows.end])
    signs = np.sign(in_time[in_time != 0])
    assert (signs[1:] != signs[:-1]).sum() == 1
    assert lease_return(value, **terms) == pytest.approx(k, abs=1e-9)


def test_no_sign_change_has_no_return():
    with pytest.raises(ValuationError, match="is not reached at any return"):
        lease_return(-5.0)  # the equity in and the value taken out are both inflows
    with pytest.raises(ValuationError, match="is not reached at any return"):
        lease_return(1.0, rent=0.0, loan_to_cost=0.0, exit_cap_rate=0)


def test_two_sign_changes_with_two_returns_are_refused():
    # -1 at the start, income, then debt still due at the end: worth the value at two returns
    flows = dict(
        SHIPPED, rent=1.55, loan_to_cost=0.8, debt_years=30, lease_years=6, exit_cap_rate=0
    )
    values = [lease_value(k, **flows) for k in np.linspace(0, 1.5, 40)]
    peak = max(values)
    assert values.index(peak) not in (0, len(values) - 1)
    with pytest.raises(ValuationError, match="is reached at several returns"):
        lease_return((peak + values[-1]) / 2, **flows)


def test_three_sign_changes_with_one_return_are_solved():
    # 2.5 taken out at the start, first years below debt service, later ones above, debt due at the end
    terms = {**SHIPPED, "rent": 0.6, "escalator": 0.05, "debt_rate": 0.07, "debt_years": 25,
             "lease_years": 10, "exit_cap_rate": 0}  # fmt: skip
    flows = lease_flows(**terms)
    signs = np.sign([flows.start + 2.5, *flows.yearly[:10], flows.end])
    assert int((signs[1:] != signs[:-1]).sum()) == 3
    found = lease_return(-2.5, **terms)
    assert one_by_one(found, **terms) == pytest.approx(-2.5, rel=1e-12)


@pytest.mark.parametrize("name", ["gpu_price", "gpus_per_mw", "capex_per_gpu"])
def test_gpu_terms_are_not_negative(name):
    with pytest.raises(ValuationError, match=f"{name} must be 0 or more, got -0.05"):
        cloud_value(**{name: -0.05})


@given(a=st.floats(-0.2, 1), b=st.floats(-0.2, 1))
def test_a_higher_return_asked_for_is_a_lower_value(a, b):
    low, high = sorted((a, b))
    assert lease_value(high) <= lease_value(low)


def test_debt_at_the_return_asked_for_changes_nothing():
    # borrowing at k and asking k for equity: leverage is neutral
    levered = lease_value(0.09, debt_rate=0.09, loan_to_cost=0.8)
    assert levered == pytest.approx(lease_value(0.09, debt_rate=0.09, loan_to_cost=0.0))


def test_ten_thousand_leases_at_once_are_the_leases_one_by_one():
    rents = np.linspace(1.2, 2.5, 20_000)
    together = lease_return(4.8, rents)
    for index in (0, 9_999, 16_383, 16_384, 19_999):
        assert together[index] == pytest.approx(lease_return(4.8, float(rents[index])), rel=1e-12)


def test_gpu_cloud_is_mid_year_cash_less_capex():
    cash = 650 * 2.5 * 8760 * 0.85 * 0.75 / 1e6
    expected = sum(cash / 1.11 ** (year - 0.5) for year in range(1, 6)) - 650 * 40_000 / 1e6
    assert cloud_value() == pytest.approx(expected, rel=1e-13)
    assert cloud_value(0.0) == pytest.approx(5 * cash - 26)


@given(k=st.floats(-0.5, 1), life=st.integers(0, 20))
def test_gpu_cloud_agrees_with_a_sum_over_years(k, life):
    cash = 650 * 2.5 * 8760 * 0.85 * 0.75 / 1e6
    expected = sum(cash * (1 + k) ** -(year - 0.5) for year in range(1, life + 1)) - 26
    assert cloud_value(k, life=life) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_loan_without_a_term_is_refused():
    with pytest.raises(ValuationError, match="debt_years must be between 1 and 200, got 0"):
        lease_value(0.1, debt_years=0)


@pytest.mark.parametrize("name", ["debt_years", "lease_years"])
def test_years_are_whole(name):
    with pytest.raises(ValuationError, match=f"{name} must be a whole number of years, got 7.5"):
        lease_value(0.1, **{name: 7.5})


def test_terms_stated_per_gross_mw_are_converted(book):
    gross = book.facts | {
        ("ALL", name): replace(book.facts["ALL", name], basis="gross")
        for name in ("gpu_per_mw", "lease_rent", "capex_per_mw")
    }
    changed = load_book()
    changed.__dict__["facts"] = gross
    assert cloud_value(book=changed) == pytest.approx(cloud_value(gpus_per_mw=650 * 1.3))
    assert lease_value(0.1, book=changed) == pytest.approx(lease_value(0.1, 1.55 * 1.3, capex=13.0))


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("rent", -0.01, "must be 0 or more"),
        ("escalator", -1.0, "must be -0.99 or more"),
        ("noi_margin", 1.01, "must be between 0 and 1"),
        ("capex", -0.01, "must be 0 or more"),
        ("loan_to_cost", 1.01, "must be between 0 and 1"),
        ("debt_rate", -1.0, "must be -0.99 or more"),
        ("lease_years", 201, "must be between 1 and 200"),
        ("build_years", -0.01, "must be between 0 and 200"),
        ("exit_cap_rate", -0.01, "must be 0 or more"),
    ],
)
def test_each_term_of_a_lease_has_its_domain(name, value, rule):
    with pytest.raises(ValuationError, match=f"{name} {rule}, got {value:g}"):
        lease_value(0.1, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("utilisation", 1.01), ("opex_share", 1.01), ("life", 201)]
)
def test_shares_and_lives_of_gpus_have_an_upper_end(name, value):
    with pytest.raises(ValuationError, match=f"{name} must be between 0 and"):
        cloud_value(**{name: value})


def test_a_return_is_found_in_a_handful_of_steps(monkeypatch):
    """A step is one look at value and slope; a bisection alone takes about fifty."""
    seen = []
    look = lease_cashflows._value_and_slope
    monkeypatch.setattr(
        lease_cashflows, "_value_and_slope", lambda *args: seen.append(1) or look(*args)
    )
    for value, growth in ((4.8, 0.03), (8.0, 0.03), (11.2, 0.03), (5.0, 0.0)):
        seen.clear()
        lease_return(value, escalator=growth)
        assert len(seen) <= 10  # two of them are the ends of the bracket
    seen.clear()
    lease_return(np.linspace(3, 12, 1000))
    assert len(seen) <= 12


def test_a_return_on_a_gpu_cloud_is_above_losing_everything():
    assert cloud_value(-0.99) > 0
    with pytest.raises(ValuationError, match="equity_return must be -0.99 or more, got -1.5"):
        cloud_value(-1.5)
