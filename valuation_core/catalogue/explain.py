"""The steps behind a worksheet function, every one down to the sourced fact."""

from __future__ import annotations

import inspect
from typing import Any, Final

from valuation_core.book.tables import Tables
from valuation_core.catalogue.cards import Card
from valuation_core.errors import ValuationError, misfit
from valuation_core.evaluation.elementwise import Elementwise
from valuation_core.evaluation.evaluation import Evaluation, Step
from valuation_core.result import ResultTable

HEADER: Final = ("step", "formula", "value", "unit", "source", "as of", "confidence")


def steps_of(card: Card, arguments: tuple[Any, ...], tables: Tables | None = None) -> list[Step]:
    """Give the steps of a function for arguments in its order; the last one holds the result.

    Raises
    ------
    ValuationError
        When there is no result: an argument is itself an error, or breaks a rule.
    """
    named = _named(card, arguments)
    function: Any = card.function
    if isinstance(function, Elementwise):
        return function.explain(named)
    if "evaluation" in inspect.signature(function).parameters:
        steps: list[Step] = []
        function(**named, evaluation=Evaluation(steps=steps))
        return steps
    result = function(**named, **({"tables": tables} if card.reads_tables else {}))
    if isinstance(result, ResultTable):
        result = f"a table of {len(result.rows)} rows"
    return [
        *(Step(name, "given", str(value), source="argument") for name, value in named.items()),
        Step("result", "made from the facts of the book", result),
    ]


def _named(card: Card, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Give the arguments that are there by name."""
    for argument in arguments:
        if isinstance(argument, ValuationError):
            raise argument
    if len(arguments) > len(card.arguments):
        raise misfit("arguments", f"must be {len(card.arguments)} or fewer", len(arguments))
    named = {
        argument.name: value
        for argument, value in zip(card.arguments, arguments, strict=False)
        if value is not None
    }
    for argument in card.arguments:
        if argument.required and argument.name not in named:
            raise misfit(argument.name, "must be given")
    return named
