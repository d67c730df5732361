"""Debt, convertible notes and warrants of one miner, and the prices from which they dilute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.errors import missing
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Instruments:
    """Corporate instruments of one miner, each by the share price from which it dilutes.

    The arrays have one element per price. A capped call, when it is counted, has two: from its
    strike to its cap it takes back what the note gives.
    """

    loans: float | None
    """Principal of debt that cannot convert, USD M; None when there is no debt instrument."""
    principal: float
    """Principal of convertible notes, USD M."""
    names: tuple[str, ...]
    conversion_price: Array
    """Principal over shares of a note, strike of a warrant, USD per share."""
    shares: Array
    """Shares that share in the value above that price, M shares; those of a capped call less."""
    converted: Array
    """Principal that leaves debt above that price (if-converted method), USD M."""
    exercised: Array
    """Shares that pay their strike above that price (treasury-stock method), M shares."""
    counted: Array
    """Whether the shares join the share count; those of a capped call do not."""


CORPORATE: Final = "corporate"
"""Recourse of what stands against the whole miner; the debt of a project is in the value per MW."""

NO_INSTRUMENTS: Final = Instruments(None, 0.0, (), *np.zeros((5, 0)))
"""A miner without debt, notes or warrants."""


def corporate_instruments(book: Book, ticker: str) -> list[Row]:
    """Give the instruments that stand against the whole miner: not the debt of one project."""
    rows = book.rows_of("instruments", ticker)
    return [row for row in rows if row["recourse"] == CORPORATE]


def instruments_of(book: Book, ticker: str, capped_calls: bool = False) -> Instruments:
    """Lay out the instruments of a miner that are outstanding on the book's date.

    Project debt is left out: it is inside the value per MW. An instrument without a share count
    cannot dilute; a note without one is debt.

    Parameters
    ----------
    book : Book
        Facts to read.
    ticker : str
        The miner.
    capped_calls : bool
        Count the payoff of capped calls bought with the notes as an asset.

    Returns
    -------
    Instruments
        In file order.
    """
    loans = principal = 0.0
    has_debt = False
    names: list[str] = []
    rows: list[tuple[float, float, float, float, float]] = []
    for row in corporate_instruments(book, ticker):
        name, shares = row["instrument_id"], row["shares_m"]
        if row["kind"] == "warrant":
            if shares:
                strike = stated(ticker, row, "strike_usd")
                names.append(name)
                rows.append((strike, shares, 0.0, shares, 1.0))
            continue
        owed = stated(ticker, row, "principal_usd_m")
        has_debt = True
        if row["kind"] != "convertible" or not shares or not owed:
            loans += owed
            continue
        principal += owed
        names.append(name)
        rows.append((owed / shares, shares, owed, 0.0, 1.0))
        if capped_calls and row["capped_call_cap_usd"]:
            cap = max(row["capped_call_cap_usd"], owed / shares)
            names += [f"{name} capped call", f"{name} cap"]
            rows += [(owed / shares, -shares, 0.0, 0.0, 0.0), (cap, shares, 0.0, 0.0, 0.0)]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return Instruments(loans if has_debt else None, principal, tuple(names), *columns)


def stated(ticker: str, row: Row, column: str) -> float:
    """Give a figure of an instrument; one that is not stated is missing, never nothing."""
    if row[column] is None:
        raise missing(ticker, f"{row['instrument_id']} states no {column}")
    return float(row[column])


def record_instruments(evaluation: Evaluation, ticker: str) -> None:
    """Note each corporate instrument with its source and what makes it dilute."""
    for row in corporate_instruments(evaluation.book, ticker):
        source = (row["source"], row["issue_date"], row["confidence"])
        name, owed, shares = row["instrument_id"], row["principal_usd_m"], row["shares_m"]
        if row["kind"] == "warrant" and shares is None:
            evaluation.step(
                name, "share count not known: left out of dilution", 0.0, "M shares", *source
            )
        elif row["kind"] == "warrant":
            evaluation.step(
                name, f"warrants, strike {row['strike_usd']:g} USD", shares, "M shares", *source
            )
        elif row["kind"] == "convertible" and shares and owed:
            formula = f"converts into {shares:g} M shares above {owed / shares:.4f} USD"
            evaluation.step(name, formula, owed, "USD M", *source)
        else:
            evaluation.step(name, row["kind"], owed or 0.0, "USD M", *source)
