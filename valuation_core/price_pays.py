"""What a share price pays for, in one sentence and as MW against value per MW."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.dilution import claims_of, solve
from valuation_core.domain import POSITIVE
from valuation_core.errors import ValuationError
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.hpc import Choice, capex
from valuation_core.implied import implied_mw, implied_prob
from valuation_core.parts import assets_of, sum_of
from valuation_core.published import price_of
from valuation_core.result import ResultTable

STEPS: Final = 5
"""Values per MW from low to high in the table."""

PER_BILLION: Final = 1000.0


def price_pays(
    miner: str, price: float | None = None, prob: float = 1.0, book: Book | None = None
) -> str:
    """Say what a share price pays for.

    Parameters
    ----------
    miner : str
        Ticker, name or alias.
    price : float, optional
        USD per share. Default: the price in use.
    prob : float, optional
        Probability that the MW are let. Default: 1.
    book : Book, optional
        Facts to read.

    Returns
    -------
    str
        One sentence. Where the price is below the value without the option, it says so.

    Raises
    ------
    ValuationError
        For an unknown miner, a price not above 0 or a missing fact.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> book = load_book(case="reconstruction")
    >>> price_pays("IREN", book=book)
    'IREN at 46.29 pays for 1,377 MW gross let for certain (1,059 critical), 10.6 USD bn of capex; \
one tenant has taken 800 so far'
    >>> price_pays("IREN", 5.0, book=book)
    'IREN at 5.00 pays for no MW: it is below the 10.42 that a share is worth without the option'
    """
    facts = book_or_default(book)
    ticker = facts.ticker(miner)
    paid = price_of(facts, ticker).value if price is None else price
    evaluation = Evaluation().use(facts)
    evaluation.argument("price", paid, "USD/share", POSITIVE)
    without = value_without_option(facts, ticker)
    if paid < without:
        return (
            f"{ticker} at {paid:,.2f} pays for no MW: it is below the {without:,.2f} that a share "
            "is worth without the option"
        )
    gross = float(implied_mw(ticker, paid, prob, book=facts))
    critical = gross / evaluation.number(ticker, "gross_to_critical")
    cost = float(capex(gross, book=facts)) / PER_BILLION
    certain = "for certain" if prob == 1.0 else f"at {prob:.0%}"
    # What has been taken is a fact, whatever a case assumes of the next tenants.
    taken = Evaluation().use(facts.plain).gross(ticker, "tenant_cap")
    return (
        f"{ticker} at {paid:,.2f} pays for {gross:,.0f} MW gross let {certain} "
        f"({critical:,.0f} critical), {cost:,.1f} USD bn of capex; "
        f"one tenant has taken {taken:,.0f} so far"
    )


def value_without_option(book: Book, ticker: str) -> float:
    """Give the value per share without the option and without MW that an edition names.

    Examples
    --------
    RIOT's plain value of 12.41 less 4.99 of option.

    >>> from valuation_core import load_book
    >>> round(value_without_option(load_book(), "RIOT"), 2)
    7.41
    """
    evaluation = Evaluation().use(book)
    parts = assets_of(evaluation, ticker, Choice(), with_option=False, with_named=False)
    claims = claims_of(evaluation, ticker)
    return float(solve(claims, sum_of(parts) - claims.debt).per_share)


def mw_by_value(
    miner: str,
    price: float | None = None,
    prob: float = 1.0,
    basis: str = "gross",
    mw: float | None = None,
    cap: float | None = None,
    book: Book | None = None,
) -> ResultTable:
    """Set the MW that a price pays for against the value per MW, from low to high.

    Parameters
    ----------
    miner : str
        Ticker, name or alias.
    price : float, optional
        USD per share. Default: the price in use.
    prob : float, optional
        Probability that the MW are let. Default: 1.
    basis : str, optional
        "gross" or "critical": the basis of MW and value per MW.
    mw, cap : float, optional
        MW of the miner's own, and MW that one tenant takes, for the probability. Default: the
        book's.
    book : Book, optional
        Facts to read.

    Returns
    -------
    ResultTable
        Value per MW, MW, their capex, and the probability that the miner's own MW would need. A
        figure that cannot be given is an error. Signed deals stay at the value in use.

    Raises
    ------
    ValuationError
        For an unknown miner or basis, or a missing fact of the framework.

    Examples
    --------
    >>> for value, mw, *_ in mw_by_value("IREN").rows:
    ...     print(f"{value:.3f}: {mw:,.0f} MW")
    3.700: 3,476 MW
    4.925: 2,611 MW
    6.150: 2,091 MW
    7.375: 1,744 MW
    8.600: 1,495 MW
    """
    facts = book_or_default(book)
    ticker = facts.ticker(miner)
    evaluation = Evaluation().use(facts)
    to_gross = float(evaluation.gross_per_basis(basis, ticker))
    low, high = (
        float(evaluation.gross(ticker, f"colo_value_{end}")) * to_gross for end in ("low", "high")
    )
    values = np.linspace(low, high, STEPS)
    given: dict[str, Any] = {"miner": ticker, "price": price, "per_mw": values, "basis": basis}
    paid_for = _column(implied_mw.evaluate({**given, "prob": prob, "book": facts}))
    odds = _column(implied_prob.evaluate({**given, "mw": mw, "cap": cap, "book": facts}))
    rows = []
    for value, power, chance in zip(values.tolist(), paid_for, odds, strict=True):
        cost = power
        if not isinstance(power, ValuationError):
            cost = float(capex(power, basis=basis, book=facts))
        rows.append((value, power, cost, chance))
    unit = f"MW {basis.strip().casefold()}"
    header = (f"USD M per {unit}", unit, "capex, USD M", "probability of its own MW")
    return ResultTable(header, tuple(rows))


def _column(elements: Any) -> list[float | ValuationError]:
    """Give the figures of a column, each the reason instead where it cannot be given."""
    return [
        elements.error_at((at,)) or float(elements.values[at])
        for at in range(elements.values.shape[-1])
    ]
