"""The distribution of a sum of contracts, each signed or not: exact pieces, and a grid beside.

What no contract gives, what one alone gives and what contracts of a fixed value give together stand
as they are: as atoms and as triangles. What several give together is added up on a grid by Fourier
transform, where its density has no jumps. The grid keeps every probability and every mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.appetite import appetites
from valuation_core.errors import domain
from valuation_core.evaluation.arrays import Array

POINTS: Final = 4096
"""Points of the grid, from the least that the contracts give together to the most."""

TOGETHER: Final = 8
"""Appetites added up at once: what fits into the memory of a core."""

MOST_FIXED: Final = 12
"""Contracts of a fixed value that may be signed together: each doubles the atoms."""

CLOSE: Final = 1e-12
"""Part of the span within which values are one: what rounding makes of sums in another order."""


@dataclass(frozen=True, slots=True)
class Triangles:
    """Triangular distributions of the values of contracts, USD M, one element each."""

    low: Array
    mode: Array
    high: Array

    @property
    def mean(self) -> Array:
        """The mean of each."""
        return (self.low + self.mode + self.high) / 3.0

    @property
    def fixed(self) -> Array:
        """Whether a value is not drawn: low and high are one."""
        return self.low == self.high

    def below(self, value: Array, some: Array) -> Array:
        """Probability that some of them are at most values, a row for each of those."""
        low, mode, high = (
            end[some].reshape(-1, *[1] * value.ndim) for end in (self.low, self.mode, self.high)
        )
        inside = np.clip(value, low, high)
        width = high - low
        rising = (inside - low) ** 2 / (width * np.where(mode > low, mode - low, 1.0))
        falling = 1.0 - (high - inside) ** 2 / (width * np.where(high > mode, high - mode, 1.0))
        return np.where(inside < mode, rising, falling)

    def quantile(self, probability: Any) -> Array:
        """Give the value that each is below with a probability; the last axis is the contracts."""
        width = self.high - self.low
        rising = self.low + np.sqrt(probability * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - probability) * width * (self.high - self.mode))
        return np.where(probability * width < self.mode - self.low, rising, falling)

    def beyond(self, value: Array) -> Array:
        """Give the mean of what exceeds values, a row for each contract."""
        exceeding = self.mean[:, np.newaxis] - value
        exceeding[value >= self.high[:, np.newaxis]] = 0.0
        # Few of the values lie inside a triangle, and only those take powers.
        one, at = np.nonzero((value > self.low[:, np.newaxis]) & (value < self.high[:, np.newaxis]))
        low, mode, high, inside = self.low[one], self.mode[one], self.high[one], value[at]
        width = high - low
        up, down = width * (mode - low), width * (high - mode)
        rising = (inside - low) ** 3 / np.where(up > 0.0, 3.0 * up, 1.0)
        falling = (high - inside) ** 3 / np.where(down > 0.0, 3.0 * down, 1.0)
        exceeding[one, at] = np.where(inside < mode, exceeding[one, at] + rising, falling)
        return exceeding


def weighted(weight: Array, rows: Array) -> Array:
    """Give the weighted sum of rows.

    Not as a matrix product: on a busy machine its threads wait for each other far longer.
    """
    return np.einsum("i,i...->...", weight, rows)


def joined(several: Iterable[Triangles]) -> Triangles:
    """Put the contracts of several miners one after the other."""
    rows = [(one.low, one.mode, one.high) for one in several]
    return Triangles(*(np.concatenate(ends) for ends in zip(*rows, strict=True)))


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of what contracts give together, USD M."""

    triangles: Triangles
    probability: Array
    """That each contract is signed."""
    atom: Array
    """Values with a probability of their own, rising."""
    atom_weight: Array
    alone: Array
    """Probability that one contract alone is signed, of those whose value is drawn."""
    grid: Array
    """Evenly spaced values."""
    grid_weight: Array
    """Probabilities of what several contracts give together."""
    no_deal: float
    """Probability that none is signed."""

    @property
    def ends(self) -> tuple[float, float]:
        """Give the least and the most that can come about."""
        sure, some = self.probability == 1.0, self.probability > 0.0
        low, high = self.triangles.low, self.triangles.high
        least = low[sure].sum() + np.minimum(low[some & ~sure], 0.0).sum()
        most = high[sure].sum() + np.maximum(high[some & ~sure], 0.0).sum()
        return float(least), float(most)

    @property
    def points(self) -> tuple[Array, Array]:
        """Give values and their probabilities, with triangles put on the grid too."""
        weight = self.grid_weight + weighted(self.alone, _on_grid(self.triangles, self.grid))
        some = weight > 0.0
        values = np.concatenate([self.atom, self.grid[some]])
        return values, np.concatenate([self.atom_weight, weight[some]])

    def below(self, value: Any) -> Array:
        """Probability of at most a value."""
        value = np.asarray(value, dtype=np.float64)
        slack = CLOSE * float(np.abs(self.grid[[0, -1]]).max())
        reached = np.searchsorted(self.atom, value + slack, side="right")
        total = np.concatenate([[0.0], np.cumsum(self.atom_weight)])[reached]
        some = np.flatnonzero(self.alone)
        for weight, below in zip(self.alone[some], self.triangles.below(value, some), strict=True):
            total = total + weight * below
        return total + self._on_grid_below(value)

    def _on_grid_below(self, value: Array) -> Array:
        """Probability of at most a value, of what is on the grid: each point a small triangle."""
        step = self.grid[1] - self.grid[0]
        place = np.clip((value - self.grid[0]) / step, -1.0, len(self.grid))
        point = np.floor(place).astype(np.intp)
        part = place - point
        # Two points without weight before the grid and behind it spare all cases at its ends.
        weight = np.concatenate([[0.0, 0.0], self.grid_weight, [0.0, 0.0]])
        before = np.concatenate([[0.0], np.cumsum(weight)])
        at = point + 2
        own = weight[at] * (0.5 + part - 0.5 * part**2)
        return before[at] + own + weight[np.minimum(at + 1, len(weight) - 1)] * 0.5 * part**2


def spread_of(triangles: Triangles, probability: Array, correlation: float) -> Spread:
    """Give the distribution of what contracts give together.

    Parameters
    ----------
    triangles : Triangles
        Value of each contract if it is signed, USD M.
    probability : array
        That each is signed.
    correlation : float
        Of signings, 0 to 1.

    Returns
    -------
    Spread
        Without noise: the same on every machine but for rounding.

    Raises
    ------
    ValuationError
        For more contracts of a fixed value than can be told apart.

    Examples
    --------
    Two contracts of exactly 100 USD M at even odds, independent: 1/4, 1/2, 1/4.

    >>> two = np.array([100.0, 100.0])
    >>> spread = spread_of(Triangles(two, two, two), np.array([0.5, 0.5]), 0.0)
    >>> spread.atom.tolist(), spread.atom_weight.tolist()
    ([0.0, 100.0, 200.0], [0.25, 0.5, 0.25])
    """
    weight, signed = appetites(correlation, probability)
    drawn = ~triangles.fixed
    if np.count_nonzero(~drawn) > MOST_FIXED:
        count = np.count_nonzero(~drawn)
        raise domain("contracts of a fixed value", f"must be {MOST_FIXED} or fewer", float(count))
    no_drawn = weight * np.prod(1.0 - signed[:, drawn], axis=1)
    atom, atom_weight = _atoms(triangles.low[~drawn], no_drawn, signed[:, ~drawn])
    no_deal = float(no_drawn @ np.prod(1.0 - signed[:, ~drawn], axis=1))
    alone = np.where(drawn, weight @ _alone(signed), 0.0)
    grid, origin = _grid(triangles)
    several = np.zeros(POINTS)
    if np.count_nonzero(probability > 0.0) > 1 and drawn.any():
        wave = np.fft.rfft(np.roll(_on_grid(triangles, grid), origin, axis=1), axis=1)
        total = _sum_over_appetites(weight, signed, wave, drawn) - weighted(alone, wave)
        several = np.roll(np.fft.irfft(total, POINTS), -origin)
        # Below the rounding of the transform there is nothing.
        several = np.where(several > 1e-15, several, 0.0)
    return Spread(triangles, probability, atom, atom_weight, alone, grid, several, no_deal)


def _atoms(value: Array, no_drawn: Array, signed: Array) -> tuple[Array, Array]:
    """Give the sums of contracts of a fixed value, and their probabilities where no other signs."""
    sums, weights = np.zeros(1), no_drawn[:, np.newaxis]
    for one, chance in zip(value.tolist(), signed.T, strict=True):
        likely = chance[:, np.newaxis]
        sums = np.concatenate([sums, sums + one])
        weights = np.concatenate([weights * (1.0 - likely), weights * likely], axis=1)
    atom, which = np.unique(sums, return_inverse=True)
    return atom, np.bincount(which, weights.sum(axis=0), len(atom))


def _alone(signed: Array) -> Array:
    """Probability that each contract is signed and no other one, a row for each appetite."""
    none = np.ones((len(signed), 1))
    before = np.cumprod(np.hstack([none, 1.0 - signed[:, :-1]]), axis=1)
    after = np.cumprod(np.hstack([none, 1.0 - signed[:, :0:-1]]), axis=1)[:, ::-1]
    return before * signed * after


def _grid(triangles: Triangles) -> tuple[Array, int]:
    """Give the grid, from the least to the most that all give together, and where its 0 is."""
    count = len(triangles.low)
    low = float(np.minimum(triangles.low, 0.0).sum())
    high = float(np.maximum(triangles.high, 0.0).sum())
    # Each contract spills over by a point at both ends, and so does the place of 0.
    step = (high - low) / (POINTS - 2 * count - 4) or 1.0
    origin = int(np.floor(low / step)) - count - 1
    return step * (origin + np.arange(POINTS)), origin


def _on_grid(triangles: Triangles, grid: Array) -> Array:
    """Share the probability of each triangle out among the points around, keeping its mean."""
    step = grid[1] - grid[0]
    wider = np.concatenate([[grid[0] - step], grid, [grid[-1] + step]])
    shares = np.diff(triangles.beyond(wider), 2, axis=1) / step
    low, high = (end[:, np.newaxis] for end in (triangles.low - step, triangles.high + step))
    return np.where((grid > low) & (grid < high), shares, 0.0)


def _sum_over_appetites(weight: Array, signed: Array, wave: Array, drawn: Array) -> Array:
    """Give the transform of the sum, without its part in which no drawn value is signed."""
    total = np.zeros(wave.shape[1], dtype=np.complex128)
    moved = wave - 1.0
    for first in range(0, len(weight), TOGETHER):
        some = slice(first, first + TOGETHER)
        fixed: Any = np.ones((1, 1))
        for at in np.flatnonzero(~drawn):
            fixed = fixed * (1.0 + signed[some, at, np.newaxis] * moved[at])
        every = np.ones((len(weight[some]), wave.shape[1]), dtype=np.complex128)
        for at in np.flatnonzero(drawn):
            factor = signed[some, at, np.newaxis] * moved[at]
            factor += 1.0
            every *= factor
        every -= np.prod(1.0 - signed[some][:, drawn], axis=1)[:, np.newaxis]
        total += weighted(weight[some], every * fixed)
    return total
