"""What is stale and what is assumed among the facts of a scope, told in one text each.

Beside each fact stands the text so far, down to the last fact of its scope, which tells all.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book import METRICS
from workbook.cells import Ref
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    ISNUMBER,
    ZERO,
    Span,
    Term,
    joined_text,
    text,
)
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, NAME
from workbook.model.sheets.facts.keys import row_of

STALE: Final = "stale so far"
ASSUMED: Final = "assumed so far"
"""Headings of both texts."""

BESIDE: Final = frozenset({"power_operating", "power_secured", "price"})
"""Facts on which no target rests; a price has its own line on Summary."""


def put_told(sheet: Sheet, row: int, metric: str, *, first: bool, owing: Span) -> None:
    """Plan both texts of a fact; those of the first of its scope begin anew.

    `owing` names the miners with a debt instrument: what they report as debt is not in use.
    """
    age, limit, confidence = (
        _at(sheet, row, heading) for heading in ("age, days", "stale after", "confidence")
    )
    old = IF(AND(ISNUMBER(age), ISNUMBER(limit)), age > limit, FALSE)
    said = joined_text([text(f"{metric} "), age, text(" days")])
    stale = FALSE if metric in BESIDE else old
    if metric == "debt_reported":
        in_use = row_of(_at(sheet, row, "scope"), owing).equals(ZERO)
        stale = IF(in_use, old, FALSE)
    _put(sheet, row, STALE, stale, said, first)
    name = METRICS[metric].meaning.lower().replace("mw", "MW").replace("hpc", "HPC")
    _put(sheet, row, ASSUMED, confidence.equals(text("low")), text(name), first)


def _put(sheet: Sheet, row: int, heading: str, tells: Term, said: Term, first: bool) -> None:
    before = BLANK if first else _at(sheet, row - 1, heading)
    more = IF(before.equals(BLANK), said, joined_text([before, text(", "), said]))
    term = IF(tells, said if first else more, before)
    sheet.put(row, COLUMN[heading], term.value, "unit", formula=term.text)


def _at(sheet: Sheet, row: int, heading: str) -> Term:
    column = COLUMN[heading]
    return Term(Ref(NAME, row, column, row, column).here, sheet.cells[row, column].value)
