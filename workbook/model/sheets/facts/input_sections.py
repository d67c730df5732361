"""The sections of Inputs: which facts have a row, under which title, and in which order.

What an analyst changes most comes first: the market, the framework by what it values, then a
section for each miner. A fact that drives nothing in the workbook has no row; its table shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from valuation_core.book import Book
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.tables import Row

Key = tuple[str, str]

IDLE: Final = (
    "grid_backlog",
    "hpc_cost_reduction",
    "power_operating",
    "sector_power_development",
    "sector_power_operating",
)
"""Facts that describe a miner or the sector and drive no cell and no function."""

MARKET: Final = (
    *("btc_price", "network_hashrate", "fee_share"),
    *("block_subsidy", "blocks_per_day", "halving_date"),
)
FRAMEWORK: Final[Mapping[str, tuple[str, ...]]] = {
    "value of power": (
        *("colo_value_position", "colo_value_low", "colo_value_high", "tenant_cap", "cloud_value"),
        *("land_power_value", "land_on_unlet", "use_named", "signed_by_lease", "capex_per_mw"),
        *("gross_to_critical", "window_months"),
    ),
    "target and rating": (
        *("cost_of_equity", "hodl_premium", "target_date"),
        *("rating_overweight_from", "rating_underweight_below"),
    ),
    "mining": ("guided_hashrate_share", "network_growth", "mining_discount_rate"),
    "option site by site": (
        *("option_by_site", "site_probability_12m", "site_probability_24m"),
        *("site_probability_later", "site_probability_pipeline"),
    ),
    "lease": (
        *("lease_rent", "lease_escalator", "lease_noi_margin", "lease_years", "lease_build_years"),
        *("lease_loan_to_cost", "lease_debt_rate", "lease_debt_years", "lease_exit_cap_rate"),
        "lease_equity_return",
    ),
    "GPU cloud": (
        *("gpu_price", "gpu_utilisation", "gpu_per_mw", "gpu_capex", "gpu_life"),
        "gpu_opex_share",
    ),
    "how sure a target is": ("btc_volatility", "signing_correlation"),
}
"""Facts for ALL, by what they are about."""

MINER: Final = (
    *("price", "hpc_probability", "hpc_mw_shopped", "hpc_mw_named", "hpc_value_named"),
    *("cloud_mw", "other_value", "hashrate", "efficiency", "power_price", "uptime"),
    *("hashrate_guided", "hashrate_displaced", "displaced_on"),
    *("btc_held", "cash", "debt_reported", "shares_basic", "power_secured"),
)
"""Facts of a miner, drivers first: each gets a row, to be filled where the book has none."""

NEEDED_OF_ALL: Final = tuple(
    sorted(
        metric
        for title, metrics in FRAMEWORK.items()
        if title != "how sure a target is"
        for metric in metrics
    )
)
"""Parameters of the framework that get a row in any case."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of Inputs under one title."""

    title: str
    keys: tuple[Key, ...]


def sections_of(
    book: Book, facts: Sequence[Row], changed: set[Key], tickers: Sequence[str]
) -> list[Section]:
    """Give the sections: facts of any date, what a case may make of them, and what may be stated.

    Parameters
    ----------
    book : Book
        Names the miners.
    facts : sequence of Row
        Rows of the table of facts.
    changed : set of (scope, metric)
        What the cases change.
    tickers : sequence of str
        Miners of the workbook.
    """
    stated = {(row["scope"], row["metric"]) for row in facts}
    shared = {metric for scope, metric in stated if scope == MARKET_WIDE}
    stated |= {key for key in changed if key[1] in shared}
    stated = {key for key in stated if key[1] not in IDLE}

    def of(scope: str) -> set[str]:
        return {metric for one, metric in stated if one == scope}

    made = [_section("Market", NETWORK, MARKET, of(NETWORK) | set(MARKET))]
    left = of(MARKET_WIDE) | set(NEEDED_OF_ALL)
    for title, metrics in FRAMEWORK.items():
        made.append(_section(f"Framework: {title}", MARKET_WIDE, metrics, left & set(metrics)))
        left -= set(metrics)
    made.append(_section("Framework: other", MARKET_WIDE, (), left))
    names = {row["ticker"]: row["name"] for row in book.tables["miners"].rows()}
    for ticker in tickers:
        own = of(ticker) | set(MINER) - shared
        title = f"{ticker}: {names.get(ticker, '')}".removesuffix(": ")
        made.append(_section(title, ticker, MINER, own))
    return [section for section in made if section.keys]


def _section(title: str, scope: str, order: Sequence[str], metrics: set[str]) -> Section:
    known = [metric for metric in order if metric in metrics]
    others = sorted(metrics - set(order))
    return Section(title, tuple((scope, metric) for metric in (*known, *others)))


def rows_of(sections: Sequence[Section], first: int) -> dict[Key, int]:
    """Give the row of each fact, where each section begins with a row for its title.

    Examples
    --------
    >>> keys = ("NETWORK", "btc_price"), ("RIOT", "cash")
    >>> rows_of([Section("Market", keys[:1]), Section("RIOT", keys[1:])], 9)
    {('NETWORK', 'btc_price'): 10, ('RIOT', 'cash'): 12}
    """
    rows, row = {}, first
    for section in sections:
        for key in section.keys:
            row += 1
            rows[key] = row
        row += 1
    return rows
