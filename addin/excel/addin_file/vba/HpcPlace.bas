Option Explicit
Option Private Module
' Finds the installation of this user by one rule, the same on every desk: in the folder {home} of
' LOCALAPPDATA lie the libraries, and {pointer}, whose one line names the interpreter, from that folder
' or in full. Nothing else is read: no workbook and no setting.

' The folder of the installation; empty where Windows names none.
Public Function HpcHome() As String
    Dim folder As String
    folder = Environ$("LOCALAPPDATA")
    If IsFull(folder) Then HpcHome = folder & "\{home}\"
End Function

' The interpreter, or the word that says to attach; empty where nothing is installed.
Public Function HpcPython() As String
    Dim place As String, named As String, number As Integer
    place = HpcHome() & "{pointer}"
    If HpcHome() = "" Then Exit Function
    If Dir$(place) = "" Then Exit Function
    number = FreeFile
    Open place For Input As #number
    If Not EOF(number) Then Line Input #number, named
    Close #number
    named = Trim$(named)
    ' A quotation mark would end the program's name and begin another command.
    If named = "" Or InStr(named, Chr$(34)) > 0 Then Exit Function
    If named <> "{attach}" And Not IsFull(named) Then named = HpcHome() & named
    HpcPython = named
End Function

' Whether a path begins with a drive or a server, and so depends on no working folder.
Private Function IsFull(ByVal path As String) As Boolean
    IsFull = Mid$(path, 2, 2) = ":\" Or Left$(path, 2) = "\\"
End Function
