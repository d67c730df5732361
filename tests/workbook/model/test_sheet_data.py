"""Cells as the part of a sheet holds them: what a planned cell becomes in the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import load_workbook

from workbook.cells import ErrorValue, Ref
from workbook.model.plan import Cell, DataTable, Plan, Sheet
from workbook.model.sheet_data import sheet_data
from workbook.model.write import write
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


def _xml(*cells: Cell) -> list[str]:
    """Give what each cell of a first row becomes."""
    made = sheet_data(
        {(1, column): cell for column, cell in enumerate(cells, 1)}, {}, lambda place, cell: 0
    )
    return [etree.tostring(cell, encoding="unicode") for cell in etree.fromstring(made.xml)[0]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell(600.0), '<c r="A1" s="0"><v>600</v></c>'),
        (Cell(0.07125), '<c r="A1" s="0"><v>0.07125</v></c>'),
        (Cell(date(2025, 9, 26)), '<c r="A1" s="0"><v>45926</v></c>'),
        (Cell(True), '<c r="A1" s="0" t="b"><v>1</v></c>'),
        (Cell(ErrorValue("#N/A")), '<c r="A1" s="0" t="e"><v>#N/A</v></c>'),
        (Cell(None), '<c r="A1" s="0"/>'),
        (Cell("=A1"), '<c r="A1" s="0" t="inlineStr"><is><t>=A1</t></is></c>'),
        (Cell(0.1 + 0.2, formula="B1+C1"), None),
        (Cell("", formula='""'), '<c r="A1" s="0" t="str"><f>""</f><v/></c>'),
        (Cell(None, formula="B1"), '<c r="A1" s="0"><f>B1</f></c>'),
        (
            Cell(1845.0, formula="HPC_VALUE(B1)"),
            '<c r="A1" s="0" cm="1"><f t="array" ref="A1">HPC_VALUE(B1)</f><v>1845.0</v></c>',
        ),
    ],
)
def test_a_cell_becomes_its_formula_and_then_its_value(cell: Cell, expected: str | None) -> None:
    """A number typed in is written as short as Excel writes it, a computed one to its last bit."""
    computed = '<c r="A1" s="0"><f>B1+C1</f><v>0.30000000000000004</v></c>'
    assert _xml(cell) == [expected or computed]


def test_what_an_array_or_a_table_fills_is_a_computed_value_and_no_text_typed() -> None:
    """A text typed into the range would stop a dynamic array from spilling."""
    filled = _xml(Cell("a", formula="F1:G1", spill=(1, 2)), Cell("b"), Cell("c"))
    assert [text.count("inlineStr") for text in filled] == [0, 0, 1]
    assert 'ref="A1:B1"' in filled[0]
    box = Ref("S", 1, 1, 1, 2)
    table = DataTable(box, across=Ref.top_of("S"), down=Ref("S", 2, 1, 2, 1))
    first, second = _xml(Cell(1.0, table=table), Cell(2.0))
    assert 't="dataTable" ref="A1:B1" dt2D="1" dtr="1" r1="A1" r2="A2"' in first
    assert second == '<c r="B1" s="0"><v>2.0</v></c>'


def test_characters_that_xml_keeps_for_itself_or_cannot_hold_do_not_break_the_file(
    tmp_path: Path,
) -> None:
    """One odd character in a note must not cost the analyst the workbook."""
    sheet = Sheet("S", widths=(10,))
    texts = ["a < b & c > d", "  ahead", "two\nlines", "cr\rlf", "nul\x00here", "Zoë 1²"]
    for row, one in enumerate(texts, 1):
        sheet.put(row, 1, one)
    sheet.put(7, 1, "a<b", formula='IF(1<2,"a<b","")')
    write(Plan("title", [sheet]), tmp_path / "book.xlsx")
    found = read_cells(read_parts(tmp_path / "book.xlsx"))["S"]
    assert [found[f"A{row}"].value for row in range(1, 8)] == [
        *texts[:4],
        "nul here",
        "Zoë 1²",
        "a<b",
    ]
    assert found["A7"].formula == 'IF(1<2,"a<b","")'


def test_merged_cells_look_like_their_first_and_are_ruled_as_far_as_their_last(
    tmp_path: Path,
) -> None:
    """A source without a rule, merged with ruled cells, is underlined across all of them."""
    sheet = Sheet("S", widths=(10, 10))
    sheet.put(1, 1, "where it is from", "source")
    sheet.put(1, 2, None, "label")
    sheet.merges.append(Ref("S", 1, 1, 1, 2))
    write(Plan("title", [sheet]), tmp_path / "book.xlsx")
    found = load_workbook(tmp_path / "book.xlsx")["S"]
    first, second = found["A1"], found["B1"]
    assert first.border.bottom.style == second.border.bottom.style == "thin"
    assert first.font.color.rgb == "000000C8"
