Option Explicit
' What the buttons of the tab HPC do.

' Let Python carry a command out in the active workbook, and show its sentence.
Public Sub HpcDo(ByVal command As String, ByVal doing As String)
    Dim answer As String
    If ActiveWorkbook Is Nothing Then Exit Sub
    HpcCarryOut command, doing, answer
    If Left$(answer, 1) = ChrW$(1) Then
        MsgBox Mid$(answer, 2), vbExclamation, "HPC"
    Else
        MsgBox answer, vbInformation, "HPC"
    End If
End Sub

' Nothing is computed while cells are written, and the status bar says what is done; afterwards Excel is
' as it was. A frozen copy would keep the manual mode, and writes no cell.
Public Sub HpcCarryOut(ByVal command As String, ByVal doing As String, ByRef answer As String)
    Dim before As Long, pointer As Long
    before = Application.Calculation
    pointer = Application.Cursor
    If command <> "freeze" Then Application.Calculation = xlCalculationManual
    Application.Cursor = xlWait
    HpcSay doing
    ' Python hears Esc and takes back what it wrote; Excel would break off the code here instead.
    Application.EnableCancelKey = xlDisabled
    On Error GoTo Failed
    HpcOrder command, ActiveWorkbook, answer
Done:
    On Error GoTo 0
    HpcSaid
    Application.Cursor = pointer
    Application.Calculation = before
    If before = xlCalculationManual And Left$(answer, 1) <> ChrW$(1) Then
        If command = "refresh" Or command = "undo" Or command = "keep" Then answer = answer & ". Press F9: Excel computes only when told."
    End If
    Exit Sub
Failed:
    answer = ChrW$(1) & Err.Description
    Resume Done
End Sub

' Connect anew and compute every formula of the open workbooks; Excel counts its progress on the status bar.
Public Sub HpcRecalculate()
    HpcForget
    HpcSaid
    Application.CalculateFull
    If HpcReason() <> "" Then MsgBox HpcReason(), vbExclamation, "HPC"
End Sub

' Enter the HPC formulas of the active workbook again, without the path or prefix of another machine.
Public Sub HpcRebind()
    Dim count As Long, before As Long, failure As String
    If ActiveWorkbook Is Nothing Then Exit Sub
    before = Application.Calculation
    Application.Calculation = xlCalculationManual
    Application.ScreenUpdating = False
    HpcSay "entering formulas again"
    On Error GoTo Failed
    Application.EnableCancelKey = xlErrorHandler
    HpcRebindSheets ActiveWorkbook, count
Done:
    On Error GoTo 0
    HpcSaid
    Application.ScreenUpdating = True
    Application.Calculation = before
    If failure <> "" Then
        MsgBox "Re-bind stopped after " & count & " formulas: " & failure, vbExclamation, "HPC"
    Else
        MsgBox count & " HPC formulas were entered again.", vbInformation, "HPC"
    End If
    Exit Sub
Failed:
    ' Kept: Excel computes below, and our functions clear the error.
    failure = Err.Description & " "
    Resume Done
End Sub

' Put a picture of the selected chart, or else of the selected cells, on the clipboard.
Public Sub HpcPicture()
    On Error GoTo Failed
    If Not ActiveChart Is Nothing Then
        ActiveChart.CopyPicture Appearance:=xlScreen, Format:=xlPicture
    ElseIf TypeName(Selection) <> "Range" Then
        MsgBox "Select a chart or cells first: nothing was copied.", vbExclamation, "HPC"
        Exit Sub
    ElseIf Selection.Areas.Count > 1 Then
        MsgBox "Select one block of cells: nothing was copied.", vbExclamation, "HPC"
        Exit Sub
    Else
        Selection.CopyPicture Appearance:=xlScreen, Format:=xlPicture
    End If
    MsgBox "The picture is on the clipboard: paste it where you need it.", vbInformation, "HPC"
    Exit Sub
Failed:
    MsgBox "Excel made no picture: " & Err.Description, vbExclamation, "HPC"
End Sub

Public Sub HpcHelp()
    Dim state As String, answer As Variant
    answer = HPC_VERSION()
    state = HpcReason()
    If IsError(answer) Then
        If state = "" Then state = "Python does not answer: run hpcval doctor."
    Else
        state = "Python answers: " & answer
    End If
    MsgBox "HPC valuation functions {version}" & vbCrLf & vbCrLf & state & vbCrLf & vbCrLf & _
        "Type =HPC_ for the list, or take a function from the menu Insert function." & vbCrLf & _
        "=HPC_EXPLAIN(""HPC_VALUE"", ""RIOT"", 0.5, 600) shows how a figure is made." & vbCrLf & _
        "If something does not work: run hpcval doctor in a command window.", vbInformation, "HPC"
End Sub
