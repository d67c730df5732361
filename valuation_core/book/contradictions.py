"""Rows that contradict themselves or each other: what cannot be, which is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from math import inf
from typing import Any, Final, NamedTuple

from valuation_core.book.tables import Row, Tables
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


def impossible(table: str, row: Row) -> Iterator[tuple[str, str]]:
    """Say what contradicts itself in a row, as (column, what)."""
    for smaller, larger in crossed(table, row, IMPOSSIBLE):
        yield larger, f"{below(row[larger])} {smaller} {shown(row[smaller])}"
    if table == "instruments" and off_strike(row) > OFF_BY_MISTAKE:
        yield "shares_m", strike_sentence(row)
    if table == "sites" and row["part_of"] and row["part_of"] == row["site"]:
        yield "part_of", f"{quote(row['site'])} is inside of itself"


def impossible_inputs(tables: Tables) -> Iterator[tuple[int, str, str]]:
    """Say which inputs of one day contradict each other, as (place of the row, column, what)."""
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
    """Give the places of sites that are inside of each other in a circle on a day: none counts."""
    rows = [*tables["sites"].rows()]
    of_miner: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row["as_of"] is not None:
            of_miner.setdefault(row["ticker"], []).append(place)
    found: set[int] = set()
    for places in of_miner.values():
        seen_from = {place: rows[place]["known_on"] or rows[place]["as_of"] for place in places}
        for day in {seen_from[place] for place in places if rows[place]["part_of"]}:
            visible = [place for place in places if seen_from[place] <= day]
            newest = {rows[place]["site"]: place for place in sorted(visible, key=_day_of(rows))}
            found.update(_in_circles(rows, newest))
    yield from sorted(found)


def _day_of(rows: Sequence[Row]) -> Callable[[int], date]:
    return lambda place: rows[place]["as_of"]


def _in_circles(rows: Sequence[Row], newest: Mapping[str, int]) -> Iterator[int]:
    """Give the places of sites inside of themselves through others; `impossible` tells the rest."""
    for site, place in newest.items():
        inside, steps = rows[place]["part_of"], 0
        while inside in newest and inside != site and steps < len(newest):
            inside, steps = rows[newest[inside]]["part_of"], steps + 1
        if inside == site != rows[place]["part_of"]:
            yield place


def crossed(table: str, row: Row, orders: dict[str, tuple[Order, ...]]) -> Iterator[Order]:
    """Give the orders that a row breaks."""
    for order in orders.get(table, ()):
        small, large = row[order.smaller], row[order.larger]
        if small is not None and large is not None and small > large:
            yield order


def off_strike(row: Row) -> float:
    """Part by which principal / shares of a convertible misses the strike it states."""
    owed, shares, strike = (row[name] for name in ("principal_usd_m", "shares_m", "strike_usd"))
    if row["kind"] != "convertible" or strike is None or not owed or not shares:
        return 0.0
    return abs(owed / shares / strike - 1.0) if strike else inf


def strike_sentence(row: Row) -> str:
    """Say by how much principal / shares misses the strike."""
    price = row["principal_usd_m"] / row["shares_m"]
    return f"principal / shares is {price:.4f} USD, strike_usd is {row['strike_usd']:.4f} USD"


def below(value: Any) -> str:
    """Write a value and that it is smaller than another."""
    return f"{shown(value)} is {'below' if isinstance(value, float) else 'before'}"


def shown(value: Any) -> str:
    """Write a value for a sentence."""
    return f"{value:g}" if isinstance(value, float) else str(value)
