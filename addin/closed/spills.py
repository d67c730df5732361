"""Formulas whose result fills another number of cells than before: the file gets cells for it.

Such are the steps of a figure, one line a fact. Where something stands in the way, or the figures
rest on cells that the analyst made otherwise, the table is left to Excel, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from addin.closed.planned_anew import Cells, PlannedAnew
from workbook.cells import corners_of, letters
from workbook.formulas.dependents import Place
from workbook.opc.package import Package, sheet_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.xml import tag


@dataclass(frozen=True, slots=True)
class Spill:
    """A formula, and the rows and columns that it fills and is going to fill."""

    sheet: str
    row: int
    column: int
    filled: tuple[int, int]
    will_fill: tuple[int, int]
    blocked: bool = False
    """Whether something stands where it is going to fill cells."""

    @property
    def first(self) -> Place:
        """The cell with the formula."""
        return Place(self.sheet.lower(), self.row, self.column)

    @property
    def range(self) -> str:
        """The cells that it is going to fill, with their sheet."""
        last = f"{letters(self.column + self.will_fill[1] - 1)}{self.row + self.will_fill[0] - 1}"
        return f"{self.sheet}!{letters(self.column)}{self.row}:{last}"

    @property
    def before(self) -> set[Place]:
        """The cells that it fills."""
        return {Place(self.sheet.lower(), *at) for at in self._area(self.filled)}

    @property
    def after(self) -> set[Place]:
        """The cells that it is going to fill, but for the first, which has the formula."""
        first = self.row, self.column
        return {Place(self.sheet.lower(), *at) for at in self._area(self.will_fill) if at != first}

    @property
    def gone(self) -> list[str]:
        """Addresses that it fills no longer."""
        return self._less(self.filled, self.will_fill)

    @property
    def new(self) -> list[str]:
        """Addresses that it fills for the first time."""
        return self._less(self.will_fill, self.filled)

    def _less(self, one: tuple[int, int], other: tuple[int, int]) -> list[str]:
        kept = set(self._area(other))
        return [
            f"{letters(column)}{row}"
            for row, column in self._area(one)
            if (row, column) not in kept
        ]

    def _area(self, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
        for down in range(size[0]):
            for right in range(size[1]):
                yield self.row + down, self.column + right


def resized_spills(
    cells: Cells, called: Mapping[str, str], planned: PlannedAnew
) -> tuple[Spill, ...]:
    """Find the formulas whose result has another size by the plan than in the file."""
    found = []
    for model, plan in planned.sheets.items():
        title = called.get(model, "")
        held = cells.get(title, {})
        for (row, column), cell in plan.items():
            if cell.spill is None:
                continue
            stored = held.get(f"{letters(column)}{row}")
            if stored is None or stored.area is None:
                continue
            (top, left), (bottom, right) = corners_of(stored.area)
            filled = bottom - top + 1, right - left + 1
            if filled != cell.spill:
                one = Spill(title, row, column, filled, cell.spill)
                taken = (held[at] for at in one.new if at in held)
                blocked = any(other.formula or other.value not in (None, "") for other in taken)
                found.append(Spill(title, row, column, filled, cell.spill, blocked))
    return tuple(found)


def resize(package: Package, spills: Sequence[Spill]) -> set[str]:
    """Make cells for what is filled for the first time, empty the others; give the sheets."""
    parts = sheet_parts(package)
    for title in dict.fromkeys(one.sheet for one in spills):
        editor = SheetEditor(title, package[parts[title]])
        for one in (one for one in spills if one.sheet == title):
            last = one.row + one.filled[0] - 1
            for address in one.gone:
                editor.put(address, None)
            for address in one.new:
                above = f"{address.rstrip('0123456789')}{last}"
                editor.put(address, None, editor.style(above))
            height, width = one.will_fill
            first = f"{letters(one.column)}{one.row}"
            end = f"{letters(one.column + width - 1)}{one.row + height - 1}"
            editor.cells[first].find(tag("f")).set("ref", f"{first}:{end}")
        package[parts[title]] = editor.to_part()
    return {one.sheet.lower() for one in spills}
