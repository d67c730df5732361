"""Value per MW in cells: low, halfway and high of the published range, and the one in use."""

from __future__ import annotations

from typing import Final

from workbook.model.excel import ONE, Term
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.style import PER_MW

USE: Final = "use"
"""Where the book's position lies, beside the levels low, mid and high."""

VALUES: Final = {
    "low": "colo_value_low",
    "mid": "value_mid",
    "high": "colo_value_high",
    USE: "value_use",
}
"""Key of the line of each value per gross MW."""


def value_at(low: Term, high: Term, position: Term) -> Term:
    """Give the value at a position of the range.

    Examples
    --------
    >>> value_at(Term("D5", 3.7), Term("D6", 8.6), Term("D7", 1.0)).text
    'D5*(1-D7)+D6*D7'
    """
    return low * (ONE - position) + high * position


def plan_values(lines: Lines, inputs: InputCells) -> None:
    """Plan the value halfway and the one in use, from the ends and the position of the lines."""

    def at_position(position: Term, column: str) -> Term:
        low, high = (lines.at(VALUES[end], column) for end in ("low", "high"))
        return value_at(low, high, position)

    lines.line(
        VALUES["mid"],
        "Equity value per MW, mid",
        "USD M/MW gross",
        PER_MW,
        lambda column: at_position(inputs.constants["halfway"], column),
        note="halfway between low and high",
    )
    lines.line(
        VALUES[USE],
        "Equity value per MW, in use",
        "USD M/MW gross",
        PER_MW,
        lambda column: at_position(lines.at("colo_value_position", column), column),
        style="total",
        note="low x (1 - position) + high x position",
    )
