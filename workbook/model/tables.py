"""Tables of the book laid out as rows of a sheet: headings, records, links to the sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from valuation_core.book.tables import Row
from workbook.cells import Ref, Value
from workbook.model.addresses import row_absolute
from workbook.model.plan import Highlight, Sheet
from workbook.opc.web_links import link_to
from workbook.style import LOOKS, PLAIN

LOWEST: Final = 13.5
"""Points of a row of a table; it is made higher where a wrapped text needs more lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a sheet that shows a column of a table."""

    name: str
    heading: str
    width: float
    style: str = "label"
    number_format: str = PLAIN


SOURCE_WIDTH: Final = 50
"""Least width of a source; it takes as many columns as that needs."""


def widths(fields: Sequence[Field]) -> tuple[float, ...]:
    """Give the column widths of fields side by side."""
    return tuple(field.width for field in fields)


def put_headings(sheet: Sheet, row: int, fields: Sequence[Field], column: int = 1) -> None:
    """Plan the headings, on the side on which their column is aligned."""
    for offset, field in enumerate(fields):
        style = "heading_left" if LOOKS[field.style].align == "left" else "heading"
        sheet.put(row, column + offset, field.heading, style)


def put_record(
    sheet: Sheet, row: int, fields: Sequence[Field], record: Row, column: int = 1
) -> dict[str, Ref]:
    """Plan one row of a table, as high as its notes need, and say where each field landed."""
    placed: dict[str, Ref] = {}
    for offset, field in enumerate(fields):
        value: Value = record[field.name]
        value = None if value == "" else value
        link = link_to(value) if field.style == "source" else None
        placed[field.name] = sheet.put(
            row, column + offset, value, field.style, field.number_format, link=link
        )
    sheet.heights[row] = max(sheet.heights.get(row, LOWEST), LOWEST)
    return placed


def put_sources(
    sheet: Sheet, row: int, fields: Sequence[Field], records: Sequence[Row], keys: Sequence[str]
) -> Ref:
    """Plan where each row of a table comes from: its two keys, confidence, source, note.

    Stands below the table and uses its columns. Gives the confidence of the first row.
    """
    sheet.put(row, 1, "Sources and notes", "section")
    last = len(fields)
    split = 4
    while sum(field.width for field in fields[3:split]) < SOURCE_WIDTH:
        split += 1
    headings: list[Value] = [*(_heading(fields, key) for key in keys), "Confidence", "Source"]
    headings += [None] * (split - len(headings)) + ["Note"]
    sheet.put_row(row + 1, 1, headings + [None] * (last - len(headings)), "heading_left")
    for line, record in enumerate(records, start=row + 2):
        for column, key in enumerate(keys, start=1):
            field = next(field for field in fields if field.name == key)
            number_format = field.number_format
            sheet.put(line, column, record[key], "label", number_format)
        sheet.put(line, 3, record["confidence"], "unit")
        source, note = record["source"], record["note"] or None
        sheet.put(line, 4, source, "source", link=link_to(source))
        sheet.put(line, split + 1, note, "note_ruled")
        for column in (*range(5, split + 1), *range(split + 2, last + 1)):
            sheet.put(line, column, None, "label")
        sheet.merges.append(Ref(sheet.name, line, 4, line, split))
        sheet.merges.append(Ref(sheet.name, line, split + 1, line, last))
        sheet.heights[line] = LOWEST
    return Ref(sheet.name, row + 2, 3, row + 2, 3)


def _heading(fields: Sequence[Field], name: str) -> str:
    return next(field.heading for field in fields if field.name == name)


def mark_low(sheet: Sheet, table: Ref, confidence: Ref, also: str = "") -> None:
    """Colour the rows of a table amber where their confidence, row for row, is low."""
    low = f'{row_absolute(confidence)}="low"'
    sheet.highlights.append(Highlight(table, f"OR({low},{also})" if also else low, "amber"))
