"""The model computed anew in an open LibreOffice, every formula of it, with its data tables or not.

Run by LibreOffice's own Python, the file is the other half: it drives LibreOffice and prints the
seconds that each recalculation took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.places import ROOT

REPEATS = 3


def run() -> Iterator[tuple[str, str, str, str, str]]:
    """Give the rows of this module, none where there is no LibreOffice."""
    from addin.calc.engine import find_office
    from addin.calc.recalculate import translate
    from valuation_core import load_book
    from valuation_core.coverage import coverage
    from workbook.model.build import build_model

    label = "full recalculation of the September model in LibreOffice"
    if find_office() is None:
        yield label, "NOT RUN: no LibreOffice", "-", "-", "-"
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {kind: folder / f"{kind}.xlsx" for kind in ("with", "without")}
        build_model(coverage(load_book()), folder / "model.xlsx")
        translate(folder / "model.xlsx", paths["with"])
        _without_tables(paths["with"], paths["without"])
        for (kind, path), goal in zip(paths.items(), ("5 s", "2 s"), strict=True):
            took = f"{_recalculated(path, folder):.2f} s"
            yield f"{label}, {kind} data tables", took, "-", "-", goal


def _without_tables(path: Path, target: Path) -> None:
    """Write a copy whose data tables are figures."""
    from workbook.opc.package import read_parts, sheet_parts, write_parts
    from workbook.opc.xml import parse_xml, tag, to_bytes

    parts = read_parts(path)
    for part in sheet_parts(parts).values():
        if b'"dataTable"' in parts[part]:
            root = parse_xml(parts[part])
            for formula in [one for one in root.iter(tag("f")) if one.get("t") == "dataTable"]:
                formula.getparent().remove(formula)
            parts[part] = to_bytes(root)
    write_parts(target, parts)


def _recalculated(path: Path, folder: Path) -> float:
    """Start LibreOffice with our functions and give the seconds of its fastest recalculation."""
    from addin.calc.engine import SYSTEM_PATH, _command, _run, find_office, package_folders
    from addin.calc.profile import write_profile

    program = find_office()
    assert program is not None
    own = program.parent / "python"
    profile = folder / f"profile-{path.stem}"
    write_profile(profile)
    command = _command(program, profile, "", folder, [])
    task = {"command": command[: command.index("--convert-to")], "path": str(path)}
    environment = {
        "PATH": SYSTEM_PATH,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "HPCVAL_PYTHONPATH": os.pathsep.join(package_folders(program)),
        "HPCVAL_CACHE": str(folder / "books"),
    }
    python = str(own) if own.exists() else "/usr/bin/python3"
    output = _run([python, __file__, json.dumps(task)], environment, 600)
    found = json.loads(output.splitlines()[-1])
    if found["figure"] <= 0:
        raise AssertionError(f"no figure: {output}")
    return float(min(found["took"]))


def _drive(task: dict[str, Any]) -> dict[str, Any]:
    """Start LibreOffice, load the workbook, compute it some times, end it."""
    import uno
    from com.sun.star.beans import PropertyValue

    from tests.hosts.office import connect

    pipe = f"recalculation-{uuid.uuid4().hex}"
    office = subprocess.Popen([*task["command"], f"--accept=pipe,name={pipe};urp;"])  # noqa: S603
    context = connect(pipe, office)
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    try:
        hidden = PropertyValue(Name="Hidden", Value=True)
        url = uno.systemPathToFileUrl(task["path"])
        document = desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
        took = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            document.calculateAll()
            took.append(time.perf_counter() - start)
        headline = document.NamedRanges.getByName("RIOT_target").ReferredCells
        figure = headline.getCellByPosition(0, 0).Value
        document.close(True)
        return {"took": took, "figure": figure}
    finally:
        desktop.terminate()
        office.wait(30)


if __name__ == "__main__":
    print(json.dumps(_drive(json.loads(sys.argv[1]))), flush=True)
    os._exit(0)  # the bridge's threads outlive the office
