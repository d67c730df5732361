"""Tables of a book out of ranges: the cells as the reader of a book takes them."""

from __future__ import annotations

from typing import Any, Final

from addin.boundary.cells import (
    is_rectangular,
    parse_number,
    refuse_error_or_blank,
    text_of,
)
from valuation_core.book import METRICS
from valuation_core.book.schema import TABLES
from valuation_core.errors import misfit
from workbook.cells import LAST_SERIAL, ErrorValue, day_of

_TYPED: Final = ("metric", "value")
"""Columns of which the first says what the second holds: a number or a date."""


def table_of(name: str, value: Any) -> list[list[Any]]:
    """Read a table of a book from a range, its header first: dates as dates, errors as their code.

    A wrong cell is told by whoever reads the table, with its row and column.
    """
    if not isinstance(value, list | tuple) or not is_rectangular(value):
        refuse_error_or_blank(name, value)
        raise misfit(name, "must be a range with its header row")
    headings = [text_of(cell).strip().casefold() if cell is not None else "" for cell in value[0]]
    columns = {column.name: column for column in TABLES[name].columns}
    dated = [getattr(columns.get(heading), "kind", "") == "date" for heading in headings]
    metric, stated = (headings.index(one) if one in headings else None for one in _TYPED)
    rows = [[_plain(cell) for cell in value[0]]]
    for row in value[1:]:
        if all(cell is None or cell == "" for cell in row):
            rows.append(list(row))  # most rows of a workbook are spare
            continue
        cells = [_plain(cell) for cell in row]
        for place, is_date in enumerate(dated):
            if is_date:
                cells[place] = _day(cells[place])
        if metric is not None and stated is not None:
            known = METRICS.get(str(cells[metric]).strip().casefold())
            if known is not None and known.unit == "date":
                cells[stated] = _day(cells[stated])
        rows.append(cells)
    return rows


def _plain(cell: Any) -> Any:
    """Give a cell as the reader of a book takes it."""
    if isinstance(cell, ErrorValue):
        return cell.code
    # A whole number beyond the floats is read as infinite, and refused by whoever reads the table.
    return parse_number(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _day(cell: Any) -> Any:
    """Give a serial number as the day it stands for; what is none is told by the reader."""
    if isinstance(cell, float) and 1 <= cell <= LAST_SERIAL and cell.is_integer():
        return day_of(cell)
    return cell
