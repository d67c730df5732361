"""Which sheets of an open workbook were attached, and what they are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbook.attach.mark import SHEET_NAME, names_in
from workbook.refresh.decide import Grid

if TYPE_CHECKING:
    import xlwings


def attached_in(book: xlwings.Book) -> dict[str, str]:
    """Give what attached sheets are called, by their names in the model: hidden names say it."""
    found = {}
    for sheet in book.sheets:
        for name in sheet.names:
            if name.name.endswith(SHEET_NAME):
                attached, of_model = names_in(name.refers_to)
                if attached == sheet.name:
                    found[of_model] = attached
    return found


def attached_only(book: xlwings.Book, grids: Mapping[str, Grid]) -> Mapping[str, Grid]:
    """Leave out the analyst's sheets, such as a copy of ours, where ours were attached."""
    return {sheet: grids[sheet] for sheet in attached_in(book).values()} or grids
