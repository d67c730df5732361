"""Handles: the same facts give the same handle in any process; a handle names exact content."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places import SHIPPED
from tests.valuation_core.book_files import change_row
from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.book import book_from_content, content_of, parse_handle


def in_another_process(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ, **environment),
    ).stdout.strip()


def test_another_process_gives_the_same_handle_for_the_same_facts(book):
    code = "from valuation_core import load_book; print(load_book().handle)"
    assert in_another_process(code, PYTHONHASHSEED="1") == book.handle
    assert in_another_process(code, PYTHONHASHSEED="2") == book.handle


def test_the_same_facts_from_another_folder_have_the_same_handle(book):
    assert load_book(folder=SHIPPED).handle == book.handle


@given(value=st.floats(0, 1e9))
def test_any_changed_fact_changes_the_handle(value):
    book = load_book()
    own = with_own_facts(book, [("RIOT", "btc_held", value)])
    assert (own.handle == book.handle) == (value == 19309)


def test_another_date_changes_the_handle_even_where_no_fact_changed():
    assert load_book("2025-09-27").handle != load_book("2025-09-26").handle


def test_a_fact_dated_later_does_not_change_the_handle_of_an_earlier_book(tmp_path, book):
    import shutil

    shutil.copytree(SHIPPED, tmp_path / "facts")
    with (tmp_path / "facts" / "inputs.csv").open("a", encoding="utf-8") as file:
        file.write("RIOT,cash,1,USD M,,2027-01-01,,x,low,\n")
    assert load_book(folder=tmp_path / "facts").handle == book.handle


def test_a_book_comes_back_whole_from_its_content(book):
    own = with_own_facts(book, [("RIOT", "cash", 0.1), ("ALL", "hodl_premium", 1 / 3)])
    again = book_from_content(content_of(own.as_of, own.tables, own.case), own.handle)
    assert again == own
    assert again.facts == own.facts
    assert again.fact("ALL", "target_date").value == book.fact("ALL", "target_date").value


def test_another_case_has_another_handle_and_comes_back_whole_from_its_content(book):
    bear = load_book(case="Bear")
    assert bear.handle != book.handle
    again = book_from_content(content_of(bear.as_of, bear.tables, bear.case), bear.handle)
    assert (again, again.case, again.facts) == (bear, "bear", bear.facts)
    own = with_own_facts(load_book("2025-11-24", case="bull"), [("RIOT", "cash", 0.1)])
    again = book_from_content(content_of(own.as_of, own.tables, own.case), own.handle)
    assert (again, again.facts) == (own, own.facts)


def test_the_content_of_another_case_is_refused(book):
    bear = load_book(case="bear")
    with pytest.raises(ValuationError, match="recalculate the HPC_BOOK cell"):
        book_from_content(content_of(book.as_of, book.tables, "plain"), bear.handle)


def test_a_changed_case_changes_the_handle_even_where_it_is_not_in_use(folder, book):
    change_row(folder, "cases", "bear", value="0.1")
    assert load_book(folder=folder).handle != book.handle


@pytest.mark.parametrize(
    "text",
    [
        "book:2025-09-26+9f3ac21b",
        "book:2025-09-26+../../etc/passwd",
        "book:2025-13-26+0123456789abcdef",
        "BOOK:2025-09-26+0123456789abcdef",
        "book:2025-09-26+0123456789ABCDEF",
        "book:2025-09-26+0123456789abcdef\n/x",
        "C:\\books\\x.json",
        "",
    ],
)
def test_what_is_not_exactly_a_handle_is_refused(text):
    with pytest.raises(ValuationError, match="is not a handle made by HPC_BOOK"):
        parse_handle(text)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1],
        lambda text: text.replace("600.0", "900.0", 1),
        lambda text: "",
        lambda text: "[" * 100_000,
        lambda text: json.dumps({"format": "1"}),
    ],
)
def test_damaged_or_forged_content_is_refused(book, damage):
    with pytest.raises(ValuationError, match="recalculate the HPC_BOOK cell"):
        book_from_content(damage(content_of(book.as_of, book.tables, book.case)), book.handle)


def test_content_of_another_date_is_refused_even_with_the_right_digest(book):
    moved = book.handle.replace("2025-09-26", "2025-09-25")
    with pytest.raises(ValuationError, match="recalculate"):
        book_from_content(content_of(book.as_of, book.tables, book.case), moved)
