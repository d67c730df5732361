"""HPC_WINDOW and HPC_CAPEX."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from mpmath import mp, mpf

from tests.strategies import months, probabilities, windows
from valuation_core import ValuationError, hpc


def test_with_half_the_window_left_a_quarter_chance_of_none_becomes_a_half():
    assert hpc.window(0.75, 4.5, 9) == 0.5  # 1 - 0.25^0.5


def test_the_editions_window_is_nine_months():
    assert hpc.window(0.75, 4.5) == 0.5


@given(p=probabilities, w=windows)
def test_at_the_start_the_whole_probability_is_left(p, w):
    assert hpc.window(p, 0, w) == p


@given(p=probabilities, w=windows, late=months)
def test_from_the_end_of_the_window_on_nothing_is_left(p, w, late):
    assert hpc.window(p, w, w) == 0
    assert hpc.window(p, w + late, w) == 0


@given(p=probabilities, w=windows, a=months, b=months)
def test_it_never_rises_as_time_passes(p, w, a, b):
    assert hpc.window(p, max(a, b), w) <= hpc.window(p, min(a, b), w) + 1e-15


@given(p=probabilities, w=windows, t=months)
def test_it_is_the_chance_that_a_constant_hazard_strikes_in_the_time_left(p, w, t):
    with mp.workdps(50):
        if p == 1:
            expected = 1.0 if t < w else 0.0
        else:
            hazard = -mp.log(1 - mpf(p)) / mpf(w)
            expected = float(1 - mp.exp(-hazard * max(mpf(w) - mpf(t), 0)))
    assert hpc.window(p, t, w) == pytest.approx(expected, abs=1e-13)


def test_a_window_of_no_months_leaves_nothing():
    assert hpc.window(0.5, 0, 0) == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((1.2, 3), "prob must be between 0 and 1, got 1.2"),
        ((0.5, -1), "months must be 0 or more, got -1"),
        ((0.5, 1, -9), "window must be 0 or more, got -9"),
        ((0.5, math.nan), "months must be 0 or more, got nan"),
    ],
)
def test_the_window_refuses_numbers_outside_their_domain(arguments, reason):
    with pytest.raises(ValuationError, match=reason.replace("(", "\\(")):
        hpc.window(*arguments)


def test_capex_of_1300_gross_mw_is_1000_critical_mw_at_10_million_each():
    assert hpc.capex(1300) == pytest.approx(10_000)


def test_capex_of_critical_mw_is_not_converted():
    assert hpc.capex(1000, basis="critical") == 10_000


def test_an_own_cost_per_mw_is_on_the_basis_of_the_mw():
    assert hpc.capex(100, 9) == 900
    assert hpc.capex(100, 9, "critical") == 900


def test_a_range_of_bases_is_converted_element_by_element():
    assert hpc.capex([1300, 1000], None, ["gross", "critical"]) == pytest.approx([10_000, 10_000])


@pytest.mark.parametrize("arguments", [(-1,), (1, -1), (math.inf,)])
def test_capex_refuses_numbers_outside_their_domain(arguments):
    with pytest.raises(ValuationError, match="must be 0 or more"):
        hpc.capex(*arguments)
