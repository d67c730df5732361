"""Comps: what the market pays for each miner, per MW and beside its coins; all miners of the book.

The lines of the workbook's miners are native. Below them stands the table of every miner of the
book, through one function, and each line is compared with its miner's row there.
"""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.comparables import HEADER
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel import IF, ISERROR, ISNUMBER, NA, ZERO, Span, Term
from workbook.model.figures import Figures
from workbook.model.lines import (
    COLUMN_WIDTH,
    FIRST_COLUMN,
    HEADER_ROW,
    NOTE_WIDTH,
    WIDTHS,
    Elsewhere,
    Lines,
    Make,
    Pair,
)
from workbook.model.plan import Chart, ChartSeries
from workbook.model.sheets.facts.input_cells import BOOK_NAME, NONE_STATED, InputCells
from workbook.model.sheets.facts.keys import picked, sum_where
from workbook.model.sheets.facts.miner_keys import TICKER
from workbook.model.sheets.facts.site_keys import APPROVED_SILENT
from workbook.model.sheets.valuation.dilution_instruments import (
    DilutionInstruments,
    dilution_instruments,
    in_the_money,
)
from workbook.model.sheets.valuation.other_brokers import plan_other_brokers
from workbook.style import (
    DATE,
    MEGAWATTS,
    MONEY,
    MONEY_EXACT,
    NAVY,
    PER_MW,
    PERCENT,
    PLAIN,
    PRICE,
    RATIO,
    SHARES,
    TEAL,
)

NAME: Final = "Comps"
PER_SIGNED, PER_APPROVED = "per_signed", "per_approved"

FIGURES: Final = (
    ("price", "Share price", "USD/share", PRICE),
    ("price_date", "Day of that price", "date", DATE),
    ("market", "Market value", "USD M", MONEY),
    ("net_debt", "Net debt, pro forma", "USD M", MONEY),
    ("ev", "Enterprise value (EV)", "USD M", MONEY),
    ("ev_less_coins", "EV less coins", "USD M", MONEY),
    (PER_SIGNED, "EV per signed critical MW", "USD M/MW critical", PER_MW),
    (PER_APPROVED, "EV per approved gross MW", "USD M/MW gross", PER_MW),
    ("price_to_value", "Price / value per share", "ratio", RATIO),
    ("coins_to_market", "Coins / market value", "fraction", PERCENT),
    ("published", "Published target", "USD/share", PRICE),
)
"""Key, label, unit and format of each column of HPC_COMPS behind the ticker."""

DATE_WIDTH: Final = 11
"""Of the column of the checks, in which the table of all miners has the day of the price."""

HEADING_HEIGHT: Final = 38
CHART_ROWS: Final = 20
SPARE_ROWS: Final = 20
"""Rows below the table that are searched too: it grows by miners added to the book."""


def plan_comps(
    figures: Figures, inputs: InputCells, hpc: Lines, sotp: Lines, dilution: Lines, targets: Lines
) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "Comparables",
        "What the market pays for each miner, per MW and beside its coins; at the end every miner "
        "of the book. What a miner lacks is #N/A in its own cell only.",
        figures.tickers,
    )
    lines.sheet.widths = _widths(lines)
    last = len(lines.sheet.widths)
    if lines.note_column < last:
        lines.sheet.merges.append(Ref(NAME, HEADER_ROW, lines.note_column, HEADER_ROW, last))
    core = _rows(figures)
    lines.section("Figures of other sheets")
    _taken(lines, inputs, hpc, sotp, dilution)
    _debt(lines, dilution_instruments(figures), sotp, dilution, targets)
    lines.section("What the market pays")
    _paid(lines, targets, core)
    plan_other_brokers(lines, inputs)
    lines.row += 1
    chart_row = lines.row
    lines.sheet.page_breaks.append(chart_row)
    lines.row += CHART_ROWS
    lines.sheet.page_breaks.append(lines.row + 1)
    # A section, the row of the miner and its figures stand between here and the table's section.
    below = lines.row + 1 + 1 + 1 + len(FIGURES) + 1 + 1
    table = _table(lines, figures, below)
    lines.section("Through the function: the miner's row of the table below")
    _functions(lines, table)
    lines.section("All miners of the book (HPC_COMPS)")
    lines.sheet.charts += _charts(lines, table, chart_row)
    return lines


def _widths(lines: Lines) -> tuple[float, ...]:
    """Give every column of the table its room; notes run on over those to the right of theirs."""
    last = max(lines.note_column, len(HEADER))
    room = max(COLUMN_WIDTH, NOTE_WIDTH - COLUMN_WIDTH * (last - lines.note_column))
    return (*WIDTHS[:2], DATE_WIDTH, *[COLUMN_WIDTH] * (last - len(WIDTHS) - 1), room)


def _rows(figures: Figures) -> dict[str, dict[str, Value]]:
    """Give the core's figures by key and miner."""
    made = figures.table("HPC_COMPS")
    rows = [] if isinstance(made, ErrorValue) else made[1:]
    of_miner = {row[0]: row for row in rows}
    return {
        key: {ticker: of_miner[ticker][place] for ticker in figures.tickers}
        for place, (key, *_) in enumerate(FIGURES, start=1)
    }


def _taken(lines: Lines, inputs: InputCells, hpc: Lines, sotp: Lines, dilution: Lines) -> None:
    def coins(ticker: str) -> Term:
        held = sotp.there("btc_held", ticker) * sotp.there("btc_price", ticker)
        return held / inputs.constants["million"]

    def silent(ticker: str) -> Term:
        sites = inputs.keys["sites"]
        return sum_where(
            [(sites.span(TICKER), "=", lines.title(ticker))], sites.span(APPROVED_SILENT)
        )

    def signed(ticker: str) -> Term:
        gross, ratio = (hpc.there(key, ticker) for key in ("signed_gross", "gross_to_critical"))
        critical = IF(gross.equals(ZERO), ZERO, gross / ratio)
        return hpc.there("signed_critical", ticker) + critical

    for key, label, unit, number_format, make, note in (
        (
            "shares",
            "Diluted shares at the price",
            "M shares",
            SHARES,
            lambda t: dilution.there("shares_at_price", t),
            "",
        ),
        ("coins", "Bitcoin held, at spot", "USD M", MONEY, coins, "BTC held x BTC price"),
        (
            "signed",
            "MW of signed deals",
            "MW critical",
            MEGAWATTS,
            signed,
            "deals that state gross MW alone are converted",
        ),
        ("approved", "MW approved", "MW gross", MEGAWATTS, lambda t: hpc.there("approved", t), ""),
        (
            "silent",
            "Approved sites that state no MW",
            "",
            "0;-0;-",
            silent,
            "with one, EV per approved MW would be too high: #N/A",
        ),
        (
            "per_share",
            "Value per share",
            "USD/share",
            PRICE,
            lambda t: sotp.there("per_share", t),
            "of the case, before the roll-forward",
        ),
    ):
        lines.line(key, label, unit, number_format, make, style="link", note=note)


def _debt(
    lines: Lines, instruments: DilutionInstruments, sotp: Lines, dilution: Lines, targets: Lines
) -> None:
    def debt(ticker: str) -> Term:
        price, away = targets.there("price", ticker), Elsewhere(dilution)
        converted = in_the_money(
            price, away, instruments, ticker, "converted", above="conversion_price"
        )
        owed = dilution.there("other_debt", ticker) + dilution.there("principal", ticker)
        # Like the function, which lays out all claims, the shares included, before it sums debt.
        return IF(ISNUMBER(lines.at("shares", ticker)), owed - converted, NA)

    lines.line(
        "debt",
        "Debt at the price",
        "USD M",
        MONEY_EXACT,
        debt,
        style="link",
        note="loans, and notes whose conversion price is not below the share price",
    )
    lines.line(
        "cash",
        "Cash, pro forma",
        "USD M",
        MONEY_EXACT,
        lambda t: sotp.there("cash", t),
        style="link",
    )


def _paid(lines: Lines, targets: Lines, core: dict[str, dict[str, Value]]) -> None:
    def at(key: str, ticker: str) -> Term:
        return lines.at(key, ticker)

    def stated(key: str, ticker: str) -> Term:
        found = targets.there(key, ticker)
        return IF(found.equals(NONE_STATED), NA, found)

    def per(part: str, whole: str, ticker: str) -> Term:
        return IF(at(whole, ticker) > ZERO, at(part, ticker) / at(whole, ticker), NA)

    makes: dict[str, tuple[Make, str]] = {
        "price": (lambda t: targets.there("price", t), "sheet Targets"),
        "price_date": (lambda t: stated("price_date", t), ""),
        "market": (lambda t: at("price", t) * at("shares", t), "price x diluted shares"),
        "net_debt": (lambda t: at("debt", t) - at("cash", t), "debt - cash"),
        "ev": (lambda t: at("market", t) + at("net_debt", t), "market value + net debt"),
        "ev_less_coins": (lambda t: at("ev", t) - at("coins", t), "EV - bitcoin held"),
        PER_SIGNED: (lambda t: per("ev", "signed", t), "#N/A where no MW are signed"),
        PER_APPROVED: (
            lambda t: IF(at("silent", t) > ZERO, NA, per("ev", "approved", t)),
            "of all sites not in the pipeline",
        ),
        "price_to_value": (lambda t: per("price", "per_share", t), "#N/A at a value of 0 or less"),
        "coins_to_market": (
            lambda t: at("coins", t) / at("market", t),
            "bitcoin held / market value",
        ),
        "published": (lambda t: stated("published_target", t), "the bank's, sheet Targets"),
    }
    links = ("price", "price_date", "published")
    for key, label, unit, number_format in FIGURES:
        make, note = makes[key]
        style = "link" if key in links else "total" if key == "ev" else "calculation"
        lines.line(key, label, unit, number_format, make, style=style, core=core[key], note=note)


def _table(lines: Lines, figures: Figures, row: int) -> Ref:
    """Spill the table of all miners, its headings in a row."""
    made = figures.table("HPC_COMPS")
    values: list[list[Value]] = [[made]] if isinstance(made, ErrorValue) else made
    call = formula("HPC_COMPS", book=BOOK_NAME)
    table = lines.sheet.put_spill(row, 1, values, call)
    for line in range(table.row, table.last_row + 1):
        formats = (PLAIN, *(one[-1] for one in FIGURES))
        for column, number_format in enumerate(formats, start=1):
            left = "_left" if column == 1 else ""
            style = "heading" if line == row else "function"
            lines.sheet.restyle(line, column, f"{style}{left}", number_format)
    lines.sheet.heights[row] = HEADING_HEIGHT
    return table


def _column(lines: Lines, table: Ref, column: int) -> Span:
    """Give a column of the table from its heading down to the spare rows, on this sheet."""
    cells = lines.sheet.cells
    last = table.last_row + SPARE_ROWS
    values = [
        cell.value if (cell := cells.get((row, column))) else None
        for row in range(table.row, last + 1)
    ]
    return Span(Ref(NAME, table.row, column, last, column).fixed, tuple(values))


def _row_of(ticker: str, head: str, tickers: Span) -> Term:
    """Give the row of a miner in the table, counted from its heading; 0 where it has none."""
    # LibreOffice finds text that came out of an add-in unequal until it is joined to another.
    same = f'({tickers.address}&""={head})'
    rows = f"(ROW({tickers.address})-ROW({tickers.address.split(':')[0]})+1)"
    value = tickers.values.index(ticker) + 1.0 if ticker in tickers.values else 0.0
    return Term(f"SUMPRODUCT({same}*{rows})", value)


def _functions(lines: Lines, table: Ref) -> None:
    """Pick the row of each miner out of the table, and pair it with the native line."""
    first = Ref(NAME, table.row, 1, table.row, 1)
    failed = Term(first.fixed, lines.sheet.cells[table.row, 1].value)
    tickers = _column(lines, table, 1)

    def row(ticker: str) -> Term:
        # Without the function its cell says so, and the others are blank.
        return IF(ISERROR(failed), failed, _row_of(ticker, lines.head(ticker), tickers))

    lines.line("table_row", "Row of the table", "", "0", row, note="0: the book has no such miner")
    for place, (key, label, unit, number_format) in enumerate(FIGURES, start=2):
        column = _column(lines, table, place)

        def found(ticker: str, column: Span = column) -> Term:
            at = lines.at("table_row", ticker)
            return IF(at.equals(ZERO), NA, picked(column, at))

        made = f"function_{key}"
        lines.line(made, f"HPC_COMPS: {label}", unit, number_format, found, style="function")
        for ticker in lines.columns:
            native, function = lines.cells[key][ticker], lines.cells[made][ticker]
            lines.pairs.append(Pair(f"{ticker}: {label}", key, native, function, native))


def _charts(lines: Lines, table: Ref, row: int) -> list[Chart]:
    """Chart EV per MW of the miners of the workbook and, beside it, of every miner of the book."""

    def column(number: int) -> Ref:
        return Ref(NAME, table.row + 1, number, table.last_row, number)

    def chart(title: str, names: Ref, bars: dict[str, Ref], left: int, right: int) -> Chart:
        series = tuple(
            ChartSeries(label, bars[key], color, "0.0")
            for key, label, color in (
                (PER_SIGNED, "Per signed critical MW", TEAL),
                (PER_APPROVED, "Per approved gross MW", NAVY),
            )
        )
        place = Ref(NAME, row, left, row + CHART_ROWS - 1, right)
        return Chart(f"EV per MW, {title}", "USD M per MW", "0", names, series, place)

    places = {key: number for number, (key, *_) in enumerate(FIGURES, start=2)}
    keys, beside = (PER_SIGNED, PER_APPROVED), FIRST_COLUMN
    ours = {key: lines.across(key) for key in keys}
    every = {key: column(places[key]) for key in keys}
    return [
        chart("miners of this workbook", lines.header, ours, 1, beside - 1),
        chart("every miner of the book", column(1), every, beside, len(HEADER)),
    ]
