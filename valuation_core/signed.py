"""Signed colocation deals: what the MW that a miner has let already are worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from valuation_core.book import Book
from valuation_core.errors import missing
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import COLOCATION_LEVELS, LEVELS, only
from valuation_core.units import Number


def signed_part(evaluation: Evaluation, ticker: Any, per_mw: Any) -> Number:
    """Give the value of signed colocation deals, at the option's level where it has one."""
    found: dict[str, float] = {}

    def sign(ticker: str) -> float:
        critical, found[ticker] = signed_mw(evaluation.book, ticker)
        return critical

    critical = evaluation.each(sign, ticker)
    gross = evaluation.each(lambda ticker: found.get(ticker, np.nan), ticker)
    where = only(ticker, (critical + gross) > 0.0)
    value = np.nan_to_num(_level_value(evaluation, where, per_mw))
    ratio = np.nan_to_num(evaluation.number(only(ticker, critical > 0.0), "gross_to_critical"))
    if evaluation.steps is not None:
        _record_deals(evaluation, ticker)
    formula = "critical MW x value per critical MW + other MW x value per gross MW"
    return evaluation.step("signed deals", formula, (critical * ratio + gross) * value, "USD M")


def signed_mw(book: Book, ticker: str) -> tuple[float, float]:
    """Give MW of signed colocation deals: critical where the deal states it, gross elsewhere."""
    critical = gross = 0.0
    for row in book.rows_of("deals", ticker):
        if row["kind"] != "colo":
            continue
        if row["mw_critical"] is not None:
            critical += row["mw_critical"]
        elif row["mw_gross"] is not None:
            gross += row["mw_gross"]
        else:
            raise missing(ticker, f"deal {row['deal_id']} states no MW")
    return critical, gross


def _record_deals(evaluation: Evaluation, ticker: str) -> None:
    for row in evaluation.book.rows_of("deals", ticker):
        if row["kind"] == "colo":
            basis = "critical" if row["mw_critical"] is not None else "gross"
            source = (row["source"], row["announced"], row["confidence"])
            evaluation.step(
                row["deal_id"], "signed deal", row[f"mw_{basis}"], f"MW {basis}", *source
            )


def _level_value(evaluation: Evaluation, ticker: Any, per_mw: Any) -> Number:
    """Value per gross MW at the level asked for; "mid" for a number or the cloud."""
    if isinstance(per_mw, np.ndarray) and per_mw.dtype == object:
        value: Any = 0.0
        names = np.array([str(item).strip().casefold() for item in per_mw.ravel()], dtype=object)
        names = names.reshape(per_mw.shape)
        for level in COLOCATION_LEVELS:
            chosen = names == level
            if level == "mid":
                chosen = ~np.isin(names, ("low", "high"))
            value = np.where(chosen, evaluation.gross(ticker, LEVELS[level]), value)
        return value
    name = per_mw.strip().casefold() if isinstance(per_mw, str) else "mid"
    return evaluation.gross(ticker, LEVELS[name if name in COLOCATION_LEVELS else "mid"])
