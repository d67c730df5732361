"""What the analyst typed on the sheet WhatIf, found again on the sheet that takes its place. Pure.

A cell is the same one where its column, its distance from the title of its block and its label
are: the blocks move with the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from workbook.attach.own_values import Grid
from workbook.cells import Value
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.what_if_cells import DRIVERS_ROW, INPUT_COLUMN, TRIED
from workbook.opc.stored import StoredCell

_INPUTS: Final = ("input", "input_left")
_LABEL_COLUMN: Final = 1

At: TypeAlias = tuple[int, int]
_Key: TypeAlias = tuple[str, int, str, int]
"""Title of the block, rows below it, label and column."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: cells by their place on the new sheet, and those without one there."""

    cells: Mapping[At, StoredCell]
    lost: tuple[str, ...]


def typed_on_what_if(before: Grid, sheet: Sheet) -> Typed:
    """Find what is typed on a sheet in other words or figures than the new one has.

    Parameters
    ----------
    before : Grid
        The cells of the sheet as it is.
    sheet : Sheet
        The planned sheet.
    """
    titles = {
        str(cell.value)
        for (_, column), cell in sheet.cells.items()
        if column == _LABEL_COLUMN and cell.style == "section"
    }
    texts = {at: cell.value for at, cell in before.items() if cell.formula is None}
    planned = {at: None if cell.formula else cell.value for at, cell in sheet.cells.items()}
    old = dict(_keys(texts, titles, before))
    inputs = [at for at, cell in sheet.cells.items() if cell.style in _INPUTS]
    cells, places = {}, set()
    for key, at in _keys(planned, titles, inputs):
        stands = before.get(old.get(key, (0, 0)))
        if stands is None:
            continue
        places.add(old[key])
        given = stands.value not in (None, "") or stands.formula
        if given and (stands.formula is not None or stands.value != sheet.cells[at].value):
            cells[at] = stands
    return Typed(cells, tuple(_lost(before, places)))


def _keys(
    texts: Mapping[At, Value], titles: set[str], wanted: Mapping[At, object] | list[At]
) -> Iterator[tuple[_Key, At]]:
    """Give what tells each wanted cell from others, wherever its block stands."""
    starts = {
        row: str(value)
        for (row, column), value in texts.items()
        if column == _LABEL_COLUMN and value in titles
    }
    for row, column in wanted:
        start = max((one for one in starts if one < row), default=0)
        label = texts.get((row, _LABEL_COLUMN)) or ""
        yield (starts.get(start, ""), row - start, str(label), column), (row, column)


def _lost(before: Grid, places: set[At]) -> Iterator[str]:
    """Name the values tried for which the new sheet has no place."""
    for at, cell in sorted(before.items()):
        column = INPUT_COLUMN if at[0] < DRIVERS_ROW else TRIED
        label = before.get((at[0], _LABEL_COLUMN))
        typed = isinstance(cell.value, float) and not cell.computed
        if at[1] == column and typed and at not in places and label is not None:
            yield f"{label.value} = {cell.value:g}"
