"""A closed workbook that is going to be changed: what it holds, and which cells are changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addin.closed.own_sheets import holds_ours
from workbook.attach.since import follow
from workbook.cells import ErrorValue, Value, place_of
from workbook.formulas.dependents import Place
from workbook.opc.package import Package, open_package, sheet_parts
from workbook.opc.refusals import open_closed, refuse_signed
from workbook.opc.replace import replace_with_backup
from workbook.opc.sheet_editor import (
    SheetEditor,
    add_sheet,
    empty_sheet,
)
from workbook.opc.stored import StoredCell, read_cells
from workbook.refresh.decide import Grid


@dataclass
class ClosedWorkbook:
    """A workbook file: its parts as read, its cells, and the sheets that are being changed."""

    package: Package
    cells: dict[str, dict[str, StoredCell]]
    editors: dict[str, SheetEditor] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def to_change(cls, path: Path) -> Iterator[ClosedWorkbook]:
        """Open a file that may be changed.

        Raises
        ------
        WorkbookError
            When it is no workbook, is open elsewhere or is signed.
        """
        with open_closed(path) as package:
            refuse_signed(package, path.name)
            yield cls(package, read_cells(package))

    @classmethod
    @contextmanager
    def to_read(cls, path: Path) -> Iterator[ClosedWorkbook]:
        """Open a file that is only looked into."""
        with open_package(path) as package:
            yield cls(package, read_cells(package))

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.package.path.name

    def grid(self, sheet: str) -> Grid:
        """Give the stored values of a sheet by row and column."""
        return {
            place_of(address): _plain(cell.value)
            for address, cell in self.cells.get(sheet, {}).items()
            if cell.value is not None
        }

    def editor(self, sheet: str) -> SheetEditor:
        """Give the sheet to change, kept until `finished`."""
        if sheet not in self.editors:
            self.editors[sheet] = SheetEditor(sheet, self.package[sheet_parts(self.package)[sheet]])
        return self.editors[sheet]

    def holds_ours(self, name: str) -> bool:
        """Tell whether the sheet Log or Explain of ours is there; refuse one of the analyst."""
        return holds_ours(self.name, name, self.cells, self.first_row)

    def first_row(self, sheet: str) -> list[Any]:
        """Give the values of the first row of a sheet."""
        return [value for (row, _), value in self.grid(sheet).items() if row == 1]

    def sheet_with(self, name: str, headings: list[Value], widths: tuple[float, ...]) -> int:
        """Give the first free row of a sheet, made with its headings where it is missing."""
        if not self.holds_ours(name):
            add_sheet(self.package, name, empty_sheet(widths))
            self.cells[name] = {}
            self.editor(name).put_row(1, headings, self.heading_style)
        return max((row for row, _ in map(place_of, self.editor(name).cells)), default=0) + 1

    @property
    def heading_style(self) -> str | None:
        """The format of the headings of Inputs, for headings elsewhere."""
        for sheet, cells in self.cells.items():
            for address, cell in cells.items():
                if cell.value == "scope":
                    return self.editor(sheet).style(address)
        return None

    def finish(self) -> None:
        """Put the changed sheets in place; the other parts stay as they were."""
        paths = sheet_parts(self.package)
        for name, editor in self.editors.items():
            self.package[paths[name]] = editor.to_part()

    @property
    def changed(self) -> set[Place]:
        """The cells that were changed."""
        return {
            Place(name.lower(), *place_of(address))
            for name, editor in self.editors.items()
            for address in editor.changed
        }

    def save(self, label: str) -> Path:
        """Replace the file in one step and give the copy of it as it was."""
        package = self.package
        follow(package)
        return replace_with_backup(package.path, package.write, package.size, label, renew=True)


def _plain(value: float | bool | str | ErrorValue | None) -> Any:
    return value.code if isinstance(value, ErrorValue) else value
