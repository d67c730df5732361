"""What a share price pays for: the MW, the probability or the value per MW behind it.

At a given price the diluted shares are known, so the equity that the price stands for is known too.
Less everything else it leaves the option, which is linear in each of its three factors.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from valuation_core.dilution import claims_of, taken
from valuation_core.domain import ZERO_TO_ONE
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice, cap_mw, offered_mw
from valuation_core.parts import assets_of, sum_of
from valuation_core.published import price_part
from valuation_core.units import (
    BookText,
    Fraction,
    Keyword,
    Megawatts,
    Number,
    Probability,
    UsdPerMw,
    UsdPerMwOrLevel,
    UsdPerShare,
)
from valuation_core.value_per_mw import value_per_gross_mw

ROUNDING: Final = 1e-12
"""Part of a value within which its difference to another one is only rounding."""


def option_paid_for(evaluation: Evaluation, ticker: Any, price: Any, per_mw: Any) -> Number:
    """Give the option value in USD M that a price stands for; a fault where it is negative."""
    choice = Choice(per_mw=per_mw)
    parts = assets_of(evaluation, ticker, choice, with_option=False, with_named=False)
    claims = claims_of(evaluation, ticker)
    without = sum_of(parts)
    worth = evaluation.step(
        "value the price stands for",
        "price x diluted shares + debt, at the price",
        taken(claims, price) + claims.debt,
        "USD M",
    )
    evaluation.require_finite("value the price stands for", worth)
    left = worth - without
    evaluation.require_digits("option paid for", left, worth, *parts.values())
    rounding = ROUNDING * np.maximum(np.abs(worth), np.abs(without))
    left = np.where(np.abs(left) <= rounding, 0.0, left)[()]
    paid = evaluation.step("option paid for", "that value less all other parts", left, "USD M")
    rule = "is below the value without the option"
    evaluation.require(np.logical_not(paid < 0.0), "price", rule, price)
    return paid


def _divided(evaluation: Evaluation, paid: Any, by: Any, name: str) -> Number:
    ok = np.greater(by, 0.0)
    evaluation.require(ok, name, "must be above 0 for the price to be explained by it")
    return paid / np.where(ok, by, np.nan)[()]


@elementwise
@shared_parameters
def implied_mw(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    prob: Probability = 1.0,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    book: BookText | None = None,
) -> Megawatts:
    """MW of HPC load that a share price pays for, not capped by one tenant's demand.

    Parameters
    ----------
    <miner>
    <price>
    prob : float or array, optional
        Probability that the MW are let. Default: 1.
    per_mw : float, str or array, optional
        USD M per MW, or "low", "mid", "high", "cloud". Default: at colo_value_position.
    basis : str or array, optional
        "gross" or "critical": the basis of the MW given back and of a numeric per_mw.
    <book>

    Returns
    -------
    float or array
        MW of the basis. Put back with a cap at or above it, it gives a value per share equal to
        the price.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; a price not above 0 or below the
        value without the option; prob x per_mw not above 0; a missing fact.

    Notes
    -----
    (price x diluted shares at the price + debt - all other parts) / (prob x value per MW). Signed
    deals are valued at the level of per_mw. MW that an edition names are set aside.

    Examples
    --------
    At 8.6 USD M per MW and certainty the IREN price pays for more than 1,000 MW.

    >>> implied_mw("IREN", 46.29, 1, "high") > 1000
    True
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    price = price_part(evaluation, ticker, price)
    prob = evaluation.argument("prob", prob, "fraction", ZERO_TO_ONE)
    to_gross = evaluation.gross_per_basis(basis, ticker)
    paid = option_paid_for(evaluation, ticker, price, per_mw)
    value = value_per_gross_mw(evaluation, ticker, per_mw, to_gross)
    gross = _divided(evaluation, paid, prob * value, "prob x per_mw")
    found = evaluation.step(
        "implied MW", "option paid for / (prob x value per MW)", gross / to_gross, "MW"
    )
    if evaluation.steps is not None:
        _flag(evaluation, ticker, gross)
    return evaluation.step("MW", "of the basis asked for", found, "MW")


def _flag(evaluation: Evaluation, ticker: str, gross: Number) -> None:
    """Say in the explanation where the MW exceed one tenant's demand or the power secured."""
    for metric, what in (("tenant_cap", "one tenant's demand"), ("power_secured", "power secured")):
        if evaluation.has(ticker, metric) == 1.0:
            limit = evaluation.gross(ticker, metric)
            verdict = "above" if gross > limit else "within"
            evaluation.step(
                f"{verdict} {what}", "implied gross MW against it", gross - limit, "MW gross"
            )


@elementwise
@shared_parameters
def implied_prob(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    book: BookText | None = None,
) -> Fraction:
    """Probability of letting its MW that a share price pays for; it may exceed 1.

    Parameters
    ----------
    <miner>
    <price>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <book>

    Returns
    -------
    float or array
        A fraction; above 1 the price pays for more than the MW let for sure.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; negative mw or cap; a price not above 0 or below the
        value without the option; mw x per_mw not above 0; a missing fact.

    Notes
    -----
    (price x diluted shares at the price + debt - all other parts) / (min(mw, cap) x value per MW).

    Examples
    --------
    >>> round(implied_prob("RIOT"), 2)
    0.95
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    price = price_part(evaluation, ticker, price)
    to_gross = evaluation.gross_per_basis(basis, ticker)
    mw = offered_mw(evaluation, ticker, mw, to_gross)
    cap = cap_mw(evaluation, ticker, cap, to_gross)
    paid = option_paid_for(evaluation, ticker, price, per_mw)
    value = value_per_gross_mw(evaluation, ticker, per_mw, to_gross)
    certain = np.minimum(mw, cap) * value
    return evaluation.step(
        "implied probability",
        "option paid for / (MW capped x value per MW)",
        _divided(evaluation, paid, certain, "mw x per_mw"),
        "fraction",
    )


@elementwise
@shared_parameters
def implied_per_mw(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    book: BookText | None = None,
) -> UsdPerMw:
    """Equity value per MW that a share price pays for, in USD millions.

    Parameters
    ----------
    <miner>
    <price>
    prob : float or array, optional
        Probability that the MW are let. Default: the edition's, where it applies one.
    <mw>
    basis : str or array, optional
        "gross" or "critical": the basis of the value given back, and of your own mw and cap.
    <cap>
    <book>

    Returns
    -------
    float or array
        USD M per MW of the basis. Signed deals stay at the value in use.

    Raises
    ------
    ValuationError
        For an unknown miner or basis; prob outside 0 to 1; negative mw or cap; a price not above 0
        or below the value without the option; prob x mw not above 0; a missing fact.

    Notes
    -----
    (price x diluted shares at the price + debt - all other parts) / (prob x min(mw, cap)).

    Examples
    --------
    >>> round(implied_per_mw("RIOT"), 2)
    11.74
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    price = price_part(evaluation, ticker, price)
    if prob is None:
        prob = evaluation.number(ticker, "hpc_probability")
    else:
        prob = evaluation.argument("prob", prob, "fraction", ZERO_TO_ONE)
    to_gross = evaluation.gross_per_basis(basis, ticker)
    mw = offered_mw(evaluation, ticker, mw, to_gross)
    cap = cap_mw(evaluation, ticker, cap, to_gross)
    paid = option_paid_for(evaluation, ticker, price, None)
    gross = _divided(evaluation, paid, prob * np.minimum(mw, cap), "prob x mw")
    return evaluation.step(
        "implied value per MW", "option paid for / (prob x MW capped)", gross * to_gross, "USD M/MW"
    )
