"""A workbook as Excel hands it over: an object model of COM, as much of it as our buttons use.

Runs in Windows Python, in the place of Excel: the server reaches these objects from its own process
through the real xlwings and pywin32. Values come from openpyxl; nothing is computed.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, time

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

AUTOMATIC, MANUAL = -4105, -4135
NOT_AVAILABLE = -2146826246
ERRORS = {"#N/A": NOT_AVAILABLE}


class Object:
    """An object of Excel; members are given to COM by name."""

    _public_methods_ = ()
    _public_attrs_ = ()

    def given(self):
        from win32com.server.util import wrap

        return wrap(self)


class Collection(Object):
    """Objects by name, by number from 1, one after the other."""

    _public_attrs_ = ("Count", "Parent")

    def __init__(self, book, found):
        self.book, self.found = book, found

    Parent = property(lambda self: self.book.given())

    @property
    def Count(self):
        return len(self.found)

    def _value_(self, key):
        at = int(key) - 1 if isinstance(key, int | float) else list(self.found).index(key)
        return list(self.found.values())[at].given()

    def _NewEnum(self):
        from win32com.server.util import NewEnum

        return NewEnum([one.given() for one in self.found.values()])


class Application(Object):
    _public_attrs_ = ("Calculation", "CalculationState", "ScreenUpdating", "Hwnd", "Selection")
    CalculationState = 0

    def __init__(self, book):
        self.book = book
        self.Calculation, self.ScreenUpdating = AUTOMATIC, True
        self.selected = None

    @property
    def Hwnd(self):
        import win32gui

        return win32gui.GetDesktopWindow()

    @property
    def Selection(self):
        sheet, address = self.selected
        return Cells(self.book.sheets[sheet], address).given()


class Workbook(Object):
    _public_attrs_ = (
        "Name",
        "FullName",
        "Path",
        "Application",
        "Worksheets",
        "Names",
        "ActiveSheet",
        "Date1904",
        "PrecisionAsDisplayed",
    )
    _public_methods_ = ("SaveCopyAs",)
    Date1904 = PrecisionAsDisplayed = False

    def __init__(self, path, folder):
        self.file, self.Name = path, "model.xlsx"
        self.Path, self.FullName = folder, f"{folder}\\model.xlsx"
        shown, entered = load_workbook(path, data_only=True), load_workbook(path)
        self.app = Application(self)
        self.sheets = {
            sheet.title: Worksheet(self, sheet, entered[sheet.title], number)
            for number, sheet in enumerate(shown.worksheets, start=1)
        }
        self.named = {
            name: Name(name, one.attr_text) for name, one in entered.defined_names.items()
        }
        self.written = []

    Application = property(lambda self: self.app.given())
    Worksheets = property(lambda self: Collection(self, self.sheets).given())
    Names = property(lambda self: Collection(self, self.named).given())
    ActiveSheet = property(lambda self: next(iter(self.sheets.values())).given())

    def SaveCopyAs(self, place):
        shutil.copy(self.file, place)


class Name(Object):
    _public_attrs_ = ("Name", "RefersTo")

    def __init__(self, name, refers_to):
        self.Name, self.RefersTo = name, f"={refers_to}"


class Worksheet(Object):
    _public_attrs_ = (
        "Name", "Index", "UsedRange", "Parent", "Application", "Cells", "Names", "ListObjects",
    )  # fmt: skip
    _public_methods_ = ("Range",)

    def __init__(self, book, shown, entered, number):
        self.book, self.shown, self.entered = book, shown, entered
        self.Name, self.Index = shown.title, number
        self.named = {
            name: Name(f"{shown.title}!{name}", one.attr_text)
            for name, one in entered.defined_names.items()
        }

    Parent = property(lambda self: self.book.given())
    Application = property(lambda self: self.book.app.given())
    Names = property(lambda self: Collection(self.book, self.named).given())
    ListObjects = property(lambda self: Collection(self.book, {}).given())

    def Range(self, address):
        return Cells(self, address).given()

    @property
    def UsedRange(self):
        last = f"{get_column_letter(self.shown.max_column)}{self.shown.max_row}"
        return Cells(self, f"A1:{last}").given()

    Cells = UsedRange


class Size(Object):
    _public_attrs_ = ("Count",)

    def __init__(self, count):
        self.Count = count


class Cells(Object):
    """A range of one sheet."""

    _public_attrs_ = (
        "Value", "Value2", "Formula", "NumberFormat", "Row", "Column", "Rows", "Columns", "Worksheet", "Address",
        "Count", "HasSpill", "SpillParent", "SpillingToRange",
    )  # fmt: skip
    _public_methods_ = ("ClearContents",)

    def __init__(self, sheet, address):
        self.sheet, self.Address = sheet, address
        found = sheet.shown[address]
        self.cells = found if isinstance(found, tuple) else ((found,),)
        self.first = self.cells[0][0]

    Count = property(lambda self: len(self.cells) * len(self.cells[0]))
    Row = property(lambda self: self.first.row)
    Column = property(lambda self: self.first.column)
    Rows = property(lambda self: Size(len(self.cells)).given())
    Columns = property(lambda self: Size(len(self.cells[0])).given())
    Worksheet = property(lambda self: self.sheet.given())

    @property
    def HasSpill(self):
        """Of the cell that holds the formula; the cells it fills are not asked for here."""
        return isinstance(self.sheet.entered[self.Address].value, ArrayFormula)

    SpillParent = property(lambda self: self.given())

    @property
    def SpillingToRange(self):
        return Cells(self.sheet, self.sheet.entered[self.Address].value.ref).given()

    @property
    def Value(self):
        rows = [[_as_excel(cell.value) for cell in row] for row in self.cells]
        return rows if ":" in self.Address else rows[0][0]

    @property
    def Value2(self):
        rows = [
            [
                # A text that looks like an error is none.
                cell.value if cell.data_type == "s" else _as_stored(_as_excel(cell.value))
                for cell in row
            ]
            for row in self.cells
        ]
        return rows if ":" in self.Address else rows[0][0]

    @Value.setter
    def Value(self, value):
        book = self.sheet.book
        assert book.app.Calculation == MANUAL, "written while Excel calculates"
        formulas = self.Formula
        if not isinstance(value, list | tuple):
            value = [[value]]
        if not isinstance(formulas, list):
            formulas = [[formulas]]
        for cells, values, entered in zip(self.cells, value, formulas, strict=True):
            for cell, one, formula in zip(cells, values, entered, strict=True):
                put = None if one == "" else one
                if isinstance(put, str) and put != formula:
                    assert put.startswith("'"), f"{put} could become a formula, a date or a number"
                    put = put[1:] or None
                if put != cell.value:
                    book.written.append([self.sheet.Name, cell.coordinate, put])
                cell.value = put
                if isinstance(put, str) and put != formula:
                    cell.data_type = "s"
                if one != formula:
                    self.sheet.entered[cell.coordinate].value = put

    @property
    def Formula(self):
        entered = self.sheet.entered[self.Address]
        rows = entered if isinstance(entered, tuple) else ((entered,),)
        rows = [[_as_entered(cell.value) for cell in row] for row in rows]
        return rows if ":" in self.Address else rows[0][0]

    def ClearContents(self):
        for row in self.cells:
            for cell in row:
                cell.value = None

    @property
    def NumberFormat(self):
        formats = {cell.number_format for row in self.cells for cell in row}
        return formats.pop() if len(formats) == 1 else None

    @NumberFormat.setter
    def NumberFormat(self, value):
        for row in self.cells:
            for cell in row:
                cell.number_format = value


def _as_excel(value):
    """Give a value as Excel's Value does: numbers as doubles, dates as dates, errors by number."""
    if isinstance(value, time):  # openpyxl's reading of 0 in a cell that looks like a date
        return datetime(1899, 12, 30, value.hour, value.minute, value.second, tzinfo=UTC)
    if isinstance(value, datetime | bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    return ERRORS.get(value, value)


def _as_stored(value):
    """Give a value as Excel's Value2 does: dates as numbers."""
    if isinstance(value, datetime):
        return float(to_excel(value.replace(tzinfo=None)))
    return value


def _as_entered(value):
    formula = getattr(value, "text", value)
    return "" if formula is None else str(formula)
