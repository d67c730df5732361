"""A signed deal as a lease on its own terms: what each critical MW of it is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.deal_metrics import BOOKS_AT_HAND, deal_row, rows_by_deal
from valuation_core.domain import NOT_NEGATIVE, YEARLY_RATE
from valuation_core.errors import ValuationError, misfit, missing
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.by_miner import of_each_miner
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.lease import TERMS, in_chunks, on_critical_mw
from valuation_core.lease_cashflows import present_value
from valuation_core.signed import colocation_deals
from valuation_core.units import (
    DAYS_A_YEAR,
    BookText,
    Fraction,
    FractionPerYear,
    Keyword,
    Number,
    UsdPerMw,
)

NEVER_STATED: Final = ("debt_years", "exit_cap_rate")
"""Terms that the table of deals has no column for: the book's lease gives them to every deal."""


class Terms(NamedTuple):
    """Terms of one deal, and which of them the book gave for want of the deal's own."""

    lease: dict[str, Any]
    """By the names of `lease_flows`."""
    mw: Number
    """Critical MW."""
    assumed: tuple[str, ...]


def terms_of(evaluation: Evaluation, row: Row, exit_cap_rate: Any = None) -> Terms:
    """Give the terms of a deal as a lease.

    First-year rent is what the revenue of the term comes to when it rises by the escalator; margin
    and capex are the middle of what is stated. What a deal does not state the book's lease gives.
    """
    if row["kind"] != "colo":
        raise misfit(row["deal_id"], "is a contract of the cloud, not a lease")
    assumed: list[str] = []

    def own(name: str, stated: Any, metric: str) -> Number:
        if stated is not None:
            source = (row["source"], row["announced"], row["confidence"])
            return evaluation.step(name, f"of {row['deal_id']}", stated, "", *source)
        assumed.append(name)
        return on_critical_mw(evaluation, metric)

    years = own("lease_years", row["term_years"], "lease_years")
    evaluation.whole_years("term_years", years)
    escalator = own("escalator", row["escalator"], "lease_escalator")
    mw = _critical_mw(evaluation, row)
    rent = None
    if row["revenue_usd_m"] is not None and row["term_years"] is not None:
        rent = row["revenue_usd_m"] / (mw * _sum_of_rents(escalator, years))
    margin, capex = (
        _middle(row[f"{name}_low{tail}"], row[f"{name}_high{tail}"])
        for name, tail in (("noi_margin", ""), ("capex", "_usd_m_per_critical_mw"))
    )
    build = None
    if row["in_service"] is not None:
        build = max((row["in_service"] - evaluation.book.as_of).days, 0) / DAYS_A_YEAR
        longest = TERMS["build_years"][1]
        evaluation.require(longest.holds(build), "build_years", longest.rule, build)
    cap_rate = exit_cap_rate
    if cap_rate is None:
        cap_rate = on_critical_mw(evaluation, "lease_exit_cap_rate")
    debt_years = on_critical_mw(evaluation, "lease_debt_years")
    evaluation.whole_years("lease_debt_years", debt_years)
    lease = {
        "rent": own("rent", rent, "lease_rent"),
        "escalator": escalator,
        "noi_margin": own("noi_margin", margin, "lease_noi_margin"),
        "capex": own("capex", capex, "capex_per_mw"),
        "loan_to_cost": own("loan_to_cost", row["loan_to_cost"], "lease_loan_to_cost"),
        "debt_rate": own("debt_rate", row["debt_rate"], "lease_debt_rate"),
        "debt_years": debt_years,
        "lease_years": years,
        "build_years": own("build_years", build, "lease_build_years"),
        "exit_cap_rate": cap_rate,
    }
    return Terms(lease, mw, tuple(assumed))


def _critical_mw(evaluation: Evaluation, row: Row) -> Number:
    if row["mw_critical"] is not None:
        return float(row["mw_critical"])
    if row["mw_gross"] is None:
        raise missing(row["ticker"], f"deal {row['deal_id']} states no MW")
    ratio = evaluation.number(row["ticker"], "gross_to_critical")
    return evaluation.step(
        "critical MW", "gross MW / gross_to_critical", row["mw_gross"] / ratio, "MW critical"
    )


def _sum_of_rents(escalator: Any, years: Any) -> Number:
    """Rents of a term over the first one: the sum of (1 + escalator)^(y - 1)."""
    flat = np.equal(escalator, 0.0)
    safe = np.where(flat, 1.0, escalator)
    return np.where(flat, years, np.expm1(years * np.log1p(safe)) / safe)[()]


def _middle(low: float | None, high: float | None) -> float | None:
    """Give the middle of a range; where only one end is stated, that one."""
    stated = [end for end in (low, high) if end is not None]
    return sum(stated) / len(stated) if stated else None


class Leases(NamedTuple):
    """Terms of all deals of a book side by side, for figures of many deals at once."""

    places: Mapping[str, int]
    """By identity, also in lower case: where a deal stands in the columns."""
    errors: Mapping[str, ValuationError]
    """By identity in lower case: why a deal has no place."""
    lease: Mapping[str, Array]
    mw: Array
    book: Book

    def places_of(self, evaluation: Evaluation, deals: Array) -> Array:
        """Find deals by their identities, in any letter case; what is wrong with one is its own."""
        found = [self.places.get(deal) for deal in deals.ravel().tolist()]
        if None in found:
            return np.asarray(evaluation.each(self._place, deals))
        return np.array(found, dtype=np.float64).reshape(deals.shape)

    def _place(self, deal: str) -> int:
        row = deal_row(self.book, deal)
        if (error := self.errors.get(row["deal_id"].casefold())) is not None:
            raise error
        return self.places[row["deal_id"]]

    def at(self, places: Any) -> Terms:
        """Give the terms of the deals at some places as arrays; without a place they are NaN."""
        chosen = np.where(np.isfinite(places), places, -1).astype(np.intp)
        lease = {name: column[chosen] for name, column in self.lease.items()}
        return Terms(lease, self.mw[chosen], ())


@lru_cache(maxsize=2 * BOOKS_AT_HAND)
def leases_of(book: Book, exit_cap_rate: float | None = None) -> Leases:
    """Lay the terms of all deals of a book out side by side, once for a book.

    Parameters
    ----------
    book : Book
        Facts to read.
    exit_cap_rate : float, optional
        In place of the book's.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> leases = leases_of(load_book("2025-11-24"))
    >>> float(leases.lease["lease_years"][leases.places["CIFR-fluidstack-barber-lake"]])
    10.0
    """
    places: dict[str, int] = {}
    errors: dict[str, ValuationError] = {}
    found: list[Terms] = []
    for name, row in rows_by_deal(book).items():
        try:
            # What is wrong with one deal is an error of it alone.
            terms = terms_of(Evaluation().use(book), row, exit_cap_rate)
        except ValuationError as error:
            errors[name] = error
        else:
            places[name] = places[row["deal_id"]] = len(found)
            found.append(terms)
    # At the end stands what a place of none gives.
    lease = {name: np.array([*(one.lease[name] for one in found), np.nan]) for name in TERMS}
    mw = np.array([*(one.mw for one in found), np.nan])
    return Leases(places, errors, lease, mw, book)


def value_of_lease(terms: Terms, equity_return: Any) -> Number:
    """Give the equity value of a deal, in USD M per critical MW."""
    (value,) = in_chunks(terms.lease, equity_return, lambda flows, k: (present_value(flows, k),))
    return value


def taken_from_book(book: Book, deals: Iterable[str]) -> dict[tuple[str, float], tuple[str, ...]]:
    """Tell which terms the book gave for want of the deal's own, and for which deals.

    Parameters
    ----------
    book : Book
        Facts to read.
    deals : iterable of str
        Identities of deals; one that is no lease, or states too little to be one, is left out.

    Returns
    -------
    dict
        Deals by term and its value there. They count as of low confidence, whatever the book's
        own: what holds for a usual lease is no fact of this one.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> taken = taken_from_book(load_book(), ["CIFR-fluidstack-barber-lake"])
    >>> [f"{term} {value}" for term, value in taken][:2]
    ['escalator 0.03', 'loan_to_cost 0.8']
    """
    found: dict[tuple[str, float], tuple[str, ...]] = {}
    for deal in deals:
        row = deal_row(book, deal)
        with suppress(ValuationError):
            terms = terms_of(Evaluation().use(book), row)
            for term in (*terms.assumed, *NEVER_STATED):
                key = (term, float(terms.lease[term]))
                found[key] = (*found.get(key, ()), row["deal_id"])
    return found


def by_lease_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the signed colocation deals of resolved tickers, each on its own terms, in USD M."""

    def sound(evaluation: Evaluation, one: str) -> None:
        for row in colocation_deals(evaluation.book, one):
            terms_of(evaluation, row)

    return of_each_miner(evaluation, ticker, _of_ticker, sound)


def _of_ticker(evaluation: Evaluation, ticker: str) -> Number:
    total: Any = 0.0
    for row in colocation_deals(evaluation.book, ticker):
        equity_return = evaluation.number("ALL", "lease_equity_return")
        terms = terms_of(evaluation, row)
        value = value_of_lease(terms, equity_return)
        total = total + record(evaluation, row, terms, value, equity_return) * terms.mw
    return evaluation.step("signed by lease", "critical MW x value of each lease", total, "USD M")


def record(
    evaluation: Evaluation, row: Row, terms: Terms, value: Number, equity_return: Any
) -> Number:
    """Note the value of a deal per critical MW, what the book gave, and what the exit adds."""
    if evaluation.steps is not None and terms.assumed:
        listed = ", ".join(terms.assumed)
        formula = "terms that the deal does not state: taken from the book"
        source = ("assumption", evaluation.book.as_of, "low")
        evaluation.step(
            f"{row['deal_id']}: {listed}", formula, float(len(terms.assumed)), "", *source
        )
    if evaluation.steps is not None and np.all(np.greater(np.abs(value), 0.0)):
        base = terms._replace(lease={**terms.lease, "exit_cap_rate": 0.0})
        after = value - value_of_lease(base, equity_return)
        name = f"{row['deal_id']}: value after the base term"
        evaluation.step(name, "value less that without an exit", after, "USD M/MW critical")
    formula = "cash flows to equity on the deal's own terms"
    return evaluation.step(row["deal_id"], formula, value, "USD M/MW critical")


@elementwise
def deal_value(
    evaluation: Evaluation,
    deal: Keyword,
    equity_return: FractionPerYear | None = None,
    exit_cap_rate: Fraction | None = None,
    book: BookText | None = None,
) -> UsdPerMw:
    """Equity value of a signed lease on its own terms, in USD millions per critical MW.

    Parameters
    ----------
    deal : str or array
        Identity of the deal, such as "CIFR-fluidstack-barber-lake"; HPC_DEALS lists them.
    equity_return : float or array, optional
        Yearly return asked for. Default: the book's lease_equity_return.
    exit_cap_rate : float or array, optional
        Cap rate on the income of the year after the term; 0 = no exit. Default: the book's.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        USD M per critical MW, after capex and debt.

    Raises
    ------
    ValuationError
        For an unknown deal, a contract of the cloud, a deal that states no MW, a term of part of a
        year, a return below -0.99 or a negative exit_cap_rate.

    Notes
    -----
    First-year rent = revenue / (MW x sum of (1 + escalator)^(y - 1)); NOI margin and capex are the
    middle of the stated range; loan to cost, debt rate and escalator the deal's; the build ends on
    in_service. What a deal does not state the book's lease gives; the explanation lists it.

    Examples
    --------
    3,000 USD M over ten years on 168 MW: a first-year rent of 1.56 on 10 of capex.

    >>> round(deal_value("CIFR-fluidstack-barber-lake"), 2)
    6.51
    """
    evaluation.use(book)
    if equity_return is None:
        equity_return = evaluation.number("ALL", "lease_equity_return")
    else:
        equity_return = evaluation.argument(
            "equity_return", equity_return, "fraction/year", YEARLY_RATE
        )
    if exit_cap_rate is not None:
        exit_cap_rate = evaluation.argument(
            "exit_cap_rate", exit_cap_rate, "fraction", NOT_NEGATIVE
        )
    names = evaluation.text("deal", deal)
    if not isinstance(names, np.ndarray):
        return _value(evaluation, names, equity_return, exit_cap_rate)
    # An exit that is given takes the place of the book's, which may lack one.
    leases = leases_of(evaluation.book, None if exit_cap_rate is None else 0.0)
    terms = leases.at(leases.places_of(evaluation, names))
    if exit_cap_rate is not None:
        terms.lease["exit_cap_rate"] = exit_cap_rate
    return value_of_lease(terms, equity_return)


def _value(evaluation: Evaluation, name: str, equity_return: Any, exit_cap_rate: Any) -> Number:
    row = deal_row(evaluation.book, name)
    terms = terms_of(evaluation, row, exit_cap_rate)
    value = value_of_lease(terms, equity_return)
    return record(evaluation, row, terms, value, equity_return)
