"""A book: the facts known on a date, immutable, looked up by miner and metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from valuation_core.book.content import handle_of
from valuation_core.book.metrics import MARKET_WIDE, METRICS, NETWORK
from valuation_core.book.parse import parse_date
from valuation_core.book.reader import names_of, read_tables
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row, Table, Tables, rows_by_miner, table_of
from valuation_core.errors import misfit, missing, unknown

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_DATE: Final = date(2025, 9, 26)
"""The edition that the shipped data is complete for."""

SHIPPED_FOLDER: Final = Path(__file__).parent / "data"

OWN: Final = "own"
"""Confidence shown for a fact that the analyst stated."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One number or date with where it comes from."""

    scope: str
    metric: str
    value: float | date
    unit: str
    basis: str
    as_of: date
    source: str
    confidence: str
    note: str

    @property
    def citation(self) -> str:
        """Give source, date, confidence and note in one line, the source first."""
        line = f"{self.source} (as of {self.as_of.isoformat()}, {self.confidence})"
        return f"{line}: {self.note}" if self.note else line


class Book:
    """Facts visible on a date.

    Books are values: equal content gives an equal `handle`, in any process. Make one with
    `load_book` or, from tables already read, `Book.at`; state own facts with
    `valuation_core.book.with_own_facts`.

    Parameters
    ----------
    as_of : datetime.date
        The date of the book.
    tables : mapping of str to Table
        Rows known on that date, every table of the format.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = load_book()
    >>> book.as_of.isoformat(), book.coverage
    ('2025-09-26', ('RIOT', 'IREN', 'CLSK', 'CIFR', 'MARA'))
    >>> book.fact("RIOT", "hpc_mw_shopped").value
    600.0
    """

    def __init__(self, as_of: date, tables: Tables) -> None:
        self.as_of = as_of
        self.tables = MappingProxyType(dict(tables))

    @classmethod
    def at(cls, tables: Tables, as_of: date) -> Book:
        """Make the book of a date: rows known later are left out.

        Raises
        ------
        ValuationError
            When no input is known on or before the date.
        """
        visible = {name: _visible(table, as_of) for name, table in tables.items()}
        if not len(visible["inputs"]):
            raise missing("as_of", f"no facts on or before {as_of.isoformat()}", as_of)
        return cls(as_of, visible)

    @cached_property
    def handle(self) -> str:
        """Text that names exactly this content, as `book:DATE+DIGEST`."""
        return handle_of(self.as_of, self.tables)

    @cached_property
    def facts(self) -> Mapping[tuple[str, str], Fact]:
        """Newest fact of each (scope, metric); at equal dates the last in file order."""
        newest: dict[tuple[str, str], Fact] = {}
        for row in self.tables["inputs"].rows():
            key = (row["scope"], row["metric"])
            if key not in newest or row["as_of"] >= newest[key].as_of:
                newest[key] = Fact(*(row[name] for name in Fact.__dataclass_fields__))
        known = {key: fact for key, fact in newest.items() if fact.value is not None}
        return MappingProxyType(known)

    @cached_property
    def _rows_by_miner(self) -> Mapping[tuple[str, str], tuple[Row, ...]]:
        return rows_by_miner(self.tables)

    def rows_of(self, table: str, ticker: str) -> tuple[Row, ...]:
        """Give the rows of a table that belong to a miner, in file order."""
        return self._rows_by_miner.get((table, ticker), ())

    @cached_property
    def _tickers(self) -> Mapping[str, str]:
        return {
            name.casefold(): row["ticker"]
            for row in self.tables["miners"].rows()
            for name in names_of(row)
        }

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every miner the book knows, in file order."""
        return self.tables["miners"].columns["ticker"]

    def ticker(self, miner: str) -> str:
        """Give the ticker of a miner named by ticker, name or alias, in any case.

        Raises
        ------
        ValuationError
            For an unknown miner, with the nearest name.
        """
        found = self._tickers.get(miner.strip().casefold())
        if found is None:
            names = [name for row in self.tables["miners"].rows() for name in names_of(row)]
            raise unknown("miner", miner, names)
        return found

    def scope(self, scope: str) -> str:
        """Give the canonical form of a scope: a ticker, `ALL` or `NETWORK`."""
        upper = scope.strip().upper()
        return upper if upper in (MARKET_WIDE, NETWORK) else self.ticker(scope)

    def find(self, scope: str, metric: str) -> Fact | None:
        """Look a fact up as `fact` does; None where the book does not hold it."""
        if METRICS[metric].home == NETWORK:
            return self.facts.get((NETWORK, metric))
        return self.facts.get((scope, metric)) or self.facts.get((MARKET_WIDE, metric))

    def fact(self, scope: str, metric: str) -> Fact:
        """Look a fact up: the scope itself, then `ALL`; facts of the network under `NETWORK`.

        Raises
        ------
        ValuationError
            For an unknown metric, or a fact the book does not hold.
        """
        if metric not in METRICS:
            raise unknown("metric", metric, list(METRICS))
        found = self.find(scope, metric)
        if found is None:
            raise missing(scope, f"no {metric} on or before {self.as_of.isoformat()}")
        return found

    def number(self, scope: str, metric: str) -> float:
        """Look the value of a numeric fact up, as `fact` does."""
        return float(self.fact(scope, metric).value)  # type: ignore[arg-type]

    def day(self, scope: str, metric: str) -> date:
        """Look the value of a date up, as `fact` does."""
        return self.fact(scope, metric).value  # type: ignore[return-value]

    @cached_property
    def edition_date(self) -> date | None:
        """Date of the latest edition on or before the book's date, None where there is none."""
        return max(self.tables["editions"].columns["edition_date"], default=None)

    @cached_property
    def edition(self) -> Mapping[str, Row]:
        """Rows of the latest edition by ticker, in file order; empty where there is none."""
        rows = self.tables["editions"].rows()
        covered = {row["ticker"]: row for row in rows if row["edition_date"] == self.edition_date}
        return MappingProxyType(covered)

    @property
    def coverage(self) -> tuple[str, ...]:
        """Tickers of the latest edition, in file order.

        Raises
        ------
        ValuationError
            When no edition is known by the book's date.
        """
        if not self.edition:
            raise missing("edition", f"none on or before {self.as_of.isoformat()}")
        return tuple(self.edition)

    def frame(self, table: str) -> pd.DataFrame:
        """Give a table as a new DataFrame; rows known after the book's date are absent."""
        import pandas as pd

        if table not in self.tables:
            raise misfit("table", f"must be one of {', '.join(self.tables)}", table)
        return pd.DataFrame(dict(self.tables[table].columns))

    def __repr__(self) -> str:
        return f"<{self.handle}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Book) and self.handle == other.handle

    def __hash__(self) -> int:
        return hash(self.handle)


def _visible(table: Table, as_of: date) -> Table:
    known = TABLES[table.name].known
    if not known:
        return table
    rows = [
        row
        for row in table.rows()
        if next(row[column] for column in known if row[column] is not None) <= as_of
        and not (row.get("retired_on") and row["retired_on"] <= as_of)
    ]
    return table_of(table.name, rows)


@lru_cache(maxsize=1)
def shipped_tables() -> Tables:
    """Read the tables that come with the package, once per process."""
    return read_tables(SHIPPED_FOLDER)


def load_book(as_of: date | str | None = None, folder: Path | str | None = None) -> Book:
    """Load the facts known on a date.

    Parameters
    ----------
    as_of : datetime.date or str, optional
        The date, or its text as YYYY-MM-DD; 2025-09-26 when left out.
    folder : path, optional
        A folder of CSV files in the format of the shipped book, used in its place.

    Returns
    -------
    Book
        Immutable; load again for another date.

    Raises
    ------
    BookError
        When the folder is not a valid book, with file, row and column.
    ValuationError
        When the date is not a date or nothing is known by then.

    Examples
    --------
    >>> load_book("2025-09-26").fact("RIOT", "price").value
    16.74
    """
    tables = shipped_tables() if folder is None else read_tables(Path(folder))
    return Book.at(tables, as_date(as_of))


def as_date(value: date | str | None) -> date:
    """Read the date of a book; nothing gives the default date."""
    if value is None:
        return DEFAULT_DATE
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if not isinstance(value, str):
        raise misfit("as_of", "must be a date as YYYY-MM-DD", value)
    parsed, wrong = parse_date(value.strip())
    if parsed is None:
        raise misfit("as_of", "must be a date as YYYY-MM-DD", value, wrong and f"as_of: {wrong}")
    return parsed
