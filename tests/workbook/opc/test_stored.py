"""Stored cells are read as writers of every kind leave them."""

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from openpyxl import Workbook

from workbook.errors import WorkbookError
from workbook.model.plan import Cell
from workbook.model.sheet_data import sheet_data
from workbook.opc.package import read_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.stored import read_cells
from workbook.opc.xml import MAIN

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("stored") / "empty.xlsx"
    Workbook().save(path)
    return read_parts(path)


def cells(empty: dict[str, bytes], data: str, outside: str = "") -> dict[str, object]:
    parts = dict(empty)
    text = f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{outside}</worksheet>'
    parts[SHEET] = text.encode()
    return {address: cell.value for address, cell in read_cells(parts)["Sheet"].items()}


def test_cells_and_rows_without_an_address_follow_one_another(empty):
    written = '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row>'
    written += '<row r="7"><c r="A7"><v>4</v></c></row><row><c><v>5</v></c></row>'
    assert cells(empty, written) == {"A1": 1.0, "D1": 2.0, "E1": 3.0, "A7": 4.0, "A8": 5.0}


def test_a_cell_whose_value_is_blank_holds_nothing(empty):
    written = '<row r="1"><c r="A1"><v/></c><c r="B1"><v> </v></c><c r="C1" t="n"><v></v></c>'
    written += '<c r="D1"/><c r="E1"><f>F1</f><v></v></c></row>'
    assert cells(empty, written) == dict.fromkeys(("A1", "B1", "C1", "D1", "E1"))


@pytest.mark.parametrize("number", ["1e999", "NaN", "12,5", "2025-09-26"])
def test_a_number_that_is_none_is_refused_with_its_cell(empty, number):
    with pytest.raises(WorkbookError, match=f"B2 holds '{number}' where a number is stored"):
        cells(empty, f'<row r="2"><c r="B2"><v>{number}</v></c></row>')


def test_a_cell_in_no_row_is_refused(empty):
    with pytest.raises(WorkbookError, match="a cell stands in no row of its sheet"):
        cells(empty, "", "<extLst><ext><c><v>1</v></c></ext></extLst>")


def test_a_character_that_excel_writes_as_its_code_is_that_character(empty):
    written = '<row r="1"><c r="A1" t="inlineStr"><is><t>one_x000D_</t><t>two</t></is></c>'
    written += '<c r="B1" t="str"><f>A1</f><v>one_x000D_two</v></c>'
    written += '<c r="C1" t="inlineStr"><is><t>_x005F_x000D_ _xlfn _xD800_</t></is></c></row>'
    assert cells(empty, written) == {
        "A1": "one\rtwo",
        "B1": "one\rtwo",
        "C1": "_x000D_ _xlfn _xD800_",
    }


PIECES = ("_x000D_", "_x005F_", "_x0041", "_", "x", "é", "\r", " ")


@given(lists(sampled_from(PIECES), max_size=5).map("".join))
def test_every_text_is_read_as_it_was_put(empty, value):
    editor = SheetEditor("Sheet", empty[SHEET])
    editor.put("A1", value)
    editor.put_formula("B1", "A1", value)
    planned = sheet_data({(1, 3): Cell(value), (1, 4): Cell(value, formula="C1")}, {}, lambda *_: 0)
    again = cells(empty, planned.xml.removeprefix("<sheetData>").removesuffix("</sheetData>"))
    parts = {**empty, SHEET: editor.to_part()}
    again |= {at: cell.value for at, cell in read_cells(parts)["Sheet"].items()}
    assert {at: found or "" for at, found in again.items()} == dict.fromkeys(again, value)
    assert set(again) == {"A1", "B1", "C1", "D1"}
