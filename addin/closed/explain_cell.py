"""Explain a cell: the steps behind it down to facts and their sources.

A cell is explained as an output by the function that gives the same figure, as a call by that call,
as an input by its fact, and any other formula by the cells it reads. A plain link is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from addin.boundary.call import call
from addin.boundary.cells import date_of
from addin.boundary.desk import Desk
from addin.closed.arguments import resolved
from addin.closed.explain_native import fact_at, read_by
from addin.closed.explain_output import explain_output, output_at
from addin.closed.sheet_cells import At, Source
from workbook.cells import ErrorValue, Value
from workbook.errors import WorkbookError
from workbook.formulas.ours import calls_ours

NAME: Final = "Explain"
TITLE: Final = "Explained: "
"""How the first cell of the sheet Explain begins; a sheet of that name without it is not ours."""

HEADER: Final = 4
"""Row of the headings: title, formula and a remark come first."""

WIDTHS: Final = (34, 60, 16, 14, 50, 12, 12, 50)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell, its formula, and the steps as a table with its header."""

    cell: str
    formula: str | None
    steps: list[list[Any]]
    remark: str = ""
    """What the steps are of, where the formula does not say it."""

    @property
    def title(self) -> str:
        """Say in one line which cell is explained."""
        return self.cell if self.formula is None else f"{self.cell}: ={self.formula}"

    def lines(self) -> list[list[Value]]:
        """Give the rows of the sheet Explain; the table begins in row `HEADER`."""
        header = self.steps[0]
        shown = [
            [_shown(cell, name) for cell, name in zip(row, header, strict=True)]
            for row in self.steps
        ]
        formula: list[Value] = [] if self.formula is None else [f"={self.formula}"]
        remark: list[Value] = [self.remark] if self.remark else []
        return [[f"{TITLE}{self.cell}"], formula, remark, *shown]


def explain(desk: Desk, source: Source, sheet: str, address: str) -> Explanation:
    """Give the steps behind a cell.

    Raises
    ------
    WorkbookError
        When there is nothing to explain, or an argument of a call is itself a formula.
    """
    start = At(sheet, address)
    end = _followed(source, start)
    found = _explained(desk, source, end)
    if found is None and end != start:
        found, end = _native(source, start), start
    if found is None:
        raise WorkbookError(
            f"{start} holds no formula and is no input: give a cell that is computed, or one in "
            "the row of an input"
        )
    if end == start:
        return found
    said = found.remark or f"={found.formula}"
    return Explanation(str(start), source.formula(*start), found.steps, f"it is {end}: {said}")


def _followed(source: Source, at: At) -> At:
    """Follow plain links, such as =Targets!D17, to the cell that they show."""
    seen = [at]
    while not _is_known(source, seen[-1]):
        formula = (source.formula(*seen[-1]) or "").strip().lstrip("+")
        sheet = seen[-1].sheet
        ahead = source.single(sheet, formula) or source.cell_named(sheet, formula)
        if ahead is None or ahead in seen:
            break
        seen.append(ahead)
    return seen[-1]


def _is_known(source: Source, at: At) -> bool:
    return output_at(source, at) is not None or fact_at(source, at) is not None


def _explained(desk: Desk, source: Source, at: At) -> Explanation | None:
    named = output_at(source, at)
    spilled = source.spilled(at)
    first = at.address if spilled is None else spilled.first
    formula = source.formula(at.sheet, first)
    if named is not None:
        steps = explain_output(desk, source, at, named)
        if steps is not None:
            said = f"{named.name}, the figure of {named.call}"
            return Explanation(str(at), formula, steps, said)
    if formula and calls_ours(formula):
        name, arguments = resolved(desk, source, at.sheet, formula, spilled)
        steps = call(desk, "HPC_EXPLAIN", [name, *arguments])
        if isinstance(steps, ErrorValue):
            raise WorkbookError(f"{at}: {steps.reason or steps.code}")
        said = f"its place in what {at.sheet}!{first} spills" if first != at.address else ""
        return Explanation(str(at), formula, steps, said)
    return _native(source, at)


def _native(source: Source, at: At) -> Explanation | None:
    formula = source.formula(*at)
    fact = fact_at(source, at)
    if fact is not None:
        said = f"{fact[-1][0]}, an input of the workbook"
        return Explanation(str(at), formula, fact, said)
    if formula:
        return Explanation(str(at), formula, *read_by(source, at, formula))
    return None


def _shown(cell: Any, column: Any) -> Value:
    if column == "as of" and isinstance(cell, float):
        return date_of(column, cell).isoformat()
    return cell.code if isinstance(cell, ErrorValue) else cell
