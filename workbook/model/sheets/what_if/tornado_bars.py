"""The bars of the tornado: the drivers by swing, from the data table of their ends, and a chart."""

from __future__ import annotations

from typing import Final

from workbook.cells import ErrorValue, Ref, Value
from workbook.model.addresses import number_down
from workbook.model.excel import ABS, IF, IFERROR, ONE, ZERO, Term
from workbook.model.excel_values import number
from workbook.model.plan import Chart, ChartSeries, Sheet
from workbook.style import NAVY, PALE, PER_SHARE

SWING: Final = '0.00_);"n/a"_);"-"_)'
"""A driver that the miner has not is -1, to come last: no figure, so none is shown."""

HEADINGS: Final = ("swing", "change low", "change high", "rank")
SORTED: Final = ("Drivers by swing", None, "target low", "target high", *HEADINGS[:3])
CHART_ROWS: Final = 20


def plan_bars(sheet: Sheet, ends: Ref, has: Ref, base: Term) -> None:
    """Plan swing, change and rank beside the ends, the drivers by rank, and the chart.

    Parameters
    ----------
    sheet : Sheet
        Where they stand.
    ends : Ref
        Targets at the low and the high end; the names of the drivers stand in the first column.
    has : Ref
        Whether each is a driver of the miner: one that is not comes last.
    base : Term
        The target itself.
    """
    _Bars(sheet, ends, has, base).plan()


class _Bars:
    def __init__(self, sheet: Sheet, ends: Ref, has: Ref, base: Term) -> None:
        self.sheet, self.ends, self.has, self.base = sheet, ends, has, base
        self.rows = range(ends.row, ends.last_row + 1)
        self.swing = ends.last_column + 1
        self.rank = self.swing + len(HEADINGS) - 1

    def plan(self) -> None:
        for offset, heading in enumerate(HEADINGS):
            self.sheet.put(self.ends.row - 1, self.swing + offset, heading, "heading")
        for row, at in zip(self.rows, range(self.has.row, self.has.last_row + 1), strict=True):
            low, high = (self._cell(row, self.ends.column + offset) for offset in (0, 1))
            there = Ref(self.has.sheet, at, self.has.column, at, self.has.column)
            has = Term(there.here, self.sheet.cells[at, self.has.column].value)
            self._put(row, self.swing, IF(has, ABS(high - low), -ONE), looks=SWING)
            self._put(row, self.swing + 1, low - self.base)
            self._put(row, self.swing + 2, high - self.base)
        self._ranks()
        self._sorted(self.ends.last_row + 2)

    def _cell(self, row: int, column: int) -> Term:
        ref = Ref(self.sheet.name, row, column, row, column)
        return Term(ref.here, self.sheet.cells[row, column].value)

    def _put(
        self,
        row: int,
        column: int,
        term: Term,
        style: str = "calculation",
        looks: str = PER_SHARE,
    ) -> None:
        self.sheet.put(row, column, term.value, style, looks, term.text)

    def _ranks(self) -> None:
        """Plan ranks; of equal swings the first in order comes first."""
        first, last = self.rows[0], self.rows[-1]
        every = Ref(self.sheet.name, first, self.swing, last, self.swing).fixed
        swings = [number(self.sheet.cells[row, self.swing].value) for row in self.rows]
        wrong = next((one for one in swings if isinstance(one, ErrorValue)), None)
        for index, row in enumerate(self.rows):
            own = Ref(self.sheet.name, row, self.swing, row, self.swing).here
            start = Ref(self.sheet.name, first, self.swing, first, self.swing).fixed
            text = f"SUMPRODUCT(({every}>{own})*1)+SUMPRODUCT(({start}:{own}={own})*1)"
            rank: Value = wrong
            if wrong is None:
                larger = sum(one > swings[index] for one in swings)  # type: ignore[operator]
                rank = float(larger + swings[: index + 1].count(swings[index]))
            self.sheet.put(row, self.rank, rank, "calculation", "0", text)

    def _sorted(self, row: int) -> None:
        sheet, first, last = self.sheet, self.rows[0], self.rows[-1]
        for column, heading in enumerate(SORTED, start=1):
            sheet.put(row, column, heading, "heading_left" if column == 1 else "heading")
        ranks = Ref(sheet.name, first, self.rank, last, self.rank)
        stored = [sheet.cells[line, self.rank].value for line in self.rows]
        top = row + 1
        for offset in range(len(self.rows)):
            line = top + offset
            position = f"MATCH({number_down(self.rank + 1, top, line).text},{ranks.fixed},0)"
            rank = float(offset + 1)
            place = stored.index(rank) if rank in stored else None
            for column in (1, *range(self.ends.column, self.rank)):
                source = Ref(sheet.name, first, column, last, column)
                value: Value = stored[0]
                if place is not None:
                    value = sheet.cells[first + place, column].value
                term = Term(f"INDEX({source.fixed},{position})", value, 8)
                if column > self.swing:
                    term = IFERROR(term, ZERO)  # a chart needs a number
                style = "label" if column == 1 else "calculation"
                looks = SWING if column == self.swing else PER_SHARE
                self._put(line, column, term, style, looks)
        bottom = top + len(self.rows) - 1
        place_of_chart = Ref(sheet.name, bottom + 2, 1, bottom + 1 + CHART_ROWS, self.rank)
        sheet.charts.append(self._chart(top, bottom, place_of_chart))

    def _chart(self, top: int, bottom: int, place: Ref) -> Chart:
        def column(at: int) -> Ref:
            return Ref(self.sheet.name, top, at, bottom, at)

        return Chart(
            "Change of the target at both ends of each driver",
            "USD per share",
            "0.0",
            column(1),
            (
                ChartSeries("Low end", column(self.swing + 1), PALE, "0.0"),
                ChartSeries("High end", column(self.swing + 2), NAVY, "0.0"),
            ),
            place,
            kind="stacked",
            horizontal=True,
        )
