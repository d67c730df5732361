"""Write a compound file: the small file system that holds a macro project.

Version 3 of the format: sectors of 512 bytes, streams below 4096 bytes together in a mini stream of
64-byte sectors, one directory whose siblings form a red-black tree. Times stay zero, so the same
streams give the same bytes.

Source: Microsoft, [MS-CFB] Compound File Binary File Format.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from workbook.errors import WorkbookError

Tree: TypeAlias = Mapping[str, "bytes | Tree"]
"""Streams and storages by name, as files and folders."""

SECTOR: Final = 512
MINI_SECTOR: Final = 64
MINI_CUTOFF: Final = 4096
"""Bytes from which a stream has sectors of its own."""

LARGEST_NAME: Final = 31
LARGEST_TABLE: Final = 109
"""Sectors of the allocation table that the header can list: about 7 MB of streams."""

_FREE: Final = 0xFFFFFFFF
_END: Final = 0xFFFFFFFE
_TABLE: Final = 0xFFFFFFFD
_NOBODY: Final = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_RED, _BLACK = 0, 1
_PER_SECTOR: Final = SECTOR // 4


class MacroError(WorkbookError):
    """Macros cannot be written; the message says why."""


@dataclass(slots=True)
class _Entry:
    """One line of the directory; the pointers are filled in as the file is laid out."""

    name: str
    kind: int
    data: bytes = b""
    color: int = _BLACK
    left: int = _NOBODY
    right: int = _NOBODY
    child: int = _NOBODY
    start: int = 0
    size: int = 0


def compound_file(tree: Tree) -> bytes:
    """Give the bytes of a compound file.

    Examples
    --------
    >>> data = compound_file({"VBA": {"dir": b"1"}, "PROJECT": b"2"})
    >>> data[:8].hex(), len(data) % 512
    ('d0cf11e0a1b11ae1', 0)
    """
    entries = [_Entry("Root Entry", _ROOT)]
    entries[0].child = _add_entries(entries, tree)
    small = [e for e in entries if e.kind == _STREAM and len(e.data) < MINI_CUTOFF]
    large = [e for e in entries if e.kind == _STREAM and len(e.data) >= MINI_CUTOFF]
    mini_stream, mini_table = _fill_mini_stream(small)
    entries[0].data = mini_stream
    directory_sectors = _sectors(len(entries) * 128)
    mini_sectors = _sectors(len(mini_table) * 4)
    streams = [entries[0], *large]
    used = directory_sectors + mini_sectors + sum(_sectors(len(e.data)) for e in streams)
    table_sectors = -(-used // (_PER_SECTOR - 1))
    if table_sectors > LARGEST_TABLE:
        raise MacroError("the macro project is larger than 7 MB, which a file of it cannot hold")
    table = [_TABLE] * table_sectors
    first_directory = _chain(table, directory_sectors)
    first_mini = _chain(table, mini_sectors)
    for entry in streams:
        entry.start, entry.size = _chain(table, _sectors(len(entry.data))), len(entry.data)
    header = _header(table_sectors, first_directory, first_mini, mini_sectors)
    directory = b"".join(_entry_bytes(entry) for entry in entries)
    parts = [header, _numbers(table), _directory(directory), _numbers(mini_table)]
    return b"".join([*parts, *(_padded(entry.data, SECTOR) for entry in streams)])


def _add_entries(entries: list[_Entry], tree: Tree) -> int:
    """Add what a storage holds to the directory and give the top of its tree of siblings."""
    if len({name.upper() for name in tree}) < len(tree):
        raise MacroError("two streams of the macro project differ only in case")
    numbers = []
    for name in sorted(tree, key=_order):
        if not 1 <= len(name) <= LARGEST_NAME or set(name) & set("/\\:!"):
            raise MacroError(f"{name!r} cannot name a stream of the macro project")
        numbers.append(len(entries))
        content = tree[name]
        if isinstance(content, bytes):
            entries.append(_Entry(name, _STREAM, content))
        else:
            entry = _Entry(name, _STORAGE)
            entries.append(entry)
            entry.child = _add_entries(entries, content)
    return _balance(entries, numbers, len(numbers).bit_length() - 1)


def _order(name: str) -> tuple[int, str]:
    """The order of siblings: shorter names first, then by capitals."""
    return len(name), name.upper()


def _balance(entries: list[_Entry], numbers: Sequence[int], levels_below: int) -> int:
    """Make a tree of siblings whose last level alone is red, which every path then allows."""
    if not numbers:
        return _NOBODY
    middle = len(numbers) // 2
    entry = entries[numbers[middle]]
    entry.left = _balance(entries, numbers[:middle], levels_below - 1)
    entry.right = _balance(entries, numbers[middle + 1 :], levels_below - 1)
    for child in (entry.left, entry.right):
        if child != _NOBODY and levels_below == 1:
            entries[child].color = _RED
    return numbers[middle]


def _fill_mini_stream(small: Sequence[_Entry]) -> tuple[bytes, list[int]]:
    table: list[int] = []
    for entry in small:
        entry.start = _chain(table, -(-len(entry.data) // MINI_SECTOR))
        entry.size = len(entry.data)
    return b"".join(_padded(entry.data, MINI_SECTOR) for entry in small), table


def _chain(table: list[int], length: int) -> int:
    """Add a chain of sectors to a table and give its first; nothing needs no sector."""
    if not length:
        return _END
    first = len(table)
    table += [*range(first + 1, first + length), _END]
    return first


def _header(tables: int, directory: int, mini: int, mini_sectors: int) -> bytes:
    return struct.pack(
        "<8s16x5H6x9I",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        0x3E,  # minor version
        3,  # major version
        0xFFFE,  # little-endian
        9,  # a sector has 2^9 bytes
        6,  # a mini sector 2^6
        0,  # directory sectors are counted in version 4 only
        tables,
        directory,
        0,  # no transactions
        MINI_CUTOFF,
        mini,
        mini_sectors,
        _END,  # the header lists the whole table
        0,
    ) + struct.pack(f"<{LARGEST_TABLE}I", *[*range(tables), *[_FREE] * (LARGEST_TABLE - tables)])


def _entry_bytes(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIQ",
        name,
        len(name),
        entry.kind,
        entry.color,
        entry.left,
        entry.right,
        entry.child,
        entry.start,
        entry.size,
    )


def _directory(lines: bytes) -> bytes:
    unused = struct.pack("<64sHBBIII48x", b"", 0, 0, 0, _NOBODY, _NOBODY, _NOBODY)
    return lines + unused * (-len(lines) % SECTOR // len(unused))


def _numbers(numbers: Sequence[int]) -> bytes:
    free = [_FREE] * (-len(numbers) % _PER_SECTOR)
    return struct.pack(f"<{len(numbers) + len(free)}I", *numbers, *free)


def _sectors(size: int) -> int:
    return -(-size // SECTOR)


def _padded(data: bytes, unit: int) -> bytes:
    return data + bytes(-len(data) % unit)
