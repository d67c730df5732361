"""Check any workbook, ours or not: what is wrong in it, and what deserves a look.

Nothing is recalculated and nothing is changed. Large files are read piece by piece.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any, Final

from workbook.audit.findings import (
    ADD_IN_PATH,
    BROKEN_NAME,
    BROKEN_REFERENCE,
    DATE_SYSTEM,
    EXTERNAL_LINK,
    FULL_RECALCULATION,
    MANUAL,
    VOLATILE,
    Found,
    Report,
)
from workbook.audit.sheet import check_sheet, kept_strings
from workbook.formulas.traits import traits
from workbook.opc.package import Package, open_package, sheet_parts
from workbook.opc.relations import content_types, relations_of
from workbook.opc.stored import strings_part
from workbook.opc.xml import parse_xml, tag

ADD_INS: Final = (".xlam", ".xla", ".xll")
_CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


def check(path: Path) -> Report:
    """Check a workbook (.xlsx, .xlsm, .xlam).

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    Report
        Findings in the order of the sheets.

    Raises
    ------
    WorkbookError
        When the file cannot be read; the message says why.
    """
    with open_package(path) as package:
        return check_package(package)


def check_package(package: Package) -> Report:
    """Check the parts of a workbook."""
    report = Report()
    strings = {}
    texts = strings_part(package)
    if texts is not None:
        with package.stream(texts) as stream:
            strings = kept_strings(stream)
    for name, part in sheet_parts(package).items():
        report.sheets += 1
        with package.stream(part) as stream:
            check_sheet(name, stream, strings, report)
    workbook = parse_xml(package[package.main])
    _check_names(workbook, report)
    _check_settings(workbook, report)
    _check_links(package, report)
    _check_charts(package, report)
    return report


def _check_names(workbook: Any, report: Report) -> None:
    for element in workbook.iter(tag("definedName")):
        name, text = element.get("name"), element.text or ""
        found = traits(text)
        if found.broken:
            report.add(Found(BROKEN_NAME, "", name, f"={text}"))
        for outside in found.external:
            report.add(Found(EXTERNAL_LINK, "", name, f"the name refers to {outside}"))
        for function in found.volatile:
            report.add(Found(VOLATILE, "", name, f"the name uses {function}"))


def _check_settings(workbook: Any, report: Report) -> None:
    for settings in workbook.iter(tag("calcPr")):
        if settings.get("fullCalcOnLoad") in ("1", "true"):
            what = "the file asks Excel to compute all of it anew (fullCalcOnLoad)"
            report.add(Found(FULL_RECALCULATION, "", "", what))
        if settings.get("calcMode") == "manual":
            report.add(Found(MANUAL, "", "", "the file sets calculation to manual (calcMode)"))
    for settings in workbook.iter(tag("workbookPr")):
        if settings.get("date1904") in ("1", "true"):
            report.add(Found(DATE_SYSTEM, "", "", "day 0 is 1904-01-01 in this file"))


def _check_links(package: Package, report: Report) -> None:
    """Name the other files that this one reads; the add-in itself is only a matter of its path."""
    for relation in relations_of(package, package.main):
        if relation.kind.endswith("/externalLink") and relation.target in package:
            outside = (way.target for way in relations_of(package, relation.target) if way.outside)
            target = next(outside, relation.target)
            kind = ADD_IN_PATH if target.lower().endswith(ADD_INS) else EXTERNAL_LINK
            report.add(Found(kind, "", "", f"linked file {target}"))


def _check_charts(package: Package, report: Report) -> None:
    for part, kind in content_types(package).items():
        if kind.lower() != _CHART_TYPE:
            continue
        for formula in parse_xml(package[part]).iter(f"{{{_CHART}}}f"):
            found = traits(formula.text or "")
            if found.broken:
                report.add(Found(BROKEN_REFERENCE, "", posixpath.basename(part), formula.text))
            for outside in found.external:
                report.add(Found(EXTERNAL_LINK, "", posixpath.basename(part), outside))
