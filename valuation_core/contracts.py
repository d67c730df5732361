"""Contracts that a miner may sign: how likely each is, and what it would be worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from valuation_core.book import OWN
from valuation_core.errors import domain
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.land import expected_mw
from valuation_core.lattice import Triangles
from valuation_core.option_by_site import discount_of, factors, is_by_site, offers_of
from valuation_core.parts import is_named
from valuation_core.shopped import gross_total, net_shopped_part, stated_mw
from valuation_core.value_per_mw import value_in_use

NAMED_RANGE: Final = (0.75, 1.25)
"""What a value per MW that an edition names is drawn within, as its multiples: the tornado's."""

MOST: Final = 1e7
"""USD M that a miner may sign: beyond it, what it has beside is lost in the steps of a grid."""


class Contract(NamedTuple):
    """What may be signed at one place."""

    place: str
    probability: float
    mw: float
    """Gross MW that are let if it is signed."""
    low: float
    mode: float
    high: float
    """Value if it is signed, USD M: a triangle."""
    land: float = 0.0
    """Value of the land and power that it takes up, USD M."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """What a miner may sign, and what of its other parts depends on that."""

    ticker: str
    contracts: tuple[Contract, ...]
    unsigned: float
    """USD M that its other parts are worth more, or less, than in the target if none is signed."""

    @property
    def probability(self) -> Array:
        """Probability of each."""
        return np.array([one.probability for one in self.contracts], dtype=np.float64)

    @property
    def values(self) -> Triangles:
        """Value of each if it is signed, USD M."""
        return _triangles((one.low, one.mode, one.high) for one in self.contracts)

    @property
    def gains(self) -> Triangles:
        """Value of each less that of the land and power it takes up, USD M."""
        return _triangles(
            (one.low - one.land, one.mode - one.land, one.high - one.land) for one in self.contracts
        )


def _triangles(rows: Iterable[tuple[float, float, float]]) -> Triangles:
    low, mode, high = np.array([*rows], dtype=np.float64).reshape(-1, 3).T
    return Triangles(low, mode, high)


def contracts_of(evaluation: Evaluation, ticker: str) -> Contracts:
    """Give what a miner may sign, at the book's own probabilities, MW and values per MW.

    One contract with its MW shopped, or one a site where the book values the option site by site;
    where the edition names MW, those beyond the deals it has, which are certain unless the analyst
    states a probability. Contracts without MW are left out.

    Raises
    ------
    ValuationError
        For a missing fact, or contracts that are worth more than makes sense.

    Examples
    --------
    RIOT: 600 MW at 3.7, 6.15 or 8.6 USD M each.

    >>> contracts_of(Evaluation().use(None), "RIOT").contracts
    (Contract(place='RIOT', probability=0.5, mw=600.0, low=2220.0, mode=3690.0, high=5160.0, \
land=0.0),)
    """
    found = (_named if is_named(evaluation, ticker) else _unnamed)(evaluation, ticker)
    worth = sum(one.high for one in found.contracts)
    if worth > MOST:
        raise domain(f"HPC value of {ticker}", f"must be {MOST:,.0f} USD M or less", worth)
    return found


def _unnamed(evaluation: Evaluation, ticker: str) -> Contracts:
    net = float(net_shopped_part(evaluation, ticker))
    by_site = is_by_site(evaluation, ticker)
    found = [*(_of_sites if by_site else _of_company)(evaluation, ticker, net)]
    unlet = _land_per_mw(evaluation, ticker)
    # Land is given up for what is shopped, and no more than that.
    let = sum(one.mw for one in found)
    per_mw = unlet * min(1.0, net / let) if let else 0.0
    contracts = tuple(one._replace(land=one.mw * per_mw) for one in found)
    unsigned = unlet * float(expected_mw(evaluation, ticker, net)) if unlet else 0.0
    return Contracts(ticker, contracts, unsigned)


def _land_per_mw(evaluation: Evaluation, ticker: str) -> float:
    """Give what a MW that finds no tenant is worth as land and power, USD M."""
    value = float(evaluation.gross(ticker, "land_power_value"))
    return value * float(evaluation.number(ticker, "land_on_unlet")) if value else 0.0


def _of_company(evaluation: Evaluation, ticker: str, net: float) -> Iterable[Contract]:
    """Give one contract with what is shopped; none where the edition applies no probability."""
    mw = min(net, float(evaluation.gross(ticker, "tenant_cap")))
    if mw > 0.0 and evaluation.has(ticker, "hpc_probability"):
        probability = float(evaluation.number(ticker, "hpc_probability"))
        yield _at_range(evaluation, ticker, ticker, probability, mw, mw)


def _of_sites(evaluation: Evaluation, ticker: str, _net: float) -> Iterable[Contract]:
    cap = float(evaluation.gross(ticker, "tenant_cap"))
    for offer in offers_of(evaluation.book, ticker):
        probability, mw, years = (float(one) for one in factors(evaluation, ticker, offer, cap))
        worth = mw * float(discount_of(evaluation, years))
        if mw > 0.0:
            place = f"{ticker}, {offer.row['site']}"
            yield _at_range(evaluation, ticker, place, probability, mw, worth)


def _at_range(
    evaluation: Evaluation, ticker: str, place: str, probability: float, mw: float, worth: float
) -> Contract:
    """Give a contract at the range of the value per MW, for the MW that it is worth today."""
    low, high = (float(evaluation.gross(ticker, f"colo_value_{end}")) for end in ("low", "high"))
    if low > high:
        rule = f"must not be above colo_value_high, {high:g} per gross MW"
        raise domain(f"{ticker} colo_value_low", rule, low)
    mode = float(value_in_use(evaluation, ticker))
    return Contract(place, probability, mw, low * worth, mode * worth, high * worth)


def _named(evaluation: Evaluation, ticker: str) -> Contracts:
    """Give the MW that the edition names beyond those under contract, of leases and clouds."""
    named = float(evaluation.gross(ticker, "hpc_mw_named"))
    deals = evaluation.book.rows_of("deals", ticker)
    signed = float(gross_total(evaluation, ticker, lambda _: map(stated_mw, deals)))
    beyond = max(named - signed, 0.0)
    if not beyond:
        return Contracts(ticker, (), 0.0)
    worth = beyond * float(evaluation.gross(ticker, "hpc_value_named"))
    low, high = (worth * end for end in NAMED_RANGE)
    fact = evaluation.book.find(ticker, "hpc_probability")
    own = fact is not None and fact.confidence == OWN
    probability = float(evaluation.number(ticker, "hpc_probability")) if own else 1.0
    return Contracts(ticker, (Contract(ticker, probability, beyond, low, worth, high),), -worth)
