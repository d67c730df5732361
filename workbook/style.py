"""One visual identity: what each role of a cell looks like.

Blue for inputs, black for calculations, green for links to other sheets, purple for `HPC_`
functions, amber where a figure rests on an assumption, red where a check fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FONT: Final = "Arial"
TALLEST_ROW: Final = 409.0
"""Points, by Excel."""
NAVY: Final = "1F2A44"
INK: Final = "1A1A1A"
GREY: Final = "6B7280"
RULE: Final = "C9CED8"
BAND: Final = "EEF1F6"
BLUE: Final = "0000C8"
INPUT_FILL: Final = "FFFDE9"
GREEN: Final = "00703C"
PURPLE: Final = "5B2A86"
FUNCTION_FILL: Final = "F5F0FA"
AMBER_FILL: Final = "FDE9C9"
GREEN_FILL: Final = "DDF0E4"
RED_FILL: Final = "F8D0CC"
RED: Final = "A61B1B"
WHITE: Final = "FFFFFF"
GRID: Final = "E3E6EC"
STEEL: Final = "5B7CA5"
TEAL: Final = "2F7F79"
PALE: Final = "AEB9CB"
HEAT_LOW: Final = "F3D3CC"
HEAT_MIDDLE: Final = "FFFFFF"
HEAT_HIGH: Final = "C9E3D3"
AMBER: Final = "D98E04"

INPUT: Final = "HPC Input"
OWN: Final = "HPC Own"
CALCULATION: Final = "HPC Calculation"
LINK: Final = "HPC Link"
FUNCTION: Final = "HPC Function"
RESULT: Final = "HPC Result"
NAMED: Final = {
    INPUT: "input",
    OWN: "own",
    CALCULATION: "calculation",
    LINK: "link",
    FUNCTION: "function",
    RESULT: "result",
}
"""Role that a cell style of the workbook looks like; Excel has an Input of its own."""

TABS: Final = {"front": NAVY, "facts": BLUE, "valuation": TEAL, "what-if": AMBER}
"""Colour of the tab by the kind of sheet."""


@dataclass(frozen=True, slots=True)
class Look:
    """Font, fill, alignment and borders of a role."""

    color: str = INK
    bold: bool = False
    size: float = 9
    fill: str | None = None
    align: str | None = None
    wrap: bool = False
    rule_below: str | None = None
    rule_above: str | None = None
    indent: int = 0
    named: str | None = None
    """The cell style of the workbook it belongs to, to find and to change such cells by."""


LOOKS: Final = {
    "way_back": Look(GREEN, size=8, align="left", indent=1),
    "title": Look(NAVY, bold=True, size=16),
    "subtitle": Look(GREY, size=9),
    "subtitle_wrapped": Look(GREY, size=9, wrap=True),
    "section": Look(NAVY, bold=True, size=11, rule_below=NAVY),
    "group": Look(WHITE, bold=True, size=11, fill=NAVY),
    "heading": Look(WHITE, bold=True, fill=NAVY, align="right", wrap=True),
    "heading_center": Look(WHITE, bold=True, fill=NAVY, align="center", wrap=True),
    "heading_left": Look(WHITE, bold=True, fill=NAVY, align="left", wrap=True, indent=1),
    "text": Look(),
    "label": Look(rule_below=RULE, align="left", indent=1),
    "label_bold": Look(bold=True, rule_below=RULE, align="left", indent=1),
    "label_wrap": Look(rule_below=RULE, align="left", wrap=True, indent=1),
    "unit": Look(GREY, rule_below=RULE, align="left", indent=1),
    "note": Look(GREY, size=8, wrap=True, align="left", indent=1),
    "note_ruled": Look(GREY, size=8, wrap=True, align="left", indent=1, rule_below=RULE),
    "source_name": Look(BLUE, size=8, align="left", indent=1, rule_below=RULE),
    "source": Look(BLUE, size=8, align="left", indent=1),
    "note_line": Look(GREY, size=8, align="left", indent=1, rule_below=RULE),
    "table_cell": Look(BLUE, align="left"),
    "fact": Look(BLUE, align="right", rule_below=RULE),
    "own": Look(BLUE, fill=INPUT_FILL, align="right", rule_below=RULE, named=OWN),
    "input": Look(BLUE, fill=INPUT_FILL, align="right", rule_below=RULE, named=INPUT),
    "input_left": Look(BLUE, fill=INPUT_FILL, align="left", rule_below=RULE, indent=1, named=INPUT),
    "link": Look(GREEN, align="right", rule_below=RULE, named=LINK),
    "link_small": Look(GREEN, size=6.5, align="right", rule_below=RULE, wrap=True),
    "grid": Look(align="right", named=CALCULATION),
    "heading_link": Look(GREEN, bold=True, align="right", fill=BAND),
    "small_right": Look(GREY, size=7, align="right", rule_below=RULE, wrap=True),
    "unit_right": Look(GREY, size=8, align="right", rule_below=RULE),
    "link_assumed": Look(GREEN, align="right", rule_below=RULE, fill=AMBER_FILL, named=LINK),
    "link_bold": Look(GREEN, bold=True, align="right", rule_below=RULE, fill=BAND, named=LINK),
    "link_center": Look(GREEN, align="center", rule_below=RULE, named=LINK),
    "link_left": Look(GREEN, align="left", rule_below=RULE, indent=1, named=LINK),
    "contents": Look(GREEN, bold=True, align="left", rule_below=RULE, indent=1),
    "calculation": Look(align="right", rule_below=RULE, named=CALCULATION),
    "result": Look(bold=True, align="right", rule_below=RULE, fill=BAND, named=RESULT),
    "result_left": Look(
        bold=True, align="left", rule_below=RULE, fill=BAND, indent=1, named=RESULT
    ),
    "function": Look(PURPLE, align="right", fill=FUNCTION_FILL, rule_below=RULE, named=FUNCTION),
    "function_left": Look(
        PURPLE, align="left", fill=FUNCTION_FILL, rule_below=RULE, indent=1, named=FUNCTION
    ),
    "function_sentence": Look(
        PURPLE, size=8, align="left", fill=FUNCTION_FILL, rule_below=RULE, indent=1, named=FUNCTION
    ),
    "check": Look(GREEN, bold=True, align="center", rule_below=RULE),
    "fact_small": Look(BLUE, size=6.5, align="right", rule_below=RULE, wrap=True),
    "problem": Look(RED, size=8, align="right", rule_below=RULE),
    "missing": Look(RED, size=7, align="right", rule_below=RULE, wrap=True),
    "missing_left": Look(RED, size=7, align="left", rule_below=RULE, wrap=True, indent=1),
    "status": Look(GREY, size=8, align="left", rule_below=RULE, indent=1),
    "check_small": Look(GREEN, size=8, align="center", rule_below=RULE),
    "total": Look(
        bold=True, align="right", rule_below=NAVY, rule_above=NAVY, fill=BAND, named=RESULT
    ),
    "legend_calculation": Look(align="left", rule_below=RULE, indent=1, named=CALCULATION),
    "legend_amber": Look(align="left", fill=AMBER_FILL, rule_below=RULE, indent=1),
    "legend_red": Look(RED, bold=True, align="left", fill=RED_FILL, rule_below=RULE, indent=1),
    "legend_idle": Look(GREY, align="left", fill=BAND, rule_below=RULE, indent=1),
    "banner": Look(GREEN, bold=True),
    "look": Look(size=8),
    "look_named": Look(size=8, align="left", wrap=True, rule_below=RULE, indent=1),
    "amber": Look("", fill=AMBER_FILL),
    "green": Look(GREEN, bold=True, fill=GREEN_FILL),
    "red": Look(RED, bold=True, fill=RED_FILL),
    "idle": Look(GREY, fill=BAND),
}
"""Look of each role; the last four are laid over others where a highlight applies."""


def _signed(digits: str) -> str:
    """Write a number format: negative in brackets, nothing as a dash, decimals in one column."""
    return f'{digits}_);({digits});"-"_)'


PRICE: Final = _signed("#,##0.00")
MONEY: Final = _signed("#,##0")
MONEY_EXACT: Final = _signed("#,##0.0")
PER_SHARE: Final = _signed("0.00")
PER_MW: Final = "0.00_)"
MEGAWATTS: Final = "#,##0_)"
PERCENT: Final = "0.0%_);-0.0%_)"
SHARES: Final = "#,##0.0_)"
COUNT: Final = "#,##0_)"
RATIO: Final = "0.000_)"
FACTOR: Final = "0.000000_)"
DATE: Final = "yyyy-mm-dd"
DATE_IF_ANY: Final = 'yyyy-mm-dd;;"-"'
"""A day, or a dash for the number 0, which would be shown as the first day of a spreadsheet."""
PLAIN: Final = "General"
TEXT: Final = "0_);0_);0_);@_)"
"""Text in line with the numbers above it; the plain text format would turn a formula into text."""
DIFFERENCE: Final = "0.0E+00;-0.0E+00;0"
