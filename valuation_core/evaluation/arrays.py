"""Arrays whose elements can fail: values, faults, and arguments brought to few forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from valuation_core.errors import ValuationError, domain, misfit

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Index: TypeAlias = tuple[int, ...]

_NUMBERS: Final = (bool, int, float, np.number, np.bool_)

_READY: Final = frozenset({float, str, type(None)})

LARGEST_RESULT: Final = 10_000_000
"""Elements in one call beyond which it is refused, as the specification says."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Elements that break one rule, and the error of each, made only when asked for."""

    where: Any
    """Truth per element; broadcasts to the shape of the result."""
    error_at: Callable[[Index], ValuationError]
    """The error of an element; the index is into the shape of the result."""
    inherited: bool = False
    """The argument was itself an error, which comes before every rule it may also break."""


def index_within(at: Index, shape: Index) -> Index:
    """Find, for an index into a broadcast result, the element of an operand it came from.

    Examples
    --------
    >>> index_within((2, 1), (3, 1)), index_within((2, 1), ())
    ((2, 0), ())
    """
    if len(at) == len(shape) == 2:  # every range of cells: millions of elements come here
        return (at[0] if shape[0] != 1 else 0, at[1] if shape[1] != 1 else 0)
    trailing = at[len(at) - len(shape) :]
    return tuple(0 if extent == 1 else i for extent, i in zip(shape, trailing, strict=True))


@dataclass(frozen=True, slots=True)
class Elements:
    """An array together with the elements that failed; the first fault of an element counts."""

    values: Array
    faults: tuple[Fault, ...] = ()

    @property
    def failed(self) -> Array:
        """Truth per element: it has no value."""
        bad = np.zeros(self.values.shape, dtype=bool)
        for fault in self.faults:
            bad |= fault.where
        return bad

    def errors(self) -> Iterator[tuple[Index, ValuationError]]:
        """Give every failed element with its error."""
        done = np.zeros(self.values.shape, dtype=bool)
        for fault in self.faults:
            new = np.broadcast_to(fault.where, done.shape) & ~done
            done |= new
            for index in zip(*(axis.tolist() for axis in np.nonzero(new)), strict=True):
                yield index, fault.error_at(index)

    def error_at(self, index: Index) -> ValuationError | None:
        """Give the error of one element, or None when it has a value."""
        for fault in self.faults:
            if np.broadcast_to(fault.where, self.values.shape)[index]:
                return fault.error_at(index)
        return None


def prepared(value: Any) -> Any:
    """Bring an argument into one of few forms: float, text, date, object, array, Elements."""
    if type(value) in _READY:
        return value
    if isinstance(value, Elements):
        return Elements(prepared_array(value.values), value.faults)
    if isinstance(value, _NUMBERS):
        return float(value)
    if isinstance(value, np.ndarray):
        return prepared_array(value) if value.ndim else prepared(value.item())
    if isinstance(value, list | tuple) or hasattr(value, "__array__"):
        return prepared_array(np.asarray(value, dtype=object))
    return value


def prepared_array(array: Array) -> Array:
    """Give an array as float64 where it holds numbers alone, as objects where it does not."""
    if array.dtype.kind in "iubf":
        return array.astype(np.float64, copy=False)
    if array.dtype == object and array.size:
        if all(issubclass(kind, _NUMBERS) for kind in set(map(type, array.flat))):
            return array.astype(np.float64)
        if any(issubclass(kind, list | tuple) for kind in set(map(type, array.flat))):
            raise misfit("ranges", "must have rows of equal length")
    return array.astype(object, copy=False)


def single_value(name: str, value: Any) -> Any:
    """Bring a single argument of a table function to its form; a range is refused."""
    one = prepared(value)
    if shape_of(one) is not None:
        raise misfit(name, "must be a single value, not a range")
    return one


def single_name(name: str, value: Any) -> str:
    """Bring a single argument of a table function that must be a name to its form."""
    one = single_value(name, value)
    if not isinstance(one, str):
        raise misfit(name, "must be a name", one)
    return one


def shape_of(value: Any) -> Index | None:
    """Give the shape of a prepared array argument, None for anything else."""
    array = value.values if isinstance(value, Elements) else value
    return array.shape if isinstance(array, np.ndarray) else None


def common_shape(shapes: list[Any]) -> Index:
    """Give the shape that ranges broadcast to; refuse what does not fit or is too large."""
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        sizes = " and ".join(" x ".join(map(str, shape)) for shape in shapes)
        raise misfit("ranges", f"of {sizes} cells do not fit together") from None
    count = int(np.prod(shape, dtype=np.float64))
    if count > LARGEST_RESULT:
        raise domain("result", f"must have {LARGEST_RESULT:,} elements or fewer", count)
    return shape
