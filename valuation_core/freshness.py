"""How old prices and facts are, and what to say beside a figure that rests on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from valuation_core.book import METRICS, Book, Fact
from valuation_core.errors import ValuationError
from valuation_core.published import Price, price_of
from valuation_core.target import target

DAYS_A_MONTH: Final = 365.25 / 12.0


def stale_facts(book: Book, ticker: str) -> list[Fact]:
    """Give the facts behind a miner's target that are older than their metric allows.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.

    Returns
    -------
    list of Fact
        None where the target cannot be given.

    Examples
    --------
    IREN's fleet of 2025-06-30 is 88 days old on 2025-09-26; 45 are allowed.

    >>> from valuation_core import load_book
    >>> [fact.metric for fact in stale_facts(load_book(), "IREN")]
    ['efficiency', 'power_price', 'hashrate']
    """
    found: dict[str, Fact] = {}
    with suppress(ValuationError):
        for step in target.explain({"miner": ticker, "book": book}):
            fact = book.find(ticker, step.step) if step.step in METRICS else None
            if fact is not None and fact.is_stale(book.as_of):
                found[fact.metric] = fact
    return list(found.values())


def window_runs_out(book: Book, ticker: str) -> date | None:
    """Give the day from which a miner's window for deals has run out, if it has by now.

    The window begins on the day of the probability in use.
    """
    prob, window = (book.find(ticker, metric) for metric in ("hpc_probability", "window_months"))
    if prob is None or window is None:
        return None
    days = round(float(window.value) * DAYS_A_MONTH)  # type: ignore[arg-type]
    end = date.fromordinal(prob.as_of.toordinal() + days)
    return end if end <= book.as_of else None


def remarks(book: Book, tickers: Sequence[str]) -> Iterator[str]:
    """Say in one line each what prices, windows and facts are not of today.

    Parameters
    ----------
    book : Book
        Facts to read.
    tickers : sequence of str
        The miners shown.

    Yields
    ------
    str
        Nothing where prices are of one fresh date, no window has run out and no fact is stale.
    """
    prices: dict[str, Price] = {}
    for ticker in tickers:
        with suppress(ValuationError):
            prices[ticker] = price_of(book, ticker)
    if len({price.as_of for price in prices.values()}) > 1:
        days = ", ".join(f"{ticker} {price.as_of}" for ticker, price in prices.items())
        yield f"prices are of different dates: {days}"
    limit = METRICS["price"].stale_after or 0
    ages = {ticker: (book.as_of - price.as_of).days for ticker, price in prices.items()}
    if old := [f"{ticker} {age} days" for ticker, age in ages.items() if age > limit]:
        yield f"prices older than {limit} days: {', '.join(old)}"
    ends = {ticker: window_runs_out(book, ticker) for ticker in tickers}
    if over := [f"{ticker} on {end}" for ticker, end in ends.items() if end is not None]:
        yield f"the window for deals has run out: {', '.join(over)}; set the probability yourself"
    stale: dict[str, dict[str, int]] = {}
    for ticker in tickers:
        for fact in stale_facts(book, ticker):
            stale.setdefault(fact.scope, {})[fact.metric] = fact.age(book.as_of)
    shown = (
        f"{scope} {', '.join(f'{metric} {age} days' for metric, age in ages.items())}"
        for scope, ages in stale.items()
    )
    if stale:
        yield f"stale facts: {'; '.join(shown)}"
