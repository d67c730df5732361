"""Finish a workbook at package level: cells with their values, and what openpyxl leaves out.

openpyxl writes formulas without values and asks Excel to recalculate on opening, so a colleague
without the add-in would see #NAME? in place of figures. Here every formula gets its value, arrays
are dynamic, and the calculation settings say that the file is up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from workbook.model.plan import Plan, Sheet
from workbook.model.sheet_data import SheetData
from workbook.opc.metadata import METADATA, METADATA_PART, METADATA_RELATION, METADATA_TYPE
from workbook.opc.package import sheet_parts
from workbook.opc.relations import add_relation, related, set_content_type
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

CALCULATION_ID: Final = "191029"
"""The calculation engine of Excel 2019 and later: a file that states it is not recalculated."""


DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


def finish(parts: dict[str, bytes], plan: Plan, data: Mapping[str, SheetData]) -> dict[str, bytes]:
    """Give the parts of a workbook with the cells of each sheet and what else is missing."""
    done = dict(parts)
    paths = sheet_parts(parts)
    for sheet in plan.sheets:
        done[paths[sheet.name]] = _with_cells(parts[paths[sheet.name]], data[sheet.name])
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


def _with_cells(part: bytes, data: SheetData) -> bytes:
    """Put the cells in, in place of those that openpyxl was given for their links."""
    root = parse_xml(part)
    root.find(tag("dimension")).set("ref", data.extent)
    root.find(tag("sheetData")).clear()
    head, empty, tail = to_bytes(root).partition(b"<sheetData/>")
    if not empty:
        raise ValueError("the sheet has no room for its cells")
    return b"".join((head, data.xml.encode(), tail))


def _described(drawing: bytes, sheet: Sheet) -> bytes:
    """Say of each chart what it shows, which is read aloud to who cannot see it."""
    root = parse_xml(drawing)
    frames = root.iter(f"{{{DRAWING}}}graphicFrame")
    for frame, chart in zip(frames, sheet.charts, strict=True):
        properties = next(frame.iter(f"{{{DRAWING}}}cNvPr"))
        properties.set("name", chart.title)
        properties.set("descr", chart.description)
    return to_bytes(root)


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
