"""Formula text and its value built together, so that a cell can never show another figure.

A `Term` is a piece of a formula with the value it has on the facts of the workbook. Operators and
the functions below write the text that a spreadsheet evaluates and compute the value in the same
step; an error value runs through them as it does through cells.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from workbook.model.plan import MISSING, ErrorCell, Value

EPOCH: Final = date(1899, 12, 30)
_ATOM: Final = 9
_FUNCTION: Final = 8


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of a formula and its value; `rank` says how tightly its last operator binds.

    Examples
    --------
    >>> price, shares = Term("C5", 12.0), Term("C6", 3.0)
    >>> total = (price + shares) * shares
    >>> total.text, total.value
    ('(C5+C6)*C6', 45.0)
    """

    text: str
    value: Value
    rank: int = _ATOM

    def __add__(self, other: Term) -> Term:
        return _joined(self, "+", other, 3, operator.add)

    def __sub__(self, other: Term) -> Term:
        return _joined(self, "-", other, 3, operator.sub)

    def __mul__(self, other: Term) -> Term:
        return _joined(self, "*", other, 4, operator.mul)

    def __truediv__(self, other: Term) -> Term:
        return _joined(self, "/", other, 4, operator.truediv)

    def __pow__(self, other: Term) -> Term:
        return _joined(self, "^", other, 5, operator.pow)

    def __gt__(self, other: Term) -> Term:
        return _joined(self, ">", other, 1, operator.gt)

    def __ge__(self, other: Term) -> Term:
        return _joined(self, ">=", other, 1, operator.ge)

    def __lt__(self, other: Term) -> Term:
        return _joined(self, "<", other, 1, operator.lt)

    def __le__(self, other: Term) -> Term:
        return _joined(self, "<=", other, 1, operator.le)

    def same(self, other: Term) -> Term:
        """Compare for equality, of numbers or of texts."""
        if isinstance(error := _first_error(self, other), ErrorCell):
            return Term(f"{self.text}={other.text}", error, 1)
        return Term(f"{self._beside(2)}={other._beside(2)}", self.value == other.value, 1)

    def _beside(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"


ZERO: Final = Term("0", 0.0)
ONE: Final = Term("1", 1.0)
NOTHING: Final = Term("NA()", MISSING)
"""The error that says a figure cannot be given."""


def number(value: Value) -> float | ErrorCell:
    """Give a value as a spreadsheet takes it in arithmetic."""
    if isinstance(value, ErrorCell):
        return value
    if isinstance(value, date):
        return float((value - EPOCH).days)
    if value is None:
        return 0.0
    return ErrorCell("#VALUE!") if isinstance(value, str) else float(value)


def _first_error(*terms: Term) -> ErrorCell | None:
    return next((term.value for term in terms if isinstance(term.value, ErrorCell)), None)


def _joined(
    one: Term, symbol: str, other: Term, rank: int, compute: Callable[[Any, Any], Any]
) -> Term:
    # The right side of - and / is set in brackets unless it binds tighter.
    right = other._beside(rank + (symbol not in "+*"))
    text = f"{one._beside(rank + (symbol == '^'))}{symbol}{right}"
    return Term(text, computed(compute, one.value, other.value), rank)


def computed(compute: Callable[..., Any], *values: Value) -> Value:
    """Compute on values as cells do: the first error wins, and sums that fail are errors."""
    numbers = [number(value) for value in values]
    for one in numbers:
        if isinstance(one, ErrorCell):
            return one
    try:
        result = compute(*numbers)
    except ZeroDivisionError:
        return ErrorCell("#DIV/0!")
    except (OverflowError, ValueError):
        return ErrorCell("#NUM!")
    if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)):
        return ErrorCell("#NUM!")
    return result if isinstance(result, bool | str) else float(result)


def _call(name: str, compute: Callable[..., Any], *terms: Term) -> Term:
    text = f"{name}({','.join(term.text for term in terms)})"
    return Term(text, computed(compute, *(term.value for term in terms)), _FUNCTION)


def least(*terms: Term) -> Term:
    """Write MIN."""
    return _call("MIN", lambda *values: min(values), *terms)


def most(*terms: Term) -> Term:
    """Write MAX."""
    return _call("MAX", lambda *values: max(values), *terms)


def added(*terms: Term) -> Term:
    """Write SUM of single cells."""
    return _call("SUM", lambda *values: sum(values), *terms)


def floor(term: Term) -> Term:
    """Write INT."""
    return _call("INT", math.floor, term)


def nearest(term: Term) -> Term:
    """Write ROUND to a whole number: halves away from zero, as spreadsheets do."""
    text = f"ROUND({term.text},0)"
    return Term(text, computed(lambda value: math.floor(value + 0.5), term.value), _FUNCTION)


def log(term: Term) -> Term:
    """Write LN."""
    return _call("LN", math.log, term)


def size(term: Term) -> Term:
    """Write ABS."""
    return _call("ABS", abs, term)


def odd(term: Term) -> Term:
    """Write ISODD."""
    return _call("ISODD", lambda value: bool(math.floor(value) % 2), term)


def every(*terms: Term) -> Term:
    """Write AND."""
    return _call("AND", lambda *values: all(values), *terms)


def some(*terms: Term) -> Term:
    """Write OR."""
    return _call("OR", lambda *values: any(values), *terms)


def text(value: str) -> Term:
    """Write a text."""
    return Term('"' + value.replace('"', '""') + '"', value)


def when(condition: Term, then: Term, otherwise: Term) -> Term:
    """Write IF; an error in the condition is the result, one in the other branch is not."""
    written = f"IF({condition.text},{then.text},{otherwise.text})"
    truth = condition.value if isinstance(condition.value, str) else number(condition.value)
    if isinstance(truth, ErrorCell | str):
        return Term(written, truth if isinstance(truth, ErrorCell) else MISSING, _FUNCTION)
    return Term(written, then.value if truth else otherwise.value, _FUNCTION)


def is_number(term: Term) -> Term:
    """Write ISNUMBER."""
    is_one = isinstance(term.value, float | int | date) and not isinstance(term.value, bool)
    return Term(f"ISNUMBER({term.text})", is_one, _FUNCTION)


def is_error(term: Term) -> Term:
    """Write ISERROR."""
    return Term(f"ISERROR({term.text})", isinstance(term.value, ErrorCell), _FUNCTION)


def unless_error(term: Term, otherwise: Term) -> Term:
    """Write IFERROR."""
    value = otherwise.value if isinstance(term.value, ErrorCell) else term.value
    return Term(f"IFERROR({term.text},{otherwise.text})", value, _FUNCTION)


def joined_text(terms: Sequence[Term]) -> Term:
    """Join texts with &."""
    if isinstance(error := _first_error(*terms), ErrorCell):
        return Term("&".join(term.text for term in terms), error, 2)
    value = "".join(str(term.value) for term in terms)
    return Term("&".join(term._beside(2) for term in terms), value, 2)


@dataclass(frozen=True, slots=True)
class Span:
    """The address of a range of cells, and their values."""

    address: str
    values: tuple[Value, ...]

    def term(self, write: Callable[[str], str], compute: Callable[..., Any]) -> Term:
        """Write a function of the range; `compute` gets its numbers."""
        return Term(write(self.address), computed(compute, *self.values), _FUNCTION)

    @property
    def total(self) -> Term:
        """Write SUM of the range."""
        return self.term(lambda address: f"SUM({address})", lambda *values: math.fsum(values))


def function_of(
    write: Callable[..., str], compute: Callable[..., Any], *parts: Term | Span
) -> Term:
    """Write any function of cells and ranges.

    `write` gets their texts; `compute` gets a number for each cell and a tuple of numbers for each
    range. An error anywhere is the result.

    Examples
    --------
    >>> value = Term("C2", 5.0)
    >>> function_of(lambda a: f"EXP({a})", lambda a: math.exp(a), value).text
    'EXP(C2)'
    """
    written = write(*(part.address if isinstance(part, Span) else part.text for part in parts))
    arguments: list[Any] = []
    for part in parts:
        values = part.values if isinstance(part, Span) else (part.value,)
        numbers = tuple(number(value) for value in values)
        for one in numbers:
            if isinstance(one, ErrorCell):
                return Term(written, one, _FUNCTION)
        arguments.append(numbers if isinstance(part, Span) else numbers[0])
    return Term(written, computed(lambda: compute(*arguments)), _FUNCTION)
