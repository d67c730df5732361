"""History: published ratings and targets of the miners by edition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from valuation_core.book import Book
from valuation_core.book.schema import BANK
from valuation_core.book.tables import Row
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.addresses import needs
from workbook.model.plan import Highlight, Sheet
from workbook.model.tables import (
    Field,
    mark_low,
    put_headings,
    put_record,
    put_sources,
    widths,
)
from workbook.style import DATE, PERCENT, PRICE

NAME: Final = "History"
NOTHING: Final = "-"

FIELDS: Final = (
    Field("edition_date", "Edition", 11, "calculation", DATE),
    Field("ticker", "Miner", 11, "label_bold"),
    Field("broker", "Broker", 11, "unit"),
    Field("old_rating", "Rating before", 11, "calculation"),
    Field("new_rating", "Rating", 11, "calculation"),
    Field("old_target", "Target before, USD", 11, "calculation", PRICE),
    Field("new_target", "Target, USD", 11, "calculation", PRICE),
    Field("ref_price", "Price, USD", 11, "calculation", PRICE),
    Field("change", "Change of target", 11, "calculation", PERCENT),
    Field("upside", "Upside to target", 11, "calculation", PERCENT),
    Field("day_move", "Move of the day", 11, "calculation", PERCENT),
    Field("target_horizon", "Target for", 12, "unit"),
)
COMPUTED: Final = ("change", "upside")
MATRICES: Final = (("Targets, USD per share", "new_target"), ("Ratings", "new_rating"))


def plan_history(book: Book, tickers: Sequence[str], editions: Sequence[Row]) -> Sheet:
    """Plan the sheet: a list of some editions, and targets and ratings by edition and miner."""
    sheet = Sheet(NAME, (*widths(FIELDS), *[11] * max(0, len(tickers) - len(FIELDS))))
    sheet.put(1, 1, "Published ratings and targets", "title")
    # Tables of a workbook attached again may reach beyond the date that it shows.
    known = max([book.as_of, *(row["edition_date"] for row in editions)])
    sheet.put(
        2,
        1,
        f"Editions known on {known:%d %B %Y}, for which this workbook was built, as reported "
        "by press; no bank report was read directly. Those in force on another date are on Inputs. "
        f"Above: {BANK}; the list has other brokers too, in their own words. Amber: low "
        "confidence.",
        "subtitle_wrapped",
    )
    sheet.merges.append(Ref(NAME, 2, 1, 2, len(FIELDS)))
    rows = [row for row in editions if row["ticker"] in tickers]
    if not rows:
        sheet.put(4, 1, "No edition covers these miners by this date.", "text")
        return sheet
    ours = [row for row in rows if row["broker"] == BANK]
    covered = [ticker for ticker in tickers if any(row["ticker"] == ticker for row in ours)]
    days = sorted({row["edition_date"] for row in ours})
    first = 4 + len(MATRICES) * (len(days) + 3) + 2
    cells = _put_list(sheet, first, rows, tickers)
    line = 4
    for title, column in MATRICES:
        line = _put_matrix(sheet, line, title, column, days, covered, cells)
    return sheet


Cells = dict[tuple[date, str], tuple[Row, dict[str, Ref]]]


def _put_list(sheet: Sheet, row: int, rows: Sequence[Row], tickers: Sequence[str]) -> Cells:
    """Plan every published row, newest edition first."""
    sheet.put(row - 1, 1, "Editions, newest first", "section")
    put_headings(sheet, row, FIELDS)
    sheet.heights[row] = 25
    order = {ticker: place for place, ticker in enumerate(tickers)}
    newest = sorted(
        rows,
        key=lambda item: (
            -item["edition_date"].toordinal(),
            item["broker"] != BANK,
            order[item["ticker"]],
        ),
    )
    cells: Cells = {}
    for line, item in enumerate(newest, start=row + 1):
        placed = _put(sheet, line, item)
        if item["broker"] == BANK:
            cells[item["edition_date"], item["ticker"]] = item, placed
    last = row + len(rows)
    confidence = put_sources(sheet, last + 2, FIELDS, newest, ("edition_date", "ticker"))
    mark_low(sheet, Ref(NAME, row + 1, 1, last, len(FIELDS)), confidence)
    return cells


def _put(sheet: Sheet, line: int, row: Row) -> dict[str, Ref]:
    place = next(index for index, field in enumerate(FIELDS) if field.name in COMPUTED)
    placed = put_record(sheet, line, FIELDS[:place], row)
    placed |= put_record(sheet, line, FIELDS[place + 2 :], row, place + 3)
    target = row["new_target"]
    for offset, name in enumerate(("old_target", "ref_price")):
        base = row[name]
        value: Value = NOT_AVAILABLE
        if target is not None and base:
            value = target / base - 1.0
        text = needs((placed["new_target"].here, placed[name].here), "{0}/{1}-1")
        field = FIELDS[place + offset]
        sheet.put(line, place + 1 + offset, value, field.style, field.number_format, text)
    return placed


def _put_matrix(
    sheet: Sheet,
    row: int,
    title: str,
    column: str,
    days: Sequence[date],
    tickers: Sequence[str],
    cells: Cells,
) -> int:
    """Plan one figure by edition down and miner across, each cell linked to the list."""
    sheet.put(row, 1, title, "section")
    sheet.put(row + 1, 1, "Edition", "heading")
    for offset, ticker in enumerate(tickers):
        sheet.put(row + 1, 2 + offset, ticker, "heading")
    for line, day in enumerate(days, start=row + 2):
        sheet.put(line, 1, day, "calculation", DATE)
        for offset, ticker in enumerate(tickers):
            item, placed = cells.get((day, ticker), ({}, {}))
            source = placed.get(column)
            value = item.get(column)
            if source is None:
                sheet.put(line, 2 + offset, NOTHING, "calculation")
                continue
            text = f'IF({source.here}="","{NOTHING}",{source.here})'
            shown: Value = NOTHING if value in (None, "") else value
            sheet.put(line, 2 + offset, shown, "calculation", PRICE, text)
    if column == "new_rating":
        block = Ref(NAME, row + 2, 2, row + 1 + len(days), 1 + len(tickers))
        first = Ref(NAME, block.row, block.column, block.row, block.column).here
        sheet.highlights.append(Highlight(block, f'{first}="OW"', "green"))
        sheet.highlights.append(Highlight(block, f'{first}="UW"', "red"))
    return row + len(days) + 3
