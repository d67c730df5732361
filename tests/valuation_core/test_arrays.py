"""A range of miners gives what each gives alone, on every date and in every case, errors included."""

from __future__ import annotations

import numpy as np
import pytest

from tests.strategies import COVERED
from tests.valuation_core.scalars import SCALARS
from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.catalogue.catalogue import catalogue

BOOKS = {
    f"{case} on {day}": load_book(day, case=case)
    for day in ("2025-09-26", "2025-11-06", "2025-11-24")
    for case in ("plain", "reconstruction", "bull")
}
BOOKS["named set aside"] = with_own_facts(
    BOOKS["reconstruction on 2025-11-24"], [("ALL", "use_named", 0.0)]
)
BOOKS["named set aside for one"] = with_own_facts(
    BOOKS["reconstruction on 2025-11-24"], [("IREN", "use_named", 0.0)]
)
BOOKS["one displaced on no day"] = with_own_facts(
    BOOKS["plain on 2025-09-26"], [("RIOT", "hashrate_displaced", 5.0)]
)
MINERS = [*COVERED, "WULF", "nobody", "RIOT"]
BY_MINER = {
    name: arguments for name, arguments in SCALARS.items()
    if catalogue()[name].arguments[0].name in ("miner", "scope")
}  # fmt: skip


def alone(function, arguments, book):
    """What a call gives, or the words and kind of its error."""
    try:
        return function(*arguments, book=book)
    except ValuationError as error:
        return str(error), error.kind


def same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-12, abs=1e-12)
    return one == other


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("name", BY_MINER)
def test_a_range_of_miners_is_each_of_them(name, book):
    function, book = catalogue()[name].function, BOOKS[book]
    for others in (BY_MINER[name][1:], ()):
        if not others and len(BY_MINER[name]) > 1 and _due(name):
            continue
        names = [argument.name for argument in catalogue()[name].arguments]
        given = dict(zip(names, (np.array(MINERS, dtype=object), *others), strict=False))
        made = function.evaluate({**given, "book": book})
        for place, miner in enumerate(MINERS):
            expected = alone(function, (miner, *others), book)
            error = made.error_at((place,))
            found = (str(error), error.kind) if error else _plain(made.values[place])
            assert same(found, _plain(expected)), (miner, others)


def _due(name):
    """Tell whether a function needs more than the miner."""
    return any(argument.required for argument in catalogue()[name].arguments[1:])


def _plain(value):
    return float(value) if isinstance(value, np.floating) else value


@pytest.mark.parametrize("book", ["bull on 2025-11-24", "named set aside", "plain on 2025-11-06"])
def test_prices_of_bitcoin_down_and_miners_across_are_each_cell(book):
    function, book = catalogue()["HPC_TARGET"].function, BOOKS[book]
    prices = np.array([[0.0], [40_000.0], [86_000.0], [300_000.0]])
    made = function([list(COVERED)], btc_price=prices, book=book)
    for (row, column), found in np.ndenumerate(made):
        one = function(COVERED[column], btc_price=float(prices[row, 0]), book=book)
        assert found == pytest.approx(one, rel=1e-12)
