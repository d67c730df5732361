"""What an analyst would look at: no check fails by it, and Cover, Control and Checks name it.

Each line names the miners it is about, with the figures; a miner without such a thing is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.model.excel import (
    BLANK,
    FALSE,
    IF,
    IFERROR,
    ISNUMBER,
    MIN,
    ONE,
    ROUND,
    ZERO,
    Term,
    day_in_words,
    joined_text,
    text,
)
from workbook.model.excel_values import number
from workbook.model.lines import Lines
from workbook.model.sheets.facts.deal_keys import NOT_NETTED, OUTSIDE
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.facts.input_effects import HEADING as EFFECT
from workbook.model.sheets.facts.keys import sum_where
from workbook.model.sheets.facts.miner_keys import TICKER
from workbook.model.sheets.facts.site_keys import STILL_OFFERED
from workbook.model.sheets.facts.told_facts import OLD

END: Final = "; "
"""Behind each thing that is named: they are counted by it."""


@dataclass(frozen=True)
class Look:
    """A line: what it is about, and texts that name what is found, blank where nothing is.

    There is one for each miner, or for each scope of facts.
    """

    label: str
    named: tuple[Term, ...]


def looks(inputs: InputCells, hpc: Lines, sotp: Lines, targets: Lines) -> tuple[Look, ...]:
    """Give the lines, in the order of the valuation."""
    return _Looks(inputs, hpc, sotp, targets).every()


class _Looks:
    """Writes one line after the other."""

    def __init__(self, inputs: InputCells, hpc: Lines, sotp: Lines, targets: Lines) -> None:
        self.inputs, self.hpc, self.sotp, self.targets = inputs, hpc, sotp, targets
        self.tickers = targets.columns
        self.deals = inputs.keys["deals"]

    def every(self) -> tuple[Look, ...]:
        return (
            self._by_miner("MW used above MW of the sites", self._above_sites),
            self._by_miner("MW both signed and shopped", self._twice),
            self._by_miner("deals in no part of the value", self._outside),
            self._by_miner("cash moved by instruments since its date", self._cash_since),
            self._by_miner("negative equity", self._negative),
            self._by_miner("prices older than the newest", self._older_price),
            Look("stale facts in use", self._stale()),
            Look("own values without effect", (self._without_effect(),)),
        )

    def _by_miner(self, label: str, find: Callable[[str], tuple[Term, list[Term]]]) -> Look:
        """Name each miner for which a condition holds, with what is said of it."""
        found = []
        for ticker in self.tickers:
            holds, said = find(ticker)
            words = joined_text([text(f"{ticker}: "), *said, text(END)])
            found.append(IF(holds, words, BLANK))
        return Look(label, tuple(found))

    def _above_sites(self, ticker: str) -> tuple[Term, list[Term]]:
        used, approved = (ROUND(self.hpc.there(key, ticker)) for key in ("used", "approved"))
        # Whole MW: what rounding leaves is no MW.
        above = _true(used > approved, used, approved)
        return above, [used, text(" MW used of "), approved]

    def _twice(self, ticker: str) -> tuple[Term, list[Term]]:
        """Find MW shopped beyond what the sites still offer, where leases there are signed."""
        net = self.hpc.there("net", ticker)
        sites = self.inputs.keys["sites"]
        of = [(sites.span(TICKER), "=", text(ticker))]
        beyond = net - sum_where(of, sites.span(STILL_OFFERED))
        mw = ROUND(MIN(self._sum(NOT_NETTED, ticker), beyond))
        return _true(mw > ZERO, mw), [
            mw,
            text(" MW shopped that sites with signed MW offer no more"),
        ]

    def _outside(self, ticker: str) -> tuple[Term, list[Term]]:
        """Find leases without MW, and cloud contracts that the MW of GPU cloud do not know yet."""
        found = self._sum(OUTSIDE, ticker)
        named = self.hpc.there("named", ticker).equals(ONE)
        some = IF(IFERROR(named, FALSE), FALSE, found > ZERO)
        return some, [found, text(" without MW, or a cloud contract later than cloud_mw")]

    def _sum(self, heading: str, ticker: str) -> Term:
        return sum_where([(self.deals.span(TICKER), "=", text(ticker))], self.deals.span(heading))

    def _cash_since(self, ticker: str) -> tuple[Term, list[Term]]:
        change, day = (self.sotp.there(key, ticker) for key in ("cash_change", "cash_day"))
        said = [ROUND(change), text(" USD M since "), day_in_words(day)]
        return _true(change.differs(ZERO), change), said

    def _negative(self, ticker: str) -> tuple[Term, list[Term]]:
        equity = self.sotp.there("equity", ticker)
        return _true(equity < ZERO, equity), [ROUND(equity), text(" USD M")]

    def _older_price(self, ticker: str) -> tuple[Term, list[Term]]:
        day = self.targets.there("price_date", ticker)
        across = self.targets.across("price_date")
        days = [number(self.targets.value("price_date", one)) for one in self.tickers]
        own = number(day.value)
        newer = sum(isinstance(one, float) and isinstance(own, float) and one > own for one in days)
        count = Term(f'COUNTIF({across.there},">"&{day.text})', float(newer))
        return _true(count > ZERO, day), [day_in_words(day)]

    def _stale(self) -> tuple[Term, ...]:
        scopes = dict.fromkeys(scope for scope, _ in self.inputs.facts)
        found = []
        for scope in scopes:
            said = self.inputs.told(scope, OLD)
            called = "" if scope in (MARKET_WIDE, NETWORK) else f"{scope}: "
            words = joined_text([text(called), said, text(END)])
            found.append(IF(said.equals(BLANK), BLANK, words))
        return tuple(found)

    def _without_effect(self) -> Term:
        own, needs = (self.inputs.column_of_facts(name) for name in ("your value", EFFECT))
        pairs = zip(own.values, needs.values, strict=True)
        count = sum(one not in (None, "") and other not in (None, "") for one, other in pairs)
        written = f'SUMPRODUCT(({own.address}<>"")*({needs.address}<>""))'
        found = Term(written, float(count))
        words = joined_text([found, text(" on Inputs, amber there"), text(END)])
        return IF(found > ZERO, words, BLANK)


def _true(condition: Term, *needed: Term) -> Term:
    """Let a condition hold only where what it needs are numbers."""
    for one in reversed(needed):
        condition = IF(ISNUMBER(one), condition, FALSE)
    return condition
