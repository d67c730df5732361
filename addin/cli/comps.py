"""Command that sets the miners of the book side by side: comps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import click

from addin.boundary.desk import Desk
from addin.boundary.digits import DATE, PERCENT, WHOLE, written
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, shared
from addin.cli.company import print_tables
from valuation_core import freshness
from valuation_core.book import Book
from valuation_core.comparables import HEADER, assumed, comparables
from valuation_core.errors import ValuationError, unknown
from valuation_core.readings import lacks, name_in_use, other_brokers
from valuation_core.scorecard import case_remark

COLUMNS: Final = (
    ("", None),
    ("price\nUSD", "USD/share"),
    ("price\ndate", DATE),
    ("market\nvalue\nUSD M", WHOLE),
    ("net\ndebt\nUSD M", WHOLE),
    ("EV\nUSD M", WHOLE),
    ("EV\nless\ncoins", WHOLE),
    ("EV per\nsigned\ncritical\nMW", "USD M"),
    ("EV per\napproved\ngross\nMW", "USD M"),
    ("price\n/\nvalue", None),
    ("coins /\nmarket\nvalue", PERCENT),
    ("published\ntarget", "USD/share"),
)
"""Heading on a screen and unit of each column of HPC_COMPS."""


def register(main: click.Group) -> None:
    """Add the command to the command line."""
    main.add_command(comps)


@click.command("comps")
@click.option("--sort", metavar="COLUMN", help="Column to sort by: largest and newest first.")
@click.option("--all", "everything", is_flag=True, help="List miners without any figure too.")
@reads_book
@shared("json")
@click.pass_obj
def comps(desk: Desk, sort: str | None, everything: bool, plain: bool, chosen: Chosen) -> None:
    """Set all miners of the book side by side: what the market pays, per MW and beside coins.

    What a miner lacks is n/a in its cell and named below.
    """
    book = chosen.book(desk)
    rows = list(comparables(book).rows)
    if sort is not None:
        rows = _sorted(rows, _column(sort))
    kept = [row for row in rows if everything or not _is_empty(row)]
    title = f"Comparables, {name_in_use(book)}, {book.as_of}"
    remarks = list(_remarks(desk, book, kept, [row for row in rows if row not in kept]))
    if plain:
        table = [[*HEADER], *([records.cell(one) for one in row] for row in kept)]
        print_tables(plain, {title: table}, remarks)
        return
    _show(title, kept, remarks)


def _column(name: str) -> int:
    """Give the place of a column by its name, its name without a unit, or a part of one alone.

    Examples
    --------
    >>> [_column(name) for name in ("EV, USD M", "ev", "approved")]
    [5, 5, 8]
    """
    wanted = " ".join(name.split()).casefold()
    known = [heading.casefold() for heading in HEADER]
    for fits in (
        [
            place
            for place, heading in enumerate(known)
            if wanted in (heading, heading.split(",")[0])
        ],
        [place for place, heading in enumerate(known) if wanted and wanted in heading],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            which = ", ".join(f'"{HEADER[place]}"' for place in fits)
            raise Refusal(f"--sort {name}: which of {which}?")
    raise unknown("column", name, list(HEADER))


def _sorted(rows: Sequence[tuple[Any, ...]], place: int) -> list[tuple[Any, ...]]:
    """Sort by a column, the largest and newest first, names from A; what is missing comes last."""
    known = [row for row in rows if not isinstance(row[place], ValuationError)]
    lacking = [row for row in rows if isinstance(row[place], ValuationError)]
    falling = any(isinstance(row[place], float | date) for row in known)
    return [*sorted(known, key=lambda row: row[place], reverse=falling), *lacking]


def _is_empty(row: Sequence[Any]) -> bool:
    return all(isinstance(cell, ValuationError) for cell in row[1:])


def _remarks(
    desk: Desk, book: Book, kept: Sequence[Sequence[Any]], left_out: Sequence[Sequence[Any]]
) -> Iterator[str]:
    """Say what is left out, missing and old, and what others expect, a line each."""
    if left_out:
        yield f"left out, without any figure: {lacks(_errors(left_out))}; --all lists them"
    if missing := lacks(_errors(kept)):
        yield f"n/a: {missing}"
    for ticker in book.tickers:
        for other in other_brokers(book, ticker):
            yield f"other brokers, not mixed in: {ticker}, {other}"
    tickers = [str(row[0]) for row in kept]
    yield from freshness.remarks(book, tickers)
    weak: dict[str, list[str]] = {}
    for ticker in tickers:
        for metric in assumed(book, ticker):
            weak.setdefault(metric, []).append(ticker)
    if weak:
        listed = ", ".join(f"{metric} ({', '.join(whose)})" for metric, whose in weak.items())
        yield f"assumptions: {listed}; price / value rests on those of the target"
    if remark := case_remark(desk.tables, book.case):
        yield remark


def _errors(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, ValuationError]]:
    for row in rows:
        for cell in row[1:]:
            if isinstance(cell, ValuationError):
                yield str(row[0]), cell


def _show(title: str, rows: Sequence[Sequence[Any]], remarks: Sequence[str]) -> None:
    """Print the table in which nothing is folded, and what is to be said of it."""
    from addin.cli.screen import needed, say_remark, show_table, table_of

    headings = [heading for heading, _ in COLUMNS]
    texts = [
        [written(records.cell(cell), unit) for cell, (_, unit) in zip(row, COLUMNS, strict=True)]
        for row in rows
    ]
    table = table_of("", headings, left=(0, 2), wrap=())
    table.pad_edge = False
    for line in texts:
        table.add_row(*line)
    show_table(title, table, needed([headings, *texts]))
    for remark in ("", *remarks):
        say_remark(remark)
