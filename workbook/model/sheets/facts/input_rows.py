"""One row of Inputs: the fact in use, the book's and your own, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, isfinite
from typing import Final

from valuation_core.book import METRICS, OWN, Book
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.cells import Ref, Value
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.input_cells import (
    ABSENT,
    AS_OF_ROW,
    COLUMN,
    CONFIDENCE,
    FIRST_ROW,
    IN_USE,
    NAME,
    NO_BASIS,
    OK,
    OWN_VALUE,
    READ,
    STATUS,
    VALID,
    basis_of,
)
from workbook.model.sheets.facts.published import put_source
from workbook.style import DATE

CHARACTERS_A_LINE: Final = 70

_NUMBER: Final = "#,##0.####"

Key = tuple[str, str]


def read_by_functions(book: Book, key: Key) -> tuple[str, str, float | date | None, str]:
    """Give a row as HPC_BOOK reads it: what the case has set is left to the case."""
    fact = book.facts.get(key)
    value = None if fact is None or (fact.case and fact.confidence != OWN) else fact.value
    return *key, value, basis_of(book, key)


def put_fact(sheet: Sheet, row: int, key: Key, book: Book, keys: Sequence[Key]) -> Ref:
    """Plan the row of a fact; give the cell of the value in use."""
    metric, fact = METRICS[key[1]], book.facts.get(key)
    value: Value = None if fact is None else fact.value
    number_format = _number_format(metric.unit, value)
    sheet.put(row, COLUMN["scope"], key[0], "label")
    sheet.put(row, COLUMN["metric"], key[1], "label")
    stated = sheet.put(row, COLUMN["in the book"], value, "fact", number_format)
    own = sheet.put(row, OWN_VALUE, None, "input", number_format)
    plain = _put_case(sheet, row, key, book, number_format)
    theirs = stated.here
    if plain is not None and key[0] not in (MARKET_WIDE, NETWORK) and (MARKET_WIDE, key[1]) in keys:
        # Your value for ALL keeps every change of the case to that metric off.
        for_all = FIRST_ROW + keys.index((MARKET_WIDE, key[1]))
        of_all = Ref(NAME, for_all, OWN_VALUE, for_all, OWN_VALUE).here
        theirs = f'IF({of_all}<>"",{plain.here},{stated.here})'
    chosen = f'IF({own.here}<>"",{own.here},IF({stated.here}<>"",{theirs},""))'
    used = sheet.put(
        row, IN_USE, "" if value is None else value, "calculation", number_format, chosen
    )
    sheet.put(row, COLUMN["unit"], metric.unit, "unit")
    sheet.put(row, COLUMN["basis"], basis_of(book, key) or NO_BASIS, "unit")
    _put_age(sheet, row, key, book, own)
    confidence = fact.confidence if fact else "missing"
    stated_as = sheet.put(row, COLUMN["confidence in the book"], confidence, "unit").here
    whose = f'IF({own.here}<>"","{OWN}",{stated_as})'
    sheet.put(row, CONFIDENCE, confidence, "unit", formula=whose)
    bounds = _put_bounds(sheet, row, key[1])
    _put_status(sheet, row, used, bounds, fact is not None)
    sheet.put(row, COLUMN["meaning"], metric.meaning, "label_wrap")
    put_source(sheet, row, fact.source if fact else "not in the book: state a value to use it")
    note = fact.note if fact else ""
    sheet.put(row, COLUMN["note"], note or None, "note")
    sheet.heights[row] = max(13.5, 11.5 * ceil(len(note) / CHARACTERS_A_LINE))
    _validate(sheet, own, key[1])
    _put_read(sheet, row, key, book, number_format)
    return used


def _put_case(sheet: Sheet, row: int, key: Key, book: Book, number_format: str) -> Ref | None:
    """Plan what the case has set and what it is without; give the cell of the latter."""
    fact = book.facts.get(key)
    if fact is None or not fact.case:
        sheet.put(row, COLUMN["set by the case"], NO_BASIS, "unit")
        sheet.put(row, COLUMN["without the case"], NO_BASIS, "unit")
        return None
    sheet.put(row, COLUMN["set by the case"], fact.value, "fact", number_format)
    without = book.plain.facts.get(key) or book.plain.facts[MARKET_WIDE, key[1]]
    return sheet.put(row, COLUMN["without the case"], without.value, "fact", number_format)


def _put_age(sheet: Sheet, row: int, key: Key, book: Book, own: Ref) -> None:
    """Plan the day of a fact, its age on the date of the book, and when it is stale."""
    fact, limit = book.facts.get(key), METRICS[key[1]].stale_after
    day = sheet.put(row, COLUMN["as of"], fact.as_of if fact else "-", "unit")
    today = Ref(NAME, AS_OF_ROW, IN_USE, AS_OF_ROW, IN_USE).fixed
    age = f'IF({own.here}<>"",0,IF(ISNUMBER({day.here}),{today}-{day.here},"-"))'
    value: Value = float(fact.age(book.as_of)) if fact else "-"
    sheet.put(row, COLUMN["age, days"], value, "calculation", "0", age)
    stale_after: Value = "-" if limit is None else float(limit)
    sheet.put(row, COLUMN["stale after"], stale_after, "unit_right", "0")


def _put_read(sheet: Sheet, row: int, key: Key, book: Book, number_format: str) -> None:
    """Plan the row as HPC_BOOK reads it: blank where the case has set what stands in the book."""

    def at(heading: str) -> str:
        return Ref(NAME, row, COLUMN[heading], row, COLUMN[heading]).here

    scope, metric, value, basis = read_by_functions(book, key)
    theirs = at("in the book")
    left = f'OR({theirs}="",{theirs}={at("set by the case")})'
    formulas = (
        at("scope"),
        at("metric"),
        f'IF({at("your value")}<>"",{at("your value")},IF({left},"",{theirs}))',
        f'IF({at("basis")}="{NO_BASIS}","",{at("basis")})',
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


def _put_status(sheet: Sheet, row: int, used: Ref, bounds: list[str], stated: bool) -> None:
    """Plan what is to be said of a value, and whether a check may pass with it."""
    inside = f'"{OK}"'
    if bounds:
        conditions = ",".join(f"{used.here}{bound}" for bound in bounds)
        both = f"AND({conditions})" if len(bounds) > 1 else conditions
        inside = f'IF({both},"{OK}","out of range")'
    blank = "blank: fill it" if stated else ABSENT
    text_of = f'IF({used.here}="","{blank}",IF(ISNUMBER({used.here}),{inside},"not a number"))'
    state = sheet.put(row, STATUS, OK if stated else ABSENT, "status", formula=text_of)
    valid = f'OR({state.here}="{OK}",{state.here}="{ABSENT}")'
    sheet.put(row, VALID, True, "check_small", formula=valid)


def _number_format(unit: str, value: Value) -> str:
    """Show whole numbers without a trailing point, others with up to four decimals."""
    if unit == "date":
        return DATE
    if unit in ("fraction", "fraction/year"):
        return "0.0##%"
    whole = isinstance(value, float) and value == int(value)
    return "#,##0" if whole else _NUMBER


def _validate(sheet: Sheet, cell: Ref, name: str) -> None:
    metric = METRICS[name]
    if metric.unit == "date":
        message = f"{name} is a date."
        sheet.validations.append(Validation(cell, message, "date", low=1))
        return
    domain = metric.domain
    low = domain.low if isfinite(domain.low) else None
    high = domain.high if isfinite(domain.high) else None
    message = f"{name} in {metric.unit} {domain.rule}."
    sheet.validations.append(Validation(cell, message, "decimal", low, high))
