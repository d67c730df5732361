"""The rule by which the add-in finds its installation, run by LibreOffice Basic on real files.

The module is the add-in's own; only its backslashes are turned, as the files lie on Linux here. A path
that begins with two strokes is then both a server's to the rule and a folder of Linux.
"""

from __future__ import annotations

import pytest

from addin.excel.addin_file.shim import connection_modules
from tests.hosts.office import open_with_macros
from workbook.macros.files import with_macros
from workbook.macros.project import VbaModule
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts, write_parts

pytestmark = pytest.mark.engine

ASK = """Option Explicit
' What the rule gives when the line says this; without a line the file is not there.
Public Function RULE(Optional ByVal named As Variant) As String
    Dim place As String
    place = HpcHome() & "python.txt"
    If IsMissing(named) Then
        If Dir(place) <> "" Then Kill place
    Else
        Open place For Output As #1
        Print #1, named
        Close #1
    End If
    RULE = HpcPython()
End Function

Public Function HOME() As String
    HOME = HpcHome()
End Function

Public Function PYTHON() As String
    PYTHON = HpcPython()
End Function
"""

FOUND = {
    'RULE("program/pythonw.exe")': "{home}program/pythonw.exe",
    'RULE("environment-1.0/Scripts/pythonw.exe")': "{home}environment-1.0/Scripts/pythonw.exe",
    'RULE("D:/Python/pythonw.exe")': "D:/Python/pythonw.exe",
    'RULE("//server/tools/pythonw.exe")': "//server/tools/pythonw.exe",
    'RULE("attach")': "attach",
    'RULE("  attach ")': "attach",
    'RULE("")': "",
    'RULE("pythonw.exe"" -c ""evil")': "",
    "RULE()": "",
}


def answers_of(folder, rule, formulas, local):
    """Give what formulas show that ask the module of the rule, of which this is the text."""
    sheet = Sheet("Cells", (20,))
    for number, formula in enumerate(formulas, start=1):
        sheet.put(number, 2, 0.0, formula=formula)
    plain, source = folder / "plain.xlsx", folder / "rule.xlsm"
    write(Plan("Rule", [sheet]), plain)
    lines = rule.replace("\\", "/").splitlines()
    plain_text = "\n".join(line for line in lines if not line.startswith("Attribute "))
    modules = [VbaModule("HpcPlace", plain_text), VbaModule("Ask", ASK)]
    write_parts(source, with_macros(read_parts(plain), modules, "workbook"))
    addresses = [f"Cells!B{number}" for number in range(1, len(formulas) + 1)]
    cells = open_with_macros(source, read=addresses, settings={"LOCALAPPDATA": local})["cells"]
    return {formula: cells[at] for formula, at in zip(formulas, addresses, strict=True)}


def evaluated(folder, formulas, local):
    place = next(module for module in connection_modules() if module.name == "HpcPlace")
    return answers_of(folder, place.source, formulas, local)


def test_the_line_names_an_interpreter_from_the_folder_or_in_full_or_says_to_attach(tmp_path):
    local = tmp_path / "Zoë o'Neil" / "Local"
    home = local / "hpc-valuation"
    home.mkdir(parents=True)
    shown = evaluated(tmp_path, ["HOME()", *FOUND], f"/{local}")
    assert shown.pop("HOME()") == f"/{home}/"
    assert shown == {formula: text.format(home=f"/{home}/") for formula, text in FOUND.items()}


def test_where_windows_names_no_full_folder_nothing_is_found(tmp_path):
    assert evaluated(tmp_path, ["HOME()"], "Local") == {"HOME()": ""}
