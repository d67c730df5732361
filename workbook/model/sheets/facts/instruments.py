"""Instruments: convertible notes, warrants and debt of the miners, and what each does.

Each line takes a row of the table of instruments that is in force on the date of the workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbook.cells import Ref, Value
from workbook.model.addresses import number_down, row_absolute
from workbook.model.excel import BLANK, IF, MIN, ZERO, Span, Term, joined_text, text
from workbook.model.lines import Pair
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.cash_keys import iso_day
from workbook.model.sheets.facts.instrument_keys import PRICE as CONVERTS_ABOVE
from workbook.model.sheets.facts.instrument_uses import (
    SHOWN,
    UNUSABLE,
    USE,
    WHY,
    add_shown,
    add_uses,
)
from workbook.model.sheets.facts.keys import KeyColumns, count_where, picked, row_of, sum_where
from workbook.model.sheets.facts.listed import SPARE_LINES
from workbook.model.tables import (
    LOWEST,
    Field,
    mark_low,
    put_headings,
    widths,
)
from workbook.style import DATE, PRICE, SHARES

NAME: Final = "Instruments"
FIRST_ROW: Final = 5

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
    Field("row", "Row of the table", 10, "unit", "0;-0;-"),
)

TOTALS: Final = (
    ("Convertible notes, USD M", "principal_usd_m", "convertible", "#,##0.0"),
    ("Loans, USD M", "principal_usd_m", "loan", "#,##0.0"),
    ("Other notes, USD M", "principal_usd_m", "notes", "#,##0.0"),
    ("Shares of convertibles, M", "shares_m", "convertible", SHARES),
    ("Shares of warrants, M", "shares_m", "warrant", SHARES),
)
"""Title, column summed, kind, format: of instruments with recourse to the company."""


def plan_instruments(tickers: Sequence[str], keys: KeyColumns) -> tuple[Sheet, list[Pair]]:
    """Plan the sheet: every instrument of the miners outstanding on the date, and sums.

    Gives the sheet and the pair of counts that shows whether each instrument has a line.
    """
    sheet = Sheet(NAME, widths(FIELDS), freeze=f"C{FIRST_ROW}")
    sheet.put(1, 1, "Instruments", "title")
    put_headings(sheet, FIRST_ROW - 1, FIELDS)
    sheet.heights[FIRST_ROW - 1] = 25
    ours = {row["instrument_id"] for row in keys.table.rows_built if row["ticker"] in tickers}
    number = len(ours) + SPARE_LINES
    last = FIRST_ROW + number - 1
    miners = Ref(NAME, last + 5, 1, last + 4 + len(tickers), 1)
    add_uses(keys)
    add_shown(keys, miners, tickers)
    columns = {
        field.name: _put_column(sheet, keys, field, place, number)
        for place, field in _from_the_row()
    }
    for line in range(FIRST_ROW, last + 1):
        sheet.heights[line] = LOWEST
    end, pair = _put_counts(sheet, keys, _put_totals(sheet, last + 2, tickers, columns), number)
    sheet.page_breaks.append(end + 1)
    confidence = _put_sources(sheet, end + 1, keys, number)
    use = row_absolute(Ref(NAME, FIRST_ROW, _column("use"), FIRST_ROW, _column("use")))
    table = Ref(NAME, FIRST_ROW, 1, last, len(FIELDS))
    mark_low(sheet, table, confidence, f'{use}="{UNUSABLE}"')
    _put_subtitle(sheet, keys)
    return sheet, [pair]


def _column(name: str) -> int:
    return next(place for place, field in enumerate(FIELDS, start=1) if field.name == name)


def _from_the_row() -> list[tuple[int, Field]]:
    """Give the columns in the order in which they are planned: first the row of the table."""
    places = list(enumerate(FIELDS, start=1))
    return [places[-1], *places[:-1]]


def _put_subtitle(sheet: Sheet, keys: KeyColumns) -> None:
    told = joined_text(
        [
            text("Outstanding on "),
            iso_day(keys.date),
            text(
                ": notes, warrants and debt of the miners, and whether each dilutes, as they stand "
                "then. Blank: not stated. Amber: not usable, or low confidence."
            ),
        ]
    )
    sheet.put(2, 1, told.value, "subtitle", formula=told.text)


def _put_column(sheet: Sheet, keys: KeyColumns, field: Field, place: int, number: int) -> Span:
    """Plan a column of the list; give its cells for sums."""
    values = []
    for line in range(FIRST_ROW, FIRST_ROW + number):
        made = _row(keys, line) if field.name == "row" else _told(sheet, keys, field.name, line)
        style, number_format = field.style, field.number_format
        sheet.put(line, place, made.value, style, number_format, made.text)
        values.append(made.value)
    ref = Ref(NAME, FIRST_ROW, place, FIRST_ROW + number - 1, place)
    return Span(ref.fixed, tuple(values))


def _row(keys: KeyColumns, line: int) -> Term:
    """Give the row of the table that a line shows: that of its number down the list."""
    number = number_down(len(FIELDS) + 1, FIRST_ROW, line)
    return row_of(number, keys.span(SHOWN))


def _told(sheet: Sheet, keys: KeyColumns, name: str, line: int) -> Term:
    """Give a column of the row of the table that a line of the list shows; blank where none."""
    place = Ref(NAME, line, _column("row"), line, _column("row"))
    row = Term(row_absolute(place), sheet.cells[line, _column("row")].value)
    ours = {"converts_above": CONVERTS_ABOVE, "use": USE, "why": WHY}
    column = keys.span(ours[name]) if name in ours else keys.table.span(name)
    found = picked(column, row)
    stated = found.equals(ZERO) if name == "converts_above" else found.equals(BLANK)
    return IF(row.equals(ZERO), BLANK, IF(stated, BLANK, found))


def _put_totals(sheet: Sheet, row: int, tickers: Sequence[str], columns: dict[str, Span]) -> int:
    """Plan the sums by miner, of what the company owes or has granted; give the next row."""
    sheet.put(row, 1, "By miner, with recourse to the company", "section")
    sheet.put_row(row + 1, 1, ("Miner",), "heading_left")
    sheet.put(row + 1, 2, None, "heading_left")
    for offset, (title, *_) in enumerate(TOTALS):
        sheet.put(row + 1, 3 + offset, title, "heading")
    sheet.put(row + 2, 1, "kind", "unit")
    sheet.put(row + 2, 2, "corporate", "unit")
    sheet.heights[row + 1] = 36
    recourse = Term(Ref(NAME, row + 2, 2, row + 2, 2).fixed, "corporate")
    for offset, (_, _, kind, _) in enumerate(TOTALS):
        sheet.put(row + 2, 3 + offset, kind, "calculation")
    for line, ticker in enumerate(tickers, start=row + 3):
        sheet.put(line, 1, ticker, "label_bold")
        sheet.put(line, 2, None, "label")
        for offset, (_, column, kind, number_format) in enumerate(TOTALS):
            where = Term(Ref(NAME, row + 2, 3 + offset, row + 2, 3 + offset).here, kind)
            # SUMIFS would read a kind such as "loa*" as a pattern.
            summed = sum_where(
                [
                    (columns["ticker"], "=", Term(f"$A{line}", ticker)),
                    (columns["kind"], "=", where),
                    (columns["recourse"], "=", recourse),
                ],
                columns[column],
            )
            style = "calculation"
            sheet.put(line, 3 + offset, summed.value, style, number_format, summed.text)
    return row + 3 + len(tickers)


def _put_counts(sheet: Sheet, keys: KeyColumns, row: int, number: int) -> tuple[int, Pair]:
    """Plan how many instruments there are and have a line; give the next row and the pair."""
    every = count_where([(keys.span(SHOWN), ">", ZERO)])
    room = Ref(NAME, FIRST_ROW, 1, FIRST_ROW + number - 1, 1)
    outstanding = sheet.put(row + 1, 3, every.value, "calculation", "0", every.text)
    lines = Term(f"ROWS({room.fixed})", float(number))
    shown = MIN(Term(outstanding.here, every.value), lines)
    listed = sheet.put(row + 2, 3, shown.value, "calculation", "0", shown.text)
    for line, said in enumerate(("Outstanding, of all kinds", "Of them with a line above"), 1):
        sheet.put(row + line, 1, said, "label")
        sheet.put(row + line, 2, None, "label")
    label = "Instruments outstanding, each with a line"
    return row + 3, Pair(label, label, outstanding, listed, outstanding)


def _put_sources(sheet: Sheet, row: int, keys: KeyColumns, number: int) -> Ref:
    """Plan where each line comes from; give the confidence of the first."""
    sheet.put(row, 1, "Sources and notes", "section")
    split, last = 7, len(FIELDS)
    headings: list[Value] = ["Miner", "Instrument", "Confidence", "Source"]
    headings += [None] * (split - len(headings)) + ["Note"]
    sheet.put_row(row + 1, 1, headings + [None] * (last - len(headings)), "heading_left")
    for offset in range(number):
        line = row + 2 + offset
        for column, name, style in (
            (1, "ticker", "label"),
            (2, "instrument", "label"),
            (3, "confidence", "unit"),
            (4, "source", "source"),
            (split + 1, "note", "note_ruled"),
        ):
            made = _told(sheet, keys, name, FIRST_ROW + offset)
            sheet.put(line, column, made.value, style, formula=made.text)
        for column in (*range(5, split + 1), *range(split + 2, last + 1)):
            sheet.put(line, column, None, "label")
        sheet.merges.append(Ref(NAME, line, 4, line, split))
        sheet.merges.append(Ref(NAME, line, split + 1, line, last))
        sheet.heights[line] = LOWEST
    return Ref(NAME, row + 2, 3, row + 2, 3)
