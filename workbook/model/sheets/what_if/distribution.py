"""Distribution: how sure the target of one miner is, as bars by outcome and as percentiles.

Two functions give all figures; cells beside them only say where the bars are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import ErrorValue, Ref, letters
from workbook.model.excel import IF, ISERROR, ISNUMBER, MAX, NA, SUM, ZERO, Span, Term, function_of
from workbook.model.figures import Figures
from workbook.model.lines import Lines, Pair
from workbook.model.plan import HistogramChart, Sheet, Stroke, Validation
from workbook.model.sheets.facts.input_cells import BOOK_NAME, MINER, InputCells
from workbook.model.sheets.valuation.hpc_grids import pick
from workbook.style import AMBER, INK, MONEY, PER_SHARE, PERCENT, PLAIN, PURPLE, STEEL, TEAL

NAME: Final = "Distribution"
NOTHING: Final = "-"
"""Shown by a function for what is left open."""

WIDTHS: Final = (28, *[13] * 8)
LABEL, VALUE = 1, 2
ASSUMED: Final = (
    ("signing_correlation", "Correlation of signings"),
    ("btc_volatility", "Volatility of bitcoin"),
)
SAID: Final = (
    "Open: whether a contract is signed (the book's probability), its value per MW (a triangle) "
    "and bitcoin (lognormal to the target date).",
    "All else is as in the target: an error of the facts or of the model comes on top.",
)
PERCENTILES: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
BEHIND: Final = ("mean", "model's own", "no deal", "at least the price", "at least the published")
"""Rows of the table behind the percentiles."""
HEADINGS: Final = ("figure", "probability", "HPC value, USD M", "target, USD per share")
CHART_ROW, CHART_ROWS = 10, 30
BARS: Final = 24
OUTCOMES: Final = (("No contract is signed", STEEL), ("A contract is signed", TEAL))
AT, FOOT, TOP = 5, 7, 9
"""Columns in which the place of a bar, its foot and its top start; ends stand side by side."""
DRAWN: Final = ("drawn at", "drawn at", "foot", "no deal up to", "with a deal up to")
ABOVE: Final = 1.1
"""Of the highest bar: a line is seen above it even where a program draws bars over lines."""
LINES: Final = (
    ("Share price", "price", INK),
    ("Target, model", "target", AMBER),
    ("Published target", "published_target", PURPLE),
)


def plan_distribution(
    figures: Figures, inputs: InputCells, targets: Lines
) -> tuple[Sheet, list[Pair]]:
    """Plan the sheet, and what Checks compares on it."""
    return _Planner(figures, inputs, targets).plan()


class _Planner:
    """Plans the sheet from top to bottom."""

    def __init__(self, figures: Figures, inputs: InputCells, targets: Lines) -> None:
        self.figures, self.inputs, self.targets = figures, inputs, targets
        self.sheet = Sheet(NAME, WIDTHS, landscape=False)
        self.miner = Ref(NAME, 5, VALUE, 5, VALUE)

    def plan(self) -> tuple[Sheet, list[Pair]]:
        self._head()
        row = self._percentiles(CHART_ROW + CHART_ROWS + 1)
        self.sheet.page_breaks.append(row)
        self._bars(row)
        return self.sheet, self.pairs

    def _head(self) -> None:
        sheet = self.sheet
        sheet.put(1, 1, "Distribution of the target", "title")
        for row, said in enumerate(SAID, start=2):
            sheet.put(row, 1, said, "subtitle")
        self._label(5, "Miner, chosen on Control")
        sheet.put(5, VALUE, self.inputs.miner, "link", formula=MINER.there)
        for row, (metric, label) in enumerate(ASSUMED, start=6):
            self._label(row, f"{label}: on Inputs")
            fact = self.inputs.usable("ALL", metric) if self._has(metric) else NA
            sheet.put(row, VALUE, fact.value, "link", PERCENT, fact.text)
        self._section(CHART_ROW - 1, "How likely which target is")

    def _has(self, metric: str) -> bool:
        return self.inputs.has_row("ALL", metric)

    def _label(self, row: int, label: str) -> None:
        self.sheet.put(row, LABEL, label, "label")

    def _section(self, row: int, title: str) -> None:
        for column in range(1, len(WIDTHS) + 1):
            self.sheet.put(row, column, title if column == 1 else None, "section")

    def _spill(
        self, row: int, column: int, name: str, call: str, *given: object, looks: Sequence[str]
    ) -> Ref:
        """Spill a table, its headings above it; what fails is one cell."""
        made = self.figures.table(name, self.inputs.miner, *given)
        rows = [[made]] if isinstance(made, ErrorValue) else made
        shown = [[NOTHING if cell is None else cell for cell in line] for line in rows]
        table = self.sheet.put_spill(row, column, shown, call, "function", looks[: len(shown[0])])
        for at in range(table.column, table.last_column + 1):
            left = "_left" if at == LABEL else ""
            self.sheet.restyle(row, at, f"heading{left}", PLAIN)
            for line in range(row + 1, table.last_row + 1):
                self.sheet.restyle(line, at, f"function{left}", looks[at - column])
        self.sheet.heights[row] = 25
        return table

    def _at(self, row: int, column: int) -> Term:
        cell = self.sheet.cells.get((row, column))
        return Term(f"{letters(column)}{row}", None if cell is None else cell.value)

    def _put(self, row: int, column: int, term: Term, looks: str) -> Term:
        self.sheet.put(row, column, term.value, "calculation", looks, term.text)
        return self._at(row, column)

    def _percentiles(self, row: int) -> int:
        """Plan the table of percentiles, those asked for beside it."""
        sheet = self.sheet
        self._section(row, "Percentiles, and how likely the price and the published target are")
        head = row + 1
        sheet.put(head, 6, "percentiles", "heading")
        for line, percentile in enumerate(PERCENTILES, start=head + 1):
            asked = sheet.put(line, 6, percentile, "input", PERCENT)
            message = "Between 0% and 100%."
            sheet.validations.append(Validation(asked, message, "decimal", 0.0, 1.0))
        asked = Ref(NAME, head + 1, 6, head + len(PERCENTILES), 6)
        call = formula(
            "HPC_DISTRIBUTION", miner=self.miner.fixed, percentiles=asked.fixed, book=BOOK_NAME
        )
        looks = (PLAIN, PERCENT, MONEY, PER_SHARE)
        self._spill(head, 1, "HPC_DISTRIBUTION", call, list(PERCENTILES), looks=looks)
        own = head + len(PERCENTILES) + 1 + BEHIND.index("model's own")
        self.own = self._unless_failed(head, self._at(own, 4))
        return head + len(PERCENTILES) + len(BEHIND) + 2

    def _unless_failed(self, head: int, found: Term) -> Term:
        """Give a cell of a table, or why there is none: then its first cell alone says so."""
        first = self._at(head, 1)
        return IF(ISERROR(first), first, found)

    def _bars(self, row: int) -> None:
        """Plan the bars, where each is drawn, and the lines."""
        sheet, head = self.sheet, row + 1
        self._section(row, "Bars of the chart; the first and the last hold all beyond them")
        call = formula("HPC_HISTOGRAM", miner=self.miner.fixed, book=BOOK_NAME)
        looks = ("0.00", "0.00", PERCENT, PERCENT)
        self._spill(head, 1, "HPC_HISTOGRAM", call, looks=looks)
        for column, heading in enumerate(DRAWN, start=AT):
            sheet.put(head, column, heading, "heading")
        first, last = head + 1, head + BARS
        bars: dict[str, list[Stroke]] = {title: [] for title, _ in OUTCOMES}
        self._places(first, last)
        for line in range(first, last + 1):
            without, signed = self._at(line, 3), self._at(line, 4)
            self._put(line, AT + 1, self._at(line, AT), "0.00")
            foot = self._put(line, FOOT, ZERO, PERCENT)
            middle = self._put(line, FOOT + 1, foot + without, PERCENT)
            self._put(line, TOP, middle + signed, PERCENT)
            across = Ref(NAME, line, AT, line, AT + 1)
            for column, (title, color) in enumerate(OUTCOMES, start=FOOT):
                up = Ref(NAME, line, column, line, column + 1)
                bars[title].append(Stroke(title, across, up, color))
        every = Ref(NAME, first, TOP, last, TOP)
        self._check(last + 1, every, head)
        place = Ref(NAME, CHART_ROW, 1, CHART_ROW + CHART_ROWS - 1, len(WIDTHS))
        sheet.charts.append(
            HistogramChart(
                "Distribution of the target of the chosen miner",
                "USD per share",
                "0",
                tuple(one for each in bars.values() for one in each),
                tuple(self._lines(last + 4, every)),
                place,
            )
        )

    def _places(self, first: int, last: int) -> None:
        """Plan where bars are drawn: the open ones as far out as if they were as wide as others."""
        for line in range(first + 1, last):
            self._put(line, AT, _middle(self._at(line, 1), self._at(line, 2)), "0.00")
        low, high = self._at(first, 2), self._at(last, 1)
        beside = self._at(first + 1, AT) - self._at(first + 1, 1)
        self._put(first, AT, low - beside, "0.00")
        beside = self._at(last - 1, 2) - self._at(last - 1, AT)
        self._put(last, AT, high + beside, "0.00")

    def _check(self, row: int, every: Ref, head: int) -> None:
        """Plan that the bars add up to 1."""
        sheet = self.sheet
        self._label(row, "All outcomes")
        whole = sheet.put(row, TOP - 1, 1.0, "calculation", PERCENT)
        column = range(every.row, every.last_row + 1)
        values = tuple(sheet.cells[line, every.column].value for line in column)
        total = self._unless_failed(head, SUM(Span(every.here, values)))
        added = sheet.put(row, TOP, total.value, "function", PERCENT, total.text)
        self.pairs = [Pair("Bars of the distribution, all together", "", whole, added, added)]

    def _lines(self, row: int, every: Ref) -> list[Stroke]:
        """Plan the lines of the chart, each between two points."""
        sheet = self.sheet
        self._section(row - 1, "Lines of the chart, USD per share")
        column = range(every.row, every.last_row + 1)
        values = tuple(sheet.cells[line, every.column].value for line in column)
        self._label(row, "Height of the lines / highest bar")
        times = sheet.put(row, 2, ABOVE, "fact", "0.00")
        highest = MAX(Span(every.here, values)) * Term(times.fixed, ABOVE)
        row += 1
        strokes = []
        for label, key, color in LINES:
            self._label(row, label)
            value = self.targets.value(key, self.inputs.miner)
            found = Term(pick(self.targets, key, self.miner, NAME), value)
            first = sheet.put(row, 2, found.value, "link", PER_SHARE, found.text)
            sheet.put(row, 3, found.value, "calculation", PER_SHARE, first.here)
            self._put(row, 4, ZERO, PERCENT)
            top = IF(ISNUMBER(Term(first.here, found.value)), highest, NA)
            sheet.put(row, 5, top.value, "calculation", PERCENT, top.text)
            across, up = Ref(NAME, row, 2, row, 3), Ref(NAME, row, 4, row, 5)
            strokes.append(Stroke(label, across, up, color))
            if key == "target":
                own = sheet.put(row, 6, self.own.value, "function", PER_SHARE, self.own.text)
                sheet.put(row, 7, "by the function", "note_line")
                self.pairs.append(Pair("Target behind the distribution", "", first, own, first))
            row += 1
        return strokes


def _middle(start: Term, end: Term) -> Term:
    """Write the middle of a bar; without one there is no place to draw it at."""
    made = function_of(lambda a, b: f"AVERAGE({a},{b})", lambda a, b: (a + b) / 2.0, start, end)
    return IF(ISNUMBER(start), made, NA)
