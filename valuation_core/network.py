"""The bitcoin network: coins by subsidy period, revenue per unit of hashrate, hashprice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.errors import finite
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.units import BookText, Number, UsdPerBitcoin, UsdPerPetahashDay

HORIZON_DAYS: Final = 1461
"""Four years, the horizon of the published four-year block-reward opportunity."""

BLOCKS_PER_HALVING: Final = 210_000
"""Blocks between two halvings, a constant of the protocol."""

PETAHASHES_PER_EXAHASH: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Periods:
    """Subsidy periods of the horizon: one element per period.

    `days` are those within the horizon, `coins_per_day` are mined by the whole network, and `share`
    is the subsidy as a share of that of the first period.
    """

    days: np.ndarray[Any, np.dtype[np.float64]]
    coins_per_day: np.ndarray[Any, np.dtype[np.float64]]
    share: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def spans(self) -> list[tuple[float, float]]:
        """First day of each period in the horizon, and the day after its last."""
        ends = np.cumsum(self.days).tolist()
        return list(zip([0.0, *ends], ends, strict=False))

    @property
    def coins(self) -> float:
        """Coins of the horizon, without fees."""
        return float(self.days @ self.coins_per_day)


def subsidy_periods(
    as_of: date, halving: date, subsidy: float, blocks_per_day: float, horizon: int = HORIZON_DAYS
) -> Periods:
    """Split the horizon at the halvings.

    Parameters
    ----------
    as_of : datetime.date
        First day.
    halving : datetime.date
        The next halving; later ones follow every 210,000 blocks.
    subsidy : float
        BTC per block before that halving.
    blocks_per_day : float
        Blocks found a day.
    horizon : int
        Days.

    Returns
    -------
    Periods
        Those with at least one day.

    Examples
    --------
    >>> periods = subsidy_periods(date(2025, 9, 26), date(2028, 4, 10), 3.125, 144)
    >>> periods.days.tolist(), periods.coins_per_day.tolist(), periods.coins
    ([927.0, 534.0], [450.0, 225.0], 537300.0)
    """
    passed = halvings_by(as_of, halving, blocks_per_day)
    to_next = (halving - as_of).days + passed * days_between_halvings(blocks_per_day)
    return _periods(to_next, float(np.ldexp(subsidy, -passed)), blocks_per_day, horizon)


def _periods(
    to_next: int, subsidy: float, blocks_per_day: float, horizon: int = HORIZON_DAYS
) -> Periods:
    """Split the horizon: days to the next halving, and the subsidy in force before it."""
    halvings = range(to_next, horizon, days_between_halvings(blocks_per_day))
    days = np.diff([0, *halvings, horizon]).astype(np.float64)
    share = (0.5 ** np.arange(len(days))).astype(np.float64)
    return Periods(days, subsidy * blocks_per_day * share, share)


def days_between_halvings(blocks_per_day: float) -> int:
    """Give the whole days that 210,000 blocks take."""
    return round(BLOCKS_PER_HALVING / blocks_per_day)


def halvings_by(day: date, halving: date, blocks_per_day: float) -> int:
    """Count the halvings that have come by a day, that day included.

    Parameters
    ----------
    day : datetime.date
        The day.
    halving : datetime.date
        The first halving to count; later ones follow every 210,000 blocks.
    blocks_per_day : float
        Blocks found a day.

    Returns
    -------
    int
        0 before the first one.

    Examples
    --------
    >>> halving = date(2028, 4, 10)
    >>> [halvings_by(date(year, 4, 10), halving, 144) for year in (2027, 2028, 2033)]
    [0, 1, 2]
    """
    return max(0, (day - halving).days // days_between_halvings(blocks_per_day) + 1)


def halvings_since_subsidy(book: Book) -> int:
    """Count the halvings between the day that the book's subsidy is of and the book's date.

    A fact is in force on its own date: a subsidy stated after a halving is not halved again. One
    of a later date than the book, known before, counts the other way.
    """
    halving = book.day("NETWORK", "halving_date")
    blocks = book.number("NETWORK", "blocks_per_day")
    stated = book.fact("NETWORK", "block_subsidy").as_of
    return halvings_by(book.as_of, halving, blocks) - halvings_by(stated, halving, blocks)


def book_periods(book: Book) -> Periods:
    """Give the subsidy periods that follow from the network facts of a book."""
    halving = book.day("NETWORK", "halving_date")
    blocks = book.number("NETWORK", "blocks_per_day")
    passed = halvings_by(book.as_of, halving, blocks)
    to_next = (halving - book.as_of).days + passed * days_between_halvings(blocks)
    stated = book.number("NETWORK", "block_subsidy")
    in_force = float(np.ldexp(stated, -halvings_since_subsidy(book)))
    return _periods(to_next, in_force, blocks)


def _require_same_halvings(evaluation: Evaluation, blocks: Any) -> None:
    """Refuse blocks a day in place of the fact that would move a halving of the horizon.

    The periods are those of the book; only before its first halving do others leave them alone.
    """
    book = evaluation.book
    to_first = (book.day("NETWORK", "halving_date") - book.as_of).days
    facts = days_between_halvings(book.number("NETWORK", "blocks_per_day"))
    between = np.rint(BLOCKS_PER_HALVING / blocks)
    beyond = to_first > 0 and to_first + facts >= HORIZON_DAYS
    same = (between == facts) | (beyond & (to_first + between >= HORIZON_DAYS))
    rule = "would move the halvings: state it as your own fact"
    evaluation.require(same, "blocks_per_day", rule, blocks)


def revenue_per_exahash_day(
    coins_per_day: Any, btc_price: Any, fee_share: Any, network_hashrate: Any
) -> Number:
    """Revenue of one EH/s in a day, in USD: its share of the coins and fees, at the price.

    Parameters
    ----------
    coins_per_day, btc_price, fee_share, network_hashrate : float or array
        BTC, USD, fraction of the subsidy, EH/s.

    Returns
    -------
    float or array
        USD per EH/s-day.

    Examples
    --------
    >>> round(revenue_per_exahash_day(450, 109107, 0.008, 1019))
    48568
    """
    return btc_price * (coins_per_day * (1.0 + fee_share) / network_hashrate)


def coins_part(evaluation: Evaluation) -> Number:
    """Give the coins a day at the subsidy in force on the book's date."""
    subsidy = evaluation.number("NETWORK", "block_subsidy")
    blocks = evaluation.number("NETWORK", "blocks_per_day")
    if "blocks_per_day" in evaluation.given:
        _require_same_halvings(evaluation, blocks)
    if evaluation.steps is not None:
        evaluation.days_until("NETWORK", "halving_date")
    # A value in place of the fact is the subsidy of the book's date.
    given = "block_subsidy" in evaluation.given
    halvings = 0 if given else halvings_since_subsidy(evaluation.book)
    if halvings:
        stated = evaluation.book.fact("NETWORK", "block_subsidy").as_of
        subsidy = evaluation.step(
            "block subsidy in force",
            f"block subsidy of {stated}, halvings to {evaluation.book.as_of}: {halvings}",
            subsidy * float(np.ldexp(1.0, -halvings)),
            "BTC/block",
        )
    return evaluation.step(
        "coins per day", "block subsidy x blocks per day", subsidy * blocks, "BTC/day"
    )


@elementwise
def hashprice(
    evaluation: Evaluation, btc_price: UsdPerBitcoin | None = None, book: BookText | None = None
) -> UsdPerPetahashDay:
    """Revenue of one PH/s in a day, in USD, at today's network and subsidy.

    Parameters
    ----------
    btc_price : float or array, optional
        USD per bitcoin. Default: the book's.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        USD per PH/s-day.

    Raises
    ------
    ValuationError
        For a negative btc_price, or a missing fact of the network.

    Notes
    -----
    coins a day x BTC price x (1 + fee share) / network hashrate, in PH/s.

    Examples
    --------
    450 coins x 109,107 USD x 1.008 / 1,019,000 PH/s.

    >>> round(hashprice(), 3)
    48.568
    """
    evaluation.use(book, btc_price=btc_price)
    revenue = revenue_per_exahash_day(
        coins_part(evaluation),
        evaluation.number("NETWORK", "btc_price"),
        evaluation.number("NETWORK", "fee_share"),
        evaluation.number("NETWORK", "network_hashrate"),
    )
    return evaluation.step(
        "hashprice",
        "coins per day x BTC price x (1 + fee share) / network hashrate",
        revenue / PETAHASHES_PER_EXAHASH,
        "USD/PH/s-day",
    )


def opportunity(book: Book | None = None) -> float:
    """Value of all coins of the four-year horizon at the book's price, before fees, in USD bn.

    Parameters
    ----------
    book : Book, optional
        Facts to read; the shipped book when left out.

    Returns
    -------
    float
        USD billions.

    Examples
    --------
    537,300 coins x 109,107 USD.

    >>> round(opportunity(), 2)
    58.62
    """
    facts = book_or_default(book)
    return finite(book_periods(facts).coins * facts.number("NETWORK", "btc_price") / 1e9)
