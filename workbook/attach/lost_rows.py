"""Rows of attached tables that the new ones do not have, such as those of another book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workbook.attach.own_values import Grid, grid
from workbook.cells import Value
from workbook.opc.package import sheet_parts
from workbook.opc.relations import relations_of
from workbook.opc.xml import RELATION

_TABLE: Final = f"{RELATION}/table"
_SHOWN: Final = 3
"""Values of a row that name it."""

Rows = dict[tuple[tuple[int, Value], ...], None]


def lost_rows(
    theirs: Mapping[str, bytes], attached: Mapping[str, str], ours: Mapping[str, bytes]
) -> list[str]:
    """Say which rows of tables are not in the new sheets, a sentence a sheet.

    Parameters
    ----------
    theirs : mapping of str to bytes
        Parts of the workbook, with the sheets as attached before.
    attached : mapping of str to str
        What those sheets are called there, by their names in the model.
    ours : mapping of str to bytes
        Parts of the model to be attached now, under the names it gets.
    """
    old, new = sheet_parts(theirs), sheet_parts(ours)
    said = []
    for title in attached.values():
        part = new.get(title)
        if part is None or not any(one.kind == _TABLE for one in relations_of(ours, part)):
            continue
        kept = _rows(grid(ours, part))
        if lost := [row for row in _rows(grid(theirs, old[title])) if row not in kept]:
            first = " ".join(str(value) for _, value in lost[0][:_SHOWN])
            said.append(
                f"Rows of {title} that the new one does not have: {len(lost)}, the first is "
                f"{first}; they are in the file as it was."
            )
    return said


def _rows(cells: Grid) -> Rows:
    """Give the rows below the headings, each as its filled cells; what stands apart is no table."""
    found: dict[int, list[tuple[int, Value]]] = {}
    width = 0
    while (1, width + 1) in cells and cells[1, width + 1].value not in (None, ""):
        width += 1
    for (row, column), cell in sorted(cells.items()):
        if row > 1 and column <= width and cell.value not in (None, ""):
            found.setdefault(row, []).append((column, cell.value))
    return dict.fromkeys(tuple(row) for row in found.values())
