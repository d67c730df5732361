"""Command that gives a table to other programs and into notes: export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.shown import cells
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal
from addin.cli.company import about_cases, as_it_is, stop_on_error, with_published_upsides
from addin.cli.say import say
from addin.pages.blocks import Table
from valuation_core import __version__, freshness, readings
from valuation_core.book import Book
from valuation_core.comparables import comparables
from valuation_core.scorecard import scores, summary
from workbook.opc.replace import whole, write_new

Rows = list[list[Any]]


def register(main: click.Group) -> None:
    """Add the command to the command line."""
    main.add_command(export)


def _rank(desk: Desk, book: Book) -> Rows:
    rows = call(desk, "HPC_RANK", [desk.publish(book)], dates=as_it_is)
    stop_on_error(rows)
    return with_published_upsides(book, rows)


def _comps(_desk: Desk, book: Book) -> Rows:
    return cells(comparables(book))


def _scorecard(desk: Desk, _book: Book) -> Rows:
    return cells(summary(scores(desk.tables, None)))


def _value(desk: Desk, book: Book, ticker: str) -> Rows:
    return _called(desk, "HPC_SOTP", [ticker, *[OMITTED] * 6, desk.publish(book)])


def _targets(_desk: Desk, book: Book, ticker: str) -> Rows:
    return cells(readings.side_by_side(book, ticker))


def _pipeline(desk: Desk, book: Book, ticker: str) -> Rows:
    return _called(desk, "HPC_PIPELINE", [ticker, desk.publish(book)])


def _ladder(desk: Desk, book: Book, ticker: str) -> Rows:
    return _called(desk, "HPC_LADDER", [ticker, desk.publish(book)])


def _called(desk: Desk, function: str, arguments: Sequence[Any]) -> Rows:
    rows: Any = call(desk, function, arguments, dates=as_it_is)
    stop_on_error(rows)
    return list(rows)


OF_ALL: Final[Mapping[str, Callable[[Desk, Book], Rows]]] = {
    "rank": _rank, "comps": _comps, "scorecard": _scorecard,
}  # fmt: skip
"""Tables of the whole coverage."""

OF_ONE: Final[Mapping[str, Callable[[Desk, Book, str], Rows]]] = {
    "value": _value, "targets": _targets, "pipeline": _pipeline, "ladder": _ladder,
}  # fmt: skip
"""Tables of one miner; those of several stand below each other."""

FORMATS: Final = ("csv", "md", "html", "xlsx")


@click.command("export")
@click.argument("table", type=click.Choice([*OF_ALL, *OF_ONE]))
@click.argument("miners", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write: .csv, .md, .html or .xlsx; by default the table is printed.",
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS[:-1]), help="Form in which it is printed."
)
@click.option("--force", is_flag=True, help="Replace a file that is already there.")
@reads_book
@click.pass_obj
def export(
    desk: Desk,
    table: str,
    miners: tuple[str, ...],
    out: Path | None,
    form: str | None,
    force: bool,
    chosen: Chosen,
) -> None:
    """Give TABLE as CSV, Markdown, HTML or Excel, with units and date.

    value, targets, pipeline and ladder are of MINERS, by default of the coverage.
    """
    from addin.pages.exports import WRITERS, with_units

    if out is not None and form is not None:
        raise click.UsageError("give either --out or --format")
    kind = form or ("csv" if out is None else out.suffix.lower().removeprefix("."))
    if kind not in FORMATS:
        raise Refusal(f"--out {out}: must end in .csv, .md, .html or .xlsx")
    if out is not None and out.exists() and not force:
        raise Refusal(f"{out} is already there: give --force to replace it")
    if miners and table in OF_ALL:
        raise click.UsageError(f"{table} is of the whole coverage: it takes no MINERS")
    book = chosen.book(desk)
    tickers = [book.ticker(one) for one in miners or book.coverage]
    made = with_units(Table(table, table, _rows(desk, book, table, tickers)))
    title = f"{table}, {readings.name_in_use(book)}, facts as of {book.as_of}"
    if table == "scorecard":  # each edition is forecast on its own day
        title = "scorecard, every edition and case"
    else:
        made = _dated(made, book)
    content = WRITERS[kind](title, made, list(_remarks(desk, book, table, tickers)))
    if out is None:
        say(content.decode("utf-8-sig").rstrip())
        return
    write_new(out, whole(content), len(content))
    say(f"{out}: {title}, {len(made.rows) - 1} rows")


def _rows(desk: Desk, book: Book, table: str, tickers: Sequence[str]) -> Rows:
    if table in OF_ALL:
        return OF_ALL[table](desk, book)
    found: Rows = []
    for ticker in tickers:
        header, *lines = OF_ONE[table](desk, book, ticker)
        found = found or [[*header, "miner"]]
        found += [[*line, ticker] for line in lines]
    return found


def _dated(table: Table, book: Book) -> Table:
    """Add to each row which facts it rests on, so that rows of two files can be told apart."""
    header, *lines = table.rows
    name = readings.name_in_use(book)
    rows = [[*header, "case", "as of"], *([*line, name, book.as_of] for line in lines)]
    return Table(table.key, table.title, rows)


def _remarks(desk: Desk, book: Book, table: str, tickers: Sequence[str]) -> Iterator[str]:
    """Say what stands behind the figures, a line each."""
    if table != "scorecard":
        if table in OF_ONE:
            for ticker in tickers:
                yield f"{ticker}: {readings.price_line(book, ticker)}"
        yield from freshness.remarks(book, tickers)
        yield from about_cases(desk, book)
        yield f"facts {book.handle}"
    yield f"hpc-valuation {__version__}"
