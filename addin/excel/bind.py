"""Bind every function of the catalogue to Excel through xlwings' own decorators.

xlwings converts nothing here: cells arrive raw and pass our one boundary, because its converters
turn error cells into blanks and a failed function into text that looks like a value.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import xlwings

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.excel.addin_file.wizard import LONGEST_HELP, category, helps
from addin.excel.com import from_com, to_com
from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue


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
    for argument, text in zip(card.arguments, helps(card), strict=True):
        decorated = xlwings.arg(argument.name, "raw", doc=text)(decorated)
    decorated = xlwings.ret("raw")(decorated)
    # Each xlwings.arg resets the category, so func comes last.
    return xlwings.func(category=category(card))(decorated)  # type: ignore[no-any-return]


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
