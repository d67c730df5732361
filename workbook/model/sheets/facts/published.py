"""The published figures on Inputs: read from the edition, no inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.published import COLUMNS
from workbook.model.plan import Ref, Sheet, Value
from workbook.style import PERCENT, PLAIN

_HEADINGS: Final = {
    1: "scope",
    2: "item",
    3: "published",
    6: "unit",
    8: "edition",
    9: "confidence",
    14: "meaning",
    15: "source",
    16: "note",
}


def plan_published(
    sheet: Sheet, book: Book, tickers: Sequence[str], row: int
) -> dict[tuple[str, str], Ref]:
    """Plan the published figures of the miners the edition covers."""
    cells: dict[tuple[str, str], Ref] = {}
    covered = [ticker for ticker in tickers if ticker in book.edition]
    if not covered:
        sheet.put(row, 1, "No published edition covers these miners by this date.", "subtitle")
        return cells
    broker = book.edition[covered[0]]["broker"]
    title = f"Published edition of {book.edition_date} ({broker}, as reported by press)"
    sheet.put(row, 1, title, "section")
    for place in range(1, max(_HEADINGS) + 1):
        style = "heading" if place == 3 else "heading_left"
        sheet.put(row + 1, place, _HEADINGS.get(place), style)
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
            sheet.put(line, 8, edition["edition_date"], "unit")
            sheet.put(line, 9, edition["confidence"], "unit")
            sheet.put(line, 14, f"Published {item.replace('_', ' ')}", "label_wrap")
            put_source(sheet, line, edition["source"])
            sheet.put(line, 16, "; ".join(filter(None, (kind, note))) or None, "note")
            line += 1
    return cells


def put_source(sheet: Sheet, row: int, source: str) -> None:
    """Plan where a row comes from, as a link where it is one."""
    web = source.startswith(("http://", "https://"))
    sheet.put(row, 15, source, "source", link=source if web else None)


def _put(sheet: Sheet, line: int, ticker: str, item: str, value: Value) -> Ref:
    unit = "fraction" if item == "move" else "rating" if "rating" in item else "USD/share"
    sheet.put(line, 1, ticker, "label")
    sheet.put(line, 2, item, "label")
    sheet.put(line, 6, unit, "unit")
    return sheet.put(line, 3, value, "fact", PERCENT if item == "move" else PLAIN)
