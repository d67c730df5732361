"""The option to host AI/HPC load: probability x MW, capped by one tenant, x value per MW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from valuation_core.domain import NOT_NEGATIVE, ZERO_TO_ONE
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import BASES, only, only_where
from valuation_core.option_by_site import by_site_part, is_by_site
from valuation_core.shopped import net_shopped_part
from valuation_core.units import (
    BookText,
    Keyword,
    Megawatts,
    Months,
    Number,
    Probability,
    UsdMillions,
    UsdPerMw,
    UsdPerMwOrLevel,
)
from valuation_core.value_per_mw import LEVELS, is_level, value_per_gross_mw

NO_PROBABILITY = "the edition applies no probability to {0}: give prob"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the caller chose of the option; None leaves it to the book."""

    prob: Any = None
    mw: Any = None
    per_mw: Any = None
    basis: Any = "gross"
    cap: Any = None


def option_value(probability: Number, mw: Number, value_per_mw: Number, cap: Number) -> Number:
    """Multiply probability, MW up to a cap and value per MW: the arithmetic, unchecked.

    Parameters
    ----------
    probability : float or array
        0 to 1.
    mw, cap : float or array
        Power offered and the most that one tenant takes, on one basis.
    value_per_mw : float or array
        Equity value in USD M per MW of that basis.

    Returns
    -------
    float or array
        USD M, broadcast.

    Examples
    --------
    >>> float(option_value(0.5, 1000, 6.15, 800))
    2460.0
    """
    return probability * np.minimum(mw, cap) * value_per_mw


@elementwise
def value(
    evaluation: Evaluation,
    miner: Keyword,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    book: BookText | None = None,
) -> UsdMillions:
    """Value of a miner's option to host AI/HPC load, in USD millions.

    Probability x MW, capped by the demand of one tenant, x equity value per MW. The value per MW is
    net of project debt and capex, so neither is deducted again.

    Parameters
    ----------
    miner : str or array
        Ticker, name or alias.
    prob : float or array, optional
        Probability that the MW are let, 0 to 1. Default: the edition's, where it applies one.
    mw : float or array, optional
        Power offered to tenants. Default: the MW the miner shops, less those let since.
    per_mw : float, str or array, optional
        USD M per MW, or "low", "mid", "high", "cloud". Default: at colo_value_position.
    basis : str or array, optional
        "gross" or "critical" MW: the basis of your own mw, numeric per_mw and cap.
    cap : float or array, optional
        MW that one tenant takes. Default: the edition's tenant cap.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        Option value in USD M.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap; a missing
        fact, such as the probability of a miner to which the edition applies none.

    Notes
    -----
    prob x min(mw, cap) x per_mw: linear in prob, flat above the cap. per_mw at a position is low +
    position x (high - low). MW on the critical basis are multiplied by gross_to_critical, values
    per critical MW divided by it.

    Examples
    --------
    600 MW at even odds and 6.15 USD M per MW: 0.5 x 600 x 6.15.

    >>> value("RIOT", 0.5, 600)
    1845.0
    >>> value("RIOT", [0.25, 0.5], 1000).tolist()  # capped at 800 MW
    [1230.0, 2460.0]
    """
    evaluation.use(book)
    choice = Choice(prob, mw, per_mw, basis, cap)
    ticker = evaluation.ticker(miner)
    by_site = valued_by_site(evaluation, ticker, choice)
    return option_part(evaluation, ticker, choice, by_site, NO_PROBABILITY)


@elementwise
def window(
    evaluation: Evaluation,
    prob: Probability,
    months: Months,
    window: Months | None = None,
    book: BookText | None = None,
) -> Probability:
    """Probability of a deal still left after months without one.

    A probability over a window is read as a constant hazard, so it fades as the window runs out.

    Parameters
    ----------
    prob : float or array
        Probability of a deal over the whole window, 0 to 1.
    months : float or array
        Months gone without a deal, 0 or more.
    window : float or array, optional
        Length of the window in months. Default: the edition's.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        Probability of a deal in the rest of the window; 0 from its end on.

    Raises
    ------
    ValuationError
        For prob outside 0 to 1, or negative months or window.

    Notes
    -----
    1 - (1 - prob)^((window - months) / window).

    Examples
    --------
    >>> window(0.5, 0, 9), window(0.5, 9, 9)
    (0.5, 0.0)
    >>> window(0.75, 4.5, 9)  # half the window left: 1 - 0.25^0.5
    0.5
    """
    evaluation.use(book)
    prob = evaluation.argument("prob", prob, "fraction", ZERO_TO_ONE)
    months = evaluation.argument("months", months, "months", NOT_NEGATIVE)
    if window is None:
        window = evaluation.number("ALL", "window_months")
    else:
        window = evaluation.argument("window", window, "months", NOT_NEGATIVE)
    left = np.maximum(window - months, 0.0)
    share = np.divide(left, window, out=np.zeros_like(left * 1.0), where=left > 0)[()]
    evaluation.step("window left", "share of the window still to run", share, "fraction")
    faded = -np.expm1(share * np.log1p(-prob))
    return evaluation.step(
        "probability left",
        "1 - (1 - prob) to the power of the window left",
        np.where(share == 0.0, 0.0, np.where(share == 1.0, prob, faded))[()],
        "fraction",
    )


@elementwise
def capex(
    evaluation: Evaluation,
    mw: Megawatts,
    per_mw: UsdPerMw | None = None,
    basis: Keyword = "gross",
    book: BookText | None = None,
) -> UsdMillions:
    """Cost of building HPC power, in USD millions.

    Parameters
    ----------
    mw : float or array
        Power to build, 0 or more.
    per_mw : float or array, optional
        Cost in USD M per MW of your basis. Default: the book's, which is per critical MW.
    basis : str or array, optional
        "gross" or "critical" MW: the basis of your own mw and per_mw.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        Capex in USD M.

    Raises
    ------
    ValuationError
        For negative mw or per_mw, or an unknown basis.

    Notes
    -----
    mw x per_mw; with the book's cost, gross MW are first divided by gross_to_critical.

    Examples
    --------
    1,300 MW gross are 1,000 MW critical, at 10 USD M each.

    >>> capex(1300)
    10000.0
    >>> capex(100, 9)  # 9 USD M per gross MW
    900.0
    """
    evaluation.use(book)
    mw = evaluation.argument("mw", mw, "MW", NOT_NEGATIVE)
    if per_mw is None:
        per_gross = evaluation.gross("ALL", "capex_per_mw")
        per_mw = per_gross * evaluation.gross_per_basis(basis, "ALL")
    else:
        evaluation.keyword("basis", basis, BASES)
        per_mw = evaluation.argument("per_mw", per_mw, "USD M/MW", NOT_NEGATIVE)
    return evaluation.step("capex", "MW x cost per MW of the basis", mw * per_mw, "USD M")


def check_choice(evaluation: Evaluation, choice: Choice) -> None:
    """Check the choice of an option that is not valued: mistakes are told all the same."""
    evaluation.keyword("basis", choice.basis, BASES)
    for name, given in (("mw", choice.mw), ("cap", choice.cap)):
        if given is not None:
            evaluation.argument(name, given, "MW", NOT_NEGATIVE)
    per_mw = choice.per_mw
    if isinstance(per_mw, str):
        evaluation.keyword("per_mw", per_mw, LEVELS)
    elif isinstance(per_mw, np.ndarray) and per_mw.dtype == object:
        evaluation.keyword("per_mw", only(per_mw, is_level(per_mw)), LEVELS)
    elif per_mw is not None:
        evaluation.argument("per_mw", per_mw, "USD M/MW")


def option_part(
    evaluation: Evaluation, ticker: Any, choice: Choice, by_site: Any, absent: str | None = None
) -> Number:
    """Give the option of resolved tickers; `absent` is the reason where there is no probability.

    It is valued by the company rule, or site by site where `valued_by_site` says so.
    """
    if not np.any(by_site):
        return company_rule_part(evaluation, ticker, choice, absent)
    where = only_where(ticker, by_site)
    to_gross = evaluation.gross_per_basis(choice.basis, ticker)
    per_mw = value_per_gross_mw(evaluation, where, choice.per_mw, to_gross)
    sites = by_site_part(evaluation, where, per_mw, cap_mw(evaluation, where, choice.cap, to_gross))
    if np.all(by_site):
        return sites
    company = company_rule_part(evaluation, only(ticker, ~by_site), choice, absent)
    return np.where(by_site, sites, company)


def valued_by_site(evaluation: Evaluation, ticker: Any, choice: Choice) -> Any:
    """Tell for which tickers the option is the sum over their sites.

    It is where the book says so and the caller gives neither probability nor MW, which a site has
    of its own.
    """
    if choice.prob is not None or choice.mw is not None:
        return False
    return is_by_site(evaluation, ticker)


def company_rule_part(
    evaluation: Evaluation, ticker: Any, choice: Choice, absent: str | None = None
) -> Number:
    """Give the option of resolved tickers as probability x MW, capped, x value per MW."""
    prob = choice.prob
    if prob is None:
        prob = evaluation.number(ticker, "hpc_probability", absent=absent)
    else:
        prob = evaluation.argument("prob", prob, "fraction", ZERO_TO_ONE)
    to_gross = evaluation.gross_per_basis(choice.basis, ticker)
    mw = offered_mw(evaluation, ticker, choice.mw, to_gross)
    per_mw = value_per_gross_mw(evaluation, ticker, choice.per_mw, to_gross)
    cap = cap_mw(evaluation, ticker, choice.cap, to_gross)
    if evaluation.steps is not None:
        evaluation.step("MW capped", "smaller of MW and cap", np.minimum(mw, cap), "MW gross")
    return evaluation.step(
        "option value",
        "probability x MW capped x value per MW",
        option_value(prob, mw, per_mw, cap),
        "USD M",
    )


def offered_mw(evaluation: Evaluation, ticker: Any, given: Any, to_gross: Any) -> Number:
    """Give the gross MW offered to tenants: the caller's own, or the net shopped ones."""
    if given is None:
        return net_shopped_part(evaluation, ticker)
    return _own_mw(evaluation, "mw", given, to_gross)


def cap_mw(evaluation: Evaluation, ticker: Any, given: Any, to_gross: Any) -> Number:
    """Give the gross MW that one tenant takes: the caller's own, or those of the book."""
    if given is None:
        return evaluation.gross(ticker, "tenant_cap")
    return _own_mw(evaluation, "cap", given, to_gross)


def _own_mw(evaluation: Evaluation, name: str, given: Any, to_gross: Any) -> Number:
    own = evaluation.argument(name, given, "MW", NOT_NEGATIVE)
    if isinstance(to_gross, float) and to_gross == 1.0:
        return own
    return evaluation.step(
        f"{name} on gross MW", "critical MW x gross_to_critical", own * to_gross, "MW gross"
    )
