"""Sensitivity grids and the tornado: how a target moves with what drives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from valuation_core.company import value_of
from valuation_core.errors import ValuationError, domain, misfit
from valuation_core.evaluation.arrays import Array, common_shape, single_value
from valuation_core.evaluation.elementwise import Run
from valuation_core.evaluation.lookup import LEVELS, Reading
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.published import price_part
from valuation_core.result import ResultTable
from valuation_core.target import target_part
from valuation_core.units import Axis, BookText, Keyword, Spill

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
    run = Run(common_shape([(len(down), 1), (1, len(across))]))
    facts = Reading(run, book)
    ticker = Reading(Run(), book).ticker(single_value("miner", miner))
    with np.errstate(all="ignore"):
        choice = Choice(prob=down[:, np.newaxis], mw=across[np.newaxis, :])
        made = _output(run, facts, ticker, choice, name)
    grid: Any = np.broadcast_to(made, run.shape or ()).astype(object)
    for fault in reversed(run.faults):
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


def _output(run: Run, facts: Reading, ticker: str, choice: Choice, name: str) -> Any:
    if name in ("target", "upside"):
        aim = target_part(run, facts, ticker, choice)
        return aim if name == "target" else aim / price_part(run, facts, ticker, None) - 1.0
    value = value_of(run, facts, ticker, choice)
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

    Notes
    -----
    Value per MW low to high; probability 0.25 to 0.75; MW, BTC price, network hashrate and power
    price by a fraction; hodl premium 1.0 to 1.5; gross-to-critical 1.25 to 1.50 (signed deals).

    Examples
    --------
    >>> [row[0].split(" (")[0] for row in tornado("RIOT").rows[:2]]
    ['probability', 'BTC price']
    """
    facts = Reading(Run(), book)
    ticker = facts.ticker(single_value("miner", miner))
    rows = []
    for label, choice, given in _drivers(facts, ticker):
        with np.errstate(all="ignore"):
            one = Run((2,))
            made = target_part(one, Reading(one, facts.book, given), ticker, choice)
        if one.faults:
            raise one.faults[0].error_at((0,))
        low, high = np.broadcast_to(made, (2,)).tolist()
        rows.append((label, low, high, abs(high - low)))
    rows.sort(key=lambda row: -row[3])
    return ResultTable(("driver", "target low", "target high", "swing"), tuple(rows))


def _drivers(facts: Reading, ticker: str) -> list[tuple[str, Choice, Mapping[str, Array]]]:
    """Give the drivers of a miner: label, choice of the option, values in place of facts."""
    plain = Choice()
    drivers: list[tuple[str, Choice, Mapping[str, Array]]] = []
    levels = np.array(["low", "high"], dtype=object)
    low, high = (facts.book.number(ticker, LEVELS[level]) for level in levels)
    label = f"value per MW ({low:g} to {high:g} USD M)"
    drivers.append((label, Choice(per_mw=levels), {}))
    if facts.has(ticker, "hpc_probability") == 1.0:
        drivers.append(("probability (25% to 75%)", Choice(prob=np.array([0.25, 0.75])), {}))
    relative = (
        ("MW shopped", "hpc_mw_shopped", ticker, 0.25),
        ("BTC price", "btc_price", "NETWORK", 0.20),
        ("network hashrate", "network_hashrate", "NETWORK", 0.20),
        ("power price", "power_price", ticker, 0.20),
    )
    for name, metric, scope, part in relative:
        try:
            now = facts.book.number(scope, metric)
        except ValuationError:
            continue
        values = now * np.array([1.0 - part, 1.0 + part])
        drivers.append((f"{name} (-{part:.0%} to +{part:.0%})", plain, {metric: values}))
    absolute = (
        ("hodl premium", "hodl_premium", 1.0, 1.5),
        ("gross-to-critical", "gross_to_critical", 1.25, 1.5),
    )
    for name, metric, low, high in absolute:
        drivers.append((f"{name} ({low:g} to {high:g})", plain, {metric: np.array([low, high])}))
    return drivers
