"""Bookkeeping functions: make a book from a date and own facts; the version of code and data."""

from __future__ import annotations

from collections.abc import Iterable

from valuation_core.book import PLAIN, Book, with_own_facts
from valuation_core.book.book import as_date, shipped_tables
from valuation_core.book.own import OwnRow
from valuation_core.book.ranges import with_given
from valuation_core.book.schema import FORMAT_VERSION
from valuation_core.book.tables import Tables
from valuation_core.errors import misfit
from valuation_core.units import BookTable, BookText, Day, Facts, Keyword


def dated_book(
    as_of: Day | None = None,
    facts: Facts | None = None,
    case: Keyword = PLAIN,
    inputs: BookTable | None = None,
    deals: BookTable | None = None,
    instruments: BookTable | None = None,
    sites: BookTable | None = None,
    editions: BookTable | None = None,
    cases: BookTable | None = None,
    miners: BookTable | None = None,
    market: BookTable | None = None,
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
    inputs : table, optional
        Facts with their header row, in place of those of the book, whole. Columns go by name.
    deals : table, optional
        Signed contracts, likewise.
    instruments : table, optional
        Convertible notes, warrants, loans and notes, likewise.
    sites : table, optional
        Sites, likewise.
    editions : table, optional
        Published ratings and targets, likewise.
    cases : table, optional
        Changes of cases, likewise.
    miners : table, optional
        Companies, likewise.
    market : table, optional
        Sector series, likewise.
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
        unknown scope or metric, outside its domain, or stated twice; a wrong cell of a table, named
        by table, row and column.

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
    given = {
        "inputs": inputs, "deals": deals, "instruments": instruments, "sites": sites,
        "editions": editions, "cases": cases, "miners": miners, "market": market,
    }  # fmt: skip
    stated = {name: rows for name, rows in given.items() if rows is not None}
    read = tables or shipped_tables()
    book = Book.at(with_given(read, stated) if stated else read, as_date(as_of), case)
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
