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
from workbook.opc.package import (
    PACKAGE_RELATION,
    Archive,
    open_archive,
    parse_xml,
    sheet_parts,
    tag,
)

ADD_INS: Final = (".xlam", ".xla", ".xll")
_CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"


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
    with open_archive(path) as archive:
        return check_archive(archive)


def check_archive(archive: Archive) -> Report:
    """Check the parts of a workbook."""
    report = Report()
    strings = {}
    if "xl/sharedStrings.xml" in archive:
        with archive.stream("xl/sharedStrings.xml") as stream:
            strings = kept_strings(stream)
    for name, part in sheet_parts(archive).items():
        report.sheets += 1
        with archive.stream(part) as stream:
            check_sheet(name, stream, strings, report)
    workbook = parse_xml(archive["xl/workbook.xml"])
    _check_names(workbook, report)
    _check_settings(workbook, report)
    _check_links(archive, report)
    _check_charts(archive, report)
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


def _check_links(archive: Archive, report: Report) -> None:
    """Name the other files that this one reads; the add-in itself is only a matter of its path."""
    for part in archive:
        folder, name = posixpath.split(part)
        if folder != "xl/externalLinks" or not name.endswith(".xml"):
            continue
        target = _target(archive, f"{folder}/_rels/{name}.rels") or part
        kind = ADD_IN_PATH if target.lower().endswith(ADD_INS) else EXTERNAL_LINK
        report.add(Found(kind, "", "", f"linked file {target}"))


def _target(archive: Archive, relations: str) -> str | None:
    if relations not in archive:
        return None
    found = parse_xml(archive[relations]).iter(f"{{{PACKAGE_RELATION}}}Relationship")
    return next((relation.get("Target") for relation in found), None)


def _check_charts(archive: Archive, report: Report) -> None:
    for part in archive:
        if not (part.startswith("xl/charts/") and part.endswith(".xml")):
            continue
        for formula in parse_xml(archive[part]).iter(f"{{{_CHART}}}f"):
            found = traits(formula.text or "")
            if found.broken:
                report.add(Found(BROKEN_REFERENCE, "", posixpath.basename(part), formula.text))
            for outside in found.external:
                report.add(Found(EXTERNAL_LINK, "", posixpath.basename(part), outside))
