"""Re-bind: take path and prefix off the `HPC_` functions of a closed workbook.

The text of a formula says where a function lives, such as `[1]!HPC_VALUE(` or the path of an add-in
before the name. After a file moved between machines the plain name works, wherever the add-in is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from workbook.formulas.holders import FORMULA_TEXTS, holder_of
from workbook.formulas.ours import PREFIX, plain_formula
from workbook.opc.package import Package, sheet_parts, sheet_titles
from workbook.opc.relations import forget_relation, forget_types, relations_of, relations_part
from workbook.opc.stored import parse_sheet
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

_LINK_NUMBER: Final = re.compile(rb"\[(\d+)\]")
_OUR_ADDIN: Final = re.compile(rb"hpc[^\"/\\\\]*\.(?:xla|xlam|xlsm)\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rebound:
    """A formula that was changed, or whose stored #NAME? Excel is to compute anew."""

    sheet: str
    address: str
    before: str
    after: str


def rebind(package: Package) -> list[Rebound]:
    """Make the formulas of a package plain and give what was changed; other parts stay."""
    changes: list[Rebound] = []
    for sheet, part in sheet_parts(package).items():
        if PREFIX.encode() in package[part].upper():
            root = parse_sheet(package[part])
            if found := list(_rebind_sheet(sheet, root)):
                changes += found
                package[part] = to_bytes(root)
    changes += _rebind_elsewhere(package)
    root = parse_xml(package[package.main])
    names = [name for name in root.iter(tag("definedName")) if name.text]
    plain = {name: plain_formula(name.text) for name in names}
    for name in names:
        if plain[name] != name.text:
            changes.append(Rebound("(names)", name.get("name") or "", name.text, plain[name]))
            name.text = plain[name]
            package[package.main] = to_bytes(root)
    if changes:
        _drop_unused_links(package)
    return changes


def _rebind_sheet(sheet: str, root: Any) -> Iterator[Rebound]:
    shared: dict[str, str] = {}
    for cell in root.iter(tag("c")):
        formula = cell.find(tag("f"))
        if formula is None:
            continue
        before = formula.text or ""
        after = plain_formula(before)
        if formula.get("t") == "shared":
            # Only the first cell of a shared formula holds its text.
            after = shared.setdefault(formula.get("si"), after)
            before = before or after
        if PREFIX not in after.upper():
            continue
        unknown = cell.get("t") == "e" and cell.findtext(tag("v")) == "#NAME?"
        if after == before and not unknown:
            continue
        if formula.text:
            formula.text = after
        if unknown:
            # Without a value and marked so, Excel computes the cell when it opens the file.
            cell.remove(cell.find(tag("v")))
            del cell.attrib["t"]
            formula.set("ca", "1")
        yield Rebound(sheet, cell.get("r"), before, after)


def _rebind_elsewhere(package: Package) -> Iterator[Rebound]:
    """Make plain what rules, validations, sparklines, tables and charts state beside the cells."""
    titles = sheet_titles(package)
    for part in [name for name in package if name.lower().endswith(".xml")]:
        if part == package.main or PREFIX.encode() not in package[part].upper():
            continue
        root = parse_xml(package[part])
        touched = False
        for element in root.iter(*(f"{{*}}{name}" for name in FORMULA_TEXTS)):
            before = element.text or ""
            after = plain_formula(before)
            if after != before and element.getparent().tag != tag("c"):
                element.text = after
                touched = True
                what, place = holder_of(element)
                yield Rebound(titles.get(part, part), f"{what} {place}".strip(), before, after)
        if touched:
            package[part] = to_bytes(root)


def _drop_unused_links(package: Package) -> None:
    """Drop links to add-ins of ours that no formula uses any more, or Excel asks to update them.

    Formulas name links by number, so only those at the end of the list can go.
    """
    root = parse_xml(package[package.main])
    ways = {
        relation.identifier: relation.target for relation in relations_of(package, package.main)
    }
    used = {
        int(number)
        for name in package
        if name.lower().endswith(".xml")
        for number in _LINK_NUMBER.findall(package[name])
    }
    links = list(root.iter(tag("externalReference")))
    for number in range(len(links), 0, -1):
        link = links[number - 1]
        identity = link.get(f"{{{RELATION}}}id")
        part = ways[identity]
        own_relations = relations_part(part)
        if number in used or not _OUR_ADDIN.search(package.get(own_relations, b"")):
            break
        parent = link.getparent()
        parent.remove(link)
        if not len(parent):
            parent.getparent().remove(parent)
        package[package.main] = to_bytes(root)
        forget_relation(package, package.main, identity)
        forget_types(package, [part])
        for gone in (part, own_relations):
            del package[gone]
