"""The buttons: one list for the ribbon tab, their macros and the shapes of a macro workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from workbook.macros.project import VbaModule

MODULE: Final = "HpcButtons"


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its name in macros, what it says, Office's own picture for it, what it does."""

    name: str
    label: str
    image: str
    tip: str
    command: str | None = None
    """What Python is asked to do in the active workbook; None where the macro does it all."""

    @property
    def macro(self) -> str:
        """The macro behind it, without arguments."""
        return f"Hpc{self.name}"


GROUPS: Final[Mapping[str, tuple[Button, ...]]] = {
    "Functions": (
        Button(
            "Recalculate",
            "Recalculate",
            "CalculateNow",
            "Connect to Python anew and compute every formula of the open workbooks.",
        ),
        Button(
            "Rebind",
            "Re-bind",
            "RefreshAll",
            "Enter the HPC formulas of this workbook again, without the path of another machine.",
        ),
        Button(
            "Help",
            "Help",
            "Help",
            "Say whether Python answers, which version it is, and where to look.",
        ),
    ),
    "Model": (
        Button(
            "Refresh",
            "Refresh",
            "Refresh",
            "Bring the facts on Inputs up to your source, never a value of yours; each change is a "
            "line of the sheet Log.",
            "refresh",
        ),
        Button(
            "Undo",
            "Undo refresh",
            "Undo",
            "Take the last refresh back, from the Log.",
            "undo",
        ),
        Button(
            "Keep",
            "Keep prices",
            "FileSave",
            "Add the prices that the terminal shows on Feed to the facts, dated today.",
            "keep",
        ),
        Button(
            "Explain",
            "Explain",
            "FormulaEvaluate",
            "Show every step behind the HPC formula of the selected cell on the sheet Explain.",
            "explain",
        ),
        Button(
            "Snapshot",
            "Snapshot",
            "Camera",
            "Append the targets and ratings as they stand to the sheet History.",
            "snapshot",
        ),
        Button(
            "Freeze",
            "Freeze",
            "Lock",
            "Write a copy to share, with values in place of HPC formulas, beside this workbook.",
            "freeze",
        ),
        Button(
            "TearSheets",
            "Tear sheets",
            "ChartInsert",
            "Write a page on each name of this workbook as slides to edit, beside it.",
            "tearsheets",
        ),
    ),
}
"""Buttons by group of the tab, in their order."""

BUTTONS: Final = {button.name: button for group in GROUPS.values() for button in group}

_EXPLAIN: Final = {"D1": "Explain"}
SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "Cover": {
        "D5": "Refresh",
        "D7": "Undo",
        "D9": "Snapshot",
        "D11": "Freeze",
        "D13": "Rebind",
        "D15": "Recalculate",
    },
    "Control": {"K5": "Refresh", "M5": "Undo", "O5": "Snapshot"},
    "Inputs": {"E1": "Refresh", "G1": "Undo", "I1": "Keep"},
    "History": {"G1": "Snapshot"},
    **dict.fromkeys(
        (
            "Deals", "Mining", "HPC", "Pipeline", "Lease", "Leases", "Dilution", "SOTP", "Targets",
            "Implied", "Comps", "Distribution", "Bridge",
        ),
        _EXPLAIN,
    ),
    "Functions": {"E1": "Explain"},
}  # fmt: skip
"""Buttons on the sheets of a macro workbook, by the cell of their upper left corner.

Explain takes the selected cell, so it is where figures come through functions.
"""


def ribbon(identity: str, label: str) -> str:
    """Write the ribbon tab; `identity` begins the id of everything on it."""
    groups = "\n".join(_group(identity, name, buttons) for name, buttons in GROUPS.items())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>\n'
        f"<tab id={quoteattr(identity)} label={quoteattr(label)}>\n{groups}\n"
        "</tab></tabs></ribbon></customUI>\n"
    )


def _group(identity: str, name: str, buttons: tuple[Button, ...]) -> str:
    shown = "\n".join(
        f"<button id={quoteattr(identity + button.name)} label={quoteattr(button.label)}"
        f' size="large" imageMso={quoteattr(button.image)}'
        f" onAction={quoteattr(button.macro + 'Button')}"
        f" screentip={quoteattr(button.label)} supertip={quoteattr(button.tip)}/>"
        for button in buttons
    )
    return f"<group id={quoteattr(identity + name)} label={quoteattr(name)}>\n{shown}\n</group>"


def buttons_module() -> VbaModule:
    """Give the macros that ribbon and shapes name; what they do is in HpcCommands."""
    lines = [
        "Option Explicit",
        "' The buttons of the ribbon tab HPC. Made from the list of buttons.",
    ]
    for button in BUTTONS.values():
        lines += ["", f"Public Sub {button.macro}Button(control As IRibbonControl)"]
        lines += [f"    {button.macro}", "End Sub"]
        if button.command is not None:
            lines += ["", f"Public Sub {button.macro}()"]
            lines += [f'    HpcDo "{button.command}"', "End Sub"]
    return VbaModule(MODULE, "\r\n".join([*lines, ""]))
