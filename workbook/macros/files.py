"""Make a macro workbook or an add-in of a finished workbook: macros, ribbon, buttons.

Every function takes the parts of a workbook and gives new ones; parts it need not touch stay as
they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

from lxml import etree

from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.macros.compound_file import MacroError
from workbook.macros.project import WORKBOOK_MODULE, VbaModule, document_modules, vba_project
from workbook.opc.package import sheet_parts
from workbook.opc.relations import (
    PACKAGE,
    TYPES_PART,
    add_relation,
    content_type,
    relations_of,
    set_content_type,
    typed_parts,
)
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes
from workbook.style import FONT, NAVY, WHITE

MAIN_PART: Final = "xl/workbook.xml"
PROJECT_PART: Final = "xl/vbaProject.bin"
RIBBON_PART: Final = "customUI/customUI14.xml"

MAIN_TYPES: Final = {
    "workbook": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "addin": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
"""Content type of the main part: .xlsm, and .xlam, which Excel opens as a hidden add-in."""

PROJECT_TYPE: Final = "application/vnd.ms-office.vbaProject"
PROJECT_RELATION: Final = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
RIBBON_RELATION: Final = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
RIBBON_ROOT: Final = "{http://schemas.microsoft.com/office/2009/07/customui}customUI"

_DRAWING_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawing+xml"
_DRAWING_RELATION: Final = f"{RELATION}/drawing"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_ART: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_AFTER_DRAWING: Final = {
    *("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
    *("webPublishItems", "tableParts", "extLst"),
}
"""What stands behind the drawing in a sheet: the order is part of the format."""

_EMU_PER_CM: Final = 360_000
_MACRO: Final = re.compile(r"([A-Za-z]\w{0,30}\.)?[A-Za-z]\w{0,254}", re.ASCII)


def with_macros(
    parts: dict[str, bytes], modules: Sequence[VbaModule], kind: Literal["workbook", "addin"]
) -> dict[str, bytes]:
    """Give the parts of a macro workbook (.xlsm) or an add-in (.xlam).

    The document modules that stand for the workbook and its sheets are made here; `modules` may
    hold the one of the workbook, `ThisWorkbook`, to give its source.

    Raises
    ------
    MacroError
        When the workbook has macros already, or a module cannot be written.
    """
    if PROJECT_PART in parts:
        raise MacroError("the workbook has macros already")
    done = dict(parts)
    books = [module for module in modules if module.kind == "document"]
    if any(module.name != WORKBOOK_MODULE for module in books):
        raise MacroError(f"the only document module that can be given is {WORKBOOK_MODULE}")
    documents = books or [VbaModule(WORKBOOK_MODULE, "", "document")]
    done[MAIN_PART] = _with_code_name(parts[MAIN_PART], "workbookPr", WORKBOOK_MODULE)
    for number, part in enumerate(sheet_parts(parts).values(), start=1):
        documents.append(VbaModule(f"Sheet{number}", "", "document"))
        done[part] = _with_code_name(parts[part], "sheetPr", f"Sheet{number}")
    others = [module for module in modules if module.kind != "document"]
    done[PROJECT_PART] = vba_project([*documents, *others])
    set_content_type(done, MAIN_PART, MAIN_TYPES[kind])
    set_content_type(done, PROJECT_PART, PROJECT_TYPE)
    add_relation(done, MAIN_PART, PROJECT_RELATION, PROJECT_PART)
    return done


def _with_code_name(part: bytes, element: str, name: str) -> bytes:
    """Name the document module of a workbook or sheet in its properties, made where missing."""
    root = parse_xml(part)
    properties = root.find(tag(element))
    if properties is None:
        properties = etree.Element(tag(element))
        has_version = element == "workbookPr" and root.find(tag("fileVersion")) is not None
        root.insert(1 if has_version else 0, properties)
    properties.set("codeName", name)
    return to_bytes(root)


def with_ribbon(parts: dict[str, bytes], xml: str) -> dict[str, bytes]:
    """Add a ribbon, as Excel 2010 and later read it.

    Raises
    ------
    MacroError
        When the text is not a ribbon, or the workbook has one already.
    """
    if RIBBON_PART in parts:
        raise MacroError("the workbook has a ribbon already")
    try:
        root = parse_xml(xml.encode())
    except WorkbookError as error:
        raise MacroError(f"the ribbon is not proper XML: {error}") from None
    if root.tag != RIBBON_ROOT:
        raise MacroError("the ribbon does not begin with customUI of Excel 2010 and later")
    done = {**parts, RIBBON_PART: to_bytes(root)}
    add_relation(done, PACKAGE, RIBBON_RELATION, RIBBON_PART)
    return done


def with_button(
    parts: dict[str, bytes],
    sheet: str,
    macro: str,
    text: str,
    anchor: str,
    width_cm: float = 3.6,
    height_cm: float = 0.8,
) -> dict[str, bytes]:
    """Add a button to a sheet: a shape, not printed, that runs a macro of the workbook.

    Parameters
    ----------
    parts : dict
        Parts of the workbook.
    sheet : str
        Name of the sheet.
    macro : str
        Name of a public Sub without arguments, such as Recalculate or Buttons.Recalculate.
    text : str
        What the button says.
    anchor : str
        Cell of its upper left corner, such as B2.
    width_cm, height_cm : float
        Size.

    Raises
    ------
    MacroError
        When there is no such sheet, or macro or cell are not names of one.
    """
    paths = sheet_parts(parts)
    if sheet not in paths:
        raise MacroError(f"the workbook has no sheet {sheet!r}")
    if not _MACRO.fullmatch(macro):
        raise MacroError(f"{macro!r} is not the name of a macro")
    done = dict(parts)
    drawing = _drawing_of(done, paths[sheet])
    root = parse_xml(done[drawing])
    numbers = [int(e.get("id")) for e in root.iter(f"{{{_DRAWING}}}cNvPr")]
    number = max(numbers, default=0) + 1
    size = round(width_cm * _EMU_PER_CM), round(height_cm * _EMU_PER_CM)
    root.append(_button(number, macro, text, anchor, size))
    done[drawing] = to_bytes(root)
    return done


def _drawing_of(parts: dict[str, bytes], sheet: str) -> str:
    """Give the drawing of a sheet, made where it has none."""
    for relation in relations_of(parts, sheet):
        if relation.kind == _DRAWING_RELATION:
            return relation.target
    number = 1
    while (drawing := f"xl/drawings/drawing{number}.xml") in parts:
        number += 1
    parts[drawing] = to_bytes(etree.Element(f"{{{_DRAWING}}}wsDr", nsmap={"xdr": _DRAWING}))
    set_content_type(parts, drawing, _DRAWING_TYPE)
    identifier = add_relation(parts, sheet, _DRAWING_RELATION, drawing)
    root = parse_xml(parts[sheet])
    element = etree.Element(tag("drawing"), nsmap={"r": RELATION})
    element.set(f"{{{RELATION}}}id", identifier)
    later = [child for child in root if etree.QName(child).localname in _AFTER_DRAWING]
    if later:
        later[0].addprevious(element)
    else:
        root.append(element)
    parts[sheet] = to_bytes(root)
    return drawing


def _button(number: int, macro: str, text: str, anchor: str, size: tuple[int, int]) -> Any:
    row, column = place_of(anchor)
    shape = parse_xml(
        f"""<oneCellAnchor xmlns="{_DRAWING}" xmlns:a="{_ART}">
        <from><col>{column - 1}</col><colOff>0</colOff><row>{row - 1}</row><rowOff>0</rowOff></from>
        <ext cx="{size[0]}" cy="{size[1]}"/>
        <sp macro="[0]!{macro}" textlink=""><nvSpPr>
        <cNvPr id="{number}" name="Button {number}"/><cNvSpPr/></nvSpPr>
        <spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{size[0]}" cy="{size[1]}"/></a:xfrm>
        <a:prstGeom prst="roundRect"><a:avLst/></a:prstGeom>
        <a:solidFill><a:srgbClr val="{NAVY}"/></a:solidFill><a:ln><a:noFill/></a:ln></spPr>
        <txBody><a:bodyPr vertOverflow="clip" anchor="ctr"/><a:lstStyle/>
        <a:p><a:pPr algn="ctr"/><a:r><a:rPr lang="en-US" sz="1000" b="1">
        <a:solidFill><a:srgbClr val="{WHITE}"/></a:solidFill><a:latin typeface="{FONT}"/></a:rPr>
        <a:t/></a:r></a:p></txBody></sp>
        <clientData fPrintsWithSheet="0"/></oneCellAnchor>""".encode()
    )
    for element in shape.iter():
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    shape.find(f".//{{{_ART}}}t").text = text
    return shape


def check_macros(parts: dict[str, bytes]) -> list[str]:
    """Say in plain sentences what is wrong with a macro workbook or add-in.

    Checked are relationships, content types, the macro project, and that workbook and sheets have
    the document modules they name. Nothing is said when all is well.
    """
    if TYPES_PART not in parts or MAIN_PART not in parts:
        return ["The file is not a workbook."]
    try:
        return _problems(parts)
    except WorkbookError as error:
        return [f"The file cannot be read: {error}."]


def _problems(parts: dict[str, bytes]) -> list[str]:
    problems = [*_loose_ends(parts), *_untyped(parts)]
    if problems:
        return problems
    if PROJECT_PART not in parts:
        return ["The file holds no macros."]
    try:
        documents = document_modules(parts[PROJECT_PART])
    except MacroError as error:
        return [f"The macro project cannot be read: {error}."]
    named = {"The workbook": _code_name(parts[MAIN_PART], "workbookPr")}
    for name, part in sheet_parts(parts).items():
        named[f"Sheet {name}"] = _code_name(parts[part], "sheetPr")
    for what, code_name in named.items():
        if code_name is None:
            problems.append(f"{what} has no code name.")
        elif code_name not in documents:
            problems.append(f"{what} has the code name {code_name}, but there is no such module.")
    extra = sorted(set(documents) - set(named.values()))
    return problems + [f"Module {name} stands for no sheet." for name in extra]


def _loose_ends(parts: dict[str, bytes]) -> list[str]:
    found = []
    for part in (PACKAGE, *parts):
        for relation in relations_of(parts, part):
            if not relation.outside and relation.target not in parts:
                where = part or "The package"
                found.append(f"{where} leads to {relation.target}, which is not in the file.")
    ways = {
        kind: part
        for part in (PACKAGE, MAIN_PART)
        for _, kind, part, _ in relations_of(parts, part)
    }
    if PROJECT_PART in parts and ways.get(PROJECT_RELATION) != PROJECT_PART:
        found.append("The workbook does not lead to its macros.")
    if RIBBON_PART in parts and ways.get(RIBBON_RELATION) != RIBBON_PART:
        found.append("The package does not lead to its ribbon.")
    return found


def _untyped(parts: dict[str, bytes]) -> list[str]:
    found = [
        f"{part} has no content type."
        for part in parts
        if part != TYPES_PART and content_type(parts, part) is None
    ]
    found += [
        f"{part} has a content type, but is not in the file."
        for part in typed_parts(parts)
        if part not in parts
    ]
    if content_type(parts, MAIN_PART) not in MAIN_TYPES.values():
        found.append("The content type is not that of a macro workbook or add-in.")
    return found


def _code_name(part: bytes, element: str) -> str | None:
    properties = parse_xml(part).find(tag(element))
    return None if properties is None else properties.get("codeName")
