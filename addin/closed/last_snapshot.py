"""The last snapshot of a miner in a closed workbook: the facts that a target then rested on."""

from __future__ import annotations

from pathlib import Path

from addin.closed.workbook import ClosedWorkbook
from workbook.errors import WorkbookError
from workbook.refresh.snapshot import HEADINGS, HISTORY, TITLE


def last_snapshot(path: Path, ticker: str) -> str:
    """Give the handle of the facts that the last snapshot of a miner was taken on.

    Raises
    ------
    WorkbookError
        When it is no workbook, or holds no snapshot of the miner.
    """
    with ClosedWorkbook.to_read(path) as workbook:
        grid = workbook.grid(workbook.attached.get(HISTORY, HISTORY))
    top = next((row for (row, _), value in sorted(grid.items()) if value == TITLE), None)
    miner, handle = (HEADINGS.index(name) + 1 for name in ("Miner", "Handle"))
    if top is not None:
        for row in sorted({row for row, _ in grid if row > top + 1}, reverse=True):
            if grid.get((row, miner)) == ticker:
                return str(grid.get((row, handle)))
    raise WorkbookError(f"{path.name} holds no snapshot of {ticker}: hpcval snapshot takes one")
