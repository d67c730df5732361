"""A workbook that checks in a real Excel what no other engine can show: each line turns TRUE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from valuation_core import __version__
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.plan import Plan, Sheet
from workbook.style import PLAIN

NAME: Final = "Check"
NOT_COMPUTED: Final = "not computed yet: press Recalculate on the tab HPC"
TOLERANCE: Final = 1e-9
ERROR_TYPES: Final = {"#DIV/0!": 2.0, "#VALUE!": 3.0, "#NUM!": 6.0, "#N/A": 7.0}
"""What Excel's ERROR.TYPE gives for each error."""

FIRST_ROW: Final = 8
BLANK_LINE: Final = "A blank cell is no omission"
_VERDICTS: Final = {
    "number": 'IF(ISERROR({0}),"shows an error",IF(ISNUMBER({0}),'
    'IF(ABS({0}-{1})<={2}*ABS({1}),TRUE,"shows another number"),"shows a text"))',
    "text": 'IF(ISERROR({0}),"shows an error",IF(EXACT({0}&"",{1}),TRUE,"shows another text"))',
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


@dataclass(frozen=True, slots=True)
class Material:
    """Where the cells landed that the formulas read."""

    probabilities: str
    megawatts: str
    one_bad: str
    blank: str
    percent: str
    error: str
    facts: str


def lines(at: Material) -> list[Line]:
    """Give the lines; numbers expected are worked out by hand in the text of each."""
    halving = call(Desk(), "HPC_DATA", ["NETWORK", "halving_date"])
    rating = call(Desk(), "HPC_RATING", ["RIOT", 11.0])
    explain = call(Desk(), "HPC_EXPLAIN", ["HPC_VALUE", "RIOT", OMITTED, 600.0])
    if isinstance(halving, ErrorValue) or isinstance(rating, ErrorValue):
        raise ValueError("the shipped book lacks a fact that this workbook needs")
    grid = f'HPC_VALUE("RIOT",{at.probabilities},{at.megawatts})'
    spoilt = f'HPC_VALUE("RIOT",{at.one_bad},600)'
    explained = f'INDEX(HPC_EXPLAIN("HPC_VALUE","RIOT",,600),{len(explain)},3)'
    version = f"hpc-valuation {__version__};"
    return [
        Line("A value: 0.5 x 600 MW x 6.15", 'HPC_VALUE("RIOT",0.5,600)', 1845.0),
        Line("An argument left out takes its default", 'HPC_VALUE("RIOT",,600)', 1845.0),
        Line("TRUE counts as 1", 'HPC_VALUE("RIOT",TRUE,600)', 3690.0),
        Line("The text 50% is read as its number", f'HPC_VALUE("RIOT",{at.percent},600)', 1845.0),
        Line(BLANK_LINE, f'HPC_VALUE("RIOT",{at.blank},600)', "#N/A", "error"),
        Line("An unknown miner", 'HPC_VALUE("RIOTT",0.5,600)', "#N/A", "error"),
        Line("A probability above 1", 'HPC_VALUE("RIOT",1.7,600)', "#NUM!", "error"),
        Line("Text for a number", 'HPC_VALUE("RIOT","abc",600)', "#VALUE!", "error"),
        Line("An error is handed on", f'HPC_VALUE("RIOT",{at.error},600)', "#DIV/0!", "error"),
        Line("A grid, its last element: 0.5 x 800 x 6.15", f"INDEX({grid},2,3)", 2460.0),
        Line("A grid has two rows", f"ROWS({grid})", 2.0),
        Line("In a range the good element lives", f"INDEX({spoilt},1,1)", 1845.0),
        Line("In a range the bad one is an error", f"INDEX({spoilt},2,1)", "#NUM!", "error"),
        Line("A text result", 'HPC_RATING("RIOT",11)', rating, "text"),
        Line("A long text is cut at 255", 'LEN(HPC_SOURCE("RIOT","power_price"))', 255.0),
        Line("A date is a serial number", 'HPC_DATA("NETWORK","halving_date")', halving),
        Line(
            "Own facts through a handle: 0.5 x 400 x 6.15",
            f'HPC_VALUE("RIOT",,,,,,HPC_BOOK(,{at.facts}))',
            1230.0,
        ),
        Line("Explain, an argument left out between", explained, 1845.0),
        Line("The version", f"LEFT(HPC_VERSION(),{len(version)})", version, "text"),
    ]


def plan_check() -> Plan:
    """Plan the workbook; until Excel computes it, every line says so."""
    sheet = Sheet(NAME, (44, 62, 22, 22, 48), freeze=f"A{FIRST_ROW}")
    sheet.put(1, 1, "Excel check of the HPC functions", "title")
    sheet.put(2, 1, "Press Recalculate on the tab HPC. Every line must turn TRUE.", "subtitle")
    sheet.put(3, 1, "What needs a hand is on the page docs/excel-check.md.", "subtitle")
    headings = ("What must be true", "Formula", "Result", "Must be", "Verdict")
    sheet.put_row(FIRST_ROW - 1, 1, headings, "heading_left")
    number = len(lines(Material(*[""] * 7)))
    material, tolerance = _material(sheet, FIRST_ROW + number + 1)
    verdicts = [
        _plan_line(sheet, row, line, tolerance)
        for row, line in enumerate(lines(material), start=FIRST_ROW)
    ]
    whole = verdicts[0].to(verdicts[-1]).fixed
    text = f'IF(COUNTIF({whole},TRUE)=ROWS({whole}),"All lines are TRUE","NOT ALL LINES ARE TRUE")'
    sheet.put(5, 1, NOT_COMPUTED, "banner", formula=text)
    return Plan(f"Excel check, hpc-valuation {__version__}", [sheet])


def _plan_line(sheet: Sheet, row: int, line: Line, tolerance: str) -> Ref:
    sheet.put(row, 1, line.shows, "label")
    sheet.put(row, 2, f"={line.formula}", "note_ruled")
    result = sheet.put(row, 3, NOT_COMPUTED, "function", PLAIN, formula=line.formula)
    expected = sheet.put(row, 4, line.expected, "calculation", PLAIN)
    against = expected.here
    if line.kind == "error":
        against = f"{ERROR_TYPES[str(line.expected)]:g}"
    verdict = _VERDICTS[line.kind].format(result.here, against, tolerance)
    return sheet.put(row, 5, NOT_COMPUTED, "result", formula=verdict)


def _material(sheet: Sheet, row: int) -> tuple[Material, str]:
    """Plan the cells that the formulas read; give their places and that of the tolerance."""
    sheet.put(row, 1, "What the formulas read", "section")

    def label(offset: int, text: str) -> int:
        sheet.put(row + offset, 1, text, "label")
        return row + offset

    def across(offset: int, text: str, values: tuple[Value, ...]) -> str:
        return sheet.put_row(label(offset, text), 3, values, "input").fixed

    megawatts = across(1, "MW of the grid", (300.0, 600.0, 900.0))
    first = sheet.put(label(2, "Probabilities of the grid"), 3, 0.25, "input")
    probabilities = first.to(sheet.put(label(3, "second row"), 3, 0.5, "input")).fixed
    good = sheet.put(label(4, "A good probability"), 3, 0.5, "input")
    one_bad = good.to(sheet.put(label(5, "and one above 1"), 3, 1.7, "input")).fixed
    blank = across(6, "A blank cell", (None,))
    percent = across(7, "A text", ("50%",))
    error = sheet.put(label(8, "An error"), 3, NOT_COMPUTED, "calculation", formula="1/0").fixed
    facts = across(9, "An own fact", ("RIOT", "hpc_mw_shopped", 400.0))
    tolerance = across(10, "Relative difference that counts as equal", (TOLERANCE,))
    places = Material(probabilities, megawatts, one_bad, blank, percent, error, facts)
    return places, tolerance
