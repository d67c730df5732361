"""The ladder from the plain target to a case and on to the published one; the cases there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from valuation_core.book import OWN, Book
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.tables import Row, table_of
from valuation_core.errors import ValuationError
from valuation_core.evaluation.arrays import single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.published import published_figure
from valuation_core.result import ResultTable
from valuation_core.target import target
from valuation_core.units import BookText, Keyword, Spill

HEADER: Final = ("step", "change, USD per share", "target so far, USD per share")
CASES_HEADER: Final = (
    "case", "scope", "metric", "change", "value", "unit", "basis", "facts changed", "source",
    "confidence", "note",
)  # fmt: skip

ROLL_FORWARD: Final = "cost_of_equity"
"""What rolls a target forward comes last of a case: it acts on everything before it."""


@shared_parameters
def ladder(miner: Keyword, book: BookText | None = None) -> Spill:
    """Steps from a miner's plain target to that of the case, and to the published one.

    Parameters
    ----------
    <miner>
    <book>

    Returns
    -------
    ResultTable
        The plain target, each change of the book's case in its order, own facts, the roll-forward,
        the residual and the published target. The changes add up exactly.

    Raises
    ------
    ValuationError
        For an unknown miner, or a missing fact that a target rests on.

    Notes
    -----
    One change is made at a time, in the order of the case's rows; what rolls the target forward
    comes after them and after own facts. In another order the steps would be of other sizes.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> for step, change, so_far in ladder("RIOT", load_book(case="reconstruction")).rows:
    ...     print(step, "" if change is None else f"{change:+.2f}", f"{so_far:.2f}")
    plain  12.41
    colo_value_position set to 1 +1.99 14.39
    guided_hashrate_share set to 1 +0.31 14.71
    land_power_value set to 1.18 +3.18 17.89
    own facts +0.00 17.89
    roll-forward +1.78 19.67
    residual -0.67 19.00
    published  19.00
    """
    facts = book_or_default(book)
    ticker = Evaluation().use(facts).ticker(single_value("miner", miner))
    changes = [row for row in facts.changes if row["scope"] in (MARKET_WIDE, NETWORK, ticker)]
    before = [row for row in changes if row["metric"] != ROLL_FORWARD]
    steps = [("plain", facts.plain)]
    for count, row in enumerate(before, start=1):
        steps.append((described(row), facts.plain.with_changes(before[:count])))
    steps.append(("own facts", _with_own_but_roll_forward(facts, before)))
    steps.append(("roll-forward", facts))
    rows: list[tuple[Any, ...]] = []
    so_far: float | None = None
    for name, one in steps:
        reached = target(ticker, book=one)
        rows.append((name, None if so_far is None else reached - so_far, reached))
        so_far = float(reached)
    return ResultTable(HEADER, (*rows, *to_published(facts, ticker, so_far)))


def _with_own_but_roll_forward(book: Book, changes: Sequence[Row]) -> Book:
    """Give the plain book with changes and the own facts, but those that roll forward."""
    kept = [
        row
        for row in book.tables["inputs"].rows()
        if row["confidence"] != OWN or row["metric"] != ROLL_FORWARD
    ]
    own = Book(book.as_of, {**book.tables, "inputs": table_of("inputs", kept)})
    return own.with_changes(changes)


def to_published(book: Book, ticker: str, reached: float | None) -> list[tuple[Any, ...]]:
    """Give what is left from a target to the published one, and that one."""
    try:
        stated: Any = float(published_figure(book, ticker, "target"))
    except ValuationError as error:
        return [("residual", error, error), ("published", None, error)]
    left = None if reached is None else stated - reached
    return [("residual", left, stated), ("published", None, stated)]


def described(change: Row) -> str:
    """Say a change of a case in words.

    Examples
    --------
    >>> from valuation_core import load_book
    >>> [described(row) for row in load_book(case="bear").changes][1::5]
    ['hpc_probability times 0.25', 'btc_price times 0.7']
    """
    scope = "" if change["scope"] in (MARKET_WIDE, NETWORK) else f"{change['scope']} "
    value = change["value"]
    shown = value.isoformat() if isinstance(value, date) else f"{value:.15g}"
    verb = "times" if change["change"] == "times" else "set to"
    return f"{scope}{change['metric']} {verb} {shown}"


@shared_parameters
def cases(book: BookText | None = None) -> Spill:
    """Changes of every case of the book.

    Parameters
    ----------
    <book>

    Returns
    -------
    ResultTable
        One row a change, with the number of facts that it changes on the book's date; 0 where the
        fact is missing, so that it has no effect. The plain case has no changes.

    Raises
    ------
    ValuationError
        For a book that is none.

    Examples
    --------
    >>> [row[:5] for row in cases().rows][:2]
    [('reconstruction', 'ALL', 'colo_value_position', 'set', 1.0), \
('reconstruction', 'ALL', 'guided_hashrate_share', 'set', 1.0)]
    """
    facts = book_or_default(book)
    rows = []
    for change, count in facts.facts_changed():
        head = (change[name] for name in CASES_HEADER[:7])
        rows.append((*head, float(count), change["source"], change["confidence"], change["note"]))
    return ResultTable(CASES_HEADER, tuple(rows))
