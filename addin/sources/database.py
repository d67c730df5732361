"""A SQL database as a source of facts: tables named as the CSV files, reached by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from valuation_core.book.origin import FORMAT, Unreadable, as_text
from valuation_core.book.schema import TABLES
from valuation_core.errors import missing

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

ORDER: Final = "row_number"
"""Column that keeps the order in which rows were appended; the reader sorts by it."""

CONTENT: Final = "row_content"
"""Column with the SHA-256 of a row: the same fact is held once."""

OWN_COLUMNS: Final = (ORDER, CONTENT)
HOW_TO_INSTALL: Final = (
    "databases need SQLAlchemy, and one other than SQLite its driver: pip install SQLAlchemy; for "
    "the button in Excel then hpcval install again"
)
WAIT: Final = 30
"""Seconds to wait for a database, or for another person's push."""


@dataclass(frozen=True)
class Records:
    """Tables that were read from a database, as an origin of a book."""

    name: str
    tables: dict[str, list[list[str]]]
    first_row: int = 1

    def refusal(self) -> str | None:
        """Say whether no table of a book is among them."""
        return None if self.tables else "holds no table of facts, so it is not a book"

    def label(self, table: str) -> str:
        """Name the table."""
        return f"table {table}"

    def records(self, table: str) -> list[list[str]]:
        """Give one table, in the order in which its rows were appended."""
        if table not in self.tables:
            raise Unreadable("is missing (an empty table needs its columns)")
        return self.tables[table]


class Database:
    """A database by its URL; all tables are read in one transaction."""

    first_row = 1

    def __init__(self, text: str) -> None:
        self.url = parsed_url(text)
        self.name = shown(self.url)

    @cached_property
    def _records(self) -> Records:
        with connected(self.url) as connection:
            return Records(self.name, dict(read_records(connection)))

    def refusal(self) -> str | None:
        """Say whether the database cannot be reached, or holds no table of a book."""
        file = self.url.database
        if self.url.get_backend_name() == "sqlite" and not (file and Path(file).is_file()):
            return "does not exist"
        try:
            return self._records.refusal()
        except Exception as error:
            return f"cannot be read: {reason(self.url, error)}"

    def label(self, table: str) -> str:
        """Name the table."""
        return self._records.label(table)

    def records(self, table: str) -> list[list[str]]:
        """Give one table."""
        return self._records.records(table)


def parsed_url(text: str) -> URL:
    """Take a URL apart, without ever repeating it in an error.

    Raises
    ------
    ValuationError
        When SQLAlchemy is not installed or the text is no URL of a database.
    """
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise missing("source", HOW_TO_INSTALL, None, HOW_TO_INSTALL) from None
    try:
        return make_url(text)
    except (SQLAlchemyError, ValueError):
        raise missing(
            "source", "is not the URL of a database, such as sqlite:///facts.db"
        ) from None


def shown(url: URL) -> str:
    """Write a URL for a person: no password, and no options, which can hold one.

    Examples
    --------
    >>> shown(parsed_url("postgresql+psycopg://ann:secret@desk/facts?sslpassword=other"))
    'postgresql+psycopg://ann:***@desk/facts'
    """
    if url.get_backend_name() == "sqlite":
        return f"{url.drivername}:///{url.database or ''}"  # as it was typed: no character escaped
    return url.set(query={}).render_as_string(hide_password=True)


def reason(url: URL, error: Exception) -> str:
    """Give the first line of what a driver said, without what is secret in the URL."""
    inner = getattr(error, "orig", None) or error
    if isinstance(inner, ImportError):
        return HOW_TO_INSTALL
    line = (str(inner).strip() or type(inner).__name__).splitlines()[0]
    secrets = [str(url.password or ""), *(str(value) for value in url.query.values())]
    for secret in filter(None, secrets):
        line = line.replace(secret, "***").replace(quote(secret), "***")
    return line


def engine_for(url: URL) -> Engine:
    """Make an engine without a pool, that says nothing of what it does."""
    from sqlalchemy import NullPool, create_engine

    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": WAIT}
    elif url.get_backend_name() == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
        options["connect_args"] = {"connect_timeout": WAIT}
    return create_engine(url, **options)


@contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """Connect for reading; in SQLite and PostgreSQL every table is of the same moment."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            if url.get_backend_name() == "sqlite":
                # The driver else begins a transaction only when something is written.
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def read_records(connection: Connection) -> Iterator[tuple[str, list[list[str]]]]:
    """Read every table of a book that a database holds, as text."""
    import pandas as pd
    from sqlalchemy import MetaData, Table, inspect, select

    there = set(inspect(connection).get_table_names()) | set(inspect(connection).get_view_names())
    for name in (FORMAT, *TABLES):
        if name not in there:
            continue
        table = Table(name, MetaData(), autoload_with=connection)
        columns = [column for column in table.columns if column.name not in OWN_COLUMNS]
        statement = select(*columns)
        if ORDER in table.columns:
            statement = statement.order_by(table.columns[ORDER])
        frame = pd.read_sql_query(statement, connection, dtype=object, coerce_float=False)
        rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        yield name, [list(frame.columns), *([as_text(value) for value in row] for row in rows)]
