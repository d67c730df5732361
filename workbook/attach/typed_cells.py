"""What the analyst typed into the input cells of our sheets, found again on the new sheets. Pure.

A cell is the same one where its column, its distance from the title of its block and its label
are: blocks move with the number of cases, deals and miners. The mark of the sheets remembers what
was written into each input cell, so that what stands there as we wrote it follows the new model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from workbook.attach.own_values import Grid
from workbook.cells import LAST_SERIAL, ErrorValue, Ref, Value, day_of, letters, place_of, serial_of
from workbook.formulas.renaming import Renaming, are_alike
from workbook.model.plan import Plan, Sheet, Validation
from workbook.model.sheets.facts.what_if_cells import DRIVERS_ROW, INPUT_COLUMN, TRIED
from workbook.model.sheets.facts.what_if_cells import NAME as WHAT_IF
from workbook.opc.stored import StoredCell
from workbook.style import DATE

_INPUTS: Final = ("input", "input_left")
_LABEL_COLUMN: Final = 1

At: TypeAlias = tuple[int, int]
_Key: TypeAlias = tuple[str, int, str, int]
"""Title of the block, rows below it, label and column."""

Stated: TypeAlias = float | str | bool | None
Written: TypeAlias = Mapping[str, Stated]
"""What we wrote into the input cells of a sheet, by address; None where the analyst typed it.

A cell that is not among them was none to type into."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, by its place on the new sheet, and what has none there."""

    cells: Mapping[At, StoredCell]
    """What is to be put into the new sheet."""
    planned: Mapping[At, StoredCell]
    """What it has already, as it was planned by that."""
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetBefore:
    """A sheet of ours as it is in the workbook, and what is known of it."""

    cells: Grid
    written: Written | None
    """What we wrote into its input cells; None where nobody remembers."""
    renaming: Renaming
    """From what formulas call our sheets there to what the model calls them."""

    def is_input(self, address: str) -> bool:
        """Tell whether a cell was there to type into, as far as anybody remembers."""
        return self.written is None or address in self.written

    def is_as_written(self, address: str) -> bool:
        """Tell whether a cell holds what we wrote into it, as far as anybody remembers."""
        value = (self.written or {}).get(address)
        stands = self.cells.get(place_of(address))
        if value is None or stands is None:
            return False
        if stands.formula is not None:
            return are_alike(f"={self.renaming.of(stands.formula)}", str(value))
        return stands.value == value


def inputs_of(sheet: Sheet) -> list[At]:
    """Give the places of the input cells of a planned sheet."""
    return [at for at, cell in sheet.cells.items() if cell.style in _INPUTS]


def written_in(plan: Plan, typed: Mapping[str, Collection[At]]) -> dict[str, Written]:
    """Give what a model writes into its input cells, to be remembered.

    Parameters
    ----------
    plan : Plan
        The model.
    typed : mapping of str to collection of (int, int)
        By sheet the places of what the analyst typed.
    """
    found: dict[str, Written] = {}
    for sheet in plan.sheets:
        own = typed.get(sheet.name, ())
        found[sheet.name] = {
            _address(at): None if at in own else _stated(sheet, at) for at in inputs_of(sheet)
        }
    return {name: cells for name, cells in found.items() if cells}


def typed_on(
    before: SheetBefore, sheet: Sheet, others: Mapping[str, Sheet], taken: Collection[At] = ()
) -> Typed:
    """Find what is typed on a sheet in other words or figures than we wrote and the new one has.

    Parameters
    ----------
    before : SheetBefore
        The sheet as it is.
    sheet : Sheet
        The planned sheet.
    others : mapping of str to Sheet
        Every planned sheet by its name: some have the choices of a list.
    taken : collection of (int, int), optional
        Places of cells that were planned by what is typed there.
    """
    titles = {
        str(cell.value)
        for (_, column), cell in sheet.cells.items()
        if column == _LABEL_COLUMN and cell.style == "section"
    }
    texts = {at: cell.value for at, cell in before.cells.items() if cell.formula is None}
    planned = {at: None if cell.formula else cell.value for at, cell in sheet.cells.items()}
    old = dict(_keys(texts, titles, before.cells))
    cells: dict[At, StoredCell] = {}
    planned_so: dict[At, StoredCell] = {}
    places, lost = set(), []
    for key, at in _keys(planned, titles, inputs_of(sheet)):
        stands = before.cells.get(old.get(key, (0, 0)))
        if stands is None or not before.is_input(stands.address):
            continue
        places.add(old[key])
        if stands.formula:
            stands = replace(stands, formula=before.renaming.of(stands.formula))
        if not _is_filled(stands) or before.is_as_written(stands.address):
            continue
        if _is_planned(stands, sheet, at):
            remembered = before.written is not None and stands.formula is None
            if remembered or at in taken:
                planned_so[at] = stands
        elif reason := _reason_against(stands, sheet, at, others):
            shown = said(stands, sheet.cells[at].number_format)
            lost.append(f"{stands.address} = {shown} ({reason})")
        else:
            cells[at] = stands
    return Typed(cells, planned_so, (*lost, *_missing(before, places, sheet.name)))


def said(cell: StoredCell, looks: str = "") -> str:
    """Show what is typed into a cell with a number format: its value, and any formula."""
    value = cell.value.code if isinstance(cell.value, ErrorValue) else cell.value
    if looks == DATE and isinstance(value, float) and 1.0 <= value <= LAST_SERIAL:
        value = str(day_of(value))
    shown = "nothing" if value in (None, "") else str(value)
    return f"{shown} (={cell.formula})" if cell.formula else shown


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


def _is_filled(cell: StoredCell) -> bool:
    return cell.value not in (None, "") or cell.formula is not None


def _is_planned(stands: StoredCell, sheet: Sheet, at: At) -> bool:
    """Tell whether the new cell holds the same."""
    planned = sheet.cells[at]
    if stands.formula is not None and planned.formula is not None:
        return are_alike(stands.formula, planned.formula)
    if stands.formula is not None or planned.formula is not None:
        return False
    return stands.value == plain(sheet, at)


def _reason_against(stands: StoredCell, sheet: Sheet, at: At, others: Mapping[str, Sheet]) -> str:
    """Say why what stands in a cell cannot go into the new one; nothing where it can."""
    if stands.formula is not None:
        return "" if stands.formula else "it shares its formula with other cells"
    place = Ref(sheet.name, *at, *at)
    for rule in sheet.validations:
        if rule.kind == "list" and rule.ref == place and stands.value not in _choices(rule, others):
            return "none of the choices any more"
    return ""


def _choices(rule: Validation, sheets: Mapping[str, Sheet]) -> Collection[Value]:
    if rule.source is None:
        return rule.choices
    source, cells = rule.source, sheets[rule.source.sheet].cells
    return [
        cell.value
        for (row, column), cell in cells.items()
        if source.row <= row <= source.last_row and source.column <= column <= source.last_column
    ]


def _missing(before: SheetBefore, places: set[At], sheet: str) -> Iterator[str]:
    """Name what is typed in cells for which the new sheet has no place."""
    if before.written is None:
        yield from _lost_tried(before.cells, places) if sheet == WHAT_IF else ()
        return
    for address in before.written:
        stands = before.cells.get(place_of(address))
        if stands is None or place_of(address) in places or before.is_as_written(address):
            continue
        if _is_filled(stands):
            yield f"{address} = {said(stands)}"


def _address(at: At) -> str:
    return f"{letters(at[1])}{at[0]}"


def plain(sheet: Sheet, at: At) -> Stated:
    """Give the value of a planned cell as a file stores it."""
    value = sheet.cells[at].value
    if isinstance(value, ErrorValue):
        return value.code
    return float(serial_of(value)) if isinstance(value, date) else value


def _stated(sheet: Sheet, at: At) -> Stated:
    """Give what a planned cell states: a formula after its sign, else the value as it is stored."""
    formula = sheet.cells[at].formula
    return f"={formula}" if formula else plain(sheet, at)


def _lost_tried(before: Grid, places: set[At]) -> Iterator[str]:
    """Name the values tried on WhatIf for which the new sheet has no place."""
    for at, cell in sorted(before.items()):
        column = INPUT_COLUMN if at[0] < DRIVERS_ROW else TRIED
        label = before.get((at[0], _LABEL_COLUMN))
        typed = isinstance(cell.value, float) and not cell.computed
        if at[1] == column and typed and at not in places and label is not None:
            yield f"{label.value} = {cell.value:g}"
