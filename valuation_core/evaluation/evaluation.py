"""One evaluation of a function: arguments checked, facts of one book read, steps noted.

A function body is written once, for scalars and arrays, and talks to an `Evaluation`. On scalars
the first broken rule is raised; on arrays it is noted for its elements and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from math import nan
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from valuation_core.book import METRICS, Book, Fact
from valuation_core.domain import ANY_NUMBER, Domain
from valuation_core.errors import NOT_FINITE, ValuationError, domain, kept, misfit, missing
from valuation_core.evaluation.arrays import Array, Fault, Index, index_within
from valuation_core.evaluation.distinct import Distinct
from valuation_core.evaluation.finite import are_finite, is_sure
from valuation_core.evaluation.lookup import BASES, book_or_default, only
from valuation_core.units import Number

Scalar: TypeAlias = float | str | date

R = TypeVar("R")


class Step(NamedTuple):
    """One row of an explanation."""

    step: str
    formula: str
    value: Any
    unit: str = ""
    source: str = ""
    as_of: date | None = None
    confidence: str = ""


class Evaluation:
    """One evaluation of a function body over scalars (`shape` None) or arrays.

    Parameters
    ----------
    shape : tuple of int, optional
        Shape of the result; None where all arguments are scalars.
    faults : iterable of Fault, optional
        Elements that failed before: arguments that were errors.
    steps : list of Step, optional
        Where to note the steps; none are noted when left out.
    """

    book: Book
    """The book to read, once `use` has chosen it."""
    given: dict[str, Any]
    """Values that stand in place of facts, by metric."""

    __slots__ = ("_distinct", "book", "faults", "given", "shape", "steps")

    def __init__(
        self,
        shape: Index | None = None,
        faults: Iterable[Fault] = (),
        steps: list[Step] | None = None,
    ) -> None:
        self.shape = shape
        self.faults = list(faults)
        self.steps = steps
        self.given = {}
        self._distinct = Distinct()

    def use(self, book: Book | None, **given: Any) -> Evaluation:
        """Choose the book to read, and values that stand in place of its facts, by metric.

        Without a book the shipped one is read; a value of None leaves the fact to the book.
        """
        self.book = book_or_default(book)
        for metric, value in given.items():
            if value is not None:
                checked = self.argument(metric, value, METRICS[metric].unit, METRICS[metric].domain)
                self.given[metric] = self.spread(checked)
        return self

    def require(
        self,
        ok: Any,
        name: str,
        rule: str,
        value: Any = None,
        error: Callable[..., ValuationError] = domain,
    ) -> None:
        """Refuse what breaks a rule: all where `ok` is one truth, else the elements it denies."""
        if isinstance(ok, np.ndarray):
            if not ok.all():
                self._fail(~ok, lambda at: error(name, rule, self.element(value, at)))
        elif not ok:
            self._fail(True, lambda at: error(name, rule, self.element(value, at)))

    def require_finite(self, name: str, values: Any) -> None:
        """Refuse what is infinite or no number; words and dates pass."""
        self.require(are_finite(values), name, NOT_FINITE, values)

    def require_digits(self, name: str, total: Any, *parts: Any) -> None:
        """Refuse a sum that is lost in the rounding of its parts."""
        self.require(is_sure(total, parts), name, "is lost in the rounding of its parts")

    def _fail(self, where: Any, error_at: Callable[[Index], ValuationError]) -> None:
        """Note that elements fail; a scalar evaluation ends here."""
        if self.shape is None:
            raise error_at(())
        self.faults.append(Fault(where, error_at))

    def fail(self, where: Any, error: ValuationError) -> None:
        """Give some elements an error."""
        self._fail(where, lambda _: error)

    def argument(self, name: str, given: Any, unit: str, inside: Domain = ANY_NUMBER) -> Number:
        """Check an argument that must be a number inside a domain, and note it."""
        value = given if isinstance(given, float) else self._numeric(name, given)
        if not inside.holds_all(value):
            self.require(inside.holds(value), name, inside.rule, value)
        return self.step(name, "given", value, unit, source="argument")

    def whole_years(self, name: str, years: Any) -> None:
        """Refuse years that are not whole."""
        self.require(years == np.floor(years), name, "must be a whole number of years", years)

    def _numeric(self, name: str, given: Any) -> Number:
        if not isinstance(given, np.ndarray):
            self.require(False, name, "must be a number", given, misfit)
            return nan
        if given.dtype != object:
            return given
        is_number = np.frompyfunc(lambda value: isinstance(value, float), 1, 1)(given).astype(bool)
        self.require(is_number, name, "must be a number", given, misfit)
        return np.where(is_number, given, nan).astype(np.float64)

    def each(self, look_up: Callable[..., Scalar], *keys: Any, text: bool = False) -> Any:
        """Apply a look-up to text arguments, once per distinct combination.

        Results are numbers, or objects when `text` is set. A key of None failed before.
        """
        blank = None if text else nan
        for key in keys:
            if isinstance(key, np.ndarray):
                return self._each_distinct(look_up, keys, blank)
        if None in keys:
            return blank
        try:
            return look_up(*keys)
        except ValuationError as error:
            reason = kept(error)
            self._fail(True, lambda _: reason)
            return blank

    def _each_distinct(
        self, look_up: Callable[..., Scalar], keys: tuple[Any, ...], blank: Any
    ) -> Array:
        codes, combinations = self._distinct.of(keys)
        found = [blank] * len(combinations)
        errors: dict[int, ValuationError] = {}
        for code, combination in enumerate(combinations):
            if None not in combination:
                try:
                    found[code] = look_up(*combination)
                except ValuationError as error:
                    errors[code] = kept(error)
        if errors:
            bad = np.isin(codes, [*errors])
            self._fail(bad, lambda at: errors[int(self.element(codes, at))])
        return np.array(found, dtype=object if blank is None else np.float64)[codes]

    def text(self, name: str, given: Any) -> Any:
        """Check an argument that must be a name."""
        if isinstance(given, str) or set(map(type, np.ravel(given))) == {str}:
            return given

        def check(value: Any) -> str:
            if not isinstance(value, str):
                raise misfit(name, "must be a name", value)
            return value

        self.require(given is not None, name, "must be a name", error=misfit)
        return self.each(check, given, text=True)

    def ticker(self, miner: Any) -> Any:
        """Resolve miners to tickers."""
        return self.each(self.book.ticker, self.text("miner", miner), text=True)

    def keyword(self, name: str, given: Any, choices: tuple[str, ...]) -> Any:
        """Resolve a keyword argument, in any case, to one of its choices."""

        def resolve(text: Any) -> str:
            known = text.strip().casefold() if isinstance(text, str) else None
            if known not in choices:
                raise misfit(name, f"must be one of {', '.join(choices)}", text)
            return known

        return self.each(resolve, given, text=True)

    def read(self, scope: str, metric: str) -> Fact:
        """Read one fact of the book, as a step of the explanation."""
        fact = self.book.fact(scope, metric)
        if self.steps is not None:
            unit = f"{fact.unit} {fact.basis}".strip()
            changed = f", case {fact.case}" if fact.case else ""
            formula = f"fact of {fact.scope}{changed}"
            self.step(metric, formula, fact.value, unit, fact.origin, fact.as_of, fact.confidence)
        return fact

    def number(self, scope: Any, metric: str, absent: str | None = None) -> Number:
        """Look a numeric fact up; `absent` is the reason to give when there is none.

        A value the caller gave for the metric takes the place of the fact.
        """
        if metric in self.given:
            return self.given[metric]
        alone = self.steps is None and isinstance(scope, str)  # nothing to note: the quickest way
        if alone and (fact := self.book.find(scope, metric)):
            return fact.value  # type: ignore[return-value]

        def look_up(scope: str) -> float:
            try:
                return self.read(scope, metric).value  # type: ignore[return-value]
            except ValuationError as error:
                if absent is None:
                    raise
                raise missing(error.input, error.rule, reason=absent.format(scope)) from None

        return self.each(look_up, scope)

    def days_until(self, scope: Any, metric: str) -> Number:
        """Give the days from the book's date to a date of the book."""

        def look_up(scope: str) -> float:
            day: date = self.read(scope, metric).value  # type: ignore[assignment]
            return float((day - self.book.as_of).days)

        return self.each(look_up, scope)

    def has(self, scope: Any, metric: str) -> Number:
        """Tell with 1 or 0 whether there is a value."""
        if metric in self.given:
            return 1.0
        return self.each(lambda scope: float(self.book.find(scope, metric) is not None), scope)

    def gross(self, scope: Any, metric: str) -> Number:
        """Look a fact in MW or per MW up and bring it to gross MW, if it is on critical MW."""
        if self.steps is None and isinstance(scope, str) and metric not in self.given:
            fact = self.book.find(scope, metric)
            if fact is not None and fact.basis != "critical":
                return fact.value  # type: ignore[return-value]
        on_critical: set[str] = set()

        def look_up(scope: str) -> float:
            fact = self.read(scope, metric)
            if fact.basis == "critical":
                on_critical.add(scope)
            return fact.value  # type: ignore[return-value]

        def note_basis(scope: str) -> float:
            fact = self.book.find(scope, metric)
            if (fact or METRICS[metric]).basis == "critical":
                on_critical.add(scope)
            return nan

        if metric in self.given:
            value = self.given[metric]
            self.each(note_basis, scope)
        else:
            value = self.each(look_up, scope)
        if not on_critical:
            return value
        critical = self.each(lambda scope: float(scope in on_critical), scope) == 1.0
        ratio = self.number(only(scope, critical), "gross_to_critical")
        unit = METRICS[metric].unit
        converted = value * ratio if unit == "MW" else value / ratio
        return self.step(
            f"{metric} on gross MW",
            "converted from critical MW",
            np.where(critical, converted, value)[()],
            f"{unit} gross",
        )

    def gross_per_basis(self, basis: Any, scope: Any) -> Number:
        """Give how many gross MW one MW of the caller's basis is: 1, or gross_to_critical."""
        chosen = self.keyword("basis", basis, BASES)
        critical = chosen == "critical"
        if not (critical.any() if isinstance(critical, np.ndarray) else critical):
            return 1.0
        ratio = self.number(only(scope, critical), "gross_to_critical")
        return np.where(critical, ratio, 1.0)[()]

    def fact(self, scope: Any, metric: Any) -> Any:
        """Look facts of any kind up by name; numbers and dates come back as they are."""
        names = self.text("scope", scope), self.text("metric", metric)
        return self.each(lambda *names: self._named(*names).value, *names, text=True)

    def citation(self, scope: Any, metric: Any) -> Any:
        """Give where facts come from, looked up by name."""
        names = self.text("scope", scope), self.text("metric", metric)
        return self.each(lambda *names: self._named(*names).citation, *names, text=True)

    def age(self, scope: Any, metric: Any) -> Any:
        """Give the days from facts to the book's date, looked up by name."""
        names = self.text("scope", scope), self.text("metric", metric)
        return self.each(lambda *names: float(self._named(*names).age(self.book.as_of)), *names)

    def _named(self, scope: str, metric: str) -> Fact:
        return self.read(self.book.scope(scope), metric.strip().casefold())

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
        """Note a step when explaining, and pass its value on."""
        if self.steps is not None:
            self.steps.append(Step(name, formula, value, unit, source, as_of, confidence))
        return value
