"""The cells of a workbook that is open in Excel, read through xlwings: a sheet in few calls."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from addin.closed.sheet_cells import Source
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
    return _grid(used, used.options(ndim=2, err_to_str=True).value)


def formulas_of(used: xlwings.Range) -> Grid:
    """Read the formulas of cells in one call."""
    look()
    found = used.formula
    return _grid(used, [[found]] if isinstance(found, str) else found)


def _grid(used: xlwings.Range, rows: Sequence[Sequence[Any]]) -> Grid:
    top, left = used.row, used.column
    return {
        (top + i, left + j): float(value) if isinstance(value, Decimal) else value
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value is not None
    }


def source_of(book: xlwings.Book) -> Source:
    """Read formulas, values and names of an open workbook, a sheet in two calls."""

    @cache
    def formulas(sheet: str) -> Grid:
        return formulas_of(book.sheets[sheet].used_range)

    @cache
    def values(sheet: str) -> Grid:
        return values_of(book.sheets[sheet].used_range)

    def formula(sheet: str, address: str) -> str | None:
        text = str(formulas(sheet).get(place_of(address), ""))
        return plain_formula(text.removeprefix("=")) if text.startswith("=") else None

    def value(sheet: str, address: str) -> Any:
        found = values(sheet).get(place_of(address))
        return ErrorValue(found) if found in ERROR_CODES else found

    def area(sheet: str, address: str) -> str | None:
        return filled_with(book.sheets[sheet].range(address).api)

    names = {}
    for name in book.names:
        scope, _, word = str(name.name).rpartition("!")
        names[scope.strip("'").replace("''", "'"), word] = str(name.refers_to)
    return Source(formula, value, values, names, area)
