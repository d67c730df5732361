"""The pipeline: the sites of a miner that offer MW, what each is worth, and the company rule."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from valuation_core.book import OWN
from valuation_core.errors import ValuationError
from valuation_core.evaluation.arrays import single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice, company_rule_part
from valuation_core.option_by_site import STAGES, discount_of, factors, offers_of
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Keyword, Spill
from valuation_core.value_per_mw import value_in_use

HEADER: Final = (
    "site", "status", "energized on", "MW offered", "MW used", "probability", "probability from",
    "years to wait", "USD M per MW", "USD M",
)  # fmt: skip


@shared_parameters
def pipeline(
    miner: Keyword, book: BookText | None = None, *, evaluation: Evaluation | None = None
) -> Spill:
    """Sites of a miner that offer MW to tenants, and what each is worth.

    Parameters
    ----------
    <miner>
    <book>
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        One row a site: MW offered, MW used (let since taken off, by ownership, up to the tenant's
        cap), probability and where it is from, years to wait beyond a usual build, value per MW in
        use, USD M; then the sum and what the company rule gives, beside it or in its place.

    Raises
    ------
    ValuationError
        For an unknown miner, or a missing fact.

    Notes
    -----
    probability x MW used x value per MW x (1 + lease_equity_return)^-years: values per MW hold the
    usual build already. The probability is the site's own where it states one, else that of its
    stage. With option_by_site at 1 the sum is the option of the target.

    Examples
    --------
    RIOT's site is energized within 12 months: 0.35 x 600 x 6.15.

    >>> for site, *_, value in pipeline("RIOT").rows:
    ...     print(site, round(value, 1))
    Corsicana phase 2 (remaining) 1291.5
    sum by site 1291.5
    company rule 1845.0
    """
    evaluation = evaluation or Evaluation()
    evaluation.use(book)
    ticker = evaluation.ticker(single_value("miner", miner))
    value = float(value_in_use(evaluation, ticker))
    cap = float(evaluation.gross(ticker, "tenant_cap"))
    rows: list[tuple[Any, ...]] = []
    for offer in offers_of(evaluation.book, ticker):
        row = offer.row
        probability, mw, years = (float(one) for one in factors(evaluation, ticker, offer, cap))
        worth = probability * mw * value * float(discount_of(evaluation, years))
        whence = STAGES[offer.stage] if row["hpc_probability"] is None else "the site"
        if row["confidence"] == OWN:
            whence = "own"
        rows.append(
            (
                row["site"], row["status"], row["energized_on"], row["hpc_mw_offered"], mw,
                probability, whence, years, value, worth,
            )
        )  # fmt: skip
    total = float(np.sum([row[-1] for row in rows])) if rows else 0.0
    blank = (None,) * (len(HEADER) - 2)
    rows.append(("sum by site", *blank, total))
    rows.append(("company rule", *blank, _company_rule(evaluation, ticker)))
    evaluation.step("sum by site", "sum over the sites", total, "USD M")
    return ResultTable(HEADER, tuple(rows))


def _company_rule(evaluation: Evaluation, ticker: str) -> float | ValuationError:
    try:
        return float(company_rule_part(evaluation, ticker, Choice()))
    except ValuationError as error:
        return error
