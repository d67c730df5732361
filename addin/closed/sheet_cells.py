"""The cells of a workbook, open or closed, as an explanation reads them: what a cell is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from workbook.cells import letters, place_of
from workbook.formulas.calls import cells_of
from workbook.refresh.decide import Grid

UNIT: Final = "unit"
"""Heading of the column of units, on Inputs and on every sheet of lines."""


class At(NamedTuple):
    """A cell of a sheet."""

    sheet: str
    address: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.address}"


class Spilled(NamedTuple):
    """Where the value of a cell comes from: the first cell of a spill, and how far from there."""

    first: str
    row: int
    column: int


@dataclass(frozen=True)
class Source:
    """A workbook to read cells from, open or closed."""

    formula: Callable[[str, str], str | None]
    """Formula of a cell of a sheet, without the equals sign; None where there is none."""
    value: Callable[[str, str], Any]
    grid: Callable[[str], Grid]
    """Values of a sheet by row and column."""
    names: Mapping[tuple[str, str], str]
    """What each defined name refers to, by the sheet it holds on ("" for all) and its spelling."""
    area: Callable[[str, str], str | None]
    """Cells that one formula fills, such as D55:H55, by any of them; None where it fills one."""

    def spilled(self, at: At) -> Spilled | None:
        """Give the cell from which another has its value; None where a formula fills one."""
        area = self.area(*at)
        if area is None:
            return None
        first = area.partition(":")[0]
        (top, left), (row, column) = place_of(first), place_of(at.address)
        return Spilled(first, row - top, column - left)

    def refers_to(self, sheet: str, word: str) -> str | None:
        """Give what a name means on a sheet, whose own names win."""
        folded = {
            (scope.casefold(), name.casefold()): text for (scope, name), text in self.names.items()
        }
        key = word.casefold()
        return folded.get((sheet.casefold(), key), folded.get(("", key)))

    def cell_named(self, sheet: str, word: str) -> At | None:
        """Give the cell that a name means on a sheet; None where it is no single cell."""
        return self.single(sheet, (self.refers_to(sheet, word) or "").removeprefix("="))

    def single(self, sheet: str, text: str) -> At | None:
        """Read a reference to one cell; None for anything else."""
        found = cells_of(text)
        if found is None or found.first != found.last:
            return None
        return At(found.sheet or sheet, found.first)

    def names_of(self, at: At) -> Iterator[str]:
        """Give the names of a cell."""
        for (scope, name), text in self.names.items():
            if scope.casefold() in ("", at.sheet.casefold()):
                found = self.single(scope, text.removeprefix("="))
                if found and (found.sheet.casefold(), found.address) == (
                    at.sheet.casefold(),
                    at.address,
                ):
                    yield name

    def heads(self, at: At) -> list[str]:
        """Give the texts above a cell in its column, nearest first."""
        row, column = place_of(at.address)
        above = [
            (line, value)
            for (line, place), value in self.grid(at.sheet).items()
            if place == column and line < row and isinstance(value, str)
        ]
        return [value for _, value in sorted(above, reverse=True)]

    def label(self, at: At) -> str:
        """Say what the row of a cell is about: the first text in it that no formula makes."""
        row, column = place_of(at.address)
        grid = self.grid(at.sheet)
        for place in range(1, column):
            text = grid.get((row, place))
            if isinstance(text, str) and text.strip():
                if self.formula(at.sheet, f"{letters(place)}{row}"):
                    continue
                return text
        return str(at)

    def unit(self, at: At) -> str:
        """Give the unit beside a cell, where a column says so above."""
        row, _ = place_of(at.address)
        grid = self.grid(at.sheet)
        columns = {
            line: place for (line, place), value in grid.items() if value == UNIT and line < row
        }
        found = grid.get((row, columns[max(columns)])) if columns else None
        return found if isinstance(found, str) and found else "-"
