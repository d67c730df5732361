"""A closed workbook that is going to be changed: what it holds, and which cells are changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addin.closed.own_sheets import ours_called
from workbook.attach.mark import attached_as
from workbook.attach.since import follow
from workbook.cells import ErrorValue, Value, place_of
from workbook.formulas.dependents import Place
from workbook.opc.package import Package, open_package, sheet_parts
from workbook.opc.refusals import open_closed, refuse_other_arithmetic, refuse_signed
from workbook.opc.replace import replace_with_backup
from workbook.opc.sheet_editor import (
    SheetEditor,
    add_sheet,
    empty_sheet,
)
from workbook.opc.stored import StoredCell, read_cells
from workbook.opc.xml import parse_xml
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
            When it is no workbook, is open elsewhere, is signed, or counts dates otherwise.
        """
        with open_closed(path) as package:
            refuse_signed(package, path.name)
            refuse_other_arithmetic(package, package.main, path.name)
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

    @property
    def attached(self) -> dict[str, str]:
        """What attached sheets are called, by their names in the model."""
        return attached_as(parse_xml(self.package[self.package.main]))

    def ours_called(self, name: str) -> tuple[str, bool]:
        """Give what the sheet Log or Explain of ours is called, and whether it is there."""
        return ours_called(name, self.cells, self.first_row)

    def first_row(self, sheet: str) -> list[Any]:
        """Give the values of the first row of a sheet."""
        return [value for (row, _), value in self.grid(sheet).items() if row == 1]

    def sheet_with(
        self, name: str, headings: list[Value], widths: tuple[float, ...]
    ) -> tuple[SheetEditor, int]:
        """Give a sheet of ours and its first free row, made with its headings where missing."""
        title, there = self.ours_called(name)
        if not there:
            add_sheet(self.package, title, empty_sheet(widths))
            self.cells[title] = {}
            self.editor(title).put_row(1, headings, self.heading_style)
        editor = self.editor(title)
        return editor, max((row for row, _ in map(place_of, editor.cells)), default=0) + 1

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
            if editor.changed:
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
