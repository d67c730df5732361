"""The analyst's own values on the attached sheet Inputs: found before it is replaced, put back.

They are found by the headings of the sheet, scope and metric, so a sheet of an earlier version of
the model is read as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from valuation_core.book import METRICS
from workbook.attach.mark import find_mark
from workbook.formulas.references import sheet_titles
from workbook.model.plan import Plan, Sheet, place
from workbook.model.sheets.facts.input_cells import COLUMN, NAME, OWN_VALUE
from workbook.model.sheets.facts.sources import NAME as SOURCES
from workbook.model.sheets.facts.sources import plan_sources
from workbook.opc.package import (
    StoredCell,
    StoredError,
    WorkbookError,
    cells_of,
)
from workbook.opc.raw_zip import Draft
from workbook.opc.refusals import main_part, open_closed

OWN_HEADINGS: Final = ("your value", "own value")
_FIRST_DAY: Final = date(1899, 12, 30)

Grid = dict[tuple[int, int], StoredCell]


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that the analyst states, and the formula behind it if there is one."""

    scope: str
    metric: str
    value: float | date
    formula: str | None = None

    @property
    def row(self) -> tuple[str, str, float | date]:
        """The value as a row of own facts."""
        return self.scope, self.metric, self.value


@dataclass(frozen=True, slots=True)
class AttachedBefore:
    """What an earlier attachment left: its miners, and what the analyst stated since."""

    miners: tuple[str, ...] = ()
    own: tuple[OwnValue, ...] = ()


def attached_before(path: Path) -> AttachedBefore:
    """Read a closed workbook for what was attached and stated in it.

    Raises
    ------
    WorkbookError
        When the workbook is not to be touched, or a value stated is none.
    """
    with open_closed(path) as archive:
        draft = Draft(archive)
        main = main_part(draft, path.name)
        found = find_mark(draft, main)
        if found is None:
            return AttachedBefore()
        parts = [part for part, title in sheet_titles(draft, main).items() if title == NAME]
        if not parts:
            return AttachedBefore(found[1].miners)
        cells = grid(draft, parts[0])
        return AttachedBefore(found[1].miners or _miners(cells), tuple(own_values(cells)))


def _miners(cells: Grid) -> tuple[str, ...]:
    """Give the miners of a sheet of inputs: the scopes of its facts."""
    scopes = [
        str(cells[row, 1].value)
        for row, column in sorted(cells)
        if column == 2 and (row, 1) in cells and cells[row, 2].value in METRICS
    ]
    return tuple(dict.fromkeys(scope for scope in scopes if scope not in ("ALL", "NETWORK")))


def grid(parts: Mapping[str, bytes], part: str) -> Grid:
    """Give the cells of a sheet by row and column."""
    return {place(address): cell for address, cell in cells_of(parts, part).items()}


def own_values(cells: Grid) -> list[OwnValue]:
    """Give the values stated on a sheet of inputs, none where it has no column for them."""
    for row in sorted({row for row, _ in cells}):
        columns = {
            cell.value: column
            for (at, column), cell in cells.items()
            if at == row and isinstance(cell.value, str)
        }
        own = next((columns[name] for name in OWN_HEADINGS if name in columns), None)
        if own is not None and {"scope", "metric"} <= columns.keys():
            return _below(cells, row, columns["scope"], columns["metric"], own)
    return []


def _below(cells: Grid, heading: int, scope: int, metric: int, own: int) -> list[OwnValue]:
    found = []
    for row in sorted({row for row, column in cells if row > heading and column == own}):
        cell = cells[row, own]
        names = [
            cells[row, column].value if (row, column) in cells else None
            for column in (scope, metric)
        ]
        if cell.value in (None, "") or names[1] not in METRICS:
            continue
        if isinstance(cell.value, str | bool | StoredError):
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({NAME}!{cell.address}) is not a number: "
                "correct or clear it first"
            )
        if cell.formula == "":
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({NAME}!{cell.address}) shares its formula "
                "with other cells: enter it there by itself first"
            )
        value: float | date = cell.value
        if METRICS[str(names[1])].unit == "date":
            value = _FIRST_DAY + timedelta(days=int(cell.value))
        found.append(OwnValue(str(names[0]), str(names[1]), value, cell.formula))
    return found


def restated(plan: Plan, plain: Plan, own: Sequence[OwnValue]) -> Plan:
    """Show own values in their column of Inputs, with what the book says beside them.

    Parameters
    ----------
    plan : Plan
        The model of the book with the own values in it, so that every figure follows them.
    plain : Plan
        The model of the book without them, for what stands beside them and for the sources.
    own : sequence of OwnValue
        What the analyst states.
    """
    inputs = next(sheet for sheet in plan.sheets if sheet.name == NAME)
    facts = next(sheet for sheet in plain.sheets if sheet.name == NAME)
    rows, plain_rows = _fact_rows(inputs), _fact_rows(facts)
    for one in own:
        row = rows.get((one.scope, one.metric))
        if row is None or row != plain_rows.get((one.scope, one.metric)):
            raise WorkbookError(
                f"the model has no row for your value of {one.scope} {one.metric}: clear it first"
            )
        for (at, column), cell in facts.cells.items():
            if at == row:
                # A formula keeps the value that follows from what is stated.
                value = inputs.cells[at, column].value if cell.formula else cell.value
                inputs.cells[at, column] = replace(cell, value=value)
        stated = inputs.cells[row, OWN_VALUE]
        inputs.cells[row, OWN_VALUE] = replace(stated, value=one.value, formula=one.formula)
    return replace(plan, sheets=[_counted_anew(sheet, plan.sheets) for sheet in plan.sheets])


def _counted_anew(sheet: Sheet, sheets: Sequence[Sheet]) -> Sheet:
    """Plan the list of sources anew, which counts what stands beside the facts."""
    if sheet.name != SOURCES:
        return sheet
    headings = {cell.value for cell in sheet.cells.values()}
    return plan_sources(other for other in sheets if other.name in headings)


def _fact_rows(sheet: Sheet) -> dict[tuple[str, str], int]:
    """Give the rows of facts by scope and metric."""
    return {
        (str(cell.value), str(sheet.cells[row, COLUMN["metric"]].value)): row
        for (row, column), cell in sheet.cells.items()
        if column == COLUMN["scope"] and (row, COLUMN["metric"]) in sheet.cells
    }
