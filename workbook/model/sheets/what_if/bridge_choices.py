"""Which two books the sheet Bridge compares: cells to choose them, and their handles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from valuation_core.book import PLAIN, Book
from valuation_core.book.schema import BANK
from valuation_core.bridge import METHODS
from valuation_core.catalogue.catalogue import formula
from valuation_core.errors import ValuationError
from workbook.cells import MISSING, ErrorValue, Ref, Value
from workbook.model.excel import IF, Term, text
from workbook.model.excel_values import MISFIT
from workbook.model.figures import Figures, as_value
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.case_cells import choose
from workbook.model.sheets.facts.input_cells import AS_OF, BOOK_NAME, MINER
from workbook.style import DATE

NAME: Final = "Bridge"
FROM, TO = 2, 3
"""Columns of the two books."""
WHICH_ROW, DATE_ROW, CASE_ROW, HANDLE_ROW, BOOK_ROW, MINER_ROW, METHOD_ROW = range(5, 12)
STATED, IN_USE = "date and case below", "workbook in use"
CHOSEN: Final = (
    *((row, column) for row in (WHICH_ROW, DATE_ROW, CASE_ROW) for column in (FROM, TO)),
    (METHOD_ROW, FROM),
)
"""Cells that an analyst changes; the second date follows Control until one is typed over it."""

_FOLLOWS: Final = (DATE_ROW, TO)

LABELS: Final = {
    WHICH_ROW: "Facts (choose)",
    DATE_ROW: "Date; To is that of Control, or type one",
    CASE_ROW: "Case",
    HANDLE_ROW: "Book of that date and case, without own values",
    BOOK_ROW: "Book compared",
    MINER_ROW: "Miner, chosen on Control",
    METHOD_ROW: "Method",
}


@dataclass(frozen=True)
class Compared:
    """The two books, each with the cell of its handle, and how drivers are taken over."""

    miner: Ref
    method: Ref
    cells: tuple[Ref, Ref]
    books: tuple[Book | ErrorValue, Book | ErrorValue]
    way: Value

    @property
    def by_argument(self) -> dict[str, tuple[Ref, Book | ErrorValue]]:
        """The two books by the arguments of the function that compares them."""
        names = ("from_book", "to_book")
        return dict(zip(names, zip(self.cells, self.books, strict=True), strict=True))


def plan_choices(
    sheet: Sheet,
    figures: Figures,
    miner: str,
    tables: Mapping[str, Ref],
    cases: Ref,
    chosen: Mapping[tuple[int, int], Value],
) -> Compared:
    """Plan the cells that choose, as a workbook in use has them or else as it is built.

    Parameters
    ----------
    sheet : Sheet
        Where they stand.
    figures : Figures
        Of the book of the workbook.
    miner : str
        The one chosen on Control.
    tables : mapping of str to Ref
        Cells of the tables of the book.
    cases : Ref
        Cells that list the cases.
    chosen : mapping
        What is typed into the cells of a workbook in use, by row and column.
    """
    follows = _FOLLOWS not in chosen
    given = {_FOLLOWS: figures.book.as_of, **chosen}
    if given.keys() < set(CHOSEN):
        given = {**_as_built(figures), **given}
    sheet.put_row(WHICH_ROW - 1, 1, ("", "From", "To"), "heading_left")
    for row, label in LABELS.items():
        sheet.put(row, 1, label, "label")
    found = []
    for column in (FROM, TO):
        which, day, case = (
            sheet.put(row, column, given.get((row, column)), "input_left", looks, link)
            for row, looks, link in (
                (WHICH_ROW, "General", None),
                (DATE_ROW, DATE, AS_OF.there if follows and column == TO else None),
                (CASE_ROW, "General", None),
            )
        )
        message = "Choose one of the two."
        choices = (STATED, IN_USE)
        sheet.validations.append(Validation(which, message, "list", choices=choices))
        sheet.validations.append(Validation(day, "The date is a day.", "date", low=1))
        choose(sheet, case, cases)
        at = {name: ref.there for name, ref in tables.items()}
        call = formula("HPC_BOOK", as_of=day.fixed, case=case.fixed, **at)
        asked = (given.get((row, column)) for row in (DATE_ROW, CASE_ROW))
        stated = _book_at(figures.book, *asked)
        handle = sheet.put(HANDLE_ROW, column, _shown(stated), "function_left", formula=call)
        used = given.get((WHICH_ROW, column)) == IN_USE
        book = figures.book if used else stated
        term = IF(
            Term(which.fixed, given.get((WHICH_ROW, column))).equals(text(IN_USE)),
            Term(BOOK_NAME, figures.book.handle),
            Term(handle.here, _shown(stated)),
        )
        cell = sheet.put(BOOK_ROW, column, term.value, "function_left", formula=term.text)
        found.append((cell, book))
    of = sheet.put(MINER_ROW, FROM, miner, "link_left", formula=MINER.there)
    way = given.get((METHOD_ROW, FROM))
    method = sheet.put(METHOD_ROW, FROM, way, "input_left")
    message = "order or shapley."
    sheet.validations.append(Validation(method, message, "list", choices=METHODS))
    said = "order: one driver after the other; shapley: the average over all orders"
    sheet.put(METHOD_ROW, TO, said, "subtitle")
    cells, books = zip(*found, strict=True)
    return Compared(of, method, cells, books, way)


def _as_built(figures: Figures) -> dict[tuple[int, int], Value]:
    """From the edition before the date of the workbook to it, else from the plain case to another.

    Miner and case in use are not asked for: another choice on Control leaves these cells alone.
    """
    book = figures.laid_out
    before = _earlier_day(book, figures.tickers)
    others = [case for case in book.cases if case != PLAIN]
    last = others[0] if before is None and others else PLAIN
    return {
        **{(WHICH_ROW, column): STATED for column in (FROM, TO)},
        (DATE_ROW, FROM): before or book.as_of,
        (CASE_ROW, FROM): PLAIN,
        (CASE_ROW, TO): last,
        (METHOD_ROW, FROM): METHODS[0],
    }


def _earlier_day(book: Book, tickers: Sequence[str]) -> date | None:
    """Give the newest edition before the date of a book on which any miner has a target."""
    rows = book.tables["editions"].rows()
    days: set[date] = {row["edition_date"] for row in rows if row["broker"] == BANK}
    for day in sorted((day for day in days if day < book.as_of), reverse=True):
        earlier = _book_at(book, day, PLAIN)
        if isinstance(earlier, Book):
            targets = Figures(earlier, tickers).call("HPC_TARGET").values()
            if any(isinstance(target, float) for target in targets):
                return day
    return None


def _book_at(book: Book, day: Value, case: Value) -> Book | ErrorValue:
    """Give the book of a date and a case that HPC_BOOK makes of the tables of a workbook."""
    if not isinstance(day, date):
        return MISSING if day is None else MISFIT
    try:
        return Book.at(book.plain.tables, day, PLAIN if case is None else str(case))
    except ValuationError as error:
        shown = as_value(error)
        return shown if isinstance(shown, ErrorValue) else MISSING


def _shown(book: Book | ErrorValue) -> Value:
    return book.handle if isinstance(book, Book) else book
