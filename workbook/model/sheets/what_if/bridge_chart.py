"""The waterfall of the sheet Bridge: the largest drivers of its table, and bars over them."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref, Value, letters
from workbook.model.excel import IF, ISERROR, Term
from workbook.model.excel_values import rounded
from workbook.model.lines import Pair
from workbook.model.plan import Chart, ChartSeries, Sheet
from workbook.style import NAVY, PER_SHARE, RED, TEAL

LARGEST: Final = 9
"""Drivers with a bar of their own; the others are one bar together."""
LEAST: Final = 0.005
"""USD per share below which a driver is shown among the others."""
BARS: Final = LARGEST + 5
"""The two targets, the others, the residual and the published target too."""
SMALLER: Final = "all smaller drivers"
BESIDE: Final = (5, 6, 7, 8)
"""Columns beside the table: size of the change, the change, targets passed, bars so far."""
HEADINGS: Final = (
    *("bar", "change, USD per share", "target so far, USD per share", "base"),
    *("rise", "rise below 0", "fall", "fall below 0", "target"),
)
NUMBER, LINE = 10, 11
"""Columns of the number of a bar, and of the line of the table that it is: 0 for none."""
SERIES: Final = (
    ("rise", TEAL, 5),
    ("rise", TEAL, 6),
    ("fall", RED, 7),
    ("fall", RED, 8),
    ("target", NAVY, 9),
)


class Waterfall:
    """Plans cells beside the table of drivers, the data of the chart, and the chart.

    Formulas and values are written side by side here: each has one line in Excel and one in Python.
    """

    def __init__(self, sheet: Sheet, table: Ref, row: int) -> None:
        self.sheet, self.table, self.row = sheet, table, row
        self.head = table.row - 1
        self.passed = Ref(sheet.name, table.row, BESIDE[2], table.row, BESIDE[2]).fixed

    def plan(self, place: Ref) -> list[Pair]:
        """Plan all, give what Checks compares; `row` is then the one behind."""
        self._beside()
        pairs = self._adds_up()
        self._bars(place)
        return pairs

    def _value(self, row: int, column: int) -> Value:
        cell = self.sheet.cells.get((row, column))
        return None if cell is None else cell.value

    def _put(self, row: int, column: int, value: Value, formula: str, style: str) -> Value:
        self.sheet.put(row, column, value, style, PER_SHARE, formula)
        return value

    def _column(self, column: int) -> str:
        return Ref(self.sheet.name, self.table.row, column, self.table.last_row, column).fixed

    def _rows(self) -> range:
        return range(self.table.row, self.table.last_row + 1)

    def _number(self, row: int, column: int) -> float | None:
        found = self._value(row, column)
        return found if isinstance(found, float) else None

    def _beside(self) -> None:
        """Say beside each driver how large it is, and which bar it is."""
        sheet = self.sheet
        titles = ("size", "change", "targets passed", "bars so far")
        for column, title in zip(BESIDE, titles, strict=True):
            sheet.put(self.head, column, title, "heading")
        size, change, passed, bars = (letters(column) for column in BESIDE)
        least, largest = self._limits()
        sizes = [abs(self._number(row, 2) or 0.0) for row in self._rows()]
        limit = max(LEAST, sorted(sizes, reverse=True)[LARGEST - 1])
        written = f"MAX({least},LARGE({self._column(BESIDE[0])},{largest}))"
        sheet.put(self.row, 1, "So the least change with a bar of its own", "label")
        at = sheet.put(self.row, BESIDE[0], limit, "calculation", "0.000", written)
        self.row += 1
        counts = [0.0, 0.0]
        for row, of_row in zip(self._rows(), sizes, strict=True):
            moved, so_far = self._number(row, 2), self._number(row, 3)
            is_total = moved is None and so_far is not None
            counts[0] += is_total
            counts[1] += is_total or of_row >= limit
            self._put(row, BESIDE[0], of_row, f"ABS({change}{row})", "calculation")
            own = f"IF(ISNUMBER(B{row}),B{row},0)"
            self._put(row, BESIDE[1], moved or 0.0, own, "calculation")
            total = f"IF(ISNUMBER(B{row}),0,IF(ISNUMBER(C{row}),1,0))"
            shown = f"IF({size}{row}>={at.fixed},1,{total})"
            # Above the first row stands a heading, of which N makes 0.
            written_in = f"N({passed}{row - 1})+{total}", f"N({bars}{row - 1})+{shown}"
            for column, count, text in zip(BESIDE[2:], counts, written_in, strict=True):
                sheet.put(row, column, count, "calculation", "0", text)

    def _limits(self) -> tuple[str, str]:
        """Plan what decides which drivers have a bar of their own."""
        found = []
        for label, value, looks in (
            ("Least change worth a bar, USD per share", LEAST, "0.000"),
            ("Drivers with a bar of their own, at most", float(LARGEST), "0"),
        ):
            self.sheet.put(self.row, 1, label, "label")
            cell = self.sheet.put(self.row, BESIDE[0], value, "fact", looks)
            found.append(cell.fixed)
            self.row += 1
        return found[0], found[1]

    def _adds_up(self) -> list[Pair]:
        """Plan that the first target and all changes make the second."""
        sheet, row = self.sheet, self.row
        change, passed = (self._column(column) for column in BESIDE[1:3])
        first = self._number(self.table.row, 3)
        rows = [line for line in self._rows() if self._value(line, BESIDE[2]) == 1.0]
        summed: Value = self._value(self.table.row, 3)
        if first is not None or summed is None:  # a blank cell counts as 0
            summed = (first or 0.0) + sum(self._number(line, 2) or 0.0 for line in rows)
        start = f"C{self.table.row}"
        sheet.put(row, 1, "First target and all changes", "label")
        written = f"{start}+SUMPRODUCT(({passed}={self.passed})*{change})"
        native = sheet.put(row, 3, summed, "total", PER_SHARE, written)
        end = next((line for line in self._rows() if self._value(line, BESIDE[2]) == 2.0), None)
        head = Term(f"A{self.head}", self._value(self.head, 1))
        found = Term(
            f"INDEX({self._column(3)},MATCH({self.passed}+1,{passed},0))",
            None if end is None else self._value(end, 3),
        )
        term = IF(ISERROR(head), head, found)
        sheet.put(row + 1, 1, "Second target, as the function gives it", "label")
        function = sheet.put(row + 1, 3, term.value, "function", PER_SHARE, term.text)
        self.end = function
        self.row = row + 2
        return [Pair("Bridge: the changes add up", "", native, function, function)]

    def _bars(self, place: Ref) -> None:
        """Plan the data of the chart: a row a bar."""
        sheet = self.sheet
        head = self.row + 2
        sheet.page_breaks.append(head - 1)
        for column in range(1, LINE + 1):
            sheet.put(head - 1, column, "Data of the waterfall" if column == 1 else None, "section")
        for column, heading in enumerate(HEADINGS, start=1):
            sheet.put(head, column, heading, "heading_left" if column == 1 else "heading")
        sheet.put(head, NUMBER, "number", "heading")
        sheet.put(head, LINE, "line of the table", "heading")
        passed, bars = (self._column(column) for column in BESIDE[2:])
        middle = f"INDEX({bars},MATCH({self.passed}+1,{passed},0))"
        end = next((line for line in self._rows() if self._value(line, BESIDE[2]) == 2.0), None)
        self.at = (end and self._number(end, BESIDE[3])) or 0.0
        sheet.put(self.row, 1, "Bar in whose place the smaller drivers stand", "label")
        sheet.put(self.row, 3, self.at, "calculation", "0", f"IFERROR({middle},0)")
        self.place = f"C${self.row}"
        first = head + 1
        for number in range(1, BARS + 1):
            self._bar(first + number - 1, number)
        last = first + BARS - 1

        def cells(column: int) -> Ref:
            return Ref(sheet.name, first, column, last, column)

        base = ChartSeries("base", cells(4), None, "0.00")
        others = (ChartSeries(title, cells(at), color, "0.00") for title, color, at in SERIES)
        sheet.charts.append(
            Chart(
                "Bridge of the target of the chosen miner",
                "USD per share; green rises, red falls",
                "0",
                cells(1),
                (base, *others),
                place,
                "stacked",
                horizontal=True,
                legend=False,
            )
        )
        self.row = last + 1

    def _bar(self, row: int, number: int) -> None:
        """Plan the cells of one bar; blank where there are fewer."""
        label, moved, so_far, line = self._found(number)
        k, previous = f"{letters(NUMBER)}{row}", f"N(C{row - 1})"
        count = f"N({letters(NUMBER)}{row - 1})+1"
        self.sheet.put(row, NUMBER, float(number), "calculation", "0", count)
        searched = f"MATCH(IF({k}<{self.place},{k},{k}-1),{self._column(BESIDE[3])},0)"
        of = f'IF({self.place}=0,0,IF({k}={self.place},"{SMALLER}",IFERROR({searched},0)))'
        self.sheet.put(row, LINE, line, "calculation", "0", of)
        before = 0.0 if number == 1 else self._number(row - 1, 3) or 0.0
        if line == SMALLER:
            moved = (self._number(self.end.row, self.end.column) or 0.0) - before
        after: Value = so_far if moved is None else before + moved
        change: Value = "" if moved is None else moved
        at = f"{letters(LINE)}{row}"
        is_smaller = f'{at}="{SMALLER}"'
        names, changes, reached = (f"INDEX({self._column(one)},{at})" for one in (1, 2, 3))
        found = f'IF({at}=0,"",IF(ISNUMBER({changes}),{changes},""))'
        end = f"{self.end.here}-{previous}"
        self._put(row, 2, change, f"IF({is_smaller},{end},{found})", "calculation")
        total = f'IF({at}=0,"",{reached})'
        written = f"IF(ISNUMBER(B{row}),{previous}+B{row},{total})"
        self._put(row, 3, after, written, "calculation")
        shown = f"{label}: {_signed(change, after)}" if label else ""
        figure = f'IF(ISNUMBER(B{row}),IF(B{row}>0,"+","")&FIXED(B{row}),FIXED(C{row}))'
        named = f'IF({is_smaller},{at},{names})&": "&{figure}'
        self.sheet.put(row, 1, shown, "label", formula=f'IF({at}=0,"",{named})')
        self._lengths(row, previous, before, after if isinstance(after, float) else 0.0)

    def _lengths(self, row: int, previous: str, before: float, after: float) -> None:
        """Plan what the bar stands on and how long it is, what lies below 0 apart."""
        change = self._number(row, 2)
        low, high = min(before, after), max(before, after)
        a, b = f"N(C{row})", previous
        least, most = f"MIN({a},{b})", f"MAX({a},{b})"
        base = max(low, 0.0) + min(high, 0.0)
        values = {4: base if change is not None else 0.0, 9: after if change is None else 0.0}
        texts = {
            4: f"IF(ISNUMBER(B{row}),MAX({least},0)+MIN({most},0),0)",
            9: f"IF(ISNUMBER(B{row}),0,{a})",
        }
        above, below = max(high, 0.0) - max(low, 0.0), min(low, 0.0) - min(high, 0.0)
        for column, sign, holds in ((5, ">", (change or 0.0) > 0), (7, "<", (change or 0.0) < 0)):
            values |= {column: above if holds else 0.0, column + 1: below if holds else 0.0}
            moves = f"N(B{row}){sign}0"
            texts[column] = f"IF({moves},MAX({most},0)-MAX({least},0),0)"
            texts[column + 1] = f"IF({moves},MIN({least},0)-MIN({most},0),0)"
        for column, value in sorted(values.items()):
            self._put(row, column, value, texts[column], "calculation")

    def _found(self, number: int) -> tuple[str, float | None, Value, Value]:
        """Give label, change and target of the driver that is a bar, and its line in the table."""
        if number == self.at:
            return SMALLER, None, "", SMALLER
        if not self.at:  # no second target: there is no bridge
            return "", None, "", 0.0
        wanted = float(number if number < self.at else number - 1)
        for line, row in enumerate(self._rows(), start=1):
            if self._value(row, BESIDE[3]) == wanted:
                shown = str(self._value(row, 1)), self._number(row, 2), self._value(row, 3)
                return (*shown, float(line))
        return "", None, "", 0.0


def _signed(change: Value, after: Value) -> str:
    """Write the figure of a bar as FIXED does: halves away from zero, and no sign before 0.00.

    Examples
    --------
    >>> _signed(0.125, ""), _signed(-0.001, ""), _signed("", 1234.565)
    ('+0.13', '0.00', '1,234.57')
    """
    if isinstance(change, float):
        return f"{'+' if change > 0 else ''}{_fixed(change)}"
    return _fixed(after) if isinstance(after, float) else ""


def _fixed(value: float) -> str:
    # Python would round a half to the even digit, and see digits beyond the fifteenth.
    return f"{rounded(float(f'{value * 100:.15g}')) / 100 + 0.0:,.2f}"
