"""Helper columns of instruments: which dilute on the date, from which price, and what is owed.

By row of the table, as `valuation_core.instruments` decides it. What states too little is marked
and not an error, for one error would spoil the sums of every miner.
"""

from __future__ import annotations

from typing import Final

from valuation_core.instruments import CORPORATE
from workbook.cells import Ref
from workbook.model.excel import AND, BLANK, IF, ISNUMBER, ONE, ZERO, Span, Term, text
from workbook.model.sheets.facts.keys import (
    LIVE,
    NAME,
    KeyColumns,
    joined_key,
    sum_where,
)

TICKER: Final = "ticker"
WARRANT: Final = "warrant"
OWED: Final = "owed"
STATED: Final = "principal stated"
SHARES: Final = "shares"
DILUTES: Final = "dilutes"
PRICE: Final = "converts above"
CONVERTED: Final = "converted"
EXERCISED: Final = "exercised"
DEBT: Final = "debt"
LOAN: Final = "loan"
SPOILS: Final = "spoils"
SLOT: Final = "slot"
"""Key of a row that dilutes: the ticker, and which of the miner's it is in the order of rows."""


def add_instrument_columns(columns: KeyColumns) -> None:
    """Plan what each row in force is in the dilution and in debt."""

    def field(name: str, line: int) -> Term:
        return columns.field(name, line)

    def given(name: str, line: int) -> Term:
        stated = field(name, line)
        return IF(ISNUMBER(stated), stated, ZERO)

    def at(heading: str, line: int) -> Term:
        return columns.at(heading, line)

    def is_on(heading: str, line: int) -> Term:
        return columns.at(heading, line).equals(ONE)

    def against_the_miner(line: int) -> Term:
        return AND(is_on(LIVE, line), field("recourse", line).equals(text(CORPORATE)))

    def dilutes(line: int) -> Term:
        note = AND(field("kind", line).equals(text("convertible")), at(OWED, line) > ZERO)
        able = IF(is_on(WARRANT, line), ISNUMBER(field("strike_usd", line)), note)
        return AND(against_the_miner(line), at(SHARES, line) > ZERO, able)

    def price(line: int) -> Term:
        note = at(OWED, line) / at(SHARES, line)
        stated = IF(is_on(WARRANT, line), given("strike_usd", line), note)
        return IF(is_on(DILUTES, line), stated, ZERO)

    def spoils(line: int) -> Term:
        no_strike = AND(at(SHARES, line) > ZERO, at(DILUTES, line).equals(ZERO))
        no_principal = at(STATED, line).equals(ZERO)
        lacking = IF(is_on(WARRANT, line), no_strike, no_principal)
        return IF(against_the_miner(line), IF(lacking, ONE, ZERO), ZERO)

    def debt(line: int) -> Term:
        return AND(against_the_miner(line), at(WARRANT, line).equals(ZERO))

    def amount(heading: str, of_warrant: Term, line: int) -> Term:
        counts = AND(is_on(DILUTES, line), at(WARRANT, line).equals(of_warrant))
        return IF(counts, at(heading, line), ZERO)

    def loan(line: int) -> Term:
        stays = AND(is_on(DEBT, line), at(DILUTES, line).equals(ZERO))
        return IF(stays, at(OWED, line), ZERO)

    columns.add(TICKER, lambda line: joined_key(field("ticker", line)))
    columns.add(WARRANT, lambda line: flag(field("kind", line).equals(text("warrant"))))
    columns.add(STATED, lambda line: flag(ISNUMBER(field("principal_usd_m", line))))
    columns.add(OWED, lambda line: given("principal_usd_m", line))
    columns.add(SHARES, lambda line: given("shares_m", line))
    columns.add(DILUTES, lambda line: flag(dilutes(line)))
    columns.add(PRICE, price)
    columns.add(CONVERTED, lambda line: amount(OWED, ZERO, line))
    columns.add(EXERCISED, lambda line: amount(SHARES, ONE, line))
    columns.add(DEBT, lambda line: flag(debt(line)))
    columns.add(LOAN, loan)
    columns.add(SPOILS, spoils)
    add_numbered(columns, SLOT, DILUTES)


def flag(condition: Term) -> Term:
    """Write a condition as 1 or 0, which can be summed and compared row by row."""
    return IF(condition, ONE, ZERO)


def add_numbered(columns: KeyColumns, heading: str, chosen: str, after: str | None = None) -> None:
    """Plan keys `ticker|k` for the rows whose flag is 1, numbered by miner in the order of rows.

    With `after`, they are numbered on from all the rows of the miner that have that flag.
    """
    tickers, flags = columns.span(TICKER), columns.span(chosen)
    before = columns.span(after) if after else None

    def key(line: int) -> Term:
        ticker = columns.at(TICKER, line)
        so_far = [(_down_to(columns, TICKER, tickers, line), "=", ticker)]
        number = sum_where(so_far, _down_to(columns, chosen, flags, line))
        if before is not None:
            number = number + sum_where([(tickers, "=", ticker)], before)
        wanted = columns.at(chosen, line).equals(ONE)
        return IF(wanted, joined_key(ticker, number), BLANK)

    columns.add(heading, key)


def _down_to(columns: KeyColumns, heading: str, whole: Span, line: int) -> Span:
    """Give a helper column from its heading down to a row."""
    column = columns.columns[heading]
    return whole.head(line, Ref(NAME, 1, column, line, column).there)


def total(columns: KeyColumns, heading: str, ticker: Term) -> Term:
    """Sum a helper column over the rows of a miner."""
    return sum_where([(columns.span(TICKER), "=", ticker)], columns.span(heading))
