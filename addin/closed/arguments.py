"""The arguments of a function as the cell that calls it has them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.closed.sheet_cells import Source, Spilled
from valuation_core.catalogue.cards import Kind
from valuation_core.catalogue.catalogue import catalogue
from workbook.cells import ERROR_CODES, ErrorValue, corners_of, letters
from workbook.errors import WorkbookError
from workbook.formulas.calls import call_in, cells_of

BOOK_FUNCTION: Final = "HPC_BOOK("
HANDLE: Final = "book:"

_OPERAND: Final = re.compile(r"(?:(?:'[^']+'|\w+)!)?\$?[A-Z]{1,3}\$?\d+|[A-Za-z_]\w+")
"""A cell, or a word that may be the name of one."""


def resolved(
    desk: Desk, source: Source, sheet: str, formula: str, spilled: Spilled | None = None
) -> tuple[str, list[Any]]:
    """Give the name of the function that a formula calls, and its arguments as cells.

    Where the result spills, each range gives the element that the cell asked about has.
    """
    found = call_in(formula)
    values = [argument(desk, source, sheet, text) for text in found.arguments]
    card = catalogue().get(found.name)
    if spilled is not None and card is not None and card.kind is Kind.ELEMENTWISE:
        values = [_element(value, spilled) for value in values]
    return found.name, values


def argument(desk: Desk, source: Source, sheet: str, text: str | None) -> Any:
    """Give the value of an argument as a formula on a sheet states it.

    Raises
    ------
    WorkbookError
        When it is itself a formula.
    """
    if text is None:
        return OMITTED
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if text in ERROR_CODES:
        return ErrorValue(text)
    try:
        return float(text)
    except ValueError:
        pass
    place = cells_of((source.refers_to(sheet, text) or text).lstrip("="))
    if place is None:
        raise WorkbookError(f"the argument {text} is itself a formula: put it in a cell of its own")
    return _range(desk, source, place.sheet or sheet, place.first, place.last)


def _element(value: Any, at: Spilled) -> Any:
    """Give the element of a range at a place of the result: one row or column serves all."""
    if not isinstance(value, list):
        return value
    row, column = (
        0 if length == 1 else place
        for length, place in ((len(value), at.row), (len(value[0]), at.column))
    )
    if row >= len(value) or column >= len(value[0]):
        return ErrorValue("#N/A")  # as a spreadsheet fills up the shorter of two ranges
    return value[row][column]


def _range(desk: Desk, source: Source, sheet: str, first: str, last: str) -> Any:
    (top, left), (bottom, right) = corners_of(f"{first}:{last}")
    rows = [
        [_cell(desk, source, sheet, f"{letters(column)}{row}") for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]
    return rows[0][0] if first == last else rows


def _cell(desk: Desk, source: Source, sheet: str, address: str) -> Any:
    formula = source.formula(sheet, address)
    if formula and formula.upper().startswith(BOOK_FUNCTION):
        # The facts behind the handle may be known to this workbook alone.
        name, arguments = resolved(desk, source, sheet, formula)
        call(desk, name, arguments)
    value = source.value(sheet, address)
    if formula and isinstance(value, str) and value.startswith(HANDLE):
        # A handle chosen among others, or taken from another sheet.
        for text in _OPERAND.findall(formula):
            with suppress(WorkbookError):
                argument(desk, source, sheet, text)
    return value
