"""The files Excel opens: the add-in (.xlam) and a model with its own macros (.xlsm)."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import Final

from addin.excel.addin_file.ribbon import BUTTONS, SHAPES, ribbon
from addin.excel.addin_file.shim import connection_modules, shim_modules
from addin.excel.addin_file.wizard import INTELLISENSE_SHEET, intellisense_rows
from valuation_core import __version__
from workbook.errors import WorkbookError
from workbook.macros.files import with_button, with_macros, with_ribbon
from workbook.macros.project import VbaModule
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts, write_parts
from workbook.opc.relations import TYPES_PART

_PROPERTIES: Final = "docProps/core.xml"
_TIME: Final = re.compile(rb"(?<=W3CDTF\">)[^<]+")
_NO_TIME: Final = b"2025-01-01T00:00:00Z"
"""Stands where the add-in would tell when it was made."""

_OPEN_ADDIN: Final = """Option Explicit

Private Sub Workbook_Open()
    ' Excel describes functions of a visible workbook only: an add-in is one for a moment.
    On Error Resume Next
    Application.ScreenUpdating = False
    Me.IsAddin = False
    HpcDescribeAll
    Me.IsAddin = True
    Me.Saved = True
    Application.ScreenUpdating = True
End Sub
"""

_OPEN_WORKBOOK: Final = """Option Explicit

Private Sub Workbook_Open()
    On Error Resume Next
    HpcDescribeAll
    Me.Saved = True
End Sub
"""


def addin_bytes() -> bytes:
    """Give the add-in file: of one version the same bytes on every desk and every system.

    It is stored without compression, whose result is another from one library to the next.
    """
    stream = io.BytesIO()
    write_parts(stream, addin_parts(), compressed=False)
    return stream.getvalue()


def addin_parts() -> dict[str, bytes]:
    """Give the parts of the add-in: functions, ribbon tab and the texts IntelliSense reads."""
    plan = Plan(f"HPC valuation functions {__version__}", [_about(), _intellisense()])
    parts = with_macros(_written(plan), _modules(_OPEN_ADDIN), "addin")
    parts[_PROPERTIES] = _TIME.sub(_NO_TIME, parts[_PROPERTIES])
    return with_ribbon(parts, ribbon("Hpc", "HPC"))


def is_addin(path: Path) -> bool:
    """Tell whether a file is this version's add-in, signed or not.

    A signature is a part of its own, and noted among the types and relations of the others.
    """
    try:
        found = read_parts(path)
    except WorkbookError:
        return False
    return all(
        found.get(name) == data
        for name, data in addin_parts().items()
        if name != TYPES_PART and not name.endswith(".rels")
    )


def macro_workbook_parts(path: Path) -> dict[str, bytes]:
    """Give the written model with functions and buttons inside, so that it needs no add-in."""
    parts = with_macros(read_parts(path), _modules(_OPEN_WORKBOOK), "workbook")
    for sheet, buttons in SHAPES.items():
        for anchor, name in buttons.items():
            button = BUTTONS[name]
            parts = with_button(parts, sheet, button.macro, button.label, anchor, 3.0, 0.5)
    return with_ribbon(parts, ribbon("HpcOwn", "HPC (this workbook)"))


def _modules(opening: str) -> list[VbaModule]:
    book = VbaModule("ThisWorkbook", opening, "document")
    return [book, *connection_modules(), *shim_modules()]


def _about() -> Sheet:
    sheet = Sheet("About", (60,))
    sheet.put(1, 1, f"HPC valuation functions {__version__}", "title")
    sheet.put(
        2,
        1,
        "Functions and buttons: type =HPC_ in any workbook; the tab HPC is on the ribbon.",
        "text",
    )
    return sheet


def _intellisense() -> Sheet:
    sheet = Sheet(INTELLISENSE_SHEET, (20, 60), visibility="veryHidden")
    for number, row in enumerate(intellisense_rows(), start=1):
        for column, text in enumerate(row, start=1):
            if text:
                sheet.put(number, column, text)
    return sheet


def _written(plan: Plan) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        write(plan, path)
        return read_parts(path)
