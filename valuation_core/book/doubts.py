"""Rows of a valid book that are hardly meant as they stand: noted, never refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from valuation_core.book.contradictions import (
    OFF_BY_ROUNDING,
    ORDERED_METRICS,
    Order,
    below,
    crossed,
    off_strike,
    shown,
    strike_sentence,
)
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.schema import ASSUMPTION, TABLES
from valuation_core.book.tables import Row, Tables, newest_of

SUSPICIOUS: Final = {
    "inputs": (Order("as_of", "known_on"),),
    "deals": (Order("announced", "as_of"), Order("backstop_usd_m", "revenue_usd_m")),
}
"""By table: a figure known before the day it is about, a backstop above all revenue."""

HIGHEST_COUPON: Final = 0.25
"""A coupon above it reads as percent written for a fraction."""

LONGEST_SUBSIDY: Final = 1700
"""Days after which a subsidy is older than the time between two halvings, about 1,458."""


def suspicious(tables: Tables) -> Iterator[str]:
    """Say what rows of a valid book are hardly meant as they stand."""
    for name in SUSPICIOUS:
        for row in tables[name].rows():
            for smaller, larger in crossed(name, row, SUSPICIOUS):
                what = f"{larger} {below(row[larger])} {smaller} {shown(row[smaller])}"
                yield f"{name}: {_named(name, row)}: {what}"
    yield from _assumptions(tables)
    yield from _ranges(tables)
    yield from _instruments(tables)
    yield from _twins(tables)
    yield from _sites(tables)
    yield from _power(tables)
    yield from _subsidy(tables)


def _assumptions(tables: Tables) -> Iterator[str]:
    """Assumptions that are not shown as such, since their confidence is not low."""
    for name, table in tables.items():
        if "source" in table.columns:
            for row in table.rows():
                if row["source"] == ASSUMPTION and row["confidence"] != "low":
                    what = f"an assumption of {row['confidence']} confidence is not shown as one"
                    yield f"{name}: {_named(name, row)}: {what}"


def _ranges(tables: Tables) -> Iterator[str]:
    """A low above a high that is still in force from another day."""
    stated: dict[tuple[str, str], list[Row]] = {}
    for row in tables["inputs"].rows():
        if row["value"] is not None:
            stated.setdefault((row["scope"], row["metric"]), []).append(row)
    for smaller, larger in ORDERED_METRICS:
        for scope in dict.fromkeys(scope for scope, metric in stated if metric == smaller):
            lows, highs = stated[scope, smaller], stated.get((scope, larger), [])
            for day in sorted({row["as_of"] for row in (*lows, *highs)}):
                low, high = _newest_by(lows, day), _newest_by(highs, day)
                if low is None or high is None or low["as_of"] == high["as_of"]:
                    continue
                if low["basis"] == high["basis"] and low["value"] > high["value"]:
                    yield (
                        f"inputs: {scope}: {smaller} {low['value']:g} of {low['as_of']} is "
                        f"above {larger} {high['value']:g} of {high['as_of']}"
                    )


def _newest_by(rows: Sequence[Row], day: date) -> Row | None:
    return max(
        (row for row in rows if row["as_of"] <= day), key=lambda row: row["as_of"], default=None
    )


def _instruments(tables: Tables) -> Iterator[str]:
    for row in tables["instruments"].rows():
        name = row["instrument_id"]
        if off_strike(row) > OFF_BY_ROUNDING:
            yield f"instruments: {name}: {strike_sentence(row)}; principal / shares is used"
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
    return " ".join(str(row[column]) for column in TABLES[table].key)
