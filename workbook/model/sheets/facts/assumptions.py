"""Mark the cells that show a fact of low confidence, on every sheet of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from workbook.cells import letters
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import CONFIDENCE, NAME, STATUS

_FACT: Final = re.compile(rf'{NAME}!\${letters(STATUS)}\$(\d+)="ok"')
"""How a cell asks whether a fact may be used; see `InputCells.usable`."""


def mark_assumptions(inputs: Sheet, sheets: Iterable[Sheet]) -> None:
    """Lay amber over each cell that takes a fact of low confidence under the case of the build."""
    for sheet in sheets:
        for (row, column), cell in list(sheet.cells.items()):
            if cell.style != "link" or cell.formula is None:
                continue
            rows = (int(number) for number in _FACT.findall(cell.formula))
            if any(inputs.cells[at, CONFIDENCE].value == "low" for at in rows):
                sheet.restyle(row, column, "link_assumed", cell.number_format)
