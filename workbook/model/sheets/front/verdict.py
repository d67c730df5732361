"""The verdict of the checks: how they are laid out, and what is said of them together.

A check is true, false, or not run: the functions it asks are not available here (#NAME?).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, ZERO, Term, joined_text, text
from workbook.model.plan import Highlight, Sheet

NAME: Final = "Checks"
FIRST_ROW: Final = 11
FAILING_ROW, PASSED_ROW, COUNT_ROW, IDLE_ROW, VERSION_ROW, TOLERANCE_ROW = range(3, 9)
"""Rows of the verdict, in column B."""
LOOK_ROW: Final = 9
"""Row of how many things are to be looked at, by which no check fails, and of their names."""
NOT_RUN: Final = "not run"
UNAVAILABLE: Final = "not available"
HEADINGS: Final = ("Check", "In cells", "Through functions", "Difference", "Agree")
RESULT: Final = len(HEADINGS)
"""Column that says whether a check holds."""


@dataclass(frozen=True)
class CheckCells:
    """Where the verdict landed."""

    count: Ref
    number: int
    failing: Ref
    """How many checks fail."""
    failed: int
    """How many of them do when the workbook is planned."""
    idle: Ref
    """How many are not run."""
    looked: Term
    """How many things are to be looked at, for other sheets, and their names."""
    looks: Term


def verdict(failing: Term, count: Term, idle: Term) -> Term:
    """Say in a sentence how many checks pass, fail and are not run.

    Examples
    --------
    >>> numbers = Term("B3", 0.0), Term("B5", 271.0), Term("B6", 86.0)
    >>> verdict(*numbers).value
    '185 checks pass, 86 not run: functions are not available'
    """
    none_idle, none_fails = idle.equals(ZERO), failing.equals(ZERO)
    silent = joined_text([text(", "), idle, text(" not run: functions are not available")])
    rest = IF(none_idle, BLANK, silent)
    every = IF(none_idle, text("All "), BLANK)
    good = joined_text([every, count - idle, text(" checks pass"), rest])
    bad = [failing, text(" of "), count, text(" CHECKS FAIL"), rest, text("; see sheet Checks")]
    return IF(none_fails, good, joined_text(bad))


def put_banner(sheet: Sheet, row: int, checks: CheckCells, width: int) -> None:
    """Plan the line that says whether all checks pass, red where one fails."""
    said = verdict(
        Term(checks.failing.there, float(checks.failed)),
        Term(checks.count.there, float(checks.number)),
        Term(checks.idle.there, 0.0),
    )
    sheet.put(row, 1, said.value, "banner", formula=said.text)
    wide = Ref(sheet.name, row, 1, row, width)
    for column in range(2, width + 1):
        sheet.put(row, column, None, "banner")
    # A rule that looks at another sheet is not for every Excel: this one reads the line itself.
    line = Ref(sheet.name, row, 1, row, 1).fixed
    sheet.highlights.append(Highlight(wide, f'ISNUMBER(SEARCH("FAIL",{line}))', "red"))


def put_looks(sheet: Sheet, row: int, checks: CheckCells, width: int) -> None:
    """Plan the line that names what is to be looked at, amber where there is any."""
    said = joined_text([checks.looked, text(" to look at"), checks.looks])
    term = IF(checks.looked.equals(ZERO), BLANK, said)
    sheet.put(row, 1, term.value, "look", formula=term.text)
    line = Ref(sheet.name, row, 1, row, 1)
    for column in range(2, width + 1):
        sheet.put(row, column, None, "look")
    wide = Ref(sheet.name, row, 1, row, width)
    sheet.highlights.append(Highlight(wide, f'{line.fixed}<>""', "amber"))


def together(results: str) -> str:
    """Give the formula that says of some checks whether all are true, one is false, or none ran.

    Examples
    --------
    >>> together("Checks!E9")
    'IF(COUNTIF(Checks!E9,FALSE)>0,FALSE,IF(COUNTIF(Checks!E9,"not run")>0,"not run",TRUE))'
    """
    idle = f'IF(COUNTIF({results},"{NOT_RUN}")>0,"{NOT_RUN}",TRUE)'
    return f"IF(COUNTIF({results},FALSE)>0,FALSE,{idle})"
