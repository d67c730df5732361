"""Carry sheets of one workbook into another with all that belongs to them, under free names."""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import Any, Final

from workbook.attach.metadata import dynamic_array_number
from workbook.attach.styles import PLAIN_STYLES, StyleMerge
from workbook.errors import WorkbookError
from workbook.opc.names import free_name
from workbook.opc.package import sheet_parts
from workbook.opc.relations import (
    add_relation,
    content_types,
    put_relations,
    related,
    relations_of,
    relations_part,
    set_content_type,
    set_content_types,
)
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

_STYLES_RELATION: Final = f"{RELATION}/styles"
_STYLES_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_TABLE_TYPE: Final = "spreadsheetml.table+xml"
_SHARED: Final = re.compile(rb'<c\b[^>]*\bt="s"')


class Transplant:
    """Carries sheets of `ours` into `theirs`, whose main part is `main`; `theirs` is changed."""

    def __init__(
        self, ours: Mapping[str, bytes], theirs: MutableMapping[str, bytes], main: str
    ) -> None:
        self.ours, self.theirs, self.main = ours, theirs, main
        self.sheets = sheet_parts(ours)
        self._strings: list[Any] | None = None
        self._array = dynamic_array_number(theirs, main, ours)
        self._kinds = content_types(ours)
        self._names: dict[str, str] = {}
        part = related(theirs, main, _STYLES_RELATION)
        before = PLAIN_STYLES if part is None else theirs[part]
        self.styles = StyleMerge(before, ours[_only(ours, _STYLES_RELATION)])
        if part is None:
            part = free_name(theirs, "xl/styles.xml")
            set_content_type(theirs, part, _STYLES_TYPE)
            add_relation(theirs, main, _STYLES_RELATION, part)
        theirs[part] = to_bytes(self.styles.root)

    def carry(self, names: Collection[str]) -> dict[str, str]:
        """Carry sheets over and give their parts; `main` does not list them yet."""
        carried = {name: self._carry_part(self.sheets[name]) for name in names}
        kinds = {target: self._kinds[part] for part, target in self._names.items()}
        set_content_types(self.theirs, kinds)
        return carried

    def _carry_part(self, part: str) -> str:
        if part in self._names:
            return self._names[part]
        target = self._names[part] = free_name(self.theirs, part)
        data = self.ours[part]
        if part in self.sheets.values():
            data = self._adapted_sheet(data)
        elif part.startswith("xl/tables/"):
            data = self._adapted_table(data)
        self.theirs[target] = data
        if relations_part(part) in self.ours:
            ways = parse_xml(self.ours[relations_part(part)])
            led = {relation.identifier: relation for relation in relations_of(self.ours, part)}
            for way in ways:
                relation = led[way.get("Id")]
                if not relation.outside:
                    way.set("Target", f"/{self._carry_part(relation.target)}")
            put_relations(self.theirs, target, ways)
        return target

    def _adapted_sheet(self, data: bytes) -> bytes:
        """Give a sheet with its formats renumbered; its cells are not parsed, they are many."""
        if _SHARED.search(data):
            root = parse_xml(data)
            for cell in root.iter(tag("c")):
                if cell.get("t") == "s":
                    self._put_text(cell)
            data = to_bytes(root)
        start, end = data.find(b"<sheetData"), data.rfind(b"</sheetData>")
        if start < 0 or end < 0 or data.find(b"sheetData", 0, start) >= 0:
            raise WorkbookError("a sheet of the model is written in a form we do not know")
        around = parse_xml(data[:start] + b"<sheetData/>" + data[end + len(b"</sheetData>") :])
        for view in around.iter(tag("sheetView")):
            # Two selected tabs would be a group: what is typed in one goes into the other.
            view.attrib.pop("tabSelected", None)
        for properties in around.iterfind(tag("sheetPr")):
            properties.attrib.pop("codeName", None)
        self.styles.renumber(around)
        rows = self.styles.renumber_rows(data[start:end], self._array)
        return to_bytes(around).replace(b"<sheetData/>", rows + b"</sheetData>", 1)

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
        numbers = {int(table.get("id")) for _, table in tables(self.theirs)}
        root.set("id", str(max(numbers, default=0) + 1))
        self.styles.renumber(root)
        return to_bytes(root)


def tables(parts: Mapping[str, bytes]) -> Iterator[tuple[str, Any]]:
    """Give the tables of a workbook with their parts."""
    kinds = content_types(parts)
    for part in parts:
        ours = part.startswith("xl/tables/") and part.endswith(".xml")  # its type may follow
        if ours or kinds.get(part, "").lower().endswith(_TABLE_TYPE):
            yield part, parse_xml(parts[part])


def name_of(table: Any) -> str:
    """Give the name of a table as formulas say it."""
    return table.get("displayName") or table.get("name") or ""


def _only(parts: Mapping[str, bytes], kind: str) -> str:
    found = related(parts, "xl/workbook.xml", kind)
    if found is None:
        raise WorkbookError(f"the model has no part of kind {posixpath.basename(kind)}")
    return found
