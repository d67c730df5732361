"""COM values and calls by hand, as VBA makes them: pywin32 cannot send an error cell.

Runs in Windows Python; imports nothing that only Windows has before it is used.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import struct

EMPTY, NULL, LONG, DOUBLE, TEXT, OBJECT, ERROR, LOGICAL, VARIANTS = 0, 1, 3, 5, 8, 9, 10, 11, 0x200C
ADD_REF, RELEASE, TYPE_INFOS, IDS_OF_NAMES, INVOKE = 1, 2, 3, 5, 6
"""Places in the table of an IDispatch."""

METHOD_OR_PROPERTY = 3
ENGLISH = 1033


class Variant(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("value", ctypes.c_int64),
        ("more", ctypes.c_int64),
    ]


class Bound(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ulong), ("first", ctypes.c_long)]


class Parameters(ctypes.Structure):
    _fields_ = [
        ("values", ctypes.POINTER(Variant)),
        ("names", ctypes.c_void_p),
        ("count", ctypes.c_uint),
        ("named", ctypes.c_uint),
    ]


class Guid(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_byte * 16)]


@functools.cache
def automation():
    library = ctypes.WinDLL("oleaut32")
    pointer = ctypes.c_void_p
    library.SysAllocString.argtypes, library.SysAllocString.restype = [ctypes.c_wchar_p], pointer
    library.SysStringLen.argtypes = [pointer]
    library.SafeArrayCreate.argtypes = [ctypes.c_ushort, ctypes.c_uint, pointer]
    library.SafeArrayCreate.restype = pointer
    library.SafeArrayPutElement.argtypes = [pointer, pointer, pointer]
    library.SafeArrayGetDim.argtypes = [pointer]
    library.SafeArrayGetUBound.argtypes = [pointer, ctypes.c_uint, pointer]
    library.SafeArrayAccessData.argtypes = [pointer, pointer]
    library.SafeArrayUnaccessData.argtypes = [pointer]
    library.VariantClear.argtypes = [pointer]
    return library


def to_variant(cell):
    """Make the VARIANT of a cell; a tuple is an array of one dimension, a list of rows of two."""
    if cell is None:
        return Variant(EMPTY)
    if isinstance(cell, bool):
        return Variant(LOGICAL, value=-int(cell) & 0xFFFF)
    if isinstance(cell, int):
        return Variant(LONG, value=cell & 0xFFFFFFFF)
    if isinstance(cell, float):
        return Variant(DOUBLE, value=struct.unpack("<q", struct.pack("<d", cell))[0])
    if isinstance(cell, str):
        return Variant(TEXT, value=automation().SysAllocString(cell))
    if isinstance(cell, dict):
        return Variant(ERROR, value=cell["code"] & 0xFFFFFFFF)
    if isinstance(cell, Server):
        cell.method(ADD_REF, ctypes.c_ulong)()
        return Variant(OBJECT, value=cell.pointer)
    return to_array(cell)


def to_array(cells):
    rows = isinstance(cells, list)
    lengths = (len(cells), len(cells[0])) if rows else (len(cells),)
    bounds = (Bound * len(lengths))(*[Bound(length, 0) for length in lengths])
    array = automation().SafeArrayCreate(12, len(lengths), bounds)
    for at in itertools.product(*map(range, lengths)):
        cell = to_variant(cells[at[0]][at[1]] if rows else cells[at[0]])
        place = (ctypes.c_long * len(at))(*at)
        assert not automation().SafeArrayPutElement(array, place, ctypes.byref(cell))
        automation().VariantClear(ctypes.byref(cell))
    return Variant(VARIANTS, value=array)


def from_variant(variant):
    """Read a VARIANT; an array of one dimension as a tuple, of two as a list of rows."""
    if variant.kind in (EMPTY, NULL):
        return None
    if variant.kind == DOUBLE:
        return struct.unpack("<d", struct.pack("<q", variant.value))[0]
    if variant.kind == TEXT:
        return ctypes.wstring_at(variant.value, automation().SysStringLen(variant.value))
    if variant.kind == LOGICAL:
        return bool(variant.value & 0xFFFF)
    if variant.kind == VARIANTS:
        return from_array(variant.value)
    return {"kind": variant.kind, "code": ctypes.c_long(variant.value & 0xFFFFFFFF).value}


def from_array(array):
    lengths = []
    for dimension in range(automation().SafeArrayGetDim(array)):
        last = ctypes.c_long()
        automation().SafeArrayGetUBound(array, dimension + 1, ctypes.byref(last))
        lengths.append(last.value + 1)
    data = ctypes.POINTER(Variant)()
    automation().SafeArrayAccessData(array, ctypes.byref(data))
    cells = [from_variant(data[k]) for k in range(functools.reduce(int.__mul__, lengths))]
    automation().SafeArrayUnaccessData(array)
    if len(lengths) == 1:
        return tuple(cells)
    rows, columns = lengths
    return [[cells[i + j * rows] for j in range(columns)] for i in range(rows)]


class Failed(Exception):  # noqa: N818
    """A call ended with this HRESULT."""


class Server:
    """An IDispatch, held until it is released."""

    def __init__(self, pointer):
        self.pointer = pointer

    def method(self, place, result, *arguments):
        table = ctypes.cast(self.pointer, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
        made = ctypes.WINFUNCTYPE(result, ctypes.c_void_p, *arguments)(table[place])
        return functools.partial(made, self.pointer)

    def release(self):
        self.method(RELEASE, ctypes.c_ulong)()

    def member(self, name):
        """Give the id of a member, or raise with the HRESULT."""
        found = ctypes.c_long()
        pointer = ctypes.c_void_p
        ask = self.method(IDS_OF_NAMES, ctypes.c_long, pointer, pointer, ctypes.c_uint, ctypes.c_ulong, pointer)  # fmt: skip
        names = (ctypes.c_wchar_p * 1)(name)
        _check(ask(ctypes.byref(Guid()), names, 1, ENGLISH, ctypes.byref(found)))
        return found.value

    def call(self, member, *arguments):
        """Call a member with values, as VBA does; raise with the HRESULT."""
        values = (Variant * max(len(arguments), 1))(*map(to_variant, reversed(arguments)))
        result, problem = Variant(), (ctypes.c_byte * 64)()
        pointer = ctypes.c_void_p
        invoke = self.method(INVOKE, ctypes.c_long, ctypes.c_long, pointer, ctypes.c_ulong, ctypes.c_ushort, pointer, pointer, pointer, pointer)  # fmt: skip
        given = Parameters(values, None, len(arguments), 0)
        places = ctypes.byref(given), ctypes.byref(result), ctypes.byref(problem), None
        _check(
            invoke(self.member(member), ctypes.byref(Guid()), ENGLISH, METHOD_OR_PROPERTY, *places)
        )
        answer = from_variant(result)
        for variant in (*values, result):
            automation().VariantClear(ctypes.byref(variant))
        return answer


def _check(status):
    if status < 0:
        raise Failed(status)
