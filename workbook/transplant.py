"""Carry sheets of one workbook into another with all that belongs to them, under free names."""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final

from workbook.merge_metadata import dynamic_array_number
from workbook.merge_styles import PLAIN_STYLES, StyleMerge
from workbook.package import RELATION, WorkbookError, parse_xml, sheet_parts, tag
from workbook.relations import (
    add_relation,
    content_type,
    related,
    relations_of,
    relations_part,
    set_content_type,
    to_bytes,
)

_STYLES_RELATION: Final = f"{RELATION}/styles"
_STYLES_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_NUMBERED: Final = re.compile(r"^(.*?)\d*(\.\w+)$")


class Transplant:
    """Carries sheets of `ours` into `theirs`, whose main part is `main`; `theirs` is changed."""

    def __init__(
        self, ours: Mapping[str, bytes], theirs: MutableMapping[str, bytes], main: str
    ) -> None:
        self.ours, self.theirs, self.main = ours, theirs, main
        self.sheets = sheet_parts(ours)
        self._strings: list[Any] | None = None
        self._array = dynamic_array_number(theirs, main, ours)
        self._names: dict[str, str] = {}
        self._taken = {name.lower() for name in theirs}
        part = related(theirs, main, _STYLES_RELATION)
        before = PLAIN_STYLES if part is None else theirs[part]
        self.styles = StyleMerge(before, ours[_only(ours, _STYLES_RELATION)])
        if part is None:
            part = self._free("xl/styles.xml")
            set_content_type(theirs, part, _STYLES_TYPE)
            add_relation(theirs, main, _STYLES_RELATION, part)
        theirs[part] = to_bytes(self.styles.root)

    def carry(self, name: str) -> str:
        """Carry a sheet over and give its part; `main` does not list it yet."""
        return self._carry_part(self.sheets[name])

    def _carry_part(self, part: str) -> str:
        if part in self._names:
            return self._names[part]
        target = self._names[part] = self._free(part)
        data = self.ours[part]
        if part in self.sheets.values():
            data = self._adapted_sheet(data)
        elif part.startswith("xl/tables/"):
            data = self._adapted_table(data)
        self.theirs[target] = data
        kind = content_type(self.ours, part)
        if kind is None:
            raise WorkbookError(f"{part} of the model has no content type")
        set_content_type(self.theirs, target, kind)
        if relations_part(part) in self.ours:
            ways = parse_xml(self.ours[relations_part(part)])
            led = {relation.identifier: relation for relation in relations_of(self.ours, part)}
            for way in ways:
                relation = led[way.get("Id")]
                if not relation.outside:
                    way.set("Target", f"/{self._carry_part(relation.target)}")
            self.theirs[relations_part(target)] = to_bytes(ways)
        return target

    def _free(self, part: str) -> str:
        """Give a free name like that of a part."""
        folder, name = posixpath.split(part)
        found = _NUMBERED.match(name)
        stem, ending = (found[1], found[2]) if found else (name, "")
        number = 1
        while (made := posixpath.join(folder, f"{stem}{number}{ending}")).lower() in self._taken:
            number += 1
        self._taken.add(made.lower())
        return made

    def _adapted_sheet(self, data: bytes) -> bytes:
        root = parse_xml(data)
        self.styles.renumber(root)
        for view in root.iter(tag("sheetView")):
            # Two selected tabs would be a group: what is typed in one goes into the other.
            view.attrib.pop("tabSelected", None)
        for properties in root.iterfind(tag("sheetPr")):
            properties.attrib.pop("codeName", None)
        for cell in root.iter(tag("c")):
            if cell.get("t") == "s":
                self._put_text(cell)
            if "cm" in cell.attrib:
                cell.set("cm", self._array)
        return to_bytes(root)

    def _put_text(self, cell: Any) -> None:
        """Put a shared string into its cell: the shared ones of theirs stay as they are."""
        if self._strings is None:
            root = parse_xml(self.ours[_only(self.ours, f"{RELATION}/sharedStrings")])
            self._strings = list(root.iter(tag("si")))
        stored = cell.find(tag("v"))
        text = copy.deepcopy(self._strings[int(stored.text)])
        text.tag, text.tail = tag("is"), None
        cell.replace(stored, text)
        cell.set("t", "inlineStr")

    def _adapted_table(self, data: bytes) -> bytes:
        root = parse_xml(data)
        numbers = {int(table.get("id")) for table in tables(self.theirs)}
        root.set("id", str(max(numbers, default=0) + 1))
        self.styles.renumber(root)
        return to_bytes(root)


def tables(parts: Mapping[str, bytes]) -> Iterator[Any]:
    """Give the tables of a workbook."""
    for part in parts:
        if part.lower().startswith("xl/tables/") and part.lower().endswith(".xml"):
            yield parse_xml(parts[part])


def _only(parts: Mapping[str, bytes], kind: str) -> str:
    found = related(parts, "xl/workbook.xml", kind)
    if found is None:
        raise WorkbookError(f"the model has no part of kind {posixpath.basename(kind)}")
    return found
