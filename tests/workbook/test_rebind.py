"""Re-bind: formulas that carry the path of another machine become plain again."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.external_link.external import ExternalBook, ExternalLink

from addin.cli import main
from workbook.formulas.ours import plain_formula
from workbook.opc.package import open_package, read_parts, write_parts
from workbook.opc.stored import read_cells
from workbook.rebind import rebind

PREFIXES = (
    "[1]!",
    "_xll.",
    "_xludf.",
    "'C:\\Users\\o''neil\\hpc-valuation.xlam'!",
    "hpc-valuation.xlam!",
    "'[old model.xlsm]Sheet 1'!",
)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_form_of_prefix_is_taken_off(prefix):
    formula = f'SUM({prefix}HPC_VALUE("RIOT",0.5,600),2*{prefix}hpc_window(0.5,3))'
    assert plain_formula(formula) == 'SUM(HPC_VALUE("RIOT",0.5,600),2*hpc_window(0.5,3))'


@pytest.mark.parametrize(
    "formula",
    [
        'IF(A1="[1]!HPC_VALUE(",1,0)',
        "'My HPC_VALUE('!B2",
        "Inputs!HPC_rate*2",
        "[1]Other!A1+'[2]x'!B1",
        "MYHPC_VALUE(A1)",
        "Data!A1*HPC_VALUE(B1)",
    ],
)
def test_texts_names_and_other_sheets_stay(formula):
    assert plain_formula(formula) == formula


@given(st.text(alphabet="[]!'\"HPC_VALUE(x1.", max_size=40))
def test_taking_off_twice_is_taking_off_once(formula):
    once = plain_formula(formula)
    assert plain_formula(once).count('"') == once.count('"')
    assert len(once) <= len(formula)


def moved(path):
    """A workbook as Excel leaves it after the add-in moved: a link, prefixes, #NAME?."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = '=[1]!HPC_VALUE("RIOT",0.5,600)'
    sheet["A2"] = "=HPC_WINDOW(0.5,3)"
    sheet["A3"] = "=A1*2"
    book.create_sheet("Other")["A1"] = "=1+1"
    book.defined_names["Option"] = DefinedName("Option", attr_text='[1]!HPC_VALUE("IREN")')
    link = ExternalLink(externalBook=ExternalBook(id="rId1"))
    link.file_link = Relationship(
        type="externalLinkPath",
        Target="file:///C:/Users/ann/hpc-valuation.xlam",
        TargetMode="External",
    )
    book._external_links.append(link)
    book.save(path)
    parts = read_parts(path)
    sheet = parts["xl/worksheets/sheet1.xml"]
    stored = re.sub(
        rb'<c r="A2"[^>]*>(<f>[^<]*</f>)<v ?/>|<c r="A2"[^>]*>(<f>[^<]*</f>)<v></v>',
        rb'<c r="A2" t="e">\1\2<v>#NAME?</v>',
        sheet,
    )
    assert stored != sheet
    return {**parts, "xl/worksheets/sheet1.xml": stored}


def repaired(path, parts):
    """The parts after a repair of a file that holds them, and what was changed."""
    write_parts(path, parts)
    with open_package(path) as package:
        return rebind(package), dict(package)


def test_a_moved_workbook_is_repaired_and_nothing_else_touched(tmp_path):
    parts = moved(tmp_path / "moved.xlsx")
    changes, done = repaired(tmp_path / "moved.xlsx", parts)
    assert [(change.address, change.before != change.after) for change in changes] == [
        ("A1", True),
        ("A2", False),
        ("Option", True),
    ]
    cells = read_cells(done)["Sheet"]
    assert cells["A1"].formula == 'HPC_VALUE("RIOT",0.5,600)'
    assert cells["A2"].value is None, "Excel computes it when it opens the file"
    assert b'ca="1"' in done["xl/worksheets/sheet1.xml"]
    touched = {name for name in parts if done.get(name) != parts[name]}
    assert touched == {
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
        "xl/externalLinks/externalLink1.xml",
        "xl/externalLinks/_rels/externalLink1.xml.rels",
    }
    assert not [name for name in done if "externalLink" in name]
    assert b"externalLink" not in done["[Content_Types].xml"]


def test_rules_and_validations_are_repaired_too(tmp_path):
    path = tmp_path / "moved.xlsx"
    parts = moved(path)
    rules = (
        b'<conditionalFormatting sqref="B2"><cfRule type="expression" priority="1">'
        b'<formula>[1]!HPC_VALUE("RIOT")&gt;1</formula></cfRule></conditionalFormatting>'
        b'<dataValidations count="1"><dataValidation type="custom" sqref="C3">'
        b"<formula1>[1]!HPC_WINDOW(C3,3)&lt;1</formula1></dataValidation></dataValidations>"
        b"<pageMargins"
    )
    part = "xl/worksheets/sheet1.xml"
    changes, done = repaired(path, {**parts, part: parts[part].replace(b"<pageMargins", rules)})
    found = [(one.sheet, one.address, one.after) for one in changes if one.after.endswith("1")]
    assert [(sheet, after) for sheet, _, after in found] == [
        ("Sheet", 'HPC_VALUE("RIOT")>1'),
        ("Sheet", "HPC_WINDOW(C3,3)<1"),
    ]
    assert "B2" in found[0][1]
    assert "C3" in found[1][1]
    assert b"[1]!" not in done[part]


def test_a_link_that_another_formula_uses_stays(tmp_path):
    parts = moved(tmp_path / "moved.xlsx")
    other = parts["xl/worksheets/sheet2.xml"].replace(b"1+1", b"[1]Sheet1!A1")
    path = tmp_path / "moved.xlsx"
    _, done = repaired(path, {**parts, "xl/worksheets/sheet2.xml": other})
    assert "xl/externalLinks/externalLink1.xml" in done


def test_a_repaired_workbook_has_nothing_more_to_repair(tmp_path):
    path = tmp_path / "moved.xlsx"
    _, done = repaired(path, moved(path))
    assert repaired(path, done) == ([], done)


def test_a_file_that_is_open_or_signed_is_not_repaired(tmp_path):
    path = tmp_path / "moved.xlsx"
    write_parts(path, moved(path))
    original = path.read_bytes()
    lock = path.with_name("~$moved.xlsx")
    lock.touch()
    said = CliRunner().invoke(main, ["rebind", str(path)])
    assert (said.exit_code, "is open in another program" in said.output) == (1, True)
    lock.unlink()
    assert path.read_bytes() == original
    write_parts(path, read_parts(path) | {"_xmlsignatures/sig1.xml": b"<x/>"})
    said = CliRunner().invoke(main, ["rebind", str(path)])
    assert (said.exit_code, "is signed" in said.output) == (1, True)
    write_parts(path, moved(path))
    said = CliRunner().invoke(main, ["rebind", str(path)])
    assert said.exit_code == 0
    assert "formulas repaired" in said.output
