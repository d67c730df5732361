"""Finish a workbook at package level: stored values beside formulas, and dynamic arrays.

openpyxl writes formulas without values and asks Excel to recalculate on opening, so a colleague
without the add-in would see #NAME? in place of figures. Here every formula gets its value, arrays
are marked as dynamic, and the calculation settings say that the file is up to date.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from workbook.cells import letters
from workbook.formulas.ours import PREFIX
from workbook.model.plan import Plan, Sheet
from workbook.opc.metadata import METADATA, METADATA_PART, METADATA_RELATION, METADATA_TYPE
from workbook.opc.package import sheet_parts
from workbook.opc.relations import add_relation, related, set_content_type
from workbook.opc.sheet_editor import store_result
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

CALCULATION_ID: Final = "191029"
"""The calculation engine of Excel 2019 and later: a file that states it is not recalculated."""


DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


def finish(parts: dict[str, bytes], plan: Plan) -> dict[str, bytes]:
    """Give the parts of a workbook with values, arrays and calculation settings in place."""
    done = dict(parts)
    paths = sheet_parts(parts)
    for sheet in plan.sheets:
        root = parse_xml(parts[paths[sheet.name]])
        _finish_sheet(root, sheet)
        done[paths[sheet.name]] = to_bytes(root)
        drawing = related(parts, paths[sheet.name], f"{RELATION}/drawing")
        if drawing is not None:
            done[drawing] = _described(parts[drawing], sheet)
    done["xl/workbook.xml"] = _settled_calculation(parts["xl/workbook.xml"])
    done[METADATA_PART] = METADATA.encode()
    set_content_type(done, METADATA_PART, METADATA_TYPE)
    add_relation(done, "xl/workbook.xml", METADATA_RELATION, METADATA_PART)
    if plan.as_of is not None:
        done["docProps/core.xml"] = _dated(parts["docProps/core.xml"], plan.as_of)
    return done


def _finish_sheet(root: Any, sheet: Sheet) -> None:
    elements = {element.get("r"): element for element in root.iter(tag("c"))}
    spilled: set[tuple[int, int]] = set()
    for (row, column), cell in sheet.cells.items():
        if cell.table is not None:
            box = cell.table.cells
            columns = range(column, box.last_column + 1)
            spilled |= {(i, j) for i in range(row, box.last_row + 1) for j in columns}
        if cell.formula is None:
            continue
        element = elements[f"{letters(column)}{row}"]
        if cell.spill is not None or PREFIX in cell.formula:
            height, width = cell.spill or (1, 1)
            _make_dynamic(element, row, column, height, width)
            spilled |= {(row + i, column + j) for i in range(height) for j in range(width)}
        store_result(element, cell.value)
    for row, column in spilled:
        cell = sheet.cells[row, column]
        if cell.formula is None:
            store_result(elements[f"{letters(column)}{row}"], cell.value)


def _described(drawing: bytes, sheet: Sheet) -> bytes:
    """Say of each chart what it shows, which is read aloud to who cannot see it."""
    root = parse_xml(drawing)
    frames = root.iter(f"{{{DRAWING}}}graphicFrame")
    for frame, chart in zip(frames, sheet.charts, strict=True):
        properties = next(frame.iter(f"{{{DRAWING}}}cNvPr"))
        properties.set("name", chart.title)
        properties.set("descr", chart.description)
    return to_bytes(root)


def _make_dynamic(element: Any, row: int, column: int, height: int, width: int) -> None:
    """Mark a formula as a dynamic array; also single calls, which Excel else prefixes with @."""
    first = f"{letters(column)}{row}"
    last = f"{letters(column + width - 1)}{row + height - 1}"
    formula = element.find(tag("f"))
    formula.set("t", "array")
    formula.set("ref", first if first == last else f"{first}:{last}")
    element.set("cm", "1")


def _settled_calculation(workbook: bytes) -> bytes:
    root = parse_xml(workbook)
    for settings in root.iter(tag("calcPr")):
        settings.attrib.clear()
        settings.set("calcId", CALCULATION_ID)
    return to_bytes(root)


def _dated(core: bytes, day: date) -> bytes:
    """Date the file by its book, so that the same book gives the same bytes."""
    root = parse_xml(core)
    for modified in root.iter("{http://purl.org/dc/terms/}modified"):
        modified.text = f"{day.isoformat()}T00:00:00Z"
    return to_bytes(root)
