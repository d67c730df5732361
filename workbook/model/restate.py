"""A model that shows the analyst's own values in their column, beside what the book says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.model.plan import Plan, Sheet
from workbook.model.sheets.facts.control_cells import source_of
from workbook.model.sheets.facts.input_cells import COLUMN, NAME, OWN_VALUE


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that the analyst states, and the formula behind it if there is one."""

    scope: str
    metric: str
    value: float | date | None
    """None where its formula states nothing now, as that of a terminal elsewhere."""
    formula: str | None = None
    basis: str = ""
    """MW basis of the row it stands in; empty where there is none."""

    @property
    def row(self) -> tuple[str, str, float | date | None, str]:
        """The value as a row of own facts."""
        return self.scope, self.metric, self.value, self.basis


def restated(plan: Plan, own: Sequence[OwnValue]) -> Plan:
    """Show own values in their column of Inputs as they were stated, formulas with them.

    Parameters
    ----------
    plan : Plan
        The model of the book with the own values in it, so that every figure follows them.
    own : sequence of OwnValue
        What the analyst states.
    """
    sheets = {sheet.name: sheet for sheet in plan.sheets}
    inputs = sheets[NAME]
    rows = _fact_rows(inputs)
    for one in own:
        row = rows.get((one.scope, one.metric))
        if row is None:
            raise WorkbookError(
                f"the model has no row for your value of {one.scope} {one.metric}: clear it first"
            )
        # One that equals the book's is none to the core, and was stated all the same.
        stated = inputs.cells[row, OWN_VALUE]
        source = source_of(stated.formula)
        if source is not None:
            sheet, place = sheets[source[0]], place_of(source[1])
        else:
            sheet, place = inputs, (row, OWN_VALUE)
        if one.value is None:
            sheet.cells[place] = replace(sheet.cells[place], value="", formula=one.formula)
            continue
        if source is not None:
            inputs.put_again(row, OWN_VALUE, one.value)
        sheet.cells[place] = replace(sheet.cells[place], value=one.value, formula=one.formula)
        for heading in ("yours in use", "value read"):
            inputs.put_again(row, COLUMN[heading], one.value)
    return plan


def in_rows(plan: Plan, own: Sequence[OwnValue]) -> tuple[list[OwnValue], list[OwnValue]]:
    """Part own values into those that a model has a row for, and the others."""
    rows = _fact_rows(next(sheet for sheet in plan.sheets if sheet.name == NAME))
    kept = [one for one in own if (one.scope, one.metric) in rows]
    return kept, [one for one in own if one not in kept]


def _fact_rows(sheet: Sheet) -> dict[tuple[str, str], int]:
    """Give the rows of facts by scope and metric; published figures below take no own value."""
    scope, metric = COLUMN["scope"], COLUMN["metric"]
    return {
        (str(cell.value), str(sheet.cells[row, metric].value)): row
        for (row, column), cell in sheet.cells.items()
        if column == scope and {(row, metric), (row, OWN_VALUE)} <= sheet.cells.keys()
    }
