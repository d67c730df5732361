"""Arguments of every elementwise function, single values."""

from __future__ import annotations

SCALARS = {
    "HPC_VALUE": ("RIOT", 0.5, 600.0),
    "HPC_WINDOW": (0.5, 3.0),
    "HPC_CAPEX": (100.0,),
    "HPC_PUBLISHED": ("RIOT", "rating"),
    "HPC_DATA": ("RIOT", "price"),
    "HPC_SOURCE": ("RIOT", "price"),
    "HPC_AGE": ("RIOT", "cash"),
    "HPC_PER_SHARE": ("CIFR", 0.5, 306.0),
    "HPC_MINING_VALUE": ("RIOT", 100000.0),
    "HPC_HASHPRICE": (100000.0,),
    "HPC_LAND_VALUE": ("RIOT", 1.18),
    "HPC_DILUTED_SHARES": ("MARA", 22.0),
    "HPC_TARGET": ("IREN", 0.5, 600.0, "low"),
    "HPC_UPSIDE": ("IREN", 40.0),
    "HPC_RATING": ("IREN", 15.0),
    "HPC_IMPLIED_MW": ("IREN", 46.29, 1.0, "high"),
    "HPC_IMPLIED_PROB": ("CIFR", 11.66),
    "HPC_IMPLIED_PER_MW": ("RIOT", 16.74),
    "HPC_SOLVE": ("RIOT", "btc_price", 19.0),
    "HPC_LEASE_VALUE": (0.1, 1.6),
    "HPC_LEASE_RETURN": (4.8, 1.6),
    "HPC_CLOUD_VALUE": (0.1, 3.0),
    "HPC_DEAL_VALUE": ("CIFR-fluidstack-barber-lake", 0.1),
    "HPC_DEAL": ("CIFR-fluidstack-barber-lake", "noi_low"),
    "HPC_SERIES": ("aggregate_market_cap", "2025-08"),
}
