"""Arguments that show each worksheet function at work, and what it then gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from valuation_core.book import Book
from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import ValuationError, kept
from valuation_core.result import ResultTable
from valuation_core.units import Takes
from workbook.cells import ErrorValue, Ref, cut

OPTIONAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "HPC_VALUE": {"prob": 0.5, "mw": 600.0},
    "HPC_PER_SHARE": {"prob": 0.5, "mw": 600.0},
    "HPC_TARGET": {"prob": 0.5, "mw": 600.0},
    "HPC_SOTP": {"prob": 0.5, "mw": 600.0},
    "HPC_UPSIDE": {"price": 15.0, "prob": 0.5, "mw": 600.0},
    "HPC_RATING": {"price": 15.0, "prob": 0.5, "mw": 600.0},
    "HPC_CAPEX": {"per_mw": 11.0, "basis": "critical"},
    "HPC_MINING_VALUE": {"btc_price": 100_000.0},
    "HPC_HASHPRICE": {"btc_price": 100_000.0},
    "HPC_DILUTED_SHARES": {"price": 25.0},
    "HPC_IMPLIED_MW": {"price": 25.0, "prob": 1.0, "per_mw": "high"},
    "HPC_IMPLIED_PROB": {"price": 25.0, "mw": 600.0},
    "HPC_IMPLIED_PER_MW": {"price": 25.0, "prob": 0.5, "mw": 600.0},
    "HPC_DISTRIBUTION": {"percentiles": (0.25, 0.75, 0.95)},
    "HPC_HISTOGRAM": {"edges": (5.0, 10.0, 15.0, 20.0)},
    "HPC_SIMULATE": {"percentiles": (0.25, 0.75, 0.95), "paths": 10_000.0},
    "HPC_LEASE_VALUE": {"equity_return": 0.1},
    "HPC_CLOUD_VALUE": {"equity_return": 0.15},
}
"""Optional arguments worth showing in an example; the others are left out and take defaults."""

REQUIRED: Final[Mapping[str, Any]] = {
    "prob": 0.75,
    "months": 4.5,
    "mw": 600.0,
    "item": "target",
    "input": "other_value",
    "target": 20.0,
    "probs": (0.25, 0.5, 0.75, 1.0),
    "mws": (200.0, 400.0, 600.0, 800.0),
    "value": 8.0,
    "scope": "ALL",
    "metric": "tenant_cap",
    "series": "aggregate_market_cap",
}
"""Values of required arguments by name; miner and deal are the workbook's own."""

EXPLAINED: Final = "HPC_WINDOW"

EMPTY: Final = "-"
"""Shown where a table of a function has nothing."""

Books = Mapping[str, tuple[Ref, Book | ErrorValue]]
"""By argument: the cell with a handle, and the book it names."""

_KNOWN: Final[WeakKeyDictionary[Book, dict[Any, list[list[Any]]]]] = WeakKeyDictionary()
"""What examples give of a book, which two plans of a workbook may share."""


class Results:
    """What the core gives for examples: each is computed once, to choose it and to show it."""

    def __init__(self, compared: Books) -> None:
        self.compared = compared

    def of(self, card: Card, given: Mapping[str, Any], book: Book) -> list[list[Any]]:
        """Give rows of values, or the error in place of them."""
        others = [self.compared[one.name][1] for one in card.arguments if one.name in self.compared]
        named = [other.handle if isinstance(other, Book) else other for other in others]
        key = (card.name, *given.items(), *named)
        known = _KNOWN.setdefault(book, {})
        if key not in known:
            known[key] = self._computed(card, given, book)
        return known[key]

    def _computed(self, card: Card, given: Mapping[str, Any], book: Book) -> list[list[Any]]:
        arguments = {k: list(one) if isinstance(one, tuple) else one for k, one in given.items()}
        of_books = [one.name for one in card.arguments if one.unit.takes is Takes.BOOK]
        books = {name: self.compared.get(name, (None, book))[1] for name in of_books}
        try:
            if card.name == "HPC_EXPLAIN":
                explained = catalogue()[EXPLAINED].arguments
                ordered = [
                    book if argument.unit.takes is Takes.BOOK else arguments.get(argument.name)
                    for argument in explained
                ]
                result: Any = card.function(arguments["function"], *ordered)
            else:
                result = card.function(**arguments, **books)
        except ValuationError as error:
            return [[kept(error)]]
        if isinstance(result, ResultTable):
            return [[_plain(cell) for cell in row] for row in (result.header, *result.rows)]
        return [[_plain(result)]]


class Examples:
    """Chooses arguments for which a function has an answer in this book."""

    def __init__(self, book: Book, tickers: Sequence[str], results: Results) -> None:
        self.book, self.tickers, self.results = book, tickers, results
        rows = list(book.in_force["deals"].rows())
        self.deals = [row["deal_id"] for row in rows]
        self.leases = [row["deal_id"] for row in rows if row["kind"] == "colo"]

    def of(self, card: Card) -> dict[str, Any]:
        """Give the arguments of the example: of the first miner for which it has a result."""
        names = [argument.name for argument in card.arguments if argument.required]
        chosen = {name: self._required(card, name) for name in names if name in REQUIRED}
        chosen |= OPTIONAL.get(card.name, {})
        if card.name == "HPC_DEAL":
            chosen |= {"deal": next(iter(self.deals), "none"), "metric": "usd_per_kw_month"}
        if card.name == "HPC_DEAL_VALUE":
            chosen |= {"deal": next(iter(self.leases), "none")}
        if card.name == "HPC_EXPLAIN":
            return {"function": EXPLAINED}
        if "miner" not in {argument.name for argument in card.arguments}:
            return chosen
        for ticker in self.tickers:
            given = {"miner": ticker, **chosen}
            if not failed(self.results.of(card, given, self.book)):
                return given
        return {"miner": self.tickers[0], **chosen}

    def _required(self, card: Card, name: str) -> Any:
        if name == "target" and card.name == "HPC_SOLVE":
            published = [row["new_target"] for row in self.book.edition.values()]
            return next((target for target in published if target), REQUIRED[name])
        return REQUIRED[name]


def failed(rows: Sequence[Sequence[Any]]) -> bool:
    """Tell whether an example has no result, or lacks a part of it."""
    return any(isinstance(cell, ValuationError) for row in rows for cell in row)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value == "":
        return EMPTY
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, float | date | ValuationError):
        return value
    return cut(str(value))
