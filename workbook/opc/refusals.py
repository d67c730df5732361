"""Which workbooks are not touched, each with the reason and what to do about it."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from workbook.errors import WorkbookError
from workbook.opc.package import parse_xml, tag
from workbook.opc.raw_zip import RawArchive
from workbook.opc.relations import (
    PACKAGE,
    TYPES_PART,
    content_type,
    relations_of,
    relations_part,
    to_bytes,
    typed_parts,
)

SUFFIXES: Final = (".xlsx", ".xlsm", ".xltx", ".xltm")
_MAIN_TYPES: Final = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "application/vnd.ms-excel.template.macroEnabled.main+xml",
)
_STRICT: Final = "http://purl.oclc.org/ooxml/"
_STRICT_REASON: Final = "a strict Open XML workbook: save it as an ordinary .xlsx in Excel first"
_SIGNATURE: Final = "digital-signature/"
_SIGNATURE_FOLDER: Final = "_xmlsignatures/"
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def refuse_open(path: Path) -> None:
    """Refuse a workbook that Excel or LibreOffice holds open, by the file each keeps beside it."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise WorkbookError(
                f"{path.name} is open in another program: close it there first "
                f"(if it is not, delete {lock.name} beside it)"
            )


def open_closed(path: Path) -> RawArchive:
    """Open a workbook file that no program holds open, and check every part of it.

    Raises
    ------
    WorkbookError
        When the file is not to be touched.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise WorkbookError(f"{path.name} is not an .xlsx or .xlsm workbook: save it as one first")
    refuse_open(path)
    archive = RawArchive(path)
    try:
        _check_every_part(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def _check_every_part(archive: RawArchive) -> None:
    """Unpack each part once, for its checksum, and refuse what only serves tricks with entities."""
    for name in (TYPES_PART, relations_part(PACKAGE)):
        if name not in archive.entries:
            raise WorkbookError(f"{archive.path.name} is a zip file, but not an Excel workbook")
    for name in archive.entries:
        is_xml = name.lower().endswith((".xml", ".rels"))
        end = b""
        for piece in archive.pieces(name):
            if is_xml and any(mark in end + piece for mark in _DOCTYPES):
                raise WorkbookError(
                    f"{archive.path.name}: {name} declares a document type, which is refused"
                )
            end = piece[-20:]


def main_part(parts: MutableMapping[str, bytes], name: str) -> str:
    """Give the part of a workbook that lists its sheets.

    Raises
    ------
    WorkbookError
        When the package is no workbook that we can change: a binary one, strict, or none.
    """
    for relation in relations_of(parts, PACKAGE):
        if relation.kind.endswith("/officeDocument"):
            if relation.kind.startswith(_STRICT):
                raise WorkbookError(f"{name} is {_STRICT_REASON}")
            return _checked_main(parts, relation.target, name)
    raise WorkbookError(f"{name} is a zip file, but not an Excel workbook")


def _checked_main(parts: MutableMapping[str, bytes], main: str, name: str) -> str:
    kind = content_type(parts, main) or ""
    if "sheet.binary" in kind:
        raise WorkbookError(f"{name} is a binary workbook (.xlsb): save it as .xlsx in Excel first")
    if kind not in _MAIN_TYPES or main not in parts:
        raise WorkbookError(f"{name} is not an Excel workbook (.xlsx or .xlsm)")
    root = parse_xml(parts[main])
    if root.tag.startswith("{" + _STRICT):
        raise WorkbookError(f"{name} is {_STRICT_REASON}")
    if root.tag != tag("workbook") or root.find(tag("sheets")) is None:
        raise WorkbookError(f"{name} is not an Excel workbook: it lists no sheets")
    return main


def refuse_protected(parts: MutableMapping[str, bytes], main: str, name: str) -> None:
    """Refuse a workbook whose structure is protected: sheets may not be added or removed."""
    protection = parse_xml(parts[main]).find(tag("workbookProtection"))
    if protection is not None and protection.get("lockStructure") in ("1", "true"):
        raise WorkbookError(
            f"the structure of {name} is protected: take the protection off in Excel first "
            "(Review, Protect Workbook)"
        )


def refuse_other_arithmetic(parts: MutableMapping[str, bytes], main: str, name: str) -> None:
    """Refuse workbook settings under which our figures would mean something else."""
    root = parse_xml(parts[main])
    properties, calculation = root.find(tag("workbookPr")), root.find(tag("calcPr"))
    if properties is not None and properties.get("date1904") in ("1", "true"):
        raise WorkbookError(f"{name} counts dates from 1904: every date of ours would be wrong")
    if calculation is not None and calculation.get("fullPrecision") in ("0", "false"):
        raise WorkbookError(
            f"{name} calculates with precision as displayed, which would round our figures: "
            "turn that off in Excel first (Options, Advanced)"
        )


def is_signed(parts: MutableMapping[str, bytes]) -> bool:
    """Tell whether the workbook carries a digital signature."""
    return any(part.lower().startswith(_SIGNATURE_FOLDER) for part in parts) or any(
        _SIGNATURE in relation.kind for relation in relations_of(parts, PACKAGE)
    )


def take_signature_off(parts: MutableMapping[str, bytes]) -> None:
    """Remove a digital signature, which no change of the workbook survives."""
    ways = parse_xml(parts[relations_part(PACKAGE)])
    for way in [way for way in ways if _SIGNATURE in (way.get("Type") or "")]:
        ways.remove(way)
    parts[relations_part(PACKAGE)] = to_bytes(ways)
    gone = [part for part in parts if part.lower().startswith(_SIGNATURE_FOLDER)]
    forget_types(parts, [part for part in gone if part in typed_parts(parts)])
    for part in gone:
        del parts[part]


def forget_types(parts: MutableMapping[str, bytes], gone: list[str]) -> None:
    """Take the content types of parts away."""
    root = parse_xml(parts[TYPES_PART])
    names = {f"/{part}" for part in gone}
    for override in [element for element in root if element.get("PartName") in names]:
        root.remove(override)
        parts[TYPES_PART] = to_bytes(root)
