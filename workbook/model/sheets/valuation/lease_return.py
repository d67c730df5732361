"""The equity return (IRR) in a value, solved in cells by bisection.

The flows of a lease change sign once - money in, then money out - so one return gives a value, and
each step keeps the half of the bracket in which it lies.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.coverage import LEVELS
from workbook.cells import MISSING, ErrorValue, Ref, Value
from workbook.model.excel import AND, IF, NA, ONE, ZERO, Term, function_of
from workbook.model.excel_values import number
from workbook.model.figures import Figures
from workbook.model.lines import CHECK, LABEL, UNIT, Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.lease_years import COLUMNS, FIRST_ROW, VALUE, YEARS, Years
from workbook.model.sheets.valuation.value_per_mw import value_at

STEPS: Final = 50
"""Halvings of the bracket: 101 in width at the start, 1e-13 at the end."""

BISECTION_ROW: Final = FIRST_ROW + YEARS + 6
FIRST_SIGN: Final = COLUMNS["value"] + 1
HEADINGS: Final = ("from", "to", "middle", "excess value")
RATE: Final = "0.0000%_)"


class EquityReturn:
    """Plans signs, bisection and solved return of each published value."""

    def __init__(self, lines: Lines, figures: Figures, inputs: InputCells, years: Years) -> None:
        self.lines, self.figures, self.inputs, self.years = lines, figures, inputs, years
        self.sheet, self.name = lines.sheet, lines.name

    def plan(self) -> None:
        """Plan everything from the values asked for to the comparison with the function."""
        self._values()
        for index, level in enumerate(LEVELS):
            self._signs(index, level)
        self._headings()
        for index, level in enumerate(LEVELS):
            self._bisection(index, level)
        self._results()

    def _values(self) -> None:
        lines, inputs = self.lines, self.inputs
        lines.section("Equity return (IRR) at which the lease is worth the published values")
        for level in LEVELS:

            def wanted(_: str, level: str = level) -> Term:
                low, high = (
                    inputs.usable("ALL", f"colo_value_{end}", "critical", lines.at("ratio", VALUE))
                    for end in ("low", "high")
                )
                halfway = inputs.constants["halfway"]
                made = {"low": low, "high": high, "mid": value_at(low, high, halfway)}
                return made[level]

            lines.line(
                f"wanted_{level}",
                f"Equity value per critical MW, {level}",
                "USD M/MW critical",
                "0.00_)",
                wanted,
                style="link",
                note="published per gross MW x gross per critical" if level == "low" else "",
            )

    def _cell(self, row: int, column: int) -> Term:
        ref = Ref(self.name, row, column, row, column)
        return Term(ref.here, self.sheet.cells[row, column].value)

    def _signs(self, index: int, level: str) -> None:
        """Plan the sign of each flow, or the last one where there is none, for a value paid."""
        column = FIRST_SIGN + index
        self.sheet.put(FIRST_ROW - 1, column, f"sign, {level}", "heading")
        wanted = self.years.given(f"wanted_{level}")
        for year in range(YEARS + 2):
            row = FIRST_ROW + year
            flow = self.years.cell("flow", year)
            if year == 0:
                flow = flow - wanted
            sign = function_of(lambda v: f"SIGN({v})", lambda v: float((v > 0) - (v < 0)), flow)
            if year > 0:
                sign = IF(flow.equals(ZERO), self._cell(row - 1, column), sign)
            self.sheet.put(row, column, sign.value, "calculation", "0;-0;0", sign.text)

    def _headings(self) -> None:
        self.sheet.last_printed = BISECTION_ROW - 4
        last = COLUMNS["time"] + len(HEADINGS) * len(LEVELS)
        for column in range(LABEL, last):
            title = "Bisection: each step keeps the half in which the return lies"
            self.sheet.put(BISECTION_ROW - 3, column, title if column == LABEL else None, "section")
        for column in (LABEL, UNIT, CHECK):
            heading = "Step" if column == LABEL else None
            self.sheet.put(BISECTION_ROW - 1, column, heading, "heading_left")
        for index, level in enumerate(LEVELS):
            first = COLUMNS["time"] + len(HEADINGS) * index
            self.sheet.put(BISECTION_ROW - 2, first, f"{level} value", "unit_right")
            self.sheet.put_row(BISECTION_ROW - 1, first, HEADINGS, "heading")

    def _excess(self, rate: Term, level: str) -> Term:
        """Value of the flows at a rate less the value wanted."""
        flows, times = self.years.flows("flow"), self.years.flows("time")
        worth = function_of(
            lambda f, t, k: f"SUMPRODUCT({f}*(1+{k})^(-{t}))",
            lambda f, t, k: math.fsum(
                one * (1.0 + k) ** -time for one, time in zip(f, t, strict=True)
            ),
            flows,
            times,
            rate,
        )
        return worth - self.years.given(f"wanted_{level}")

    def _bisection(self, index: int, level: str) -> None:
        first = COLUMNS["time"] + len(HEADINGS) * index
        constant = self.inputs.constants
        for step in range(STEPS + 1):
            row = BISECTION_ROW + step
            if index == 0:
                self.sheet.put(row, LABEL, f"Step {step}", "label")
                self.sheet.put(row, UNIT, None, "label")
                self.sheet.put(row, CHECK, None, "label")
            if step == 0:
                low, high = constant["lowest_return"], constant["highest_return"]
            else:
                lower, upper, middle, excess = (
                    self._cell(row - 1, first + offset) for offset in range(4)
                )
                # Money in first makes a low return give too much.
                above = excess > ZERO
                low, high = IF(above, middle, lower), IF(above, upper, middle)
            self.sheet.put(row, first, low.value, "calculation", RATE, low.text)
            self.sheet.put(row, first + 1, high.value, "calculation", RATE, high.text)
            ends = [self._cell(row, first), self._cell(row, first + 1)]
            middle = function_of(lambda a, b: f"AVERAGE({a},{b})", lambda a, b: (a + b) / 2, *ends)
            self.sheet.put(row, first + 2, middle.value, "calculation", RATE, middle.text)
            excess = self._excess(self._cell(row, first + 2), level)
            self.sheet.put(row, first + 3, excess.value, "calculation", "0.0E+00", excess.text)

    def _changes(self, index: int) -> Term:
        """Count the changes of sign of the flows."""
        column = FIRST_SIGN + index
        last = FIRST_ROW + YEARS + 1
        upper = Ref(self.name, FIRST_ROW, column, last - 1, column)
        lower = Ref(self.name, FIRST_ROW + 1, column, last, column)
        signs = [number(self.sheet.cells[row, column].value) for row in range(FIRST_ROW, last + 1)]
        text = f"SUMPRODUCT(({upper.here}*{lower.here}<0)*1)"
        wrong = next((sign for sign in signs if isinstance(sign, ErrorValue)), None)
        if wrong is not None:
            return Term(text, wrong)
        pairs = pairwise(signs)
        return Term(text, float(sum(one * other < 0 for one, other in pairs)))  # type: ignore[operator]

    def _results(self) -> None:
        lines = self.lines
        core: dict[str, Value] = {}
        for index, level in enumerate(LEVELS):
            lines.line(
                f"changes_{level}",
                f"Changes of sign of the flows, {level}",
                "",
                "0_)",
                lambda _, index=index: self._changes(index),  # type: ignore[misc]
                note="with one there is one return" if index == 0 else "",
            )
        for index, level in enumerate(LEVELS):
            wanted = lines.value(f"wanted_{level}", VALUE)
            core[level] = (
                self.figures.one("HPC_LEASE_RETURN", value=wanted)
                if isinstance(wanted, float)
                else MISSING
            )
            lines.line(
                f"return_{level}",
                f"Equity return (IRR), {level}",
                "fraction/year",
                "0.00%_)",
                lambda _, index=index, level=level: self._found(index, level),  # type: ignore[misc]
                style="total",
                core={VALUE: core[level]},
                note="last step of the bisection below" if index == 0 else "",
            )
        for level in LEVELS:
            lines.function(
                f"function_return_{level}",
                f"HPC_LEASE_RETURN, {level}",
                "fraction/year",
                "0.00%_)",
                formula(
                    "HPC_LEASE_RETURN",
                    value=lines.at(f"wanted_{level}", VALUE).text,
                    book=BOOK_NAME,
                ),
                {VALUE: core[level]},
                of=f"return_{level}",
            )

    def _found(self, index: int, level: str) -> Term:
        """Give the return where money goes in first, comes out later, and the bracket holds it."""
        first = COLUMNS["time"] + len(HEADINGS) * index
        begins = self._cell(FIRST_ROW, FIRST_SIGN + index)
        one_change = self.lines.at(f"changes_{level}", VALUE).equals(ONE)
        highest = self._excess(self.inputs.constants["highest_return"], level)
        inside = AND(one_change, begins < ZERO, highest < ZERO)
        return IF(inside, self._cell(BISECTION_ROW + STEPS, first + 2), NA)
