"""A model that shows the analyst's own values in their column, beside what the book says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.model.plan import Plan, Sheet
from workbook.model.sheets.facts.control_cells import source_of
from workbook.model.sheets.facts.input_cells import COLUMN, CONTROL, NAME, OWN_VALUE
from workbook.model.sheets.facts.sources import NAME as SOURCES
from workbook.model.sheets.facts.sources import plan_sources

OF_CASE: Final = ("change found", "change for ALL", "row of the case", "set by the case", "basis")
"""Columns that follow the case and not what is stated."""


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that the analyst states, and the formula behind it if there is one."""

    scope: str
    metric: str
    value: float | date
    formula: str | None = None
    basis: str = ""
    """MW basis of the row it stands in; empty where there is none."""

    @property
    def row(self) -> tuple[str, str, float | date, str]:
        """The value as a row of own facts."""
        return self.scope, self.metric, self.value, self.basis


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
    control = next(sheet for sheet in plan.sheets if sheet.name == CONTROL)
    facts = next(sheet for sheet in plain.sheets if sheet.name == NAME)
    # Your value has no day, source and note of its own, and does not move what the case would set.
    shown = {COLUMN[name]: COLUMN[f"{name} in the book"] for name in ("as of", "source", "note")}
    shown |= {column: column for column in (COLUMN[name] for name in OF_CASE)}
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
                if column in shown:
                    value = facts.cells[at, shown[column]].value
                inputs.cells[at, column] = replace(cell, value=value)
        stated = inputs.cells[row, OWN_VALUE]
        source = source_of(stated.formula)
        if source is not None:
            inputs.cells[row, OWN_VALUE] = replace(stated, value=one.value)
            sheet, place = control, place_of(source[1])
        else:
            sheet, place = inputs, (row, OWN_VALUE)
        sheet.cells[place] = replace(sheet.cells[place], value=one.value, formula=one.formula)
        inputs.put_again(row, COLUMN["yours in use"], one.value)
    return replace(plan, sheets=[_counted_anew(sheet, plan.sheets) for sheet in plan.sheets])


def in_rows(plan: Plan, own: Sequence[OwnValue]) -> tuple[list[OwnValue], list[OwnValue]]:
    """Part own values into those that a model has a row for, and the others."""
    rows = _fact_rows(next(sheet for sheet in plan.sheets if sheet.name == NAME))
    kept = [one for one in own if (one.scope, one.metric) in rows]
    return kept, [one for one in own if one not in kept]


def _counted_anew(sheet: Sheet, sheets: Sequence[Sheet]) -> Sheet:
    """Plan the list of sources anew, which counts what stands beside the facts."""
    if sheet.name != SOURCES:
        return sheet
    headings = {cell.value for cell in sheet.cells.values()}
    return plan_sources(other for other in sheets if other.name in headings)


def _fact_rows(sheet: Sheet) -> dict[tuple[str, str], int]:
    """Give the rows of facts by scope and metric; published figures below take no own value."""
    scope, metric = COLUMN["scope"], COLUMN["metric"]
    return {
        (str(cell.value), str(sheet.cells[row, metric].value)): row
        for (row, column), cell in sheet.cells.items()
        if column == scope and {(row, metric), (row, OWN_VALUE)} <= sheet.cells.keys()
    }
