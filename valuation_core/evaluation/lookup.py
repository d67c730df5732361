"""A book as one evaluation reads it: names resolved, facts looked up, MW brought to gross."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS, Book, load_book
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.errors import ValuationError, misfit, missing
from valuation_core.evaluation.elementwise import Run

COLOCATION_LEVELS: Final = ("low", "mid", "high")
"""Levels of the equity value per MW of colocation."""

BASES: Final = ("gross", "critical")
LEVELS: Final = {
    "low": "colo_value_low",
    "mid": "colo_value_mid",
    "high": "colo_value_high",
    "cloud": "cloud_value",
}
"""Names of the value per MW that the book holds, and the metric of each."""


@lru_cache(maxsize=1)
def default_book() -> Book:
    """Give the shipped book on its default date, read once per process."""
    return load_book()


class Reading:
    """Vectorised look-ups in one book; each fact read is a step of the explanation."""

    def __init__(self, run: Run, book: Book | None, given: Mapping[str, Any] | None = None) -> None:
        if book is not None and not isinstance(book, Book):
            raise misfit("book", "must be a Book", book)
        self.run = run
        self.book = default_book() if book is None else book
        self.given = {metric: value for metric, value in (given or {}).items() if value is not None}
        for metric, value in self.given.items():
            known = METRICS[metric]
            checked = run.number(metric, value, known.unit, known.domain)
            self.given[metric] = run.spread(checked)

    def ticker(self, miner: Any) -> Any:
        """Resolve miners to tickers."""

        def resolve(name: Any) -> str:
            if not isinstance(name, str):
                raise misfit("miner", "must be a name", name)
            return self.book.ticker(name)

        return self.run.each(resolve, miner, text=True)

    def keyword(self, name: str, given: Any, choices: tuple[str, ...]) -> Any:
        """Resolve a keyword argument, in any case, to one of its choices."""

        def resolve(text: Any) -> str:
            if not isinstance(text, str) or text.strip().casefold() not in choices:
                raise misfit(name, f"must be one of {', '.join(choices)}", text)
            return text.strip().casefold()

        return self.run.each(resolve, given, text=True)

    def number(self, scope: Any, metric: str, absent: str | None = None) -> Any:
        """Look a numeric fact up; `absent` is the reason to give when there is none.

        A value the caller gave for the metric takes the place of the fact.
        """
        if metric in self.given:
            return self.given[metric]

        def look_up(scope: str) -> float:
            try:
                value: float = self._read(scope, metric)
                return value
            except ValuationError as error:
                if absent is None:
                    raise
                raise missing(error.input, error.rule, reason=absent.format(scope)) from None

        return self.run.each(look_up, scope)

    def days_until(self, scope: Any, metric: str) -> Any:
        """Give the days from the book's date to a date of the book."""

        def look_up(scope: str) -> float:
            day: date = self._read(scope, metric)
            return float((day - self.book.as_of).days)

        return self.run.each(look_up, scope)

    def has(self, scope: Any, metric: str) -> Any:
        """Tell with 1 or 0 whether there is a value."""
        if metric in self.given:
            return 1.0

        def look_up(scope: str) -> float:
            return float(bool({(scope, metric), (MARKET_WIDE, metric)} & self.book.facts.keys()))

        return self.run.each(look_up, scope)

    def gross(self, scope: Any, metric: str) -> Any:
        """Look a fact in MW or per MW up and bring it to gross MW, if it is on critical MW."""
        value = self.number(scope, metric)
        critical = self.run.each(lambda scope: self._on_critical(scope, metric), scope)
        if not np.any(critical == 1.0):
            return value
        ratio = self.number(only(scope, critical == 1.0), "gross_to_critical")
        unit = METRICS[metric].unit
        converted = value * ratio if unit == "MW" else value / ratio
        return self.run.step(
            f"{metric} on gross MW",
            "converted from critical MW",
            np.where(critical == 1.0, converted, value)[()],
            f"{unit} gross",
        )

    def _on_critical(self, scope: str, metric: str) -> float:
        facts = self.book.facts
        fact = facts.get((scope, metric)) or facts.get((MARKET_WIDE, metric))
        return float((fact.basis if fact else METRICS[metric].basis) == "critical")

    def _read(self, scope: str, metric: str) -> Any:
        """Read one fact, as a step of the explanation."""
        fact = self.book.fact(scope, metric)
        unit = f"{fact.unit} {fact.basis}".strip()
        formula = f"fact of {fact.scope}"
        return self.run.step(
            metric, formula, fact.value, unit, fact.source, fact.as_of, fact.confidence
        )

    def gross_per_basis(self, basis: Any, scope: Any) -> Any:
        """Give how many gross MW one MW of the caller's basis is: 1, or gross_to_critical."""
        basis = self.keyword("basis", basis, BASES)
        critical = self.run.each(lambda name: float(name == "critical"), basis)
        if not np.any(critical == 1.0):
            return 1.0
        ratio = self.number(only(scope, critical == 1.0), "gross_to_critical")
        return np.where(critical == 1.0, ratio, 1.0)[()]

    def fact(self, scope: Any, metric: Any) -> Any:
        """Look facts of any kind up by name; numbers and dates come back as they are."""

        def look_up(scope: str, metric: str) -> float | date:
            value: float | date = self._read(self.book.scope(scope), metric.strip().casefold())
            return value

        return self.run.each(look_up, scope, metric, text=True)

    def citation(self, scope: Any, metric: Any) -> Any:
        """Give where facts come from, looked up by name."""

        def look_up(scope: str, metric: str) -> str:
            found = self.book.scope(scope), metric.strip().casefold()
            self._read(*found)
            return self.book.fact(*found).citation

        return self.run.each(look_up, scope, metric, text=True)


def only(text: Any, where: Any) -> Any:
    """Keep text where a condition holds and leave None elsewhere: nothing is looked up there."""
    if isinstance(where, np.ndarray):
        return np.where(where, text, np.full(where.shape, None))
    return text if where else None
