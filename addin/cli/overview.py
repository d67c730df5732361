"""The coverage on a screen: price, option, and targets beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.markup import escape

from addin.boundary.cells import error_value
from addin.boundary.digits import NONE, PERCENT, written
from addin.cli.screen import needed, say_remark, show_table, table_of
from valuation_core import freshness
from valuation_core.book import METRICS, Book
from valuation_core.book.metrics import COMPANY, MARKET_WIDE
from valuation_core.book.schema import BANK
from valuation_core.book.tables import Tables
from valuation_core.coverage import LEVELS, Coverage
from valuation_core.errors import ValuationError
from valuation_core.evaluation.arrays import Elements
from valuation_core.published import THRESHOLDS, price_of, published_figure, upside_in_use
from valuation_core.readings import RECONSTRUCTION, Reading, assumed, readings, tried, upside_line
from valuation_core.scorecard import case_remark

TARGETS: Final = ("", "target\nUSD", "upside", "rating", "residual\nUSD", "\n%")
OPTION: Final = ("option", *(f"\n{level}" for level in LEVELS))


def show_coverage(coverage: Coverage, tables: Tables) -> None:
    """Print the coverage table and what its figures rest on.

    Parameters
    ----------
    coverage : Coverage
        The figures.
    tables : mapping of str to Table
        Every row of the facts, later ones too, for how a case does on other editions.
    """
    book = coverage.book
    headings = ("", "price\nUSD", "price date", *OPTION, *TARGETS)
    rows: list[tuple[str, ...]] = []
    for index, ticker in enumerate(coverage.tickers):
        price = (figure(coverage.price, index, "USD/share"), figure(coverage.price_date, index))
        options = _option_rows(coverage, index)
        rows += _rows(book, ticker, price, coverage.readings[index], options)
    _print(_title(book), headings, rows, left=(0, 2, 3, 7, 10))
    for line in _rests_on(coverage, tables):
        say_remark(line)


def show_ranking(book: Book, tickers: Sequence[str], about: Sequence[str]) -> None:
    """Print targets beside the published ones, in the order given, and what is to be said."""
    headings = ("", "price\nUSD", "price date", *TARGETS)
    rows: list[tuple[str, ...]] = []
    for ticker in tickers:
        price = tried(lambda: price_of(book, ticker))  # noqa: B023  called at once
        shown = (
            (NONE, NONE)
            if isinstance(price, ValuationError)
            else (_text(price.value, "USD/share"), price.as_of.isoformat())
        )
        rows += _rows(book, ticker, shown, readings(book, ticker))
    _print(_title(book), headings, rows, left=(0, 2, 3, 6))
    say_remark("")
    for line in (*_upside_lines(book, tickers), _rule(book), *about):
        say_remark(line)


def _title(book: Book) -> str:
    edition = book.edition_date
    published = f"published: {BANK} to {edition}, as reported by press" if edition else ""
    return f"Bitcoin miners as of {book.as_of}" + (f" ({published})" if published else "")


def _rows(
    book: Book,
    ticker: str,
    price: Sequence[str],
    shown: Sequence[Reading],
    options: Sequence[Sequence[str]] = (),
) -> Iterator[tuple[str, ...]]:
    """Give the rows of a miner: one a reading and one published, the option beside them."""
    lines = [*map(_reading_cells, shown), _published_cells(book, ticker)]
    blank = ("",) * (len(OPTION) if options else 0)
    for number in range(max(len(lines), len(options))):
        first = (ticker, *price) if number == 0 else ("", "", "")
        option = options[number] if number < len(options) else blank
        line = lines[number] if number < len(lines) else ("",) * len(TARGETS)
        yield (*first, *option, *line)


def _print(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]
) -> None:
    """Print a table in which nothing is folded, with a blank line before each miner."""
    table = table_of("", headings, left, wrap=())
    table.pad_edge = False
    for number, row in enumerate(rows):
        if row[0] and number:
            table.add_row()
        table.add_row(f"[bold]{escape(row[0])}[/]", *map(escape, row[1:]))
    show_table(title, table, needed([headings, *rows]))


def _reading_cells(one: Reading) -> tuple[str, ...]:
    return (
        one.name,
        _text(one.target, "USD/share"),
        _text(one.upside, PERCENT),
        _text(one.rule),
        _signed(one.residual, ".2f"),
        _signed(one.residual_part, ".1%"),
    )


def _published_cells(book: Book, ticker: str) -> tuple[str, ...]:
    target = tried(lambda: published_figure(book, ticker, "target"))
    upside = tried(lambda: upside_in_use(book, ticker))
    rating = tried(lambda: published_figure(book, ticker, "rating"))
    return ("published", _text(target, "USD/share"), _text(upside, PERCENT), _text(rating), "", "")


def _option_rows(coverage: Coverage, index: int) -> list[tuple[str, ...]]:
    """Give the option in USD M and per share, and the MW it is on."""
    mw = figure(coverage.mw_shopped, index, "MW").removesuffix(".0")
    capped = figure(coverage.mw_capped, index, "MW").removesuffix(".0")
    millions, shares = coverage.option, coverage.option_per_share
    return [
        ("USD M", *(_whole(millions[level], index) for level in LEVELS)),
        ("USD/share", *(figure(shares[level], index, "USD/share") for level in LEVELS)),
        (f"{mw} MW" if mw in (capped, NONE) else f"{capped} of {mw} MW", "", "", ""),
    ]


def _whole(figures: Elements, index: int) -> str:
    text = figure(figures, index, "USD M")
    return text if text == NONE else f"{figures.values[index]:,.0f}"


def figure(figures: Elements, index: int, unit: str | None = None) -> str:
    """Write one figure, or n/a where it cannot be given."""
    error = figures.error_at((index,))
    return _text(figures.values[index] if error is None else error, unit)


def _text(value: Any, unit: str | None = None) -> str:
    if isinstance(value, ValuationError):
        return written(error_value(value), unit)
    return written(float(value) if isinstance(value, int | float) else value, unit)


def _signed(value: float | ValuationError, digits: str) -> str:
    return NONE if isinstance(value, ValuationError) else format(value, f"+,{digits}")


def _rests_on(coverage: Coverage, tables: Tables) -> Iterator[str]:
    """Say what the figures of the coverage are and rest on, a line each."""
    book, tickers = coverage.book, coverage.tickers
    yield ""
    cases = {one.name for shown in coverage.readings for one in shown}
    shown = RECONSTRUCTION if RECONSTRUCTION in cases else book.case
    if remark := case_remark(tables, shown):
        yield remark
    yield _rule(book)
    yield "MW are gross; the option is probability x MW, capped by one tenant, x value per MW"
    yield from _upside_lines(book, tickers)
    yield from freshness.remarks(book, tickers)
    yield from _assumed(coverage)
    columns = (coverage.price, coverage.target, coverage.mw_shopped, coverage.option["mid"])
    errors = [column.error_at((index,)) for index in range(len(tickers)) for column in columns]
    errors += [
        one.target
        for shown_of in coverage.readings
        for one in shown_of
        if isinstance(one.target, ValuationError)
    ]
    for reason in dict.fromkeys(error.reason for error in errors if error is not None):
        yield f"n/a: {reason}"


def _rule(book: Book) -> str:
    """Say what a rating of ours is."""
    try:
        high, low = (book.number(MARKET_WIDE, metric) for metric in THRESHOLDS)
    except ValuationError as error:
        return f"no rating of ours: {error}"
    return (
        f"ratings of ours are a rule on the upside (OW from {high:+.0%}, UW below {low:+.0%}); "
        "the bank rates relative to its coverage"
    )


def _upside_lines(book: Book, tickers: Sequence[str]) -> Iterator[str]:
    """Say where the published upside was another one when it was published."""
    for ticker in tickers:
        then = tried(lambda: published_figure(book, ticker, "upside"))  # noqa: B023  called at once
        now = tried(lambda: upside_in_use(book, ticker))  # noqa: B023  called at once
        line = upside_line(book, ticker)
        if line and then != now:
            yield f"{ticker}: {line}"


def _assumed(coverage: Coverage) -> Iterator[str]:
    """Say what rests on assumptions: parameters that hold for all, then facts by miner."""
    of: dict[str, list[str]] = {}
    for ticker in coverage.tickers:
        for name in (*_weak_price(coverage.book, ticker), *assumed(coverage.book, ticker)):
            of.setdefault(name, []).append(ticker)
    shared = [name for name in of if METRICS[name].home != COMPANY]
    own = [
        f"{name} ({'all' if len(whom) == len(coverage.tickers) else ', '.join(whom)})"
        for name, whom in of.items()
        if METRICS[name].home == COMPANY
    ]
    if shared:
        yield f"assumptions for all names: {', '.join(shared)}"
    if own:
        yield f"assumptions by name: {', '.join(own)}"


def _weak_price(book: Book, ticker: str) -> Sequence[str]:
    price = tried(lambda: price_of(book, ticker))
    weak = not isinstance(price, ValuationError) and price.confidence == "low"
    return ("price",) if weak else ()
