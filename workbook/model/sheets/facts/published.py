"""The published figures on Inputs: read from the edition, no inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book.schema import BANK
from valuation_core.published import COLUMNS
from workbook.cells import Ref
from workbook.model.excel import Term
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, IN_USE
from workbook.model.sheets.facts.input_rows import put_link
from workbook.model.sheets.facts.newest_rows import NewestRows, key_of_edition
from workbook.style import DATE, PERCENT, PLAIN

_HEADINGS: Final = {"metric": "item", "in use": "published", "as of": "edition"}
"""Columns that are called otherwise than among the facts."""

FOUND: Final = "row in the book"
"""Column of the row of the edition; 0 where nothing was published by the date."""

NOTES: Final = {"target": "note", "price": "ref_price_kind", "move": "day_move_kind"}
"""Field of the edition that says more of an item, such as which close a price is."""

_FILLED: Final = (
    "scope",
    "metric",
    "in use",
    "unit",
    "as of",
    "confidence",
    "meaning",
    "source",
    "link",
    "note",
)
"""Columns of the facts that a published figure has something for."""


def plan_published(
    sheet: Sheet, editions: NewestRows, tickers: Sequence[str], row: int
) -> dict[tuple[str, str], Ref]:
    """Plan what the newest edition on each miner says on the date; blank where it says nothing."""
    cells: dict[tuple[str, str], Ref] = {}
    title = f"Published figures of {BANK}, as reported by press: the newest on each miner"
    sheet.put(row, COLUMN["scope"], title, "section")
    for name, place in COLUMN.items():
        if place <= COLUMN[_FILLED[-1]] or name == FOUND:
            heading = _HEADINGS.get(name, name) if name in (*_FILLED, FOUND) else None
            sheet.put(row + 1, place, heading, "heading" if place == IN_USE else "heading_left")
    line = row + 2
    for ticker in tickers:
        for item in COLUMNS:
            cells[ticker, item] = _put(sheet, line, ticker, item, editions)
            line += 1
    return cells


def _put(sheet: Sheet, line: int, ticker: str, item: str, editions: NewestRows) -> Ref:
    unit = "fraction" if item == "move" else "rating" if "rating" in item else "USD/share"
    sheet.put(line, COLUMN["scope"], ticker, "label")
    sheet.put(line, COLUMN["metric"], item, "label")
    sheet.put(line, COLUMN["unit"], unit, "unit")
    sheet.put(line, COLUMN["meaning"], f"Published {item.replace('_', ' ')}", "label_wrap")

    def put(heading: str, term: Term, style: str, number_format: str = PLAIN) -> Ref:
        place = COLUMN[heading]
        return sheet.put(line, place, term.value, style, number_format, term.text)

    found = editions.of(key_of_edition(Term(f"$A{line}", ticker)))
    number = Term(put(FOUND, found, "unit", "0").here, found.value)
    figure = editions.field(COLUMNS[item], number)
    value = put("in use", figure, "calculation", PERCENT if item == "move" else PLAIN)
    put("as of", editions.field("edition_date", number), "unit", DATE)
    put("confidence", editions.field("confidence", number), "unit")
    put_link(sheet, line, put("source", editions.field("source", number), "source"))
    if item in NOTES:
        put("note", editions.field(NOTES[item], number), "note")
    return value
