"""One fact: a number or a date with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from valuation_core.book.metrics import METRICS

Key = tuple[str, str]
"""Scope and metric."""

OWN: Final = "own"
"""Confidence shown for a fact that the analyst stated."""


ASSUMPTION: Final = "assumption"
"""Source of what is ours."""


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
        """Give the source; of an assumption of ours, which has none, what it is based on too."""
        assumed = self.source == ASSUMPTION and self.note
        return f"{self.source}: {self.note}" if assumed else self.source

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
