"""Workbooks at package level: read cells as stored, finish what openpyxl cannot write.

A workbook is a zip of XML parts. Reading here never recalculates and never converts, so an empty
text, an error and a missing value stay three different things.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from lxml import etree

from workbook.cells import ErrorValue
from workbook.errors import WorkbookError

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATION: Final = "http://schemas.openxmlformats.org/package/2006/relationships"

WORKBOOK_PART: Final = "xl/workbook.xml"
WORKBOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"

LARGEST_PART: Final = 512 * 1024 * 1024
"""Bytes of one part when unpacked, beyond which a file is refused as a zip bomb."""


COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of an encrypted workbook, and of the format before 2007."""

STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml"
"""Names that a workbook uses when saved as Strict Open XML."""


def tag(name: str) -> str:
    """Give the qualified name of a spreadsheet element."""
    return f"{{{MAIN}}}{name}"


def parse_xml(data: bytes) -> Any:
    """Parse a part without entities, network or external definitions."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise WorkbookError(f"a part of the file is damaged: {error}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise WorkbookError("a part of the file declares a document type, which is refused")
    return root


class Archive(Mapping[str, bytes]):
    """The parts of a workbook file, each read when asked for, so that large ones stay on disk."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        self.entries = {entry.filename: entry for entry in file.infolist()}

    def __getitem__(self, part: str) -> bytes:
        return self.file.read(self.entries[part])

    def __contains__(self, part: object) -> bool:
        return part in self.entries  # without reading it, which a Mapping else does

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def stream(self, part: str) -> IO[bytes]:
        """Open a part to read it piece by piece."""
        return self.file.open(self.entries[part])


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a workbook; whatever is wrong with the file becomes a `WorkbookError`.

    Raises
    ------
    WorkbookError
        When the file is missing, not a zip, damaged, too large, or not a workbook.
    """
    try:
        with zipfile.ZipFile(path) as file:
            archive = Archive(file)
            for entry in archive.entries.values():
                if entry.file_size > LARGEST_PART:
                    raise WorkbookError(f"{path.name}: part {entry.filename} is too large")
            _refuse_other_formats(path.name, archive)
            yield archive
    except FileNotFoundError:
        raise WorkbookError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise WorkbookError(f"{path} is a folder, not a workbook") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
        raise WorkbookError(f"{path.name} {_reason(path, error)}") from None
    except EOFError:
        raise WorkbookError(f"{path.name} is cut off") from None


def _refuse_other_formats(name: str, archive: Archive) -> None:
    if "xl/workbook.bin" in archive:
        raise WorkbookError(f"{name} is a binary workbook (.xlsb): save it as .xlsx first")
    if "xl/workbook.xml" not in archive:
        raise WorkbookError(f"{name} is not an Excel workbook (.xlsx): it has no xl/workbook.xml")
    if STRICT in archive["xl/workbook.xml"]:
        raise WorkbookError(
            f"{name} is saved as Strict Open XML, which is not read here: save it as .xlsx first"
        )


def _reason(path: Path, error: Exception) -> str:
    with suppress(OSError), path.open("rb") as file:
        if file.read(len(COMPOUND_FILE)) == COMPOUND_FILE:
            return "is encrypted or of the format before 2007 (.xls): save it as plain .xlsx first"
    return f"is not an Excel workbook (.xlsx): {error}"


def read_parts(path: Path) -> dict[str, bytes]:
    """Read every part of a workbook, in file order; raises as `open_archive` does."""
    with open_archive(path) as archive:
        return dict(archive)


def write_parts(path: Path, parts: dict[str, bytes]) -> None:
    """Write parts as a workbook file; the same parts give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def part_of(target: str) -> str:
    """Give the part that a relationship of the workbook leads to.

    Examples
    --------
    >>> part_of("worksheets/sheet1.xml"), part_of("/xl/styles.xml")
    ('xl/worksheets/sheet1.xml', 'xl/styles.xml')
    """
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Give the part of each worksheet by its name, in tab order."""
    relations = parse_xml(parts[WORKBOOK_RELATIONS])
    targets = {
        relation.get("Id"): part_of(relation.get("Target"))
        for relation in relations.iter(f"{{{PACKAGE_RELATION}}}Relationship")
    }
    sheets = parse_xml(parts[WORKBOOK_PART]).iter(tag("sheet"))
    found = {sheet.get("name"): targets[sheet.get(f"{{{RELATION}}}id")] for sheet in sheets}
    return {name: part for name, part in found.items() if part in parts}


def write_in_one_step(path: Path, parts: dict[str, bytes]) -> None:
    """Write a workbook file so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write_parts(part, parts)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def replace_file(path: Path, parts: dict[str, bytes], backup: Path, *, renew: bool = False) -> None:
    """Put new parts in the place of a workbook; the file as it was is kept beside it.

    With `renew` the backup of an earlier time gives way.

    Raises
    ------
    WorkbookError
        When there is a backup already: it may be the only good copy.
    """
    if backup.exists() and not renew:
        raise WorkbookError(f"{backup} is already there: move it away first")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        shutil.copy2(path, part)
        part.replace(backup)
    finally:
        part.unlink(missing_ok=True)
    write_in_one_step(path, parts)
    shutil.copymode(backup, path)


@dataclass(frozen=True, slots=True)
class StoredCell:
    """A cell as the file holds it: formula if any, and the stored value.

    The value is a float, bool or text, `ErrorValue` for an error, None when nothing is stored.
    """

    address: str
    formula: str | None
    value: float | bool | str | ErrorValue | None
    computed: bool
    """Whether a formula gives the value: its own, or one that spills here."""


def read_cells(parts: dict[str, bytes]) -> dict[str, dict[str, StoredCell]]:
    """Read the stored cells of every worksheet, by sheet and address."""
    strings = list(_shared_strings(parts))
    return {
        name: _sheet_cells(parse_xml(parts[part]), strings)
        for name, part in sheet_parts(parts).items()
    }


def cells_of(parts: Mapping[str, bytes], part: str) -> dict[str, StoredCell]:
    """Read the stored cells of one worksheet by address."""
    return _sheet_cells(parse_xml(parts[part]), list(_shared_strings(parts)))


def _shared_strings(parts: Mapping[str, bytes]) -> Iterator[str]:
    if "xl/sharedStrings.xml" in parts:
        for item in parse_xml(parts["xl/sharedStrings.xml"]).iter(tag("si")):
            yield "".join(
                text.text or ""
                for text in item.iter(tag("t"))
                if text.getparent().tag != tag("rPh")
            )


def _sheet_cells(root: Any, strings: list[str]) -> dict[str, StoredCell]:
    from openpyxl.utils.cell import get_column_letter, range_boundaries

    cells: dict[str, StoredCell] = {}
    spilled: set[str] = set()
    for element in root.iter(tag("c")):
        formula = element.find(tag("f"))
        address = element.get("r")
        if formula is not None and formula.get("t") == "array":
            bounds = range_boundaries(formula.get("ref"))
            left, top, right, bottom = (int(bound or 1) for bound in bounds)
            spilled |= {
                f"{get_column_letter(column)}{row}"
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
            }
        text = None if formula is None else formula.text or ""
        cells[address] = StoredCell(
            address, text, _stored_value(element, strings), formula is not None
        )
    for address in spilled & cells.keys():
        cell = cells[address]
        cells[address] = StoredCell(address, cell.formula, cell.value, computed=True)
    return cells


def _stored_value(element: Any, strings: list[str]) -> float | bool | str | ErrorValue | None:
    kind = element.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in element.iter(tag("t")))
    stored = element.find(tag("v"))
    if stored is None:
        return None
    text = stored.text or ""
    if kind == "s":
        return strings[int(text)]
    if kind == "b":
        return text == "1"
    if kind == "e":
        return ErrorValue(text)
    if kind in ("str", "d"):
        return text
    return float(text) if text else None
