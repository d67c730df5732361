"""Mark the cells that show a fact of low confidence, on every sheet of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from workbook.plan import Highlight, Ref, Sheet, letters
from workbook.sheets.input_cells import CONFIDENCE, NAME, OWN_VALUE, STATUS

_FACT: Final = re.compile(rf'{NAME}!\${letters(STATUS)}\$(\d+)="ok"')
"""How a cell asks whether a fact may be used; see `InputCells.usable`."""


def mark_assumptions(inputs: Sheet, sheets: Iterable[Sheet]) -> None:
    """Lay amber over each cell that takes a fact of low confidence, until a value is stated."""
    for sheet in sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.style != "link" or cell.formula is None:
                continue
            rows = [int(number) for number in _FACT.findall(cell.formula)]
            low = [at for at in rows if inputs.cells[at, CONFIDENCE].value == "low"]
            if low:
                sheet.highlights.append(
                    Highlight(
                        Ref(sheet.name, row, column, row, column), _still_low(low[0]), "amber"
                    )
                )


def _still_low(row: int) -> str:
    own = Ref(NAME, row, OWN_VALUE, row, OWN_VALUE).there
    confidence = Ref(NAME, row, CONFIDENCE, row, CONFIDENCE).there
    return f'AND({confidence}="low",{own}="")'
