"""Pro forma cash in cells: what notes and loans have brought or taken since the balance date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from valuation_core.cash import Flow, flows_since
from valuation_core.errors import ValuationError
from workbook.cells import Ref
from workbook.model.excel import IF, MIN, NA, ZERO, Span, Term, joined_text, text
from workbook.model.figures import Figures
from workbook.model.lines import LABEL, Lines, Pair
from workbook.model.sheets.facts.cash_keys import (
    CASH_SPOILS,
    MOVE_SLOT,
    MOVE_TEXT,
    MOVED,
    MOVES,
    PAID,
    PAID_SLOT,
    PAID_TEXT,
    RETIRES,
    add_cash_columns,
)
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.facts.instrument_keys import total
from workbook.model.sheets.facts.keys import KeyColumns, picked, row_of
from workbook.style import COUNT, DATE, MONEY_EXACT, TEXT

NAME_HEIGHT: Final = 30
SPARE_SLOTS: Final = 3


def plan_changes(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan each change with its instrument, and their sum."""
    keys = inputs.keys["instruments"]
    lines.line(
        "cash_day",
        "Day of the cash",
        "date",
        DATE,
        lambda ticker: inputs.day_of(inputs.place(ticker, "cash")),
        style="link",
        note="the date of the workbook where there is no fact, or cash of your own",
    )
    days = tuple(lines.value("cash_day", ticker) for ticker in lines.columns)
    add_cash_columns(
        keys,
        Span(lines.header.there, lines.columns),
        Span(lines.across("cash_day").there, days),
    )
    number = _slots(figures)
    _count(lines, keys, number)
    texts = [keys.span(heading) for heading in (MOVE_TEXT, PAID_TEXT)]
    amounts = [keys.span(heading) for heading in (MOVED, PAID)]
    slots = [keys.span(heading) for heading in (MOVE_SLOT, PAID_SLOT)]

    def flow(ticker: str, index: int, columns: list[Span], none: Term) -> Term:
        key = joined_text([Term(lines.head(ticker), ticker), text(f"|{index + 1}")])
        found = none
        for slot, column in zip(reversed(slots), reversed(columns), strict=True):
            row = row_of(key, slot)
            found = IF(row > ZERO, picked(column, row), found)
        return found

    for index in range(number):
        lines.line(
            f"flow_name_{index}",
            f"Change of cash since, {index + 1}",
            "",
            TEXT,
            lambda ticker, index=index: flow(ticker, index, texts, text("-")),  # type: ignore[misc]
            style="link_small",
            note="table of instruments: notes and loans of the company after the day of the cash"
            if index == 0
            else "",
        )
        if index < number - SPARE_SLOTS:
            lines.sheet.heights[lines.row - 1] = NAME_HEIGHT
    for index in range(number):
        lines.line(
            f"flow_{index}",
            f"Amount of change {index + 1}",
            "USD M",
            MONEY_EXACT,
            lambda ticker, index=index: flow(ticker, index, amounts, ZERO),  # type: ignore[misc]
            style="link",
        )

    def change(ticker: str) -> Term:
        moved, paid, spoils = (
            total(keys, heading, Term(lines.head(ticker), ticker))
            for heading in (MOVED, PAID, CASH_SPOILS)
        )
        return IF(spoils > ZERO, NA, moved + paid)

    lines.line(
        "cash_change",
        "Changes of cash since",
        "USD M",
        MONEY_EXACT,
        change,
        note="of every row of the table; #N/A where one states no amount it needs",
    )


def _count(lines: Lines, keys: KeyColumns, number: int) -> None:
    """Plan how many changes there are, and whether each has a line below."""

    def changes(ticker: str) -> Term:
        moves, paid = (
            total(keys, heading, Term(lines.head(ticker), ticker)) for heading in (MOVES, RETIRES)
        )
        return moves + paid

    lines.line("changes", "Changes of cash since, number", "number", COUNT, changes)
    first = lines.row + 1
    rooms = Ref(lines.name, first, LABEL, first + number - 1, LABEL)
    room = Term(f"ROWS({rooms.fixed})", float(number))
    lines.line(
        "changes_shown",
        "Of them with a line below",
        "number",
        COUNT,
        lambda ticker: MIN(lines.at("changes", ticker), room),
        note="one without a line counts all the same",
    )
    for ticker in lines.columns:
        every, shown = (lines.cells[key][ticker] for key in ("changes", "changes_shown"))
        label = f"{ticker}: changes of cash, each with a line"
        lines.pairs.append(Pair(label, "changes_shown", every, shown, every))


def _slots(figures: Figures) -> int:
    """Give as many lines as changes since a miner's first balance, and spare ones."""
    book = figures.book
    first: dict[str, date] = {}
    for row in book.tables["inputs"].rows():
        if row["metric"] == "cash":
            day = first.get(row["scope"], row["as_of"])
            first[row["scope"]] = min(day, row["as_of"])
    counts = [0]
    for ticker in figures.tickers:
        # One that states too little has its line too: an amount is asked for and not yet known.
        flows = iter(flows_since(book, ticker, first.get(ticker, book.as_of)))
        counts.append(_length(flows))
    return max(counts) + SPARE_SLOTS


def _length(flows: Iterator[Flow]) -> int:
    number = 0
    try:
        for _ in flows:
            number += 1
    except ValuationError:
        pass
    return number
