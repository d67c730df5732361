"""Football field: the target over ranges of value per MW and of probability, as a chart."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref
from workbook.model.excel import IFERROR, MAX, MIN, ZERO, Term, joined_text, text
from workbook.model.lines import Lines
from workbook.model.plan import Chart, Sheet
from workbook.model.sheets.front.summary_charts import football_chart
from workbook.style import PER_SHARE

RANGES: Final = (
    ("value per MW", ("field_low", "field_mid", "field_high")),
    ("probability", ("field_0", "field_1", "field_2")),
)
HEADINGS: Final = (
    "Bar", None, "Low", "Middle", "High", "Price", "Published",
    "blank +", "bar +", "blank -", "bar -",
)  # fmt: skip


def plan_football(sheet: Sheet, targets: Lines, row: int, place: Ref) -> Chart:
    """Plan the data of the chart, one row per miner and range, and give the chart.

    A bar from low to high is stacked on a blank one; above and below zero are stacked apart.
    """
    for column in range(1, len(HEADINGS) + 1):
        title = "Data of the football field: target, USD per share"
        sheet.put(row, column, title if column == 1 else None, "section")
    for column, heading in enumerate(HEADINGS, start=1):
        sheet.put(row + 1, column, heading, "heading_left" if column <= 2 else "heading")
    line = row + 2
    for ticker in targets.columns:
        for name, keys in RANGES:
            _put_bar(sheet, targets, line, ticker, name, keys)
            line += 1
    return football_chart(Ref(sheet.name, row + 2, 1, line - 1, 1), place)


def _put_bar(
    sheet: Sheet, targets: Lines, row: int, ticker: str, name: str, keys: tuple[str, ...]
) -> None:
    head = Term(f"{targets.name}!{targets.head(ticker)}", ticker)
    label = joined_text([head, text(f" {name}")])
    sheet.put(row, 1, label.value, "label", formula=label.text)
    sheet.put(row, 2, None, "label")
    ends = [targets.there(key, ticker) for key in keys]
    # Where MW are named these ranges move nothing: the bar stays empty, and the cells say #N/A.
    low, high = MIN(*ends), MAX(*ends)
    cells: list[Term] = []
    for column, term in enumerate((low, ends[1], high), start=3):
        ref = sheet.put(row, column, term.value, "link", PER_SHARE, term.text)
        cells.append(Term(ref.here, term.value))
    for column, key in ((6, "price"), (7, "published_target")):
        term = targets.there(key, ticker)
        sheet.put(row, column, term.value, "link", PER_SHARE, term.text)
    low, _, high = cells
    parts = (
        MAX(ZERO, low),
        MAX(ZERO, high) - MAX(ZERO, low),
        MIN(ZERO, high),
        MIN(ZERO, low) - MIN(ZERO, high),
    )
    for column, term in enumerate(parts, start=8):
        shown = IFERROR(term, ZERO)
        sheet.put(row, column, shown.value, "calculation", PER_SHARE, shown.text)
