"""The bridge: why the target of a miner differs between two books, driver by driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from math import factorial
from typing import Any, Final

import numpy as np

from valuation_core.book import Book, Fact
from valuation_core.book.mixed import DATE, FACTS, Difference, Mixing
from valuation_core.company import target_of
from valuation_core.drivers import Driver, are_cases_of_one_book, drivers_of, steps_of_cases
from valuation_core.errors import ValuationError, domain, finite, misfit, missing
from valuation_core.evaluation.arrays import single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.ladder import to_published
from valuation_core.readings import name_in_use
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Keyword, Spill

HEADER: Final = ("driver", "change, USD per share", "target so far, USD per share")

METHODS: Final = ("order", "shapley")

MOST_BOOKS: Final = 2**15
"""Books between the two that are compared at most: some seconds."""

Line = tuple[str, float, Sequence[Difference]]
"""Name of a driver, what it changes in USD per share, and what differs."""


@shared_parameters
def bridge(
    miner: Keyword,
    from_book: BookText,
    to_book: BookText,
    method: Keyword = "order",
    *,
    evaluation: Evaluation | None = None,
) -> Spill:
    """Why a miner's target moved from one book to another, by driver in USD per share.

    Parameters
    ----------
    <miner>
    from_book : Book
        Facts before. In a cell: the handle from HPC_BOOK.
    to_book : Book
        Facts after: another date, another case, own facts.
    method : str, optional
        "order" takes one driver after the other, "shapley" averages over all orders of groups.
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        The target before, the change by each driver, the target after; then the residual and the
        published target. The changes add up exactly. A deal, site, note, loan or warrant that is
        new, changed or gone is a line of its own, before the driver it belongs to.

    Raises
    ------
    ValuationError
        For an unknown miner or method, or a missing fact that one of the targets rests on; where
        two books differ in too much to be averaged over all orders.

    Notes
    -----
    "order" takes the facts of the second book over in the order of the table; drivers act on each
    other, so in another order they would be of other sizes. Two cases of one book differ by the
    steps of HPC_LADDER. "shapley" gives each driver its average over all orders in which the
    groups network, mining, HPC, balance sheet, time and other can come, and over all orders inside
    its group [1]_ [2]_. HPC_EXPLAIN gives the facts behind each driver with their sources.

    A deal adds nothing where the edition names MW that cover it, and a note nothing as long as its
    proceeds count as cash beside it: the line "cash and debt" then takes a later balance over.

    References
    ----------
    .. [1] L. S. Shapley, "A value for n-person games", 1953.
    .. [2] G. Owen, "Values of games with a priori unions", 1977: the average over groups.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> table = bridge("RIOT", load_book("2025-09-26"), load_book("2025-11-24"))
    >>> for driver, change, so_far in table.rows:
    ...     if change != 0.0:
    ...         print(driver, "" if change is None else f"{change:+.2f}", f"{so_far:.2f}")
    target, 2025-09-26, plain  12.41
    price of bitcoin -2.42 9.99
    network -0.33 9.66
    hashrate and power cost +0.07 9.72
    coins -0.01 9.72
    value per MW +2.81 12.53
    cash and debt +0.20 12.73
    shares -0.07 12.66
    passage of time -0.10 12.56
    target, 2025-11-24, plain  12.56
    residual +4.44 17.00
    published  17.00
    """
    evaluation = evaluation or Evaluation()
    way = _method(single_value("method", method))
    first = _book("from_book", from_book)
    second = _book("to_book", to_book)
    ticker = evaluation.use(first).ticker(single_value("miner", miner))
    second.ticker(ticker)
    mixing = Mixing(first, second, ticker)
    drivers = (
        list(steps_of_cases(mixing.differences, first, second))
        if are_cases_of_one_book(first, second)
        else drivers_of(mixing.differences)
    )
    values = _Values(mixing, drivers)
    lines = list(_in_order(values) if way == "order" else _averaged(values))
    names = [f"target, {book.as_of}, {name_in_use(book)}" for book in (first, second)]
    evaluation.step(names[0], "before", values.start, "USD/share")
    rows: list[tuple[Any, ...]] = [(names[0], None, values.start)]
    so_far = values.start
    for name, change, differences in lines:
        so_far += change
        rows.append((name, change, so_far))
        if not differences:
            continue
        for one in differences:
            _explain(evaluation, one)
        evaluation.step(name, "change of the target by what is above", change, "USD/share")
    rows.append((names[1], None, values.end))
    evaluation.step(names[1], "after", values.end, "USD/share")
    return ResultTable(HEADER, (*rows, *to_published(second, ticker, values.end)))


def _method(given: Any) -> str:
    known = given.strip().casefold() if isinstance(given, str) else None
    if known not in METHODS:
        raise misfit("method", f"must be one of {', '.join(METHODS)}", given)
    return known


def _book(name: str, given: Any) -> Book:
    if not isinstance(given, Book):
        raise misfit(name, "must be a Book", given)
    return given


def _target(book: Book, ticker: str) -> float:
    with np.errstate(all="ignore"):
        found = target_of(Evaluation().use(book), ticker, Choice()).per_share
    return finite(float(found), "target")


class _Values:
    """Targets of the books between two; drivers are the bits of a number by their places."""

    def __init__(self, mixing: Mixing, drivers: Sequence[Driver]) -> None:
        self.mixing, self.drivers = mixing, drivers
        self.moving = [place for place, one in enumerate(drivers) if one.differences]
        every = sum(1 << place for place in self.moving)
        self.end = _target(mixing.second, mixing.ticker)
        self._looked_up = [every]
        self._known = {(every, every): self.end}
        self.start = self.target(0)

    def target(self, taken: int) -> float:
        """Give the target where some drivers are as in the second book.

        Books that differ in nothing that was looked up have one target, valued once.
        """
        for read in self._looked_up:
            if (found := self._known.get((read, taken & read))) is not None:
                return found
        places = [place for place in self.moving if taken >> place & 1]
        book = self.mixing.book(
            [one for place in places for one in self.drivers[place].differences]
        )
        target = _target(book, self.mixing.ticker)
        read = sum(
            1 << place
            for place in self.moving
            if not book.read.isdisjoint(one.subject for one in self.drivers[place].differences)
        )
        if read not in self._looked_up:
            self._looked_up.append(read)
        self._known[read, taken & read] = target
        return target


def _in_order(values: _Values) -> Iterator[Line]:
    """Take one driver after the other; those that give a target only together are one line."""
    before, taken = values.start, 0
    waiting: list[Driver] = []
    for place, driver in enumerate(values.drivers):
        if not driver.differences:
            yield driver.name, 0.0, ()
            continue
        taken |= 1 << place
        waiting.append(driver)
        try:
            reached = values.target(taken)
        except ValuationError:  # a fact that only one of the books has: the next ones bring it
            continue
        name = " and ".join(one.name for one in waiting)
        yield name, reached - before, [one for each in waiting for one in each.differences]
        before, waiting = reached, []


def _averaged(values: _Values) -> Iterator[Line]:
    """Average over all orders of groups of drivers, and over all orders inside each group."""
    groups: dict[str, list[int]] = {}
    for place in values.moving:
        groups.setdefault(values.drivers[place].group, []).append(1 << place)
    count = sum(2 ** (len(groups) - 1 + len(one)) for one in groups.values())
    if count > MOST_BOOKS:
        rule = f"shapley compares {MOST_BOOKS:,} books between the two at most: choose order"
        raise domain("method", rule, count)
    shares = {1 << place: 0.0 for place in range(len(values.drivers))}
    for group in groups.values():
        others = [sum(one) for one in groups.values() if one is not group]
        for outside, weight in _coalitions(others):
            for driver in group:
                for inside, part in _coalitions([one for one in group if one != driver]):
                    before = outside | inside
                    more = _between(values, before | driver) - _between(values, before)
                    shares[driver] += weight * part * more
    for place, one in enumerate(values.drivers):
        yield one.name, shares[1 << place], one.differences


def _between(values: _Values, taken: int) -> float:
    """Give the target of a book between the two, which all orders need and one may lack."""
    try:
        return values.target(taken)
    except ValuationError as error:
        rule = f"shapley meets a book between the two that has no target ({error}): choose order"
        raise missing("method", rule, reason=f"method {rule}") from None


def _coalitions(players: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Give who may come before one more player, each with the part of all orders it stands for.

    Examples
    --------
    Of two others both come first in a third of the orders, one of them alone in a sixth.

    >>> [(first, round(part, 3)) for first, part in _coalitions([1, 2])]
    [(0, 0.333), (1, 0.167), (2, 0.167), (3, 0.333)]
    """
    count = len(players)
    for size in range(count + 1):
        part = factorial(size) * factorial(count - size) / factorial(count + 1)
        for coalition in combinations(players, size):
            yield sum(coalition), part


def _explain(evaluation: Evaluation, one: Difference) -> None:
    """Note what a difference was in the first book and is in the second, each with its source."""
    if evaluation.steps is None or not (one.is_stated_anew or _is_restated(one)):
        return
    for when, stated in (("before", one.before), ("after", one.after)):
        if one.table == DATE:
            evaluation.step("date of the book", when, stated, "date")
        elif stated is None:
            evaluation.step(one.key[1], f"{when}: none", None)
        elif one.table == FACTS:
            _explain_fact(evaluation, when, stated)
        else:
            source = (stated["source"], stated["as_of"], stated["confidence"])
            evaluation.step(one.key[1], when, _said(one, stated), "", *source)


def _is_restated(one: Difference) -> bool:
    """Tell whether somebody stated the same again; what a case sets has the date of the book."""
    return not (one.table == FACTS and one.after.case)


def _explain_fact(evaluation: Evaluation, when: str, fact: Fact) -> None:
    changed = f", case {fact.case}" if fact.case else ""
    formula = f"{when}: fact of {fact.scope}{changed}"
    unit = f"{fact.unit} {fact.basis}".strip()
    source = (fact.origin, fact.as_of, fact.confidence)
    evaluation.step(fact.metric, formula, fact.value, unit, *source)


def _said(one: Difference, row: Any) -> str:
    """Say what a row about a thing states, where the other book states something else.

    Examples
    --------
    >>> from datetime import date
    >>> before = {"deal_id": "A", "term_years": 10.0, "announced": date(2025, 9, 25)}
    >>> after = {**before, "term_years": 12.0}
    >>> _said(Difference("deals", ("CIFR", "A"), before, after), after)
    'term_years 12'
    """
    parts = []
    for column in one.columns:
        value = row[column]
        if isinstance(value, float | date):
            parts.append(
                f"{column} {value:.15g}" if isinstance(value, float) else f"{column} {value}"
            )
        elif value:
            parts.append(f"{column} {value}")
    return ", ".join(parts) or "as before, of another day"
