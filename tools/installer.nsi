; The setup program: one user, no administrator, no download; with /S without a question.
; Filled in by tools/installer.py: VERSION, STAGE (what is installed), OUT.

Target amd64-unicode
!include LogicLib.nsh
!include FileFunc.nsh

Name "HPC valuation ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\hpc-valuation\program"
RequestExecutionLevel user
ShowInstDetails nevershow
ShowUninstDetails nevershow
!ifdef SIGN
  !finalize '"${SIGN}" "%1"' = 0
  !uninstfinalize '"${SIGN}" "%1"' = 0
!endif
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "HPC valuation"
VIAddVersionKey "FileDescription" "HPC valuation for Excel, setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "BSD-3-Clause; licences of all packages in LICENCES.txt"

!define HOME "$LOCALAPPDATA\hpc-valuation"
!define EARLIER "${HOME}\program.earlier"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\hpc-valuation"
!define SHORTCUT "$SMPROGRAMS\HPC valuation commands.lnk"
!define IN_USE "${HOME}\program is in use: close Excel and every hpcval, then run this again."

Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Var Said

!macro END_WITH_FAILURE
  ; What went wrong, for a person and for the one who rolls out.
  FileOpen $0 "$TEMP\hpc-valuation-setup.log" w
  FileWriteUTF16LE /BOM $0 "$Said$\r$\n"
  FileClose $0
  MessageBox MB_OK|MB_ICONSTOP "$Said" /SD IDOK
  SetErrorLevel 2
  Quit
!macroend

Section
  SetShellVarContext current
  SetOutPath "${HOME}"
  ; An installation that was cut off left the earlier program aside.
  ${If} ${FileExists} "${EARLIER}\*.*"
    RMDir /r "$INSTDIR"
    Rename "${EARLIER}" "$INSTDIR"
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\*.*"
    ClearErrors
    Rename "$INSTDIR" "${EARLIER}"
    ${If} ${Errors}
      StrCpy $Said "${IN_USE}"
      !insertmacro END_WITH_FAILURE
    ${EndIf}
  ${EndIf}

  SetOutPath "$INSTDIR"
  ClearErrors
  File /r "${STAGE}/*"
  ${If} ${Errors}
    StrCpy $Said "Not all files could be written to $INSTDIR."
    Goto back
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  SetOutPath "${HOME}"

  ; Compiled once, so that each start of Python is quick: it writes nothing itself.
  nsExec::ExecToStack '"$INSTDIR\python.exe" -I -B -m compileall -qq "$INSTDIR\Lib\site-packages"'
  Pop $0
  Pop $Said

  ; Attaching, once chosen, stays.
  StrCpy $1 ""
  ${GetParameters} $2
  ClearErrors
  ${GetOptions} $2 "/ATTACH" $3
  ${IfNot} ${Errors}
    StrCpy $1 " --attach"
  ${EndIf}
  ClearErrors
  FileOpen $0 "${HOME}\python.txt" r
  ${IfNot} ${Errors}
    FileRead $0 $3 6
    FileClose $0
    ${If} $3 == "attach"
      StrCpy $1 " --attach"
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\hpc-valuation.xlam"
    StrCpy $1 '$1 --addin "$INSTDIR\hpc-valuation.xlam"'
  ${EndIf}
  nsExec::ExecToStack '"$INSTDIR\python.exe" -I -B -m addin install --python "$INSTDIR\pythonw.exe"$1'
  Pop $0
  Pop $Said
  ${If} $0 != "0"
    Goto back
  ${EndIf}

  CreateShortCut "${SHORTCUT}" "$SYSDIR\cmd.exe" '/k ""$INSTDIR\commands.cmd""'
  WriteRegStr HKCU "${KEY}" "DisplayName" "HPC valuation for Excel"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "Publisher" "hpc-valuation"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  RMDir /r "${EARLIER}"
  Return

back:
  RMDir /r "$INSTDIR"
  Rename "${EARLIER}" "$INSTDIR"
  RMDir "${HOME}"
  !insertmacro END_WITH_FAILURE
SectionEnd

Section "Uninstall"
  SetShellVarContext current
  SetOutPath "$TEMP"
  ; A program that is in use cannot be renamed: then nothing is removed.
  RMDir /r "${EARLIER}"
  ClearErrors
  Rename "$INSTDIR" "${EARLIER}"
  ${If} ${Errors}
    StrCpy $Said "${IN_USE}"
    !insertmacro END_WITH_FAILURE
  ${EndIf}
  ${If} ${FileExists} "${HOME}\installed.json"
    nsExec::ExecToStack '"${EARLIER}\python.exe" -I -B -m addin uninstall'
    Pop $0
    Pop $Said
    ${If} $0 != "0"
      Rename "${EARLIER}" "$INSTDIR"
      !insertmacro END_WITH_FAILURE
    ${EndIf}
  ${EndIf}
  RMDir /r "${EARLIER}"
  RMDir /r "${HOME}\Logs"
  Delete "${SHORTCUT}"
  DeleteRegKey HKCU "${KEY}"
  ; An index that pywin32 makes where there is none; folders that hold more stay.
  Delete "$TEMP\gen_py\${PYTHON}\dicts.dat"
  Delete "$TEMP\gen_py\${PYTHON}\__init__.py"
  RMDir "$TEMP\gen_py\${PYTHON}"
  RMDir "$TEMP\gen_py"

  ; The user's own: the chosen source, and books that workbooks refer to.
  ${GetParameters} $2
  ClearErrors
  ${GetOptions} $2 "/ALL" $3
  ${IfNot} ${Errors}
    Delete "${HOME}\source.txt"
    RMDir /r "${HOME}\Cache"
  ${EndIf}
  RMDir "${HOME}"
SectionEnd
