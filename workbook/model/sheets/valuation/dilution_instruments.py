"""Corporate instruments laid out in lines, and sums over those that are in the money.

A convertible note is taken by the if-converted method: above its conversion price, principal over
shares, its shares are new ones and its principal leaves debt. A warrant is taken by the
treasury-stock method: above its strike, which stands in the place of a conversion price, the
proceeds of exercise buy shares back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from valuation_core.errors import ValuationError
from valuation_core.instruments import Instruments, instruments_of
from workbook.cells import MISSING, Value
from workbook.model.excel import IF, ZERO, Term, function_of
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines

_FIGURES: Final = {"name": "names", "new_shares": "shares"}
"""Lines of an instrument that the core calls otherwise."""


@dataclass(frozen=True)
class DilutionInstruments:
    """Corporate instruments by miner, and how many lines the sheet needs for them."""

    found: dict[str, Instruments | None]
    number: int

    def value(self, line: str, ticker: str, index: int) -> Value:
        """Give a figure of one instrument of a miner; nothing where it has fewer."""
        one = self.found[ticker]
        if one is None:
            return MISSING
        column = getattr(one, _FIGURES.get(line, line))
        if index >= len(column):
            return "-" if line == "name" else 0.0
        return column[index] if line == "name" else float(column[index])


def dilution_instruments(figures: Figures) -> DilutionInstruments:
    """Lay the instruments of the miners out; one that states too little spoils its miner."""
    found: dict[str, Instruments | None] = {}
    for ticker in figures.tickers:
        try:
            found[ticker] = instruments_of(figures.book, ticker)
        except ValuationError:
            found[ticker] = None
    number = max(len(one.names) for one in found.values() if one) if any(found.values()) else 1
    return DilutionInstruments(found, max(number, 1))


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
