"""Summary: model beside published for each miner, the charts, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.coverage import LEVELS, Coverage
from workbook.cells import NOT_AVAILABLE, Ref
from workbook.model.excel import (
    BLANK,
    IF,
    OR,
    Term,
    day_in_words,
    joined_text,
    text,
)
from workbook.model.lines import Lines
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import NO_BASIS, InputCells
from workbook.model.sheets.facts.told_facts import ASSUMED, OLD
from workbook.model.sheets.front.football_chart import plan_football
from workbook.model.sheets.front.summary_charts import parts_chart, upside_chart
from workbook.model.sheets.front.summary_remark import put_remark
from workbook.model.sheets.front.verdict import CheckCells, put_banner
from workbook.model.sheets.what_if.what_if import WhatIf
from workbook.style import DATE, MEGAWATTS, MONEY, PER_MW, PER_SHARE, PERCENT, PLAIN, PRICE

NAME: Final = "Summary"
WIDTHS: Final = (9, 18, *[9.3] * 18)
FIRST_ROW: Final = 8
CHART_ROWS: Final = 15
ROWS_MORE: Final = 2
"""Rows by which the football field is higher than other charts."""

CHARACTERS_A_LINE: Final = 62
MINERS_A_PAGE: Final = 6
"""Miners with which table and all three charts fit on one page."""
FRAMEWORK: Final = (
    ("colo_value_low", "Equity value per MW, low", PER_MW),
    ("colo_value_high", "Equity value per MW, high", PER_MW),
    ("colo_value_position", "Position in that range", PERCENT),
    ("cloud_value", "Equity value per MW of GPU cloud", PER_MW),
    ("land_power_value", "Value per MW of land and power", PER_MW),
    ("guided_hashrate_share", "Share of the way to guided hashrate", PERCENT),
    ("cost_of_equity", "Cost of equity of the roll-forward", PERCENT),
    ("tenant_cap", "Demand of one tenant", MEGAWATTS),
    ("gross_to_critical", "Gross MW per critical IT MW", PER_MW),
    ("window_months", "Window for deals", PLAIN),
)
OF_CASE: Final = "Model, case "
"""Heading of the figures of the case in use, whose name follows."""

GROUPS: Final = (
    (1, 2, "Miner"),
    (3, 4, "Share price"),
    (5, 9, "Published"),
    (10, 13, OF_CASE),
    (14, 15, "Residual"),
    (16, 16, "MW"),
    (17, 20, "HPC option, USD M; per share"),
)
COLUMNS: Final = (
    "Ticker", "Company", "Price", "of", "Edition", "Rating", "Target", "Upside then",
    "Upside now", "Plain", "Target", "Upside", "Rule", "USD", "%",
    "capped", *LEVELS, "mid/share",
)  # fmt: skip
PUBLISHED_UPSIDE, MODEL_UPSIDE = 9, 12
"""Columns that the chart of upsides draws."""

NOTES: Final = (
    "Target = (operating parts grown to the target date + bitcoin held + cash - debt) / diluted "
    "shares there; operating parts: mining, named, signed, option, cloud, land, other. Residual = "
    "model less published target: what the framework does not explain, never tuned away.",
    "Plain target: published parameters only, without the case and without your values. Upside "
    "then and now: of the published target over the edition's price and over the price in use.",
    "Rule: OW, N or UW by the absolute upside of the model; the bank rates relative to its "
    "coverage.",
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
    """The sheets of lines that Summary shows, and What-if."""

    hpc: Lines
    sotp: Lines
    targets: Lines
    implied: Lines
    what_if: WhatIf


def plan_summary(
    table: Coverage, inputs: InputCells, model: ModelLines, checks: CheckCells
) -> Sheet:
    """Plan the sheet: one row per miner, the charts, the parameters, the notes."""
    sheet = Sheet(NAME, WIDTHS, freeze=f"C{FIRST_ROW}")
    sheet.put(
        1, 1, "Bitcoin miners: value of the business and of the option on AI/HPC load", "title"
    )
    about = joined_text(
        [
            text("As of "),
            day_in_words(inputs.date),
            text(", case "),
            inputs.case,
            text(". USD; MW gross; option values in USD millions."),
        ]
    )
    sheet.put(2, 1, about.value, "subtitle", formula=about.text)
    put_banner(sheet, 4, checks, 6)
    _headings(sheet, inputs.case)
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
    half = Ref(NAME, row, 1, row + CHART_ROWS - 2, 9)
    sheet.charts.append(upside_chart(tickers, half, PUBLISHED_UPSIDE, MODEL_UPSIDE))
    sheet.charts.append(
        parts_chart(model.sotp, model.targets, Ref(NAME, row, 11, half.last_row, last))
    )
    chooser_row = half.last_row + 2
    field = Ref(NAME, chooser_row + 1, 1, half.last_row + CHART_ROWS + ROWS_MORE, last)
    if count > MINERS_A_PAGE:
        sheet.page_breaks.append(chooser_row)
    row = field.last_row + 2
    sheet.page_breaks.append(row)
    row = _rests_on(sheet, row, table.tickers, inputs, model)
    row = _framework(sheet, row + 1, inputs)
    row = _notes(sheet, row + 1)
    shown = model.targets, model.implied, model.what_if
    sheet.charts.append(plan_football(sheet, *shown, tickers, chooser_row, row + 2, field))
    put_remark(sheet, table.tickers, model.targets, row + 2)
    return sheet


RESTS_ON: Final = (
    (2, 6, "missing facts"),
    (7, 14, "facts of its own of low confidence"),
    (15, 20, "stale facts, of the network too"),
)
"""First and last column of what is told of each miner, and its heading."""


def _rests_on(
    sheet: Sheet, row: int, tickers: Sequence[str], inputs: InputCells, model: ModelLines
) -> int:
    """Plan per miner the facts that are missing, those that are assumptions, and the stale."""
    _section(sheet, row, "What the figures lack and rest on")
    for column in range(1, len(WIDTHS) + 1):
        sheet.put(row + 1, column, "Ticker" if column == 1 else None, "heading_left")
    for first, final, heading in RESTS_ON:
        sheet.put_again(row + 1, first, heading)
        sheet.merges.append(Ref(NAME, row + 1, first, row + 1, final))
    row += 2
    network = inputs.told(NETWORK, OLD)
    for ticker in tickers:
        missing = model.targets.there("missing", ticker)
        own = inputs.told(ticker, OLD)
        between = IF(OR(own.equals(BLANK), network.equals(BLANK)), BLANK, text(", "))
        told = (
            missing,
            _or_dash(inputs.told(ticker, ASSUMED)),
            _or_dash(joined_text([network, between, own])),
        )
        sheet.put(row, 1, ticker, "label_bold")
        for (first, final, _), term in zip(RESTS_ON, told, strict=True):
            style = "missing_left" if term is missing else "note_ruled"
            sheet.put(row, first, term.value, style, formula=term.text)
            for column in range(first + 1, final + 1):
                sheet.put(row, column, None, style)
            sheet.merges.append(Ref(NAME, row, first, row, final))
        if max(len(str(term.value)) for term in told) > CHARACTERS_A_LINE:
            sheet.heights[row] = 22
        row += 1
    return row


def _or_dash(said: Term) -> Term:
    return IF(said.equals(BLANK), text("-"), said)


def _headings(sheet: Sheet, case: Term) -> None:
    sheet.heights[7] = 25
    for first, last, title in GROUPS:
        for column in range(first, last + 1):
            style = "heading_center" if last > first > 1 else "heading_left"
            term = joined_text([text(title), case]) if title == OF_CASE else text(title)
            formula = term.text if title == OF_CASE and column == first else None
            sheet.put(6, column, term.value if column == first else None, style, formula=formula)
        if last > first > 1:
            sheet.merges.append(Ref(NAME, 6, first, 6, last))
    for column, title in enumerate(COLUMNS, start=1):
        side = {1: "_left", 2: "_left", 6: "_center", 13: "_center"}.get(column, "")
        sheet.put(7, column, title, f"heading{side}")


def _columns(model: ModelLines) -> dict[int, tuple[Callable[[str], Term], str, str]]:
    """Give what stands in each column from the third: cell, look, number format."""

    def link(lines: Lines, key: str) -> Callable[[str], Term]:
        return lambda ticker: lines.there(key, ticker)

    targets, hpc = model.targets, model.hpc
    return {
        3: (link(targets, "price"), "link", PRICE),
        4: (link(targets, "price_date"), "link", DATE),
        5: (link(targets, "published_date"), "link", DATE),
        6: (link(targets, "published_rating"), "link_center", PLAIN),
        7: (link(targets, "published_target"), "link", PRICE),
        8: (link(targets, "published_upside"), "link", PERCENT),
        9: (link(targets, "published_upside_in_use"), "link", PERCENT),
        10: (link(targets, "plain"), "link", PRICE),
        11: (link(targets, "target"), "link_bold", PRICE),
        12: (link(targets, "upside"), "link", PERCENT),
        13: (link(targets, "rating"), "link_center", PLAIN),
        14: (link(targets, "residual"), "link", PER_SHARE),
        15: (link(targets, "residual_share"), "link", PERCENT),
        16: (link(hpc, "capped"), "link", MEGAWATTS),
        17: (link(hpc, "option_low"), "link", MONEY),
        18: (link(hpc, "option_mid"), "link", MONEY),
        19: (link(hpc, "option_high"), "link", MONEY),
        20: (link(targets, "option_per_share_mid"), "link", PER_SHARE),
    }


def _framework(sheet: Sheet, row: int, inputs: InputCells) -> int:
    _section(sheet, row, "Parameters in use")
    row += 1
    for metric, label, number_format in FRAMEWORK:
        for column in (1, 2):
            sheet.put(row, column, label if column == 1 else None, "label")
        beside = partial(inputs.beside, (MARKET_WIDE, metric))
        value, basis = beside("in use"), beside("basis")
        sheet.put(row, 3, value.value, "link", number_format, value.text)
        on = IF(basis.equals(text(NO_BASIS)), BLANK, joined_text([text(" "), basis]))
        unit = joined_text([text(f"  {METRICS[metric].unit}"), on])
        sheet.put(row, 4, unit.value, "text", formula=unit.text)
        note, low = beside("note"), beside("confidence").equals(text("low"))
        told = joined_text(
            [
                IF(low, text("assumption: "), BLANK),
                IF(note.equals(BLANK), BLANK, joined_text([note, text("; ")])),
                beside("source"),
            ]
        )
        sheet.put(row, 7, told.value, "subtitle", formula=told.text)
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
