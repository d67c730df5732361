"""What Excel takes: a formula, a text or a list beyond it makes a file that has to be repaired."""

import re

import pytest
from openpyxl.formula import Tokenizer

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.errors import WorkbookError
from workbook.model.build import build_model, plan_model
from workbook.model.plan import Cell, Sheet
from workbook.model.row_heights import heights_of
from workbook.model.sheet_data import sheet_data
from workbook.model.write import without_cells
from workbook.opc.sheet_editor import SheetEditor, empty_sheet

TEXT = re.compile(r'"((?:[^"]|"")*)"')


@pytest.fixture(scope="module")
def of_all_miners():
    """The largest model of the shipped book: every miner, on a day with most of its rows."""
    book = load_book("2025-11-24")
    return plan_model(coverage(book, [row["ticker"] for row in book.tables["miners"].rows()]))


def formulas(plan):
    return [
        (f"{sheet.name} {place}", cell.formula)
        for sheet in plan.sheets
        for place, cell in sheet.cells.items()
        if cell.formula
    ]


def nested_and_listed(formula):
    """Give the deepest nesting of brackets, and the most arguments in one of them."""
    deepest, most, open_ones = 0, 0, []
    for sign in re.findall(r"[(),]", TEXT.sub("", formula)):
        if sign == "(":
            open_ones.append(1)
            deepest = max(deepest, len(open_ones))
        elif sign == ",":
            open_ones[-1] += 1
        else:
            most = max(most, open_ones.pop())
    return deepest, most


def test_brackets_and_arguments_are_counted():
    assert nested_and_listed('IF(A1>MAX(B1,B2,B3),"a(,","b")') == (2, 3)


def test_no_formula_has_more_characters_levels_or_arguments_than_excel_takes(of_all_miners):
    for place, formula in formulas(of_all_miners):
        assert len(formula) <= 8_192, place
        deepest, most = nested_and_listed(formula)
        assert deepest <= 64, place
        assert most <= 255, place


def test_no_text_in_a_formula_is_longer_than_255_characters(of_all_miners):
    for place, formula in formulas(of_all_miners):
        assert max(map(len, TEXT.findall(formula)), default=0) <= 255, place


def test_what_a_cell_may_hold_is_told_within_what_excel_shows(of_all_miners):
    for sheet in of_all_miners.sheets:
        assert len(sheet.name) <= 31
        for one in sheet.validations:
            assert len(one.message) <= 225, (sheet.name, one.message)
            assert len(",".join(one.choices)) <= 255, (sheet.name, one.choices)


TAKE_RANGES = {
    **dict.fromkeys(("SUM", "MIN", "MAX", "AND", "OR", "COUNT", "COUNTA", "COUNTBLANK"), "all"),
    **dict.fromkeys(("ROWS", "COLUMNS", "AVERAGE"), "all"),
    "INDEX": (0,),
    "LARGE": (0,),
    "MATCH": (1,),
    "COUNTIF": (0,),
    "COUNTIFS": (0, 2),
    "_xlfn.MAXIFS": (0, 1),
}
"""Functions that take a range as it is, and as which of their arguments."""


def ranges_as_one_value(formula):
    """Give the ranges of a formula that Excel would cut to the cell in its own row or column."""
    found, inside = [], []
    tokens = [one for one in Tokenizer(f"={formula}").items if one.type != "WHITE-SPACE"]
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if token.subtype == "OPEN":
            inside.append([token.value.removesuffix("("), 0])
        elif token.subtype == "CLOSE":
            inside.pop()
        elif token.type == "SEP":
            inside[-1][1] += 1
        elif token.subtype == "RANGE" and ":" in token.value:
            every = [name for name, _ in inside]
            if "SUMPRODUCT" in every:  # computes arrays, but for IF within it
                wrong = bool({"IF", "IFERROR"} & set(every[every.index("SUMPRODUCT") :]))
            else:
                name, argument = inside[-1] if inside else ("", 0)
                takes = TAKE_RANGES.get(name, ())
                beside = (getattr(one, "type", "") for one in (before, after))
                operated = any(kind.startswith("OPERATOR") for kind in beside)
                wrong = operated or not (takes == "all" or argument in takes)
            if wrong:
                found.append(token.value)
    return found


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("SUM(A1:A9)", []),
        ("SUM(A1:A9*2)", ["A1:A9"]),
        ("A1:A9+1", ["A1:A9"]),
        ("IF(A1:A9>0,1,0)", ["A1:A9"]),
        ("MATCH(A1:A9,B1:B9,0)", ["A1:A9"]),
        ("SUMPRODUCT(MAX((A1:A9=C1)*ROW(A1:A9)))", []),
        ("SUMPRODUCT(IF(A1:A9>0,1,0))", ["A1:A9"]),
    ],
)
def test_a_range_where_one_value_is_due_is_found(formula, found):
    assert ranges_as_one_value(formula) == found


def test_no_formula_that_is_no_array_gives_a_range_where_one_value_is_due(of_all_miners):
    """Excel, "Implicit intersection operator: @": a formula of a file that is marked as no array has
    one value, so a range where one is due becomes the cell in its row or column, or #VALUE!."""
    kinds = {}
    for sheet in of_all_miners.sheets:
        for place, cell in sheet.cells.items():
            if cell.formula and cell.spill is None and "HPC_" not in cell.formula:
                shape = re.sub(r"\d+", "0", re.sub(r"[A-Z]{1,3}(?=\$?\d)", "A", cell.formula))
                kinds.setdefault(shape, (f"{sheet.name} {place}", cell.formula))
    assert len(kinds) > 500
    found = {place: ranges_as_one_value(formula) for place, formula in kinds.values()}
    assert {place: ranges for place, ranges in found.items() if ranges} == {}


def test_no_criterion_of_maxifs_reads_as_a_number_or_as_true(of_all_miners):
    """Excel takes a criterion that reads as a number, such as a ticker 0863, for that number, and one
    that reads TRUE for the logical value ("COUNTIF function": criteria); a | in it makes it a text."""
    criteria = {
        re.sub(r"\d+", "", found[1])
        for _, formula in formulas(of_all_miners)
        for found in re.finditer(r"MAXIFS\([^,]*,[^,]*,([^)]*)\)", formula)
    }
    assert len(criteria) > 3
    assert [one for one in criteria if '&"|"' not in one] == []


def test_numbers_of_a_rule_are_written_as_excel_writes_them(of_all_miners):
    """ECMA-376, part 1, 18.17.2.3: the exponent of a number in a formula is a capital E."""
    written = without_cells(of_all_miners)
    rules = [rule for sheet in written for rule in sheet.data_validations.dataValidation]
    texts = [text for rule in rules for text in (rule.formula1, rule.formula2) if text]
    assert "-1E+300" in texts
    assert [text for text in texts if re.search(r"\de[+-]?\d", TEXT.sub("", text))] == []


def test_texts_and_formats_fit_a_cell(of_all_miners):
    for sheet in of_all_miners.sheets:
        for place, cell in sheet.cells.items():
            assert len(str(cell.value)) <= 32_767, (sheet.name, place)
            assert len(cell.number_format) <= 255, (sheet.name, place)


@pytest.mark.parametrize(("letter", "most"), [("a", 32_767), ("😀", 16_383)])
def test_a_text_that_excel_would_not_take_is_not_written(letter, most):
    """Excel specifications and limits: 32,767 characters in a cell; Excel counts 😀 as two."""
    editor = SheetEditor("Log", empty_sheet((10,)))
    for value in (letter * most, letter * (most + 1)):
        written = (
            lambda: sheet_data({(1, 1): Cell(value)}, {}, lambda *_: 0),  # noqa: B023
            lambda: sheet_data({(1, 1): Cell(value, formula="A2")}, {}, lambda *_: 0),  # noqa: B023
            lambda: editor.put("A1", value),  # noqa: B023
        )
        for write in written:
            if len(value) == most:
                write()
            else:
                with pytest.raises(WorkbookError, match="more than Excel takes"):
                    write()


def test_no_row_is_higher_than_excel_lets_one_be():
    """Excel specifications and limits: 409 points. A longer text is scrolled in its cell."""
    sheet = Sheet("Facts", (20,), heights={2: 500.0})
    sheet.put(1, 1, "word " * 2_000, "note")
    assert heights_of(sheet) == {1: 409.0, 2: 409.0}


def test_a_formula_that_excel_would_not_take_is_not_written(tmp_path, monkeypatch):
    longest = Cell(1.0, formula=f"A1{'+1' * 4_095}")
    assert sheet_data({(2, 1): longest}, {}, lambda *_: 0).extent == "A2"
    with pytest.raises(WorkbookError, match="formula of B7 has 8,193 characters, more than Excel"):
        sheet_data({(7, 2): Cell(1.0, formula=f"{longest.formula}0")}, {}, lambda *_: 0)
    monkeypatch.setattr("workbook.model.sheet_data.LONGEST_FORMULA", 100)
    path = tmp_path / "model.xlsx"
    with pytest.raises(WorkbookError, match="choose fewer miners"):
        build_model(coverage(load_book()), path)
    assert not path.exists()
