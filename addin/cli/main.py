"""The command line: `hpcval`, or `python -m addin`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final, Literal

import click

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.cli import (
    assets,
    attach,
    bridge,
    cases,
    check,
    company,
    comps,
    excel,
    export,
    feed,
    filings,
    publish,
    refresh,
    simulate,
)
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Commands, Refusal, given, shared
from addin.cli.say import say, say_json
from valuation_core import __version__

BOOK_VARIABLE: Final = "HPCVAL_BOOK"
CACHE_VARIABLE: Final = "HPCVAL_CACHE"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="hpc-valuation")
@shared("book", "cache", "as-of", "case", "set", "btc-price", "json")
@click.pass_context
def main(ctx: click.Context, /, **_given: Any) -> None:
    """Value bitcoin miners' option to host AI/HPC load, inside a spreadsheet.

    These options may also stand after the command.
    """
    _use_utf8()
    cache = given(ctx, "cache") or os.environ.get(CACHE_VARIABLE)
    source = given(ctx, "book") or os.environ.get(BOOK_VARIABLE)
    ctx.obj = Desk(source or None, BookStore(Path(cache) if cache else None))


for group in (
    *(company, assets, comps, simulate, bridge, cases, excel, check, attach, refresh),
    *(export, publish, feed, filings),
):
    group.register(main)


def _use_utf8() -> None:
    """Write UTF-8 where the console's own encoding cannot show our text."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command("call", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@reads_book
@shared("json")
@click.pass_obj
def call_command(
    desk: Desk, name: str, arguments: tuple[str, ...], chosen: Chosen, plain: bool
) -> None:
    """Call worksheet function NAME and print its value as one line of JSON.

    Arguments are JSON where they parse (-5, [[0.25],[0.5]], null for a blank cell,
    {"error":"#N/A"} for an error cell), text otherwise; _ leaves an argument out.
    """
    from addin.boundary.call import call
    from addin.boundary.json_cells import from_json_text, to_json
    from workbook.cells import ErrorValue

    del plain  # there is no table to print instead
    cells = [from_json_text(text) for text in arguments]
    value = call(desk, name, chosen.cells(desk, name, cells))
    answer = to_json(value) if isinstance(value, ErrorValue) else {"value": to_json(value)}
    say_json(answer)
    if isinstance(value, ErrorValue):
        sys.exit(1)


@main.command("functions")
@click.argument("name", required=False)
@shared("json")
def functions_command(name: str | None, plain: bool) -> None:
    """List the worksheet functions, or show one with its arguments."""
    from addin.cli import records, screen

    if plain:
        say_json(records.functions(name), indent=1)
    elif name is None:
        screen.show_functions()
    else:
        screen.show_function(name)


@main.group("book")
def book_group() -> None:
    """Check facts, show what a book says of a miner, convert facts, append them to a database."""


@book_group.command("check")
@click.argument("source", required=False)
@shared("book", "cache", "json")
@click.pass_context
def book_check(ctx: click.Context, source: str | None, plain: bool) -> None:
    """Check a folder, an Excel file or a database of facts: every problem with its place."""
    from addin.cli import records, screen

    if source is not None and given(ctx, "book") not in (None, source):
        raise click.UsageError("give either SOURCE or --book")
    source = source or ctx.obj.source
    if plain:
        answer = records.book_check(source)
        say_json(answer, indent=1)
        sys.exit(0 if answer["valid"] else 1)
    sys.exit(0 if screen.show_book_check(source) else 1)


@book_group.command("show")
@click.argument("scope")
@reads_book
@shared("json")
@click.pass_obj
def book_show(desk: Desk, scope: str, chosen: Chosen, plain: bool) -> None:
    """Show every fact of SCOPE (a miner, ALL or NETWORK) with date, confidence and source."""
    from addin.cli import records, screen

    book = chosen.book(desk)
    if plain:
        say_json(records.facts(book, scope), indent=1)
    else:
        screen.show_facts(book, scope)


@book_group.command("push")
@click.argument("url")
@click.argument("folder", required=False)
@shared("book", "cache")
@click.pass_obj
def book_push(desk: Desk, url: str, folder: str | None) -> None:
    """Append to the database at URL the facts of FOLDER that it does not hold yet.

    The shipped book by default. Rows are never updated or deleted, so every past date can be
    rebuilt. SQLite (sqlite:///facts.db) and PostgreSQL.
    """
    from addin.sources import tables_from
    from addin.sources.push import push

    say(str(push(url, desk.tables if folder is None else tables_from(folder))))


@book_group.command("upgrade")
@click.argument("source")
@click.argument("out", type=click.Path(path_type=Path))
def book_upgrade(source: str, out: Path) -> None:
    """Convert SOURCE, facts in format 1, into a new folder OUT of CSV files in format 2.

    SOURCE is a folder, an Excel file or the URL of a database, and stays as it is. What is done to
    the facts is listed. Nothing is written where it cannot be converted whole.
    """
    from addin.sources.upgrade import upgrade

    for sentence in upgrade(source, out):
        say(sentence)
    say(f"Converted: {out}")


@main.command("build")
@reads_book
@click.option("--miners", help="Tickers separated by commas; the edition's coverage by default.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Workbook to write; hpc-model-DATE.xlsx in this folder by default.",
)
@click.option("--force", is_flag=True, help="Replace a workbook that is already there.")
@click.option("--xlsm", is_flag=True, help="Put the functions inside: a workbook with macros.")
@click.option(
    "--paper",
    type=click.Choice(["a4", "letter"]),
    default="a4",
    show_default=True,
    help="Paper the sheets are set up to be printed on.",
)
@click.pass_obj
def build_command(
    desk: Desk,
    chosen: Chosen,
    miners: str | None,
    out: Path | None,
    force: bool,
    xlsm: bool,
    paper: Literal["a4", "letter"],
) -> None:
    """Build the model workbook and print the coverage table."""
    from addin.cli.build import build
    from addin.cli.overview import show_coverage

    book = chosen.book(desk)
    suffix = ".xlsm" if xlsm else ".xlsx"
    out = out or Path(f"hpc-model-{book.as_of.isoformat()}{suffix}")
    if out.suffix.lower() != suffix:
        raise Refusal(f"{out} must end in {suffix}")
    if out.exists() and not force:
        raise Refusal(f"{out} is already there: give --force to replace it")
    if miners is None and not book.edition:
        raise Refusal(f"no edition by {book.as_of}: name the miners with --miners")
    tickers = (
        list(book.coverage) if miners is None else [name.strip() for name in miners.split(",")]
    )
    model = build(book, tickers, out, macros=xlsm, paper=paper)
    show_coverage(model, desk.tables)
    say(f"\nWorkbook: {out}")


@main.command("recalc")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="List every cell, however many.")
@click.option("--timeout", default=180.0, show_default=True, help="Seconds to wait at most.")
@shared("book", "cache", "json")
@click.pass_obj
def recalc_command(desk: Desk, file: Path, everything: bool, timeout: float, plain: bool) -> None:
    """Evaluate FILE in headless LibreOffice with our functions and compare every formula.

    Prints each cell whose recalculated value differs from the one in the file, each error cell,
    and the count compared. Exit status 1 if there is any difference or error, 2 if the file or
    LibreOffice cannot be used.
    """
    from addin.calc.engine import EngineError
    from addin.calc.recalculate import compare_with_engine
    from addin.cli import records
    from addin.cli.screen import show_comparison, working

    try:
        with working(f"LibreOffice computes {file.name} ..."):
            comparison = compare_with_engine(file, source=desk.source, timeout=timeout)
    except EngineError as error:
        say(f"Error: {error}", err=True)
        sys.exit(2)
    if plain:
        say_json(records.comparison(file, comparison), indent=1)
        sys.exit(1 if comparison.differences or comparison.errors else 0)
    sys.exit(0 if show_comparison(file, comparison, everything) else 1)


@main.command("serve")
def serve_command() -> None:
    """Answer Excel from this window until Ctrl+C, where Excel may not start programs itself."""
    from addin.excel import server

    def ready() -> None:
        say(f"Serving Excel's HPC functions ({__version__}). Press Ctrl+C to stop.")

    server.keep_log()
    try:
        server.serve(server.CLASS_ID, lasting=True, ready=ready)
    except server.ServerError as error:
        raise Refusal(str(error)) from None
