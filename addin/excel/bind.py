"""Bind every function of the catalogue to Excel through xlwings' own decorators.

xlwings converts nothing here: cells arrive raw and pass our one boundary, because its converters
turn error cells into blanks and a failed function into text that looks like a value.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

import xlwings

from addin.call import call
from addin.cells import OMITTED, ErrorValue
from addin.desk import Desk
from valuation_core.catalog import catalogue
from valuation_core.describe import Card

LONGEST_HELP: Final = 255
"""Excel cuts texts of the function wizard here."""

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
"""Error cells as COM hands them over: whole numbers, which Excel never sends for a number."""


def bind(desk: Desk) -> dict[str, Callable[..., Any]]:
    """Give the bound worksheet functions by name.

    Raises
    ------
    RuntimeError
        Where xlwings has no Excel: its decorators do nothing there, and nothing would be bound.
    """
    bound = {card.name: _bound(desk, card) for card in catalogue().values()}
    if not all(hasattr(function, "__xlfunc__") for function in bound.values()):
        raise RuntimeError("xlwings binds functions on Windows with pywin32 only")
    return bound


def _bound(desk: Desk, card: Card) -> Callable[..., Any]:
    def function(*cells: Any) -> Any:
        return to_com(call(desk, card.name, [from_com(cell) for cell in cells]))

    function.__name__ = function.__qualname__ = card.name
    function.__doc__ = card.summary[:LONGEST_HELP]
    function.__annotations__ = {}
    function.__signature__ = _bare_signature(card)  # type: ignore[attr-defined]
    decorated: Any = function
    for argument in card.arguments:
        text = (argument.help or card.summary)[:LONGEST_HELP]
        decorated = xlwings.arg(argument.name, "raw", doc=text)(decorated)
    decorated = xlwings.ret("raw")(decorated)
    # Each xlwings.arg resets the category, so func comes last.
    return xlwings.func(category=f"HPC: {card.group}")(decorated)  # type: ignore[no-any-return]


def _bare_signature(card: Card) -> inspect.Signature:
    """Give the arguments without annotations; an omitted one arrives as OMITTED."""
    return inspect.Signature(
        [
            inspect.Parameter(argument.name, inspect.Parameter.VAR_POSITIONAL)
            if argument.repeats
            else inspect.Parameter(
                argument.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if argument.required else OMITTED,
            )
            for argument in card.arguments
        ]
    )


def from_com(value: Any) -> Any:
    """Bring a COM value to the neutral form of cells."""
    if isinstance(value, tuple | list):
        return [[_cell(cell) for cell in row] for row in value]
    return _cell(value)


def _cell(value: Any) -> Any:
    if type(value) is int:
        return ErrorValue(COM_ERRORS.get(value, "#VALUE!")) if value < 0 else float(value)
    return value


def to_com(value: Any) -> Any:
    """Bring a result to COM; an error goes as its code, which the VBA shim turns into CVErr."""
    if isinstance(value, list):
        return [[_code(cell) for cell in row] for row in value]
    return _code(value)


def _code(value: Any) -> Any:
    return value.code if isinstance(value, ErrorValue) else value
