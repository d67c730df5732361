"""What a printed page holds: no chart is cut in two, and no wrapped text is cut off."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import plan_model
from workbook.model.print_setup import SIDES
from workbook.model.sheets.front.summary import MINERS_A_PAGE
from workbook.model.write import write

SIX = ["RIOT", "IREN", "CLSK", "CIFR", "MARA", "WULF"]
MARGINS = 1.0, 1.2
"""Inches of a page that stay free: left and right, top and bottom."""


@pytest.fixture(scope="module", params=SIDES)
def sheets(request, tmp_path_factory):
    """The sheets as they are on one paper, for as many miners as are said to fit on a page."""
    assert len(SIX) == MINERS_A_PAGE
    path = tmp_path_factory.mktemp("paper") / "model.xlsx"
    write(replace(plan_model(coverage(load_book(), SIX)), paper=request.param), path)
    width, height = SIDES[request.param]
    return openpyxl.load_workbook(path).worksheets, width, height


def printed_rows(sheet, width, height):
    """Give first and last row of each page, as Excel fills it: by scale, heights and breaks."""
    across, down = (
        (height, width) if sheet.page_setup.orientation == "landscape" else (width, height)
    )
    *_, last_column, last = range_boundaries(sheet.print_area.split("!")[1])
    columns = [get_column_letter(number) for number in range(1, last_column + 1)]
    inches = sum((7 * sheet.column_dimensions[one].width + 5) / 96 for one in columns)
    scale = min(1, (across - MARGINS[0]) / inches)
    room = (down - MARGINS[1]) * 72 / scale
    ends = {one.id for one in sheet.row_breaks.brk}
    pages, first, used = [], 1, 0.0
    for row in range(1, last + 1):
        high = sheet.row_dimensions[row].height or 15
        if row - 1 in ends or used + high > room:
            pages.append((first, row - 1))
            first, used = row, 0.0
        used += high
    return [*pages, (first, last)]


def test_no_chart_is_cut_by_the_end_of_a_page(sheets):
    looked_at = []
    for sheet in sheets[0]:
        for chart in sheet._charts:
            anchor = chart.anchor
            top, bottom = anchor._from.row + 1, anchor.to.row + 1
            pages = printed_rows(sheet, *sheets[1:])
            assert any(first <= top and bottom <= last + 1 for first, last in pages), (
                sheet.title,
                (top, bottom),
                pages,
            )
            looked_at.append(sheet.title)
    assert {"Summary", "Comps", "Bridge", "Distribution"} <= set(looked_at)


def test_a_row_is_as_high_as_the_wrapped_text_in_it_needs(sheets):
    """MARA rests on eight assumptions: 150 letters of 8 points, in three lines of 546 pixels."""
    summary = next(sheet for sheet in sheets[0] if sheet.title == "Summary")
    told = max(cell.row for cell in summary["A"] if cell.value == "MARA")
    assert summary.row_dimensions[told].height >= 3 * 8 * 1.2
    inputs = next(sheet for sheet in sheets[0] if sheet.title == "Inputs")
    site = next(cell for cell in inputs["A"] if cell.value == "RIOT/Corsicana phase 2 (remaining)")
    assert inputs.row_dimensions[site.row].height >= 3 * 9 * 1.2
    # "row in the book" takes three lines, of a column that is folded away: they need no room.
    assert (inputs.row_dimensions[8].height or 0) < 3 * 9
