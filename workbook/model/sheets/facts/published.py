"""The published figures on Inputs: read from the edition, no inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.book.schema import BANK
from valuation_core.published import COLUMNS
from workbook.cells import Ref, Value
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, CONFIDENCE, IN_USE
from workbook.style import PERCENT, PLAIN

_HEADINGS: Final = {"metric": "item", "in use": "published", "as of": "edition"}
"""Columns that are called otherwise than among the facts."""

_FILLED: Final = (
    "scope",
    "metric",
    "in use",
    "unit",
    "as of",
    "confidence",
    "meaning",
    "source",
    "note",
)
"""Columns of the facts that a published figure has something for."""


def plan_published(
    sheet: Sheet, book: Book, tickers: Sequence[str], row: int
) -> dict[tuple[str, str], Ref]:
    """Plan the published figures of the miners the edition covers."""
    cells: dict[tuple[str, str], Ref] = {}
    covered = [ticker for ticker in tickers if ticker in book.edition]
    if not covered:
        sheet.put(
            row,
            COLUMN["scope"],
            "No published edition covers these miners by this date.",
            "subtitle",
        )
        return cells
    days = sorted({str(book.edition[ticker]["edition_date"]) for ticker in covered})
    title = f"Published editions of {', '.join(days)} ({BANK}, as reported by press)"
    sheet.put(row, COLUMN["scope"], title, "section")
    for name, place in COLUMN.items():
        if place <= COLUMN[_FILLED[-1]]:
            heading = _HEADINGS.get(name, name) if name in _FILLED else None
            sheet.put(row + 1, place, heading, "heading" if place == IN_USE else "heading_left")
    line = row + 2
    for ticker in covered:
        edition = book.edition[ticker]
        for item, column in COLUMNS.items():
            value = edition[column]
            if value is None or value == "":
                continue
            cells[ticker, item] = _put(sheet, line, ticker, item, value)
            kind = edition.get(f"{column}_kind", "")
            note = edition["note"] if item == next(iter(COLUMNS)) else ""
            sheet.put(line, COLUMN["as of"], edition["edition_date"], "unit")
            sheet.put(line, CONFIDENCE, edition["confidence"], "unit")
            sheet.put(line, COLUMN["meaning"], f"Published {item.replace('_', ' ')}", "label_wrap")
            put_source(sheet, line, edition["source"])
            sheet.put(line, COLUMN["note"], "; ".join(filter(None, (kind, note))) or None, "note")
            line += 1
    return cells


def put_source(
    sheet: Sheet, row: int, source: str, heading: str = "source", style: str = "source"
) -> None:
    """Plan where a row comes from, as a link where it is one."""
    web = source.startswith(("http://", "https://"))
    sheet.put(row, COLUMN[heading], source, style, link=source if web else None)


def _put(sheet: Sheet, line: int, ticker: str, item: str, value: Value) -> Ref:
    unit = "fraction" if item == "move" else "rating" if "rating" in item else "USD/share"
    sheet.put(line, COLUMN["scope"], ticker, "label")
    sheet.put(line, COLUMN["metric"], item, "label")
    sheet.put(line, COLUMN["unit"], unit, "unit")
    return sheet.put(line, IN_USE, value, "fact", PERCENT if item == "move" else PLAIN)
