"""The book inside the workbook: each of its tables as an Excel table, which HPC_BOOK reads.

Functions of the workbook read these cells and nothing else, so the figures are the same under an
add-in whose own book differs. The header is the first row, so that the number of a wrong row is its
number on the sheet. A row typed below belongs to the table: what reads it reads spare rows too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from valuation_core.book import OWN, Book
from valuation_core.book.schema import TABLES, Column
from valuation_core.book.tables import Row, without
from workbook.cells import Ref, stated
from workbook.model.plan import ExcelTable, Sheet
from workbook.model.sheets.facts.keys import BookTable
from workbook.model.shown import Shown
from workbook.opc.web_links import link_to
from workbook.style import DATE, PLAIN

SHEETS: Final = {
    "inputs": ("Facts", "Facts"),
    "deals": ("Deals", "AllDeals"),
    "instruments": ("Instruments", "AllInstruments"),
    "sites": ("Sites", "AllSites"),
    "editions": ("Editions", "Editions"),
    "cases": ("Cases", "Cases"),
    "miners": ("Miners", "Miners"),
    "market": ("Series", "Series"),
}
"""Table of the book: name of the Excel table, and of its sheet."""

SPARE_ROWS: Final = dict.fromkeys(SHEETS, 100) | {"inputs": 300, "market": 200}
"""Rows below each table that are read too, for what is typed or brought there.

Two months of 2025 brought 80 facts and 51 figures of the series, and a dozen rows elsewhere.
"""

_OWNED: Final = ("inputs", "sites")
"""Tables in which own facts stand as rows."""

_WIDTHS: Final = {
    "source": 44.0,
    "note": 60.0,
    "name": 26.0,
    "site": 26.0,
    "instrument": 34.0,
    "aliases": 34.0,
}
_WIDTH: Final = 13.0
_LONG: Final = ("deal_id", "instrument_id", "metric", "counterparty", "location", "series")
_WIDTH_OF_LONG: Final = 26.0


def plan_book_tables(
    book: Book, shown: Shown | None = None
) -> tuple[list[Sheet], dict[str, BookTable]]:
    """Plan one sheet a table: every row visible on the date, of all miners.

    Gives the sheets and the tables with their cells, spare ones too, which HPC_BOOK reads. Own
    facts are left out: they stand on Inputs. A workbook in use holds rows that are known later too,
    some of them in cells that were spare when it was built.
    """
    tables = shown.tables if shown and shown.tables else book.tables
    sheets: list[Sheet] = []
    read: dict[str, BookTable] = {}
    for name, (title, sheet_name) in SHEETS.items():
        table = tables[name]
        rows = list((without(table, OWN) if name in _OWNED else table).rows())
        count = shown.rows_built.get(name, len(rows)) if shown else len(rows)
        built = tuple(shown.laid_out.tables[name].rows()) if shown and shown.laid_out else None
        sheet, cells = _plan(sheet_name, title, TABLES[name].columns, rows)
        sheets.append(sheet)
        read_down_to = replace(cells, last_row=last_row_read(name, count))
        read[name] = BookTable(name, read_down_to, tuple(rows), built)
    return sheets, read


def _plan(
    name: str, title: str, columns: tuple[Column, ...], rows: Sequence[Row]
) -> tuple[Sheet, Ref]:
    sheet = Sheet(name, [_width(column) for column in columns], freeze="A2", repeat_rows=(1, 1))
    for place, column in enumerate(columns, start=1):
        sheet.put(1, place, column.name, "heading_left")
    for line, row in enumerate(rows, start=2):
        for place, column in enumerate(columns, start=1):
            _put(sheet, line, place, column, row)
    # A table of Excel has a row below its header, be it a blank one.
    last = max(len(rows), 1) + 1
    cells = Ref(name, 1, 1, last, len(columns))
    sheet.tables.append(ExcelTable(title, cells))
    return sheet, cells


def last_row_read(table: str, rows: int) -> int:
    """Give the last row that is read of a table of the book that is built with so many rows.

    Examples
    --------
    >>> last_row_read("deals", 40)
    141
    """
    return max(rows, 1) + 1 + SPARE_ROWS[table]


def rows_for(table: str, last: int) -> int:
    """Give for how many rows a table was built whose last row that is read is given.

    None where fewer are read than are spare, as in the workbook of another version.

    Examples
    --------
    >>> rows_for("deals", last_row_read("deals", 40)), rows_for("inputs", 150)
    (40, 0)
    """
    return max(last - SPARE_ROWS[table] - 1, 0)


def _put(sheet: Sheet, line: int, place: int, column: Column, row: Row) -> None:
    value = stated(row[column.name])
    if value is None:
        return
    is_source = column.name == "source"
    style = "source" if is_source else "note" if column.name == "note" else "table_cell"
    number_format = DATE if column.kind == "date" else PLAIN
    link = link_to(value) if is_source else None
    sheet.put(line, place, value, style, number_format, link=link)


def _width(column: Column) -> float:
    if column.name in _LONG:
        return _WIDTH_OF_LONG
    return _WIDTHS.get(column.name, _WIDTH)
