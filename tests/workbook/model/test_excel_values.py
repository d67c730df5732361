"""Terms compute what a spreadsheet computes from their text: a table of cases, and an engine."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from addin.calc.recalculate import recalculated_cells
from workbook.cells import ErrorValue
from workbook.model.excel import (
    ABS,
    AND,
    BLANK,
    IF,
    IFERROR,
    INT,
    ISERROR,
    ISNUMBER,
    ISODD,
    LN,
    MAX,
    MIN,
    NA,
    ONE,
    OR,
    ROUND,
    SUM,
    ZERO,
    Span,
    Term,
    joined_text,
    text,
)
from workbook.model.excel_values import order
from workbook.model.sheets.facts.keys import rows_where, sum_where

CELLS = {
    "A1": 2.5,
    "A2": -2.5,
    "A3": True,
    "A4": "OW",
    "A5": "ow",
    "A6": None,
    "A7": 0.0,
    "A8": date(2025, 9, 26),
    "A9": "n/a",
    "A10": 0.1,
    "A11": 0.2,
    "A12": 0.3,
    "A13": "7",
    "A14": False,
    "A15": -3.0,
}
HALF, MINUS_HALF, TRUE, OW, OW_SMALL, EMPTY, NOUGHT, DAY, NO_FIGURE, TENTH, FIFTH, THIRD = (
    Term(address, value) for address, value in list(CELLS.items())[:12]
)
SEVEN_AS_TEXT, FALSE, MINUS_THREE = (Term(a, CELLS[a]) for a in ("A13", "A14", "A15"))
RANGE = Span("A1:A6", tuple(CELLS[f"A{row}"] for row in range(1, 7)))

MISFIT, NOT_A_NUMBER, DIVIDED = ErrorValue("#VALUE!"), ErrorValue("#NUM!"), ErrorValue("#DIV/0!")
MISSING = ErrorValue("#N/A")

CASES = [
    # Numbers: halves are rounded away from zero, INT goes down, a fraction of ISODD is cut off.
    (ROUND(HALF), 3.0),
    (ROUND(MINUS_HALF), -3.0),
    (INT(MINUS_HALF), -3.0),
    (ISODD(MINUS_HALF), False),
    (ISODD(MINUS_THREE), True),
    (ABS(MINUS_HALF), 2.5),
    (-HALF, -2.5),
    (ONE - -HALF, 3.5),
    ((-MINUS_THREE) ** (ONE + ONE), 9.0),
    ((ONE + ONE) ** -ONE, 0.5),
    (-(MINUS_THREE ** (ONE + ONE)), -9.0),
    (HALF / NOUGHT, DIVIDED),
    # Arithmetic: TRUE is 1, a blank 0, a date its serial, a text that is no number an error.
    (TRUE + ONE, 2.0),
    (EMPTY + ONE, 1.0),
    (DAY + ONE, 45927.0),
    (SEVEN_AS_TEXT + ONE, 8.0),
    (NO_FIGURE + ONE, MISFIT),
    # Comparisons: kinds are never equal, texts are compared without case, a blank is what it is
    # beside; numbers stand before texts and texts before logical values.
    (OW.equals(OW_SMALL), True),
    (OW.equals(NO_FIGURE), False),
    (SEVEN_AS_TEXT.equals(Term("7", 7.0)), False),
    (EMPTY.equals(ZERO), True),
    (EMPTY.equals(BLANK), True),
    (EMPTY.equals(FALSE), True),
    (NOUGHT.equals(BLANK), False),
    (DAY.equals(Term("45926", 45926.0)), True),
    ((TENTH + FIFTH).equals(THIRD), True),  # by fifteen digits
    (TENTH + FIFTH > THIRD, False),
    (TENTH + FIFTH >= THIRD, True),
    (THIRD < TENTH + FIFTH, False),
    (THIRD <= TENTH, False),
    (Term("9E+99", 9e99) < OW, True),
    (TRUE > FALSE, True),
    (EMPTY > MINUS_THREE, True),
    (NA.equals(ONE), MISSING),
    (ONE > HALF / NOUGHT, DIVIDED),
    # Conditions: a number is true unless it is 0; a text is none.
    (IF(HALF, ONE, ZERO), 1.0),
    (IF(MINUS_HALF, ONE, ZERO), 1.0),
    (IF(NOUGHT, ONE, ZERO), 0.0),
    (IF(EMPTY, ONE, ZERO), 0.0),
    (IF(NO_FIGURE, ONE, ZERO), MISFIT),
    (IF(NA, ONE, ZERO), MISSING),
    (IF(TRUE, ONE, NA), 1.0),
    (IFERROR(HALF / NOUGHT, ONE), 1.0),
    (ISERROR(NA), True),
    (ISNUMBER(DAY), True),
    (ISNUMBER(EMPTY), False),
    (ISNUMBER(SEVEN_AS_TEXT), False),
    # Of cells, a function of a list skips blanks and texts; logical values count for AND and OR.
    (MIN(HALF, EMPTY), 2.5),
    (MAX(MINUS_HALF, EMPTY), -2.5),
    (MAX(MINUS_HALF, NO_FIGURE), -2.5),
    (MAX(MINUS_HALF, ZERO), 0.0),
    (MAX(EMPTY), 0.0),
    (MIN(RANGE), -2.5),
    (MAX(RANGE, ONE), 2.5),
    (SUM(HALF, HALF / NOUGHT), DIVIDED),
    (AND(TRUE, HALF), True),
    (AND(TRUE, EMPTY), True),
    (OR(FALSE, NOUGHT), False),
    (OR(FALSE, MINUS_HALF), True),
    (AND(TRUE, NA), MISSING),
    # Texts joined: numbers without needless digits, a blank as nothing.
    (joined_text([OW, HALF, EMPTY]), "OW2.5"),
    (joined_text([text('a "b" '), ONE + ONE]), 'a "b" 2'),
    (joined_text([OW, NA]), MISSING),
    # A number is joined with a power of ten only where it is long without one.
    (joined_text([OW, Term("0.00001", 0.00001)]), "OW0.00001"),
    (joined_text([OW, Term("0.000000015", 1.5e-8)]), "OW0.000000015"),
    (joined_text([OW, Term("1000000000000000", 1e15)]), "OW1000000000000000"),
]
ONLY_IN_EXCEL = [
    # LibreOffice has no logical values: its TRUE is a 1 that is shown otherwise.
    (TRUE.equals(ONE), False),
    (TRUE.differs(ONE), True),
    (FALSE.equals(ZERO), False),
    (TRUE > OW, True),
    (ISNUMBER(TRUE), False),
    (SUM(RANGE), 0.0),
    (joined_text([OW, HALF, TRUE, EMPTY]), "OW2.5TRUE"),
    # LibreOffice names these errors otherwise, and gives 1 for 0^0.
    (LN(NOUGHT), NOT_A_NUMBER),
    (NOUGHT**-ONE, DIVIDED),
    (NOUGHT**NOUGHT, NOT_A_NUMBER),
]


def same(found, expected):
    code = found.code if isinstance(found, ErrorValue | ErrorValue) else found
    wanted = expected.code if isinstance(expected, ErrorValue) else expected
    return code == wanted and isinstance(code, bool) == isinstance(wanted, bool)


@pytest.mark.parametrize(("term", "expected"), [*CASES, *ONLY_IN_EXCEL], ids=lambda v: str(v)[:60])
def test_a_term_has_the_value_excel_gives(term, expected):
    assert same(term.value, expected), (term.text, term.value)


@pytest.mark.engine
def test_a_spreadsheet_engine_computes_the_same_from_the_same_texts(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cases"
    for address, value in CELLS.items():
        sheet[address] = value
        if isinstance(value, str):
            sheet[address].data_type = "s"
    for row, (term, _) in enumerate(CASES, start=1):
        sheet[f"C{row}"] = f"={term.text}"
    book.save(tmp_path / "cases.xlsx")
    cells = recalculated_cells(tmp_path / "cases.xlsx")["Cases"]
    found = [(term.text, cells[f"C{row}"].value) for row, (term, _) in enumerate(CASES, start=1)]
    wrong = [
        (*pair, expected)
        for pair, (_, expected) in zip(found, CASES, strict=True)
        if not same(pair[1], expected)
    ]
    assert wrong == [], "\n".join(map(str, wrong))


VALUES = (*CELLS.values(), "", 1.0, 45926.0, 0.1 + 0.2, 0.30000000000000016, "OW ", "true")
"""Beside those of the cells: the serial of their day, and what equals 0.3 in 15 digits or does not."""


@pytest.mark.parametrize("asked", VALUES)
def test_what_equals_a_value_in_a_span_is_what_a_comparison_finds_equal(asked):
    one_by_one = [place for place, value in enumerate(VALUES) if order(value, asked) == 0]
    assert Span("A1:A22", VALUES).equal_to(asked) == one_by_one


def test_a_blank_cell_equals_a_blank_text_a_nought_and_false():
    # A13 to A15 are "7", False and -3
    assert RANGE.equal_to(None) == [5]
    assert Span("A6:A14", tuple(CELLS.values())[5:14]).equal_to(None) == [0, 1, 8]


def test_rows_are_those_for_which_each_condition_holds_and_an_error_anywhere_is_the_result():
    miners = Span("B1:B5", ("ticker", "RIOT", "CIFR", "riot", "RIOT"))
    mw = Span("C1:C5", ("mw", 100.0, 200.0, 300.0, None))
    riot, hundred = text("Riot"), Term("100", 100.0)
    assert rows_where([(mw, ">", hundred), (miners, "=", riot)]) == [3]
    assert rows_where([(miners, "=", riot), (mw, "=", hundred)]) == [1]
    assert rows_where([(miners, "<>", riot), (mw, "<=", Term("300", 300.0))]) == [2]
    assert sum_where([(miners, "=", riot)], mw).value == 400.0
    wrong = Span("D1:D5", ("x", 1.0, MISFIT, MISSING, 1.0))
    assert rows_where([(miners, "=", riot), (wrong, "=", ONE)]) == MISFIT
    assert sum_where([(miners, "=", text("WULF"))], wrong).value == MISFIT
    assert rows_where([(miners, "=", NA), (wrong, "=", ONE)]) == MISSING


def test_the_first_cells_of_a_span_are_searched_as_if_there_were_no_others() -> None:
    """Rows are numbered by what stands above them: an error or a match further down is no part."""
    whole = Span("A1:A4", ("RIOT", "CIFR", "riot", MISSING))
    head = whole.head(2, "A1:A2")
    assert (head.address, head.values, head.error) == ("A1:A2", ("RIOT", "CIFR"), None)
    assert head.equal_to("RIOT") == [0]
    assert whole.head(3, "A1:A3").equal_to("RIOT") == [0, 2]
    assert whole.head(4, "A1:A4").error == whole.error == MISSING
