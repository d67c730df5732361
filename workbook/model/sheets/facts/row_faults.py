"""What cells of the tables of the book can state that cannot be, or that is read in two ways.

One cell a rule looks down a whole table and gives the last row that breaks it: numbers beyond their
domain, a time of day in a date, what contradicts itself in a row, and names with a space before or
after them, which functions take off and cells do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, Final

from valuation_core.book.contradictions import IMPOSSIBLE, OFF_BY_MISTAKE
from valuation_core.book.schema import TABLES, Column, TableSchema
from valuation_core.domain import Domain
from workbook.cells import Ref, Value, serial_of
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.keys import BookTable

NO_BREAK: Final = "\u00a0"
"""The space of web pages, which looks like any other and makes another name."""

_DIGITS_OF_A_DAY: Final = 5.0
"""Of the days from 1927 to 2173: a time of day, or a slip, has more."""

_COMPARED: Final = ("ticker", "site", "part_of", "unit", "broker", "old_rating", "new_rating")
"""Columns whose words are compared, besides those of keys and of vocabularies."""


@dataclass(frozen=True)
class Rule:
    """What no row may do: as cells write it of columns and limits, and as it is asked of values."""

    said: str
    columns: tuple[str, ...]
    write: Callable[..., str]
    breaks: Callable[..., bool]
    limits: tuple[float, ...] = ()
    """Numbers that stand in cells of their own, right of what is said."""


def rules_of(schema: TableSchema) -> Iterator[Rule]:
    """Give what no row of a table may do.

    Examples
    --------
    >>> [rule.said for rule in rules_of(TABLES["editions"])][-3:]
    ['new_target must be above 0', 'ref_price must be above 0', 'day_move must be -1 or more']
    """
    for column in schema.columns:
        if column.kind == "date":
            yield _whole_day(column.name)
    for column in schema.columns:
        if _is_name(schema, column):
            yield _without_spaces(column.name)
    for column in schema.columns:
        if column.kind == "number" and (
            isfinite(column.domain.low) or isfinite(column.domain.high)
        ):
            yield _inside(column)
    kinds = {column.name: column.kind for column in schema.columns}
    for smaller, larger in IMPOSSIBLE.get(schema.name, ()):
        relation = "before" if kinds[larger] == "date" else "below"
        yield Rule(
            f"{larger} is {relation} {smaller}",
            (smaller, larger),
            lambda small, large: f"ISNUMBER({small})*ISNUMBER({large})*({small}>{large})",
            lambda small, large: _is_number(small) and _is_number(large) and small > large,
        )
    if schema.name == "instruments":
        yield _at_strike()
    if schema.name == "sites":
        yield Rule(
            "part_of is the site itself",
            ("part_of", "site"),
            lambda part, site: f'({part}<>"")*({part}={site})',
            lambda part, site: bool(part) and str(part).casefold() == str(site).casefold(),
        )


def _is_name(schema: TableSchema, column: Column) -> bool:
    compared = column.name in (*schema.key, *_COMPARED) or bool(column.choices)
    return column.kind == "text" and compared


def _whole_day(name: str) -> Rule:
    return Rule(
        f"{name} is not a day: it holds a time, or is far off",
        (name,),
        lambda cell, digits: f"ISNUMBER({cell})*(LEN({cell})>{digits})",
        lambda cell: _is_number(cell) and len(f"{cell:.15g}") > _DIGITS_OF_A_DAY,
        (_DIGITS_OF_A_DAY,),
    )


def _without_spaces(name: str) -> Rule:
    def write(cell: str) -> str:
        ends = f'(LEFT({cell},1)=" ")+(RIGHT({cell},1)=" ")'
        return f'({ends}+ISNUMBER(FIND("{NO_BREAK}",{cell}))>0)'

    def breaks(cell: Any) -> bool:
        shown = "" if cell is None else str(cell)
        return shown[:1] == " " or shown[-1:] == " " or NO_BREAK in shown

    return Rule(f"{name} has a space before or after it", (name,), write, breaks)


def _inside(column: Column) -> Rule:
    domain: Domain = column.domain
    ends = [("<=" if domain.above else "<", domain.low), (">", domain.high)]
    ends = [(sign, float(end)) for sign, end in ends if isfinite(end)]

    def write(cell: str, *limits: str) -> str:
        pairs = zip(ends, limits, strict=True)
        # At most one of them holds. A truth is not compared with 0: to Excel FALSE is above it.
        return f"ISNUMBER({cell})*({'+'.join(f'({cell}{sign}{at})' for (sign, _), at in pairs)})"

    return Rule(
        f"{column.name} {domain.rule}",
        (column.name,),
        write,
        lambda cell: _is_number(cell) and not domain.holds(cell),
        tuple(end for _, end in ends),
    )


def _at_strike() -> Rule:
    """What a note owes over its shares is near the strike that it states."""

    def write(kind: str, owed: str, shares: str, strike: str, part: str) -> str:
        some = f'({kind}="convertible")*ISNUMBER({strike})*({owed}>0)*({shares}>0)'
        return f"{some}*(ABS({owed}-{shares}*{strike})>{part}*{shares}*{strike})"

    def breaks(kind: Any, owed: Any, shares: Any, strike: Any) -> bool:
        if kind != "convertible" or not all(map(_is_number, (owed, shares, strike))):
            return False
        off = abs(owed - shares * strike) > OFF_BY_MISTAKE * shares * strike
        return bool(owed > 0 and shares > 0 and off)

    columns = ("kind", "principal_usd_m", "shares_m", "strike_usd")
    said = "principal / shares is far from strike_usd"
    return Rule(said, columns, write, breaks, (OFF_BY_MISTAKE,))


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def put_rules(sheet: Sheet, row: int, column: int, table: BookTable) -> Ref:
    """Plan one cell a rule, the last row of the table that breaks it, and beside it what is said.

    Gives the cells of the rows; what is said and its limits stand right of them.
    """
    rules = list(rules_of(TABLES[table.name]))
    for line, rule in enumerate(rules, start=row):
        columns = [_below_heading(table, name) for name in rule.columns]
        limits = [
            sheet.put(line, column + at, limit, "fact") for at, limit in enumerate(rule.limits, 2)
        ]
        cells = [*(cells.there for cells, _ in columns), *(limit.here for limit in limits)]
        broken = rule.write(*cells)
        # Where a text or an error stops the sum, that is told of its own row.
        found = f"IFERROR(SUMPRODUCT(MAX({broken}*ROW({columns[0][0].there}))),0)"
        rows = enumerate(zip(*(values for _, values in columns), strict=True), start=2)
        last = max((at for at, values in rows if rule.breaks(*values)), default=0)
        sheet.put(line, column, float(last), "calculation", "0", found)
        sheet.put(line, column + 1, rule.said, "label")
    return Ref(sheet.name, row, column, row + len(rules) - 1, column)


def _below_heading(table: BookTable, name: str) -> tuple[Ref, tuple[Value, ...]]:
    """Give the cells of a column below its heading, and their values."""
    at, cells = table.column_of(name), table.cells
    ref = Ref(cells.sheet, cells.row + 1, at, cells.last_row, at)
    shown = table.span(name).values[1:]
    return ref, tuple(serial_of(one) if isinstance(one, date) else one for one in shown)
