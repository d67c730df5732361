"""Check any workbook, ours or not: what is wrong in it, and what deserves a look.

Nothing is recalculated and nothing is changed. Large files are read piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbook.audit.elsewhere import check_links, check_sources, check_stated
from workbook.audit.findings import (
    BROKEN_NAME,
    DATE_SYSTEM,
    EXTERNAL_LINK,
    FULL_RECALCULATION,
    MANUAL,
    VOLATILE,
    Found,
    Report,
)
from workbook.audit.sheet import check_sheet, kept_strings
from workbook.formulas.stated import ROW, RULES, Statements
from workbook.formulas.traits import traits
from workbook.opc.comments import notes_of
from workbook.opc.package import Package, open_package, sheet_parts
from workbook.opc.stored import strings_part
from workbook.opc.xml import elements_of, parse_xml, tag


def check(path: Path, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Check a workbook (.xlsx, .xlsm, .xlam).

    Parameters
    ----------
    path : pathlib.Path
        The file.
    tell : callable, optional
        Hears the name of each sheet before it is read.

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
        return check_package(package, tell)


def check_package(package: Package, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Check the parts of a workbook; `tell` hears the name of each sheet before it is read."""
    report = Report()
    strings = {}
    texts = strings_part(package)
    if texts is not None:
        with package.stream(texts) as stream:
            strings = kept_strings(stream)
    statements = Statements(package)
    sheets = sheet_parts(package)
    known = {name.casefold() for name in sheets}
    for name, part in sheets.items():
        tell(name)
        report.sheets += 1
        with package.stream(part) as stream:
            elements = elements_of(stream, ROW, *RULES)
            notes = notes_of(package, part)
            for element in check_sheet(name, elements, strings, report, notes):
                for one in statements.of_rule(part, element):
                    check_stated(one, known, report)
    for one in statements.beside_sheets():
        check_stated(one, known, report)
    workbook = parse_xml(package[package.main])
    _check_names(workbook, report)
    _check_settings(workbook, report)
    check_links(package, report)
    check_sources(package, report)
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
