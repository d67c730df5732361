"""What the workbook's tests share: cells found by their text, copies with something changed."""

from __future__ import annotations

from functools import cache

import openpyxl
from lxml import etree

from addin.calc.comparable import not_comparable
from addin.calc.recalculate import agree, compare
from valuation_core import with_own_facts
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, letters
from workbook.formulas.dependents import Dependents
from workbook.formulas.words import words_of
from workbook.model.build import plan_model
from workbook.model.excel import Term
from workbook.model.excel_values import number
from workbook.model.sheets.facts.book_tables import plan_book_tables
from workbook.model.sheets.facts.control_cells import source_of
from workbook.model.sheets.facts.deal_keys import add_deal_columns
from workbook.model.sheets.facts.input_cells import AS_OF, COLUMN, basis_of
from workbook.model.sheets.facts.inputs import plan_inputs
from workbook.model.sheets.facts.keys import plan_keys
from workbook.model.sheets.facts.miner_keys import plan_miners
from workbook.model.sheets.facts.newest_rows import add_newest_columns
from workbook.model.sheets.front.football_chart import CASES
from workbook.opc.package import open_package, read_parts, sheet_parts, write_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag

OWN = "E"
"""Column of Inputs in which an analyst states a value of their own."""

FIVE = ("RIOT", "IREN", "CLSK", "CIFR", "MARA")


def change(source, target, edit):
    """Copy a workbook with one sheet's XML edited: edit(sheet name, root) says whether it changed."""
    parts = read_parts(source)
    for name, part in sheet_parts(parts).items():
        root = etree.fromstring(parts[part])
        if edit(name, root):
            parts[part] = etree.tostring(root)
    write_parts(target, parts)
    return target


def cell_of(root, address):
    return next(cell for cell in root.iter(tag("c")) if cell.get("r") == address)


def find(cells, sheet, text, offset=0):
    """Give the address right of the cell that holds a text."""
    address = next(a for a, cell in cells[sheet].items() if cell.value == text)
    column, row = openpyxl.utils.cell.coordinate_from_string(address)
    index = openpyxl.utils.column_index_from_string(column) + 1 + offset
    return f"{openpyxl.utils.get_column_letter(index)}{row}"


def figure(cells, sheet, label, ticker):
    """Give a figure of a sheet of lines by its label and miner."""
    heads = {
        cell.value: a[:-1] for a, cell in cells[sheet].items() if a[-1:] == "4" and len(a) == 2
    }
    row = find(cells, sheet, label)[1:]
    return cells[sheet][f"{heads[ticker]}{row}"].value


def inputs_of(book, tickers):
    """Plan Inputs beside the tables of the book that it reads."""
    sheets, tables = plan_book_tables(book)
    read = {name: table.cells for name, table in tables.items()}
    keys_sheet, keys = plan_keys(tables, Term(AS_OF.there, book.as_of))
    add_newest_columns(keys)
    planned = plan_inputs(book, tickers, read, keys, tickers[0])
    add_deal_columns(keys["deals"], keys["sites"], plan_miners(planned[1], tickers))
    return *planned, [*sheets, keys_sheet]


def input_row(cells, scope, metric):
    scopes = {a[1:]: cell.value for a, cell in cells["Inputs"].items() if a[0] == "A"}
    metrics = {a[1:]: cell.value for a, cell in cells["Inputs"].items() if a[0] == "B"}
    return next(row for row in scopes if (scopes[row], metrics.get(row)) == (scope, metric))


def with_inputs(model, target, facts):
    """Copy the model with own values stated; None withdraws the fact in the table of the book."""
    stored = read_cells(read_parts(model))
    values = {"Inputs": {}, "Facts": {}, "Control": {}, "Pipeline": {}}
    for scope, metric, value in facts:
        row = input_row(stored, scope, metric)
        if value is None:
            newest = int(stored["Inputs"][f"{letters(COLUMN['row in the book'])}{row}"].value)
            values["Facts"][f"C{newest}"] = None
        else:
            # What Inputs takes from Control or Pipeline is typed there.
            taken = source_of(stored["Inputs"][f"{OWN}{row}"].formula)
            sheet, address = taken or ("Inputs", f"{OWN}{row}")
            values[sheet][address] = value
    return with_cells(model, target, values)


def with_cells(model, target, values):
    """Copy the model with cells of some sheets set to a number or text, or emptied."""

    def edit(name, root):
        for address, value in values.get(name, {}).items():
            cell = cell_of(root, address)
            for old in list(cell):
                cell.remove(old)
            cell.attrib.pop("t", None)
            if isinstance(value, str):
                cell.set("t", "str")
                etree.SubElement(cell, tag("v")).text = value
            elif value is not None:
                etree.SubElement(cell, tag("v")).text = repr(float(number(value)))
        return name in values

    return change(model, target, edit)


def compared(path, cells):
    """Compare a workbook with its cells of LibreOffice, but for what that cannot judge."""
    with open_package(path) as package:
        stored = read_cells(package)
        dependents = cache(lambda: Dependents(stored, words_of(package)))
        unjudged = not_comparable(package, stored, cells, dependents)
        return compare(stored, cells, unjudged, dependents)


SWITCHED = "IF(WhatIf!$C$13,"
"""A corner of a data table, which gives nothing where data tables compute nothing."""


def of_a_data_table(sheet):
    """Give the rows that show what a data table gives, which LibreOffice leaves empty."""
    return {
        row
        for (row, column), cell in sheet.cells.items()
        if cell.table
        or (cell.formula or "").startswith(SWITCHED)
        or (sheet.name, column, cell.value) == ("Summary", 1, CASES)
    }


def check_against_core(cells, book, own, tickers=FIVE):
    """All checks TRUE, and in every formula cell what the core gives on the same facts.

    The model planned anew on those facts holds the core's figures in the same places.
    """
    assert cells["Checks"]["B4"].value is True
    # A value typed on Inputs is on the MW basis of its row.
    changed = with_own_facts(book, [(*row, basis_of(book, row[:2])) for row in own])
    assert cells["Inputs"]["C5"].value == changed.handle
    compared = 0
    for sheet in plan_model(coverage(changed, tickers)).sheets:
        # Inputs and Sources name where a fact comes from: an own one has another source. The
        # examples of Functions are chosen anew.
        # LibreOffice leaves the data tables of What-if empty.
        if sheet.name in ("Inputs", "Sources", "Functions", "WhatIf"):
            continue
        left_empty = of_a_data_table(sheet)
        for (row, column), cell in sheet.cells.items():
            # Spilled tables keep the size of the file in LibreOffice; their sums are checked.
            if cell.formula is None or cell.style == "function_left":
                continue
            if cell.formula.startswith("WhatIf!"):
                continue
            if row in left_empty:
                continue
            address = f"{letters(column)}{row}"
            expected = cell.value
            if isinstance(expected, ErrorValue):
                expected = ErrorValue(expected.code)
            elif not isinstance(expected, str | bool | None):
                expected = number(expected)
            found = cells[sheet.name][address].value
            assert agree(expected, found), (sheet.name, address, cell.formula, expected, found)
            compared += 1
    assert compared > 3000
