"""Open a macro workbook in LibreOffice: list its modules, run its macros, read its cells.

Run by LibreOffice's own Python, the file is the other half: it drives LibreOffice and prints JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

REGISTRY = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Filter/Import/VBA">
<prop oor:name="Load" oor:op="fuse"><value>true</value></prop>
<prop oor:name="Executable" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""
"""Settings of a throw-away profile: macros run unasked, VBA is loaded, every formula recalculated."""


def open_with_macros(path, run=(), read=(), timeout=120, settings=None):
    """Open a macro workbook, run macros ("Module.Name") in turn, and read cells ("Sheet!A1").

    Gives {"modules": {name: source}, "cells": {address: number or text}}; a cell in error gives the
    text it shows, such as "#NAME?". `settings` are environment variables that macros read.
    """
    from addin.calc.engine import SYSTEM_PATH, _run, find_office

    program = find_office()
    own = program.parent / "python"
    with tempfile.TemporaryDirectory(prefix="office-macros-") as home:
        user = Path(home) / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(REGISTRY)
        python = str(own) if own.exists() else "/usr/bin/python3"
        task = json.dumps(
            {"program": str(program), "home": home, "path": str(path), "run": run, "read": read}
        )
        environment = {"PATH": SYSTEM_PATH, "HOME": home, "LANG": "C.UTF-8", **(settings or {})}
        output = _run([python, str(Path(__file__)), task], environment, timeout)
    last = output.splitlines()[-1:]
    if not last or not last[0].startswith("{"):
        raise AssertionError(f"LibreOffice gave no answer:\n{output}")
    return json.loads(last[0])


def drive(task):
    """Start LibreOffice, do the task, end it."""
    pipe = f"office-macros-{uuid.uuid4().hex}"
    profile = (Path(task["home"]) / "profile").as_uri()
    office = subprocess.Popen(
        [
            task["program"],
            "--headless",
            "--norestore",
            "--nologo",
            f"-env:UserInstallation={profile}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = connect(pipe, office)
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    try:
        return answer(desktop, task)
    finally:
        desktop.terminate()
        office.wait(30)


def connect(pipe, office):
    import uno
    from com.sun.star.connection import NoConnectException

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    while office.poll() is None:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice ended before it answered")


def answer(desktop, task):
    from com.sun.star.beans import PropertyValue

    options = (
        PropertyValue(Name="Hidden", Value=True),
        PropertyValue(Name="MacroExecutionMode", Value=4),  # always, without a warning
    )
    document = desktop.loadComponentFromURL(Path(task["path"]).as_uri(), "_blank", 0, options)
    try:
        libraries = document.BasicLibraries
        project = next(name for name in libraries.ElementNames if name != "Standard")
        library = libraries.getByName(project)
        modules = {name: library.getByName(name) for name in library.ElementNames}
        provider = document.getScriptProvider()
        for macro in task["run"]:
            url = f"vnd.sun.star.script:{project}.{macro}?language=Basic&location=document"
            provider.getScript(url).invoke((), (), ())
        cells = {address: value_of(document, address) for address in task["read"]}
    finally:
        document.close(True)
    return {"modules": modules, "cells": cells}


def value_of(document, address):
    sheet, cell = address.rsplit("!", 1)
    found = document.Sheets.getByName(sheet).getCellRangeByName(cell)
    if found.getError():
        return found.String
    is_number = (
        found.FormulaResultType2 == 1
        if found.Formula[:1] in ("=", "{")
        else found.Type.value == "VALUE"
    )
    return found.Value if is_number else found.String


if __name__ == "__main__":
    print(json.dumps(drive(json.loads(sys.argv[1]))), flush=True)
    os._exit(0)  # the bridge's threads outlive the office
