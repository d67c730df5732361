"""Corporate instruments laid out in lines, and sums over those that are in the money.

A convertible note is taken by the if-converted method: above its conversion price, principal over
shares, its shares are new ones and its principal leaves debt. A warrant is taken by the
treasury-stock method: above its strike, which stands in the place of a conversion price, the
proceeds of exercise buy shares back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from valuation_core.instruments import CORPORATE
from workbook.model.excel import IF, ZERO, Term, function_of
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines

SPARE_SLOTS: Final = 3
"""Lines beyond those the book needs, for instruments that are typed or brought later."""


@dataclass(frozen=True)
class DilutionInstruments:
    """How many lines the sheet has for instruments that dilute."""

    number: int


def dilution_instruments(figures: Figures) -> DilutionInstruments:
    """Count the lines: all that a miner ever had of notes and warrants with shares, and spare."""
    rows = figures.laid_out.tables["instruments"].rows()
    able = {
        (row["ticker"], row["instrument_id"])
        for row in rows
        if row["ticker"] in figures.tickers
        and row["recourse"] == CORPORATE
        and row["kind"] in ("convertible", "warrant")
        and row["shares_m"]
    }
    counts = Counter(ticker for ticker, _ in able)
    return DilutionInstruments(max(counts.values(), default=0) + SPARE_SLOTS)


def in_the_money(
    value: Term,
    lines: Lines | Elsewhere,
    instruments: DilutionInstruments,
    ticker: str,
    *amounts: str,
    above: str = "claims_at",
) -> Term:
    """Sum products of amounts over the instruments in the money.

    Parameters
    ----------
    value : Term
        Value to be shared, in USD M; a share price where `above` is "conversion_price".
    lines : Lines or Elsewhere
        Lines of the instruments.
    instruments : DilutionInstruments
        How many there are.
    ticker : str
        The miner.
    *amounts : str
        Lines to multiply.
    above : str
        Line that the value must exceed for an instrument to be in the money.
    """
    last = instruments.number - 1
    spans = [lines.span(f"{name}_0", f"{name}_{last}", ticker) for name in (above, *amounts)]

    def write(value: str, limits: str, *texts: str) -> str:
        return f"SUMPRODUCT(({value}>{limits})*{'*'.join(texts)})"

    def compute(value: float, limits: tuple[float, ...], *columns: tuple[float, ...]) -> float:
        total = 0.0
        for limit, *factors in zip(limits, *columns, strict=True):
            product = float(value > limit)
            for factor in factors:
                product *= factor
            total += product
        return total

    return function_of(write, compute, value, *spans)


def value_of_new_shares(
    price: Term, lines: Lines | Elsewhere, instruments: DilutionInstruments, ticker: str
) -> Term:
    """Sum what new shares are worth at a price above their conversion price or strike."""
    last = instruments.number - 1
    return function_of(
        lambda price, at, shares: f"SUMPRODUCT(({price}>{at})*({price}-{at})*{shares})",
        lambda price, at, shares: sum(
            max(price - one, 0.0) * new for one, new in zip(at, shares, strict=True)
        ),
        price,
        lines.span("conversion_price_0", f"conversion_price_{last}", ticker),
        lines.span("new_shares_0", f"new_shares_{last}", ticker),
    )


def per_share_of(
    value: Term, lines: Lines | Elsewhere, instruments: DilutionInstruments, ticker: str
) -> Term:
    """Give the value per share when a value, in USD M, is shared among all but other debt."""
    paid = in_the_money(value, lines, instruments, ticker, "new_shares", "conversion_price")
    new = in_the_money(value, lines, instruments, ticker, "new_shares")
    over = value - lines.at("principal", ticker) + paid
    return over / (lines.at("shares_basic", ticker) + new)


def diluted_shares_of(
    value: Term,
    per_share: Term,
    lines: Lines | Elsewhere,
    instruments: DilutionInstruments,
    ticker: str,
) -> Term:
    """Give the diluted shares, in millions, when a value is shared at its value per share."""
    new = in_the_money(value, lines, instruments, ticker, "new_shares")
    proceeds = in_the_money(value, lines, instruments, ticker, "conversion_price", "exercised")
    bought_back = IF(proceeds.equals(ZERO), ZERO, proceeds / per_share)
    return lines.at("shares_basic", ticker) + new - bought_back
