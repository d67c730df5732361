"""The option site by site: each site by its own stage, its own start and the tenant's cap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from valuation_core.book import OWN, Book
from valuation_core.book.schema import folded
from valuation_core.book.tables import Row
from valuation_core.evaluation.by_miner import of_each_miner, switched
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.shopped import stated_mw
from valuation_core.units import DAYS_A_YEAR, Number

STAGES: Final = {
    "site_probability_12m": "energized within 12 months",
    "site_probability_24m": "energized within 24 months",
    "site_probability_later": "energized later, or no date",
    "site_probability_pipeline": "in the pipeline",
}
"""Facts that hold the probability of a stage, and how the stage is called."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one site still offers to tenants."""

    row: Row
    let_gross: float
    let_critical: float
    """MW let there since the row's day, gross where stated and critical elsewhere."""
    stage: str
    """The fact that holds the probability of its stage."""
    years: float
    """Years from the book's date to energization; 0 where it is past or not known."""


def is_by_site(evaluation: Evaluation, ticker: Any) -> Any:
    """Tell for which tickers the option is valued site by site."""
    return switched(evaluation, ticker, "option_by_site")


def offers_of(book: Book, ticker: str) -> Iterator[Offer]:
    """Give the sites of a miner that offer MW, with what has been let there since.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.

    Yields
    ------
    Offer
        In file order; a detail of another site only where it offers MW itself.
    """
    sites = {folded(row["site"]): row for row in book.rows_of("sites", ticker)}
    for row in sites.values():
        if not row["hpc_mw_offered"]:
            continue
        let = [
            stated_mw(deal)
            for deal in book.rows_of("deals", ticker)
            if deal["kind"] == "colo"
            and deal["announced"] > row["as_of"]
            and _place(folded(deal["site"]), sites) == folded(row["site"])
        ]
        gross, critical = (sum((pair[at] for pair in let), 0.0) for at in (0, 1))
        days = 0 if row["energized_on"] is None else (row["energized_on"] - book.as_of).days
        yield Offer(row, gross, critical, _stage(row, book.as_of), max(days, 0) / DAYS_A_YEAR)


def _place(site: str, sites: dict[str, Row]) -> str:
    """Give the site whose offer a deal uses up: its own, or what that is a detail of."""
    for _ in range(len(sites)):
        row = sites.get(site)
        if row is None or row["hpc_mw_offered"] or not row["part_of"]:
            return site
        site = folded(row["part_of"])
    return site


def _stage(row: Row, day: date) -> str:
    if row["status"] == "pipeline":
        return "site_probability_pipeline"
    energized = row["energized_on"]
    if energized is None:
        return "site_probability_later"
    days = (energized - day).days
    for metric, years in (("site_probability_12m", 1), ("site_probability_24m", 2)):
        if days <= years * DAYS_A_YEAR:
            return metric
    return "site_probability_later"


def by_site_part(evaluation: Evaluation, ticker: Any, value_per_mw: Any, cap: Any) -> Number:
    """Give the option of resolved tickers as the sum over their sites, in USD M."""
    return of_each_miner(
        evaluation,
        ticker,
        lambda evaluation, one: _of_ticker(evaluation, one, value_per_mw, cap),
        lambda evaluation, one: _of_ticker(evaluation, one, 0.0, 0.0),
    )


def _of_ticker(evaluation: Evaluation, ticker: str, value_per_mw: Any, cap: Any) -> Number:
    total: Any = 0.0
    for offer in offers_of(evaluation.book, ticker):
        probability, mw, years = factors(evaluation, ticker, offer, cap)
        discount = discount_of(evaluation, years)
        value = probability * mw * value_per_mw * discount
        name = offer.row["site"]
        formula = "probability x MW up to the cap x value per MW x discount to energization"
        total = total + evaluation.step(f"option at {name}", formula, value, "USD M")
    return evaluation.step("option by site", "sum over the sites", total, "USD M")


def factors(
    evaluation: Evaluation, ticker: str, offer: Offer, cap: Any
) -> tuple[Number, Number, Number]:
    """Give probability, MW up to the cap and years to wait beyond a usual build, of one site."""
    row = offer.row
    source = (row["source"], row["as_of"], row["confidence"])
    stated = row["hpc_probability"]
    if stated is None:
        probability: Number = evaluation.number(ticker, offer.stage)
    else:
        name = f"hpc_probability of {row['site']}"
        own = row["confidence"] == OWN
        whence = ("own fact", evaluation.book.as_of, OWN) if own else source
        probability = evaluation.step(name, "stated for the site", stated, "fraction", *whence)
    name = f"MW offered at {row['site']}"
    offered = evaluation.step(name, row["status"], row["hpc_mw_offered"], "MW gross", *source)
    let: Any = offer.let_gross
    if offer.let_critical:
        let = let + offer.let_critical * evaluation.number(ticker, "gross_to_critical")
    left = np.maximum(offered - let, 0.0) * row["ownership"]
    build = evaluation.number("ALL", "lease_build_years")
    return probability, np.minimum(left, cap), np.maximum(offer.years - build, 0.0)


def discount_of(evaluation: Evaluation, years: Any) -> Number:
    """Give what a value of a lease is worth that starts later than a usual build, as a share."""
    rate = evaluation.number("ALL", "lease_equity_return")
    return np.power(1.0 + rate, -years)
