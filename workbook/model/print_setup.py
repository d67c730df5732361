"""How a sheet is printed: its paper, what of it, and on how many pages side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from openpyxl.utils import column_index_from_string, get_column_letter

from workbook.model.plan import Paper, Plan, Sheet
from workbook.style import GREY

SIDES: Final[dict[Paper, tuple[float, float]]] = {"a4": (8.27, 11.69), "letter": (8.5, 11.0)}
"""Short and long side of a paper, in inches."""

MARGIN: Final = 0.5
LEAST_SCALE: Final = 0.55
"""Print of 9 points is 5 at this scale: smaller nobody reads."""

_STANDARD_WIDTH: Final = 8.43


def set_print(target: Any, sheet: Sheet, plan: Plan) -> None:
    """Set up a sheet of openpyxl for printing."""
    drawn = [chart.place.last_row for chart in sheet.charts]
    last_row = sheet.last_printed or max([row for row, _ in sheet.cells] + drawn)
    last_column = max(column for _, column in sheet.cells)
    if sheet.folded is not None:
        last_column = sheet.folded[0] - 1
    target.print_area = f"A1:{get_column_letter(last_column)}{last_row}"
    if sheet.repeat_rows:
        target.print_title_rows = f"{sheet.repeat_rows[0]}:{sheet.repeat_rows[1]}"
    frozen, usable = _frozen_columns(sheet), _usable(sheet, plan)
    if _inches(sheet, frozen) > usable / 2:
        frozen = 0
    pages = pages_across(_inches(sheet, last_column), _inches(sheet, frozen), usable)
    if pages > 1 and frozen:
        target.print_title_cols = f"A:{get_column_letter(frozen)}"
    target.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    papers = {"a4": target.PAPERSIZE_A4, "letter": target.PAPERSIZE_LETTER}
    target.page_setup.paperSize = papers[plan.paper]
    target.page_setup.fitToWidth = pages
    target.page_setup.fitToHeight = 1 if sheet.one_page else 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    target.page_margins.left = target.page_margins.right = MARGIN
    target.page_margins.top = target.page_margins.bottom = 0.6
    for part, text in (
        (target.oddFooter.left, plan.title),
        (target.oddFooter.center, "&A"),
        (target.oddFooter.right, "Page &P of &N"),
    ):
        part.text, part.size, part.color = text, 8, GREY


def pages_across(width: float, repeated: float, usable: float) -> int:
    """Give on how many pages side by side a sheet stays legible.

    Parameters
    ----------
    width, repeated, usable : float
        Inches of the sheet, of its columns that stand again on each page, and of the paper.

    Examples
    --------
    >>> pages_across(18.0, 3.0, 10.0), pages_across(28.0, 3.0, 10.0)
    (1, 2)
    """
    pages = 1
    while pages * usable < LEAST_SCALE * (width + (pages - 1) * repeated):
        pages += 1
    return pages


def _frozen_columns(sheet: Sheet) -> int:
    """Count the columns that stay in sight, which are those that say what a row is."""
    return column_index_from_string(re.sub(r"\d", "", sheet.freeze)) - 1 if sheet.freeze else 0


def _inches(sheet: Sheet, columns: int) -> float:
    """Give how wide the first columns are on a screen of 96 points an inch, as they are printed."""
    widths: Sequence[float] = sheet.widths[:columns]
    missing = [_STANDARD_WIDTH] * (columns - len(widths))
    return sum((7.0 * width + 5.0) / 96.0 for width in (*widths, *missing))


def _usable(sheet: Sheet, plan: Plan) -> float:
    short, long = SIDES[plan.paper]
    return (long if sheet.landscape else short) - 2 * MARGIN
