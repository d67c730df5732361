"""A formula that differs from its neighbours is noted; totals, first cells and patterns are not."""

from __future__ import annotations

import pytest
import xlsxwriter

from tests.workbook.audit.test_check import SHEET1, found, replaced, settled
from workbook.audit.check import check
from workbook.cells import letters
from workbook.opc.package import read_parts


def model(path, rows):
    """Write rows of formulas from B2 on: {l} is the column before, {c} its own, {r} its row."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Sheet1")
        for row, formulas in enumerate(rows, start=2):
            for column, formula in enumerate(formulas, start=2):
                where = {"c": letters(column), "l": letters(column - 1), "r": row, "u": row - 1}
                if isinstance(formula, str) and formula.startswith("="):
                    text = formula.format(**where)
                    page.write_formula(row - 1, column - 1, text, None, 1)
                elif formula is not None:
                    page.write(row - 1, column - 1, formula)
    return settled(path)


def odd(path):
    return [cell for kind, _, cell in found(path) if kind == "differs from its neighbours"]


GROWS = "={l}{r}*(1+$A{r})"
OTHER = "={l}{r}+$A{r}"
TOTAL = "=SUM(B{r}:{l}{r})"
SUM_UP = "=SUM({c}2:{c}{u})"


def test_one_formula_amid_equal_ones_along_a_row_is_noted(tmp_path):
    path = model(tmp_path / "row.xlsx", [[GROWS, GROWS, OTHER, GROWS]])
    assert odd(path) == ["D2"]
    assert check(path).found[0].what == "unlike C2 and others along its row: =C2+$A2"


def test_one_formula_amid_equal_ones_along_a_column_is_noted(tmp_path):
    path = model(tmp_path / "column.xlsx", [[GROWS], [GROWS], [OTHER], [GROWS], [GROWS]])
    assert odd(path) == ["B4"]
    assert check(path).found[0].what == "unlike B3 and others along its column: =A4+$A4"


def test_a_total_that_adds_up_too_little_is_noted(tmp_path):
    """The third of five totals leaves the last column out."""
    row = [1, 2, 3, "=SUM(B{r}:D{r})"]
    short = [1, 2, 3, "=SUM(B{r}:C{r})"]
    assert odd(model(tmp_path / "totals.xlsx", [row, row, short, row, row])) == ["E4"]


def test_the_last_of_a_row_is_noted_where_the_rows_beside_it_go_on(tmp_path):
    path = model(tmp_path / "end.xlsx", [[GROWS] * 5, [GROWS] * 4 + [OTHER]])
    assert odd(path) == ["F3"]


@pytest.mark.parametrize(
    "rows",
    [
        [[GROWS] * 5],
        [[OTHER, GROWS, GROWS, GROWS, GROWS]],  # the first is where a row opens
        [[GROWS] * 4 + [TOTAL], [GROWS] * 4 + [TOTAL]],  # totals of rows
        [[GROWS] * 4 + [OTHER]],  # a last column with nothing beside it to compare
        [[GROWS], [GROWS], [GROWS], [SUM_UP], [GROWS], [GROWS]],  # a subtotal
        [[GROWS, OTHER] * 4],  # columns by turns
        [[GROWS, GROWS, OTHER] * 3],  # each third column another
        [[GROWS, GROWS, OTHER, GROWS]] * 2,  # the same in both rows: a column of its own
        [[GROWS, GROWS, OTHER, OTHER, OTHER]],  # from actual to forecast
        [[GROWS], [GROWS], [OTHER], [GROWS], [GROWS], [OTHER], [GROWS]],  # each third row
        [[GROWS] * 2, [GROWS] * 2, [OTHER] * 2, [GROWS] * 2],  # a row of its own
        [[GROWS, GROWS, None, GROWS]],
        [[GROWS, GROWS, OTHER, None, GROWS, GROWS]],
        [[GROWS, GROWS, "text", GROWS]],
        [[GROWS, OTHER, GROWS]],  # too few to tell
        [["=SUM({c}:{c})"] * 4, ["=SUM({r}:{r})"] * 4],
        [['="a B1"&{l}{r}'] * 4, ["='Q1 B2'!{l}{r}"] * 4],
    ],
)
def test_what_is_as_it_should_be_is_not_noted(tmp_path, rows):
    assert odd(model(tmp_path / "fine.xlsx", rows)) == []


def test_shared_formulas_are_alike_however_they_are_stored(tmp_path):
    path = model(tmp_path / "shared.xlsx", [[GROWS, GROWS, GROWS, GROWS]])
    replaced(path, SHEET1, b"<f>B2*(1+$A2)</f>", b'<f t="shared" si="0" ref="C2:D2">B2*(1+$A2)</f>')
    replaced(path, SHEET1, b"<f>C2*(1+$A2)</f>", b'<f t="shared" si="0"/>')
    assert b'si="0"/>' in read_parts(path)[SHEET1]
    assert odd(path) == []


def test_a_note_does_not_make_the_file_wrong(tmp_path):
    report = check(model(tmp_path / "row.xlsx", [[GROWS, GROWS, OTHER, GROWS]]))
    assert (report.problems, report.notes) == (0, 1)
