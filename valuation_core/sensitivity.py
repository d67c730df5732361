"""Sensitivity grids and the tornado: how a target moves with what drives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from valuation_core.book import METRICS
from valuation_core.company import value_of
from valuation_core.errors import domain, misfit
from valuation_core.evaluation.arrays import Array, common_shape, single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.parts import is_named
from valuation_core.published import price_part
from valuation_core.result import ResultTable
from valuation_core.shopped import net_shopped_part
from valuation_core.target import target_part
from valuation_core.units import (
    Axis,
    BookText,
    Keyword,
    Number,
    Spill,
)


@dataclass(frozen=True, slots=True)
class Driver:
    """What the tornado moves, and its two ends."""

    name: str
    moves: str
    """The fact that it moves."""
    ends: tuple[float, float]
    how: Literal["replaces", "times", "plus"] = "replaces"
    """What the ends do to the fact."""
    where: Literal["always", "unnamed", "named", "not 0"] = "always"
    """Where it is a driver: always, where the option is valued, where MW are named, or where the
    fact is not 0."""

    @property
    def label(self) -> str:
        """The name with its ends, those of a fraction in percent.

        Examples
        --------
        >>> Driver("BTC price", "btc_price", (0.8, 1.2), "times").label
        'BTC price (-20% to +20%)'
        >>> Driver("cost of equity", "cost_of_equity", (-0.03, 0.03), "plus").label
        'cost of equity (-3 to +3 points)'
        """
        low, high = self.ends
        if self.how == "times":
            return f"{self.name} ({low - 1.0:+.0%} to {high - 1.0:+.0%})"
        if self.how == "plus":
            return f"{self.name} ({100.0 * low:+g} to {100.0 * high:+g} points)"
        shown = ".0%" if METRICS[self.moves].unit == "fraction" else "g"
        return f"{self.name} ({low:{shown}} to {high:{shown}})"


DRIVERS: Final = (
    Driver("value per MW", "colo_value_position", (0.0, 1.0)),
    Driver("probability", "hpc_probability", (0.25, 0.75), where="unnamed"),
    Driver("MW shopped", "hpc_mw_shopped", (0.75, 1.25), "times", "unnamed"),
    Driver("named value per MW", "hpc_value_named", (0.75, 1.25), "times", "named"),
    Driver("named MW", "hpc_mw_named", (0.75, 1.25), "times", "named"),
    Driver("BTC price", "btc_price", (0.8, 1.2), "times"),
    Driver("network hashrate", "network_hashrate", (0.8, 1.2), "times"),
    Driver("power price", "power_price", (0.8, 1.2), "times"),
    Driver("hodl premium", "hodl_premium", (1.0, 1.5)),
    Driver("gross-to-critical", "gross_to_critical", (1.25, 1.5)),
    Driver("land value", "land_power_value", (0.5, 1.5), "times", "not 0"),
    Driver("guided share", "guided_hashrate_share", (0.0, 1.0), where="not 0"),
    Driver("cost of equity", "cost_of_equity", (-0.03, 0.03), "plus", "not 0"),
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
    Land value, share of guided hashrate and cost of equity join where they are not 0; where the
    edition names MW, their value and MW stand in place of probability and MW shopped.

    Examples
    --------
    >>> [row[0].split(" (")[0] for row in tornado("RIOT").rows[:2]]
    ['probability', 'BTC price']
    """
    evaluation = Evaluation().use(book)
    ticker = evaluation.ticker(single_value("miner", miner))
    rows = []
    for label, metric, ends in _moves(evaluation, ticker):
        with np.errstate(all="ignore"):
            one = Evaluation((2,)).use(evaluation.book, **{metric: ends})
            made = target_part(one, ticker, Choice())
        if one.faults:
            raise one.faults[0].error_at((0,))
        low, high = np.broadcast_to(made, (2,)).tolist()
        rows.append((label, low, high, abs(high - low)))
    rows.sort(key=lambda row: -row[3])
    return ResultTable(("driver", "target low", "target high", "swing"), tuple(rows))


def _moves(evaluation: Evaluation, ticker: str) -> Iterator[tuple[str, str, Array]]:
    """Give what each driver of a miner does: label, the fact it moves, and its two values."""
    named = bool(is_named(evaluation, ticker))
    for driver in DRIVERS:
        if driver.where == ("unnamed" if named else "named"):
            continue
        needs = driver.how != "replaces" or driver.where != "always"
        if needs and evaluation.book.find(ticker, driver.moves) is None:
            continue
        now = _in_use(evaluation, ticker, driver.moves) if needs else 0.0
        if driver.where == "not 0" and not now:
            continue
        ends = np.array(driver.ends, dtype=np.float64)
        if driver.how == "times":
            ends = ends * now
        elif driver.how == "plus":
            ends = ends + now
        yield _label(evaluation, ticker, driver), driver.moves, ends


def _in_use(evaluation: Evaluation, ticker: str, metric: str) -> float:
    """Give what a driver starts from: shopped MW are those still offered, on their own basis."""
    if metric != "hpc_mw_shopped":
        return evaluation.book.number(ticker, metric)
    fact = evaluation.book.fact(ticker, metric)
    net = float(net_shopped_part(evaluation, ticker))
    if fact.basis == "critical":
        return net / evaluation.book.number(ticker, "gross_to_critical")
    return net


def _label(evaluation: Evaluation, ticker: str, driver: Driver) -> str:
    """Name a driver with its ends, the value per MW in USD M per MW and not by its position."""
    if driver.moves != "colo_value_position":
        return driver.label
    low, high = (evaluation.book.fact(ticker, f"colo_value_{end}") for end in ("low", "high"))
    first = f"{low.value:g}" if low.basis == high.basis else f"{low.value:g} per {low.basis}"
    return f"{driver.name} ({first} to {high.value:g} USD M per {high.basis} MW)"
