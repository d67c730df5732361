"""Cover: what the workbook is, whether its checks pass, where things are, how to use it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from valuation_core import __version__
from valuation_core.book import PLAIN as PLAIN_CASE
from valuation_core.book.schema import BANK, FORMAT_VERSION
from valuation_core.coverage import Coverage
from workbook.cells import Ref, Value
from workbook.model.excel import IF, ZERO, day_in_words, joined_text, text
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.front.verdict import CheckCells, put_banner, put_looks
from workbook.style import DATE, PLAIN

NAME: Final = "Cover"
WIDTHS: Final = (20, 40, 40)

CHARACTERS_A_LINE: Final = 130

PURPOSES: Final = {
    "Control": "Date, case, miner, drivers and own values: change them here",
    "WhatIf": "Targets by case, by any two drivers, at both ends of each: data tables",
    "Summary": "Plain, case and published side by side; charts",
    "Inputs": "Every fact used, with unit, source, date and confidence; change blue values here",
    "Deals": "Signed contracts as stated, and their metrics",
    "Instruments": "Notes, warrants and debt, and whether each dilutes",
    "Sites": "Power by site, status and ownership",
    "Mining": "Gross profit of mining by subsidy period",
    "HPC": "Power: option, signed and named MW, cloud, land",
    "Pipeline": "The option site by site, in use where option_by_site is 1",
    "Lease": "Economics of a lease, per MW",
    "Leases": "Signed deals on their own terms, in use where signed_by_lease is 1",
    "Dilution": "Diluted shares, solved exactly",
    "SOTP": "Sum of the parts, one column per miner",
    "Targets": "Plain target, that of the case and the published one; the residual",
    "Implied": "MW, probability and value per MW that the price pays for",
    "Comps": "What the market pays, per MW and beside coins; every miner of the book",
    "Distribution": "How sure a target is: bars by outcome, percentiles",
    "Bridge": "Why a target moved between two dates or cases, driver by driver, with sources",
    "History": "Published ratings and targets by edition",
    "Facts": "Table of all facts, of every miner: what the functions read",
    "AllDeals": "Table of all signed deals",
    "AllInstruments": "Table of all notes, warrants and debt",
    "AllSites": "Table of all sites",
    "Editions": "Table of all published rows",
    "Cases": "Table of the cases and their changes",
    "Miners": "Table of the miners, with their other names",
    "Series": "Table of market figures by period",
    "Functions": "Reference of the HPC_ functions with live examples",
    "Checks": "Every figure two ways, and whether they agree",
    "Sources": "Every source, what rests on it, how sure it is",
    "Keys": "What of each row of the tables counts on the date; hidden",
    "RowChecks": "What is wrong with a row of the tables; hidden",
}
"""What each sheet holds, as the contents say it."""

LEGEND: Final = (
    ("Input", "input_left", "Blue on cream: typed values. Those on Inputs move the model."),
    ("Calculation", "legend_calculation", "Black: native formulas, and figures as stated."),
    ("Link", "link_left", "Green: taken from another sheet."),
    ("HPC_ function", "function_left", "Purple: computed by the add-in from the same facts."),
    ("Result", "result_left", "Bold on grey: what a block comes to."),
    (
        "Assumption",
        "legend_amber",
        "Amber: low confidence, derived or assumed, when the workbook was built.",
    ),
    ("Stale fact", "legend_red", "Red date on Inputs: older than its column stale after allows."),
    ("Failed check", "legend_red", "Red: two ways to a figure disagree."),
    ("Check not run", "legend_idle", "Grey: the functions it asks are not available here."),
)

WITH: Final = (
    "Recalculate: the purple cells compute, and Checks compares them with the native cells.",
    f"Every function takes the book as its last argument: the name {BOOK_NAME}, made of Inputs.",
    'HPC_EXPLAIN("HPC_VALUE",...) shows every step of a figure down to its sources.',
)
WITHOUT: Final = (
    "The file shows every figure as stored; native formulas recalculate as in any workbook.",
    "Purple cells keep their stored figures until they are recalculated, then show #NAME?; "
    "the native cells do not depend on them.",
)
NOTES: Final = (
    "Published ratings, targets and parameters are as reported by press; no bank report was read "
    "directly.",
    "The framework is reproduced from public facts; the model's own targets are not expected to "
    "equal published ones.",
    "Nothing here is investment advice.",
)


# A handle that cannot be made shows its error; without the functions there is none to show.
_HANDLE: Final = (
    f'IF(ISERROR({BOOK_NAME}),IF(ERROR.TYPE({BOOK_NAME})=5,"functions are not available",'
    f"{BOOK_NAME}),{BOOK_NAME})"
)

OF_PLAIN: Final = "published parameters only"
OTHER_CASE: Final = "assumptions of ours or yours; plain targets stand beside"
RECONSTRUCTION: Final = "reconstruction"
ABOUT_RECONSTRUCTION: Final = (
    "The case reconstruction is a reading of the published targets, not the bank's model and not a "
    "view of ours. Its four assumptions were selected because they explain five targets of "
    "September 2025, which are therefore no evidence for it."
)


def plan_cover(
    table: Coverage, inputs: InputCells, checks: CheckCells, sheets: Sequence[Sheet]
) -> Sheet:
    """Plan the sheet, with a link to each of the others in their order."""
    sheet = Sheet(NAME, WIDTHS, landscape=False, one_page=True)
    book = table.book
    sheet.put(1, 1, "Bitcoin miners: the option to host AI/HPC load", "title")
    sheet.put(2, 1, "Valuation model in native formulas and HPC_ functions", "subtitle")
    sheet.heights[1] = 26
    put_banner(sheet, 3, checks, len(WIDTHS))
    put_looks(sheet, 4, checks, len(WIDTHS))
    row = _facts(sheet, 5, table, inputs)
    row = _contents(sheet, row + 1, sheets)
    row = _legend(sheet, row + 1)
    row = _texts(sheet, row + 1, "With the add-in", WITH)
    row = _texts(sheet, row + 1, "Without the add-in", WITHOUT)
    notes: tuple[str, ...] = NOTES
    if RECONSTRUCTION in book.cases:
        notes = (*notes, ABOUT_RECONSTRUCTION)
    _texts(sheet, row + 1, "Please note", notes)
    return sheet


def _facts(sheet: Sheet, row: int, table: Coverage, inputs: InputCells) -> int:
    book = table.book
    names = ", ".join(table.tickers)
    plain = inputs.case.equals(text(PLAIN_CASE))
    case = joined_text([inputs.case, text(": "), IF(plain, text(OF_PLAIN), text(OTHER_CASE))])
    newest = inputs.newest_edition
    said = joined_text([day_in_words(newest), text(f", {BANK}, as reported by press")])
    edition = IF(newest.equals(ZERO), text("none by this date"), said)
    lines: tuple[tuple[str, Value, str, str, str | None], ...] = (
        ("As of", book.as_of, "link_left", DATE, inputs.as_of.there),
        ("Case", case.value, "link_left", PLAIN, case.text),
        ("Newest edition", edition.value, "link_left", PLAIN, edition.text),
        (f"Miners ({len(table.tickers)})", names, "label", PLAIN, None),
        ("Book of facts", book.handle, "link_left", PLAIN, _HANDLE),
        (
            "Made by",
            f"hpc-valuation {__version__}, book format {FORMAT_VERSION}",
            "label",
            PLAIN,
            None,
        ),
    )
    for line, (label, value, style, number_format, formula) in enumerate(lines, start=row):
        sheet.put(line, 1, label, "label_bold")
        sheet.put(line, 2, value, style, number_format, formula)
        sheet.put(line, 3, None, "label")
    return row + len(lines)


def _contents(sheet: Sheet, row: int, sheets: Sequence[Sheet]) -> int:
    sheet.put(row, 1, "Contents", "section")
    sheet.put_row(row, 2, (None, None), "section")
    for line, target in enumerate(sheets, start=row + 1):
        sheet.put(line, 1, target.name, "contents", link=Ref.top_of(target.name))
        sheet.put(line, 2, PURPOSES.get(target.name), "label")
        sheet.put(line, 3, None, "label")
    return row + 1 + len(sheets)


def _legend(sheet: Sheet, row: int) -> int:
    sheet.put(row, 1, "Colours", "section")
    sheet.put_row(row, 2, (None, None), "section")
    for line, (label, style, told) in enumerate(LEGEND, start=row + 1):
        sheet.put(line, 1, label, style)
        sheet.put(line, 2, told, "label")
        sheet.put(line, 3, None, "label")
    return row + 1 + len(LEGEND)


def _texts(sheet: Sheet, row: int, title: str, texts: Sequence[str]) -> int:
    sheet.put(row, 1, title, "section")
    sheet.put_row(row, 2, (None, None), "section")
    for line, told in enumerate(texts, start=row + 1):
        sheet.put(line, 1, told, "label_wrap")
        sheet.put_row(line, 2, (None, None), "label")
        sheet.merges.append(Ref(NAME, line, 1, line, len(WIDTHS)))
        sheet.heights[line] = 4 + 11 * ceil(len(told) / CHARACTERS_A_LINE)
    return row + 1 + len(texts)
