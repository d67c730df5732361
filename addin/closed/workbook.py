"""A closed workbook that is going to be changed: what it holds, and how its figures stay true.

After a change the stored results of formulas are those of before. LibreOffice computes them anew
where it is there; where it is not, they are taken out and Excel computes them on opening. A file
never shows old results beside new inputs.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from addin.boundary.desk import Desk
from workbook.cells import ErrorValue, Value, place_of
from workbook.errors import WorkbookError
from workbook.opc.package import (
    StoredCell,
    read_cells,
    read_parts,
    replace_file,
    sheet_parts,
    write_parts,
)
from workbook.opc.refusals import refuse_open
from workbook.opc.sheet_editor import (
    KEEP,
    SheetEditor,
    empty_sheet,
    recalculated_on_opening,
    store_results,
    with_sheet,
)
from workbook.refresh.decide import Grid

RECALCULATED: Final = "the figures were recalculated by LibreOffice"
LEFT_TO_EXCEL: Final = "Excel computes the figures when it opens the file"
SIGNATURES: Final = "_xmlsignatures/"
UNKNOWN: Final = "#NAME?"


@dataclass
class ClosedWorkbook:
    """A workbook file: its parts as read, its cells, and the sheets that are being changed."""

    path: Path
    parts: dict[str, bytes]
    cells: dict[str, dict[str, StoredCell]]
    editors: dict[str, SheetEditor] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> ClosedWorkbook:
        """Read a file that may be changed.

        Raises
        ------
        WorkbookError
            When it is no workbook, is open elsewhere or is signed.
        """
        refuse_open(path)
        workbook = cls.look(path)
        if any(part.startswith(SIGNATURES) for part in workbook.parts):
            raise WorkbookError(f"{path.name} is signed, and a change would break the signature")
        return workbook

    @classmethod
    def look(cls, path: Path) -> ClosedWorkbook:
        """Read a file that is only looked into."""
        parts = read_parts(path)
        return cls(path, parts, read_cells(parts))

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
            self.editors[sheet] = SheetEditor(sheet, self.parts[sheet_parts(self.parts)[sheet]])
        return self.editors[sheet]

    def sheet_with(self, name: str, headings: list[Value], widths: tuple[float, ...]) -> int:
        """Give the first free row of a sheet, made with its headings where it is missing."""
        if name not in self.cells:
            self.parts, _ = with_sheet(self.parts, name, empty_sheet(widths))
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

    def finished(self) -> dict[str, bytes]:
        """Give the parts with the changed sheets in place; the other parts as they were."""
        paths = sheet_parts(self.parts)
        return self.parts | {paths[name]: one.to_part() for name, one in self.editors.items()}

    def save(self, parts: dict[str, bytes], suffix: str) -> Path:
        """Replace the file in one step and give the copy of it as it was."""
        backup = self.path.with_name(f"{self.path.stem}.{suffix}{self.path.suffix}")
        replace_file(self.path, parts, backup, renew=True)
        return backup


def _plain(value: float | bool | str | ErrorValue | None) -> Any:
    return value.code if isinstance(value, ErrorValue) else value


def with_true_figures(
    parts: dict[str, bytes], desk: Desk, *, recalculate: bool = True
) -> tuple[dict[str, bytes], str]:
    """Give the parts with results that belong to their inputs, and say in words whose they are."""
    stored = read_cells(parts)
    if not any(cell.computed for cells in stored.values() for cell in cells.values()):
        return parts, "no formula depends on them"
    fresh = _from_engine(parts, desk) if recalculate else None
    if fresh is None or _lost(stored, fresh):
        emptied = store_results(parts, stored, lambda *_: None)
        return recalculated_on_opening(emptied), LEFT_TO_EXCEL

    def result(sheet: str, address: str) -> Any:
        from addin.calc.recalculate import agree

        value = _value(fresh, sheet, address)
        return KEEP if agree(stored[sheet][address].value, value) else value

    return store_results(parts, stored, result), RECALCULATED + _new_errors(stored, fresh)


def _from_engine(parts: dict[str, bytes], desk: Desk) -> dict[str, dict[str, StoredCell]] | None:
    """Let LibreOffice compute the workbook; None where it cannot."""
    from addin.calc.engine import EngineError, find_office
    from addin.calc.recalculate import recalculated_cells

    if find_office() is None:
        return None
    with tempfile.TemporaryDirectory(prefix="hpcval-figures-") as folder:
        path = Path(folder) / "workbook.xlsx"
        write_parts(path, parts)
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
