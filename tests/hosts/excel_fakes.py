"""An open workbook on autospecs of the installed xlwings: a renamed method or property fails.

Each sheet is a dictionary of cells; what Excel does to a value that is entered is done here.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import create_autospec

import xlwings
from openpyxl.utils.cell import absolute_coordinate
from xlwings.main import Name, Names, Sheets, Table

from addin.excel.com import NUMBER_OF_ERROR
from workbook.cells import ErrorValue, letters, place_of
from workbook.opc.stored import within


def _name(name, refers_to):
    one = create_autospec(Name, instance=True, spec_set=True)
    one.name, one.refers_to = name, refers_to
    return one


class OpenBook:
    """A workbook as `book`, an autospec; `cells` holds what its sheets show by sheet and address."""

    def __init__(self, stored):
        self.cells = {
            sheet: {
                address: cell.value.code if isinstance(cell.value, ErrorValue) else cell.value
                for address, cell in found.items()
            }
            for sheet, found in stored.items()
        }
        self.formulas = {
            sheet: {address: cell.formula for address, cell in found.items() if cell.formula}
            for sheet, found in stored.items()
        }
        self.areas = {
            sheet: [cell.area for cell in found.values() if cell.area and ":" in cell.area]
            for sheet, found in stored.items()
        }
        self.formats, self.marks = {}, {}
        self.tables, self.totals = {}, set()
        """Area of a table of Excel by sheet, and sheets whose table has a row of totals."""
        self.calculations = []
        self.fail_after = None
        self.writes = 0
        self.app = create_autospec(xlwings.App, instance=True, spec_set=True)
        self.app.calculation, self.app.screen_updating = "semiautomatic", True
        self.app.api.CalculationState = 0
        self.protected, self.undeletable = set(), False
        self.spoils = {}
        """What a cell makes of an entry, by sheet and address."""
        self.breaks_at = None
        """The cell at which a write ends once, after those before it."""
        self.grows = False
        """Whether a table grows over what is written below it, as Excel's own option has it."""
        self.book = create_autospec(xlwings.Book, instance=True, spec_set=True)
        self.book.name, self.book.app = "model.xlsx", self.app
        self.book.api.Date1904 = self.book.api.PrecisionAsDisplayed = False
        self.sheets = {name: self._sheet(name) for name in self.cells}
        self.book.sheets = create_autospec(Sheets, instance=True, spec_set=True)
        self.book.sheets.__iter__.side_effect = lambda: iter(self.sheets.values())
        self.book.sheets.__getitem__.side_effect = lambda name: self.sheets[name]
        self.book.sheets.add.side_effect = self._add
        self.book.sheets.active = next(iter(self.sheets.values()))

    def mark(self, sheet, of_model):
        """Say by a hidden name what a sheet was attached as, and its name in the model."""
        self.marks[sheet] = [_name(f"'{sheet}'!_hpcval_sheet", f'="{sheet}/{of_model}"')]

    def name(self, **refers_to):
        made = [_name(name, text) for name, text in refers_to.items()]
        names = create_autospec(Names, instance=True, spec_set=True)
        names.__iter__.side_effect = lambda: iter(made)
        self.book.names = names

    def save_as(self, path, content):
        """Give the workbook a place on the disk, and what a copy of it holds."""
        api = self.book.api
        api.FullName, api.Path = str(path), str(path.parent)
        api.SaveCopyAs.side_effect = lambda place: Path(place).write_bytes(content) and None

    def select(self, sheet, address):
        self.book.selection = self._range(sheet, address)

    def _add(self, name=None, before=None, after=None):
        assert after is list(self.sheets.values())[-1]
        self.cells[name], self.formulas[name] = {}, {}
        self.sheets[name] = self._sheet(name)
        return self.sheets[name]

    def _sheet(self, name):
        sheet = create_autospec(xlwings.Sheet, instance=True, spec_set=True)
        sheet.name = name
        sheet.names = create_autospec(Names, instance=True, spec_set=True)
        sheet.names.__iter__.side_effect = lambda: iter(self.marks.get(name, ()))
        sheet.range.side_effect = lambda address: self._range(name, address)
        type(sheet).tables = property(lambda _: self._tables(name))
        sheet.delete.side_effect = lambda: self._delete(name)
        type(sheet).used_range = property(lambda _: self._used(name))
        return sheet

    def _tables(self, name):
        if name not in self.tables:
            return []
        table = create_autospec(Table, instance=True, spec_set=True)
        table.name, table.show_totals = name, name in self.totals
        table.range.address = absolute_coordinate(self.tables[name])
        table.resize.side_effect = lambda area: self.tables.update({name: area.address})
        return [table]

    def _delete(self, name):
        if self.undeletable:
            raise RuntimeError("the workbook is protected")
        del self.sheets[name], self.cells[name]

    def _used(self, name):
        places = [place_of(at) for at, value in self.cells[name].items() if value is not None]
        rows, columns = zip(*(places or [(1, 1)]), strict=True)
        return Block(self, name, f"A1:{letters(max(columns))}{max(rows)}")

    def _range(self, name, address):
        if ":" in address:
            return Block(self, name, address.replace("$", ""))
        return OneCell(self, name, address)

    def _formula(self, name, address):
        formula = self.formulas[name].get(address)
        value = self.cells[name].get(address)
        return f"={formula}" if formula else "" if value is None else str(value)

    def _enter(self, name, values):
        """Do what Excel does: an apostrophe makes text, other text is read as a person's entry."""
        assert self.app.calculation == "manual", "written while Excel calculates"
        if name in self.protected:
            raise RuntimeError("the sheet is protected")
        self.writes += 1
        if self.fail_after is not None and self.writes > self.fail_after:
            self.fail_after = None
            raise RuntimeError("Excel is busy")
        for address, value in values.items():
            if (name, address) == self.breaks_at:
                self.breaks_at = None
                raise RuntimeError("Excel is busy")
            value = None if value in ("", "'") else value
            if isinstance(value, str) and self._formula(name, address) != value:
                assert value.startswith("'"), f"{value} could become a formula, a date or a number"
                value = Text(value[1:])
            if isinstance(value, float | int) and self.formats.get((name, address)) == "@":
                value = str(value)
            if value is not None:
                value = self.spoils.get((name, address), value)
                self._grow(name, address)
            self.cells[name][address] = value

    def _grow(self, name, address):
        if self.grows and name in self.tables:
            begin, _, end = self.tables[name].replace("$", "").partition(":")
            bottom, right = place_of(end)
            row, column = place_of(address)
            if row == bottom + 1 and column <= right:
                self.tables[name] = f"{begin}:{letters(right)}{row}"


class OneCell:
    """A range of one cell. An autospec of each would take long; `agrees` compares it with xlwings."""

    def __init__(self, opened, sheet, address):
        self._opened, self._at = opened, (sheet, address)
        self._row, self._column = place_of(address)

    row = property(lambda self: self._row)
    column = property(lambda self: self._column)
    sheet = property(lambda self: self._opened.sheets[self._at[0]])
    formula = property(lambda self: self._opened._formula(*self._at))

    @property
    def value(self):
        sheet, address = self._at
        return self._opened.cells[sheet].get(address)

    @value.setter
    def value(self, value):
        sheet, address = self._at
        self._opened._enter(sheet, {address: value[0][0] if isinstance(value, list) else value})

    @property
    def number_format(self):
        return self._opened.formats.get(self._at, "#,##0")

    @number_format.setter
    def number_format(self, value):
        self._opened.formats[self._at] = value

    @property
    def api(self):
        """The cell as COM has it, of an Excel with dynamic arrays."""
        sheet, address = self._at
        areas = self._opened.areas.get(sheet, [])
        area = next((area for area in areas if any(within([area], {address: None}))), None)
        spilling = SimpleNamespace(Address=area and absolute_coordinate(area))
        parent = SimpleNamespace(SpillingToRange=spilling)
        return SimpleNamespace(
            HasSpill=area is not None,
            HasArray=False,
            SpillParent=parent,
            Value2=_stored(self.value),
        )

    def options(self, convert=None, **options):
        return self


class Block:
    """A range of cells, which is read and written as a whole."""

    def __init__(self, opened, sheet, address):
        self._opened, self._sheet, self._address = opened, sheet, address
        (top, left), (bottom, right) = map(place_of, address.split(":"))
        self._row, self._column = top, left
        self._cells = [
            [OneCell(opened, sheet, f"{letters(column)}{row}") for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]

    row = property(lambda self: self._row)
    column = property(lambda self: self._column)
    address = property(lambda self: self._address)
    sheet = property(lambda self: self._opened.sheets[self._sheet])
    formula = property(lambda self: [[cell.formula for cell in row] for row in self._cells])

    @property
    def api(self):
        """The cells as COM has them: errors by number, dates as numbers."""
        cells = self._opened.cells[self._sheet]
        return SimpleNamespace(
            Value2=tuple(
                tuple(_stored(cells.get(cell._at[1])) for cell in row) for row in self._cells
            )
        )

    def __iter__(self):
        return (cell for row in self._cells for cell in row)

    @property
    def value(self):
        return [[cell.value for cell in row] for row in self._cells]

    @value.setter
    def value(self, value):
        lines = zip(self._cells, value, strict=True)
        pairs = (pair for row, values in lines for pair in zip(row, values, strict=True))
        self._opened._enter(self._sheet, {cell._at[1]: one for cell, one in pairs})

    @property
    def number_format(self):
        found = {cell.number_format for cell in self}
        return found.pop() if len(found) == 1 else None

    @number_format.setter
    def number_format(self, value):
        for cell in self:
            cell.number_format = value

    def options(self, convert=None, **options):
        return self


class Text(str):
    """What was entered as a text, also where it looks like an error."""

    __slots__ = ()


def _stored(value):
    return NUMBER_OF_ERROR.get(value, value) if type(value) is str else value


def agrees(fake, real):
    """Whether everything a fake offers is there in the real class, with the same arguments."""
    for name in [name for name in vars(fake) if not name.startswith("_")]:
        there = inspect.getattr_static(real, name)
        ours = vars(fake)[name]
        if isinstance(ours, property):
            assert isinstance(there, property), name
            assert ours.fset is None or there.fset is not None, name
        else:
            mine, theirs = (list(inspect.signature(one).parameters) for one in (ours, there))
            assert mine == theirs, name
    return True


assert agrees(OneCell, xlwings.Range)
assert agrees(Block, xlwings.Range)
