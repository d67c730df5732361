"""The nomenclature of numeric facts: one name, one unit, one meaning, one domain each."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

COMPANY: Final = "company"
MARKET_WIDE: Final = "ALL"
NETWORK: Final = "NETWORK"

MW_UNITS: Final = frozenset({"MW", "USD M/MW", "USD M/MW/year", "GPUs/MW"})
"""Units that mean something only with a basis: gross MW at the fence or critical IT MW."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A numeric fact: its unit, where it lives and which values make sense.

    `home` is "company" (a ticker, or `ALL` as the default of every ticker), "ALL" (a parameter of
    the framework; a ticker may have its own) or "NETWORK" (one value for the bitcoin network).
    `basis` is the MW basis that a value without a stated basis is on.
    """

    name: str
    unit: str
    home: str
    meaning: str
    low: float = -inf
    high: float = inf
    basis: str = ""
    above: bool = False
    """Whether the lower bound itself is excluded."""

    @property
    def rule(self) -> str:
        """Say the domain in words."""
        if self.low == -inf and self.high == inf:
            return "must be a finite number"
        if self.above:
            return f"must be above {self.low:g}"
        if self.high == inf:
            return f"must be {self.low:g} or more"
        return f"must be between {self.low:g} and {self.high:g}"


_ALL: Final = (
    # company
    Metric("btc_held", "BTC", COMPANY, "Bitcoin on the balance sheet", 0),
    Metric("cash", "USD M", COMPANY, "Cash and equivalents"),
    Metric("cloud_mw", "MW", COMPANY, "Power serving GPU cloud", 0, basis="gross"),
    Metric("debt_reported", "USD M", COMPANY, "Debt as reported", 0),
    Metric("efficiency", "J/TH", COMPANY, "Energy per terahash of the fleet", 0),
    Metric("hashrate", "EH/s", COMPANY, "Deployed hashrate", 0),
    Metric("hpc_mw_shopped", "MW", COMPANY, "Power offered to HPC tenants", 0, basis="gross"),
    Metric("hpc_probability", "fraction", COMPANY, "Probability that it is let", 0, 1),
    Metric("other_value", "USD M", COMPANY, "Value of everything else"),
    Metric("power_operating", "MW", COMPANY, "Power in operation", 0, basis="gross"),
    Metric("power_price", "USD/MWh", COMPANY, "All-in price of electricity"),
    Metric("power_secured", "MW", COMPANY, "Power secured", 0, basis="gross"),
    Metric("price", "USD/share", COMPANY, "Share price", 0, above=True),
    Metric("shares_basic", "M shares", COMPANY, "Basic shares outstanding", 0, above=True),
    Metric("uptime", "fraction", COMPANY, "Share of the hashrate that runs", 0, 1),
    # framework
    Metric("btc_volatility", "fraction/year", MARKET_WIDE, "Volatility of bitcoin", 0),
    Metric(
        "capex_per_mw", "USD M/MW", MARKET_WIDE, "Cost of building HPC power", 0, basis="critical"
    ),
    Metric(
        "cloud_value", "USD M/MW", MARKET_WIDE, "Equity value per MW of GPU cloud", basis="gross"
    ),
    Metric("colo_value_high", "USD M/MW", MARKET_WIDE, "Equity value per MW, high", basis="gross"),
    Metric("colo_value_low", "USD M/MW", MARKET_WIDE, "Equity value per MW, low", basis="gross"),
    Metric("colo_value_mid", "USD M/MW", MARKET_WIDE, "Equity value per MW, mid", basis="gross"),
    Metric(
        "cost_of_equity",
        "fraction",
        MARKET_WIDE,
        "Yearly return that rolls a target forward",
        -0.99,
    ),
    Metric("gpu_capex", "USD/GPU", MARKET_WIDE, "Cost of a GPU with server and network", 0),
    Metric("gpu_life", "years", MARKET_WIDE, "Life of a GPU", 0),
    Metric("gpu_opex_share", "fraction", MARKET_WIDE, "Operating cost as a share of revenue", 0, 1),
    Metric("gpu_per_mw", "GPUs/MW", MARKET_WIDE, "GPUs served by a MW", 0, basis="critical"),
    Metric("gpu_price", "USD/GPU/hour", MARKET_WIDE, "Rent of a GPU", 0),
    Metric("gpu_utilisation", "fraction", MARKET_WIDE, "Share of hours rented", 0, 1),
    Metric("grid_backlog", "years", MARKET_WIDE, "Wait for a grid connection", 0),
    Metric("gross_to_critical", "ratio", MARKET_WIDE, "Gross MW per critical IT MW", 1),
    Metric("hodl_premium", "ratio", MARKET_WIDE, "Value of held bitcoin over spot", 0),
    Metric("hpc_cost_reduction", "fraction", MARKET_WIDE, "A tenant's potential saving"),
    Metric("lease_build_years", "years", MARKET_WIDE, "Build time before the lease", 0),
    Metric("lease_debt_rate", "fraction/year", MARKET_WIDE, "Interest on lease debt"),
    Metric("lease_debt_years", "years", MARKET_WIDE, "Term of lease debt", 0),
    Metric("lease_equity_return", "fraction/year", MARKET_WIDE, "Equity return asked of a lease"),
    Metric("lease_escalator", "fraction/year", MARKET_WIDE, "Yearly rise of the rent"),
    Metric("lease_exit_cap_rate", "fraction", MARKET_WIDE, "Cap rate at the end of the lease", 0),
    Metric("lease_loan_to_cost", "fraction", MARKET_WIDE, "Debt as a share of capex", 0, 1),
    Metric("lease_noi_margin", "fraction", MARKET_WIDE, "Net operating income over rent", 0, 1),
    Metric("lease_rent", "USD M/MW/year", MARKET_WIDE, "First-year rent", 0, basis="critical"),
    Metric("lease_years", "years", MARKET_WIDE, "Length of the lease", 0),
    Metric("mining_discount_rate", "fraction/year", MARKET_WIDE, "Discount rate of mining"),
    Metric("network_growth", "fraction/year", MARKET_WIDE, "Yearly growth of the network"),
    Metric("rating_overweight_from", "fraction", MARKET_WIDE, "Upside from which a name is OW"),
    Metric("rating_underweight_below", "fraction", MARKET_WIDE, "Upside below which a name is UW"),
    Metric(
        "sector_power_development",
        "MW",
        MARKET_WIDE,
        "Sector power in development",
        0,
        basis="gross",
    ),
    Metric(
        "sector_power_operating", "MW", MARKET_WIDE, "Sector power in operation", 0, basis="gross"
    ),
    Metric("signing_correlation", "fraction", MARKET_WIDE, "Correlation of signings", 0, 1),
    Metric("target_date", "date", MARKET_WIDE, "Day the target is set for"),
    Metric("tenant_cap", "MW", MARKET_WIDE, "Demand of one tenant", 0, basis="gross"),
    Metric("window_months", "months", MARKET_WIDE, "Months in which deals are expected", 0),
    # network
    Metric("block_subsidy", "BTC/block", NETWORK, "New bitcoin per block", 0),
    Metric("blocks_per_day", "blocks/day", NETWORK, "Blocks found a day", 1, 10_000),
    Metric("btc_price", "USD", NETWORK, "Price of a bitcoin", 0),
    Metric("fee_share", "fraction", NETWORK, "Fees as a share of the subsidy", 0, 1),
    Metric("halving_date", "date", NETWORK, "Day of the next halving"),
    Metric("network_hashrate", "EH/s", NETWORK, "Hashrate of the network", 0, above=True),
)

METRICS: Final = {metric.name: metric for metric in _ALL}
UNITS: Final = frozenset(metric.unit for metric in _ALL)
