"""Formula text and its value built together, so that a cell can never show another figure.

A `Term` is a piece of a formula with the value it has on the facts of the workbook. Operators and
the functions below, which bear Excel's names, write the text that a spreadsheet evaluates and
compute the value in the same step; an error value runs through them as it does through cells.
"""

from __future__ import annotations

import math
import operator
import re
from bisect import bisect_left
from calendar import month_name
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Final

from workbook.cells import MISSING, ErrorValue, Value, day_of
from workbook.model.excel_values import (
    MISFIT,
    computed,
    number,
    order,
    places_by_value,
    places_equal,
    power,
    rounded,
    text_of,
    truth,
)

_ATOM: Final = 9
_FUNCTION: Final = 8
_POWER: Final = 5
_PRODUCT: Final = 4
_SUM: Final = 3
_JOINED: Final = 2
_COMPARED: Final = 1
"""How tightly the last operator of a piece binds."""

_REFERENCE: Final = re.compile(r"(?:(?:'[^']+'|\w+)!)?\$?[A-Z]{1,3}\$?\d+")


# Not frozen but for the type checker: a workbook takes a quarter of a million, and a frozen one is
# made four times as slowly.
@dataclass(slots=True, unsafe_hash=True)
class Term:
    """A piece of a formula and its value; `rank` says how tightly its last operator binds.

    Examples
    --------
    >>> price, shares = Term("C5", 12.0), Term("C6", 3.0)
    >>> total = (price + shares) * shares
    >>> total.text, total.value
    ('(C5+C6)*C6', 45.0)
    >>> (-price).text, (price ** -shares).text
    ('-C5', 'C5^(-C6)')
    """

    text: Final[str]
    value: Final[Value]
    rank: Final[int] = _ATOM

    def __add__(self, other: Term) -> Term:
        return _operated(self, "+", other, _SUM, operator.add)

    def __sub__(self, other: Term) -> Term:
        return _operated(self, "-", other, _SUM, operator.sub)

    def __mul__(self, other: Term) -> Term:
        return _operated(self, "*", other, _PRODUCT, operator.mul)

    def __truediv__(self, other: Term) -> Term:
        return _operated(self, "/", other, _PRODUCT, operator.truediv)

    def __pow__(self, other: Term) -> Term:
        return _operated(self, "^", other, _POWER, power)

    def __neg__(self) -> Term:
        # Excel takes -A1^2 for the square of -A1: what a sign stands before is an operand.
        written = f"-{self._beside(_FUNCTION)}"
        return Term(written, computed(lambda value: 0.0 - value, self.value), _PRODUCT)

    def __gt__(self, other: Term) -> Term:
        return _compared(self, ">", other, lambda found: found > 0)

    def __ge__(self, other: Term) -> Term:
        return _compared(self, ">=", other, lambda found: found >= 0)

    def __lt__(self, other: Term) -> Term:
        return _compared(self, "<", other, lambda found: found < 0)

    def __le__(self, other: Term) -> Term:
        return _compared(self, "<=", other, lambda found: found <= 0)

    def equals(self, other: Term) -> Term:
        """Write =, of numbers, texts or logical values."""
        return _compared(self, "=", other, lambda found: found == 0)

    def differs(self, other: Term) -> Term:
        """Write <>."""
        return _compared(self, "<>", other, lambda found: found != 0)

    def _beside(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"


@dataclass(frozen=True)
class Span:
    """The address of a range of cells, and their values."""

    address: str
    values: tuple[Value, ...]

    def head(self, count: int, address: str) -> Span:
        """Give the first cells, at their address; they are sorted out with all the others."""
        return _Head(address, self.values[:count], self)

    @property
    def error(self) -> ErrorValue | None:
        """The first error among the values."""
        return self._error_from[1]

    @cached_property
    def _error_from(self) -> tuple[int, ErrorValue | None]:
        """The place of the first error, and it; the length where there is none."""
        for place, value in enumerate(self.values):
            if isinstance(value, ErrorValue):
                return place, value
        return len(self.values), None

    def equal_to(self, asked: Value) -> list[int]:
        """Give the places, from 0 on, of what equals a value as cells compare; none may be errors.

        Examples
        --------
        >>> Span("A1:A4", ("RIOT", None, 2.0, "riot")).equal_to("Riot")
        [0, 3]
        """
        return places_equal(self._places, asked)

    @cached_property
    def _places(self) -> Mapping[Any, list[int]]:
        # A span is asked for each row of a sheet, so its values are sorted out once.
        return places_by_value(self.values)


@dataclass(frozen=True)
class _Head(Span):
    """The first cells of a longer span."""

    whole: Span

    @property
    def error(self) -> ErrorValue | None:
        place, found = self.whole._error_from
        return found if place < len(self.values) else None

    def equal_to(self, asked: Value) -> list[int]:
        found = self.whole.equal_to(asked)
        return found[: bisect_left(found, len(self.values))]


ZERO: Final = Term("0", 0.0)
ONE: Final = Term("1", 1.0)
FALSE: Final = Term("FALSE", False)
TRUE: Final = Term("TRUE", True)
NA: Final = Term("NA()", MISSING)
"""The error that says a figure cannot be given."""


@lru_cache(maxsize=4096)
def text(value: str) -> Term:
    """Write a text."""
    return Term('"' + value.replace('"', '""') + '"', value)


BLANK: Final = text("")
"""Equal to a cell without a value, and to an empty text."""


def _operated(
    one: Term, symbol: str, other: Term, rank: int, compute: Callable[[Any, Any], Any]
) -> Term:
    # The right side of - / ^ is set in brackets unless it binds tighter, and so is a sign.
    right = other._beside(rank + (symbol not in "+*"))
    if right.startswith("-"):
        right = f"({right})"
    written = f"{one._beside(rank + (symbol == '^'))}{symbol}{right}"
    return Term(written, computed(compute, one.value, other.value), rank)


def _compared(one: Term, symbol: str, other: Term, holds: Callable[[int], bool]) -> Term:
    written = f"{one._beside(_JOINED)}{symbol}{other._beside(_JOINED)}"
    found = order(one.value, other.value)
    return Term(written, found if isinstance(found, ErrorValue) else holds(found), _COMPARED)


def joined_text(terms: Sequence[Term]) -> Term:
    """Join texts with &."""
    parts = [text_of(term.value) for term in terms]
    error = next((part for part in parts if isinstance(part, ErrorValue)), None)
    written = "&".join(term._beside(_JOINED) for term in terms)
    return Term(written, error or "".join(map(str, parts)), _JOINED)


def day_in_words(day: Term) -> Term:
    """Write a day as people do; formats of TEXT are other ones in other languages.

    Examples
    --------
    >>> day_in_words(Term("C4", date(2025, 11, 6))).value
    '6 November 2025'
    """
    months = ",".join(f'"{name}"' for name in month_name[1:])
    written = f'DAY({day.text})&" "&CHOOSE(MONTH({day.text}),{months})&" "&YEAR({day.text})'
    serial = number(day.value)
    if isinstance(serial, ErrorValue):
        return Term(written, serial, _JOINED)
    at = day_of(serial)
    return Term(written, f"{at.day} {month_name[at.month]} {at.year}", _JOINED)


def _call(name: str, compute: Callable[..., Any], term: Term) -> Term:
    return Term(f"{name}({term.text})", computed(compute, term.value), _FUNCTION)


def ABS(term: Term) -> Term:
    """Write ABS."""
    return _call("ABS", abs, term)


def INT(term: Term) -> Term:
    """Write INT: the whole number at or below."""
    return _call("INT", math.floor, term)


def LN(term: Term) -> Term:
    """Write LN."""
    return _call("LN", math.log, term)


def ISODD(term: Term) -> Term:
    """Write ISODD, which cuts a fraction off."""
    return _call("ISODD", lambda value: bool(math.trunc(value) % 2), term)


def ROUND(term: Term) -> Term:
    """Write ROUND to a whole number."""
    return Term(f"ROUND({term.text},0)", computed(rounded, term.value), _FUNCTION)


def _of_list(
    name: str,
    compute: Callable[[Sequence[float]], float | bool],
    parts: Sequence[Term | Span],
    none: Value,
    skipped: type | tuple[type, ...],
) -> Term:
    """Write a function of a list; of cells and ranges it skips blanks and some kinds of values."""
    written = ",".join(part.address if isinstance(part, Span) else part.text for part in parts)
    counted: list[Value] = []
    for part in parts:
        values = part.values if isinstance(part, Span) else (part.value,)
        if isinstance(part, Span) or _REFERENCE.fullmatch(part.text):
            values = tuple(v for v in values if v is not None and not isinstance(v, skipped))
        counted += values
    found = computed(lambda *numbers: compute(numbers), *counted) if counted else none
    return Term(f"{name}({written})", found, _FUNCTION)


def MIN(*parts: Term | Span) -> Term:
    """Write MIN."""
    return _of_list("MIN", min, parts, 0.0, (str, bool))


def MAX(*parts: Term | Span) -> Term:
    """Write MAX."""
    return _of_list("MAX", max, parts, 0.0, (str, bool))


def SUM(*parts: Term | Span) -> Term:
    """Write SUM."""
    return _of_list("SUM", math.fsum, parts, 0.0, (str, bool))


def AND(*parts: Term | Span) -> Term:
    """Write AND."""
    return _of_list("AND", all, parts, MISFIT, str)


def OR(*parts: Term | Span) -> Term:
    """Write OR."""
    return _of_list("OR", any, parts, MISFIT, str)


def IF(condition: Term, then: Term, otherwise: Term) -> Term:
    """Write IF; an error in the condition is the result, one in the other branch is not."""
    written = f"IF({condition.text},{then.text},{otherwise.text})"
    found = truth(condition.value)
    if isinstance(found, ErrorValue):
        return Term(written, found, _FUNCTION)
    return Term(written, then.value if found else otherwise.value, _FUNCTION)


def ISNUMBER(term: Term) -> Term:
    """Write ISNUMBER."""
    is_one = isinstance(term.value, float | int | date) and not isinstance(term.value, bool)
    return Term(f"ISNUMBER({term.text})", is_one, _FUNCTION)


def ISERROR(term: Term) -> Term:
    """Write ISERROR."""
    return Term(f"ISERROR({term.text})", isinstance(term.value, ErrorValue), _FUNCTION)


def IFERROR(term: Term, otherwise: Term) -> Term:
    """Write IFERROR."""
    value = otherwise.value if isinstance(term.value, ErrorValue) else term.value
    return Term(f"IFERROR({term.text},{otherwise.text})", value, _FUNCTION)


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
            if isinstance(one, ErrorValue):
                return Term(written, one, _FUNCTION)
        arguments.append(numbers if isinstance(part, Span) else numbers[0])
    return Term(written, computed(lambda: compute(*arguments)), _FUNCTION)
