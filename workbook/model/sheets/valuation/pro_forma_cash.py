"""Pro forma cash in cells: what notes and loans have brought or taken since the balance date."""

from __future__ import annotations

from typing import Final

from valuation_core.cash import Flow, flows_since
from valuation_core.errors import ValuationError
from workbook.cells import MISSING, Value
from workbook.model.excel import IF, SUM, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.style import MONEY_EXACT, TEXT

NAME_HEIGHT: Final = 30
ASSUMED: Final = "; assumed: the principal"


def plan_changes(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan each change with its instrument, and their sum."""
    found = {ticker: _flows(figures, ticker) for ticker in figures.tickers}
    number = max(1, *(len(flows or ()) for flows in found.values()))

    def told(ticker: str, index: int) -> Value:
        flows = found[ticker]
        if flows is None:
            return MISSING
        if index >= len(flows):
            return "-"
        flow = flows[index]
        assumed = ASSUMED if flow.assumed else ""
        return f"{flow.row['instrument_id']}, {flow.day.isoformat()}: {flow.what}{assumed}"

    def amount(ticker: str, index: int) -> Value:
        flows = found[ticker]
        if flows is None:
            return MISSING
        return 0.0 + flows[index].amount if index < len(flows) else 0.0

    for index in range(number):
        lines.stated(
            f"flow_name_{index}",
            f"Change of cash since, {index + 1}",
            "",
            TEXT,
            lambda ticker, index=index: told(ticker, index),  # type: ignore[misc]
            style="fact_small",
            note="table of instruments: notes and loans of the company after the balance date"
            if index == 0
            else "",
        )
        if any(flows and index < len(flows) for flows in found.values()):
            lines.sheet.heights[lines.row - 1] = NAME_HEIGHT
    for index in range(number):
        lines.stated(
            f"flow_{index}",
            f"Amount of change {index + 1}",
            "USD M",
            MONEY_EXACT,
            lambda ticker, index=index: amount(ticker, index),  # type: ignore[misc]
        )

    def change(ticker: str) -> Term:
        total = SUM(lines.span("flow_0", f"flow_{number - 1}", ticker))
        return IF(inputs.is_own(inputs.place(ticker, "cash")), ZERO, total)

    lines.line(
        "cash_change",
        "Changes of cash since",
        "USD M",
        MONEY_EXACT,
        change,
        note="0 beside cash of your own, which is of the date of the book",
    )


def _flows(figures: Figures, ticker: str) -> list[Flow] | None:
    """Give the changes since the balance; None where an instrument states too little."""
    fact = figures.book.plain.find(ticker, "cash")
    try:
        return list(flows_since(figures.book, ticker, fact.as_of)) if fact else []
    except ValuationError:
        return None
