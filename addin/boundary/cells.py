"""Cell values in, core arguments out: numbers, text, blanks, errors and ranges.

Hosts hand cells over in one neutral form: float, int, bool, str, date, None for a blank cell,
`ErrorValue` for an error cell, `OMITTED` for an argument left out, and rows of these for a range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import chain
from math import nan
from typing import Any, Final, TypeAlias

import numpy as np

from valuation_core.book import METRICS
from valuation_core.book.own import OwnRow
from valuation_core.book.parse import parse_date
from valuation_core.catalogue.cards import Argument
from valuation_core.errors import ErrorKind, ValuationError, domain, misfit, missing
from valuation_core.evaluation.arrays import Array, Elements, Fault, index_within
from valuation_core.units import Takes
from workbook.cells import CODE_OF_KIND, LAST_SERIAL, ErrorValue, day_of, serial_of

Rows: TypeAlias = Sequence[Sequence[Any]]


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED: Final = _Omitted.OMITTED
"""An argument left out of the formula: it takes its default. A blank cell is not an omission."""

_NUMERIC_TEXT: Final = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)", re.ASCII
)

NUMERIC: Final = (Takes.NUMBER, Takes.AXIS)

FACT_COLUMNS: Final = ("scope", "metric", "value")
NEEDED_COLUMNS: Final = "three or four columns: scope, metric, value and, where not gross, basis"


class NumberRows(tuple[Any, ...]):
    """Rows of a range in which a host has found floats alone: they are not looked at again."""

    __slots__ = ()


class InheritedError(ValuationError):
    """An argument is itself an error cell; the result is that same error."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(ErrorKind.MISSING, name, f"is the error {code}", None, f"{name} is {code}")
        self.code = code


def error_value(error: ValuationError) -> ErrorValue:
    """Give the error cell of a reason."""
    code = error.code if isinstance(error, InheritedError) else CODE_OF_KIND[error.kind]
    return ErrorValue(code, error.reason)


def as_rows(value: Any) -> Rows | None:
    """Give a range as rows, or None for a single cell; a 1 x 1 range is a single cell."""
    if not isinstance(value, list | tuple):
        return None
    if not value or not isinstance(value[0], list | tuple):
        return [value]
    return value


def single(value: Any) -> Any:
    """Open a 1 x 1 range; other values pass."""
    rows = as_rows(value)
    return rows[0][0] if rows is not None and len(rows) == 1 and len(rows[0]) == 1 else value


def to_argument(argument: Argument, value: Any) -> Any:
    """Turn a cell or a range into what the core takes: a scalar, or `Elements` for a range.

    Raises
    ------
    ValuationError
        When a single cell does not hold what the argument takes.
    """
    value = single(value)
    rows = as_rows(value)
    if argument.unit.takes is Takes.FACTS:
        return facts_of(argument.name, value if rows is None else rows)
    if rows is None:
        return _scalar(argument, value)
    if not is_rectangular(rows):
        raise misfit(argument.name, "must be a range with rows of equal length")
    if argument.unit.takes in NUMERIC:
        return _numbers(argument, rows)
    return _mixed(argument, rows)


def spoilt(argument: Argument, error: ValuationError) -> Elements:
    """Give an argument of one element that failed, for use beside ranges."""
    empty: Any = nan if argument.unit.takes is Takes.NUMBER else None
    values = np.full((1, 1), empty, dtype=np.float64 if empty is nan else object)
    fault = Fault(np.ones((1, 1), dtype=bool), lambda _: error, isinstance(error, InheritedError))
    return Elements(values, (fault,))


def _scalar(argument: Argument, value: Any) -> Any:
    refuse_error_or_blank(argument.name, value)
    takes = argument.unit.takes
    if takes in NUMERIC:
        return number_of(argument.name, value)
    if takes is Takes.DATE:
        return date_of(argument.name, value)
    if takes is Takes.NUMBER_OR_TEXT:
        number = parse_number(value)
        return str(value).strip() if number is None else number
    return text_of(value)


def axis_of(value: Any) -> Array:
    """Give a range as one axis of numbers; a cell that is none spoils the whole."""
    if not isinstance(value, Elements):
        return np.array([value])
    for _, error in value.errors():
        raise error
    return value.values.ravel()


def is_rectangular(rows: Rows) -> bool:
    """Whether rows are rows of single cells, as many in each."""
    return (
        all(isinstance(row, list | tuple) for row in rows)
        and len({len(row) for row in rows}) == 1
        and len(rows[0]) > 0
    )


def refuse_error_or_blank(name: str, value: Any) -> None:
    """Refuse a cell that is an error, as that error, and one that is blank."""
    if isinstance(value, ErrorValue):
        raise InheritedError(name, value.code)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise missing(name, "is a blank cell")


def _numbers(argument: Argument, rows: Rows) -> Elements:
    """Convert a range of numbers: at the speed of np.array where every cell is a number."""
    # Asked for its own type, NumPy would pad every cell to the longest text among them.
    known = isinstance(rows, NumberRows)
    if known or set(map(type, chain.from_iterable(rows))) <= {float, bool}:
        return Elements(np.array(rows, dtype=np.float64))
    return _mixed(argument, rows)


def _mixed(argument: Argument, rows: Rows) -> Elements:
    """Convert a range cell by cell; each bad cell becomes a fault of its own."""
    shape = (len(rows), len(rows[0]))
    numeric = argument.unit.takes in NUMERIC
    values: Array = np.full(shape, nan) if numeric else np.full(shape, None, dtype=object)
    errors: dict[tuple[int, int], ValuationError] = {}
    seen: dict[Any, Any] = {}
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if numeric and type(cell) is float:
                values[i, j] = cell
                continue
            # Equal cells are read once; 1 and TRUE are equal to Python but not to a sheet.
            key = (type(cell), id(cell) if isinstance(cell, list) else cell)
            if key not in seen:
                seen[key] = _read(argument, cell)
            if isinstance(seen[key], ValuationError):
                errors[i, j] = seen[key]
            else:
                values[i, j] = seen[key]
    inherited = {at: error for at, error in errors.items() if isinstance(error, InheritedError)}
    others = {at: error for at, error in errors.items() if at not in inherited}
    return Elements(values, (*_faults(shape, inherited, True), *_faults(shape, others, False)))


def _read(argument: Argument, cell: Any) -> Any:
    """Read one cell of a range: its value, or the error it is."""
    try:
        return _scalar(argument, cell)
    except ValuationError as error:
        return error


def _faults(
    shape: tuple[int, int], errors: Mapping[tuple[int, int], ValuationError], inherited: bool
) -> tuple[Fault, ...]:
    """Make one fault of the errors of single cells, or none."""
    if not errors:
        return ()
    where = np.zeros(shape, dtype=bool)
    where[tuple(np.array(list(errors)).T)] = True

    def error_at(at: tuple[int, ...]) -> ValuationError:
        row, column = index_within(at, shape)
        return errors[row, column]

    return (Fault(where, error_at, inherited),)


def parse_number(value: Any) -> float | None:
    """Read a number, a logical, a date or numeric text; None for anything else.

    Numeric text has a point, an exponent or a percent sign, whatever the locale.

    Examples
    --------
    >>> parse_number("50%"), parse_number("5e-1"), parse_number(True), parse_number("0,5")
    (0.5, 0.5, 1.0, None)
    """
    if isinstance(value, bool | int | float | Decimal | np.number):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    if isinstance(value, date):
        return serial_of(value)
    match = _NUMERIC_TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    return float(match[1]) / 100.0 if match[2] else float(match[1])


def number_of(name: str, value: Any) -> float:
    """Read a number from a cell, or say that it is none."""
    number = parse_number(value)
    if number is None:
        raise misfit(name, "must be a number", value)
    return number


def text_of(value: Any) -> str:
    """Give the text of a cell; numbers as a spreadsheet shows them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return f"{parse_number(value):.15g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def date_of(name: str, value: Any) -> date:
    """Read a date from a cell: a serial number, a date, or text as YYYY-MM-DD."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    day, _ = parse_date(value.strip()) if isinstance(value, str) else (None, None)
    if day is not None:
        return day
    number = parse_number(value)
    if number is None:
        raise misfit(name, "must be a date, or text as YYYY-MM-DD", value)
    if not 1 <= number <= LAST_SERIAL:
        raise domain(name, f"must be a date serial from 1 to {LAST_SERIAL}", number)
    return day_of(number)


def facts_of(name: str, value: Any) -> list[OwnRow]:
    """Read own facts from three columns, or four; blank rows and a header row are skipped.

    The names of a row with a blank value are read, so that a mistake is told before one is typed.
    """
    if not isinstance(value, list | tuple) or not is_rectangular(value):
        refuse_error_or_blank(name, value)
        raise misfit(name, f"must be a range of {NEEDED_COLUMNS}")
    facts: list[OwnRow] = []
    for number, row in enumerate(value, start=1):
        if len(row) not in (len(FACT_COLUMNS), len(FACT_COLUMNS) + 1):
            raise misfit(name, f"must have {NEEDED_COLUMNS}", len(row))
        for cell in row:
            if isinstance(cell, ErrorValue):
                raise InheritedError(f"{name} row {number}", cell.code)
        cells = [None if isinstance(cell, str) and not cell.strip() else cell for cell in row]
        labels = tuple(str(cell).strip().casefold() for cell in cells[: len(FACT_COLUMNS)])
        if number == 1 and labels == FACT_COLUMNS:
            continue
        if cells[0] is None or cells[1] is None:
            if cells[2] is None:
                continue
            blank = FACT_COLUMNS[cells.index(None)]
            rule = f"row {number}: {blank} is a blank cell"
            raise missing(name, rule, reason=f"{name} {rule}")
        metric = text_of(cells[1])
        stated = _fact_value(f"{name} row {number}", metric, cells[2])
        basis = text_of(cells[3]) if len(cells) > len(FACT_COLUMNS) and cells[3] else None
        facts.append((text_of(cells[0]), metric, stated, basis))
    return facts


def _fact_value(label: str, metric: str, cell: Any) -> float | date | None:
    known = METRICS.get(metric.strip().casefold())
    if cell is None:
        return None
    named = f"{label} {known.name if known else 'value'}"
    if known is not None and known.unit == "date":
        return date_of(named, cell)
    return number_of(named, cell)
