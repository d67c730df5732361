"""A desk: what one host session works with - its facts, and the books behind handles."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

from addin.boundary.store import BookStore
from addin.sources import tables_from
from valuation_core.book import Book, parse_handle
from valuation_core.book.book import shipped_tables
from valuation_core.book.cases import case_names
from valuation_core.book.tables import Tables
from valuation_core.catalogue.bookkeeping import dated_book
from valuation_core.errors import ValuationError

BOOKS_IN_MEMORY: Final = 32


class Desk:
    """Facts of one session: the shipped book, or a source in its place.

    Parameters
    ----------
    source : path or str, optional
        A folder of CSV files, an Excel file or the URL of a database to read in place of the
        shipped book.
    store : BookStore, optional
        Where books are kept between processes; the user's cache folder when left out.
    """

    def __init__(self, source: Path | str | None = None, store: BookStore | None = None) -> None:
        self.source = source
        self.store = store or BookStore()
        self._recent: OrderedDict[str, Book] = OrderedDict()

    @cached_property
    def tables(self) -> Tables:
        """Tables read once for the session."""
        return shipped_tables() if self.source is None else tables_from(self.source)

    @cached_property
    def default_book(self) -> Book:
        """The book that functions read when none is given."""
        return dated_book(tables=self.tables)

    def publish(self, book: Book) -> str:
        """Keep a book and give the handle that a cell shows."""
        self.store.save(book)
        self._remember(book)
        return book.handle

    def resolve(self, handle: str) -> Book:
        """Give the book a handle names, from memory, from disk, or made again from the facts.

        Raises
        ------
        ValuationError
            When the text is no handle or its content is not to be had.
        """
        handle = handle.strip()
        if handle in self._recent:
            self._recent.move_to_end(handle)
            return self._recent[handle]
        try:
            book = self.store.load(handle)
        except ValuationError:
            book = self._without_own_facts(handle)
        self._remember(book)
        return book

    def _without_own_facts(self, handle: str) -> Book:
        """Make the book of a handle's date again, under each case: one without own facts is it."""
        as_of, _ = parse_handle(handle)
        for case in case_names(self.tables):
            with suppress(ValuationError):
                book = dated_book(as_of, case=case, tables=self.tables)
                if book.handle == handle:
                    return book
        return self.store.load(handle)

    def _remember(self, book: Book) -> None:
        self._recent[book.handle] = book
        self._recent.move_to_end(book.handle)
        while len(self._recent) > BOOKS_IN_MEMORY:
            self._recent.popitem(last=False)
