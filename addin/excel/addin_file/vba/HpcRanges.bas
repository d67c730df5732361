Option Explicit
Option Private Module
' The cells of a range, as Excel stores them: dates and currencies as plain numbers.

' Give the values of a range: one value, or rows of values. Several areas are no range: #VALUE!.
Public Function HpcValues(ByVal cells As Object) As Variant
    If cells.Areas.Count > 1 Then
        HpcValues = CVErr(2015)
    Else
        HpcValues = cells.Value2
    End If
End Function
