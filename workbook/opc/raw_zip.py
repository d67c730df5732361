"""A workbook file as the zip it is: checked before it is believed, rewritten without recompressing.

Entries that stay are copied as they lie in the file, header and compressed bytes, in their order,
so a large workbook costs no more than copying it, and undoing a change gives the same bytes back.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from workbook.errors import WorkbookError
from workbook.opc.names import folded

COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of an encrypted workbook, and of the format before 2007."""

LARGEST_TOTAL: Final = 2 * 1024**3 - 1
"""Bytes of all parts when unpacked; a workbook that Excel opens stays well below."""

LARGEST_READ: Final = 256 * 1024**2
"""Bytes of a part that is parsed as a whole: tables of styles and sheets, never the cells."""

SUSPECT_SIZE: Final = 16 * 1024**2
SUSPECT_RATIO: Final = 400
"""A part beyond this size that shrank more than this is a zip bomb; sheets reach 5 to 100."""

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s4B4HL2L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_EPOCH: Final = (0, 0x21)
"""Time and date of entries we write, 1980-01-01: the same parts give the same bytes."""

_PIECE: Final = 1024 * 1024
_LEVEL: Final = 3
"""Of compression: half the time of the usual 6 for a few per cent more bytes."""


class Sink(Protocol):
    """Where bytes can be written."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the zip: where it lies up to the next one, and its line in the directory."""

    name: str
    """The name of the part: with forward slashes and none ahead, whatever the zip has."""
    info: zipfile.ZipInfo
    start: int
    end: int
    line: bytes
    checksum: int
    size: int


class RawArchive:
    """An open workbook file whose entries are known to tile it; close it, or use it in a `with`.

    Raises
    ------
    WorkbookError
        When the file is not a sound zip of a sane size; the message says why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: IO[bytes] = path.open("rb")
        except FileNotFoundError:
            raise WorkbookError(f"{path} does not exist") from None
        except IsADirectoryError:
            raise WorkbookError(f"{path} is a folder, not a workbook") from None
        try:
            self._open()
        except BaseException:
            self._file.close()
            raise

    def _open(self) -> None:
        name = self.path.name
        if self._file.read(8) == COMPOUND_FILE:
            raise WorkbookError(_what_ole_holds(self.path))
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.size = self._file.seek(0, 2)
            self.entries = {entry.name: entry for entry in self._laid_out()}
        except (zipfile.BadZipFile, struct.error, EOFError, NotImplementedError) as error:
            raise WorkbookError(f"{name} is damaged or not an Excel workbook: {error}") from None
        _refuse_bombs(name, self._zip.infolist())

    def _laid_out(self) -> Iterator[Entry]:
        """Give the entries in file order; they must follow each other without overlap."""
        infos = self._zip.infolist()
        lines = [line for _, line in directory_lines(self.tail())]
        if len(lines) != len(infos):
            raise zipfile.BadZipFile("its directory is not that of a workbook")
        for info in infos:
            if info.flag_bits & 0x1:
                raise WorkbookError(f"{self.path.name}: {info.filename} is encrypted")
            if ".." in part_name(info.orig_filename).split("/") or "\0" in info.orig_filename:
                raise WorkbookError(
                    f"{self.path.name} has a part with the name {info.orig_filename!r}"
                )
        if len({folded(info.orig_filename) for info in infos}) < len(infos):
            raise WorkbookError(f"{self.path.name} is damaged: it holds a part twice")
        order = sorted(range(len(infos)), key=lambda number: infos[number].header_offset)
        starts = [infos[number].header_offset for number in order] + [self._zip.start_dir]
        if starts[0] != 0:
            raise zipfile.BadZipFile("something lies before the first part")
        self._directory_order = [part_name(info.orig_filename) for info in infos]
        for number, start, end in zip(order, starts, starts[1:], strict=False):
            info = infos[number]
            shortest = start + _LOCAL.size + len(info.orig_filename) + info.compress_size
            if end < shortest:
                raise zipfile.BadZipFile(f"{info.filename} overlaps what follows")
            name = part_name(info.orig_filename)
            yield Entry(name, info, start, end, lines[number], info.CRC, info.file_size)

    def __enter__(self) -> RawArchive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, name: str) -> bytes:
        """Read a part as a whole."""
        if self.entries[name].size > LARGEST_READ:
            raise WorkbookError(f"{self.path.name}: part {name} is too large")
        try:
            return self._zip.read(self.entries[name].info)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise WorkbookError(f"{self.path.name} is damaged: {name}: {error}") from None

    def pieces(self, name: str) -> Iterator[bytes]:
        """Read a part piece by piece."""
        try:
            with self.stream(name) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise WorkbookError(f"{self.path.name} is damaged: {name}: {error}") from None

    def stream(self, name: str) -> IO[bytes]:
        """Open a part to read it."""
        return self._zip.open(self.entries[name].info)

    def raw(self, name: str) -> bytes:
        """Give an entry as it lies in the file, up to the next one."""
        entry = self.entries[name]
        self._file.seek(entry.start)
        return self._file.read(entry.end - entry.start)

    def tail(self) -> bytes:
        """Give what follows the last entry: the directory and its end."""
        self._file.seek(self._zip.start_dir)
        return self._file.read()

    def copy_raw(self, name: str, target: Sink) -> None:
        """Copy an entry as it lies in the file."""
        entry = self.entries[name]
        self._file.seek(entry.start)
        left = entry.end - entry.start
        while left:
            piece = self._file.read(min(left, _PIECE))
            if not piece:
                raise WorkbookError(f"{self.path.name} became shorter while it was read")
            target.write(piece)
            left -= len(piece)

    def write_changed(
        self, target: IO[bytes], changed: Mapping[str, bytes], removed: set[str]
    ) -> None:
        """Write the file anew: changed parts in their old place, new ones last, others as they lie.

        Parameters
        ----------
        target : file
            Where to write.
        changed : mapping of str to bytes
            Content of changed and new parts.
        removed : set of str
            Parts to leave out.
        """
        lines = {}
        for name in self.entries:
            if name in removed:
                continue
            start = target.tell()
            if name in changed:
                # Under the name that the zip has for it: other entries may be spelled so too.
                raw = self.entries[name].info.orig_filename
                lines[name] = _write_entry(target, raw, changed[name])
            else:
                self.copy_raw(name, target)
                line = self.entries[name].line
                lines[name] = line[:42] + struct.pack("<L", start) + line[46:]
        for name, data in changed.items():
            if name not in self.entries:
                lines[name] = _write_entry(target, name, data)
        kept = [name for name in self._directory_order if name in lines]
        order = kept + [name for name in lines if name not in self.entries]
        _write_directory(target, [lines[name] for name in order])


def part_name(name: str) -> str:
    r"""Give the name of the part that an entry of a zip holds; old writers use backslashes.

    Examples
    --------
    >>> part_name(r"xl\workbook.xml"), part_name("/xl/workbook.xml")
    ('xl/workbook.xml', 'xl/workbook.xml')
    """
    return name.replace("\\", "/").lstrip("/")


def directory_lines(tail: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the lines of the directory of a zip with the part of each, from its last bytes."""
    place = 0
    while tail[place : place + 4] == b"PK\1\2":
        fields = _CENTRAL.unpack_from(tail, place)
        if fields[-1] == 0xFFFFFFFF:
            raise zipfile.BadZipFile("its directory is not that of a workbook")
        length = _CENTRAL.size + sum(fields[12:15])
        line = tail[place : place + length]
        name = line[_CENTRAL.size : _CENTRAL.size + fields[12]]
        yield part_name(name.decode("utf-8" if fields[5] & 0x800 else "cp437")), line
        place += length


def digest(data: bytes) -> str:
    """Give the SHA-256 of a part."""
    return hashlib.sha256(data).hexdigest()


def digest_of_file(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_entry(target: IO[bytes], name: str, data: bytes) -> bytes:
    """Write a compressed entry and give its line for the directory."""
    start = target.tell()
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    encoded = name.encode()
    flags = 0 if name.isascii() else 0x800
    common = (flags, 8, *_EPOCH, zlib.crc32(data), len(packed), len(data), len(encoded), 0)
    target.write(_LOCAL.pack(b"PK\3\4", 20, *common) + encoded)
    target.write(packed)
    return _CENTRAL.pack(b"PK\1\2", 20, 0, 20, 0, *common, 0, 0, 0, 0, start) + encoded


def _write_directory(target: IO[bytes], lines: list[bytes]) -> None:
    start = target.tell()
    for line in lines:
        target.write(line)
    size = target.tell() - start
    if start + size > LARGEST_TOTAL or len(lines) >= 0xFFFF:
        raise WorkbookError("the workbook would become too large")
    target.write(_END.pack(b"PK\5\6", 0, 0, len(lines), len(lines), size, start, 0))


def _refuse_bombs(name: str, infos: list[zipfile.ZipInfo]) -> None:
    if sum(info.file_size for info in infos) > LARGEST_TOTAL:
        raise WorkbookError(f"{name} is a zip bomb: it unpacks to more than 2 GB")
    for info in infos:
        if info.file_size > max(SUSPECT_SIZE, SUSPECT_RATIO * info.compress_size):
            raise WorkbookError(
                f"{name} is a zip bomb: {info.filename} unpacks to "
                f"{info.file_size // max(info.compress_size, 1)} times its size"
            )


def _what_ole_holds(path: Path) -> str:
    import olefile

    try:
        with olefile.OleFileIO(path) as container:
            encrypted = container.exists("EncryptedPackage")
    except (OSError, ValueError, IndexError, struct.error):
        encrypted = False
    if encrypted:
        return f"{path.name} is encrypted with a password: take the password off in Excel first"
    return f"{path.name} is in the old .xls format: save it as .xlsx in Excel first"
