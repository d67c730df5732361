"""Notes of cells: text in one part, its frame in another, both added to where a sheet has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from lxml import etree

from workbook.cells import place_of
from workbook.errors import WorkbookError
from workbook.opc.names import free_name
from workbook.opc.relations import add_relation, related, relations_of, set_content_type
from workbook.opc.xml import MAIN, RELATION, SPACE, parse_xml, tag, to_bytes

AUTHOR: Final = "hpcval"
_COMMENTS_RELATION: Final = f"{RELATION}/comments"
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_FRAMES_RELATION: Final = f"{RELATION}/vmlDrawing"
_FRAMES_TYPE: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_THREADED: Final = "tc="
"""How the author of a threaded comment begins; its text belongs to another part."""

_AFTER: Final = {
    tag(name)
    for name in (
        *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
        *("tableParts", "extLst"),
    )
}
_BLOCK: Final = 1024
"""Shapes a block of numbers holds; each drawing of the workbook has blocks of its own."""

_BLOCKS: Final = re.compile(rb'(<o:idmap\b[^>]*\bdata=")([0-9, ]+)(")')
_NAMESPACES: Final = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_TYPE: Final = (
    f'<v:shapetype {_NAMESPACES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def add_notes(
    parts: MutableMapping[str, bytes], part: str, sheet: Any, notes: dict[str, str]
) -> list[str]:
    """Add notes to cells of a sheet and give the cells that cannot have one.

    Parameters
    ----------
    parts : mutable mapping of str to bytes
        Parts of the workbook, which are changed.
    part : str
        Part of the sheet.
    sheet : element
        The sheet as parsed, which is changed too.
    notes : dict of str to str
        Text of each note by address.
    """
    texts = related(parts, part, _COMMENTS_RELATION)
    if texts is None:
        texts = free_name(parts, "xl/comments1.xml")
        empty = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
        parts[texts] = empty.encode()
        set_content_type(parts, texts, _COMMENTS_TYPE)
        add_relation(parts, part, _COMMENTS_RELATION, texts)
    root = parse_xml(parts[texts])
    skipped, framed = _add_texts(root, notes)
    parts[texts] = to_bytes(root)
    if framed:
        _add_frames(parts, part, sheet, framed)
    return skipped


def notes_of(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """Give the notes that `add_notes` made on a sheet, by address."""
    texts = related(parts, part, _COMMENTS_RELATION)
    if texts is None:
        return {}
    root = parse_xml(parts[texts])
    names = [author.text or "" for author in root.iter(tag("author"))]
    return {
        comment.get("ref"): "".join(text.text or "" for text in comment.iter(tag("t")))
        for comment in root.iter(tag("comment"))
        if names[int(comment.get("authorId", 0))] == AUTHOR
    }


def _add_texts(root: Any, notes: dict[str, str]) -> tuple[list[str], list[str]]:
    """Add the texts; give the cells left out, and those that need a frame."""
    authors, comments = root.find(tag("authors")), root.find(tag("commentList"))
    names = [author.text or "" for author in authors]
    if AUTHOR not in names:
        etree.SubElement(authors, tag("author")).text = AUTHOR
        names.append(AUTHOR)
    known = {comment.get("ref"): comment for comment in comments}
    skipped, framed = [], []
    for address, note in notes.items():
        if address not in known:
            comment = etree.SubElement(comments, tag("comment"), ref=address)
            comment.set("authorId", str(names.index(AUTHOR)))
            _add_run(etree.SubElement(comment, tag("text")), note)
            framed.append(address)
        elif names[int(known[address].get("authorId", 0))].startswith(_THREADED):
            skipped.append(address)
        else:
            _add_run(known[address].find(tag("text")), f"\n{note}")
    return skipped, framed


def _add_run(text: Any, note: str) -> None:
    run = etree.SubElement(etree.SubElement(text, tag("r")), tag("t"))
    run.text = note
    run.set(SPACE, "preserve")
    for later in text.findall(tag("rPh")) + text.findall(tag("phoneticPr")):
        text.append(later)


def _add_frames(
    parts: MutableMapping[str, bytes], part: str, sheet: Any, addresses: list[str]
) -> None:
    """Add the frame of each note to the drawing of the sheet, made where it has none."""
    blocks = _free_blocks(parts, -(-len(addresses) // (_BLOCK - 1)))
    shapes = "".join(
        _frame(blocks[at // (_BLOCK - 1)] * _BLOCK + at % (_BLOCK - 1) + 1, address)
        for at, address in enumerate(addresses)
    )
    listed = ",".join(map(str, blocks))
    element = sheet.find(tag("legacyDrawing"))
    if element is None:
        drawing = free_name(parts, "xl/drawings/vmlDrawing1.vml")
        layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{listed}"/>'
        text = f"<xml {_NAMESPACES}>{layout}</o:shapelayout>{_TYPE}{shapes}</xml>"
        parts[drawing] = text.encode()
        set_content_type(parts, drawing, _FRAMES_TYPE)
        _lead_to(sheet, add_relation(parts, part, _FRAMES_RELATION, drawing))
        return
    identity = element.get(f"{{{RELATION}}}id")
    ways = {relation.identifier: relation.target for relation in relations_of(parts, part)}
    drawing = ways[identity]
    data = parts[drawing]
    # Excel writes this part as text that need not be well-formed: it is not parsed.
    end = data.rfind(b"</xml>")
    if end < 0:
        raise WorkbookError(f"the drawing {drawing} is written in a form we do not know")
    kind = b"" if b"_x0000_t202" in data else _TYPE.encode()
    data = data[:end] + kind + shapes.encode() + data[end:]
    parts[drawing] = _BLOCKS.sub(rb"\g<1>\g<2>," + listed.encode() + rb"\g<3>", data, count=1)


def _free_blocks(parts: MutableMapping[str, bytes], count: int) -> list[int]:
    """Give numbers of blocks that no drawing of the workbook uses."""
    taken = {0}
    for name in parts:
        if name.lower().endswith(".vml"):
            for match in _BLOCKS.finditer(parts[name]):
                taken |= {int(number) for number in match[2].split(b",") if number.strip()}
    return [number for number in range(1, count + max(taken) + 1) if number not in taken][:count]


def _frame(number: int, address: str) -> str:
    row, column = (number - 1 for number in place_of(address))
    top = max(row - 1, 0)
    return (
        f'<v:shape {_NAMESPACES} id="_x0000_s{number}" type="#_x0000_t202" '
        'style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column + 1}, 15, {top}, 2, {column + 5}, 31, {top + 5}, 1</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )


def _lead_to(sheet: Any, identity: str) -> None:
    element = etree.Element(tag("legacyDrawing"), nsmap={"r": RELATION})
    element.set(f"{{{RELATION}}}id", identity)
    later = [child for child in sheet if child.tag in _AFTER]
    if later:
        later[0].addprevious(element)
    else:
        sheet.append(element)
