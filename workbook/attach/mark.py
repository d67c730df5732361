"""The mark of what was attached: which sheets and names, and how the parts were before.

It is a custom XML part, which Excel keeps when it saves. Each sheet of ours also carries a hidden
name of its own, which follows it when it is renamed, moved or copied.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from workbook.formulas.references import sheets_in
from workbook.opc.relations import PACKAGE, add_relation, relations_of, set_content_type
from workbook.opc.sheet_list import add_name
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

NAMESPACE: Final = "urn:hpc-valuation:attached"
SHEET_NAME: Final = "_hpcval_sheet"
"""Hidden name within each attached sheet; its text is the name the sheet was attached under.

Where that is not its name in the model, the latter follows behind a slash, which no sheet has.
"""
_OF_MODEL: Final = "/"

_MARK_RELATION: Final = f"{RELATION}/customXml"
_PROPERTIES_RELATION: Final = f"{RELATION}/customXmlProps"
_PROPERTIES_TYPE: Final = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_PROPERTIES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<ds:datastoreItem ds:itemID="{9C1F5B1E-7A44-4C39-9B63-5D0C2B9E7F10}" '
    'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml">'
    f'<ds:schemaRefs><ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)


@dataclass
class Mark:
    """What was attached, and what is needed to take it off again to the byte."""

    sheets: tuple[str, ...] = ()
    miners: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names for the whole workbook that came with the sheets."""
    stands_for: dict[str, str] = field(default_factory=dict)
    """Names and tables that had to take another name than in the model, which is the key."""
    rows: tuple[str, ...] = ()
    """Digests of the rows of the book in the tables: what else stands there is the analyst's."""
    inputs: Mapping[str, Mapping[str, float | str | bool | None]] = field(default_factory=dict)
    """By sheet of the model and address what was written into input cells, None if typed there."""
    added: tuple[str, ...] = ()
    """Parts that were not there before."""
    written: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each part that was changed, as it was written."""
    before: dict[str, bytes] = field(default_factory=dict)
    """Entries of the zip as they lay in the file before they were changed or taken out."""
    order: tuple[str, ...] = ()
    """Every part as it followed in the file."""
    tail: bytes = b""
    """Directory of the zip, as it was."""
    whole: str = ""
    """SHA-256 of the file as it was."""


def add_mark(parts: MutableMapping[str, bytes], main: str) -> str:
    """Add an empty mark and give its part; what it says is written when all else is done."""
    item, properties = _free_parts(parts)
    parts[item] = to_xml(Mark())
    parts[properties] = _PROPERTIES.encode()
    set_content_type(parts, item, "application/xml")
    set_content_type(parts, properties, _PROPERTIES_TYPE)
    add_relation(parts, item, _PROPERTIES_RELATION, properties)
    add_relation(parts, main, _MARK_RELATION, item)
    return item


def _free_parts(parts: Mapping[str, bytes]) -> tuple[str, str]:
    """Name free parts for a mark and its properties."""
    taken = {name.lower() for name in parts}
    number = 1
    while taken & {f"customxml/item{number}.xml", f"customxml/itemprops{number}.xml"}:
        number += 1
    return f"customXml/item{number}.xml", f"customXml/itemProps{number}.xml"


def mark_tab(workbook: Any, tab: int, name: str, of_model: str) -> None:
    """Say within a sheet, by a hidden name, what it was attached as, and its name in the model."""
    text = name if name == of_model else f"{name}{_OF_MODEL}{of_model}"
    add_name(workbook, SHEET_NAME, '"' + text.replace('"', '""') + '"', tab, hidden=True)


def find_mark(parts: Mapping[str, bytes], main: str) -> tuple[str | None, Mark] | None:
    """Give the part of the mark, if it is still there, and what it says; None without any."""
    # LibreOffice lets the package lead to it instead.
    for relation in (*relations_of(parts, main), *relations_of(parts, PACKAGE)):
        if relation.kind == _MARK_RELATION and relation.target in parts:
            data = parts[relation.target]
            if NAMESPACE.encode() in data[:1000]:
                return relation.target, _read(data)
    return _from_names(parse_xml(parts[main]))


def _from_names(workbook: Any) -> tuple[str | None, Mark] | None:
    """Make up a mark where another program than Excel has dropped it, but kept the names."""
    marked = marked_sheets(workbook)
    if not marked:
        return None
    names = tuple(
        name.get("name")
        for name in workbook.iter(tag("definedName"))
        if name.get("localSheetId") is None and not sheets_in(name.text or "").isdisjoint(marked)
    )
    return None, Mark(sheets=tuple(marked), names=names)


def to_xml(mark: Mark) -> bytes:
    """Write a mark."""
    root = etree.Element(f"{{{NAMESPACE}}}attached", nsmap={"h": NAMESPACE})
    for kind in ("sheets", "miners", "names", "added", "order"):
        for text in getattr(mark, kind):
            etree.SubElement(root, f"{{{NAMESPACE}}}{kind}").text = text
    etree.SubElement(root, f"{{{NAMESPACE}}}rows").text = " ".join(mark.rows)
    for sheet, cells in mark.inputs.items():
        etree.SubElement(root, f"{{{NAMESPACE}}}inputs", of=sheet).text = json.dumps(dict(cells))
    for of_model, text in mark.stands_for.items():
        etree.SubElement(root, f"{{{NAMESPACE}}}stands", {"for": of_model}).text = text
    for part, text in mark.written.items():
        etree.SubElement(root, f"{{{NAMESPACE}}}written", part=part).text = text
    for part, data in mark.before.items():
        stored = base64.b64encode(data).decode()
        etree.SubElement(root, f"{{{NAMESPACE}}}before", part=part).text = stored
    etree.SubElement(root, f"{{{NAMESPACE}}}tail").text = base64.b64encode(mark.tail).decode()
    etree.SubElement(root, f"{{{NAMESPACE}}}whole").text = mark.whole
    return to_bytes(root)


def _read(data: bytes) -> Mark:
    root = parse_xml(data)

    def each(kind: str) -> list[Any]:
        return list(root.iterfind(f"{{{NAMESPACE}}}{kind}"))

    texts = {
        kind: tuple(element.text or "" for element in each(kind))
        for kind in ("sheets", "miners", "names", "added", "order")
    }
    return Mark(
        **texts,
        rows=tuple((root.findtext(f"{{{NAMESPACE}}}rows") or "").split()),
        inputs={element.get("of"): json.loads(element.text or "{}") for element in each("inputs")},
        stands_for={element.get("for"): element.text or "" for element in each("stands")},
        written={element.get("part"): element.text or "" for element in each("written")},
        before={
            element.get("part"): base64.b64decode(element.text or "") for element in each("before")
        },
        tail=base64.b64decode(root.findtext(f"{{{NAMESPACE}}}tail") or ""),
        whole=root.findtext(f"{{{NAMESPACE}}}whole") or "",
    )


def marked_sheets(workbook: Any) -> dict[str, list[str]]:
    """Give the present names of sheets by the name they were attached under.

    More than one where a sheet was copied, none where it was deleted.
    """
    found: dict[str, list[str]] = {}
    for (attached, _), present in _marks(workbook):
        found.setdefault(attached, []).append(present)
    return found


def attached_as(workbook: Any) -> dict[str, str]:
    """Give the attached sheets that still have the name they were attached under, by the model's.

    A copy that the analyst made of one is the analyst's.
    """
    return {
        of_model: present
        for (attached, of_model), present in _marks(workbook)
        if present == attached
    }


def _marks(workbook: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """Give each hidden name: attached as, name in the model, and the sheet that it stands on."""
    titles = [sheet.get("name") for sheet in workbook.iter(tag("sheet"))]
    for name in workbook.iter(tag("definedName")):
        number = name.get("localSheetId")
        if name.get("name") == SHEET_NAME and number is not None and int(number) < len(titles):
            yield names_in(name.text or ""), titles[int(number)]


def names_in(text: str) -> tuple[str, str]:
    """Read the text of a hidden name: what a sheet was attached as, and its name in the model.

    Examples
    --------
    >>> names_in('="HPC Inputs/Inputs"'), names_in('"Deals"')
    (('HPC Inputs', 'Inputs'), ('Deals', 'Deals'))
    """
    attached, _, of_model = (
        text.removeprefix("=").strip('"').replace('""', '"').partition(_OF_MODEL)
    )
    return attached, of_model or attached
