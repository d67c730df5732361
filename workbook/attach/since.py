"""What commands of ours change in a workbook after attaching: detach undoes that as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from workbook.attach.detach import can_restore
from workbook.attach.mark import Mark, find_mark, marked_sheets, to_xml
from workbook.opc.package import Package, sheet_parts
from workbook.opc.raw_zip import digest
from workbook.opc.sheet_editor import add_sheet
from workbook.opc.stored import parse_sheet
from workbook.opc.xml import parse_xml, tag, to_bytes

_STYLED: Final = tuple(tag(name) for name in ("c", "row", "col"))


def follow(draft: Package) -> None:
    """Let the mark know the lists as they are about to be written, and the parts that are new.

    Without it a refresh, which adds a sheet Log, would look like another program that saved the
    file. What is changed on sheets of the analyst is no list: it stays when ours are taken off.
    """
    found = find_mark(draft, draft.main)
    if found is None or found[0] is None or not can_restore(draft, found[1]):
        return
    part, mark = found[0], found[1]
    written = {
        name: digest(draft.changed[name]) if name in draft.changed else text
        for name, text in mark.written.items()
    }
    new = tuple(name for name in draft.changed if name not in draft.archive.entries)
    if new or written != mark.written:
        draft[part] = to_xml(replace(mark, written=written, added=(*mark.added, *new)))


def sheets_since(draft: Package, mark: Mark) -> dict[str, bytes]:
    """Give the sheets that commands of ours have added since, such as the Log, by name."""
    attached = {
        name for titles in marked_sheets(parse_xml(draft[draft.main])).values() for name in titles
    }
    return {
        name: draft[part]
        for name, part in sheet_parts(draft).items()
        if part in mark.added and name not in attached
    }


def put_back(draft: Package, sheets: Mapping[str, bytes]) -> None:
    """Add such sheets behind the others again, without formats: the table of formats is another."""
    for name, data in sheets.items():
        root = parse_sheet(data)
        for element in root.iter(*_STYLED):
            for attribute in ("s", "style", "customFormat"):
                element.attrib.pop(attribute, None)
        add_sheet(draft, name, to_bytes(root))
