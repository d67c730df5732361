"""Argument texts that several functions share, said once.

A docstring names a shared argument by `<name>` on a line of its own in its Parameters section; the
decorator puts the full entry there, so help texts and docs read the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVar

F = TypeVar("F", bound=Callable[..., object])

_ENTRIES: Final = {
    "miner": ("str or array", "Ticker, name or alias."),
    "prob": (
        "float or array, optional",
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.",
    ),
    "mw": (
        "float or array, optional",
        "Power offered to tenants. Default: the MW the miner shops, less those let since.",
    ),
    "per_mw": (
        "float, str or array, optional",
        'USD M per MW, or "low", "mid", "high", "cloud". Default: at colo_value_position.',
    ),
    "basis": (
        "str or array, optional",
        '"gross" or "critical" MW: the basis of your own mw, numeric per_mw and cap.',
    ),
    "cap": ("float or array, optional", "MW that one tenant takes. Default: the edition's cap."),
    "btc_price": ("float or array, optional", "USD per bitcoin. Default: the book's."),
    "price": (
        "float or array, optional",
        "USD per share. Default: the edition's reference price, else the newest.",
    ),
    "percentiles": (
        "array, optional",
        "Between 0 and 1. Default: 5%, 10%, 25%, 50%, 75%, 90% and 95%.",
    ),
    "correlation": (
        "float, optional",
        "Of signings, 0 to 1. Default: the book's signing_correlation.",
    ),
    "book": ("Book, optional", "Facts to read. In a cell: the handle from HPC_BOOK."),
    "rent": (
        "float or array, optional",
        "First-year rent, USD M per critical MW. Default: the book's.",
    ),
    "escalator": ("float or array, optional", "Yearly rise of the rent. Default: the book's."),
    "noi_margin": (
        "float or array, optional",
        "Net operating income over rent, 0 to 1. Default: the book's.",
    ),
    "capex": ("float or array, optional", "Cost, USD M per critical MW. Default: capex_per_mw."),
    "loan_to_cost": ("float or array, optional", "Debt over capex, 0 to 1. Default: the book's."),
    "debt_rate": ("float or array, optional", "Yearly interest. Default: the book's."),
    "debt_years": ("float or array, optional", "Term of the debt in years. Default: the book's."),
    "lease_years": (
        "float or array, optional",
        "Length of the lease in years. Default: the book's.",
    ),
    "build_years": (
        "float or array, optional",
        "Years before the lease starts. Default: the book's.",
    ),
    "exit_cap_rate": (
        "float or array, optional",
        "Cap rate on the income of the year after the lease; 0 = no exit. Default: the book's.",
    ),
}


def shared_parameters(function: F) -> F:
    """Write the entries of shared arguments into a docstring."""

    def entry(match: re.Match[str]) -> str:
        indent, name = match[1], match[2]
        kind, text = _ENTRIES[name]
        return f"{indent}{name} : {kind}\n{indent}    {text}"

    if function.__doc__ is not None:
        function.__doc__ = re.sub(r"^( *)<(\w+)>$", entry, function.__doc__, flags=re.MULTILINE)
    return function
