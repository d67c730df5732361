"""Formats of cells as openpyxl knows them, each made once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject

from workbook.model.plan import Cell
from workbook.style import DATE, FONT, LOOKS


class Formats:
    """Indexes of the formats of cells in a workbook."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._known: dict[tuple[str, str, str | None], int] = {}

    def of(self, cell: Cell, rule_below: str | None = None) -> int:
        """Give the index of a format; the colour of a rule below goes before that of the role."""
        number_format = DATE if isinstance(cell.value, date) else cell.number_format
        key = (cell.style, number_format, rule_below)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._made(*key)
        return found

    def _made(self, role: str, number_format: str, rule_below: str | None) -> int:
        cell = StyleableObject(self._book.worksheets[0])
        if (named := LOOKS[role].named) is not None:
            cell.style = named
        cell.font, cell.fill, cell.alignment, cell.border = styles_of(role, rule_below)
        cell.number_format = number_format
        return cell.style_id


@lru_cache(maxsize=64)
def styles_of(
    role: str, rule_below: str | None = None
) -> tuple[Font, PatternFill, Alignment, Border]:
    """Give what openpyxl calls the look of a role."""
    look = LOOKS[role]
    below, above = (
        Side(style="thin", color=color) if color else None
        for color in (rule_below or look.rule_below, look.rule_above)
    )
    return (
        Font(name=FONT, size=look.size, bold=look.bold, color=look.color),
        PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill(),
        Alignment(look.align, "center", wrap_text=look.wrap, indent=look.indent),
        Border(bottom=below, top=above),
    )
