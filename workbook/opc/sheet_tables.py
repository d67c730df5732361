"""Tables of Excel on a sheet of a closed workbook, and the links of its cells to the web."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Final

from lxml import etree

from workbook.cells import corners_of, letters
from workbook.errors import WorkbookError
from workbook.opc.relations import put_relations, relations_of, relations_part
from workbook.opc.xml import PACKAGE_RELATION, RELATION, parse_xml, tag, to_bytes

_AFTER_LINKS: Final = (
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
"""What follows the links of a sheet, by the standard."""


def stretch_table(
    parts: MutableMapping[str, bytes], part: str, header: tuple[int, int], last: int
) -> None:
    """Let the table of Excel over a header end in another row; nothing happens where there is none.

    Parameters
    ----------
    parts : mapping of str to bytes
        The workbook.
    part : str
        The part of the sheet.
    header : tuple of int
        Row and column of the first heading.
    last : int
        The last row.

    Raises
    ------
    WorkbookError
        When the table has a row of totals, which would stand among the others.
    """
    for relation in relations_of(parts, part):
        if relation.kind != f"{RELATION}/table" or relation.target not in parts:
            continue
        root = parse_xml(parts[relation.target])
        first, (bottom, right) = corners_of(root.get("ref"))
        if first != header:
            continue
        if _rows_of_totals(root):
            raise WorkbookError(
                f"the table {root.get('displayName')} has a row of totals: take it off first; "
                "nothing was changed"
            )
        if bottom == last:
            continue
        ref = f"{letters(first[1])}{first[0]}:{letters(right)}{last}"
        for one in (root, *root.iter(tag("autoFilter"))):
            one.set("ref", ref)
        parts[relation.target] = to_bytes(root)


def last_row_of_table(parts: Mapping[str, bytes], part: str, header: tuple[int, int]) -> int | None:
    """Give the last row of the table of Excel over a header, None where there is none.

    A row of totals below is not one of its rows.
    """
    for relation in relations_of(parts, part):
        if relation.kind == f"{RELATION}/table" and relation.target in parts:
            root = parse_xml(parts[relation.target])
            first, (bottom, _) = corners_of(root.get("ref"))
            if first == header:
                return bottom - _rows_of_totals(root)
    return None


def _rows_of_totals(table: Any) -> int:
    return int(table.get("totalsRowCount") or 0)


def add_links(
    parts: MutableMapping[str, bytes], part: str, root: Any, targets: Mapping[str, str]
) -> None:
    """Let cells of a sheet lead to addresses on the web."""
    if not targets:
        return
    links = root.find(tag("hyperlinks"))
    if links is None:
        links = etree.Element(tag("hyperlinks"))
        after = (one for one in root if etree.QName(one).localname in _AFTER_LINKS)
        follower = next(after, None)
        if follower is None:
            root.append(links)
        else:
            follower.addprevious(links)
    name = relations_part(part)
    ways = parse_xml(parts.get(name, f'<Relationships xmlns="{PACKAGE_RELATION}"/>'.encode()))
    taken = {way.get("Id") for way in ways}
    number = len(taken)
    for address, target in targets.items():
        number += 1
        while f"rId{number}" in taken:
            number += 1
        place = {"Id": f"rId{number}", "Type": f"{RELATION}/hyperlink", "Target": target}
        etree.SubElement(
            ways, f"{{{PACKAGE_RELATION}}}Relationship", {**place, "TargetMode": "External"}
        )
        link = etree.SubElement(links, tag("hyperlink"), ref=address)
        link.set(f"{{{RELATION}}}id", f"rId{number}")
    put_relations(parts, part, ways)


def remove_links(
    parts: MutableMapping[str, bytes], part: str, root: Any, addresses: Collection[str]
) -> None:
    """Let cells of a sheet lead nowhere."""
    links = root.find(tag("hyperlinks"))
    found = [] if links is None else [one for one in links if one.get("ref") in addresses]
    if not found:
        return
    gone = {link.get(f"{{{RELATION}}}id") for link in found}
    for link in found:
        links.remove(link)
    if not len(links):
        root.remove(links)
    ways = parse_xml(parts[relations_part(part)])
    for way in [one for one in ways if one.get("Id") in gone]:
        ways.remove(way)
    put_relations(parts, part, ways)
