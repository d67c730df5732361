"""The list of sheets and names of a workbook: add to it and take from it, the rest as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from workbook.opc.xml import RELATION, tag

_IDENTITY: Final = f"{{{RELATION}}}id"
_AFTER_NAMES: Final = {
    tag(name)
    for name in (
        *("calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes"),
        *("webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst"),
    )
}
"""What stands behind the names in a workbook: the order is part of the format."""


def tabs(workbook: Any) -> list[Any]:
    """Give the sheets in tab order."""
    return list(workbook.find(tag("sheets")).iterfind(tag("sheet")))


def names(workbook: Any) -> Iterator[Any]:
    """Give the defined names."""
    yield from list(workbook.iterfind(f"{tag('definedNames')}/{tag('definedName')}"))


def add_tab(workbook: Any, name: str, identity: str, state: str = "visible") -> None:
    """List a sheet last, visible or hidden."""
    sheets = workbook.find(tag("sheets"))
    numbers = [int(sheet.get("sheetId")) for sheet in tabs(workbook)]
    added = etree.SubElement(sheets, tag("sheet"), nsmap={"r": RELATION})
    added.set("name", name)
    added.set("sheetId", str(max(numbers, default=0) + 1))
    if state != "visible":
        added.set("state", state)
    added.set(_IDENTITY, identity)


def set_full_calculation(workbook: Any) -> None:
    """Have Excel compute every formula once, when it opens the file."""
    _part_of(workbook, "calcPr").set("fullCalcOnLoad", "1")


def _part_of(workbook: Any, name: str) -> Any:
    """Give the names or the calculation settings of a workbook, made in their place if missing."""
    found = workbook.find(tag(name))
    if found is None:
        found = etree.Element(tag(name))
        later = [child for child in workbook if child.tag in _AFTER_NAMES]
        if later:
            later[0].addprevious(found)
        else:
            workbook.append(found)
    return found


def add_name(
    workbook: Any, name: str, text: str, tab: int | None = None, *, hidden: bool = False
) -> None:
    """Define a name, for the whole workbook or within one sheet."""
    section = _part_of(workbook, "definedNames")
    added = etree.SubElement(section, tag("definedName"), name=name)
    if tab is not None:
        added.set("localSheetId", str(tab))
    if hidden:
        added.set("hidden", "1")
    added.text = text


def take_names(workbook: Any, gone: set[str], within: set[int]) -> None:
    """Take names of the whole workbook away, and every name within the tabs given by number."""
    for name in names(workbook):
        scope = name.get("localSheetId")
        if (scope is None and name.get("name") in gone) or (
            scope is not None and int(scope) in within
        ):
            section = name.getparent()
            section.remove(name)
            if not len(section):
                section.getparent().remove(section)


def take_tabs(workbook: Any, gone: set[int]) -> None:
    """Take sheets off the list; names and the active tab follow to their new numbers."""
    before = tabs(workbook)
    left = [number for number in range(len(before)) if number not in gone]
    moved = {old: new for new, old in enumerate(left)}
    take_names(workbook, set(), gone)
    for name in names(workbook):
        if (scope := name.get("localSheetId")) is not None and int(scope) in moved:
            name.set("localSheetId", str(moved[int(scope)]))
    for number in gone:
        before[number].getparent().remove(before[number])
    for view in workbook.iter(tag("workbookView")):
        for attribute in ("activeTab", "firstSheet"):
            if (shown := view.get(attribute)) is not None:
                view.set(attribute, str(moved.get(int(shown), 0)))
