"""What Control says is stale, mixed, missing, assumed or only tried."""

from __future__ import annotations

from typing import Final

from valuation_core.book import OWN
from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, Span, Term, joined_text, text
from workbook.model.lines import Lines
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import STALE, InputCells
from workbook.model.sheets.facts.what_if_cells import (
    CASE_TRIED,
    DRIVERS_ROW,
    END_TRIED,
    MOVED,
    NAME,
    OFF,
    TRIED,
)
from workbook.model.sheets.front.summary import NAME as SUMMARY
from workbook.model.sheets.front.summary_remark import REMARK_ROW

_CALL: Final = 8
_SUM: Final = 5


def notes(inputs: InputCells, targets: Lines, summary: Sheet) -> tuple[tuple[str, Term], ...]:
    """Give what is to be looked at, with its label."""
    remark = summary.cells[REMARK_ROW, 1].value
    return (
        ("Prices, windows", Term(f"{SUMMARY}!$A${REMARK_ROW}", remark)),
        ("Missing facts", _missing(targets)),
        ("Stale facts in use", _stale(inputs)),
        ("Facts of low confidence", _counted(inputs, "low")),
        ("Own values in use", _counted(inputs, OWN)),
        ("Values tried on What-if", _tried()),
    )


def _missing(targets: Lines) -> Term:
    lacks = []
    for ticker in targets.columns:
        names = targets.there("missing", ticker)
        said = joined_text([text(f"{ticker}: "), names, text("; ")])
        lacks.append(IF(names.equals(BLANK), BLANK, said))
    named = joined_text(lacks)
    return IF(named.equals(BLANK), text("none"), named)


def _counted(inputs: InputCells, confidence: str) -> Term:
    return _count(inputs.column_of_facts("confidence"), confidence)


def _stale(inputs: InputCells) -> Term:
    return _count(inputs.column_of_facts("stale"), STALE)


def _count(cells: Span, word: str) -> Term:
    return Term(f'COUNTIF({cells.address},"{word}")', float(cells.values.count(word)), _CALL)


def _tried() -> Term:
    """Count what What-if tries: it is in use everywhere until it is taken back."""
    drivers = Ref(NAME, DRIVERS_ROW, TRIED, DRIVERS_ROW + len(MOVED) - 1, TRIED)
    parts = [
        f'ROWS({ref.there})-COUNTIF({ref.there},"{OFF}")-COUNTBLANK({ref.there})'
        for ref in (CASE_TRIED.to(END_TRIED), drivers)
    ]
    return Term("+".join(parts), 0.0, _SUM)
