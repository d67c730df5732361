"""Spare rows are filled down from the first and the last of them, and only where these allow it."""

import pytest

import workbook.model.sheets.facts.keys as keys_module
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import plan_model
from workbook.model.excel import Term
from workbook.model.filled_down import filled_down

ROWS = range(8, 111)


def between(first: str, last: str) -> list[str] | None:
    found = filled_down(Term(first, 0.0), Term(last, 0.0), ROWS)
    return None if found is None else [term.text for term in found]


def test_a_row_between_has_its_own_number_where_the_ends_have_theirs():
    made = between("SUM(B$1:B7)+A8*100%", "SUM(B$1:B109)+A110*100%")
    assert made is not None
    assert made[0] == "SUM(B$1:B7)+A8*100%"
    assert made[2] == "SUM(B$1:B9)+A10*100%"
    assert made[-1] == "SUM(B$1:B109)+A110*100%"


@pytest.mark.parametrize(
    ("first", "last"),
    [("A8+B8", "A110+B109"), ("A8+1", "A110+2"), ("A8", "B110"), ("A8", "A110+0")],
)
def test_ends_that_differ_by_more_than_their_row_are_not_filled_down(first, last):
    assert between(first, last) is None


@pytest.mark.parametrize("last", [1.0, True, "", None])
def test_ends_that_show_different_values_are_not_filled_down(last):
    assert filled_down(Term("A8", 0.0), Term("A110", last), ROWS) is None


@pytest.mark.parametrize("day", ["2025-08-31", "2025-09-26", "2025-11-24"])
def test_a_plan_is_the_one_in_which_each_spare_row_is_made_by_itself(day, monkeypatch):
    filled = plan_model(coverage(load_book(day)))
    monkeypatch.setattr(keys_module, "filled_down", lambda *_: None)
    made = plan_model(coverage(load_book(day)))
    for one, other in zip(filled.sheets, made.sheets, strict=True):
        assert one.cells == other.cells, one.name
