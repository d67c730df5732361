"""The cells of a workbook that is open in Excel, read through xlwings: a sheet in few calls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from addin.closed.sheet_cells import Source
from addin.excel.com import from_com
from addin.excel.opened import filled_with
from addin.excel.stopping import look
from workbook.cells import ERROR_CODES, ErrorValue, place_of
from workbook.formulas.ours import plain_formula
from workbook.refresh.decide import Grid

if TYPE_CHECKING:
    import xlwings


def grids_of(book: xlwings.Book) -> dict[str, Grid]:
    """Read the values of every sheet, each in one call."""
    return {sheet.name: values_of(sheet.used_range) for sheet in book.sheets}


def values_of(used: xlwings.Range) -> Grid:
    """Read the values of cells in one call, errors as their codes."""
    look()
    return _grid(used, cells_in(used))


def cells_in(place: Any) -> list[list[Any]]:
    """Give what the cells of a block show, in one call, errors as their codes."""
    return [[_code(cell) if is_error(cell) else cell for cell in row] for row in stored_in(place)]


def stored_in(place: Any) -> Sequence[Sequence[Any]]:
    """Give what the cells of a block hold, in one call, as a closed file stores it.

    xlwings reads `Value`, which rounds what looks like money to four decimals, makes dates of
    numbers that look like one, and gives newer errors, such as #SPILL!, as numbers. `Value2`
    gives what is stored.
    """
    return _rows(place.api.Value2)


def is_error(stored: Any) -> bool:
    """Tell whether a cell holds an error: those alone are whole numbers."""
    return type(stored) is int


def _code(number: int) -> Any:
    found = from_com(number)
    return found.code if isinstance(found, ErrorValue) else found


def _rows(found: Any) -> Sequence[Sequence[Any]]:
    """Give the rows of what Excel hands over, which of one cell is no table."""
    return found if isinstance(found, tuple | list) else [[found]]


def formulas_of(used: xlwings.Range) -> Grid:
    """Read the formulas of cells in one call."""
    look()
    return _grid(used, formulas_in(used))


def formulas_in(place: Any) -> Sequence[Sequence[Any]]:
    """Give the formulas of a block in one call, and of other cells what was entered."""
    return _rows(place.formula)


def _grid(used: xlwings.Range, rows: Sequence[Sequence[Any]]) -> Grid:
    top, left = used.row, used.column
    return {
        (top + i, left + j): value
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value is not None
    }


def source_of(book: xlwings.Book) -> Source:
    """Read formulas, values and names of an open workbook, a sheet in two calls.

    A sheet that is not there, as what stands before a mark in a formula may be none, holds nothing.
    """
    sheets = {sheet.name: sheet for sheet in book.sheets}

    @cache
    def formulas(sheet: str) -> Grid:
        return formulas_of(sheets[sheet].used_range) if sheet in sheets else {}

    @cache
    def values(sheet: str) -> Grid:
        return values_of(sheets[sheet].used_range) if sheet in sheets else {}

    def formula(sheet: str, address: str) -> str | None:
        place = place_of(address)
        text = str(formulas(sheet).get(place, ""))
        if not text.startswith("=") or text == values(sheet).get(place):
            return None  # a text that only looks like one, such as those of Explain
        return plain_formula(text.removeprefix("="))

    def value(sheet: str, address: str) -> Any:
        found = values(sheet).get(place_of(address))
        return ErrorValue(found) if found in ERROR_CODES else found

    def area(sheet: str, address: str) -> str | None:
        return filled_with(sheets[sheet].range(address).api) if sheet in sheets else None

    names = {}
    for name in book.names:
        scope, _, word = str(name.name).rpartition("!")
        names[scope.strip("'").replace("''", "'"), word] = str(name.refers_to)
    return Source(formula, value, values, names, area)
