"""Write a macro project (vbaProject.bin) from program text, without Excel.

The project has no compiled cache: Excel compiles the text when it opens the file.

Source: Microsoft, [MS-OVBA] Office VBA File Format Structure.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import olefile

from workbook.macros.compound_file import MacroError, compound_file
from workbook.macros.compression import compress

WORKBOOK_MODULE: Final = "ThisWorkbook"
"""The document module that stands for the workbook; every other one stands for a sheet."""

CODE_PAGE: Final = 1252
LONGEST_LINE: Final = 1023
MOST_CONTINUATIONS: Final = 24

REFERENCES: Final = {
    "stdole": (
        r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#"
        r"C:\Windows\System32\stdole2.tlb#OLE Automation"
    ),
    "Office": (
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\Program Files\Common Files"
        r"\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library"
    ),
}
"""Type libraries by name, found by their class id, not by the path.

Excel's and VBA's own are not listed: the host brings both, as in files that Excel saves itself.
"""

_TAKEN: Final = {"vba", "excel", *(name.lower() for name in REFERENCES)}
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")
_ENCRYPTION_VERSION: Final = 2
_SEED: Final = 0xA0
"""Begins each obfuscated value; its bits 1 and 2 are clear, so that no filler bytes follow."""

_BASES: Final = {
    "workbook": "{00020819-0000-0000-C000-000000000046}",
    "sheet": "{00020820-0000-0000-C000-000000000046}",
    "class": "{FCFB3D2A-A0FA-1068-A738-08002B3371B5}",
}


@dataclass(frozen=True, slots=True)
class VbaModule:
    """A module of a macro project; the source goes without the attributes it is stored with."""

    name: str
    source: str
    kind: Literal["standard", "document", "class"] = "standard"

    @property
    def text(self) -> str:
        r"""The whole text as stored: attributes, then the source, lines ended as in Windows.

        Examples
        --------
        >>> VbaModule("Tools", "Option Explicit\n").text
        'Attribute VB_Name = "Tools"\r\nOption Explicit\r\n'
        """
        source = self.source.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        lines = source.split("\n") if source else []
        return "".join(f"{line}\r\n" for line in [*_attributes(self), *lines])


def vba_project(modules: Sequence[VbaModule], name: str = "HpcValuation") -> bytes:
    r"""Give the bytes of a macro project; the same modules give the same bytes.

    Parameters
    ----------
    modules : sequence of VbaModule
        Modules in the order in which the editor lists them.
    name : str
        Name of the project, which formulas and other projects see.

    Raises
    ------
    MacroError
        When a name or a source cannot stand in a project.

    Examples
    --------
    >>> source = "Function TWICE(x)\n    TWICE = 2 * x\nEnd Function\n"
    >>> vba_project([VbaModule("Tools", source)])[:4].hex()
    'd0cf11e0'
    """
    _check_names(modules, name)
    streams = {module.name: compress(_encode(module)) for module in modules}
    project = "".join(f"{module.kind}:{module.text}" for module in modules)
    digest = hashlib.sha256(f"{name}:{project}".encode()).digest()
    project_id = f"{{{uuid.UUID(bytes=digest[:16], version=4)}}}".upper()
    return compound_file(
        {
            "PROJECT": _project_stream(modules, name, project_id),
            "PROJECTwm": b"".join(map(_wide_name, modules)) + b"\0\0",
            "VBA": {
                "_VBA_PROJECT": bytes.fromhex("cc61ffff000000"),
                "dir": compress(_dir_stream(modules, name)),
                **streams,
            },
        }
    )


def document_modules(project: bytes) -> list[str]:
    """Give the names of the document modules of a macro project, each with a stream of its own.

    Raises
    ------
    MacroError
        When the bytes are not a macro project, or a listed module is missing.

    Examples
    --------
    >>> document_modules(vba_project([VbaModule("Sheet1", "", "document"), VbaModule("A", "")]))
    ['Sheet1']
    """
    try:
        with olefile.OleFileIO(io.BytesIO(project), olefile.DEFECT_INCORRECT) as ole:
            text = ole.openstream("PROJECT").read().decode(f"cp{CODE_PAGE}")
            streams = {path[-1].lower() for path in ole.listdir() if path[0] == "VBA"}
    except OSError as error:
        raise MacroError(str(error).rstrip(".")) from None
    listed = re.findall(r"^(Document|Module|Class)=([^/\r\n]+)", text, re.MULTILINE)
    for _, name in listed:
        if name.lower() not in streams:
            raise MacroError(f"it lists the module {name}, which it does not hold")
    return [name for kind, name in listed if kind == "Document"]


def _check_names(modules: Sequence[VbaModule], name: str) -> None:
    seen = {name.lower()}
    for label in (name, *(module.name for module in modules)):
        if not _IDENTIFIER.fullmatch(label) or label.lower() in _TAKEN | {"dir"}:
            raise MacroError(
                f"{label!r} cannot name a module or project: a letter, then at most 30 letters, "
                "digits and underscores, and not the name of a library"
            )
    for module in modules:
        if module.name.lower() in seen:
            raise MacroError(f"the name {module.name!r} is used twice in the macro project")
        seen.add(module.name.lower())


def _encode(module: VbaModule) -> bytes:
    """Give the stored bytes of a module, or say which line Excel would not read."""
    continued, header = 0, len(_attributes(module))
    for number, line in enumerate(module.text.split("\r\n"), start=1):
        where = f"module {module.name}, line {number}"
        if number > header and line.startswith("Attribute VB_Name"):
            raise MacroError(f"{where}: the attributes of a module are written for it")
        if len(line) > LONGEST_LINE:
            raise MacroError(f"{where}: longer than {LONGEST_LINE} characters")
        if _CONTROL.search(line):
            raise MacroError(f"{where}: has a control character")
        try:
            line.encode(f"cp{CODE_PAGE}")
        except UnicodeEncodeError as error:
            letter = line[error.start]
            raise MacroError(f"{where}: code page {CODE_PAGE} has no {letter!r}") from None
        continued = continued + 1 if line.endswith(" _") else 0
        if continued > MOST_CONTINUATIONS:
            raise MacroError(f"{where}: more than {MOST_CONTINUATIONS} continued lines")
    return module.text.encode(f"cp{CODE_PAGE}")


def _attributes(module: VbaModule) -> list[str]:
    """Give the lines that the editor hides, which tie a module to its kind."""
    first = f'Attribute VB_Name = "{module.name}"'
    if module.kind == "standard":
        return [first]
    document = module.kind == "document"
    base = "class"
    if document:
        base = "workbook" if module.name == WORKBOOK_MODULE else "sheet"
    return [
        first,
        f'Attribute VB_Base = "0{_BASES[base]}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        f"Attribute VB_PredeclaredId = {document}",
        f"Attribute VB_Exposed = {document}",
        "Attribute VB_TemplateDerived = False",
        f"Attribute VB_Customizable = {document}",
    ]


def _dir_stream(modules: Sequence[VbaModule], name: str) -> bytes:
    """List the project's settings, references and modules, one record after the other."""
    return b"".join(
        [
            _record(0x01, struct.pack("<I", 1)),  # written on 32-bit Windows; any Excel reads it
            _record(0x02, struct.pack("<I", 0x409)),  # English
            _record(0x14, struct.pack("<I", 0x409)),
            _record(0x03, struct.pack("<H", CODE_PAGE)),
            _record(0x04, _narrow(name)),
            _record(0x05, b"") + _record(0x40, b""),  # description
            _record(0x06, b"") + _record(0x3D, b""),  # help file
            _record(0x07, bytes(4)),  # help context
            _record(0x08, bytes(4)),  # library flags
            struct.pack("<HIIH", 0x09, 4, 1, 0),  # version of the project
            _record(0x0C, b"") + _record(0x3C, b""),  # constants
            *(_reference(label, library) for label, library in REFERENCES.items()),
            _record(0x0F, struct.pack("<H", len(modules))),
            _record(0x13, b"\xff\xff"),
            *map(_module_records, modules),
            _record(0x10, b""),
        ]
    )


def _reference(label: str, library: str) -> bytes:
    names = _record(0x16, _narrow(label)) + _record(0x3E, _wide(label))
    path = _narrow(library)
    return names + _record(0x0D, struct.pack("<I", len(path)) + path + bytes(6))


def _module_records(module: VbaModule) -> bytes:
    narrow, wide = _narrow(module.name), _wide(module.name)
    return b"".join(
        [
            _record(0x19, narrow) + _record(0x47, wide),
            _record(0x1A, narrow) + _record(0x32, wide),  # its stream has the same name
            _record(0x1C, b"") + _record(0x48, b""),  # description
            _record(0x31, bytes(4)),  # the text begins where the cache would
            _record(0x1E, bytes(4)),  # help context
            _record(0x2C, b"\xff\xff"),
            _record(0x21 if module.kind == "standard" else 0x22, b""),
            _record(0x2B, b""),
        ]
    )


def _record(identifier: int, data: bytes) -> bytes:
    return struct.pack("<HI", identifier, len(data)) + data


def _narrow(text: str) -> bytes:
    return text.encode(f"cp{CODE_PAGE}")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _wide_name(module: VbaModule) -> bytes:
    return _narrow(module.name) + b"\0" + _wide(module.name) + b"\0\0"


def _project_stream(modules: Sequence[VbaModule], name: str, project_id: str) -> bytes:
    """Give the text that lists the modules and says that nothing is locked or hidden."""
    words = {"standard": "Module={}", "class": "Class={}", "document": "Document={}/&H00000000"}
    lines = [
        f'ID="{project_id}"',
        *(words[module.kind].format(module.name) for module in modules),
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{obfuscate(bytes(4), project_id)}"',  # no protection
        f'DPB="{obfuscate(bytes(1), project_id)}"',  # no password
        f'GC="{obfuscate(bytes([0xFF]), project_id)}"',  # visible
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return _narrow("".join(f"{line}\r\n" for line in lines))


def obfuscate(data: bytes, project_id: str) -> str:
    """Give a protection value as the project states it ([MS-OVBA] 2.4.3.2).

    Examples
    --------
    >>> obfuscate(bytes(1), "{00000000-0000-0000-0000-000000000000}")[:4]
    'A0A2'
    """
    key = sum(project_id.encode("ascii")) & 0xFF
    written = [_SEED, _SEED ^ _ENCRYPTION_VERSION, _SEED ^ key]
    previous = key
    for byte in struct.pack("<I", len(data)) + data:
        written.append(byte ^ ((written[-2] + previous) & 0xFF))
        previous = byte
    return bytes(written).hex().upper()
