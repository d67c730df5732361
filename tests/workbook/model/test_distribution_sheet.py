"""Sheet Distribution: what is drawn is what the core gives, and it stands in the file."""

from __future__ import annotations

import pytest

from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.distribution import distribution
from valuation_core.histogram import histogram
from valuation_core.target import target
from workbook.cells import MISSING, ErrorValue
from workbook.model.build import plan_model
from workbook.model.shown import Shown

BOOK = load_book()


def planned(book=BOOK, miner="RIOT", tickers=("RIOT", "MARA")):
    shown = Shown(chosen={"Control": miner})
    plan = plan_model(coverage(book, tickers), shown)
    return next(sheet for sheet in plan.sheets if sheet.name == "Distribution")


@pytest.fixture(scope="module")
def sheet():
    return planned()


def cells(sheet, ref):
    """The values of a reference, row by row."""
    return [
        sheet.cells[row, column].value
        for row in range(ref.row, ref.last_row + 1)
        for column in range(ref.column, ref.last_column + 1)
    ]


def row_of(sheet, label):
    return next(row for (row, column), cell in sheet.cells.items() if cell.value == label)


def test_bars_of_each_outcome_stand_on_each_other_in_the_middle_of_their_range(sheet):
    (chart,) = sheet.charts
    rows = histogram("RIOT", book=BOOK).rows
    without, signed = chart.bars[:24], chart.bars[24:]
    for bars, place in ((without, 2), (signed, 3)):
        assert len({bar.title for bar in bars}) == 1
        for bar, row in zip(bars, rows, strict=True):
            low, high = cells(sheet, bar.heights)
            assert high - low == pytest.approx(row[place], abs=1e-12)
    for below, above, row in zip(without, signed, rows, strict=True):
        assert cells(sheet, below.heights)[1] == cells(sheet, above.heights)[0]
        if None not in row[:2]:
            assert cells(sheet, below.values) == [pytest.approx((row[0] + row[1]) / 2)] * 2
    # The outermost bars are open: they stand as far out as if they were as wide as the others.
    width = rows[1][1] - rows[1][0]
    assert cells(sheet, without[0].values)[0] == pytest.approx(rows[0][1] - width / 2)
    assert cells(sheet, without[-1].values)[0] == pytest.approx(rows[-1][0] + width / 2)


def test_lines_stand_at_price_target_and_published_target(sheet):
    (chart,) = sheet.charts
    assert {line.title: cells(sheet, line.values) for line in chart.lines} == {
        "Share price": [16.74, 16.74],
        "Target, model": [pytest.approx(target("RIOT", book=BOOK))] * 2,
        "Published target": [19.0, 19.0],
    }
    tallest = max(cells(sheet, bar.heights)[1] for bar in chart.bars)
    for line in chart.lines:
        assert cells(sheet, line.heights) == [0.0, pytest.approx(1.1 * tallest)]


def test_the_percentiles_asked_for_are_in_the_file(sheet):
    head = row_of(sheet, "percentiles")
    asked = [sheet.cells[head + 1 + line, 6].value for line in range(9)]
    shown = [sheet.cells[head + 1 + line, 4].value for line in range(9)]
    rows = distribution("RIOT", asked, book=BOOK).rows
    assert shown == pytest.approx([row[3] for row in rows[:9]], rel=1e-12)


def test_what_is_assumed_is_said_on_the_sheet(sheet):
    said = f"{sheet.cells[2, 1].value} {sheet.cells[3, 1].value}"
    for word in ("contract", "probability", "triangle", "lognormal", "error of the facts"):
        assert word in said
    assert (sheet.cells[6, 2].value, sheet.cells[7, 2].value) == (0.3, 0.5)


def test_the_miner_chosen_on_control_is_the_one_of_the_sheet():
    mara = planned(miner="MARA")
    (chart,) = mara.charts
    assert sum(cells(mara, bar.heights)[1] for bar in chart.bars[:24]) == pytest.approx(1.0)


def test_a_miner_without_a_figure_shows_the_error_and_no_bar():
    lacking = with_own_facts(BOOK, [("ALL", "btc_volatility", 9.0)])  # beyond what may be asked
    sheet = planned(lacking)
    (chart,) = sheet.charts
    assert all(set(cells(sheet, bar.values)) == {MISSING} for bar in chart.bars)
    assert isinstance(sheet.cells[row_of(sheet, "All outcomes"), 9].value, ErrorValue)
    # The target itself rests on no volatility.
    assert sheet.cells[row_of(sheet, "Target, model"), 2].value == pytest.approx(12.41, abs=0.005)
