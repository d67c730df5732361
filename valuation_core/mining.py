"""Mining: gross profit of the next four years at today's network, by subsidy period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.network import (
    Periods,
    book_periods,
    coins_part,
    revenue_per_exahash_day,
)
from valuation_core.units import DAYS_A_YEAR, BookText, Keyword, Number, UsdMillions, UsdPerBitcoin

HOURS_A_DAY: Final = 24.0


@dataclass(frozen=True, slots=True)
class Margin:
    """Revenue of one EH/s in a day by period, and the cost of its power, USD."""

    revenue: tuple[Any, ...]
    power: Any

    def over(self, periods: Periods, start: Any = 0.0) -> Number:
        """Profit from a day of the horizon on; a period below power cost is switched off."""
        total: Any = 0.0
        for revenue, (first, end) in zip(self.revenue, periods.spans, strict=True):
            days = end - _within(start, first, end)
            total = total + days * np.maximum(revenue - self.power, 0.0)
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
    and its mining_discount_rate discounts, both compounded daily; both are 0 as shipped. Hashrate
    is deployed + guided_hashrate_share x (guided - deployed); hashrate_displaced stops mining on
    displaced_on.

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
    hashrate = hashrate_valued(evaluation, ticker)
    uptime = evaluation.number(ticker, "uptime")
    growth = evaluation.number(ticker, "network_growth")
    discount = evaluation.number(ticker, "mining_discount_rate")
    # A rate that failed is NaN: it needs no days counted.
    moving = np.any(np.abs(growth) > 0.0) or np.any(np.abs(discount) > 0.0)
    if evaluation.steps is not None:
        _record_periods(evaluation, margin, periods)

    def profit(start: Any) -> Number:
        if moving:
            return _daily(margin, periods, growth, discount, start)
        return margin.over(periods, start)

    per_exahash = evaluation.step(
        "profit per EH/s of the horizon",
        "sum over periods of days x max(0, revenue - power)"
        + (", revenue falling and profit discounted by the day" if moving else ""),
        profit(0.0),
        "USD/EH/s",
    )
    value = per_exahash * (hashrate * uptime / 1e6)
    formula = "hashrate x uptime x profit per EH/s of the horizon"
    stops = _displaced(evaluation, ticker, hashrate, profit)
    if stops is not None:
        displaced, lost = stops
        value = value - lost * (displaced * uptime / 1e6)
        formula += ", less that of displaced hashrate from its day on"
    return evaluation.step("mining", formula, value, "USD M")


def hashrate_valued(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the hashrate of resolved tickers that is valued, in EH/s.

    It is the deployed one and a share of the way to the guided one, where there is guidance.
    """
    deployed = evaluation.number(ticker, "hashrate")
    guides = evaluation.has(ticker, "hashrate_guided") == 1.0
    share = evaluation.number(ticker, "guided_hashrate_share")
    if not np.any(guides) or (evaluation.steps is None and not np.any(share)):
        return deployed
    guided = evaluation.number(only(ticker, guides), "hashrate_guided")
    more = np.where(guides, np.maximum(guided - deployed, 0.0), 0.0)[()]
    formula = "deployed + share x (guided - deployed), where more is guided"
    return evaluation.step("hashrate valued", formula, deployed + share * more, "EH/s")


def _displaced(
    evaluation: Evaluation, ticker: Any, hashrate: Any, profit: Callable[[Any], Number]
) -> tuple[Number, Number] | None:
    """Give hashrate whose power goes to HPC, and its profit per EH/s from that day on, if any."""
    has = evaluation.has(ticker, "hashrate_displaced") == 1.0
    if not np.any(has):
        return None
    where = only(ticker, has)
    stated = evaluation.number(where, "hashrate_displaced")
    displaced = np.minimum(np.where(has, stated, 0.0), hashrate)[()]
    some = displaced > 0.0
    if not np.any(some):
        return None
    days = evaluation.days_until(only(ticker, some), "displaced_on")
    start = np.where(some, days, 0.0)[()]
    lost = evaluation.step(
        "profit per EH/s displaced", "from its day on", profit(start), "USD/EH/s"
    )
    return displaced, lost


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


def _daily(margin: Margin, periods: Periods, growth: Any, discount: Any, start: Any) -> Number:
    """Add up discounted daily profits where revenue falls with the growth of the network.

    The days on which mining pays make two geometric sums in each period, of revenue and of power.
    """
    falls, fades = (np.log1p(rate) / DAYS_A_YEAR for rate in (growth, discount))
    total: Any = 0.0
    for revenue, (begins, end) in zip(margin.revenue, periods.spans, strict=True):
        since = _within(start, begins, end)
        first, after = _paying(revenue, margin.power, falls, since, end)
        earned = revenue * _fading_sum(falls + fades, first, after)
        total = total + earned - margin.power * _fading_sum(fades, first, after)
    return total


def _within(day: Any, first: float, end: float) -> Any:
    """Bring a day between two others; a plain number stays one, which is quicker."""
    if isinstance(day, np.ndarray):
        return np.clip(day, first, end)
    return min(max(day, first), end)


def _paying(revenue: Any, power: Any, falls: Any, start: Any, end: float) -> tuple[Any, Any]:
    """Give the first day of a period on which revenue is above power, and the day after the last.

    Revenue moves one way only: where it falls it pays up to the day it meets power, where it rises
    from there on. Power that is free or paid for is used all the time.
    """
    meets = np.log(np.divide(revenue, power)) / falls
    rising = np.clip(np.floor(meets) + 1.0, start, end)
    falling = np.clip(np.ceil(meets), start, end)
    flat = np.where(revenue > power, start, end)
    first = np.where(falls == 0.0, flat, np.where(falls < 0.0, rising, start))
    after = np.where(falls > 0.0, falling, end)
    always = np.less_equal(power, 0.0)
    never = np.logical_not(always) & np.less_equal(revenue, 0.0)
    first = np.where(always, start, np.where(never, end, first))
    return first, np.where(always | never, end, np.maximum(after, first))


def _fading_sum(rate: Any, first: Any, after: Any) -> Any:
    """Sum of exp(-rate x day) from a first day to the day before another."""
    days = after - first
    flat = np.equal(rate, 0.0)
    ratio = np.expm1(-rate * days) / np.where(flat, 1.0, np.expm1(-rate))
    return np.exp(-rate * first) * np.where(flat, days, ratio)


def _record_periods(evaluation: Evaluation, margin: Margin, periods: Periods) -> None:
    for index, (days, coins) in enumerate(zip(periods.days, periods.coins_per_day, strict=True), 1):
        revenue = float(margin.revenue[index - 1])
        off = " (switched off)" if revenue <= margin.power else ""
        label = f"revenue per EH/s-day, period {index}"
        evaluation.step(label, f"{days:.0f} days at {coins:g} BTC a day{off}", revenue, "USD")
