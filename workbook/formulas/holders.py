"""Which elements of a part state a formula or a reference, beside the cells of a sheet.

Elements go by their local name: the same one stands in the main namespace, in extensions of it and
in those of charts and drawings, under whatever prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from workbook.cells import letters
from workbook.opc.relations import Relation
from workbook.opc.xml import RELATION

FORMULA_TEXTS: Final = (
    *("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula", "nf"),
    *("FmlaLink", "FmlaRange", "FmlaPict", "FmlaMacro", "FmlaTxbx", "FmlaGroup"),
)
"""Elements whose text is a formula; Fmla ones are of controls and pictures in old drawings."""

_ATTRIBUTES: Final = {
    "f": ("r1", "r2"),
    "cfvo": ("val",),
    "formControlPr": ("fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup", "fmlaMacro"),
    "controlPr": ("linkedCell", "listFillRange", "macro"),
    "objectPr": ("macro",),
    "sp": ("textlink", "macro"),
    "pic": ("macro",),
    "cxnSp": ("macro",),
    "graphicFrame": ("macro",),
    "cameraTool": ("cellRange",),
    "parameter": ("cell",),
    "inputCells": ("r",),
    "cellWatch": ("r",),
    "webPublishItem": ("sourceRef", "sourceObject"),
    "webPublishObject": ("sourceObject",),
    "property": ("linkTarget",),
    "rangePr": ("sourceName",),
}
"""Elements by the attributes that hold a formula."""

_IDENTITY: Final = f"{{{RELATION}}}id"
_BY_NUMBER: Final = re.compile(r"\bR(\d+)C(\d+)\b")
_FILE_IN_FRONT: Final = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Surroundings:
    """What an element must know of its workbook to say what it points at."""

    file: str = ""
    """Name of the file: a link to it leads back into the workbook."""
    sheets: Mapping[str, str] = field(default_factory=dict)
    """Titles by the number that the workbook gives each sheet."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Names of tables by their number."""
    relations: Mapping[str, Relation] = field(default_factory=dict)
    """Relationships of the part by identifier."""

    def way(self, element: Any) -> Relation | None:
        """Give the relationship that an element takes, None where it takes none."""
        return self.relations.get(element.get(_IDENTITY))

    def is_this_file(self, address: str) -> bool:
        """Tell whether the address of a file, as relationships have it, is that of this one."""
        return unquote(address).lower() == self.file.lower()


def quoted(sheet: str) -> str:
    """Give the name of a sheet as a formula takes any.

    Examples
    --------
    >>> quoted("Ann's")
    "'Ann''s'"
    """
    return "'" + sheet.replace("'", "''") + "'"


def stated_by(element: Any, around: Surroundings) -> Iterator[str]:
    """Give the formulas and references that an element states itself.

    A source in another file comes as a formula that names the file.
    """
    name = local_name(element)
    if name in FORMULA_TEXTS and element.text:
        yield element.text
    for attribute in _ATTRIBUTES.get(name, ()):
        if text := element.get(attribute):
            yield text
    if name in _OTHERS and (text := _OTHERS[name](element, around)):
        yield text


def local_name(element: Any) -> str:
    """Give the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _source(element: Any, around: Surroundings) -> str:
    """Read the source of a pivot table or a consolidation: cells of a sheet, a name or a table."""
    sheet, cells = element.get("sheet"), element.get("ref") or element.get("name") or ""
    way = around.way(element)
    if way is not None and way.outside and not around.is_this_file(way.target):
        return quoted(f"[{way.target}]{sheet or ''}") + f"!{cells or '#REF!'}"
    return f"{quoted(sheet)}!{cells or '#REF!'}" if sheet else cells


def _link(element: Any, around: Surroundings) -> str:
    """Read a link that leads into the workbook itself; one to elsewhere gives nothing."""
    way = around.way(element)
    location: str = element.get("location") or ""
    if way is not None:
        file, mark, place = way.target.partition("#")
        if way.outside and file and not around.is_this_file(file):
            return ""
        location = location or (f"#{unquote(place)}" if mark else "")
    return _without_mark(location)


def _shape(element: Any, _: Surroundings) -> str:
    target = element.get("href") or ""
    return _without_mark(unquote(target)) if target.startswith("#") else ""


def _without_mark(location: str) -> str:
    """Take the mark of a place within a file off, but not that of a lost reference."""
    return location if location == "#REF!" else location.removeprefix("#")


def _pivot_of_chart(element: Any, _: Surroundings) -> str:
    """Read which pivot table a chart shows: the file, the sheet, the table."""
    names = [child.text or "" for child in element if local_name(child) == "name"]
    return _FILE_IN_FRONT.sub("", names[0]) if names else ""


def _linked_item(element: Any, around: Surroundings) -> str:
    """Read a cell that the workbook asks of itself through Windows, as other files are asked."""
    link = next(one for one in element.iterancestors() if local_name(one).endswith("Link"))
    way = around.way(link)
    topic = (way.target if way else link.get("ddeTopic") or "").replace("\\", "/")
    same = around.is_this_file(topic.rpartition("/")[2])
    text = (element.get("name") or "").lstrip("!") if same else ""
    return _BY_NUMBER.sub(lambda cell: f"${letters(int(cell[2]))}${cell[1]}", text)


def _command(element: Any, around: Surroundings) -> str:
    """Read what a connection takes of a workbook; other commands are those of databases."""
    kind, _, file = (element.get("connection") or "").partition(";")
    of_this = around.is_this_file(file.replace("\\", "/").rpartition("/")[2])
    return (element.get("command") or "") if kind == "WORKSHEET" and of_this else ""


def _sheet_numbered(attribute: str) -> Callable[[Any, Surroundings], str]:
    def read(element: Any, around: Surroundings) -> str:
        title = around.sheets.get(element.get(attribute))
        return f"{quoted(title)}!$1:$1048576" if title else ""

    return read


def _table(element: Any, around: Surroundings) -> str:
    return around.tables.get(element.get("tableId"), "")


def _with_sheet(element: Any, _: Surroundings) -> str:
    """Read cells that an extension of a chart keeps; those of the own sheet say no sheet."""
    return (element.text or "") if "!" in (element.text or "") else ""


_OTHERS: Final[Mapping[str, Callable[[Any, Surroundings], str]]] = {
    "worksheetSource": _source,
    "rangeSet": _source,
    "dataRef": _source,
    "hyperlink": _link,
    "hlinkClick": _link,
    "hlinkHover": _link,
    "shape": _shape,
    "pivotSource": _pivot_of_chart,
    "ddeItem": _linked_item,
    "oleItem": _linked_item,
    "dbPr": _command,
    "customWorkbookView": _sheet_numbered("activeSheetId"),
    "pivotTable": _sheet_numbered("tabId"),
    "tableSlicerCache": _table,
    "sqref": _with_sheet,
}

STATING: Final = tuple(
    f"{{*}}{name}" for name in dict.fromkeys((*FORMULA_TEXTS, *_ATTRIBUTES, *_OTHERS))
)
"""Elements that may state something, in any namespace."""

_NAMED: Final = {
    "scenario": "scenario",
    "control": "form control",
    "connection": "connection",
    "property": "document property",
    "customWorkbookView": "custom view",
    "slicerCacheDefinition": "slicer",
    "timelineCacheDefinition": "timeline",
    "queryTable": "query table",
    "tableColumn": "column",
}
_PLAIN: Final = {
    "conditionalFormatting": "conditional format",
    "dataValidation": "validation",
    "sparkline": "sparkline",
    "sparklineGroup": "dates of sparklines",
    "hyperlink": "hyperlink",
    "dataConsolidate": "consolidation",
    "cellWatch": "cell watch",
    "webPublishItem": "web page",
    "webPublishObject": "web page",
    "oleObject": "embedded object",
    "ddeLink": "link through DDE",
    "oleLink": "link through OLE",
    "webExtension": "web add-in",
}
_DRAWN: Final = {
    "sp": "text box",
    "pic": "picture",
    "cxnSp": "connector",
    "graphicFrame": "frame",
    "shape": "drawn control",
}
_AREA: Final = re.compile(r"\$?[A-Za-z]{1,3}\$?[0-9]+(?::\$?[A-Za-z]{1,3}\$?[0-9]+)?")


def holder_of(element: Any) -> tuple[str, str]:
    """Say what holds an element, such as "validation", and the cells it holds for, if any."""
    for one in (element, *element.iterancestors()):
        name = local_name(one)
        if name in _PLAIN:
            return _PLAIN[name], _cells_of(one)
        if name in _NAMED:
            return f"{_NAMED[name]} {one.get('name') or ''}".strip(), ""
        if name in _DRAWN:
            return f"{_DRAWN[name]} {_drawn_name(one)}".strip(), ""
    return "", ""


def _cells_of(element: Any) -> str:
    texts = [element.get("sqref") or element.get("ref") or element.get("r") or ""]
    texts += [child.text or "" for child in element if local_name(child) == "sqref"]
    return next((text.strip() for text in texts if _AREA.match(text.strip())), "")


def _drawn_name(element: Any) -> str:
    for one in element.iter("{*}cNvPr"):
        return str(one.get("name") or "")
    return str(element.get("id") or "")
