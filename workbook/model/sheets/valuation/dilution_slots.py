"""Corporate instruments laid out in lines, and sums over the bends that a value passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from valuation_core.errors import ValuationError
from valuation_core.instruments import Instruments, instruments_of
from workbook.model.excel import Term, function_of
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines
from workbook.model.plan import MISSING, Value

_FIELDS: Final = {
    "at": "conversion_price",
    "slope": "shares",
    "repaid": "converted",
    "strike_shares": "exercised",
}
"""What the lines of the sheet are called in the core."""


@dataclass(frozen=True)
class Slots:
    """Corporate instruments by miner, and how many lines the sheet needs for them."""

    found: dict[str, Instruments | None]
    number: int

    def value(self, name: str, ticker: str, index: int) -> Value:
        """Give a figure of one breakpoint of a miner; nothing where it has fewer."""
        one = self.found[ticker]
        if one is None:
            return MISSING
        column = getattr(one, _FIELDS.get(name, name))
        if index >= len(column):
            return "-" if name == "names" else 0.0
        return column[index] if name == "names" else float(column[index])


def slots_of(figures: Figures) -> Slots:
    """Lay the instruments of the miners out; one that states too little spoils its miner."""
    found: dict[str, Instruments | None] = {}
    for ticker in figures.tickers:
        try:
            found[ticker] = instruments_of(figures.book, ticker)
        except ValuationError:
            found[ticker] = None
    number = max(len(one.names) for one in found.values() if one) if any(found.values()) else 1
    return Slots(found, max(number, 1))


def passed(
    value: Term,
    lines: Lines | Elsewhere,
    slots: Slots,
    ticker: str,
    *amounts: str,
    thresholds: str = "reached",
) -> Term:
    """Sum products of amounts over the bends whose threshold is below a value."""
    last = slots.number - 1
    spans = [lines.span(f"{name}_0", f"{name}_{last}", ticker) for name in (thresholds, *amounts)]

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


def per_share_of(value: Term, lines: Lines | Elsewhere, slots: Slots, ticker: str) -> Term:
    """Give the value per share when a value, in USD M, is shared among all but other debt."""
    offset = passed(value, lines, slots, ticker, "slope", "at")
    joined = passed(value, lines, slots, ticker, "slope")
    over = value - lines.at("principal", ticker) + offset
    return over / (lines.at("shares_basic", ticker) + joined)
