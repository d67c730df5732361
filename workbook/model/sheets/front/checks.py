"""Checks: every figure two ways, sensible inputs, and one cell that says whether all hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from valuation_core.catalogue.catalogue import catalogue, formula
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel_values import computed, text_of
from workbook.model.lines import Lines, Pair
from workbook.model.plan import Cell, Highlight, Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.facts.inputs import NEEDED_OF_ALL
from workbook.style import DIFFERENCE

NAME: Final = "Checks"
FIRST_ROW: Final = 9
TOLERANCE: Final = 1e-9
RESULT: Final = 5
"""Column that says whether a check holds."""


@dataclass(frozen=True)
class CheckCells:
    """Where the verdict landed."""

    passed: Ref
    count: Ref
    number: int
    failing: Ref
    """How many checks fail."""
    failed: int
    """How many of them do when the workbook is planned."""


def put_banner(sheet: Sheet, row: int, checks: CheckCells, width: int) -> None:
    """Plan the line that says whether all checks pass, red where one fails."""
    passed, count, failing = checks.passed.there, checks.count.there, checks.failing.there
    good = f'"All "&{count}&" checks pass"'
    bad = f'{failing}&" of "&{count}&" CHECKS FAIL: see sheet Checks"'
    value = f"All {checks.number} checks pass"
    if checks.failed:
        value = f"{checks.failed} of {checks.number} CHECKS FAIL: see sheet Checks"
    sheet.put(row, 1, value, "banner", formula=f"IF({passed},{good},{bad})")
    wide = Ref(sheet.name, row, 1, row, width)
    for column in range(2, width + 1):
        sheet.put(row, column, None, "banner")
    # A rule that looks at another sheet is not for every Excel: this one reads the line itself.
    said = Ref(sheet.name, row, 1, row, 1).fixed
    sheet.highlights.append(Highlight(wide, f'ISNUMBER(SEARCH("FAIL",{said}))', "red"))


def plan_checks(
    inputs: InputCells, sheets: Sequence[Sheet], lines: Sequence[Lines], pairs: Sequence[Pair] = ()
) -> tuple[Sheet, CheckCells]:
    """Plan the sheet: inputs first, then cells on the left and functions beside them.

    Parameters
    ----------
    inputs : InputCells
        Where facts landed.
    sheets : sequence of Sheet
        Every sheet that a pair names.
    lines : sequence of Lines
        Sheets of lines; each line that has pairs shows whether they agree.
    pairs : sequence of Pair
        Pairs of other sheets.
    """
    sheet = Sheet(
        NAME, (50, 22, 22, 14, 10), freeze=f"A{FIRST_ROW}", repeat_rows=(8, 8), landscape=False
    )
    sheet.put(1, 1, "Checks", "title")
    sheet.put(
        2, 1, "Inputs within their domain; native formulas against HPC_ functions.", "subtitle"
    )
    tolerance = sheet.put(6, 2, TOLERANCE, "input", "0E+00")
    heading = ("Check", "In cells", "Through functions", "Difference", "Agree")
    sheet.put_row(8, 1, heading[:1], "heading_left")
    sheet.put_row(8, 2, heading[1:], "heading")
    made = _Lines(sheet, tolerance, sheets)
    _check_inputs(made, inputs)
    for one in lines:
        if one.pairs:
            made.section(f"{one.name}: cells against functions")
            _check_lines(made, one)
    if pairs:
        made.section("Other sheets")
    for pair in pairs:
        made.compare(pair)
    made.section("Facts as the functions read them")
    known = [metric for metric in NEEDED_OF_ALL if inputs.known("ALL", metric) is not None]
    made.compare_facts(inputs, known)
    return sheet, _verdict(sheet, made)


def _verdict(sheet: Sheet, made: _Lines) -> CheckCells:
    results = Ref(NAME, FIRST_ROW, 5, made.row - 1, 5)
    counted = f"COUNTIF({results.here},TRUE)+COUNTIF({results.here},FALSE)"
    for row, label, style in (
        (3, "Checks that fail", "label"),
        (4, "All checks pass", "label_bold"),
        (5, "Number of checks", "label"),
        (6, "Tolerance, relative to values above 1", "label"),
    ):
        sheet.put(row, 1, label, style)
    shown = (cell.value for (_, column), cell in sheet.cells.items() if column == RESULT)
    failed = sum(value is False for value in shown)
    fails = f"COUNTIF({results.here},FALSE)"
    failing = sheet.put(3, 2, float(failed), "calculation", "0", fails)
    passed = sheet.put(4, 2, not failed, "check", formula=f"{failing.here}=0")
    count = sheet.put(5, 2, float(made.number), "calculation", "0", counted)
    for ref in (results, passed):
        first = Ref(NAME, ref.row, ref.column, ref.row, ref.column).here
        sheet.highlights.append(Highlight(ref, f"AND(ISLOGICAL({first}),NOT({first}))", "red"))
    # The data stamp after the semicolon is of the facts a machine has by default, not of these.
    call = formula("HPC_VERSION")
    written = f'LEFT({call},FIND(";",{call})-1)'
    version = catalogue()["HPC_VERSION"].function().split(";")[0]
    sheet.put(made.row + 1, 1, "Version of the functions", "label")
    sheet.put(made.row + 1, 2, version, "function_left", formula=written)
    return CheckCells(passed, count, made.number, failing, failed)


def _check_inputs(made: _Lines, inputs: InputCells) -> None:
    made.section("Inputs: numbers, within their domain, none taken away")
    for scope, (metrics, states, valid) in inputs.blocks.items():
        first = f"MATCH(FALSE,{valid.there},0)"
        named = f'INDEX({metrics.there},{first})&": "&INDEX({states.there},{first})'
        good = f"COUNTIF({valid.there},TRUE)"
        made.verdict(
            f"{scope}: valid inputs of all",
            (float(valid.last_row - valid.row + 1), good),
            f'IFERROR({named},"-")',
            f"ROWS({valid.there})",
        )


def _check_lines(made: _Lines, lines: Lines) -> None:
    by_line: dict[str, list[Pair]] = {}
    for pair in lines.pairs:
        by_line.setdefault(pair.key, []).append(pair)
    for key, pairs in by_line.items():
        first = made.row
        for pair in pairs:
            made.compare(pair)
        if key in lines.rows:
            span = Ref(NAME, first, 5, made.row - 1, 5)
            every = f"AND({span.there})" if span.row != span.last_row else span.there
            lines.mark_check(key, every, made.hold(span))


class _Lines:
    """Writes one check after the other."""

    def __init__(self, sheet: Sheet, tolerance: Ref, sheets: Sequence[Sheet]) -> None:
        self.sheet, self.tolerance = sheet, tolerance
        self.sheets = {one.name: one for one in sheets}
        self.row, self.number = FIRST_ROW, 0

    def section(self, title: str) -> None:
        self.row += self.row > FIRST_ROW
        for column in range(1, 6):
            self.sheet.put(self.row, column, title if column == 1 else None, "section")
        self.row += 1

    def compare(self, pair: Pair) -> None:
        """Compare two cells or ranges; an error of the function agrees with one of the gate."""
        if pair.native.row != pair.native.last_row or pair.native.column != pair.native.last_column:
            self._compare_ranges(pair)
            return
        self._line(
            pair.label,
            self._planned(pair.native),
            self._planned(pair.function),
            pair.native.there,
            pair.function.there,
            f"B{self.row}" if pair.gate == pair.native else pair.gate.there,
            _gap(*(self._planned(ref).value for ref in (pair.native, pair.function, pair.gate))),
        )

    def _compare_ranges(self, pair: Pair) -> None:
        """Compare ranges cell by cell, and show their sums."""
        native, function = pair.native.there, pair.function.there
        sums = [self._total(ref) for ref in (pair.native, pair.function)]
        gap = f"SUMPRODUCT(ABS({native}-{function}))"
        left, right = f"SUM({native})", f"SUM({function})"
        cells = zip(self._cells(pair.native), self._cells(pair.function), strict=True)
        apart = [_gap(one.value, other.value, one.value) for one, other in cells]
        self._line(pair.label, sums[0], sums[1], left, right, left, sum(apart), gap)

    def hold(self, results: Ref) -> bool:
        """Tell whether every one of some checks holds."""
        rows = range(results.row, results.last_row + 1)
        return all(self.sheet.cells[row, results.column].value is True for row in rows)

    def _cells(self, ref: Ref) -> list[Cell]:
        return [
            self.sheets[ref.sheet].cells[row, column]
            for row in range(ref.row, ref.last_row + 1)
            for column in range(ref.column, ref.last_column + 1)
        ]

    def _total(self, ref: Ref) -> Cell:
        cells = self._cells(ref)
        wrong = next((cell.value for cell in cells if isinstance(cell.value, ErrorValue)), None)
        total = wrong or sum(cell.value for cell in cells if isinstance(cell.value, float))
        return replace(cells[0], value=total)

    def compare_facts(self, inputs: InputCells, metrics: Sequence[str]) -> None:
        """Compare facts on Inputs with what one call reads, whose metrics are the labels."""
        if not metrics:
            return
        first = self.row
        cells = [self._planned(inputs.facts["ALL", metric]) for metric in metrics]
        names = Ref(NAME, first, 1, first + len(metrics) - 1, 1).fixed
        call = formula("HPC_DATA", scope='"ALL"', metric=names, book=BOOK_NAME)
        self.sheet.put_spill(first, 3, [[cell.value] for cell in cells], call)
        for metric, cell in zip(metrics, cells, strict=True):
            self.sheet.restyle(self.row, 3, "function", cell.number_format)
            left = inputs.facts["ALL", metric].there
            self._native(metric, cell, left)
            self._difference(cell.value, cell.value, f"B{self.row}", 0.0)

    def verdict(self, label: str, good: tuple[Value, str], named: str, wanted: str) -> None:
        """Check that a count is what it should be; where it is not, say what is first at fault."""
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, label, "label")
        sheet.put(row, 2, good[0], "calculation", "0", good[1])
        sheet.put(row, 3, "-", "problem", "General", named)
        sheet.put(row, 4, 0.0, "calculation", "0;-0;0", f"{wanted}-B{row}")
        sheet.put(row, 5, True, "check", formula=f"D{row}=0")
        self._count()

    def _planned(self, ref: Ref) -> Cell:
        return self.sheets[ref.sheet].cells[ref.row, ref.column]

    def _line(
        self,
        label: str,
        native: Cell,
        function: Cell,
        left: str,
        right: str,
        gate: str,
        apart: float,
        gap: str = "",
    ) -> None:
        self._native(label, native, left)
        self.sheet.put(self.row, 3, function.value, "link", native.number_format, right)
        self._difference(native.value, function.value, gate, apart, gap)

    def _native(self, label: str, native: Cell, left: str) -> None:
        self.sheet.put(self.row, 1, label, "label")
        self.sheet.put(self.row, 2, native.value, "link", native.number_format, left)

    def _difference(
        self, native: Value, function: Value, gate: str, apart: float, gap: str = ""
    ) -> None:
        sheet, row = self.sheet, self.row
        numbers = f"COUNT(B{row}:C{row})=2"
        # LibreOffice finds text that came out of an add-in unequal until it is joined to another.
        same = f'B{row}&""=C{row}&""'
        compared = gap or f"IF({numbers},ABS(B{row}-C{row}),IF({same},0,1))"
        refused = f"IF(ISERROR({gate}),0,1)"
        difference = f"IF(ISERROR(C{row}),{refused},IF(ISERROR(B{row}),1,{compared}))"
        sheet.put(row, 4, apart, "calculation", DIFFERENCE, difference)
        limit = f"{self.tolerance.fixed}*IF({numbers},MAX(1,ABS(B{row})),1)"
        size = abs(native) if isinstance(native, float) and isinstance(function, float) else 1.0
        holds = apart <= TOLERANCE * max(1.0, size)
        sheet.put(row, 5, holds, "check", formula=f"D{row}<={limit}")
        self._count()

    def _count(self) -> None:
        self.row += 1
        self.number += 1


def _gap(native: Value, function: Value, gate: Value) -> float:
    """Give the stored difference: what rounding leaves, 1 where only one of the two is right."""
    if isinstance(function, ErrorValue):
        return 0.0 if isinstance(gate, ErrorValue) else 1.0
    if isinstance(native, ErrorValue):
        return 1.0
    if isinstance(native, str) or isinstance(function, str):
        return 0.0 if text_of(native) == text_of(function) else 1.0
    gap = computed(lambda one, other: abs(one - other), native, function)
    return gap if isinstance(gap, float) else 1.0
