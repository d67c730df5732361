"""Where an analyst states own values on Control, which Inputs takes from there.

A value has one place to be typed: for these facts the column "your value" of Inputs is a formula.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.cells import Ref
from workbook.model.sheets.facts.input_cells import CONTROL

Key = tuple[str, str]

DRIVERS: Final[Mapping[Key, str]] = {
    (NETWORK, "btc_price"): "Bitcoin price",
    (NETWORK, "network_hashrate"): "Network hashrate",
    (MARKET_WIDE, "colo_value_position"): "Position in the range per MW",
    (MARKET_WIDE, "hodl_premium"): "Value of held bitcoin over spot",
    (MARKET_WIDE, "land_power_value"): "Land and power, per MW",
    (MARKET_WIDE, "cost_of_equity"): "Cost of equity",
}
"""Facts of every miner with a cell on Control, and what they are called there."""

PROBABILITY: Final = "hpc_probability"
"""Fact of each miner with a cell on Control."""

DRIVERS_ROW: Final = 12
"""First row of the drivers; the probability of the chosen miner stands below them."""

OWN_COLUMN: Final = 5
COVERAGE_ROW: Final = DRIVERS_ROW + len(DRIVERS) + 4
"""Row of the first miner."""

OWN_PROBABILITY: Final = 18

_TAKEN: Final = re.compile(
    r"IF\((?P<sheet>[^!]+)!(?P<cell>\$[A-Z]+\$\d+)=\"\",\"\",(?P=sheet)!(?P=cell)\)"
)


def cell_of(key: Key, tickers: Sequence[str]) -> Ref | None:
    """Give the cell of Control in which an own value of a fact is typed, None where there is none.

    Examples
    --------
    >>> cell_of(("NETWORK", "btc_price"), ["RIOT"]).there
    'Control!$E$12'
    >>> cell_of(("RIOT", "hpc_probability"), ["RIOT"]).there
    'Control!$R$22'
    >>> cell_of(("RIOT", "cash"), ["RIOT"])
    """
    if key in DRIVERS:
        row, column = DRIVERS_ROW + list(DRIVERS).index(key), OWN_COLUMN
    elif key[1] == PROBABILITY and key[0] in tickers:
        row, column = COVERAGE_ROW + tickers.index(key[0]), OWN_PROBABILITY
    else:
        return None
    return Ref(CONTROL, row, column, row, column)


def taken_from(cell: Ref) -> str:
    """Write how Inputs takes what is typed in a cell of Control.

    Examples
    --------
    >>> taken_from(Ref("Control", 12, 5, 12, 5))
    'IF(Control!$E$12="","",Control!$E$12)'
    """
    return f'IF({cell.there}="","",{cell.there})'


def source_of(formula: str | None) -> tuple[str, str] | None:
    r"""Give the sheet and the cell that a formula of Inputs takes an own value from.

    Examples
    --------
    >>> source_of("IF('HPC Control'!$E$12=\"\",\"\",'HPC Control'!$E$12)")
    ('HPC Control', 'E12')
    >>> source_of("BDP(A1)")
    """
    found = _TAKEN.fullmatch(formula or "")
    if found is None:
        return None
    sheet = found["sheet"].removeprefix("'").removesuffix("'").replace("''", "'")
    return sheet, found["cell"].replace("$", "")
