"""The sector: series as published, power by status, the moves of an edition's day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from valuation_core.book import Book
from valuation_core.errors import missing, unknown
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Figure, Keyword

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?!\S)", re.ASCII)

NEWEST: Final = ""
ANY: Final = ""


@elementwise
@shared_parameters
def series(
    evaluation: Evaluation,
    series: Keyword,
    period: Keyword | None = None,
    scope: Keyword | None = None,
    book: BookText | None = None,
) -> Figure:
    """Value of a sector series, in the unit it was published in.

    Parameters
    ----------
    series : str or array
        Name of the series, such as "aggregate_market_cap".
    period : str or array, optional
        The period as the book writes it, such as "2025-08". Default: the one that ends last.
    scope : str or array, optional
        What the value is of, such as "NETWORK". Default: the only one there is.
    <book>

    Returns
    -------
    float or array
        As published; HPC_EXPLAIN shows the unit. Several scopes without a choice are an error.

    Raises
    ------
    ValuationError
        For an unknown series, period or scope, several scopes without a choice, or a period without
        a value.

    Examples
    --------
    >>> series("aggregate_market_cap", "2025-08")  # USD bn
    39.1
    """
    evaluation.use(book)

    def look_up(name: str, period: str, scope: str) -> float:
        row = series_row(evaluation.book, name, period, scope)
        source = (row["source"], row["as_of"], row["confidence"])
        label = f"{row['series']} of {row['period']}"
        value: float = row["value"]
        return evaluation.step(label, f"series of {row['scope']}", value, row["unit"], *source)

    return evaluation.each(
        look_up,
        evaluation.text("series", series),
        evaluation.text("period", NEWEST if period is None else period),
        evaluation.text("scope", ANY if scope is None else scope),
    )


def series_row(book: Book, name: str, period: str, scope: str) -> dict[str, Any]:
    """Find the row of a series.

    Raises
    ------
    ValuationError
        For an unknown series, period or scope, or several scopes to choose from.
    """
    rows = list(book.in_force["market"].rows())
    found = [row for row in rows if row["series"].casefold() == name.strip().casefold()]
    if not found:
        raise unknown("series", name, sorted({row["series"] for row in rows}))
    wanted = scope.strip().casefold()
    scopes = sorted({row["scope"] for row in found})
    if wanted:
        known = found
        found = [row for row in known if row["scope"].casefold() == wanted]
        if not found:
            raise missing("scope", f"is none of {'; '.join(scopes)}", scope)
    if period.strip():
        periods = [row["period"] for row in found]
        found = [row for row in found if row["period"].casefold() == period.strip().casefold()]
        if not found:
            raise missing("period", f"is none of {'; '.join(periods)}", period)
    scopes = sorted({row["scope"] for row in found})
    if len(scopes) > 1:
        raise missing("scope", f"must be chosen from {'; '.join(scopes)}")
    row = max(found, key=_newest)
    if row["value"] is None:
        raise missing(name, f"no value for {row['period']}")
    return row


def _newest(row: dict[str, Any]) -> tuple[Any, ...]:
    """Order values of a series by the end of their period, whatever the order of the rows.

    A period begins with its year, month or day; of those that end together the later stated one
    counts. A period in other words goes by the day it was stated on.
    """
    stated: date = row["as_of"]
    found = _PERIOD.match(row["period"])
    year, month, day = (int(part or 99) for part in found.groups()) if found else (
        stated.year, stated.month, stated.day,
    )  # fmt: skip
    return (year, month, day), stated, row["period"]


def power_by_status(book: Book | None = None) -> ResultTable:
    """Gross MW of the sites of the book by status, ownership applied.

    Rows inside of another row are details of it and not added. Sites that state no gross MW are
    counted, not added.

    Parameters
    ----------
    book : Book, optional
        Facts to read; the shipped book when left out.

    Returns
    -------
    ResultTable
        Status, MW gross owned, sites added, sites without gross MW.

    Examples
    --------
    >>> table = power_by_status()
    >>> table.header[:2], table.rows[0][0]
    (('status', 'MW gross owned'), 'operating')
    """
    facts = book_or_default(book)
    totals: dict[str, list[float]] = {}
    known = {(row["ticker"], row["site"]) for row in facts.in_force["sites"].rows()}
    for row in facts.in_force["sites"].rows():
        if (row["ticker"], row["part_of"]) in known:
            continue  # a detail of another row that is known too
        total = totals.setdefault(row["status"], [0.0, 0, 0])
        if row["mw_gross"] is None:
            total[2] += 1
        else:
            total[0] += row["mw_gross"] * row["ownership"]
            total[1] += 1
    rows = sorted(totals.items(), key=lambda item: -item[1][0])
    header = ("status", "MW gross owned", "sites added", "sites without gross MW")
    return ResultTable(header, tuple((status, *total) for status, total in rows))
