"""Elementwise functions: NumPy broadcasting in which one bad element spoils only itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import numpy as np

from valuation_core.errors import ErrorKind, ValuationError, finite, misfit
from valuation_core.evaluation.arrays import Elements, common_shape, prepared, shape_of
from valuation_core.evaluation.evaluation import Evaluation, Step

P = ParamSpec("P")
R = TypeVar("R")


class Elementwise(Generic[P, R]):
    """A function over scalars and arrays, made from a body that talks to an `Evaluation`.

    Called from Python it takes numbers, text and array-likes, and raises the first error found.
    Hosts call `evaluate`, which keeps the errors of single elements apart, and `explain`.
    """

    def __init__(self, body: Callable[Concatenate[Evaluation, P], R]) -> None:
        functools.update_wrapper(self, body)
        self._body = body
        signature = inspect.signature(body)
        _, *parameters = signature.parameters.values()
        self.__signature__ = signature.replace(parameters=parameters)
        self._names = tuple(parameter.name for parameter in parameters)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Evaluate, raising the error of the first element that fails."""
        arguments = dict(zip(self._names, args, strict=False)) | kwargs
        if len(arguments) < len(args) + len(kwargs):  # too many, or one given twice
            self.__signature__.bind(*args, **kwargs)
        result = self.evaluate(arguments)
        if not isinstance(result, Elements):
            return result
        failed = result.failed
        if failed.any():
            first = tuple(int(axis[0]) for axis in np.nonzero(failed))
            raise existing(result.error_at(first))
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
        shapes = [shape for value in ready.values() if (shape := shape_of(value)) is not None]
        if not shapes:
            return self._scalar(Evaluation(), ready)
        shape = common_shape(shapes)
        faults = [
            fault
            for value in ready.values()
            if isinstance(value, Elements)
            for fault in value.faults
        ]
        faults.sort(key=lambda fault: not fault.inherited)
        evaluation = Evaluation(shape, faults)
        plain = {
            name: value.values if isinstance(value, Elements) else value
            for name, value in ready.items()
        }
        with np.errstate(all="ignore"):
            result = self._body(evaluation, **plain)  # type: ignore[arg-type,call-arg]
            kind = object if isinstance(result, str | date) else None
            values = np.broadcast_to(np.asarray(result, dtype=kind), shape)
            evaluation.require_finite("result", values)
        return Elements(values, tuple(evaluation.faults))

    def explain(self, arguments: Mapping[str, Any]) -> list[Step]:
        """Evaluate scalars and give every step; the last one holds the result."""
        ready = {name: prepared(value) for name, value in arguments.items()}
        for name, value in ready.items():
            if shape_of(value) is not None:
                raise misfit(name, "must be a single value to be explained, not a range")
        steps: list[Step] = []
        self._scalar(Evaluation(steps=steps), ready)
        return steps

    def _scalar(self, evaluation: Evaluation, arguments: Mapping[str, Any]) -> Any:
        with np.errstate(all="ignore"):
            result = self._body(evaluation, **arguments)  # type: ignore[call-arg]
        if isinstance(result, np.generic):
            result = result.item()
        return finite(result) if isinstance(result, float) else result


def elementwise(body: Callable[Concatenate[Evaluation, P], R]) -> Elementwise[P, R]:
    """Make a public function out of a body whose first parameter is the `Evaluation`."""
    return Elementwise(body)


def existing(error: ValuationError | None) -> ValuationError:
    """Give the error of an element that has no value, whatever happened."""
    return error or ValuationError(ErrorKind.MISSING, "result", "has no value")
