"""Cases: named sets of changes to the inputs of a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from valuation_core.book.contradictions import ORDERED_METRICS
from valuation_core.book.fact import OWN, Fact, Key
from valuation_core.book.metrics import MARKET_WIDE, METRICS, NETWORK
from valuation_core.book.schema import PLAIN, folded
from valuation_core.book.tables import Row, Tables
from valuation_core.errors import domain, missing, nearest, quote


def case_names(tables: Tables) -> tuple[str, ...]:
    """Give the cases that a book knows, the plain one first."""
    return tuple(dict.fromkeys((PLAIN, *tables["cases"].columns["case"])))


def case_named(tables: Tables, name: str) -> str:
    """Give a case as it is spelt, from its name in any letter case.

    Raises
    ------
    ValuationError
        For an unknown case, naming those there are.
    """
    known = {folded(case): case for case in case_names(tables)}
    found = known.get(folded(name))
    if found is None:
        rule = f"is none of {', '.join(known.values())}{nearest(name, list(known.values()))}"
        raise missing("case", rule, name)
    return found


def changes_of(tables: Tables, case: str) -> tuple[Row, ...]:
    """Give the changes of a case, in file order."""
    return tuple(row for row in tables["cases"].rows() if row["case"] == case)


def with_changes(
    facts: Mapping[Key, Fact], changes: Sequence[Row], own: Sequence[Key], as_of: date
) -> dict[Key, Fact]:
    """Apply changes to facts.

    A ticker's own change stands before the one for `ALL`. What an analyst stated is not changed; a
    fact stated for `ALL` keeps every change to that metric off.

    Raises
    ------
    ValuationError
        When a changed value leaves the domain of its metric.
    """
    found = dict(facts)
    kept = {metric for scope, metric in own if scope == MARKET_WIDE}
    for key, change in _applied(facts, changes).items():
        if key not in own and key[1] not in kept:
            found[key] = _changed(facts.get(key) or facts[MARKET_WIDE, key[1]], key, change, as_of)
    return found


def in_order(facts: Mapping[Key, Fact]) -> None:
    """Refuse a case or an own fact that puts one end of a range beyond the other.

    What the book itself states is checked when it is read. Ends on different MW bases are compared
    by the gross MW per critical MW that hold for them.

    Raises
    ------
    ValuationError
        When a low is above its high.
    """
    for smaller, larger in ORDERED_METRICS:
        for scope in dict.fromkeys(scope for scope, metric in facts if metric in (smaller, larger)):
            low, high = (
                facts.get((scope, metric)) or facts.get((MARKET_WIDE, metric))
                for metric in (smaller, larger)
            )
            if low is None or high is None:
                continue
            changed = any(one.case or one.confidence == OWN for one in (low, high))
            if changed and _above(low, high, facts):
                on = f" per {high.basis} MW" if low.basis != high.basis else ""
                rule = f"must not be above {larger}, {high.value:g}{on}"
                raise domain(f"{scope} {smaller}", rule, low.value)


def _above(low: Fact, high: Fact, facts: Mapping[Key, Fact]) -> bool:
    """Tell whether one value is above another, per gross MW where their bases differ."""
    values = [float(one.value) for one in (low, high)]  # type: ignore[arg-type]
    if low.basis != high.basis:
        scopes = dict.fromkeys((low.scope, high.scope, MARKET_WIDE))
        ratios = (facts.get((scope, "gross_to_critical")) for scope in scopes)
        ratio = next((fact for fact in ratios if fact is not None), None)
        if ratio is None:
            return False
        critical = [one.basis == "critical" for one in (low, high)]
        of = float(ratio.value)  # type: ignore[arg-type]
        values = [one / of if on else one for one, on in zip(values, critical, strict=True)]
    return values[0] > values[1]


def facts_changed(facts: Mapping[Key, Fact], changes: Sequence[Row]) -> list[int]:
    """Count, for each change of a case, the facts that it changes; 0 where they are missing."""
    applied = [id(change) for change in _applied(facts, changes).values()]
    return [applied.count(id(change)) for change in changes]


def _applied(facts: Mapping[Key, Fact], changes: Sequence[Row]) -> dict[Key, Row]:
    """Give, by fact, the change that applies to it."""
    by_key = {(change["scope"], change["metric"]): change for change in changes}
    found = {}
    for scope, metric in facts:
        change = by_key.get((scope, metric))
        if change is None and scope != NETWORK:
            change = by_key.get((MARKET_WIDE, metric))
        if change is not None:
            found[scope, metric] = change
    only_for_all = {
        key: change
        for key, change in by_key.items()
        if key not in facts and (MARKET_WIDE, key[1]) in facts
    }
    return found | only_for_all


def _changed(fact: Fact, key: Key, change: Row, as_of: date) -> Fact:
    value = change["value"]
    times = change["change"] == "times"
    if times:
        value = float(fact.value) * value  # type: ignore[arg-type]
    scope, metric = key
    inside = METRICS[metric].domain
    if not isinstance(value, date) and not inside.holds(value):
        name = f"{scope} {metric}"
        reason = f"case {change['case']}: {name} {inside.rule}, got {quote(value)}"
        raise domain(name, inside.rule, value, reason)
    was = fact.value.isoformat() if isinstance(fact.value, date) else f"{fact.value:.15g}"
    what = f"{was} times {change['value']:.15g}" if times else f"in place of {was}"
    note = f"case {change['case']}: {what}"
    return replace(
        fact,
        scope=scope,
        value=value,
        basis=fact.basis if times else (change["basis"] or METRICS[metric].basis),
        as_of=fact.as_of if times else as_of,
        source=change["source"],
        confidence=change["confidence"],
        note=f"{note}. {change['note']}" if change["note"] else note,
        case=change["case"],
    )
