"""Checks: every figure two ways, and one cell that says whether all agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from valuation_core.catalog import catalogue, formula
from workbook.plan import Cell, Highlight, Ref, Sheet
from workbook.sheets.inputs import BOOK_NAME, NEEDED_OF_ALL, InputCells
from workbook.sheets.option import HpcCells
from workbook.style import DIFFERENCE

NAME: Final = "Checks"
FIRST_ROW: Final = 9
TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class CheckCells:
    """Where the verdict landed."""

    passed: Ref
    count: Ref
    number: int


def plan_checks(
    sheets: Mapping[str, Sheet], inputs: InputCells, hpc: HpcCells
) -> tuple[Sheet, CheckCells]:
    """Plan the sheet: cells on the left, functions beside them, TRUE where they agree."""
    sheet = Sheet(
        NAME, (46, 22, 22, 14, 10), freeze=f"A{FIRST_ROW}", repeat_rows=(8, 8), landscape=False
    )
    sheet.put(1, 1, "Checks", "title")
    sheet.put(2, 1, "Native formulas against HPC_ functions on the same facts.", "subtitle")
    sheet.put(4, 1, "All checks pass", "label_bold")
    sheet.put(5, 1, "Number of checks", "label")
    sheet.put(6, 1, "Tolerance, relative to values above 1", "label")
    tolerance = sheet.put(6, 2, TOLERANCE, "input", "0E+00")
    heading = ("Check", "In cells", "Through functions", "Difference", "Agree")
    sheet.put_row(8, 1, heading[:1], "heading_left")
    sheet.put_row(8, 2, heading[1:], "heading")
    lines = _Lines(sheet, tolerance, sheets)
    for label, native, function in hpc.pairs:
        lines.compare(label, native, function)
    for (ticker, item), cell in inputs.published.items():
        label = f"{ticker}: published {item.replace('_', ' ')}"
        lines.compare_call(label, cell, "HPC_PUBLISHED", miner=ticker, item=item)
    for metric in NEEDED_OF_ALL:
        if inputs.known("ALL", metric) is not None:
            cell = inputs.facts["ALL", metric]
            lines.compare_call(f"Fact: {metric}", cell, "HPC_DATA", scope="ALL", metric=metric)
    results = Ref(NAME, FIRST_ROW, 5, lines.row - 1, 5)
    passed = sheet.put(4, 2, True, "check", formula=f"AND({results.here})")
    count = sheet.put(
        5, 2, float(lines.row - FIRST_ROW), "calculation", "0", f"ROWS({results.here})"
    )
    for ref in (results, passed):
        first = Ref(NAME, ref.row, ref.column, ref.row, ref.column).here
        sheet.highlights.append(Highlight(ref, f"NOT({first})", "red"))
    # The data stamp after the semicolon is of the facts a machine has by default, not of these.
    call = formula("HPC_VERSION")
    text = f'LEFT({call},FIND(";",{call})-1)'
    version = catalogue()["HPC_VERSION"].function().split(";")[0]
    sheet.put(lines.row + 1, 1, "Version of the functions", "label")
    sheet.put(lines.row + 1, 2, version, "function_left", formula=text)
    return sheet, CheckCells(passed, count, lines.row - FIRST_ROW)


class _Lines:
    """Writes one comparison after the other."""

    def __init__(self, sheet: Sheet, tolerance: Ref, sheets: Mapping[str, Sheet]) -> None:
        self.sheet, self.tolerance, self.sheets = sheet, tolerance, sheets
        self.row = FIRST_ROW

    def compare(self, label: str, native: Ref, function: Ref) -> None:
        """Compare two cells, or two ranges of the same size cell by cell."""
        cells = self._planned(native)
        if len(cells) == 1:
            self._line(label, cells[0], native.there, function.there, "link")
            return
        total = sum(cell.value for cell in cells if isinstance(cell.value, float))
        cell = replace(cells[0], value=total)
        gap = f"SUMPRODUCT(ABS({native.there}-{function.there}))"
        sums = f"SUM({native.there})", f"SUM({function.there})"
        self._line(label, cell, sums[0], sums[1], "link", gap)

    def compare_call(self, label: str, native: Ref, name: str, **arguments: str) -> None:
        """Compare a cell with a call of a function made here."""
        texts = {key: f'"{text}"' for key, text in arguments.items()}
        call = formula(name, **texts, book=BOOK_NAME)
        self._line(label, self._planned(native)[0], native.there, call, "function")

    def _planned(self, ref: Ref) -> list[Cell]:
        rows = range(ref.row, ref.last_row + 1)
        columns = range(ref.column, ref.last_column + 1)
        cells = self.sheets[ref.sheet].cells
        return [cells[row, column] for row in rows for column in columns]

    def _line(
        self, label: str, cell: Cell, native: str, function: str, style: str, gap: str = ""
    ) -> None:
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, label, "label")
        sheet.put(row, 2, cell.value, "link", cell.number_format, native)
        sheet.put(row, 3, cell.value, style, cell.number_format, function)
        numbers = f"COUNT(B{row}:C{row})=2"
        # LibreOffice finds text that came out of an add-in unequal until it is joined to another.
        same = f'B{row}&""=C{row}&""'
        difference = gap or f"IF({numbers},ABS(B{row}-C{row}),IF({same},0,1))"
        sheet.put(row, 4, 0.0, "calculation", DIFFERENCE, difference)
        limit = f"{self.tolerance.fixed}*IF({numbers},MAX(1,ABS(B{row})),1)"
        sheet.put(row, 5, True, "check", formula=f"IFERROR(D{row}<={limit},FALSE)")
        self.row += 1
