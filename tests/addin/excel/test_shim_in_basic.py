"""The shim's own VBA, run by LibreOffice Basic against a fake server: what arrives, what is shown.

Functions, cells and re-binding are those of the add-in, byte for byte. Replaced are the module that
starts Python, the one line that reads a range, since LibreOffice 7.4 has no Range.Value2, and the status
bar, at which it ends while it loads a document.

LibreOffice knows the errors that CVErr makes and shows them in a cell as the text "Error 2042"; that
Excel shows them as #N/A is Excel's part.
"""

from __future__ import annotations

import pytest

from addin.excel.addin_file.shim import shim_modules
from addin.excel.com import NUMBER_OF_ERROR, OMITTED_NUMBER
from tests.hosts.office import open_with_macros
from valuation_core.catalogue.catalogue import catalogue
from workbook.formulas.ours import plain_formula
from workbook.macros.files import with_macros
from workbook.macros.project import VbaModule
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts, write_parts

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

' Says what it was asked, of which workbook and whether Excel computes meanwhile; one command fails, and
' one asks for the status bar.
Public Sub HpcOrder(ByVal command As String, ByVal book As Object, ByRef answer As String)
    If command = "dead" Then Err.Raise 1001, , "a failure"
    If command = "bar" Then
        answer = HpcBar()
        Exit Sub
    End If
    answer = command & "|" & book.Name & "|" & (Application.Calculation = xlCalculationManual)
End Sub

' The answer to a command, and whether Excel computes again after it.
Public Function CARRIEDOUT(ByVal command As String) As String
    Dim answer As String
    HpcCarryOut command, "testing", answer
    CARRIEDOUT = answer & "|" & (Application.Calculation = xlCalculationAutomatic)
End Function

' The same at a desk that computes only when told.
Public Function CARRIEDOUTBYHAND(ByVal command As String) As String
    Dim answer As String
    Application.Calculation = xlCalculationManual
    HpcCarryOut command, "testing", answer
    CARRIEDOUTBYHAND = answer & "|" & (Application.Calculation = xlCalculationManual)
    Application.Calculation = xlCalculationAutomatic
End Function

Public Function HpcReason() As String
    HpcReason = ""
End Function

' What the status bar says while a command works, and after it.
Public Function BAROF(ByVal command As String) As String
    Dim answer As String
    HpcCarryOut command, "testing", answer
    BAROF = answer & "|" & HpcBar()
End Function

' A function of the menu in a cell, twice; LibreOffice has no active cell in a document it does not show.
Public Sub EnterTwice()
    Dim sheet As Object, refusal As String
    Set sheet = ActiveWorkbook.Worksheets("Cells")
    HpcEnter sheet.Range("D1"), "=HPC_VALUE(""RIOT"",0.5,600)", refusal
    sheet.Range("D2").Value = "first: " & refusal
    HpcEnter sheet.Range("D1"), "=HPC_RANK()", refusal
    sheet.Range("D3").Value = "second: " & refusal
End Sub

' A call from VBA: LibreOffice's cells hand an argument left out between others over as 0.
Public Function LEFTOUTBETWEEN() As Variant
    LEFTOUTBETWEEN = HPC_VALUE("RIOT", , 600)
End Function

Public Function LEFTOUTOFEXPLAIN() As Variant
    LEFTOUTOFEXPLAIN = HPC_EXPLAIN("HPC_VALUE", "RIOT", , 600)
End Function

' Whether an answer is an error to Basic, and which.
Public Function ERRORNUMBER(ByVal asked As String) As Variant
    Dim answer As Variant
    answer = HPC_VALUE(asked)
    ERRORNUMBER = -1
    If IsError(answer) Then ERRORNUMBER = CLng(answer)
End Function

Public Function PLAINFORMULA(ByVal formula As String) As String
    PLAINFORMULA = HpcPlain(formula)
End Function
"""


RANGES = """Option Explicit
Public Function HpcValues(ByVal cells As Object) As Variant
    HpcValues = cells.Value
End Function
"""

STATUS = """Option Explicit
Private bar As String

Public Sub HpcSay(ByVal doing As String)
    bar = doing
End Sub

Public Sub HpcSaid()
    bar = "given back"
End Sub

Public Function HpcBar() As String
    HpcBar = bar
End Function
"""

INSERTED = ["Cells!D1", "Cells!D2", "Cells!D3"]

REPLACED = {"HpcConnection": FAKE_SERVER, "HpcRanges": RANGES, "HpcStatus": STATUS}

MOVED = [
    """[1]!HPC_VALUE(A1)+'C:\\Users\\o''neil\\hpc.xlam'!HPC_WINDOW(B1,3)""",
    r"'\\bank\tools\hpc-valuation.xlam'!HPC_VALUE(A1)",
    'IF(A1="[1]!HPC_VALUE(",_xll.HPC_VALUE(B2),hpc.xlam!hpc_capex(1))',
    "'My HPC_VALUE('!B2+Inputs!HPC_rate+[1]Other!A1+MYHPC_VALUE(A1)",
    'Data!A1*HPC_VALUE("a ""[1]!HPC_VALUE("" b",_xludf.HPC_CAPEX(1))',
]


CODES = list(NUMBER_OF_ERROR)
CORNERS = [(row, column) for row in (1, 2) for column in (1, 2)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What cells show that call the shim in LibreOffice Basic, by formula."""
    formulas = [
        'HPC_VALUE("RIOT")',
        'HPC_VALUE("RIOT",Z9,600)',
        'HPC_VALUE("RIOT",Z1,Z2)',
        'HPC_VALUE("RIOT",Z1:Z2,600)',
        'HPC_VALUE("RIOT",TRUE(),600)',
        'HPC_VALUE("number")',
        'HPC_VALUE("dead")',
        "LEFTOUTBETWEEN()",
        "LEFTOUTOFEXPLAIN()",
        *(f'HPC_VALUE("error {code}")' for code in CODES),
        *(f'ERRORNUMBER("error {code}")' for code in CODES),
        *(f'INDEX(HPC_VALUE("grid"),{row},{column})' for row, column in CORNERS),
        *(named_call(card) for card in catalogue().values()),
        *(f"PLAINFORMULA({quoted(formula)})" for formula in MOVED),
        'CARRIEDOUT("refresh")',
        'CARRIEDOUT("dead")',
        'CARRIEDOUT("freeze")',
        'CARRIEDOUTBYHAND("refresh")',
        'CARRIEDOUTBYHAND("snapshot")',
        'BAROF("bar")',
        'BAROF("dead")',
    ]
    return evaluated(tmp_path_factory.mktemp("shim"), formulas)


def named_call(card):
    """A call in which every argument is the text of its own name."""
    return f"{card.name}({','.join(quoted(argument.name) for argument in card.arguments)})"


def quoted(text):
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def evaluated(folder, formulas):
    sheet = Sheet("Cells", (20,))
    for row, value in ((1, 0.25), (2, 0.5)):
        sheet.put(row, 26, value)
    for number, formula in enumerate(formulas, start=1):
        sheet.put(number, 2, 0.0, formula=formula)
    plain, source = folder / "plain.xlsx", folder / "shim.xlsm"
    write(Plan("Shim", [sheet]), plain)
    ours = [module for module in shim_modules() if module.name not in REPLACED]
    modules = [*ours, *(VbaModule(name, text) for name, text in REPLACED.items())]
    write_parts(source, with_macros(read_parts(plain), modules, "workbook"))
    addresses = [f"Cells!B{number}" for number in range(1, len(formulas) + 1)]
    run = ["HpcConnection.EnterTwice"]
    cells = open_with_macros(source, run=run, read=[*addresses, *INSERTED])["cells"]
    by_formula = zip([*formulas, *INSERTED], [*addresses, *INSERTED], strict=True)
    return {formula: cells[at] for formula, at in by_formula}


def test_an_omitted_argument_and_a_blank_cell_are_told_apart(shown):
    rest = "|omitted|omitted|omitted|omitted"
    assert shown['HPC_VALUE("RIOT")'] == f"HPC_VALUE|text RIOT|omitted|omitted{rest}"
    assert shown["LEFTOUTBETWEEN()"] == f"HPC_VALUE|text RIOT|omitted|number 600{rest}"
    assert shown['HPC_VALUE("RIOT",Z9,600)'] == f"HPC_VALUE|text RIOT|blank|number 600{rest}"
    explained = "HPC_EXPLAIN|text HPC_VALUE|text RIOT|omitted|number 600"
    assert shown["LEFTOUTOFEXPLAIN()"] == explained


def test_cells_and_ranges_arrive_as_their_values(shown):
    rest = "|omitted|omitted|omitted|omitted"
    for formula, arrived in (
        ('HPC_VALUE("RIOT",Z1,Z2)', "number 0.25|number 0.5"),
        ('HPC_VALUE("RIOT",Z1:Z2,600)', "range of 2 x 1|number 600"),
        ('HPC_VALUE("RIOT",TRUE(),600)', "number 1|number 600"),
    ):
        assert shown[formula] == f"HPC_VALUE|text RIOT|{arrived}{rest}"


def test_every_function_hands_its_arguments_over_in_order(shown):
    for card in catalogue().values():
        names = [f"text {argument.name}" for argument in card.arguments]
        assert shown[named_call(card)] == "|".join([card.name, *names])


@pytest.mark.parametrize("code", CODES)
def test_a_marked_answer_becomes_the_error_that_excel_knows(shown, code):
    number = NUMBER_OF_ERROR[code] & 0xFFFF
    assert shown[f'ERRORNUMBER("error {code}")'] == number, "IsError is true in Basic"
    assert shown[f'HPC_VALUE("error {code}")'] == f"Error {number}"


def test_in_an_array_the_marked_elements_alone_become_errors(shown):
    grid = [shown[f'INDEX(HPC_VALUE("grid"),{row},{column})'] for row, column in CORNERS]
    assert grid == [1.5, "Error 2036", "Error 2042", "#N/A is a text here"]


def test_numbers_pass_and_a_failing_server_gives_an_error(shown):
    assert shown['HPC_VALUE("number")'] == 1845.5
    assert shown['HPC_VALUE("dead")'] == "Error 2042"


@pytest.mark.parametrize("formula", MOVED)
def test_the_button_and_the_command_rebind_alike(shown, formula):
    assert shown[f"PLAINFORMULA({quoted(formula)})"] == plain_formula(formula)


def test_a_command_gets_the_active_workbook_while_nothing_is_computed(shown):
    assert shown['CARRIEDOUT("refresh")'] == "refresh|shim.xlsm|True|True"


def test_after_a_command_that_failed_excel_computes_as_before(shown):
    assert shown['CARRIEDOUT("dead")'].endswith("|True")
    assert shown['CARRIEDOUT("dead")'].startswith("\x01")


def test_a_function_of_the_menu_computes_and_the_next_is_refused_there(shown):
    rest = "|omitted|omitted|omitted|omitted"
    assert [shown[at] for at in INSERTED] == [
        f"HPC_VALUE|text RIOT|number 0.5|number 600{rest}",
        "first: ",
        "second: The cell D1 is not empty: nothing was entered.",
    ]


def test_the_status_bar_says_what_is_done_and_is_given_back_after_a_failure_too(shown):
    assert shown['BAROF("bar")'] == "testing|given back"
    assert shown['BAROF("dead")'].endswith("|given back")


def test_a_frozen_copy_does_not_keep_a_manual_mode_of_ours(shown):
    assert shown['CARRIEDOUT("freeze")'] == "freeze|shim.xlsm|False|True"


def test_a_desk_that_computes_only_when_told_stays_so_and_is_told_to_press_f9(shown):
    said = "refresh|shim.xlsm|True. Press F9: Excel computes only when told.|True"
    assert shown['CARRIEDOUTBYHAND("refresh")'] == said
    assert shown['CARRIEDOUTBYHAND("snapshot")'] == "snapshot|shim.xlsm|True|True"
