"""Sheets of lines: one line a figure, one column a miner, the same columns on every sheet.

Column A says what the line is, B its unit, C whether its checks agree; then come the miners, and
behind them how the line is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from workbook.cells import Ref, Value
from workbook.model.excel import IF, ISERROR, Span, Term, joined_text, text
from workbook.model.excel_values import is_same
from workbook.model.plan import Sheet

LABEL, UNIT, CHECK, FIRST_COLUMN = 1, 2, 3, 4
HEADER_ROW: Final = 4
WIDTHS: Final = (43, 17, 7)
COLUMN_WIDTH: Final = 12
NOTE_WIDTH: Final = 60
SECTION_HEIGHT: Final = 18
CHARACTERS_A_LINE: Final = 14
"""Of small print in a column of miners."""

Make = Callable[[str], Term]
"""Makes the cell of a column, such as a ticker."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A native figure and the same through a function; `gate` is what an error of it excuses."""

    label: str
    key: str
    native: Ref
    function: Ref
    gate: Ref


@dataclass(frozen=True, slots=True)
class Through:
    """A line through a function, compared with the native line `of`, here or of `native`, if any.

    An error of the function agrees with an error of the line `gate`, `of` itself by default.
    """

    key: str
    label: str
    unit: str
    number_format: str
    core: Mapping[str, Value]
    of: str | None
    gate: str | None = None
    note: str = ""
    native: Lines | None = None


class Lines:
    """Plans a sheet line by line and knows where each figure landed."""

    def __init__(
        self, name: str, title: str, subtitle: str, columns: Sequence[str], head: str = "Miner"
    ) -> None:
        self.columns = tuple(columns)
        widths = (*WIDTHS, *[COLUMN_WIDTH] * len(columns), NOTE_WIDTH)
        self.sheet = Sheet(
            name,
            widths,
            freeze=f"D{HEADER_ROW + 1}",
            repeat_rows=(HEADER_ROW, HEADER_ROW),
        )
        self.sheet.put(1, 1, title, "title")
        self.sheet.put(2, 1, subtitle, "subtitle")
        self.sheet.put_row(HEADER_ROW, LABEL, (head, "unit"), "heading_left")
        self.sheet.put(HEADER_ROW, CHECK, "check", "heading_center")
        self.header = self.sheet.put_row(HEADER_ROW, FIRST_COLUMN, self.columns, "heading")
        self.sheet.put(HEADER_ROW, self.note_column, "how it is made", "heading_left")
        self.row = HEADER_ROW + 1
        self.cells: dict[str, dict[str, Ref]] = {}
        self.rows: dict[str, int] = {}
        self.pairs: list[Pair] = []

    @property
    def name(self) -> str:
        """Name of the sheet."""
        return self.sheet.name

    @property
    def note_column(self) -> int:
        """Column of the words behind a line."""
        return FIRST_COLUMN + len(self.columns)

    def section(self, title: str) -> None:
        """Start a section."""
        self.row += self.row > HEADER_ROW + 1
        for column in range(LABEL, self.note_column + 1):
            self.sheet.put(self.row, column, title if column == LABEL else None, "section")
        self.sheet.heights[self.row] = SECTION_HEIGHT
        self.row += 1

    def line(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        make: Make,
        *,
        style: str = "calculation",
        core: Mapping[str, Value] | None = None,
        note: str = "",
    ) -> None:
        """Plan a line; `core` has the figures to store where they are those of the cells."""
        self._label(key, label, unit, note)
        for offset, column in enumerate(self.columns):
            term = make(column)
            value = term.value
            if core is not None and is_same(value, core[column]):
                value = core[column]
            ref = self.sheet.put(
                self.row, FIRST_COLUMN + offset, value, style, number_format, term.text
            )
            self.cells[key][column] = ref
        self.row += 1

    def stated(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        values: Callable[[str], Value],
        *,
        style: str = "fact",
        note: str = "",
    ) -> None:
        """Plan a line of values that no formula makes."""
        self._label(key, label, unit, note)
        for offset, column in enumerate(self.columns):
            self.cells[key][column] = self.sheet.put(
                self.row, FIRST_COLUMN + offset, values(column), style, number_format
            )
        self.row += 1

    def function(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        call: str,
        core: Mapping[str, Value],
        *,
        of: str | None,
        gate: str | None = None,
        note: str = "",
    ) -> None:
        """Plan a line through a function: one call, which spills over all columns."""
        self.functions(call, [Through(key, label, unit, number_format, core, of, gate, note)])

    def functions(self, call: str, lines: Sequence[Through]) -> None:
        """Plan lines through a function: one call, which spills over them and all columns."""
        self._spill(call, lines, self.columns)
        self._compare(lines)

    def functions_by_column(self, call: Callable[[str], str], lines: Sequence[Through]) -> None:
        """Plan lines through a function of one column: a call for each, which spills down."""
        for column in self.columns:
            self._spill(call(column), lines, (column,))
        self._compare(lines)

    def argument(self, of: str, label: str, unit: str, number_format: str) -> str:
        """Plan a line as a function takes it, and give its address.

        LibreOffice calls no function with a range that holds an error: a text stands for it.
        """
        key = f"{of} as argument"
        self.line(
            key,
            label,
            unit,
            number_format,
            lambda column: IF(ISERROR(self.at(of, column)), text("-"), self.at(of, column)),
            note='"-" in place of an error, which would fail the call for all',
        )
        return self.across(key).here

    def _spill(self, call: str, lines: Sequence[Through], columns: Sequence[str]) -> None:
        left = FIRST_COLUMN + self.columns.index(columns[0])
        values = [[line.core[column] for column in columns] for line in lines]
        self.sheet.put_spill(self.row, left, values, call)
        for i, line in enumerate(lines):
            for column in range(left, left + len(columns)):
                self.sheet.restyle(self.row + i, column, "function", line.number_format)

    def _compare(self, lines: Sequence[Through]) -> None:
        """Label lines that were spilled, and pair each cell with its native one."""
        for line in lines:
            self._label(line.key, line.label, line.unit, line.note)
            source = line.native or self
            for offset, column in enumerate(self.columns):
                at = FIRST_COLUMN + offset
                made = self.cells[line.key][column] = Ref(self.name, self.row, at, self.row, at)
                if line.of is not None:
                    native = source.cells[line.of][column]
                    gate = source.cells[line.gate or line.of][column]
                    self.pairs.append(Pair(f"{column}: {line.label}", line.of, native, made, gate))
            self.row += 1

    def _label(self, key: str, label: str, unit: str, note: str) -> None:
        if key in self.cells:
            raise ValueError(f"{self.name}: line {key} is planned twice")
        self.sheet.put(self.row, LABEL, label, "label")
        self.sheet.put(self.row, UNIT, unit, "unit")
        self.sheet.put(self.row, CHECK, None, "label")
        self.sheet.put(self.row, self.note_column, note or None, "note_line")
        self.cells[key] = {}
        self.rows[key] = self.row

    def mark_check(self, key: str, formula: str, holds: bool) -> None:
        """Show in a line whether all its comparisons agree."""
        row = self.rows[key]
        del self.sheet.cells[row, CHECK]
        self.sheet.put(row, CHECK, holds, "check_small", formula=formula)

    def value(self, key: str, column: str) -> Value:
        """Give the stored value of a cell."""
        ref = self.cells[key][column]
        return self.sheet.cells[ref.row, ref.column].value

    def at(self, key: str, column: str) -> Term:
        """Give a cell as a term of a formula on this sheet."""
        return Term(self.cells[key][column].here, self.value(key, column))

    def there(self, key: str, column: str) -> Term:
        """Give a cell as a term of a formula on another sheet."""
        return Term(self.cells[key][column].there, self.value(key, column))

    @property
    def heads(self) -> str:
        """The address of all headings, whose row stays when copied: an argument of a line."""
        first, last = (self.head(column) for column in (self.columns[0], self.columns[-1]))
        return first if first == last else f"{first}:{last}"

    def notes_of_next(self, count: int) -> str:
        """Give the address of the notes of the next lines, as an argument that differs by line."""
        return self._rows_of_next(self.note_column, count).here

    def units_of_next(self, count: int) -> str:
        """Give the address of the units of the next lines; it stays when copied across."""
        return self._rows_of_next(UNIT, count).fixed

    def _rows_of_next(self, column: int, count: int) -> Ref:
        return Ref(self.name, self.row, column, self.row + count - 1, column)

    def head(self, column: str) -> str:
        """Give the address of a column's heading, whose row stays when copied."""
        at = FIRST_COLUMN + self.columns.index(column)
        letters = Ref(self.name, HEADER_ROW, at, HEADER_ROW, at).here
        return f"{letters.rstrip('0123456789')}${HEADER_ROW}"

    def title(self, column: str) -> Term:
        """Give a column's heading as a term of a formula on this sheet."""
        at = FIRST_COLUMN + self.columns.index(column)
        return Term(self.head(column), self.sheet.cells[HEADER_ROW, at].value)

    def head_by(self, column: str, term: Term) -> None:
        """Let a formula make the heading of a column."""
        at = HEADER_ROW, FIRST_COLUMN + self.columns.index(column)
        cell = self.sheet.cells[at]
        self.sheet.cells[at] = replace(cell, value=term.value, formula=term.text)

    def span(self, first: str, last: str, column: str) -> Span:
        """Give the cells of one column from a line to another, for a formula on this sheet."""
        found, values = self._range(first, last, column)
        return Span(found.here, values)

    def span_there(self, first: str, last: str, column: str) -> Span:
        """Give the cells of one column from a line to another, for a formula elsewhere."""
        found, values = self._range(first, last, column)
        return Span(found.there, values)

    def _range(self, first: str, last: str, column: str) -> tuple[Ref, tuple[Value, ...]]:
        start, end = self.cells[first][column], self.cells[last][column]
        rows = range(start.row, end.row + 1)
        return start.to(end), tuple(self.sheet.cells[row, start.column].value for row in rows)

    def name_missing(
        self,
        keys: Sequence[str],
        others: Callable[[str], Sequence[Term]] = lambda _: (),
        called: Mapping[str, str] | None = None,
    ) -> None:
        """Plan a line that names the facts among some lines that are missing or not valid.

        Parameters
        ----------
        keys : sequence of str
            Lines of this sheet.
        others : callable
            Texts to join, by column, such as what another sheet misses.
        called : mapping of str to str, optional
            Names of lines that are not called as their fact.
        """
        names = {key: (called or {}).get(key, key) for key in keys}

        def make(column: str) -> Term:
            own = [
                IF(ISERROR(self.at(key, column)), text(f"{name} "), text(""))
                for key, name in names.items()
            ]
            return joined_text([*own, *others(column)])

        self.line(
            "missing",
            "Missing",
            "",
            "General",
            make,
            style="missing",
            note="facts that are missing or not valid: what needs them is #N/A",
        )
        longest = max(len(str(self.value("missing", column))) for column in self.columns)
        self.sheet.heights[self.row - 1] = max(13.5, 11.0 * ceil(longest / CHARACTERS_A_LINE))

    def across(self, key: str) -> Ref:
        """Give the cells of a line over all columns."""
        return self.block(key, key)

    def block(self, first: str, last: str) -> Ref:
        """Give the cells from a line to another over all columns."""
        return self.cells[first][self.columns[0]].to(self.cells[last][self.columns[-1]])


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The lines of one sheet as formulas on another sheet address them."""

    lines: Lines

    def at(self, key: str, column: str) -> Term:
        """Give a cell as a term."""
        return self.lines.there(key, column)

    def span(self, first: str, last: str, column: str) -> Span:
        """Give the cells of one column from a line to another."""
        return self.lines.span_there(first, last, column)
