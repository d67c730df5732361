"""Random arguments for every worksheet function: sensible, at the edges and beyond them."""

from __future__ import annotations

import random
import time
from itertools import islice

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from tests.addin.boundary.any_cells import check_result
from valuation_core.catalogue.cards import Kind
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.units import Takes
from workbook.cells import ErrorValue

NUMBERS = (
    0.0, -0.0, 0.5, 1.0, 1.7, -5.0, 12.0, 19.0, 600.0, 800.0, 109_107.0, 1e-9, 1e-300, 5e-324,
    1e9, 1e15, 1e18, 1e100, 1e300, 1e306, 1.7e308, -1e306, float("inf"), float("nan"),
)  # fmt: skip
WORDS = (
    "RIOT", "iren", "CLSK", "Cipher", "MARA", "WULF", "nobody", "RI\0OT", "R*", ">5", "ALL",
    "NETWORK", "low", "mid", "high", "cloud", "gross", "Critical", "target", "rating", "upside",
    "rule_rating", "price", "btc_price", "other_value", "network_growth", "shares_basic", "cash",
    "CIFR-fluidstack-barber-lake", "usd_per_kw_month", "warrant_share", "aggregate_market_cap",
    "2025-08", "plain", "bull", "Reconstruction", "land_power_value", "equity", "HPC_VALUE", "HPC_TARGET", "50%", "", " ", "x" * 300,
)  # fmt: skip
OTHERS = (None, True, False, ErrorValue("#N/A"), ErrorValue("#DIV/0!"))
LONGEST = 5.0
"""Seconds that a call may take."""


def argument_sets(seed, count):
    """Give (name, cells) of a number of calls, in turn over all functions."""
    draw = random.Random(seed)
    cards = list(catalogue().values())
    for number in range(count):
        card = cards[number % len(cards)]
        places = draw.randint(0, len(card.arguments)) if card.arguments else 0
        most = max(places, sum(argument.required for argument in card.arguments))
        yield card.name, [_cell(draw, argument) for argument in islice(card.arguments, most)]


def _cell(draw, argument):
    """A cell that mostly is of the kind that the argument takes; now and then a small range."""
    if draw.random() < (0.95 if argument.unit.takes is Takes.BOOK else 0.1):
        return OMITTED
    if draw.random() < 0.12:
        width = draw.randint(1, 3)
        return [[_single(draw, argument) for _ in range(width)] for _ in range(draw.randint(1, 3))]
    return _single(draw, argument)


def _single(draw, argument):
    if draw.random() < 0.1:
        return draw.choice(OTHERS)
    numeric = argument.unit.takes in (Takes.NUMBER, Takes.AXIS)
    if draw.random() < 0.85:
        pool = NUMBERS if numeric else WORDS
    else:
        pool = WORDS if numeric else NUMBERS
    if numeric and draw.random() < 0.4:
        return draw.choice((draw.random(), draw.uniform(-10, 2000), 10.0 ** draw.uniform(-12, 12)))
    return draw.choice(pool)


def check_calls(desk, seed, count):
    """Every call gives a value or a listed error with a reason, in time; arrays equal scalars."""
    slowest = (0.0, "")
    for name, cells in argument_sets(seed, count):
        start = time.process_time()
        result = call(desk, name, cells)
        slowest = max(slowest, (time.process_time() - start, f"{name} {cells!r}"))
        check_result(result)
        if isinstance(result, ErrorValue):
            assert result.reason, (name, cells)
        if catalogue()[name].kind is Kind.ELEMENTWISE and isinstance(result, list):
            _check_elements(desk, name, cells, result)
    assert slowest[0] < LONGEST, slowest


def _check_elements(desk, name, cells, result):
    """Each element of a result is what the function gives for its own arguments alone."""
    for row, line in enumerate(result):
        for column, found in enumerate(line):
            alone = call(desk, name, [_at(cell, row, column) for cell in cells])
            assert _same(found, alone), (name, cells, row, column, found, alone)


def _at(cell, row, column):
    if not isinstance(cell, list):
        return cell
    line = cell[row if len(cell) > 1 else 0]
    return line[column if len(line) > 1 else 0]


def _same(one, other):
    # Where several things are wrong, which of them is told first may differ.
    if isinstance(one, ErrorValue) or isinstance(other, ErrorValue):
        return isinstance(one, ErrorValue) and isinstance(other, ErrorValue)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    return one == other
