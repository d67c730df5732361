"""A model target beside the published one: plain, the case in use, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from valuation_core.book import METRICS, OWN, PLAIN, Book
from valuation_core.book.schema import BANK
from valuation_core.errors import ValuationError, kept
from valuation_core.published import (
    price_of,
    published_figure,
    rule_rating,
    upside_in_use,
)
from valuation_core.result import ResultTable
from valuation_core.target import target

T = TypeVar("T")

RECONSTRUCTION: Final = "reconstruction"
"""The case that explains published targets, shown beside a plain target."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One model target of a miner against price and published target.

    Each figure is the reason instead, where it cannot be given.
    """

    name: str
    """The case, and whether own facts are in it."""
    target: float | ValuationError
    upside: float | ValuationError
    """Over the price in use, a fraction."""
    rule: str | ValuationError
    """OW, N or UW by the thresholds on the upside; the bank rates relative to its coverage."""
    residual: float | ValuationError
    """Target less published target, USD."""
    residual_part: float | ValuationError
    """The same as a part of the published target."""


def readings(
    book: Book, ticker: str, choice: Mapping[str, Any] | None = None
) -> tuple[Reading, ...]:
    """Read a miner plainly, and as the book in use has it.

    Parameters
    ----------
    book : Book
        The book in use.
    ticker : str
        The miner.
    choice : mapping, optional
        Arguments of the option, such as prob, that are the caller's own.

    Returns
    -------
    tuple of Reading
        Plain first; then the case in use with own facts. Where the book in use is plain, then the
        case that explains published targets, if the book has it. All at the price in use.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> for one in readings(load_book(), "RIOT"):
    ...     print(f"{one.name} {one.target:.2f} {one.upside:+.1%} {one.rule} {one.residual:+.2f}")
    plain 12.41 -25.9% UW -6.59
    reconstruction 19.67 +17.5% OW +0.67
    """
    found = [_reading(PLAIN, book.plain, book, ticker, {})]
    given = {name: value for name, value in (choice or {}).items() if value is not None}
    if book.handle != book.plain.handle or given:
        found.append(_reading(name_in_use(book, bool(given)), book, book, ticker, given))
    elif RECONSTRUCTION in book.cases:
        other = book.with_case(RECONSTRUCTION)
        found.append(_reading(RECONSTRUCTION, other, book, ticker, {}))
    return tuple(found)


def name_in_use(book: Book, given: bool = False) -> str:
    """Name what is in use: the case, and whether the analyst changed something on top.

    Examples
    --------
    >>> from valuation_core import load_book, with_own_facts
    >>> name_in_use(with_own_facts(load_book(case="base"), [("RIOT", "price", 20.0)]))
    'base + own'
    >>> name_in_use(with_own_facts(load_book(), [("RIOT/Rockdale", "hpc_probability", 0.1)]))
    'plain + own'
    """
    stated = (book.tables[name].columns["confidence"] for name in ("inputs", "sites"))
    own = given or any(OWN in confidences for confidences in stated)
    return f"{book.case} + own" if own else book.case


def _reading(name: str, read: Book, priced: Book, ticker: str, given: Mapping[str, Any]) -> Reading:
    aim = tried(lambda: float(target(ticker, book=read, **given)))
    upside = tried(lambda: sure(aim) / price_of(priced, ticker).value - 1.0)
    stated = tried(lambda: float(published_figure(priced, ticker, "target")))
    return Reading(
        name=name,
        target=aim,
        upside=upside,
        rule=tried(lambda: rule_rating(read, ticker, sure(upside))),
        residual=tried(lambda: sure(aim) - sure(stated)),
        residual_part=tried(lambda: sure(aim) / sure(stated) - 1.0),
    )


def tried(make: Callable[[], T]) -> T | ValuationError:
    """Give a figure, or the reason why there is none."""
    try:
        return make()
    except ValuationError as error:
        return kept(error)


def sure(value: T | ValuationError) -> T:
    """Give a figure; raise the reason where there is none."""
    if isinstance(value, ValuationError):
        raise value
    return value


def lacks(errors: Iterable[tuple[str, ValuationError]]) -> str:
    """Say what is missing, and for whom.

    Parameters
    ----------
    errors : iterable of (str, ValuationError)
        A ticker and why a figure of it cannot be given; repetitions count once.

    Returns
    -------
    str
        Reasons that hold for the same tickers in one entry, without the date that all share.

    Examples
    --------
    >>> from valuation_core.errors import missing
    >>> told = [("A", "no cash on or before 2025-09-26"), ("B", "no price"), ("B", "no coins")]
    >>> lacks((ticker, missing(ticker, rule)) for ticker, rule in told)
    'no cash (A); no price, no coins (B)'
    """
    reasons: dict[str, dict[str, None]] = {}
    for ticker, error in errors:
        why = re.sub(" on or before .*", "", error.rule)
        reasons.setdefault(why, {})[ticker] = None
    shared: dict[frozenset[str], list[str]] = {}
    for why, tickers in reasons.items():
        shared.setdefault(frozenset(tickers), []).append(why)
    return "; ".join(
        f"{', '.join(whys)} ({', '.join(reasons[whys[0]])})" for whys in shared.values()
    )


def side_by_side(book: Book, ticker: str, choice: Mapping[str, Any] | None = None) -> ResultTable:
    """Set the readings of a miner and the published figures side by side.

    Parameters
    ----------
    book : Book
        The book in use.
    ticker : str
        The miner.
    choice : mapping, optional
        Arguments of the option that are the caller's own.

    Returns
    -------
    ResultTable
        Target, upside, rule, published rating and residual by reading, the published column last.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> table = side_by_side(load_book(), "RIOT")
    >>> table.header
    ('', 'plain', 'reconstruction', 'published')
    >>> [cell if isinstance(cell, str) else round(cell, 3) for cell in table.rows[1]]
    ['upside at the price in use', -0.259, 0.175, 0.135]
    """
    shown = readings(book, ticker, choice)

    def stated(item: str) -> Any:
        return tried(lambda: published_figure(book, ticker, item))

    now = tried(lambda: upside_in_use(book, ticker))
    nothing = tuple(None for _ in shown)
    rows = (
        ("target, USD", *(one.target for one in shown), stated("target")),
        ("upside at the price in use", *(one.upside for one in shown), now),
        ("upside when published", *nothing, stated("upside")),
        (
            "rule on the upside",
            *(one.rule for one in shown),
            tried(lambda: rule_rating(book, ticker, sure(now))),
        ),
        ("rating", *nothing, stated("rating")),
        ("residual, USD", *(one.residual for one in shown), None),
        ("residual, % of published", *(one.residual_part for one in shown), None),
    )
    return ResultTable(("", *(one.name for one in shown), "published"), rows)


def price_line(book: Book, ticker: str) -> str:
    """Say which price is in use, of which day and how old, and from whom.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> price_line(load_book("2025-10-05"), "RIOT")
    'price 19.44 USD of 2025-10-02, 3 days old'
    """
    try:
        price = price_of(book, ticker)
    except ValuationError as error:
        return f"no price: {error}"
    age = (book.as_of - price.as_of).days
    old = "of the book's date" if age == 0 else "1 day old" if age == 1 else f"{age} days old"
    return f"price {price.value:,.2f} USD of {price.as_of}, {old}"


def upside_line(book: Book, ticker: str) -> str | None:
    """Say the published upside in its two readings; nothing where it has none.

    Examples
    --------
    >>> from valuation_core import load_book, with_own_facts
    >>> upside_line(with_own_facts(load_book(), [("RIOT", "price", 19.5)]), "RIOT")
    'published upside 13.5% when published on 2025-09-26, -2.6% now'
    """
    then = tried(lambda: float(published_figure(book, ticker, "upside")))
    now = tried(lambda: upside_in_use(book, ticker))
    if isinstance(now, ValuationError):
        return None
    if isinstance(then, ValuationError):
        return f"published upside {now:.1%} now; when published it had no price"
    day = book.edition[ticker]["edition_date"]
    return f"published upside {then:.1%} when published on {day}, {now:.1%} now"


def other_brokers(book: Book, ticker: str) -> list[str]:
    """Give the newest row of each other broker on a miner in words: shown, never mixed in.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> other_brokers(load_book(), "RIOT")
    ['Citi 2025-09-26: Buy, 24 USD']
    """
    newest: dict[str, Any] = {}
    for row in book.tables["editions"].rows():
        if row["ticker"] != ticker or row["broker"] == BANK:
            continue
        before = newest.get(row["broker"])
        if before is None or row["edition_date"] > before["edition_date"]:
            newest[row["broker"]] = row
    return [
        f"{broker} {row['edition_date']}: "
        + ", ".join(
            [
                row["new_rating"] or "no rating",
                f"{row['new_target']:g} USD" if row["new_target"] else "no target",
            ]
        )
        for broker, row in newest.items()
    ]


def assumed(book: Book, ticker: str) -> list[str]:
    """Name the facts of low confidence that a miner's target rests on.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> assumed(load_book(), "CLSK")[:2]
    ['cost_of_equity', 'power_price']
    """
    found: dict[str, None] = {}
    with suppress(ValuationError):
        for step in target.explain({"miner": ticker, "book": book}):
            if step.confidence == "low" and step.step in METRICS:
                found[step.step] = None
    return list(found)
