"""Net shopped MW: what a miner still offers to tenants, less what has been let since.

A MW is never both signed and optional: a deal at a site uses up what that site offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from math import inf
from typing import Any, NamedTuple

import numpy as np

from valuation_core.book import Book
from valuation_core.book.schema import folded
from valuation_core.book.tables import Row
from valuation_core.errors import missing
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.units import Number


class Let(NamedTuple):
    """What has been let at one place since the shopped MW were stated."""

    place: str
    offered: float
    """Gross MW that the place offered; infinite where the book knows no such site."""
    gross: float
    """MW of the deals that state gross MW."""
    critical: float
    """MW of those that state critical MW only."""


def net_shopped_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the gross MW that resolved tickers still offer.

    MW that stand in place of the fact are those of the book's date: nothing has been let since.
    """
    shopped = evaluation.gross(ticker, "hpc_mw_shopped")
    if "hpc_mw_shopped" in evaluation.given:
        return shopped
    found: list[list[Let]] = []

    def register(ticker: str) -> float:
        found.append(_let(evaluation.book, ticker))
        return float(len(found) - 1)

    row = evaluation.each(register, ticker)
    if not any(found):
        return shopped
    used = _used(evaluation, ticker, np.nan_to_num(row).astype(np.intp), found)
    net = np.maximum(shopped - used, 0.0)
    return evaluation.step("MW shopped, net", "shopped less let since", net, "MW gross")


def _let(book: Book, ticker: str) -> list[Let]:
    """Give what a miner has let since its shopped MW were stated."""
    if not book.rows_of("deals", ticker):
        return []
    fact = book.find(ticker, "hpc_mw_shopped")
    return [] if fact is None else let_since(book, ticker, fact.as_of)


def _used(evaluation: Evaluation, ticker: Any, row: Any, found: list[list[Let]]) -> Number:
    """Add up, place by place, the smaller of the MW offered and the MW let."""
    width = max(map(len, found))
    nothing = Let("", 0.0, 0.0, 0.0)
    padded = [[*lets, *[nothing] * (width - len(lets))] for lets in found]
    offered, gross, critical = (
        np.array([[getattr(let, name) for let in lets] for lets in padded])
        for name in ("offered", "gross", "critical")
    )
    some: Any = critical.any(axis=1)
    ratio: Any = np.nan_to_num(evaluation.number(only(ticker, some[row]), "gross_to_critical"))
    used: Any = 0.0
    for place in range(width):
        let = gross[row, place] + critical[row, place] * ratio
        one = np.minimum(offered[row, place], let)
        if evaluation.steps is not None:
            name = found[int(row)][place].place
            evaluation.step(f"let at {name}", "smaller of MW offered and let", one, "MW gross")
        used = used + one
    return used


def let_since(book: Book, ticker: str, since: date) -> list[Let]:
    """Give what a miner has let after a day, by site.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.
    since : datetime.date
        The day on which its shopped MW were stated.

    Returns
    -------
    list of Let
        One a place with colocation deals announced after that day. A deal at a detail of another
        site uses up what that one offers.
    """
    deals = [
        row
        for row in book.rows_of("deals", ticker)
        if row["kind"] == "colo" and row["announced"] > since
    ]
    if not deals:
        return []
    now = {folded(row["site"]): row for row in book.rows_of("sites", ticker)}
    then = _sites_on(book, ticker, since)
    lets: dict[str, Let] = {}
    for deal in deals:
        gross, critical = stated_mw(deal)
        place, offered = _offer(folded(deal["site"]), deal["site"], now, then)
        before = lets.get(place, Let(place, offered, 0.0, 0.0))
        lets[place] = before._replace(
            gross=before.gross + gross, critical=before.critical + critical
        )
    return list(lets.values())


def _sites_on(book: Book, ticker: str, day: date) -> dict[str, Row]:
    """Give the sites of a miner as they stood on a day, by folded name."""
    rows = book.history_of("sites", ticker)
    return {folded(row["site"]): row for row in rows if row["as_of"] <= day}


def _offer(site: str, shown: str, now: dict[str, Row], then: dict[str, Row]) -> tuple[str, float]:
    """Give the site whose offer a deal uses up, and the MW it offered."""
    if site not in now:
        return shown or "no site", inf
    place, steps = site, 0
    while not (then.get(place) or {}).get("hpc_mw_offered") and steps < len(now):
        outer = folded(now[place]["part_of"]) if place in now else ""
        if not outer:
            return str(now[site]["site"]), 0.0
        place, steps = outer, steps + 1
    found = then.get(place)
    return (found["site"], found["hpc_mw_offered"]) if found else (shown, 0.0)


def stated_mw(deal: Row) -> tuple[float, float]:
    """Give the MW of a deal: gross where it states them, else critical ones.

    Raises
    ------
    ValuationError
        When the deal states neither.
    """
    if deal["mw_gross"] is not None:
        return deal["mw_gross"], 0.0
    if deal["mw_critical"] is not None:
        return 0.0, deal["mw_critical"]
    raise missing(deal["ticker"], f"deal {deal['deal_id']} states no MW")


def gross_total(
    evaluation: Evaluation, ticker: Any, stated: Callable[[str], Iterable[tuple[float, float]]]
) -> Number:
    """Add up, for each ticker, MW that are stated gross or critical, as gross MW."""
    critical: dict[str, float] = {}

    def add(ticker: str) -> float:
        pairs = list(stated(ticker))
        critical[ticker] = sum((pair[1] for pair in pairs), 0.0)
        return sum((pair[0] for pair in pairs), 0.0)

    gross = evaluation.each(add, ticker)
    on_critical = evaluation.each(lambda ticker: critical.get(ticker, 0.0), ticker)
    if not any(critical.values()):
        return gross
    ratio: Any = evaluation.number(only(ticker, on_critical > 0.0), "gross_to_critical")
    return gross + on_critical * np.nan_to_num(ratio)
