"""The one boundary of all hosts: call a worksheet function with cells, get cells back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any, Final

import numpy as np

from addin.boundary.cells import OMITTED, as_rows, axis_of, error_value, single, spoilt, to_argument
from addin.boundary.desk import Desk
from addin.boundary.tables import table_of
from valuation_core.book import Book
from valuation_core.catalogue.cards import Argument, Card, Kind
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import ValuationError, domain, misfit, unknown
from valuation_core.evaluation.arrays import (
    LARGEST_RESULT,
    Elements,
    Fault,
    common_shape,
    index_within,
)
from valuation_core.evaluation.elementwise import Elementwise
from valuation_core.result import ResultTable
from valuation_core.units import Takes
from workbook.cells import ErrorValue, cut, serial_of

NOTHING: Final = "-"
"""Shown in a table where a step has nothing to say: never an empty string."""

_FROM_NUMBERS: Final = (Takes.NUMBER, Takes.NUMBER_OR_TEXT)

_log = logging.getLogger(__name__)


def call(
    desk: Desk, name: str, cells: Sequence[Any], dates: Callable[[date], Any] = serial_of
) -> Any:
    """Call a worksheet function by name.

    Parameters
    ----------
    desk : Desk
        The session's facts and handles.
    name : str
        Name of the function, in any case.
    cells : sequence
        One entry per argument: a cell, rows of cells, or OMITTED.
    dates : callable, optional
        How a date is given back. Default: as its serial number, as a spreadsheet does.

    Returns
    -------
    float, str, ErrorValue or list of rows of these
        What the cells show. Nothing is raised: a failure is an `ErrorValue` with its reason.

    Examples
    --------
    >>> call(Desk(), "HPC_VALUE", ["RIOT", 0.5, 600.0])
    1845.0
    >>> call(Desk(), "HPC_VALUE", ["RIOT", [[0.5, 1.7]], 600.0])[0][1].reason
    'prob must be between 0 and 1, got 1.7'
    """
    try:
        return _render(desk, _evaluate(desk, name, cells), dates)
    except ValuationError as error:
        return error_value(error)
    except Exception as error:  # a defect of ours must not reach a cell as anything but an error
        _log.exception("%s failed", name)
        return ErrorValue("#VALUE!", f"internal error: {type(error).__name__}: {error}")


def _evaluate(desk: Desk, name: str, cells: Sequence[Any]) -> Any:
    card = catalogue().get(name.strip().upper())
    if card is None:
        raise unknown("function", name, list(catalogue()))
    if card.arguments and card.arguments[-1].repeats:
        return _explain(desk, card, cells)
    arguments = _plain_arguments(card, cells)
    if arguments is not None:
        function: Elementwise[Any, Any] = card.function  # type: ignore[assignment]
        return function.evaluate({"book": desk.default_book, **arguments})
    arguments = arguments_of(desk, card, cells)
    tables = {"tables": desk.tables} if card.reads_tables else {}
    if any(argument.name == "book" for argument in card.arguments):
        arguments.setdefault("book", desk.default_book)
    if not isinstance(card.function, Elementwise):
        return card.function(**arguments, **tables)
    if isinstance(arguments["book"], Elements):
        return _over_books(desk, card.function, arguments)
    return card.function.evaluate(arguments)


def _plain_arguments(card: Card, cells: Sequence[Any]) -> dict[str, Any] | None:
    """Give the arguments where nothing needs reading: numbers for numbers, words for texts.

    Nearly every cell of a model is such a call; for anything else the answer is None.
    """
    declared = card.arguments
    if card.kind is not Kind.ELEMENTWISE or len(cells) > len(declared):
        return None
    found = {}
    for argument, cell in zip(declared, cells, strict=False):
        if cell is OMITTED:
            if argument.required:
                return None
            continue
        takes, kind = argument.unit.takes, type(cell)
        if not (
            (kind is float and takes in _FROM_NUMBERS)
            or (kind is str and takes is Takes.TEXT and cell and not cell.isspace())
        ):
            return None
        found[argument.name] = cell
    if len(cells) < len(declared) and declared[len(cells)].required:
        return None
    return found


def arguments_of(desk: Desk, card: Card, cells: Sequence[Any]) -> dict[str, Any]:
    """Turn cells into the named arguments of a function; omitted ones are left out."""
    if len(cells) > len(card.arguments):
        raise misfit("arguments", f"must be {len(card.arguments)} or fewer", len(cells))
    padded = [*cells, *[OMITTED] * (len(card.arguments) - len(cells))]
    for argument, cell in zip(card.arguments, padded, strict=True):
        if cell is OMITTED and argument.required:
            raise misfit(argument.name, "must be given")
    given = [pair for pair in zip(card.arguments, padded, strict=True) if pair[1] is not OMITTED]
    # An argument that is itself an error comes before whatever else is wrong.
    given.sort(key=lambda pair: not isinstance(single(pair[1]), ErrorValue))
    ranges = card.kind is Kind.ELEMENTWISE and any(
        as_rows(single(cell)) is not None for _, cell in given
    )
    found = {
        argument.name: _argument(desk, card, argument, cell, ranges) for argument, cell in given
    }
    return {
        argument.name: found[argument.name] for argument in card.arguments if argument.name in found
    }


def _argument(desk: Desk, card: Card, argument: Argument, cell: Any, ranges: bool) -> Any:
    """Turn one cell or range into an argument.

    Beside a range, a single cell that is no argument spoils every element but says so for each, so
    that an element which is itself an error can still be that error.
    """
    try:
        if argument.unit.takes is Takes.TABLE:
            return table_of(argument.name, single(cell))
        value = to_argument(argument, cell)
        if argument.unit.takes is Takes.AXIS:
            return axis_of(value)
        if isinstance(value, Elements) and card.kind is not Kind.ELEMENTWISE:
            raise misfit(argument.name, "must be a single cell, not a range")
        if argument.unit.takes is Takes.BOOK and not isinstance(value, Elements):
            return desk.resolve(value)
    except ValuationError as error:
        if not ranges or as_rows(single(cell)) is not None:
            raise
        return spoilt(argument, error)
    return value


def _explain(desk: Desk, card: Card, cells: Sequence[Any]) -> Any:
    """Call HPC_EXPLAIN: its arguments are read as those of the function it explains."""
    if not cells or cells[0] is OMITTED:
        raise misfit(card.arguments[0].name, "must be given")
    name = to_argument(card.arguments[0], cells[0])
    if isinstance(name, Elements):
        raise misfit(card.arguments[0].name, "must be a single cell, not a range")
    explained = catalogue().get(name.strip().upper())
    if explained is None or explained is card:
        # An unknown function, or this one: the core says so.
        return card.function(name, tables=desk.tables)
    try:
        arguments: Mapping[str, Any] = arguments_of(desk, explained, cells[1:])
    except ValuationError as error:
        return card.function(name, error, tables=desk.tables)
    if isinstance(explained.function, Elementwise):
        arguments = {"book": desk.default_book, **arguments}
    ordered = [arguments.get(argument.name) for argument in explained.arguments]
    return card.function(name, *ordered, tables=desk.tables)


def _over_books(desk: Desk, function: Elementwise[Any, Any], arguments: dict[str, Any]) -> Elements:
    """Evaluate a range of handles: once per distinct book, each for its own elements."""
    handles: Elements = arguments.pop("book")
    ranges = [value for value in arguments.values() if isinstance(value, Elements)]
    shape = common_shape([part.values.shape for part in (*ranges, handles)])
    faults = [fault for part in ranges for fault in part.faults if fault.inherited]
    faults += handles.faults
    values: Any = np.full(shape, np.nan)
    books: dict[str, Book] = {}
    for handle in sorted({handle for handle in handles.values.flat if handle is not None}):
        try:
            books[handle] = desk.resolve(handle)
        except ValuationError as error:
            own = _equal(handles, handle)
            faults.append(Fault(own, lambda _, error=error: error))  # type: ignore[misc]
    if len(books) * values.size > LARGEST_RESULT:
        raise domain("book", "names too many different books in one call", len(books))
    for handle, book in books.items():
        own = _equal(handles, handle)
        try:
            result = function.evaluate({**arguments, "book": book})
        except ValuationError as error:
            faults.append(Fault(own, lambda _, error=error: error))  # type: ignore[misc]
            continue
        part = result if isinstance(result, Elements) else _single_element(result)
        values = np.where(own, part.values, values)
        faults += [_fault_within(part, fault, own) for fault in part.faults]
    faults.sort(key=lambda fault: not fault.inherited)
    return Elements(values, tuple(faults))


def _equal(texts: Elements, text: str) -> Any:
    """Compare as Python does: NumPy's own texts lose a NUL at their end."""
    return texts.values == np.asarray(text, dtype=object)


def _single_element(result: Any) -> Elements:
    return Elements(np.asarray(result, dtype=object if isinstance(result, str | date) else None))


def _fault_within(part: Elements, fault: Fault, own: Any) -> Fault:
    shape = part.values.shape
    where = fault.where & own
    return Fault(where, lambda at: fault.error_at(index_within(at, shape)), fault.inherited)


def _render(desk: Desk, result: Any, dates: Callable[[date], Any] = serial_of) -> Any:
    if isinstance(result, Elements):
        return _render_elements(result, dates)
    if isinstance(result, ResultTable):
        rows = (result.header, *result.rows)
        return [[_render_cell(desk, cell, dates) for cell in row] for row in rows]
    return _render_cell(desk, result, dates)


def _render_elements(result: Elements, dates: Callable[[date], Any]) -> Any:
    rows: list[list[Any]] = result.values.tolist()
    if result.values.dtype == object:
        rows = [[_plain(cell, dates) for cell in row] for row in rows]
    shown: dict[int, tuple[ValuationError, ErrorValue]] = {}
    for (i, j), error in result.errors():
        # Equal cells share their error; kept with its value, its id is not used again.
        if id(error) not in shown:
            shown[id(error)] = error, error_value(error)
        rows[i][j] = shown[id(error)][1]
    if result.values.dtype != object:
        for i, j in np.argwhere(~np.isfinite(result.values) & ~result.failed).tolist():
            rows[i][j] = _plain(rows[i][j], dates)
    return rows


def _render_cell(desk: Desk, value: Any, dates: Callable[[date], Any]) -> Any:
    if isinstance(value, ValuationError):
        return error_value(value)
    if isinstance(value, Book):
        return desk.publish(value)
    return NOTHING if value is None or value == "" else _plain(value, dates)


def _plain(value: Any, dates: Callable[[date], Any]) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(value, float) and not isfinite(value):
        # The core says so with a better reason; this holds whatever it may have missed.
        return error_value(domain("result", "is not a finite number", value))
    if isinstance(value, date):
        return dates(value)
    return cut(value) if isinstance(value, str) else value
