"""One fact: a number or a date with where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from valuation_core.book.metrics import METRICS
from valuation_core.book.tables import Table

Key = tuple[str, str]
"""Scope and metric."""

OWN: Final = "own"
"""Confidence shown for a fact that the analyst stated."""


ASSUMPTION: Final = "assumption"
"""Source of what is ours."""


_ADDRESS: Final = re.compile(r"\s*(Near )?https?://\S+")
"""Where a figure nearby was read is no source of an assumption."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One number or date with where it comes from."""

    scope: str
    metric: str
    value: float | date
    unit: str
    basis: str
    as_of: date
    source: str
    confidence: str
    note: str
    case: str = ""
    """The case that changed it; empty where it is as the book states it."""

    @property
    def origin(self) -> str:
        """Give the source; of an assumption, which has none, what is said of it, no address.

        Examples
        --------
        >>> day = date(2025, 9, 26)
        >>> Fact("RIOT", "uptime", 1.0, "fraction", "", day, "assumption", "low",
        ...      "Counted in full. Near https://example.com/a").origin
        'assumption: Counted in full.'
        """
        said = _ADDRESS.sub("", self.note)
        return f"{self.source}: {said}" if self.source == ASSUMPTION and said else self.source

    @property
    def citation(self) -> str:
        """Give source, date, confidence and note in one line, the source first."""
        line = f"{self.source} (as of {self.as_of.isoformat()}, {self.confidence})"
        return f"{line}: {self.note}" if self.note else line

    def age(self, day: date) -> int:
        """Give the days from the fact to a day."""
        return (day - self.as_of).days

    def is_stale(self, day: date) -> bool:
        """Tell whether the fact is older on a day than its metric allows."""
        limit = METRICS[self.metric].stale_after
        return limit is not None and self.age(day) > limit


_STATED: Final = [name for name in Fact.__dataclass_fields__ if name != "case"]


def newest_facts(inputs: Table) -> dict[Key, Fact]:
    """Give the newest fact of each key, an own one before the book's; none where it is blank."""
    newest: dict[Key, Fact] = {}
    for values in zip(*(inputs.columns[name] for name in _STATED), strict=True):
        fact = Fact(*values)
        before = newest.get((fact.scope, fact.metric))
        if before is None or _rank(fact) > _rank(before):
            newest[fact.scope, fact.metric] = fact
    return {key: fact for key, fact in newest.items() if fact.value is not None}


def _rank(fact: Fact) -> tuple[bool, date]:
    return fact.confidence == OWN, fact.as_of
