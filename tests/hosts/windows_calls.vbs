' Calls our COM server from VBScript and echoes what it answers. The argument is its class id.
Set server = GetObject("new:" & WScript.Arguments(0))
Dim column(1, 0)
column(0, 0) = 0.25: column(1, 0) = 0.5
Dim row(0, 2)
row(0, 0) = 300: row(0, 1) = 600: row(0, 2) = Empty

Sub Show(value)
    If IsArray(value) Then
        WScript.Echo UBound(value, 1) + 1 & " x " & UBound(value, 2) + 1
        For i = 0 To UBound(value, 1)
            For j = 0 To UBound(value, 2)
                Show value(i, j)
            Next
        Next
    ElseIf VarType(value) = vbString Then
        If Left(value, 1) = Chr(1) Then value = "error " & Mid(value, 2)
        WScript.Echo value
    Else
        WScript.Echo VarType(value) & ": " & value
    End If
End Sub

Sub NoSuchMembers()
    On Error Resume Next
    server.Eval "1"
    WScript.Echo "Eval " & Err.Number
    Err.Clear
    server.Exec "1"
    WScript.Echo "Exec " & Err.Number
    Err.Clear
    server.Module "os"
    WScript.Echo "Module " & Err.Number
End Sub

Show server.Version()
Show server.Call("HPC_VALUE", Array("RIOT", 0.5, 600))
Show server.Call("HPC_VALUE", Array("RIOT", , 600, "low"))
Show server.Call("HPC_VALUE", Array("RIOT", Empty, 600))
Show server.Call("HPC_VALUE", Array("RIOT", True, 600))
Show server.Call("HPC_VALUE", Array("RIOT", column, row))
Show server.Call("HPC_BOOK", Array())
Show server.Call("HPC_NOTHING", Array("RIOT"))
table = server.Call("HPC_EXPLAIN", Array("HPC_VALUE", "RIOT", , 600))
WScript.Echo UBound(table, 1) > 3 And UBound(table, 2) + 1
Show table(UBound(table, 1), 2)
Show server.Command("snapshot", "Scripting.FileSystemObject")
Show server.Command("snapshot", Empty)
Show server.Command("Call", CreateObject("Scripting.FileSystemObject"))
command = "snapshot"
Set noWorkbook = CreateObject("Scripting.FileSystemObject")
Show server.Command(command, noWorkbook)
NoSuchMembers
