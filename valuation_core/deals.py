"""Signed contracts and sites: a metric of one deal, the tables of both."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.deal_metrics import METRICS, deal_metric, deal_row, record_metric
from valuation_core.errors import ValuationError, missing
from valuation_core.evaluation.arrays import single_name
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.lease_metrics import FORMULAS as LEASE_METRICS
from valuation_core.lease_metrics import lease_metric, lease_metrics
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Figure, Keyword, Spill


@elementwise
@shared_parameters
def deal(
    evaluation: Evaluation, deal: Keyword, metric: Keyword, book: BookText | None = None
) -> Figure:
    """Metric of a signed deal.

    Parameters
    ----------
    deal : str or array
        Identity of the deal, such as "CIFR-fluidstack-barber-lake"; HPC_DEALS lists them.
    metric : str or array
        "revenue_per_critical_mw_year", "usd_per_kw_month", "gross_to_critical", "noi_low",
        "noi_high", "backstop_to_revenue", "warrant_share", a column of the table, or one of a lease
        (see the notes), such as "yield_on_cost".
    <book>

    Returns
    -------
    float, str or array
        USD M a year for the first, noi and rent, USD, ratios, fractions; a column as stated.

    Raises
    ------
    ValuationError
        For an unknown deal or metric, or a figure that the deal does not state.

    Notes
    -----
    With "_with_extensions" behind them, the first, second and sixth count the extensions too.
    warrant_share = warrants / (if-converted shares + warrants). Of a lease on its own terms:
    first_year_rent; yield_on_cost = first-year NOI / capex; development_spread = that less the exit
    cap rate; noi_multiple = (equity value + capex) / first-year NOI; debt_cover = first-year NOI /
    debt service; equity_return, at which it is worth nothing.

    Examples
    --------
    3,000 USD M / 10 years / 168 MW = 1.786; / 12 months / 1,000 kW = 148.8 USD.

    >>> [round(deal("CIFR-fluidstack-barber-lake", metric), 3)
    ...  for metric in ("revenue_per_critical_mw_year", "usd_per_kw_month", "gross_to_critical")]
    [1.786, 148.81, 1.452]
    """
    evaluation.use(book)
    deal, metric = evaluation.text("deal", deal), evaluation.text("metric", metric)
    if isinstance(metric, str) and isinstance(deal, np.ndarray):
        name = metric.strip().casefold()
        if name in LEASE_METRICS:
            return lease_metrics(evaluation, deal, name)

    def look_up(deal: str, metric: str) -> float | str | date:
        name = metric.strip().casefold()
        if name in LEASE_METRICS:
            one = Evaluation(steps=evaluation.steps).use(evaluation.book)
            return lease_metric(one, deal_row(evaluation.book, deal), name)
        found = deal_metric(evaluation.book, deal, metric)
        if evaluation.steps is not None:
            record_metric(evaluation, deal_row(evaluation.book, deal), name, found)
        return found

    return evaluation.each(look_up, deal, metric, text=True)


DEALS_HEADER: Final = (
    "deal",
    "miner",
    "counterparty",
    "kind",
    "announced",
    "MW gross",
    "MW critical",
    "term, years",
    "revenue, USD M",
    "USD M per critical MW and year",
    "USD per kW-month",
    "confidence",
    "source",
)


@shared_parameters
def deals(miner: Keyword | None = None, book: BookText | None = None) -> Spill:
    """Signed deals known on the book's date, of one miner or all.

    Parameters
    ----------
    miner : str, optional
        Ticker, name or alias. Default: every miner.
    <book>

    Returns
    -------
    ResultTable
        One row a deal, with revenue per critical MW and year.

    Raises
    ------
    ValuationError
        For an unknown miner, or one without a deal known on the book's date.

    Examples
    --------
    >>> [row[0] for row in deals("CIFR").rows]
    ['CIFR-fluidstack-barber-lake']
    """
    facts = book_or_default(book)
    rows = []
    for row in _of_miner(facts, "deals", miner):
        derived = []
        for name in ("revenue_per_critical_mw_year", "usd_per_kw_month"):
            try:
                derived.append(METRICS[name](row, False))
            except ValuationError:
                derived.append(None)  # type: ignore[arg-type]
        stated = [
            row[column]
            for column in (
                "deal_id", "ticker", "counterparty", "kind", "announced",
                "mw_gross", "mw_critical", "term_years", "revenue_usd_m",
            )
        ]  # fmt: skip
        rows.append((*stated, *derived, row["confidence"], row["source"]))
    return ResultTable(DEALS_HEADER, tuple(rows))


SITES_HEADER: Final = (
    "site",
    "miner",
    "status",
    "MW gross",
    "MW critical",
    "ownership",
    "MW gross owned",
    "inside of",
    "energization",
    "intended use",
    "as of",
    "confidence",
    "source",
)


@shared_parameters
def sites(miner: Keyword | None = None, book: BookText | None = None) -> Spill:
    """Sites known on the book's date, of one miner or all.

    Parameters
    ----------
    miner : str, optional
        Ticker, name or alias. Default: every miner.
    <book>

    Returns
    -------
    ResultTable
        One row a site. A row that is inside of another one is a detail of it and never added.

    Raises
    ------
    ValuationError
        For an unknown miner, or one without a site known on the book's date.

    Examples
    --------
    >>> [row[0] for row in sites("RIOT").rows][-1]
    'Rockdale'
    """
    facts = book_or_default(book)
    rows = []
    for row in _of_miner(facts, "sites", miner):
        owned = None if row["mw_gross"] is None else row["mw_gross"] * row["ownership"]
        rows.append(
            (
                row["site"], row["ticker"], row["status"], row["mw_gross"], row["mw_critical"],
                row["ownership"], owned, row["part_of"], row["energization"],
                row["intended_use"], row["as_of"], row["confidence"], row["source"],
            )
        )  # fmt: skip
    return ResultTable(SITES_HEADER, tuple(rows))


def _of_miner(book: Book, table: str, miner: Any) -> list[Row]:
    ticker = None if miner is None else book.ticker(single_name("miner", miner))
    rows = book.rows_of(table, ticker) if ticker else tuple(book.in_force[table].rows())
    if not rows:
        raise missing(ticker or table, f"no {table} on or before {book.as_of}")
    return list(rows)
