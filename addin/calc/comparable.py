"""Which stored figures LibreOffice can judge, and why it cannot judge the others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workbook.cells import ErrorValue, place_of
from workbook.formulas.cell_references import mentions_of
from workbook.formulas.dependents import Dependents, Place
from workbook.formulas.ours import calls_ours
from workbook.formulas.traits import VOLATILE
from workbook.opc.package import Package
from workbook.opc.stored import StoredCell
from workbook.opc.xml import parse_xml, tag

Cells = Mapping[str, Mapping[str, StoredCell]]

UNKNOWN: Final = ErrorValue("#NAME?")
LACKING: Final = "functions that LibreOffice lacks"
CHANGING: Final = "volatile functions"
OUTSIDE: Final = "data from outside the workbook"
TABLES: Final = "data tables"
LOOPS: Final = "iterative calculation"
OTHER_ERROR: Final = "errors that LibreOffice names otherwise"
FOLLOWING: Final = "what depends on these"

_FROM_OUTSIDE: Final = frozenset(
    {"GETPIVOTDATA", "RTD", "WEBSERVICE", "FILTERXML", "STOCKHISTORY", "DDE", "CALL"}
    | {"SQL.REQUEST", "REGISTER.ID", "EUROCONVERT", "IMAGE", "FIELDVALUE"}
)
_CUBE: Final = "CUBE"
_OTHERWISE: Final = frozenset(("CELL", "INFO", "ANCHORARRAY", "SINGLE", "SHEET", "SHEETS"))
"""Functions that LibreOffice answers in another way than Excel."""

_LOGICAL: Final = re.compile(r"ISNUMBER\((?:TRUE|FALSE)\)", re.IGNORECASE)
"""What LibreOffice, to which a logical value is a number, answers in another way than Excel."""

_CHANGING: Final = VOLATILE - {"OFFSET", "INDIRECT"}
_SUSPECT: Final = re.compile(
    "|".join(map(re.escape, sorted({"[", "#", _CUBE} | _FROM_OUTSIDE | _OTHERWISE | _CHANGING))),
    re.IGNORECASE,
)
"""What a formula must hold somewhere to be read more closely."""


_MARKS: Final = ("(", "[", "#")
"""One of which stands in all that is looked for."""


def not_comparable(
    package: Package, stored: Cells, fresh: Cells, dependents: Callable[[], Dependents]
) -> dict[Place, str]:
    """Give the cells whose figures LibreOffice cannot know, with the reason of each.

    Parameters
    ----------
    package : Package
        The workbook.
    stored, fresh : mapping
        Cells as the file stores them and as LibreOffice computed them.
    dependents : callable
        Tells which of its cells depend on which; asked only where there is something to follow.
    """
    reasons: dict[Place, str] = {}
    unknown: dict[Place, str] = {}
    for sheet, found in stored.items():
        others = fresh.get(sheet, {})
        title = sheet.lower()
        for address, cell in found.items():
            if not cell.computed:
                continue
            # An array may fill it: what it hands on is unknown with the cell of the formula.
            formula = (cell if cell.source is None else found[cell.source]).formula or ""
            other = others.get(address)
            if other is not None and other.value == UNKNOWN and cell.value != UNKNOWN:
                unknown[Place(title, *place_of(address))] = formula
            reason = None if cell.formula is None else _reason(cell, formula)
            if reason is not None:
                reasons[Place(title, *place_of(address))] = reason
    if unknown:
        reasons |= dict.fromkeys(_lacking(unknown, dependents()), LACKING)
    if _allows_loops(package):
        for place in _in_loops(stored, dependents()):
            reasons.setdefault(place, LOOPS)
    if reasons:
        for place in dependents().of(reasons):
            reasons.setdefault(place, FOLLOWING)
    return reasons


def _lacking(unknown: Mapping[Place, str], dependents: Dependents) -> Iterator[Place]:
    """Give the cells in which an unknown name first appears; one of ours is a fault, and stays."""
    handed_on = {reader for place in unknown for reader in dependents.readers(place)}
    for place, formula in unknown.items():
        if place not in handed_on and not calls_ours(formula):
            yield place


def _reason(cell: StoredCell, formula: str) -> str | None:
    if cell.kind == "dataTable":
        return TABLES
    if not any(mark in formula for mark in _MARKS):
        return None  # at a glance: no function is called, nothing outside is named
    if _LOGICAL.search(formula):
        return LACKING
    if not _SUSPECT.search(formula):
        return None
    found = mentions_of(formula)
    if found.outside or found.functions & _FROM_OUTSIDE:
        return OUTSIDE
    if any(name.startswith(_CUBE) for name in found.functions):
        return OUTSIDE
    if found.functions & _OTHERWISE:
        return LACKING
    return CHANGING if found.functions & _CHANGING else None


def _allows_loops(package: Package) -> bool:
    settings = parse_xml(package[package.main]).find(tag("calcPr"))
    return settings is not None and settings.get("iterate") in ("1", "true")


def _in_loops(stored: Cells, dependents: Dependents) -> Iterator[Place]:
    """Give the cells that take part in a loop.

    A cell whose precedents can all be computed before it is in none: those are taken away, from
    the first on, and what is left are the loops and what follows from them.
    """
    places = [
        Place(sheet.lower(), *place_of(cell.address))
        for sheet, found in stored.items()
        for cell in found.values()
        if cell.formula is not None
    ]
    waiting: dict[Place, int] = defaultdict(int)
    for place in places:
        for reader in dependents.readers(place):
            waiting[reader] += 1
    ready = [place for place in places if not waiting[place]]
    left = set(places)
    while ready:
        place = ready.pop()
        left.discard(place)
        for reader in dependents.readers(place):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    yield from left
