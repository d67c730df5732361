"""Books between two books: what they state differently of a miner, taken over thing by thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from valuation_core.book.book import Book
from valuation_core.book.fact import Fact, Key
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row

DATE: Final = "date"
FACTS: Final = "inputs"
NAMED_BY: Final = {"deals": "deal_id", "instruments": "instrument_id", "sites": "site"}
"""Tables with things of a miner, and the column that names one."""

_PROVENANCE: Final = frozenset({"as_of", "known_on", "source", "confidence", "note"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two books state differently of a miner; None where one does not have it."""

    table: str
    """`inputs` for a fact, the table of a thing, `date` for the date of the books."""
    key: Key
    """Scope and metric of a fact; ticker and name of a thing."""
    before: Any
    after: Any

    @property
    def subject(self) -> str:
        """What is looked up to see it: the metric of a fact, or the table of a thing."""
        return self.key[1] if self.table == FACTS else self.table

    @property
    def columns(self) -> list[str]:
        """Columns of a thing that state another figure or word, its provenance aside."""
        before, after = self.before or {}, self.after or {}
        return [
            column.name
            for column in TABLES[self.table].columns
            if column.name not in _PROVENANCE and before.get(column.name) != after.get(column.name)
        ]

    @property
    def is_stated_anew(self) -> bool:
        """Whether a figure or a word is another one, not only its date or its source."""
        if self.table == DATE or self.before is None or self.after is None:
            return self.before != self.after
        if self.table == FACTS:
            before, after = self.before, self.after
            return (before.value, before.basis) != (after.value, after.basis)
        return bool(self.columns)


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a book states of one miner: facts, and things with every row about each."""

    facts: Mapping[Key, Fact]
    rows: Mapping[Key, Row]
    histories: Mapping[Key, tuple[Row, ...]]


def _stated(book: Book, ticker: str) -> _Stated:
    scopes = (ticker, MARKET_WIDE, NETWORK)
    facts = {key: fact for key, fact in book.facts.items() if key[0] in scopes}
    rows: dict[Key, Row] = {}
    histories: dict[Key, tuple[Row, ...]] = {}
    for table, name in NAMED_BY.items():
        for row in book.history_of(table, ticker):
            key = (table, row[name])
            histories[key] = (*histories.get(key, ()), row)
        rows |= {(table, row[name]): row for row in book.rows_of(table, ticker)}
    return _Stated(facts, rows, histories)


class Mixing:
    """Two books and every book between them, as far as one miner is concerned.

    Parameters
    ----------
    first, second : Book
        The books.
    ticker : str
        The miner, by its ticker.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> mixing = Mixing(load_book("2025-09-26"), load_book("2025-11-24"), "RIOT")
    >>> coins = [one for one in mixing.differences if one.key == ("NETWORK", "btc_price")]
    >>> mixed = mixing.book(coins)
    >>> mixed.number("NETWORK", "btc_price"), mixed.number("NETWORK", "network_hashrate")
    (86000.0, 1019.0)
    """

    def __init__(self, first: Book, second: Book, ticker: str) -> None:
        self.first, self.second, self.ticker = first, second, ticker
        self._from, self._to = (_stated(book, ticker) for book in (first, second))
        self.differences = tuple(self._differences())

    def _differences(self) -> Iterator[Difference]:
        if self.first.as_of != self.second.as_of:
            yield Difference(DATE, (self.ticker, DATE), self.first.as_of, self.second.as_of)
        before, after = self._from, self._to
        for key in _either(before.facts, after.facts):
            one, other = before.facts.get(key), after.facts.get(key)
            if one is None or other is None or _figure(one) != _figure(other):
                yield Difference(FACTS, key, one, other)
        for key in _either(before.histories, after.histories):
            one_row, other_row = before.rows.get(key), after.rows.get(key)
            table, name = key
            if one_row != other_row or before.histories.get(key) != after.histories.get(key):
                yield Difference(table, (self.ticker, name), one_row, other_row)

    def book(self, taken: Collection[Difference]) -> MixedBook:
        """Give the first book with some of the differences taken over from the second."""
        return MixedBook(self, taken)


def _either(one: Iterable[Key], other: Iterable[Key]) -> Iterable[Key]:
    return dict.fromkeys((*one, *other))


def _figure(fact: Fact) -> tuple[Any, ...]:
    """Give what a value can rest on: what has happened since a fact counts from its date."""
    return fact.value, fact.basis, fact.as_of


class MixedBook(Book):
    """A book of one miner between two books; it has no content of its own, so no handle."""

    read: set[str]
    """Metrics and tables of things that were looked up: on nothing else does a figure rest."""

    __hash__ = object.__hash__

    def __init__(self, mixing: Mixing, taken: Collection[Difference]) -> None:
        first, second = mixing._from, mixing._to
        self.as_of = mixing.first.as_of
        self.case = mixing.second.case
        self._until: dict[str, date] = {}
        facts, rows, histories = dict(first.facts), dict(first.rows), dict(first.histories)
        for one in taken:
            if one.table == DATE:
                self.as_of = mixing.second.as_of
            elif one.table == FACTS:
                _take(facts, one.key, second.facts)
            else:
                key = (one.table, one.key[1])
                _take(rows, key, second.rows)
                _take(histories, key, second.histories)
                if one.table == "instruments":
                    self._until[key[1]] = mixing.second.as_of
        self.__dict__["facts"] = facts
        self._rows, self._histories = rows, histories
        self._first_day = mixing.first.as_of
        self.read = {DATE}

    def __eq__(self, other: object) -> bool:
        return self is other

    def find(self, scope: str, metric: str) -> Fact | None:
        """Look a fact up, and remember which."""
        self.read.add(metric)
        return super().find(scope, metric)

    def rows_of(self, table: str, ticker: str) -> tuple[Row, ...]:  # noqa: ARG002
        """Give the things in force, each from the book it is taken from."""
        self.read.add(table)
        return tuple(row for (kept, _), row in self._rows.items() if kept == table)

    def history_of(self, table: str, ticker: str) -> tuple[Row, ...]:  # noqa: ARG002
        """Give all rows about each thing, from the book it is taken from."""
        self.read.add(table)
        kept = [row for (one, _), rows in self._histories.items() if one == table for row in rows]
        return tuple(sorted(kept, key=lambda row: row["as_of"]))

    def followed_to(self, instrument: Row) -> date:
        """Give the date of the book from which an instrument is taken."""
        return self._until.get(instrument["instrument_id"], self._first_day)


def _take(kept: dict[Key, Any], key: Key, other: Mapping[Key, Any]) -> None:
    if key in other:
        kept[key] = other[key]
    else:
        kept.pop(key, None)
