"""What the published edition said: ratings, targets, reference price and the move of the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from valuation_core.book import OWN, Book
from valuation_core.domain import POSITIVE
from valuation_core.errors import finite, missing
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.units import BookText, Figure, Keyword, Number

COLUMNS: Final[Mapping[str, str]] = {
    "target": "new_target",
    "old_target": "old_target",
    "rating": "new_rating",
    "old_rating": "old_rating",
    "price": "ref_price",
    "move": "day_move",
}
"""Items read from a column of the edition."""

DERIVED: Final = ("upside", "rule_rating")
"""Items computed from those columns."""

ITEMS: Final = (*COLUMNS, *DERIVED)

EDGE: Final = 1e-12
"""An upside of exactly a threshold may fall short of it by the rounding of a division."""

THRESHOLDS: Final = ("rating_overweight_from", "rating_underweight_below")
RATING_RULE: Final = "OW from the one, UW below the other, else N"

_STRENGTH: Final = {"low": 0, "own": 1, "medium": 2, "high": 3}


class Price(NamedTuple):
    """A share price and where it comes from."""

    value: float
    source: str
    as_of: date
    confidence: str


def price_of(book: Book, ticker: str) -> Price:
    """Give the price a target is measured against, in USD per share.

    It is your own price where you state one, or that of a case which changes it; else the reference
    price published on the miner on the book's date; else the newest `price` fact. Where edition and
    fact state the same number, the weaker confidence counts.

    Raises
    ------
    ValuationError
        When the book holds neither.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> price_of(load_book(), "IREN").value
    46.29
    """
    row = book.edition.get(ticker)
    if row is not None and row["edition_date"] != book.as_of:
        row = None
    stated = book.facts.get((ticker, "price"))
    changed = stated is not None and (stated.confidence == OWN or stated.case)
    if changed or row is None or row["ref_price"] is None:
        fact = book.fact(ticker, "price")
        return Price(book.number(ticker, "price"), fact.source, fact.as_of, fact.confidence)
    confidences = [row["confidence"]]
    if stated is not None and stated.value == row["ref_price"]:
        confidences.append(stated.confidence)
    weakest = min(confidences, key=_STRENGTH.__getitem__)
    return Price(row["ref_price"], row["source"], row["edition_date"], weakest)


@elementwise
def published(
    evaluation: Evaluation, miner: Keyword, item: Keyword, book: BookText | None = None
) -> Figure:
    """Published figure of a miner, of the bank's latest row on it.

    Parameters
    ----------
    miner : str or array
        Ticker, name or alias.
    item : str or array
        "target", "old_target", "rating", "old_rating", "price", "move", "upside", "rule_rating".
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float, str or array
        USD for targets and price, a fraction for move and upside, "OW", "N" or "UW" for ratings.

    Raises
    ------
    ValuationError
        For an unknown miner or item, a miner on which nothing was published, or an item that the
        row does not state.

    Notes
    -----
    upside = target / price - 1; rule_rating is the rating rule applied to that upside. Each
    miner has its latest row on or before the book's date; other brokers are never mixed in.

    Examples
    --------
    >>> published("RIOT", "target"), published("RIOT", "rating")
    (19.0, 'OW')
    >>> round(published("RIOT", "upside"), 3)  # 19 / 16.74 - 1
    0.135
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    chosen = evaluation.keyword("item", item, ITEMS)

    def look_up(ticker: str, item: str) -> float | str:
        figure = published_figure(evaluation.book, ticker, item)
        _record(evaluation, ticker, item, figure)
        return figure

    return evaluation.each(look_up, ticker, chosen, text=True)


def published_figure(book: Book, ticker: str, item: str) -> float | str:
    """Give one published item of one ticker.

    Raises
    ------
    ValuationError
        When the edition does not cover the ticker or does not state the item.
    """
    if item == "upside":
        return _number(book, ticker, "target") / _number(book, ticker, "price") - 1.0
    if item == "rule_rating":
        return rule_rating(book, ticker, _number(book, ticker, "upside"))
    row = book.edition.get(ticker)
    if row is None:
        raise missing(ticker, f"nothing published on or before {book.as_of}")
    edition = f"the edition of {row['edition_date']}"
    figure: float | str | None = row[COLUMNS[item]]
    if figure is None or figure == "":
        raise missing(ticker, f"{edition} gives no {item}")
    return figure


def upside_in_use(book: Book, ticker: str) -> float:
    """Give the upside of the published target over the price in use.

    It is that of `published` at the edition's own price; as the price moves on, it is another one.

    Raises
    ------
    ValuationError
        When the edition states no target, or there is no price.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> round(upside_in_use(load_book(), "RIOT"), 3)
    0.135
    """
    return finite(_number(book, ticker, "target") / price_of(book, ticker).value - 1.0, "upside")


def _number(book: Book, ticker: str, item: str) -> float:
    return float(published_figure(book, ticker, item))


def rated(upside: Any, overweight_from: Any, underweight_below: Any) -> Any:
    """Rate upsides: OW from one threshold on, UW below the other, N between.

    Examples
    --------
    >>> rated(np.array([0.1, 0.0, -0.2]), 0.1, -0.1).tolist()
    ['OW', 'N', 'UW']
    """
    low = np.where(upside < underweight_below - EDGE, "UW", "N")
    return np.where(upside >= overweight_from - EDGE, "OW", low)


def rule_rating(book: Book, ticker: str, upside: float) -> str:
    """Rate an upside: OW from `rating_overweight_from`, UW below `rating_underweight_below`.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> [rule_rating(load_book(), "RIOT", upside) for upside in (0.1, 0.0, -0.2)]
    ['OW', 'N', 'UW']
    """
    return str(rated(upside, *(book.number(ticker, metric) for metric in THRESHOLDS)))


def _record(evaluation: Evaluation, ticker: str, item: str, figure: float | str) -> None:
    """Note the published figures, and for a derived item the ones it is made from."""
    if evaluation.steps is None:
        return
    book = evaluation.book
    if item == "upside":
        for name in ("target", "price"):
            _record(evaluation, ticker, name, published_figure(book, ticker, name))
        evaluation.step(item, "published target / price - 1", figure, "fraction")
    elif item == "rule_rating":
        _record(evaluation, ticker, "upside", published_figure(book, ticker, "upside"))
        for metric in THRESHOLDS:
            evaluation.number(ticker, metric)
        evaluation.step(item, RATING_RULE, figure)
    else:
        row = book.edition[ticker]
        day = row["edition_date"]
        formula = f"edition of {day}, {row['broker']}"
        unit = "fraction" if item == "move" else "" if "rating" in item else "USD/share"
        source, confidence = row["source"], row["confidence"]
        evaluation.step(item, formula, figure, unit, source, day, confidence)


def price_part(evaluation: Evaluation, ticker: Any, given: Any) -> Number:
    """Give the caller's own price, or the one targets are measured against."""
    if given is not None:
        return evaluation.argument("price", given, "USD/share", POSITIVE)

    def look_up(ticker: str) -> float:
        price = price_of(evaluation.book, ticker)
        day = price.as_of
        evaluation.step(
            "price",
            f"price of {ticker}",
            price.value,
            "USD/share",
            price.source,
            day,
            price.confidence,
        )
        return price.value

    return evaluation.each(look_up, ticker)
