"""Append the facts of a book to a database: never update, never delete, nothing twice.

Each row carries the SHA-256 of its text under a unique constraint and is inserted or ignored,
all in one transaction. A second person's push waits for the first and then adds only what is new.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from addin.sources.database import (
    CONTENT,
    ORDER,
    Database,
    Records,
    engine_for,
    read_records,
    reason,
)
from valuation_core.book import BookError, read_tables
from valuation_core.book.origin import FORMAT, first_format, records_of
from valuation_core.book.schema import FIRST_FORMAT
from valuation_core.book.tables import Tables
from valuation_core.errors import ValuationError, missing

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table

PUSHABLE: Final = ("sqlite", "postgresql")
"""Databases whose insert-or-ignore and locks are used and tested; others can be read."""

_LOCK: Final = 0x48504356
"""Key of the lock that one push at a time holds in PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did."""

    added: int
    held: int
    name: str
    """The database, without its password."""

    def __str__(self) -> str:
        return f"{self.added} rows added to {self.name}; {self.held} were there already"


def push(text: str, tables: Tables) -> Pushed:
    """Append the rows that a database does not hold yet; its tables are made where missing.

    Raises
    ------
    ValuationError
        When the database cannot be used, or holds another row of the same name: facts are not
        updated. Nothing is changed then.
    """
    database = Database(text)
    url = database.url
    if url.get_backend_name() not in PUSHABLE:
        rule = f"must be one of {', '.join(PUSHABLE)} for a push"
        raise missing("database", rule, url.get_backend_name())
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise missing("database", "must be a file, such as sqlite:///facts.db")
    try:
        return _push(database, tables)
    except ValuationError:
        raise
    except Exception as error:
        what = f"{database.name} cannot be written: {reason(url, error)}; nothing was changed"
        raise missing("database", what, None, what) from None


def _push(database: Database, tables: Tables) -> Pushed:
    from sqlalchemy import event

    engine = engine_for(database.url)
    if engine.dialect.name == "sqlite":
        # The driver's own transactions begin late, so two pushes could both read before one writes.
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda one: one.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        # Rows that another push committed while this one waited must be seen.
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    try:
        with engine.begin() as connection:
            return _append(connection, database, tables)
    finally:
        engine.dispose()


def _append(connection: Connection, database: Database, tables: Tables) -> Pushed:
    from sqlalchemy import MetaData, text

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    _refuse_the_first_format(connection, database)
    metadata = MetaData()
    places = {name: _table(metadata, name, header) for name, header, _ in records_of(tables)}
    metadata.create_all(connection)
    added = total = 0
    for name, header, rows in records_of(tables):
        added += _insert(connection, places[name], header, rows)
        total += len(rows)
    _refuse_what_cannot_be_read(connection, database)
    return Pushed(added, total - added, database.name)


def _table(metadata: MetaData, name: str, header: list[str]) -> Table:
    from sqlalchemy import Column, Integer, String, Table, Text

    return Table(
        name,
        metadata,
        Column(ORDER, Integer, primary_key=True, autoincrement=True),
        *(Column(column, Text, nullable=False) for column in header),
        Column(CONTENT, String(64), nullable=False, unique=True),
    )


def content_key(header: list[str], row: list[str]) -> str:
    """Give the SHA-256 of a row by column, whatever their order.

    Examples
    --------
    >>> content_key(["a", "b"], ["1", "2"]) == content_key(["b", "a"], ["2", "1"])
    True
    """
    text = json.dumps(dict(zip(header, row, strict=True)), sort_keys=True, ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()


def _insert(connection: Connection, table: Table, header: list[str], rows: list[list[str]]) -> int:
    """Insert the rows that are not there and give their number."""
    from sqlalchemy import func, select
    from sqlalchemy.dialects import postgresql, sqlite

    if not rows:
        return 0
    count = select(func.count()).select_from(table)
    before = connection.scalar(count)
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table).on_conflict_do_nothing(index_elements=[CONTENT])
    records = [
        dict(zip(header, row, strict=True)) | {CONTENT: content_key(header, row)} for row in rows
    ]
    connection.execute(statement, records)
    return int((connection.scalar(count) or 0) - (before or 0))


def _refuse_the_first_format(connection: Connection, database: Database) -> None:
    """Refuse a database whose tables lack the columns of this format, before they are filled."""
    records = dict(read_records(connection)).get(FORMAT, [])
    if [cell for record in records[1:] for cell in record.cells.values()] == [FIRST_FORMAT]:
        what = f"{database.name}: table {FORMAT} {first_format(database.name)}"
        raise missing("database", what, None, f"{what}, and push that folder to a new database")


def _refuse_what_cannot_be_read(connection: Connection, database: Database) -> None:
    """Read everything back before it counts, such as a deal that is there with other figures."""
    try:
        read_tables(Records(database.name, dict(read_records(connection))))
    except BookError as error:
        what = (
            f"{database.name} would not be a valid book any more, and facts are never updated: "
            f"{error}; nothing was changed"
        )
        raise missing("database", what, None, what) from None
