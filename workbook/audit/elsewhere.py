"""Check what stands beside the cells: rules, charts, tables, controls, links and sources."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import unquote

from workbook.audit.findings import (
    ADD_IN_PATH,
    BROKEN_REFERENCE,
    EXTERNAL_LINK,
    NOT_READ,
    OUTSIDE_SOURCE,
    VOLATILE,
    Found,
    Kind,
    Report,
)
from workbook.formulas.cell_references import mentions_of
from workbook.formulas.holders import local_name
from workbook.formulas.stated import Stated
from workbook.formulas.traits import traits
from workbook.opc.package import Package, sheet_titles
from workbook.opc.relations import content_types, relations_of
from workbook.opc.xml import parse_xml

ADD_INS: Final = (".xlam", ".xla", ".xll")
_NO_FIGURES: Final = ("http:", "https:", "mailto:", "ftp:", "tel:", "#")
"""What a hyperlink may lead to without another file being needed."""
_CONNECTIONS: Final = {
    "1": "ODBC",
    "2": "DAO",
    "3": "a file",
    "4": "a web page",
    "5": "OLE DB",
    "6": "a text file",
    "7": "ADO",
    "8": "DSP",
}
_WHERE: Final = re.compile(
    r"(?:^|;)\s*(?:data source|location|server|dsn|dbq|database)\s*=\s*([^;]+)", re.IGNORECASE
)
"""Where a database is; the rest of such a text may hold a password."""


def check_stated(one: Stated, sheets: Collection[str], report: Report) -> None:
    """Add the findings in a formula or reference beside the cells.

    A constant in a rule is a threshold or a limit, which is what rules are for.
    """
    found = traits(one.text)

    def add(kind: Kind, what: str) -> None:
        report.add(Found(kind, one.sheet, one.cells.split(" ")[0], f"{one.holder}: {what}"))

    if not found.readable and one.holder != "hyperlink":
        add(NOT_READ, one.text)
    lost = [
        area.sheet
        for area in mentions_of(one.text).areas
        if area.sheet and ":" not in area.sheet and area.sheet.casefold() not in sheets
    ]
    if found.broken:
        add(BROKEN_REFERENCE, one.text)
    elif lost:
        add(BROKEN_REFERENCE, f"{one.text}, and there is no sheet {lost[0]}")
    for outside in found.external:
        add(EXTERNAL_LINK, outside)
    for function in found.volatile:
        add(VOLATILE, function)


def check_links(package: Package, report: Report) -> None:
    """Name the other files that this one reads; the add-in itself is only a matter of its path."""
    for relation in relations_of(package, package.main):
        if relation.kind.endswith("/externalLink") and relation.target in package:
            ways = (way.target for way in relations_of(package, relation.target) if way.outside)
            target = next(ways, None) or _service(package, relation.target)
            kind = ADD_IN_PATH if target.lower().endswith(ADD_INS) else EXTERNAL_LINK
            report.add(Found(kind, "", "", f"linked file {target}"))


def _service(package: Package, part: str) -> str:
    """Name what a link without a file asks: a program, through Windows."""
    for link in parse_xml(package[part]).iter("{*}ddeLink"):
        return f"{link.get('ddeService')}|{link.get('ddeTopic')}"
    return part


def check_sources(package: Package, report: Report) -> None:
    """Note what feeds the workbook from outside: connections, queries, pictures, files."""
    titles = sheet_titles(package)
    for part, kind in content_types(package).items():
        if kind.endswith("+xml") and "connections" in kind:
            for connection in parse_xml(package[part]).iter("{*}connection"):
                if (source := _source_of(connection)) is not None:
                    name = f"connection {connection.get('name') or ''}: {source}"
                    report.add(Found(OUTSIDE_SOURCE, "", "", name))
        if kind.endswith("+xml") and "pivotCacheDefinition" in kind:
            for source in parse_xml(package[part]).iter("{*}cacheSource"):
                if source.get("type") == "external":
                    what = f"{posixpath.basename(part)}: figures of a pivot table"
                    report.add(Found(OUTSIDE_SOURCE, "", "", what))
    for part in list(package):
        for what in _outside(package, part):
            report.add(Found(OUTSIDE_SOURCE, titles.get(part, ""), "", what))


def _source_of(connection: Any) -> str | None:
    """Say what a connection reads; None for one that reads the workbook itself."""
    if local_name(connection.getparent()) != "connections" or connection.get("type") == "100":
        return None
    if any(True for _ in connection.iter("{*}rangePr")):
        return None
    for element in connection.iter("{*}webPr", "{*}textPr", "{*}dbPr"):
        where = _WHERE.search(element.get("connection") or "")
        found = element.get("url") or element.get("sourceFile") or (where and where[1])
        if found:
            return f"{found}"
    given = connection.get("sourceFile") or connection.get("odcFile")
    return given or _CONNECTIONS.get(connection.get("type"), "a source outside")


def _outside(package: Package, part: str) -> Iterator[str]:
    """Give what a part leads to outside the file, but for web pages and linked workbooks."""
    for way in relations_of(package, part):
        kind = way.kind.rpartition("/")[2]
        if not way.outside or "externallink" in kind.lower() or "xlpath" in kind.lower():
            continue
        if kind == "hyperlink":
            if not (way.target or "#").lower().startswith(_NO_FIGURES):
                yield f"hyperlink to {unquote(way.target)}"
        else:
            yield f"{kind} {unquote(way.target or '')}"
