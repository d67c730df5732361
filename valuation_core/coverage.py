"""The coverage table: published figures beside the option value of each miner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core import hpc
from valuation_core.book import METRICS, Book
from valuation_core.company import option_per_share
from valuation_core.errors import ValuationError, missing
from valuation_core.evaluation.arrays import Elements
from valuation_core.evaluation.evaluation import Evaluation, Step
from valuation_core.published import price_of, published, upside_in_use
from valuation_core.readings import Reading, readings
from valuation_core.shopped import net_shopped_part
from valuation_core.value_per_mw import POSITIONS

LEVELS: Final = tuple(POSITIONS)
"""Levels of the equity value per MW shown side by side."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One column of figures per quantity, one element per miner, errors kept per element.

    Prices and targets in USD per share, upside as a fraction, MW gross, option values in USD M and
    per diluted share in USD, as HPC_PER_SHARE gives it, by level of the value per MW.
    """

    book: Book
    tickers: tuple[str, ...]
    names: tuple[str, ...]
    price: Elements
    rating: Elements
    target: Elements
    upside: Elements
    """Of the published target over the price in use."""
    upside_published: Elements
    """The same over the edition's own price."""
    mw_shopped: Elements
    mw_capped: Elements
    option: dict[str, Elements]
    option_per_share: dict[str, Elements]
    assumptions: tuple[tuple[str, ...], ...]
    """Per miner, the facts of low confidence that its figures rest on."""
    price_date: Elements
    readings: tuple[tuple[Reading, ...], ...]
    """Per miner, the plain target and that of the case in use, beside the published one."""


def coverage(book: Book, miners: Sequence[str] | None = None) -> Coverage:
    """Put published figures and option values of miners side by side.

    Parameters
    ----------
    book : Book
        Facts to read.
    miners : sequence of str, optional
        Tickers, names or aliases. Default: the coverage of the book's edition.

    Returns
    -------
    Coverage
        A figure that cannot be given is an error of that miner alone.

    Raises
    ------
    ValuationError
        For an unknown miner, or when the book has no edition on or before its date.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> table = coverage(load_book())
    >>> table.tickers, table.option["mid"].values[:2].tolist()
    (('RIOT', 'IREN', 'CLSK', 'CIFR', 'MARA'), [1845.0, 2460.0])
    """
    chosen = book.coverage if miners is None else miners
    tickers = tuple(dict.fromkeys(book.ticker(miner) for miner in chosen))
    if not tickers:
        raise missing("miners", "none given")
    array = np.array(tickers, dtype=object)
    by_name = {row["ticker"]: row["name"] for row in book.tables["miners"].rows()}
    option = {
        level: hpc.value.evaluate({"miner": array, "per_mw": level, "book": book})
        for level in LEVELS
    }
    mw_shopped = _each(
        tickers, lambda ticker: float(net_shopped_part(Evaluation().use(book), ticker))
    )
    per_share = {level: _each(tickers, _per_share(book, level)) for level in LEVELS}
    return Coverage(
        book=book,
        tickers=tickers,
        names=tuple(by_name[ticker] for ticker in tickers),
        price=_each(tickers, lambda ticker: price_of(book, ticker).value),
        rating=published.evaluate({"miner": array, "item": "rating", "book": book}),
        target=published.evaluate({"miner": array, "item": "target", "book": book}),
        upside=_each(tickers, lambda ticker: upside_in_use(book, ticker)),
        upside_published=published.evaluate({"miner": array, "item": "upside", "book": book}),
        mw_shopped=mw_shopped,
        mw_capped=_smaller(
            mw_shopped, _each(tickers, lambda ticker: _gross(book, ticker, "tenant_cap"))
        ),
        option=option,
        option_per_share={level: _given(per_share[level], option[level]) for level in LEVELS},
        assumptions=tuple(_assumptions(book, ticker) for ticker in tickers),
        price_date=_each(tickers, lambda ticker: price_of(book, ticker).as_of, text=True),
        readings=tuple(readings(book, ticker) for ticker in tickers),
    )


def _each(tickers: Sequence[str], look_up: Callable[..., Any], text: bool = False) -> Elements:
    evaluation = Evaluation((len(tickers),))
    values = evaluation.each(look_up, np.array(tickers, dtype=object), text=text)
    evaluation.require_finite("result", values)
    return Elements(values, tuple(evaluation.faults))


def _per_share(book: Book, level: str) -> Callable[[str], float]:
    # Asked of one miner at a time: a fact of the network that is missing fails all of a call.
    return lambda ticker: float(option_per_share(ticker, per_mw=level, book=book))


def _given(figure: Elements, where: Elements) -> Elements:
    """Give a figure only where another one is: no option, none per share."""
    return Elements(figure.values, (*where.faults, *figure.faults))


def _smaller(one: Elements, other: Elements) -> Elements:
    return Elements(np.minimum(one.values, other.values), (*one.faults, *other.faults))


def _steps(book: Book, ticker: str, level: str = "mid") -> list[Step]:
    """Explain the option of a miner; without a probability of its own, at certainty."""
    arguments: dict[str, object] = {"miner": ticker, "per_mw": level, "book": book}
    if book.find(ticker, "hpc_probability") is None:
        arguments["prob"] = 1.0
    return hpc.value.explain(arguments)


def _gross(book: Book, ticker: str, metric: str) -> float:
    return float(Evaluation().use(book).gross(ticker, metric))


def _assumptions(book: Book, ticker: str) -> tuple[str, ...]:
    """Describe the low-confidence facts behind a miner's figures, and the figures where not all."""
    levels: dict[str, dict[str, None]] = {}
    found: list[str] = []
    with suppress(ValuationError):
        if price_of(book, ticker).confidence == "low":
            found.append("share price (upside)")
    for level in LEVELS:
        with suppress(ValuationError):
            for step in _steps(book, ticker, level):
                if step.confidence == "low":
                    levels.setdefault(step.step, {})[level] = None
    for name, where in levels.items():
        text = name  # what a site states has a name of its own
        if name in METRICS:
            text = METRICS[name].meaning.lower().replace("mw", "MW").replace("hpc", "HPC")
        everywhere = len(where) == len(LEVELS) or text.endswith(next(iter(where)))
        found.append(text if everywhere else f"{text} ({', '.join(where)})")
    with suppress(ValuationError):
        if book.fact(ticker, "shares_basic").confidence == "low":
            found.append("basic shares (per share)")
    return tuple(found)
