"""The catalogue: each worksheet function is stated once, on one line.

Every host, help text, template and reference page is made from these lines; to add a function,
write it in the core and name it here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from valuation_core import (
    bridge,
    company,
    comparables,
    deal_lease,
    deals,
    distribution,
    facts,
    gpu,
    histogram,
    hpc,
    implied,
    ladder,
    land,
    lease,
    mining,
    network,
    pipeline,
    published,
    sector,
    sensitivity,
    simulation,
    solving,
    target,
)
from valuation_core.book.tables import Tables
from valuation_core.catalogue import bookkeeping
from valuation_core.catalogue.cards import Card, Kind, card_of
from valuation_core.catalogue.explain import HEADER, steps_of
from valuation_core.errors import ValuationError, misfit, unknown
from valuation_core.evaluation.evaluation import Step
from valuation_core.result import ResultTable
from valuation_core.units import Arguments, Keyword, Spill


def explain(function: Keyword, *arguments: Arguments, tables: Tables | None = None) -> Spill:
    """Steps behind a result, with value, unit, source, date and confidence of each.

    Parameters
    ----------
    function : str
        Name of a worksheet function, such as "HPC_VALUE".
    *arguments
        The arguments of that function, in its order; single values only.
    tables : mapping, optional
        Tables to read in place of the shipped ones.

    Returns
    -------
    ResultTable
        One row a step; the last one holds the result, or the reason why there is none.

    Raises
    ------
    ValuationError
        For an unknown function, or HPC_EXPLAIN itself. Whatever else is wrong is the last row.

    Notes
    -----
    The steps are noted while the function itself runs, so the last value is its result bit for bit.

    Examples
    --------
    >>> for step, formula, value, *_ in explain("HPC_VALUE", "RIOT", 0.5, 1000).rows:
    ...     print(f"{step}: {formula} = {value}")
    prob: given = 0.5
    mw: given = 1000.0
    colo_value_position: fact of ALL = 0.5
    colo_value_low: fact of ALL = 3.7
    colo_value_high: fact of ALL = 8.6
    value per gross MW: low + position x (high - low) = 6.15
    tenant_cap: fact of ALL = 800.0
    MW capped: smaller of MW and cap = 800.0
    option value: probability x MW capped x value per MW = 2460.0
    """
    if not isinstance(function, str):
        raise misfit("function", "must be the name of a function", function)
    name = function.strip().upper()
    if name not in catalogue():
        raise unknown("function", function, list(catalogue()))
    card = card_named(name)
    if card.function is explain:
        raise misfit("function", "must be another one than HPC_EXPLAIN")
    try:
        steps = steps_of(card, arguments, tables)
    except ValuationError as error:
        steps = [Step("no result", error.reason, error)]
    return ResultTable(HEADER, tuple(tuple(step) for step in steps))


_LINES: Final = (
    ("HPC_VALUE", hpc.value, "HPC option", Kind.ELEMENTWISE),
    ("HPC_PER_SHARE", company.option_per_share, "HPC option", Kind.ELEMENTWISE),
    ("HPC_WINDOW", hpc.window, "HPC option", Kind.ELEMENTWISE),
    ("HPC_CAPEX", hpc.capex, "HPC option", Kind.ELEMENTWISE),
    ("HPC_MINING_VALUE", mining.mining_value, "Mining", Kind.ELEMENTWISE),
    ("HPC_HASHPRICE", network.hashprice, "Mining", Kind.ELEMENTWISE),
    ("HPC_SOTP", company.sum_of_parts, "Company", Kind.TABLE),
    ("HPC_LAND_VALUE", land.land_value, "Company", Kind.ELEMENTWISE),
    ("HPC_DILUTED_SHARES", company.diluted_shares, "Company", Kind.ELEMENTWISE),
    ("HPC_TARGET", target.target, "Company", Kind.ELEMENTWISE),
    ("HPC_UPSIDE", target.upside, "Company", Kind.ELEMENTWISE),
    ("HPC_RATING", target.rating, "Company", Kind.ELEMENTWISE),
    ("HPC_RANK", target.rank, "Company", Kind.TABLE),
    ("HPC_LADDER", ladder.ladder, "Company", Kind.TABLE),
    ("HPC_BRIDGE", bridge.bridge, "Company", Kind.TABLE),
    ("HPC_PUBLISHED", published.published, "Company", Kind.ELEMENTWISE),
    ("HPC_IMPLIED_MW", implied.implied_mw, "Implied by the price", Kind.ELEMENTWISE),
    ("HPC_IMPLIED_PROB", implied.implied_prob, "Implied by the price", Kind.ELEMENTWISE),
    ("HPC_IMPLIED_PER_MW", implied.implied_per_mw, "Implied by the price", Kind.ELEMENTWISE),
    ("HPC_SOLVE", solving.solve_for, "Implied by the price", Kind.ELEMENTWISE),
    ("HPC_SENSITIVITY", sensitivity.sensitivity, "Sensitivity", Kind.TABLE),
    ("HPC_TORNADO", sensitivity.tornado, "Sensitivity", Kind.TABLE),
    ("HPC_DISTRIBUTION", distribution.distribution, "Uncertainty", Kind.TABLE),
    ("HPC_HISTOGRAM", histogram.histogram, "Uncertainty", Kind.TABLE),
    ("HPC_SIMULATE", simulation.simulate, "Uncertainty", Kind.TABLE),
    ("HPC_LEASE_VALUE", lease.lease_value, "Lease and cloud", Kind.ELEMENTWISE),
    ("HPC_LEASE_RETURN", lease.lease_return, "Lease and cloud", Kind.ELEMENTWISE),
    ("HPC_CLOUD_VALUE", gpu.cloud_value, "Lease and cloud", Kind.ELEMENTWISE),
    ("HPC_DEAL_VALUE", deal_lease.deal_value, "Lease and cloud", Kind.ELEMENTWISE),
    ("HPC_DEAL", deals.deal, "Deals and sector", Kind.ELEMENTWISE),
    ("HPC_PIPELINE", pipeline.pipeline, "HPC option", Kind.TABLE),
    ("HPC_DEALS", deals.deals, "Deals and sector", Kind.TABLE),
    ("HPC_COMPS", comparables.comparables, "Deals and sector", Kind.TABLE),
    ("HPC_SITES", deals.sites, "Deals and sector", Kind.TABLE),
    ("HPC_SERIES", sector.series, "Deals and sector", Kind.ELEMENTWISE),
    ("HPC_DATA", facts.fact, "Book of facts", Kind.ELEMENTWISE),
    ("HPC_SOURCE", facts.source, "Book of facts", Kind.ELEMENTWISE),
    ("HPC_CASES", ladder.cases, "Book of facts", Kind.TABLE),
    ("HPC_AGE", facts.age, "Book of facts", Kind.ELEMENTWISE),
    ("HPC_BOOK", bookkeeping.dated_book, "Book of facts", Kind.BOOKKEEPING),
    ("HPC_EXPLAIN", explain, "Audit", Kind.TABLE),
    ("HPC_VERSION", bookkeeping.version, "Audit", Kind.BOOKKEEPING),
)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Card]:
    """Give the card of every worksheet function, by name, in the order of the catalogue.

    Examples
    --------
    >>> catalogue()["HPC_VALUE"].signature
    'HPC_VALUE(miner, [prob], [mw], [per_mw], [basis], [cap], [book])'
    """
    return {name: card_of(name, function, group, kind) for name, function, group, kind in _LINES}


def card_named(name: str) -> Card:
    """Give the card of a function named in any case."""
    return catalogue()[name.strip().upper()]


def formula(name: str, **arguments: Any) -> str:
    """Write a call as spreadsheet text; an unknown argument fails here, not in the cell.

    Values are pieces of formula text, such as "$B$4" or '"mid"'.

    Examples
    --------
    >>> formula("HPC_VALUE", miner="B$4", book="Book")
    'HPC_VALUE(B$4,,,,,,Book)'
    """
    card = card_named(name)
    known = [argument.name for argument in card.arguments]
    if unknown := set(arguments) - set(known):
        raise TypeError(f"{name} has no argument {', '.join(sorted(unknown))}")
    parts = [str(arguments.get(argument, "")) for argument in known]
    while parts and not parts[-1]:
        parts.pop()
    return f"{name}({','.join(parts)})"
