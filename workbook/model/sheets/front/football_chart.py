"""Football field: what each method makes of the target of one miner, as a chart of bars.

Every bar is a line between two points and has a place of its own on the upright axis; share price
and target run across all of them. What is not a number has no place, so nothing is drawn for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel import IF, ISNUMBER, NA, Term
from workbook.model.lines import Lines
from workbook.model.plan import RangeChart, Sheet, Stroke, Validation
from workbook.model.sheets.valuation.hpc_grids import pick
from workbook.model.sheets.what_if.what_if import WhatIf
from workbook.style import AMBER, GREY, INK, NAVY, PALE, PER_SHARE, PURPLE, STEEL, TEAL

CASES: Final = "All cases"
IMPLIED: Final = "Implied by the price"
METHODS: Final = (
    ("Plain target", ("plain", "plain"), NAVY),
    (CASES, ("MIN", "MAX"), GREY),
    (IMPLIED, ("bare", "price"), PALE),
    ("Published target", ("published_target", "published_target"), TEAL),
    ("Value per MW, low to high", ("field_low", "field_high"), PURPLE),
    ("Probability, low to high", ("field_0", "field_2"), STEEL),
)
"""Label of each method, the lines between which its bar lies, and its colour.

Lines are of Targets; all cases go from the lowest to the highest. Implied by the price is what is
paid for the option: from the value without it, a line of Implied, to the price.
"""

LEVELS: Final = (("Share price", "price", INK), ("Target, model", "target", AMBER))
HEADINGS: Final = ("Bar", None, "From", "To", "Place", "Place", "Drawn at", "Drawn at")
CHOOSE: Final = "Miner of the football field (choose)"


def plan_football(
    sheet: Sheet,
    targets: Lines,
    implied: Lines,
    what_if: WhatIf,
    miners: Ref,
    chooser_row: int,
    row: int,
    place: Ref,
) -> RangeChart:
    """Plan the cell that chooses the miner and the data of the chart, and give the chart.

    Parameters
    ----------
    sheet : Sheet
        Where it stands.
    targets, implied : Lines
        Figures of every miner.
    what_if : WhatIf
        The targets under every case.
    miners : Ref
        Cells that may be chosen from.
    chooser_row, row : int
        Rows of the choice and of the data.
    place : Ref
        Cells that the chart covers.
    """
    ticker = targets.columns[0]
    for column in (1, 2):
        sheet.put(chooser_row, column, CHOOSE if column == 1 else None, "label_bold")
    chosen = sheet.put(chooser_row, 4, ticker, "input")
    sheet.put(chooser_row, 3, None, "label_bold")
    message = "Choose a miner of this workbook."
    sheet.validations.append(Validation(chosen, message, "list", source=miners))
    for column in range(1, len(HEADINGS) + 1):
        title = "Data of the football field: target of the chosen miner, USD per share"
        sheet.put(row, column, title if column == 1 else None, "section")
    for column, heading in enumerate(HEADINGS, start=1):
        sheet.put(row + 1, column, heading, "heading_left" if column <= 2 else "heading")
    data = _Data(sheet, targets, implied, what_if, chosen, row + 2)
    top = float(len(METHODS))
    bars = [
        data.put(label, keys, (top - index, top - index), color)
        for index, (label, keys, color) in enumerate(METHODS)
    ]
    lines = [data.put(label, (key, key), (0.0, top + 1.0), color) for label, key, color in LEVELS]
    return RangeChart(
        "Football field: target by method, and the share price",
        "USD per share, miner chosen above",
        "0",
        tuple(bars),
        tuple(lines),
        top + 1.0,
        place,
    )


class _Data:
    """Writes one bar or line after the other."""

    def __init__(
        self,
        sheet: Sheet,
        targets: Lines,
        implied: Lines,
        what_if: WhatIf,
        chosen: Ref,
        row: int,
    ) -> None:
        self.sheet, self.targets, self.implied, self.what_if = sheet, targets, implied, what_if
        self.chosen, self.row = chosen, row

    def put(self, label: str, keys: Sequence[str], heights: Sequence[float], color: str) -> Stroke:
        """Plan both ends of a stroke and where they are drawn."""
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, label, "label")
        sheet.put(row, 2, None, "label")
        for offset, (key, height) in enumerate(zip(keys, heights, strict=True)):
            term = self._extreme(key) if label == CASES else self._figure(label, key)
            end = self._cell(3 + offset, term, "link", PER_SHARE)
            at = self._cell(5 + offset, Term("", height), "calculation", "0")
            self._cell(7 + offset, IF(ISNUMBER(end), at, NA), "calculation", "0")
        self.row += 1
        across, up = (Ref(sheet.name, row, first, row, first + 1) for first in (3, 7))
        return Stroke(label, across, up, color)

    def _figure(self, label: str, key: str) -> Term:
        lines = self.implied if label == IMPLIED else self.targets
        value = lines.value(key, lines.columns[0])
        return Term(pick(lines, key, self.chosen, self.sheet.name), value)

    def _extreme(self, call: str) -> Term:
        """Give the lowest or the highest target of the chosen miner under all cases."""
        block, header, miner = self.what_if.cases, self.targets.header.there, self.chosen.fixed
        cells = self.what_if.sheet.cells
        values = [cells[row, block.column].value for row in range(block.row, block.last_row + 1)]
        wrong = next((one for one in values if isinstance(one, ErrorValue)), None)
        numbers = [one for one in values if isinstance(one, float)]
        found = (min if call == "MIN" else max)(numbers, default=0.0)
        column = f"INDEX({block.there},0,MATCH({miner},{header},0))"
        known = f"SUMPRODUCT(--({header}={miner}))=1"
        return Term(f"IF({known},{call}({column}),NA())", wrong or found)

    def _cell(self, column: int, term: Term, style: str, number_format: str) -> Term:
        value: Value = term.value
        ref = self.sheet.put(self.row, column, value, style, number_format, term.text or None)
        return Term(ref.here, value)
