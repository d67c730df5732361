"""Cells as COM hands them over, and results as COM takes them back.

COM cannot return an error value from Python, so an error goes as a marked text, which the VBA shim
turns into a true error cell.
"""

from __future__ import annotations

from typing import Any, Final

from addin.cells import OMITTED, ErrorValue

CLASS_ID: Final = "{b4f0a9d2-7c1e-4d5b-9a63-2f8e51c7d0a4}"
"""Class of our server, ours alone, so that other xlwings add-ins of a desk are not touched."""

ERROR_MARK: Final = "\x01"
"""First character of a text that stands for an error; no text of ours begins with it."""

NUMBER_OF_ERROR: Final = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#GETTING_DATA": -2146826245,
    "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}
"""Error cells as COM hands them over: whole numbers, which Excel never sends for a number."""

ERROR_OF_NUMBER: Final = {number: code for code, number in NUMBER_OF_ERROR.items()}

ERROR_NUMBERS: Final = range(-2146828288, -2146762752)
"""0x800A0000 to 0x800AFFFF: every error that VBA can make, those of cells among them."""

OMITTED_NUMBER: Final = -2146827840
"""CVErr(448), by which the shim says that an argument was left out; no cell can hold it."""

MISSING_NUMBER: Final = -2147352572
"""DISP_E_PARAMNOTFOUND, by which COM itself says so."""


def from_com(value: Any) -> Any:
    """Bring a COM value to the neutral form of cells.

    Examples
    --------
    >>> from_com(((0.5, None), (-2146826246, "x")))
    [[0.5, None], [ErrorValue(code='#N/A', reason=''), 'x']]
    >>> from_com(-5), from_com(OMITTED_NUMBER)
    (-5.0, <_Omitted.OMITTED: 'omitted'>)
    """
    if isinstance(value, tuple | list):
        if not _holds_whole_numbers(value):
            return value
        return [
            [_cell(cell) for cell in row] if isinstance(row, tuple | list) else row for row in value
        ]
    return _cell(value)


def _holds_whole_numbers(rows: Any) -> bool:
    """Whether a range needs a second look; the types of a million cells are read at C speed."""
    kinds: set[type] = set()
    for row in rows:
        kinds.update(map(type, row) if isinstance(row, tuple | list) else (int,))
    return int in kinds


def _cell(value: Any) -> Any:
    if type(value) is not int:
        return value
    if value in (OMITTED_NUMBER, MISSING_NUMBER):
        return OMITTED
    if value in ERROR_NUMBERS:
        return ErrorValue(ERROR_OF_NUMBER.get(value, "#VALUE!"))
    return float(value)


def to_com(value: Any) -> Any:
    r"""Bring a result to COM; an error goes as its marked code.

    Examples
    --------
    >>> to_com([[1.0, ErrorValue("#NUM!", "no solution")]])
    [[1.0, '\x01#NUM!']]
    """
    if isinstance(value, list):
        return [[_marked(cell) for cell in row] for row in value]
    return _marked(value)


def _marked(value: Any) -> Any:
    if isinstance(value, ErrorValue):
        return ERROR_MARK + value.code
    if isinstance(value, str):
        return value.lstrip(ERROR_MARK) or "-"
    return value
