"""Rows typed into the tables of the book: in a copy of a workbook, and in the book itself."""

from __future__ import annotations

import csv
import shutil
from datetime import date

from lxml import etree

from tests.places import SHIPPED
from tests.workbook.cases import change, with_cells
from valuation_core.book.reader import read_tables
from valuation_core.book.schema import TABLES
from workbook.cells import letters, serial_of
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.facts.input_cells import AS_OF, CASE
from workbook.opc.xml import tag


def row_like(book, table, **changes):
    """A row like the first one of a table, with some fields changed; None leaves one blank."""
    first = next(book.tables[table].rows())
    blank = dict.fromkeys(first) | {
        name: first[name] for name in ("source", "confidence", "counterparty") if name in first
    }
    return blank | changes


def typed(model, target, rows, day, case="plain"):
    """Copy a workbook with rows typed below its tables, by name of the table, a date and a case."""
    names = {SHEETS[table][1]: table for table in rows}

    def edit(name, root):
        if name in names:
            data = root.find(tag("sheetData"))
            for row in rows[names[name]]:
                data.append(_row(len(data) + 1, row))
        return name in names

    chosen = {AS_OF.sheet: {AS_OF.here: day, CASE.here: case}}
    return with_cells(change(model, target, edit), target, chosen)


def _row(number, row):
    made = etree.Element(tag("row"), r=str(number))
    for place, value in enumerate(row.values(), start=1):
        if value in (None, ""):
            continue
        cell = etree.SubElement(made, tag("c"), r=f"{letters(place)}{number}")
        if isinstance(value, str):
            cell.set("t", "str")
        shown = serial_of(value) if isinstance(value, date) else value
        etree.SubElement(cell, tag("v")).text = str(shown)
    return made


def tables_with(rows, folder):
    """Read the shipped tables with the same rows typed below them."""
    shutil.copytree(SHIPPED, folder)
    for table, added in rows.items():
        with (folder / f"{table}.csv").open("a", newline="", encoding="utf-8") as file:
            names = [column.name for column in TABLES[table].columns]
            csv.writer(file).writerows([[row[name] for name in names] for row in added])
    return read_tables(folder)
