"""Sensitivity grids and the tornado: how a target moves with what drives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.book import METRICS
from valuation_core.company import value_of
from valuation_core.errors import ValuationError, domain, misfit
from valuation_core.evaluation.arrays import Array, common_shape, single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import LEVELS
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.published import price_part
from valuation_core.result import ResultTable
from valuation_core.target import target_part
from valuation_core.units import (
    Axis,
    BookText,
    Keyword,
    Number,
    Spill,
)

LEVEL: Final = "level"
"""Stands for the level of the value per MW, which is no fact but a choice among facts."""


@dataclass(frozen=True, slots=True)
class Driver:
    """What the tornado moves, and its two ends."""

    name: str
    moves: str
    """The fact that it moves, or `LEVEL`."""
    ends: tuple[float | str, float | str]
    relative: bool = False
    """Whether the ends multiply the fact or stand in its place."""

    @property
    def label(self) -> str:
        """The name with its ends, those of a fraction in percent.

        Examples
        --------
        >>> Driver("BTC price", "btc_price", (0.8, 1.2), relative=True).label
        'BTC price (-20% to +20%)'
        """
        low, high = (float(end) for end in self.ends)
        if self.relative:
            return f"{self.name} ({low - 1.0:+.0%} to {high - 1.0:+.0%})"
        shown = ".0%" if METRICS[self.moves].unit == "fraction" else "g"
        return f"{self.name} ({low:{shown}} to {high:{shown}})"


DRIVERS: Final = (
    Driver("value per MW", LEVEL, ("low", "high")),
    Driver("probability", "hpc_probability", (0.25, 0.75)),
    Driver("MW shopped", "hpc_mw_shopped", (0.75, 1.25), relative=True),
    Driver("BTC price", "btc_price", (0.8, 1.2), relative=True),
    Driver("network hashrate", "network_hashrate", (0.8, 1.2), relative=True),
    Driver("power price", "power_price", (0.8, 1.2), relative=True),
    Driver("hodl premium", "hodl_premium", (1.0, 1.5)),
    Driver("gross-to-critical", "gross_to_critical", (1.25, 1.5)),
)
"""The drivers of the tornado; the sheets of a model read them too."""

OUTPUTS: Final = ("target", "upside", "value_per_share", "option", "option_per_share", "equity")


@shared_parameters
def sensitivity(
    miner: Keyword,
    probs: Axis,
    mws: Axis,
    output: Keyword = "target",
    book: BookText | None = None,
) -> Spill:
    """Grid of an output over probabilities down and gross MW across.

    Parameters
    ----------
    miner : str
        Ticker, name or alias.
    probs : array
        Probabilities, 0 to 1: one row of the grid each.
    mws : array
        Gross MW, capped by the tenant's demand: one column each.
    output : str, optional
        "target", "upside", "value_per_share", "option", "option_per_share" or "equity".
    <book>

    Returns
    -------
    ResultTable
        The header holds the MW, the first column the probabilities.

    Raises
    ------
    ValuationError
        For an unknown miner or output, or axes that are not finite numbers. What fails in one cell
        of the grid is an error there alone.

    Examples
    --------
    >>> table = sensitivity("RIOT", [0.0, 0.5], [300.0, 600.0], "option")
    >>> table.header, table.rows
    (('option', 300.0, 600.0), ((0.0, 0.0, 0.0), (0.5, 922.5, 1845.0)))
    """
    name = output.strip().casefold() if isinstance(output, str) else ""
    if name not in OUTPUTS:
        raise misfit("output", f"must be one of {', '.join(OUTPUTS)}", output)
    down, across = _axis("probs", probs), _axis("mws", mws)
    evaluation = Evaluation(common_shape([(len(down), 1), (1, len(across))])).use(book)
    evaluation.use(book)
    ticker = Evaluation().use(book).ticker(single_value("miner", miner))
    with np.errstate(all="ignore"):
        choice = Choice(prob=down[:, np.newaxis], mw=across[np.newaxis, :])
        made = _output(evaluation, ticker, choice, name)
    grid: Any = np.broadcast_to(made, evaluation.shape or ()).astype(object)
    for fault in reversed(evaluation.faults):
        for i, j in np.argwhere(np.broadcast_to(fault.where, grid.shape)).tolist():
            grid[i, j] = fault.error_at((i, j))
    rows = tuple((float(p), *line) for p, line in zip(down, grid.tolist(), strict=True))
    return ResultTable((name, *across.tolist()), rows)


def _axis(name: str, given: Any) -> Array:
    try:
        numbers = np.ravel(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise misfit(name, "must be numbers", given) from None
    for number in numbers[~np.isfinite(numbers)].tolist():
        # The grid repeats its axes beside the results, where no such number may stand.
        raise domain(name, "must be finite numbers", number)
    return numbers


def _output(evaluation: Evaluation, ticker: str, choice: Choice, name: str) -> Number:
    if name in ("target", "upside"):
        aim = target_part(evaluation, ticker, choice)
        return aim if name == "target" else aim / price_part(evaluation, ticker, None) - 1.0
    value = value_of(evaluation, ticker, choice)
    outputs = {
        "value_per_share": value.per_share,
        "option": value.option,
        "option_per_share": value.option / value.shares,
        "equity": value.equity,
    }
    return outputs[name]


@shared_parameters
def tornado(miner: Keyword, book: BookText | None = None) -> Spill:
    """Target of a miner at a low and a high value of each driver, by swing.

    Parameters
    ----------
    miner : str
        Ticker, name or alias.
    <book>

    Returns
    -------
    ResultTable
        Driver with its range, target at the low and the high value, and the swing, USD per share.
        A driver that the miner has not is left out.

    Raises
    ------
    ValuationError
        For an unknown miner, or a missing fact that its target rests on.

    Notes
    -----
    Value per MW low to high; probability 0.25 to 0.75; MW, BTC price, network hashrate and power
    price by a fraction; hodl premium 1.0 to 1.5; gross-to-critical 1.25 to 1.50 (signed deals).

    Examples
    --------
    >>> [row[0].split(" (")[0] for row in tornado("RIOT").rows[:2]]
    ['probability', 'BTC price']
    """
    evaluation = Evaluation().use(book)
    ticker = evaluation.ticker(single_value("miner", miner))
    rows = []
    for label, choice, given in _moves(evaluation, ticker):
        with np.errstate(all="ignore"):
            one = Evaluation((2,)).use(evaluation.book, **given)
            made = target_part(one, ticker, choice)
        if one.faults:
            raise one.faults[0].error_at((0,))
        low, high = np.broadcast_to(made, (2,)).tolist()
        rows.append((label, low, high, abs(high - low)))
    rows.sort(key=lambda row: -row[3])
    return ResultTable(("driver", "target low", "target high", "swing"), tuple(rows))


def _moves(
    evaluation: Evaluation, ticker: str
) -> Iterator[tuple[str, Choice, Mapping[str, Array]]]:
    """Give what each driver of a miner does: label, choice of the option, values for facts."""
    for driver in DRIVERS:
        if driver.moves == LEVEL:
            low, high = (evaluation.book.number(ticker, LEVELS[str(end)]) for end in driver.ends)
            label = f"{driver.name} ({low:g} to {high:g} USD M)"
            yield label, Choice(per_mw=np.array(driver.ends, dtype=object)), {}
            continue
        ends = np.array(driver.ends, dtype=np.float64)
        if driver.relative or driver.moves == "hpc_probability":
            try:
                now = evaluation.book.number(ticker, driver.moves)
            except ValuationError:
                continue
            ends = ends * now if driver.relative else ends
        yield driver.label, Choice(), {driver.moves: ends}
