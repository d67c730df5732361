"""Compare the values stored in a workbook with what a real spreadsheet engine computes."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from addin.calc.comparable import OTHER_ERROR, not_comparable
from addin.calc.engine import EngineError, convert_all
from addin.calc.names import to_calc
from workbook.cells import ErrorValue, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.dependents import Dependents, Place
from workbook.formulas.ours import PREFIX, calls_ours, may_call_ours
from workbook.formulas.words import words_of
from workbook.garbage import nothing_collected
from workbook.opc.package import open_package, read_parts, sheet_parts, write_parts
from workbook.opc.relations import forget_relation, relations_of
from workbook.opc.spelling import spelled_plainly
from workbook.opc.stored import StoredCell, read_cells, within
from workbook.opc.xml import parse_xml, to_bytes

RELATIVE_TOLERANCE: Final = 1e-9
ABSOLUTE_TOLERANCE: Final = 1e-9
ROUNDING: Final = 1e-13
"""Of the terms of a sum that nearly cancels."""

NOT_GIVEN: Final = ("#N/A", "#NUM!")
"""Errors that say a figure cannot be given; any other one is a fault of the formula."""

_FORMULA_TAGS: Final = ("f", "definedName", "formula", "formula1", "formula2")

Cells = dict[str, dict[str, StoredCell]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that differs or shows an error."""

    sheet: str
    address: str
    formula: str
    stored: Any
    recalculated: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """Outcome of a recalculation: what was compared, what differs, what shows an error."""

    compared: int
    differences: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    not_given: int = 0
    """Cells whose figure cannot be given, before and after: #N/A for a missing fact, #NUM! where
    there is no solution. They agree and are no errors."""
    not_comparable: Mapping[str, int] = field(default_factory=dict)
    """Cells that LibreOffice cannot judge, by reason: they are neither right nor wrong here."""


@nothing_collected()
def compare_with_engine(
    path: Path, *, source: Path | str | None = None, timeout: float = 180.0
) -> Comparison:
    """Recalculate a workbook in LibreOffice and compare every computed cell.

    Raises
    ------
    EngineError
        When the file cannot be read or LibreOffice cannot be used.
    """
    try:
        with open_package(path) as package:
            stored = read_cells(package)
            fresh = recalculated_cells(path, source=source, timeout=timeout)
            dependents = cache(lambda: Dependents(stored, words_of(package)))
            unjudged = not_comparable(package, stored, fresh, dependents)
            return compare(stored, fresh, unjudged, dependents)
    except WorkbookError as error:
        raise EngineError(str(error)) from None


def recalculated_cells(
    path: Path, *, source: Path | str | None = None, timeout: float = 180.0
) -> Cells:
    """Give the cells of a workbook after LibreOffice recalculated it with our functions."""
    return recalculated_each([path], source=source, timeout=timeout)[0]


def recalculated_each(
    paths: Sequence[Path], *, source: Path | str | None = None, timeout: float = 180.0
) -> list[Cells]:
    """Give the cells of workbooks after one start of LibreOffice recalculated them."""
    with tempfile.TemporaryDirectory(prefix="hpcval-recalc-") as name:
        copies = [Path(name) / f"translated-{number}.xlsx" for number in range(len(paths))]
        for path, copy in zip(paths, copies, strict=True):
            translate(path, copy)
        out = Path(name) / "out"
        xlsx = "xlsx:Calc MS Excel 2007 XML"
        results = convert_all(copies, xlsx, out, facts=source, timeout=timeout)
        return [read_cells(read_parts(result)) for result in results]


def translate(path: Path, target: Path) -> None:
    """Write a copy of a workbook in which LibreOffice finds our functions by name."""
    try:
        with open_package(path) as package:
            parts = spelled_plainly(package)
            main, formulas = package.main, (package.main, *sheet_parts(package).values())
        _leave_macros_out(parts, main)
        for part in formulas:
            if PREFIX.encode() not in parts[part].upper():
                continue
            root = parse_xml(parts[part])
            changed = False
            for element in root.iter(*(f"{{*}}{name}" for name in _FORMULA_TAGS)):
                text = element.text or ""
                if may_call_ours(text):
                    element.text = to_calc(text)
                    changed = True
            if changed:
                parts[part] = to_bytes(root)
    except WorkbookError as error:
        raise EngineError(str(error)) from None
    write_parts(target, parts)


def _leave_macros_out(parts: dict[str, bytes], main: str) -> None:
    """Let no macros come along: LibreOffice runs none and gives #VALUE! for a function of theirs.

    Without them the function has no name there, as any other that LibreOffice lacks.
    """
    for relation in relations_of(parts, main):
        if relation.kind.endswith("/vbaProject"):
            forget_relation(parts, main, relation.identifier)


def compare(
    stored: Cells,
    recalculated: Cells,
    unjudged: Mapping[Place, str] | None = None,
    dependents: Callable[[], Dependents] | None = None,
) -> Comparison:
    """Compare every computed cell of two readings of the same workbook.

    Parameters
    ----------
    stored, recalculated : dict
        Cells by sheet and address.
    unjudged : mapping, optional
        Cells that the engine cannot judge, with the reason.
    dependents : callable, optional
        Tells which cells a formula reads: what nearly cancels is measured against them.
    """
    differences: list[Finding] = []
    errors: list[Finding] = []
    left_out: Counter[str] = Counter()
    compared = not_given = 0
    for sheet, cells in stored.items():
        for address, cell in cells.items():
            if not cell.computed:
                continue
            if unjudged and (reason := unjudged.get(Place(sheet.lower(), *place_of(address)))):
                left_out[reason] += 1
                continue
            other = recalculated.get(sheet, {}).get(address)
            value = None if other is None else other.value
            if _named_otherwise(cell, value):
                left_out[OTHER_ERROR] += 1
                continue
            compared += 1
            finding = Finding(sheet, address, cell.formula or "(spilled)", cell.value, value)
            if not agree(cell.value, value) and not (
                dependents and _cancels(stored, sheet, cell, value, dependents())
            ):
                differences.append(finding)
            elif isinstance(value, ErrorValue) and value.code in NOT_GIVEN:
                not_given += 1
                continue
            if isinstance(value, ErrorValue) or isinstance(cell.value, ErrorValue):
                errors.append(finding)
    return Comparison(compared, tuple(differences), tuple(errors), not_given, left_out)


def _named_otherwise(cell: StoredCell, value: Any) -> bool:
    """Whether both show an error, of another name: programs differ there, but for ours."""
    return (
        isinstance(cell.value, ErrorValue)
        and isinstance(value, ErrorValue)
        and cell.value.code != value.code
        and value.code != "#NAME?"
        and not calls_ours(cell.formula or "")
    )


def _cancels(
    stored: Cells, sheet: str, cell: StoredCell, value: Any, dependents: Dependents
) -> bool:
    """Whether two numbers differ by no more than rounding of the figures they are made of.

    A sum that cancels, such as a check that two totals of billions agree, keeps rounding of the
    size of its terms: zero there and a millionth here are the same.
    """
    if not (type(cell.value) is float and type(value) is float):
        return False
    titles = {name.lower(): name for name in stored}
    source = None if cell.source is None else stored[sheet][cell.source].formula
    place = Place(sheet.lower(), *place_of(cell.address))
    largest = 0.0
    for box in dependents.read_by(place, cell, source):
        cells = stored.get(titles.get(box.sheet, ""), {})
        area = f"{letters(box.left)}{box.top}:{letters(box.right)}{box.bottom}"
        values = (cells[address].value for address in within([area], cells))
        largest = max((abs(one) for one in values if type(one) is float), default=largest)
    return abs(cell.value - value) <= ROUNDING * largest


def agree(stored: Any, recalculated: Any) -> bool:
    """Whether two values are the same: numbers within 1e-9, anything else exactly.

    Examples
    --------
    >>> agree(1845.0, 1845.0 + 1e-7), agree(1845.0, 1845.1), agree(None, 0.0)
    (True, False, False)
    """
    if isinstance(stored, float | bool) and isinstance(recalculated, float | bool):
        gap = abs(stored - recalculated)
        largest = max(abs(stored), abs(recalculated))
        return gap <= max(ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE * largest)
    return type(stored) is type(recalculated) and bool(stored == recalculated)
