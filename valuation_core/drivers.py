"""Drivers of a target: which facts and things move it under which name, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from valuation_core.book import METRICS, OWN, Book
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.book.mixed import DATE, FACTS, Difference
from valuation_core.instruments import CORPORATE
from valuation_core.ladder import ROLL_FORWARD, described

OWN_FACTS: Final = "own facts"
ROLLED: Final = "roll-forward"
OTHER: Final = "other"


class Subject(NamedTuple):
    """One driver of a target: its group and the metrics that belong to it."""

    group: str
    metrics: tuple[str, ...]
    things: tuple[str, ...] = ()
    """Tables whose things are lines of their own before it."""


SUBJECTS: Final = {
    "price of bitcoin": Subject("network", ("btc_price",)),
    "network": Subject(
        "network",
        ("network_hashrate", "fee_share", "block_subsidy", "blocks_per_day", "halving_date",
         "network_growth"),
    ),
    "hashrate and power cost": Subject(
        "mining",
        ("hashrate", "hashrate_guided", "guided_hashrate_share", "hashrate_displaced",
         "displaced_on", "uptime", "efficiency", "power_price", "mining_discount_rate"),
    ),
    "coins": Subject("balance sheet", ("btc_held", "hodl_premium")),
    "MW that the edition names": Subject(
        "HPC", ("hpc_mw_named", "hpc_value_named", "use_named")
    ),
    "signed, shopped and cloud MW": Subject(
        "HPC", ("hpc_mw_shopped", "tenant_cap", "cloud_mw"), ("deals", "sites")
    ),
    "value per MW": Subject(
        "HPC",
        ("colo_value_low", "colo_value_high", "colo_value_position", "cloud_value",
         "gross_to_critical", "signed_by_lease", "capex_per_mw", "lease_build_years",
         "lease_debt_rate", "lease_debt_years", "lease_equity_return", "lease_escalator",
         "lease_exit_cap_rate", "lease_loan_to_cost", "lease_noi_margin", "lease_rent",
         "lease_years"),
    ),
    "probability": Subject(
        "HPC",
        ("hpc_probability", "option_by_site", "site_probability_12m", "site_probability_24m",
         "site_probability_later", "site_probability_pipeline"),
    ),
    "land": Subject("HPC", ("land_power_value", "land_on_unlet")),
    "cash and debt": Subject("balance sheet", ("cash", "debt_reported"), ("instruments",)),
    "shares": Subject("balance sheet", ("shares_basic",), ("warrants",)),
    "passage of time": Subject("time", (DATE,)),
    ROLLED: Subject("time", (ROLL_FORWARD, "target_date")),
    OTHER: Subject(OTHER, ("other_value",)),
}  # fmt: skip
"""Drivers in the order in which a bridge takes them over."""

_SUBJECT_OF: Final = {metric: name for name, one in SUBJECTS.items() for metric in one.metrics}
_SUBJECT_OF_TABLE: Final = {table: name for name, one in SUBJECTS.items() for table in one.things}

NO_DRIVERS: Final = frozenset(METRICS) - frozenset(_SUBJECT_OF)
"""Metrics on which no target rests, such as the share price."""

WORDS: Final = {
    "deals": "deal",
    "sites": "site",
    "convertible": "note",
    "notes": "note",
    "loan": "loan",
    "warrant": "warrant",
}
"""What a thing is called, by its table or its kind."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One line of a bridge: what is taken over together, nothing where nothing differs."""

    name: str
    group: str
    differences: list[Difference] = field(default_factory=list)


def drivers_of(differences: Iterable[Difference]) -> list[Driver]:
    """Put differences under the drivers of a target, a new or changed thing on its own line."""
    by_subject = {name: Driver(name, one.group) for name, one in SUBJECTS.items()}
    things: dict[str, list[Driver]] = {name: [] for name in SUBJECTS}
    for one in differences:
        if one.table in (DATE, FACTS):
            if one.key[1] not in NO_DRIVERS:
                by_subject[_SUBJECT_OF[one.key[1]]].differences.append(one)
            continue
        row: Any = one.after or one.before or {}
        warrant = row.get("kind") == "warrant"
        name = _SUBJECT_OF_TABLE["warrants" if warrant else one.table]
        if one.is_stated_anew and _counts(one):
            things[name].append(Driver(label_of(one), SUBJECTS[name].group, [one]))
        else:
            by_subject[name].differences.append(one)
    return [driver for name, subject in by_subject.items() for driver in (*things[name], subject)]


def _counts(one: Difference) -> bool:
    """Tell whether a thing stands in the equity; debt of a project is inside the value per MW."""
    if one.table != "instruments":
        return True
    return any(row is not None and row["recourse"] == CORPORATE for row in (one.before, one.after))


def label_of(one: Difference) -> str:
    """Name a thing that differs and how it does."""
    row: Any = one.after or one.before
    word = WORDS[row["kind"] if one.table == "instruments" else one.table]
    how = "new" if one.before is None else "gone" if one.after is None else "changed"
    return f"{word} {one.key[1]}, {how}"


def are_cases_of_one_book(first: Book, second: Book) -> bool:
    """Tell whether two books differ in their case, and in own facts at most."""
    if first.as_of != second.as_of or first.case == second.case:
        return False
    one, other = first.plain.tables, second.plain.tables
    return all(one[name].columns == other[name].columns for name in one if name != "cases")


def steps_of_cases(
    differences: Sequence[Difference], first: Book, second: Book
) -> Iterator[Driver]:
    """Put the differences of two cases of one book under the steps of the ladder.

    Each change of the second case in its order, what the first case alone changes, own facts, and
    last what rolls the target forward.
    """
    changes = {(row["scope"], row["metric"]): described(row) for row in second.changes}
    for row in first.changes:
        changes.setdefault((row["scope"], row["metric"]), f"without {described(row)}")
    steps = {key: Driver(name, name) for key, name in changes.items() if key[1] != ROLL_FORWARD}
    own, rolled = Driver(OWN_FACTS, OWN_FACTS), Driver(ROLLED, ROLLED)
    scopes = {MARKET_WIDE}
    for one in differences:
        scope, metric = one.key
        scopes.add(scope)
        if one.table == FACTS and metric in NO_DRIVERS:
            continue
        if metric == ROLL_FORWARD:
            driver = rolled
        elif one.table != FACTS or OWN in (
            getattr(one.before, "confidence", ""),
            getattr(one.after, "confidence", ""),
        ):
            driver = own
        else:
            driver = steps.get(one.key) or steps[MARKET_WIDE, metric]
        driver.differences.append(one)
    yield from (driver for (scope, _), driver in steps.items() if scope in scopes)
    yield own
    yield rolled
