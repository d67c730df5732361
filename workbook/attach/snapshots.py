"""The snapshots on the attached sheet History: read before it is replaced, put onto the new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbook.attach.own_values import Grid, grid
from workbook.cells import Value, letters
from workbook.opc.sheet_editor import SheetEditor
from workbook.refresh.snapshot import LISTING, TITLE


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What stands below the editions: cells by row and column, the title in row 0."""

    cells: Mapping[tuple[int, int], Value]

    @property
    def count(self) -> int:
        """The number of rows below title and headings."""
        return len({row for row, _ in self.cells if row > 1})


def snapshots_in(cells: Grid) -> Snapshots:
    """Find the snapshots of a sheet History; empty where none was taken."""
    top = next((row for (row, _), cell in sorted(cells.items()) if cell.value == TITLE), None)
    if top is None:
        return Snapshots({})
    return Snapshots(
        {
            (row - top, column): cell.value
            for (row, column), cell in sorted(cells.items())
            if row >= top and cell.value is not None
        }
    )


def with_snapshots(ours: Mapping[str, bytes], part: str, snapshots: Snapshots) -> bytes:
    """Give the sheet History of the model with the snapshots below what it holds."""
    cells = grid(ours, part)
    editor = SheetEditor(TITLE, ours[part])
    looks = [
        next((editor.style(cell.address) for cell in cells.values() if cell.value == text), None)
        for text in LISTING
    ]
    first = max(row for row, _ in cells) + 2
    for (row, column), value in snapshots.cells.items():
        editor.put(
            f"{letters(column)}{first + row}", value, looks[row] if row < len(looks) else None
        )
    return editor.to_part()
