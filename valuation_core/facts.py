"""Facts, their sources and their age, looked up by name."""

from __future__ import annotations

from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.units import BookText, Days, Figure, Keyword


@elementwise
def fact(
    evaluation: Evaluation, scope: Keyword, metric: Keyword, book: BookText | None = None
) -> Figure:
    """Look up one fact of the book.

    Parameters
    ----------
    scope : str or array
        Ticker, name or alias, "ALL" or "NETWORK".
    metric : str or array
        Name of the fact, such as "hpc_mw_shopped"; the nomenclature page lists them.
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float, date or array
        The value in the unit of the metric and on the basis the source states; in a cell a date is
        its serial number.

    Raises
    ------
    ValuationError
        For an unknown scope or metric, or a fact that the book does not hold.

    Notes
    -----
    A miner without a fact of its own takes the one stated for "ALL"; facts of the bitcoin network
    stand under "NETWORK".

    Examples
    --------
    >>> fact("RIOT", "hpc_mw_shopped"), fact("Riot Platforms", "tenant_cap")
    (600.0, 800.0)
    """
    return evaluation.use(book).fact(scope, metric)


@elementwise
def source(
    evaluation: Evaluation, scope: Keyword, metric: Keyword, book: BookText | None = None
) -> Keyword:
    """Look up where a fact of the book comes from.

    Parameters
    ----------
    scope : str or array
        Ticker, name or alias, "ALL" or "NETWORK".
    metric : str or array
        Name of the fact, such as "hpc_mw_shopped".
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    str or array
        Source, date, confidence and note; in a cell cut at 255 characters.

    Raises
    ------
    ValuationError
        For an unknown scope or metric, or a fact that the book does not hold.

    Examples
    --------
    >>> source("ALL", "colo_value_position").split(": ")[0]
    'assumption (as of 2025-09-26, low)'
    """
    evaluation.use(book)
    citation = evaluation.citation(scope, metric)
    return evaluation.step("source", "citation of the fact", citation)


@elementwise
def age(
    evaluation: Evaluation, scope: Keyword, metric: Keyword, book: BookText | None = None
) -> Days:
    """Age of a fact: days from the day it is about to the book's date.

    Parameters
    ----------
    scope : str or array
        Ticker, name or alias, "ALL" or "NETWORK".
    metric : str or array
        Name of the fact, such as "price".
    book : Book, optional
        Facts to read. In a cell: the handle from HPC_BOOK.

    Returns
    -------
    float or array
        Days; 0 for an own fact, which is dated the book's date.

    Raises
    ------
    ValuationError
        For an unknown scope or metric, or a fact that the book does not hold.

    Notes
    -----
    The nomenclature page says after how many days a fact of each metric is stale.

    Examples
    --------
    RIOT's cash is that of 2025-06-30, 88 days before 2025-09-26.

    >>> age("RIOT", "cash")
    88.0
    """
    evaluation.use(book)
    days = evaluation.age(scope, metric)
    return evaluation.step("age", "book date less the day of the fact", days, "days")
