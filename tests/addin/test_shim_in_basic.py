"""The shim's own VBA, run by LibreOffice Basic against a fake server: what arrives, what is shown.

Only the module that starts Python is replaced; functions, cells and re-binding are those of the
add-in, byte for byte.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from addin.calc.engine import SYSTEM_PATH, find_office
from addin.excel.com import OMITTED_NUMBER
from addin.excel.shim import shim_modules
from workbook.macros import with_macros
from workbook.package import read_cells, read_parts, write_parts
from workbook.plan import Plan, Sheet
from workbook.vba import VbaModule
from workbook.write import write

pytestmark = pytest.mark.engine

FAKE_SERVER = f"""Option Explicit
' Answers with what arrived, or with what the first argument asks for.
Public Function HpcAsk(ByVal functionName As String, ByRef arguments As Variant) As Variant
    Dim grid(0 To 1, 0 To 1) As Variant, index As Long, text As String
    text = functionName
    For index = LBound(arguments) To UBound(arguments)
        text = text & "|" & Described(arguments(index))
    Next index
    If UBound(arguments) >= 0 Then
        If VarType(arguments(0)) = 8 Then
            If Left(arguments(0), 6) = "error " Then text = Chr(1) & Mid(arguments(0), 7)
            If arguments(0) = "number" Then
                HpcAsk = 1845.5
                Exit Function
            End If
            If arguments(0) = "grid" Then
                grid(0, 0) = 1.5
                grid(0, 1) = Chr(1) & "#NUM!"
                grid(1, 0) = Chr(1) & "#N/A"
                grid(1, 1) = "#N/A is a text here"
                HpcAsk = grid
                Exit Function
            End If
            If arguments(0) = "dead" Then Err.Raise 1001
        End If
    End If
    HpcAsk = text
End Function

Private Function Described(ByRef cell As Variant) As String
    If IsArray(cell) Then
        Described = "range of " & (UBound(cell, 1) - LBound(cell, 1) + 1) & " x " & _
            (UBound(cell, 2) - LBound(cell, 2) + 1)
    ElseIf IsEmpty(cell) Then
        Described = "blank"
    ElseIf IsError(cell) Then
        If CLng(cell) = {OMITTED_NUMBER & 0xFFFF} Then
            Described = "omitted"
        Else
            Described = "error " & CLng(cell)
        End If
    ElseIf VarType(cell) = 8 Then
        Described = "text " & cell
    Else
        Described = "number " & cell
    End If
End Function

Public Sub HpcForget()
End Sub

Public Function HpcReason() As String
    HpcReason = ""
End Function

Public Function PLAINFORMULA(ByVal formula As String) As String
    PLAINFORMULA = HpcPlain(formula)
End Function
"""

REGISTRY = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" \
oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Filter/Import/VBA"><prop oor:name="Load" oor:op="fuse">\
<value>true</value></prop><prop oor:name="Executable" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" \
oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def evaluated(folder: Path, formulas: dict[str, str], spills: dict[str, tuple[int, int]]):
    """Let LibreOffice Basic evaluate formulas with the shim inside the workbook."""
    sheet = Sheet("Cells", (20,))
    for row, value in ((1, 0.25), (2, 0.5)):
        sheet.put(row, 26, value)
    for number, (name, formula) in enumerate(formulas.items(), start=1):
        if name in spills:
            height, width = spills[name]
            sheet.put_spill(number, 2, [[0.0] * width] * height, formula)
        else:
            sheet.put(number, 2, 0.0, formula=formula)
    plain = folder / "plain.xlsx"
    write(Plan("Shim", [sheet]), plain)
    modules = [VbaModule("HpcConnection", FAKE_SERVER), *shim_modules()]
    source = folder / "shim.xlsm"
    write_parts(source, with_macros(read_parts(plain), modules, "workbook"))
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(REGISTRY, encoding="utf-8")
    command = [find_office(), "--headless", "--norestore"]
    command += [f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", source]
    environment = {"PATH": SYSTEM_PATH, "HOME": str(folder), "LANG": "C.UTF-8"}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=180)
    cells = read_cells(read_parts(folder / "out" / "shim.xlsx"))["Cells"]
    return {name: cells[f"B{number}"].value for number, name in enumerate(formulas, start=1)}, cells
