"""Values as Excel takes them: as a number, in a comparison, as a condition, as text.

Stored values must be the ones Excel computes from the same formula, so its rules are told here once
and not those of Python: TRUE is not 1 in a comparison, "OW" is "ow", a blank cell is what stands
beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from workbook.cells import ErrorValue, Value, serial_of

MISFIT: Final = ErrorValue("#VALUE!")
"""What a text gives where a number or a condition is due."""

ROUNDING: Final = 1e-9
"""By how much two ways to one figure may differ: relative, absolute near zero."""

_NUMERIC: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CLOSE: Final = 1e-12
"""Numbers that differ by more than this share of theirs differ within 15 digits."""

_DIGITS_JOINED: Final = 20
"""Of a number that is joined to a text without a power of ten."""

_NUMBER, _TEXT, _LOGICAL = range(3)
"""Kinds of values in the order in which Excel sorts them."""


def number(value: Value) -> float | ErrorValue:
    """Give a value as Excel takes it in arithmetic.

    Examples
    --------
    >>> number(True), number(None), number("2.5"), number(date(1900, 3, 1))
    (1.0, 0.0, 2.5, 61.0)
    >>> number("n/a")
    ErrorValue(code='#VALUE!', reason='')
    """
    if type(value) is float or isinstance(value, ErrorValue):
        return value  # floats first, as most are
    if isinstance(value, date):
        return serial_of(value)
    if value is None:
        return 0.0
    if isinstance(value, str):
        return float(value) if _NUMERIC.fullmatch(value.strip()) else MISFIT
    return float(value)


def computed(compute: Callable[..., Any], *values: Value) -> Value:
    """Compute on values as cells do: the first error wins, and sums that fail are errors."""
    numbers = [number(value) for value in values]
    for one in numbers:
        if isinstance(one, ErrorValue):
            return one
    try:
        result = compute(*numbers)
    except ZeroDivisionError:
        return ErrorValue("#DIV/0!")
    except (OverflowError, ValueError):
        return ErrorValue("#NUM!")
    if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)):
        return ErrorValue("#NUM!")
    return result if isinstance(result, bool | str) else float(result)


def is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are one figure but for rounding.

    Examples
    --------
    >>> is_same(1845.0, 1845.0 + 1e-9), is_same(0.5, 0.51), is_same("n/a", "n/a")
    (True, False, True)
    """
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)
    return type(one) is type(other) and one == other


def order(one: Value, other: Value) -> int | ErrorValue:
    """Compare two values as Excel's = < > do: -1, 0 or 1; the first error wins.

    Any number stands before any text, and any text before FALSE and TRUE, so values of two kinds
    are never equal. Texts are compared without case, numbers by their first 15 digits.

    Examples
    --------
    >>> order("OW", "ow"), order(True, 1.0), order("", 9e9), order(None, "")
    (0, 1, 1, 0)
    """
    # Cells are compared by the hundred thousand: the most frequent pairs come first, numbers
    # without writing their digits.
    if type(other) is str:
        if type(one) is str:
            mine, theirs = one.lower(), other.lower()
            return (mine > theirs) - (mine < theirs)
        if one is None:
            return -1 if other else 0
    elif type(one) is float and type(other) is float:
        if one == other:
            return 0
        if abs(one - other) > _CLOSE * max(abs(one), abs(other)):
            return 1 if one > other else -1
    if isinstance(one, ErrorValue):
        return one
    if isinstance(other, ErrorValue):
        return other
    left, right = kind_and_value(one, other), kind_and_value(other, one)
    return (left > right) - (left < right)


def kind_and_value(value: Value, beside: Value) -> tuple[int, Any]:
    """Give what orders a value, no error, among others; a blank one is of the kind beside it.

    Examples
    --------
    >>> kind_and_value("OW", "ow") == kind_and_value("ow", None)
    True
    """
    if value is None:
        value = "" if isinstance(beside, str) else False if isinstance(beside, bool) else 0.0
    if isinstance(value, bool):
        return _LOGICAL, value
    if isinstance(value, str):
        return _TEXT, value.lower()
    return _NUMBER, float(f"{number(value):.15g}")


_NOTHING: Final = tuple(kind_and_value(nothing, nothing) for nothing in ("", 0.0, False))
"""What a blank cell equals."""


def places_by_value(values: Sequence[Value]) -> Mapping[Any, list[int]]:
    """Sort out in which places, from 0 on, which value stands; errors stand nowhere."""
    found: dict[Any, list[int]] = {}
    for place, value in enumerate(values):
        if not isinstance(value, ErrorValue):
            key = None if value is None else kind_and_value(value, value)
            found.setdefault(key, []).append(place)
    return found


def places_equal(places: Mapping[Any, list[int]], asked: Value) -> list[int]:
    """Give the places of what equals a value as cells compare, in order."""
    # A blank cell equals a blank one, and what is nothing of any kind.
    sought = _NOTHING if asked is None else (kind_and_value(asked, asked),)
    keys = sought if asked else (*sought, None)
    found = [place for key in keys for place in places.get(key, ())]
    return found if asked else sorted(found)


def truth(value: Value) -> bool | ErrorValue:
    """Give a value as a condition: a number is true unless it is 0, a text is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return MISFIT
    found = number(value)
    return found if isinstance(found, ErrorValue) else found != 0.0


def text_of(value: Value) -> str | ErrorValue:
    """Give a value as Excel joins it to a text.

    Examples
    --------
    >>> text_of(600.0), text_of(0.25), text_of(True), text_of(None)
    ('600', '0.25', 'TRUE', '')
    >>> text_of(0.00001), text_of(1e15), text_of(1 / 300_000), text_of(1e20)
    ('0.00001', '1000000000000000', '3.33333333333333E-06', '1E+20')
    """
    if isinstance(value, ErrorValue | str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if value is None:
        return ""
    written = f"{number(value):.15G}"
    if "E" not in written:
        return written
    plain = format(Decimal(written), "f")
    return plain if sum(map(str.isdigit, plain)) <= _DIGITS_JOINED else written


def power(base: float, exponent: float) -> float:
    """Raise to a power; Excel has no 0^0."""
    if base == exponent == 0.0:
        raise ValueError("0^0 has no value")
    return base**exponent  # type: ignore[no-any-return]


def rounded(value: float) -> float:
    """Round to a whole number, halves away from zero.

    Examples
    --------
    >>> rounded(2.5), rounded(-2.5), rounded(0.49999999999999994)
    (3.0, -3.0, 0.0)
    """
    return float(Decimal(repr(value)).quantize(Decimal(1), ROUND_HALF_UP))
