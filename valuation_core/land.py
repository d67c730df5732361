"""Land and power: approved MW that are neither let, offered nor used by a cloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from valuation_core.book import Book
from valuation_core.book.tables import Row
from valuation_core.domain import NOT_NEGATIVE
from valuation_core.errors import ValuationError
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import only
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.shopped import gross_total, net_shopped_part
from valuation_core.signed import signed_gross_part
from valuation_core.units import BookText, Keyword, Number, UsdMillions, UsdPerMw


def approved_mw(book: Book, ticker: str) -> Iterator[tuple[float, float]]:
    """Give the MW of each approved site by ownership: gross, or critical where only that is known.

    A site in the pipeline is not approved yet; one that is part of another is inside of it.
    """
    for row in approved_sites(book, ticker):
        if row["mw_gross"] is not None:
            yield row["mw_gross"] * row["ownership"], 0.0
        elif row["mw_critical"] is not None:
            yield 0.0, row["mw_critical"] * row["ownership"]


def approved_sites(book: Book, ticker: str) -> Iterator[Row]:
    """Give the sites of a miner that are approved, none inside of another."""
    for row in book.rows_of("sites", ticker):
        if row["status"] != "pipeline" and not row["part_of"]:
            yield row


def land_part(evaluation: Evaluation, ticker: Any) -> Number:
    """Give the value of land and power of resolved tickers, in USD M.

    Its MW are those of the book, whatever a call gives for the option.
    """
    value = evaluation.gross(ticker, "land_power_value")
    # Where a MW is worth nothing its MW are not asked for: a miner without them has its figure.
    some = np.not_equal(value, 0.0)
    if not np.any(some):
        if evaluation.steps is not None:
            with suppress(ValuationError):
                return land_at(evaluation, ticker, value)
        return evaluation.step("land and power", "value per MW is 0", value, "USD M")
    if np.all(some):
        return land_at(evaluation, ticker, value)
    return np.where(some, land_at(evaluation, only(ticker, some), value), 0.0)[()]


def land_at(evaluation: Evaluation, ticker: Any, value: Any) -> Number:
    """Give the value of land and power at a value per gross MW."""
    net = net_shopped_part(evaluation, ticker)
    mw = _free_mw(evaluation, ticker, net)
    share = evaluation.number(ticker, "land_on_unlet")
    if np.any(share):
        mw = mw + share * _unlet_mw(evaluation, ticker, net)
    formula = "value per MW x (free MW + share x MW that find no tenant)"
    return evaluation.step("land and power", formula, value * mw, "USD M")


def _free_mw(evaluation: Evaluation, ticker: Any, net_shopped: Any) -> Number:
    approved = gross_total(evaluation, ticker, lambda ticker: approved_mw(evaluation.book, ticker))
    formula = "sites that are not in the pipeline, by ownership"
    evaluation.step("MW approved", formula, approved, "MW gross")
    signed = signed_gross_part(evaluation, ticker)
    cloud = evaluation.gross(ticker, "cloud_mw")
    free = np.maximum(approved - signed - net_shopped - cloud, 0.0)
    return evaluation.step("MW free", "approved - signed - shopped - cloud", free, "MW gross")


def _unlet_mw(evaluation: Evaluation, ticker: Any, net_shopped: Any) -> Number:
    """Give the MW shopped that are not expected to find a tenant."""
    let = expected_mw(evaluation, ticker, net_shopped)
    formula = "shopped less probability x MW up to the cap"
    return evaluation.step("MW not let", formula, net_shopped - let, "MW gross")


def expected_mw(evaluation: Evaluation, ticker: Any, net_shopped: Any) -> Number:
    """Give the MW shopped that are expected to find a tenant: none without a probability."""
    cap = evaluation.gross(ticker, "tenant_cap")
    applies = evaluation.has(ticker, "hpc_probability") == 1.0
    if not np.any(applies):
        return 0.0
    prob = evaluation.number(only(ticker, applies), "hpc_probability")
    return np.where(applies, prob, 0.0)[()] * np.minimum(net_shopped, cap)


@elementwise
@shared_parameters
def land_value(
    evaluation: Evaluation,
    miner: Keyword,
    per_mw: UsdPerMw | None = None,
    book: BookText | None = None,
) -> UsdMillions:
    """Value of a miner's land and power that has no use yet, in USD millions.

    Parameters
    ----------
    <miner>
    per_mw : float or array, optional
        USD M per gross MW. Default: the book's land_power_value, 0 in the plain case.
    <book>

    Returns
    -------
    float or array
        USD M.

    Raises
    ------
    ValuationError
        For an unknown miner, a negative per_mw, or a missing fact.

    Notes
    -----
    per_mw x (free MW + land_on_unlet x MW shopped and not expected to be let), in gross MW. Free
    MW = approved - signed - shopped, net - cloud, not below 0. Approved are the miner's sites that
    are not in the pipeline and not part of another one, by ownership. The explanation lists them.

    Examples
    --------
    RIOT: 1,700 MW approved less 600 shopped are free; 1,100 x 1.18 USD M.

    >>> land_value("RIOT", 1.18)
    1298.0
    """
    evaluation.use(book)
    ticker = evaluation.ticker(miner)
    if per_mw is None:
        value = evaluation.gross(ticker, "land_power_value")
    else:
        value = evaluation.argument("per_mw", per_mw, "USD M/MW", NOT_NEGATIVE)
    if evaluation.steps is not None and evaluation.has(ticker, "hpc_mw_named") == 1.0:
        evaluation.gross(ticker, "hpc_mw_named")
    return land_at(evaluation, ticker, value)
