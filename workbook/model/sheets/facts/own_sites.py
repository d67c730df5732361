"""Sites for which you can state a probability, and where it is typed: on Pipeline.

Each site that offers MW on any date has a row of its name, so that a value stays with its site
whichever sites count on the date of the workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from valuation_core.book import OWN, Book
from valuation_core.book.own import PROBABILITY
from valuation_core.book.schema import folded
from valuation_core.book.tables import Row
from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, NA, ZERO, Span, Term, text
from workbook.model.lines import FIRST_COLUMN, HEADER_ROW
from workbook.model.sheets.facts.keys import picked, row_of

PIPELINE: Final = "Pipeline"
"""The sheet on which the probabilities are typed."""

FIRST_OF_PIPELINE: Final = HEADER_ROW + 2
"""Row of the first of them there."""

NONE_STATED: Final = text("-")


@dataclass(frozen=True)
class OwnSite:
    """A site for which a probability can be stated."""

    ticker: str
    site: str

    @property
    def scope(self) -> str:
        """What an own fact of the site is stated of."""
        return f"{self.ticker}/{self.site}"


@dataclass(frozen=True)
class OwnSites:
    """The rows of Inputs that hold own probabilities of sites."""

    sites: tuple[OwnSite, ...]
    rows: Span
    """By site its row in the table of sites, 0 where it is not known on the date."""
    values: Span
    valid: Span

    def of_row(self, row: Term) -> Term:
        """Give the own probability of the site in a row of the table; "-" where none is stated."""
        if not self.sites:
            return NONE_STATED
        place = row_of(row, self.rows)
        own = picked(self.values, place)
        stated = IF(own.equals(BLANK), NONE_STATED, IF(picked(self.valid, place), own, NA))
        return IF(place > ZERO, stated, NONE_STATED)


def own_sites_of(rows: Sequence[Row], tickers: Sequence[str]) -> tuple[OwnSite, ...]:
    """Give the sites of some miners that offer MW in any of the rows of the table of sites."""
    found: dict[tuple[str, str], OwnSite] = {}
    for row in rows:
        if row["hpc_mw_offered"] and row["ticker"] in tickers:
            key = (row["ticker"], folded(row["site"]))
            found.setdefault(key, OwnSite(row["ticker"], row["site"]))
    return tuple(sorted(found.values(), key=lambda one: tickers.index(one.ticker)))


def own_probability(book: Book, one: OwnSite) -> float | None:
    """Give the probability that the analyst states for a site."""
    row = _in_force(book, one)
    return row["hpc_probability"] if row is not None and row["confidence"] == OWN else None


def read_by_functions(book: Book, one: OwnSite) -> tuple[str, str, float | None]:
    """Give the row of a site as HPC_BOOK reads it: blank where the site is not known."""
    if _in_force(book, one) is None:
        return "", "", None
    return one.scope, PROBABILITY, own_probability(book, one)


def _in_force(book: Book, one: OwnSite) -> Row | None:
    rows = book.rows_of("sites", one.ticker)
    return next((row for row in rows if folded(row["site"]) == folded(one.site)), None)


def typed_at(sites: Sequence[OwnSite], one: OwnSite, tickers: Sequence[str]) -> Ref:
    """Give the cell of Pipeline in which the probability of a site is typed."""
    row, column = FIRST_OF_PIPELINE + sites.index(one), FIRST_COLUMN + tickers.index(one.ticker)
    return Ref(PIPELINE, row, column, row, column)
