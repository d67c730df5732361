"""Metrics of a signed contract: what its revenue, power, margin and warrants come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from valuation_core.book import Book
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row
from valuation_core.errors import missing, unknown
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.instruments import corporate_instruments

MONTHS_A_YEAR: Final = 12.0
KILOWATTS_PER_MEGAWATT: Final = 1000.0
EXTENDED: Final = "_with_extensions"

BOOKS_AT_HAND: Final = 8
"""Books whose deals stay laid out: a workbook reads a few, such as one and its plain case."""

COLUMNS: Final = tuple(column.name for column in TABLES["deals"].columns)


def _stated(row: Row, column: str) -> float:
    value = row[column]
    if value is None:
        raise missing(row["deal_id"], f"states no {column}")
    return float(value)


def _revenue_per_mw_year(row: Row, extended: bool) -> float:
    """Revenue of the contract per critical MW and year, USD M."""
    revenue = _stated(row, "revenue_with_extensions_usd_m" if extended else "revenue_usd_m")
    years = _stated(row, "term_years") + (_stated(row, "extension_years") if extended else 0.0)
    return revenue / years / _stated(row, "mw_critical")


def _usd_per_kw_month(row: Row, extended: bool) -> float:
    """Revenue per critical kW and month, USD."""
    return _revenue_per_mw_year(row, extended) * 1e6 / KILOWATTS_PER_MEGAWATT / MONTHS_A_YEAR


def _gross_to_critical(row: Row, _: bool) -> float:
    return _stated(row, "mw_gross") / _stated(row, "mw_critical")


def _noi(margin: str) -> Callable[[Row, bool], float]:
    def noi(row: Row, _: bool) -> float:
        """Net operating income a year, USD M."""
        return _stated(row, "revenue_usd_m") / _stated(row, "term_years") * _stated(row, margin)

    return noi


def _backstop_to_revenue(row: Row, extended: bool) -> float:
    revenue = _stated(row, "revenue_with_extensions_usd_m" if extended else "revenue_usd_m")
    return _stated(row, "backstop_usd_m") / revenue


METRICS: Final[Mapping[str, Callable[[Row, bool], float]]] = {
    "revenue_per_critical_mw_year": _revenue_per_mw_year,
    "usd_per_kw_month": _usd_per_kw_month,
    "gross_to_critical": _gross_to_critical,
    "noi_low": _noi("noi_margin_low"),
    "noi_high": _noi("noi_margin_high"),
    "backstop_to_revenue": _backstop_to_revenue,
}
WARRANT_SHARE: Final = "warrant_share"
FORMULAS: Final[Mapping[str, str]] = {
    "revenue_per_critical_mw_year": "revenue / years / critical MW",
    "usd_per_kw_month": "revenue x 1e6 / years / critical MW / 1,000 / 12",
    "gross_to_critical": "gross MW / critical MW",
    "noi_low": "revenue / years x NOI margin",
    "noi_high": "revenue / years x NOI margin",
    "backstop_to_revenue": "backstop / revenue",
    WARRANT_SHARE: "warrants / (basic shares + shares of notes + warrants)",
}
"""How each metric is made, as an explanation says it."""

FIGURES: Final = tuple(column.name for column in TABLES["deals"].columns if column.kind == "number")
EXTENDABLE: Final = ("revenue_per_critical_mw_year", "usd_per_kw_month", "backstop_to_revenue")
NAMES: Final = (
    *METRICS,
    WARRANT_SHARE,
    *(name + EXTENDED for name in EXTENDABLE),
    *COLUMNS,
)


def deal_metric(book: Book, deal: str, metric: str) -> float | str | date:
    """Give one metric of one deal.

    Raises
    ------
    ValuationError
        For an unknown deal or metric, or a figure the deal does not state.
    """
    row = deal_row(book, deal)
    name = metric.strip().casefold()
    if name not in NAMES:
        raise unknown("metric", metric, list(NAMES))
    if name == WARRANT_SHARE:
        return _warrant_share(book, row)
    extended = name.endswith(EXTENDED) and name.removesuffix(EXTENDED) in EXTENDABLE
    if name in COLUMNS:
        value: float | str | date | None = row[name]
        if value is None or value == "":
            raise missing(row["deal_id"], f"states no {name}")
        return value
    return METRICS[name.removesuffix(EXTENDED) if extended else name](row, extended)


def _warrant_share(book: Book, row: Row) -> float:
    """Warrants over if-converted shares plus warrants; other warrants are not counted."""
    warrants = _stated(row, "warrants_m")
    shares = book.number(row["ticker"], "shares_basic")
    shares += sum(note["shares_m"] for note in _convertibles(book, row["ticker"]))
    return warrants / (shares + warrants)


def _convertibles(book: Book, ticker: str) -> list[Row]:
    """Give the corporate notes of a miner that state what they convert into."""
    rows = corporate_instruments(book, ticker)
    return [row for row in rows if row["kind"] == "convertible" and row["shares_m"]]


def deal_row(book: Book, deal: str) -> Row:
    """Find a deal by its identity, in any letter case.

    Raises
    ------
    ValuationError
        For an unknown deal, with the nearest.
    """
    rows = rows_by_deal(book)
    row = rows.get(deal.strip().casefold())
    if row is None:
        raise unknown("deal", deal, [row["deal_id"] for row in rows.values()])
    return row


@lru_cache(maxsize=BOOKS_AT_HAND)
def rows_by_deal(book: Book) -> Mapping[str, Row]:
    """Give the deals in force by identity in lower case, laid out once for a book."""
    return {row["deal_id"].casefold(): row for row in book.in_force["deals"].rows()}


class _Noted(dict[str, Any]):
    """A row that notes which of its columns are read."""

    def __init__(self, row: Row) -> None:
        super().__init__(row)
        self.read: list[str] = []

    def __getitem__(self, column: str) -> Any:
        self.read.append(column)
        return super().__getitem__(column)


def record_metric(evaluation: Evaluation, row: Row, name: str, found: float | str | date) -> None:
    """Note a metric of a deal, behind the figures of the deal and of its miner it is made from."""
    source = (row["source"], row["announced"], row["confidence"])
    deal = f"deal {row['deal_id']}"
    if name in COLUMNS:
        evaluation.step(name, deal, found, "", *source)
        return
    noted = _Noted(row)
    if name == WARRANT_SHARE:
        _warrant_share(evaluation.book, noted)
        evaluation.read(row["ticker"], "shares_basic")
        for note in _convertibles(evaluation.book, row["ticker"]):
            where = (note["source"], note["issue_date"], note["confidence"])
            evaluation.step(note["instrument_id"], "shares", note["shares_m"], "M shares", *where)
    else:
        METRICS[name.removesuffix(EXTENDED)](noted, name.endswith(EXTENDED))
    for column in dict.fromkeys(noted.read):
        if column in FIGURES:
            evaluation.step(column, deal, row[column], "", *source)
    evaluation.step(name, FORMULAS[name.removesuffix(EXTENDED)], found)
