"""A SQL database as a source of facts: tables named as the CSV files, reached by SQLAlchemy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from valuation_core.book.origin import FORMAT, Cell, Record, Unreadable, Unusable, as_text
from valuation_core.book.schema import TABLES
from valuation_core.errors import missing

if TYPE_CHECKING:
    from sqlalchemy import URL, Column, ColumnElement, Connection, Engine

ORDER: Final = "row_number"
"""Column that keeps the order in which rows were appended; the reader sorts by it."""

CONTENT: Final = "row_content"
"""Column with the SHA-256 of a row: the same fact is held once."""

OWN_COLUMNS: Final = (ORDER, CONTENT)
HOW_TO_INSTALL: Final = (
    "databases need SQLAlchemy, and one other than SQLite its driver: pip install SQLAlchemy; for "
    "the button in Excel then hpcval install again"
)
_MIDNIGHT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00(:00(\.0+)?)?", re.ASCII)
"""How SQLite holds a date under a type with a time of day."""

WAIT: Final = 30
"""Seconds to wait for a database, or for another person's push."""


@dataclass(frozen=True)
class Records:
    """Tables that were read from a database, as an origin of a book."""

    name: str
    tables: dict[str, list[Record]]

    def refusal(self) -> str | None:
        """Say whether no table of a book is among them."""
        return None if self.tables else "holds no table of facts, so it is not a book"

    def label(self, table: str) -> str:
        """Name the table."""
        return f"table {table}"

    def records(self, table: str) -> list[Record]:
        """Give one table, in the order in which its rows were appended."""
        if table not in self.tables:
            raise Unreadable("is missing (an empty table needs its columns)")
        return self.tables[table]


class Database:
    """A database by its URL; all tables are read in one transaction."""

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

    def records(self, table: str) -> list[Record]:
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


def read_records(connection: Connection) -> Iterator[tuple[str, list[Record]]]:
    """Read every table of a book that a database holds, in whatever letter case it is named."""
    from sqlalchemy import MetaData, Table, inspect, select

    inspector = inspect(connection)
    there: dict[str, list[str]] = {}
    for name in (*inspector.get_table_names(), *inspector.get_view_names()):
        there.setdefault(name.casefold(), []).append(name)
    for name in (FORMAT, *TABLES):
        found = there.get(name, [])
        if not found:
            continue
        if name not in found and len(found) > 1:
            raise ValueError(f"the table {name} is there as {' and '.join(found)}")
        table = Table(name if name in found else found[0], MetaData(), autoload_with=connection)
        order = [column for column in table.columns if column.name.casefold() == ORDER]
        columns = [column for column in table.columns if column.name.casefold() not in OWN_COLUMNS]
        shown = [_as_held(column, connection.dialect.name) for column in columns]
        rows = connection.execute(select(*shown).order_by(*order))
        yield name, _records([column.name for column in columns], rows)


def _as_held(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """Ask SQLite for what it holds: it keeps any value under any type, a text under DATE too."""
    from sqlalchemy import Boolean, type_coerce
    from sqlalchemy.types import NullType

    if dialect != "sqlite" or isinstance(column.type, Boolean):
        return column
    return type_coerce(column, NullType()).label(column.name)


def _records(header: list[str], rows: Iterable[Sequence[Any]]) -> list[Record]:
    records = [Record(0, {name: name for name in header})]
    for number, row in enumerate(rows, 1):
        cells = {name: _cell(value) for name, value in zip(header, row, strict=True)}
        filled = {name: cell for name, cell in cells.items() if cell != ""}
        if filled:
            records.append(Record(number, filled))
    return records


def _cell(value: Any) -> Cell:
    if isinstance(value, bytes | bytearray | memoryview):
        return Unusable("holds bytes where a text, a number or a date is due")
    return _date_alone(as_text(value))


def _date_alone(text: str) -> str:
    at_midnight = _MIDNIGHT.fullmatch(text)
    return at_midnight[1] if at_midnight else text
