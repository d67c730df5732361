"""The line at the top of Summary: prices that are missing, old or of different dates; windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, ISNUMBER, MAX, MIN, ZERO, Term, joined_text, text
from workbook.model.lines import Lines
from workbook.model.plan import Highlight, Sheet

REMARK_ROW: Final = 3
TICKERS, UNPRICED, STALE_PRICES, WINDOWS = 10, 11, 14, 17
"""Columns of what the remark at the top says of each miner."""

NOTHING_OLD: Final = "Prices are of one date and fresh; no window for deals has run out."


def put_remark(sheet: Sheet, tickers: Sequence[str], targets: Lines, row: int) -> None:
    """Plan the line on prices that are old or of different dates, and on windows run out.

    What it says of each miner stands from a row on: one formula for many would be too long.
    """
    last_column = len(sheet.widths)

    def at(key: str, ticker: str) -> Term:
        return targets.there(key, ticker)

    def none(ticker: str) -> Term:
        return IF(ISNUMBER(at("price", ticker)), BLANK, text(f" {ticker},"))

    def old(ticker: str) -> Term:
        age = at("price_age", ticker)
        said = joined_text([text(f" {ticker} "), age, text(" days,")])
        return IF(ISNUMBER(age), IF(age > at("price_limit", ticker), said, BLANK), BLANK)

    def over(ticker: str) -> Term:
        left = at("window_left", ticker)
        return IF(ISNUMBER(left), IF(left <= ZERO, text(f" {ticker},"), BLANK), BLANK)

    headings = {
        TICKERS: "Ticker",
        UNPRICED: "Without price",
        STALE_PRICES: "Stale price",
        WINDOWS: "Window run out",
    }
    for column in range(TICKERS, last_column + 1):
        title = "Data of the remark at the top" if column == TICKERS else None
        sheet.put(row, column, title, "section")
        sheet.put(row + 1, column, headings.get(column), "heading_left")
        for line, ticker in enumerate(tickers, start=row + 2):
            if column not in (UNPRICED, STALE_PRICES, WINDOWS):
                sheet.put(line, column, ticker if column == TICKERS else None, "label")
    bounds = (UNPRICED, STALE_PRICES, WINDOWS, last_column + 1)
    for first, last in pairwise(bounds):
        sheet.merges.append(Ref(sheet.name, row + 1, first, row + 1, last - 1))

    def listed(column: int, make: Callable[[str], Term], said: str, end: str) -> Term:
        terms = []
        for line, ticker in enumerate(tickers, start=row + 2):
            made = make(ticker)
            cell = sheet.put(line, column, made.value, "link_left", formula=made.text)
            terms.append(Term(cell.here, made.value))
        names = joined_text(terms)
        return IF(names.equals(BLANK), BLANK, joined_text([text(said), names, text(end)]))

    days = [at("price_age", ticker) for ticker in tickers]
    differ = IF(MAX(*days) > MIN(*days), text("Prices are of different dates. "), BLANK)
    missing = listed(UNPRICED, none, "No price is known for", " so there is no upside. ")
    stale = listed(STALE_PRICES, old, "Prices are stale:", " see their dates. ")
    out, what_to_do = "The window for deals has run out:", " set the probability yourself."
    windows = listed(WINDOWS, over, out, what_to_do)
    said = joined_text([missing, differ, stale, windows])
    term = IF(said.equals(BLANK), text(NOTHING_OLD), said)
    at_remark = sheet.put(REMARK_ROW, 1, term.value, "subtitle", formula=term.text)
    for column in range(2, last_column + 1):
        sheet.put(REMARK_ROW, column, None, "subtitle")
    wide = Ref(sheet.name, REMARK_ROW, 1, REMARK_ROW, last_column)
    sheet.highlights.append(Highlight(wide, f'{at_remark.fixed}<>"{NOTHING_OLD}"', "amber"))
