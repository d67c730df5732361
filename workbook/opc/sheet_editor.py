"""Change cells of a closed workbook at package level: values, stored results, sheets, formats.

Only the parts of the sheets concerned change; their other cells, formats and settings stay.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from datetime import date
from typing import Any, Final

from lxml import etree

from workbook.cells import ErrorValue, Value, corners_of, letters, place_of, serial_of
from workbook.errors import WorkbookError
from workbook.opc.names import free_name
from workbook.opc.package import main_part, sheet_parts
from workbook.opc.refusals import refuse_protected
from workbook.opc.relations import add_relation, set_content_type
from workbook.opc.sheet_list import add_tab, set_full_calculation
from workbook.opc.stored import StoredCell, parse_sheet
from workbook.opc.xml import (
    MAIN,
    RELATION,
    SPACE,
    coded,
    parse_xml,
    tag,
    to_bytes,
    without_controls,
)

LONGEST_TEXT: Final = 32_767
"""Characters of a cell as Excel counts them, of 16 bits: with more of them it repairs the file."""

SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


class SheetEditor:
    """One worksheet part, to change cells in; `to_part` gives its bytes."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.root = parse_sheet(data)
        self.rows = {int(row.get("r")): row for row in self.root.iter(tag("row"))}
        self.cells = {cell.get("r"): cell for cell in self.root.iter(tag("c"))}
        self.changed: set[str] = set()
        """Addresses of cells that were given a value, or taken away."""

    def to_part(self) -> bytes:
        """Write the part."""
        return to_bytes(self.root)

    def style(self, address: str) -> str | None:
        """Give the index of a cell's format."""
        cell = self.cells.get(address)
        return None if cell is None else cell.get("s")

    def put(self, address: str, value: Value, style: str | None = None) -> None:
        """Put a value into a cell, made where it is missing; a format is kept unless given.

        Raises
        ------
        WorkbookError
            When the cell holds a formula, which is not ours to replace.
        """
        cell = self.cells.get(address)
        if cell is None:
            cell = self._new_cell(address)
        if cell.find(tag("f")) is not None:
            raise WorkbookError(f"{self.name}!{address} holds a formula; nothing was changed")
        self.changed.add(address)
        for child in list(cell):
            cell.remove(child)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        if style is not None:
            cell.set("s", style)
        _store(cell, value)

    def put_formula(
        self,
        address: str,
        formula: str,
        result: Value,
        style: str | None = None,
        *,
        always: bool = False,
    ) -> None:
        """Put a formula and what it shows into a cell of ours, in place of what it holds.

        One that is `always` computed has its result when Excel opens the file, whatever is stored.
        """
        self.clear(address)
        self.put(address, None, style)
        cell = self.cells[address]
        written = etree.SubElement(cell, tag("f"))
        written.text = formula
        if always:
            written.set("ca", "1")
        store_result(cell, result)

    def clear(self, address: str) -> None:
        """Empty a cell of ours, whether it holds a formula or not; its format stays."""
        cell = self.cells.get(address)
        if cell is not None:
            for formula in cell.findall(tag("f")):
                cell.remove(formula)
            self.put(address, None)

    def remove(self, address: str) -> None:
        """Take a cell away, and its row where it was the last of it.

        Raises
        ------
        WorkbookError
            When the cell holds a formula, which is not ours to take.
        """
        cell = self.cells.get(address)
        if cell is None:
            return
        if cell.find(tag("f")) is not None:
            raise WorkbookError(f"{self.name}!{address} holds a formula; nothing was changed")
        self.changed.add(address)
        del self.cells[address]
        row = cell.getparent()
        row.remove(cell)
        if not len(row):
            del self.rows[int(row.get("r"))]
            row.getparent().remove(row)

    def put_row(self, row: int, values: list[Value], style: str | None = None) -> None:
        """Put values side by side from column A on."""
        for column, value in enumerate(values, start=1):
            if value is not None or style is not None:
                self.put(f"{letters(column)}{row}", value, style)

    def _new_cell(self, address: str) -> Any:
        number, column = place_of(address)
        row: Any = self.rows.get(number)
        if row is None:
            row = etree.Element(tag("row"))
            row.set("r", str(number))
            later = [self.rows[other] for other in self.rows if other > number]
            if later:
                min(later, key=lambda one: int(one.get("r"))).addprevious(row)
            else:
                self.root.find(tag("sheetData")).append(row)
            self.rows[number] = row
        row.attrib.pop("spans", None)
        cell: Any = etree.Element(tag("c"), r=address)
        for other in row:
            if place_of(other.get("r"))[1] > column:
                other.addprevious(cell)
                break
        else:
            row.append(cell)
        self.cells[address] = cell
        self._stretch(number, column)
        return cell

    def _stretch(self, row: int, column: int) -> None:
        """Let the stated extent of the sheet reach a new cell."""
        dimension = self.root.find(tag("dimension"))
        if dimension is None:
            return
        rows, columns = zip(*corners_of(dimension.get("ref")), (row, column), strict=True)
        low = f"{letters(min(columns))}{min(rows)}"
        dimension.set("ref", f"{low}:{letters(max(columns))}{max(rows)}")


def _store(cell: Any, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, tag("is")), tag("t"))
        text.text = cell_text(value)
        if value != value.strip():
            text.set(SPACE, "preserve")
        return
    if isinstance(value, bool):
        cell.set("t", "b")
    elif isinstance(value, ErrorValue):
        cell.set("t", "e")
    etree.SubElement(cell, tag("v")).text = written(value)


def written(value: Value) -> str:
    """Write a value as the part of a sheet holds it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, ErrorValue):
        return value.code
    if isinstance(value, date):
        return f"{serial_of(value):.15g}"
    if isinstance(value, float | int):
        return repr(float(value))
    return cell_text(str(value))


def cell_text(value: str) -> str:
    """Write a text as a cell holds it.

    Raises
    ------
    WorkbookError
        When it is longer than Excel takes.
    """
    if 2 * len(value) > LONGEST_TEXT:
        characters = len(value.encode("utf-16-le", "surrogatepass")) // 2
        if characters > LONGEST_TEXT:
            raise WorkbookError(
                f"the text of a cell has {characters:,} characters, more than Excel takes "
                f"({LONGEST_TEXT:,}): it begins with {value[:40]!r}"
            )
    return coded(without_controls(value))


def store_results(
    parts: MutableMapping[str, bytes],
    stored: Mapping[str, Mapping[str, StoredCell]],
    results: Mapping[str, Mapping[str, Value]],
) -> None:
    """Put results, by sheet and address, beside the formulas that give them.

    Cells that no formula fills, and all others, stay as they are, and so do other parts.
    """
    for sheet, part in sheet_parts(parts).items():
        cells = stored.get(sheet, {})
        new = {
            address: value
            for address, value in results.get(sheet, {}).items()
            if address in cells and cells[address].computed
        }
        if not new:
            continue
        root = parse_sheet(parts[part])
        for cell in root.iter(tag("c")):
            address = cell.get("r")
            if address in new:
                store_result(cell, new[address])
        parts[part] = to_bytes(root)


def store_result(cell: Any, value: Any) -> None:
    """Store a result in a cell in place of the one it holds; a cell is formula, value, the rest."""
    for old in [*cell.findall(tag("v")), *cell.findall(tag("is"))]:
        cell.remove(old)
    cell.attrib.pop("t", None)
    if value is None:
        return
    kind = "str" if isinstance(value, str) else "e" if isinstance(value, ErrorValue) else None
    kind = "b" if isinstance(value, bool) else kind
    if kind:
        cell.set("t", kind)
    stored = etree.Element(tag("v"))
    stored.text = written(value)
    cell.insert(len(cell.findall(tag("f"))), stored)


def recalculate_on_opening(parts: MutableMapping[str, bytes]) -> None:
    """Ask Excel to compute every formula when it opens the file."""
    main = main_part(parts)
    root = parse_xml(parts[main])
    set_full_calculation(root)
    parts[main] = to_bytes(root)


def asks_for_calculation(parts: Mapping[str, bytes]) -> bool:
    """Tell whether Excel is asked to compute every formula when it opens the file."""
    root = parse_xml(parts[main_part(parts)])
    return any(one.get("fullCalcOnLoad") in ("1", "true") for one in root.iter(tag("calcPr")))


def add_sheet(parts: MutableMapping[str, bytes], name: str, data: bytes) -> str:
    """Add a worksheet behind the others and give its part.

    Raises
    ------
    WorkbookError
        When the structure of the workbook is protected.
    """
    main = main_part(parts)
    refuse_protected(parts, main, "the workbook")
    part = free_name(parts, "xl/worksheets/sheet1.xml")
    parts[part] = data
    set_content_type(parts, part, SHEET_TYPE)
    root = parse_xml(parts[main])
    add_tab(root, name, add_relation(parts, main, f"{RELATION}/worksheet", part))
    parts[main] = to_bytes(root)
    return part


def empty_sheet(widths: tuple[float, ...], freeze: bool = True) -> bytes:
    """Write a sheet without cells; its first row stays in sight."""
    root = parse_xml(f'<worksheet xmlns="{MAIN}"/>'.encode())
    etree.SubElement(root, tag("dimension"), ref="A1")
    view = etree.SubElement(etree.SubElement(root, tag("sheetViews")), tag("sheetView"))
    view.set("showGridLines", "0")
    view.set("workbookViewId", "0")
    if freeze:
        pane = {"ySplit": "1", "topLeftCell": "A2", "activePane": "bottomLeft", "state": "frozen"}
        etree.SubElement(view, tag("pane"), pane)
    columns = etree.SubElement(root, tag("cols"))
    for number, width in enumerate(widths, start=1):
        place = {"min": str(number), "max": str(number)}
        etree.SubElement(columns, tag("col"), place, width=f"{width:g}", customWidth="1")
    etree.SubElement(root, tag("sheetData"))
    return to_bytes(root)
