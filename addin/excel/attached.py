"""Which sheets of an open workbook were attached, and what they are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbook.attach.mark import SHEET_NAME, names_in
from workbook.model.build import SHEETS
from workbook.model.sheets.facts.input_cells import NAME as INPUTS
from workbook.refresh.decide import Grid

if TYPE_CHECKING:
    import xlwings


def attached_in(book: xlwings.Book) -> dict[str, str]:
    """Give what attached sheets are called, by their names in the model: hidden names say it."""
    found = {}
    for sheet in book.sheets:
        for name in sheet.names:
            if name.name.endswith(SHEET_NAME):
                attached, of_model = names_in(str(name.refers_to))
                if attached == sheet.name:
                    found[of_model] = attached
    return found


def called_in(book: xlwings.Book, grids: Mapping[str, Grid]) -> dict[str, str]:
    """Give what the sheets of the model are called, by their names there."""
    return attached_in(book) or {sheet: sheet for sheet in SHEETS if sheet in grids}


def ours_only(called: Mapping[str, str], grids: Mapping[str, Grid]) -> dict[str, Grid]:
    """Leave out the analyst's sheets, such as a copy of ours; that of the facts comes first."""
    titles = (called.get(INPUTS, ""), *called.values())
    return {title: grids[title] for title in titles if title in grids}
