"""The VBA of the add-in, generated: one function per card, no path of a machine, true errors.

The modules in the folder `vba` are templates; here their placeholders are filled and the functions
and help texts are made from the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from addin.excel.addin_file.ribbon import buttons_module
from addin.excel.addin_file.rule import (
    ATTACH,
    HOME_FOLDER,
    LIBRARIES,
    LIBRARY_FOLDER,
    POINTER_FILE,
    server_command,
)
from addin.excel.addin_file.wizard import LONGEST_HELP, category, helps
from addin.excel.com import NUMBER_OF_ERROR, OMITTED_NUMBER
from valuation_core import __version__
from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue
from workbook.macros.project import VbaModule

TEMPLATES: Final = Path(__file__).with_name("vba")
_RESERVED: Final = """
access addressof and append as base binary boolean byref byte byval call case close compare const
currency date debug declare dim do double each else empty end enum eqv erase error event exit
explicit false for friend function get global gosub goto if imp implements in input integer is len
let like lock long loop me mod name new next not nothing null object on open option optional or
output paramarray preserve print private property public put random read redim rem resume return
select set shared single static step stop string sub then to true type typeof until variant wend
while with write xor
"""
"""Words of VBA: an argument of such a name ends in an underscore there."""


def connection_modules() -> list[VbaModule]:
    """Give the modules that find the installation, start Python and ask it."""
    names = {
        "version": __version__,
        "home": HOME_FOLDER,
        "pointer": POINTER_FILE,
        "attach": ATTACH,
        "class_id": server_command("", attach_only=True),
        "options": server_command("", attach_only=False).removeprefix('""'),
        "library_folder": LIBRARY_FOLDER,
        **{f"library_{bits}": name for bits, name in LIBRARIES.items()},
    }
    return [_template("HpcConnection", names), _template("HpcPlace", names)]


def shim_modules() -> list[VbaModule]:
    """Give the modules of functions, cells, commands and texts."""
    cases = [
        line
        for code, number in NUMBER_OF_ERROR.items()
        for line in (
            f'        Case "{code}"',
            f"            TextOrError = CVErr({number & 0xFFFF})",
        )
    ]
    return [
        VbaModule("HpcFunctions", functions_text()),
        _template(
            "HpcCells", {"cases": "\r\n".join(cases), "omitted": f"{OMITTED_NUMBER & 0xFFFF}"}
        ),
        _template("HpcRanges", {}),
        buttons_module(),
        _template("HpcCommands", {"version": __version__}),
        _template("HpcStatus", {}),
        _template("HpcInserting", {}),
        _template("HpcRebinding", {}),
        VbaModule("HpcTexts", texts_text()),
    ]


def functions_text() -> str:
    """Write one VBA function per card; each hands its arguments over and gives the answer."""
    lines = [
        "Option Explicit",
        "' The worksheet functions. Made from the catalogue; nothing is volatile.",
    ]
    for card in catalogue().values():
        lines += ["", *_function(card)]
    return _module_text(lines)


def _function(card: Card) -> list[str]:
    declared = [
        f"ParamArray {vba_name(argument.name)}() As Variant"
        if argument.repeats
        else f"{'' if argument.required else 'Optional '}{vba_name(argument.name)} As Variant"
        for argument in card.arguments
    ]
    names = [vba_name(argument.name) for argument in card.arguments]
    if card.arguments and card.arguments[-1].repeats:
        first, others = names
        given = f"HpcArguments({first}, {others})"
    else:
        given = f"Array({', '.join(f'HpcArgument({name})' for name in names)})"
    return [
        f"Public Function {card.name}({', '.join(declared)}) As Variant",
        f'    {card.name} = HpcCall("{card.name}", {given})',
        "End Function",
    ]


def vba_name(name: str) -> str:
    """Give the name of an argument in VBA.

    Examples
    --------
    >>> vba_name("per_mw"), vba_name("function")
    ('per_mw', 'function_')
    """
    return f"{name}_" if name in _RESERVED.split() else name


def texts_text() -> str:
    """Write the help texts that Excel's function wizard shows, with the category of each card."""
    lines = [
        "Option Explicit",
        "Option Private Module",
        "' Help texts for the function wizard. Made from the catalogue.",
        "",
        "Public Sub HpcDescribeAll()",
    ]
    for card in catalogue().values():
        parts = [card.summary[:LONGEST_HELP], category(card), *helps(card)]
        lines.append(f'    Describe "{card.name}", _')
        lines += [f"        {_literal(part)}, _" for part in parts[:-1]]
        lines.append(f"        {_literal(parts[-1])}")
    return _module_text([*lines, "End Sub", "", *_DESCRIBE])


_DESCRIBE: Final = (
    "' Texts are a help: where Excel takes none, the functions work all the same.",
    "Private Sub Describe(ByVal functionName As String, ByVal text As String, _",
    "        ByVal category As String, ParamArray help() As Variant)",
    "    Dim texts() As String, index As Long",
    "    On Error Resume Next",
    "    If UBound(help) < 0 Then",
    "        Application.MacroOptions Macro:=functionName, Description:=text, Category:=category",
    "        Exit Sub",
    "    End If",
    "    ReDim texts(0 To UBound(help))",
    "    For index = 0 To UBound(help)",
    "        texts(index) = help(index)",
    "    Next index",
    "    Application.MacroOptions Macro:=functionName, Description:=text, _",
    "        Category:=category, ArgumentDescriptions:=texts",
    "End Sub",
)


def _template(name: str, values: Mapping[str, str]) -> VbaModule:
    text = (TEMPLATES / f"{name}.bas").read_text(encoding="ascii")
    filled = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)
    return VbaModule(name, _module_text(filled.splitlines()))


def _module_text(lines: list[str]) -> str:
    return "\r\n".join([*lines, ""])


def _literal(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
