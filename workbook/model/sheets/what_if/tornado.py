"""Tornado: the target of one miner at both ends of each driver, by swing, with a chart."""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.sensitivity import DRIVERS, Driver
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel import ABS, AND, IF, IFERROR, ISNUMBER, ONE, ZERO, Term
from workbook.model.excel_values import number
from workbook.model.figures import Figures
from workbook.model.lines import CHECK, COLUMN_WIDTH, FIRST_COLUMN, LABEL, UNIT, Lines, Pair
from workbook.model.plan import Chart, ChartSeries, Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.valuation.hpc_grids import choose_miner, miner_of
from workbook.model.sheets.what_if.scenarios import BASE, column_of, title_of
from workbook.style import NAVY, PALE, PER_SHARE

NAME: Final = "Tornado"
CHOOSE_ROW: Final = 5
SORTED_ROW: Final = 10
CHART_ROW: Final = SORTED_ROW + len(DRIVERS) + 2
FUNCTION_ROW: Final = CHART_ROW + 22
DATA_ROW: Final = FUNCTION_ROW + len(DRIVERS) + 8
HEADINGS: Final = ("target low", "target high", "swing", "change low", "change high")


class Tornado:
    """Plans the sheet: the choice first, the rest once the scenarios are planned."""

    def __init__(self, figures: Figures, miners: Ref) -> None:
        self.figures = figures
        self.lines = Lines(
            NAME,
            "Tornado",
            "Target at both ends of each driver, by swing; sheet Scenarios values each end anew.",
            HEADINGS,
            head="Driver",
        )
        self.sheet: Sheet = self.lines.sheet
        for column in range(LABEL, self.lines.note_column + 1):
            del self.sheet.cells[4, column]
        self.sheet.widths = (44, 14, 8, *[COLUMN_WIDTH + 1] * 6)
        self.sheet.freeze = f"A{CHOOSE_ROW + 1}"
        self.sheet.repeat_rows = None
        self.miner = miner_of(figures, NAME)
        self.chosen = choose_miner(self.lines, CHOOSE_ROW, self.miner, miners)

    def plan(self, scenarios: Lines) -> Lines:
        """Plan the results from the targets of the scenarios."""
        self._base(scenarios)
        self._data(scenarios)
        self._sorted()
        self._function()
        self.sheet.charts.append(self._chart())
        return self.lines

    def _head(self, row: int, title: str, first: str) -> None:
        for column in range(LABEL, FIRST_COLUMN + len(HEADINGS)):
            self.sheet.put(row - 1, column, title if column == LABEL else None, "section")
        self.sheet.put_row(row, LABEL, (first, "unit", None), "heading_left")
        self.sheet.put_row(row, FIRST_COLUMN, HEADINGS, "heading")

    def _base(self, scenarios: Lines) -> None:
        row = CHOOSE_ROW + 1
        self.sheet.put(row, LABEL, "Target in the base", "label_bold")
        self.sheet.put(row, UNIT, "USD/share", "unit")
        self.sheet.put(row, CHECK, None, "label")
        base = scenarios.there("target", BASE)
        ref = self.sheet.put(row, FIRST_COLUMN, base.value, "link", PER_SHARE, base.text)
        self.base = Term(ref.fixed, base.value)
        core = self.figures.call("HPC_TARGET")[self.miner]
        call = formula("HPC_TARGET", miner=self.chosen.fixed, book=BOOK_NAME)
        function = self.sheet.put(row, FIRST_COLUMN + 1, core, "function", PER_SHARE, call)
        self.lines.pairs.append(Pair("Target of the tornado's miner", "base", ref, function, ref))

    def _data(self, scenarios: Lines) -> None:
        """Plan the drivers in the order of the function, with their rank."""
        self._head(DATA_ROW, "Drivers in the order of the function", "Driver")
        self.sheet.put(DATA_ROW, FIRST_COLUMN + len(HEADINGS), "rank", "heading")
        rows = range(DATA_ROW + 1, DATA_ROW + 1 + len(DRIVERS))
        swings: list[Value] = []
        for row, driver in zip(rows, DRIVERS, strict=True):
            ends = [scenarios.there("target", column_of(driver, end)) for end in (0, 1)]
            has_one = _has(scenarios, driver)
            if has_one is not None:
                ends = [IF(has_one, end, self.base) for end in ends]
            self._driver(row, title_of(driver), ends)
            low, high = (self._cell(row, FIRST_COLUMN + offset) for offset in (0, 1))
            swing = ABS(high - low)
            if has_one is not None:
                # A driver the miner does not have sorts behind all others.
                swing = IF(has_one, swing, -ONE)
            self.sheet.put(row, FIRST_COLUMN + 2, swing.value, "calculation", PER_SHARE, swing.text)
            swings.append(swing.value)
            for offset, end in ((3, low), (4, high)):
                change = end - self.base
                self.sheet.put(
                    row, FIRST_COLUMN + offset, change.value, "calculation", PER_SHARE, change.text
                )
        self._ranks(rows, swings)

    def _driver(self, row: int, name: str, ends: list[Term]) -> None:
        self.sheet.put(row, LABEL, name, "label")
        self.sheet.put(row, UNIT, "USD/share", "unit")
        self.sheet.put(row, CHECK, None, "label")
        for offset, end in enumerate(ends):
            self.sheet.put(row, FIRST_COLUMN + offset, end.value, "link", PER_SHARE, end.text)

    def _cell(self, row: int, column: int) -> Term:
        ref = Ref(NAME, row, column, row, column)
        return Term(ref.here, self.sheet.cells[row, column].value)

    def _ranks(self, rows: range, swings: list[Value]) -> None:
        """Plan ranks; of equal swings the first in order comes first."""
        column = FIRST_COLUMN + 2
        every = Ref(NAME, rows[0], column, rows[-1], column).fixed
        for index, row in enumerate(rows):
            own = Ref(NAME, row, column, row, column).here
            before = f"{Ref(NAME, rows[0], column, rows[0], column).fixed}:{own}"
            text = f"SUMPRODUCT(({every}>{own})*1)+SUMPRODUCT(({before}={own})*1)"
            numbers = [number(swing) for swing in swings]
            wrong = next((one for one in numbers if isinstance(one, ErrorValue)), None)
            rank: Value = wrong
            if wrong is None:
                larger = sum(one > numbers[index] for one in numbers)  # type: ignore[operator]
                rank = float(larger + numbers[: index + 1].count(numbers[index]))
            self.sheet.put(row, FIRST_COLUMN + len(HEADINGS), rank, "calculation", "0", text)

    def _sorted(self) -> None:
        self._head(SORTED_ROW - 1, "Drivers by swing", "Driver")
        first, last = DATA_ROW + 1, DATA_ROW + len(DRIVERS)
        rank_column = FIRST_COLUMN + len(HEADINGS)
        ranks = Ref(NAME, first, rank_column, last, rank_column)
        stored = [self.sheet.cells[row, rank_column].value for row in range(first, last + 1)]
        for offset in range(len(DRIVERS)):
            row = SORTED_ROW + offset
            position = f"MATCH(ROWS({Ref(NAME, SORTED_ROW, 1, row, 1).here}),{ranks.fixed},0)"
            place = stored.index(float(offset + 1)) if float(offset + 1) in stored else None
            self.sheet.put(row, UNIT, "USD/share", "unit")
            self.sheet.put(row, CHECK, None, "label")
            for column in (LABEL, *range(FIRST_COLUMN, rank_column)):
                source = Ref(NAME, first, column, last, column)
                value: Value = stored[0]
                if place is not None:
                    value = self.sheet.cells[first + place, column].value
                term = Term(f"INDEX({source.fixed},{position})", value)
                style = "label" if column == LABEL else "calculation"
                if column >= FIRST_COLUMN + 3:
                    term = IFERROR(term, ZERO)  # a chart needs a number
                self.sheet.put(row, column, term.value, style, PER_SHARE, term.text)

    def _function(self) -> None:
        """Plan the same through the function, and the sums that are compared."""
        for column in range(LABEL, FIRST_COLUMN + len(HEADINGS)):
            title = "Through HPC_TORNADO, one spilling call" if column == LABEL else None
            self.sheet.put(FUNCTION_ROW - 1, column, title, "section")
        self.sheet.page_breaks.append(FUNCTION_ROW - 1)
        call = formula("HPC_TORNADO", miner=self.chosen.fixed, book=BOOK_NAME)
        made = self.figures.table("HPC_TORNADO", self.miner)
        values: list[list[Value]] = [[made]] if isinstance(made, ErrorValue) else made
        # A spill of its own place: the first column wide, the others behind it.
        self.sheet.put_spill(FUNCTION_ROW, LABEL, values, call, "function_left", PER_SHARE)
        row = FUNCTION_ROW + len(DRIVERS) + 2
        first, last = DATA_ROW + 1, DATA_ROW + len(DRIVERS)
        for offset, label in enumerate(("target low", "target high", "swing")):
            column = FIRST_COLUMN + offset
            counted = Ref(NAME, first, FIRST_COLUMN + 2, last, FIRST_COLUMN + 2)
            summed = Ref(NAME, first, column, last, column)
            native = f"SUMPRODUCT(({counted.fixed}>=0)*{summed.fixed})"
            through = f"IFERROR(SUM(INDEX({call},0,{offset + 2})),NA())"
            total = self._total(values, offset + 1)
            line = row + offset
            self.sheet.put(line, LABEL, f"Sum of {label}: cells, function", "label")
            self.sheet.put(line, UNIT, "USD/share", "unit")
            self.sheet.put(line, CHECK, None, "label")
            left = self.sheet.put(line, FIRST_COLUMN, total, "calculation", PER_SHARE, native)
            right = self.sheet.put(line, FIRST_COLUMN + 1, total, "function", PER_SHARE, through)
            self.lines.pairs.append(Pair(f"Tornado: sum of {label}", label, left, right, left))

    def _total(self, values: list[list[Value]], column: int) -> Value:
        if isinstance(values[0][0], ErrorValue):
            return ErrorValue("#N/A")
        return sum(row[column] for row in values[1:] if isinstance(row[column], float))  # type: ignore[misc]

    def _chart(self) -> Chart:
        last = SORTED_ROW + len(DRIVERS) - 1

        def column(number: int) -> Ref:
            return Ref(NAME, SORTED_ROW, number, last, number)

        return Chart(
            "Change of the target at both ends of each driver",
            "USD per share",
            "0.0",
            column(LABEL),
            (
                ChartSeries("Low end", column(FIRST_COLUMN + 3), PALE, "0.0"),
                ChartSeries("High end", column(FIRST_COLUMN + 4), NAVY, "0.0"),
            ),
            Ref(NAME, CHART_ROW, 1, FUNCTION_ROW - 3, FIRST_COLUMN + len(HEADINGS) - 1),
            kind="stacked",
            horizontal=True,
        )


def _has(scenarios: Lines, driver: Driver) -> Term | None:
    """Tell whether the miner has the driver; the function leaves out one that it has not."""
    fact, named = (scenarios.there(line, BASE) for line in (driver.moves, "named"))
    if driver.where == "always":
        return None
    if driver.where == "not 0":
        return fact.differs(ZERO)
    if driver.where == "named":
        return named.equals(ONE)
    return AND(named.equals(ZERO), ISNUMBER(fact))
