"""Rows of the book's tables in a closed workbook: put below the others, and taken off again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from addin.closed.workbook import ClosedWorkbook
from valuation_core.book.schema import TABLES
from workbook.cells import letters
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.sheet_tables import add_links, last_row_of_table, remove_links, stretch_table
from workbook.opc.web_links import link_to
from workbook.refresh.decide import MARKER, Held, TableRow, by_table


def put_rows(workbook: ClosedWorkbook, rows: Sequence[TableRow], mark: str) -> None:
    """Write rows below their tables, looking as those above, with a mark beside each."""
    dated = None
    for table, new in by_table(rows):
        editor = workbook.editor(table.sheet)
        part = sheet_parts(workbook.package)[table.sheet]
        dated = dated or _style_of_dates(editor, table)
        heading = f"{letters(table.marker)}{table.header}"
        if heading not in editor.cells:
            editor.put(heading, MARKER, editor.style(f"{_first(table)}{table.header}"))
        styles = {
            f"{letters(column)}": _style_of(editor, table, name, dated)
            for name, column in table.columns.items()
        }
        links = {}
        for one in new:
            for address, value in one.cells.items():
                column = address.rstrip("0123456789")
                editor.put(address, value, styles[column])
                link = link_to(value)
                if link is not None:
                    links[address] = link
            editor.put(one.mark, mark, styles[_first(table)])
        add_links(workbook.package, part, editor.root, links)
        last = new[-1].line
        header = table.header, min(table.columns.values())
        ends = last_row_of_table(workbook.package, part, header)
        if ends is not None and ends < last:
            stretch_table(workbook.package, part, header, last)


def take_rows(workbook: ClosedWorkbook, rows: Sequence[TableRow]) -> None:
    """Take rows off their tables, which end again with the row above where they were the last."""
    for table, gone in by_table(rows):
        editor = workbook.editor(table.sheet)
        part = sheet_parts(workbook.package)[table.sheet]
        addresses = [
            f"{letters(column)}{one.line}" for one in gone for column in table.columns.values()
        ]
        for address in [*addresses, *(one.mark for one in gone)]:
            editor.remove(address)
        lines = {one.line for one in gone}
        if not table.marks.keys() - lines:
            editor.remove(f"{letters(table.marker)}{table.header}")
        remove_links(workbook.package, part, editor.root, addresses)
        header = table.header, min(table.columns.values())
        ends = last_row_of_table(workbook.package, part, header)
        kept = max((line for line in table.lines if line not in lines), default=table.header + 1)
        if ends is not None and ends in lines:
            stretch_table(workbook.package, part, header, kept)


def _first(table: Held) -> str:
    return letters(min(table.columns.values()))


def _style_of(editor: SheetEditor, table: Held, name: str, dated: str | None) -> str | None:
    """Give the format of the last cell of a column that has one, else one of the same kind."""
    column = letters(table.columns[name])
    for line in reversed(table.lines):
        if (style := editor.style(f"{column}{line}")) is not None:
            return style
    if _kinds(table)[name] == "date":
        return dated
    others = (editor.style(f"{_first(table)}{line}") for line in reversed(table.lines))
    return next((style for style in others if style is not None), None)


def _style_of_dates(editor: SheetEditor, table: Held) -> str | None:
    """Give the format of a cell of a table that holds a date."""
    for name, kind in _kinds(table).items():
        for line, row in zip(table.lines, table.rows, strict=True):
            if kind == "date" and name in table.columns and isinstance(row[name], date):
                return editor.style(f"{letters(table.columns[name])}{line}")
    return None


def _kinds(table: Held) -> Mapping[str, str]:
    return {column.name: column.kind for column in TABLES[table.name].columns}
