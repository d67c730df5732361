"""Cells as a file stores them: nothing recalculated, nothing converted.

An empty text, an error and a missing value stay three different things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

from lxml import etree

from workbook.cells import ErrorValue, corners_of, letters
from workbook.errors import WorkbookError
from workbook.opc.package import main_part, sheet_parts
from workbook.opc.relations import related
from workbook.opc.xml import MAIN, RELATION, decoded, parse_xml, tag

_CELL, _FORMULA, _VALUE, _INLINE, _TEXT = map(tag, ("c", "f", "v", "is", "t"))
_STRINGS: Final = f"{RELATION}/sharedStrings"
_WITHOUT_ADDRESS: Final = etree.XPath(
    "boolean(/*/m:sheetData/m:row[not(@r) or m:c[not(@r)]])",
    namespaces={"m": MAIN},
)


# Frozen for the type checker alone, as a planned cell is: there are fifty thousand.
@dataclass(slots=True)
class StoredCell:
    """A cell as the file holds it: formula if any, and the stored value.

    The value is a float, bool or text, `ErrorValue` for an error, None when nothing is stored.
    """

    address: Final[str]
    formula: Final[str | None]
    value: Final[float | bool | str | ErrorValue | None]
    computed: Final[bool]
    """Whether a formula gives the value: its own, or one that spills here."""
    source: Final[str | None] = None
    """For a cell that shares its formula: the first one, which holds the text."""
    area: Final[str | None] = None
    """For an array or a data table: the cells that its formula fills."""
    kind: Final[str] = "normal"
    """Kind of the formula as the format has it: normal, shared, array, dataTable."""


def read_cells(parts: Mapping[str, bytes]) -> dict[str, dict[str, StoredCell]]:
    """Read the stored cells of every worksheet, by sheet and address."""
    strings = _shared_strings(parts)
    return {
        name: _sheet_cells(parse_xml(parts[part]), strings)
        for name, part in sheet_parts(parts).items()
    }


def cells_of(parts: Mapping[str, bytes], part: str) -> dict[str, StoredCell]:
    """Read the stored cells of one worksheet by address."""
    return _sheet_cells(parse_xml(parts[part]), _shared_strings(parts))


def parse_sheet(data: bytes) -> Any:
    """Parse a worksheet; rows and cells get the addresses that a writer may leave out."""
    root = parse_xml(data)
    if _WITHOUT_ADDRESS(root):
        _give_all(root)
    return root


def _give_all(root: Any) -> None:
    number = 0
    for row in root.iterfind(f"{tag('sheetData')}/{tag('row')}"):
        number = int(row.get("r") or number + 1)
        row.set("r", str(number))
        give_addresses(row, number)


def give_addresses(row: Any, number: int) -> None:
    """Give the cells of a row the addresses that a writer may leave out: one after the other."""
    column = 0
    for cell in row:
        stated = cell.get("r")
        column = column + 1 if stated is None else corners_of(stated)[0][1]
        if stated is None:
            cell.set("r", f"{letters(column)}{number}")


def _shared_strings(parts: Mapping[str, bytes]) -> list[str]:
    part = strings_part(parts)
    return [] if part is None else list(_texts(parse_xml(parts[part])))


def strings_part(parts: Mapping[str, bytes]) -> str | None:
    """Give the part of the texts that cells share, None where there is none."""
    return related(parts, main_part(parts), _STRINGS)


def _texts(root: Any) -> Iterator[str]:
    for item in root.iter(tag("si")):
        texts = (one.text or "" for one in item.iter(_TEXT) if one.getparent().tag != tag("rPh"))
        yield decoded("".join(texts))


def _sheet_cells(root: Any, strings: list[str]) -> dict[str, StoredCell]:
    cells: dict[str, StoredCell] = {}
    areas: list[str] = []
    shared: dict[str, str] = {}
    value: float | bool | str | ErrorValue | None
    for element in root.iter(_CELL):
        formula = stored = inline = None
        for part in element:
            name = part.tag
            if name == _VALUE:
                stored = part.text or ""
            elif name == _FORMULA:
                formula = part
            elif name == _INLINE:
                inline = part
        address, kind = element.get("r"), element.get("t")
        if address is None:
            _give_all(root)
            if (address := element.get("r")) is None:
                raise WorkbookError("a cell stands in no row of its sheet")
        if kind is None and stored:
            value = _number(address, stored)  # at once: most are
        else:
            value = _stored_value(address, kind, stored, inline, strings)
        if formula is None:
            cells[address] = StoredCell(address, None, value, False)
            continue
        text, kind = formula.text or "", formula.get("t") or "normal"
        source = area = None
        if kind == "shared" and formula.get("si") is not None:
            first = shared.setdefault(formula.get("si"), address)
            source = None if text else first
        elif kind in ("array", "dataTable"):
            area = formula.get("ref") or address
            areas.append(area)
        cells[address] = StoredCell(address, text, value, True, source, area, kind)
    for address in within(areas, cells):
        cells[address] = replace(cells[address], computed=True)
    return cells


def within(areas: list[str], cells: Mapping[str, StoredCell]) -> Iterator[str]:
    """Give the cells that lie in areas: those that are there count, not the size of an area."""
    for area in areas:
        (top, left), (bottom, right) = corners_of(area)
        if (bottom - top + 1) * (right - left + 1) <= len(cells):
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    if (address := f"{letters(column)}{row}") in cells:
                        yield address
        else:
            for address in cells:
                row, column = corners_of(address)[0]
                if top <= row <= bottom and left <= column <= right:
                    yield address


def _stored_value(
    address: str, kind: str | None, stored: str | None, inline: Any, strings: list[str]
) -> float | bool | str | ErrorValue | None:
    if stored is None or kind == "inlineStr":
        # Some writers store the text that a formula gives inline, too.
        texts = () if inline is None else (one.text or "" for one in inline.iter(_TEXT))
        return None if inline is None else decoded("".join(texts))
    if kind in (None, "n"):
        return _number(address, stored)
    if kind == "s":
        return _shared(address, stored, strings)
    if kind == "b":
        return stored.strip() in ("1", "true")
    return ErrorValue(stored) if kind == "e" else decoded(stored)


def _shared(address: str, text: str, strings: list[str]) -> str:
    if text.strip().isdecimal() and int(text) < len(strings):
        return strings[int(text)]
    raise WorkbookError(
        f"{address} names the shared text {text!r}, of which there are {len(strings)}"
    )


def _number(address: str, text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        if not text.strip():
            return None
        number = float("nan")
    if not isfinite(number):
        raise WorkbookError(f"{address} holds {text!r} where a number is stored")
    return number
