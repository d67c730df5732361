"""What is stale and what is assumed among the facts of a scope, told in one text each.

Beside each fact stands the text so far, down to the last fact of its scope, which tells all.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book import METRICS
from workbook.cells import Ref
from workbook.model.excel import (
    BLANK,
    FALSE,
    IF,
    ZERO,
    Span,
    Term,
    joined_text,
    text,
)
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, NAME, STALE
from workbook.model.sheets.facts.keys import row_of

OLD: Final = "stale so far"
ASSUMED: Final = "assumed so far"
"""Headings of both texts."""

BESIDE: Final = frozenset({"power_operating", "power_secured", "price"})
"""Facts on which no target rests; a price has its own line on Summary."""


def put_told(sheet: Sheet, row: int, metric: str, before: int | None, owing: Span) -> None:
    """Plan both texts of a fact, which go on from the row before; None begins a scope anew.

    `owing` names the miners with a debt instrument: what they report as debt is not in use.
    """
    age, mark, confidence = (
        _at(sheet, row, heading) for heading in ("age, days", "stale", "confidence")
    )
    old = mark.equals(text(STALE))
    said = joined_text([text(f"{metric} "), age, text(" days")])
    stale = FALSE if metric in BESIDE else old
    if metric == "debt_reported":
        in_use = row_of(_at(sheet, row, "scope"), owing).equals(ZERO)
        stale = IF(in_use, old, FALSE)
    _put(sheet, row, OLD, stale, said, before)
    name = METRICS[metric].meaning.lower().replace("mw", "MW").replace("hpc", "HPC")
    _put(sheet, row, ASSUMED, confidence.equals(text("low")), text(name), before)


def _put(sheet: Sheet, row: int, heading: str, tells: Term, said: Term, before: int | None) -> None:
    so_far = BLANK if before is None else _at(sheet, before, heading)
    more = IF(so_far.equals(BLANK), said, joined_text([so_far, text(", "), said]))
    term = IF(tells, said if before is None else more, so_far)
    sheet.put(row, COLUMN[heading], term.value, "unit", formula=term.text)


def _at(sheet: Sheet, row: int, heading: str) -> Term:
    column = COLUMN[heading]
    return Term(Ref(NAME, row, column, row, column).here, sheet.cells[row, column].value)
