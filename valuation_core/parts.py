"""The parts of a miner's equity, in USD M, each with what takes its place where MW are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from valuation_core.cash import cash_part
from valuation_core.deal_lease import by_lease_part
from valuation_core.errors import ValuationError, missing
from valuation_core.evaluation.by_miner import is_on, switched
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only, only_where
from valuation_core.hpc import Choice, check_choice, option_part, valued_by_site
from valuation_core.land import land_part
from valuation_core.mining import mining_part
from valuation_core.signed import signed_beyond_part, signed_part
from valuation_core.units import Number

OPERATING: Final = ("mining", "named", "signed", "option", "cloud", "land", "other")
"""Parts that earn: they grow to the target date."""

ASSETS: Final = ("mining", "hodl", "named", "signed", "option", "cloud", "land", "other", "cash")
"""Parts that add to equity, in the order they are shown."""


def assets_of(
    evaluation: Evaluation,
    ticker: Any,
    choice: Choice,
    *,
    with_option: bool = True,
    with_named: bool = True,
) -> dict[str, Any]:
    """Give every part that adds to equity, in USD M.

    Where the edition names MW in its target, their value takes the place of signed, option, cloud
    and land; signed is then what exceeds them. `with_named` False sets that aside.
    """
    parts = {
        "mining": mining_part(evaluation, ticker),
        "hodl": _hodl(evaluation, ticker),
        "named": 0.0,
    }
    named = is_named(evaluation, ticker) if with_named else False
    if np.any(named):
        _refuse_choice(evaluation, ticker, named, choice)
        parts |= _named(evaluation, only(ticker, named), named)
    if not np.all(named):
        apart = only(ticker, np.logical_not(named)) if np.any(named) else ticker
        parts |= _unnamed(evaluation, apart, choice, parts, named, with_option)
    parts["other"] = evaluation.number(ticker, "other_value")
    parts["cash"] = cash_part(evaluation, ticker)
    return parts


ADDED: Final = ("cash", "other", "land", "cloud", "signed", "named", "hodl", "mining", "option")
"""Parts in the order in which they are added: those last that differ from scenario to scenario."""


def sum_of(parts: Mapping[str, Any]) -> Number:
    """Add up the parts that are given."""
    return sum(parts[name] for name in ADDED if name in parts)


def is_named(evaluation: Evaluation, ticker: Any) -> Any:
    """Tell for which tickers MW and value that the edition names are used."""
    mw, value = (evaluation.has(ticker, f"hpc_{what}_named") == 1.0 for what in ("mw", "value"))
    either = np.logical_or(mw, value)
    if not np.any(either):
        return False
    use = evaluation.number(only(ticker, either), "use_named")
    return is_on(evaluation, "use_named", np.where(either, use, 0.0)[()])


def _named(evaluation: Evaluation, ticker: Any, named: Any) -> dict[str, Any]:
    mw = evaluation.gross(ticker, "hpc_mw_named")
    value = mw * evaluation.gross(ticker, "hpc_value_named")
    value = evaluation.step("named", "MW named x value per MW named", value, "USD M")
    beyond = signed_beyond_part(evaluation, ticker, mw)
    return {
        "named": np.where(named, value, 0.0)[()],
        "signed": np.where(named, beyond, 0.0)[()],
        "option": 0.0,
        "cloud": 0.0,
        "land": 0.0,
    }


def _unnamed(
    evaluation: Evaluation,
    ticker: Any,
    choice: Choice,
    parts: Mapping[str, Any],
    named: Any,
    with_option: bool,
) -> dict[str, Any]:
    made = {
        "signed": _signed(evaluation, ticker, choice),
        "option": _option(evaluation, ticker, choice) if with_option else 0.0,
        "cloud": evaluation.step(
            "cloud",
            "MW of GPU cloud x value per MW",
            evaluation.gross(ticker, "cloud_mw") * evaluation.gross(ticker, "cloud_value"),
            "USD M",
        ),
        "land": land_part(evaluation, ticker),
    }
    if not np.any(named):
        return made
    return {name: np.where(named, parts[name], value)[()] for name, value in made.items()}


def _signed(evaluation: Evaluation, ticker: Any, choice: Choice) -> Number:
    """Give signed deals by the value per MW, or each on its own terms where the book says so."""
    by_lease = switched(evaluation, ticker, "signed_by_lease")
    if not np.any(by_lease):
        return signed_part(evaluation, ticker, choice.per_mw)
    leases = by_lease_part(evaluation, only_where(ticker, by_lease))
    if np.all(by_lease):
        return leases
    others = signed_part(evaluation, only(ticker, np.logical_not(by_lease)), choice.per_mw)
    return np.where(by_lease, leases, others)


def _refuse_choice(evaluation: Evaluation, ticker: Any, named: Any, choice: Choice) -> None:
    """Refuse a choice of the option where the edition names MW, which take its place."""
    given = (choice.prob, choice.mw, choice.per_mw, choice.cap)
    if all(one is None for one in given):
        return

    def refused(_name: str, _rule: str, ticker: str) -> ValuationError:
        return _named_instead(evaluation, ticker)

    evaluation.require(np.logical_not(named), "choice", "", ticker, refused)


def _named_instead(evaluation: Evaluation, ticker: str) -> ValuationError:
    """Say that the edition names MW, and how to value the option all the same."""
    fact = evaluation.book.find(ticker, "hpc_mw_named")
    mw = f"{fact.value:g} MW" if fact is not None else "the MW"
    rule = f"the edition names {mw} for {ticker}: set use_named to 0 to value the option"
    return missing(ticker, rule, reason=rule)


def _hodl(evaluation: Evaluation, ticker: Any) -> Number:
    held = evaluation.number(ticker, "btc_held")
    price = evaluation.number("NETWORK", "btc_price")
    premium = evaluation.number(ticker, "hodl_premium")
    value = price * (held * premium / 1e6)
    return evaluation.step("hodl", "BTC held x BTC price x premium", value, "USD M")


def _option(evaluation: Evaluation, ticker: Any, choice: Choice) -> Number:
    """Give the option; a miner to which the edition applies no probability has none."""
    by_site = valued_by_site(evaluation, ticker, choice)
    if choice.prob is not None:
        return option_part(evaluation, ticker, choice, by_site)
    applies = np.logical_or(evaluation.has(ticker, "hpc_probability") == 1.0, by_site)
    if not np.all(applies):
        check_choice(evaluation, choice)
    if not np.any(applies):
        return evaluation.step("option value", "the edition applies no probability", 0.0, "USD M")
    option = option_part(evaluation, only(ticker, applies), choice, by_site)
    return np.where(applies, option, 0.0)[()]
