"""Rows that contradict themselves or each other: what cannot be, and what is hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, Final, NamedTuple

from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.tables import Row, Tables, newest_of
from valuation_core.errors import quote


class Order(NamedTuple):
    """Of two columns of a row, the one that cannot be above the other."""

    smaller: str
    larger: str


IMPOSSIBLE: Final = {
    "instruments": (
        Order("issue_date", "maturity"),
        Order("issue_date", "retired_on"),
        Order("strike_usd", "capped_call_cap_usd"),
    ),
    "deals": (
        Order("mw_critical", "mw_gross"),
        Order("noi_margin_low", "noi_margin_high"),
        Order("capex_low_usd_m_per_critical_mw", "capex_high_usd_m_per_critical_mw"),
        Order("revenue_usd_m", "revenue_with_extensions_usd_m"),
    ),
    "sites": (Order("mw_critical", "mw_gross"),),
}
"""By table. MW at the fence hold the critical MW; nothing ends before it begins."""

SUSPICIOUS: Final = {
    "inputs": (Order("as_of", "known_on"),),
    "deals": (Order("announced", "as_of"), Order("backstop_usd_m", "revenue_usd_m")),
}
"""By table: a figure known before the day it is about, a backstop above all revenue."""

ORDERED_METRICS: Final = (
    Order("colo_value_low", "colo_value_high"),
    Order("rating_underweight_below", "rating_overweight_from"),
)
"""Metrics that cannot be above each other on one scope, day and MW basis."""

OFF_BY_ROUNDING: Final = 0.02
OFF_BY_MISTAKE: Final = 0.25
"""Parts of a strike by which principal / shares may miss it: beyond the first the row is noted,
beyond the second refused. Every shipped note is within 1e-9; a note partly repurchased or adjusted
for a split misses its strike by far more."""

HIGHEST_COUPON: Final = 0.25
"""A coupon above it reads as percent written for a fraction."""

LONGEST_SUBSIDY: Final = 1700
"""Days after which a subsidy is older than the time between two halvings, about 1,458."""


def impossible(table: str, row: Row) -> Iterator[tuple[str, str]]:
    """Say what contradicts itself in a row, as (column, what)."""
    for smaller, larger in _crossed(table, row, IMPOSSIBLE):
        yield larger, f"{_below(row[larger])} {smaller} {_shown(row[smaller])}"
    if table == "instruments" and _off_strike(row) > OFF_BY_MISTAKE:
        yield "shares_m", _strike_sentence(row)
    if table == "sites" and row["part_of"] and row["part_of"] == row["site"]:
        yield "part_of", f"{quote(row['site'])} is inside of itself"


def impossible_inputs(tables: Tables) -> Iterator[tuple[int, str, str]]:
    """Say which inputs contradict each other, as (place among the rows, column, what)."""
    stated: dict[tuple[Any, ...], float] = {}
    rows = [*tables["inputs"].rows()]
    for row in rows:
        if isinstance(row["value"], float):
            stated[row["metric"], row["scope"], row["as_of"], row["basis"]] = row["value"]
    for place, row in enumerate(rows):
        for smaller, larger in ORDERED_METRICS:
            other = stated.get((larger, row["scope"], row["as_of"], row["basis"]))
            value = row["value"] if row["metric"] == smaller else None
            if value is not None and other is not None and value > other:
                yield place, "value", f"{value:g} is above the {larger} of that day, {other:g}"


def circles(tables: Tables) -> Iterator[int]:
    """Give the places of sites that are inside of each other in a circle: none would count."""
    rows = [*tables["sites"].rows()]
    outer = {(row["ticker"], row["site"]): row["part_of"] for row in newest_of(tables["sites"])}
    for place, row in enumerate(rows):
        inside, steps = row["part_of"], 0
        while inside and inside != row["site"] and steps < len(rows):
            inside, steps = outer.get((row["ticker"], inside), ""), steps + 1
        if inside == row["site"] != row["part_of"]:
            yield place


def suspicious(tables: Tables) -> Iterator[str]:
    """Say what rows of a valid book are hardly meant as they stand."""
    for name in SUSPICIOUS:
        for row in tables[name].rows():
            for smaller, larger in _crossed(name, row, SUSPICIOUS):
                shown = f"{larger} {_below(row[larger])} {smaller} {_shown(row[smaller])}"
                yield f"{name}: {_named(name, row)}: {shown}"
    yield from _instruments(tables)
    yield from _twins(tables)
    yield from _sites(tables)
    yield from _power(tables)
    yield from _subsidy(tables)


def _crossed(table: str, row: Row, orders: dict[str, tuple[Order, ...]]) -> Iterator[Order]:
    for order in orders.get(table, ()):
        small, large = row[order.smaller], row[order.larger]
        if small is not None and large is not None and small > large:
            yield order


def _off_strike(row: Row) -> float:
    """Part by which principal / shares of a convertible misses the strike it states."""
    owed, shares, strike = (row[name] for name in ("principal_usd_m", "shares_m", "strike_usd"))
    if row["kind"] != "convertible" or strike is None or not owed or not shares:
        return 0.0
    return abs(owed / shares / strike - 1.0) if strike else inf


def _strike_sentence(row: Row) -> str:
    price = row["principal_usd_m"] / row["shares_m"]
    return f"principal / shares is {price:.4f} USD, strike_usd is {row['strike_usd']:.4f} USD"


def _instruments(tables: Tables) -> Iterator[str]:
    for row in tables["instruments"].rows():
        name = row["instrument_id"]
        if _off_strike(row) > OFF_BY_ROUNDING:
            yield f"instruments: {name}: {_strike_sentence(row)}; principal / shares is used"
        if row["coupon"] is not None and abs(row["coupon"]) > HIGHEST_COUPON:
            yield f"instruments: {name}: coupon {row['coupon']:g} is a fraction: 0.05 is 5%"


TWINS: Final = {
    "instruments": ("ticker", "kind", "principal_usd_m", "shares_m", "strike_usd", "maturity"),
    "deals": ("ticker", "counterparty", "site", "announced", "mw_gross", "mw_critical"),
}
"""What makes two rows of different ids look like one thing counted twice."""


def _twins(tables: Tables) -> Iterator[str]:
    for name, columns in TWINS.items():
        seen: dict[tuple[Any, ...], str] = {}
        for row in newest_of(tables[name]):
            key = tuple(row[column] for column in columns)
            first = seen.setdefault(key, _named(name, row))
            if first != _named(name, row):
                yield f"{name}: {_named(name, row)} reads like {first}: is it counted twice?"


def _sites(tables: Tables) -> Iterator[str]:
    """Deals above the site they are at, and details above what they are inside of."""
    sites: dict[tuple[str, str], Row] = {
        (row["ticker"], row["site"]): row for row in newest_of(tables["sites"])
    }
    let: dict[tuple[str, str, str], float] = {}
    for row in newest_of(tables["deals"]):
        for basis in ("mw_gross", "mw_critical"):
            if row[basis] is not None:
                key = (row["ticker"], row["site"], basis)
                let[key] = let.get(key, 0.0) + row[basis]
    inside: dict[tuple[str, str, str], float] = {}
    for one in sites.values():
        if one["part_of"] and one["mw_gross"] is not None:
            key = (one["ticker"], one["part_of"], "mw_gross")
            inside[key] = inside.get(key, 0.0) + one["mw_gross"]
    for what, sums in (("deals let", let), ("details hold", inside)):
        for (ticker, site, basis), total in sums.items():
            whole = sites[ticker, site][basis] if (ticker, site) in sites else None
            if whole is not None and total > whole:
                yield f"sites: {ticker} {site}: {what} {total:g} of its {whole:g} {basis}"


def _power(tables: Tables) -> Iterator[str]:
    newest = {(row["scope"], row["metric"]): row for row in newest_of(tables["inputs"])}
    for (scope, metric), row in newest.items():
        whole = newest.get((scope, "power_secured"))
        part = metric in ("power_operating", "hpc_mw_shopped", "cloud_mw")
        if not part or whole is None or scope in (MARKET_WIDE, NETWORK):
            continue
        values = (row["value"], whole["value"])
        if None not in values and row["basis"] == whole["basis"] and values[0] > values[1]:
            yield f"inputs: {scope}: {metric} {values[0]:g} is above power_secured {values[1]:g}"


def _subsidy(tables: Tables) -> Iterator[str]:
    """A next halving so late that another one must lie between it and the subsidy stated."""
    rows = [row for row in tables["inputs"].rows() if row["value"] is not None]
    halvings = [row["value"] for row in rows if row["metric"] == "halving_date"]
    subsidies = [row["as_of"] for row in rows if row["metric"] == "block_subsidy"]
    if halvings and subsidies and (max(halvings) - max(subsidies)).days > LONGEST_SUBSIDY:
        yield (
            f"inputs: a halving lies between the block_subsidy of {max(subsidies)} and the "
            f"halving_date {max(halvings)}: state the subsidy after it"
        )


def _named(table: str, row: Row) -> str:
    columns = {
        "instruments": ("instrument_id",),
        "deals": ("deal_id",),
        "sites": ("ticker", "site"),
    }
    return " ".join(str(row[column]) for column in columns.get(table, ("scope", "metric")))


def _below(value: Any) -> str:
    return f"{_shown(value)} is {'below' if isinstance(value, float) else 'before'}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
