"""Columnar tables of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from valuation_core.book.schema import TABLES

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a tuple of values per column, in file order."""

    name: str
    columns: Mapping[str, tuple[Any, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give each row as a mapping of column to value, in file order."""
        names = tuple(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))


Tables = Mapping[str, Table]


def table_of(name: str, rows: Sequence[Row]) -> Table:
    """Lay rows out as columns, in the order of the schema."""
    names = [column.name for column in TABLES[name].columns]
    columns = {column: tuple(row[column] for row in rows) for column in names}
    return Table(name, MappingProxyType(columns))


def newest_of(table: Table) -> list[dict[str, Any]]:
    """Give the newest row about each thing, in the order in which the things first appear."""
    schema = TABLES[table.name]
    if not schema.dated:
        return list(table.rows())
    newest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in table.rows():
        key = tuple(row[column] for column in schema.key)
        if key not in newest or row["as_of"] >= newest[key]["as_of"]:
            newest[key] = row
    return list(newest.values())


def visible_on(table: Table, day: date) -> Table:
    """Give the rows of a table that are known on a day, earlier rows about a thing too."""
    known = TABLES[table.name].known
    if not known:
        return table
    first, *others = (table.columns[column] for column in known)
    days = first if not others else [a or b for a, b in zip(first, others[0], strict=True)]
    kept = [place for place, known_on in enumerate(days) if known_on <= day]
    columns = {
        name: tuple(values[place] for place in kept) for name, values in table.columns.items()
    }
    return Table(table.name, MappingProxyType(columns))


def in_force_on(table: Table, day: date) -> Table:
    """Give the newest row about each thing, of rows known on a day, where it counts on that day.

    First the newest row is picked, then its own beginning and end are tested.
    """
    schema = TABLES[table.name]
    if not schema.dated:
        return table
    rows = [
        row
        for row in newest_of(table)
        if not (schema.begins and row[schema.begins] > day)
        and not (schema.ends and row[schema.ends] and row[schema.ends] <= day)
    ]
    return table_of(table.name, rows)


def without(table: Table, confidence: str) -> Table:
    """Give a table without the rows of a confidence; the same one where it has none."""
    if confidence not in table.columns["confidence"]:
        return table
    return table_of(table.name, [row for row in table.rows() if row["confidence"] != confidence])


def rows_by_miner(tables: Tables) -> dict[tuple[str, str], tuple[Row, ...]]:
    """Give the rows of each table that belong to each miner, by table and ticker."""
    found: dict[tuple[str, str], list[Row]] = {}
    for name, table in tables.items():
        if "ticker" in table.columns:
            for row in table.rows():
                found.setdefault((name, row["ticker"]), []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def names_of(miner: Row) -> list[str]:
    """Give every name a miner goes by: ticker, name and aliases."""
    aliases = [alias.strip() for alias in miner["aliases"].split(";")]
    return [miner["ticker"], miner["name"], *filter(None, aliases)]
