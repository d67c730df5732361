"""Stand-ins for pywin32, so that the real xlwings.udfs runs where there is no Windows.

Only what importing `xlwings.udfs` and `xlwings.com_server` touches is here; conversion, calling and
wrapper generation are xlwings' own code.
"""

from __future__ import annotations

import importlib
import sys
import types
from contextlib import contextmanager
from unittest import mock

from addin.boundary.cells import OMITTED
from workbook.cells import ErrorValue

MISSING = -2147352572
"""DISP_E_PARAMNOTFOUND: how COM hands over an omitted argument."""

COM_CODES = {"#N/A": -2146826246, "#DIV/0!": -2146826281, "#REF!": -2146826265}
"""How COM hands over error cells."""


def as_com(cell):
    """Hand a cell over as COM does: tuples for ranges, numbers for errors and omissions."""
    if cell is OMITTED:
        return MISSING
    if isinstance(cell, list):
        return tuple(tuple(as_com(item) for item in row) for row in cell)
    return COM_CODES[cell.code] if isinstance(cell, ErrorValue) else cell


def shown_by_excel(value):
    """Give what cells show of a result as the shim receives it: marked text is an error."""
    if isinstance(value, list | tuple):
        return [[shown_by_excel(cell) for cell in row] for row in value]
    if isinstance(value, str) and value.startswith("\x01"):
        return value[1:]
    return f"text {value}" if value in COM_CODES else value


class _Anything(types.ModuleType):
    """A module whose every attribute is a harmless stand-in."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = mock.MagicMock(name=f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


def _module(name, **attributes):
    made = _Anything(name)
    made.__path__ = []
    vars(made).update(attributes)
    return made


class ComError(Exception):
    """pywintypes.com_error."""


class FakeRange:
    """The caller of a function; the engine side of xlwings asks for its address."""

    address = "$A$1"

    def __init__(self, xl=None):
        self.xl = xl
        self.api = xl


def _modules():
    windows = _module("xlwings._xlwindows", Range=FakeRange, is_range_instance=lambda _: False)
    types_of_com = {"IID_IDispatch": object, "IID_IEnumVARIANT": object}
    pythoncom = _module(
        "pythoncom", TypeIIDs={object: type(None)}, CoInitialize=lambda: None, **types_of_com
    )
    names = (
        "win32api",
        "win32event",
        "win32com",
        "win32com.client",
        "win32com.server",
        "win32com.server.dispatcher",
        "win32com.server.policy",
        "win32com.server.util",
    )
    modules = {name: _module(name) for name in names}
    modules["win32com.server.policy"].DesignatedWrapPolicy = object
    modules["win32com.server.dispatcher"].DefaultDebugDispatcher = object
    modules["pythoncom"] = pythoncom
    modules["pywintypes"] = _module("pywintypes", com_error=ComError)
    modules["xlwings._xlwindows"] = windows
    return modules


@contextmanager
def windows_xlwings():
    """Give xlwings with its real UDF decorators in place of the ones that do nothing."""
    import xlwings

    forget = ("xlwings.udfs", "xlwings.com_server", "addin.excel.functions", "addin.excel.bind")
    with mock.patch.dict(sys.modules, _modules()):
        for name in forget:
            sys.modules.pop(name, None)
        udfs = importlib.import_module("xlwings.udfs")
        with (
            mock.patch.object(
                xlwings, "_xlwindows", sys.modules["xlwings._xlwindows"], create=True
            ),
            mock.patch.multiple(xlwings, func=udfs.xlfunc, arg=udfs.xlarg, ret=udfs.xlret),
        ):
            engine = mock.MagicMock(name="excel")
            engine.name, engine.type = "excel", "desktop"
            known = xlwings.engines.engines_by_name
            with mock.patch.dict(known, {"excel": xlwings.Engine(impl=engine)}):
                yield udfs
        if "xlwings.com_server" in sys.modules:
            sys.modules["xlwings.com_server"].loop.close()
