"""Outcomes drawn at random, block by block: the same block has the same outcomes wherever it runs.

Each block takes its numbers from a counter-based generator [1]_, whose key is the seed and whose
counter starts at the number of the block. So neither the blocks that run before it nor the process
that runs it change what is drawn.

References
----------
.. [1] Salmon, J. K. et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", SC '11.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np

from valuation_core.appetite import signing_points
from valuation_core.contracts import Contract, Contracts, contracts_of
from valuation_core.evaluation.arrays import Array
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.lattice import joined
from valuation_core.outcomes import Outcomes, outcomes_of

BLOCK: Final = 8192
"""Paths of a block: what fits into the memory of a core."""

CELLS: Final = 65_536
"""Cells in which values are counted, between the least and the most that can come about."""

FARTHEST: Final = 6.0
"""Standard deviations of bitcoin up to which targets are told apart: beyond lies 1e-9."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells in which values are counted, between a least value and a most one.

    Evenly spaced; with a unit, wider and wider in proportion beyond that distance from the least
    value, as figures that bitcoin moves spread.
    """

    low: float
    step: float
    unit: float | None = None

    def of(self, values: Array) -> Array:
        """Give the cell of each value; what lies beyond the ends is in the last one there."""
        place = values - self.low
        if self.unit is not None:
            place = np.log1p(np.maximum(place, 0.0) / self.unit)
        return np.clip(place * (1.0 / self.step), 0.0, CELLS - 1.0).astype(np.uint16)

    @property
    def edges(self) -> Array:
        """The lower edge of each cell."""
        place = self.step * np.arange(CELLS)
        return self.low + (place if self.unit is None else self.unit * np.expm1(place))


def cells_between(low: float, high: float, unit: float | None = None) -> Cells:
    """Give cells from the least to the most value, both inside.

    Examples
    --------
    >>> even, wider = cells_between(0.0, 65_535.0), cells_between(0.0, 65_535.0, 1.0)
    >>> even.of(np.array([0.0, 1.5, 1e9])).tolist()
    [0, 1, 65535]
    >>> wider.of(np.array([0.0, 1.5])).tolist()
    [0, 5414]
    """
    width = high - low if unit is None else float(np.log1p((high - low) / unit))
    return Cells(low, width / (CELLS - 1) or 1.0, unit)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn, and what of it is counted; nothing but numbers, so that it can travel."""

    contracts: tuple[Contracts, ...]
    """Of all miners that share tenants, or of the one that is looked at."""
    own: Array
    """Whether a contract belongs to what is looked at."""
    correlation: float
    pool: float | None
    """Gross MW that all tenants take together; None where each name finds tenants of its own."""
    outcomes: Outcomes | None
    """What makes the target of a miner; None for the coverage, which has an HPC value alone."""
    marks: tuple[float, ...]
    """Targets, USD per share, that are to be reached."""
    value_cells: Cells
    target_cells: Cells


@dataclass(frozen=True, slots=True)
class Block:
    """The outcomes of a block."""

    value: Array
    """HPC value of what is looked at, USD M."""
    target: Array | None
    """USD per share; None for the coverage."""
    signed: Array
    """Whether any contract of it is signed."""


def plan_of(
    evaluation: Evaluation,
    ticker: str | None,
    correlation: float,
    tenants: int | None = None,
    marks: tuple[float, ...] = (),
) -> Plan:
    """Plan what is drawn for a miner, or for the coverage.

    Parameters
    ----------
    evaluation : Evaluation
        Reads the facts.
    ticker : str or None
        The miner; None for the coverage.
    correlation : float
        Of signings.
    tenants : int, optional
        Tenants that all names share, each of tenant_cap MW.
    marks : tuple of float
        Targets that are to be reached, USD per share.

    Returns
    -------
    Plan
        For `draw`.
    """
    outcomes = None if ticker is None else outcomes_of(evaluation, ticker)
    others = evaluation.book.coverage if ticker is None or tenants is not None else ()
    contracts = tuple(contracts_of(evaluation, one) for one in others if one != ticker)
    if outcomes is not None:
        contracts = (outcomes.contracts, *contracts)
    own = [one.ticker == ticker or ticker is None for one in contracts for _ in one.contracts]
    pool = None if tenants is None else tenants * float(evaluation.gross("ALL", "tenant_cap"))
    values = joined(one.values for one in contracts)
    most = np.where(own, np.maximum(values.high, 0.0), 0.0).sum()
    least = np.where(own, np.minimum(values.low, 0.0), 0.0).sum()
    value_cells = cells_between(float(least), float(most))
    target_cells = Cells(0.0, 1.0) if outcomes is None else _target_cells(outcomes)
    return Plan(
        contracts, np.array(own, dtype=bool), correlation, pool, outcomes, marks,
        value_cells, target_cells,
    )  # fmt: skip


def _target_cells(outcomes: Outcomes) -> Cells:
    gains, beside = outcomes.contracts.gains, outcomes.beside
    low = float(np.minimum(gains.low, 0.0).sum()) * outcomes.growth
    high = float(np.maximum(gains.high, 0.0).sum()) * outcomes.growth
    middle = high + float(beside.assets_at(0.0))
    low, high = low + float(beside.assets[0]), high + float(beside.assets_at(FARTHEST))
    least, usual, most = (float(outcomes.per_share(one)) for one in (low, middle, high))
    return cells_between(least, most, usual - least if beside.moves else None)


def draw(plan: Plan, seed: int, number: int) -> Block:
    """Draw the outcomes of one block.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    seed : int
        0 or more: another seed, other outcomes.
    number : int
        Of the block.

    Returns
    -------
    Block
        BLOCK paths.

    Examples
    --------
    RIOT signs on about half of the paths.

    >>> plan = plan_of(Evaluation().use(None), "RIOT", 0.3)
    >>> round(float(draw(plan, 1, 0).signed.mean()), 1)
    0.5
    """
    random = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, number]))
    appetite = random.standard_normal(BLOCK)
    appetite *= sqrt(plan.correlation)
    contracts = [one for miner in plan.contracts for one in miner.contracts]
    points = signing_points(np.array([one.probability for one in contracts])).tolist()
    apart = sqrt(1.0 - plan.correlation)
    signed, values = [], []
    for contract, point in zip(contracts, points, strict=True):
        chance = random.standard_normal(BLOCK)
        chance *= apart
        chance += appetite
        where = np.flatnonzero(chance >= -point)
        signed.append(where)
        values.append(_triangular(random.random(len(where)), contract))
    shares = None if plan.pool is None else _shares(plan.pool, random, contracts, signed)
    value, land = np.zeros(BLOCK), np.zeros(BLOCK)
    any_signed = np.zeros(BLOCK, dtype=bool)
    for at in np.flatnonzero(plan.own).tolist():
        where = signed[at]
        share: Any = 1.0 if shares is None else shares[at, where]
        value[where] += values[at] * share
        if contracts[at].land:
            land[where] += contracts[at].land * share
        any_signed[where] |= np.greater(share, 0.0)
    return Block(value, _targets(plan, random, value - land), any_signed)


def _triangular(uniform: Array, contract: Contract) -> Array:
    """Turn uniform draws into values of a contract."""
    low, mode, high = contract.low, contract.mode, contract.high
    width = high - low
    if not width:
        return np.full(len(uniform), low)
    rises = uniform < (mode - low) / width
    room = np.where(
        rises, uniform * (width * (mode - low)), (1.0 - uniform) * width * (high - mode)
    )
    np.sqrt(room, out=room)
    return np.where(rises, low + room, high - room)


def _shares(pool: float, random: Any, contracts: list[Contract], signed: list[Array]) -> Array:
    """Give which share of its MW each contract finds a tenant for: first come, in a drawn order."""
    mw = np.array([one.mw for one in contracts])[:, np.newaxis]
    wanted = np.zeros((len(contracts), BLOCK))
    for at, where in enumerate(signed):
        wanted[at, where] = mw[at]
    order = np.argsort(random.random(wanted.shape), axis=0)
    queued = np.take_along_axis(wanted, order, axis=0)
    left = pool - (np.cumsum(queued, axis=0) - queued)
    found = np.empty_like(wanted)
    np.put_along_axis(found, order, np.clip(left, 0.0, queued), axis=0)
    return found / mw


def _targets(plan: Plan, random: Any, gain: Array) -> Array | None:
    if plan.outcomes is None:
        return None
    beside = plan.outcomes.beside
    assets = gain * plan.outcomes.growth
    assets += beside.assets_at(random.standard_normal(BLOCK)) if beside.moves else beside.assets[0]
    return np.asarray(plan.outcomes.per_share(assets))
