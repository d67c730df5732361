"""The table of years of a lease: one row a year, from the equity put in to the flow at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workbook.cells import Ref
from workbook.model.excel import AND, IF, ONE, SUM, ZERO, Span, Term
from workbook.model.lines import CHECK, FIRST_COLUMN, LABEL, UNIT, Lines

YEARS: Final = 40
"""Years that the sheet has room for; a longer lease or loan is #N/A and left to the functions."""

FIRST_ROW: Final = 66
NAMES: Final = ("time", "due", "income", "service", "left", "flow", "factor", "value")
COLUMNS: Final = {name: column for column, name in enumerate(NAMES, start=FIRST_COLUMN)}
HEADINGS: Final = (
    "time, years",
    "debt factor",
    "income",
    "debt service",
    "settled at end",
    "flow to equity",
    "factor",
    "value",
)
VALUE: Final = "Value"
"""The one column of figures of the sheet."""


class Years:
    """Plans the table and gives its columns as ranges."""

    def __init__(self, lines: Lines, half: Term) -> None:
        self.lines, self.sheet, self.half = lines, lines.sheet, half

    def given(self, key: str) -> Term:
        """Give a term of the lease with an address that stays when copied."""
        term = self.lines.at(key, VALUE)
        return Term(self.lines.cells[key][VALUE].fixed, term.value)

    def cell(self, name: str, year: int) -> Term:
        """Give a cell of the table; year 0 is the start, the last but one the end."""
        row, column = FIRST_ROW + year, COLUMNS[name]
        ref = Ref(self.lines.name, row, column, row, column)
        return Term(ref.here, self.sheet.cells[row, column].value)

    def span(self, name: str, first: int, last: int, fixed: bool = False) -> Span:
        """Give the cells of a column from one year to another."""
        column = COLUMNS[name]
        ref = Ref(self.lines.name, FIRST_ROW + first, column, FIRST_ROW + last, column)
        rows = range(ref.row, ref.last_row + 1)
        values = tuple(self.sheet.cells[row, column].value for row in rows)
        return Span(ref.fixed if fixed else ref.here, values)

    def flows(self, name: str) -> Span:
        """Give a column from the start to the end."""
        return self.span(name, 0, YEARS + 1, fixed=True)

    def plan_debt(self) -> None:
        """Plan headings, years and times, and the factors by which debt is laid out."""
        self.sheet.page_breaks.append(FIRST_ROW - 2)
        for column in range(LABEL, COLUMNS["value"] + 4):
            title = "Years of the lease, USD M per critical MW" if column == LABEL else None
            self.sheet.put(FIRST_ROW - 2, column, title, "section")
        self.sheet.put_row(FIRST_ROW - 1, LABEL, ("Year", "number"), "heading_left")
        self.sheet.put(FIRST_ROW - 1, CHECK, None, "heading_left")
        self.sheet.put_row(FIRST_ROW - 1, COLUMNS["time"], HEADINGS, "heading")
        for year in range(YEARS + 2):
            label = "Start" if year == 0 else "End" if year > YEARS else f"Year {year}"
            self.sheet.put(FIRST_ROW + year, LABEL, label, "label")
            self.sheet.put(FIRST_ROW + year, CHECK, None, "label")
            self._number(year)
        rate, term = self.given("lease_debt_rate"), self.given("lease_debt_years")
        build = self.given("lease_build_years")

        def time(year: int) -> Term:
            return build + self._year(year) - self.half

        def due(year: int) -> Term:
            factor = (ONE + rate) ** (-self.cell("time", year))
            return IF(self._year(year) <= term, factor, ZERO)

        self._column("time", "0.0_)", time, ZERO, self.given("end_time"))
        self._column("due", "0.0000_)", due)

    def _number(self, year: int) -> None:
        row = FIRST_ROW + year
        if year > YEARS:
            self.sheet.put(row, UNIT, None, "label")
            return
        text = "0" if year == 0 else f"B{row - 1}+1"
        self.sheet.put(row, UNIT, float(year), "calculation", "0", text)

    def _year(self, year: int) -> Term:
        return Term(f"$B{FIRST_ROW + year}", float(year))

    def plan_flows(self) -> None:
        """Plan income, debt service and the flow to equity, and its value."""
        rent, margin, rise = (
            self.given(f"lease_{name}") for name in ("rent", "noi_margin", "escalator")
        )
        lease, debt = self.given("lease_years"), self.given("lease_debt_years")
        rate, level = self.given("lease_debt_rate"), self.given("level")
        asked = self.given("lease_equity_return")

        def income(year: int) -> Term:
            earned = rent * margin * (ONE + rise) ** (self._year(year) - ONE)
            return IF(self._year(year) <= lease, earned, ZERO)

        def service(year: int) -> Term:
            return IF(self._year(year) <= debt, level, ZERO)

        def left(year: int) -> Term:
            number = self._year(year)
            still = AND(number <= debt, number > lease)
            settled = self.cell("service", year) * (ONE + rate) ** (lease + self.half - number)
            return IF(still, settled, ZERO)

        def flow(year: int) -> Term:
            earned = self.cell("income", year) - self.cell("service", year)
            return IF(self._year(year) <= lease, earned, ZERO)

        money = "0.000_);(0.000);-_)"
        self._column("income", money, income)
        self._column("service", money, service)
        self._column("left", money, left)
        exit_value = self.given("exit") - SUM(self.span("left", 1, YEARS))
        self._column("flow", money, flow, self.given("start"), exit_value)

        def factor(year: int) -> Term:
            return (ONE + asked) ** (-self.cell("time", year))

        self._column("factor", "0.0000_)", factor, factor(0), factor(YEARS + 1))

        def value(year: int) -> Term:
            return self.cell("flow", year) * self.cell("factor", year)

        self._column("value", money, value, value(0), value(YEARS + 1))

    def _column(
        self,
        name: str,
        number_format: str,
        make: Callable[[int], Term],
        start: Term | None = None,
        end: Term | None = None,
    ) -> None:
        for year in range(YEARS + 2):
            row, column = FIRST_ROW + year, COLUMNS[name]
            term = start if year == 0 else end if year > YEARS else make(year)
            if term is None:
                self.sheet.put(row, column, None, "calculation")
                continue
            self.sheet.put(row, column, term.value, "calculation", number_format, term.text)
