"""Where What-if tries other values, which Inputs and Control read before all others.

In Excel the input cells of a data table stand on its own sheet, so these are no cells of Inputs.
A cell holds "-" where nothing is tried: LibreOffice puts no value into one that is blank.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.sensitivity import DRIVERS
from workbook.cells import Ref
from workbook.model.sheets.facts.input_cells import MINER

NAME: Final = "WhatIf"
OFF: Final = "-"
"""Stands in a cell with nothing to try."""

SHOPPED: Final = "hpc_mw_shopped"
INPUT_COLUMN: Final = 3


def _input(row: int) -> Ref:
    return Ref(NAME, row, INPUT_COLUMN, row, INPUT_COLUMN)


CASE_TRIED: Final = _input(6)
MINER_TRIED: Final = _input(7)
OUTCOME_TRIED: Final = _input(8)
X_TRIED: Final = _input(9)
Y_TRIED: Final = _input(10)
DRIVER_TRIED: Final = _input(11)
END_TRIED: Final = _input(12)

COMPUTED: Final = _input(13)
"""Whether the data tables are computed."""

IN_EXCEL: Final = "IF(ISNUMBER(TRUE),FALSE,TRUE)"
"""True in Excel; to LibreOffice a logical value is a number."""

DRIVERS_ROW: Final = 16
"""Row of the first driver."""

TRIED, IN_EFFECT = 9, 10
"""Columns of the value typed for a driver, and of the one in effect: typed or of a table."""

MOVED: Final = {driver.moves: index for index, driver in enumerate(DRIVERS)}
"""Facts that What-if moves, with the place of their driver."""


def driver_cell(metric: str, column: int) -> Ref:
    """Give a cell in the row of the driver that moves a fact."""
    row = DRIVERS_ROW + MOVED[metric]
    return Ref(NAME, row, column, row, column)


def with_tried(scope: str, metric: str, own: str) -> str:
    """Write the own value of a fact: the one that What-if tries, else what a cell holds.

    Examples
    --------
    >>> with_tried("RIOT", "cash", "E9")
    'IF(E9="","",E9)'
    >>> with_tried("NETWORK", "btc_price", "E9")
    'IF(WhatIf!$J$21="-",IF(E9="","",E9),WhatIf!$J$21)'
    >>> with_tried("RIOT", "power_price", "E9")
    'IF(OR(Control!$C$8<>"RIOT",WhatIf!$J$23="-"),IF(E9="","",E9),WhatIf!$J$23)'
    """
    stated = f'IF({own}="","",{own})'
    if metric not in MOVED:
        return stated
    tried = driver_cell(metric, IN_EFFECT).there
    off = f'{tried}="{OFF}"'
    if scope not in (MARKET_WIDE, NETWORK):
        off = f'OR({MINER.there}<>"{scope}",{off})'
    return f"IF({off},{stated},{tried})"


def yours_of(metric: str) -> str:
    """Give the heading of Inputs under which the own value in use of a fact stands.

    MW shopped that are tried are those still offered: they take the place of the net MW on HPC.
    """
    return "your value" if metric == SHOPPED else "yours in use"
