"""The pipeline: the sites of a miner that offer MW, what each is worth, and the company rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from valuation_core.book import OWN, Book
from valuation_core.errors import ValuationError, kept
from valuation_core.evaluation.arrays import single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice, company_rule_part
from valuation_core.option_by_site import (
    STAGES,
    Offer,
    discount_of,
    factors,
    is_by_site,
    offers_of,
)
from valuation_core.parts import is_named
from valuation_core.result import ResultTable
from valuation_core.shopped import net_shopped_part
from valuation_core.units import BookText, Keyword, Spill
from valuation_core.value_per_mw import value_in_use

HEADER: Final = (
    "site", "status", "energized on", "MW offered", "MW used", "probability", "probability from",
    "years to wait", "USD M per MW", "USD M",
)  # fmt: skip

WHY: Final = "why they differ"
"""Begins the last row, whose second cell is a sentence."""


@shared_parameters
def pipeline(
    miner: Keyword, book: BookText | None = None, *, evaluation: Evaluation | None = None
) -> Spill:
    """Sites of a miner that offer MW to tenants, and what each is worth.

    Parameters
    ----------
    <miner>
    <book>
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        One row a site: MW offered, MW used (let since taken off, by ownership, up to the tenant's
        cap), probability and where it is from, years to wait beyond a usual build, value per MW in
        use, USD M; then the sum and what the company rule gives, beside it or in its place; last
        their difference and, in one sentence, why it is so.

    Raises
    ------
    ValuationError
        For an unknown miner, or a missing fact.

    Notes
    -----
    probability x MW used x value per MW x (1 + lease_equity_return)^-years: values per MW hold the
    usual build already. The probability is the site's own where it states one, else that of its
    stage. With option_by_site at 1 the sum is the option of the target.

    Examples
    --------
    RIOT's site is energized within 12 months: 0.35 x 600 x 6.15.

    >>> for site, *_, value in pipeline("RIOT").rows:
    ...     print(site, round(value, 1))
    Corsicana phase 2 (remaining) 1291.5
    sum by site 1291.5
    company rule 1845.0
    why they differ -553.5
    """
    evaluation = evaluation or Evaluation()
    evaluation.use(book)
    ticker = evaluation.ticker(single_value("miner", miner))
    rows: list[tuple[Any, ...]] = []
    for site in _valued(evaluation, ticker):
        row = site.offer.row
        whence = STAGES[site.offer.stage] if row["hpc_probability"] is None else "the site"
        if row["confidence"] == OWN:
            whence = "own"
        rows.append(
            (
                row["site"], row["status"], row["energized_on"], row["hpc_mw_offered"], site.mw,
                site.probability, whence, site.years, site.per_mw, site.worth,
            )
        )  # fmt: skip
    total = float(np.sum([row[-1] for row in rows])) if rows else 0.0
    blank = (None,) * (len(HEADER) - 2)
    company = _company_rule(evaluation, ticker)
    rows.append(("sum by site", *blank, total))
    rows.append(("company rule", *blank, company))
    difference = None if isinstance(company, ValuationError) else total - company
    reason = difference_in_words(ticker, evaluation.book)
    rows.append((WHY, reason, *blank[1:], difference))
    evaluation.step("sum by site", "sum over the sites", total, "USD M")
    return ResultTable(HEADER, tuple(rows))


class _Site(NamedTuple):
    """What one site offers and what that is worth."""

    offer: Offer
    probability: float
    mw: float
    years: float
    """To wait beyond a usual build."""
    per_mw: float
    discount: float

    @property
    def at_once(self) -> float:
        """Give what the site would be worth without waiting, in USD M."""
        return self.probability * self.mw * self.per_mw

    @property
    def worth(self) -> float:
        """Give what the site is worth, in USD M."""
        return self.at_once * self.discount


def _valued(evaluation: Evaluation, ticker: str) -> Iterator[_Site]:
    per_mw = float(value_in_use(evaluation, ticker))
    cap = float(evaluation.gross(ticker, "tenant_cap"))
    for offer in offers_of(evaluation.book, ticker):
        probability, mw, years = (float(one) for one in factors(evaluation, ticker, offer, cap))
        discount = float(discount_of(evaluation, years))
        yield _Site(offer, probability, mw, years, per_mw, discount)


def _company_rule(evaluation: Evaluation, ticker: str) -> float | ValuationError:
    try:
        return float(company_rule_part(evaluation, ticker, Choice()))
    except ValuationError as error:
        return kept(error)


def difference_in_words(miner: str, book: Book | None = None) -> str:
    """Say in one sentence why the sum by site is not what the company rule gives.

    Parameters
    ----------
    miner : str
        Ticker, name or alias.
    book : Book, optional
        Facts to read.

    Returns
    -------
    str
        Both in USD M, and their difference as three steps that add up to it: the MW used, the
        probability, the wait until energization; then which of both the target counts.

    Raises
    ------
    ValuationError
        For an unknown miner, or a missing fact.

    Notes
    -----
    The steps are taken in that order: MW at the probability of the company, probability on the MW
    of the sites, the wait on both. A probability of several sites is their average, by MW.

    Examples
    --------
    RIOT: (0.35 - 0.50) x 600 x 6.15 = -553.5.

    >>> print(difference_in_words("RIOT"))
    RIOT: 1,291.5 USD M by site, 1,845.0 by the company rule, -553.5: MW 600 against 600 (+0.0), \
probability 35.0% against 50.0% (-553.5), no site waits (+0.0); the target counts the company rule
    """
    facts = book_or_default(book)
    evaluation = Evaluation().use(facts)
    ticker = facts.ticker(miner)
    sites = list(_valued(evaluation, ticker))
    by_site = sum(site.worth for site in sites)
    counted = _counted(evaluation, ticker)
    company = _company_rule(evaluation, ticker)
    if isinstance(company, ValuationError):
        shown = f"{ticker}: {by_site:,.1f} USD M by site; by the company rule none"
        return f"{shown}: {company.rule}; {counted}"
    steps = _steps(evaluation, ticker, sites) if sites else "no site offers MW to tenants"
    return (
        f"{ticker}: {by_site:,.1f} USD M by site, {company:,.1f} by the company rule, "
        f"{by_site - company:+,.1f}: {steps}; {counted}"
    )


def _steps(evaluation: Evaluation, ticker: str, sites: list[_Site]) -> str:
    """Say what leads from the company rule to the sum of the sites."""
    per_mw = sites[0].per_mw
    cap = float(evaluation.gross(ticker, "tenant_cap"))
    stated = float(evaluation.number(ticker, "hpc_probability"))
    offered = min(float(net_shopped_part(evaluation, ticker)), cap)
    used = sum(site.mw for site in sites)
    at_once = sum(site.at_once for site in sites)
    change = stated * (used - offered) * per_mw
    steps = [f"MW {used:,.10g} against {offered:,.10g} ({change:+,.1f})"]
    if used:
        mean = sum(site.probability * site.mw for site in sites) / used
        change = at_once - stated * used * per_mw
        steps.append(f"probability {mean:.1%} against {stated:.1%} ({change:+,.1f})")
    waiting = max(site.years for site in sites)
    wait = f"up to {waiting:.2f} years of waiting" if waiting else "no site waits"
    steps.append(f"{wait} ({sum(site.worth for site in sites) - at_once:+,.1f})")
    return ", ".join(steps)


def _counted(evaluation: Evaluation, ticker: str) -> str:
    """Say which of both stands in the target."""
    if is_named(evaluation, ticker):
        return "the target counts neither, but the named MW"
    if is_by_site(evaluation, ticker):
        return "the target counts the sum by site"
    if evaluation.book.find(ticker, "hpc_probability") is None:
        return "the target counts no option"
    return "the target counts the company rule"
