"""Cells as COM carries them, to and from the neutral form of the boundary."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from addin.boundary.call import NOTHING
from addin.boundary.cells import OMITTED, NumberRows, parse_number
from workbook.cells import ErrorValue

COM_ERRORS: Final = {
    -2146826288: "#NULL!",
    -2146826281: "#DIV/0!",
    -2146826273: "#VALUE!",
    -2146826265: "#REF!",
    -2146826259: "#NAME?",
    -2146826252: "#NUM!",
    -2146826246: "#N/A",
    -2146826245: "#GETTING_DATA",
    -2146826243: "#SPILL!",
    -2146826238: "#CALC!",
}
"""Error cells as COM hands them over."""

NUMBER_OF_ERROR: Final = {code: number for number, code in COM_ERRORS.items()}

_COM_ERRORS: Final = range(-2146828288, -2146762752)
"""0x800A0000 to 0x800AFFFF: where the codes of Excel's error cells lie, present and future.

A cell never holds a whole number as COM sees it. A macro may pass one: outside this it is a number.
"""

MISSING: Final = -2147352572
"""DISP_E_PARAMNOTFOUND: an omitted argument; inside an array, which a macro can make, an error."""

OMITTED_NUMBER: Final = -2146827840
"""CVErr(448), by which the shim says that an argument was left out; no cell can hold it."""

_PLAIN: Final = {float, str, bool, type(None)}
"""Types of cells that are the same to COM and to us."""

ERROR_MARK: Final = "\x01"
"""Begins the text that stands for an error, so that no text of a cell is taken for one."""


NO_ANSWER: Final = (
    "Excel does not answer: finish the cell that is being typed into, close its dialogs, and try "
    "again; nothing was changed"
)


def is_of_excel(error: Exception) -> bool:
    """Tell whether an error is of Excel, or of the way to it: one that is busy refuses calls."""
    windows: Any = sys.modules.get("pywintypes")
    return windows is not None and isinstance(error, windows.com_error)


def is_missing(value: Any) -> bool:
    """Tell whether a value is an omitted argument."""
    return type(value) is int and value in (MISSING, OMITTED_NUMBER)


def from_com(value: Any) -> Any:
    """Bring a COM value to the neutral form of cells.

    Excel hands one row over as an array of one dimension where it is written out ({1,2,3}) or
    computed; from a sheet it has two.

    Examples
    --------
    >>> from_com(-2146826246).code, from_com((0.5, -5)), from_com(((0.5,), (None,)))
    ('#N/A', [[0.5, -5.0]], ((0.5,), (None,)))
    """
    if not isinstance(value, tuple | list):
        return _cell(value)
    kinds = set(map(type, value))
    if not kinds & {tuple, list}:
        return [[_cell(cell) for cell in value]] if value else ErrorValue("#VALUE!")
    if not kinds <= {tuple, list}:
        return ErrorValue("#VALUE!")
    kinds_of_cells = set(map(type, chain.from_iterable(value)))
    if kinds_of_cells == {float}:
        return NumberRows(value)
    if kinds_of_cells <= _PLAIN:
        return value
    return [[_cell(cell) for cell in row] for row in value]


def _cell(value: Any) -> Any:
    if type(value) is int:
        if value in _COM_ERRORS or is_missing(value):
            return ErrorValue(COM_ERRORS.get(value, "#VALUE!"))
        return parse_number(value)
    known = type(value) in _PLAIN or value is OMITTED or isinstance(value, date | Decimal)
    return value if known else ErrorValue("#VALUE!")


def to_com(value: Any) -> Any:
    r"""Bring a result to COM; an error goes as marked text, which the VBA shim turns into CVErr.

    A table goes as a list of rows, which pywin32 makes an array of two dimensions; of a tuple it
    would hand over the first row alone.

    Examples
    --------
    >>> to_com([[1.5, ErrorValue("#N/A")]])
    [[1.5, '\x01#N/A']]
    """
    if isinstance(value, list):
        return [[_marked(cell) for cell in row] for row in value]
    return _marked(value)


def _marked(value: Any) -> Any:
    if isinstance(value, ErrorValue):
        return ERROR_MARK + value.code
    return (value.lstrip(ERROR_MARK) or NOTHING) if isinstance(value, str) else value
