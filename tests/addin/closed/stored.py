"""What a closed workbook holds: its values, and the cell with a formula."""

from __future__ import annotations

from workbook.cells import letters, place_of
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


def values(path):
    return {
        (sheet, address): cell.value
        for sheet, cells in read_cells(read_parts(path)).items()
        for address, cell in cells.items()
    }


def beside(place, right=0, down=0):
    """Give the cell so many columns to the right of another and rows below it."""
    sheet, address = place.split("!")
    row, column = place_of(address)
    return f"{sheet}!{letters(column + right)}{row + down}"


def cell_with(path, formula):
    cells = read_cells(read_parts(path))
    return next(
        f"{sheet}!{address}"
        for sheet, found in cells.items()
        for address, cell in found.items()
        if cell.formula and formula in cell.formula
    )
