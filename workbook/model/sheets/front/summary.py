"""Summary: model beside published for each miner, the charts, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from valuation_core.coverage import LEVELS, Coverage
from workbook.cells import NOT_AVAILABLE, Ref
from workbook.model.excel import Term
from workbook.model.lines import Lines
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.front.checks import CheckCells, put_banner
from workbook.model.sheets.front.football_chart import plan_football
from workbook.model.sheets.front.summary_charts import parts_chart, upside_chart
from workbook.style import MEGAWATTS, MONEY, PER_MW, PER_SHARE, PERCENT, PLAIN, PRICE

NAME: Final = "Summary"
WIDTHS: Final = (9, 18, *[9.3] * 14)
FIRST_ROW: Final = 8
CHART_ROWS: Final = 17
CHARACTERS_A_LINE: Final = 70
MINERS_A_PAGE: Final = 6
"""Miners with which table and all three charts fit on one page."""
FRAMEWORK: Final = (
    ("colo_value_low", "Equity value per MW, low", PER_MW),
    ("colo_value_mid", "Equity value per MW, mid", PER_MW),
    ("colo_value_high", "Equity value per MW, high", PER_MW),
    ("cloud_value", "Equity value per MW of GPU cloud", PER_MW),
    ("tenant_cap", "Demand of one tenant", MEGAWATTS),
    ("gross_to_critical", "Gross MW per critical IT MW", PER_MW),
    ("window_months", "Window for deals", PLAIN),
)
GROUPS: Final = (
    (1, 2, "Miner"),
    (3, 6, "Published edition"),
    (7, 9, "Model"),
    (10, 11, "Residual"),
    (12, 12, "MW"),
    (13, 16, "HPC option, USD M; per diluted share"),
)
COLUMNS: Final = (
    "Ticker", "Company", "Price", "Rating", "Target", "Upside", "Rating", "Target", "Upside",
    "USD", "%", "capped", *LEVELS, "mid/share",
)  # fmt: skip

NOTES: Final = (
    "Target = value per share x roll-forward; value per share = (mining + bitcoin held + signed "
    "deals + HPC option + cloud + other + cash - debt) / diluted shares. Residual = model less "
    "published target: what the framework does not explain, never tuned away.",
    "HPC option = probability x MW, capped by one tenant's demand, x equity value per MW. The "
    "value per MW is net of project debt and capex; neither is deducted again.",
    f'"{NOT_AVAILABLE}": the edition gives no such figure or applies no probability to the name. '
    "#N/A: a fact is missing, named in the row.",
    "Published ratings and targets are as reported by press; no bank report was read directly.",
    "Blue: inputs. Black: calculations. Green: links to other sheets. Purple: HPC_ functions; "
    "without the add-in they show the stored figures until recalculated.",
)


@dataclass(frozen=True)
class ModelLines:
    """The sheets of lines that Summary shows."""

    hpc: Lines
    sotp: Lines
    targets: Lines


def plan_summary(
    table: Coverage, inputs: InputCells, model: ModelLines, checks: CheckCells
) -> Sheet:
    """Plan the sheet: one row per miner, the charts, the parameters, the notes."""
    sheet = Sheet(NAME, WIDTHS, freeze=f"C{FIRST_ROW}")
    day = table.book.as_of
    sheet.put(
        1, 1, "Bitcoin miners: value of the business and of the option on AI/HPC load", "title"
    )
    sheet.put(
        2, 1, f"As of {day:%d %B %Y}. USD; MW gross; option values in USD millions.", "subtitle"
    )
    put_banner(sheet, 4, checks, 6)
    _headings(sheet)
    columns = _columns(model)
    for index, ticker in enumerate(table.tickers):
        row = FIRST_ROW + index
        sheet.put(row, 1, ticker, "label_bold")
        sheet.put(row, 2, table.names[index], "label")
        for column, (make, style, number_format) in columns.items():
            term = make(ticker)
            sheet.put(row, column, term.value, style, number_format, term.text)
        sheet.heights[row] = 18
    count = len(table.tickers)
    row = FIRST_ROW + count + 1
    tickers = Ref(NAME, FIRST_ROW, 1, FIRST_ROW + count - 1, 1)
    last = len(WIDTHS)
    half = Ref(NAME, row, 1, row + CHART_ROWS - 2, 7)
    sheet.charts.append(upside_chart(tickers, half))
    sheet.charts.append(parts_chart(model.sotp, Ref(NAME, row, 9, half.last_row, last)))
    field = Ref(NAME, half.last_row + 2, 1, half.last_row + CHART_ROWS, last)
    if count > MINERS_A_PAGE:
        sheet.page_breaks.append(field.row)
    row = field.last_row + 2
    sheet.page_breaks.append(row)
    row = _rests_on(sheet, row, table, model)
    row = _framework(sheet, row + 1, inputs)
    row = _notes(sheet, row + 1)
    sheet.charts.append(plan_football(sheet, model.targets, row + 2, field))
    return sheet


def _rests_on(sheet: Sheet, row: int, table: Coverage, model: ModelLines) -> int:
    """Plan per miner the facts that are missing and those that are assumptions."""
    _section(sheet, row, "What the figures lack and rest on")
    for column in range(1, len(WIDTHS) + 1):
        heading = {1: "Ticker", 2: "missing facts", 7: "facts of low confidence"}.get(column)
        sheet.put(row + 1, column, heading, "heading_left")
    for first, final in ((2, 6), (7, len(WIDTHS))):
        sheet.merges.append(Ref(NAME, row + 1, first, row + 1, final))
    row += 2
    for index, ticker in enumerate(table.tickers):
        missing = model.targets.there("missing", ticker)
        sheet.put(row, 1, ticker, "label_bold")
        sheet.put(row, 2, missing.value, "missing_left", formula=missing.text)
        for column in range(3, 7):
            sheet.put(row, column, None, "missing_left")
        sheet.merges.append(Ref(NAME, row, 2, row, 6))
        sheet.put(row, 7, "; ".join(table.assumptions[index]) or "-", "note_ruled")
        for column in range(8, len(WIDTHS) + 1):
            sheet.put(row, column, None, "note_ruled")
        sheet.merges.append(Ref(NAME, row, 7, row, len(WIDTHS)))
        if len(str(missing.value)) > CHARACTERS_A_LINE:
            sheet.heights[row] = 22
        row += 1
    return row


def _headings(sheet: Sheet) -> None:
    for first, last, title in GROUPS:
        for column in range(first, last + 1):
            style = "heading_center" if last > first > 1 else "heading_left"
            sheet.put(6, column, title if column == first else None, style)
        if last > first > 1:
            sheet.merges.append(Ref(NAME, 6, first, 6, last))
    for column, title in enumerate(COLUMNS, start=1):
        side = {1: "_left", 2: "_left", 4: "_center", 7: "_center"}.get(column, "")
        sheet.put(7, column, title, f"heading{side}")


def _columns(model: ModelLines) -> dict[int, tuple[Callable[[str], Term], str, str]]:
    """Give what stands in each column from the third: cell, look, number format."""

    def link(lines: Lines, key: str) -> Callable[[str], Term]:
        return lambda ticker: lines.there(key, ticker)

    targets, hpc = model.targets, model.hpc
    return {
        3: (link(targets, "price"), "link", PRICE),
        4: (link(targets, "published_rating"), "link_center", PLAIN),
        5: (link(targets, "published_target"), "link", PRICE),
        6: (link(targets, "published_upside"), "link", PERCENT),
        7: (link(targets, "rating"), "link_center", PLAIN),
        8: (link(targets, "target"), "link_bold", PRICE),
        9: (link(targets, "upside"), "link", PERCENT),
        10: (link(targets, "residual"), "link", PER_SHARE),
        11: (link(targets, "residual_share"), "link", PERCENT),
        12: (link(hpc, "capped"), "link", MEGAWATTS),
        13: (link(hpc, "option_low"), "link", MONEY),
        14: (link(hpc, "option_mid"), "link", MONEY),
        15: (link(hpc, "option_high"), "link", MONEY),
        16: (link(targets, "option_per_share_mid"), "link", PER_SHARE),
    }


def _framework(sheet: Sheet, row: int, inputs: InputCells) -> int:
    _section(sheet, row, "Parameters of the edition")
    row += 1
    for metric, label, number_format in FRAMEWORK:
        fact = inputs.source.facts.get(("ALL", metric))
        if fact is None:
            continue
        for column in (1, 2):
            sheet.put(row, column, label if column == 1 else None, "label")
        source = inputs.facts["ALL", metric].there
        sheet.put(row, 3, float(fact.value), "link", number_format, source)  # type: ignore[arg-type]
        sheet.put(row, 4, f"  {fact.unit} {fact.basis}".rstrip(), "text")
        assumed = "assumption: " if fact.confidence == "low" else ""
        note = "; ".join(filter(None, (fact.note, fact.source)))
        sheet.put(row, 7, f"{assumed}{note}", "subtitle")
        row += 1
    return row


def _notes(sheet: Sheet, row: int) -> int:
    _section(sheet, row, "Notes")
    for offset, note in enumerate(NOTES, start=1):
        sheet.put(row + offset, 1, note, "subtitle")
    return row + len(NOTES)


def _section(sheet: Sheet, row: int, title: str) -> None:
    for column in range(1, len(WIDTHS) + 1):
        sheet.put(row, column, title if column == 1 else None, "section")
