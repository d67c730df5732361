"""What the words in the formulas of a workbook stand for: its defined names and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workbook.cells import corners_of
from workbook.formulas.dependents import Box, Words
from workbook.opc.package import Package, main_part, sheet_titles
from workbook.opc.relations import relations_of
from workbook.opc.xml import RELATION, parse_xml, tag

_TABLE: Final = f"{RELATION}/table"


def words_of(parts: Mapping[str, bytes]) -> Words:
    """Read the defined names and the tables of a workbook."""
    root = parse_xml(parts[main_part(parts)])
    titles = [one.get("name").lower() for one in root.iter(tag("sheet"))]
    names: dict[tuple[str | None, str], str] = {}
    for name in root.iter(tag("definedName")):
        number = name.get("localSheetId")
        known = number is not None and int(number) < len(titles)
        scope = titles[int(number)] if known else None
        names[scope, (name.get("name") or "").lower()] = name.text or ""
    return Words(names, _tables(parts))


def words_then_and_now(package: Package) -> Words:
    """Read the same of a workbook that is being changed.

    A table reaches as far down as it does or did: what was taken off its end counts too.
    """
    now, then = words_of(package), words_of(Package(package.archive)).tables
    tables = {
        name: max(box, then.get(name, box), key=lambda one: one.bottom)
        for name, box in now.tables.items()
    }
    return Words(now.names, tables)


def _tables(parts: Mapping[str, bytes]) -> dict[str, Box]:
    found = {}
    for part, title in sheet_titles(parts).items():
        for relation in relations_of(parts, part):
            if relation.kind == _TABLE and relation.target in parts:
                table = parse_xml(parts[relation.target])
                (top, left), (bottom, right) = corners_of(table.get("ref"))
                name = table.get("displayName") or table.get("name") or ""
                found[name.lower()] = Box(title.lower(), top, left, bottom, right)
    return found
