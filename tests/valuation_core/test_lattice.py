"""Sums of contracts: against binomials, closed forms and integrals made another way."""

from __future__ import annotations

from math import asin, comb, pi

import numpy as np
import pytest

from valuation_core import ValuationError
from valuation_core.appetite import appetites, normal_below, signing_points
from valuation_core.distribution import quantile_of
from valuation_core.lattice import Triangles, spread_of

CORRELATIONS = (0.0, 0.05, 0.3, 0.6, 0.9, 0.99, 0.99999, 1.0)


def triangles(*rows):
    return Triangles(*np.array(rows, dtype=float).T)


def contracts(count, seed=0):
    """Contracts of 100 to 800 MW at 3.7, 6.15 or 8.6 USD M each, and their probabilities."""
    draw = np.random.default_rng(seed)
    mw = draw.uniform(100, 800, count)
    return Triangles(3.7 * mw, 6.15 * mw, 8.6 * mw), draw.uniform(0.1, 0.8, count)


def test_equal_contracts_of_a_fixed_value_without_correlation_are_the_binomial():
    # Five of 100 USD M at 0.3: k of them are signed with comb(5, k) 0.3^k 0.7^(5 - k).
    spread = spread_of(triangles(*[(100, 100, 100)] * 5), np.full(5, 0.3), 0.0)
    assert spread.atom.tolist() == [0, 100, 200, 300, 400, 500]
    by_hand = [comb(5, k) * 0.3**k * 0.7 ** (5 - k) for k in range(6)]
    assert spread.atom_weight == pytest.approx(by_hand, rel=1e-13)


def test_the_probability_of_no_deal_without_correlation_is_the_product():
    values, probability = contracts(13)
    spread = spread_of(values, probability, 0.0)
    assert spread.no_deal == pytest.approx(np.prod(1 - probability), rel=1e-12)


def test_one_contract_is_its_own_triangle_whatever_the_correlation():
    # 1/4 of the mode's side: (4 - 3)^2 / (6 x 3) of a triangle 3, 6, 9.
    for correlation in CORRELATIONS:
        spread = spread_of(triangles((3, 6, 9)), np.array([0.4]), correlation)
        below = spread.below(np.array([-1, 0, 2.9, 4, 6, 8, 9]))
        by_hand = [0, 0.6, 0.6, 0.6 + 0.4 / 18, 0.8, 1 - 0.4 / 18, 1]
        assert below == pytest.approx(by_hand, abs=1e-12)


def test_fully_correlated_contracts_are_signed_in_the_order_of_their_probabilities():
    # 100 at 0.5, 10 at 0.25, 1 for certain: 1, then 101, then 111.
    values = triangles((100, 100, 100), (10, 10, 10), (1, 1, 1))
    spread = spread_of(values, np.array([0.5, 0.25, 1.0]), 1.0)
    likely = dict(zip(spread.atom.tolist(), spread.atom_weight.tolist(), strict=True))
    likely = {atom: weight for atom, weight in likely.items() if weight}
    assert likely == {1.0: 0.5, 101.0: 0.25, 111.0: 0.25}


def test_fully_correlated_triangles_add_up_as_both_or_none():
    # Two triangles 0, 1, 1 have x^2 each; both below 1 together: 1/6 for the sum of two x^2 densities.
    spread = spread_of(triangles((0, 1, 1), (0, 1, 1)), np.array([0.5, 0.5]), 1.0)
    assert spread.no_deal == 0.5
    assert spread.below(np.array([1.0]))[0] == pytest.approx(0.5 + 0.5 / 6, abs=1e-7)


@pytest.mark.parametrize("correlation", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_two_even_odds_are_both_signed_with_the_probability_of_a_quadrant(correlation):
    # Sheppard: 1/4 + asin(c) / (2 pi).
    spread = spread_of(triangles((1, 1, 1), (2, 2, 2)), np.array([0.5, 0.5]), correlation)
    assert spread.atom_weight[-1] == pytest.approx(0.25 + asin(correlation) / (2 * pi), abs=1e-11)


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("count", [1, 2, 5, 13])
def test_the_mean_is_the_probability_weighted_sum(count, correlation):
    values, probability = contracts(count)
    value, weight = spread_of(values, probability, correlation).points
    assert weight.sum() == pytest.approx(1, rel=1e-12)
    assert value @ weight == pytest.approx(probability @ values.mean, rel=1e-10)


def test_a_sum_of_independent_contracts_is_the_integral_of_one_over_the_other():
    """Both signed: one triangle's distribution, averaged over many values of the other."""
    values, probability = triangles((3, 6, 9), (10, 11, 14)), np.array([0.5, 0.4])
    spread = spread_of(values, probability, 0.0)
    middles = (np.arange(20_000) + 0.5) / 20_000
    other = triangles((10, 11, 14)).quantile(middles[:, np.newaxis])[:, 0]
    for at in (2.0, 5.0, 12.0, 16.0, 20.0):
        both = values.below(at - other, np.array([0])).mean()
        one, two = values.below(np.array(at), np.array([0, 1]))
        by_hand = 0.3 + 0.3 * one + 0.2 * two + 0.2 * both
        assert spread.below(at) == pytest.approx(by_hand, abs=1e-6)


def test_contracts_that_cost_more_than_they_bring_go_below_zero():
    # Of -2, 1, 4 with a mean of 1, two together lie between -4 and 8.
    values = triangles((-2, 1, 4), (-2, 1, 4))
    spread = spread_of(values, np.array([1.0, 1.0]), 0.3)
    assert spread.ends == (-4, 8)
    assert spread.below(np.array([-4.1, 2.0, 8.0])) == pytest.approx([0, 0.5, 1], abs=1e-9)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_the_distribution_rises_from_0_to_1_and_its_quantiles_put_it_back(correlation):
    values, probability = contracts(5)
    spread = spread_of(values, probability, correlation)
    below = spread.below(np.linspace(-10, values.high.sum() + 10, 2001))
    assert below[0] == 0
    assert below[-1] == pytest.approx(1, abs=1e-12)
    assert np.diff(below).min() > -1e-12
    chance = np.array([0.0, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0])
    found = quantile_of(spread, chance)
    assert (spread.below(found) >= chance - 1e-11).all()
    assert (spread.below(found - 1e-3)[found > 0] < chance[found > 0]).all()


def test_a_quantile_at_an_atom_is_the_atom_itself():
    spread = spread_of(triangles((3, 6, 9), (5, 5, 5)), np.array([0.5, 0.5]), 0.0)
    # 1/4 nothing, 1/4 the 5 alone, 1/4 the triangle alone, 1/4 both.
    assert quantile_of(spread, np.array([0.1, 0.25]))[:2].tolist() == [0, 0]
    below_5 = 0.25 + 0.25 * 4 / 18
    assert quantile_of(spread, np.array([below_5 + 0.01, below_5 + 0.24])).tolist() == [5, 5]


def test_rounding_does_not_lift_a_quantile_over_an_atom():
    # 0.8 x 0.7 x 0.6 is 0.336, and a little less as floats multiply.
    spread = spread_of(triangles((1, 1, 1), (2, 2, 2), (4, 4, 4)), np.array([0.2, 0.3, 0.4]), 0.0)
    assert spread.atom_weight[0] < 0.336
    assert quantile_of(spread, np.array([0.336])).tolist() == [0]


def test_given_the_appetite_probabilities_average_to_what_they_are():
    probability = np.array([0.0, 1e-6, 0.1, 0.5, 0.9, 1.0])
    for correlation in CORRELATIONS:
        weight, signed = appetites(correlation, probability)
        assert weight.sum() == pytest.approx(1, rel=1e-13)
        assert weight @ signed == pytest.approx(probability, abs=1e-12)


def test_the_normal_distribution_is_that_of_the_tables():
    # Abramowitz and Stegun, table 26.1.
    known = {0.0: 0.5, 1.0: 0.841344746068543, -1.0: 0.158655253931457, 3.0: 0.998650101968370}
    assert normal_below(np.array([*known])) == pytest.approx([*known.values()], abs=1e-13)
    assert normal_below(signing_points(np.array([0.0, 0.2, 1.0]))) == pytest.approx([0, 0.2, 1])


def test_too_many_contracts_of_a_fixed_value_are_refused():
    values = triangles(*[(one, one, one) for one in range(1, 14)])
    with pytest.raises(ValuationError) as refused:
        spread_of(values, np.full(13, 0.5), 0.3)
    assert str(refused.value) == "contracts of a fixed value must be 12 or fewer, got 13"
