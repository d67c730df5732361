"""Which workbooks are not changed, each with the reason and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from workbook.errors import WorkbookError
from workbook.opc.package import Package, open_package
from workbook.opc.relations import PACKAGE, forget_types, relations_of, relations_part
from workbook.opc.xml import parse_xml, tag, to_bytes

SUFFIXES: Final = (".xlsx", ".xlsm", ".xltx", ".xltm")
_SIGNATURE: Final = "digital-signature/"
_SIGNATURE_FOLDER: Final = "_xmlsignatures/"


def refuse_open(path: Path) -> None:
    """Refuse a workbook that Excel or LibreOffice holds open, by the file each keeps beside it."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise WorkbookError(
                f"{path.name} is open in another program: close it there first "
                f"(if it is not, delete {lock.name} beside it)"
            )


@contextmanager
def open_closed(path: Path) -> Iterator[Package]:
    """Open a workbook file that is to be changed or copied: no program holds it open.

    Raises
    ------
    WorkbookError
        When the file is not to be touched.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise WorkbookError(f"{path.name} is not an .xlsx or .xlsm workbook: save it as one first")
    refuse_open(path)
    with open_package(path) as package:
        yield package


def refuse_protected(parts: Mapping[str, bytes], main: str, name: str) -> None:
    """Refuse a workbook whose structure is protected: sheets may not be added or removed."""
    protection = parse_xml(parts[main]).find(tag("workbookProtection"))
    if protection is not None and protection.get("lockStructure") in ("1", "true"):
        raise WorkbookError(
            f"the structure of {name} is protected: take the protection off in Excel first "
            "(Review, Protect Workbook)"
        )


def refuse_other_arithmetic(parts: Mapping[str, bytes], main: str, name: str) -> None:
    """Refuse workbook settings under which our figures would mean something else."""
    root = parse_xml(parts[main])
    properties, calculation = root.find(tag("workbookPr")), root.find(tag("calcPr"))
    refuse_arithmetic(
        name,
        from_1904=properties is not None and properties.get("date1904") in ("1", "true"),
        as_displayed=calculation is not None and calculation.get("fullPrecision") in ("0", "false"),
    )


def refuse_arithmetic(name: str, *, from_1904: bool, as_displayed: bool) -> None:
    """Refuse a workbook by its settings, however they are told."""
    if from_1904:
        raise WorkbookError(f"{name} counts dates from 1904: every date of ours would be wrong")
    if as_displayed:
        raise WorkbookError(
            f"{name} calculates with precision as displayed, which would round our figures: "
            "turn that off in Excel first (Options, Advanced)"
        )


def is_signed(parts: Mapping[str, bytes]) -> bool:
    """Tell whether the workbook carries a digital signature."""
    return any(part.lower().startswith(_SIGNATURE_FOLDER) for part in parts) or any(
        _SIGNATURE in relation.kind for relation in relations_of(parts, PACKAGE)
    )


def refuse_signed(parts: Mapping[str, bytes], name: str) -> None:
    """Refuse a workbook with a digital signature, which no change survives."""
    if is_signed(parts):
        raise WorkbookError(f"{name} is signed, and a change would break the signature")


def take_signature_off(parts: MutableMapping[str, bytes]) -> None:
    """Remove a digital signature, which no change of the workbook survives."""
    ways = parse_xml(parts[relations_part(PACKAGE)])
    for way in [way for way in ways if _SIGNATURE in (way.get("Type") or "")]:
        ways.remove(way)
    parts[relations_part(PACKAGE)] = to_bytes(ways)
    gone = [part for part in parts if part.lower().startswith(_SIGNATURE_FOLDER)]
    forget_types(parts, gone)
    for part in gone:
        del parts[part]
