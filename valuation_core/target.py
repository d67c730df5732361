"""Target, upside and rating of a miner, and the ranking of the coverage."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.company import target_of
from valuation_core.errors import ValuationError
from valuation_core.evaluation.arrays import Elements, Fault, Index
from valuation_core.evaluation.elementwise import Elementwise, elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.published import (
    RATING_RULE,
    THRESHOLDS,
    price_of,
    price_part,
    published,
    rated,
)
from valuation_core.result import ResultTable
from valuation_core.units import (
    BookText,
    Fraction,
    Keyword,
    Megawatts,
    Number,
    Probability,
    Spill,
    UsdPerBitcoin,
    UsdPerMwOrLevel,
    UsdPerShare,
)

RANK_HEADER: Final = (
    "ticker",
    "price",
    "price date",
    "target",
    "upside",
    "rating",
    "plain target",
    "published target",
    "published rating",
    "residual",
)


def target_part(evaluation: Evaluation, ticker: Any, choice: Choice) -> Number:
    """Give the target of resolved tickers: the value per share at the target date."""
    per_share = target_of(evaluation, ticker, choice).per_share
    formula = "operating parts grown to the target date, coins, cash and debt at face"
    return evaluation.step("target", formula, per_share, "USD/share")


def rating_part(evaluation: Evaluation, ticker: Any, upside: Any) -> Any:
    """Rate an upside: OW from one threshold on, UW below the other, N between."""
    evaluation.require_finite("upside", upside)
    rating = rated(upside, *(evaluation.number(ticker, metric) for metric in THRESHOLDS))
    shown = rating.astype(object) if rating.ndim else str(rating)
    return evaluation.step("rating", RATING_RULE, shown)


@elementwise
@shared_parameters
def target(
    evaluation: Evaluation,
    miner: Keyword,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    btc_price: UsdPerBitcoin | None = None,
    book: BookText | None = None,
) -> UsdPerShare:
    """Model's target for a miner, in USD per share, from the sum of its parts.

    Parameters
    ----------
    <miner>
    <prob>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <btc_price>
    <book>

    Returns
    -------
    float or array
        USD per share.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap or btc_price;
        a missing fact that a part of the value rests on.

    Notes
    -----
    Equity and diluted shares are solved at the target date: mining, named, signed, option, cloud,
    land and other have grown by (1 + cost_of_equity)^(days to target_date / 365.25); coins, cash
    and debt stand at face. At a cost of equity of 0, as shipped, it is the value per share. The
    published target is beside it through HPC_PUBLISHED; the difference is the residual.

    Examples
    --------
    >>> target(["RIOT", "IREN", "CLSK", "CIFR", "MARA"]).round(2).tolist()
    [12.41, 15.46, 6.93, 6.86, 12.53]
    """
    evaluation.use(book, btc_price=btc_price)
    ticker = evaluation.ticker(miner)
    return target_part(evaluation, ticker, Choice(prob, mw, per_mw, basis, cap))


@elementwise
@shared_parameters
def upside(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    btc_price: UsdPerBitcoin | None = None,
    book: BookText | None = None,
) -> Fraction:
    """Upside of the model's target over the share price.

    Parameters
    ----------
    <miner>
    <price>
    <prob>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <btc_price>
    <book>

    Returns
    -------
    float or array
        target / price - 1, a fraction.

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap or btc_price;
        a price not above 0; a missing fact that a part of the value rests on.

    Examples
    --------
    >>> round(upside("RIOT"), 3)  # 12.41 / 16.74 - 1
    -0.259
    """
    evaluation.use(book, btc_price=btc_price)
    choice = Choice(prob, mw, per_mw, basis, cap)
    return _upside(evaluation, evaluation.ticker(miner), price, choice)


@elementwise
@shared_parameters
def rating(
    evaluation: Evaluation,
    miner: Keyword,
    price: UsdPerShare | None = None,
    prob: Probability | None = None,
    mw: Megawatts | None = None,
    per_mw: UsdPerMwOrLevel | None = None,
    basis: Keyword = "gross",
    cap: Megawatts | None = None,
    btc_price: UsdPerBitcoin | None = None,
    book: BookText | None = None,
) -> Keyword:
    """Rating that the rule gives to the model's upside: "OW", "N" or "UW".

    Parameters
    ----------
    <miner>
    <price>
    <prob>
    <mw>
    <per_mw>
    <basis>
    <cap>
    <btc_price>
    <book>

    Returns
    -------
    str or array
        "OW" from rating_overweight_from on, "UW" below rating_underweight_below, else "N".

    Raises
    ------
    ValuationError
        For an unknown miner, level or basis; prob outside 0 to 1; negative mw or cap or btc_price;
        a price not above 0; a missing fact that a part of the value rests on.

    Examples
    --------
    >>> rating("RIOT"), rating("RIOT", 11)
    ('UW', 'OW')
    """
    evaluation.use(book, btc_price=btc_price)
    ticker = evaluation.ticker(miner)
    choice = Choice(prob, mw, per_mw, basis, cap)
    return rating_part(evaluation, ticker, _upside(evaluation, ticker, price, choice))


def _upside(evaluation: Evaluation, ticker: Any, price: Any, choice: Choice) -> Number:
    price = price_part(evaluation, ticker, price)
    aim = target_part(evaluation, ticker, choice)
    return evaluation.step("upside", "target / price - 1", aim / price - 1.0, "fraction")


@shared_parameters
def rank(book: BookText | None = None) -> Spill:
    """Coverage by the model's upside; plain and published targets beside it.

    Parameters
    ----------
    <book>

    Returns
    -------
    ResultTable
        Ticker, price and its date, target, upside and rating by the rule, the plain target, the
        published target and rating, and the residual: target less published target, in USD. A miner
        without a target comes last.

    Raises
    ------
    ValuationError
        When the book knows no edition by its date. What fails for one miner is an error in its row.

    Examples
    --------
    >>> [row[0] for row in rank().rows]
    ['MARA', 'RIOT', 'CIFR', 'CLSK', 'IREN']
    """
    facts = book_or_default(book)
    tickers = np.array(facts.coverage, dtype=object)
    both = {"miner": tickers, "book": facts}
    columns = [
        *_prices(facts),
        _column(target, both),
        _column(upside, both),
        _column(rating, both),
        _column(target, {"miner": tickers, "book": facts.plain}),
        _column(published, {**both, "item": "target"}),
        _column(published, {**both, "item": "rating"}),
    ]
    rows = [_rank_row(facts, index, columns) for index in range(len(tickers))]
    place = RANK_HEADER.index("upside")
    rows.sort(key=lambda row: -row[place] if isinstance(row[place], float) else inf)
    return ResultTable(RANK_HEADER, tuple(rows))


def _column(function: Elementwise[..., Any], given: dict[str, Any]) -> Elements:
    """Give a figure of each miner; what fails for all, a fact of the network, in each row."""
    try:
        return function.evaluate(given)
    except ValuationError as error:
        values = np.full(given["miner"].shape, np.nan)
        return Elements(values, (Fault(np.array(True), _always(error)),))


def _always(error: ValuationError) -> Callable[[Index], ValuationError]:
    return lambda index: error  # noqa: ARG005  the same in every row


def _prices(book: Book) -> list[Elements]:
    """Give the prices of the coverage and their days."""
    tickers = np.array(book.coverage, dtype=object)
    prices = Evaluation((len(tickers),))
    values = prices.each(lambda ticker: price_of(book, ticker).value, tickers)
    days = prices.each(lambda ticker: price_of(book, ticker).as_of, tickers, text=True)
    return [Elements(column, tuple(prices.faults)) for column in (values, days)]


def _rank_row(book: Book, index: int, columns: list[Elements]) -> tuple[Any, ...]:
    cells: list[Any] = [column.error_at((index,)) or column.values[index] for column in columns]
    cells = [float(cell) if isinstance(cell, np.floating) else cell for cell in cells]
    row = dict(zip(RANK_HEADER[1:], cells, strict=False))
    figures = [row["target"], row["published target"]]
    errors = [figure for figure in figures if isinstance(figure, Exception)]
    residual = errors[0] if errors else figures[0] - figures[1]
    return (book.coverage[index], *cells, residual)
