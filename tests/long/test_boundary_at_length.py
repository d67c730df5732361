"""The boundary under many more arbitrary cells than make test draws."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from tests.addin.boundary.any_cells import cells, check_result, ranges
from tests.addin.boundary.argument_sets import check_calls
from tests.growth import check_growth
from valuation_core.catalogue.catalogue import catalogue

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", list(catalogue()))
@given(arguments=st.lists(cells | ranges | st.just(OMITTED), max_size=8))
@settings(max_examples=4000)
def test_whatever_the_cells_hold_at_length(tmp_path_factory, name, arguments):
    desk = Desk(store=BookStore(tmp_path_factory.getbasetemp() / "fuzz"))
    check_result(call(desk, name, arguments))


@pytest.mark.parametrize("seed", range(10))
def test_30_000_argument_sets_of_each_seed_give_values_or_errors_with_reasons(tmp_path, seed):
    check_calls(Desk(store=BookStore(tmp_path)), seed, 30_000)


@pytest.mark.parametrize("cell", [0.5, 1.7, None, "x", "0.5"])
def test_a_million_cells_of_any_kind_cost_what_a_million_times_one_costs(tmp_path, cell):
    desk = Desk(store=BookStore(tmp_path))

    def answer(count):
        result = call(
            desk, "HPC_VALUE", ["RIOT", [[cell] * 1000 for _ in range(count // 1000)], 600.0]
        )
        assert (len(result), len(result[0])) == (count // 1000, 1000)

    check_growth(answer, 20_000, 1_000_000)


def test_a_cell_of_a_million_characters_is_answered(tmp_path):
    desk = Desk(store=BookStore(tmp_path))
    for name in catalogue():
        check_growth(
            lambda size, name=name: check_result(call(desk, name, ["x" * size] * 3)), 10**5, 10**6
        )


def test_a_whole_column_by_mistake_costs_no_more_than_its_cells_for_every_function(tmp_path):
    desk = Desk(store=BookStore(tmp_path))
    column = tuple((None,) for _ in range(1_048_576))
    for name, card in catalogue().items():
        if not card.arguments:
            continue
        cells = ["RIOT", 0.5, 600.0][: len(card.arguments)]

        def answer(count, name=name, cells=cells):
            cells[min(1, len(cells) - 1)] = column[:count]
            result = call(desk, name, cells)
            check_result([*result[:50], *result[-50:]] if isinstance(result, list) else result)

        check_growth(answer, 1_048_576 // 32, 1_048_576)
