"""Where the facts of a workbook landed, and how other sheets take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from valuation_core.book import METRICS, Book, Fact
from valuation_core.book.metrics import MW_UNITS
from valuation_core.published import COLUMNS
from workbook.cells import NOT_AVAILABLE, Ref
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    ISNUMBER,
    NA,
    ONE,
    OR,
    TRUE,
    ZERO,
    Span,
    Term,
    text,
)
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.keys import KeyColumns
from workbook.model.sheets.facts.newest_rows import PUBLISHED, NewestRows
from workbook.model.sheets.facts.own_sites import OwnSites

NAME: Final = "Inputs"
BOOK_NAME: Final = "Book"
"""Defined name of the one HPC_BOOK cell that every function of the workbook reads."""

PLAIN_BOOK_NAME: Final = "PlainBook"
"""Defined name of the handle of the same facts without the case and without own values."""

CASE_LABEL: Final = "Case"
"""What stands before the name of the case of the workbook."""

WIDTHS: Final = {
    "scope": 14,
    "metric": 23,
    "in use": 12,
    "in the book": 12,
    "your value": 12,
    "set by the case": 15,
    "unit": 15,
    "basis": 8,
    "as of": 12,
    "age, days": 8,
    "stale": 6,
    "confidence": 11.5,
    "status": 13,
    "to take effect": 24,
    "meaning": 44,
    "source": 38,
    "link": 6,
    "note": 50,
    "stale after": 8,
    "from": 7,
    "to": 7,
    "valid": 7,
    "row in the book": 8,
    "confidence in the book": 18,
    "as of in the book": 10,
    "basis in the book": 8,
    "source in the book": 38,
    "note in the book": 50,
    "change found": 8,
    "change for ALL": 8,
    "row of the case": 8,
    "change in use": 8,
    "your basis": 8,
    "own in use": 8,
    "stale so far": 10,
    "assumed so far": 10,
    "yours in use": 12,
    "but for What-if": 12,
    "scope read": 10,
    "metric read": 23,
    "value read": 12,
    "basis read": 10,
}
"""Headings of the columns, in order, and how wide each is; HPC_BOOK reads the last four."""

LAST_SHOWN: Final = "note"
"""What stands behind this column only computes: it is folded away, and not printed."""

READ: Final = ("scope read", "metric read", "value read", "basis read")

CONTROL: Final = "Control"
"""Sheet on which an analyst chooses the date, the case, the miner and values of their own."""

AS_OF_ROW: Final = 4
CASE_ROW: Final = 6
FIRST_ROW: Final = 9
"""Row of the title of the first section."""

COLUMN: Final = {heading: number for number, heading in enumerate(WIDTHS, start=1)}
"""Number of a column by its heading: whoever looks for a column asks here."""

IN_USE: Final = COLUMN["in use"]
OWN_VALUE: Final = COLUMN["your value"]
CONFIDENCE: Final = COLUMN["confidence"]
STATUS: Final = COLUMN["status"]
VALID: Final = COLUMN["valid"]

AS_OF: Final = Ref(CONTROL, 5, 3, 5, 3)
"""The cell of the date of the workbook."""

CHOSEN_CASE: Final = Ref(CONTROL, 6, 3, 6, 3)
"""The cell that chooses the case."""

CASE: Final = Ref(CONTROL, 6, 7, 6, 7)
"""The cell of the case in use: the one chosen, unless What-if tries another."""

MINER: Final = Ref(CONTROL, 8, 3, 8, 3)
"""The cell that chooses the miner of Control and of What-if."""

CASE_KNOWN: Final = Ref(NAME, CASE_ROW, VALID, CASE_ROW, VALID)
"""Whether the book knows the case in use."""

NO_BASIS: Final = "-"
"""Shown for a basis or a value of a case where there is none."""

NONE_STATED: Final = text(NOT_AVAILABLE)
"""What stands for a fact that a miner may do without."""

STALE: Final = "stale"
"""Mark of a fact older than its metric allows."""

OWN_FACT: Final = "own fact"
"""Stands for the source of a value that you state, as the core calls it."""

OK: Final = "ok"
ABSENT: Final = "not in the book"
"""Status of a fact that the book does not have on its date: what needs it is #N/A, and no check
fails."""


@dataclass(frozen=True)
class InputCells:
    """Where the facts of a workbook landed."""

    book: Ref
    plain_book: Ref
    as_of: Ref
    facts: dict[tuple[str, str], Ref]
    published: dict[tuple[str, str], Ref]
    source: Book
    constants: dict[str, Term]
    """Numbers fixed by the method, by name, as terms for other sheets."""
    sheet: Sheet
    """The planned sheet, whose cells hold what stands beside a fact."""
    keys: Mapping[str, KeyColumns]
    """By table of the book, what of its rows counts on the date."""
    miner: str
    """The miner chosen on Control."""
    own_sites: OwnSites
    """Your own probabilities of sites."""
    blocks: dict[str, tuple[Ref, Ref, Ref]] = field(default_factory=dict)
    """Per scope the cells of metric, status and validity."""

    @property
    def case(self) -> Term:
        """The name of the case in use."""
        return Term(CASE.there, self.source.case)

    def fact(self, scope: str, metric: str) -> Ref:
        """Give the cell of a fact: the scope's own, or the one stated for ALL."""
        return self.facts.get((scope, metric)) or self.facts["ALL", metric]

    def known(self, scope: str, metric: str) -> Fact | None:
        """Give the fact of the book behind a cell, if it holds one."""
        return self.source.facts.get((scope, metric)) or self.source.facts.get(("ALL", metric))

    @property
    def date(self) -> Term:
        """The date of the workbook."""
        return Term(self.as_of.there, self.source.as_of)

    def published_figure(self, ticker: str, item: str) -> Term:
        """Give what the newest edition on a miner says; blank where it says nothing."""
        return self._published(ticker, item, IN_USE)

    @property
    def newest_edition(self) -> Term:
        """Give the day of the newest edition on any miner, 0 where there is none."""
        return NewestRows(self.keys["editions"], PUBLISHED).newest_day

    def edition_day(self, ticker: str) -> Term:
        """Give the day of the newest edition on a miner, blank where there is none."""
        return self._published(ticker, next(iter(COLUMNS)), COLUMN["as of"])

    def _published(self, ticker: str, item: str, column: int) -> Term:
        row = self.published[ticker, item].row
        value = self.sheet.cells[row, column].value
        return Term(Ref(NAME, row, column, row, column).there, value)

    def column_of_facts(self, heading: str) -> Span:
        """Give a column of all facts, blank in the rows of titles between them."""
        rows = range(FIRST_ROW, max(ref.row for ref in self.facts.values()) + 1)
        column, cells = COLUMN[heading], self.sheet.cells
        values = tuple(cells[row, column].value if (row, column) in cells else None for row in rows)
        return Span(Ref(NAME, rows[0], column, rows[-1], column).there, values)

    def told(self, scope: str, heading: str) -> Term:
        """Give the text that tells of all facts of a scope, such as which are stale."""
        row = max(ref.row for place, ref in self.facts.items() if place[0] == scope)
        return Term(
            Ref(NAME, row, COLUMN[heading], row, COLUMN[heading]).there,
            self.sheet.cells[row, COLUMN[heading]].value,
        )

    def has_row(self, scope: str, metric: str) -> bool:
        """Whether a fact has a row, of the scope or of ALL."""
        return bool({(scope, metric), ("ALL", metric)} & self.facts.keys())

    def on_critical(self, scope: str, metric: str) -> Term:
        """Tell, by 1 or 0, whether a fact is stated on critical MW, as the case has it."""
        basis = self.beside(self.place(scope, metric), "basis")
        return IF(basis.equals(text("critical")), ONE, ZERO)

    def is_blank(self, scope: str, metric: str) -> Term:
        """Tell whether a fact has no value, of the scope or of ALL."""
        places = [key for key in ((scope, metric), ("ALL", metric)) if key in self.facts]
        blanks = [self._stated(key).equals(BLANK) for key in places]
        return blanks[0] if len(blanks) == 1 else AND(*blanks)

    def usable(self, scope: str, metric: str, basis: str = "", ratio: Term | None = None) -> Term:
        """Give a fact as other sheets take it: its number where it is one within its domain.

        A blank fact of a miner leaves the one for ALL; neither gives #N/A. With a basis, a fact on
        the other basis is converted by the ratio of gross to critical MW.
        """
        found = NA
        for place in dict.fromkeys((("ALL", metric), (scope, metric))):
            if place in self.facts:
                found = self._one(place, found, basis, ratio)
        return found

    def stated(self, scope: str, metric: str, basis: str = "", ratio: Term | None = None) -> Term:
        """Give a fact that a miner may do without: "n/a" where it has none."""
        found = self.usable(scope, metric, basis, ratio)
        return IF(self.is_blank(scope, metric), NONE_STATED, found)

    def day_of(self, place: tuple[str, str]) -> Term:
        """Give the day a fact is of; a value in place of the book's is of the date of the book."""
        as_of = self.beside(place, "as of")
        theirs = AND(self.is_own(place).equals(FALSE), ISNUMBER(as_of))
        return IF(theirs, as_of, Term(self.as_of.there, self.source.as_of))

    def is_own(self, place: tuple[str, str]) -> Term:
        """Tell whether a value of the analyst is in use."""
        return self.beside(place, "own in use").equals(TRUE)

    def place(self, scope: str, metric: str) -> tuple[str, str]:
        """Give the row of a fact: the scope's own, or the one stated for ALL."""
        return (scope, metric) if (scope, metric) in self.facts else ("ALL", metric)

    def in_the_book(self, scope: str, metric: str) -> Term:
        """Give a fact as book and case have it: blank where none, or where your own is in use."""
        place = self.place(scope, metric)
        changed = self.beside(place, "change in use") > ZERO
        value = IF(
            changed, self.beside(place, "set by the case"), self.beside(place, "in the book")
        )
        nothing = AND(changed.equals(FALSE), self.beside(place, "in the book").equals(BLANK))
        return IF(OR(self.is_own(place), nothing), BLANK, value)

    def beside(self, place: tuple[str, str], heading: str) -> Term:
        """Give another cell in the row of a fact."""
        row, column = self.facts[place].row, COLUMN[heading]
        value = self.sheet.cells[row, column].value
        return Term(Ref(NAME, row, column, row, column).there, value)

    def _one(self, place: tuple[str, str], otherwise: Term, basis: str, ratio: Term | None) -> Term:
        value = converted = self._stated(place)
        unit = METRICS[place[1]].unit
        if basis and ratio is not None and unit in MW_UNITS:
            # MW grow from critical to gross and values per MW shrink; the reverse the other way.
            other = "critical" if basis == "gross" else "gross"
            grows = (other == "critical") == (unit == "MW")
            moved = value * ratio if grows else value / ratio
            converted = IF(self.beside(place, "basis").equals(text(other)), moved, value)
        usable = IF(self.beside(place, "status").equals(text(OK)), converted, NA)
        if otherwise is NA:
            return usable
        return IF(value.equals(BLANK), otherwise, usable)

    def _stated(self, place: tuple[str, str]) -> Term:
        fact = self.source.facts.get(place)
        return Term(self.facts[place].there, fact.value if fact else None)


def basis_of(book: Book, place: tuple[str, str]) -> str:
    """Give the basis of a fact; a value of the analyst is on the basis of what it replaces."""
    fact = book.facts.get(place) or book.facts.get(("ALL", place[1]))
    return fact.basis if fact else METRICS[place[1]].basis
