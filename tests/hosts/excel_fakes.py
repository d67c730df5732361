"""An open workbook on autospecs of the installed xlwings: a renamed method or property fails.

Each sheet is a dictionary of cells; what Excel does to a value that is entered is done here.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import create_autospec

import xlwings
from xlwings.main import Name, Names, Sheets

from workbook.cells import ErrorValue, letters, place_of
from workbook.opc.stored import within


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
        self.formats = {}
        self.calculations = []
        self.fail_after = None
        self.writes = 0
        self.app = create_autospec(xlwings.App, instance=True, spec_set=True)
        self.app.calculation, self.app.screen_updating = "semiautomatic", True
        self.app.api.CalculationState = 0
        self.protected, self.undeletable = set(), False
        self.spills = {
            (sheet, address): cell.area
            for sheet, found in stored.items()
            for cell in found.values()
            if cell.area and ":" in cell.area
            for address in within([cell.area], found)
        }
        self.book = create_autospec(xlwings.Book, instance=True, spec_set=True)
        self.book.name, self.book.app = "model.xlsx", self.app
        self.sheets = {name: self._sheet(name) for name in self.cells}
        self.book.sheets = create_autospec(Sheets, instance=True, spec_set=True)
        self.book.sheets.__iter__.side_effect = lambda: iter(self.sheets.values())
        self.book.sheets.__getitem__.side_effect = lambda name: self.sheets[name]
        self.book.sheets.add.side_effect = self._add
        self.book.sheets.active = next(iter(self.sheets.values()))

    def name(self, **refers_to):
        made = []
        for name, text in refers_to.items():
            one = create_autospec(Name, instance=True, spec_set=True)
            one.name, one.refers_to = name, text
            made.append(one)
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
        sheet.range.side_effect = lambda address: self._range(name, address)
        sheet.delete.side_effect = lambda: self._delete(name)
        sheet.clear_contents.side_effect = lambda: self.cells[name].clear()
        type(sheet).used_range = property(lambda _: self._used(name))
        return sheet

    def _delete(self, name):
        if self.undeletable:
            raise RuntimeError("the workbook is protected")
        del self.sheets[name], self.cells[name]

    def _used(self, name):
        places = [place_of(at) for at, value in self.cells[name].items() if value is not None]
        rows, columns = zip(*(places or [(1, 1)]), strict=True)
        last = max(rows), max(columns)
        used = create_autospec(xlwings.Range, instance=True, spec_set=True)
        used.row, used.column, used.shape = 1, 1, last
        used.value = [
            [self.cells[name].get(f"{letters(column)}{row}") for column in range(1, last[1] + 1)]
            for row in range(1, last[0] + 1)
        ]
        used.formula = [
            [self._formula(name, f"{letters(column)}{row}") for column in range(1, last[1] + 1)]
            for row in range(1, last[0] + 1)
        ]
        used.options.side_effect = lambda convert=None, **options: used
        return used

    def _range(self, name, address):
        return OneCell(self, name, address)

    def _formula(self, name, address):
        formula = self.formulas[name].get(address)
        value = self.cells[name].get(address)
        return f"={formula}" if formula else "" if value is None else str(value)

    def _enter(self, name, address, value):
        """Do what Excel does: an apostrophe makes text, other text is read as a person's entry."""
        assert self.app.calculation == "manual", "written while Excel calculates"
        if name in self.protected:
            raise RuntimeError("the sheet is protected")
        self.writes += 1
        if self.fail_after is not None and self.writes > self.fail_after:
            self.fail_after = None
            raise RuntimeError("Excel is busy")
        if isinstance(value, str):
            assert value.startswith("'"), f"{value} could become a formula, a date or a number"
            value = value[1:]
        self.cells[name][address] = value


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
    def api(self):
        """What Excel says of a spill; `spills` has the area by each cell of it."""
        area = self._opened.spills.get(self._at)
        first = SimpleNamespace(SpillingToRange=SimpleNamespace(Address=area))
        return SimpleNamespace(HasSpill=area is not None, SpillParent=first)

    @property
    def value(self):
        sheet, address = self._at
        return self._opened.cells[sheet].get(address)

    @value.setter
    def value(self, value):
        self._opened._enter(*self._at, value)

    @property
    def number_format(self):
        return self._opened.formats.get(self._at, "#,##0")

    @number_format.setter
    def number_format(self, value):
        self._opened.formats[self._at] = value

    def options(self, convert=None, **options):
        return self


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
