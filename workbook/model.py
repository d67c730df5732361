"""The model workbook: plan every sheet from a book, then write the file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from valuation_core.coverage import Coverage
from workbook.plan import Plan
from workbook.sheets.checks import plan_checks
from workbook.sheets.hpc import plan_hpc
from workbook.sheets.inputs import BOOK_NAME, plan_inputs
from workbook.sheets.summary import plan_summary
from workbook.write import write

TITLE: Final = "Bitcoin miners: HPC option model"


def plan_model(table: Coverage) -> Plan:
    """Plan the model of the miners of a coverage table."""
    inputs_sheet, inputs = plan_inputs(table.book, table.tickers)
    hpc_sheet, hpc = plan_hpc(table, inputs)
    made = {sheet.name: sheet for sheet in (inputs_sheet, hpc_sheet)}
    checks_sheet, checks = plan_checks(made, inputs, hpc)
    summary = plan_summary(table, inputs, hpc, checks)
    day = table.book.as_of
    return Plan(
        f"{TITLE}, {day.isoformat()}",
        [summary, inputs_sheet, hpc_sheet, checks_sheet],
        {BOOK_NAME: inputs.book},
        day,
    )


def build_model(table: Coverage, path: Path) -> None:
    """Write the model workbook; an existing file is replaced in one step."""
    write(plan_model(table), path)
