"""Compress the streams of a macro project.

Source: Microsoft, [MS-OVBA] Office VBA File Format Structure, section 2.4.1.
"""

from __future__ import annotations

import struct
from typing import Final

from workbook.macros.compound_file import MacroError

CHUNK: Final = 4096
"""Bytes that are compressed together; a copy reaches no further back than their start."""


def compress(data: bytes) -> bytes:
    """Compress a stream in chunks of 4096 bytes.

    Raises
    ------
    MacroError
        When a last chunk does not shrink: the format would have to add zeros to it.

    Examples
    --------
    >>> compress(b"a" * 73).hex()
    '0103b002614500'
    """
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    return b"\x01" + b"".join(map(_compress_chunk, chunks))


def _compress_chunk(chunk: bytes) -> bytes:
    groups = bytearray()
    position = 0
    seen: dict[bytes, list[int]] = {}
    while position < len(chunk):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            if position == len(chunk):
                break
            offset, length = _longest_match(chunk, position, seen)
            if length:
                flags |= 1 << bit
                shift = 16 - _offset_bits(position)
                tokens += struct.pack("<H", (offset - 1) << shift | (length - 3))
            else:
                tokens.append(chunk[position])
                length = 1
            for passed in range(position, position + length):
                seen.setdefault(chunk[passed : passed + 3], []).append(passed)
            position += length
        groups.append(flags)
        groups += tokens
    if len(groups) <= CHUNK:
        return struct.pack("<H", 0xB000 | (len(groups) - 1)) + bytes(groups)
    if len(chunk) < CHUNK:
        raise MacroError("the end of a module does not look like program text: it does not shrink")
    return struct.pack("<H", 0x3000 | (CHUNK - 1)) + chunk


def _longest_match(chunk: bytes, position: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """Find the nearest of the longest earlier copies of what follows, three bytes at least."""
    longest = min((0xFFFF >> _offset_bits(position)) + 3, len(chunk) - position)
    best_offset = best = 0
    for start in reversed(seen.get(chunk[position : position + 3], [])):
        length = 0
        while length < longest and chunk[start + length] == chunk[position + length]:
            length += 1
        if length > best:
            best_offset, best = position - start, length
        if best == longest:
            break
    return (best_offset, best) if best >= 3 else (0, 0)


def _offset_bits(position: int) -> int:
    """Bits of a copy token that hold the offset; the rest hold the length."""
    return max((position - 1).bit_length(), 4)
