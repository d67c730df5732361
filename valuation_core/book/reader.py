"""The strict reader of a book: every problem with file, row and column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from valuation_core.book.contradictions import circles, impossible, impossible_inputs
from valuation_core.book.metrics import NETWORK
from valuation_core.book.origin import (
    FORMAT,
    Cell,
    Folder,
    Origin,
    Record,
    Unreadable,
    Unusable,
    first_format,
    heading_of,
    shown,
)
from valuation_core.book.parse import (
    input_value,
    outside,
    parse_date,
    parse_number,
    text_problem,
)
from valuation_core.book.schema import (
    BANK,
    FIRST_FORMAT,
    FORMAT_VERSION,
    RATINGS,
    TABLES,
    Column,
    TableSchema,
    folded,
)
from valuation_core.book.stated import change_problems, change_value, input_problems
from valuation_core.book.tables import Row, Table, Tables, names_of, table_of
from valuation_core.book.things import Things
from valuation_core.errors import ErrorKind, ValuationError, nearest, quote

MARKET_SCOPES: Final = ("ALL", NETWORK)
MOST_HINTS: Final = 100
_NAMES: Final = {name for schema in TABLES.values() for name in schema.key}
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs"}


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


def read_tables(place: Path | Origin, *, of_one_day: bool = False) -> Tables:
    """Read the tables of a folder of CSV files or another origin, or refuse them.

    Where the rows are those known on one day, as a workbook carries them, the site that another is
    part of may be a row of later days; a name that only looks like a known one is refused.

    Raises
    ------
    BookError
        With file, row and column of each thing that is wrong.
    """
    reader = _Reader(Folder(place) if isinstance(place, Path) else place, of_one_day)
    tables = reader.read()
    if reader.problems:
        raise BookError(reader.problems)
    return tables


class _Reader:
    """Reads one origin and collects what is wrong with it."""

    def __init__(self, origin: Origin, of_one_day: bool) -> None:
        self.origin, self.of_one_day = origin, of_one_day
        self.problems: list[Problem] = []
        self.hints: dict[tuple[int, str], str] = {}
        self.row_numbers: dict[str, list[int]] = {}

    def report(self, table: str, row: int | None, column: str | None, what: str) -> None:
        self.problems.append(Problem(self.origin.label(table), row, column, what))

    def hint(self, name: str, choices: Sequence[str]) -> str:
        """Suggest a known name, for the first unknown ones: comparing words takes its time."""
        key = len(choices), name
        if key not in self.hints and len(self.hints) < MOST_HINTS:
            self.hints[key] = nearest(name, list(choices))
        return self.hints.get(key, "")

    def read(self) -> Tables:
        if refusal := self.origin.refusal():
            self.problems.append(Problem(self.origin.name, None, None, refusal))
            return {}
        if not self.check_format():
            return {}
        tables = {name: self.read_table(schema) for name, schema in TABLES.items()}
        if len(tables["miners"]):
            self.check_names(tables)
        elif not self.problems:
            self.report("miners", None, None, "holds no miner")
        self.check_sites(tables)
        tables["inputs"] = self.typed_inputs(tables)
        tables["cases"] = self.typed_cases(tables)
        tables["editions"] = self.rated_editions(tables)
        self.check_contradictions(tables)
        return tables

    def numbered(self, table: Table) -> Iterator[tuple[int, Row]]:
        """Give the rows of a table with their row numbers in the file."""
        return zip(self.row_numbers.get(table.name, ()), table.rows(), strict=True)

    def records(self, table: str) -> list[Record]:
        """Give the rows of a table that are not blank, or nothing after reporting why."""
        try:
            return self.origin.records(table)
        except Unreadable as error:
            self.report(table, None, None, str(error))
            return []

    def check_format(self) -> bool:
        """Check the version; tell whether the tables can be of this format."""
        before = len(self.problems)
        header, *rows = self.records(FORMAT) or [Record(1, {})]
        names = [shown(cell).casefold() for cell in header.cells.values()]
        values = [shown(cell) for row in rows for cell in row.cells.values()]
        if len(self.problems) == before and (names, values) != ([FORMAT], [FORMAT_VERSION]):
            found = ", ".join(map(quote, values)) or quote("nothing")
            row = rows[0].number if rows else 2
            if values == [FIRST_FORMAT]:
                self.report(FORMAT, row, FORMAT, first_format(self.origin.name))
                return False
            self.report(FORMAT, row, FORMAT, f"must be {FORMAT_VERSION}, got {found}")
        return True

    def read_table(self, schema: TableSchema) -> Table:
        file = schema.name
        before = len(self.problems)
        header, *records = self.records(file) or [Record(1, {})]
        if not header.cells and len(self.problems) == before:
            self.report(file, None, None, "is empty: the header row is missing")
        if not header.cells or not self.header_fits(schema, header):
            return table_of(schema.name, [])
        places = {heading_of(cell): place for place, cell in header.cells.items()}
        self.check_outside(file, header, records)
        rows: list[Row] = []
        numbers = self.row_numbers.setdefault(schema.name, [])
        things = Things(schema)
        for record in records:
            number = record.number
            if len(record.cells) == 1:
                ((place, alone),) = record.cells.items()
                if place in header.cells:
                    what = f"holds nothing but {quote(shown(alone))}"
                    self.report(file, number, None, f"{what}: fill the row, or take it away")
                continue
            if record.width != header.width:
                self.report(
                    file,
                    number,
                    None,
                    f"has {record.width} cells, the header has {header.width}: "
                    "put text or numbers that contain a comma in quotes, and use a decimal point",
                )
                continue
            row = {
                column.name: self.value(
                    file, number, column, record.cells.get(places[column.name], "")
                )
                for column in schema.columns
            }
            for name, what in things.problems(row, number):
                self.report(file, number, name, what)
            rows.append(row)
            numbers.append(number)
        return table_of(schema.name, rows)

    def header_fits(self, schema: TableSchema, header: Record) -> bool:
        file, row = schema.name, header.number or None
        for place, cell in header.cells.items():
            if isinstance(cell, Unusable):
                self.report(file, row, place, cell.what)
        found = [heading_of(cell) for cell in header.cells.values() if isinstance(cell, str)]
        for mark, name in _SEPARATORS.items():
            if len(found) == 1 and mark in found[0]:
                self.report(file, row, None, f"is separated by {name}: save it with commas")
                return False
        expected = [column.name for column in schema.columns]
        for name in found:
            if name not in expected:
                self.report(file, row, name, "unknown column" + self.hint(name, expected))
            elif found.count(name) > 1:
                self.report(file, row, name, "column appears twice")
        for name in expected:
            if name not in found:
                self.report(file, row, name, "column is missing")
        return sorted(found) == sorted(expected)

    def check_outside(self, file: str, header: Record, records: Sequence[Record]) -> None:
        """Report, once a column, what stands where there is no heading."""
        reported = set(header.cells)
        for record in records:
            if record.width != header.width:
                continue
            for place in record.cells.keys() - reported:
                what = f"{quote(shown(record.cells[place]))} stands in a column without a heading: "
                self.report(file, record.number, place, what + "give it one, or take it away")
                reported.add(place)

    def value(self, file: str, row: int, column: Column, content: Cell) -> Any:
        cell = "" if isinstance(content, Unusable) else content.strip()
        is_name = column.name in _NAMES
        wrong = content.what if isinstance(content, Unusable) else text_problem(cell, is_name)
        if wrong is None and cell == "" and column.required:
            wrong = "is empty"
        if wrong is not None:
            self.report(file, row, column.name, wrong)
        if wrong is not None or cell == "":
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
        what = f"must be one of {', '.join(known)}, got {quote(cell)}" + self.hint(cell, known)
        self.report(file, row, column.name, what)
        return cell

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
        tickers = dict.fromkeys(tables["miners"].columns["ticker"])
        for table in tables.values():
            if "ticker" in table.columns:
                self.check_known(table, "ticker", tickers)
        scopes = tickers | dict.fromkeys(MARKET_SCOPES)
        for name in ("inputs", "cases"):
            self.check_known(tables[name], "scope", scopes)

    def check_known(self, table: Table, column: str, tickers: Collection[str]) -> None:
        for number, row in self.numbered(table):
            if row[column] not in tickers:
                hint = self.hint(row[column], list(tickers))
                what = f"unknown ticker {quote(row[column])}" + hint
                self.report(table.name, number, column, what)

    def typed_inputs(self, tables: Tables) -> Table:
        """Check every input against its metric and give the table with parsed values."""
        rows: list[Row] = []
        for number, row in self.numbered(tables["inputs"]):
            for column, what in input_problems(row, self.hint):
                self.report("inputs", number, column, what)
            value, _ = input_value(row["metric"], row["value"])
            rows.append({**row, "value": value})
        return table_of("inputs", rows)

    def typed_cases(self, tables: Tables) -> Table:
        """Check every change of a case and give the table with parsed values."""
        rows: list[Row] = []
        for number, row in self.numbered(tables["cases"]):
            for column, what in change_problems(row, self.hint):
                self.report("cases", number, column, what)
            rows.append({**row, "value": change_value(row)[0]})
        return table_of("cases", rows)

    def rated_editions(self, tables: Tables) -> Table:
        """Read the ratings of the bank into their one spelling; those of others are their own."""
        columns = [Column(name, choices=RATINGS) for name in ("old_rating", "new_rating")]
        rows: list[Row] = []
        for number, row in self.numbered(tables["editions"]):
            if folded(row["broker"]) == folded(BANK):
                ratings = {
                    column.name: self.choice("editions", number, column, row[column.name])
                    for column in columns
                    if row[column.name]
                }
                row = {**row, "broker": BANK, **ratings}
            rows.append(row)
        return table_of("editions", rows)

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
            if not row["part_of"] or (row["ticker"], row["part_of"]) in known:
                continue
            hint = self.hint(
                row["part_of"], [site for name, site in known if name == row["ticker"]]
            )
            if hint or not self.of_one_day:
                what = f"no site {quote(row['part_of'])} of {row['ticker']}{hint}"
                self.report("sites", number, "part_of", what)
