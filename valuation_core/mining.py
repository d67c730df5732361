"""Mining: gross profit of the next four years at today's network, by subsidy period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.network import (
    Periods,
    book_periods,
    coins_part,
    revenue_per_exahash_day,
)
from valuation_core.units import BookText, Keyword, Number, UsdMillions, UsdPerBitcoin

HOURS_A_DAY: Final = 24.0
DAYS_A_YEAR: Final = 365.25
_CHUNK: Final = 256
"""Elements whose daily profits are held in memory together: 256 x 1,461 numbers, 3 MB."""


@dataclass(frozen=True, slots=True)
class Margin:
    """Revenue of one EH/s in a day by period, and the cost of its power, USD."""

    revenue: tuple[Any, ...]
    power: Any

    def over(self, days: Array) -> Number:
        """Profit over the days of each period; a period below power cost is switched off."""
        total: Any = 0.0
        for revenue, number in zip(self.revenue, days.tolist(), strict=True):
            total = total + number * np.maximum(revenue - self.power, 0.0)
        return total


def power_per_exahash_day(efficiency: Any, power_price: Any) -> Number:
    """Cost of power of one EH/s in a day, in USD: 1 EH/s at 1 J/TH draws 1 MW.

    Parameters
    ----------
    efficiency, power_price : float or array
        J/TH and USD/MWh.

    Returns
    -------
    float or array
        USD per EH/s-day.

    Examples
    --------
    >>> power_per_exahash_day(21, 35)
    17640.0
    """
    return efficiency * HOURS_A_DAY * power_price


@elementwise
@shared_parameters
def mining_value(
    evaluation: Evaluation,
    miner: Keyword,
    btc_price: UsdPerBitcoin | None = None,
    book: BookText | None = None,
) -> UsdMillions:
    """Value of a miner's mining: gross profit of the next four years, in USD millions.

    Parameters
    ----------
    <miner>
    <btc_price>
    <book>

    Returns
    -------
    float or array
        USD M.

    Raises
    ------
    ValuationError
        For an unknown miner, a negative btc_price, or a missing fact of the fleet or the network.

    Notes
    -----
    hashrate x uptime x sum over subsidy periods of days x max(0, revenue - power) per EH/s-day. A
    period in which revenue is below power is switched off. The book's network_growth lowers revenue
    and its mining_discount_rate discounts, both compounded daily; both are 0 as shipped.

    Examples
    --------
    RIOT: 36.4 EH/s x (927 x (48,568 - 17,640) + 534 x (24,284 - 17,640)) USD.

    >>> round(mining_value("RIOT"), 2)
    1172.75
    """
    evaluation.use(book, btc_price=btc_price)
    return mining_part(evaluation, evaluation.ticker(miner))


def mining_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the mining value of resolved tickers."""
    periods = book_periods(evaluation.book)
    margin = margin_by_period(evaluation, ticker, periods)
    hashrate = evaluation.number(ticker, "hashrate")
    uptime = evaluation.number(ticker, "uptime")
    growth = evaluation.number(ticker, "network_growth")
    discount = evaluation.number(ticker, "mining_discount_rate")
    # A rate that failed is NaN: it needs no days counted.
    if np.any(np.abs(growth) > 0.0) or np.any(np.abs(discount) > 0.0):
        per_exahash = _daily(margin, periods, growth, discount)
    else:
        per_exahash = margin.over(periods.days)
    if evaluation.steps is not None:
        _record_periods(evaluation, margin, periods)
    value = per_exahash * (hashrate * uptime / 1e6)
    return evaluation.step(
        "mining", "hashrate x uptime x profit per EH/s of the horizon", value, "USD M"
    )


def margin_by_period(evaluation: Evaluation, ticker: Any, periods: Periods) -> Margin:
    """Give revenue of one EH/s in a day, by subsidy period, and power."""
    price = evaluation.number("NETWORK", "btc_price")
    fees = evaluation.number("NETWORK", "fee_share")
    network = evaluation.number("NETWORK", "network_hashrate")
    coins = coins_part(evaluation)
    today = revenue_per_exahash_day(coins, price, fees, network)
    efficiency = evaluation.number(ticker, "efficiency")
    power = power_per_exahash_day(efficiency, evaluation.number(ticker, "power_price"))
    evaluation.step("power per EH/s-day", "J/TH x 24 x USD/MWh", power, "USD")
    return Margin(tuple(today * share for share in periods.share.tolist()), power)


def _daily(margin: Margin, periods: Periods, growth: Any, discount: Any) -> Number:
    """Add up discounted daily profits where revenue falls with the growth of the network."""
    day = np.arange(periods.days.sum())
    years = day / DAYS_A_YEAR
    shape = np.broadcast_shapes(
        *map(np.shape, margin.revenue), np.shape(margin.power), np.shape(growth), np.shape(discount)
    )
    period = np.repeat(np.arange(len(periods.days)), periods.days.astype(int))
    revenue = np.stack([np.broadcast_to(one, shape).ravel() for one in margin.revenue], axis=-1)
    power = np.broadcast_to(margin.power, shape).ravel()
    growth, discount = (np.broadcast_to(rate, shape).ravel() for rate in (growth, discount))
    total = np.empty(power.shape)
    for start in range(0, len(total), _CHUNK):
        part = slice(start, start + _CHUNK)
        falls = (1.0 + growth[part, np.newaxis]) ** -years
        profit = np.maximum(revenue[part][:, period] * falls - power[part, np.newaxis], 0.0)
        total[part] = (profit * (1.0 + discount[part, np.newaxis]) ** -years).sum(axis=-1)
    return total.reshape(shape)[()]


def _record_periods(evaluation: Evaluation, margin: Margin, periods: Periods) -> None:
    for index, (days, coins) in enumerate(zip(periods.days, periods.coins_per_day, strict=True), 1):
        revenue = float(margin.revenue[index - 1])
        off = " (switched off)" if revenue <= margin.power else ""
        label = f"revenue per EH/s-day, period {index}"
        evaluation.step(label, f"{days:.0f} days at {coins:g} BTC a day{off}", revenue, "USD")
