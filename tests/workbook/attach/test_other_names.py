"""Wherever a model names a sheet, a name or a table of its own, another name follows."""

from __future__ import annotations

import pytest
import xlsxwriter

from workbook.attach.other_names import other_names, under_other_names
from workbook.formulas.renaming import Renaming
from workbook.opc.package import read_parts

OTHER = Renaming({"Inputs": "HPC Inputs"}, {"Facts": "Facts_HPC", "Book": "Book_HPC"})


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A workbook with one of each that names a sheet, a name or a table."""
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    with xlsxwriter.Workbook(path) as book:
        inputs, cover = book.add_worksheet("Inputs"), book.add_worksheet("Cover")
        columns = [{"header": "value"}, {"header": "twice", "formula": "=Facts[value]*Inputs!A1"}]
        inputs.add_table("A1:B3", {"name": "Facts", "columns": columns})
        cover.write_formula("A1", '=SUM(Facts[value])+Inputs!$A$2+Book+LEN("Inputs!A1")')
        cover.write_url("A2", "internal:Inputs!A1", string="Inputs")
        cover.write("A3", "Inputs")
        cover.data_validation("A4", {"validate": "list", "source": "=Inputs!$A$2:$A$3"})
        rule = {"type": "formula", "criteria": "=Inputs!$A$2>Book", "format": book.add_format()}
        cover.conditional_format("A5", rule)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Inputs!$A$2:$A$3", "categories": "=Inputs!$B$2:$B$3"})
        cover.insert_chart("C5", chart)
        book.define_name("Book", "=Inputs!$A$1")
        cover.print_area("A1:B2")
        inputs.print_area("A1:B2")
    return read_parts(path)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("xl/workbook.xml", '<sheet name="HPC Inputs"'),
        ("xl/workbook.xml", "name=\"Book_HPC\">'HPC Inputs'!$A$1<"),
        ("xl/workbook.xml", "localSheetId=\"0\">'HPC Inputs'!$A$1:$B$2<"),
        ("xl/workbook.xml", 'localSheetId="1">Cover!$A$1:$B$2<'),
        ("xl/tables/table1.xml", 'name="Facts_HPC" displayName="Facts_HPC"'),
        ("xl/tables/table1.xml", ">Facts_HPC[value]*'HPC Inputs'!A1<"),
        (
            "xl/worksheets/sheet2.xml",
            "<f>SUM(Facts_HPC[value])+'HPC Inputs'!$A$2+Book_HPC+LEN(\"'HPC Inputs'!A1\")</f>",
        ),
        ("xl/worksheets/sheet2.xml", "location=\"'HPC Inputs'!A1\""),
        ("xl/worksheets/sheet2.xml", "<formula1>'HPC Inputs'!$A$2:$A$3</formula1>"),
        ("xl/worksheets/sheet2.xml", "<formula>'HPC Inputs'!$A$2&gt;Book_HPC</formula>"),
        ("xl/charts/chart1.xml", "<c:f>'HPC Inputs'!$A$2:$A$3</c:f>"),
        ("xl/charts/chart1.xml", "<c:f>'HPC Inputs'!$B$2:$B$3</c:f>"),
    ],
)
def test_what_names_one_of_ours_follows(model, part, text):
    assert ("Cover" in text) is (text in model[part].decode())
    assert text in under_other_names(model, OTHER)[part].decode()


def test_without_other_names_every_part_stays(model):
    assert under_other_names(model, Renaming()) == model


def test_a_table_of_theirs_takes_the_name_from_a_table_and_from_a_name_of_ours(model, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "mine.xlsx") as book:
        sheet = book.add_worksheet("Data")
        sheet.add_table("A1:B3", {"name": "facts"})
        sheet.add_table("D1:E3", {"name": "BOOK"})
        book.define_name("Book_HPC", "=Data!$A$1")
    theirs = read_parts(tmp_path / "mine.xlsx")
    found = other_names(theirs, "xl/workbook.xml", model, (), None)
    assert found == Renaming({}, {"Book": "Book_HPC_2", "Facts": "Facts_HPC"})
