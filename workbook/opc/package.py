"""A workbook file as a package of parts: opened in one way for every command.

Parts are found by relationship and content type, never by a usual name. Each is read when asked
for; changes stay in memory until `write`, which copies what did not change as it lies in the file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Final

from valuation_core.errors import ValuationError
from workbook.errors import WorkbookError
from workbook.opc.names import folded
from workbook.opc.raw_zip import RawArchive
from workbook.opc.relations import PACKAGE, TYPES_PART, content_type, relations_of, relations_part
from workbook.opc.xml import RELATION, parse_xml, tag

WORKBOOK_PART: Final = "xl/workbook.xml"
"""Main part of the workbooks that we write."""

MAIN_TYPES: Final = tuple(
    f"application/{kind}.main+xml"
    for kind in (
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "vnd.openxmlformats-officedocument.spreadsheetml.template",
        "vnd.ms-excel.sheet.macroEnabled",
        "vnd.ms-excel.template.macroEnabled",
        "vnd.ms-excel.addin.macroEnabled",
    )
)
"""Content types of the part that lists the sheets."""

_STRICT: Final = "http://purl.oclc.org/ooxml/"
_STRICT_REASON: Final = "a strict Open XML workbook: save it as an ordinary .xlsx in Excel first"
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


class Package(MutableMapping[str, bytes]):
    """The parts of a workbook file as they shall become; only what is asked for is read.

    A part is found by any spelling of its name that the package standard takes for the same.
    """

    def __init__(self, archive: RawArchive) -> None:
        self.archive = archive
        self.changed: dict[str, bytes] = {}
        self.removed: set[str] = set()
        self.last_read = ""
        """Part that was read last, to name it where something in it is unforeseen."""
        self._spelled = {folded(name): name for name in archive.entries}

    @property
    def path(self) -> Path:
        """The file."""
        return self.archive.path

    @cached_property
    def main(self) -> str:
        """The part that lists the sheets.

        Raises
        ------
        WorkbookError
            When the package is no workbook that we can use: a binary one, strict, or none.
        """
        return _find_main(self, self.path.name)

    def spelled(self, name: str) -> str:
        """Give the name of a part as the package spells it; a name without a part as it is."""
        return self._spelled.get(folded(name), name)

    def __getitem__(self, name: str) -> bytes:
        name = self.spelled(name)
        self.last_read = name
        if name in self.changed:
            return self.changed[name]
        if name in self.removed or name not in self.archive.entries:
            raise KeyError(name)
        return self.archive.read(name)

    def __setitem__(self, name: str, data: bytes) -> None:
        name = self._spelled.setdefault(folded(name), name)
        self.changed[name] = data
        self.removed.discard(name)

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        name = self.spelled(name)
        self.changed.pop(name, None)
        if name in self.archive.entries:
            self.removed.add(name)
        else:
            del self._spelled[folded(name)]

    def __contains__(self, name: object) -> bool:
        spelled = self.spelled(str(name))
        known = spelled in self.archive.entries and spelled not in self.removed
        return known or spelled in self.changed

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self.archive.entries if name not in self.removed)
        yield from (name for name in self.changed if name not in self.archive.entries)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Read a part piece by piece."""
        name = self.spelled(name)
        self.last_read = name
        if name in self.changed:
            yield self.changed[name]
        else:
            yield from self.archive.pieces(name)

    def stream(self, name: str) -> IO[bytes]:
        """Open a part to read it piece by piece."""
        name = self.spelled(name)
        self.last_read = name
        if name in self.changed:
            return io.BytesIO(self.changed[name])
        return self.archive.stream(name)

    def write(self, target: IO[bytes]) -> None:
        """Write the file with the changes."""
        self.archive.write_changed(target, self.changed, self.removed)

    @property
    def size(self) -> int:
        """About how many bytes `write` gives."""
        return self.archive.size + sum(map(len, self.changed.values()))


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open a workbook file and check every part of it.

    Raises
    ------
    WorkbookError
        Whatever is wrong with the file, in a sentence; also what is unforeseen in a part of it
        while it is in use, with the part.
    """
    with RawArchive(path) as archive:
        _check_every_part(archive)
        package = Package(archive)
        try:
            sheet_parts(package)
            yield package
        except (WorkbookError, ValuationError):
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise WorkbookError(
                f"{path.name}: {package.last_read} is written in a form we do not know "
                f"({type(error).__name__}: {error}); nothing was changed"
            ) from error


def _check_every_part(archive: RawArchive) -> None:
    """Unpack each part once, for its checksum, and refuse what only serves tricks with entities."""
    known = {folded(name) for name in archive.entries}
    for name in (TYPES_PART, relations_part(PACKAGE)):
        if folded(name) not in known:
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


def main_part(parts: Mapping[str, bytes]) -> str:
    """Give the part of a workbook that lists its sheets.

    Raises
    ------
    WorkbookError
        When the package is no workbook that we can use: a binary one, strict, or none.
    """
    return parts.main if isinstance(parts, Package) else _find_main(parts, "the workbook")


def _find_main(parts: Mapping[str, bytes], name: str) -> str:
    for relation in relations_of(parts, PACKAGE):
        if relation.kind.endswith("/officeDocument"):
            if relation.kind.startswith(_STRICT):
                raise WorkbookError(f"{name} is {_STRICT_REASON}")
            return _checked_main(parts, relation.target, name)
    raise WorkbookError(f"{name} is a zip file, but not an Excel workbook")


def _checked_main(parts: Mapping[str, bytes], main: str, name: str) -> str:
    kind = (content_type(parts, main) or "").lower()
    if "sheet.binary" in kind:
        raise WorkbookError(f"{name} is a binary workbook (.xlsb): save it as .xlsx in Excel first")
    if kind not in map(str.lower, MAIN_TYPES) or main not in parts:
        raise WorkbookError(f"{name} is not an Excel workbook (.xlsx or .xlsm)")
    root = parse_xml(parts[main])
    if root.tag.startswith("{" + _STRICT):
        raise WorkbookError(f"{name} is {_STRICT_REASON}")
    if root.tag != tag("workbook") or root.find(tag("sheets")) is None:
        raise WorkbookError(f"{name} is not an Excel workbook: it lists no sheets")
    return main


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Give the part of each sheet by its name, in tab order.

    Raises
    ------
    WorkbookError
        When the workbook lists a sheet that the file does not hold: no sheet is passed over.
    """
    main = main_part(parts)
    leads = {
        relation.identifier: relation.target
        for relation in relations_of(parts, main)
        if not relation.outside
    }
    found = {
        tab.get("name"): leads.get(tab.get(f"{{{RELATION}}}id"))
        for tab in parse_xml(parts[main]).iterfind(f"{tag('sheets')}/{tag('sheet')}")
    }
    for name, part in found.items():
        if part is None or part not in parts:
            raise WorkbookError(
                f"the workbook lists a sheet {name} that the file does not hold: open it in Excel, "
                "let Excel repair it and save it there first"
            )
    return {name: part for name, part in found.items() if part is not None}


def sheet_titles(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Give the sheet names by part."""
    return {part: name for name, part in sheet_parts(parts).items()}


def read_parts(path: Path) -> dict[str, bytes]:
    """Read every part of a workbook, in file order; raises as `open_package` does."""
    with open_package(path) as package:
        return dict(package)


def write_parts(
    target: Path | IO[bytes], parts: Mapping[str, bytes], *, compressed: bool = True
) -> None:
    """Write parts as a workbook file; the same parts give the same bytes.

    Uncompressed they do so on every system, with every library of compression.
    """
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            entry.create_system = 0  # else it tells Windows from the others
            archive.writestr(entry, data)
