Option Explicit
Option Private Module
' Re-bind: HPC formulas that carry a path or prefix, or show #NAME?, are entered again.

' Enter again every HPC formula of a workbook; count says how many so far, also where an error ends it.
Public Sub HpcRebindSheets(ByVal book As Object, ByRef count As Long)
    Dim sheet As Object, cell As Object
    For Each sheet In book.Worksheets
        For Each cell In sheet.UsedRange.Cells
            If cell.HasFormula Then
                If InStr(1, cell.Formula, "HPC_", vbTextCompare) > 0 Then
                    If EnterAgain(cell) Then count = count + 1
                End If
            End If
        Next cell
    Next sheet
End Sub

' Enter one formula again as it was entered: an array as an array, a spill as a spill.
Private Function EnterAgain(ByVal cell As Object) As Boolean
    Dim whole As Object, dynamic As Boolean
    If Not cell.HasArray Then
        EnterPlain cell
        EnterAgain = True
        Exit Function
    End If
    Set whole = cell.CurrentArray
    ' Every cell of an old array answers; the first one stands for it.
    If whole.Cells(1, 1).Address <> cell.Address Then Exit Function
    whole.FormulaArray = HpcPlain(whole.Cells(1, 1).Formula)
    EnterAgain = True
End Function

Private Sub EnterPlain(ByVal cell As Object)
    ' Formula2 keeps spills spilling; Excel 2019 and older do not know it.
    On Error GoTo Older
    cell.Formula2 = HpcPlain(cell.Formula2)
    Exit Sub
Older:
    cell.Formula = HpcPlain(cell.Formula)
End Sub

' Take path and prefix off the HPC functions of a formula; texts and everything else stay.
Public Function HpcPlain(ByVal formula As String) As String
    Dim index As Long, start As Long, done As String, letter As String
    index = 1
    Do While index <= Len(formula)
        letter = Mid$(formula, index, 1)
        start = index
        If letter = """" Then
            index = AfterQuoted(formula, index)
            done = done & Mid$(formula, start, index - start)
        ElseIf IsQualifier(formula, index) Then
            index = AfterQualifier(formula, index)
        ElseIf letter = "'" Then
            index = AfterQuoted(formula, index)
            done = done & Mid$(formula, start, index - start)
        Else
            done = done & letter
            index = index + 1
        End If
    Loop
    HpcPlain = done
End Function

' Whether a path or prefix that belongs to an HPC function begins here.
Private Function IsQualifier(ByVal formula As String, ByVal index As Long) As Boolean
    Dim after As Long
    If index > 1 Then
        If Mid$(formula, index - 1, 1) Like "[A-Za-z0-9_.'!]" Then Exit Function
    End If
    after = AfterQualifier(formula, index)
    If after = index Then Exit Function
    If UCase$(Mid$(formula, after, 4)) <> "HPC_" Then Exit Function
    Do While Mid$(formula, after, 1) Like "[A-Za-z0-9_]"
        after = after + 1
    Loop
    ' A name of the workbook may begin with HPC_ too; a function has its bracket.
    IsQualifier = Mid$(formula, after, 1) = "("
End Function

' The place after 'path'!, [n]!, file.xlam!, _xll. or _xludf. that begins here; the same place if none.
Private Function AfterQualifier(ByVal formula As String, ByVal index As Long) As Long
    Dim after As Long
    AfterQualifier = index
    If Mid$(formula, index, 1) = "'" Then
        after = AfterQuoted(formula, index)
    ElseIf Mid$(formula, index, 1) = "[" Then
        after = InStr(index, formula, "]")
        If after = 0 Then Exit Function
        after = after + 1
    ElseIf LCase$(Mid$(formula, index, 5)) = "_xll." Then
        AfterQualifier = index + 5
        Exit Function
    ElseIf LCase$(Mid$(formula, index, 7)) = "_xludf." Then
        AfterQualifier = index + 7
        Exit Function
    Else
        after = index
        Do While Mid$(formula, after, 1) Like "[A-Za-z0-9_.-]"
            after = after + 1
        Loop
        If after = index Then Exit Function
    End If
    If Mid$(formula, after, 1) = "!" Then AfterQualifier = after + 1
End Function

' The place after the text or name in quotes that begins here; a doubled quote is part of it.
Private Function AfterQuoted(ByVal formula As String, ByVal index As Long) As Long
    Dim mark As String
    mark = Mid$(formula, index, 1)
    index = index + 1
    Do While index <= Len(formula)
        If Mid$(formula, index, 1) = mark Then
            If Mid$(formula, index + 1, 1) <> mark Then Exit Do
            index = index + 1
        End If
        index = index + 1
    Loop
    AfterQuoted = index + 1
End Function
