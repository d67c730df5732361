"""The nomenclature of numeric facts: one name, one unit, one meaning, one domain each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from valuation_core.domain import (
    ANY_NUMBER,
    LEASE_YEARS,
    NOT_NEGATIVE,
    POSITIVE,
    YEARLY_RATE,
    YEARS,
    ZERO_TO_ONE,
    Domain,
)

DAILY: Final = 5
NETWORK_AGE: Final = 35
MONTHLY: Final = 45
QUARTERLY: Final = 120
"""Days after which prices, the network's hashrate, monthly operating facts and facts of the
balance sheet are stale."""

COMPANY: Final = "company"
MARKET_WIDE: Final = "ALL"
NETWORK: Final = "NETWORK"
A_YEAR: Final = "fraction/year"

MW_UNITS: Final = frozenset({"MW", "USD M/MW", "USD M/MW/year", "GPUs/MW"})
"""Units that mean something only with a basis: gross MW at the fence or critical IT MW."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A numeric fact: its unit, where it lives and which values make sense.

    `home` is "company" (a ticker, or `ALL` as the default of every ticker), "ALL" (a parameter of
    the framework; of most a ticker may have its own) or "NETWORK" (one for the whole network).
    `basis` is the MW basis that a value without a stated basis is on.
    """

    name: str
    unit: str
    home: str
    meaning: str
    domain: Domain = ANY_NUMBER
    basis: str = ""
    stale_after: int | None = None
    """Days after which a fact is old; None for what does not age, such as a parameter."""


_ALL: Final = (
    # company
    Metric(
        "btc_held",
        "BTC",
        COMPANY,
        "Bitcoin on the balance sheet",
        NOT_NEGATIVE,
        stale_after=MONTHLY,
    ),
    Metric("cash", "USD M", COMPANY, "Cash and equivalents", stale_after=QUARTERLY),
    Metric(
        "cloud_mw",
        "MW",
        COMPANY,
        "Power serving GPU cloud",
        NOT_NEGATIVE,
        basis="gross",
        stale_after=QUARTERLY,
    ),
    Metric(
        "debt_reported", "USD M", COMPANY, "Debt as reported", NOT_NEGATIVE, stale_after=QUARTERLY
    ),
    Metric("displaced_on", "date", COMPANY, "Day from which displaced hashrate stops mining"),
    Metric(
        "efficiency",
        "J/TH",
        COMPANY,
        "Energy per terahash of the fleet",
        NOT_NEGATIVE,
        stale_after=MONTHLY,
    ),
    Metric("hashrate", "EH/s", COMPANY, "Deployed hashrate", NOT_NEGATIVE, stale_after=MONTHLY),
    Metric("hashrate_displaced", "EH/s", COMPANY, "Hashrate whose power goes to HPC", NOT_NEGATIVE),
    Metric(
        "hashrate_guided",
        "EH/s",
        COMPANY,
        "Hashrate guided for the end of the year",
        NOT_NEGATIVE,
        stale_after=QUARTERLY,
    ),
    Metric(
        "hpc_mw_named",
        "MW",
        COMPANY,
        "Power that the published target names",
        NOT_NEGATIVE,
        basis="critical",
    ),
    Metric(
        "hpc_mw_shopped", "MW", COMPANY, "Power offered to HPC tenants", NOT_NEGATIVE, basis="gross"
    ),
    Metric("hpc_probability", "fraction", COMPANY, "Probability that it is let", ZERO_TO_ONE),
    Metric(
        "hpc_value_named",
        "USD M/MW",
        COMPANY,
        "Equity value per MW that the target names",
        NOT_NEGATIVE,
        basis="critical",
    ),
    Metric("other_value", "USD M", COMPANY, "Value of everything else"),
    Metric(
        "power_operating",
        "MW",
        COMPANY,
        "Power in operation",
        NOT_NEGATIVE,
        basis="gross",
        stale_after=MONTHLY,
    ),
    Metric("power_price", "USD/MWh", COMPANY, "All-in price of electricity", stale_after=MONTHLY),
    Metric(
        "power_secured",
        "MW",
        COMPANY,
        "Power secured",
        NOT_NEGATIVE,
        basis="gross",
        stale_after=QUARTERLY,
    ),
    Metric("price", "USD/share", COMPANY, "Share price", POSITIVE, stale_after=DAILY),
    Metric(
        "shares_basic",
        "M shares",
        COMPANY,
        "Basic shares outstanding",
        POSITIVE,
        stale_after=QUARTERLY,
    ),
    Metric("uptime", "fraction", COMPANY, "Share of the hashrate that runs", ZERO_TO_ONE),
    # framework
    Metric("btc_volatility", A_YEAR, MARKET_WIDE, "Volatility of bitcoin", NOT_NEGATIVE),
    Metric(
        "capex_per_mw",
        "USD M/MW",
        MARKET_WIDE,
        "Cost of building HPC power",
        NOT_NEGATIVE,
        basis="critical",
    ),
    Metric(
        "cloud_value", "USD M/MW", MARKET_WIDE, "Equity value per MW of GPU cloud", basis="gross"
    ),
    Metric("colo_value_high", "USD M/MW", MARKET_WIDE, "Equity value per MW, high", basis="gross"),
    Metric("colo_value_low", "USD M/MW", MARKET_WIDE, "Equity value per MW, low", basis="gross"),
    Metric(
        "colo_value_position",
        "fraction",
        MARKET_WIDE,
        "Place between low and high of the value per MW",
        ZERO_TO_ONE,
    ),
    Metric(
        "cost_of_equity",
        "fraction",
        MARKET_WIDE,
        "Yearly return that rolls a target forward",
        YEARLY_RATE,
    ),
    Metric(
        "gpu_capex", "USD/GPU", MARKET_WIDE, "Cost of a GPU with server and network", NOT_NEGATIVE
    ),
    Metric("gpu_life", "years", MARKET_WIDE, "Life of a GPU", YEARS),
    Metric(
        "gpu_opex_share",
        "fraction",
        MARKET_WIDE,
        "Operating cost as a share of revenue",
        ZERO_TO_ONE,
    ),
    Metric(
        "gpu_per_mw", "GPUs/MW", MARKET_WIDE, "GPUs served by a MW", NOT_NEGATIVE, basis="critical"
    ),
    Metric("gpu_price", "USD/GPU/hour", MARKET_WIDE, "Rent of a GPU", NOT_NEGATIVE),
    Metric("gpu_utilisation", "fraction", MARKET_WIDE, "Share of hours rented", ZERO_TO_ONE),
    Metric("grid_backlog", "years", MARKET_WIDE, "Wait for a grid connection", NOT_NEGATIVE),
    Metric("gross_to_critical", "ratio", MARKET_WIDE, "Gross MW per critical IT MW", Domain(1)),
    Metric(
        "guided_hashrate_share",
        "fraction",
        MARKET_WIDE,
        "Share of the way to guided hashrate that is valued",
        ZERO_TO_ONE,
    ),
    Metric("hodl_premium", "ratio", MARKET_WIDE, "Value of held bitcoin over spot", NOT_NEGATIVE),
    Metric("hpc_cost_reduction", "fraction", MARKET_WIDE, "A tenant's potential saving"),
    Metric(
        "land_on_unlet",
        "fraction",
        MARKET_WIDE,
        "Share of land value on shopped power not let",
        ZERO_TO_ONE,
    ),
    Metric(
        "land_power_value",
        "USD M/MW",
        MARKET_WIDE,
        "Value per MW of approved power without a use",
        NOT_NEGATIVE,
        basis="gross",
    ),
    Metric("lease_build_years", "years", MARKET_WIDE, "Build time before the lease", YEARS),
    Metric("lease_debt_rate", A_YEAR, MARKET_WIDE, "Interest on lease debt", YEARLY_RATE),
    Metric("lease_debt_years", "years", MARKET_WIDE, "Term of lease debt", LEASE_YEARS),
    Metric(
        "lease_equity_return", A_YEAR, MARKET_WIDE, "Equity return asked of a lease", YEARLY_RATE
    ),
    Metric("lease_escalator", A_YEAR, MARKET_WIDE, "Yearly rise of the rent", YEARLY_RATE),
    Metric(
        "lease_exit_cap_rate",
        "fraction",
        MARKET_WIDE,
        "Cap rate at the end of the lease",
        NOT_NEGATIVE,
    ),
    Metric("lease_loan_to_cost", "fraction", MARKET_WIDE, "Debt as a share of capex", ZERO_TO_ONE),
    Metric(
        "lease_noi_margin", "fraction", MARKET_WIDE, "Net operating income over rent", ZERO_TO_ONE
    ),
    Metric(
        "lease_rent",
        "USD M/MW/year",
        MARKET_WIDE,
        "First-year rent",
        NOT_NEGATIVE,
        basis="critical",
    ),
    Metric("lease_years", "years", MARKET_WIDE, "Length of the lease", LEASE_YEARS),
    Metric("mining_discount_rate", A_YEAR, MARKET_WIDE, "Discount rate of mining", YEARLY_RATE),
    Metric("network_growth", A_YEAR, MARKET_WIDE, "Yearly growth of the network", YEARLY_RATE),
    Metric(
        "option_by_site", "fraction", MARKET_WIDE, "1 values the option site by site", ZERO_TO_ONE
    ),
    Metric("rating_overweight_from", "fraction", MARKET_WIDE, "Upside from which a name is OW"),
    Metric("rating_underweight_below", "fraction", MARKET_WIDE, "Upside below which a name is UW"),
    Metric(
        "sector_power_development",
        "MW",
        MARKET_WIDE,
        "Sector power in development",
        NOT_NEGATIVE,
        basis="gross",
    ),
    Metric(
        "sector_power_operating",
        "MW",
        MARKET_WIDE,
        "Sector power in operation",
        NOT_NEGATIVE,
        basis="gross",
    ),
    Metric(
        "signed_by_lease",
        "fraction",
        MARKET_WIDE,
        "1 values signed leases on their own terms",
        ZERO_TO_ONE,
    ),
    Metric("signing_correlation", "fraction", MARKET_WIDE, "Correlation of signings", ZERO_TO_ONE),
    Metric(
        "site_probability_12m",
        "fraction",
        MARKET_WIDE,
        "Probability of a site energized within 12 months",
        ZERO_TO_ONE,
    ),
    Metric(
        "site_probability_24m",
        "fraction",
        MARKET_WIDE,
        "Probability of a site energized within 24 months",
        ZERO_TO_ONE,
    ),
    Metric(
        "site_probability_later",
        "fraction",
        MARKET_WIDE,
        "Probability of a site energized later, or undated",
        ZERO_TO_ONE,
    ),
    Metric(
        "site_probability_pipeline",
        "fraction",
        MARKET_WIDE,
        "Probability of a site in the pipeline",
        ZERO_TO_ONE,
    ),
    Metric("target_date", "date", MARKET_WIDE, "Day the target is set for"),
    Metric("tenant_cap", "MW", MARKET_WIDE, "Demand of one tenant", NOT_NEGATIVE, basis="gross"),
    Metric(
        "use_named",
        "fraction",
        MARKET_WIDE,
        "1 values the MW that the target names, where it does",
        ZERO_TO_ONE,
    ),
    Metric(
        "window_months", "months", MARKET_WIDE, "Months in which deals are expected", NOT_NEGATIVE
    ),
    # network
    Metric("block_subsidy", "BTC/block", NETWORK, "New bitcoin per block", NOT_NEGATIVE),
    Metric("blocks_per_day", "blocks/day", NETWORK, "Blocks found a day", Domain(1, 10_000)),
    Metric("btc_price", "USD", NETWORK, "Price of a bitcoin", NOT_NEGATIVE, stale_after=DAILY),
    Metric(
        "fee_share",
        "fraction",
        NETWORK,
        "Fees as a share of the subsidy",
        ZERO_TO_ONE,
        stale_after=MONTHLY,
    ),
    Metric("halving_date", "date", NETWORK, "Day of the next halving"),
    Metric(
        "network_hashrate",
        "EH/s",
        NETWORK,
        "Hashrate of the network",
        POSITIVE,
        stale_after=NETWORK_AGE,
    ),
)

GONE: Final = {
    "colo_value_mid": "state colo_value_position: 0 is low, 0.5 halfway, 1 high",
}
"""Metrics of an earlier format, and what to do."""

METRICS: Final = {metric.name: metric for metric in _ALL}
SHARED: Final = frozenset(
    {"btc_volatility", "capex_per_mw", "signing_correlation"}
    | {name for name in METRICS if name.startswith(("gpu_", "lease_"))}
)
"""Parameters that are read for `ALL` alone: stated for a miner they would do nothing, unsaid."""
UNITS: Final = frozenset(metric.unit for metric in _ALL)
