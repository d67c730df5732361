"""Comparables: what the market pays for each miner, per MW and beside its coins."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS, Book
from valuation_core.cash import cash_part
from valuation_core.company import value_of
from valuation_core.dilution import claims_of, notes_at, shares_at
from valuation_core.errors import ValuationError, finite, kept, missing
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.land import approved_mw, approved_sites
from valuation_core.published import price_of, published_figure
from valuation_core.result import ResultTable
from valuation_core.shopped import gross_total
from valuation_core.signed import signed_mw
from valuation_core.units import BookText, Spill

HEADER: Final = (
    "ticker", "price", "price date", "market value, USD M", "net debt, USD M", "EV, USD M",
    "EV less coins, USD M", "EV per signed critical MW", "EV per approved gross MW",
    "price / value", "coins / market value", "published target",
)  # fmt: skip

LOW: Final = "low"
"""Confidence of a fact that is an assumption."""


@shared_parameters
def comparables(book: BookText | None = None) -> Spill:
    """Every miner of the book by what the market pays for it.

    Parameters
    ----------
    <book>

    Returns
    -------
    ResultTable
        Ticker, price and its date; market value, net debt pro forma and enterprise value (EV) in
        USD M; EV less coins; EV in USD M per signed critical and per approved gross MW; price over
        the model's value per share; coins as a share of market value; the bank's target.

    Raises
    ------
    ValuationError
        For a book that is none. What a miner lacks is an error in its own cell only.

    Notes
    -----
    Market value = price x diluted shares at the price; net debt = loans and notes that do not
    convert at the price, less pro forma cash; coins at the book's price of bitcoin. EV per approved
    MW is missing for a miner with an approved site whose MW the book does not know: of the others
    alone it would be too high.

    Examples
    --------
    RIOT at 16.74: its note converts, 409.61 M shares; 200 of debt less 255.4 of cash.

    >>> riot = next(row for row in comparables().rows if row[0] == "RIOT")
    >>> [round(cell) for cell in riot[3:7]]
    [6857, -55, 6801, 4695]
    """
    facts = book_or_default(book)
    return ResultTable(HEADER, tuple(_row(facts, ticker) for ticker in facts.tickers))


def _row(book: Book, ticker: str) -> tuple[Any, ...]:
    price = _or_error(lambda: price_of(book, ticker).value)
    day = _or_error(lambda: price_of(book, ticker).as_of)
    market = _or_error(lambda: known(price) * _shares(book, ticker, known(price)))
    debt = _or_error(lambda: _net_debt(book, ticker, known(price)))
    enterprise = _or_error(lambda: known(market) + known(debt))
    coins = _or_error(lambda: _coins(book, ticker))
    return (
        ticker,
        price,
        day,
        market,
        debt,
        enterprise,
        _or_error(lambda: known(enterprise) - known(coins)),
        _or_error(lambda: known(enterprise) / _signed(book, ticker)),
        _or_error(lambda: known(enterprise) / _approved(book, ticker)),
        _or_error(lambda: known(price) / _value_per_share(book, ticker)),
        _or_error(lambda: known(coins) / known(market)),
        _or_error(lambda: float(published_figure(book, ticker, "target"))),
    )


def assumed(book: Book, ticker: str) -> list[str]:
    """Name the facts of low confidence that a miner's market value, debt and coins rest on.

    Its value per share rests on more: on what its target does.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.

    Returns
    -------
    list of str
        Metrics of the book.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> assumed(load_book(), "MARA")
    ['price', 'btc_held', 'shares_basic', 'cash']
    """
    found: dict[str, None] = {}
    with suppress(ValuationError):
        if price_of(book, ticker).confidence == LOW:
            found["price"] = None
    coins = book.find(ticker, "btc_held")
    if coins is not None and coins.confidence == LOW:
        found["btc_held"] = None
    evaluation = Evaluation(steps=[]).use(book)
    for figure in (claims_of, cash_part):
        with suppress(ValuationError):
            figure(evaluation, ticker)
    for step in evaluation.steps or ():
        if step.confidence == LOW and step.step in METRICS:
            found[step.step] = None
    return list(found)


def _or_error(figure: Callable[[], Any]) -> Any:
    """Give a figure, or the error that stands in its cell."""
    try:
        found = figure()
    except ValuationError as error:
        return kept(error)
    return finite(float(found)) if isinstance(found, float | np.floating) else found


def known(figure: Any) -> float:
    """Give a figure that others are made of, or raise the error that it is."""
    if isinstance(figure, ValuationError):
        raise figure
    return float(figure)


def _shares(book: Book, ticker: str, price: float) -> float:
    return float(shares_at(claims_of(Evaluation().use(book), ticker), price))


def _net_debt(book: Book, ticker: str, price: float) -> float:
    evaluation = Evaluation().use(book)
    claims = claims_of(evaluation, ticker)
    owed = float(claims.debt + notes_at(claims, price))
    return owed - float(cash_part(evaluation, ticker))


def _coins(book: Book, ticker: str) -> float:
    return book.number(ticker, "btc_held") * book.number("NETWORK", "btc_price") / 1e6


def _signed(book: Book, ticker: str) -> float:
    critical, gross = signed_mw(book, ticker)
    if gross:
        critical += gross / book.number(ticker, "gross_to_critical")
    if not critical:
        raise missing(ticker, "no signed MW")
    return critical


def _approved(book: Book, ticker: str) -> float:
    for row in approved_sites(book, ticker):
        if row["mw_gross"] is None and row["mw_critical"] is None:
            raise missing(ticker, f"site {row['site']} states no MW")
    evaluation = Evaluation().use(book)
    approved = float(gross_total(evaluation, ticker, lambda ticker: approved_mw(book, ticker)))
    if not approved:
        raise missing(ticker, "no approved MW")
    return approved


def _value_per_share(book: Book, ticker: str) -> float:
    with np.errstate(all="ignore"):
        value = float(value_of(Evaluation().use(book), ticker, Choice()).per_share)
    if value <= 0.0:
        raise missing(ticker, "the value per share is not above 0")
    return value
