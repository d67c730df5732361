"""Refresh decides on cells alone: which facts change, what is refused, and how it is taken back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import without_facts
from valuation_core import load_book
from valuation_core.book import METRICS
from valuation_core.book.book import Book, shipped_tables
from valuation_core.book.tables import table_of
from workbook.refresh.decide import RefreshError, decide, find_inputs, stamp
from workbook.refresh.log import HEADINGS, decide_undo, log_lines

DAY = date(2025, 9, 26)
COLUMNS = ("scope", "metric", "in use", "in the book", "your value", "basis", "as of", "confidence", "source", "note")  # fmt: skip


def grid_of(facts, columns=COLUMNS, header=8, own=None):
    """Lay facts out as a sheet does, dates as serials."""
    grid = {(4, 1): "Date of the book", (4, 3): float((DAY - date(1899, 12, 30)).days)}
    grid |= {(header, place): heading for place, heading in enumerate(columns, start=1)}
    for line, fact in enumerate(facts, start=header + 1):
        cells = {
            "scope": fact.scope,
            "metric": fact.metric,
            "in use": fact.value,
            "in the book": serial(fact.value),
            "your value": (own or {}).get((fact.scope, fact.metric)),
            "basis": fact.basis or "-",
            "as of": serial(fact.as_of),
            "confidence": fact.confidence,
            "source": fact.source,
            "note": fact.note,
        }
        grid |= {(line, place): cells[heading] for place, heading in enumerate(columns, start=1)}
    return grid


def serial(value):
    return float((value - date(1899, 12, 30)).days) if isinstance(value, date) else value


def restated(values, day=DAY):
    """The shipped book in which the newest row of some facts has another value."""
    tables = shipped_tables()
    newest = Book.at(tables, day).facts
    rows = [
        {**row, "value": values[key], "source": "restated"}
        if (key := (row["scope"], row["metric"])) in values and row["as_of"] == newest[key].as_of
        else row
        for row in tables["inputs"].rows()
    ]
    return Book.at({**tables, "inputs": table_of("inputs", rows)}, day)


@pytest.fixture(scope="module")
def facts():
    return list(load_book().facts.values())


def table_with(facts, **options):
    return find_inputs({"Cover": {(1, 1): "Title"}, "Inputs": grid_of(facts, **options)})


def test_the_same_book_changes_nothing(facts):
    decision = decide(table_with(facts), load_book(), "folder facts")
    assert (decision.changes, decision.compared) == ((), len(facts))


def test_a_changed_fact_is_one_cell_with_what_stands_beside_it(facts):
    book = restated({("RIOT", "hpc_mw_shopped"): 650.0})
    (change,) = decide(table_with(facts), book, "folder facts").changes
    assert (change.scope, change.metric, change.old, change.new) == (
        "RIOT",
        "hpc_mw_shopped",
        600.0,
        650.0,
    )
    row = 9 + [(fact.scope, fact.metric) for fact in facts].index(("RIOT", "hpc_mw_shopped"))
    assert change.address == f"D{row}"
    assert change.told("source").new == "restated"


def test_facts_are_found_by_their_headings_wherever_the_columns_are(facts):
    moved = ("note", "your value", "scope", "source", "metric", "in use", "confidence", "in the book", "as of", "basis")  # fmt: skip
    table = find_inputs({"Any": grid_of(facts, moved, header=21) | {(4, 1): "Date of the book"}})
    (change,) = decide(table, restated({("RIOT", "cash"): 1.0}), "folder facts").changes
    assert change.address[0] == "H"  # the eighth of the columns


@given(st.data())
@settings(max_examples=25)
def test_exactly_the_facts_that_differ_change_and_never_an_own_value(facts, data):
    numbers = [f for f in facts if METRICS[f.metric].unit != "date" and f.value > 0]
    chosen = data.draw(st.lists(st.sampled_from(numbers), max_size=20, unique_by=id))
    halved = {(fact.scope, fact.metric): fact.value / 2 for fact in chosen}
    own = {(fact.scope, fact.metric): 7.0 for fact in data.draw(st.permutations(facts))[:5]}
    changes = decide(table_with(facts, own=own), restated(halved), "x").changes
    assert {(change.scope, change.metric): change.new for change in changes} == halved
    assert all(change.address.startswith("D") for change in changes)
    assert all(beside.address[0] in "GHIJ" for change in changes for beside in change.beside)


def test_digits_that_a_spreadsheet_drops_on_saving_are_no_change(facts):
    values = {("RIOT", "cash"): 1 / 3}
    table = table_with([*restated(values).facts.values()])
    # 15 digits of 1/3 differ from it by 3e-16
    assert decide(table, restated({("RIOT", "cash"): 0.333333333333333}), "x").changes == ()
    assert len(decide(table, restated({("RIOT", "cash"): 0.33333333333}), "x").changes) == 1


def test_a_book_of_an_earlier_date_is_refused(facts):
    with pytest.raises(RefreshError, match="as of 2025-08-31 is older than Inputs"):
        decide(table_with(facts), load_book("2025-08-31"), "folder facts")


def test_a_source_whose_facts_are_older_than_the_sheet_s_is_refused(facts):
    tables = shipped_tables()
    rows = [row for row in tables["inputs"].rows() if row["as_of"] < date(2025, 8, 31)]
    rows += [row for row in tables["inputs"].rows() if row["scope"] in ("ALL", "NETWORK")]
    old = Book.at({**tables, "inputs": table_of("inputs", rows)}, DAY)
    with pytest.raises(RefreshError, match="folder facts is older than Inputs: .* nothing was"):
        decide(table_with(facts), old, "folder facts")


def test_a_source_that_lacks_a_fact_of_the_sheet_is_refused(facts):
    book = without_facts(load_book(), ("RIOT", "cash"))
    with pytest.raises(RefreshError, match="folder facts lacks facts .*: RIOT cash; nothing"):
        decide(table_with(facts), book, "folder facts")


def test_a_fact_on_another_mw_basis_needs_another_workbook(facts):
    tables = shipped_tables()
    rows = [
        {**row, "basis": "critical"} if row["metric"] == "tenant_cap" else row
        for row in tables["inputs"].rows()
    ]
    book = Book.at({**tables, "inputs": table_of("inputs", rows)}, DAY)
    with pytest.raises(RefreshError, match="tenant_cap is on critical MW there and on gross MW"):
        decide(table_with(facts), book, "folder facts")


def test_a_fact_that_stands_twice_and_a_workbook_without_facts_are_refused(facts):
    with pytest.raises(RefreshError, match="holds .* twice, in rows 9 and "):
        table_with([*facts, facts[0]])
    with pytest.raises(RefreshError, match="no sheet has the columns scope, metric"):
        find_inputs({"Data": {(1, 1): "Scope"}})


def test_the_stamp_does_not_write_over_what_an_analyst_put_there(facts):
    grid = grid_of(facts)
    table = find_inputs({"Inputs": grid})
    assert stamp(table, grid, "now", DAY) == {"A7": "Facts refreshed", "C7": DAY, "D7": "now"}
    with pytest.raises(RefreshError, match="row 7 of Inputs .* is in use"):
        stamp(table, {**grid, (7, 2): "mine"}, "now", DAY)


def log_of(*blocks):
    lines = [list(HEADINGS), *(line for block in blocks for line in block)]
    return {
        (row, column): value
        for row, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
    }


def test_undo_takes_refreshes_back_one_by_one(facts):
    start = {("RIOT", "cash"): 255.4, ("RIOT", "btc_held"): 19309.0}
    first, second = {**start, ("RIOT", "cash"): 300.0}, {**start, ("RIOT", "cash"): 310.0}
    books = [restated(values) for values in (start, first, second)]
    tables = [table_with([*book.facts.values()]) for book in books]
    blocks = [
        log_lines(
            decide(tables[n], books[n + 1], f"source {n}").changes, f"time {n}", f"source {n}", DAY
        )
        for n in range(2)
    ]
    back = decide_undo(log_of(*blocks), tables[2])
    assert [(change.old, change.new) for change in back.changes] == [(310.0, 300.0)]
    assert (back.time, back.origin, back.known_by) == ("time 1", "source 0", DAY)
    blocks.append(log_lines(back.changes, "time 2", "undo of time 1", DAY))
    back = decide_undo(log_of(*blocks), tables[1])
    assert [(change.old, change.new) for change in back.changes] == [(300.0, 255.4)]
    assert back.origin == "the workbook as built"
    blocks.append(log_lines(back.changes, "time 3", "undo of time 0", DAY))
    with pytest.raises(RefreshError, match="no refresh to take back"):
        decide_undo(log_of(*blocks), tables[0])


def test_undo_is_refused_where_a_fact_was_changed_since(facts):
    changed = restated({("RIOT", "cash"): 300.0})
    lines = log_lines(decide(table_with(facts), changed, "x").changes, "time 0", "x", DAY)
    with pytest.raises(RefreshError, match="RIOT cash was changed since the refresh of time 0"):
        decide_undo(log_of(lines), table_with(facts))


def test_undo_restores_dates_and_sources(facts):
    later = restated({("ALL", "target_date"): date(2027, 6, 30)})
    changes = decide(table_with(facts), later, "x").changes
    lines = log_lines(changes, "time 0", "x", DAY)
    back = decide_undo(log_of(lines), table_with([*later.facts.values()]))
    (change,) = back.changes
    shipped = load_book().facts["ALL", "target_date"]
    assert (change.new, change.told("source").new) == (shipped.value, shipped.source)
    assert change.told("as of").new == shipped.as_of
