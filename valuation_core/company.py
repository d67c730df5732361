"""The sum of the parts of a miner, solved together with its diluted shares: one pure call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from valuation_core.dilution import (
    Claims,
    claims_of,
    payoff_of_capped_calls,
    shares_at,
    solve,
)
from valuation_core.domain import POSITIVE
from valuation_core.errors import finite
from valuation_core.evaluation.arrays import single_value
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only_where
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.parts import ASSETS, OPERATING, assets_of, sum_of
from valuation_core.result import ResultTable
from valuation_core.units import (
    DAYS_A_YEAR,
    BookText,
    Keyword,
    Megawatts,
    MillionShares,
    Number,
    Probability,
    Spill,
    UsdPerBitcoin,
    UsdPerMwOrLevel,
    UsdPerShare,
)


@dataclass(frozen=True, slots=True)
class Value:
    """The parts of a miner's equity in USD M, its diluted shares in M and the value per share."""

    mining: Any
    hodl: Any
    named: Any
    """MW that the published target names, at the value it names; 0 where it names none."""
    signed: Any
    option: Any
    cloud: Any
    land: Any
    other: Any
    cash: Any
    capped_calls: Any
    """What capped calls pay at the value per share; 0 unless they are counted."""
    debt: Any
    """Debt that remains: convertible principal that converted has left it."""
    equity: Any
    shares: Any
    per_share: Any


def value_of(
    evaluation: Evaluation,
    ticker: Any,
    choice: Choice,
    capped_calls: bool = False,
    with_named: bool = True,
) -> Value:
    """Value resolved tickers: every part, the equity, and the exact diluted value per share.

    Works on scalars and arrays alike; scenario values come in through the reading.
    """
    parts = assets_of(evaluation, ticker, choice, with_named=with_named)
    claims = claims_of(evaluation, ticker, capped_calls)
    return share_out(evaluation, parts, claims, capped_calls)


def share_out(
    evaluation: Evaluation,
    parts: Mapping[str, Any],
    claims: Claims,
    capped_calls: bool = False,
    when: str = "",
) -> Value:
    """Share the sum of the parts out among those who have a claim on it; `when` names the steps."""
    total = sum_of(parts)
    found = solve(claims, total - claims.debt)
    debt = claims.debt + found.notes
    evaluation.step(f"debt{when}", "other debt + notes that do not convert", debt, "USD M")
    hedge = payoff_of_capped_calls(claims, found.per_share) if capped_calls else 0.0
    equity = total - debt + hedge if capped_calls else total - debt
    evaluation.step(f"equity{when}", "sum of the parts less debt", equity, "USD M")
    evaluation.require_digits(f"equity{when}", equity, *parts.values(), claims.debt, found.notes)
    shares = evaluation.step(
        f"diluted shares{when}", "solved with the value per share", found.shares, "M shares"
    )
    per_share = evaluation.step(
        f"value per share{when}", "equity / diluted shares", found.per_share, "USD/share"
    )
    return Value(
        **parts,
        capped_calls=hedge,
        debt=debt,
        equity=equity,
        shares=shares,
        per_share=per_share,
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A value per share at the target date and the diluted shares that belong to it."""

    value: Value | None
    """What it is rolled forward from; None where that was not asked for."""
    growth: Any
    """What operating parts grow by to the target date."""
    shares: Any
    """Diluted shares at the target, M shares."""
    per_share: Any


def target_of(
    evaluation: Evaluation, ticker: Any, choice: Choice, with_value: bool = False
) -> Target:
    """Value resolved tickers at the target date.

    Operating parts have grown by the cost of equity; coins, cash and debt stand at face.
    """
    growth = growth_part(evaluation, ticker)
    parts = assets_of(evaluation, ticker, choice)
    claims = claims_of(evaluation, ticker)
    if not np.any(growth != 1.0):
        value = share_out(evaluation, parts, claims)
        return Target(value, growth, value.shares, value.per_share)
    explained = with_value or evaluation.steps is not None
    value_now = share_out(evaluation, parts, claims) if explained else None
    rolled = {**parts, **{name: parts[name] * growth for name in OPERATING}}
    if evaluation.steps is not None:
        grown = sum_of({name: rolled[name] for name in OPERATING})
        evaluation.step("operating parts at the target", "their sum x growth", grown, "USD M")
    found = share_out(evaluation, rolled, claims, when=" at the target")
    return Target(value_now, growth, found.shares, found.per_share)


def growth_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give what operating parts grow by from the book's date to the target date, not past it."""
    rate = evaluation.number(ticker, "cost_of_equity")
    # Where nothing grows the date is not asked for; an explanation shows it where it is known.
    some = np.not_equal(rate, 0.0)
    if evaluation.steps is not None:
        some = some | (evaluation.has(ticker, "target_date") == 1.0)
    if not np.any(some):
        return evaluation.step("growth to the target date", "cost of equity is 0", 1.0, "ratio")
    days = np.maximum(evaluation.days_until(only_where(ticker, some), "target_date"), 0.0)
    days = np.where(some, days, 0.0)[()]
    evaluation.step("days to the target date", "target date less book date", days, "days")
    growth = np.power(1.0 + rate, days / DAYS_A_YEAR)
    formula = "(1 + cost of equity) to the power of the years to the target date"
    return evaluation.step("growth to the target date", formula, growth, "ratio")


@elementwise
@shared_parameters
def option_per_share(
    evaluation: Evaluation,
    miner: Keyword,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    book: BookText | None = None,
) -> UsdPerShare:
    """Value of a miner's HPC option per diluted share, in USD.

    Parameters
    ----------
    <miner>
    <prob>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <book>

    Returns
    -------
    float or array
        USD per share: the option over the diluted shares at the value solved with these arguments.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap; a missing
        fact that a part of the value rests on.

    Examples
    --------
    1,845 USD M over 369.62 M shares: at 12.41 USD the note stays debt.

    >>> round(option_per_share("RIOT"), 2)
    4.99
    """
    evaluation.use(book)
    choice = Choice(prob, mw, per_mw, basis, cap)
    value = value_of(evaluation, evaluation.ticker(miner), choice, with_named=False)
    per_share = value.option / value.shares
    return evaluation.step(
        "option per share", "option value / diluted shares", per_share, "USD/share"
    )


@elementwise
def diluted_shares(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    book: BookText | None = None,
) -> MillionShares:
    """Diluted shares of a miner, in millions, at a share price or at the model's own value.

    Parameters
    ----------
    miner : str or array
        Ticker, name or alias.
    price : float or array, optional
        USD per share. Default: the value per share solved together with the shares.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        M shares.

    Raises
    ------
    ValuationError
        For an unknown miner, a price not above 0, or an instrument that states no principal or
        strike.

    Notes
    -----
    A convertible note adds its shares above principal / shares (if-converted method); a warrant
    adds shares x (1 - strike / price) above its strike (treasury-stock method) [1]_ [2]_. Project
    instruments, retired ones and those without a published share count are left out.

    References
    ----------
    .. [1] IAS 33 "Earnings per Share", paragraphs 45-48 (options and warrants: treasury-stock
       method) and 49-51 (convertible instruments: if-converted method).
    .. [2] FASB ASC 260-10-45-22 to 45-27 (treasury-stock) and 45-40 to 45-42 (if-converted).

    Examples
    --------
    RIOT's note converts above 594.4 / 39.989 = 14.864 USD: 369.62 + 39.99 M shares.

    >>> round(diluted_shares("RIOT", 20), 2), round(diluted_shares("RIOT", 14), 2)
    (409.61, 369.62)
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    if price is None:
        shares = value_of(evaluation, ticker, Choice()).shares
        return evaluation.step("diluted shares", "at the model's own value", shares, "M shares")
    price = evaluation.argument("price", price, "USD/share", POSITIVE)
    claims = claims_of(evaluation, ticker)
    return evaluation.step(
        "diluted shares", "basic + converted + warrants", shares_at(claims, price), "M shares"
    )


@shared_parameters
def sum_of_parts(
    miner: Keyword,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    btc_price: UsdPerBitcoin | None = None,
    book: BookText | None = None,
    *,
    evaluation: Evaluation | None = None,
) -> Spill:
    """Sum of the parts of a miner, in USD millions and USD per diluted share.

    Parameters
    ----------
    <miner>
    <prob>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <btc_price>
    <book>
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        Part, USD M, USD per share; then equity, diluted shares and value per share; then what the
        operating parts grow by to the target date, the diluted shares there, and the target.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap or btc_price;
        a missing fact that a part of the value rests on; a range where a single value is due.

    Examples
    --------
    >>> table = sum_of_parts("RIOT")
    >>> for part, musd, per_share in table.rows[:5]:
    ...     print(f"{part}: {musd:.2f} USD M, {per_share:.2f} USD per share")
    mining: 1172.75 USD M, 3.17 USD per share
    hodl: 2106.75 USD M, 5.70 USD per share
    named: 0.00 USD M, 0.00 USD per share
    signed: 0.00 USD M, 0.00 USD per share
    option: 1845.00 USD M, 4.99 USD per share
    """
    given = {"prob": prob, "mw": mw, "per_mw": per_mw, "basis": basis, "cap": cap}
    choice = Choice(**{name: single_value(name, one) for name, one in given.items()})
    evaluation = evaluation or Evaluation()
    with np.errstate(all="ignore"):
        evaluation.use(book, btc_price=single_value("btc_price", btc_price))
        ticker = evaluation.ticker(single_value("miner", miner))
        aim = target_of(evaluation, ticker, choice, with_value=True)
    value = aim.value
    assert value is not None  # asked for  # noqa: S101
    finite(float(value.per_share))
    parts = [(name, float(getattr(value, name))) for name in ASSETS]
    parts += [("debt", 0.0 - float(value.debt)), ("equity", float(value.equity))]
    shares = float(value.shares)
    rows: list[tuple[Any, ...]] = [(name, musd, musd / shares) for name, musd in parts]
    rows.append(("diluted shares (M)", shares, None))
    rows.append(("value per share", None, float(value.per_share)))
    grown = sum_of({name: float(getattr(value, name)) for name in OPERATING})
    more = grown * (float(aim.growth) - 1.0)
    rows.append(("roll-forward to the target date", more, more / float(aim.shares)))
    rows.append(("diluted shares at the target (M)", float(aim.shares), None))
    rows.append(("target", None, finite(float(aim.per_share), "target")))
    return ResultTable(("part", "USD M", "USD per share"), tuple(rows))
