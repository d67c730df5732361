"""Explain a cell: the steps of the worksheet function in it, with the arguments it has there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from addin.boundary.call import call
from addin.boundary.cells import OMITTED, date_of
from addin.boundary.desk import Desk
from valuation_core.catalogue.cards import Kind
from valuation_core.catalogue.catalogue import catalogue
from workbook.cells import ERROR_CODES, ErrorValue, Value, corners_of, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.calls import call_in, cells_of
from workbook.formulas.ours import PREFIX, calls_ours

NAME: Final = "Explain"
TITLE: Final = "Explained: "
"""How the first cell of the sheet Explain begins; a sheet of that name without it is not ours."""

HEADER: Final = 4
"""Row of the headings: title, formula and a blank row come first."""

WIDTHS: Final = (34, 60, 16, 14, 50, 12, 12, 50)
_BOOK_FUNCTION: Final = "HPC_BOOK"


@dataclass(frozen=True)
class Source:
    """A workbook to read cells from, open or closed."""

    formula: Callable[[str, str], str | None]
    """Formula of a cell of a sheet, without the equals sign; None where there is none."""
    value: Callable[[str, str], Any]
    names: Mapping[str, str]
    """Defined names, and what each refers to."""
    area: Callable[[str, str], str | None]
    """Cells that one formula fills, such as D55:H55, by any of them; None where it fills one."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell, its formula, and the steps as a table with its header."""

    cell: str
    formula: str
    steps: list[list[Any]]

    def lines(self) -> list[list[Value]]:
        """Give the rows of the sheet Explain; the table begins in row `HEADER`."""
        header = self.steps[0]
        shown = [
            [_shown(cell, name) for cell, name in zip(row, header, strict=True)]
            for row in self.steps
        ]
        return [[f"{TITLE}{self.cell}"], [f"={self.formula}"], [], *shown]


def explain(desk: Desk, source: Source, sheet: str, address: str) -> Explanation:
    """Give the steps behind a cell.

    Raises
    ------
    WorkbookError
        When the cell calls none of our functions, or an argument is itself a formula.
    """
    area = source.area(sheet, address)
    first = address if area is None else area.partition(":")[0]
    formula = source.formula(sheet, first)
    if not formula:
        raise WorkbookError(
            f"{sheet}!{address} holds no formula: give a cell with an {PREFIX} function"
        )
    if not calls_ours(formula):
        raise WorkbookError(
            f"{sheet}!{address} calls no {PREFIX} function, it is a formula of the sheet itself, "
            f"={formula}: follow it in Excel (Ctrl+[, or Trace Precedents), or explain the cell of "
            f"the {PREFIX} function that gives the same figure"
        )
    name, arguments = _resolved(desk, source, sheet, formula)
    if area is not None:
        arguments = _of_element(name, arguments, first, address)
    steps = call(desk, "HPC_EXPLAIN", [name, *arguments])
    if isinstance(steps, ErrorValue):
        raise WorkbookError(f"{sheet}!{address}: {steps.reason or steps.code}")
    return Explanation(f"{sheet}!{address}", formula, steps)


def _shown(cell: Any, column: Any) -> Value:
    if column == "as of" and isinstance(cell, float):
        return date_of(column, cell).isoformat()
    return cell.code if isinstance(cell, ErrorValue) else cell


def _resolved(desk: Desk, source: Source, sheet: str, formula: str) -> tuple[str, list[Any]]:
    found = call_in(formula)
    values = [_argument(desk, source, sheet, text) for text in found.arguments]
    return found.name, values


def _of_element(name: str, arguments: list[Any], first: str, address: str) -> list[Any]:
    """Give the arguments of one cell of a formula that fills many: of each range its element.

    A table is one answer of all its cells, and its ranges stay.
    """
    card = catalogue().get(name)
    if card is None or card.kind is not Kind.ELEMENTWISE:
        return arguments
    (top, left), (row, column) = place_of(first), place_of(address)

    def element(rows: Any) -> Any:
        if not isinstance(rows, list):
            return rows
        i, j = row - top if len(rows) > 1 else 0, column - left if len(rows[0]) > 1 else 0
        inside = i < len(rows) and j < len(rows[0])
        return rows[i][j] if inside else ErrorValue("#N/A")

    return [element(argument) for argument in arguments]


def _argument(desk: Desk, source: Source, sheet: str, text: str | None) -> Any:
    if text is None:
        return OMITTED
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if text in ERROR_CODES:
        return ErrorValue(text)
    try:
        return float(text)
    except ValueError:
        pass
    named = {name.casefold(): target for name, target in source.names.items()}
    place = cells_of(named.get(text.casefold(), text).lstrip("="))
    if place is None:
        raise WorkbookError(f"the argument {text} is itself a formula: put it in a cell of its own")
    return _range(desk, source, place.sheet or sheet, place.first, place.last)


def _range(desk: Desk, source: Source, sheet: str, first: str, last: str) -> Any:
    (top, left), (bottom, right) = corners_of(f"{first}:{last}")
    rows = [
        [_cell(desk, source, sheet, f"{letters(column)}{row}") for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]
    return rows[0][0] if first == last else rows


def _cell(desk: Desk, source: Source, sheet: str, address: str) -> Any:
    formula = source.formula(sheet, address)
    if formula and formula.upper().startswith(f"{_BOOK_FUNCTION}("):
        # The facts behind the handle may be known to this workbook alone.
        name, arguments = _resolved(desk, source, sheet, formula)
        call(desk, name, arguments)
    return source.value(sheet, address)
