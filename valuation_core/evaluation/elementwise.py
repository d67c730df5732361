"""Elementwise functions: NumPy broadcasting in which one bad element spoils only itself.

A function body is written once, for scalars and arrays alike. It talks to a `Run`, which checks
arguments, looks text up and, when asked, records each step. On scalars the first broken rule is
raised; on arrays it is noted for the elements concerned and the others go on.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import inf, nan
from typing import (
    Any,
    Concatenate,
    Final,
    Generic,
    Literal,
    NamedTuple,
    ParamSpec,
    TypeAlias,
    TypeVar,
)

import numpy as np

from valuation_core.domain import ANY_NUMBER, Domain
from valuation_core.errors import ErrorKind, ValuationError, domain, misfit
from valuation_core.evaluation.arrays import (
    Array,
    Elements,
    Fault,
    Index,
    common_shape,
    index_within,
    prepared,
    shape_of,
)

Scalar: TypeAlias = float | str | date

P = ParamSpec("P")
R = TypeVar("R")

FEW: Final = 512
"""Text cells up to which a plain loop finds the distinct ones faster than pandas."""


class Step(NamedTuple):
    """One row of an explanation."""

    step: str
    formula: str
    value: Any
    unit: str = ""
    source: str = ""
    as_of: date | None = None
    confidence: str = ""


@dataclass(slots=True)
class Run:
    """One evaluation of a function body over scalars (`shape` None) or arrays."""

    shape: Index | None = None
    faults: list[Fault] = field(default_factory=list)
    steps: list[Step] | None = None
    _last: tuple[tuple[Any, ...], Array, list[tuple[Any, ...]]] | None = field(
        default=None, init=False, repr=False
    )

    def fail(self, where: Any, error_at: Callable[[Index], ValuationError]) -> None:
        """Note that elements fail; a scalar evaluation ends here."""
        if self.shape is None:
            raise error_at(())
        self.faults.append(Fault(where, error_at))

    def number(self, name: str, given: Any, unit: str, inside: Domain = ANY_NUMBER) -> Any:
        """Check an argument that must be a number inside a domain."""
        value = self._numeric(name, given)
        if isinstance(value, float):
            if not inside.holds(value):
                self.fail(True, lambda _: domain(name, inside.rule, value))
        elif value.size and not (inside.holds(value.min()) and inside.holds(value.max())):
            broken = ~inside.holds(value)
            self.fail(broken, lambda at: domain(name, inside.rule, self.element(value, at)))
        return self.given(name, value, unit)

    def whole_years(self, name: str, years: Any) -> None:
        """Refuse years that are not whole."""
        broken = ~(np.asarray(years) == np.floor(years))
        if np.any(broken):
            rule = "must be a whole number of years"
            self.fail(broken, lambda at: domain(name, rule, self.element(years, at)))

    def _numeric(self, name: str, given: Any) -> Any:
        if isinstance(given, float):
            return given
        if not isinstance(given, np.ndarray):
            self.fail(True, lambda _: misfit(name, "must be a number", given))
            return nan
        if given.dtype != object:
            return given
        is_number = np.frompyfunc(lambda value: isinstance(value, float), 1, 1)
        bad = ~is_number(given).astype(bool)
        if bad.any():
            self.fail(bad, lambda at: misfit(name, "must be a number", self.element(given, at)))
        return np.where(bad, nan, given).astype(np.float64)

    def each(self, look_up: Callable[..., Scalar], *keys: Any, text: bool = False) -> Any:
        """Apply a look-up to text arguments, once per distinct combination.

        Results are numbers, or objects when `text` is set. A key of None failed before.
        """
        blank = None if text else nan
        if not any(isinstance(key, np.ndarray) for key in keys):
            if None in keys:
                return blank
            try:
                return look_up(*keys)
            except ValuationError as error:
                reason = error
                self.fail(True, lambda _: reason)
                return blank
        return self._each_distinct(look_up, keys, blank)

    def _each_distinct(
        self, look_up: Callable[..., Scalar], keys: tuple[Any, ...], blank: Any
    ) -> Array:
        codes, combinations = self._distinct(keys)
        found = np.full(len(combinations), blank, dtype=object if blank is None else np.float64)
        errors: list[ValuationError | None] = [None] * len(combinations)
        for code, combination in enumerate(combinations):
            if None not in combination:
                try:
                    found[code] = look_up(*combination)
                except ValuationError as error:
                    errors[code] = error
        bad = np.array([error is not None for error in errors], dtype=bool)
        if bad.any():
            self.fail(bad[codes], lambda at: _error(errors[self.element(codes, at)]))
        return found[codes]

    def _distinct(self, keys: tuple[Any, ...]) -> tuple[Array, list[tuple[Any, ...]]]:
        """Give each element its number among the distinct combinations, and those.

        One evaluation looks many facts of the same miners up one after the other.
        """
        if self._last is not None:
            last, codes, combinations = self._last
            if len(keys) == len(last) and all(map(operator.is_, keys, last)):
                return codes, combinations
        arrays = np.broadcast_arrays(*(np.asarray(key, dtype=object) for key in keys))
        codes, combinations = _distinct([array.ravel() for array in arrays])
        codes = codes.reshape(arrays[0].shape)
        self._last = keys, codes, combinations
        return codes, combinations

    def spread(self, value: Any) -> Any:
        """Give an array the shape of the result, the longer axis contiguous.

        Scenarios usually run down and miners across: numpy works through an array column by column
        several times faster where the columns are the long ones.
        """
        if not isinstance(value, np.ndarray) or self.shape is None:
            return value
        order: Literal["F", "C"] = "F" if self.shape[:1] > self.shape[1:] else "C"
        return np.array(np.broadcast_to(value, self.shape), order=order)

    def element(self, value: Any, at: Index) -> Any:
        """Give the element of an argument that belongs to an index of the result."""
        if not isinstance(value, np.ndarray):
            return value
        picked = value[index_within(at, value.shape)]
        return float(picked) if isinstance(picked, np.floating) else picked

    def given(self, name: str, value: Any, unit: str = "") -> Any:
        """Record an argument the caller gave, and pass it on."""
        return self.step(name, "given", value, unit, source="argument")

    def step(
        self,
        name: str,
        formula: str,
        value: R,
        unit: str = "",
        source: str = "calculation",
        as_of: date | None = None,
        confidence: str = "",
    ) -> R:
        """Record a step when explaining, and pass its value on."""
        if self.steps is not None:
            self.steps.append(Step(name, formula, value, unit, source, as_of, confidence))
        return value


def _distinct(columns: list[Array]) -> tuple[Array, list[tuple[Any, ...]]]:
    """Give each row its number among the distinct rows, and those rows."""
    if columns[0].size <= FEW:
        seen: dict[tuple[Any, ...], int] = {}
        numbers = [seen.setdefault(row, len(seen)) for row in zip(*columns, strict=True)]
        return np.array(numbers, dtype=np.intp), list(seen)
    from pandas import factorize

    combined = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        codes, distinct = factorize(column, use_na_sentinel=False)
        combined = combined * len(distinct) + codes
    codes, _ = factorize(combined)
    _, first = np.unique(codes, return_index=True)
    return codes, [tuple(column[row] for column in columns) for row in first]


class Elementwise(Generic[P, R]):
    """A function over scalars and arrays, made from a body that talks to a `Run`.

    Called from Python it takes numbers, text and array-likes, and raises the first error found.
    Hosts call `evaluate`, which keeps the errors of single elements apart, and `explain`.
    """

    def __init__(self, body: Callable[Concatenate[Run, P], R]) -> None:
        functools.update_wrapper(self, body)
        self._body = body
        signature = inspect.signature(body)
        _, *parameters = signature.parameters.values()
        self.__signature__ = signature.replace(parameters=parameters)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Evaluate, raising the error of the first element that fails."""
        bound = self.__signature__.bind(*args, **kwargs)
        result = self.evaluate(bound.arguments)
        if not isinstance(result, Elements):
            return result  # type: ignore[no-any-return]
        failed = result.failed
        if failed.any():
            first = tuple(int(axis[0]) for axis in np.nonzero(failed))
            raise _error(result.error_at(first))
        return result.values  # type: ignore[return-value]

    def evaluate(self, arguments: Mapping[str, Any]) -> Any:
        """Evaluate to a scalar, or to `Elements` where any argument is an array.

        Raises
        ------
        ValuationError
            When all arguments are scalars and one breaks a rule; for arrays only when they do not
            broadcast or the result would be too large.
        """
        ready = {name: prepared(value) for name, value in arguments.items()}
        shapes = [shape_of(value) for value in ready.values() if shape_of(value) is not None]
        if not shapes:
            return self._scalar(Run(), ready)
        shape = common_shape(shapes)
        faults = [
            fault
            for value in ready.values()
            if isinstance(value, Elements)
            for fault in value.faults
        ]
        faults.sort(key=lambda fault: not fault.inherited)
        run = Run(shape, faults)
        plain = {
            name: value.values if isinstance(value, Elements) else value
            for name, value in ready.items()
        }
        with np.errstate(all="ignore"):
            result = self._body(run, **plain)  # type: ignore[arg-type,call-arg]
            kind = object if isinstance(result, str | date) else None
            values = np.broadcast_to(np.asarray(result, dtype=kind), shape)
            if values.dtype == np.float64 and not np.isfinite(values.sum()):
                _note_not_finite(run, values)
        return Elements(values, tuple(run.faults))

    def explain(self, arguments: Mapping[str, Any]) -> list[Step]:
        """Evaluate scalars and give every step; the last one holds the result."""
        ready = {name: prepared(value) for name, value in arguments.items()}
        for name, value in ready.items():
            if shape_of(value) is not None:
                raise misfit(name, "must be a single value to be explained, not a range")
        run = Run(steps=[])
        self._scalar(run, ready)
        return run.steps or []

    def _scalar(self, run: Run, arguments: Mapping[str, Any]) -> Any:
        with np.errstate(all="ignore"):
            return _finite_scalar(self._body(run, **arguments))  # type: ignore[call-arg]


def elementwise(body: Callable[Concatenate[Run, P], R]) -> Elementwise[P, R]:
    """Make a public function out of a body whose first parameter is the `Run`."""
    return Elementwise(body)


def _finite_scalar(result: Any) -> Any:
    if isinstance(result, np.generic):
        result = result.item()
    if isinstance(result, float) and not -inf < result < inf:
        raise domain("result", "is not a finite number", result)
    return result


def _note_not_finite(run: Run, values: Array) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        run.fail(bad, lambda at: domain("result", "is not a finite number", float(values[at])))


def _error(error: ValuationError | None) -> ValuationError:
    return error or ValuationError(ErrorKind.MISSING, "result", "has no value")
