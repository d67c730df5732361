"""Sheet Keys: what of each row of the tables of the book counts on the date of the workbook.

Beside each row of a table stand helper cells in the same row of this sheet. They take the fields of
their row by its number, so that a row typed, inserted or deleted in a table never shifts what they
read, and spare rows below are read too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Final

from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row
from workbook.cells import LAST_ROW, MISSING, ErrorValue, Ref, Value, letters, serial_of, stated
from workbook.model.excel import AND, BLANK, IF, INT, ONE, TRUE, ZERO, Span, Term, joined_text, text
from workbook.model.excel_values import order
from workbook.model.filled_down import filled_down
from workbook.model.plan import Sheet
from workbook.style import PLAIN

NAME: Final = "Keys"

ORDER: Final = "order"
"""Column of numbers that grow with the day of a row and, on one day, downwards; 0: unknown then."""

KEY: Final = "key"
"""Column of what a row is about."""

NEWEST: Final = "newest"
"""Column that tells which row about a thing is in force."""

LIVE: Final = "live"
"""Column that tells which of those have begun and not ended."""

_ROWS_OF_A_SHEET: Final = float(LAST_ROW)

_HOLDS: Final[Mapping[str, Callable[[int], bool]]] = {
    "<>": lambda found: found != 0,
    ">": lambda found: found > 0,
    "<": lambda found: found < 0,
    "<=": lambda found: found <= 0,
}

FIRST_COLUMN: Final = {"inputs": 1, "editions": 11, "deals": 21, "sites": 141, "instruments": 81}
"""Where the helper columns of each table begin."""

Make = Callable[[int], Term]
"""Makes the cell of one row of the sheet."""


@dataclass(frozen=True)
class BookTable:
    """The cells of a table of the book, its header and spare rows with them, and its rows."""

    name: str
    cells: Ref
    rows: tuple[Row, ...]
    built: tuple[Row, ...] | None = None
    """Rows that the workbook was built with, where others were brought since; else all."""

    @property
    def rows_built(self) -> tuple[Row, ...]:
        """The rows by which sheets are laid out: rows brought later or taken off change none."""
        return self.rows if self.built is None else self.built

    @property
    def lines(self) -> range:
        """Rows of the sheet below the header, the spare ones too."""
        return range(self.cells.row + 1, self.cells.last_row + 1)

    @property
    def lines_filled(self) -> range:
        """Those that hold a row."""
        return self.lines[: len(self.rows)]

    @property
    def lines_spare(self) -> range:
        """Those that a row may be typed into."""
        return self.lines[len(self.rows) :]

    def row(self, line: int) -> Row | None:
        """Give what stands in a row of the sheet; None in a spare one."""
        place = line - self.cells.row - 1
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def column_of(self, name: str) -> int:
        """Give the number of the column of a field on its sheet."""
        names = [column.name for column in TABLES[self.name].columns]
        return self.cells.column + names.index(name)

    def span(self, name: str) -> Span:
        """Give the cells of a field and their values, from the header down to the spare rows."""
        return self._spans[name]

    def field(self, name: str, line: int) -> Term:
        """Give a field of the row of Keys that has the same number."""
        return self._fields[name][line - self.cells.row]

    # Both are asked for each row of Keys and RowChecks: they are made once.

    @cached_property
    def _spans(self) -> Mapping[str, Span]:
        spare = (None,) * (len(self.lines) - len(self.rows))
        found = {}
        for name in (column.name for column in TABLES[self.name].columns):
            column = self.column_of(name)
            ref = Ref(self.cells.sheet, self.cells.row, column, self.cells.last_row, column)
            values = (name, *(stated(row[name]) for row in self.rows), *spare)
            found[name] = Span(ref.there, values[: len(self.lines) + 1])
        return found

    @cached_property
    def _fields(self) -> Mapping[str, tuple[Term, ...]]:
        found = {}
        for name, span in self._spans.items():
            column = letters(self.column_of(name))
            written = f"INDEX({self.cells.sheet}!${column}:${column},ROW())"
            found[name] = tuple(Term(written, value) for value in span.values)
        return found


@dataclass
class KeyColumns:
    """Helper columns beside one table, from `first` on; the header is in the row of the table's."""

    sheet: Sheet
    table: BookTable
    first: int
    date: Term
    """The date of the workbook."""
    columns: dict[str, int] = field(default_factory=dict)
    _spans: dict[str, Span] = field(default_factory=dict)
    """Columns that were asked for, each when it was whole."""

    def add(self, heading: str, make: Make, number_format: str = PLAIN) -> None:
        """Plan a column, one cell for each row of the table and each spare one."""
        column = self.first + len(self.columns)
        self.columns[heading] = column
        self.sheet.put(1, column, f"{self.table.cells.sheet}: {heading}", "heading_left")

        put = partial(
            self.sheet.put_down, column=column, style="calculation", number_format=number_format
        )
        filled, spare = self.table.lines_filled, self.table.lines_spare
        put(filled, cells=map(make, filled))
        if spare:
            # Most rows are spare, and alike: they are filled down, as a hand would do it.
            alike = filled_down(make(spare[0]), make(spare[-1]), spare)
            put(spare, cells=map(make, spare) if alike is None else alike)

    def field(self, name: str, line: int) -> Term:
        """Give a field of the row of the table that has the same number."""
        return self.table.field(name, line)

    def at(self, heading: str, line: int) -> Term:
        """Give a helper cell of a row, for another one of this sheet."""
        column = self.columns[heading]
        value = self.sheet.cells[line, column].value
        return Term(f"{letters(column)}{line}", value)

    def span(self, heading: str) -> Span:
        """Give a helper column, header with it, for any sheet: as long as the table's own spans."""
        if heading not in self._spans:
            column, last = self.columns[heading], self.table.cells.last_row
            ref = Ref(self.sheet.name, 1, column, last, column)
            values = tuple(self.sheet.cells[line, column].value for line in range(1, last + 1))
            self._spans[heading] = Span(ref.there, values)
        return self._spans[heading]

    @property
    def rows_of_a_sheet(self) -> Term:
        """Write by how much a day counts more than a row: `MOD(order, ...)` gives the row back."""
        return Term(f"ROWS({self.table.cells.sheet}!$A:$A)", _ROWS_OF_A_SHEET)

    def add_order(self) -> None:
        """Plan the column `ORDER`: 0 for a blank row and for one that is not known on the date."""
        schema = TABLES[self.table.name]
        newest_by = "as_of" if schema.dated else schema.known[0]

        def make(line: int) -> Term:
            known = self.field(schema.known[-1], line)
            for name in reversed(schema.known[:-1]):
                stated = self.field(name, line)
                known = IF(stated.equals(BLANK), known, stated)
            filled = self.field(schema.columns[0].name, line).differs(BLANK)
            # A time of day, which RowChecks names, would make other rows of the remainder.
            day = INT(self.field(newest_by, line))
            made = day * self.rows_of_a_sheet + Term("ROW()", float(line))
            return IF(AND(filled, known <= self.date), made, ZERO)

        self.add(ORDER, make, "0")

    def add_newest(self) -> None:
        """Plan the columns `KEY`, `NEWEST` and `LIVE` of a dated table; 1 or 0 in the last two."""
        schema = TABLES[self.table.name]

        def key(line: int) -> Term:
            return joined_key(*(self.field(name, line) for name in schema.key))

        # A cell of its own: INDEX(...,ROW()) inside SUMPRODUCT would be an array.
        self.add(KEY, key)
        keys, orders = self.span(KEY), self.span(ORDER)

        def newest(line: int) -> Term:
            own = self.at(ORDER, line)
            later = count_where([(keys, "=", self.at(KEY, line)), (orders, ">", own)])
            return IF(own.equals(ZERO), ZERO, IF(later.equals(ZERO), ONE, ZERO))

        self.add(NEWEST, newest, "0")

        def live(line: int) -> Term:
            counts = [self.at(NEWEST, line).equals(ONE)]
            if schema.begins:
                counts.append(self.field(schema.begins, line) <= self.date)
            found = AND(*counts)
            if schema.ends:
                ends = self.field(schema.ends, line)
                goes_on = IF(ends.equals(BLANK), TRUE, ends > self.date)
                found = AND(*counts, goes_on)
            return IF(found, ONE, ZERO)

        self.add(LIVE, live, "0")


def joined_key(*parts: Term) -> Term:
    """Join what names a row, `|` between its parts; a text even of one blank part.

    Examples
    --------
    >>> joined_key(Term("A2", "RIOT"), Term("B2", 3.0)).text
    'A2&"|"&B2'
    """
    joined = [part for one in parts for part in (text("|"), one)][1:]
    return joined_text(joined if len(parts) > 1 else [parts[0], BLANK])


def count_where(conditions: Sequence[tuple[Span, str, Term]]) -> Term:
    """Count the rows of equally long spans for which each condition holds: `=`, `>`, `<` or `<=`.

    Texts are compared without case and never as patterns. An error in a span is the result.
    """
    return sum_where(conditions, None)


def sum_where(conditions: Sequence[tuple[Span, str, Term]], amounts: Span | None) -> Term:
    """Sum the amounts of the rows for which each condition holds; without amounts, count them.

    A text among the amounts, such as their heading, counts nothing.

    Examples
    --------
    >>> miners = Span("Deals!$B$1:$B$3", ("ticker", "RIOT", "CIFR"))
    >>> mw = Span("Deals!$G$1:$G$3", ("mw_gross", None, 150.0))
    >>> found = sum_where([(miners, "=", Term('"CIFR"', "CIFR"))], mw)
    >>> found.text, found.value
    ('SUMPRODUCT(1*(Deals!$B$1:$B$3="CIFR"),Deals!$G$1:$G$3)', 150.0)
    """
    tests = "*".join(f"({span.address}{sign}{term.text})" for span, sign, term in conditions)
    of = "" if amounts is None else f",{amounts.address}"
    written = f"SUMPRODUCT({tests if len(conditions) > 1 else f'1*{tests}'}{of})"
    rows = rows_where(conditions)
    if isinstance(rows, ErrorValue):
        return Term(written, rows)
    if amounts is None:
        return Term(written, float(len(rows)))
    if amounts.error:
        return Term(written, amounts.error)
    return Term(written, sum((_counted(amounts.values[place]) for place in rows), 0.0))


def rows_where(conditions: Sequence[tuple[Span, str, Term]]) -> Sequence[int] | ErrorValue:
    """Give the places, from 0 on, in which each condition holds; the first error where one is."""
    for span, _, term in conditions:
        if wrong := span.error or (term.value if isinstance(term.value, ErrorValue) else None):
            return wrong
    # Equality leaves few rows, which the other conditions look through.
    equal = [span.equal_to(term.value) for span, sign, term in conditions if sign == "="]
    places: Sequence[int] = range(len(conditions[0][0].values))
    if equal:
        places, *more = sorted(equal, key=len)
        for found in map(frozenset, more):
            places = [place for place in places if place in found]
    others = [one for one in conditions if one[1] != "="]
    for span, sign, term in others:
        holds, values, asked = _HOLDS[sign], span.values, term.value
        places = [at for at in places if holds(order(values[at], asked))]  # type: ignore[arg-type]
    return places


def _counted(amount: Value) -> float:
    if isinstance(amount, date):
        return serial_of(amount)
    counts = isinstance(amount, float | int) and not isinstance(amount, bool)
    return float(amount) if counts else 0.0  # type: ignore[arg-type]


def row_of(key: Term, keys: Span) -> Term:
    """Give the row of a key among those made by us, on their sheet; 0 where there is none.

    Keys hold no text that was typed but tickers, for MATCH takes `*` and `?` for patterns.
    """
    places = [place for place, one in enumerate(keys.values, start=1) if one == key.value]
    written = f"IFERROR(MATCH({key.text},{keys.address},0),0)"
    return Term(written, float(places[0]) if places else 0.0)


def picked(column: Span, row: Term) -> Term:
    """Give the cell of a column in a row, counted from its first; #REF! beyond, so test for 0."""
    place = int(row.value) - 1 if isinstance(row.value, float) else -1
    value = column.values[place] if 0 <= place < len(column.values) else MISSING
    return Term(f"INDEX({column.address},{row.text})", value)


def plan_keys(tables: Mapping[str, BookTable], date: Term) -> tuple[Sheet, dict[str, KeyColumns]]:
    """Plan the sheet with the order of the rows of each table, and which count on the date."""
    last = max(FIRST_COLUMN.values()) + 60
    sheet = Sheet(NAME, [14.0] * last, freeze="A2", repeat_rows=(1, 1), visibility="hidden")
    found = {}
    for name, first in FIRST_COLUMN.items():
        found[name] = KeyColumns(sheet, tables[name], first, date)
        found[name].add_order()
        if name in ("deals", "sites", "instruments"):
            found[name].add_newest()
    return sheet, found
