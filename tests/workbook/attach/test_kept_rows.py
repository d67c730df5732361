"""Rows that are not the book's: which they are, and how they join the tables that come anew."""

from __future__ import annotations

from datetime import date

import pytest

from valuation_core import load_book
from valuation_core.book.book import shipped_tables
from valuation_core.book.schema import TABLES
from workbook.attach.kept_rows import KeptRow, digest_of, joined, not_of_the_book
from workbook.refresh.decide import Held

BOOK = load_book().tables
"""The shipped book as of 26 September 2025."""

CASH = {
    "scope": "RIOT",
    "metric": "cash",
    "value": 900.0,
    "unit": "USD M",
    "basis": "",
    "as_of": date(2025, 9, 25),
    "known_on": None,
    "source": "me",
    "confidence": "low",
    "note": "",
}
FIRST = next(BOOK["inputs"].rows())


def held(rows, marks=None):
    """A table of facts as a workbook holds it, its first row in row 2."""
    names = [column.name for column in TABLES["inputs"].columns]
    columns = {name: place for place, name in enumerate(names, start=1)}
    lines = tuple(range(2, 2 + len(rows)))
    table = Held("inputs", "Facts", 1, columns, lines, tuple(rows), 200, 12, marks or {})
    return {"inputs": table}


def kept(row, mark=""):
    return KeptRow("inputs", row, f"{row['scope']} {row['metric']}", mark)


def facts(found):
    return list(found.tables["inputs"].rows())


def test_what_was_not_attached_is_the_analysts_wherever_it_stands_and_what_is_marked_is_brought():
    """Sorted, a row of one's own may come first; one changed in place is one's own too."""
    changed = FIRST | {"value": 1.0}
    every = [CASH, FIRST, changed, dict(CASH, metric="price")]
    rows, reached = not_of_the_book(
        held(every, {5: "refresh 1, 2025-10-01"}), [digest_of("inputs", FIRST)], shipped_tables()
    )
    assert [(one.row, one.mark) for one in rows] == [
        (CASH, ""),
        (changed, ""),
        (every[3], "refresh 1, 2025-10-01"),
    ]
    assert reached == (FIRST["known_on"] or FIRST["as_of"])


def test_without_a_record_what_the_book_of_today_does_not_know_is_the_analysts():
    """A row that the book has since corrected is not brought back in its old form."""
    held_now = held([CASH, FIRST | {"value": 1.0}, FIRST], {4: "refresh 1, 2025-10-01"})
    rows, _ = not_of_the_book(held_now, (), shipped_tables())
    assert [one.row for one in rows] == [CASH, FIRST], "what a refresh brought keeps its mark"


def test_kept_rows_stand_below_those_of_the_book():
    found = joined(BOOK, [kept(CASH), kept(dict(CASH, metric="btc_held", unit="BTC"), "refresh 1")])
    rows = facts(found)
    assert rows[:-2] == list(BOOK["inputs"].rows())
    assert [row["metric"] for row in rows[-2:]] == ["cash", "btc_held"]
    assert found.told(["Facts"]) == [
        "Your own rows kept: Facts RIOT cash",
        "Rows kept that a refresh brought: Facts RIOT btc_held",
    ]
    assert found.told(["AllDeals"]) == [
        "Rows not kept, as their sheets were not asked for; they are in the file as it was: "
        "Facts RIOT cash, Facts RIOT btc_held"
    ]
    assert len(found.of_the_book) == sum(len(BOOK[name]) for name in BOOK)


def test_a_row_that_the_book_has_now_becomes_the_books_unless_a_refresh_brought_it():
    """With its mark it stays, for undo is to find it; it is there once."""
    count = len(BOOK["inputs"])
    found = joined(BOOK, [kept(FIRST | {"note": "typed by me"})])
    assert facts(found)[0] == FIRST
    assert len(facts(found)) == count
    assert (found.rows, found.told(["Facts"])[0][:41]) == (
        (),
        "Your own rows that the book has too now: ",
    )
    found = joined(BOOK, [kept(FIRST, "refresh 1")])
    assert facts(found)[-1] == FIRST
    assert len(facts(found)) == count
    assert digest_of("inputs", FIRST) not in found.of_the_book


@pytest.mark.parametrize("mark", ["", "refresh 1"])
def test_where_the_book_says_something_else_the_row_in_use_stays_and_it_is_told(mark):
    mine = FIRST | {"value": FIRST["value"] * 2}
    found = joined(BOOK, [kept(mine, mark)])
    assert facts(found)[-1] == mine
    assert FIRST not in facts(found)
    assert found.told(["Facts"])[-1] == (
        "The book says something else than these rows, which stay in use: "
        f"Facts {FIRST['scope']} {FIRST['metric']}"
    )


def test_a_row_with_which_the_tables_would_be_wrong_is_told_and_the_others_stay():
    wrong = dict(CASH, scope="RIOX")
    found = joined(BOOK, [kept(wrong), kept(CASH)])
    assert facts(found)[-1] == CASH
    assert [one.row for one in found.rows] == [CASH]
    (_, said) = found.told(["Facts"])
    assert said.startswith("Row not kept: Facts RIOX cash: ")
    assert "RIOX" in said.removeprefix("Row not kept: Facts RIOX cash: ")
