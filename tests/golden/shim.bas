Attribute VB_Name = "HpcConnection"
Option Explicit
Option Private Module
' Starts Python and keeps the connection to it.
' Where it lies is found by the rule in HpcPlace. Nothing of a workbook is read here: no sheet, no name,
' no setting can make another program run.

Private Const PACKAGE_VERSION As String = "VERSION"
Private Const QUIET_SECONDS As Double = 30

#If Win64 Then
    Private Const LIBRARY As String = "hpc-xlwings64.dll"
    Private Declare PtrSafe Function Activate Lib "hpc-xlwings64.dll" Alias "XLPyDLLActivateAuto" ( _
        ByRef result As Variant, ByVal connection As String, ByVal mode As Long) As Long
#Else
    Private Const LIBRARY As String = "hpc-xlwings32.dll"
    Private Declare PtrSafe Function Activate Lib "hpc-xlwings32.dll" Alias "XLPyDLLActivateAuto" ( _
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
    If python = "" Then Fail "nothing is installed in the folder hpc-valuation of LOCALAPPDATA: run hpcval install or the setup program."
    If python = "attach" Then
        command = "{cc3debda-fd76-4f05-8ca9-5f4d729fc24d}"
    Else
        command = Chr$(34) & python & Chr$(34) & " -I -B -m addin.excel.server $(CLSID)"
        If Dir$(python) = "" Then Fail "Python is not at " & python & ": run hpcval install or the setup program."
    End If
    place = HpcHome() & "library\" & LIBRARY
    If LoadLibrary(place) = 0 Then Fail "the library " & place & " could not be loaded: run hpcval doctor."
    If Activate(found, command, 1) <> 0 Then
        If python = "attach" Then Fail "no server to attach to: start it with hpcval serve."
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

Attribute VB_Name = "HpcPlace"
Option Explicit
Option Private Module
' Finds the installation of this user by one rule, the same on every desk: in the folder hpc-valuation of
' LOCALAPPDATA lie the libraries, and python.txt, whose one line names the interpreter, from that folder
' or in full. Nothing else is read: no workbook and no setting.

' The folder of the installation; empty where Windows names none.
Public Function HpcHome() As String
    Dim folder As String
    folder = Environ$("LOCALAPPDATA")
    If IsFull(folder) Then HpcHome = folder & "\hpc-valuation\"
End Function

' The interpreter, or the word that says to attach; empty where nothing is installed.
Public Function HpcPython() As String
    Dim place As String, named As String, number As Integer
    place = HpcHome() & "python.txt"
    If HpcHome() = "" Then Exit Function
    If Dir$(place) = "" Then Exit Function
    number = FreeFile
    Open place For Input As #number
    If Not EOF(number) Then Line Input #number, named
    Close #number
    named = Trim$(named)
    ' A quotation mark would end the program's name and begin another command.
    If named = "" Or InStr(named, Chr$(34)) > 0 Then Exit Function
    If named <> "attach" And Not IsFull(named) Then named = HpcHome() & named
    HpcPython = named
End Function

' Whether a path begins with a drive or a server, and so depends on no working folder.
Private Function IsFull(ByVal path As String) As Boolean
    IsFull = Mid$(path, 2, 2) = ":\" Or Left$(path, 2) = "\\"
End Function

Attribute VB_Name = "HpcFunctions"
Option Explicit
' The worksheet functions. Made from the catalogue; nothing is volatile.

Public Function HPC_VALUE(miner As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional book As Variant) As Variant
    HPC_VALUE = HpcCall("HPC_VALUE", Array(HpcArgument(miner), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(book)))
End Function

Public Function HPC_PER_SHARE(miner As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional book As Variant) As Variant
    HPC_PER_SHARE = HpcCall("HPC_PER_SHARE", Array(HpcArgument(miner), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(book)))
End Function

Public Function HPC_WINDOW(prob As Variant, months As Variant, Optional window As Variant, Optional book As Variant) As Variant
    HPC_WINDOW = HpcCall("HPC_WINDOW", Array(HpcArgument(prob), HpcArgument(months), HpcArgument(window), HpcArgument(book)))
End Function

Public Function HPC_CAPEX(mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional book As Variant) As Variant
    HPC_CAPEX = HpcCall("HPC_CAPEX", Array(HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(book)))
End Function

Public Function HPC_MINING_VALUE(miner As Variant, Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_MINING_VALUE = HpcCall("HPC_MINING_VALUE", Array(HpcArgument(miner), HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_HASHPRICE(Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_HASHPRICE = HpcCall("HPC_HASHPRICE", Array(HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_SOTP(miner As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_SOTP = HpcCall("HPC_SOTP", Array(HpcArgument(miner), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_LAND_VALUE(miner As Variant, Optional per_mw As Variant, Optional book As Variant) As Variant
    HPC_LAND_VALUE = HpcCall("HPC_LAND_VALUE", Array(HpcArgument(miner), HpcArgument(per_mw), HpcArgument(book)))
End Function

Public Function HPC_DILUTED_SHARES(miner As Variant, Optional price As Variant, Optional book As Variant) As Variant
    HPC_DILUTED_SHARES = HpcCall("HPC_DILUTED_SHARES", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(book)))
End Function

Public Function HPC_TARGET(miner As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_TARGET = HpcCall("HPC_TARGET", Array(HpcArgument(miner), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_UPSIDE(miner As Variant, Optional price As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_UPSIDE = HpcCall("HPC_UPSIDE", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_RATING(miner As Variant, Optional price As Variant, Optional prob As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional btc_price As Variant, Optional book As Variant) As Variant
    HPC_RATING = HpcCall("HPC_RATING", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(prob), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(btc_price), HpcArgument(book)))
End Function

Public Function HPC_RANK(Optional book As Variant) As Variant
    HPC_RANK = HpcCall("HPC_RANK", Array(HpcArgument(book)))
End Function

Public Function HPC_LADDER(miner As Variant, Optional book As Variant) As Variant
    HPC_LADDER = HpcCall("HPC_LADDER", Array(HpcArgument(miner), HpcArgument(book)))
End Function

Public Function HPC_BRIDGE(miner As Variant, from_book As Variant, to_book As Variant, Optional method As Variant) As Variant
    HPC_BRIDGE = HpcCall("HPC_BRIDGE", Array(HpcArgument(miner), HpcArgument(from_book), HpcArgument(to_book), HpcArgument(method)))
End Function

Public Function HPC_PUBLISHED(miner As Variant, item As Variant, Optional book As Variant) As Variant
    HPC_PUBLISHED = HpcCall("HPC_PUBLISHED", Array(HpcArgument(miner), HpcArgument(item), HpcArgument(book)))
End Function

Public Function HPC_IMPLIED_MW(miner As Variant, Optional price As Variant, Optional prob As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional book As Variant) As Variant
    HPC_IMPLIED_MW = HpcCall("HPC_IMPLIED_MW", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(prob), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(book)))
End Function

Public Function HPC_IMPLIED_PROB(miner As Variant, Optional price As Variant, Optional mw As Variant, Optional per_mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional book As Variant) As Variant
    HPC_IMPLIED_PROB = HpcCall("HPC_IMPLIED_PROB", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(mw), HpcArgument(per_mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(book)))
End Function

Public Function HPC_IMPLIED_PER_MW(miner As Variant, Optional price As Variant, Optional prob As Variant, Optional mw As Variant, Optional basis As Variant, Optional cap As Variant, Optional book As Variant) As Variant
    HPC_IMPLIED_PER_MW = HpcCall("HPC_IMPLIED_PER_MW", Array(HpcArgument(miner), HpcArgument(price), HpcArgument(prob), HpcArgument(mw), HpcArgument(basis), HpcArgument(cap), HpcArgument(book)))
End Function

Public Function HPC_SOLVE(miner As Variant, input_ As Variant, target As Variant, Optional book As Variant) As Variant
    HPC_SOLVE = HpcCall("HPC_SOLVE", Array(HpcArgument(miner), HpcArgument(input_), HpcArgument(target), HpcArgument(book)))
End Function

Public Function HPC_SENSITIVITY(miner As Variant, probs As Variant, mws As Variant, Optional output_ As Variant, Optional book As Variant) As Variant
    HPC_SENSITIVITY = HpcCall("HPC_SENSITIVITY", Array(HpcArgument(miner), HpcArgument(probs), HpcArgument(mws), HpcArgument(output_), HpcArgument(book)))
End Function

Public Function HPC_TORNADO(miner As Variant, Optional book As Variant) As Variant
    HPC_TORNADO = HpcCall("HPC_TORNADO", Array(HpcArgument(miner), HpcArgument(book)))
End Function

Public Function HPC_DISTRIBUTION(miner As Variant, Optional percentiles As Variant, Optional correlation As Variant, Optional book As Variant) As Variant
    HPC_DISTRIBUTION = HpcCall("HPC_DISTRIBUTION", Array(HpcArgument(miner), HpcArgument(percentiles), HpcArgument(correlation), HpcArgument(book)))
End Function

Public Function HPC_HISTOGRAM(miner As Variant, Optional edges As Variant, Optional correlation As Variant, Optional book As Variant) As Variant
    HPC_HISTOGRAM = HpcCall("HPC_HISTOGRAM", Array(HpcArgument(miner), HpcArgument(edges), HpcArgument(correlation), HpcArgument(book)))
End Function

Public Function HPC_SIMULATE(miner As Variant, Optional percentiles As Variant, Optional paths As Variant, Optional seed As Variant, Optional correlation As Variant, Optional book As Variant) As Variant
    HPC_SIMULATE = HpcCall("HPC_SIMULATE", Array(HpcArgument(miner), HpcArgument(percentiles), HpcArgument(paths), HpcArgument(seed), HpcArgument(correlation), HpcArgument(book)))
End Function

Public Function HPC_LEASE_VALUE(Optional equity_return As Variant, Optional rent As Variant, Optional escalator As Variant, Optional noi_margin As Variant, Optional capex As Variant, Optional loan_to_cost As Variant, Optional debt_rate As Variant, Optional debt_years As Variant, Optional lease_years As Variant, Optional build_years As Variant, Optional exit_cap_rate As Variant, Optional book As Variant) As Variant
    HPC_LEASE_VALUE = HpcCall("HPC_LEASE_VALUE", Array(HpcArgument(equity_return), HpcArgument(rent), HpcArgument(escalator), HpcArgument(noi_margin), HpcArgument(capex), HpcArgument(loan_to_cost), HpcArgument(debt_rate), HpcArgument(debt_years), HpcArgument(lease_years), HpcArgument(build_years), HpcArgument(exit_cap_rate), HpcArgument(book)))
End Function

Public Function HPC_LEASE_RETURN(value As Variant, Optional rent As Variant, Optional escalator As Variant, Optional noi_margin As Variant, Optional capex As Variant, Optional loan_to_cost As Variant, Optional debt_rate As Variant, Optional debt_years As Variant, Optional lease_years As Variant, Optional build_years As Variant, Optional exit_cap_rate As Variant, Optional book As Variant) As Variant
    HPC_LEASE_RETURN = HpcCall("HPC_LEASE_RETURN", Array(HpcArgument(value), HpcArgument(rent), HpcArgument(escalator), HpcArgument(noi_margin), HpcArgument(capex), HpcArgument(loan_to_cost), HpcArgument(debt_rate), HpcArgument(debt_years), HpcArgument(lease_years), HpcArgument(build_years), HpcArgument(exit_cap_rate), HpcArgument(book)))
End Function

Public Function HPC_CLOUD_VALUE(Optional equity_return As Variant, Optional gpu_price As Variant, Optional utilisation As Variant, Optional gpus_per_mw As Variant, Optional capex_per_gpu As Variant, Optional life As Variant, Optional opex_share As Variant, Optional book As Variant) As Variant
    HPC_CLOUD_VALUE = HpcCall("HPC_CLOUD_VALUE", Array(HpcArgument(equity_return), HpcArgument(gpu_price), HpcArgument(utilisation), HpcArgument(gpus_per_mw), HpcArgument(capex_per_gpu), HpcArgument(life), HpcArgument(opex_share), HpcArgument(book)))
End Function

Public Function HPC_DEAL_VALUE(deal As Variant, Optional equity_return As Variant, Optional exit_cap_rate As Variant, Optional book As Variant) As Variant
    HPC_DEAL_VALUE = HpcCall("HPC_DEAL_VALUE", Array(HpcArgument(deal), HpcArgument(equity_return), HpcArgument(exit_cap_rate), HpcArgument(book)))
End Function

Public Function HPC_DEAL(deal As Variant, metric As Variant, Optional book As Variant) As Variant
    HPC_DEAL = HpcCall("HPC_DEAL", Array(HpcArgument(deal), HpcArgument(metric), HpcArgument(book)))
End Function

Public Function HPC_PIPELINE(miner As Variant, Optional book As Variant) As Variant
    HPC_PIPELINE = HpcCall("HPC_PIPELINE", Array(HpcArgument(miner), HpcArgument(book)))
End Function

Public Function HPC_DEALS(Optional miner As Variant, Optional book As Variant) As Variant
    HPC_DEALS = HpcCall("HPC_DEALS", Array(HpcArgument(miner), HpcArgument(book)))
End Function

Public Function HPC_COMPS(Optional book As Variant) As Variant
    HPC_COMPS = HpcCall("HPC_COMPS", Array(HpcArgument(book)))
End Function

Public Function HPC_SITES(Optional miner As Variant, Optional book As Variant) As Variant
    HPC_SITES = HpcCall("HPC_SITES", Array(HpcArgument(miner), HpcArgument(book)))
End Function

Public Function HPC_SERIES(series As Variant, Optional period As Variant, Optional scope As Variant, Optional book As Variant) As Variant
    HPC_SERIES = HpcCall("HPC_SERIES", Array(HpcArgument(series), HpcArgument(period), HpcArgument(scope), HpcArgument(book)))
End Function

Public Function HPC_DATA(scope As Variant, metric As Variant, Optional book As Variant) As Variant
    HPC_DATA = HpcCall("HPC_DATA", Array(HpcArgument(scope), HpcArgument(metric), HpcArgument(book)))
End Function

Public Function HPC_SOURCE(scope As Variant, metric As Variant, Optional book As Variant) As Variant
    HPC_SOURCE = HpcCall("HPC_SOURCE", Array(HpcArgument(scope), HpcArgument(metric), HpcArgument(book)))
End Function

Public Function HPC_CASES(Optional book As Variant) As Variant
    HPC_CASES = HpcCall("HPC_CASES", Array(HpcArgument(book)))
End Function

Public Function HPC_AGE(scope As Variant, metric As Variant, Optional book As Variant) As Variant
    HPC_AGE = HpcCall("HPC_AGE", Array(HpcArgument(scope), HpcArgument(metric), HpcArgument(book)))
End Function

Public Function HPC_BOOK(Optional as_of As Variant, Optional facts As Variant, Optional case_ As Variant, Optional inputs As Variant, Optional deals As Variant, Optional instruments As Variant, Optional sites As Variant, Optional editions As Variant, Optional cases As Variant, Optional miners As Variant, Optional market As Variant) As Variant
    HPC_BOOK = HpcCall("HPC_BOOK", Array(HpcArgument(as_of), HpcArgument(facts), HpcArgument(case_), HpcArgument(inputs), HpcArgument(deals), HpcArgument(instruments), HpcArgument(sites), HpcArgument(editions), HpcArgument(cases), HpcArgument(miners), HpcArgument(market)))
End Function

Public Function HPC_EXPLAIN(function_ As Variant, ParamArray arguments() As Variant) As Variant
    HPC_EXPLAIN = HpcCall("HPC_EXPLAIN", HpcArguments(function_, arguments))
End Function

Public Function HPC_VERSION() As Variant
    HPC_VERSION = HpcCall("HPC_VERSION", Array())
End Function

Attribute VB_Name = "HpcCells"
Option Explicit
Option Private Module
' Between the cells of Excel and Python: what is handed over, and true errors for what comes back.

' Stands for an argument left out of the formula. No cell can hold this error.
Private Const OMITTED As Long = 448
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
        Case "#NULL!"
            TextOrError = CVErr(2000)
        Case "#DIV/0!"
            TextOrError = CVErr(2007)
        Case "#VALUE!"
            TextOrError = CVErr(2015)
        Case "#REF!"
            TextOrError = CVErr(2023)
        Case "#NAME?"
            TextOrError = CVErr(2029)
        Case "#NUM!"
            TextOrError = CVErr(2036)
        Case "#N/A"
            TextOrError = CVErr(2042)
        Case "#GETTING_DATA"
            TextOrError = CVErr(2043)
        Case "#SPILL!"
            TextOrError = CVErr(2045)
        Case "#CALC!"
            TextOrError = CVErr(2050)
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

Attribute VB_Name = "HpcRanges"
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

Attribute VB_Name = "HpcButtons"
Option Explicit
' The buttons of the ribbon tab HPC. Made from the list of buttons.

' Every function of the menu has its formula in its tag, and one that reads the workbook.
Public Sub HpcInsertButton(control As IRibbonControl)
    HpcInsert control.Tag
End Sub

Public Sub HpcRecalculateButton(control As IRibbonControl)
    HpcRecalculate
End Sub

Public Sub HpcRebindButton(control As IRibbonControl)
    HpcRebind
End Sub

Public Sub HpcHelpButton(control As IRibbonControl)
    HpcHelp
End Sub

Public Sub HpcRefreshButton(control As IRibbonControl)
    HpcRefresh
End Sub

Public Sub HpcRefresh()
    HpcDo "refresh", "refreshing the facts"
End Sub

Public Sub HpcUndoButton(control As IRibbonControl)
    HpcUndo
End Sub

Public Sub HpcUndo()
    HpcDo "undo", "taking the last refresh back"
End Sub

Public Sub HpcKeepButton(control As IRibbonControl)
    HpcKeep
End Sub

Public Sub HpcKeep()
    HpcDo "keep", "keeping the prices"
End Sub

Public Sub HpcExplainButton(control As IRibbonControl)
    HpcExplain
End Sub

Public Sub HpcExplain()
    HpcDo "explain", "explaining the selected cell"
End Sub

Public Sub HpcSnapshotButton(control As IRibbonControl)
    HpcSnapshot
End Sub

Public Sub HpcSnapshot()
    HpcDo "snapshot", "taking a snapshot"
End Sub

Public Sub HpcFreezeButton(control As IRibbonControl)
    HpcFreeze
End Sub

Public Sub HpcFreeze()
    HpcDo "freeze", "writing a frozen copy"
End Sub

Public Sub HpcTearSheetsButton(control As IRibbonControl)
    HpcTearSheets
End Sub

Public Sub HpcTearSheets()
    HpcDo "tearsheets", "writing the tear sheets"
End Sub

Public Sub HpcPictureButton(control As IRibbonControl)
    HpcPicture
End Sub

Attribute VB_Name = "HpcCommands"
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
    MsgBox "HPC valuation functions VERSION" & vbCrLf & vbCrLf & state & vbCrLf & vbCrLf & _
        "Type =HPC_ for the list, or take a function from the menu Insert function." & vbCrLf & _
        "=HPC_EXPLAIN(""HPC_VALUE"", ""RIOT"", 0.5, 600) shows how a figure is made." & vbCrLf & _
        "If something does not work: run hpcval doctor in a command window.", vbInformation, "HPC"
End Sub

Attribute VB_Name = "HpcStatus"
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

Attribute VB_Name = "HpcInserting"
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

Attribute VB_Name = "HpcRebinding"
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

Attribute VB_Name = "HpcTexts"
Option Explicit
Option Private Module
' Help texts for the function wizard. Made from the catalogue.

Public Sub HpcDescribeAll()
    Describe "HPC_VALUE", _
        "Value of a miner's option to host AI/HPC load, in USD millions.", _
        "HPC: HPC option", _
        "Ticker, name or alias.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's, where it applies one.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's tenant cap.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_PER_SHARE", _
        "Value of a miner's HPC option per diluted share, in USD.", _
        "HPC: HPC option", _
        "Ticker, name or alias.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_WINDOW", _
        "Probability of a deal still left after months without one.", _
        "HPC: HPC option", _
        "Probability of a deal over the whole window, 0 to 1.", _
        "Months gone without a deal, 0 or more.", _
        "Length of the window in months. Default: the edition's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_CAPEX", _
        "Cost of building HPC power, in USD millions.", _
        "HPC: HPC option", _
        "Power to build, 0 or more.", _
        "Cost in USD M per MW of your basis. Default: the book's, which is per critical MW.", _
        """gross"" or ""critical"" MW: the basis of your own mw and per_mw.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_MINING_VALUE", _
        "Value of a miner's mining: gross profit of the next four years, in USD millions.", _
        "HPC: Mining", _
        "Ticker, name or alias.", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_HASHPRICE", _
        "Revenue of one PH/s in a day, in USD, at today's network and subsidy.", _
        "HPC: Mining", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SOTP", _
        "Sum of the parts of a miner, in USD millions and USD per diluted share.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_LAND_VALUE", _
        "Value of a miner's land and power that has no use yet, in USD millions.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "USD M per gross MW. Default: the book's land_power_value, 0 in the plain case.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DILUTED_SHARES", _
        "Diluted shares of a miner, in millions, at a share price or at the model's own value.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "USD per share. Default: the value per share solved together with the shares.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_TARGET", _
        "Model's target for a miner, in USD per share, from the sum of its parts.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_UPSIDE", _
        "Upside of the model's target over the share price.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "USD per share. Default: the edition's reference price, else the newest.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_RATING", _
        "Rating that the rule gives to the model's upside: ""OW"", ""N"" or ""UW"".", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "USD per share. Default: the edition's reference price, else the newest.", _
        "Probability that the MW are let, 0 to 1. Default: the edition's; none counts as 0.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "USD per bitcoin. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_RANK", _
        "Coverage by the model's upside; plain and published targets beside it.", _
        "HPC: Company", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_LADDER", _
        "Steps from a miner's plain target to that of the case, and to the published one.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_BRIDGE", _
        "Why a miner's target moved from one book to another, by driver in USD per share.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        "Facts before. In a cell: the handle from HPC_BOOK.", _
        "Facts after: another date, another case, own facts.", _
        """order"" takes one driver after the other, ""shapley"" averages over all orders of groups."
    Describe "HPC_PUBLISHED", _
        "Published figure of a miner, of the bank's latest row on it.", _
        "HPC: Company", _
        "Ticker, name or alias.", _
        """target"", ""old_target"", ""rating"", ""old_rating"", ""price"", ""move"", ""upside"", ""rule_rating"".", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_IMPLIED_MW", _
        "MW of HPC load that a share price pays for, not capped by one tenant's demand.", _
        "HPC: Implied by the price", _
        "Ticker, name or alias.", _
        "USD per share. Default: the edition's reference price, else the newest.", _
        "Probability that the MW are let. Default: 1.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"": the basis of the MW given back and of a numeric per_mw.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_IMPLIED_PROB", _
        "Probability of letting its MW that a share price pays for; it may exceed 1.", _
        "HPC: Implied by the price", _
        "Ticker, name or alias.", _
        "USD per share. Default: the edition's reference price, else the newest.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        "USD M per MW, or ""low"", ""mid"", ""high"", ""cloud"". Default: at colo_value_position.", _
        """gross"" or ""critical"" MW: the basis of your own mw, numeric per_mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_IMPLIED_PER_MW", _
        "Equity value per MW that a share price pays for, in USD millions.", _
        "HPC: Implied by the price", _
        "Ticker, name or alias.", _
        "USD per share. Default: the edition's reference price, else the newest.", _
        "Probability that the MW are let. Default: the edition's, where it applies one.", _
        "Power offered to tenants. Default: the MW the miner shops, less those let since.", _
        """gross"" or ""critical"": the basis of the value given back, and of your own mw and cap.", _
        "MW that one tenant takes. Default: the edition's cap.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SOLVE", _
        "Value of one input at which the model's target equals a given figure.", _
        "HPC: Implied by the price", _
        "Ticker, name or alias.", _
        "Name of a numeric fact, such as ""btc_price"", ""hodl_premium"" or ""other_value"".", _
        "USD per share that the model's target shall equal.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SENSITIVITY", _
        "Grid of an output over probabilities down and gross MW across.", _
        "HPC: Sensitivity", _
        "Ticker, name or alias.", _
        "Probabilities, 0 to 1: one row of the grid each.", _
        "Gross MW, capped by the tenant's demand: one column each.", _
        """target"", ""upside"", ""value_per_share"", ""option"", ""option_per_share"" or ""equity"".", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_TORNADO", _
        "Target of a miner at a low and a high value of each driver, by swing.", _
        "HPC: Sensitivity", _
        "Ticker, name or alias.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DISTRIBUTION", _
        "Distribution of a miner's target, or of the HPC value of the whole coverage, exactly.", _
        "HPC: Uncertainty", _
        "Ticker, name or alias; ""ALL"" for the coverage together, in USD M alone.", _
        "Between 0 and 1. Default: 5%, 10%, 25%, 50%, 75%, 90% and 95%.", _
        "Of signings, 0 to 1. Default: the book's signing_correlation.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_HISTOGRAM", _
        "Distribution of a miner's target as bars: how likely it lies between figures, exactly.", _
        "HPC: Uncertainty", _
        "Ticker, name or alias.", _
        "USD per share between the bars, rising. Default: 23 round ones, from 0.5% to 98%.", _
        "Of signings, 0 to 1. Default: the book's signing_correlation.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SIMULATE", _
        "Distribution of a miner's target, or of the coverage's HPC value, from drawn outcomes.", _
        "HPC: Uncertainty", _
        "Ticker, name or alias; ""ALL"" for the coverage together, in USD M alone.", _
        "Between 0 and 1. Default: 5%, 10%, 25%, 50%, 75%, 90% and 95%.", _
        "Outcomes drawn: up to 1,000,000 in a cell. Default: 100,000.", _
        "Whole number of 0 or more; the same seed draws the same outcomes. Default: 1.", _
        "Of signings, 0 to 1. Default: the book's signing_correlation.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_LEASE_VALUE", _
        "Equity value of a colocation lease, in USD millions per critical MW.", _
        "HPC: Lease and cloud", _
        "Yearly return asked for. Default: the book's lease_equity_return.", _
        "First-year rent, USD M per critical MW. Default: the book's.", _
        "Yearly rise of the rent. Default: the book's.", _
        "Net operating income over rent, 0 to 1. Default: the book's.", _
        "Cost, USD M per critical MW. Default: capex_per_mw.", _
        "Debt over capex, 0 to 1. Default: the book's.", _
        "Yearly interest. Default: the book's.", _
        "Term of the debt in years. Default: the book's.", _
        "Length of the lease in years. Default: the book's.", _
        "Years before the lease starts. Default: the book's.", _
        "Cap rate on the income of the year after the lease; 0 = no exit. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_LEASE_RETURN", _
        "Yearly equity return at which a lease is worth a given value.", _
        "HPC: Lease and cloud", _
        "Equity value, USD M per critical MW.", _
        "First-year rent, USD M per critical MW. Default: the book's.", _
        "Yearly rise of the rent. Default: the book's.", _
        "Net operating income over rent, 0 to 1. Default: the book's.", _
        "Cost, USD M per critical MW. Default: capex_per_mw.", _
        "Debt over capex, 0 to 1. Default: the book's.", _
        "Yearly interest. Default: the book's.", _
        "Term of the debt in years. Default: the book's.", _
        "Length of the lease in years. Default: the book's.", _
        "Years before the lease starts. Default: the book's.", _
        "Cap rate on the income of the year after the lease; 0 = no exit. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_CLOUD_VALUE", _
        "Equity value of GPU cloud, in USD millions per critical MW, without debt.", _
        "HPC: Lease and cloud", _
        "Yearly return asked for. Default: the book's lease_equity_return.", _
        "Rent of a GPU in USD per hour. Default: the book's.", _
        "Share of hours rented, 0 to 1. Default: the book's.", _
        "GPUs per critical MW. Default: the book's.", _
        "Cost of a GPU with server and network, USD. Default: the book's.", _
        "Years a GPU is rented, whole. Default: the book's.", _
        "Operating cost as a share of revenue, 0 to 1. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DEAL_VALUE", _
        "Equity value of a signed lease on its own terms, in USD millions per critical MW.", _
        "HPC: Lease and cloud", _
        "Identity of the deal, such as ""CIFR-fluidstack-barber-lake""; HPC_DEALS lists them.", _
        "Yearly return asked for. Default: the book's lease_equity_return.", _
        "Cap rate on the income of the year after the term; 0 = no exit. Default: the book's.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DEAL", _
        "Metric of a signed deal.", _
        "HPC: Deals and sector", _
        "Identity of the deal, such as ""CIFR-fluidstack-barber-lake""; HPC_DEALS lists them.", _
        """revenue_per_critical_mw_year"", ""usd_per_kw_month"", ""gross_to_critical"", ""noi_low"", ""noi_high"", ""backstop_to_revenue"", ""warrant_share"", a column of the table, or one of a lease (see the notes), such as ""yield_on_cost"".", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_PIPELINE", _
        "Sites of a miner that offer MW to tenants, and what each is worth.", _
        "HPC: HPC option", _
        "Ticker, name or alias.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DEALS", _
        "Signed deals known on the book's date, of one miner or all.", _
        "HPC: Deals and sector", _
        "Ticker, name or alias. Default: every miner.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_COMPS", _
        "Every miner of the book by what the market pays for it.", _
        "HPC: Deals and sector", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SITES", _
        "Sites known on the book's date, of one miner or all.", _
        "HPC: Deals and sector", _
        "Ticker, name or alias. Default: every miner.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SERIES", _
        "Value of a sector series, in the unit it was published in.", _
        "HPC: Deals and sector", _
        "Name of the series, such as ""aggregate_market_cap"".", _
        "The period as the book writes it, such as ""2025-08"". Default: the one that ends last.", _
        "What the value is of, such as ""NETWORK"". Default: the only one there is.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_DATA", _
        "Look up one fact of the book.", _
        "HPC: Book of facts", _
        "Ticker, name or alias, ""ALL"" or ""NETWORK"".", _
        "Name of the fact, such as ""hpc_mw_shopped""; the nomenclature page lists them.", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_SOURCE", _
        "Look up where a fact of the book comes from.", _
        "HPC: Book of facts", _
        "Ticker, name or alias, ""ALL"" or ""NETWORK"".", _
        "Name of the fact, such as ""hpc_mw_shopped"".", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_CASES", _
        "Changes of every case of the book.", _
        "HPC: Book of facts", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_AGE", _
        "Age of a fact: days from the day it is about to the book's date.", _
        "HPC: Book of facts", _
        "Ticker, name or alias, ""ALL"" or ""NETWORK"".", _
        "Name of the fact, such as ""price"".", _
        "Facts to read. In a cell: the handle from HPC_BOOK."
    Describe "HPC_BOOK", _
        "Book of facts on a date, with your own facts on top; in a cell, its handle.", _
        "HPC: Book of facts", _
        "Date of the book; later facts are not seen. Default: 2025-09-26.", _
        "Own facts: columns scope, metric, value and, where MW are critical, their basis.", _
        "Name of a case of the book, such as ""reconstruction"". Default: ""plain"", without changes.", _
        "Facts with their header row, in place of those of the book, whole. Columns go by name.", _
        "Signed contracts, likewise.", _
        "Convertible notes, warrants, loans and notes, likewise.", _
        "Sites, likewise.", _
        "Published ratings and targets, likewise.", _
        "Changes of cases, likewise.", _
        "Companies, likewise.", _
        "Sector series, likewise."
    Describe "HPC_EXPLAIN", _
        "Steps behind a result, with value, unit, source, date and confidence of each.", _
        "HPC: Audit", _
        "Name of a worksheet function, such as ""HPC_VALUE"".", _
        "The arguments of that function, in its order; single values only."
    Describe "HPC_VERSION", _
        "Version of the functions and stamp of the facts they read by default.", _
        "HPC: Audit"
End Sub

' Texts are a help: where Excel takes none, the functions work all the same.
Private Sub Describe(ByVal functionName As String, ByVal text As String, _
        ByVal category As String, ParamArray help() As Variant)
    Dim texts() As String, index As Long
    On Error Resume Next
    If UBound(help) < 0 Then
        Application.MacroOptions Macro:=functionName, Description:=text, Category:=category
        Exit Sub
    End If
    ReDim texts(0 To UBound(help))
    For index = 0 To UBound(help)
        texts(index) = help(index)
    Next index
    Application.MacroOptions Macro:=functionName, Description:=text, _
        Category:=category, ArgumentDescriptions:=texts
End Sub
