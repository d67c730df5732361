"""Miners of the model on sheet Keys, and how rows of the tables are found there.

What is typed in a table may hold `*` or `?`, which MATCH and SUMIFS take for patterns: rows are
found by comparing texts, which minds no letter case and takes each sign for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from valuation_core.book.schema import folded
from valuation_core.book.tables import Row
from workbook.cells import ErrorValue, Ref
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    IFERROR,
    ONE,
    ZERO,
    Span,
    Term,
    joined_text,
    text,
)
from workbook.model.excel_values import text_of
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.facts.keys import (
    LIVE,
    KeyColumns,
    Make,
    count_where,
    joined_key,
    picked,
    row_of,
    rows_where,
)
from workbook.style import DATE, DATE_IF_ANY, PLAIN

SHOPPED: Final = "hpc_mw_shopped"
RATIO: Final = "gross_to_critical"
CLOUD: Final = "cloud_mw"

TICKER: Final = "miner"
ANNOUNCED: Final = "day announced"
OFFERING: Final = "row of the site that offers"
"""Columns of the helper cells of deals, the first of those of sites too."""

FIRST_COLUMN: Final = 71
"""Where the columns of the miners begin on sheet Keys."""

SPARE: Final = 2
"""Lines for more deals, places or sites of a miner than the book knows."""

Condition = tuple[Span, Term]
"""Cells, and what those looked for equal."""


@dataclass(frozen=True)
class MinerKeys:
    """The miners of the model, one a row: the cells of their facts that rows of tables need."""

    tickers: Span
    since: Span
    """Day on which the MW shopped were stated; what was let later is taken off them."""
    ratio: Span
    """Gross MW per critical MW: #N/A where it is missing, so it is picked and never summed."""
    cloud: Span
    """Day on which the MW of GPU cloud were stated, 0 where there are none."""

    def cloud_of(self, ticker: Term) -> Term:
        """Give the day of the MW of GPU cloud of a miner of the model."""
        return picked(self.cloud, self._row(ticker))

    def since_of(self, ticker: Term) -> Term:
        """Give the day of the MW shopped of a miner; the first of all days for one not shown."""
        return IF(self._row(ticker) > ZERO, picked(self.since, self._row(ticker)), ZERO)

    def ratio_of(self, ticker: Term) -> Term:
        """Give gross MW per critical MW of a miner of the model."""
        return picked(self.ratio, self._row(ticker))

    def rank(self, ticker: Term) -> Term:
        """Give the place of a miner among those of the model; 0 for another."""
        return self._row(ticker)

    def has(self, ticker: Term) -> Term:
        """Tell whether a miner is one of the model."""
        return self._row(ticker) > ZERO

    def _row(self, ticker: Term) -> Term:
        return row_of(ticker, self.tickers)


def plan_miners(inputs: InputCells, tickers: Sequence[str]) -> MinerKeys:
    """Plan the miners of the model beside the keys of the tables."""
    sheet = inputs.keys["deals"].sheet
    headings = (
        *("miner of the model", "MW shopped stated on, else the date", "gross MW per critical MW"),
        "MW of cloud stated on, - for none",
    )
    sheet.put_row(1, FIRST_COLUMN, headings, "heading_left")
    for line, ticker in enumerate(tickers, start=2):
        sheet.put(line, FIRST_COLUMN, ticker, "calculation")
        for column, term, number_format in (
            (FIRST_COLUMN + 1, shopped_on(inputs, ticker), DATE),
            (FIRST_COLUMN + 2, inputs.usable(ticker, RATIO), PLAIN),
            (FIRST_COLUMN + 3, _cloud_on(inputs, ticker), DATE_IF_ANY),
        ):
            sheet.put(line, column, term.value, "calculation", number_format, term.text)
    return MinerKeys(*(_span(sheet, FIRST_COLUMN + at, len(tickers)) for at in range(4)))


def _span(sheet: Sheet, column: int, count: int) -> Span:
    lines = range(1, count + 2)
    ref = Ref(sheet.name, 1, column, lines[-1], column)
    return Span(ref.there, tuple(sheet.cells[line, column].value for line in lines))


def shopped_on(inputs: InputCells, ticker: str) -> Term:
    """Give the day on which the MW shopped of a miner were stated; your own are of today."""
    rows = [place for place in (("ALL", SHOPPED), (ticker, SHOPPED)) if place in inputs.facts]
    found = inputs.day_of(rows[0])
    for place in rows[1:]:
        found = IF(inputs.beside(place, "in use").equals(BLANK), found, inputs.day_of(place))
    return found


def _cloud_on(inputs: InputCells, ticker: str) -> Term:
    some = inputs.usable(ticker, CLOUD) > ZERO
    return IF(IFERROR(some, FALSE), inputs.day_of(inputs.place(ticker, CLOUD)), ZERO)


def trimmed(term: Term) -> Term:
    """Write TRIM: a name without doubled spaces, as the core compares them.

    Examples
    --------
    >>> trimmed(Term("A2", "Barber  Lake")).value
    'Barber Lake'
    """
    value = text_of(term.value)
    found = value if isinstance(value, ErrorValue) else " ".join(value.split())
    return Term(f"TRIM({term.text})", found)


def number_or_zero(term: Term) -> Term:
    """Give a number of a table, 0 where it is not stated."""
    return IF(term.equals(BLANK), ZERO, term)


def row_where(conditions: Sequence[Condition]) -> Term:
    """Give the last row in which spans from row 1 on equal what is looked for; 0 for none.

    Examples
    --------
    >>> sites = Span("Keys!$D$1:$D$3", ("site", "Rockdale", "Corsicana"))
    >>> found = row_where([(sites, Term('"rockdale"', "rockdale"))])
    >>> found.text, found.value
    ('SUMPRODUCT(MAX((Keys!$D$1:$D$3="rockdale")*ROW(Keys!$D$1:$D$3)))', 2.0)
    """
    tests = "*".join(f"({span.address}={term.text})" for span, term in conditions)
    written = f"SUMPRODUCT(MAX({tests}*ROW({conditions[0][0].address})))"
    found = rows_where([(span, "=", term) for span, term in conditions])
    if isinstance(found, ErrorValue):
        return Term(written, found)
    return Term(written, max(found, default=-1) + 1.0)


def above(keys: KeyColumns, heading: str, line: int) -> Span:
    """Give the cells of a helper column over those of a row."""
    column = keys.columns[heading]
    ref = Ref(keys.sheet.name, 1, column, line - 1, column)
    return keys.span(heading).head(line - 1, ref.fixed)


def numbered(keys: KeyColumns, flag: str, ticker: str = "") -> Make:
    """Make `miner|k` in the k-th row of a miner that has a flag of 1; without miners `|k`."""

    def make(line: int) -> Term:
        conditions = [(above(keys, flag, line), "=", ONE)]
        of = BLANK
        if ticker:
            of = keys.at(ticker, line)
            conditions.append((above(keys, ticker, line), "=", of))
        number = count_where(conditions) + ONE
        return IF(keys.at(flag, line).equals(ONE), joined_key(of, number), BLANK)

    return make


def add_shown(keys: KeyColumns, shown: str, rank: Make) -> None:
    """Plan the column `shown`: the number of each row in force in the order of a rank, then down.

    A row of rank 0 is not shown and has the number 0.
    """
    order = f"{shown}: order"

    def place(line: int) -> Term:
        first = rank(line)
        counts = AND(keys.at(LIVE, line).equals(ONE), first > ZERO)
        return IF(counts, first * keys.rows_of_a_sheet + Term("ROW()", float(line)), ZERO)

    keys.add(order, place, "0")
    places = keys.span(order)

    def number(line: int) -> Term:
        own = keys.at(order, line)
        before = count_where([(places, ">", ZERO), (places, "<=", own)])
        return IF(own.equals(ZERO), ZERO, before)

    keys.add(shown, number, "0")


def key_of(of: Term, k: int) -> Term:
    """Write the key of a miner's k-th row, counted from 1."""
    return joined_text([of, text(f"|{k}")])


def most_of_a_miner(rows: Iterable[Row], name: str) -> int:
    """Give the most things that rows name for one miner, and room for some more.

    Examples
    --------
    >>> rows = [{"ticker": "RIOT", "site": site} for site in ("Rockdale", "rockdale", "Corsicana")]
    >>> most_of_a_miner(rows, "site") - SPARE
    2
    """
    things = {(row["ticker"], folded(row[name])) for row in rows}
    counts = Counter(ticker for ticker, _ in things)
    return max(counts.values(), default=0) + SPARE
