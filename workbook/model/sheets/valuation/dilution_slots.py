"""Notes and warrants that dilute, a slot each: taken from the table by the date of the workbook."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref
from workbook.model.excel import AND, IF, MIN, NA, ZERO, Span, Term, joined_text, text
from workbook.model.lines import LABEL, Lines, Pair
from workbook.model.sheets.facts.instrument_keys import (
    CONVERTED,
    DILUTES,
    EXERCISED,
    PRICE,
    SHARES,
    SLOT,
    SPOILS,
    total,
)
from workbook.model.sheets.facts.keys import KeyColumns, picked, row_of
from workbook.model.sheets.valuation.dilution_instruments import SPARE_SLOTS, DilutionInstruments
from workbook.style import COUNT, MONEY_EXACT, PLAIN

NAME_HEIGHT: Final = 26
CONVERSION_PRICE: Final = "#,##0.0000_);(#,##0.0000);-_)"


def plan_slots(lines: Lines, keys: KeyColumns, instruments: DilutionInstruments) -> None:
    """Plan the lines: the k-th instrument of a miner to dilute, down the rows of the table."""
    _counts(lines, keys, instruments)
    slots = keys.span(SLOT)

    def row(ticker: str, index: int) -> Term:
        key = joined_text([Term(lines.head(ticker), ticker), text(f"|{index + 1}")])
        return IF(is_in_full(lines, ticker), row_of(key, slots), NA)

    blocks = (
        ("name", "Instrument", "", PLAIN, "link_small", "table of instruments, by row"),
        (
            "conversion_price",
            "Conversion price or strike",
            "USD/share",
            CONVERSION_PRICE,
            "link",
            "of a note: principal / shares",
        ),
        ("new_shares", "New shares on conversion or exercise", "M shares", MONEY_EXACT, "link", ""),
        ("converted", "Principal converted", "USD M", MONEY_EXACT, "link", ""),
        ("exercised", "Shares under warrants", "M shares", MONEY_EXACT, "link", ""),
    )
    for index in range(instruments.number):
        lines.line(
            f"row_{index}",
            f"Row of AllInstruments {index + 1}",
            "",
            "0;-0;-",
            lambda ticker, index=index: row(ticker, index),  # type: ignore[misc]
            note="the miner's notes and warrants that dilute on the date, down the table"
            if index == 0
            else "",
        )
    for name, label, unit, number_format, style, note in blocks:
        column = _column(keys, name)
        none = text("-") if name == "name" else ZERO

        def slot(ticker: str, index: int, column: Span = column, none: Term = none) -> Term:
            row = lines.at(f"row_{index}", ticker)
            return IF(row.equals(ZERO), none, picked(column, row))

        for index in range(instruments.number):
            lines.line(
                f"{name}_{index}",
                f"{label} {index + 1}",
                unit,
                number_format,
                lambda ticker, index=index, slot=slot: slot(ticker, index),  # type: ignore[misc]
                style=style,
                note=note if index == 0 else "",
            )
            if name == "name" and index < instruments.number - SPARE_SLOTS:
                lines.sheet.heights[lines.row - 1] = NAME_HEIGHT


def _column(keys: KeyColumns, name: str) -> Span:
    columns = {"conversion_price": PRICE, "new_shares": SHARES}
    columns |= {"converted": CONVERTED, "exercised": EXERCISED}
    return keys.span(columns[name]) if name in columns else keys.table.span("instrument_id")


def _counts(lines: Lines, keys: KeyColumns, instruments: DilutionInstruments) -> None:
    """Plan how many instruments there are, whether each has a line, and which state too little."""

    def counted(heading: str, ticker: str) -> Term:
        return total(keys, heading, Term(lines.head(ticker), ticker))

    lines.line(
        "dilutive",
        "Notes and warrants that dilute",
        "number",
        COUNT,
        lambda ticker: counted(DILUTES, ticker),
        note="outstanding on the date, corporate, with a share count",
    )
    first = lines.row + 1
    rooms = Ref(lines.name, first + 1, LABEL, first + instruments.number, LABEL)
    number = Term(f"ROWS({rooms.fixed})", float(instruments.number))
    lines.line(
        "with_a_line",
        "Of them with a line below",
        "number",
        COUNT,
        lambda ticker: MIN(lines.at("dilutive", ticker), number),
        note="where one has none the figures of the miner are #N/A",
    )
    lines.line(
        "too_little",
        "Instruments that state too little",
        "number",
        COUNT,
        lambda ticker: counted(SPOILS, ticker),
        note="debt without a principal, a warrant without a strike: the miner's figures are #N/A",
    )
    for ticker in lines.columns:
        every, shown = (lines.cells[key][ticker] for key in ("dilutive", "with_a_line"))
        label = f"{ticker}: instruments that dilute, each with a line"
        lines.pairs.append(Pair(label, "with_a_line", every, shown, every))


def is_in_full(lines: Lines, ticker: str) -> Term:
    """Tell whether every instrument of a miner has a line and states what is needed."""
    every, shown = (lines.at(key, ticker) for key in ("dilutive", "with_a_line"))
    return AND(every.equals(shown), lines.at("too_little", ticker).equals(ZERO))
