"""Hashrate in cells: what is valued of the deployed and the guided one, and what stops mining."""

from __future__ import annotations

from workbook.model.excel import IF, MAX, MIN, NA, ZERO, Term
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import NONE_STATED, InputCells


def plan_hashrate(lines: Lines, inputs: InputCells) -> None:
    """Plan the hashrate that is valued, and what of it stops mining on which day."""
    lines.section("Hashrate")
    day = inputs.date

    def valued(column: str) -> Term:
        deployed, guided = (lines.at(key, column) for key in ("hashrate", "hashrate_guided"))
        more = IF(guided.equals(NONE_STATED), ZERO, MAX(guided - deployed, ZERO))
        return deployed + lines.at("guided_hashrate_share", column) * more

    def displaced(column: str) -> Term:
        stated = lines.at("hashrate_displaced", column)
        return IF(stated.equals(NONE_STATED), ZERO, MIN(stated, lines.at("valued", column)))

    def until(column: str) -> Term:
        on = lines.at("displaced_on", column)
        days = IF(on.equals(NONE_STATED), NA, MAX(on - day, ZERO))
        return IF(lines.at("displaced", column) > ZERO, days, ZERO)

    lines.line(
        "valued",
        "Hashrate valued",
        "EH/s",
        "#,##0.0_)",
        valued,
        note="deployed + share x (guided - deployed), where more is guided",
    )
    lines.line(
        "displaced",
        "Hashrate displaced",
        "EH/s",
        "#,##0.0_);-#,##0.0_);-_)",
        displaced,
        note="its power goes to HPC; at most the hashrate valued",
    )
    lines.line(
        "displaced_from",
        "Days until it stops mining",
        "days",
        "#,##0_);-#,##0_);-_)",
        until,
        note="the horizon is cut there as at a halving",
    )
