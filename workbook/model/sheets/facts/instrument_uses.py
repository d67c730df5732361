"""Helper columns of instruments: what each does in the dilution, in words, and its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbook.cells import Ref
from workbook.model.excel import AND, BLANK, IF, ONE, ZERO, Term, text
from workbook.model.sheets.facts.instrument_keys import DILUTES as COUNTED
from workbook.model.sheets.facts.instrument_keys import SHARES, STATED, TICKER, WARRANT
from workbook.model.sheets.facts.keys import LIVE, KeyColumns, count_where

USE: Final = "use"
WHY: Final = "why"
SHOWN: Final = "line of Instruments"

DILUTES: Final = "dilutes"
UNUSABLE: Final = "not usable"


def add_uses(columns: KeyColumns) -> None:
    """Plan what each row in force does in the dilution, and why."""

    def told(line: int, which: int) -> Term:
        def is_on(heading: str) -> Term:
            return columns.at(heading, line).equals(ONE)

        dilutes, warrant = is_on(COUNTED), is_on(WARRANT)
        no_shares = columns.at(SHARES, line).equals(ZERO)
        convertible = columns.field("kind", line).equals(text("convertible"))
        rules = (
            (
                columns.field("recourse", line).equals(text("project")),
                ("left out", "Project debt: it is inside the value per MW."),
            ),
            (
                AND(warrant, no_shares),
                (UNUSABLE, "No share count is stated: left out of the dilution."),
            ),
            (
                AND(warrant, dilutes),
                (DILUTES, "Treasury-stock method: shares less those its strike buys back."),
            ),
            (
                warrant,
                (UNUSABLE, "No strike is stated: the miner's diluted shares are missing."),
            ),
            (
                columns.at(STATED, line).equals(ZERO),
                (UNUSABLE, "No principal is stated: the miner's debt is missing."),
            ),
            (dilutes, (DILUTES, "Converts when the value per share exceeds principal / shares.")),
            (
                convertible,
                ("debt only", "No share count is stated: it stays debt at its principal."),
            ),
        )
        found = text(("debt", "Owed at its principal; it does not convert.")[which])
        for condition, words in reversed(rules):
            found = IF(condition, text(words[which]), found)
        return IF(is_on(LIVE), found, BLANK)

    columns.add(USE, lambda line: told(line, 0))
    columns.add(WHY, lambda line: told(line, 1))


def add_shown(columns: KeyColumns, miners: Ref, tickers: Sequence[str]) -> None:
    """Plan the line of the list of each row in force: by miner as they are listed, then by row.

    `miners` are the cells of the tickers, below each other.
    """

    def place(line: int) -> Term:
        ticker = columns.at(TICKER, line)
        at = {name: float(miners.row + offset) for offset, name in enumerate(tickers)}
        listed = f"SUMPRODUCT(({miners.there}={ticker.text})*ROW({miners.there}))"
        miner = Term(listed, at.get(str(ticker.value), 0.0))
        down = miner * columns.rows_of_a_sheet + Term("ROW()", float(line))
        return IF(AND(columns.at(LIVE, line).equals(ONE), miner > ZERO), down, ZERO)

    columns.add(f"{SHOWN}, order", place, "0")
    places = columns.span(f"{SHOWN}, order")

    def shown(line: int) -> Term:
        own = columns.at(f"{SHOWN}, order", line)
        number = count_where([(places, ">", ZERO), (places, "<=", own)])
        return IF(own.equals(ZERO), ZERO, number)

    columns.add(SHOWN, shown)
