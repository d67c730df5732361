"""Explain a native cell that is an output: by the function that gives the same figure."""

from __future__ import annotations

from math import isclose
from typing import Any, NamedTuple

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.closed.arguments import BOOK_FUNCTION, argument
from addin.closed.sheet_cells import At, Source
from valuation_core.catalogue.catalogue import card_named
from workbook.cells import NOT_AVAILABLE, ErrorValue
from workbook.errors import WorkbookError
from workbook.model.outputs import OUTPUTS, Output, stands_for
from workbook.model.sheets.facts.defined_names import legal_name

_NOTHING = "-"
_RELATIVE, _ABSOLUTE = 1e-9, 1e-9


class Named(NamedTuple):
    """An output of a miner, and the name of its cell."""

    name: str
    output: Output
    ticker: str

    @property
    def call(self) -> str:
        """The call that gives the figure, less that of what is taken off."""
        call, less = self.output.call(self.ticker), self.output.less
        return f"{call} less {OUTPUTS[less].call(self.ticker)}" if less else call


def output_at(source: Source, at: At) -> Named | None:
    """Tell which output a cell is, by its defined name and the miner above it."""
    for name in source.names_of(at):
        for output in OUTPUTS.values():
            for ticker in source.heads(at):
                if output.is_called(name, ticker):
                    return Named(name, output, ticker)
    return None


def explain_output(desk: Desk, source: Source, at: At, named: Named) -> list[list[Any]] | None:
    """Give the steps behind an output; None where the function cannot give that figure apart.

    Raises
    ------
    WorkbookError
        When the cell shows another figure than the function gives: steps to another figure would
        explain nothing.
    """
    steps = _steps(desk, source, at, named)
    if steps is None:
        return None
    shown, figure = source.value(*at), steps[-1][2]
    part = named.output.row or named.output.step
    if part and isinstance(figure, ErrorValue) and isinstance(shown, float):
        return None  # the whole lacks a fact that this part of it does without
    if not _agree(shown, figure):
        code = figure.code if isinstance(figure, ErrorValue) else figure
        held = shown.code if isinstance(shown, ErrorValue) else shown
        raise WorkbookError(
            f"{at} ({named.name}) shows {'nothing' if shown is None else held}, but "
            f"{named.call} gives {code} with the facts of this workbook: "
            "compute it in Excel (Ctrl+Alt+F9) and save, or see whether its formula was changed"
        )
    return steps


def _agree(shown: Any, figure: Any) -> bool:
    numbers = [
        isinstance(one, float | int) and not isinstance(one, bool) for one in (shown, figure)
    ]
    if all(numbers):
        return isclose(shown, figure, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    if shown == NOT_AVAILABLE:
        # The label of a figure that is not given by design, for which a function may count nothing.
        return isinstance(figure, ErrorValue) or figure == 0.0
    if isinstance(figure, ErrorValue):
        return isinstance(shown, ErrorValue) or shown == figure.code
    return bool(shown == figure)


def _steps(desk: Desk, source: Source, at: At, named: Named) -> list[list[Any]] | None:
    name, output, ticker = named
    cells = _arguments(desk, source, at, output, ticker)
    steps = call(desk, "HPC_EXPLAIN", [output.function, *cells])
    if isinstance(steps, ErrorValue):
        raise WorkbookError(f"{at}: {steps.reason or steps.code}")
    if isinstance(steps[-1][2], ErrorValue) and not output.less:
        return steps  # type: ignore[no-any-return]
    if output.step:
        place = next((i for i, row in enumerate(steps) if row[0] == output.step), None)
        return None if place is None else steps[: place + 1]
    if output.row:
        table = call(desk, output.function, cells)
        row = next(row for row in table if row[0] == output.row)
        figure = next(cell for cell in row[1:] if isinstance(cell, float | ErrorValue))
        said = f"{output.row}, in the table of {output.function}"
        steps.append(_row(name, said, figure, source.unit(at)))
    if output.less:
        return _less(desk, source, at, named, steps)
    return steps  # type: ignore[no-any-return]


def _less(
    desk: Desk, source: Source, at: At, named: Named, steps: list[list[Any]]
) -> list[list[Any]]:
    """Add the steps of the output that is taken off, and the difference."""
    other = OUTPUTS[named.output.less]
    more = _steps(desk, source, at, Named(other.name, other, named.ticker)) or []
    figures = [rows[-1][2] for rows in (steps, more)]
    failed = next((one for one in figures if isinstance(one, ErrorValue)), None)
    difference = figures[0] - figures[1] if failed is None else failed
    said = f"{steps[-1][0]} less {other.name.replace('_', ' ')}"
    return [*steps, *more[1:], _row(named.name, said, difference, source.unit(at))]


def _row(step: str, formula: str, value: Any, unit: str) -> list[Any]:
    return [step, formula, value, unit, "calculation", _NOTHING, _NOTHING]


def _arguments(desk: Desk, source: Source, at: At, output: Output, ticker: str) -> list[Any]:
    given: dict[str, Any] = {"miner": ticker, **dict(output.arguments)}
    given["book"] = argument(desk, source, at.sheet, _book_of(source, at, output.book))
    for name, other in output.cells:
        given[name] = source.value(*_cell_of(source, at, OUTPUTS[other], ticker))
    return [given.get(one.name, OMITTED) for one in card_named(output.function).arguments]


def _book_of(source: Source, at: At, usual: str) -> str:
    """Give the name of our book: another than usual where the analyst has one of that name."""
    found = []
    for scope, name in source.names:
        if scope.casefold() in ("", at.sheet.casefold()) and stands_for(name, usual):
            cell = source.cell_named(at.sheet, name)
            if cell and (source.formula(*cell) or "").upper().startswith(BOOK_FUNCTION):
                found.append(name)
    if not found:
        raise WorkbookError(
            f"{at} needs the name {usual} of an HPC_BOOK cell, which the workbook no longer has: "
            "build or attach the model again"
        )
    return max(found, key=len)


def _cell_of(source: Source, at: At, output: Output, ticker: str) -> At:
    """Give the cell of another output of a miner."""
    for scope, name in source.names:
        if scope.casefold() in ("", at.sheet.casefold()) and output.is_called(name, ticker):
            found = source.cell_named(at.sheet, name)
            if found is not None:
                return found
    raise WorkbookError(
        f"{at} needs the name {legal_name(ticker, output.name)}, which the workbook no longer has: "
        "build or attach the model again"
    )
