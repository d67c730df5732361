"""How high a row must be for the wrapped texts in it: a text that is cut reads like a whole one."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref
from workbook.model.plan import Sheet
from workbook.style import LOOKS, TALLEST_ROW

_UNSTATED: Final = 15.0
"""Points of a row whose height is not stated."""

_LINE: Final = 1.35
"""Height of a line over the size of its letters, as Excel makes a row for one."""

_BOLD: Final = 1.08
"""Width of bold letters over that of others."""

_PADDING: Final = 5.0
_INDENT: Final = 9.0
_STANDARD_WIDTH: Final = 8.43
"""Pixels a cell keeps free, pixels of one step in, units of a column that states no width."""

_GROUPS: Final = {
    0.222: "ijl'",
    0.278: " !,./:;I[]\\|ft",
    0.333: '()-`r"',
    0.5: "ckJsvxyz",
    0.556: "0123456789abdeghnopqu#$_?L",
    0.584: "+<=>~",
    0.667: "ABEKPSVXY&",
    0.722: "CDHNRUw",
    0.778: "GOQ",
    0.833: "Mm",
    0.889: "%",
    0.944: "W",
    1.015: "@",
}
_WIDTHS: Final = {letter: width for width, letters in _GROUPS.items() for letter in letters}
_USUAL: Final = 0.6
"""Widths of the letters of Arial over their size, and of a letter that is not among them."""


def heights_of(sheet: Sheet) -> dict[int, float]:
    """Give the heights that a sheet states, raised where a wrapped text needs more lines."""
    heights = dict(sheet.heights)
    merged = {(box.row, box.column): box for box in sheet.merges}
    away = range(sheet.folded[0], sheet.folded[1] + 1) if sheet.folded else ()
    for (row, column), cell in sheet.cells.items():
        look = LOOKS[cell.style]
        if not look.wrap or not isinstance(cell.value, str) or column in away:
            continue
        box = merged.get((row, column), Ref(sheet.name, row, column, row, column))
        room = _pixels(sheet, box) - _PADDING - _INDENT * look.indent
        lines = lines_in(cell.value, room * 72 / 96 / look.size, bold=look.bold)
        needed = lines * look.size * _LINE
        if lines > 1 and needed > heights.get(row, _UNSTATED) + 1:
            heights[row] = needed
    return {row: min(height, TALLEST_ROW) for row, height in heights.items()}


def lines_in(text: str, room: float, *, bold: bool = False) -> int:
    """Count the lines of a text in a cell.

    Parameters
    ----------
    text : str
        What stands in the cell.
    room : float
        Width of the cell over the size of the letters.
    bold : bool
        Whether the letters are bold.

    Examples
    --------
    >>> lines_in("under construction", 12.0), lines_in("under construction", 6.0)
    (1, 2)
    """
    thickness = _BOLD if bold else 1.0
    space = _WIDTHS[" "] * thickness
    lines, used = 1, 0.0
    for word in text.split():
        width = thickness * sum(_WIDTHS.get(letter, _USUAL) for letter in word)
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        if width > room:  # broken inside, such as an address
            lines += int(width // room)
            width %= room
        used += width + space
    return lines


def _pixels(sheet: Sheet, box: Ref) -> float:
    widths = [
        sheet.widths[column - 1] if column <= len(sheet.widths) else _STANDARD_WIDTH
        for column in range(box.column, box.last_column + 1)
    ]
    return sum(7.0 * width + 5.0 for width in widths)
