"""The miners of a workbook, found on the sheet that shows its facts. Pure; no host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.refresh.decide import Grid, RefreshError

NEEDED: Final = ("scope", "metric", "in use", "in the book", "your value")
"""Headings by which the facts of a workbook are found, wherever their columns are."""


def miners_of(grids: Mapping[str, Grid]) -> tuple[str, ...]:
    """Give the miners of a workbook: those whose facts it shows, in their order.

    Raises
    ------
    RefreshError
        When no sheet shows facts, or none of a miner.
    """
    for grid in grids.values():
        for line in sorted({row for (row, _), value in grid.items() if value == NEEDED[0]}):
            columns = {
                str(value): column
                for (row, column), value in sorted(grid.items())
                if row == line and isinstance(value, str)
            }
            if set(NEEDED) <= columns.keys():
                return _miners(grid, line, columns)
    raise RefreshError(f"no sheet has the columns {', '.join(NEEDED)}; nothing was changed")


def _miners(grid: Grid, header: int, columns: Mapping[str, int]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in range(header + 1, max(row for row, _ in grid) + 1):
        scope = str(grid.get((line, columns["scope"])) or "").strip()
        if scope == NEEDED[0]:
            break  # the published figures have headings of their own
        metric = str(grid.get((line, columns["metric"])) or "").strip()
        # Of a site, such as RIOT/Rockdale, an own value may stand there.
        if metric in METRICS and scope not in ("", MARKET_WIDE, NETWORK) and "/" not in scope:
            found[scope] = None
    if not found:
        raise RefreshError("the workbook shows the facts of no miner; nothing was changed")
    return tuple(found)
