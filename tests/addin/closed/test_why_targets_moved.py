"""After a refresh the Log, after a snapshot the History, says why each target moved."""

from __future__ import annotations

from datetime import date

import pytest

from addin.boundary.desk import Desk
from addin.closed.moves import since_last
from addin.closed.planned_anew import carried_in, grid_of, read_anew
from addin.closed.refresh import refresh
from addin.closed.snapshot_and_explain import snapshot
from tests.places import SHIPPED
from valuation_core import load_book, with_own_facts
from valuation_core.bridge import bridge
from valuation_core.coverage import coverage
from workbook.cells import place_of, serial_of
from workbook.model.build import SHEETS, build_model
from workbook.model.sheets.what_if.bridge_choices import DATE_ROW, FROM
from workbook.opc.package import read_parts
from workbook.opc.stored import StoredCell, read_cells
from workbook.refresh.decide import TableRow
from workbook.refresh.snapshot import HEADINGS, NOT_TOLD, TITLE, Snapshot

CALLED = {sheet: sheet for sheet in SHEETS}


@pytest.fixture(scope="module")
def cells(built):
    return read_cells(read_parts(built))


def snapshots(*rows):
    """The grid of a History that holds some rows of snapshots."""
    lines = [(TITLE,), HEADINGS, *rows]
    return {
        (row, column): value
        for row, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
        if value is not None
    }


def taken(book, miner, target, time):
    """A row of a snapshot, of which only the target and the handle matter here."""
    row = (time, miner, target, "OW", 1.0, 1.0, "OW", book.as_of.isoformat(), book.handle)
    return Snapshot("History", 3, False, (row,))


def moved(cells, then, target):
    """What a snapshot of the workbook says, beside an earlier one of another book."""
    carried = carried_in(cells, CALLED)
    now = taken(carried.book(), "RIOT", target_of(carried.book()), "2026-11-27 09:00:00.000 UTC")
    before = taken(then, "RIOT", target, "2026-11-26 09:00:00.000 UTC")
    return since_last(carried, snapshots(*before.rows), now).moves


def target_of(book):
    return bridge("RIOT", book, book).rows[0][2]


def test_since_a_snapshot_of_another_case_the_target_moved_by_its_changes(cells):
    then = load_book(case="bull")
    said = [row[-2:] for row in moved(cells, then, target_of(then))]
    rows = bridge("RIOT", then, load_book()).rows
    assert said == [row[:2] for row in rows[1:] if row[1] and row[0] != "residual"]
    assert len(said) > 3


def test_what_the_workbook_no_longer_holds_is_not_told(cells):
    then = with_own_facts(load_book(), [("RIOT", "cash", 999.0)])  # the own value is gone since
    ((*_, driver, change),) = moved(cells, then, target_of(then))
    assert (driver, change) == (NOT_TOLD, None)


def test_a_target_that_the_facts_do_not_give_is_not_explained(cells):
    then = load_book(case="bull")
    ((*_, driver, change),) = moved(cells, then, target_of(then) + 1.0)  # the analyst's formula
    assert (driver, change) == (NOT_TOLD, None)


def test_a_target_that_stayed_needs_no_line(cells):
    assert moved(cells, load_book(), target_of(load_book())) == ()


def test_the_book_of_before_is_that_of_the_rows_but_those_brought_since(cells):
    carried = carried_in(cells, CALLED)
    table = carried.held["inputs"]
    *others, last = table.rows
    found = carried.without([TableRow(table, table.lines[-1], last)], carried.as_of)
    assert list(found.tables["inputs"].rows()) == others
    assert carried.without((), carried.as_of) == carried.book()


def test_a_workbook_planned_anew_bridges_the_days_that_are_chosen_in_it(cells):
    at = "ABC"[FROM - 1] + str(DATE_ROW)
    other = StoredCell(at, None, float(serial_of(date(2025, 9, 25))), computed=False)
    changed = {**cells, "Bridge": {**cells["Bridge"], at: other}}
    bridged = read_anew(changed, CALLED).plan().sheets["Bridge"]
    assert bridged[place_of(at)].value == date(2025, 9, 25)


@pytest.mark.long
def test_a_refresh_to_another_day_tells_every_driver_in_log_and_history(tmp_path):
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(), ["CLSK"]), path)
    snapshot(path, Desk())
    refresh(path, SHIPPED, Desk(), as_of=date(2025, 11, 24))
    snapshot(path, Desk())
    stored = read_cells(read_parts(path))
    log, history = (grid_of(stored[name]) for name in ("Log", "History"))
    rows = bridge("CLSK", load_book("2025-09-26"), load_book("2025-11-24")).rows
    moving = [row for row in rows[1:-2] if row[1]]
    said = {log[row, 5]: log[row, 7] for row, column in log if column == 7}
    for driver, _, so_far in moving:
        assert said[f"CLSK target: {driver}"] == pytest.approx(so_far, rel=1e-12)
    told = {history[row, 10]: history[row, 11] for row, column in history if column == 11}
    for driver, change, _ in moving:
        assert told[driver] == pytest.approx(change, rel=1e-9)
    assert "note CLSK-0-convertible-2032, new" in told
