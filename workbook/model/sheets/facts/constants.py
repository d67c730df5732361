"""Numbers that the method fixes: shown once, so that no formula hides one."""

from __future__ import annotations

from typing import Final

from valuation_core.gpu import HOURS_A_YEAR
from valuation_core.implied import ROUNDING
from valuation_core.lease_cashflows import HIGHEST_RETURN, LOWEST_RETURN
from valuation_core.mining import HOURS_A_DAY
from valuation_core.network import BLOCKS_PER_HALVING, HORIZON_DAYS, PETAHASHES_PER_EXAHASH
from valuation_core.published import EDGE
from valuation_core.units import DAYS_A_YEAR
from valuation_core.value_per_mw import POSITIONS
from workbook.model.excel import Term
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, IN_USE

CONSTANTS: Final = (
    ("horizon_days", float(HORIZON_DAYS), "days", "#,##0", "four years of mining"),
    ("blocks_per_halving", float(BLOCKS_PER_HALVING), "blocks", "#,##0", "bitcoin protocol"),
    ("halving_factor", 0.5, "ratio", "0.0", "bitcoin protocol: the subsidy halves"),
    ("days_a_year", DAYS_A_YEAR, "days", "0.00", "compounding and target date"),
    ("hours_a_day", HOURS_A_DAY, "hours", "0", "1 EH/s at 1 J/TH draws 1 MW"),
    ("hours_a_year", HOURS_A_YEAR, "hours", "#,##0", "GPU rent"),
    ("halfway", POSITIONS["mid"], "fraction", "0.0", "mid value per MW: between low and high"),
    ("months_a_year", 12.0, "months", "0", "the window for deals"),
    ("half_year", 0.5, "years", "0.0", "lease and GPU cash flows come at mid-year"),
    ("ph_per_eh", PETAHASHES_PER_EXAHASH, "PH/EH", "#,##0", "hashprice is per PH/s"),
    ("million", 1e6, "USD/USD M", "#,##0", "unit"),
    ("rating_edge", EDGE, "fraction", "0E+00", "a rating threshold met but for rounding is met"),
    ("rounding", ROUNDING, "fraction", "0E+00", "implied value that is only rounding counts as 0"),
    ("lowest_return", LOWEST_RETURN, "fraction/year", "0.00%", "solved returns start here"),
    ("highest_return", HIGHEST_RETURN, "fraction/year", "#,##0%", "and end here"),
)
"""Name, value, unit, format, use."""


def plan_constants(sheet: Sheet, row: int) -> tuple[dict[str, Term], int]:
    """Plan the block from a row on; give the terms by name and the row that comes next."""
    sheet.put(
        row,
        COLUMN["scope"],
        "Fixed by the method (not inputs: the functions have them built in)",
        "section",
    )
    terms = {}
    for offset, (name, value, unit, number_format, use) in enumerate(CONSTANTS, start=1):
        sheet.put(row + offset, COLUMN["scope"], "METHOD", "label")
        sheet.put(row + offset, COLUMN["metric"], name, "label")
        ref = sheet.put(row + offset, IN_USE, value, "fact", number_format)
        for ruled in ("in the book", "your value"):
            sheet.put(row + offset, COLUMN[ruled], None, "label")
        sheet.put(row + offset, COLUMN["unit"], unit, "unit")
        sheet.put(row + offset, COLUMN["basis"], use, "subtitle")
        terms[name] = Term(ref.there, value)
    return terms, row + len(CONSTANTS) + 1
