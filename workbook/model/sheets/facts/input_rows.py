"""One row of Inputs: the fact in use, the book's and your own, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, isfinite
from typing import Final

from valuation_core.book import METRICS, OWN, Book, Fact
from workbook.cells import Ref, Value
from workbook.model.excel import BLANK, IF, Span, Term, joined_text, text
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.case_cells import CaseTable, book_column
from workbook.model.sheets.facts.changed_rows import ChangedRow, Key
from workbook.model.sheets.facts.input_cells import (
    ABSENT,
    AS_OF,
    CASE_KNOWN,
    COLUMN,
    CONFIDENCE,
    IN_USE,
    NAME,
    NO_BASIS,
    OK,
    OWN_FACT,
    READ,
    STALE,
    STATUS,
    VALID,
    basis_of,
)
from workbook.model.sheets.facts.keys import joined_key
from workbook.model.sheets.facts.newest_rows import NewestRows
from workbook.model.sheets.facts.own_cells import but_for, put_own, put_yours, validate
from workbook.model.sheets.facts.told_facts import put_told
from workbook.model.sheets.facts.what_if_cells import MOVED
from workbook.opc.web_links import link_to
from workbook.style import DATE, PLAIN

CHARACTERS_A_LINE: Final = 70

NOWHERE: Final = "not in the book: state a value to use it"
"""Stands for the source of a fact that the book does not hold."""

OPEN: Final = "open"
LONGEST_ADDRESS: Final = 255

_WHOLE: Final = "[<1000]General;#,##0"
_NUMBER: Final = "[<1000]General;#,##0.####"
"""A small number is shown with the decimals it has: a case or the analyst may state 1.18 where
every row of the book is 0 or 1."""


@dataclass(frozen=True)
class InputSource:
    """What the rows of Inputs are made of."""

    table: CaseTable
    facts: NewestRows
    rows: Mapping[Key, int]
    """Row of each fact."""
    owing: Span
    """Miners that have a debt instrument."""

    def own(self, key: Key) -> Fact | None:
        """Give the value that the analyst states for a fact."""
        fact = self.table.book.facts.get(key)
        return fact if fact is not None and fact.confidence == OWN else None

    def read_by_functions(self, key: Key) -> tuple[str, str, float | date | None, str]:
        """Give a row as HPC_BOOK reads it: your own value, which its tables do not hold."""
        own = self.own(key)
        return *key, own.value if own else None, basis_of(self.table.book, key)


def put_fact(sheet: Sheet, key: Key, made_of: InputSource, typed: Ref | None = None) -> Ref:
    """Plan the row of a fact; give the cell of the value in use.

    `typed` is the cell of Control in which the own value is typed, where it is not typed here.
    """
    table, metric, row = made_of.table, METRICS[key[1]], made_of.rows[key]
    fact, mine = table.book.facts.get(key), made_of.own(key)
    value: Value = None if fact is None else fact.value
    number_format = number_format_of(table.book, key)
    sheet.put(row, COLUMN["scope"], key[0], "label")
    sheet.put(row, COLUMN["metric"], key[1], "label")
    case = ChangedRow(sheet, row, key, table, made_of.rows)
    theirs = _put_book(sheet, row, key, made_of, case.all_row, number_format)
    stated = put_own(sheet, row, mine.value if mine else None, number_format, typed)
    put_yours(sheet, row, key, number_format)
    case.put(number_format)
    own = book_column(case.yours, row)
    if key[1] in MOVED:
        shown: Value = "" if value is None else value
        without = but_for(row, case.all_row)
        sheet.put(row, COLUMN["but for What-if"], shown, "calculation", number_format, without)
    chosen = (
        f"IF({case.applied}>0,{case.at('set by the case')},"
        f'IF({own.here}<>"",{own.here},IF({theirs.here}<>"",{theirs.here},"")))'
    )
    used = sheet.put(
        row, IN_USE, "" if value is None else value, "calculation", number_format, chosen
    )
    sheet.put(row, COLUMN["unit"], metric.unit, "unit")
    _put_age(sheet, row, key, case)
    confidence = fact.confidence if fact else "missing"
    said = case.told("confidence", case.at("confidence in the book"))
    whose = f'IF({case.at("own in use")},"{OWN}",{said})'
    sheet.put(row, CONFIDENCE, confidence, "unit", formula=whose)
    bounds = _put_bounds(sheet, row, key[1])
    _put_status(sheet, row, used, bounds, fact is not None)
    sheet.put(row, COLUMN["meaning"], metric.meaning, "label_wrap")
    source = fact.source if fact else NOWHERE
    said = case.told("source", case.at("source in the book"))
    whose = f'IF({case.at("own in use")},"{OWN_FACT}",{said})'
    put_link(sheet, row, sheet.put(row, COLUMN["source"], source, "source", formula=whose))
    note, text_of = case.note()
    sheet.put(row, COLUMN["note"], note, "note", formula=text_of)
    sheet.heights[row] = max(13.5, 11.5 * ceil(len(note) / CHARACTERS_A_LINE))
    if typed is None:
        validate(sheet, stated, key[1])
    above = (line for one, line in made_of.rows.items() if one[0] == key[0] and line < row)
    put_told(sheet, row, key[1], max(above, default=None), made_of.owing)
    _put_read(sheet, row, key, made_of, number_format)
    return used


def _put_book(
    sheet: Sheet, row: int, key: Key, made_of: InputSource, all_row: int, number_format: str
) -> Ref:
    """Plan what the tables of the book state on the date, without the case: the newest row."""

    def put(heading: str, term: Term, style: str, number_format: str = PLAIN) -> Ref:
        return sheet.put(row, COLUMN[heading], term.value, style, number_format, term.text)

    facts = made_of.facts
    name = joined_key(Term(f"$A{row}", key[0]), Term(f"$B{row}", key[1]))
    found = facts.of(name)
    number = Term(put("row in the book", found, "unit", "0").here, found.value)
    stated = facts.field("value", number)
    theirs = put("in the book", stated, "calculation", number_format)
    nothing = Term(theirs.here, stated.value).equals(BLANK)

    def told(name: str, otherwise: Term, style: str, number_format: str = PLAIN) -> None:
        term = IF(nothing, otherwise, facts.cell(name.replace(" ", "_"), number))
        put(f"{name} in the book", term, style, number_format)

    told("confidence", text("missing"), "unit")
    told("as of", text(NO_BASIS), "unit", DATE)
    told("source", text(NOWHERE), "source_name")
    note = joined_text([facts.cell("note", number), BLANK])
    put("note in the book", IF(nothing, BLANK, note), "note")
    default = text(METRICS[key[1]].basis or NO_BASIS)
    if all_row:
        # A miner without a fact of its own has the one of ALL, on its basis.
        above = Ref(
            NAME, all_row, COLUMN["basis in the book"], all_row, COLUMN["basis in the book"]
        )
        default = Term(above.here, sheet.cells[all_row, above.column].value)
    on = facts.cell("basis", number)
    basis = IF(on.equals(BLANK), text(NO_BASIS), on)
    put("basis in the book", IF(nothing, default, basis), "unit")
    return theirs


def _put_age(sheet: Sheet, row: int, key: Key, case: ChangedRow) -> None:
    """Plan the day of a fact, its age on the date of the book, and when it is stale."""
    fact, limit, table = case.fact, METRICS[key[1]].stale_after, case.table
    today = AS_OF.there
    change = table.of_row("change", book_column("change in use", row))
    since = f'IF({change}="times",{case.base("as of in the book")},{today})'
    of = f"IF({case.applied}=0,{case.at('as of in the book')},{since})"
    of = f"IF({case.at('own in use')},{today},{of})"
    day = sheet.put(row, COLUMN["as of"], fact.as_of if fact else "-", "unit", DATE, of)
    age = f'IF(ISNUMBER({day.here}),{today}-{day.here},"-")'
    value: Value = float(fact.age(table.book.as_of)) if fact else "-"
    days = sheet.put(row, COLUMN["age, days"], value, "calculation", "0", age).here
    stale_after: Value = "-" if limit is None else float(limit)
    after = sheet.put(row, COLUMN["stale after"], stale_after, "unit_right", "0")
    old = isinstance(value, float) and limit is not None and value > limit
    mark = f'IF(COUNT({days},{after.here})=2,IF({days}>{after.here},"{STALE}",""),"")'
    sheet.put(row, COLUMN["stale"], STALE if old else "", "status", formula=mark)


def put_link(sheet: Sheet, row: int, source: Ref) -> None:
    """Plan the cell that opens the page a source is; Excel takes addresses of 255 characters."""
    here, shown = source.here, sheet.cells[row, source.column].value
    web = link_to(shown) is not None and len(str(shown)) <= LONGEST_ADDRESS
    opens = f'IF(ISNUMBER(SEARCH("://",{here})),IFERROR(HYPERLINK({here},"{OPEN}"),""),"")'
    sheet.put(row, COLUMN["link"], OPEN if web else "", "source_name", formula=opens)


def _put_read(sheet: Sheet, row: int, key: Key, made_of: InputSource, number_format: str) -> None:
    """Plan the row as HPC_BOOK reads it: a value where you state one, and its basis."""

    def at(heading: str) -> str:
        return book_column(heading, row).here

    scope, metric, value, basis = made_of.read_by_functions(key)
    own = at("yours in use")
    # LibreOffice calls no function with a range that holds an error, and HPC_BOOK has to say why a
    # case is none.
    known = CASE_KNOWN.fixed
    formulas = (
        at("scope"),
        at("metric"),
        f'IF({known},IF({own}<>"",{own},""),"")',
        f'IF({known},IF({at("basis")}="{NO_BASIS}","",{at("basis")}),"")',
    )
    shown: tuple[Value, ...] = (scope, metric, "" if value is None else value, basis)
    for heading, cell, written in zip(READ, shown, formulas, strict=True):
        style, looks = ("calculation", number_format) if heading == READ[2] else ("unit", PLAIN)
        sheet.put(row, COLUMN[heading], cell, style, looks, written)


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


def _put_status(sheet: Sheet, row: int, used: Ref, bounds: list[str], in_use: bool) -> None:
    """Plan what is to be said of a value, and whether a check may pass with it."""
    inside = f'"{OK}"'
    if bounds:
        conditions = ",".join(f"{used.here}{bound}" for bound in bounds)
        both = f"AND({conditions})" if len(bounds) > 1 else conditions
        inside = f'IF({both},"{OK}","out of range")'
    said = f'IF({used.here}="","{ABSENT}",IF(ISNUMBER({used.here}),{inside},"not a number"))'
    state = sheet.put(row, STATUS, OK if in_use else ABSENT, "status", formula=said)
    valid = f'OR({state.here}="{OK}",{state.here}="{ABSENT}")'
    sheet.put(row, VALID, True, "check_small", formula=valid)


def number_format_of(book: Book, key: Key) -> str:
    """Show what is below 1,000 as it is, and larger numbers with a separator.

    Whether those have decimals is by every row of the fact that the book has, so that it is right
    on each date.
    """
    unit = METRICS[key[1]].unit
    if unit == "date":
        return DATE
    if unit in ("fraction", "fraction/year"):
        return "0.0##%"
    inputs = book.tables["inputs"].columns
    rows = zip(inputs["scope"], inputs["metric"], inputs["value"], strict=True)
    values = [value for *names, value in rows if tuple(names) == key and value is not None]
    whole = bool(values) and all(value == int(value) for value in values)
    return _WHOLE if whole else _NUMBER
