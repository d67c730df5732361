"""Values and tables of the core as a person is shown them."""

from __future__ import annotations

from typing import Any

from addin.boundary.call import NOTHING
from addin.boundary.cells import error_value
from valuation_core.errors import ValuationError
from valuation_core.result import ResultTable


def cells(table: ResultTable) -> list[list[Any]]:
    """Give a table of the core as the rows that a command shows."""
    return [[*table.header], *([cell(one) for one in row] for row in table.rows)]


def cell(value: Any) -> Any:
    """Give a value of the core as a command shows it: an error with its reason, a dash for none."""
    if isinstance(value, ValuationError):
        return error_value(value)
    return NOTHING if value is None or value == "" else value
