"""A table as text that goes into a note, a mail or another program: CSV, Markdown, HTML."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any, Final

from addin.boundary.call import NOTHING
from addin.boundary.digits import DATE, PERCENT, STATED
from addin.pages.blocks import Table
from addin.pages.sheets import tables_to_xlsx
from workbook.cells import ErrorValue

UNIT: Final = "measured in"
REASON: Final = "n/a because"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def with_units(table: Table) -> Table:
    """Give a table whose headings tell the units: where rows differ, a column does.

    Examples
    --------
    >>> with_units(Table("rank", "", [["ticker", "price"], ["RIOT", 16.74]])).rows[0]
    ['ticker', 'price, USD/share']
    >>> with_units(Table("t", "", [["", "plain"], ["target, USD", 12.4], ["upside", 0.1]])).rows[1]
    ['target, USD', 12.4, 'USD/share']
    """
    header, *lines = table.rows
    units = table.units()
    if header[0] == "":
        told = [
            next((one for cell, one in zip(line, of, strict=True) if isinstance(cell, float)), None)
            for line, of in zip(lines, units, strict=True)
        ]
        rows: list[list[Any]] = [[*header, UNIT]]
        rows += [[*line, unit or NOTHING] for line, unit in zip(lines, told, strict=True)]
        return Table(table.key, table.title, rows, table.note)
    names = []
    for column, name in enumerate(header):
        found = {
            units_of[column]
            for line, units_of in zip(lines, units, strict=True)
            if isinstance(line[column], float)
        } - {None, DATE, STATED}
        unit = found.pop() if len(found) == 1 else None
        is_told = unit is None or "USD" in name or "%" in name or unit in name
        names.append(name if is_told else f"{name}, {unit}")
    return Table(table.key, table.title, [names, *lines], table.note)


def to_csv(title: str, table: Table, remarks: Sequence[str]) -> bytes:
    """Give the table alone, every figure unrounded: a part of one as a fraction."""
    del title, remarks  # another program reads this
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    header, *lines = table.rows
    errors = [[cell.reason for cell in line if isinstance(cell, ErrorValue)] for line in lines]
    head = [_as_fraction(str(name)) or "item" for name in header]
    writer.writerow([*head, REASON] if any(errors) else head)
    for line, reasons in zip(lines, errors, strict=True):
        cells = [_bare(_as_fraction(cell) if isinstance(cell, str) else cell) for cell in line]
        writer.writerow([*cells, "; ".join(dict.fromkeys(reasons))] if any(errors) else cells)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()  # without the mark Excel takes it for ANSI


def _as_fraction(text: str) -> str:
    """Name what is a figure of 0.135 here, and 13.5% to a person.

    Examples
    --------
    >>> _as_fraction("residual, % of published"), _as_fraction("upside, percent")
    ('residual, fraction of published', 'upside, fraction')
    """
    if text == PERCENT:
        return "fraction"
    return text.replace(", % of ", ", fraction of ").replace(f", {PERCENT}", ", fraction")


def _bare(cell: Any) -> Any:
    """Give a cell of a CSV file: a text that Excel would run as a formula stays text."""
    if isinstance(cell, ErrorValue):
        return cell.code
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return "" if cell == NOTHING else f"'{cell}" if cell.startswith(_FORMULA) else cell
    return cell


def to_markdown(title: str, table: Table, remarks: Sequence[str]) -> bytes:
    """Give a table for a text file or a wiki, the remarks below it."""
    head, *lines = [[_in_markdown(text) for text in line] for line in table.texts()]
    marks = ["---:" if table.is_number(column) else ":---" for column in range(len(head))]
    rows = [f"| {' | '.join(line)} |" for line in (head, marks, *lines)]
    said = [line for remark in remarks for line in ("", _in_markdown(remark))]
    return "\n".join([f"**{_in_markdown(title)}**", "", *rows, *said, ""]).encode()


def _in_markdown(text: str) -> str:
    for sign in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def to_html(title: str, table: Table, remarks: Sequence[str]) -> bytes:
    """Give a page with a table that keeps its looks when it is pasted into a mail."""
    head, *lines = table.texts()

    def row(texts: Sequence[str], tag: str) -> str:
        cells = "".join(
            f'<{tag} style="text-align:{"right" if table.is_number(column) else "left"};'
            f'padding:2px 8px;border-bottom:1px solid #C9CED8">{html.escape(text)}</{tag}>'
            for column, text in enumerate(texts)
        )
        return f"<tr>{cells}</tr>"

    body = "\n".join(row(line, "td") for line in lines)
    said = "\n".join(f'<p style="color:#6B7280">{html.escape(one)}</p>' for one in remarks)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title></head>\n"
        '<body style="font-family:Arial,sans-serif;font-size:10pt">\n'
        f'<table style="border-collapse:collapse"><caption style="text-align:left;'
        f'font-weight:bold">{html.escape(title)}</caption>\n'
        f"<thead>{row(head, 'th')}</thead>\n<tbody>\n{body}\n</tbody></table>\n{said}\n"
        "</body></html>\n"
    ).encode()


WRITERS: Final[Mapping[str, Callable[[str, Table, Sequence[str]], bytes]]] = {
    "csv": to_csv,
    "md": to_markdown,
    "html": to_html,
    "xlsx": tables_to_xlsx,
}
"""By the end of a file's name."""
