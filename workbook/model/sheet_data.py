"""The cells of a planned sheet as its part holds them: formula, value and format in one pass.

openpyxl writes formulas without values and takes long over each cell, so it writes the sheets
without their cells, and these are put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from workbook.cells import ErrorValue, Ref, Value, letters
from workbook.errors import WorkbookError
from workbook.formulas.ours import PREFIX
from workbook.model.plan import Cell
from workbook.opc.sheet_editor import cell_text, written
from workbook.opc.xml import escaped

Place: TypeAlias = tuple[int, int]

LONGEST_FORMULA: Final = 8_192

_SPACE: Final = ' xml:space="preserve"'


@dataclass(frozen=True, slots=True)
class SheetData:
    """The cells of a sheet as XML, and the address of all of them."""

    xml: str
    extent: str


def sheet_data(
    cells: Mapping[Place, Cell],
    rows: Mapping[int, Mapping[str, str]],
    format_of: Callable[[Place, Cell], int],
) -> SheetData:
    r"""Write the cells of a sheet, row by row.

    Parameters
    ----------
    cells : mapping of tuple of int to Cell
        By row and column.
    rows : mapping of int to mapping of str to str
        What is said of rows, such as their height.
    format_of : callable
        Gives the index of the format of a cell.

    Examples
    --------
    >>> cells = {(2, 1): Cell(600.0), (2, 2): Cell("a & b"), (1, 1): Cell(5.5, formula="A2/2")}
    >>> made = sheet_data(cells, {2: {"ht": "18"}}, lambda place, cell: 3)
    >>> print(made.extent, made.xml.replace("<row", "\n<row").replace("<c r", "\n  <c r"))
    A1:B2 <sheetData>
    <row r="1">
      <c r="A1" s="3"><f>A2/2</f><v>5.5</v></c></row>
    <row r="2" ht="18">
      <c r="A2" s="3"><v>600</v></c>
      <c r="B2" s="3" t="inlineStr"><is><t>a &amp; b</t></is></c></row></sheetData>
    """
    given = set(_given_by_another(cells))
    by_row: dict[int, list[str]] = {row: [] for row in rows}
    for place in sorted(cells):
        row, column = place
        cell = cells[place]
        head = f'<c r="{letters(column)}{row}" s="{format_of(place, cell)}"'
        if cell.formula is not None or place in given:
            made = _computed(head, place, cell)
        else:
            made = _stated(head, cell.value)
        by_row.setdefault(row, []).append(made)
    in_rows = (
        f'<row r="{row}"{_attributes(rows.get(row, {}))}>{"".join(by_row[row])}</row>'
        for row in sorted(by_row)
    )
    return SheetData(f"<sheetData>{''.join(in_rows)}</sheetData>", _extent(cells).here)


def _extent(cells: Mapping[Place, Cell]) -> Ref:
    rows, columns = zip(*cells, strict=True)
    return Ref("", min(rows), min(columns), max(rows), max(columns))


def _attributes(said: Mapping[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in said.items())


def _given_by_another(cells: Mapping[Place, Cell]) -> Iterator[Place]:
    """Give the cells that a dynamic array or a data table fills, its first one included."""
    for (row, column), cell in cells.items():
        if cell.table is not None:
            box = cell.table.cells
            height, width = box.last_row - row + 1, box.last_column - column + 1
        elif cell.spill is not None:
            height, width = cell.spill
        else:
            continue
        yield from ((row + i, column + j) for i in range(height) for j in range(width))


def _computed(head: str, place: Place, cell: Cell) -> str:
    """Write a cell whose value a formula gives, its own or that of another cell."""
    formula = ""
    if len(cell.formula or "") > LONGEST_FORMULA:
        address = f"{letters(place[1])}{place[0]}"
        raise WorkbookError(
            f"the formula of {address} has {len(cell.formula or ''):,} characters, more than Excel "
            f"takes ({LONGEST_FORMULA:,}): choose fewer miners"
        )
    if cell.table is not None:
        table = cell.table
        formula = (
            f'<f t="dataTable" ref="{table.cells.here}" dt2D="1" dtr="1"'
            f' r1="{table.across.here}" r2="{table.down.here}"/>'
        )
    elif cell.formula is not None and (cell.spill is not None or PREFIX in cell.formula):
        # A single call is an array too: Excel would else set an @ before it.
        (row, column), (height, width) = place, cell.spill or (1, 1)
        box = Ref("", row, column, row + height - 1, column + width - 1)
        formula = f'<f t="array" ref="{box.here}">{escaped(cell.formula)}</f>'
        head += ' cm="1"'
    elif cell.formula is not None:
        formula = f"<f>{escaped(cell.formula)}</f>"
    value = cell.value
    if value is None:
        return f"{head}>{formula}</c>"
    kind = ' t="str"' if isinstance(value, str) else _kind(value)
    return f"{head}{kind}>{formula}<v>{escaped(written(value))}</v></c>"


def _stated(head: str, value: Value) -> str:
    """Write a cell that holds a value of its own; a number as short as Excel writes it."""
    if value is None or value == "":
        return f"{head}/>"
    if isinstance(value, str):
        space = _SPACE if value != value.strip() else ""
        return f'{head} t="inlineStr"><is><t{space}>{escaped(cell_text(value))}</t></is></c>'
    return f"{head}{_kind(value)}><v>{written(value).removesuffix('.0')}</v></c>"


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return ' t="b"'
    return ' t="e"' if isinstance(value, ErrorValue) else ""
