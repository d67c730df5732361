"""Halvings in cells: the days between them and to the next, and those gone by."""

from __future__ import annotations

from typing import Final

from workbook.model.excel import AND, IF, INT, ISODD, MAX, ONE, ROUND, ZERO, Term
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.style import COUNT

SUBSIDY_DAY: Final = "subsidy_day"
"""Key of the line of the day that the subsidy is of."""


def plan_halvings(lines: Lines, inputs: InputCells) -> None:
    """Plan the lines from blocks a day to the halvings by the day of the subsidy."""
    constant = inputs.constants
    lines.section("Halvings")
    day = inputs.date

    def exact(column: str) -> Term:
        return constant["blocks_per_halving"] / lines.at("blocks_per_day", column)

    def whole(column: str) -> Term:
        days = lines.at("exact", column)
        up = ROUND(days)
        half = AND(days > INT(days), (up - days).equals(days - INT(days)), ISODD(up))
        return IF(half, up - ONE, up)

    lines.line(
        "exact",
        "Days between halvings, exact",
        "days",
        "#,##0.0_)",
        exact,
        note="210,000 blocks / blocks per day",
    )
    lines.line(
        "between",
        "Days between halvings",
        "days",
        COUNT,
        whole,
        note="rounded; a half to the even day",
    )
    lines.line(
        "to_halving",
        "Days to the next halving",
        "days",
        "#,##0_);-#,##0_)",
        lambda column: lines.at("halving_date", column) - day,
        note="day of the halving less date of the book",
    )

    def halvings(column: str) -> Term:
        since = lines.at(SUBSIDY_DAY, column) - lines.at("halving_date", column)
        return MAX(ZERO, INT(since / lines.at("between", column)) + ONE)

    lines.line(
        "halvings",
        "Halvings by the day of the subsidy",
        "number",
        "0;-0;0",
        halvings,
        note="a subsidy stated after a halving is not halved again",
    )
