"""What a cell of a sheet means, by its labels: a formula that points there must go on meaning it.

When sheets are brought up to date, rows may have moved. A formula of the analyst holds an address,
so it would take another figure without a word; such an update is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workbook.attach.detach import listed
from workbook.attach.own_values import Grid, grid
from workbook.cells import corners_of
from workbook.errors import WorkbookError
from workbook.formulas.cell_references import Area
from workbook.formulas.references import Pointer, pointers
from workbook.opc.package import Package, sheet_parts, sheet_titles

_MOST_CELLS: Final = 20_000
"""Cells looked at for one formula; a range beyond this is one that looks labels up."""

_LABELS: Final = 3
"""Texts left of a cell that say what its row is about."""


def refuse_moved(
    parts: Package,
    main: str,
    ours: Mapping[str, bytes],
    own: set[str],
    attached: set[str],
    names: set[str],
) -> bool:
    """Refuse new sheets in which cells that the analyst points at mean something else.

    Parameters
    ----------
    parts : Package
        The workbook, with the sheets as attached before.
    main : str
        Part that lists its sheets.
    ours : mapping of str to bytes
        The model to be attached now.
    own : set of str
        Parts of the sheets attached before.
    attached : set of str
        Names of these sheets.
    names : set of str
        Defined names that came with them.

    Returns
    -------
    bool
        Whether any formula of the analyst uses our cells.
    """
    titles = {title: part for part, title in sheet_titles(parts).items()}
    new = sheet_parts(ours)
    before: dict[str, Grid] = {}
    after: dict[str, Grid] = {}
    moved: list[Pointer] = []
    found = False
    for pointer in pointers(parts, main, attached, names, own):
        found = True
        for area in pointer.areas:  # a name comes anew and leads to the right cell
            name = next(title for title in attached if _same(title, area.sheet))
            if name in new and name in titles:
                if name not in before:
                    before[name], after[name] = grid(parts, titles[name]), grid(ours, new[name])
                if all(
                    meaning(before[name], *cell) == meaning(after[name], *cell)
                    for cell in _cells(area, pointer.filled, before[name])
                ):
                    continue
            moved.append(pointer)
            break
    if moved:
        raise WorkbookError(
            "cells that formulas of the workbook point at would mean something else: "
            f"{listed(moved)}. Detach, attach, and point them anew"
        )
    return found


def refuse_lost(
    parts: Package, main: str, own: set[str], sheets: set[str], names: set[str], said: str
) -> None:
    """Refuse to leave what the analyst wrote pointing at sheets, names or tables that are gone."""
    if (sheets or names) and (found := list(pointers(parts, main, sheets, names, own))):
        raise WorkbookError(f"{said}: {listed(found)}")


def _same(one: str, other: str | None) -> bool:
    return other is not None and one.casefold() == other.casefold()


def _cells(area: Area, filled: str, cells: Grid) -> Iterator[tuple[int, int]]:
    """Give the filled cells that a formula points at, wherever it is filled down or across."""
    down = across = 0
    if ":" in filled:
        first, last = corners_of(filled)
        down, across = last[0] - first[0], last[1] - first[1]
    rows = [one.row for one in (area.first, area.last)]
    columns = [one.column for one in (area.first, area.last)]
    rows += [one.row + down for one in (area.first, area.last) if not one.row_fixed]
    columns += [one.column + across for one in (area.first, area.last) if not one.column_fixed]
    top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
    if (bottom - top + 1) * (right - left + 1) <= _MOST_CELLS:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) in cells:
                    yield row, column


def meaning(cells: Grid, row: int, column: int) -> tuple[str | None, tuple[str, ...]]:
    """Give the heading over a cell and the texts that begin its row.

    Examples
    --------
    >>> from workbook.opc.stored import StoredCell
    >>> rows = [["scope", "metric", "in use"], ["RIOT", "cash", 5.0]]
    >>> cells = {
    ...     (row, column): StoredCell("", None, value, False)
    ...     for row, values in enumerate(rows, 1)
    ...     for column, value in enumerate(values, 1)
    ... }
    >>> meaning(cells, 2, 3)
    ('in use', ('RIOT', 'cash'))
    """
    labels = tuple(text for at in range(1, column) if (text := _label(cells, row, at)) is not None)
    for above in range(row - 1, 0, -1):
        heading = _label(cells, above, column)
        if heading is not None and _is_heading_row(cells, above):
            return heading, labels[:_LABELS]
    return None, labels[:_LABELS]


def _label(cells: Grid, row: int, column: int) -> str | None:
    cell = cells.get((row, column))
    if cell is None or cell.formula is not None or not isinstance(cell.value, str):
        return None
    return cell.value or None


def _is_heading_row(cells: Grid, row: int) -> bool:
    """Tell whether a row holds texts only, three at least."""
    columns = range(1, 1 + max(column for at, column in cells if at == row))
    filled = [cells[row, at] for at in columns if (row, at) in cells]
    filled = [cell for cell in filled if cell.value is not None]
    return len(filled) >= 3 and all(isinstance(cell.value, str) for cell in filled)
