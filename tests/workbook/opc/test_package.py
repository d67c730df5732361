"""Reading workbooks at package level: what is stored, nothing converted, nothing executed."""

from __future__ import annotations

import zipfile

import pytest
from openpyxl import Workbook

from workbook.cells import ErrorValue
from workbook.errors import WorkbookError
from workbook.model.plan import Sheet
from workbook.opc import raw_zip
from workbook.opc.package import read_parts
from workbook.opc.stored import _sheet_cells, read_cells
from workbook.opc.xml import MAIN, parse_xml


@pytest.fixture
def path(tmp_path):
    book = Workbook()
    cells = book.active
    cells["A1"], cells["A2"], cells["A3"], cells["A4"] = 1.5, "text", True, "=1+1"
    book.create_sheet("Second sheet")["B2"] = "there"
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_numbers_texts_logicals_and_formulas_are_told_apart(path):
    cells = read_cells(read_parts(path))
    assert [cells["Sheet"][f"A{row}"].value for row in (1, 2, 3, 4)] == [1.5, "text", True, None]
    assert cells["Sheet"]["A4"].formula == "1+1"
    assert cells["Second sheet"]["B2"].value == "there"


def test_an_empty_text_an_error_and_nothing_are_three_things():
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row>'
        '<c r="A1" t="str"><f>""</f><v></v></c><c r="B1" t="e"><f>NA()</f><v>#N/A</v></c>'
        '<c r="C1"><f>X</f></c><c r="D1" t="inlineStr"><is><t>in</t></is></c></row></sheetData></worksheet>'
    )
    cells = _sheet_cells(parse_xml(sheet.encode()), [])
    assert [cells[a].value for a in ("A1", "B1", "C1", "D1")] == [
        "",
        ErrorValue("#N/A"),
        None,
        "in",
    ]


def test_a_document_type_is_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(WorkbookError, match="document type"):
        parse_xml(bomb)


def test_a_zip_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(raw_zip, "LARGEST_TOTAL", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 2000)
    with pytest.raises(WorkbookError, match="zip bomb: it unpacks to more than"):
        read_parts(tmp_path / "bomb.xlsx")


def test_a_cell_is_planned_once():
    sheet = Sheet("Sheet", (10,))
    sheet.put(1, 1, "first")
    with pytest.raises(ValueError, match="Sheet!A1 is planned twice"):
        sheet.put(1, 1, "second")


def test_a_planned_cell_says_where_it_landed():
    sheet = Sheet("Data", (10,))
    first, last = sheet.put(2, 27, 1.0), sheet.put(4, 28, 2.0)
    assert (first.here, first.fixed, first.there) == ("AA2", "$AA$2", "Data!$AA$2")
    assert first.to(last).there == "Data!$AA$2:$AB$4"
