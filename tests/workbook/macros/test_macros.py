"""Macro workbooks: a sound package, a project that olevba reads, macros that a real engine runs."""

from __future__ import annotations

import re

import openpyxl
import pytest
from lxml import etree
from oletools.olevba import VBA_Parser

from tests.hosts.office import open_with_macros
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.macros.compound_file import MacroError
from workbook.macros.files import check_macros, with_button, with_macros, with_ribbon
from workbook.macros.project import VbaModule
from workbook.model.build import plan_model
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts, write_parts

TOOLS = VbaModule(
    "Tools",
    """Option Explicit

Public Function TWICE(x)
    TWICE = 2 * x
End Function

Public Sub Mark()
    ThisWorkbook.Worksheets("Front").Range("A3").Value = "ran"
    Sheet1.Range("A4").Value = TWICE(4)
End Sub
""",
)
RIBBON = """<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>
<tab id="hpc" label="HPC"/></tabs></ribbon></customUI>"""
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A workbook of two sheets whose first cell stores 0 where TWICE(21) is 42."""
    front, back = Sheet("Front", (20,)), Sheet("Back", (20,), visibility="veryHidden")
    front.put(1, 1, 0.0, formula="TWICE(21)")
    front.put(2, 1, 0.0, formula="TWICE(Back!A1)+1")
    back.put(1, 1, 5.0)
    path = tmp_path_factory.mktemp("plain") / "plain.xlsx"
    write(Plan("Plain", [front, back]), path)
    return read_parts(path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The model workbook, which has a chart on its first sheet."""
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    write(plan_model(coverage(load_book())), path)
    return read_parts(path)


def save(parts, path):
    write_parts(path, parts)
    return path


def shapes(parts, drawing="xl/drawings/drawing1.xml"):
    return list(etree.fromstring(parts[drawing]).iter(f"{DRAWING}sp"))


# packages


@pytest.mark.parametrize(
    ("kind", "main_type"),
    [
        ("workbook", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        ("addin", b"application/vnd.ms-excel.addin.macroEnabled.main+xml"),
    ],
)
def test_a_macro_workbook_and_an_addin_are_sound(model, kind, main_type):
    made = with_button(
        with_ribbon(with_macros(model, [TOOLS], kind), RIBBON), "HPC", "Mark", "Mark", "I2"
    )
    assert check_macros(made) == []
    types = made["[Content_Types].xml"]
    assert types.count(main_type) == 1
    assert b"spreadsheetml.sheet.main+xml" not in types


def test_openpyxl_opens_a_macro_workbook(model, tmp_path):
    path = save(with_macros(model, [TOOLS], "workbook"), tmp_path / "made.xlsm")
    assert openpyxl.load_workbook(path).sheetnames == [
        sheet.name for sheet in plan_model(coverage(load_book())).sheets
    ]


def test_olevba_finds_the_macros_in_the_file(parts, tmp_path):
    opening = VbaModule("ThisWorkbook", "Private Sub Workbook_Open()\nEnd Sub\n", "document")
    path = save(with_macros(parts, [TOOLS, opening], "workbook"), tmp_path / "made.xlsm")
    found = {
        stream.split("/")[1]: code for _, stream, _, code in VBA_Parser(str(path)).extract_macros()
    }
    assert list(found) == ["ThisWorkbook", "Sheet1", "Sheet2", "Tools"]
    assert found["Tools"] == TOOLS.text
    assert found["ThisWorkbook"] == opening.text


def test_sheets_carry_the_code_names_of_their_modules(parts):
    made = with_macros(parts, [TOOLS], "workbook")
    for part, code_name in (
        ("workbook", "ThisWorkbook"),
        ("worksheets/sheet1", "Sheet1"),
        ("worksheets/sheet2", "Sheet2"),
    ):
        assert f'codeName="{code_name}"'.encode() in made[f"xl/{part}.xml"]


def test_properties_that_are_missing_are_made_where_the_format_wants_them(parts):
    bare = dict(parts)
    bare["xl/workbook.xml"] = re.sub(
        rb"<workbookPr */>", b'<fileVersion appName="xl"/>', parts["xl/workbook.xml"]
    )
    sheet = "xl/worksheets/sheet1.xml"
    bare[sheet] = re.sub(rb"<sheetPr>.*</sheetPr>", b"", parts[sheet])
    made = with_macros(bare, [], "workbook")
    assert check_macros(made) == []
    names = [
        etree.QName(element).localname for element in etree.fromstring(made["xl/workbook.xml"])
    ]
    assert names[:2] == ["fileVersion", "workbookPr"]
    assert etree.QName(etree.fromstring(made[sheet])[0]).localname == "sheetPr"


def test_parts_that_macros_do_not_concern_stay_as_they_are(model):
    made = with_macros(model, [TOOLS], "workbook")
    changed = {name for name in made if made[name] != model.get(name)}
    assert {name for name in changed if not name.startswith("xl/worksheets/")} == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/vbaProject.bin",
    }
    assert "xl/vbaProject.bin" not in model


def test_the_same_workbook_and_modules_give_the_same_parts(model):
    assert with_macros(model, [TOOLS], "addin") == with_macros(model, [TOOLS], "addin")


def test_macros_are_added_once_and_sheet_modules_are_not_given(parts):
    with pytest.raises(MacroError, match="has macros already"):
        with_macros(with_macros(parts, [], "workbook"), [], "workbook")
    with pytest.raises(MacroError, match="only document module that can be given is ThisWorkbook"):
        with_macros(parts, [VbaModule("Sheet1", "", "document")], "workbook")
    with pytest.raises(MacroError, match="'Sheet1' is used twice"):
        with_macros(parts, [VbaModule("Sheet1", "")], "workbook")


# ribbon and buttons


def test_a_ribbon_hangs_on_the_package(parts):
    made = with_ribbon(parts, RIBBON)
    assert b'label="HPC"' in made["customUI/customUI14.xml"]
    assert re.search(
        rb'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
        rb'Target="/customUI/customUI14.xml"',
        made["_rels/.rels"],
    )


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<customUI>", "not proper XML"),
        (
            "<customUI xmlns='http://schemas.microsoft.com/office/2006/01/customui'/>",
            "does not begin with customUI",
        ),
    ],
)
def test_what_is_no_ribbon_is_refused(parts, xml, message):
    with pytest.raises(MacroError, match=message):
        with_ribbon(parts, xml)


def test_a_second_ribbon_is_refused(parts):
    with pytest.raises(MacroError, match="has a ribbon already"):
        with_ribbon(with_ribbon(parts, RIBBON), RIBBON)


def test_a_button_joins_the_charts_of_a_sheet(model):
    made = with_button(model, "Summary", "Tools.Mark", "Mark & go", "B3")
    drawings = [name for name in made if name.startswith("xl/drawings/drawing")]
    [part] = [name for name in drawings if shapes(made, name)]
    drawing = etree.fromstring(made[part])
    assert len(list(drawing.iter(f"{DRAWING}graphicFrame"))) == 3
    [shape] = shapes(made, part)
    assert shape.get("macro") == "[0]!Tools.Mark"
    assert "".join(shape.itertext()) == "Mark & go"
    identifiers = [element.get("id") for element in drawing.iter(f"{DRAWING}cNvPr")]
    assert len(set(identifiers)) == len(identifiers) == 4
    assert {name for name in made if made[name] != model.get(name)} == {part}


def test_a_sheet_without_drawing_gets_one_and_two_buttons_share_it(parts):
    once = with_button(parts, "Front", "Mark", "First", "C2")
    made = with_button(once, "Front", "Mark", "Second", "AA10", 5, 1)
    first, second = shapes(made)
    corner = {
        element.tag.removeprefix(DRAWING): element.text
        for element in second.getparent().find(f"{DRAWING}from")
    }
    assert (corner["col"], corner["row"]) == ("26", "9")
    size = second.getparent().find(f"{DRAWING}ext")
    assert (size.get("cx"), size.get("cy")) == ("1800000", "360000")
    assert first.find(f".//{DRAWING}cNvPr").get("id") != second.find(f".//{DRAWING}cNvPr").get("id")
    assert made["xl/worksheets/sheet1.xml"].count(b"<drawing ") == 1
    assert check_macros(with_macros(made, [TOOLS], "workbook")) == []


def test_a_drawing_stands_before_what_follows_it_in_a_sheet(parts):
    sheet = "xl/worksheets/sheet1.xml"
    tables = parts[sheet].replace(b"</worksheet>", b'<tableParts count="0"/></worksheet>')
    root = etree.fromstring(
        with_button({**parts, sheet: tables}, "Front", "Mark", "Mark", "B2")[sheet]
    )
    assert [etree.QName(element).localname for element in root][-2:] == ["drawing", "tableParts"]


@pytest.mark.parametrize(
    ("sheet", "macro", "anchor", "message"),
    [
        ("Nowhere", "Mark", "B2", "no sheet 'Nowhere'"),
        ("Front", 'Mark" x="', "B2", "is not the name of a macro"),
        ("Front", "other.xlsm!Mark", "B2", "is not the name of a macro"),
        ("Front", "Mark", "2B", "2B is not the address of a cell"),
    ],
)
def test_a_button_that_could_not_work_is_refused(parts, sheet, macro, anchor, message):
    with pytest.raises(ValueError, match=message):
        with_button(parts, sheet, macro, "Mark", anchor)


# visibility


def test_hidden_sheets_are_hidden_and_a_visible_one_is_in_front(tmp_path):
    sheets = [Sheet(name, (9,), visibility=name) for name in ("hidden", "veryHidden", "visible")]
    for sheet in sheets:
        sheet.put(1, 1, 1.0)
    write(Plan("Hidden", sheets), tmp_path / "hidden.xlsx")
    book = openpyxl.load_workbook(tmp_path / "hidden.xlsx")
    assert [sheet.sheet_state for sheet in book] == ["hidden", "veryHidden", "visible"]
    assert book.active.title == "visible"


# the package check


def broken(made, part, old, new):
    assert re.search(old, made[part])
    return {**made, part: re.sub(old, new, made[part])}


@pytest.mark.parametrize(
    ("part", "old", "new", "sentence"),
    [
        (
            "xl/_rels/workbook.xml.rels",
            rb"/xl/vbaProject.bin",
            b"gone.bin",
            "xl/workbook.xml leads to xl/gone.bin, which is not in the file.",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            rb"<[^<]*vbaProject.bin[^>]*/>",
            b"",
            "The workbook does not lead to its macros.",
        ),
        (
            "_rels/.rels",
            rb"<[^<]*customUI14[^>]*/>",
            b"",
            "The package does not lead to its ribbon.",
        ),
        (
            "[Content_Types].xml",
            rb"<[^<]*vbaProject.bin[^>]*/>",
            b"",
            "xl/vbaProject.bin has no content type.",
        ),
        (
            "[Content_Types].xml",
            rb"/xl/theme/theme1.xml",
            b"/xl/theme/theme2.xml",
            "xl/theme/theme2.xml has a content type, but is not in the file.",
        ),
        (
            "[Content_Types].xml",
            rb"ms-excel.addin",
            b"ms-excel.other",
            "The content type is not that of a macro workbook or add-in.",
        ),
        (
            "xl/vbaProject.bin",
            rb"^.{8}",
            b"\0" * 8,
            "The macro project cannot be read: not an OLE2 structured storage file.",
        ),
        (
            "xl/vbaProject.bin",
            rb"Module=Tools",
            b"Module=Fools",
            "The macro project cannot be read: it lists the module Fools, which it does not hold.",
        ),
        ("xl/worksheets/sheet2.xml", rb' codeName="Sheet2"', b"", "Sheet Back has no code name."),
        (
            "xl/worksheets/sheet2.xml",
            rb'codeName="Sheet2"',
            b'codeName="Sheet7"',
            "Sheet Back has the code name Sheet7, but there is no such module.",
        ),
        (
            "xl/worksheets/sheet2.xml",
            rb'codeName="Sheet2"',
            b'codeName="Sheet1"',
            "Module Sheet2 stands for no sheet.",
        ),
        (
            "xl/workbook.xml",
            rb"ThisWorkbook",
            b"ThatWorkbook",
            "The workbook has the code name ThatWorkbook, but there is no such module.",
        ),
        (
            "xl/workbook.xml",
            rb"</workbook>",
            b"",
            "The file cannot be read: a part of the file is damaged",
        ),
    ],
)
def test_the_check_says_what_is_broken(parts, part, old, new, sentence):
    made = with_ribbon(with_macros(parts, [TOOLS], "addin"), RIBBON)
    problems = check_macros(broken(made, part, old, new))
    assert any(problem.startswith(sentence) for problem in problems), problems


def test_a_workbook_without_macros_and_no_workbook_at_all_are_told(parts):
    assert "The content type is not that of a macro workbook or add-in." in check_macros(parts)
    assert check_macros({}) == ["The file is not a workbook."]


# a real engine


@pytest.mark.engine
def test_libreoffice_lists_the_modules_runs_a_macro_and_computes_a_function(parts, tmp_path):
    lines = "".join(f"    x = {number} / {number * number + 7}\n" for number in range(1, 2000))
    long = VbaModule("Lengthy", f"Sub Work()\n    Dim x\n{lines}End Sub\n")
    counter = VbaModule("Counter", "Public total As Double\n", "class")
    made = with_macros(parts, [TOOLS, long, counter], "workbook")
    made = with_button(made, "Front", "Tools.Mark", "Mark", "C2")
    path = save(made, tmp_path / "made.xlsm")
    found = open_with_macros(
        path, run=["Tools.Mark"], read=[f"Front!A{row}" for row in (1, 2, 3, 4)]
    )
    assert sorted(found["modules"]) == [
        "Counter",
        "Lengthy",
        "Sheet1",
        "Sheet2",
        "ThisWorkbook",
        "Tools",
    ]
    assert len(long.source) > 10 * 4096
    for module in (TOOLS, long, counter):
        assert module.source in found["modules"][module.name]
    assert found["cells"] == {
        "Front!A1": 42.0,  # TWICE(21)
        "Front!A2": 11.0,  # TWICE(5) + 1
        "Front!A3": "ran",
        "Front!A4": 8.0,  # TWICE(4), written by the macro
    }
