Option Explicit
Option Private Module
' What the status bar says while a button works.

Public Sub HpcSay(ByVal doing As String)
    Application.StatusBar = "HPC: " & doing & " ..."
End Sub

' Give the status bar back to Excel, or to the reason why Python cannot be reached.
Public Sub HpcSaid()
    Application.EnableCancelKey = xlInterrupt
    If HpcReason() = "" Then
        Application.StatusBar = False
    Else
        Application.StatusBar = HpcReason()
    End If
End Sub
