"""Refresh decides on rows alone: which are new, what is refused, and how they are taken back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation_core import load_book
from valuation_core.book.book import shipped_tables
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import table_of
from valuation_core.target import target
from workbook.refresh.decide import Held, RefreshError, decide_rows
from workbook.refresh.inputs import miners_of
from workbook.refresh.log import (
    DATE,
    HEADINGS,
    Step,
    decide_undo,
    in_columns,
    next_step,
)
from workbook.refresh.moves import Move, moves_between
from workbook.refresh.snapshot import HEADINGS as SNAPSHOT_HEADINGS
from workbook.refresh.snapshot import TITLE, Snapshot, last_taken

DAY = date(2025, 9, 26)


def held_of(tables, marks=None, room=100):
    """Lay tables out as a workbook does: headings in row 1, a row each, room below."""
    found = {}
    for name, schema in TABLES.items():
        rows = tuple(tables[name].rows())
        columns = {column.name: place for place, column in enumerate(schema.columns, start=1)}
        found[name] = Held(
            name,
            f"Sheet {name}",
            1,
            columns,
            tuple(range(2, 2 + len(rows))),
            rows,
            1 + len(rows) + room,
            len(columns) + 2,
            (marks or {}).get(name, {}),
        )
    return found


def with_rows(tables, name, rows):
    return {**tables, name: table_of(name, rows)}


def without_last(tables, **counts):
    """The tables without so many of the last rows of some."""
    return {
        **tables,
        **{
            name: table_of(name, list(tables[name].rows())[:-count])
            for name, count in counts.items()
        },
    }


@pytest.fixture(scope="module")
def tables():
    return shipped_tables()


def test_the_same_rows_add_nothing(tables):
    decision = decide_rows(held_of(tables), tables, "folder facts")
    count = sum(len(table) for table in tables.values())
    assert decision.rows == ()
    assert str(decision) == f"no row added from folder facts; {count} were there already"


def test_rows_that_are_not_there_go_below_the_last_in_their_order(tables):
    held = held_of(without_last(tables, inputs=2, deals=1))
    decision = decide_rows(held, tables, "folder facts")
    last = len(held["inputs"].rows) + 1
    rows = list(tables["inputs"].rows())[-2:]
    assert [(one.table.name, one.line) for one in decision.rows] == [
        ("inputs", last + 1),
        ("inputs", last + 2),
        ("deals", len(held["deals"].rows) + 2),
    ]
    assert [one.row for one in decision.rows[:2]] == rows
    assert decision.rows[0].cells[f"A{last + 1}"] == rows[0]["scope"]
    assert "3 rows added (Sheet inputs 2, Sheet deals 1) from folder facts" in str(decision)


@given(st.data())
@settings(max_examples=25)
def test_exactly_the_rows_that_lack_are_added(tables, data):
    """Whatever rows a workbook lacks, and in whatever order it has the others."""
    rows = list(tables["inputs"].rows())
    missing = data.draw(st.sets(st.sampled_from(range(len(rows))), max_size=30))
    kept = [row for place, row in enumerate(rows) if place not in missing]
    held = held_of(with_rows(tables, "inputs", data.draw(st.permutations(kept))))
    decision = decide_rows(held, tables, "x")
    assert [one.row for one in decision.rows] == [rows[place] for place in sorted(missing)]


def test_rows_known_later_than_the_date_of_the_workbook_are_added_too(tables):
    rows = list(tables["inputs"].rows())
    later = {**rows[0], "as_of": date(2030, 1, 1)}
    decision = decide_rows(held_of(tables), with_rows(tables, "inputs", [*rows, later]), "x")
    assert [one.row for one in decision.rows] == [later]


def changed(tables, name, place, **values):
    rows = [dict(row) for row in tables[name].rows()]
    rows[place].update(values)
    return with_rows(tables, name, rows)


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("inputs", {"value": 12345.0}, "value is .* here and '12345' there"),
        ("inputs", {"known_on": date(2031, 1, 1)}, "known_on is '.*' here and '2031-01-01' there"),
        ("deals", {"mw_critical": 1.0}, "mw_critical is"),
        ("cases", {"value": 0.123}, "value is"),
        ("editions", {"new_target": 99.0}, "new_target is"),
    ],
)
def test_another_row_about_the_same_thing_and_day_is_refused_and_named(tables, name, values, what):
    with pytest.raises(RefreshError, match=f"Sheet {name} row 2 .*{what}.*nothing was changed"):
        decide_rows(held_of(tables), changed(tables, name, 0, **values), "folder facts")


def test_words_about_where_a_row_comes_from_are_told_and_change_nothing(tables):
    decision = decide_rows(held_of(tables), changed(tables, "deals", 0, note="clearer"), "x")
    assert decision.rows == ()
    assert "another source, confidence or note is given there for Sheet deals row 2" in str(
        decision
    )


def test_digits_that_a_spreadsheet_drops_on_saving_are_no_change(tables):
    held = held_of(changed(tables, "deals", 0, revenue_usd_m=0.333333333333333))
    source = changed(tables, "deals", 0, revenue_usd_m=1 / 3)
    assert decide_rows(held, source, "x").rows == ()


def test_letter_case_makes_no_other_thing(tables):
    name = next(tables["deals"].rows())["deal_id"]
    with pytest.raises(RefreshError, match="deal_id is"):
        decide_rows(held_of(tables), changed(tables, "deals", 0, deal_id=name.upper()), "x")


def test_more_rows_than_there_is_room_for_are_refused(tables):
    few = without_last(tables, market=3)
    assert len(decide_rows(held_of(few, room=3), tables, "x").rows) == 3
    with pytest.raises(RefreshError, match="Sheet market has room for 2 rows more and x has 3 new"):
        decide_rows(held_of(few, room=2), tables, "x")


def test_a_row_goes_below_what_was_typed_with_a_gap(tables):
    table = held_of(tables)["deals"]
    typed = Held(**{**{name: getattr(table, name) for name in Held.__slots__}, "lines": (2, 9)})
    assert typed.next_line == 10


def log_of(*blocks):
    lines = [list(HEADINGS), *(in_columns(line) for block in blocks for line in block)]
    return {
        (row, column): value
        for row, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
        if value is not None
    }


def refreshed(tables, step, **counts):
    """Bring the last rows of some tables: the tables with their marks, and the lines of the Log."""
    before = held_of(without_last(tables, **counts))
    rows = decide_rows(before, tables, step.origin).rows
    marks = {}
    for one in rows:
        marks.setdefault(one.table.name, {})[one.line] = step.mark
    return held_of(tables, marks), [step.of_row(one) for one in rows]


FIRST = Step(1, "refresh 1", "2026-11-27 08:40:12.345 UTC", "folder facts")


def test_undo_takes_exactly_the_rows_of_the_last_refresh(tables):
    held, lines = refreshed(tables, FIRST, inputs=2, deals=1)
    found = decide_undo(log_of(lines), held, DAY)
    assert [(one.table.name, one.line) for one in found.rows] == [
        ("inputs", len(tables["inputs"])),
        ("inputs", len(tables["inputs"]) + 1),
        ("deals", len(tables["deals"]) + 1),
    ]
    assert str(found) == (
        "3 rows are off again that refresh 1 of 2026-11-27 08:40:12.345 UTC brought"
    )
    back = [found.step("later").of_row(one, off=True) for one in found.rows]
    with pytest.raises(RefreshError, match="no refresh to take back"):
        decide_undo(log_of(lines, back), held_of(without_last(tables, inputs=2, deals=1)), DAY)


def test_refreshes_are_taken_back_one_by_one_and_numbered_on(tables):
    some = without_last(tables, inputs=1)
    _, first = refreshed(some, FIRST, inputs=1)
    second = Step(2, "refresh 2", "2026-11-28 08:40:12.345 UTC", "folder facts")
    held, lines = refreshed(tables, second, inputs=1)
    log = log_of(first, lines)
    found = decide_undo(log, held, DAY)
    assert (found.of, [one.line for one in found.rows]) == (
        "refresh 2",
        [len(tables["inputs"]) + 1],
    )
    back = [found.step("later").of_row(one, off=True) for one in found.rows]
    step = next_step(log_of(first, lines, back), held_of(some).values(), "now", "x")
    assert step.name == "refresh 3"
    assert next_step(None, held.values(), "now", "x").name == "refresh 3", "by the marks alone"
    assert next_step(None, held_of(tables).values(), "now", "x").name == "refresh 1"


def test_undo_is_refused_where_a_row_was_changed_since(tables):
    held, lines = refreshed(tables, FIRST, inputs=1)
    row = list(tables["inputs"].rows())[-1]
    other = held_of(
        changed(tables, "inputs", -1, value=0.77), {"inputs": dict(held["inputs"].marks)}
    )
    with pytest.raises(RefreshError, match=f"{row['scope']} {row['metric']} of sheet Sheet inputs"):
        decide_undo(log_of(lines), other, DAY)
    with pytest.raises(RefreshError, match="was changed since refresh 1"):
        decide_undo(log_of(lines), held_of(tables), DAY)


def test_the_date_goes_back_where_it_is_still_as_the_refresh_set_it(tables):
    held, lines = refreshed(tables, FIRST, inputs=1)
    lines.append(FIRST.line("Inputs", "C4", DATE, DAY, date(2025, 11, 24)))
    assert decide_undo(log_of(lines), held, date(2025, 11, 24)).day == DAY
    assert decide_undo(log_of(lines), held, date(2025, 12, 1)).day is None
    only = held_of(tables)
    assert str(decide_undo(log_of(lines[-1:]), only, date(2025, 11, 24))) == (
        "the date is 2025-09-26 again, as before refresh 1"
    )
    with pytest.raises(RefreshError, match="the date of the workbook was changed since refresh 1"):
        decide_undo(log_of(lines[-1:]), only, date(2025, 12, 1))


def test_the_log_tells_the_targets_that_changed_and_those_left_to_excel():
    old = {"RIOT": 18.0, "IREN": 40.0, "CLSK": 12.0}
    lines = FIRST.of_targets("Targets", old, {"RIOT": 19.5, "IREN": 40.0, "CLSK": None}, {})
    assert [(line["what"], line["old"], line["new"]) for line in lines] == [
        ("RIOT target", 18.0, 19.5),
        ("CLSK target", 12.0, "computed by Excel"),
    ]


def test_below_a_target_stand_its_drivers_unless_the_facts_give_other_targets():
    old, new = {"RIOT": 18.0, "IREN": 40.0, "CLSK": 12.0}, {"RIOT": 19.5, "IREN": 41.0}
    moves = {
        "RIOT": [Move("price of bitcoin", 18.0, 17.0), Move("deal X, new", 17.0, 19.5)],
        "IREN": [Move("coins", 40.5, 41.0)],  # a cell of the analyst shows 40 before
        "CLSK": [Move("shares", 12.0, 11.5)],  # Excel is still to compute it
    }
    lines = FIRST.of_targets("Targets", old, new, moves)
    assert [(line["what"], line["old"], line["new"]) for line in lines] == [
        ("RIOT target", 18.0, 19.5),
        ("RIOT target: price of bitcoin", 18.0, 17.0),
        ("RIOT target: deal X, new", 17.0, 19.5),
        ("IREN target", 40.0, 41.0),
        ("CLSK target", 12.0, "computed by Excel"),
        ("CLSK target: shares", 12.0, 11.5),
    ]


def test_the_drivers_between_two_books_lead_from_one_target_to_the_other():
    before, after = load_book("2025-09-26"), load_book("2025-11-24")
    moves = moves_between(before, after, "CLSK")
    assert moves[0].before == target("CLSK", book=before)
    assert moves[-1].after == pytest.approx(target("CLSK", book=after), rel=1e-12)
    assert [one.before for one in moves[1:]] == [one.after for one in moves[:-1]]
    assert "note CLSK-0-convertible-2032, new" in [one.driver for one in moves]
    assert moves_between(before, before, "CLSK") == []
    assert moves_between(before, after, "HUT") == [], "nobody can tell without a target"


def test_a_snapshot_is_compared_with_the_newest_one_of_each_miner():
    first = Snapshot(
        "History", 3, True, (row_taken("1", "RIOT", 12.0), row_taken("1", "IREN", 9.0))
    )
    second = Snapshot("History", 5, False, (row_taken("2", "RIOT", 13.0),))
    told = second.with_moves([second.line("RIOT", "coins", 1.0)])
    rows = [(TITLE,), SNAPSHOT_HEADINGS, *first.rows, *told.rows, *told.moves]
    history = {
        (row, column): value
        for row, line in enumerate(rows, start=1)
        for column, value in enumerate(line, start=1)
        if value is not None
    }
    assert last_taken(history) == {**first.taken, **second.taken}
    assert last_taken({(1, 1): "Editions, newest first"}) == {}


def row_taken(time, miner, value):
    handle = "book:2025-09-26+4776854c30803939"
    return (time, miner, value, "OW", 10.0, 15.0, "OW", "2025-09-26", handle)


COLUMNS = ("note", "your value", "scope", "metric", "in use", "in the book")


def test_the_miners_are_those_whose_facts_are_shown_wherever_the_columns_are():
    rows = [COLUMNS, *((None, None, scope, "price") for scope in ("ALL", "RIOT", "IREN", "RIOT"))]
    grid = {
        (row, column): value
        for row, line in enumerate(rows, start=8)
        for column, value in enumerate(line, start=1)
        if value is not None
    }
    assert miners_of({"Cover": {(1, 1): "scope"}, "Any": grid}) == ("RIOT", "IREN")
    with pytest.raises(RefreshError, match="no sheet has the columns scope, metric"):
        miners_of({"Data": {(1, 1): "Scope"}})
