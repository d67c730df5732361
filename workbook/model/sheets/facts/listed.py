"""Lists that show the rows of a table in force on the date, one a line, and where they come from.

The row of the table that a line shows stands in its last column; lines to spare are blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workbook.cells import Ref, Value
from workbook.model.addresses import number_down, row_absolute
from workbook.model.excel import BLANK, IF, MIN, ZERO, Span, Term
from workbook.model.lines import Pair
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.keys import KeyColumns, count_where, picked, row_of
from workbook.model.tables import LOWEST, SOURCE_WIDTH, Field

SPARE_LINES: Final = 12
"""Lines beyond one for each thing of the table, for those typed or brought later.

Two months of 2025 brought five deals and four instruments.
"""

ROW: Final = "row"
"""Name of the last column, which has the row of the table."""


@dataclass(frozen=True)
class Listed:
    """A list on a sheet: its fields from column 1 on, in lines from `first` on."""

    sheet: Sheet
    keys: KeyColumns
    shown: str
    """Helper column with the number of the line that shows a row; 0 for none."""
    fields: Sequence[Field]
    first: int
    number: int

    @property
    def last(self) -> int:
        """Line of the last one."""
        return self.first + self.number - 1

    def column(self, name: str) -> int:
        """Give the number of the column of a field."""
        return next(place for place, one in enumerate(self.fields, start=1) if one.name == name)

    def ref(self, name: str, line: int, last: int | None = None) -> Ref:
        """Give the cell of a field in a line, or the cells down to another line."""
        column = self.column(name)
        return Ref(self.sheet.name, line, column, last or line, column)

    def at(self, name: str, line: int) -> Term:
        """Give a cell of the list as a term of its sheet."""
        ref = self.ref(name, line)
        return Term(row_absolute(ref), self.sheet.cells[ref.row, ref.column].value)

    def span(self, name: str) -> Span:
        """Give a column of the list as a range of its sheet."""
        ref = self.ref(name, self.first, self.last)
        lines = range(self.first, self.last + 1)
        return Span(ref.fixed, tuple(self.sheet.cells[line, ref.column].value for line in lines))

    def stated(self, name: str, line: int) -> Term:
        """Give a field of the row of the table that a line shows; blank where it has none."""
        row, column = self.at(ROW, line), self.keys.table.span(name)
        found = picked(column, row)
        return IF(row > ZERO, IF(found.equals(BLANK), BLANK, found), BLANK)

    def put(self, made: Sequence[str] = ()) -> None:
        """Plan the lines, without the columns that are `made` elsewhere."""
        shown = self.keys.span(self.shown)
        for line in range(self.first, self.last + 1):
            number = number_down(len(self.fields) + 1, self.first, line)
            self.put_cell(ROW, line, row_of(number, shown))
            for field in self.fields:
                if field.name in (ROW, *made):
                    continue
                term = self.stated(field.name, line)
                self.put_cell(field.name, line, term)
            self.sheet.heights[line] = LOWEST

    def put_cell(self, name: str, line: int, term: Term) -> Ref:
        """Plan a cell of the list."""
        column = self.column(name)
        field = self.fields[column - 1]
        return self.sheet.put(line, column, term.value, field.style, field.number_format, term.text)

    def put_count(self, row: int, what: str) -> Pair:
        """Plan in two rows how many rows are in force and how many have a line; give the pair."""
        every = count_where([(self.keys.span(self.shown), ">", ZERO)])
        room = Ref(self.sheet.name, self.first, 1, self.last, 1)
        pair: list[Ref] = []
        for line, label, term in (
            (row, f"{what} in force", every),
            (row + 1, "of them with a line above", None),
        ):
            if term is None:
                lines = Term(f"ROWS({room.fixed})", float(self.number))
                term = MIN(Term(pair[0].here, every.value), lines)
            self.sheet.put(line, 1, label, "label")
            self.sheet.put(line, 2, None, "label")
            pair.append(self.sheet.put(line, 3, term.value, "calculation", "0", term.text))
        label = f"{what} in force, each with a line"
        return Pair(label, label, pair[0], pair[1], pair[0])

    def put_sources(self, row: int, keys: Sequence[str]) -> Ref:
        """Plan where each line comes from: two fields that name it, confidence, source, note.

        Gives the confidence of the first line.
        """
        sheet, last, split = self.sheet, len(self.fields), 4
        while sum(field.width for field in self.fields[3:split]) < SOURCE_WIDTH:
            split += 1
        sheet.put(row, 1, "Sources and notes", "section")
        names = [self.fields[self.column(key) - 1].heading for key in keys]
        headings: list[Value] = [*names, "Confidence", "Source"]
        headings += [None] * (split - len(headings)) + ["Note"]
        sheet.put_row(row + 1, 1, headings + [None] * (last - len(headings)), "heading_left")
        shown = (
            *((place, key, "label") for place, key in enumerate(keys, start=1)),
            (3, "confidence", "unit"),
            (4, "source", "source"),
            (split + 1, "note", "note_ruled"),
        )
        for offset in range(self.number):
            line = row + 2 + offset
            for column, name, style in shown:
                made = self.stated(name, self.first + offset)
                sheet.put(line, column, made.value, style, formula=made.text)
            for column in (*range(5, split + 1), *range(split + 2, last + 1)):
                sheet.put(line, column, None, "label")
            sheet.merges.append(Ref(sheet.name, line, 4, line, split))
            sheet.merges.append(Ref(sheet.name, line, split + 1, line, last))
            sheet.heights[line] = LOWEST
        return Ref(sheet.name, row + 2, 3, row + 2, 3)
