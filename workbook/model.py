"""The model workbook: plan every sheet from a book, then write the file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from valuation_core.coverage import Coverage
from workbook.plan import Plan
from workbook.sheets.checks import plan_checks
from workbook.sheets.cover import plan_cover
from workbook.sheets.deals import plan_deals
from workbook.sheets.functions import plan_functions
from workbook.sheets.history import plan_history
from workbook.sheets.hpc import plan_hpc
from workbook.sheets.inputs import BOOK_NAME, plan_inputs
from workbook.sheets.instruments import plan_instruments
from workbook.sheets.sites import plan_sites
from workbook.sheets.sources import plan_sources
from workbook.sheets.summary import plan_summary
from workbook.write import write

TITLE: Final = "Bitcoin miners: HPC option model"


def plan_model(table: Coverage) -> Plan:
    """Plan the model of the miners of a coverage table."""
    inputs_sheet, inputs = plan_inputs(table.book, table.tickers)
    hpc_sheet, hpc = plan_hpc(table, inputs)
    book, tickers = table.book, table.tickers
    deals_sheet, deal_pairs = plan_deals(book, tickers)
    hpc.pairs += deal_pairs
    facts = (deals_sheet, plan_instruments(book, tickers), plan_sites(book, tickers))
    history = plan_history(book, tickers)
    made = {sheet.name: sheet for sheet in (inputs_sheet, hpc_sheet, deals_sheet)}
    checks_sheet, checks = plan_checks(made, inputs, hpc)
    summary = plan_summary(table, inputs, hpc, checks)
    functions = plan_functions(book, tickers)
    sources = plan_sources((inputs_sheet, *facts, history))
    sheets = [summary, inputs_sheet, *facts, hpc_sheet, history, functions, checks_sheet, sources]
    cover = plan_cover(table, inputs, checks, sheets)
    day = book.as_of
    return Plan(f"{TITLE}, {day.isoformat()}", [cover, *sheets], {BOOK_NAME: inputs.book}, day)


def build_model(table: Coverage, path: Path) -> None:
    """Write the model workbook; an existing file is replaced in one step."""
    write(plan_model(table), path)
