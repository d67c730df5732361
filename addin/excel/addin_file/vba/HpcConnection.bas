Option Explicit
Option Private Module
' Starts Python and keeps the connection to it.
' Where it lies is found by the rule in HpcPlace. Nothing of a workbook is read here: no sheet, no name,
' no setting can make another program run.

Private Const PACKAGE_VERSION As String = "{version}"
Private Const QUIET_SECONDS As Double = 30

#If Win64 Then
    Private Const LIBRARY As String = "{library_64}"
    Private Declare PtrSafe Function Activate Lib "{library_64}" Alias "XLPyDLLActivateAuto" ( _
        ByRef result As Variant, ByVal connection As String, ByVal mode As Long) As Long
#Else
    Private Const LIBRARY As String = "{library_32}"
    Private Declare PtrSafe Function Activate Lib "{library_32}" Alias "XLPyDLLActivateAuto" ( _
        ByRef result As Variant, ByVal connection As String, ByVal mode As Long) As Long
#End If
Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryA" (ByVal path As String) As LongPtr

Private connected As Object
Private failedAt As Date
Private reason As String

' Let Python evaluate a function; its answer is a value, or a text that marks an error.
Public Function HpcAsk(ByVal functionName As String, ByRef arguments As Variant) As Variant
    Dim retried As Boolean
    On Error GoTo Lost
Again:
    If connected Is Nothing Then Connect
    HpcAsk = connected.Call(functionName, arguments)
    Exit Function
Lost:
    If Not connected Is Nothing And Not retried Then
        ' The server was ended from outside: start another one, once.
        retried = True
        Set connected = Nothing
        Resume Again
    End If
    Set connected = Nothing
    HpcAsk = ChrW$(1) & "#N/A"
End Function

' Let Python carry a command out in a workbook; the answer is one sentence, marked where nothing was done.
' A Sub, so that no formula can give an order.
Public Sub HpcOrder(ByVal command As String, ByVal book As Object, ByRef answer As String)
    Dim working As Boolean
    On Error GoTo Lost
    If Not Answers() Then
        HpcForget
        Connect
    End If
    working = True
    answer = connected.Command(command, book)
    Exit Sub
Lost:
    Set connected = Nothing
    If working Then
        answer = ChrW$(1) & "Python ended while it worked: close this workbook without saving, and open it again."
    ElseIf reason <> "" Then
        answer = ChrW$(1) & reason
    Else
        answer = ChrW$(1) & "Python could not be reached (" & Err.Description & "): run hpcval doctor."
    End If
End Sub

' Whether the server that was connected is still there.
Private Function Answers() As Boolean
    On Error Resume Next
    If connected Is Nothing Then Exit Function
    Answers = (connected.Version() = PACKAGE_VERSION)
    Err.Clear
End Function

' Forget the connection and earlier failures, so that the next call starts anew.
Public Sub HpcForget()
    Set connected = Nothing
    reason = ""
End Sub

' Why Python could not be reached, as one sentence; empty where it was.
Public Function HpcReason() As String
    HpcReason = reason
End Function

Private Sub Connect()
    Dim found As Variant, python As String, place As String, command As String
    ' With thousands of cells, a desk where Python cannot start must not try for each of them.
    If reason <> "" And (Now - failedAt) * 86400 < QUIET_SECONDS Then Err.Raise vbObjectError + 1
    python = HpcPython()
    If python = "" Then Fail "nothing is installed in the folder {home} of LOCALAPPDATA: run hpcval install or the setup program."
    If python = "{attach}" Then
        command = "{class_id}"
    Else
        command = Chr$(34) & python & Chr$(34) & "{options}"
        If Dir$(python) = "" Then Fail "Python is not at " & python & ": run hpcval install or the setup program."
    End If
    place = HpcHome() & "{library_folder}\" & LIBRARY
    If LoadLibrary(place) = 0 Then Fail "the library " & place & " could not be loaded: run hpcval doctor."
    If Activate(found, command, 1) <> 0 Then
        If python = "{attach}" Then Fail "no server to attach to: start it with hpcval serve."
        Fail "Python could not start: run hpcval doctor."
    End If
    If found.Version() <> PACKAGE_VERSION Then
        Fail "this file is version " & PACKAGE_VERSION & ", Python has " & found.Version() & _
            ": run hpcval install or the setup program, and restart Excel."
    End If
    Set connected = found
    If reason <> "" Then Application.StatusBar = False
    reason = ""
End Sub

Private Sub Fail(ByVal sentence As String)
    failedAt = Now
    reason = "HPC functions: " & sentence
    On Error Resume Next
    Application.StatusBar = reason
    On Error GoTo 0
    Err.Raise vbObjectError + 1, , reason
End Sub
