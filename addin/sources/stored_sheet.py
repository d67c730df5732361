"""A sheet of facts as the file stores it: what Excel shows in a cell, or why it is no fact.

Only cells that are there are read, so a stray one at the end of a sheet costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from valuation_core.book.metrics import METRICS
from valuation_core.book.origin import Cell, Record, Unusable, as_text
from valuation_core.book.parse import parse_date
from valuation_core.book.schema import TABLES
from workbook.cells import LAST_SERIAL, ErrorValue, corners_of, day_of, letters, place_of
from workbook.opc.package import Package
from workbook.opc.relations import related
from workbook.opc.stored import StoredCell, cells_of, parse_sheet
from workbook.opc.xml import MAIN, RELATION, parse_xml, tag

WHAT_TO_DO: Final = "open the file in Excel, let it calculate, and save it there"
NOT_CALCULATED: Final = f"is a formula that was not calculated: {WHAT_TO_DO}"
NOT_TRUSTED: Final = (
    f"is a formula in a file that asks to be calculated when it is opened: {WHAT_TO_DO}"
)
SHOWS_NOTHING: Final = (
    "is a formula that shows nothing: empty the cell where a fact was looked for and not found, "
    "or take the row out"
)
NO_DATE: Final = "is shown as a date and is none"

FIRST_SERIAL: Final = 36526
LAST_PLAIN_SERIAL: Final = 73050
"""2000-01-01 to 2099-12-31: a plain number under a date is read as that day, another is refused."""

DAYS_FROM_1904: Final = 1462
"""Between day 0 of a workbook that counts from 1904 and of one that counts from 1900."""

_LOCAL_DATES: Final = (*range(27, 37), *range(50, 59))
"""Built-in formats that are dates in the East Asian editions of Excel."""

_NUMBERS: Final[Any] = etree.XPath(
    "//m:sheetData/m:row/m:c[@s and (not(@t) or @t = 'n')]", namespaces={"m": MAIN}
)
"""The cells that may be dates: those with a number and a format."""

_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Ways:
    """How a workbook means its cells."""

    dates: frozenset[int]
    """Cell formats that show a date."""
    from_1904: bool
    calculated: bool
    """Whether the stored results are those of the formulas, as far as the file says."""


def ways_of(package: Package) -> Ways:
    """Read the settings of a workbook that say what its cells mean."""
    main = parse_xml(package[package.main])
    properties, calculation = main.find(tag("workbookPr")), main.find(tag("calcPr"))
    settings: Mapping[str, str] = {} if calculation is None else calculation.attrib
    return Ways(
        _date_formats(package),
        properties is not None and properties.get("date1904") in ("1", "true"),
        settings.get("fullCalcOnLoad") not in ("1", "true")
        and settings.get("calcCompleted") not in ("0", "false"),
    )


def _date_formats(package: Package) -> frozenset[int]:
    part = related(package, package.main, f"{RELATION}/styles")
    if part is None or part not in package:
        return frozenset()
    root = parse_xml(package[part])
    own = {item.get("numFmtId"): item.get("formatCode") or "" for item in root.iter(tag("numFmt"))}

    def shows_date(number: str) -> bool:
        code = own.get(number) or BUILTIN_FORMATS.get(int(number), "")
        return int(number) in _LOCAL_DATES or is_date_format(code)

    formats = root.iterfind(f"{tag('cellXfs')}/{tag('xf')}")
    return frozenset(
        place for place, one in enumerate(formats) if shows_date(one.get("numFmtId") or "0")
    )


def read_sheet(package: Package, part: str, table: str, ways: Ways) -> list[Record]:
    """Give the rows of a sheet that hold something, the header first."""
    stored = cells_of(package, part)
    root = parse_sheet(package[part])
    rows: dict[int, dict[str, StoredCell]] = {}
    for address, cell in stored.items():
        if cell.computed or cell.value not in (None, ""):
            row, column = place_of(address)
            rows.setdefault(row, {})[letters(column)] = cell
    # A row of formulas that all show nothing waits for a fact, as a blank row does.
    rows = {row: cells for row, cells in rows.items() if any(map(_says_something, cells.values()))}
    dated = {cell.get("r") for cell in _NUMBERS(root) if int(cell.get("s")) in ways.dates}
    sheet = _Sheet(table, ways, dated)
    records = [sheet.record(row, rows[row]) for row in sorted(rows)]
    areas = _areas(root, stored)
    return [_with_gaps(record, sheet.headings, areas) for record in records if record.cells]


def _says_something(cell: StoredCell) -> bool:
    return cell.value != ""


class _Sheet:
    """Turns stored cells into text; the first row is the header and says what a column holds."""

    def __init__(self, table: str, ways: Ways, dated: Collection[str]) -> None:
        schema = TABLES.get(table)
        self.kinds = {column.name: column.kind for column in schema.columns} if schema else {}
        self.ways = ways
        self.dated = dated
        self.headings: dict[str, str] = {}

    def record(self, row: int, cells: Mapping[str, StoredCell]) -> Record:
        """Give one row."""
        kinds = {place: self.kinds.get(heading, "text") for place, heading in self.headings.items()}
        texts = {self.headings.get(place): cell.value for place, cell in cells.items()}
        metric = METRICS.get(str(texts.get("metric")).strip())
        kinds |= {
            place: "date" if metric is not None and metric.unit == "date" else "number"
            for place, heading in self.headings.items()
            if heading == "value"
        }
        found = {place: self.cell(one, kinds.get(place, "text")) for place, one in cells.items()}
        filled = {place: cell for place, cell in found.items() if cell != ""}
        if not self.headings:
            self.headings = {
                place: cell.strip().casefold()
                for place, cell in filled.items()
                if isinstance(cell, str)
            }
        return Record(row, filled)

    def cell(self, cell: StoredCell, kind: str) -> Cell:
        """Give what Excel shows in a cell, or why it is no fact."""
        value = cell.value
        if isinstance(value, ErrorValue):
            return Unusable(f"is the error {value.code}: put the fact there")
        if cell.computed and value is None:
            return Unusable(NOT_CALCULATED)
        if cell.computed and not self.ways.calculated:
            return Unusable(NOT_TRUSTED)
        if cell.computed and value == "" and kind != "text":
            return Unusable(SHOWS_NOTHING)
        if isinstance(value, str):
            return _date_of_text(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), value), kind)
        if isinstance(value, float):
            return self.number(value, kind, cell.address in self.dated)
        return as_text(value)

    def number(self, value: float, kind: str, shown_as_date: bool) -> Cell:
        """Give a number, or the day it is."""
        serial = value + DAYS_FROM_1904 if self.ways.from_1904 else value
        if shown_as_date:
            if not 1 <= serial <= LAST_SERIAL:
                return Unusable(NO_DATE)
            return as_text(_moment_of(serial))
        if kind == "date" and serial.is_integer() and FIRST_SERIAL <= serial <= LAST_PLAIN_SERIAL:
            return as_text(day_of(serial))
        return as_text(value)


def _date_of_text(text: str, kind: str) -> str:
    """Give a date without a time of midnight, as some programs store one."""
    day, _, time = text.strip().partition("T")
    if kind == "date" and time.rstrip("Z").strip("0:.") == "" and parse_date(day)[1] is None:
        return day
    return text


def _moment_of(serial: float) -> date:
    day = day_of(serial)
    seconds = round(serial % 1 * 86400)
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  a sheet knows no zones
    return midnight + timedelta(seconds=seconds) if seconds else day


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of which one holds the value of all: the others are no blanks, and why not."""

    top: int
    left: int
    bottom: int
    right: int
    what: str


def _areas(root: Any, stored: Mapping[str, StoredCell]) -> list[Area]:
    merged = [str(item.get("ref")) for item in root.iter(tag("mergeCell"))]
    arrays = [cell.area for cell in stored.values() if cell.area is not None]
    whys = [(ref, f"is merged in {ref}: unmerge the cells and fill each") for ref in merged]
    whys += [(ref, NOT_CALCULATED) for ref in arrays]
    return [Area(*first, *last, what) for ref, what in whys for first, last in [corners_of(ref)]]


def _with_gaps(record: Record, headings: Mapping[str, str], areas: list[Area]) -> Record:
    """Name the cells of a row that are blank only because an area holds its value elsewhere."""
    gaps = {
        place: Unusable(area.what)
        for area in areas
        if area.top <= record.number <= area.bottom
        for place in headings.keys() - record.cells.keys()
        if area.left <= place_of(f"{place}1")[1] <= area.right
    }
    return Record(record.number, {**record.cells, **gaps}) if gaps else record
