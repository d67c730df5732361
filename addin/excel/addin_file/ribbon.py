"""The ribbon tab: a list of buttons, for macros and shapes too, and a menu of all functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from addin.excel.addin_file.examples import example
from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue
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
    doing: str = ""
    """What the status bar says meanwhile."""

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
            "refreshing the facts",
        ),
        Button(
            "Undo",
            "Undo refresh",
            "Undo",
            "Take the last refresh back, from the Log.",
            "undo",
            "taking the last refresh back",
        ),
        Button(
            "Keep",
            "Keep prices",
            "FileSave",
            "Add the prices that the terminal shows on Feed to the facts, dated today.",
            "keep",
            "keeping the prices",
        ),
        Button(
            "Explain",
            "Explain",
            "FormulaEvaluate",
            "Show every step behind the HPC formula of the selected cell on the sheet Explain.",
            "explain",
            "explaining the selected cell",
        ),
        Button(
            "Snapshot",
            "Snapshot",
            "Camera",
            "Append the targets and ratings as they stand to the sheet History.",
            "snapshot",
            "taking a snapshot",
        ),
        Button(
            "Freeze",
            "Freeze",
            "Lock",
            "Write a copy to share, with values in place of HPC formulas, beside this workbook.",
            "freeze",
            "writing a frozen copy",
        ),
        Button(
            "TearSheets",
            "Tear sheets",
            "ChartInsert",
            "Write a page on each name of this workbook as slides to edit, beside it.",
            "tearsheets",
            "writing the tear sheets",
        ),
        Button(
            "Picture",
            "Copy as picture",
            "Copy",
            "Put a picture of the selected chart, or of the selected cells, on the clipboard.",
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


READS: Final = (
    "In a workbook with our model it reads that book, by the name Book; else the shipped one."
)
"""Said of a function in the menu that takes a book."""

BOOK_HERE: Final = "@"
"""Stands in the tag of a function for the name of the book of the workbook."""
OR: Final = "|"
"""Stands in a tag between the formula and the one with a book."""


def ribbon(identity: str, label: str) -> str:
    """Write the ribbon tab; `identity` begins the id of everything on it."""
    parts = {name: _group(identity, name, buttons) for name, buttons in GROUPS.items()}
    parts["Insert"] = _insert(identity)
    groups = "\n".join(parts.values())
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
    return _grouped(identity, name, shown)


def _grouped(identity: str, name: str, shown: str) -> str:
    return f"<group id={quoteattr(identity + name)} label={quoteattr(name)}>\n{shown}\n</group>"


def _insert(identity: str) -> str:
    """Write the menu of all functions, by groups of the catalogue.

    Each tag is a formula, and that which reads the book of the workbook where there is another.
    """
    cards = list(catalogue().values())
    menus = []
    for number, group in enumerate(dict.fromkeys(card.group for card in cards), start=1):
        shown = "\n".join(_choice(identity, card) for card in cards if card.group == group)
        name = quoteattr(f"{identity}Insert{number}")
        menus.append(f"<menu id={name} label={quoteattr(group)}>\n{shown}\n</menu>")
    menu = (
        f'<menu id={quoteattr(identity + "InsertFunction")} label="Insert function" size="large"'
        ' imageMso="FunctionWizard" screentip="Insert function"'
        ' supertip="Enter a function with the arguments of an example into the selected cell.">'
    )
    return _grouped(identity, "Insert", "\n".join([menu, *menus, "</menu>"]))


def _choice(identity: str, card: Card) -> str:
    tip = f"{card.signature}: {card.summary}"
    formulas = list(dict.fromkeys((example(card), example(card, BOOK_HERE))))
    if len(formulas) > 1:
        tip = f"{tip} {READS}"
    return (
        f"<button id={quoteattr(identity + card.name)} label={quoteattr(card.name)}"
        f' tag={quoteattr(OR.join(formulas))} onAction="HpcInsertButton"'
        f" screentip={quoteattr(example(card))} supertip={quoteattr(tip)}/>"
    )


def buttons_module() -> VbaModule:
    """Give the macros that ribbon and shapes name; what they do is in HpcCommands."""
    lines = [
        "Option Explicit",
        "' The buttons of the ribbon tab HPC. Made from the list of buttons.",
        "",
        "' Every function of the menu has its formula in its tag, and one that reads the workbook.",
        "Public Sub HpcInsertButton(control As IRibbonControl)",
        "    HpcInsert control.Tag",
        "End Sub",
    ]
    for button in BUTTONS.values():
        lines += ["", f"Public Sub {button.macro}Button(control As IRibbonControl)"]
        lines += [f"    {button.macro}", "End Sub"]
        if button.command is not None:
            lines += ["", f"Public Sub {button.macro}()"]
            lines += [f'    HpcDo "{button.command}", "{button.doing}"', "End Sub"]
    return VbaModule(MODULE, "\r\n".join([*lines, ""]))
