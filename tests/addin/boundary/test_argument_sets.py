"""10,000 random argument sets over all functions; many more stand in tests/long."""

from __future__ import annotations

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from tests.addin.boundary.argument_sets import argument_sets, check_calls


def test_any_arguments_give_a_value_or_an_error_with_its_reason_and_ranges_their_cells(tmp_path):
    check_calls(Desk(store=BookStore(tmp_path)), seed=2025, count=10_000)


def test_the_same_seed_draws_the_same_arguments():
    assert repr(list(argument_sets(1, 50))) == repr(list(argument_sets(1, 50)))
