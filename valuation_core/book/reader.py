"""The strict reader of a book: every problem with file, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from valuation_core.book.contradictions import circles, impossible, impossible_inputs
from valuation_core.book.metrics import METRICS, MW_UNITS, NETWORK, UNITS
from valuation_core.book.origin import FORMAT, Folder, Origin, Unreadable
from valuation_core.book.parse import (
    input_value,
    outside,
    parse_date,
    parse_number,
    scope_problem,
)
from valuation_core.book.schema import FORMAT_VERSION, TABLES, Column, TableSchema, folded
from valuation_core.book.tables import Row, Table, Tables, table_of
from valuation_core.errors import ErrorKind, ValuationError, nearest, quote

MARKET_SCOPES: Final = ("ALL", NETWORK)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a folder, and where: file, row (the header is row 1) and column."""

    file: str
    row: int | None
    column: str | None
    what: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f" row {self.row}"
        if self.column is not None:
            place += f" column {self.column}"
        return f"{place}: {self.what}"


class BookError(ValuationError):
    """A folder does not hold a book; `problems` lists every place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            ErrorKind.MISFIT, problems[0].file, problems[0].what, None, f"{problems[0]}{more}"
        )


def read_tables(place: Path | Origin) -> Tables:
    """Read the tables of a folder of CSV files or another origin, or refuse them.

    Raises
    ------
    BookError
        With file, row and column of each thing that is wrong.
    """
    reader = _Reader(Folder(place) if isinstance(place, Path) else place)
    tables = reader.read()
    if reader.problems:
        raise BookError(reader.problems)
    return tables


class _Reader:
    """Reads one origin and collects what is wrong with it."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.row_numbers: dict[str, list[int]] = {}

    def report(self, table: str, row: int | None, column: str | None, what: str) -> None:
        self.problems.append(Problem(self.origin.label(table), row, column, what))

    def read(self) -> Tables:
        if refusal := self.origin.refusal():
            self.problems.append(Problem(self.origin.name, None, None, refusal))
            return {}
        self.check_format()
        tables = {name: self.read_table(schema) for name, schema in TABLES.items()}
        if len(tables["miners"]):
            self.check_names(tables)
        elif not self.problems:
            self.report("miners", None, None, "holds no miner")
        self.check_sites(tables)
        tables["inputs"] = self.typed_inputs(tables)
        self.check_contradictions(tables)
        return tables

    def numbered(self, table: Table) -> Iterator[tuple[int, Row]]:
        """Give the rows of a table with their row numbers in the file."""
        return zip(self.row_numbers.get(table.name, ()), table.rows(), strict=True)

    def records(self, table: str) -> list[list[str]]:
        """Give the cells of a table, or nothing after reporting why."""
        try:
            return self.origin.records(table)
        except Unreadable as error:
            self.report(table, None, None, str(error))
            return []

    def check_format(self) -> None:
        before = len(self.problems)
        records = [record for record in self.records(FORMAT) if any(record)]
        if len(self.problems) == before and records != [[FORMAT], [FORMAT_VERSION]]:
            found = records[1][0] if len(records) > 1 else "nothing"
            what = f"must be {FORMAT_VERSION}, got {quote(found)}"
            self.report(FORMAT, self.origin.first_row, FORMAT, what)

    def read_table(self, schema: TableSchema) -> Table:
        file = schema.name
        before = len(self.problems)
        records = self.records(file)
        if not records or not self.header_fits(schema, records[0]):
            if not records and len(self.problems) == before:
                self.report(file, None, None, "is empty: the header row is missing")
            return table_of(schema.name, [])
        header = [name.strip() for name in records[0]]
        rows: list[Row] = []
        numbers = self.row_numbers.setdefault(schema.name, [])
        seen: dict[tuple[Any, ...], int] = {}
        for number, record in enumerate(records[1:], start=self.origin.first_row):
            if not any(cell.strip() for cell in record):
                continue
            if len(record) != len(header):
                self.report(
                    file,
                    number,
                    None,
                    f"has {len(record)} cells, the header has {len(header)}: "
                    "put text or numbers that contain a comma in quotes, and use a decimal point",
                )
                continue
            cells = dict(zip(header, (cell.strip() for cell in record), strict=True))
            row = {
                column.name: self.value(file, number, column, cells[column.name])
                for column in schema.columns
            }
            self.check_duplicate(schema, row, number, seen)
            rows.append(row)
            numbers.append(number)
        return table_of(schema.name, rows)

    def header_fits(self, schema: TableSchema, header: Sequence[str]) -> bool:
        file = schema.name
        found = [name.strip() for name in header]
        if len(found) == 1 and ";" in found[0]:
            self.report(file, 1, None, "is separated by semicolons: save it with commas")
            return False
        expected = [column.name for column in schema.columns]
        for name in found:
            if name not in expected:
                self.report(file, 1, name, "unknown column" + nearest(name, expected))
            elif found.count(name) > 1:
                self.report(file, 1, name, "column appears twice")
        for name in expected:
            if name not in found:
                self.report(file, 1, name, "column is missing")
        return sorted(found) == sorted(expected)

    def value(self, file: str, row: int, column: Column, cell: str) -> Any:
        if cell == "":
            if column.required:
                self.report(file, row, column.name, "is empty")
            return None if column.kind != "text" else ""
        if column.choices:
            return self.choice(file, row, column, cell)
        if column.kind == "text":
            return cell
        parsed, wrong = parse_date(cell) if column.kind == "date" else parse_number(cell)
        if wrong is None and isinstance(parsed, float):
            wrong = outside(column.domain, parsed)
        if wrong is not None:
            self.report(file, row, column.name, wrong)
        return parsed

    def choice(self, file: str, row: int, column: Column, cell: str) -> str:
        """Read a word of a vocabulary in any letter case into its one spelling."""
        if (found := column.spellings.get(folded(cell))) is not None:
            return found
        known = [choice for choice in column.choices if choice]
        what = f"must be one of {', '.join(known)}, got {quote(cell)}" + nearest(cell, known)
        self.report(file, row, column.name, what)
        return cell

    def check_duplicate(
        self, schema: TableSchema, row: Row, number: int, seen: dict[tuple[Any, ...], int]
    ) -> None:
        if not schema.key:
            return
        parts = (row[column] for column in schema.key)
        key = tuple(folded(part) if isinstance(part, str) else part for part in parts)
        if key in seen:
            shown = " ".join(str(row[column]) for column in schema.key)
            self.report(
                schema.name,
                number,
                schema.key[0],
                f"duplicate of row {seen[key]}: {shown}",
            )
        seen.setdefault(key, number)

    def check_names(self, tables: Tables) -> None:
        owners: dict[str, str] = {}
        for number, row in self.numbered(tables["miners"]):
            for name in names_of(row):
                if name.upper() in MARKET_SCOPES:
                    self.report("miners", number, "ticker", f"{name} is a reserved name")
                owner = owners.setdefault(name.casefold(), row["ticker"])
                if owner != row["ticker"]:
                    self.report(
                        "miners", number, "name", f"{quote(name)} already belongs to {owner}"
                    )
        tickers = list(tables["miners"].columns["ticker"])
        for table in tables.values():
            if "ticker" in table.columns:
                self.check_known(table, "ticker", tickers)
        self.check_known(tables["inputs"], "scope", [*tickers, *MARKET_SCOPES])

    def check_known(self, table: Table, column: str, tickers: list[str]) -> None:
        for number, row in self.numbered(table):
            if row[column] not in tickers:
                what = f"unknown ticker {quote(row[column])}" + nearest(row[column], tickers)
                self.report(table.name, number, column, what)

    def typed_inputs(self, tables: Tables) -> Table:
        """Check every input against its metric and give the table with parsed values."""
        rows: list[Row] = []
        for number, row in self.numbered(tables["inputs"]):
            for column, what in input_problems(row):
                self.report("inputs", number, column, what)
            value, _ = input_value(row["metric"], row["value"])
            rows.append({**row, "value": value})
        return table_of("inputs", rows)

    def check_contradictions(self, tables: Tables) -> None:
        for table in tables.values():
            for number, row in self.numbered(table):
                for column, what in impossible(table.name, row):
                    self.report(table.name, number, column, what)
        numbers = self.row_numbers.get("inputs", [])
        for place, column, what in impossible_inputs(tables):
            self.report("inputs", numbers[place], column, what)
        for place in circles(tables):
            number = self.row_numbers["sites"][place]
            self.report("sites", number, "part_of", "is inside of itself in a circle")

    def check_sites(self, tables: Tables) -> None:
        known = {(row["ticker"], row["site"]) for row in tables["sites"].rows()}
        for number, row in self.numbered(tables["sites"]):
            if row["part_of"] and (row["ticker"], row["part_of"]) not in known:
                what = f"no site {quote(row['part_of'])} of {row['ticker']}"
                self.report("sites", number, "part_of", what)


def names_of(miner: Row) -> list[str]:
    """Give every name a miner goes by: ticker, name and aliases."""
    aliases = [alias.strip() for alias in miner["aliases"].split(";")]
    return [miner["ticker"], miner["name"], *filter(None, aliases)]


def input_problems(row: Row) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row of `inputs`, as (column, what)."""
    metric = METRICS.get(row["metric"])
    if metric is None:
        yield (
            "metric",
            f"unknown metric {quote(row['metric'])}" + nearest(row["metric"], list(METRICS)),
        )
        return
    if row["unit"] not in UNITS:
        yield "unit", f"unknown unit {quote(row['unit'])}; {metric.name} is in {metric.unit}"
    elif row["unit"] != metric.unit:
        yield "unit", f"{metric.name} is in {metric.unit}, got {quote(row['unit'])}"
    if metric.unit in MW_UNITS and not row["basis"]:
        yield "basis", f"{metric.name} needs a basis, gross or critical"
    if metric.unit not in MW_UNITS and row["basis"]:
        yield "basis", f"{metric.name} has no MW basis, got {quote(row['basis'])}"
    if wrong := scope_problem(metric, row["scope"]):
        yield "scope", wrong
    if wrong := input_value(metric.name, row["value"])[1]:
        yield "value", wrong
