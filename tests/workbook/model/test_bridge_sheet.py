"""Sheet Bridge: two books chosen on the sheet, every driver between them, and a waterfall."""

from __future__ import annotations

from datetime import date

import pytest

from valuation_core import load_book, with_own_facts
from valuation_core.bridge import bridge
from workbook.cells import ErrorValue, Ref
from workbook.model.figures import Figures
from workbook.model.plan import Sheet
from workbook.model.sheets.front.functions import plan_functions
from workbook.model.sheets.what_if.bridge import plan_bridge
from workbook.model.sheets.what_if.bridge_chart import SMALLER, Waterfall
from workbook.model.sheets.what_if.bridge_choices import (
    BOOK_ROW,
    CASE_ROW,
    DATE_ROW,
    FROM,
    IN_USE,
    METHOD_ROW,
    STATED,
    TO,
    WHICH_ROW,
)

LATER = load_book("2025-11-24")
OWN = with_own_facts(LATER, [("NETWORK", "btc_price", 100_000.0)])


def planned(cells, book=LATER, miner="CLSK"):
    """The sheet alone, as a workbook of two miners has it."""
    tables = {"inputs": Ref("Facts", 1, 1, 300, 10)}
    cases = Ref("Cases", 2, 12, 15, 12)
    return plan_bridge(Figures(book, ["RIOT", "CLSK"]), miner, tables, cases, cells)


def between(first, last, *, case="plain", which=(STATED, STATED), method="order"):
    """What the cells hold that choose."""
    return {
        (WHICH_ROW, FROM): which[0],
        (WHICH_ROW, TO): which[1],
        (DATE_ROW, FROM): first,
        (DATE_ROW, TO): last,
        (CASE_ROW, FROM): "plain",
        (CASE_ROW, TO): case,
        (METHOD_ROW, FROM): method,
    }


AUTUMN = between(date(2025, 9, 26), date(2025, 11, 24))


@pytest.fixture(scope="module")
def sheet():
    return planned(AUTUMN).sheet


def table(sheet, head="driver"):
    """The rows under a heading of the first column, up to the first without a label."""
    row = next(at[0] for at, cell in sheet.cells.items() if at[1] == 1 and cell.value == head) + 1
    found = []
    while (row, 1) in sheet.cells and sheet.cells[row, 1].value:
        cells = (sheet.cells.get((row, column)) for column in range(1, 10))
        found.append([None if cell is None else cell.value for cell in cells])
        row += 1
    return found


def test_every_driver_between_two_dates_stands_on_the_sheet(sheet):
    rows = bridge("CLSK", load_book("2025-09-26"), LATER).rows
    shown = [row[:3] for row in table(sheet)[: len(rows)]]
    assert [row[0] for row in shown] == [row[0] for row in rows]
    assert "note CLSK-0-convertible-2032, new" in [row[0] for row in shown]
    assert [row[2] for row in shown] == pytest.approx([row[2] for row in rows], rel=1e-12)


def test_bars_lead_from_one_target_to_the_other_and_to_the_published_one(sheet):
    bars = table(sheet, "bar")
    reached = 0.0
    for label, change, so_far, base, rise, _, fall, _, total in bars:
        if total:
            assert (base, rise, fall, total) == (0.0, 0.0, 0.0, so_far), label
        else:
            assert (base, base + rise + fall) == (
                pytest.approx(min(reached, so_far)),
                pytest.approx(max(reached, so_far)),
            ), label
            assert so_far == pytest.approx(reached + change)
        reached = so_far
    totals = [bar[0] for bar in bars if bar[8]]
    assert [one.rsplit(": ", 1)[0] for one in totals] == [
        "target, 2025-09-26, plain",
        "target, 2025-11-24, plain",
        "published",
    ]
    assert bars[1][0] == "price of bitcoin: -3.03"  # the figure is in the label


def test_facts_behind_each_driver_are_listed_with_their_sources(sheet):
    facts = table(sheet, "step")
    prices = [row for row in facts if row[0] == "btc_price"]
    assert [row[2] for row in prices] == [109_107.0, 86_000.0]
    assert all(row[4].startswith("https://") for row in prices)


def test_functions_shows_that_bridge_as_its_example():
    compared = planned(AUTUMN).compared.by_argument
    functions = plan_functions(LATER, ["RIOT", "CLSK"], compared)
    row = next(at[0] for at, cell in functions.cells.items() if "HPC_BRIDGE($" in str(cell.formula))
    lines = bridge("RIOT", load_book("2025-09-26"), LATER).rows
    assert functions.cells[row, 5].value == len(lines) > 10, (
        "counted: no choice moves what is below"
    )


def test_built_anew_it_leads_from_the_edition_before_or_from_plain_to_a_case():
    chosen = planned({}).sheet.cells
    assert [chosen[DATE_ROW, column].value for column in (FROM, TO)] == [
        date(2025, 11, 6),
        date(2025, 11, 24),
    ]
    # Before 26 September the book has too few facts for a target.
    first = planned({}, load_book()).sheet.cells
    assert [first[CASE_ROW, column].value for column in (FROM, TO)] == ["plain", "reconstruction"]


def test_the_workbook_in_use_counts_with_its_own_values():
    cells = between(date(2025, 11, 24), None, which=(STATED, IN_USE))
    sheet = planned(cells, OWN).sheet
    assert sheet.cells[BOOK_ROW, TO].value == OWN.handle
    assert sheet.cells[BOOK_ROW, FROM].value == LATER.handle
    moving = [row[0] for row in table(sheet) if isinstance(row[1], float) and row[1]]
    assert moving == ["price of bitcoin", "residual"]


def test_a_day_that_is_none_shows_its_error_and_no_bar():
    sheet = planned(between("soon", date(2025, 11, 24))).sheet
    row = next(at[0] for at, cell in sheet.cells.items() if cell.value == "bar")
    assert isinstance(sheet.cells[BOOK_ROW, FROM].value, ErrorValue)
    assert {sheet.cells[row + line, 1].value for line in range(1, 15)} == {""}


def waterfall(rows):
    """The bars over a table of drivers that is written by hand."""
    sheet = Sheet("Bridge", ())
    sheet.put_row(1, 1, ("driver", "change", "so far"), "heading")
    for line, row in enumerate(rows, start=2):
        sheet.put_row(line, 1, row, "function")
    last = len(rows) + 10
    chart = Waterfall(sheet, Ref("Bridge", 2, 1, last, 3), last + 1)
    (pair,) = chart.plan(Ref("Bridge", 1, 12, 20, 20))
    ends = [sheet.cells[ref.row, ref.column].value for ref in (pair.native, pair.function)]
    assert ends[0] == pytest.approx(ends[1], abs=1e-12)
    return table(sheet, "bar")


def test_a_bar_that_crosses_zero_has_a_part_above_and_one_below():
    bars = waterfall(
        [
            ("target, first", "-", 1.0),
            ("down", -3.0, -2.0),  # from 1 to -2
            ("further", -1.0, -3.0),
            ("up", 5.0, 2.0),  # from -3 to 2
            ("target, second", "-", 2.0),
        ]
    )
    assert [bar[3:] for bar in bars] == [
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, -2.0, 0.0],
        [-2.0, 0.0, 0.0, 0.0, -1.0, 0.0],
        [0.0, 2.0, -3.0, 0.0, 0.0, 0.0],
        [2.0, 0.0, 0.0, 0.0, 0.0, 0.0],  # no smaller driver
        [0.0, 0.0, 0.0, 0.0, 0.0, 2.0],
    ]


def test_of_many_drivers_nine_have_a_bar_and_the_others_one_together():
    drivers, reached = [("target, first", "-", 100.0)], 100.0
    for size in range(1, 13):  # 1 to 12: the nine largest are 4 to 12, the others make 6
        reached += size
        drivers.append((f"driver {size}", float(size), reached))
    bars = waterfall([*drivers, ("target, second", "-", 178.0), ("published", "-", 180.0)])
    assert [bar[1] for bar in bars[1:10]] == [float(size) for size in range(4, 13)]
    assert bars[10][:3] == [f"{SMALLER}: +6.00", pytest.approx(6.0), pytest.approx(178.0)]
    assert [bar[0] for bar in bars[11:]] == ["target, second: 178.00", "published: 180.00"]
