"""The analyst's own values on the attached sheet Inputs: found before it is replaced, put back.

They are found by the headings of the sheet, scope and metric, so a sheet of an earlier version of
the model is read as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from valuation_core.book import METRICS, PLAIN
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.evaluation.lookup import BASES
from workbook.attach.mark import Mark, attached_as, find_mark
from workbook.cells import ErrorValue, day_of, place_of
from workbook.errors import WorkbookError
from workbook.formulas.renaming import Renaming
from workbook.model.restate import OwnValue
from workbook.model.sheets.facts.control_cells import source_of
from workbook.model.sheets.facts.input_cells import CASE_LABEL, CONTROL, NAME
from workbook.opc.package import sheet_parts
from workbook.opc.refusals import open_closed
from workbook.opc.stored import StoredCell, cells_of
from workbook.opc.xml import parse_xml

OWN_HEADINGS: Final = ("your value", "own value")

Grid = dict[tuple[int, int], StoredCell]


@dataclass(frozen=True, slots=True)
class AttachedBefore:
    """What an earlier attachment left: its miners and case, and what the analyst stated since."""

    miners: tuple[str, ...] = ()
    own: tuple[OwnValue, ...] = ()
    case: str = PLAIN


def attached_before(path: Path) -> AttachedBefore:
    """Read a closed workbook for what was attached and stated in it.

    Raises
    ------
    WorkbookError
        When the workbook is not to be touched, or a value stated is none.
    """
    with open_closed(path) as draft:
        main = draft.main
        found = find_mark(draft, main)
        if found is None:
            return AttachedBefore()
        attached, parts = attached_as(parse_xml(draft[main])), sheet_parts(draft)
        sheet = attached.get(NAME)
        if sheet is None:
            return AttachedBefore(found[1].miners)
        cells = grid(draft, parts[sheet])
        control = grid(draft, parts[attached[CONTROL]]) if CONTROL in attached else cells
        miners = found[1].miners or _miners(cells)
        # A sheet made before there were cases is of the plain one.
        case = _beside(control, CASE_LABEL) or PLAIN
        stated = own_values(cells, sheet)
        # Of a workbook of thirty sheets, only those where something can be typed are read.
        titles = {source[0] for one in stated if (source := source_of(one.formula))}
        ours = titles & set(attached.values()) & parts.keys()
        held = {title: grid(draft, parts[title]) for title in ours}
        names = renamed_there(attached, found[1])
        own = [_in_names_of_model(_as_typed(one, held), names) for one in stated]
        typed = tuple(one for one in own if one.value is not None or one.formula)
        return AttachedBefore(miners, typed, case)


def renamed_there(attached: Mapping[str, str], mark: Mark) -> Renaming:
    """Give which sheets and names of ours have other names in a workbook."""
    sheets = {model: present for model, present in attached.items() if model != present}
    return Renaming(sheets, mark.stands_for)


def _in_names_of_model(own: OwnValue, names: Renaming) -> OwnValue:
    """Give an own value whose formula calls our sheets as the model does, and theirs by ours."""
    return replace(own, formula=own.formula and names.both_ways.of(own.formula))


def _as_typed(own: OwnValue, sheets: Mapping[str, Grid]) -> OwnValue:
    """Give an own value that Inputs takes from another sheet as it is typed there."""
    source = source_of(own.formula)
    if source is None:
        return own
    typed = sheets.get(source[0], {}).get(place_of(source[1]))
    if typed is not None and own.value is not None:
        _refuse_shared(own.scope, own.metric, f"{source[0]}!{source[1]}", typed)
    return replace(own, formula=None if typed is None else typed.formula)


def _beside(cells: Grid, label: str) -> str:
    """Give the first text right of a label."""
    for (row, column), cell in sorted(cells.items()):
        if cell.value == label:
            after = [cells[at].value for at in sorted(cells) if at[0] == row and at[1] > column]
            return next((text for text in after if isinstance(text, str) and text), "")
    return ""


def _miners(cells: Grid) -> tuple[str, ...]:
    """Give the miners of a sheet of inputs: the scopes of its facts."""
    scopes = [
        str(cells[row, 1].value)
        for row, column in sorted(cells)
        if column == 2 and (row, 1) in cells and cells[row, 2].value in METRICS
    ]
    others = (MARKET_WIDE, NETWORK)
    return tuple(dict.fromkeys(one for one in scopes if one not in others and "/" not in one))


def grid(parts: Mapping[str, bytes], part: str) -> Grid:
    """Give the cells of a sheet by row and column."""
    return {place_of(address): cell for address, cell in cells_of(parts, part).items()}


def _refuse_shared(scope: str, metric: str, address: str, cell: StoredCell) -> None:
    if cell.formula == "":
        raise WorkbookError(
            f"your value for {scope} {metric} ({address}) shares its formula with other cells: "
            "enter it there by itself first"
        )


def own_values(cells: Grid, sheet: str) -> list[OwnValue]:
    """Give the values stated on a sheet of inputs, none where it has no column for them."""
    for row in sorted({row for row, _ in cells}):
        columns = {
            cell.value: column
            for (at, column), cell in cells.items()
            if at == row and isinstance(cell.value, str)
        }
        own = next((columns[name] for name in OWN_HEADINGS if name in columns), None)
        if own is not None and {"scope", "metric"} <= columns.keys():
            return _below(cells, sheet, row, {str(name): at for name, at in columns.items()}, own)
    return []


def _below(
    cells: Grid, sheet: str, heading: int, columns: Mapping[str, int], own: int
) -> list[OwnValue]:
    found = []
    for row in sorted({row for row, column in cells if row > heading and column == own}):
        cell = cells[row, own]
        names = [
            cells[row, columns[name]].value if (row, columns[name]) in cells else None
            for name in ("scope", "metric")
        ]
        if names[1] not in METRICS or (cell.value in (None, "") and not cell.formula):
            continue
        if isinstance(cell.value, ErrorValue) and cell.formula:
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({sheet}!{cell.address}) is stored as "
                f"{cell.value.code}: let Excel compute and save the workbook, or clear the value"
            )
        if cell.value != "" and isinstance(cell.value, str | bool | ErrorValue):
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({sheet}!{cell.address}) is not a number: "
                "correct or clear it first"
            )
        _refuse_shared(str(names[0]), str(names[1]), f"{sheet}!{cell.address}", cell)
        # A formula may state nothing, such as that of a terminal that is not at this desk.
        value: float | date | None = None
        if isinstance(cell.value, float):
            is_date = METRICS[str(names[1])].unit == "date"
            value = day_of(cell.value) if is_date else cell.value
        basis = cells.get((row, columns.get("basis", 0)))
        stated = basis.value if basis is not None and basis.value in BASES else ""
        found.append(OwnValue(str(names[0]), str(names[1]), value, cell.formula, str(stated)))
    return found
