"""Signed colocation deals: what the MW that a miner has let already are worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.errors import missing
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.shopped import gross_total, stated_mw
from valuation_core.units import Number
from valuation_core.value_per_mw import value_in_use, value_of_signed


def signed_part(evaluation: Evaluation, ticker: Any, per_mw: Any) -> Number:
    """Give the value of signed colocation deals, at the option's level where it has one."""
    found: dict[str, float] = {}

    def sign(ticker: str) -> float:
        critical, found[ticker] = signed_mw(evaluation.book, ticker)
        return critical

    critical = evaluation.each(sign, ticker)
    gross = evaluation.each(lambda ticker: found.get(ticker, np.nan), ticker)
    some = (critical + gross) > 0.0
    value = _where(evaluation, ticker, some, per_mw)
    ratio = np.nan_to_num(evaluation.number(only(ticker, critical > 0.0), "gross_to_critical"))
    if evaluation.steps is not None:
        _record_deals(evaluation, ticker)
    formula = "critical MW x value per critical MW + other MW x value per gross MW"
    return evaluation.step("signed deals", formula, (critical * ratio + gross) * value, "USD M")


def _where(evaluation: Evaluation, ticker: Any, some: Any, per_mw: Any) -> Number:
    """Value per gross MW where there are deals; 0 elsewhere, whatever the book lacks there."""
    if not np.any(some):
        return 0.0
    return np.nan_to_num(value_of_signed(evaluation, only(ticker, some), per_mw))


def signed_mw(book: Book, ticker: str) -> tuple[float, float]:
    """Give MW of signed colocation deals: critical where the deal states it, gross elsewhere."""
    critical = gross = 0.0
    for row in colocation_deals(book, ticker):
        if row["mw_critical"] is not None:
            critical += row["mw_critical"]
        elif row["mw_gross"] is not None:
            gross += row["mw_gross"]
        else:
            raise missing(ticker, f"deal {row['deal_id']} states no MW")
    return critical, gross


def colocation_deals(book: Book, ticker: str) -> list[Row]:
    """Give the signed colocation deals of a miner: contracts of the cloud are no leases."""
    return [row for row in book.rows_of("deals", ticker) if row["kind"] == "colo"]


def signed_gross_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the gross MW of the signed colocation deals of resolved tickers."""
    deals = gross_total(
        evaluation,
        ticker,
        lambda ticker: map(stated_mw, colocation_deals(evaluation.book, ticker)),
    )
    return evaluation.step("MW signed", "sum of the signed colocation deals", deals, "MW gross")


def signed_beyond_part(evaluation: Evaluation, ticker: Any, named: Any) -> Number:
    """Give the value of signed MW beyond those that the edition names, in USD M."""
    beyond = np.maximum(signed_gross_part(evaluation, ticker) - named, 0.0)
    where = only(ticker, beyond > 0.0)
    value = np.nan_to_num(value_in_use(evaluation, where)) if np.any(beyond > 0.0) else 0.0
    formula = "MW signed beyond the MW named x value per MW"
    return evaluation.step("signed beyond named", formula, beyond * value, "USD M")


def _record_deals(evaluation: Evaluation, ticker: str) -> None:
    for row in colocation_deals(evaluation.book, ticker):
        basis = "critical" if row["mw_critical"] is not None else "gross"
        source = (row["source"], row["announced"], row["confidence"])
        evaluation.step(row["deal_id"], "signed deal", row[f"mw_{basis}"], f"MW {basis}", *source)
