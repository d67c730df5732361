"""A workbook that checks in a real Excel what no other engine can show: each line turns TRUE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from addin.call import call
from addin.cells import OMITTED, ErrorValue
from addin.desk import Desk
from valuation_core import __version__
from workbook.plan import Plan, Ref, Sheet, Value
from workbook.style import PLAIN

NAME: Final = "Check"
NOT_COMPUTED: Final = "not computed yet: press Recalculate on the tab HPC"
TOLERANCE: Final = 1e-9
ERROR_TYPES: Final = {"#DIV/0!": 2.0, "#VALUE!": 3.0, "#NUM!": 6.0, "#N/A": 7.0}
"""What Excel's ERROR.TYPE gives for each error."""

FIRST_ROW: Final = 9
_VERDICTS: Final = {
    "number": 'IF(ISERROR({0}),"shows an error",IF(ISNUMBER({0}),'
    'IF(ABS({0}-{1})<=$C$7*ABS({1}),TRUE,"shows another number"),"shows a text"))',
    "text": 'IF(ISERROR({0}),"shows an error",IF(EXACT({0},{1}),TRUE,"shows another text"))',
    "error": 'IF(ISERROR({0}),IF(ERROR.TYPE({0})={1},TRUE,"shows another error"),'
    '"shows a value where an error is due")',
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it shows, the formula, and the result that must appear."""

    shows: str
    formula: str
    expected: Value
    kind: Literal["number", "text", "error"] = "number"


def lines() -> list[Line]:
    """Give the lines; numbers expected are worked out by hand in the text of each."""
    halving = call(Desk(), "HPC_DATA", ["NETWORK", "halving_date"])
    source = call(Desk(), "HPC_SOURCE", ["RIOT", "power_price"])
    rating = call(Desk(), "HPC_RATING", ["RIOT", 11.0])
    explain = call(Desk(), "HPC_EXPLAIN", ["HPC_VALUE", "RIOT", OMITTED, 600.0])
    if any(isinstance(value, ErrorValue) for value in (halving, source, rating)):
        raise ValueError("the shipped book lacks a fact that this workbook needs")
    grid = 'HPC_VALUE("RIOT",$G$2:$G$3,$H$1:$J$1)'
    spoilt = 'HPC_VALUE("RIOT",$G$5:$G$6,600)'
    explained = f'INDEX(HPC_EXPLAIN("HPC_VALUE","RIOT",,600),{len(explain)},3)'
    return [
        Line("A value: 0.5 x 600 MW x 6.15", 'HPC_VALUE("RIOT",0.5,600)', 1845.0),
        Line("An argument left out takes its default", 'HPC_VALUE("RIOT",,600)', 1845.0),
        Line("TRUE counts as 1", 'HPC_VALUE("RIOT",TRUE,600)', 3690.0),
        Line("Text from a cell is read: 50%", 'HPC_VALUE("RIOT",$G$8,600)', 1845.0),
        Line("A blank cell is no omission: #N/A", 'HPC_VALUE("RIOT",$G$7,600)', "#N/A", "error"),
        Line("Unknown miner: #N/A", 'HPC_VALUE("RIOTT",0.5,600)', "#N/A", "error"),
        Line("Probability above 1: #NUM!", 'HPC_VALUE("RIOT",1.7,600)', "#NUM!", "error"),
        Line("Text for a number: #VALUE!", 'HPC_VALUE("RIOT","abc",600)', "#VALUE!", "error"),
        Line("An error cell is handed on", 'HPC_VALUE("RIOT",$G$9,600)', "#DIV/0!", "error"),
        Line("A grid, its last element: 0.5 x 800 x 6.15", f"INDEX({grid},2,3)", 2460.0),
        Line("A grid has two rows", f"ROWS({grid})", 2.0),
        Line("In a range the good element lives", f"INDEX({spoilt},1,1)", 1845.0),
        Line("In a range the bad one is an error", f"INDEX({spoilt},2,1)", "#NUM!", "error"),
        Line("A text result", 'HPC_RATING("RIOT",11)', rating, "text"),
        Line("A long text is cut at 255", 'LEN(HPC_SOURCE("RIOT","power_price"))', 255.0),
        Line("A date is a serial number", 'HPC_DATA("NETWORK","halving_date")', halving),
        Line(
            "Own facts through a handle: 0.5 x 400 x 6.15",
            'HPC_VALUE("RIOT",,,,,,HPC_BOOK(,$G$11:$I$11))',
            1230.0,
        ),
        Line("Explain, an argument left out between", explained, 1845.0),
        Line(
            "The version of this file",
            f"LEFT(HPC_VERSION(),{len(_version_text())})",
            _version_text(),
            "text",
        ),
    ]


def _version_text() -> str:
    return f"hpc-valuation {__version__};"


def plan_check() -> Plan:
    """Plan the workbook; until Excel computes it, every line says so."""
    sheet = Sheet(NAME, (46, 52, 16, 44, 4, 4, 9, 9, 9, 9), freeze=f"A{FIRST_ROW}")
    sheet.put(1, 1, "Excel check of the HPC functions", "title")
    sheet.put(2, 1, "Press Recalculate on the tab HPC. Every line must turn TRUE.", "subtitle")
    sheet.put(3, 1, "What needs a hand is on the page docs/excel-check.md.", "subtitle")
    sheet.put(7, 1, "Tolerance, relative", "label")
    sheet.put(7, 3, TOLERANCE, "input", "0E+00")
    _material(sheet)
    sheet.put_row(8, 1, ("What must be true", "Formula", "Result", "Verdict"), "heading_left")
    verdicts = []
    for row, line in enumerate(lines(), start=FIRST_ROW):
        verdicts.append(_plan_line(sheet, row, line))
    whole = verdicts[0].to(verdicts[-1])
    count = f"COUNTIF({whole.fixed},TRUE)"
    text = f'IF({count}=ROWS({whole.fixed}),"All lines are TRUE","NOT ALL LINES ARE TRUE")'
    sheet.put(5, 1, NOT_COMPUTED, "banner", formula=text)
    return Plan(f"Excel check, hpc-valuation {__version__}", [sheet])


def _plan_line(sheet: Sheet, row: int, line: Line) -> Ref:
    sheet.put(row, 1, line.shows, "label")
    sheet.put(row, 2, f"={line.formula}", "note_ruled")
    sheet.put(row, 3, NOT_COMPUTED, "function", formula=line.formula)
    expected = line.expected
    if line.kind == "error":
        expected = ERROR_TYPES[str(line.expected)]
    hidden = sheet.put(row, 5, expected, "note_ruled", PLAIN)
    verdict = _VERDICTS[line.kind].format(f"C{row}", hidden.here)
    return sheet.put(row, 4, NOT_COMPUTED, "calculation", formula=verdict)


def _material(sheet: Sheet) -> None:
    """Cells that the formulas read: a grid's axes, a bad element, a blank, a text, an error."""
    sheet.put_row(1, 8, (300.0, 600.0, 900.0), "input")
    for row, value in ((2, 0.25), (3, 0.5), (5, 0.5), (6, 1.7)):
        sheet.put(row, 7, value, "input")
    sheet.put(7, 7, None, "input")
    sheet.put(8, 7, "50%", "input")
    sheet.put(9, 7, NOT_COMPUTED, "calculation", formula="1/0")
    sheet.put_row(11, 7, ("RIOT", "hpc_mw_shopped", 400.0), "input")
