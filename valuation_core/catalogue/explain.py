"""Explain a worksheet function: every step down to the sourced fact, or why there is no result."""

from __future__ import annotations

import inspect
from typing import Any, Final

from valuation_core.book.tables import Tables
from valuation_core.errors import ValuationError, misfit, unknown
from valuation_core.evaluation.elementwise import Elementwise, Run, Step
from valuation_core.result import ResultTable
from valuation_core.units import Arguments, Keyword, Spill

HEADER: Final = ("step", "formula", "value", "unit", "source", "as of", "confidence")


def explain(function: Keyword, *arguments: Arguments, tables: Tables | None = None) -> Spill:
    """Steps behind a result, with value, unit, source, date and confidence of each.

    Parameters
    ----------
    function : str
        Name of a worksheet function, such as "HPC_VALUE".
    *arguments
        The arguments of that function, in its order; single values only.
    tables : mapping, optional
        Tables to read in place of the shipped ones.

    Returns
    -------
    ResultTable
        One row a step; the last one holds the result, or the reason why there is none.

    Notes
    -----
    The steps are noted while the function itself runs, so the last value is its result bit for bit.

    Examples
    --------
    >>> for step, formula, value, *_ in explain("HPC_VALUE", "RIOT", 0.5, 1000).rows:
    ...     print(f"{step}: {formula} = {value}")
    prob: given = 0.5
    mw: given = 1000.0
    colo_value_mid: fact of ALL = 6.15
    tenant_cap: fact of ALL = 800.0
    MW capped: smaller of MW and cap = 800.0
    option value: probability x MW capped x value per MW = 2460.0
    """
    from valuation_core.catalogue.catalogue import card_named, catalogue

    if not isinstance(function, str):
        raise misfit("function", "must be the name of a function", function)
    name = function.strip().upper()
    if name not in catalogue():
        raise unknown("function", function, list(catalogue()))
    card = card_named(name)
    if card.function is explain:
        raise misfit("function", "must be another one than HPC_EXPLAIN")
    try:
        for argument in arguments:
            if isinstance(argument, ValuationError):
                raise argument
        steps = _steps(card.function, card.arguments, arguments, tables, card.reads_tables)
    except ValuationError as error:
        steps = [Step("no result", error.reason, error)]
    return ResultTable(HEADER, tuple(tuple(step) for step in steps))


def _steps(
    function: Any,
    declared: Any,
    arguments: tuple[Any, ...],
    tables: Tables | None,
    reads_tables: bool,
) -> list[Step]:
    if len(arguments) > len(declared):
        raise misfit("arguments", f"must be {len(declared)} or fewer", len(arguments))
    named = {
        argument.name: value
        for argument, value in zip(declared, arguments, strict=False)
        if value is not None
    }
    for argument in declared:
        if argument.required and argument.name not in named:
            raise misfit(argument.name, "must be given")
    if isinstance(function, Elementwise):
        return function.explain(named)
    if "run" in inspect.signature(function).parameters:
        run = Run(steps=[])
        function(**named, run=run)
        return run.steps or []
    result = function(**named, **({"tables": tables} if reads_tables else {}))
    if isinstance(result, ResultTable):
        result = f"a table of {len(result.rows)} rows"
    return [
        *(Step(name, "given", str(value), source="argument") for name, value in named.items()),
        Step("result", "made from the facts of the book", result),
    ]
