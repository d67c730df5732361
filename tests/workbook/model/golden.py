"""The structure of the September model, one line a cell; `make golden` writes it anew.

A line is the address, the formula or a dash, the value and the look. Numbers are written to nine
digits, so that the last bits of another machine's arithmetic make no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, letters
from workbook.model.build import plan_model
from workbook.model.plan import Cell, Plan

GOLDEN = Path(__file__).with_name("golden") / "model-2025-09-26.txt"


def lines_of(plan: Plan) -> Iterator[str]:
    """Give one line for each cell, name and chart, in order."""
    for name, ref in sorted(plan.names.items()):
        yield f"name {name} = {ref.there}"
    for sheet in plan.sheets:
        for (row, column), cell in sorted(sheet.cells.items()):
            yield f"{sheet.name}!{letters(column)}{row}\t{_cell(cell)}"
        for chart in sheet.charts:
            shown = ", ".join(f"{one.title} {one.values.there}" for one in chart.series)
            yield f"{sheet.name} chart {chart.title}: {chart.categories.there}; {shown}"


def _cell(cell: Cell) -> str:
    formula = "-" if cell.formula is None else f"={cell.formula}"
    spill = "" if cell.spill is None else f" spills {cell.spill[0]} x {cell.spill[1]}"
    return f"{formula}{spill}\t{_value(cell)}\t{cell.style}\t{cell.number_format}"


def _value(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, ErrorValue):
        return value.code
    if isinstance(value, bool | date) or value is None:
        return str(value)
    if isinstance(value, float | int):
        return f"{round(float(value), 9) + 0.0:.9g}"
    return repr(value)


def september() -> str:
    """Give the golden text of the shipped book."""
    return "\n".join(lines_of(plan_model(coverage(load_book())))) + "\n"


def main() -> None:
    """Write the golden file anew."""
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(september(), encoding="utf-8")
    print(f"{GOLDEN}: {len(september().splitlines())} lines")


if __name__ == "__main__":
    main()
