"""Deals side by side are the deals one by one; what is wrong with one is an error of it alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation_core.book_files import with_row, without_facts
from valuation_core import load_book
from valuation_core.deal_lease import deal_value
from valuation_core.deals import deal
from valuation_core.errors import ValuationError
from valuation_core.lease_metrics import FORMULAS

BOOK = load_book("2025-11-24")
LEASES = [row["deal_id"] for row in BOOK.in_force["deals"].rows() if row["kind"] == "colo"]
CLOUD = "IREN-microsoft-childress-horizon-1-4"


def array(names):
    return np.array(names, dtype=object)


def alone(function, *arguments, book=BOOK):
    """Give a figure of one deal, or the words of its error."""
    try:
        return function(*arguments, book=book)
    except ValuationError as error:
        return str(error)


def together(function, **arguments):
    """Give the figures of an array of deals, or the words of their errors."""
    found = function.evaluate(arguments)
    return [
        str(error) if (error := found.error_at(at)) else value
        for at, value in np.ndenumerate(found.values)
    ]


def agree(one, other):
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        assert left == (right if isinstance(right, str) else pytest.approx(right, rel=1e-12))


def test_the_value_of_many_deals_is_that_of_each():
    assert len(LEASES) >= 10
    names = [*LEASES, CLOUD, "no-such-deal", LEASES[0].upper()]
    agree(
        together(deal_value, deal=array(names), book=BOOK),
        [alone(deal_value, name) for name in names],
    )
    returns, exits = np.array([0.08, 0.11, 0.15]), np.array([0.06, 0.07, 0.0])
    for more, of in (
        ({"equity_return": returns}, lambda name, at: (name, returns[at])),
        (
            {"equity_return": returns, "exit_cap_rate": exits},
            lambda name, at: (name, returns[at], exits[at]),
        ),
    ):
        found = together(deal_value, deal=array([[name] for name in names]), book=BOOK, **more)
        agree(found, [alone(deal_value, *of(name, at)) for name in names for at in range(3)])


@pytest.mark.parametrize("metric", FORMULAS)
def test_a_metric_of_many_leases_is_that_of_each(metric):
    names = [*LEASES, CLOUD, "no-such-deal", LEASES[-1].upper()]
    each = [alone(deal, name, metric) for name in names]
    agree(together(deal, deal=array(names), metric=metric, book=BOOK), each)
    assert sum(isinstance(one, float) for one in each) >= 9
    mixed = array([metric.upper(), "mw_critical"])
    found = together(deal, deal=array([LEASES[0], LEASES[0]]), metric=mixed, book=BOOK)
    agree(found, [each[0], alone(deal, LEASES[0], "mw_critical")])


def test_what_is_wrong_with_one_of_many_deals_is_said_of_it_alone():
    # Free to build there is no yield on capex; without income there is no return; 10.5 years.
    book = BOOK
    for name, changes in (
        ("free", {"capex_low_usd_m_per_critical_mw": 0.0, "capex_high_usd_m_per_critical_mw": 0.0}),
        ("idle", {"revenue_usd_m": 0.0}),
        ("half", {"term_years": 10.5}),
        ("none", {"mw_critical": None, "mw_gross": None}),
    ):
        book = with_row(book, "deals", "CIFR-fluidstack-barber-lake", deal_id=name, **changes)
    names = ["free", "idle", "half", "none", LEASES[0]]
    said = {}
    for metric in FORMULAS:
        said[metric] = together(deal, deal=array(names), metric=metric, book=book)
        agree(said[metric], [alone(deal, name, metric, book=book) for name in names])
    assert "capex must be above 0" in said["yield_on_cost"][0]
    assert "first-year NOI must be above 0" in said["noi_multiple"][1]
    assert "not reached at any return" in said["equity_return"][1]
    assert "whole number" in said["debt_cover"][2]
    assert "states no MW" in said["first_year_rent"][3]
    assert all(isinstance(one[4], float) for one in said.values())


def test_a_deal_that_states_a_term_does_without_the_book_s():
    lacking = without_facts(BOOK, ("ALL", "lease_noi_margin"))
    names = ["CIFR-fluidstack-barber-lake", "CIFR-aws-black-pearl"]
    found = together(deal_value, deal=array(names), book=lacking)
    assert found[0] == pytest.approx(deal_value(names[0], book=BOOK))
    assert "lease_noi_margin" in found[1]
    # An exit that is given takes the place of the book's.
    without_exit = without_facts(BOOK, ("ALL", "lease_exit_cap_rate"))
    assert "lease_exit_cap_rate" in together(deal_value, deal=array(names), book=without_exit)[0]
    given = together(deal_value, deal=array(names), exit_cap_rate=0.08, book=without_exit)
    wanted = [deal_value(name, exit_cap_rate=0.08, book=BOOK) for name in names]
    assert given == pytest.approx(wanted, rel=1e-12)
