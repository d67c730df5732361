"""The scorecard: how each case does on the bank's editions, beside naive forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from valuation_core.book import PLAIN, Book
from valuation_core.book.cases import case_named, case_names
from valuation_core.book.schema import BANK
from valuation_core.book.tables import Row, Tables
from valuation_core.errors import ValuationError, kept, missing
from valuation_core.published import price_of, rule_rating
from valuation_core.result import ResultTable
from valuation_core.target import target

CHOSEN_ON: Final = {"reconstruction": date(2025, 9, 26)}
"""Editions on which the choice of a case was made: no evidence for it."""

WEAK: Final = {
    "reconstruction": "weak where the top of the range is worth the book's equity return only to a "
    "tenant better than the shipped lease, and circular for RIOT in the value of land"
}
"""Where a case is weak, told beside its figures."""

LAST_TARGET: Final = "last published target"
PRICE_AHEAD: Final = "price x 1.1"
A_YEAR_AHEAD: Final = 1.1
"""What the naive forecast lets a price rise by."""

SUMMARY_HEADER: Final = (
    "edition", "forecast", "names", "median error", "worst error", "ratings met", "chosen on it",
)  # fmt: skip
DETAIL_HEADER: Final = (
    "edition", "ticker", "published target", "published rating", "forecast", "target", "error",
    "rule",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """One forecast of one published target."""

    edition: date
    ticker: str
    published: float
    published_rating: str
    forecast: str
    """Name of a case, or of a naive forecast."""
    figure: float | ValuationError
    """USD per share, or why there is none."""
    rule: str | None
    """Rating that the rule gives the figure; None without a price or thresholds."""

    @property
    def error(self) -> float | None:
        """Part of the published target by which the forecast misses it."""
        if isinstance(self.figure, ValuationError):
            return None
        return self.figure / self.published - 1.0


def scores(tables: Tables, cases: Sequence[str] | None = None) -> list[Score]:
    """Forecast the targets of every edition of the bank, with the facts of its own day.

    Parameters
    ----------
    tables : mapping of str to Table
        Every row, later ones too: each edition sees those known by its date.
    cases : sequence of str, optional
        Names of cases; every case when left out.

    Returns
    -------
    list of Score
        By edition, ticker and forecast: the cases, the last published target and the price x 1.1.

    Raises
    ------
    ValuationError
        For an unknown case.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> found = scores(shipped_tables(), ["reconstruction"])
    >>> [f"{one.ticker} {one.figure:.2f}" for one in found if one.edition == date(2025, 9, 26)][:3]
    ['RIOT 19.67', 'RIOT 15.00', 'RIOT 18.41']
    """
    chosen = [case_named(tables, case) for case in cases or case_names(tables)]
    return [score for day in editions_of(tables) for score in _of_edition(tables, day, chosen)]


def editions_of(tables: Tables) -> list[date]:
    """Give the days of the bank's editions, oldest first."""
    rows = tables["editions"].rows()
    return sorted({row["edition_date"] for row in rows if row["broker"] == BANK})


def rows_of_edition(tables: Tables, day: date) -> list[Row]:
    """Give the bank's rows of a day that state a target, in file order."""
    return [
        row
        for row in tables["editions"].rows()
        if row["broker"] == BANK and row["edition_date"] == day and row["new_target"]
    ]


def modelled(book: Book, tickers: Sequence[str]) -> list[float | ValuationError]:
    """Give the targets of tickers, or why there is none."""
    try:
        made = target.evaluate({"miner": np.array(tickers, dtype=object), "book": book})
    except ValuationError as error:  # a fact of the network is missing
        return [error] * len(tickers)
    return [made.error_at((at,)) or float(made.values[at]) for at in range(len(tickers))]


def _of_edition(tables: Tables, day: date, cases: Sequence[str]) -> Iterator[Score]:
    rows = rows_of_edition(tables, day)
    tickers = [row["ticker"] for row in rows]
    columns: dict[str, list[float | ValuationError]] = {}
    books: dict[str, Book] = {}
    for case in cases:
        try:
            books[case] = Book.at(tables, day, case)
            columns[case] = modelled(books[case], tickers)
        except ValuationError as error:
            columns[case] = [error] * len(tickers)
    # A naive forecast knows no case: its price and its rule are those of the plain book.
    plain = next((book.plain for book in books.values()), None)
    columns[LAST_TARGET] = [_last_target(tables, row) for row in rows]
    columns[PRICE_AHEAD] = [_price_ahead(plain, row) for row in rows]
    for at, row in enumerate(rows):
        for name, figures in columns.items():
            book = books.get(name, plain)
            yield Score(
                edition=day,
                ticker=row["ticker"],
                published=row["new_target"],
                published_rating=row["new_rating"],
                forecast=name,
                figure=figures[at],
                rule=_rule(book, row["ticker"], figures[at]),
            )


def _last_target(tables: Tables, row: Row) -> float | ValuationError:
    """Give the target in force before an edition: as it states it, else that of the row before."""
    if row["old_target"]:
        return float(row["old_target"])
    earlier = [
        one
        for one in tables["editions"].rows()
        if one["broker"] == BANK
        and one["ticker"] == row["ticker"]
        and one["edition_date"] < row["edition_date"]
        and one["new_target"]
    ]
    if not earlier:
        return _none(row, "no earlier target")
    return float(max(earlier, key=lambda one: one["edition_date"])["new_target"])


def _price_ahead(book: Book | None, row: Row) -> float | ValuationError:
    if row["ref_price"]:
        return float(row["ref_price"]) * A_YEAR_AHEAD
    if book is None:
        return _none(row, "no price")
    try:
        return price_of(book, row["ticker"]).value * A_YEAR_AHEAD
    except ValuationError as error:
        return kept(error)


def _none(row: Row, why: str) -> ValuationError:
    return missing(row["ticker"], f"{why} on or before {row['edition_date']}")


def _rule(book: Book | None, ticker: str, figure: float | ValuationError) -> str | None:
    if book is None or isinstance(figure, ValuationError):
        return None
    try:
        return rule_rating(book, ticker, figure / price_of(book, ticker).value - 1.0)
    except ValuationError:
        return None


def summary(found: Sequence[Score]) -> ResultTable:
    """Give the median and the worst error by edition and forecast.

    Parameters
    ----------
    found : sequence of Score
        Of `scores`.

    Returns
    -------
    ResultTable
        Edition, forecast, names with a figure of all, median and worst error as fractions, ratings
        met of those compared, and whether the case was chosen on that edition.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> rows = summary(scores(shipped_tables(), ["plain", "reconstruction"])).rows
    >>> [(row[1], row[2], round(row[3], 3), row[5]) for row in rows[-4:]][:2]
    [('plain', '5 of 5', 0.14, '2 of 5'), ('reconstruction', '5 of 5', 0.046, '3 of 5')]
    """
    rows: list[tuple[Any, ...]] = []
    for edition, forecast in dict.fromkeys((one.edition, one.forecast) for one in found):
        group = [one for one in found if (one.edition, one.forecast) == (edition, forecast)]
        errors = [one.error for one in group if one.error is not None]
        rated = [one for one in group if one.rule is not None and one.published_rating]
        met = sum(one.rule == one.published_rating for one in rated)
        sizes = np.abs(errors)
        rows.append(
            (
                edition,
                forecast,
                f"{len(errors)} of {len(group)}",
                float(np.median(sizes)) if errors else None,
                float(errors[int(sizes.argmax())]) if errors else None,
                f"{met} of {len(rated)}" if rated else "n/a",
                "chosen on it" if CHOSEN_ON.get(forecast) == edition else "",
            )
        )
    return ResultTable(SUMMARY_HEADER, tuple(rows))


def details(found: Sequence[Score]) -> ResultTable:
    """Give every forecast of every name, or the error that says why there is none."""
    return ResultTable(
        DETAIL_HEADER,
        tuple(
            (
                one.edition, one.ticker, one.published, one.published_rating or None, one.forecast,
                one.figure, one.error, one.rule,
            )
            for one in found
        ),
    )  # fmt: skip


def case_remark(tables: Tables, case: str) -> str | None:
    """Say what a case is, how it does on the bank's editions, and where it is weak.

    Parameters
    ----------
    tables : mapping of str to Table
        Every row, later ones too.
    case : str
        Name of the case.

    Returns
    -------
    str or None
        One line to stand beside every figure of the case; nothing for the plain one.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> case_remark(shipped_tables(), "base").split("; ")[0]
    "base: an analyst's assumptions, not the bank's"
    """
    if case == PLAIN:
        return None
    chosen = CHOSEN_ON.get(case)
    rows = summary([one for one in scores(tables, [case]) if one.forecast == case]).rows
    errors = [f"{row[3]:.1%} on {row[0]}" for row in rows if row[3] is not None]
    if chosen is None:
        what = f"{case}: an analyst's assumptions, not the bank's"
        return f"{what}; median error {', '.join(errors)}" if errors else what
    here = [error for error in errors if error.endswith(chosen.isoformat())]
    elsewhere = [error for error in errors if error not in here]
    parts = [f"{case}: explains the published targets; selected on {chosen}"]
    if here:
        parts.append(f"median error {here[0]}, no evidence")
    if elsewhere:
        parts.append(f"not refitted {', '.join(elsewhere)}")
    return "; ".join((*parts, WEAK[case]))
