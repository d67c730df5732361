"""Re-bind: take path and prefix off the `HPC_` functions of a closed workbook.

The text of a formula says where a function lives, such as `[1]!HPC_VALUE(` or the path of an add-in
before the name. After a file moved between machines the plain name works, wherever the add-in is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from workbook.opc.package import (
    RELATION,
    WORKBOOK_PART,
    WORKBOOK_RELATIONS,
    parse_xml,
    part_of,
    sheet_parts,
    tag,
)
from workbook.opc.relations import TYPES_PART, relations_part, to_bytes

FUNCTION_PREFIX: Final = "HPC_"
_LINK_NUMBER: Final = re.compile(rb"\[(\d+)\]")
_OUR_ADDIN: Final = re.compile(rb"hpc[^\"/\\\\]*\.(?:xla|xlam|xlsm)\"", re.IGNORECASE)

_QUALIFIED: Final = re.compile(
    r"""
    "(?:[^"]|"")*"                                     # a text stays
    | (?<![A-Za-z0-9_.'!])
      (?:_xll\.|_xludf\.|\[[^\]]*\]!|'(?:[^']|'')*'!|[A-Za-z0-9_.-]+!)
      (?=HPC_[A-Z0-9_]+\()
    | '(?:[^']|'')*'                                   # a quoted sheet name stays
    """,
    re.VERBOSE | re.IGNORECASE,
)


def plain_formula(formula: str) -> str:
    r"""Take path and prefix off the functions of a formula.

    Examples
    --------
    >>> plain_formula(r"'C:\Users\ann\hpc-valuation.xlam'!HPC_VALUE(A1)+[2]!HPC_WINDOW(B1,3)")
    'HPC_VALUE(A1)+HPC_WINDOW(B1,3)'
    >>> plain_formula('IF(A1="[1]!HPC_VALUE(",\'My HPC_\'!B2,Inputs!C3)')
    'IF(A1="[1]!HPC_VALUE(",\'My HPC_\'!B2,Inputs!C3)'
    """
    return _QUALIFIED.sub(lambda match: match[0] if match[0][-1] in "\"'" else "", formula)


@dataclass(frozen=True, slots=True)
class Rebound:
    """A formula that was changed, or whose stored #NAME? Excel is to compute anew."""

    sheet: str
    address: str
    before: str
    after: str


def rebind(parts: dict[str, bytes]) -> tuple[dict[str, bytes], list[Rebound]]:
    """Give the parts with plain formulas, and what was changed; other parts stay as they are."""
    done = dict(parts)
    changes: list[Rebound] = []
    for sheet, part in sheet_parts(parts).items():
        if FUNCTION_PREFIX.encode() in parts[part].upper():
            root = parse_xml(parts[part])
            if found := list(_rebind_sheet(sheet, root)):
                changes += found
                done[part] = to_bytes(root)
    root = parse_xml(parts[WORKBOOK_PART])
    names = [name for name in root.iter(tag("definedName")) if name.text]
    plain = {name: plain_formula(name.text) for name in names}
    for name in names:
        if plain[name] != name.text:
            changes.append(Rebound("(names)", name.get("name") or "", name.text, plain[name]))
            name.text = plain[name]
            done[WORKBOOK_PART] = to_bytes(root)
    return (_without_unused_links(done) if changes else done), changes


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
        if FUNCTION_PREFIX not in after.upper():
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


def _without_unused_links(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Drop links to add-ins of ours that no formula uses any more, or Excel asks to update them.

    Formulas name links by number, so only those at the end of the list can go.
    """
    done = dict(parts)
    root = parse_xml(parts[WORKBOOK_PART])
    relations = parse_xml(parts[WORKBOOK_RELATIONS])
    types = parse_xml(parts[TYPES_PART])
    used = {
        int(number)
        for name, data in parts.items()
        if name.startswith("xl/") and name.endswith(".xml")
        for number in _LINK_NUMBER.findall(data)
    }
    links = list(root.iter(tag("externalReference")))
    for number in range(len(links), 0, -1):
        link = links[number - 1]
        identity = link.get(f"{{{RELATION}}}id")
        relation = next(item for item in relations if item.get("Id") == identity)
        part = part_of(relation.get("Target"))
        own_relations = relations_part(part)
        if number in used or not _OUR_ADDIN.search(parts.get(own_relations, b"")):
            break
        parent = link.getparent()
        parent.remove(link)
        if not len(parent):
            parent.getparent().remove(parent)
        relations.remove(relation)
        for item in [item for item in types if item.get("PartName") == f"/{part}"]:
            types.remove(item)
        done = {name: data for name, data in done.items() if name not in (part, own_relations)}
        done[WORKBOOK_PART], done[WORKBOOK_RELATIONS] = to_bytes(root), to_bytes(relations)
        done[TYPES_PART] = to_bytes(types)
    return done
