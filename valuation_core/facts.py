"""Facts and their sources, looked up by name."""

from __future__ import annotations

from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.units import BookText, Figure, Keyword


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
    >>> source("ALL", "colo_value_mid").split(" (")[1]
    'as of 2025-09-26, low): Midpoint of low and high: project assumption'
    """
    evaluation.use(book)
    citation = evaluation.citation(scope, metric)
    return evaluation.step("source", "citation of the fact", citation)
