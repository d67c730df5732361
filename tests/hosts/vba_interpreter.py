"""The shim in pyOpenVBA, an interpreter of VBA with Excel's objects, and a server of ours behind it.

Replaced are the two functions of libraries, which only Windows has: the library that loads Python, and
Windows' own that loads the library.
"""

from __future__ import annotations

import re

from pyopenvba.apps.excel import Application, ExcelApplication
from pyopenvba.interpreter import (
    EMPTY,
    MISSING,
    NOTHING,
    VBAArray,
    VBAErrorValue,
    VBAInt,
    VBAObject,
    member,
    method,
    setter,
)
from pyopenvba.interpreter import VBARuntimeError as VbaError

from addin.boundary.cells import OMITTED
from addin.excel.addin_file.shim import connection_modules, shim_modules
from addin.excel.com import COM_ERRORS, NUMBER_OF_ERROR
from valuation_core import __version__
from workbook.cells import ErrorValue, letters

HIGH_WORD = -2146828288
"""0x800A0000: COM carries CVErr(2042) as this and 2042."""

_DECLARED = r"(?m)^ *Private Declare (?:[^\n]* _\r\n)*[^\n]*\n"

PLACE = """Option Explicit
Public Function HpcHome() As String
    HpcHome = "C:\\hpc-valuation\\"
End Function

Public Function HpcPython() As String
    HpcPython = "{python}"
End Function
"""
"""In place of the rule: the interpreter of VBA reads no environment and no file."""

LIBRARIES = """Option Explicit
Private server As Object

Public Sub UseServer(ByVal given As Object)
    Set server = given
End Sub

Public Function LoadLibrary(ByVal path As String) As Long
    LoadLibrary = 1
End Function

Public Function Activate(ByRef result As Variant, ByVal connection As String, ByVal mode As Long) As Long
    Activate = -1
    If server.Starts() Then
        Set result = server
        Activate = 0
    End If
End Function
"""


class Server(VBAObject):
    """What the library hands to VBA: an object of ours, such as HpcServer.

    `fails` says how many calls end as they do when the process is gone.
    """

    def __init__(self, answers, fails=0, there=True):
        self.answers, self.fails, self.there = answers, fails, there
        self.started, self.asked = 0, []

    @method
    def Starts(self):
        self.started += self.there
        return self.there

    @method
    def Version(self):
        return self.answers.Version()

    @method
    def Call(self, name, arguments):
        if self.fails:
            self.fails -= 1
            raise VbaError(462, "The remote server machine does not exist or is unavailable")
        self.asked.append((name, to_com(arguments)))
        return from_com(self.answers.Call(*self.asked[-1]))

    @method
    def Command(self, name, workbook):
        return self.answers.Command(name, workbook)


class Fixed:
    """A server that answers every call alike."""

    def __init__(self, answer=1845.0, version=__version__):
        self.answer, self.version = answer, version

    def Call(self, name, arguments):
        return self.answer

    def Command(self, name, workbook):
        return f"{name} done"

    def Version(self):
        return self.version


class _Control(VBAObject):
    """A tool bar, and what is on it."""

    enabled = True

    @member
    def Controls(self, Index):
        return self

    @member
    def Enabled(self):
        return self.enabled


class Choice(VBAObject):
    """A function of the menu, with its formula."""

    def __init__(self, tag):
        self.tag = tag

    @member
    def Tag(self):
        return self.tag


class Drawable(VBAObject):
    """A chart, a range or a shape; the first two can be copied as pictures."""

    def __init__(self, kind, areas=1, fails=False):
        self.vba_type_name, self.areas, self.fails = kind, areas, fails
        self.copied = []

    @member
    def Areas(self):
        return self

    @member
    def Count(self):
        return self.areas

    @method
    def CopyPicture(self, Appearance, Format):
        if self.fails:
            raise VbaError(1004, "CopyPicture failed")
        self.copied.append((int(Appearance), int(Format)))


class _Excel(Application):
    """Excel with the members that the shim uses and the interpreter leaves out."""

    vba_type_name = "Application"
    cursor = -4143
    cancel_key = 1
    """What Esc does: 0 nothing, 1 breaks the code off, 2 is an error that the code handles."""
    chart = NOTHING
    selected = None

    @member
    def ActiveChart(self):
        return self.chart

    @member
    def Selection(self):
        return self.selected or self.active_book.active_sheet.selection

    @member
    def CommandBars(self, Index):
        return self.bar

    @member
    def Cursor(self):
        return self.cursor

    @setter("Cursor")
    def set_cursor(self, value):
        self.cursor = value

    @member
    def EnableCancelKey(self):
        return self.cancel_key

    @setter("EnableCancelKey")
    def set_cancel_key(self, value):
        self.cancel_key = value

    @method
    def CalculateFull(self):
        """Compute nothing: no cell calls a function here."""

    @method
    def MacroOptions(self, Macro, Description, Category, ArgumentDescriptions=MISSING):
        helps = [] if ArgumentDescriptions is MISSING else ArgumentDescriptions.elements()
        self.texts[Macro] = Description, Category, helps


FAR_CORNER = "CZ2000"


class Desk:
    """Excel with the shim, and one empty sheet to type into."""

    def __init__(self, server, python="attach"):
        self.app = ExcelApplication()
        self.app.add_workbook()
        self.app.application.__class__ = _Excel
        self.bar = self.app.application.bar = _Control()
        self.texts = self.app.application.texts = {}
        self.server = server
        for module in [*connection_modules(), *shim_modules()]:
            text = re.sub(_DECLARED, "", module.text)
            if module.name == "HpcPlace":
                text = PLACE.replace("{python}", python)
            self.app.add_module(text, name=module.name)
        self.app.add_module(LIBRARIES, name="Libraries")
        self.app.run("UseServer", server)
        # The interpreter cuts a range off where the sheet was never typed into; Excel does not.
        self.app.sheet(1).set_value(FAR_CORNER, 0.0)

    def shows(self, formula):
        """Give what a function answers: an error as the code under which Excel shows it."""
        return shown(self.app.evaluate(formula))

    def call(self, function, cells):
        """Type cells into the sheet, each argument in columns of its own, and call with them."""
        arguments, column = [], 1
        for cell in cells:
            rows = cell if isinstance(cell, list) else [[cell]]
            width = len(rows[0])
            if cell is OMITTED:
                arguments.append("")
                continue
            for row, values in enumerate(rows, start=1):
                for offset, value in enumerate(values):
                    self._type(f"{letters(column + offset)}{row}", value)
            last = f"{letters(column + width - 1)}{len(rows)}"
            arguments.append(f'Range("{letters(column)}1:{last}")')
            column += width
        return self.shows(f"{function}({','.join(arguments).rstrip(',')})")

    def _type(self, address, value):
        if isinstance(value, ErrorValue):
            value = VBAErrorValue(NUMBER_OF_ERROR[value.code] & 0xFFFF)
        self.app.sheet(1).set_value(address, EMPTY if value is None else value)


def to_com(value):
    """Hand a value of VBA over as COM does."""
    if isinstance(value, VBAArray):
        if value.dimensions == 1:
            return tuple(to_com(item) for item in value.items)
        rows, columns = (range(low, high + 1) for low, high in value.bounds)
        return tuple(tuple(to_com(value.get([row, column])) for column in columns) for row in rows)
    if isinstance(value, VBAErrorValue):
        return HIGH_WORD + value.number
    if isinstance(value, VBAInt):
        return float(value)
    return None if value is EMPTY else value


def from_com(value):
    """Give VBA what COM carries: rows as an array of two dimensions that begin at 0."""
    if not isinstance(value, list):
        return value
    by_column = [cell for column in zip(*value, strict=True) for cell in column]
    return VBAArray([(0, len(value) - 1), (0, len(value[0]) - 1)], items=by_column)


def shown(value):
    """Give what a cell shows; a text that looks like an error is told apart."""
    if isinstance(value, list):
        return [[shown(cell) for cell in row] for row in value]
    if isinstance(value, VBAErrorValue):
        return COM_ERRORS[HIGH_WORD + value.number]
    return f"text {value}" if value in NUMBER_OF_ERROR else value
