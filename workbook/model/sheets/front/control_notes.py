"""What Control says is stale, mixed, missing, assumed or only tried."""

from __future__ import annotations

from typing import Final

from valuation_core.book import OWN
from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, Span, Term, joined_text, text
from workbook.model.lines import Lines
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, CONFIDENCE, FIRST_ROW, InputCells
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
from workbook.model.sheets.front.summary import REMARK_ROW

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


def _span(inputs: InputCells, heading: str) -> Span:
    rows = range(FIRST_ROW, FIRST_ROW + len(inputs.facts))
    column, sheet = COLUMN[heading], inputs.sheet
    ref = Ref(sheet.name, rows[0], column, rows[-1], column)
    return Span(ref.there, tuple(sheet.cells[row, column].value for row in rows))


def _counted(inputs: InputCells, confidence: str) -> Term:
    rows = range(FIRST_ROW, FIRST_ROW + len(inputs.facts))
    count = sum(inputs.sheet.cells[row, CONFIDENCE].value == confidence for row in rows)
    cells = _span(inputs, "confidence").address
    return Term(f'COUNTIF({cells},"{confidence}")', float(count), _CALL)


def _stale(inputs: InputCells) -> Term:
    ages, limits = _span(inputs, "age, days"), _span(inputs, "stale after")
    pairs = zip(ages.values, limits.values, strict=True)
    count = sum(
        isinstance(age, float) and isinstance(limit, float) and age > limit for age, limit in pairs
    )
    both = f"ISNUMBER({ages.address})*ISNUMBER({limits.address})"
    older = f"({ages.address}>{limits.address})"
    return Term(f"SUMPRODUCT({both}*{older})", float(count), _CALL)


def _tried() -> Term:
    """Count what What-if tries: it is in use everywhere until it is taken back."""
    drivers = Ref(NAME, DRIVERS_ROW, TRIED, DRIVERS_ROW + len(MOVED) - 1, TRIED)
    parts = [
        f'ROWS({ref.there})-COUNTIF({ref.there},"{OFF}")-COUNTBLANK({ref.there})'
        for ref in (CASE_TRIED.to(END_TRIED), drivers)
    ]
    return Term("+".join(parts), 0.0, _SUM)
