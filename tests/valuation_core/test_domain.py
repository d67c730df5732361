"""Domains: which numbers are inside, and the sentence that says so."""

from __future__ import annotations

from math import inf, nan, nextafter

import numpy as np
import pytest

from valuation_core.book.metrics import METRICS
from valuation_core.book.schema import TABLES
from valuation_core.domain import Domain

LARGEST = nextafter(inf, 0)

INSIDE = [
    (Domain(), (-LARGEST, 0.0, LARGEST)),
    (Domain(0), (0.0, 1.0, LARGEST)),
    (Domain(high=5), (-LARGEST, 5.0)),
    (Domain(0, 1), (0.0, 0.5, 1.0)),
    (Domain(0, above=True), (nextafter(0, 1), 1.0, LARGEST)),
    (Domain(0, 1, above=True), (nextafter(0, 1), 1.0)),
]
OUTSIDE = [
    (Domain(), (-inf, inf, nan)),
    (Domain(0), (-inf, nextafter(0, -1), inf, nan)),
    (Domain(high=5), (-inf, nextafter(5, 6), inf, nan)),
    (Domain(0, 1), (-inf, nextafter(0, -1), nextafter(1, 2), inf, nan)),
    (Domain(0, above=True), (-inf, -1.0, 0.0, -0.0, inf, nan)),
    (Domain(0, 1, above=True), (0.0, nextafter(1, 2), nan)),
]


@pytest.mark.parametrize(("domain", "numbers"), INSIDE)
def test_numbers_between_the_bounds_are_inside_and_the_ends_too(domain, numbers):
    assert [bool(domain.holds(number)) for number in numbers] == [True] * len(numbers)
    assert domain.holds(np.array(numbers)).all()
    assert domain.holds_all(np.array(numbers))
    assert domain.holds_all(np.array([]))


@pytest.mark.parametrize(("domain", "numbers"), OUTSIDE)
def test_beyond_a_bound_infinity_and_what_is_no_number_are_outside(domain, numbers):
    assert [bool(domain.holds(number)) for number in numbers] == [False] * len(numbers)
    assert not domain.holds(np.array(numbers)).any()
    for number in numbers:
        assert not domain.holds_all(np.array([0.5, number]))
        assert not domain.holds_all(number)


@pytest.mark.parametrize(
    ("domain", "rule"),
    [
        (Domain(), "must be a finite number"),
        (Domain(-0.99), "must be -0.99 or more"),
        (Domain(high=5), "must be 5 or less"),
        (Domain(1, 200), "must be between 1 and 200"),
        (Domain(0, above=True), "must be above 0"),
        (Domain(0, 1, above=True), "must be above 0 and at most 1"),
    ],
)
def test_the_rule_names_every_bound_there_is(domain, rule):
    assert domain.rule == rule


def test_no_domain_of_the_book_is_empty_or_upside_down():
    columns = [column.domain for table in TABLES.values() for column in table.columns]
    for domain in (*columns, *(metric.domain for metric in METRICS.values())):
        assert domain.least < domain.high
