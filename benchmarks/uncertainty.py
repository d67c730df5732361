"""The exact distribution of 13 names, and our simulation, against chunked numpy without a frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare
from valuation_core.contracts import Contract, Contracts
from valuation_core.distribution import quantile_of
from valuation_core.draws import Cells, Plan, cells_between
from valuation_core.lattice import joined, spread_of
from valuation_core.quantiles import USUAL
from valuation_core.simulation import run as simulation

NAMES, PATHS, CHUNK, CORRELATION = 13, 1_000_000, 10_000, 0.3
PERCENTILES = np.array(USUAL)


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    random = np.random.default_rng(0)
    mw, chance = random.uniform(100, 800, NAMES), random.uniform(0.1, 0.8, NAMES)
    contracts = tuple(
        Contracts(
            str(at),
            (Contract(str(at), float(p), float(one), 3.7 * one, 6.15 * one, 8.6 * one),),
            0.0,
        )
        for at, (p, one) in enumerate(zip(chance, mw, strict=True))
    )
    values = joined(one.values for one in contracts)
    top = float(values.high.sum())
    everyone = np.ones(NAMES, dtype=bool)
    plan = Plan(
        contracts, everyone, CORRELATION, None, None, (), cells_between(0.0, top), Cells(0, 1)
    )

    def bare() -> np.ndarray:
        return _bare(mw, chance, top)

    yield compare(
        "13 names: exact distribution and percentiles against 1e6 paths of bare chunked numpy",
        lambda: quantile_of(spread_of(values, chance, CORRELATION), PERCENTILES),
        bare,
        "0.033x, 10 ms",
        5,
    )
    yield compare(
        "13 names: 1e6 paths of ours against 1e6 paths of bare chunked numpy",
        lambda: simulation(plan, PATHS, 1),
        bare,
        "1.3x",
        5,
    )


def _bare(mw: np.ndarray, chance: np.ndarray, top: float) -> np.ndarray:
    """Count sums of contracts in cells: numpy alone, no blocks, no checks, no miners."""
    from statistics import NormalDist

    random = np.random.default_rng(1)
    points = np.array([NormalDist().inv_cdf(1.0 - one) for one in chance])[:, np.newaxis]
    shared, own = CORRELATION**0.5, (1.0 - CORRELATION) ** 0.5
    counts = np.zeros(65_536, dtype=np.int64)
    for _ in range(PATHS // CHUNK):
        appetite = random.standard_normal(CHUNK) * shared
        signed = appetite + own * random.standard_normal((NAMES, CHUNK)) >= points
        uniform = random.random((NAMES, CHUNK))
        rising = 3.7 + np.sqrt(uniform * 4.9 * 2.45)
        falling = 8.6 - np.sqrt((1.0 - uniform) * 4.9 * 2.45)
        value = np.where(uniform < 0.5, rising, falling)
        total = mw @ (signed * value)
        counts += np.bincount((total * (65_535 / top)).astype(np.int64), minlength=65_536)
    return counts
