"""A book: the facts known on a date, immutable, looked up by miner and metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from valuation_core.book.cases import (
    case_named,
    case_names,
    changes_of,
    facts_changed,
    in_order,
    with_changes,
)
from valuation_core.book.content import handle_of
from valuation_core.book.fact import OWN, Fact, Key, newest_facts
from valuation_core.book.metrics import MARKET_WIDE, METRICS, NETWORK
from valuation_core.book.parse import parse_date, unknown_metric
from valuation_core.book.reader import read_tables
from valuation_core.book.schema import BANK, PLAIN
from valuation_core.book.tables import (
    Row,
    Table,
    Tables,
    in_force_on,
    names_of,
    rows_by_miner,
    table_of,
    visible_on,
    without,
)
from valuation_core.errors import misfit, missing, unknown

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_DATE: Final = date(2025, 9, 26)
"""The edition that the shipped data is complete for."""

SHIPPED_FOLDER: Final = Path(__file__).parent / "data"

COVERED_FOR: Final = 365
"""Days for which a published row keeps a miner in the coverage."""


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
        Rows known on that date, every table of the format, earlier rows about a thing too.
    case : str, optional
        Name of the case in use.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = load_book()
    >>> book.as_of.isoformat(), book.coverage
    ('2025-09-26', ('RIOT', 'IREN', 'CLSK', 'CIFR', 'MARA'))
    >>> book.fact("RIOT", "hpc_mw_shopped").value
    600.0
    """

    def __init__(self, as_of: date, tables: Tables, case: str = PLAIN) -> None:
        self.as_of = as_of
        self.tables = MappingProxyType(dict(tables))
        self.case = case_named(tables, case)
        if self.case != PLAIN:
            _ = self.facts  # a change that cannot be made is refused here

    @classmethod
    def at(cls, tables: Tables, as_of: date, case: str = PLAIN) -> Book:
        """Make the book of a date under a case: rows known later are left out.

        Raises
        ------
        ValuationError
            When no input is known on or before the date, for an unknown case, or one that leads a
            fact out of its domain or a low above its high.
        """
        visible = {name: visible_on(table, as_of) for name, table in tables.items()}
        if not len(visible["inputs"]):
            raise missing("as_of", f"no facts on or before {as_of.isoformat()}", as_of)
        made = cls(as_of, visible, case)
        in_order(made.facts if made.changes else {})
        return made

    def with_case(self, case: str) -> Book:
        """Give the same facts under another case."""
        return self if case == self.case else Book(self.as_of, self.tables, case)

    def with_changes(self, changes: Sequence[Row]) -> Book:
        """Give the same facts with other changes in place of those of the case."""
        tables = {**self.tables, "cases": table_of("cases", changes)}
        return Book(self.as_of, tables, changes[0]["case"] if changes else PLAIN)

    @cached_property
    def plain(self) -> Book:
        """The book without its case and without own facts: what was published."""
        tables = {name: without(self.tables[name], OWN) for name in ("inputs", "sites")}
        same = all(table is self.tables[name] for name, table in tables.items())
        return self if same and self.case == PLAIN else Book(self.as_of, {**self.tables, **tables})

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases there are, the plain one first."""
        return case_names(self.tables)

    @property
    def changes(self) -> tuple[Row, ...]:
        """The changes of the case in use, in file order."""
        return changes_of(self.tables, self.case)

    def facts_changed(self) -> list[tuple[Row, int]]:
        """Give the changes of every case, and how many facts of the book each of them changes."""
        found: list[tuple[Row, int]] = []
        for case in self.cases:
            changes = changes_of(self.tables, case)
            found += zip(changes, facts_changed(self._stated, changes), strict=True)
        return found

    @cached_property
    def handle(self) -> str:
        """Text that names exactly this content, as `book:DATE+DIGEST`."""
        return handle_of(self.as_of, self.tables, self.case)

    @cached_property
    def facts(self) -> Mapping[Key, Fact]:
        """The fact in force of each (scope, metric): own, else as the case has it, else newest."""
        own = {key: fact for key, fact in self._newest.items() if fact.confidence == OWN}
        stated = with_changes(self._stated, self.changes, list(own), self.as_of)
        return MappingProxyType({**stated, **own})

    @cached_property
    def _newest(self) -> dict[Key, Fact]:
        """Newest fact of each key, an own one before the book's, before any case."""
        return newest_facts(self.tables["inputs"])

    @cached_property
    def _stated(self) -> dict[Key, Fact]:
        """The facts that a case may change: the book's own."""
        return {key: fact for key, fact in self._newest.items() if fact.confidence != OWN}

    @cached_property
    def in_force(self) -> Mapping[str, Table]:
        """The tables with one row a thing: the newest, where it counts on the book's date."""
        return {name: in_force_on(table, self.as_of) for name, table in self.tables.items()}

    @cached_property
    def _rows_by_miner(self) -> Mapping[tuple[str, str], tuple[Row, ...]]:
        return rows_by_miner(self.in_force)

    @cached_property
    def _history_by_miner(self) -> Mapping[tuple[str, str], tuple[Row, ...]]:
        return rows_by_miner(self.tables)

    def rows_of(self, table: str, ticker: str) -> tuple[Row, ...]:
        """Give the rows in force of a table that belong to a miner, in file order."""
        return self._rows_by_miner.get((table, ticker), ())

    def history_of(self, table: str, ticker: str) -> tuple[Row, ...]:
        """Give all rows of a table that belong to a miner, earlier ones too, by their day."""
        rows = self._history_by_miner.get((table, ticker), ())
        return tuple(sorted(rows, key=lambda row: row["as_of"]))

    def followed_to(self, instrument: Row) -> date:  # noqa: ARG002
        """Give the day to which what happened to an instrument counts; a mixed book has two."""
        return self.as_of

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
        if found := self._tickers.get(miner.strip().casefold()):
            return found
        names = [name for row in self.tables["miners"].rows() for name in names_of(row)]
        raise unknown("miner", miner, names)

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
            raise unknown_metric("metric", metric)
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
    def edition(self) -> Mapping[str, Row]:
        """Latest published row of the bank by ticker, in file order."""
        latest: dict[str, Row] = {}
        for row in self.tables["editions"].rows():
            ticker, day = row["ticker"], row["edition_date"]
            if row["broker"] != BANK:
                continue
            if ticker not in latest or day > latest[ticker]["edition_date"]:
                latest.pop(ticker, None)  # so that the order is that of the rows that count
                latest[ticker] = row
        return MappingProxyType(latest)

    @cached_property
    def edition_date(self) -> date | None:
        """Day of the newest published row of the bank, None where there is none."""
        return max((row["edition_date"] for row in self.edition.values()), default=None)

    @property
    def coverage(self) -> tuple[str, ...]:
        """Tickers on which the bank published in the twelve months to the book's date.

        Raises
        ------
        ValuationError
            When there are none.
        """
        covered = tuple(
            ticker
            for ticker, row in self.edition.items()
            if (self.as_of - row["edition_date"]).days <= COVERED_FOR
        )
        if not covered:
            day = self.as_of.isoformat()
            raise missing("edition", f"none of {BANK} in the twelve months to {day}")
        return covered

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


@lru_cache(maxsize=1)
def shipped_tables() -> Tables:
    """Read the tables that come with the package, once per process."""
    return read_tables(SHIPPED_FOLDER)


def load_book(
    as_of: date | str | None = None, folder: Path | str | None = None, case: str = PLAIN
) -> Book:
    """Load the facts known on a date.

    Parameters
    ----------
    as_of : datetime.date or str, optional
        The date, also as YYYY-MM-DD; 2025-09-26 when left out.
    folder : path, optional
        A folder of CSV files in the format of the shipped book, used in its place.
    case : str, optional
        Name of a case of the book; "plain", without changes, when left out.

    Returns
    -------
    Book
        Immutable; load again for another date.

    Raises
    ------
    BookError
        When the folder is not a valid book, with file, row and column.
    ValuationError
        When the date is not a date or nothing is known by then, or for an unknown case.

    Examples
    --------
    >>> load_book("2025-09-26").fact("RIOT", "price").value
    16.74
    """
    tables = shipped_tables() if folder is None else read_tables(Path(folder))
    return Book.at(tables, as_date(as_of), case)


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
