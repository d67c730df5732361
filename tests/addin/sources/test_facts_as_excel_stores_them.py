"""An Excel file of facts: what Excel shows is read, everything else is refused with its place."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import date, datetime
from datetime import time as clock

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from addin.cli import main
from addin.sources import tables_from
from tests.addin.sources.test_sources import excel_file, handles, refusal_of
from tests.growth import seconds_of
from valuation_core import BookError
from valuation_core.book.book import shipped_tables


def row_of(book, scope, metric):
    return next(
        row
        for row in range(2, book["inputs"].max_row + 1)
        if (book["inputs"].cell(row, 1).value, book["inputs"].cell(row, 2).value) == (scope, metric)
    )


def value_cell(book, scope="RIOT", metric="hpc_probability"):
    return book["inputs"][f"C{row_of(book, scope, metric)}"]


def problems_of(tmp_path, change):
    path = excel_file(tmp_path / "facts.xlsx", change)
    with pytest.raises(BookError) as caught:
        tables_from(path)
    return [str(problem) for problem in caught.value.problems]


def with_part(path, part, change):
    """Change the text of one part of a workbook file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def replaced(old, new):
    def change(text):
        assert old in text
        return text.replace(old, new, 1)

    return change


def setting(place, value):
    def change(book):
        sheet, address = place.split("!")
        book[sheet][address] = value

    return change


def probability_as(value):
    return lambda book: setattr(value_cell(book), "value", value)


def test_a_formula_that_nobody_calculated_is_an_error_with_its_place_and_not_a_blank(tmp_path):
    (problem,) = problems_of(tmp_path, probability_as("=0.5"))
    row = row_of(load_workbook(tmp_path / "facts.xlsx"), "RIOT", "hpc_probability")
    assert problem == (
        f"facts.xlsx sheet inputs row {row} column value: is a formula that was not calculated: "
        "open the file in Excel, let it calculate, and save it there"
    )
    run = CliRunner().invoke(
        main, ["--book", str(tmp_path / "facts.xlsx"), "call", "HPC_TARGET", "RIOT"]
    )
    assert run.exit_code == 1
    assert f"facts.xlsx sheet inputs row {row} column value" in run.output


@pytest.mark.parametrize(
    ("table", "column"), [("instruments", "G"), ("deals", "I"), ("sites", "E"), ("market", "C")]
)
def test_so_it_is_in_every_table(tmp_path, table, column):
    (problem,) = problems_of(tmp_path, setting(f"{table}!{column}2", "=1+1"))
    assert f"sheet {table} row 2 column " in problem
    assert "was not calculated" in problem


def test_a_result_in_a_file_that_asks_for_calculation_is_not_believed(tmp_path):
    """XlsxWriter stores 0 beside a formula, and asks Excel to calculate on opening."""
    path = excel_file(tmp_path / "facts.xlsx", probability_as("=0.5"))
    sheet = "xl/worksheets/sheet2.xml"
    with_part(path, sheet, replaced("<f>0.5</f><v></v>", "<f>0.5</f><v>0.5</v>"))
    assert "asks to be calculated when it is opened" in refusal_of(path)
    with_part(path, "xl/workbook.xml", replaced('fullCalcOnLoad="1"', ""))
    assert handles(tables_from(path)) == handles(shipped_tables())
    with_part(path, "xl/workbook.xml", replaced("<calcPr ", '<calcPr calcCompleted="0" '))
    assert "asks to be calculated" in refusal_of(path)


def test_an_array_that_was_not_calculated_is_no_column_of_blanks(tmp_path):
    def change(book):
        row = row_of(book, "RIOT", "hpc_probability")
        book["inputs"][f"C{row}"] = ArrayFormula(f"C{row}:C{row + 1}", "=A1:A2")
        book["inputs"][f"C{row + 1}"] = None

    found = problems_of(tmp_path, change)
    assert [problem.split(": ")[1][:40] for problem in found] == [
        "is a formula that was not calculated"
    ] * 2


def test_a_cell_inside_a_merged_area_is_no_blank(tmp_path):
    def change(book):
        row = row_of(book, "RIOT", "hpc_probability")
        book["inputs"].merge_cells(f"C{row - 1}:C{row}")

    (problem,) = problems_of(tmp_path, change)
    assert "column value: is merged in C" in problem


def test_a_formula_that_shows_nothing_is_no_blank_but_a_row_of_them_is(tmp_path):
    path = excel_file(tmp_path / "facts.xlsx", probability_as('=IF(1,"")'))
    with_part(path, "xl/workbook.xml", replaced('fullCalcOnLoad="1"', ""))
    sheet = "xl/worksheets/sheet2.xml"
    old = '><f>IF(1,"")</f><v></v></c>'
    with_part(path, sheet, replaced(old, ' t="str"><f>IF(1,"")</f><v></v></c>'))
    assert "column value: is a formula that shows nothing" in refusal_of(path)
    path = excel_file(tmp_path / "facts.xlsx")
    cells = "".join(f'<c r="{letter}900" t="str"><f>""</f><v></v></c>' for letter in "ABCDEFGHIJ")
    with_part(path, sheet, replaced("</sheetData>", f'<row r="900">{cells}</row></sheetData>'))
    with_part(path, "xl/workbook.xml", replaced('fullCalcOnLoad="1"', ""))
    assert handles(tables_from(path)) == handles(shipped_tables())


@pytest.mark.parametrize("code", ["#N/A", "#REF!", "#NAME?", "#DIV/0!"])
def test_an_error_cell_is_called_an_error(tmp_path, code):
    (problem,) = problems_of(tmp_path, probability_as(code))
    assert problem.endswith(f"column value: is the error {code}: put the fact there")


def test_sheets_and_headings_in_another_letter_case_are_read(tmp_path):
    def change(book):
        for sheet in book:
            sheet.title = f"{sheet.title.upper()} "
            for cell in sheet[1]:
                cell.value = f" {cell.value.title()}"

    assert handles(tables_from(excel_file(tmp_path / "facts.xlsx", change))) == handles(
        shipped_tables()
    )


def test_two_sheets_of_one_name_are_refused(tmp_path):
    problems = problems_of(tmp_path, lambda book: book.create_sheet("Inputs "))
    assert problems == ["facts.xlsx sheet inputs: is there twice: rename one of the two sheets"]


def test_a_table_may_begin_anywhere_with_blank_columns_between(tmp_path):
    def change(book):
        book["inputs"].insert_rows(1, 3)
        book["inputs"].insert_cols(1, 2)
        book["inputs"].insert_cols(5)

    assert handles(tables_from(excel_file(tmp_path / "facts.xlsx", change))) == handles(
        shipped_tables()
    )


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("inputs!L5", "row 5 column L: 'see the note' stands in a column without a heading"),
        ("inputs!XFD1048576", "row 1048576 column XFD: 'see the note' stands in a column without"),
        ("inputs!A900", "row 900: holds nothing but 'see the note'"),
        ("sites!U1", "row 1 column see the note: unknown column"),
        ("format!C9", "row 2 column format: must be 2, got '2', 'see the note'"),
    ],
)
def test_a_remark_away_from_the_table_is_refused_with_its_place(tmp_path, place, problem):
    problems = problems_of(tmp_path, setting(place, "see the note"))
    assert problem in problems[0]
    assert len(problems) == 1


def test_a_column_without_a_heading_that_holds_values_is_refused_once(tmp_path):
    problems = problems_of(tmp_path, setting("inputs!C1", None))
    assert problems == ["facts.xlsx sheet inputs row 1 column value: column is missing"]


def read_traced(path):
    """Give the handles of a file or why it is refused, the seconds it takes and the most memory."""
    told = []

    def read():
        try:
            told.append(handles(tables_from(path)))
        except BookError as error:
            told.append(str(error))

    tracemalloc.start()
    seconds, (_, most) = seconds_of(read), tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return told[0], seconds, most


@pytest.fixture(scope="module")
def plain_seconds(tmp_path_factory):
    """What the file takes where no cell is astray."""
    return read_traced(excel_file(tmp_path_factory.mktemp("plain") / "facts.xlsx"))[1]


@pytest.mark.parametrize("address", ["XFD1048576", "A1048576"])
@pytest.mark.parametrize("value", ["x", None])
@pytest.mark.parametrize("sheet", ["inputs", "my notes"])
def test_a_stray_cell_at_the_end_of_a_sheet_costs_nothing(
    tmp_path, plain_seconds, address, value, sheet
):
    def change(book):
        from openpyxl.styles import Font

        stray = (book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet))[address]
        stray.value, stray.font = value, Font(bold=True)

    path = excel_file(tmp_path / "facts.xlsx", change)
    read, seconds, most = read_traced(path)
    assert seconds < 5 * plain_seconds
    assert most < 50_000_000
    if sheet == "inputs" and value:
        assert "row 1048576" in read
    else:
        assert read == handles(shipped_tables())


def test_a_date_is_read_by_its_format_or_by_its_column(tmp_path):
    """45926 days after 1899-12-30 is 2025-09-26."""

    def change(book):
        for cell in book["inputs"]["F"][1:]:
            if cell.value == date(2025, 9, 26):
                cell.value = 45926
                cell.number_format = "General"
        cell = value_cell(book, "ALL", "target_date")
        cell.value = (cell.value - date(1899, 12, 30)).days
        cell.number_format = "General"

    assert handles(tables_from(excel_file(tmp_path / "facts.xlsx", change))) == handles(
        shipped_tables()
    )


def test_a_workbook_that_counts_from_1904_has_the_same_dates(tmp_path):
    def change(book):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904

    path = excel_file(tmp_path / "facts.xlsx", change)
    with zipfile.ZipFile(path) as archive:
        assert 'date1904="1"' in archive.read("xl/workbook.xml").decode()
    assert handles(tables_from(path)) == handles(shipped_tables())


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            date(2025, 2, 1),
            "not a number: '2025-02-01'",
        ),  # "1-2" typed, which Excel takes for a day
        (clock(12, 0), "is shown as a date and is none"),
        (True, "not a number: 'TRUE'"),
        ("0,5", "decimal or thousands comma"),
        ("50%", "not a number: '50%'"),
    ],
)
def test_what_is_no_number_is_refused_however_it_is_stored(tmp_path, value, problem):
    (found,) = problems_of(tmp_path, probability_as(value))
    assert problem in found


@pytest.mark.parametrize(
    "value",
    [2025, 20250926, 45926.5, datetime(2025, 9, 26, 12), "26.09.2025"],  # noqa: DTZ001
)
def test_what_is_no_date_is_refused(tmp_path, value):
    def change(book):
        cell = book["inputs"]["F2"]
        cell.number_format = "General"
        cell.value = value

    (found,) = problems_of(tmp_path, change)
    assert "row 2 column as_of: not a date" in found


def test_a_control_character_that_excel_escapes_is_refused_with_its_place(tmp_path):
    path = excel_file(tmp_path / "facts.xlsx", setting("inputs!J2", "red_x001B_[31m"))
    assert "row 2 column note: holds the control character U+001B" in refusal_of(path)


@pytest.mark.parametrize(
    ("part", "change", "sentence"),
    [
        ("xl/worksheets/sheet2.xml", replaced("</sheetData>", ""), "a part of the file is damaged"),
        ("xl/styles.xml", replaced("</styleSheet>", ""), "a part of the file is damaged"),
        (
            "xl/worksheets/sheet2.xml",
            replaced("<worksheet", '<!DOCTYPE w [<!ENTITY a "b">]><worksheet'),
            "declares a document type, which is refused",
        ),
        (
            "xl/worksheets/sheet2.xml",
            replaced(' t="inlineStr"><is><t>scope</t></is>', ' t="s"><v>99999</v>'),
            "facts.xlsx sheet inputs: cannot be read: A1 names the shared text",
        ),
        ("xl/worksheets/sheet2.xml", replaced('r="A2"', 'r="2A"'), "is not the address of a cell"),
        ("xl/worksheets/sheet2.xml", replaced(' s="', ' s="x'), "in a form we do not know"),
        ("xl/worksheets/sheet2.xml", replaced("<v>", "<v>x"), "facts.xlsx"),
        ("xl/workbook.xml", replaced('r:id="rId2"', 'r:id="rId99"'), "lists a sheet inputs"),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path, part, change, sentence):
    path = with_part(excel_file(tmp_path / "facts.xlsx"), part, change)
    assert sentence in refusal_of(path)
    run = CliRunner().invoke(main, ["book", "check", str(path)])
    assert run.exit_code == 1
    assert "Traceback" not in run.output


@pytest.mark.parametrize(
    ("suffix", "content", "sentence"),
    [
        (".xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "(.xls): save it as .xlsx in Excel first"),
        (".xlsb", b"PK", "(.xlsb): save it as .xlsx in Excel first"),
        (".ods", b"PK", "(.ods): save it as .xlsx first"),
        (".csv", b"a,b", "give the folder that holds a CSV file for each table"),
        (".txt", b"a,b", "not an Excel workbook"),
        (".xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cannot be read"),
        (".xlsx", b"", "not an Excel workbook"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_to_do(tmp_path, suffix, content, sentence):
    path = tmp_path / f"facts{suffix}"
    assert "does not exist" in refusal_of(path) or suffix == ".txt"
    path.write_bytes(content)
    assert sentence in refusal_of(path)
