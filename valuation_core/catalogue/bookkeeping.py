"""Bookkeeping functions: make a book from a date and own facts; the version of code and data."""

from __future__ import annotations

from collections.abc import Iterable

from valuation_core.book import PLAIN, Book, with_own_facts
from valuation_core.book.book import as_date, shipped_tables
from valuation_core.book.own import OwnRow
from valuation_core.book.schema import FORMAT_VERSION
from valuation_core.book.tables import Tables
from valuation_core.errors import misfit
from valuation_core.units import BookText, Day, Facts, Keyword


def dated_book(
    as_of: Day | None = None,
    facts: Facts | None = None,
    case: Keyword = PLAIN,
    *,
    tables: Tables | None = None,
) -> BookText:
    """Book of facts on a date, with your own facts on top; in a cell, its handle.

    Parameters
    ----------
    as_of : date or str, optional
        Date of the book; later facts are not seen. Default: 2025-09-26.
    facts : rows, optional
        Own facts: columns scope, metric, value and, where MW are critical, their basis.
    case : str, optional
        Name of a case of the book, such as "reconstruction". Default: "plain", without changes.
    tables : mapping, optional
        Tables to read in place of the shipped ones.

    Returns
    -------
    Book
        In a cell a handle such as book:2025-09-26+9f3ac21b70d1e5a4, to pass as book to the others.

    Raises
    ------
    ValuationError
        For a date that is none or lies before every fact; an unknown case; an own fact of an
        unknown scope or metric, outside its domain, or stated twice.

    Notes
    -----
    The handle is made from the content: the same facts give the same handle in every workbook, and
    any changed fact gives another one, so dependent cells recalculate exactly when they must.

    Examples
    --------
    >>> book = dated_book("2025-09-26", [("RIOT", "hpc_mw_shopped", 400.0)])
    >>> book.fact("RIOT", "hpc_mw_shopped").value
    400.0
    """
    rows: Iterable[OwnRow] = facts or ()
    if not isinstance(case, str):
        raise misfit("case", "must be the name of a case", case)
    book = Book.at(tables or shipped_tables(), as_date(as_of), case)
    return with_own_facts(book, rows)


def version(*, tables: Tables | None = None) -> Keyword:
    """Version of the functions and stamp of the facts they read by default.

    Parameters
    ----------
    tables : mapping, optional
        Tables read in place of the shipped ones.

    Returns
    -------
    str
        Package version, data format and the handle of the default book.

    Examples
    --------
    >>> version().split(";")[:2]
    ['hpc-valuation 0.1.0', ' book format 2']
    """
    from valuation_core import __version__

    handle = dated_book(tables=tables).handle
    return f"hpc-valuation {__version__}; book format {FORMAT_VERSION}; {handle}"
