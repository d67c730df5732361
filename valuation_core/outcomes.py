"""What a share is worth in an outcome: which contracts are signed, and where bitcoin ends up."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np

from valuation_core.appetite import normal_below
from valuation_core.book import Book
from valuation_core.company import growth_part
from valuation_core.contracts import Contracts, contracts_of
from valuation_core.dilution import Claims, claims_of, solve, taken
from valuation_core.errors import domain
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.mining import margin_by_period
from valuation_core.network import book_periods
from valuation_core.parts import OPERATING, assets_of, sum_of
from valuation_core.units import DAYS_A_YEAR

PRICES: Final = 257
"""Bitcoin prices at which the other parts are valued, beside those at which mining switches off."""

FARTHEST: Final = 8.0
"""Standard deviations to the lowest of them, and beyond what the mean rests on to the highest."""

WIDEST: Final = 3.0
"""Standard deviation of the logarithm of bitcoin beyond which its mean lies where no path goes."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a miner has beside its contracts at the target date, by the price of bitcoin.

    The price is lognormal, its mean the book's price. Between the prices the assets lie on a line:
    mining pays or not, and coins are worth their price.
    """

    price: Array
    """USD per bitcoin, rising from 0; one price where bitcoin does not count."""
    assets: Array
    """USD M at these prices, if no contract is signed."""
    mean: float
    """The book's price, USD."""
    deviation: float
    """Standard deviation of the logarithm of the price at the target date."""

    @property
    def moves(self) -> bool:
        """Whether the assets depend on the price of bitcoin."""
        return len(self.price) > 1

    def price_at(self, normal: Any) -> Array:
        """Give the price at a standard normal draw, USD."""
        return self.mean * np.exp(self.deviation * np.asarray(normal) - 0.5 * self.deviation**2)

    def assets_at(self, normal: Any) -> Any:
        """Give the assets at a standard normal draw of bitcoin, USD M."""
        if not self.moves:
            return self.assets[0]
        return np.interp(self.price_at(normal), self.price, self.assets)

    def below(self, assets: Array) -> Array:
        """Probability that the assets are at most so much."""
        last = len(self.price) - 2
        at = np.clip(np.searchsorted(self.assets, assets, side="right") - 1, 0, last)
        rise = np.diff(self.assets)[at]
        share = (assets - self.assets[at]) / np.where(rise > 0.0, rise, 1.0)
        price = self.price[at] + share * np.diff(self.price)[at]
        found = normal_below(self._deviations(np.maximum(price, 0.0)))
        return np.where(assets < self.assets[0], 0.0, found)

    @property
    def weight(self) -> Array:
        """Weights that give the exact mean of whatever is a line between the prices."""
        if not self.moves:
            return np.ones(1)
        deviations = self._deviations(self.price)
        width = np.diff(self.price)
        inside = np.diff(normal_below(deviations))
        moment = self.mean * np.diff(normal_below(deviations - self.deviation))
        weight = np.zeros(len(self.price))
        weight[1:] += (moment - self.price[:-1] * inside) / width
        weight[:-1] += (self.price[1:] * inside - moment) / width
        return weight / weight.sum()

    def _deviations(self, price: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(price / self.mean) / self.deviation + 0.5 * self.deviation


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What makes the target of a miner in every outcome."""

    contracts: Contracts
    growth: float
    """What contracts grow by to the target date."""
    beside: Beside
    claims: Claims

    def per_share(self, assets: Any) -> Any:
        """Give the target of assets at the target date, dilution solved with it, USD per share."""
        return solve(self.claims, assets - self.claims.debt).per_share

    def assets(self, per_share: float) -> float:
        """Give the assets that a target takes, USD M."""
        return float(taken(self.claims, per_share) + self.claims.debt)


def outcomes_of(evaluation: Evaluation, ticker: str) -> Outcomes:
    """Give what makes the target of a miner in every outcome.

    Raises
    ------
    ValuationError
        For a missing fact that its target rests on, or bitcoin that moves beyond all bounds.

    Examples
    --------
    RIOT without a contract is worth 2,740 USD M of equity: 7.41 USD per share, at today's bitcoin.

    >>> found = outcomes_of(Evaluation().use(None), "RIOT")
    >>> round(float(found.per_share(np.interp(109107, found.beside.price, found.beside.assets))), 2)
    7.41
    """
    contracts = contracts_of(evaluation, ticker)
    claims = claims_of(evaluation, ticker)
    growth = float(growth_part(evaluation, ticker))
    mean = float(evaluation.number("NETWORK", "btc_price"))
    volatility = float(evaluation.number("ALL", "btc_volatility"))
    years = _years(evaluation, ticker) if volatility and mean else 0.0
    deviation = volatility * sqrt(years)
    if deviation > WIDEST:
        rule = f"must be {WIDEST / sqrt(years):.2g} or less up to the target date"
        raise domain("btc_volatility", rule, volatility)
    unsigned = contracts.unsigned * growth
    here = np.array([mean])
    assets = _assets(evaluation.book, ticker, here, growth) + unsigned
    beside = Beside(here, assets, mean, 0.0)
    if deviation:
        prices = _prices(evaluation, ticker, mean, deviation)
        by_price = _assets(evaluation.book, ticker, prices, growth) + unsigned
        if by_price[-1] > by_price[0]:
            # Rounding must not make a fall of what does not rise.
            by_price = np.maximum.accumulate(by_price)
            beside = Beside(prices, by_price, mean, deviation)
    return Outcomes(contracts, growth, beside, claims)


def _years(evaluation: Evaluation, ticker: str) -> float:
    return max(float(evaluation.days_until(ticker, "target_date")), 0.0) / DAYS_A_YEAR


def _prices(evaluation: Evaluation, ticker: str, mean: float, deviation: float) -> Array:
    """Give prices close together, with those at which mining switches off among them."""
    normal = np.linspace(-FARTHEST, FARTHEST + deviation, PRICES)
    spread = mean * np.exp(deviation * normal - 0.5 * deviation**2)
    margin = margin_by_period(evaluation, ticker, book_periods(evaluation.book))
    breaks = [mean * margin.power / revenue for revenue in margin.revenue if revenue > 0.0]
    inside = [float(one) for one in breaks if 0.0 < one < spread[-1]]
    return np.unique(np.concatenate([[0.0], spread, inside]))


def _assets(book: Book, ticker: str, price: Array, growth: float) -> Array:
    """Give what a miner has at the target date beside its option, at prices of bitcoin."""
    evaluation = Evaluation(price.shape).use(book, btc_price=price)
    with np.errstate(all="ignore"):
        parts = assets_of(evaluation, ticker, Choice(), with_option=False)
        grown = {name: parts[name] * (growth if name in OPERATING else 1.0) for name in parts}
        total = np.broadcast_to(sum_of(grown), price.shape).astype(np.float64)
    for fault in evaluation.faults:
        raise fault.error_at((0,))
    return total
