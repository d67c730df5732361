"""Mark cells of ours as dynamic arrays in a workbook that may have such cells already.

A cell names its kind of formula by number, through three lists of the metadata part.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from lxml import etree

from workbook.opc.metadata import METADATA_PART, METADATA_RELATION, METADATA_TYPE
from workbook.opc.names import free_name
from workbook.opc.package import WORKBOOK_PART
from workbook.opc.relations import add_relation, related, set_content_type
from workbook.opc.xml import parse_xml, tag, to_bytes

_DYNAMIC: Final = "XLDAPR"
_ARRAY: Final = (
    "{http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray}dynamicArrayProperties"
)


def dynamic_array_number(
    theirs: MutableMapping[str, bytes], main: str, ours: Mapping[str, bytes]
) -> str:
    """Give the number that marks a dynamic array in their workbook, stated where it is not yet."""
    source = related(ours, WORKBOOK_PART, METADATA_RELATION)
    if source is None:
        return "0"
    part = related(theirs, main, METADATA_RELATION)
    if part is None:
        part = free_name(theirs, METADATA_PART)
        theirs[part] = ours[source]
        set_content_type(theirs, part, METADATA_TYPE)
        add_relation(theirs, main, METADATA_RELATION, part)
        return "1"
    root = parse_xml(theirs[part])
    known = _known_number(root)
    if known is None:
        known = _state_number(root, parse_xml(ours[source]))
        theirs[part] = to_bytes(root)
    return str(known)


def _type_number(root: Any) -> int | None:
    types = [kind.get("name") for kind in root.iter(tag("metadataType"))]
    return types.index(_DYNAMIC) + 1 if _DYNAMIC in types else None


def _known_number(root: Any) -> int | None:
    kind = _type_number(root)
    future = root.find(f"{tag('futureMetadata')}[@name='{_DYNAMIC}']")
    cells = root.find(tag("cellMetadata"))
    if kind is None or future is None or cells is None:
        return None
    plain = [
        str(number)
        for number, block in enumerate(future.iterfind(tag("bk")))
        for array in block.iter(_ARRAY)
        if array.get("fDynamic") == "1" and array.get("fCollapsed", "0") == "0"
    ]
    for number, block in enumerate(cells.iterfind(tag("bk")), start=1):
        records = block.findall(tag("rc"))
        if len(records) == 1 and records[0].get("t") == str(kind) and records[0].get("v") in plain:
            return number
    return None


def _state_number(root: Any, ours: Any) -> int:
    """Append our kind of metadata to theirs, in the order the format wants."""
    kind = _type_number(root)
    if kind is None:
        types = _section(root, "metadataTypes", ())
        types.append(copy.deepcopy(next(ours.iter(tag("metadataType")))))
        kind = _counted(types)
    future = root.find(f"{tag('futureMetadata')}[@name='{_DYNAMIC}']")
    if future is None:
        future = etree.Element(tag("futureMetadata"), name=_DYNAMIC, count="0")
        before = ("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata")
        root.insert(_behind(root, before), future)
    future.append(copy.deepcopy(next(next(ours.iter(tag("futureMetadata"))).iter(tag("bk")))))
    place = _counted(future) - 1
    cells = _section(
        root, "cellMetadata", ("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata")
    )
    record = etree.SubElement(etree.SubElement(cells, tag("bk")), tag("rc"))
    record.set("t", str(kind))
    record.set("v", str(place))
    return _counted(cells)


def _section(root: Any, name: str, before: tuple[str, ...]) -> Any:
    found = root.find(tag(name))
    if found is None:
        found = etree.Element(tag(name))
        root.insert(_behind(root, before), found)
    return found


def _behind(root: Any, before: tuple[str, ...]) -> int:
    names = {tag(name) for name in before}
    return sum(1 for child in root if child.tag in names)


def _counted(section: Any) -> int:
    section.set("count", str(len(section)))
    return len(section)
