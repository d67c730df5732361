"""Who shares in the equity: debt, convertible notes and warrants, solved exactly with the value.

A note is worth the larger of its principal and its shares, a warrant its shares less their strike.
With v the value per share, what all claims together take,

    F(v) = basic shares x v + principal of notes + sum of shares x max(0, v - conversion price),

rises with v in straight pieces, so the v at which F(v) equals the value to be shared exists once
and is found in closed form: a conversion price is passed exactly when F at it is below that value.
For notes this is the if-converted method, for warrants the treasury-stock method, both at the value
per share that is solved for and not at a market price.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from operator import itemgetter
from typing import Any

import numpy as np

from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.instruments import (
    NO_INSTRUMENTS,
    Instruments,
    instruments_of,
    record_instruments,
)
from valuation_core.units import Number


@dataclass(frozen=True, slots=True)
class Conversions:
    """Conversion prices of several miners, a row each, in the order in which they are passed.

    `price` and `claims` have one column per conversion price. The other columns are totals: what
    has come about when none, one, two ... of them are passed.
    """

    price: Array
    """USD per share; infinite where a miner has fewer of them than another."""
    claims: Array
    """What notes and warrants take when the value per share reaches the price, USD M."""
    slope: Array
    """What one more USD per share adds to what they take, M shares."""
    fixed: Array
    """What they take whatever the value per share, USD M: notes that stay debt, less strikes."""
    shares: Array
    """Shares that have joined the share count, M shares."""
    notes: Array
    """Principal of notes that stay debt, USD M."""
    strikes: Array
    """Strikes of the warrants that are exercised, USD M."""


def conversions_of(miners: Sequence[Instruments]) -> Conversions:
    """Put the conversion prices of each miner in order and add up what passing them brings."""
    width = max((len(one.conversion_price) for one in miners), default=0)
    rows = [_in_order(one, width) for one in miners]
    return Conversions(*(np.array(column) for column in zip(*rows, strict=True)))


def _in_order(one: Instruments, width: int) -> tuple[list[float], ...]:
    columns = (one.conversion_price, one.shares, one.converted, one.exercised, one.counted)
    ordered = sorted(zip(*(column.tolist() for column in columns), strict=True), key=itemgetter(0))
    absent = width - len(ordered)

    def passed(amounts: Iterable[float]) -> list[float]:
        totals = list(accumulate(amounts, initial=0.0))
        return totals + totals[-1:] * absent

    claims = [
        one.principal + sum((reached - at) * shares for at, shares, *_ in ordered if at < reached)
        for reached, *_ in ordered
    ]
    strikes = passed(price * exercised for price, _, _, exercised, _ in ordered)
    # Those still to be passed, added up from the end, so that nothing is left after the last.
    staying = (converted for _, _, converted, _, _ in reversed(ordered))
    notes = list(accumulate(staying, initial=0.0))[::-1] + [0.0] * absent
    capped = passed(0.0 if counted else shares * at for at, shares, _, _, counted in ordered)
    return (
        [price for price, *_ in ordered] + [inf] * absent,
        claims + [inf] * absent,
        passed(shares for _, shares, *_ in ordered),
        [owed - paid - call for owed, paid, call in zip(notes, strikes, capped, strict=True)],
        passed(shares if counted else 0.0 for _, shares, _, _, counted in ordered),
        notes,
        strikes,
    )


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims on the equity of one or many miners."""

    basic: Any
    """Basic shares, M shares."""
    debt: Any
    """Debt that cannot convert, USD M."""
    conversions: Conversions
    row: Any = 0
    """Row of the conversions that belongs to each element."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Value per share and what follows from it."""

    per_share: Any
    """USD per share."""
    shares: Any
    """Diluted, M shares."""
    notes: Any
    """Principal of notes that stay debt, USD M."""


def taken(claims: Claims, per_share: Any) -> Number:
    """Value that all claims but non-convertible debt take at a value per share, in USD M.

    Parameters
    ----------
    claims : Claims
        The claims.
    per_share : float or array
        USD per share.

    Returns
    -------
    float or array
        USD M; rises with the value per share.
    """
    passed = _passed_at(claims, per_share)
    slope = claims.conversions.slope.ravel()[passed]
    fixed = claims.conversions.fixed.ravel()[passed]
    return (claims.basic + slope) * per_share + fixed


def solve(claims: Claims, value: Any) -> Solution:
    """Find the value per share and the diluted shares that belong together, exactly.

    Parameters
    ----------
    claims : Claims
        Who shares.
    value : float or array
        What is shared: assets less non-convertible debt, USD M.

    Returns
    -------
    Solution
        Negative equity gives a negative value per share and no conversion.

    Examples
    --------
    100 M shares, a note of 120 USD M convertible into 10 M shares: at 12 USD per share it pays to
    convert. 1,500 USD M: (1,500 - 120) / 100 = 13.80 is above 12, so 1,500 / 110 = 13.64.

    >>> one = np.array([1.0])
    >>> note = Instruments(0.0, 120.0, ("note",), 12 * one, 10 * one, 120 * one, 0 * one, one)
    >>> found = solve(Claims(100.0, 0.0, conversions_of([note])), 1500.0)
    >>> round(float(found.per_share), 2), float(found.shares), float(found.notes)
    (13.64, 110.0, 0.0)
    """
    found, row = claims.conversions, claims.row
    thresholds = (
        claims.basic * found.price[row, step] + found.claims[row, step]
        for step in range(found.price.shape[-1])
    )
    passed = _passed(claims, value, thresholds)
    per_share = (value - found.fixed.ravel()[passed]) / (claims.basic + found.slope.ravel()[passed])
    return Solution(per_share, _diluted(claims, per_share, passed), found.notes.ravel()[passed])


def payoff_of_capped_calls(claims: Claims, per_share: Any) -> Number:
    """What capped calls pay their owner at a value per share, in USD M.

    Parameters
    ----------
    claims : Claims
        With the strikes and caps of capped calls, whose shares are not counted.
    per_share : float or array
        USD per share.

    Returns
    -------
    float or array
        USD M.
    """
    found = claims.conversions
    passed = _passed_at(claims, per_share)
    hedged = (found.shares - found.slope).ravel()[passed]
    strikes = (found.notes - found.strikes - found.fixed).ravel()[passed]
    return hedged * per_share + strikes


def shares_at(claims: Claims, per_share: Any) -> Number:
    """Diluted shares at a value per share: notes if-converted, warrants by treasury stock.

    Parameters
    ----------
    claims : Claims
        Who shares.
    per_share : float or array
        USD per share.

    Returns
    -------
    float or array
        M shares.
    """
    return _diluted(claims, per_share, _passed_at(claims, per_share))


def notes_at(claims: Claims, per_share: Any) -> Number:
    """Principal of the notes that stay debt at a value per share, in USD M.

    Parameters
    ----------
    claims : Claims
        Who shares.
    per_share : float or array
        USD per share.

    Returns
    -------
    float or array
        USD M.
    """
    return claims.conversions.notes.ravel()[_passed_at(claims, per_share)]


def _passed(claims: Claims, value: Any, thresholds: Iterable[Any]) -> Any:
    """Give each element its place in the totals: how many conversion prices it passes."""
    # Counted in two bytes an element, which add up several times faster than eight.
    count: Any = np.int16(0)
    for threshold in thresholds:
        count = count + (value > threshold)
    return claims.row * claims.conversions.slope.shape[-1] + count


def _passed_at(claims: Claims, per_share: Any) -> Any:
    price = claims.conversions.price
    prices = (price[claims.row, step] for step in range(price.shape[-1]))
    return _passed(claims, per_share, prices)


def _diluted(claims: Claims, per_share: Any, passed: Any) -> Number:
    shares = claims.basic + claims.conversions.shares.ravel()[passed]
    if not np.any(claims.conversions.strikes):
        return shares
    strikes = claims.conversions.strikes.ravel()[passed]
    # Above a strike the value per share is not 0; where no warrant is passed nothing is bought.
    return shares - strikes / np.where(strikes > 0.0, per_share, 1.0)


def claims_of(evaluation: Evaluation, ticker: Any, capped_calls: bool = False) -> Claims:
    """Gather the claims on resolved tickers.

    A miner without a debt instrument takes its debt as reported.
    """
    found: list[Instruments] = []

    def register(ticker: str) -> float:
        found.append(instruments_of(evaluation.book, ticker, capped_calls))
        return float(len(found) - 1)

    row = np.nan_to_num(evaluation.each(register, ticker)).astype(np.intp)
    basic = evaluation.number(ticker, "shares_basic")
    conversions = conversions_of(found or [NO_INSTRUMENTS])
    owed = [np.nan if one.loans is None else one.loans for one in found]
    debt = _debt(evaluation, ticker, np.array(owed or [0.0])[row])
    if evaluation.steps is not None:
        record_instruments(evaluation, ticker)
    return Claims(basic, debt, conversions, row)


def _debt(evaluation: Evaluation, ticker: Any, loans: Any) -> Number:
    reported = np.isnan(loans)
    if not np.any(reported):
        return loans
    stated = evaluation.number(only(ticker, reported), "debt_reported")
    return np.where(reported, stated, loans)[()]
