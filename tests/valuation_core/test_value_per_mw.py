"""Value per MW: a place in the published range, each end of it on its own basis."""

from __future__ import annotations

import numpy as np
import pytest

from valuation_core import load_book, with_own_facts
from valuation_core.company import value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice, value
from valuation_core.implied import implied_mw
from valuation_core.target import target

NOVEMBER = "2025-11-24"
"""From this day the range is stated per critical MW: 8 to 17 USD M."""


def at(position, day="2025-09-26"):
    """The book of a day with the value per MW at a place in the range; MW named are set aside."""
    own = [("ALL", "colo_value_position", position), ("ALL", "use_named", 0.0)]
    return with_own_facts(load_book(day), own)


@pytest.mark.parametrize(
    ("day", "position", "per_mw"),
    [
        ("2025-09-26", 0.0, 3.7),
        ("2025-09-26", 0.5, 6.15),
        ("2025-09-26", 1.0, 8.6),
        (NOVEMBER, 0.0, 8 / 1.3),
        (NOVEMBER, 0.5, 12.5 / 1.3),
        (NOVEMBER, 1.0, 17 / 1.3),
    ],
)
def test_one_mw_for_sure_is_worth_the_place_in_the_range(day, position, per_mw):
    assert value("RIOT", 1, 1, book=at(position, day)) == pytest.approx(per_mw, rel=1e-15)


def test_the_ends_of_the_range_need_not_be_on_one_basis():
    # Low 5.2 per critical MW are 4 per gross MW; a quarter of the way to 8 per gross MW is 5.
    own = [
        ("ALL", "colo_value_low", 5.2, "critical"),
        ("ALL", "colo_value_high", 8.0, "gross"),
        ("ALL", "colo_value_position", 0.25),
    ]
    book = with_own_facts(load_book(), own)
    assert value("RIOT", 1, 1, book=book) == pytest.approx(5.0, rel=1e-15)
    assert value("RIOT", 1, 1, "low", book=book) == pytest.approx(4.0, rel=1e-15)
    assert value("RIOT", 1, 1, "mid", book=book) == pytest.approx(6.0, rel=1e-15)


@pytest.mark.parametrize("position", [0.0, 0.3, 1.0])
def test_mid_is_halfway_whatever_the_position(position):
    assert value("RIOT", 1, 1, "mid", book=at(position)) == pytest.approx(6.15, rel=1e-15)
    assert value("RIOT", 1, 1, " MID ", book=at(position, NOVEMBER)) == pytest.approx(12.5 / 1.3)


def test_a_miner_may_have_a_position_of_its_own():
    book = with_own_facts(load_book(), [("RIOT", "colo_value_position", 1.0)])
    assert value(["RIOT", "IREN"], 1, 1, book=book) == pytest.approx([8.6, 6.15], rel=1e-15)


@pytest.mark.parametrize(
    ("per_mw", "signed"),
    [
        (None, 168 * 1.3 * 8.6),  # at the position, as the option is
        ("low", 168 * 1.3 * 3.7),
        ("mid", 168 * 1.3 * 6.15),
        ("High", 168 * 1.3 * 8.6),
        ("cloud", 168 * 1.3 * 8.6),  # a deal for colocation is none for a cloud
        (20.0, 168 * 1.3 * 8.6),  # a number is of the option alone
    ],
)
def test_signed_deals_are_at_the_level_of_the_option_and_else_at_the_position(per_mw, signed):
    found = value_of(Evaluation().use(at(1.0)), "CIFR", Choice(per_mw=per_mw))
    assert found.signed == pytest.approx(signed, rel=1e-14)


def test_levels_and_numbers_in_one_range_are_what_they_are_alone():
    levels = [" low", "MID", "high", "cloud", 7.0]
    for book in (at(1.0), at(0.0, NOVEMBER)):
        for miner in ("CIFR", "RIOT"):
            alone = [target(miner, per_mw=level, book=book) for level in levels]
            together = target(miner, per_mw=np.array(levels, dtype=object), book=book)
            assert together == pytest.approx(alone, rel=1e-14)


def test_the_price_pays_for_fewer_mw_at_the_top_of_the_range():
    # IREN has signed nothing: MW x value per MW is the same sum, at 3.7 or at 8.6 a MW.
    low, high = (implied_mw("IREN", 46.29, book=at(position)) for position in (0.0, 1.0))
    assert low * 3.7 == pytest.approx(high * 8.6, rel=1e-12)
