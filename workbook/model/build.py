"""The model workbook: plan every sheet from a book, then write the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from valuation_core.coverage import Coverage
from workbook.garbage import nothing_collected
from workbook.model.excel import Term
from workbook.model.figures import Figures
from workbook.model.outputs import output_names
from workbook.model.plan import Paper, Plan
from workbook.model.sheets.facts.assumptions import mark_assumptions
from workbook.model.sheets.facts.book_tables import SHEETS as BOOK_SHEETS
from workbook.model.sheets.facts.book_tables import plan_book_tables
from workbook.model.sheets.facts.case_cells import put_choices
from workbook.model.sheets.facts.deal_keys import add_deal_columns
from workbook.model.sheets.facts.deals import plan_deals
from workbook.model.sheets.facts.history import plan_history
from workbook.model.sheets.facts.input_cells import AS_OF, BOOK_NAME, CONTROL, PLAIN_BOOK_NAME
from workbook.model.sheets.facts.inputs import plan_inputs
from workbook.model.sheets.facts.instruments import plan_instruments
from workbook.model.sheets.facts.keys import plan_keys
from workbook.model.sheets.facts.miner_keys import plan_miners
from workbook.model.sheets.facts.newest_rows import add_newest_columns, add_unseen_column
from workbook.model.sheets.facts.row_checks import plan_row_checks
from workbook.model.sheets.facts.sites import plan_sites
from workbook.model.sheets.facts.sources import plan_sources, sources_of_inputs
from workbook.model.sheets.front.checks import plan_checks
from workbook.model.sheets.front.control import plan_control
from workbook.model.sheets.front.cover import plan_cover
from workbook.model.sheets.front.functions import plan_functions
from workbook.model.sheets.front.look_at import looks
from workbook.model.sheets.front.summary import ModelLines, plan_summary
from workbook.model.sheets.valuation.comps import plan_comps
from workbook.model.sheets.valuation.deal_leases import plan_deal_leases
from workbook.model.sheets.valuation.dilution import close_dilution, plan_dilution
from workbook.model.sheets.valuation.football_values import add_scenarios
from workbook.model.sheets.valuation.hpc import plan_hpc
from workbook.model.sheets.valuation.hpc_grids import miner_of, plan_grids
from workbook.model.sheets.valuation.implied import plan_implied
from workbook.model.sheets.valuation.lease import plan_lease
from workbook.model.sheets.valuation.mining import plan_mining
from workbook.model.sheets.valuation.option_per_share import add_option_per_share
from workbook.model.sheets.valuation.pipeline import close_pipeline, plan_pipeline
from workbook.model.sheets.valuation.sotp import add_functions, close_sotp, plan_sotp
from workbook.model.sheets.valuation.targets import plan_targets
from workbook.model.sheets.what_if.bridge import plan_bridge
from workbook.model.sheets.what_if.distribution import plan_distribution
from workbook.model.sheets.what_if.what_if import plan_what_if
from workbook.model.shown import Shown
from workbook.model.write import write

SHEETS: Final = frozenset(
    {"Cover", "Control", "Summary"}
    | {"Inputs", "Deals", "Instruments", "Sites", "Mining", "HPC", "Pipeline"}
    | {"Lease", "Leases"}
    | {"Dilution", "SOTP", "Targets", "Implied", "Comps", "WhatIf"}
    | {"Distribution", "Bridge"}
    | {"History", "Functions", "Checks", "Sources", "Keys", "RowChecks"}
    | {sheet for _, sheet in BOOK_SHEETS.values()}
)
"""Names of the sheets of a model."""

TITLE: Final = "Bitcoin miners: HPC option model"


@nothing_collected()
def plan_model(table: Coverage, shown: Shown | None = None) -> Plan:
    """Plan the model of the miners of a coverage table.

    Parameters
    ----------
    table : Coverage
        Its book is the one that functions read.
    shown : Shown, optional
        What a workbook in use shows, to plan that very workbook.
    """
    shown = shown or Shown()
    figures = Figures(table.book, table.tickers, shown.chosen, shown.laid_out)
    tables, book_tables = plan_book_tables(table.book, shown)
    read = {name: one.cells for name, one in book_tables.items()}
    keys_sheet, keys = plan_keys(book_tables, Term(AS_OF.there, table.book.as_of))
    add_newest_columns(keys)
    cases = next(sheet for sheet in tables if sheet.name == read["cases"].sheet)
    choices = put_choices(cases, read["cases"], table.book)
    inputs_sheet, inputs, names = plan_inputs(
        table.book, table.tickers, read, keys, miner_of(figures, CONTROL)
    )
    columns = (inputs.column_of_facts(heading) for heading in ("scope", "metric"))
    add_unseen_column(keys["inputs"], *columns)
    add_deal_columns(keys["deals"], keys["sites"], plan_miners(inputs, table.tickers))
    mining = plan_mining(figures, inputs)
    lease, pipeline = plan_lease(figures, inputs), plan_pipeline(figures, inputs)
    leases = plan_deal_leases(figures, inputs, lease)
    hpc = plan_hpc(figures, inputs, pipeline, leases)
    close_pipeline(figures, pipeline, hpc)
    plan_grids(hpc, figures, inputs)
    sotp = plan_sotp(figures, inputs, mining, hpc)
    dilution = plan_dilution(figures, inputs, sotp)
    close_sotp(figures, sotp, dilution)
    targets = plan_targets(figures, inputs, sotp, dilution)
    add_functions(figures, sotp, targets)
    close_dilution(figures, dilution, targets)
    add_scenarios(figures, targets, hpc, sotp, dilution)
    add_option_per_share(figures, targets, hpc, dilution)
    implied = plan_implied(figures, inputs, hpc, sotp, dilution, targets)
    comps = plan_comps(figures, inputs, hpc, sotp, dilution, targets)
    what_if = plan_what_if(figures, inputs, hpc, targets, choices)
    distribution, drawn = plan_distribution(figures, inputs, targets)
    bridge = plan_bridge(figures, inputs.miner, read, choices, shown.compared)
    lines = (mining, hpc, pipeline, lease, leases, dilution, sotp, targets, implied, comps)
    book, tickers = table.book, table.tickers
    deals, signed = plan_deals(book, keys["deals"])
    instruments, held = plan_instruments(tickers, keys["instruments"])
    sites, listed = plan_sites(tickers, keys["sites"])
    facts = (deals, instruments, sites)
    mark_assumptions(inputs_sheet, [one.sheet for one in lines])
    planned = [inputs_sheet, *facts, *(one.sheet for one in lines)]
    pairs = [*signed, *held, *listed, *drawn, *bridge.pairs]
    row_checks_sheet, row_checks = plan_row_checks(book_tables)
    look_at = looks(inputs, hpc, sotp, targets)
    compared = [*planned, distribution, bridge.sheet, *tables]
    checks_sheet, checks = plan_checks(inputs, compared, lines, pairs, row_checks, look_at)
    summary = plan_summary(table, inputs, ModelLines(hpc, sotp, targets, implied, what_if), checks)
    history = plan_history(book, tickers, book_tables["editions"].rows_built)
    functions = plan_functions(book, tickers, bridge.compared.by_argument, figures.laid_out)
    others = sources_of_inputs(inputs)
    sources = plan_sources((inputs_sheet, *facts, history, cases), others, shown.sources)
    control = plan_control(table, inputs, targets, what_if, choices, checks, summary)
    last = (functions, checks_sheet, sources, keys_sheet, row_checks_sheet)
    sheets = [
        control,
        what_if.sheet,
        summary,
        *planned,
        distribution,
        bridge.sheet,
        history,
        *tables,
        *last,
    ]
    names |= {BOOK_NAME: inputs.book, PLAIN_BOOK_NAME: inputs.plain_book}
    return Plan(
        f"{TITLE}, built for {book.as_of.isoformat()}",
        [plan_cover(table, inputs, checks, sheets), *sheets],
        names | output_names(lines, names),
        book.as_of,
    )


def build_model(table: Coverage, path: Path, paper: Paper = "a4") -> None:
    """Write the model workbook, to print on a paper; an existing file is replaced in one step."""
    write(replace(plan_model(table), paper=paper), path)
