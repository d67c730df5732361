"""The UNO component: LibreOffice loads this file and calls our functions through it.

It runs in LibreOffice's own Python; the folders of our packages arrive in an environment variable.
"""

import os
import struct
import sys
from pathlib import Path

import uno  # noqa: F401  LibreOffice's import hook for UNO types
import unohelper

for _folder in reversed(os.environ["HPCVAL_PYTHONPATH"].split(os.pathsep)):
    if _folder not in sys.path:
        sys.path.insert(0, _folder)

from com.sun.star.lang import XServiceInfo
from org.hpcvaluation import XFunctions

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.calc.names import SERVICE, method_of
from valuation_core.catalogue.catalogue import catalogue
from workbook.cells import ErrorValue

ERROR_NUMBERS = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}

_facts = os.environ.get("HPCVAL_BOOK")
DESK = Desk(_facts or None, BookStore(Path(os.environ["HPCVAL_CACHE"])))


def to_cells(value):
    """Bring a UNO argument to the neutral form: None is an omission, '' in a range a blank."""
    if value is None:
        return OMITTED
    if isinstance(value, tuple):
        return [[None if cell == "" or cell is None else cell for cell in row] for row in value]
    return value


def to_uno(value):
    """Bring a result to rows of numbers and text; an error is a NaN that carries its number."""
    rows = value if isinstance(value, list) else [[value]]
    return tuple(tuple(_to_uno_cell(cell) for cell in row) for row in rows)


def _to_uno_cell(cell):
    if isinstance(cell, ErrorValue):
        bits = 0x7FF8_0000_0000_0000 | ERROR_NUMBERS[cell.code]
        return struct.unpack("<d", struct.pack("<Q", bits))[0]
    return float(cell) if isinstance(cell, bool) else cell


def _method(card):
    """Make the UNO method of a function; a repeating argument arrives as one sequence."""
    repeats = bool(card.arguments) and card.arguments[-1].repeats

    def method(_, *arguments):
        if repeats:
            arguments = (*arguments[:-1], *arguments[-1])
        cells = [to_cells(argument) for argument in arguments]
        while cells and cells[-1] is OMITTED:
            cells.pop()
        return to_uno(call(DESK, card.name, cells))

    return method


class _Service:
    """What UNO asks of every component."""

    def getImplementationName(self):
        return SERVICE

    def supportsService(self, name):
        return name == SERVICE

    def getSupportedServiceNames(self):
        return (SERVICE,)


def _constructor(self, context=None):
    self.context = context


Functions = type(
    "Functions",
    (unohelper.Base, XFunctions, XServiceInfo, _Service),
    {"__init__": _constructor}
    | {method_of(card.name): _method(card) for card in catalogue().values()},
)

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, SERVICE, (SERVICE,))
