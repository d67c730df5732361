"""The analyst's own values on the attached sheet Inputs: found before it is replaced, put back.

They are found by the headings of the sheet, scope and metric, so a sheet of an earlier version of
the model is read as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from lxml import etree

from valuation_core.book import METRICS, Book
from workbook.mark import find_mark
from workbook.package import (
    StoredCell,
    StoredError,
    WorkbookError,
    cells_of,
    parse_xml,
    sheet_parts,
    tag,
)
from workbook.plan import Value, letters
from workbook.pointing import sheet_titles
from workbook.raw import Draft
from workbook.refusals import main_part, open_closed
from workbook.relations import to_bytes
from workbook.sheets.inputs import IN_BOOK, NAME, OWN_VALUE, plan_inputs

OWN_HEADINGS: Final = ("your value", "own value")
_FIRST_DAY: Final = date(1899, 12, 30)

Grid = dict[tuple[int, int], StoredCell]


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that the analyst states, and the formula behind it if there is one."""

    scope: str
    metric: str
    value: float | date
    formula: str | None = None

    @property
    def row(self) -> tuple[str, str, float | date]:
        """The value as a row of own facts."""
        return self.scope, self.metric, self.value


@dataclass(frozen=True, slots=True)
class AttachedBefore:
    """What an earlier attachment left: its miners, and what the analyst stated since."""

    miners: tuple[str, ...] = ()
    own: tuple[OwnValue, ...] = ()


def attached_before(path: Path) -> AttachedBefore:
    """Read a closed workbook for what was attached and stated in it.

    Raises
    ------
    WorkbookError
        When the workbook is not to be touched, or a value stated is none.
    """
    with open_closed(path) as archive:
        draft = Draft(archive)
        main = main_part(draft, path.name)
        found = find_mark(draft, main)
        if found is None:
            return AttachedBefore()
        parts = [part for part, title in sheet_titles(draft, main).items() if title == NAME]
        own = tuple(own_values(grid(draft, parts[0]))) if parts else ()
        return AttachedBefore(found[1].miners, own)


def grid(parts: Mapping[str, bytes], part: str) -> Grid:
    """Give the cells of a sheet by row and column."""
    return {place(address): cell for address, cell in cells_of(parts, part).items()}


def place(address: str) -> tuple[int, int]:
    """Give row and column of an address, counted from 1.

    Examples
    --------
    >>> place("$AB$12")
    (12, 28)
    """
    column, row = 0, ""
    for letter in address.replace("$", ""):
        if letter.isalpha():
            column = column * 26 + ord(letter) - 64
        else:
            row += letter
    return int(row), column


def own_values(cells: Grid) -> list[OwnValue]:
    """Give the values stated on a sheet of inputs, none where it has no column for them."""
    for row in sorted({row for row, _ in cells}):
        columns = {
            cell.value: column
            for (at, column), cell in cells.items()
            if at == row and isinstance(cell.value, str)
        }
        own = next((columns[name] for name in OWN_HEADINGS if name in columns), None)
        if own is not None and {"scope", "metric"} <= columns.keys():
            return _below(cells, row, columns["scope"], columns["metric"], own)
    return []


def _below(cells: Grid, heading: int, scope: int, metric: int, own: int) -> list[OwnValue]:
    found = []
    for row in sorted({row for row, column in cells if row > heading and column == own}):
        cell = cells[row, own]
        names = [
            cells[row, column].value if (row, column) in cells else None
            for column in (scope, metric)
        ]
        if cell.value in (None, "") or names[1] not in METRICS:
            continue
        if isinstance(cell.value, str | bool | StoredError):
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({NAME}!{cell.address}) is not a number: "
                "correct or clear it first"
            )
        if cell.formula == "":
            raise WorkbookError(
                f"your value for {names[0]} {names[1]} ({NAME}!{cell.address}) shares its formula "
                "with other cells: enter it there by itself first"
            )
        value: float | date = cell.value
        if METRICS[str(names[1])].unit == "date":
            value = _FIRST_DAY + timedelta(days=int(cell.value))
        found.append(OwnValue(str(names[0]), str(names[1]), value, cell.formula))
    return found


def restate(
    parts: Mapping[str, bytes], book: Book, miners: Sequence[str], own: Sequence[OwnValue]
) -> dict[str, bytes]:
    """Show own values in their column of Inputs, with what the book says beside them.

    Parameters
    ----------
    parts : mapping of str to bytes
        The model as built on the book with the own values in it, so that every figure follows them.
    book : Book
        The book without them.
    miners : sequence of str
        Miners of the model.
    own : sequence of OwnValue
        What the analyst states.
    """
    done = dict(parts)
    if not own:
        return done
    part = sheet_parts(parts)[NAME]
    root = parse_xml(parts[part])
    elements = {element.get("r"): element for element in root.iter(tag("c"))}
    cells = grid(parts, part)
    rows = {
        (cells[row, 1].value, cells[row, 2].value): row
        for row, column in cells
        if column == 2 and (row, 1) in cells
    }
    plain = plan_inputs(book, miners)[0].cells
    plain_rows = {
        (cell.value, plain[row, 2].value): row
        for (row, column), cell in plain.items()
        if column == 1 and (row, 2) in plain
    }
    for one in own:
        row = rows.get((one.scope, one.metric))
        if row is None:
            raise WorkbookError(
                f"the model has no row for your value of {one.scope} {one.metric}: clear it first"
            )
        source = plain_rows.get((one.scope, one.metric))
        for (at, column), cell in plain.items():
            if at != source or column in (1, 2):
                continue
            element = elements[f"{letters(column)}{row}"]
            if cell.formula is None:
                _store(element, cell.value)
            elif source == row:
                element.find(tag("f")).text = cell.formula
        if source is None:
            _store(elements[f"{letters(IN_BOOK)}{row}"], None)
        _state(elements[f"{letters(OWN_VALUE)}{row}"], one)
    done[part] = to_bytes(root)
    return done


def _state(element: Any, one: OwnValue) -> None:
    _store(element, one.value)
    if one.formula is not None:
        formula = etree.Element(tag("f"))
        formula.text = one.formula
        element.insert(0, formula)


def _store(element: Any, value: Value) -> None:
    """Put a constant into a cell in place of what it holds."""
    for child in list(element):
        element.remove(child)
    element.attrib.pop("t", None)
    if isinstance(value, str):
        element.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(element, tag("is")), tag("t"))
        text.text = value
    elif isinstance(value, date):
        etree.SubElement(element, tag("v")).text = str((value - _FIRST_DAY).days)
    elif isinstance(value, float | int):
        etree.SubElement(element, tag("v")).text = repr(value)
