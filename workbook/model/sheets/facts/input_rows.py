"""One row of Inputs: the fact in use, the book's and your own, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, isfinite
from typing import Final

from valuation_core.book import METRICS, OWN
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.cells import Ref, Value
from workbook.model.excel_values import text_of
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.case_cells import CaseTable, book_column
from workbook.model.sheets.facts.input_cells import (
    ABSENT,
    AS_OF,
    CASE,
    CASE_KNOWN,
    COLUMN,
    CONFIDENCE,
    FIRST_ROW,
    IN_USE,
    NO_BASIS,
    OK,
    READ,
    STATUS,
    VALID,
    basis_of,
)
from workbook.model.sheets.facts.own_cells import but_for, put_own, put_yours, validate
from workbook.model.sheets.facts.published import put_source
from workbook.model.sheets.facts.what_if_cells import MOVED
from workbook.style import DATE

CHARACTERS_A_LINE: Final = 70

NOWHERE: Final = "not in the book: state a value to use it"
"""Stands for the source of a fact that the book does not hold."""

_NUMBER: Final = "#,##0.####"

Key = tuple[str, str]


def read_by_functions(table: CaseTable, key: Key) -> tuple[str, str, float | date | None, str]:
    """Give a row as HPC_BOOK reads it: a value that its tables and the case do not give."""
    fact = table.fact(key)
    own = fact is not None and fact.confidence == OWN
    return *key, fact.value if fact is not None and own else None, basis_of(table.book, key)


def put_fact(
    sheet: Sheet,
    row: int,
    key: Key,
    table: CaseTable,
    keys: Sequence[Key],
    typed: Ref | None = None,
) -> Ref:
    """Plan the row of a fact; give the cell of the value in use.

    `typed` is the cell of Control in which the own value is typed, where it is not typed here.
    """
    metric, stated, fact = METRICS[key[1]], table.fact(key), table.book.facts.get(key)
    value: Value = None if fact is None else fact.value
    number_format = number_format_of(metric.unit, value)
    sheet.put(row, COLUMN["scope"], key[0], "label")
    sheet.put(row, COLUMN["metric"], key[1], "label")
    theirs = sheet.put(
        row, COLUMN["in the book"], stated.value if stated else None, "fact", number_format
    )
    typed_here = put_own(sheet, row, number_format, typed)
    own = put_yours(sheet, row, key, number_format)
    _put_book(sheet, row, key, table, number_format)
    case = _Changed(sheet, row, key, table, keys)
    case.put(number_format)
    chosen = (
        f"IF({case.applied}>0,{case.at('set by the case')},"
        f'IF({own.here}<>"",{own.here},IF({theirs.here}<>"",{theirs.here},"")))'
    )
    if key[1] in MOVED:
        shown: Value = "" if value is None else value
        sheet.put(
            row,
            COLUMN["but for What-if"],
            shown,
            "calculation",
            number_format,
            but_for(row, case.all_row),
        )
    used = sheet.put(
        row, IN_USE, "" if value is None else value, "calculation", number_format, chosen
    )
    sheet.put(row, COLUMN["unit"], metric.unit, "unit")
    _put_age(sheet, row, key, table, case)
    confidence = fact.confidence if fact else "missing"
    said = case.told("confidence", case.at("confidence in the book"))
    whose = f'IF({own.here}<>"","{OWN}",{said})'
    sheet.put(row, CONFIDENCE, confidence, "unit", formula=whose)
    bounds = _put_bounds(sheet, row, key[1])
    _put_status(sheet, row, used, bounds, stated is not None, fact is not None)
    sheet.put(row, COLUMN["meaning"], metric.meaning, "label_wrap")
    source = fact.source if fact else NOWHERE
    said = case.told("source", case.at("source in the book"))
    sheet.put(row, COLUMN["source"], source, "source", formula=said)
    note, text_of = case.note()
    sheet.put(row, COLUMN["note"], note, "note", formula=text_of)
    sheet.heights[row] = max(13.5, 11.5 * ceil(len(note) / CHARACTERS_A_LINE))
    if typed is None:
        validate(sheet, typed_here, key[1])
    _put_read(sheet, row, key, table, number_format)
    return used


def _put_book(sheet: Sheet, row: int, key: Key, table: CaseTable, number_format: str) -> None:
    """Plan what the book says of a fact without the case; a refresh changes these cells."""
    fact = table.fact(key)
    sheet.put(row, COLUMN["confidence in the book"], fact.confidence if fact else "missing", "unit")
    sheet.put(row, COLUMN["as of in the book"], fact.as_of if fact else "-", "unit")
    basis = basis_of(table.plain, key) or NO_BASIS
    sheet.put(row, COLUMN["basis in the book"], basis, "unit")
    put_source(sheet, row, fact.source if fact else NOWHERE, "source in the book", "source_name")
    sheet.put(row, COLUMN["note in the book"], (fact.note if fact else "") or None, "note")
    # What HPC_BOOK finds in its tables: a refresh leaves it, so that what it changed is seen.
    held = table.book.plain.facts.get(key)
    sheet.put(row, COLUMN["in the tables"], held.value if held else None, "fact", number_format)


class _Changed:
    """What the case in use does to one row of Inputs."""

    def __init__(
        self, sheet: Sheet, row: int, key: Key, table: CaseTable, keys: Sequence[Key]
    ) -> None:
        self.sheet, self.row, self.key, self.table = sheet, row, key, table
        for_all = (MARKET_WIDE, key[1])
        below = key[0] not in (MARKET_WIDE, NETWORK) and for_all in keys
        self.all_row = FIRST_ROW + keys.index(for_all) if below else 0
        self.fact, self.stated = table.book.facts.get(key), table.fact(key)
        self.own = table.found(*key, row)
        # Without a fact of its own, a miner has a changed one of ALL only if named itself.
        self.for_all = None if key[0] in (MARKET_WIDE, NETWORK) else table.found(*for_all, row)
        base = table.base(key)
        own = self.stated is not None and self.stated.confidence == OWN
        of_all = self.for_all[0] if self.for_all and self.stated is not None else 0
        self.number = 0 if own or base is None else int(self.own[0] or of_all)
        self.in_use = self.number if self.fact is not None and self.fact.case else 0

    def at(self, heading: str, row: int = 0) -> str:
        """Give the address of a cell of the row."""
        return book_column(heading, row or self.row).here

    @property
    def applied(self) -> str:
        """The address of the number of the change in use, 0 where none is."""
        return self.at("change in use")

    def base(self, heading: str) -> str:
        """Write what a change starts from: the fact of the row, else that of ALL."""
        if not self.all_row:
            return self.at(heading)
        other = self.at(heading, self.all_row)
        return f'IF({self.at("in the book")}="",{other},{self.at(heading)})'

    def told(self, name: str, otherwise: str) -> str:
        """Write a column of the change in use, else something of the book."""
        change = self.table.of_row(name, book_column("change in use", self.row))
        return f"IF({self.applied}=0,{otherwise},{change})"

    def _of(self, name: str) -> str:
        return self.table.of_row(name, book_column("row of the case", self.row))

    def put(self, number_format: str) -> None:
        """Plan which change there is, whether it is in use, what it sets and on which basis."""
        sheet, row = self.sheet, self.row
        found, number = self.at("change found"), self.at("row of the case")
        theirs = self.at("in the book")
        sheet.put(row, COLUMN["change found"], self.own[0], "unit", "0", self.own[1])
        of_row, without = found, "0"
        if self.for_all:
            line, formula = self.for_all
            sheet.put(row, COLUMN["change for ALL"], line, "unit", "0", formula)
            of_row = f"IF({found}>0,{found},{self.at('change for ALL')})"
        if self.all_row:
            others = self.at("in the book", self.all_row)
            without = f'IF({others}="",0,{found})'
        stays = f'{self.at("confidence in the book")}="{OWN}"'
        formula = f'IF({stays},0*{found},IF({theirs}="",{without}+0*{found},{of_row}))'
        sheet.put(row, COLUMN["row of the case"], float(self.number), "unit", "0", formula)
        off = [f'{self.at("yours in use")}<>""']
        if self.all_row:
            # What you state for ALL keeps every change of the case to that metric off.
            off.append(f'{self.at("yours in use", self.all_row)}<>""')
            off.append(f'{self.at("confidence in the book", self.all_row)}="{OWN}"')
        either = f"OR({','.join(off)})" if len(off) > 1 else off[0]
        formula = f"IF({number}=0,0,IF({either},0,{number}))"
        sheet.put(row, COLUMN["change in use"], float(self.in_use), "unit", "0", formula)
        change, value = self._of("change"), self._of("value")
        made = f'IF({change}="times",{self.base("in the book")}*{value},{value})'
        formula = f'IF({number}=0,"{NO_BASIS}",{made})'
        shown: Value = self._set()
        sheet.put(row, COLUMN["set by the case"], shown, "calculation", number_format, formula)
        default = METRICS[self.key[1]].basis or NO_BASIS
        stated = self._of("basis")
        on = f'IF({change}="times",{self.at("basis in the book")},'
        on += f'IF({stated}="","{default}",{stated}))'
        formula = f"IF({number}=0,{self.at('basis in the book')},{on})"
        basis = basis_of(self.table.book, self.key) or NO_BASIS
        sheet.put(row, COLUMN["basis"], basis, "unit", formula=formula)

    def _set(self) -> Value:
        if not self.number:
            return NO_BASIS
        change = self.table.change_in(self.number)
        base = self.table.base(self.key)
        if change["change"] == "times" and base is not None:
            return float(base.value) * float(change["value"])  # type: ignore[arg-type]
        return change["value"]  # type: ignore[no-any-return]

    def note(self) -> tuple[str, str]:
        """Give the note of the fact in use, and the formula that makes it."""
        was = '"the date in the book"'
        base = self.table.base(self.key)
        shown = "the date in the book"
        if METRICS[self.key[1]].unit != "date":
            was = self.base("in the book")
            shown = str(text_of(base.value)) if base else ""
        case = CASE.there
        row = book_column("change in use", self.row)
        change, value, more = (self.table.of_row(name, row) for name in ("change", "value", "note"))
        what = f'IF({change}="times",{was}&" times "&{value},"in place of "&{was})'
        made = f'"case "&{case}&": "&{what}&IF({more}="","",". "&{more})'
        formula = f'IF({self.applied}=0,{self.at("note in the book")}&"",{made})'
        if not self.in_use:
            return (self.stated.note if self.stated else "") or "", formula
        applied = self.table.change_in(self.in_use)
        told = f"in place of {shown}"
        if applied["change"] == "times":
            told = f"{shown} times {text_of(applied['value'])}"
        note = f"case {self.table.book.case}: {told}"
        return f"{note}. {applied['note']}" if applied["note"] else note, formula


def _put_age(sheet: Sheet, row: int, key: Key, table: CaseTable, case: _Changed) -> None:
    """Plan the day of a fact, its age on the date of the book, and when it is stale."""
    fact, limit = table.book.facts.get(key), METRICS[key[1]].stale_after
    today = AS_OF.there
    change = table.of_row("change", book_column("change in use", row))
    since = f'IF({change}="times",{case.base("as of in the book")},{today})'
    of = f"IF({case.applied}=0,{case.at('as of in the book')},{since})"
    day = sheet.put(row, COLUMN["as of"], fact.as_of if fact else "-", "unit", formula=of)
    own = case.at("yours in use")
    age = f'IF({own}<>"",0,IF(ISNUMBER({day.here}),{today}-{day.here},"-"))'
    value: Value = float(fact.age(table.book.as_of)) if fact else "-"
    sheet.put(row, COLUMN["age, days"], value, "calculation", "0", age)
    stale_after: Value = "-" if limit is None else float(limit)
    sheet.put(row, COLUMN["stale after"], stale_after, "unit_right", "0")


def _put_read(sheet: Sheet, row: int, key: Key, table: CaseTable, number_format: str) -> None:
    """Plan the row as HPC_BOOK reads it: blank where its tables and the case give the value.

    What a refresh changed is read as it is in use, for the tables are of the build.
    """

    def at(heading: str) -> str:
        return book_column(heading, row).here

    scope, metric, value, basis = read_by_functions(table, key)
    theirs, own = at("in the book"), at("yours in use")
    given = f'AND({theirs}={at("in the tables")},{at("confidence in the book")}<>"{OWN}")'
    # LibreOffice calls no function with a range that holds an error, and HPC_BOOK has to say why a
    # case is none.
    known = CASE_KNOWN.fixed
    formulas = (
        at("scope"),
        at("metric"),
        f'IF({own}<>"",{own},IF({given},"",IF({known},{at("in use")},"")))',
        f'IF({known},IF({at("basis")}="{NO_BASIS}","",{at("basis")}),"")',
    )
    shown: tuple[Value, ...] = (scope, metric, "" if value is None else value, basis)
    for heading, cell, text in zip(READ, shown, formulas, strict=True):
        style, looks = ("calculation", number_format) if heading == READ[2] else ("unit", "General")
        sheet.put(row, COLUMN[heading], cell, style, looks, text)


def _put_bounds(sheet: Sheet, row: int, name: str) -> list[str]:
    """Plan the domain of a metric and give the conditions it makes."""
    metric = METRICS[name]
    conditions = []
    domain = metric.domain
    sides = (("from", domain.low, ">" if domain.above else ">="), ("to", domain.high, "<="))
    for heading, bound, relation in sides:
        finite = isfinite(bound) and metric.unit != "date"
        ref = sheet.put(row, COLUMN[heading], float(bound) if finite else None, "fact", "General")
        if finite:
            conditions.append(f"{relation}{ref.here}")
    return conditions


def _put_status(
    sheet: Sheet, row: int, used: Ref, bounds: list[str], stated: bool, in_use: bool
) -> None:
    """Plan what is to be said of a value, and whether a check may pass with it."""
    inside = f'"{OK}"'
    if bounds:
        conditions = ",".join(f"{used.here}{bound}" for bound in bounds)
        both = f"AND({conditions})" if len(bounds) > 1 else conditions
        inside = f'IF({both},"{OK}","out of range")'
    blank = "blank: fill it" if stated else ABSENT
    said = f'IF({used.here}="","{blank}",IF(ISNUMBER({used.here}),{inside},"not a number"))'
    state = sheet.put(row, STATUS, OK if in_use else ABSENT, "status", formula=said)
    valid = f'OR({state.here}="{OK}",{state.here}="{ABSENT}")'
    sheet.put(row, VALID, True, "check_small", formula=valid)


def number_format_of(unit: str, value: Value) -> str:
    """Show whole numbers without a trailing point, others with up to four decimals."""
    if unit == "date":
        return DATE
    if unit in ("fraction", "fraction/year"):
        return "0.0##%"
    whole = isinstance(value, float) and value == int(value)
    return "#,##0" if whole else _NUMBER
