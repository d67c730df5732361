"""A copy of a package in which every name is spelled as most programs expect it."""

from __future__ import annotations

from typing import Final

from workbook.opc.package import MAIN_TYPES, Package
from workbook.opc.relations import (
    PACKAGE,
    RELATIONS_TYPE,
    TYPES_PART,
    content_types,
    relations_of,
    relations_part,
    set_content_types,
)
from workbook.opc.xml import parse_xml, to_bytes

_RELATIONS_ENDING: Final = ".rels"


def spelled_plainly(package: Package) -> dict[str, bytes]:
    """Give the parts of a package under plain names, with relationships and types that say so.

    Other programs are stricter about the case of letters, slashes and escapes than the standard
    asks; LibreOffice computes from such a copy what Excel reads in the file itself.
    """
    owners = {relations_part(part): part for part in (PACKAGE, *package)}
    owners = {package.spelled(name): part for name, part in owners.items()}
    plain: dict[str, bytes] = {TYPES_PART: package[TYPES_PART]}
    for part in package:
        if part == package.spelled(TYPES_PART):
            continue
        data = package[part]
        name = part
        if part in owners:
            name = relations_part(owners[part])
            data = _with_whole_targets(package, owners[part], data)
        plain[name] = data
    usual = {kind.lower(): kind for kind in MAIN_TYPES}
    kinds = {
        part: usual.get(kind.lower(), kind)
        for part, kind in content_types(package).items()
        if part in plain
    }
    kinds |= dict.fromkeys(
        (name for name in plain if name.endswith(_RELATIONS_ENDING)), RELATIONS_TYPE
    )
    set_content_types(plain, {name: kind for name, kind in kinds.items() if name != TYPES_PART})
    return plain


def _with_whole_targets(package: Package, part: str, data: bytes) -> bytes:
    """Let relationships lead to parts by their whole names, as they are spelled."""
    root = parse_xml(data)
    leads = {relation.identifier: relation for relation in relations_of(package, part)}
    for way in root:
        relation = leads.get(way.get("Id"))
        if relation is not None and not relation.outside and relation.target in package:
            way.set("Target", f"/{relation.target}")
    return to_bytes(root)
