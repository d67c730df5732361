"""The lines of sheet Checks: two figures or counts, their difference, and whether they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import MISSING, ErrorValue, Ref, Value
from workbook.model.addresses import row_absolute
from workbook.model.excel import BLANK, Term, joined_text
from workbook.model.excel_values import computed, text_of
from workbook.model.lines import Pair
from workbook.model.plan import Cell, Highlight, Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.front.look_at import END
from workbook.model.sheets.front.verdict import (
    FIRST_ROW,
    NAME,
    NOT_RUN,
    RESULT,
    UNAVAILABLE,
    VERSION_ROW,
)
from workbook.model.tables import LOWEST
from workbook.style import DIFFERENCE

TOLERANCE: Final = 1e-9
FIRST_PART: Final = RESULT + 2
"""Column of the first part of what is named."""


class CheckLines:
    """Writes one check after the other."""

    def __init__(self, sheet: Sheet, tolerance: Ref, sheets: Sequence[Sheet]) -> None:
        self.sheet, self.tolerance = sheet, tolerance
        self.sheets = {one.name: one for one in sheets}
        self._spills = {
            one.name: [(at, cell.spill) for at, cell in one.cells.items() if cell.spill]
            for one in sheets
        }
        self.row, self.number = FIRST_ROW, 0

    def section(self, title: str) -> None:
        """Start a section."""
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
            self._anchor(pair.function),
            _gap(*(self._planned(ref).value for ref in (pair.native, pair.function, pair.gate))),
        )

    def _compare_ranges(self, pair: Pair) -> None:
        """Compare ranges cell by cell, and show their sums."""
        native, function = pair.native.there, pair.function.there
        sums = [self._total(ref) for ref in (pair.native, pair.function)]
        gap = f"SUMPRODUCT(ABS({native}-{function}))"
        left, right = f"SUM({native})", f"SUM({function})"
        cells = zip(self._cells(pair.native), self._cells(pair.function), strict=True)
        apart = sum(_gap(one.value, other.value, one.value) for one, other in cells)
        anchor = self._anchor(pair.function)
        self._line(pair.label, sums[0], sums[1], left, right, left, anchor, apart, gap)

    def _anchor(self, ref: Ref) -> str | None:
        """Give the cell whose call fills a cell: without the function Excel leaves others blank.

        None for a cell without a function, whose check is always run.
        """
        cells = self.sheets[ref.sheet].cells
        if cells[ref.row, ref.column].style not in ("function", "function_left"):
            return None
        if cells[ref.row, ref.column].formula is None:
            for (row, column), (height, width) in self._spills[ref.sheet]:
                if row <= ref.row < row + height and column <= ref.column < column + width:
                    return Ref(ref.sheet, row, column, row, column).there
        return Ref(ref.sheet, ref.row, ref.column, ref.row, ref.column).there

    def _absent(self, anchor: str) -> str:
        """Say whether the function of a check is not there: #NAME?, which is error 5.

        LibreOffice makes #N/A of INDEX over such a call: any error counts where there are none.
        """
        own = f"C{self.row}"
        version = Ref(NAME, VERSION_ROW, 2, VERSION_ROW, 2).fixed
        cells = dict.fromkeys((own, anchor))
        missing = [f"IFERROR(ERROR.TYPE({cell})=5,FALSE)" for cell in cells]
        return f'OR({",".join(missing)},AND(ISERROR({own}),{version}="{UNAVAILABLE}"))'

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
        first = self.row
        planned = [self._planned(inputs.facts["ALL", metric]) for metric in metrics]
        # What the book does not have is blank there, and an error of the function.
        cells = [replace(one, value=MISSING) if one.value == "" else one for one in planned]
        names = Ref(NAME, first, 1, first + len(metrics) - 1, 1).fixed
        call = formula("HPC_DATA", scope='"ALL"', metric=names, book=BOOK_NAME)
        self.sheet.put_spill(first, 3, [[cell.value] for cell in cells], call)
        anchor = f"C{first}"
        for metric, cell in zip(metrics, cells, strict=True):
            self.sheet.restyle(self.row, 3, "function", cell.number_format)
            left = inputs.facts["ALL", metric].there
            self._native(metric, cell, f'IF({left}="",NA(),{left})')
            self._difference(cell.value, cell.value, f"B{self.row}", anchor, 0.0)

    def verdict(self, label: str, good: tuple[Value, str], named: str, wanted: str) -> None:
        """Check that a count is what it should be; where it is not, say what is first at fault."""
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, label, "label")
        sheet.put(row, 2, good[0], "calculation", "0", good[1])
        sheet.put(row, 3, "-", "problem", "General", named)
        less = "" if wanted == "0" else wanted
        sheet.put(row, 4, 0.0, "calculation", "0;-0;0", f"{less}-B{row}")
        sheet.put(row, RESULT, True, "check", formula=f"D{row}=0")
        self._count()

    def look(self, label: str, parts: Sequence[Term]) -> Term:
        """Name what is to be looked at, and give the cell that counts it.

        The names stand in a cell each, in the columns that are folded away, and are joined here.
        """
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, label, "label")
        cells = []
        for column, part in enumerate(parts, start=FIRST_PART):
            ref = sheet.put(row, column, part.value, "look", formula=part.text)
            cells.append(Term(ref.here, part.value))
        named = joined_text(cells if len(cells) > 1 else [*cells, BLANK])
        which = sheet.put(row, 3, named.value, "look_named", formula=named.text)
        for column in (4, RESULT):
            sheet.put(row, column, None, "look_named")
        sheet.merges.append(Ref(NAME, row, 3, row, RESULT))
        sheet.heights[row] = LOWEST
        mark = END.strip()
        without = f'SUBSTITUTE({which.here},"{mark}","")'
        count = float(str(named.value).count(mark))
        written = f"LEN({which.here})-LEN({without})"
        cell = sheet.put(row, 2, count, "calculation", "0;-0;0", written)
        wide = Ref(NAME, row, 1, row, RESULT)
        sheet.highlights.append(Highlight(wide, f"{row_absolute(cell)}>0", "amber"))
        self.row += 1
        return Term(cell.here, count)

    def handle(self, inputs: InputCells) -> None:
        """Check that HPC_BOOK could read the tables, where it is available."""
        sheet, row, handle = self.sheet, self.row, inputs.book
        sheet.put(row, 1, "All tables, read by HPC_BOOK", "label")
        sheet.put(row, 3, self._planned(handle).value, "function_left", formula=handle.there)
        sheet.put(row, 4, 0.0, "calculation", "0;-0;0", f"IF(ISERROR(C{row}),1,0)")
        version = Ref(NAME, VERSION_ROW, 2, VERSION_ROW, 2).fixed
        state = f'IF({version}="{UNAVAILABLE}","{NOT_RUN}",D{row}=0)'
        sheet.put(row, RESULT, True, "check", formula=state)
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
        anchor: str | None,
        apart: float,
        gap: str = "",
    ) -> None:
        self._native(label, native, left)
        self.sheet.put(self.row, 3, function.value, "link", native.number_format, right)
        self._difference(native.value, function.value, gate, anchor, apart, gap)

    def _native(self, label: str, native: Cell, left: str) -> None:
        self.sheet.put(self.row, 1, label, "label")
        self.sheet.put(self.row, 2, native.value, "link", native.number_format, left)

    def _difference(
        self,
        native: Value,
        function: Value,
        gate: str,
        anchor: str | None,
        apart: float,
        gap: str = "",
    ) -> None:
        sheet, row = self.sheet, self.row
        numbers = f"COUNT(B{row}:C{row})=2"
        # LibreOffice finds text that came out of an add-in unequal until it is joined to another.
        same = f'B{row}&""=C{row}&""'
        compared = gap or f"IF({numbers},ABS(B{row}-C{row}),IF({same},0,1))"
        refused = f"IF(ISERROR({gate}),0,1)"
        reached = f"IF(ISERROR(C{row}),{refused},IF(ISERROR(B{row}),1,{compared}))"
        limit = f"{self.tolerance.fixed}*IF({numbers},MAX(1,ABS(B{row})),1)"
        state = f"D{row}<={limit}"
        if anchor is not None:
            reached = f'IF({self._absent(anchor)},"-",{reached})'
            state = f'IF(ISTEXT(D{row}),"{NOT_RUN}",{state})'
        sheet.put(row, 4, apart, "calculation", DIFFERENCE, reached)
        size = abs(native) if isinstance(native, float) and isinstance(function, float) else 1.0
        holds = apart <= TOLERANCE * max(1.0, size)
        sheet.put(row, RESULT, holds, "check", formula=state)
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
