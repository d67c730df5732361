"""The structure of the September model, one file a sheet; `make golden` writes them anew.

A file gives first each formula of the sheet once, relative (R1C1) and with the cells that hold it:
a formula that was filled right or down is one line, and so is its change. Then follow what stands
in the cells, a line for neighbours of one look: values, style, number format. Numbers are written
to nine digits, so that the last bits of another machine's arithmetic make no difference. Cells that
hold nothing are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from openpyxl.formula.tokenizer import Token, Tokenizer

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, Ref, place_of
from workbook.model.build import plan_model
from workbook.model.plan import Cell, HistogramChart, Plan, RangeChart, Sheet

FOLDER = Path(__file__).with_name("golden")
HEADER = """\
# The sheet {name} of the model of 2025-09-26 as the code plans it today.
# Written by tests/workbook/model/golden.py: run `make golden`, then read the difference.
# Formulas are relative: R[-1]C is the cell above, R4C the cell of row 4 in the same column.
"""
_ADDRESS = re.compile(r"(?<![\w.$'])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w.(!'])")
"""A cell in the text of a reference; what stands before an exclamation mark is a sheet."""


def relative(formula: str, row: int, column: int) -> str:
    """Give a formula with its references as seen from its cell.

    Examples
    --------
    >>> relative('D$4*$C5+Inputs!$C$9&"D4"', row=5, column=4)
    'R4C*RC3+Inputs!R9C3&"D4"'
    """

    def seen(match: re.Match[str]) -> str:
        column_fixed, letters, row_fixed, _ = match.groups()
        at_row, at_column = place_of(letters + match[4])
        return _part("R", at_row, row, row_fixed) + _part("C", at_column, column, column_fixed)

    tokens = Tokenizer(f"={formula}").items
    return "".join(
        _ADDRESS.sub(seen, token.value)
        if token.subtype == Token.RANGE or token.type == Token.FUNC
        else token.value
        for token in tokens
    )


def _part(letter: str, at: int, seen_from: int, fixed: str) -> str:
    if fixed:
        return f"{letter}{at}"
    return letter if at == seen_from else f"{letter}[{at - seen_from}]"


def lines_of(plan: Plan, sheet: Sheet) -> Iterator[str]:
    """Give the lines of a sheet: its formulas, its cells, its names and charts."""
    yield from HEADER.format(name=sheet.name).splitlines()
    yield from ("", "[formulas]")
    yield from _formulas(sheet)
    yield from ("", "[cells]")
    yield from _cells(sheet)
    yield from ("", "[names and charts]")
    for name, ref in sorted(plan.names.items()):
        if ref.sheet == sheet.name:
            yield f"{name} = {ref.here}"
    for chart in sheet.charts:
        if isinstance(chart, HistogramChart | RangeChart):
            yield f"chart {chart.title}"
            drawn = (*chart.bars, *chart.lines)
        else:
            yield f"chart {chart.title}: {chart.categories.there}"
            drawn = chart.series
        yield from (f"  {one.title} {one.values.there}" for one in drawn)


def _formulas(sheet: Sheet) -> Iterator[str]:
    places: dict[str, list[tuple[int, int]]] = {}
    for (row, column), cell in sorted(sheet.cells.items()):
        if cell.formula is not None:
            spill = "" if cell.spill is None else f" spills {cell.spill[0]} x {cell.spill[1]}"
            text = f"={relative(cell.formula, row, column)}{spill}"
            places.setdefault(text, []).append((row, column))
    for text, found in places.items():
        yield f"{' '.join(ref.here for ref in blocks(sheet.name, found))}\t{text}"


def blocks(name: str, places: Iterable[tuple[int, int]]) -> list[Ref]:
    """Give cells as few ranges: neighbours in a row, then equal rows below each other.

    Examples
    --------
    >>> cells = [(4, 2), (4, 3), (5, 2), (5, 3), (7, 2)]
    >>> [ref.here for ref in blocks("Mining", cells)]
    ['B4:C5', 'B7']
    """
    runs: list[Ref] = []
    for row, column in sorted(places):
        last = runs[-1] if runs else None
        if last and (last.row, last.last_column + 1) == (row, column):
            runs[-1] = Ref(name, row, last.column, row, column)
        else:
            runs.append(Ref(name, row, column, row, column))
    merged: list[Ref] = []
    for run in runs:
        above = next(
            (
                index
                for index, ref in enumerate(merged)
                if (ref.column, ref.last_column, ref.last_row + 1)
                == (run.column, run.last_column, run.row)
            ),
            None,
        )
        if above is None:
            merged.append(run)
        else:
            merged[above] = merged[above].to(run)
    return merged


def _cells(sheet: Sheet) -> Iterator[str]:
    run: list[tuple[int, int, Cell]] = []
    for (row, column), cell in sorted(sheet.cells.items()):
        if cell.value is None and cell.formula is None:
            continue
        if run and (row, column - 1, *_look(cell)) != (*run[-1][:2], *_look(run[-1][2])):
            yield _line(sheet.name, run)
            run = []
        run.append((row, column, cell))
    if run:
        yield _line(sheet.name, run)


def _look(cell: Cell) -> tuple[str, str]:
    return cell.style, cell.number_format


def _line(name: str, run: list[tuple[int, int, Cell]]) -> str:
    row, first, cell = run[0]
    address = Ref(name, row, first, row, run[-1][1]).here
    values = " | ".join(_value(cell) for _, _, cell in run)
    return f"{address}\t{values}\t{cell.style}\t{cell.number_format}"


def _value(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, ErrorValue):
        return value.code
    if isinstance(value, bool | date) or value is None:
        return str(value)
    if isinstance(value, float | int):
        return f"{round(float(value), 9) + 0.0:.9g}"
    return repr(value)


def september() -> dict[str, str]:
    """Give the golden text of each sheet of the shipped book, by the name of its file."""
    plan = plan_model(coverage(load_book()))
    return {f"{sheet.name}.txt": "\n".join(lines_of(plan, sheet)) + "\n" for sheet in plan.sheets}


def main() -> None:
    """Write the golden files anew and take away those of sheets that are gone."""
    FOLDER.mkdir(exist_ok=True)
    made = september()
    for path in FOLDER.glob("*.txt"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{FOLDER / name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
