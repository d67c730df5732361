"""Pro forma cash: the balance, changed by what notes and loans have brought or taken since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.instruments import CORPORATE, stated
from valuation_core.units import Number


class Flow(NamedTuple):
    """What one event of an instrument did to cash."""

    what: str
    amount: float
    """USD M; negative where cash went out."""
    row: Row
    day: date
    assumed: bool = False
    """Whether the amount is the principal for want of the proceeds."""


def cash_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the pro forma cash of resolved tickers, in USD M.

    Cash that stands in place of the fact is that of the book's date: nothing has moved since.
    """
    cash = evaluation.number(ticker, "cash")
    if "cash" in evaluation.given:
        return cash

    def moved(ticker: str) -> float:
        fact = evaluation.book.find(ticker, "cash")
        if fact is None:
            return 0.0
        total = 0.0
        for flow in flows_since(evaluation.book, ticker, fact.as_of):
            confidence = "low" if flow.assumed else flow.row["confidence"]
            source = (flow.row["source"], flow.day, confidence)
            total += evaluation.step(
                flow.row["instrument_id"], flow.what, flow.amount, "USD M", *source
            )
        return total

    change = evaluation.each(moved, ticker)
    if not np.any(change):
        return cash
    formula = "cash of the balance date, changed by notes and loans since"
    return evaluation.step("cash, pro forma", formula, cash + change, "USD M")


def flows_since(book: Book, ticker: str, since: date) -> Iterator[Flow]:
    """Give what corporate notes and loans have done to cash after a balance date.

    An issue brings its net proceeds, or its principal where they are not stated. A later row with
    less principal, or a retirement, takes the difference off, or what that row states; one with
    more principal brings the difference.

    Parameters
    ----------
    book : Book
        Facts to read, with every earlier row.
    ticker : str
        The miner.
    since : datetime.date
        Day of the balance; what happened on it is in the balance.
    """
    histories: dict[str, list[Row]] = {}
    for row in book.history_of("instruments", ticker):
        if row["recourse"] == CORPORATE and row["kind"] != "warrant":
            histories.setdefault(row["instrument_id"], []).append(row)
    for history in histories.values():
        yield from _flows(ticker, history, since, book.followed_to(history[-1]))


def _flows(ticker: str, history: list[Row], since: date, until: date) -> Iterator[Flow]:
    newest = history[-1]
    # Days are those of the newest row, as for debt: a date that was moved has not come about.
    issued, retired = newest["issue_date"], newest["retired_on"]
    if issued > until:
        return
    first = history[0]
    if since < issued:
        planned = [row for row in history if row["as_of"] <= issued]
        history = history[max(len(planned) - 1, 0) :]
        first = history[0]
        proceeds = first["net_proceeds_usd_m"]
        brought = stated(ticker, first, "principal_usd_m") if proceeds is None else proceeds
        yield Flow("issued: net proceeds", brought, first, issued, proceeds is None)
    gone = retired is not None and retired <= until
    for before, row in pairwise(history):
        if not since < row["as_of"] <= until or (gone and row is newest):
            continue
        more = stated(ticker, row, "principal_usd_m") - stated(ticker, before, "principal_usd_m")
        if more:
            own = row["net_proceeds_usd_m"]
            size = abs(more) if own is None else own
            what = "enlarged: net proceeds" if more > 0.0 else "reduced: paid"
            yield Flow(what, size if more > 0.0 else 0.0 - size, row, row["as_of"], own is None)
    if gone and since < retired:
        before = history[-2] if len(history) > 1 else newest
        own = newest["net_proceeds_usd_m"] if newest is not first else None
        paid = stated(ticker, before, "principal_usd_m") if own is None else own
        yield Flow("retired: paid", 0.0 - paid, newest, retired, own is None)
