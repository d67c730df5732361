Option Explicit
Option Private Module
' The menu Insert function. Of the workbook only this is read: whether the selected cell is free, and
' which name is that of the book of our model.

' Enter a formula of the menu into the selected cell, where nothing is lost by it. A second one behind
' a bar is for a workbook with a book, whose name takes the place of the @ in it.
Public Sub HpcInsert(ByVal tag As String)
    Dim cell As Object, refusal As String, formula As String
    ' A sheet that is a chart has no cell.
    On Error Resume Next
    Set cell = ActiveCell
    On Error GoTo 0
    formula = tag
    If InStr(tag, "|") > 0 Then formula = OfTheBook(cell, Split(tag, "|"))
    HpcEnter cell, formula, refusal
    If refusal <> "" Then MsgBox refusal, vbExclamation, "HPC"
End Sub

' The formula that reads the book of the workbook of a cell, or the one that reads the shipped book.
Private Function OfTheBook(ByVal cell As Object, ByVal formulas As Variant) As String
    Dim known As Object
    OfTheBook = formulas(0)
    If cell Is Nothing Then Exit Function
    For Each known In cell.Worksheet.Parent.Names
        If IsOurBook(known) Then OfTheBook = Replace(formulas(1), "@", known.Name)
    Next known
End Function

' Whether a name is that of a handle which our model makes: another may have a name Book of its own.
Private Function IsOurBook(ByVal known As Object) As Boolean
    Dim made As String
    If known.Name <> "Book" And Not known.Name Like "Book_HPC*" Then Exit Function
    ' A name may lead to no cell.
    On Error Resume Next
    made = known.RefersToRange.Cells(1, 1).Formula
    IsOurBook = InStr(1, made, "HPC_BOOK(", vbTextCompare) > 0
End Function

' Enter a formula into a cell, or say why not.
Public Sub HpcEnter(ByVal cell As Object, ByVal formula As String, ByRef refusal As String)
    refusal = WhyNot(cell)
    If refusal <> "" Then Exit Sub
    If Not IsEntered(cell, formula) Then refusal = "Excel did not take the formula: nothing was entered."
End Sub

' Why nothing can be entered into a cell, as one sentence; empty where something can.
Private Function WhyNot(ByVal cell As Object) As String
    If cell Is Nothing Then
        WhyNot = "Select an empty cell first: nothing was entered."
    ElseIf cell.Worksheet.ProtectContents Then
        WhyNot = "The sheet " & cell.Worksheet.Name & " is protected: nothing was entered."
    ElseIf Not IsEmpty(cell.Value) Then
        WhyNot = "The cell " & cell.Address(False, False) & " is not empty: nothing was entered."
    ElseIf cell.NumberFormat = "@" Then
        WhyNot = "The cell " & cell.Address(False, False) & " is formatted as text: nothing was entered."
    End If
End Function

' Formula2 lets tables spill; Excel 2019 and older do not know it. What the cell holds tells whether it
' was taken, since our functions, which are computed meanwhile, may leave an error of theirs in Err.
Private Function IsEntered(ByVal cell As Object, ByVal formula As String) As Boolean
    On Error Resume Next
    cell.Formula2 = formula
    If Not cell.HasFormula Then cell.Formula = formula
    IsEntered = cell.HasFormula
End Function
