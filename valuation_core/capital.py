"""Who shares in the equity: debt, convertible notes and warrants, solved exactly with the value.

A note is worth the larger of its principal and its shares, a warrant its shares less their strike.
With v the value per share, what all claims together take,

    F(v) = basic shares x v + principal of notes + sum over breakpoints of slope x max(0, v - at),

rises with v in straight pieces, so the v at which F(v) equals the value to be shared exists once
and is found in closed form: a breakpoint is passed exactly when F at it is below that value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.arrays import Array
from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.elements import Run
from valuation_core.errors import missing
from valuation_core.reading import Reading, only

OUT_OF_REACH: Final = 1e30
"""USD per share at which padding stands: never passed."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """Corporate instruments of one miner, laid out as breakpoints of the value per share.

    `at` (USD per share) and `slope` (M shares) have one element per breakpoint; `counted` says that
    the shares join the share count there (a capped call's do not).
    """

    loans: float | None
    """Principal of debt that cannot convert, USD M; None when there is no debt instrument."""
    principal: float
    """Principal of convertible notes, USD M."""
    names: tuple[str, ...]
    at: Array
    slope: Array
    repaid: Array
    """Principal that leaves debt when the breakpoint is passed, USD M."""
    strike_shares: Array
    """Shares whose strike comes in when the breakpoint is passed, M shares."""
    counted: Array


def instruments_of(book: Book, ticker: str, capped_calls: bool = False) -> Instruments:
    """Lay out the instruments of a miner that are outstanding on the book's date.

    Project debt is left out: it is inside the value per MW. An instrument without a share count
    cannot dilute; a note without one is debt.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.
    capped_calls : bool
        Count the payoff of capped calls bought with the notes as an asset.

    Returns
    -------
    Instruments
        Breakpoints in file order.
    """
    loans = principal = 0.0
    has_debt = False
    names: list[str] = []
    rows: list[tuple[float, float, float, float, float]] = []
    for row in book.tables["instruments"].rows():
        if row["ticker"] != ticker or row["recourse"] != "corporate":
            continue
        name, shares = row["instrument_id"], row["shares_m"]
        if row["kind"] == "warrant":
            if shares:
                strike = _stated(ticker, row, "strike_usd")
                names.append(name)
                rows.append((strike, shares, 0.0, shares, 1.0))
            continue
        owed = _stated(ticker, row, "principal_usd_m")
        has_debt = True
        if row["kind"] != "convertible" or not shares or not owed:
            loans += owed
            continue
        principal += owed
        names.append(name)
        rows.append((owed / shares, shares, owed, 0.0, 1.0))
        if capped_calls and row["capped_call_cap_usd"]:
            cap = max(row["capped_call_cap_usd"], owed / shares)
            names += [f"{name} capped call", f"{name} cap"]
            rows += [(owed / shares, -shares, 0.0, 0.0, 0.0), (cap, shares, 0.0, 0.0, 0.0)]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return Instruments(loans if has_debt else None, principal, tuple(names), *columns)


def _stated(ticker: str, row: Row, column: str) -> float:
    """Give a figure of an instrument; one that is not stated is missing, never nothing."""
    if row[column] is None:
        raise missing(ticker, f"{row['instrument_id']} states no {column}")
    return float(row[column])


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims on the equity of one or many miners; breakpoints are the last axis, padded.

    `basic` in M shares, `debt` (not convertible) and `principal` (convertible) in USD M.
    """

    basic: Any
    debt: Any
    principal: Any
    at: Array
    slope: Array
    repaid: Array
    strike_shares: Array
    counted: Array


@dataclass(frozen=True, slots=True)
class Solution:
    """Value per share and what follows from it."""

    per_share: Any
    """USD per share."""
    shares: Any
    """Diluted, M shares."""
    repaid: Any
    """Principal that converted and so left debt, USD M."""


def taken(claims: Claims, per_share: Any) -> Any:
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
    v = np.asarray(per_share)[..., np.newaxis]
    steps = np.maximum(v - claims.at, 0.0) * claims.slope
    return claims.basic * per_share + claims.principal + steps.sum(axis=-1)


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
    >>> claims = Claims(100.0, 0.0, 120.0, 12 * one, 10 * one, 120 * one, 0 * one, one)
    >>> found = solve(claims, 1500.0)
    >>> round(float(found.per_share), 2), float(found.shares), float(found.repaid)
    (13.64, 110.0, 120.0)
    """
    at, slope = claims.at, claims.slope
    # What is taken when the value per share reaches each breakpoint.
    gaps = np.maximum(at[..., :, np.newaxis] - at[..., np.newaxis, :], 0.0)
    below = (gaps * slope[..., np.newaxis, :]).sum(axis=-1)
    basic = np.asarray(claims.basic)[..., np.newaxis]
    reached = basic * at + np.asarray(claims.principal)[..., np.newaxis] + below
    value = np.asarray(value)
    passed = _passed(value, reached)
    joined = _summed(passed, slope)
    offset = _summed(passed, slope * at)
    per_share = (value - claims.principal + offset) / (claims.basic + joined)
    return Solution(per_share, _diluted(claims, per_share, passed), _summed(passed, claims.repaid))


def payoff_of_capped_calls(claims: Claims, per_share: Any) -> Any:
    """What capped calls pay their owner at a value per share, in USD M.

    Parameters
    ----------
    claims : Claims
        With the breakpoints of capped calls, whose shares are not counted.
    per_share : float or array
        USD per share.

    Returns
    -------
    float or array
        USD M.
    """
    v = np.asarray(per_share)[..., np.newaxis]
    own = np.where(claims.counted == 0.0, claims.slope, 0.0)
    return -(np.maximum(v - claims.at, 0.0) * own).sum(axis=-1)


def shares_at(claims: Claims, per_share: Any) -> Any:
    """Diluted shares at a value per share: notes if-converted, warrants by the treasury method.

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
    return _diluted(claims, per_share, _passed(np.asarray(per_share), claims.at))


def _passed(value: Any, thresholds: Array) -> list[tuple[int, Any]]:
    """Give the breakpoints that any element passes, with the elements: there are only a few."""
    each = ((index, value > thresholds[..., index]) for index in range(thresholds.shape[-1]))
    return [(index, over) for index, over in each if np.any(over)]


def _diluted(claims: Claims, per_share: Any, passed: list[tuple[int, Any]]) -> Any:
    joined = _summed(passed, claims.slope * claims.counted)
    if not np.any(claims.strike_shares):
        return claims.basic + joined
    bought = _summed(passed, claims.at * claims.strike_shares)
    # Above a strike the value per share is not 0; where no warrant is passed nothing is bought.
    return claims.basic + joined - bought / np.where(bought > 0.0, per_share, 1.0)


def _summed(passed: list[tuple[int, Any]], amounts: Array) -> Any:
    """Add the amounts of the breakpoints that are passed."""
    total: Any = 0.0
    for index, over in passed:
        if np.any(amounts[..., index]):
            total = total + over * amounts[..., index]
    return total


def claims_of(run: Run, facts: Reading, ticker: Any, capped_calls: bool = False) -> Claims:
    """Gather the claims on resolved tickers, padded to the same number of breakpoints.

    A miner without a debt instrument takes its debt as reported.
    """
    found: list[Instruments] = []

    def register(ticker: str) -> float:
        found.append(instruments_of(facts.book, ticker, capped_calls))
        return float(len(found) - 1)

    code = run.each(register, ticker)
    basic = facts.number(ticker, "shares_basic")
    code = np.nan_to_num(np.asarray(code)).astype(np.intp)
    width = max((len(one.at) for one in found), default=0)

    def gather(name: str) -> Array:
        table = np.zeros((max(len(found), 1), width))
        for row, one in enumerate(found):
            column = getattr(one, name)
            table[row, : len(column)] = column
        gathered: Array = table[code]
        return gathered

    principal = np.array([one.principal for one in found] or [0.0])[code][()]
    owed = [np.nan if one.loans is None else one.loans for one in found]
    loans = np.array(owed or [0.0])[code][()]
    at = gather("at")
    at[gather("slope") == 0.0] = OUT_OF_REACH
    claims = Claims(
        basic,
        _debt(facts, ticker, loans),
        principal,
        at,
        gather("slope"),
        gather("repaid"),
        gather("strike_shares"),
        gather("counted"),
    )
    if run.steps is not None:
        _record(run, facts.book, ticker)
    return claims


def _record(run: Run, book: Book, ticker: str) -> None:
    """Note each corporate instrument with its source and what makes it dilute."""
    for row in book.tables["instruments"].rows():
        if row["ticker"] != ticker or row["recourse"] != "corporate":
            continue
        source = (row["source"], row["issue_date"], row["confidence"])
        name, owed, shares = row["instrument_id"], row["principal_usd_m"], row["shares_m"]
        if row["kind"] == "warrant" and shares is None:
            run.step(name, "share count not known: left out of dilution", 0.0, "M shares", *source)
        elif row["kind"] == "warrant":
            run.step(
                name, f"warrants, strike {row['strike_usd']:g} USD", shares, "M shares", *source
            )
        elif row["kind"] == "convertible" and shares and owed:
            formula = f"converts into {shares:g} M shares above {owed / shares:.4f} USD"
            run.step(name, formula, owed, "USD M", *source)
        else:
            run.step(name, row["kind"], owed or 0.0, "USD M", *source)


def _debt(facts: Reading, ticker: Any, loans: Any) -> Any:
    reported = np.isnan(loans)
    if not np.any(reported):
        return loans
    stated = facts.number(only(ticker, reported), "debt_reported")
    return np.where(reported, stated, loans)[()]
