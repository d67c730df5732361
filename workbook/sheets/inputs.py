"""Inputs: every fact used, with unit, source, date and confidence, and the book made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, isfinite
from typing import Final

from valuation_core.book import METRICS, Book, Fact, with_own_facts
from valuation_core.catalog import formula
from valuation_core.published import COLUMNS
from workbook.plan import Highlight, Ref, Sheet, Validation, Value
from workbook.style import DATE, PERCENT, PLAIN

NAME: Final = "Inputs"
BOOK_NAME: Final = "Book"
"""Defined name of the one HPC_BOOK cell that every function of the workbook reads."""

NEEDED: Final = ("hpc_mw_shopped", "hpc_probability", "price", "shares_basic")
"""Facts of a miner that get a row even where the book has none, to be filled by the analyst."""

NEEDED_OF_ALL: Final = (
    "capex_per_mw",
    "cloud_value",
    "colo_value_high",
    "colo_value_low",
    "colo_value_mid",
    "gross_to_critical",
    "tenant_cap",
    "window_months",
)
"""Parameters of the framework that get a row in any case."""

HEADINGS: Final = (
    "scope",
    "metric",
    "value",
    "unit",
    "basis",
    "as of",
    "confidence",
    "meaning",
    "source",
    "note",
)
WIDTHS: Final = (10, 25, 13, 17, 9, 12, 12, 36, 58, 58)
FIRST_ROW: Final = 9
CHARACTERS_A_LINE: Final = 82

_FORMATS: Final = {"fraction": "0.0##%", "fraction/year": "0.0##%", "date": DATE}
_NUMBER: Final = "#,##0.####"


@dataclass(frozen=True)
class InputCells:
    """Where the facts of a workbook landed."""

    book: Ref
    as_of: Ref
    facts: dict[tuple[str, str], Ref]
    published: dict[tuple[str, str], Ref]
    source: Book

    def fact(self, scope: str, metric: str) -> Ref:
        """Give the cell of a fact: the scope's own, or the one stated for ALL."""
        return self.facts.get((scope, metric)) or self.facts["ALL", metric]

    def known(self, scope: str, metric: str) -> Fact | None:
        """Give the fact of the book behind a cell, if it holds one."""
        return self.source.facts.get((scope, metric)) or self.source.facts.get(("ALL", metric))


def plan_inputs(book: Book, tickers: Sequence[str]) -> tuple[Sheet, InputCells]:
    """Plan the sheet; facts come first in one block, published figures below."""
    sheet = Sheet(NAME, WIDTHS, freeze=f"C{FIRST_ROW}", repeat_rows=(FIRST_ROW - 1, FIRST_ROW - 1))
    sheet.put(1, 1, "Inputs", "title")
    sheet.put(
        2,
        1,
        "Change a blue value: the cells that use it follow, and so do the functions. Published "
        "figures (below, black) are the edition's and are not inputs. Amber: low confidence.",
        "subtitle",
    )
    keys = _keys(book, tickers)
    last = FIRST_ROW + len(keys) - 1
    table = Ref(NAME, FIRST_ROW, 1, last, 3)
    sheet.put(4, 1, "Date of the book", "label_bold")
    sheet.put(4, 2, None, "label")
    as_of = sheet.put(4, 3, book.as_of, "input", DATE)
    sheet.put(5, 1, "Handle of these facts", "label_bold")
    sheet.put(5, 2, None, "label")
    effective = with_own_facts(book, [(*key, _value(book, key)) for key in keys])
    call = formula("HPC_BOOK", as_of=as_of.fixed, facts=table.fixed)
    handle = sheet.put(5, 3, effective.handle, "function_left", formula=call)
    sheet.put(6, 1, "Values are in the unit and on the MW basis of their row.", "subtitle")
    _put_headings(sheet, FIRST_ROW - 1)
    facts = {
        key: _put_fact(sheet, FIRST_ROW + offset, key, book.facts.get(key))
        for offset, key in enumerate(keys)
    }
    sheet.highlights.append(_amber(sheet, FIRST_ROW, last))
    published = _plan_published(sheet, book, tickers, last + 3)
    return sheet, InputCells(handle, as_of, facts, published, book)


def _put_headings(sheet: Sheet, row: int) -> None:
    for column, heading in enumerate(HEADINGS, start=1):
        sheet.put(row, column, heading, "heading" if heading == "value" else "heading_left")


def _keys(book: Book, tickers: Sequence[str]) -> list[tuple[str, str]]:
    framework = {key for key in book.facts if key[0] in ("ALL", "NETWORK")}
    keys = sorted(framework | {("ALL", metric) for metric in NEEDED_OF_ALL})
    for ticker in tickers:
        own = {metric for scope, metric in book.facts if scope == ticker}
        shared = {metric for scope, metric in book.facts if scope == "ALL"}
        keys += [(ticker, metric) for metric in sorted(own | (set(NEEDED) - shared))]
    return keys


def _value(book: Book, key: tuple[str, str]) -> float | date | None:
    fact = book.facts.get(key)
    return None if fact is None else fact.value


def _put_fact(sheet: Sheet, row: int, key: tuple[str, str], fact: Fact | None) -> Ref:
    metric = METRICS[key[1]]
    sheet.put(row, 1, key[0], "label")
    sheet.put(row, 2, key[1], "label")
    value: Value = None if fact is None else fact.value
    cell = sheet.put(row, 3, value, "input", _number_format(metric.unit, value))
    sheet.put(row, 4, metric.unit, "unit")
    sheet.put(row, 5, (fact.basis if fact else metric.basis) or "-", "unit")
    sheet.put(row, 6, fact.as_of if fact else "-", "unit")
    sheet.put(row, 7, fact.confidence if fact else "missing", "unit")
    sheet.put(row, 8, metric.meaning, "label_wrap")
    _put_source(sheet, row, fact.source if fact else "not in the book: fill the value to use it")
    _put_note(sheet, row, fact.note if fact else "")
    _validate(sheet, cell, key[1])
    return cell


def _number_format(unit: str, value: Value) -> str:
    """Show whole numbers without a trailing point, others with up to four decimals."""
    whole = isinstance(value, float) and value == int(value)
    return _FORMATS.get(unit, "#,##0" if whole else _NUMBER)


def _put_note(sheet: Sheet, row: int, note: str) -> None:
    """Plan the note, and a row as high as it needs."""
    sheet.put(row, 10, note or None, "note")
    sheet.heights[row] = max(13.5, 11.5 * ceil(len(note) / CHARACTERS_A_LINE))


def _put_source(sheet: Sheet, row: int, source: str) -> None:
    web = source.startswith(("http://", "https://"))
    sheet.put(row, 9, source, "source", link=source if web else None)


def _validate(sheet: Sheet, cell: Ref, name: str) -> None:
    metric = METRICS[name]
    if metric.unit == "date":
        message = f"{name} is a date."
        sheet.validations.append(Validation(cell, message, "date", low=1))
        return
    low = metric.low if isfinite(metric.low) else None
    high = metric.high if isfinite(metric.high) else None
    message = f"{name} in {metric.unit} {metric.rule}."
    sheet.validations.append(Validation(cell, message, "decimal", low, high))


def _amber(sheet: Sheet, first: int, last: int) -> Highlight:
    marked = Ref(sheet.name, first, 1, last, 7)
    return Highlight(marked, f'$G{first}="low"', "amber")


def _plan_published(
    sheet: Sheet, book: Book, tickers: Sequence[str], row: int
) -> dict[tuple[str, str], Ref]:
    """Plan the published figures; they are read from the edition and cannot be overruled."""
    cells: dict[tuple[str, str], Ref] = {}
    covered = [ticker for ticker in tickers if ticker in book.edition]
    if not covered:
        sheet.put(row, 1, "No published edition covers these miners by this date.", "subtitle")
        return cells
    broker = book.edition[covered[0]]["broker"]
    title = f"Published edition of {book.edition_date} ({broker}, as reported by press)"
    sheet.put(row, 1, title, "section")
    _put_headings(sheet, row + 1)
    line = row + 2
    for ticker in covered:
        edition = book.edition[ticker]
        for item, column in COLUMNS.items():
            value = edition[column]
            if value is None or value == "":
                continue
            cells[ticker, item] = _put_published(sheet, line, ticker, item, value)
            sheet.put(line, 6, edition["edition_date"], "unit")
            sheet.put(line, 7, edition["confidence"], "unit")
            kind = edition.get(f"{column}_kind", "")
            sheet.put(line, 8, f"Published {item.replace('_', ' ')}", "label_wrap")
            _put_source(sheet, line, edition["source"])
            note = edition["note"] if item == next(iter(COLUMNS)) else ""
            _put_note(sheet, line, "; ".join(filter(None, (kind, note))))
            line += 1
    return cells


def _put_published(sheet: Sheet, line: int, ticker: str, item: str, value: Value) -> Ref:
    unit = "fraction" if item == "move" else "rating" if "rating" in item else "USD/share"
    sheet.put(line, 1, ticker, "label")
    sheet.put(line, 2, item, "label")
    sheet.put(line, 4, unit, "unit")
    sheet.put(line, 5, "-", "unit")
    return sheet.put(line, 3, value, "calculation", PERCENT if item == "move" else PLAIN)
