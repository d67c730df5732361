"""Instruments: convertible notes, warrants and debt of the miners, and what each does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.book.tables import Row
from workbook.cells import Ref
from workbook.model.addresses import needs, row_absolute
from workbook.model.plan import Sheet
from workbook.model.tables import (
    Field,
    mark_low,
    put_headings,
    put_record,
    put_sources,
    widths,
)
from workbook.style import DATE, PRICE, SHARES

NAME: Final = "Instruments"
FIRST_ROW: Final = 5
DILUTES: Final = "dilutes"
UNUSABLE: Final = "not usable"

FIELDS: Final = (
    Field("ticker", "Miner", 9, "label_bold"),
    Field("instrument", "Instrument", 36),
    Field("kind", "Kind", 11, "unit"),
    Field("recourse", "Recourse", 10, "unit"),
    Field("principal_usd_m", "Principal, USD M", 10, "calculation", "#,##0.0"),
    Field("coupon", "Coupon", 9, "calculation", "0.000%"),
    Field("shares_m", "Shares, M", 10, "calculation", SHARES),
    Field("strike_usd", "Strike, USD", 9, "calculation", PRICE),
    Field("capped_call_cap_usd", "Capped call to, USD", 11, "calculation", PRICE),
    Field("issue_date", "Issued", 11, "calculation", DATE),
    Field("maturity", "Matures", 11, "calculation", DATE),
    Field("net_proceeds_usd_m", "Left in cash, USD M", 10, "calculation", "#,##0.0"),
    Field("converts_above", "Exercised above, USD", 11, "calculation", PRICE),
    Field("use", "In the dilution", 14),
    Field("why", "Why", 44, "note_ruled"),
)

TOTALS: Final = (
    ("Convertible notes, USD M", "principal_usd_m", "convertible", "#,##0.0"),
    ("Loans, USD M", "principal_usd_m", "loan", "#,##0.0"),
    ("Other notes, USD M", "principal_usd_m", "notes", "#,##0.0"),
    ("Shares of convertibles, M", "shares_m", "convertible", SHARES),
    ("Shares of warrants, M", "shares_m", "warrant", SHARES),
)
"""Title, column summed, kind, format: of instruments with recourse to the company."""


def use_of(row: Row) -> tuple[str, str]:
    """Say what an instrument does in the dilution, and why.

    Examples
    --------
    >>> note = {"recourse": "corporate", "kind": "convertible", "principal_usd_m": 100.0}
    >>> use_of(note | {"shares_m": None, "strike_usd": None})[0]
    'debt only'
    """
    if row["recourse"] == "project":
        return "left out", "Project debt: it is inside the value per MW."
    if row["kind"] == "warrant":
        if not row["shares_m"]:
            return UNUSABLE, "No share count is stated: left out of the dilution."
        if row["strike_usd"] is None:
            return UNUSABLE, "No strike is stated: the miner's diluted shares are missing."
        return DILUTES, "Treasury-stock method: shares less those its strike buys back."
    if row["principal_usd_m"] is None:
        return UNUSABLE, "No principal is stated: the miner's debt is missing."
    if row["kind"] == "convertible" and row["shares_m"] and row["principal_usd_m"]:
        return DILUTES, "Converts when the value per share exceeds principal / shares."
    if row["kind"] == "convertible":
        return "debt only", "No share count is stated: it stays debt at its principal."
    return "debt", "Owed at its principal; it does not convert."


def plan_instruments(book: Book, tickers: Sequence[str]) -> Sheet:
    """Plan the sheet: every instrument of the miners outstanding on the date, and sums."""
    sheet = Sheet(NAME, widths(FIELDS), freeze=f"C{FIRST_ROW}")
    sheet.put(1, 1, "Instruments", "title")
    text = (
        f"Outstanding on {book.as_of:%d %B %Y}: notes, warrants and debt of the miners, and "
        "whether each dilutes, as they stand now. Blank: not stated. Amber: not usable, or low "
        "confidence."
    )
    sheet.put(2, 1, text, "subtitle")
    rows = [row for ticker in tickers for row in book.rows_of("instruments", ticker)]
    if not rows:
        sheet.put(4, 1, "The book holds no instrument of these miners on this date.", "text")
        return sheet
    put_headings(sheet, FIRST_ROW - 1, FIELDS)
    sheet.heights[FIRST_ROW - 1] = 25
    columns: dict[str, Ref] = {}
    for index, row in enumerate(rows):
        placed = _put(sheet, FIRST_ROW + index, row)
        columns = {name: columns.get(name, ref).to(ref) for name, ref in placed.items()}
    last = FIRST_ROW + len(rows) - 1
    end = _put_totals(sheet, last + 2, rows, tickers, columns)
    confidence = put_sources(sheet, end + 1, FIELDS, rows, ("ticker", "instrument"))
    use = row_absolute(columns["use"]).split(":")[0]
    table = Ref(NAME, FIRST_ROW, 1, last, len(FIELDS))
    mark_low(sheet, table, confidence, f'{use}="{UNUSABLE}"')
    return sheet


def _put(sheet: Sheet, line: int, row: Row) -> dict[str, Ref]:
    """Plan one instrument; a note's conversion price is computed in its cell."""
    use, why = use_of(row)
    place = next(index for index, field in enumerate(FIELDS) if field.name == "converts_above")
    record = {**row, "use": use, "why": why}
    placed = put_record(sheet, line, FIELDS[:place], record)
    placed |= put_record(sheet, line, FIELDS[place + 1 :], record, place + 2)
    principal, shares, strike = (
        placed[name].here for name in ("principal_usd_m", "shares_m", "strike_usd")
    )
    value: float | str | None = None
    text = None
    if use == DILUTES and row["kind"] == "convertible":
        value, text = (
            row["principal_usd_m"] / row["shares_m"],
            needs((principal, shares), "{0}/{1}"),
        )
    elif use == DILUTES:
        value, text = row["strike_usd"], strike
    field = FIELDS[place]
    placed[field.name] = sheet.put(line, place + 1, value, field.style, field.number_format, text)
    return placed


def _put_totals(
    sheet: Sheet,
    row: int,
    rows: Sequence[Row],
    tickers: Sequence[str],
    columns: dict[str, Ref],
) -> int:
    """Plan the sums by miner, of what the company owes or has granted; give the next row."""
    sheet.put(row, 1, "By miner, with recourse to the company", "section")
    sheet.put_row(row + 1, 1, ("Miner",), "heading_left")
    sheet.put(row + 1, 2, None, "heading_left")
    for offset, (title, *_) in enumerate(TOTALS):
        sheet.put(row + 1, 3 + offset, title, "heading")
    sheet.put(row + 2, 1, "kind", "unit")
    sheet.put(row + 2, 2, "corporate", "unit")
    sheet.heights[row + 1] = 36
    recourse = Ref(NAME, row + 2, 2, row + 2, 2).fixed
    for offset, (_, _, kind, _) in enumerate(TOTALS):
        sheet.put(row + 2, 3 + offset, kind, "calculation")
    for line, ticker in enumerate(tickers, start=row + 3):
        sheet.put(line, 1, ticker, "label_bold")
        sheet.put(line, 2, None, "label")
        for offset, (_, column, kind, number_format) in enumerate(TOTALS):
            value = sum(
                item[column] or 0.0
                for item in rows
                if (item["ticker"], item["kind"], item["recourse"]) == (ticker, kind, "corporate")
            )
            where = Ref(NAME, row + 2, 3 + offset, row + 2, 3 + offset)
            # SUMIFS would read a kind such as "loa*" as a pattern.
            text = (
                f"SUMPRODUCT(({columns['ticker'].fixed}=$A{line})"
                f"*({columns['kind'].fixed}={where.here})"
                f"*({columns['recourse'].fixed}={recourse}),{columns[column].fixed})"
            )
            sheet.put(line, 3 + offset, value, "calculation", number_format, text)
    return row + 3 + len(tickers)
