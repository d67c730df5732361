"""GPU cloud: equity value per critical MW of renting out graphics processors, unlevered."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS
from valuation_core.domain import LONGEST_LEASE
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.lease import on_critical_mw
from valuation_core.units import (
    BookText,
    Fraction,
    FractionPerYear,
    GpusPerMw,
    Number,
    UsdPerGpu,
    UsdPerGpuHour,
    UsdPerMw,
    Years,
)

HOURS_A_YEAR: Final = 8760.0


@elementwise
@shared_parameters
def cloud_value(
    evaluation: Evaluation,
    equity_return: FractionPerYear | None = None,
    gpu_price: UsdPerGpuHour | None = None,
    utilisation: Fraction | None = None,
    gpus_per_mw: GpusPerMw | None = None,
    capex_per_gpu: UsdPerGpu | None = None,
    life: Years | None = None,
    opex_share: Fraction | None = None,
    book: BookText | None = None,
) -> UsdPerMw:
    """Equity value of GPU cloud, in USD millions per critical MW, without debt.

    Parameters
    ----------
    equity_return : float or array, optional
        Yearly return asked for. Default: the book's lease_equity_return.
    gpu_price : float or array, optional
        Rent of a GPU in USD per hour. Default: the book's.
    utilisation : float or array, optional
        Share of hours rented, 0 to 1. Default: the book's.
    gpus_per_mw : float or array, optional
        GPUs per critical MW. Default: the book's.
    capex_per_gpu : float or array, optional
        Cost of a GPU with server and network, USD. Default: the book's.
    life : float or array, optional
        Years a GPU is rented, whole. Default: the book's.
    opex_share : float or array, optional
        Operating cost as a share of revenue, 0 to 1. Default: the book's.
    <book>

    Returns
    -------
    float or array
        USD M per critical MW.

    Raises
    ------
    ValuationError
        For a negative price, number or cost of GPUs; a share outside 0 to 1; a return below -0.99;
        a life of other than 0 to 200 whole years.

    Notes
    -----
    GPUs x price x 8,760 x utilisation x (1 - opex share) in the middle of each year of the
    life [1]_, discounted, less GPUs x capex at time 0; no residual value.

    References
    ----------
    .. [1] S. P. Pratt and R. J. Grabowski, "Cost of Capital", Wiley: mid-period convention.

    Examples
    --------
    650 GPUs earn 650 x 2.5 x 8,760 x 0.85 x 0.75 = 9.07 USD M a year and cost 26 USD M.

    >>> round(cloud_value(), 2)
    9.34
    """
    evaluation.use(book)

    def term(name: str, metric: str, given: Any) -> Number:
        value = on_critical_mw(evaluation, metric) if given is None else given
        return evaluation.argument(name, value, "", METRICS[metric].domain)

    k = term("equity_return", "lease_equity_return", equity_return)
    price = term("gpu_price", "gpu_price", gpu_price)
    used = term("utilisation", "gpu_utilisation", utilisation)
    gpus = term("gpus_per_mw", "gpu_per_mw", gpus_per_mw)
    cost = term("capex_per_gpu", "gpu_capex", capex_per_gpu)
    years = term("life", "gpu_life", life)
    share = term("opex_share", "gpu_opex_share", opex_share)
    evaluation.whole_years("life", years)
    cash = gpus * price * HOURS_A_YEAR * used * (1.0 - share) / 1e6
    evaluation.step("cash flow", "revenue x (1 - opex share), a year", cash, "USD M/MW critical")
    annuity = _annuity(k, np.clip(np.nan_to_num(years), 0, LONGEST_LEASE))
    value = cash * annuity - gpus * cost / 1e6
    evaluation.require_digits("cloud value", value, cash * annuity, gpus * cost / 1e6)
    return evaluation.step(
        "cloud value", "cash flow discounted less capex", value, "USD M/MW critical"
    )


def _annuity(rate: Any, years: Any) -> Number:
    """Present value of 1 in the middle of each year."""
    log = -np.log1p(np.asarray(rate, dtype=np.float64))
    flat = log == 0.0
    ratio = np.expm1(years * log) / np.where(flat, 1.0, np.expm1(log))
    return (np.exp(log / 2.0) * np.where(flat, years, ratio))[()]
