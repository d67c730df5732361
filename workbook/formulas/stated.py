"""Every formula and reference of a workbook, with its place: in cells, rules, charts, controls.

Parts are found by what they hold, whatever their names; those of sheets are read piece by piece.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from lxml import etree

from workbook.cells import corners_of, letters
from workbook.errors import WorkbookError
from workbook.formulas.holders import STATING, Surroundings, holder_of, local_name, stated_by
from workbook.opc.package import Package, sheet_titles
from workbook.opc.relations import content_types, reached_from, relations_of
from workbook.opc.stored import give_addresses
from workbook.opc.xml import MAIN, RELATION, elements_of, parse_xml, tag

ROW: Final = tag("row")
RULES: Final = tuple(
    f"{{*}}{name}"
    for name in (
        *("conditionalFormatting", "dataValidation", "sparkline", "sparklineGroup", "hyperlink"),
        *("scenario", "dataRef", "control", "oleObject", "cellWatch", "webPublishItem"),
        "webExtension",
    )
)
"""Elements of a sheet, beside its rows, that hold what they state as a whole."""

_FORMULAS: Final = etree.XPath("m:c/m:f", namespaces={"m": MAIN})
_WITHOUT: Final = frozenset(
    {"sst", "styleSheet", "theme", "comments", "ThreadedComments", "personList", "calcChain"}
    | {"pivotCacheRecords", "revisions", "headers", "users", "metadata", "Types", "Relationships"}
)
"""Roots of parts that state nothing, or only what once was."""

_NOWHERE: Final = Surroundings()
_LEADING_TO_NAMES: Final = ("control", "graphicFrame")


@dataclass(frozen=True, slots=True)
class Stated:
    """A formula or a reference, and where it stands."""

    sheet: str
    """Title of the sheet, empty for what belongs to the workbook as a whole."""
    cells: str
    holder: str
    """What holds it, such as "chart Chart 1"; empty for a cell."""
    text: str
    filled: str = ""
    """Cells that it holds for, with its references moving along from the first one."""

    @property
    def place(self) -> str:
        """Where it stands, for a reader."""
        if self.sheet and self.cells:
            where = f"{self.sheet}!{self.cells}"
            return f"{where} ({self.holder})" if self.holder else where
        return f"{self.holder} on {self.sheet}" if self.sheet else self.holder


class Statements:
    """Reads what the parts of a workbook state."""

    def __init__(self, parts: Package) -> None:
        self._parts = parts
        self._titles = sheet_titles(parts)
        self._leads: dict[str, tuple[str, str, str]] = {}
        """Parts that a sheet leads to: its title, the part before, the identifier of the way."""
        self._known = "", _NOWHERE
        for sheet, title in self._titles.items():
            self._follow(sheet, title)

    def _follow(self, start: str, title: str) -> None:
        ahead = [start]
        while ahead:
            part = ahead.pop()
            for way in relations_of(self._parts, part):
                known = way.outside or way.target in self._leads or way.target in self._titles
                if not known and way.target in self._parts:
                    self._leads[way.target] = title, part, way.identifier
                    ahead.append(way.target)

    def _in_use(self) -> list[str]:
        """Give the parts that the workbook leads to, in file order; no program reads the others."""
        main = self._parts.main
        seen = {main, *reached_from(self._parts, main)}
        return [part for part in self._parts if part in seen]

    def every(self, without: Collection[str] = ()) -> Iterator[Stated]:
        """Give what the workbook states, names left out, but for some of its parts."""
        for part in self._titles:
            if part not in without:
                yield from self._of_sheet(part)
        yield from self.beside_sheets(without)

    def _of_sheet(self, part: str) -> Iterator[Stated]:
        title, number = self._titles[part], 0
        with self._parts.stream(part) as stream:
            for element in elements_of(stream, ROW, *RULES):
                if element.tag != ROW:
                    yield from self.of_rule(part, element)
                    continue
                number = int(element.get("r") or number + 1)
                yield from _of_row(element, title, number)

    def of_rule(self, part: str, element: Any) -> Iterator[Stated]:
        """Give what one of the elements of `RULES` in a sheet states."""
        yield from self._of_element(element, part, self._titles[part], "")

    def beside_sheets(self, without: Collection[str] = ()) -> Iterator[Stated]:
        """Give what parts that are no sheets state: charts, tables, controls, pivot sources."""
        for part in self._in_use():
            if part in without or part in self._titles:
                continue
            kind = self._kinds.get(part, "").lower()
            drawn = part.lower().endswith(".vml") or "vmldrawing" in kind
            if drawn or part.lower().endswith(".xml") or kind.endswith("xml"):
                root = self._root(part, drawn=drawn)
                if root is not None:
                    title = self._leads[part][0] if part in self._leads else ""
                    holder = self._holder(part, root)
                    yield from self._of_element(root, part, title, holder)

    def _root(self, part: str, *, drawn: bool) -> Any:
        """Parse a part that may state something; old drawings are not always true XML."""
        if drawn:
            return etree.fromstring(self._parts[part], etree.XMLParser(recover=True))
        try:
            with self._parts.stream(part) as stream:
                _, first = next(iter(etree.iterparse(stream, events=("start",))))
            return None if local_name(first) in _WITHOUT else parse_xml(self._parts[part])
        except (etree.XMLSyntaxError, WorkbookError) as error:
            raise WorkbookError(f"{part} is damaged: {error}") from None

    def _of_element(self, root: Any, part: str, title: str, whole: str) -> Iterator[Stated]:
        around = self._around(part)
        seen: set[tuple[str, str, str]] = set()
        for element in root.iter(*STATING):
            for text in stated_by(element, around):
                holder, cells = holder_of(element)
                if holder.startswith("column") and whole:
                    holder = f"{holder} of {whole}"
                if (holder, cells, text) not in seen:
                    seen.add((holder, cells, text))
                    filled = _filled(cells) if cells and local_name(element) != "hyperlink" else ""
                    yield Stated(title, cells, holder or whole, text, filled)

    def _around(self, part: str) -> Surroundings:
        if part != self._known[0]:
            ways = {way.identifier: way for way in relations_of(self._parts, part)}
            file = self._parts.path.name
            self._known = part, Surroundings(file, self._numbered, self._tables, ways)
        return self._known[1]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return content_types(self._parts)

    @cached_property
    def _numbered(self) -> dict[str, str]:
        root = parse_xml(self._parts[self._parts.main])
        return {sheet.get("sheetId"): sheet.get("name") for sheet in root.iter(tag("sheet"))}

    @cached_property
    def _tables(self) -> dict[str, str]:
        return {
            table.get("id"): table.get("displayName") or table.get("name") or ""
            for table in self.tables(self._leads)
        }

    def tables(self, among: Collection[str]) -> Iterator[Any]:
        """Give the tables among some parts."""
        for part in among:
            if self._kinds.get(part, "").endswith("spreadsheetml.table+xml"):
                yield parse_xml(self._parts[part])

    def _holder(self, part: str, root: Any) -> str:
        """Say what a part is, for what stands in it without a holder of its own."""
        kind = local_name(root)
        if kind == "chartSpace":
            return f"chart {self._name_before(part)}"
        if kind == "formControlPr":
            return f"form control {self._name_before(part)}"
        if kind == "table":
            return f"table {root.get('displayName') or root.get('name') or ''}"
        if kind == "pivotCacheDefinition" and part in self._leads:
            before = parse_xml(self._parts[self._leads[part][1]])
            return f"pivot table {before.get('name') or ''}"
        return posixpath.basename(part)

    def _name_before(self, part: str) -> str:
        """Give the name under which the part before leads to a chart or a control."""
        if part in self._leads:
            _, before, identity = self._leads[part]
            with self._parts.stream(before) as stream:
                for element in elements_of(stream, *(f"{{*}}{one}" for one in _LEADING_TO_NAMES)):
                    if any(one.get(f"{{{RELATION}}}id") == identity for one in element.iter()):
                        names = (one.get("name") for one in element.iter("{*}cNvPr"))
                        return element.get("name") or next(names, None) or posixpath.basename(part)
        return posixpath.basename(part)


def _of_row(row: Any, title: str, number: int) -> Iterator[Stated]:
    formulas: Any = _FORMULAS(row)
    if formulas and any(cell.get("r") is None for cell in row):
        give_addresses(row, number)
    for formula in formulas:
        address = formula.getparent().get("r")
        filled = formula.get("ref", "") if formula.get("t") == "shared" else ""
        for text in stated_by(formula, _NOWHERE):
            yield Stated(title, address, "", text, filled)


def _filled(cells: str) -> str:
    """Give the area around the cells of a rule: its formula is that of the first of them."""
    corners = [corners_of(one) for one in cells.replace(",", " ").split()]
    top, left = min(a[0] for a, _ in corners), min(a[1] for a, _ in corners)
    bottom, right = max(b[0] for _, b in corners), max(b[1] for _, b in corners)
    return f"{letters(left)}{top}:{letters(right)}{bottom}"
