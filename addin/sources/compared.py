"""Where a book differs from recorded filings, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from addin.sources.edgar import TAKEN, Filed
from addin.sources.with_filings import is_rounded
from valuation_core.book import OWN, Book


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of a filing and what the book says in its place."""

    filed: Filed
    stated: float | None
    """None where the book has none."""
    as_of: date | None

    @property
    def amount(self) -> float | None:
        """The book less the filing, in the unit of the book."""
        return None if self.stated is None else self.stated - self.filed.value

    @property
    def share(self) -> float | None:
        """The difference as a share of the filed figure."""
        amount = self.amount
        return None if amount is None or not self.filed.value else amount / abs(self.filed.value)

    @property
    def remark(self) -> str:
        """Say what kind of difference it is."""
        if self.as_of is None:
            return "not in the book"
        if self.as_of == self.filed.as_of:
            return "same day"
        return "filing is newer" if self.filed.as_of > self.as_of else "book is newer"


def differences(book: Book, found: Sequence[Filed]) -> tuple[list[Difference], int]:
    """Compare a book with the filings known on its date.

    Figures of one day are compared for every day that both have; of the figures in force, the
    book's with that of the newest filing, whatever their days. One that is the filed figure rounded
    is no difference.

    Parameters
    ----------
    book : Book
        The book; a case and own facts are left aside.
    found : sequence of Filed
        Cash and shares of filings.

    Returns
    -------
    tuple of (list of Difference, int)
        The differences by company, fact and day, and how many figures agree.
    """
    known = [one for one in found if one.known_on <= book.as_of]
    stated = {
        (row["scope"], row["metric"], row["as_of"]): row["value"]
        for row in book.tables["inputs"].rows()
        if row["metric"] in TAKEN and row["value"] is not None and row["confidence"] != OWN
    }
    newest = {(one.ticker, one.subject): one for one in known}
    different: list[Difference] = []
    agreeing = 0
    for one in known:
        key = one.ticker, one.subject
        day: date | None = one.as_of
        if (*key, one.as_of) not in stated:
            if newest[key] is not one:
                continue
            day = max((at for *of, at in stated if tuple(of) == key), default=None)
        value = None if day is None else stated[*key, day]
        if is_rounded(value, one.value):
            agreeing += 1
        else:
            different.append(Difference(one, value, day))
    return different, agreeing
