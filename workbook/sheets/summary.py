"""Summary: the coverage table, published beside the option value, and what it rests on."""

from __future__ import annotations

from typing import Final

from valuation_core.arrays import Elements
from valuation_core.coverage import LEVELS, Coverage
from workbook.plan import NOT_AVAILABLE, Chart, ChartSeries, Highlight, Ref, Sheet, Value
from workbook.sheets.checks import CheckCells
from workbook.sheets.formulas import needs, shown
from workbook.sheets.inputs import InputCells
from workbook.sheets.option import HpcCells
from workbook.style import MEGAWATTS, MONEY, NAVY, PER_MW, PER_SHARE, PERCENT, PLAIN, PRICE, PURPLE

NAME: Final = "Summary"
WIDTHS: Final = (9, 21, 10, 9, 10, 10, 10, 10, 11, 11, 11, 10, 10, 10, 32)
FIRST_ROW: Final = 8
FRAMEWORK: Final = (
    ("colo_value_low", "Equity value per MW, low", PER_MW),
    ("colo_value_mid", "Equity value per MW, mid", PER_MW),
    ("colo_value_high", "Equity value per MW, high", PER_MW),
    ("cloud_value", "Equity value per MW of GPU cloud", PER_MW),
    ("tenant_cap", "Demand of one tenant", MEGAWATTS),
    ("gross_to_critical", "Gross MW per critical IT MW", PER_MW),
    ("window_months", "Window for deals", PLAIN),
)
CHART_ROWS: Final = 17
_OPTION_TITLES: Final = tuple(f"Option value, {level}" for level in LEVELS)
_COLORS: Final = ("9AA3B2", NAVY, "CDB9E3", "9166C2", PURPLE)

NOTES: Final = (
    "Option value = probability x MW, capped by one tenant's demand, x equity value per MW. The "
    "value per MW is net of project debt and capex; neither is deducted again.",
    f'"{NOT_AVAILABLE}": the edition gives no such figure or applies no probability to the name.',
    "Published ratings and targets are as reported by press; no bank report was read directly. "
    "MW are gross, at the fence.",
    "Blue: inputs. Black: calculations. Green: links to other sheets. Purple: HPC_ functions; "
    "without the add-in they show the stored figures until recalculated.",
)


def plan_summary(table: Coverage, inputs: InputCells, hpc: HpcCells, checks: CheckCells) -> Sheet:
    """Plan the sheet: one row per miner, the parameters, the notes."""
    sheet = Sheet(NAME, WIDTHS, freeze=f"C{FIRST_ROW}")
    day = table.book.as_of
    sheet.put(1, 1, "Bitcoin miners: the option to host AI/HPC load", "title")
    sheet.put(
        2, 1, f"As of {day:%d %B %Y}. USD; MW gross; option values in USD millions.", "subtitle"
    )
    _banner(sheet, checks)
    _headings(sheet)
    row = FIRST_ROW
    for index, ticker in enumerate(table.tickers):
        _Line(sheet, row, index, ticker, table, inputs, hpc).plan()
        row += 1
    sheet.charts.append(_chart(len(table.tickers), f"A{row + 1}"))
    row = _framework(sheet, row + CHART_ROWS + 2, inputs)
    _notes(sheet, row + 1)
    return sheet


def _chart(count: int, anchor: str) -> Chart:
    """Chart the option per share beside the price and the published target."""
    last = FIRST_ROW + count - 1

    def column(number: int) -> Ref:
        return Ref(NAME, FIRST_ROW, number, last, number)

    columns = (
        ("Price", 3),
        ("Published target", 5),
        *zip(_OPTION_TITLES, (12, 13, 14), strict=True),
    )
    series = tuple(
        ChartSeries(title, column(number), color, PER_SHARE)
        for (title, number), color in zip(columns, _COLORS, strict=True)
    )
    title = "Price, published target and option value per basic share"
    return Chart(title, "USD per share", "0", column(1), series, anchor, 36, 8.2)


def _banner(sheet: Sheet, checks: CheckCells) -> None:
    passed, count = checks.passed.there, checks.count.there
    good = f'"All "&{count}&" checks pass"'
    text = f'IF({passed},{good},"A CHECK FAILS: see sheet Checks")'
    value = f"All {checks.number} checks pass"
    banner = sheet.put(4, 1, value, "banner", formula=text)
    sheet.highlights.append(Highlight(banner, f"NOT({passed})", "red"))


def _headings(sheet: Sheet) -> None:
    groups = (
        (1, 2, "Miner"),
        (3, 6, "Published edition"),
        (7, 8, "Power, MW"),
        (9, 11, "Option value, USD M"),
        (12, 14, "per basic share, USD"),
        (15, 15, "Rests on"),
    )
    for first, last, title in groups:
        for column in range(first, last + 1):
            style = "heading_center" if last > first > 1 else "heading_left"
            sheet.put(6, column, title if column == first else None, style)
        if last > first > 1:
            sheet.merges.append(Ref(NAME, 6, first, 6, last))
    sheet.put_row(7, 1, ("Ticker", "Company"), "heading_left")
    figures = ("Price", "Rating", "Target", "Upside", "Shopped", "Capped", *LEVELS, *LEVELS)
    sheet.put_row(7, 3, figures, "heading")
    sheet.put(7, 15, "assumptions (low confidence)", "heading_left")


class _Line:
    """The row of one miner: every figure is a link to the sheet that makes it."""

    def __init__(
        self,
        sheet: Sheet,
        row: int,
        index: int,
        ticker: str,
        table: Coverage,
        inputs: InputCells,
        hpc: HpcCells,
    ) -> None:
        self.sheet, self.row, self.index, self.ticker = sheet, row, index, ticker
        self.table, self.inputs, self.hpc = table, inputs, hpc

    def plan(self) -> None:
        sheet, row, table = self.sheet, self.row, self.table
        sheet.put(row, 1, self.ticker, "label_bold")
        sheet.put(row, 2, table.names[self.index], "label")
        price = self._price()
        self._published(4, "rating", table.rating, PLAIN)
        target = self._published(5, "target", table.target, PRICE)
        upside = needs((target.here, price.here), "{0}/{1}-1")
        value = shown(table.upside, self.index)
        sheet.put(row, 6, value, "calculation", PERCENT, upside)
        self._link(7, "hpc_mw_shopped", table.mw_shopped, MEGAWATTS)
        self._link(8, "capped", table.mw_capped, MEGAWATTS)
        for offset, level in enumerate(LEVELS):
            self._link(9 + offset, f"option_{level}", table.option[level], MONEY)
            per_share = table.option_per_share[level]
            self._link(12 + offset, f"per_share_{level}", per_share, PER_SHARE)
        sheet.put(row, 15, "; ".join(table.assumptions[self.index]) or "-", "note_ruled")
        sheet.heights[row] = 22

    def _price(self) -> Ref:
        """Link the price: the published one on an edition date, else the newest fact."""
        book = self.table.book
        published = self.inputs.published.get((self.ticker, "price"))
        if published is None or book.edition_date != book.as_of:
            published = self.inputs.fact(self.ticker, "price")
        return self._put(3, self.table.price, PRICE, published)

    def _published(self, column: int, item: str, figures: Elements, number_format: str) -> Ref:
        source = self.inputs.published.get((self.ticker, item))
        if source is None:
            return self.sheet.put(self.row, column, NOT_AVAILABLE, "calculation")
        return self._put(column, figures, number_format, source)

    def _link(self, column: int, key: str, figures: Elements, number_format: str) -> None:
        self._put(column, figures, number_format, self.hpc.rows[key][self.ticker])

    def _put(self, column: int, figures: Elements, number_format: str, source: Ref) -> Ref:
        value: Value = shown(figures, self.index)
        text = f'IF({source.there}="","{NOT_AVAILABLE}",{source.there})'
        return self.sheet.put(self.row, column, value, "link", number_format, text)


def _framework(sheet: Sheet, row: int, inputs: InputCells) -> int:
    sheet.put(row, 1, "Parameters of the edition", "section")
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
        sheet.put(row, 6, f"{assumed}{note}", "subtitle")
        row += 1
    return row


def _notes(sheet: Sheet, row: int) -> None:
    sheet.put(row, 1, "Notes", "section")
    for offset, note in enumerate(NOTES, start=1):
        sheet.put(row + offset, 1, note, "subtitle")
