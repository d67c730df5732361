Option Explicit
Option Private Module
' Between the cells of Excel and Python: what is handed over, and true errors for what comes back.

' Stands for an argument left out of the formula. No cell can hold this error.
Private Const OMITTED As Long = {omitted}
Private Const NOT_AVAILABLE As Long = 2042

' Call a function by name; every worksheet function below goes through here.
Public Function HpcCall(ByVal functionName As String, ByRef arguments As Variant) As Variant
    On Error GoTo Failed
    If InFunctionWizard() Then
        HpcCall = CVErr(NOT_AVAILABLE)
        Exit Function
    End If
    HpcCall = HpcResult(HpcAsk(functionName, arguments))
    Exit Function
Failed:
    HpcCall = CVErr(NOT_AVAILABLE)
End Function

' Bring an argument to plain values: a range to its cells, an omission to its own mark.
Public Function HpcArgument(Optional ByRef argument As Variant) As Variant
    If IsMissing(argument) Then
        HpcArgument = CVErr(OMITTED)
    ElseIf IsObject(argument) Then
        HpcArgument = HpcValues(argument)
    Else
        HpcArgument = argument
    End If
End Function

' Bring the arguments after the first to plain values, as many as were given.
Public Function HpcArguments(ByRef first As Variant, ByRef others As Variant) As Variant
    Dim all() As Variant, index As Long, low As Long
    low = LBound(others)
    ReDim all(0 To UBound(others) - low + 1)
    all(0) = HpcArgument(first)
    For index = low To UBound(others)
        all(index - low + 1) = HpcArgument(others(index))
    Next index
    HpcArguments = all
End Function

' Turn marked texts into true errors, alone and in every element of an array.
Public Function HpcResult(ByVal result As Variant) As Variant
    Dim row As Long, column As Long
    If IsArray(result) Then
        For row = LBound(result, 1) To UBound(result, 1)
            For column = LBound(result, 2) To UBound(result, 2)
                If VarType(result(row, column)) = vbString Then
                    result(row, column) = TextOrError(result(row, column))
                End If
            Next column
        Next row
        HpcResult = result
    ElseIf VarType(result) = vbString Then
        HpcResult = TextOrError(result)
    Else
        HpcResult = result
    End If
End Function

Private Function TextOrError(ByVal text As String) As Variant
    If Left$(text, 1) <> ChrW$(1) Then
        TextOrError = text
        Exit Function
    End If
    Select Case Mid$(text, 2)
{cases}
        Case Else
            TextOrError = CVErr(2015)
    End Select
End Function

' While the function wizard is open Excel evaluates at every key: nothing is computed then.
Private Function InFunctionWizard() As Boolean
    On Error Resume Next
    InFunctionWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
    If Err.Number <> 0 Then InFunctionWizard = False
End Function
