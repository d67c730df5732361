"""A closed workbook that is going to be changed: what it holds, and how its figures stay true.

After a change the stored results of formulas are those of before. LibreOffice computes them anew
where it is there; where it is not, they are taken out and Excel computes them on opening. A file
never shows old results beside new inputs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from addin.boundary.desk import Desk
from workbook.cells import ErrorValue, Value, place_of
from workbook.opc.package import Package, open_package, sheet_parts
from workbook.opc.refusals import open_closed, refuse_signed
from workbook.opc.replace import replace_with_backup
from workbook.opc.sheet_editor import (
    KEEP,
    SheetEditor,
    add_sheet,
    empty_sheet,
    recalculate_on_opening,
    store_results,
)
from workbook.opc.stored import StoredCell, read_cells
from workbook.refresh.decide import Grid

RECALCULATED: Final = "the figures were recalculated by LibreOffice"
LEFT_TO_EXCEL: Final = "Excel computes the figures when it opens the file"
UNKNOWN: Final = "#NAME?"


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

    def sheet_with(self, name: str, headings: list[Value], widths: tuple[float, ...]) -> int:
        """Give the first free row of a sheet, made with its headings where it is missing."""
        if name not in self.cells:
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

    def save(self, label: str) -> Path:
        """Replace the file in one step and give the copy of it as it was."""
        package = self.package
        return replace_with_backup(package.path, package.write, package.size, label, renew=True)


def _plain(value: float | bool | str | ErrorValue | None) -> Any:
    return value.code if isinstance(value, ErrorValue) else value


def store_true_figures(package: Package, desk: Desk, *, recalculate: bool = True) -> str:
    """Store results that belong to their inputs, and say in words whose they are."""
    stored = read_cells(package)
    if not any(cell.computed for cells in stored.values() for cell in cells.values()):
        return "no formula depends on them"
    fresh = _from_engine(package, desk) if recalculate else None
    if fresh is None or _lost(stored, fresh):
        store_results(package, stored, lambda *_: None)
        recalculate_on_opening(package)
        return LEFT_TO_EXCEL

    def result(sheet: str, address: str) -> Any:
        from addin.calc.recalculate import agree

        value = _value(fresh, sheet, address)
        return KEEP if agree(stored[sheet][address].value, value) else value

    store_results(package, stored, result)
    return RECALCULATED + _new_errors(stored, fresh)


def _from_engine(package: Package, desk: Desk) -> dict[str, dict[str, StoredCell]] | None:
    """Let LibreOffice compute the workbook; None where it cannot."""
    from addin.calc.engine import EngineError, find_office
    from addin.calc.recalculate import recalculated_cells

    if find_office() is None:
        return None
    with tempfile.TemporaryDirectory(prefix="hpcval-figures-") as folder:
        path = Path(folder) / "workbook.xlsx"
        with path.open("wb") as stream:
            package.write(stream)
        try:
            return recalculated_cells(path, source=desk.source)
        except EngineError:
            return None


def _new_errors(
    stored: dict[str, dict[str, StoredCell]], fresh: dict[str, dict[str, StoredCell]]
) -> str:
    """Say how many cells lost their figure, such as for a miner that the book does not know."""
    count = sum(
        cell.computed
        and not isinstance(cell.value, ErrorValue)
        and isinstance(_value(fresh, sheet, address), ErrorValue)
        for sheet, cells in stored.items()
        for address, cell in cells.items()
    )
    return f"; cells that show an error and did not before: {count}" if count else ""


def _value(cells: dict[str, dict[str, StoredCell]], sheet: str, address: str) -> Any:
    cell = cells.get(sheet, {}).get(address)
    return None if cell is None else cell.value


def _lost(
    stored: dict[str, dict[str, StoredCell]], fresh: dict[str, dict[str, StoredCell]]
) -> bool:
    """Whether LibreOffice lacks a function that the workbook uses, such as another add-in's."""
    unknown = ErrorValue(UNKNOWN)
    return any(
        cell.computed and cell.value != unknown and _value(fresh, sheet, address) == unknown
        for sheet, cells in stored.items()
        for address, cell in cells.items()
    )
