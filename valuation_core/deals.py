"""Signed contracts: metrics of one deal and the table of deals; sites and what stands on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from valuation_core.book import Book
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row
from valuation_core.errors import ValuationError, missing, unknown
from valuation_core.evaluation.arrays import single_name
from valuation_core.evaluation.elementwise import elementwise
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.lookup import book_or_default
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.instruments import corporate_instruments
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Figure, Keyword, Spill

MONTHS_A_YEAR: Final = 12.0
KILOWATTS_PER_MEGAWATT: Final = 1000.0
EXTENDED: Final = "_with_extensions"

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
    row = _deal(book, deal)
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
    for note in corporate_instruments(book, row["ticker"]):
        if note["kind"] == "convertible" and note["shares_m"]:
            shares += note["shares_m"]
    return warrants / (shares + warrants)


def _deal(book: Book, deal: str) -> Row:
    wanted = deal.strip().casefold()
    rows = {row["deal_id"].casefold(): row for row in book.tables["deals"].rows()}
    if wanted not in rows:
        raise unknown("deal", deal, [row["deal_id"] for row in rows.values()])
    return rows[wanted]


@elementwise
@shared_parameters
def deal(
    evaluation: Evaluation, deal: Keyword, metric: Keyword, book: BookText | None = None
) -> Figure:
    """Metric of a signed deal.

    Parameters
    ----------
    deal : str or array
        Identity of the deal, such as "CIFR-fluidstack-barber-lake"; HPC_DEALS lists them.
    metric : str or array
        "revenue_per_critical_mw_year", "usd_per_kw_month", "gross_to_critical", "noi_low",
        "noi_high", "backstop_to_revenue", "warrant_share", or a column of the table.
    <book>

    Returns
    -------
    float, str or array
        USD M a year for the first and noi, USD, ratios; a column as stated.

    Raises
    ------
    ValuationError
        For an unknown deal or metric, or a figure that the deal does not state.

    Notes
    -----
    With "_with_extensions" behind them, the first, second and sixth count the extensions too.
    warrant_share = warrants / (if-converted shares + warrants).

    Examples
    --------
    3,000 USD M / 10 years / 168 MW = 1.786; / 12 months / 1,000 kW = 148.8 USD.

    >>> [round(deal("CIFR-fluidstack-barber-lake", metric), 3)
    ...  for metric in ("revenue_per_critical_mw_year", "usd_per_kw_month", "gross_to_critical")]
    [1.786, 148.81, 1.452]
    """
    evaluation.use(book)
    deal, metric = evaluation.text("deal", deal), evaluation.text("metric", metric)

    def look_up(deal: str, metric: str) -> float | str | date:
        row = _deal(evaluation.book, deal)
        found = deal_metric(evaluation.book, deal, metric)
        source = (row["source"], row["announced"], row["confidence"])
        return evaluation.step(
            metric.strip().casefold(), f"deal {row['deal_id']}", found, "", *source
        )

    return evaluation.each(look_up, deal, metric, text=True)


DEALS_HEADER: Final = (
    "deal",
    "miner",
    "counterparty",
    "kind",
    "announced",
    "MW gross",
    "MW critical",
    "term, years",
    "revenue, USD M",
    "USD M per critical MW and year",
    "USD per kW-month",
    "confidence",
    "source",
)


@shared_parameters
def deals(miner: Keyword | None = None, book: BookText | None = None) -> Spill:
    """Signed deals known on the book's date, of one miner or all.

    Parameters
    ----------
    miner : str, optional
        Ticker, name or alias. Default: every miner.
    <book>

    Returns
    -------
    ResultTable
        One row a deal, with revenue per critical MW and year.

    Raises
    ------
    ValuationError
        For an unknown miner, or one without a deal known on the book's date.

    Examples
    --------
    >>> [row[0] for row in deals("CIFR").rows]
    ['CIFR-fluidstack-barber-lake']
    """
    facts = book_or_default(book)
    rows = []
    for row in _of_miner(facts, "deals", miner):
        derived = []
        for name in ("revenue_per_critical_mw_year", "usd_per_kw_month"):
            try:
                derived.append(METRICS[name](row, False))
            except ValuationError:
                derived.append(None)  # type: ignore[arg-type]
        stated = [
            row[column]
            for column in (
                "deal_id", "ticker", "counterparty", "kind", "announced",
                "mw_gross", "mw_critical", "term_years", "revenue_usd_m",
            )
        ]  # fmt: skip
        rows.append((*stated, *derived, row["confidence"], row["source"]))
    return ResultTable(DEALS_HEADER, tuple(rows))


SITES_HEADER: Final = (
    "site",
    "miner",
    "status",
    "MW gross",
    "MW critical",
    "ownership",
    "MW gross owned",
    "inside of",
    "energization",
    "intended use",
    "as of",
    "confidence",
    "source",
)


@shared_parameters
def sites(miner: Keyword | None = None, book: BookText | None = None) -> Spill:
    """Sites known on the book's date, of one miner or all.

    Parameters
    ----------
    miner : str, optional
        Ticker, name or alias. Default: every miner.
    <book>

    Returns
    -------
    ResultTable
        One row a site. A row that is inside of another one is a detail of it and never added.

    Raises
    ------
    ValuationError
        For an unknown miner, or one without a site known on the book's date.

    Examples
    --------
    >>> [row[0] for row in sites("RIOT").rows][-1]
    'Rockdale'
    """
    facts = book_or_default(book)
    rows = []
    for row in _of_miner(facts, "sites", miner):
        owned = None if row["mw_gross"] is None else row["mw_gross"] * row["ownership"]
        rows.append(
            (
                row["site"], row["ticker"], row["status"], row["mw_gross"], row["mw_critical"],
                row["ownership"], owned, row["part_of"], row["energization"],
                row["intended_use"], row["as_of"], row["confidence"], row["source"],
            )
        )  # fmt: skip
    return ResultTable(SITES_HEADER, tuple(rows))


def _of_miner(book: Book, table: str, miner: Any) -> list[Row]:
    ticker = None if miner is None else book.ticker(single_name("miner", miner))
    rows = book.rows_of(table, ticker) if ticker else tuple(book.tables[table].rows())
    if not rows:
        raise missing(ticker or table, f"no {table} on or before {book.as_of}")
    return list(rows)
