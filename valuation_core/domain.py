"""Which numbers make sense: bounds, and the rule that says them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, nextafter
from typing import Any, Final

import numpy as np


@dataclass(frozen=True)
class Domain:
    """The finite numbers between two bounds.

    Parameters
    ----------
    low, high : float
        The bounds; both belong to the domain.
    above : bool
        Whether the lower bound itself is excluded.

    Examples
    --------
    >>> Domain(0, 1).holds(0.5), Domain(0, above=True).holds(0.0)
    (True, False)
    >>> Domain(0, 1).rule, Domain(0, above=True).rule
    ('must be between 0 and 1', 'must be above 0')
    """

    low: float = -inf
    high: float = inf
    above: bool = False

    @cached_property
    def least(self) -> float:
        """The least number inside; minus infinity where there is no lower bound."""
        return nextafter(self.low, inf) if self.above else self.low

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """The least and the largest finite number inside."""
        return max(self.least, nextafter(-inf, inf)), min(self.high, nextafter(inf, -inf))

    def holds(self, numbers: Any) -> Any:
        """Tell whether a number is inside, element by element; infinity and NaN never are."""
        low, high = self._ends
        return (numbers >= low) & (numbers <= high)

    def holds_all(self, numbers: Any) -> bool:
        """Tell whether a number, or every number of an array, is inside."""
        if isinstance(numbers, np.ndarray):  # its two ends tell, and no array of truths is made
            return not numbers.size or bool(self.holds(numbers.min()) and self.holds(numbers.max()))
        return bool(self.holds(numbers))

    @cached_property
    def rule(self) -> str:
        """Say the domain in words that follow the name of an input."""
        if self.above:
            upper = "" if self.high == inf else f" and at most {self.high:g}"
            return f"must be above {self.low:g}{upper}"
        if self.low == -inf:
            return (
                "must be a finite number" if self.high == inf else f"must be {self.high:g} or less"
            )
        if self.high == inf:
            return f"must be {self.low:g} or more"
        return f"must be between {self.low:g} and {self.high:g}"


ANY_NUMBER: Final = Domain()
NOT_NEGATIVE: Final = Domain(0)
POSITIVE: Final = Domain(0, above=True)
ZERO_TO_ONE: Final = Domain(0, 1)
YEARLY_RATE: Final = Domain(-0.99)
"""A rate that compounds: nothing loses more than it is worth."""
LONGEST_LEASE: Final = 200
"""Years beyond which a lease, a loan or a machine is refused."""
YEARS: Final = Domain(0, LONGEST_LEASE)
LEASE_YEARS: Final = Domain(1, LONGEST_LEASE)
