"""What holds a package together: relationships between parts, and the content type of each part.

`add_relation` and `set_content_type` change the parts they are given.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final, NamedTuple

from lxml import etree

from workbook.opc.names import as_spelled, folded
from workbook.opc.xml import PACKAGE_RELATION, parse_xml, to_bytes

TYPES_PART: Final = "[Content_Types].xml"
PACKAGE: Final = ""
"""The package itself, as the source of its root relationships."""

RELATIONS_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
_TYPES: Final = "{http://schemas.openxmlformats.org/package/2006/content-types}"


class Relation(NamedTuple):
    """A relationship: the part it leads to, or the address of something outside the package."""

    identifier: str
    kind: str
    target: str
    outside: bool


def relations_part(part: str) -> str:
    """Name the part that holds the relationships of a part.

    Examples
    --------
    >>> relations_part("xl/workbook.xml"), relations_part(PACKAGE)
    ('xl/_rels/workbook.xml.rels', '_rels/.rels')
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations_of(parts: Mapping[str, bytes], part: str) -> Iterator[Relation]:
    """Give the relationships of a part."""
    name = relations_part(part)
    if name in parts:
        for element in parse_xml(parts[name]).iter(f"{{{PACKAGE_RELATION}}}Relationship"):
            outside = element.get("TargetMode") == "External"
            target = element.get("Target")
            if not outside:
                folder = posixpath.dirname(f"/{part}")
                path = posixpath.join(folder, (target or "").replace("\\", "/"))
                target = as_spelled(parts, posixpath.normpath(path).lstrip("/"))
            yield Relation(element.get("Id"), element.get("Type") or "", target, outside)


def related(parts: Mapping[str, bytes], part: str, kind: str) -> str | None:
    """Give the part that a relationship of some kind leads to, None where there is none."""
    for relation in relations_of(parts, part):
        if relation.kind == kind and relation.target in parts:
            return relation.target
    return None


def reached_from(parts: Mapping[str, bytes], start: str, without: Collection[str] = ()) -> set[str]:
    """Give the parts that one leads to, directly or through others, but not through some."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for relation in relations_of(parts, ahead.pop()):
            target = relation.target
            known = target in seen or target in without
            if not relation.outside and not known and target in parts:
                seen.add(target)
                ahead.append(target)
    return seen


def add_relation(parts: MutableMapping[str, bytes], part: str, kind: str, target: str) -> str:
    """Lead from a part to another one of the package and give the identifier of the way."""
    return add_relations(parts, part, kind, [target])[0]


def add_relations(
    parts: MutableMapping[str, bytes], part: str, kind: str, targets: Sequence[str]
) -> list[str]:
    """Lead from a part to others of one kind and give the identifiers of the ways."""
    name = relations_part(part)
    empty = f'<Relationships xmlns="{PACKAGE_RELATION}"/>'.encode()
    root = parse_xml(parts.get(name, empty))
    taken = {element.get("Id") for element in root.iter(f"{{{PACKAGE_RELATION}}}Relationship")}
    identifiers = []
    number = len(taken)
    for target in targets:
        number += 1
        while f"rId{number}" in taken:
            number += 1
        relation = etree.SubElement(root, f"{{{PACKAGE_RELATION}}}Relationship")
        relation.set("Id", f"rId{number}")
        relation.set("Type", kind)
        relation.set("Target", f"/{target}")
        identifiers.append(f"rId{number}")
    put_relations(parts, part, root)
    return identifiers


def put_relations(parts: MutableMapping[str, bytes], part: str, root: Any) -> None:
    """Store the relationships of a part; a package may type such parts one by one."""
    name = relations_part(part)
    made = name not in parts
    parts[name] = to_bytes(root)
    if made and content_type(parts, name) is None:
        set_content_type(parts, name, RELATIONS_TYPE)


def forget_relation(parts: MutableMapping[str, bytes], part: str, identifier: str) -> None:
    """Take a relationship of a part away."""
    name = relations_part(part)
    root = parse_xml(parts[name])
    for way in [way for way in root if way.get("Id") == identifier]:
        root.remove(way)
        parts[name] = to_bytes(root)


def content_type(parts: Mapping[str, bytes], part: str) -> str | None:
    """Give the content type of a part, None where the package states none."""
    stated, endings = _stated_types(parts)
    name = folded(part)
    return stated.get(name) or endings.get(name.rpartition(".")[2])


def _stated_types(parts: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the content types stated of single parts, and of all with an ending."""
    root = parse_xml(parts[TYPES_PART])
    stated = {
        folded(element.get("PartName") or ""): element.get("ContentType") or ""
        for element in root.iter(f"{_TYPES}Override")
    }
    endings = {
        (element.get("Extension") or "").lower(): element.get("ContentType") or ""
        for element in root.iter(f"{_TYPES}Default")
    }
    return stated, endings


def set_content_type(parts: MutableMapping[str, bytes], part: str, kind: str) -> None:
    """State the content type of a part, in place of the one it had."""
    set_content_types(parts, {part: kind})


def set_content_types(parts: MutableMapping[str, bytes], kinds: Mapping[str, str]) -> None:
    """State the content types of parts, in place of those they had."""
    root = parse_xml(parts[TYPES_PART])
    names = {folded(part) for part in kinds}
    for override in list(root.iter(f"{_TYPES}Override")):
        if folded(override.get("PartName") or "") in names:
            root.remove(override)
    for part, kind in kinds.items():
        override = etree.SubElement(root, f"{_TYPES}Override")
        override.set("PartName", f"/{part}")
        override.set("ContentType", kind)
    parts[TYPES_PART] = to_bytes(root)


def content_types(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Give the content type of each part that has one."""
    stated, endings = _stated_types(parts)
    names = {part: folded(part) for part in parts}
    kinds = {
        part: stated.get(name) or endings.get(name.rpartition(".")[2])
        for part, name in names.items()
    }
    return {part: kind for part, kind in kinds.items() if kind}


def typed_parts(parts: Mapping[str, bytes]) -> list[str]:
    """Give the parts whose content type is stated one by one."""
    root = parse_xml(parts[TYPES_PART])
    names = [override.get("PartName") or "" for override in root.iter(f"{_TYPES}Override")]
    return [as_spelled(parts, name.lstrip("/")) for name in names]


def forget_types(parts: MutableMapping[str, bytes], gone: Iterable[str]) -> None:
    """Take the content types of parts away."""
    root = parse_xml(parts[TYPES_PART])
    names = {folded(part) for part in gone}
    found = [one for one in root.iter(f"{_TYPES}Override") if folded(one.get("PartName")) in names]
    for override in found:
        root.remove(override)
    if found:
        parts[TYPES_PART] = to_bytes(root)
