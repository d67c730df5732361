"""The command line: `hpcval`, or `python -m addin`."""

from __future__ import annotations

import sys
from errno import EACCES
from pathlib import Path
from typing import Any, Final

import click

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.cli import attach, check, company, excel, refresh
from addin.cli.say import say, say_json
from valuation_core import __version__
from valuation_core.errors import ValuationError

BOOK_VARIABLE: Final = "HPCVAL_BOOK"


class _Commands(click.Group):
    """Shows a failed rule as one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ValuationError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            hint = " (is it open in another program?)" if error.errno == EACCES else ""
            raise click.ClickException(f"{place}{error.strerror or error}{hint}") from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="hpc-valuation")
@click.option(
    "--book",
    "source",
    envvar=BOOK_VARIABLE,
    help="Folder of CSV files, Excel file or database URL to read in place of the shipped book.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HPCVAL_CACHE",
    help="Folder that keeps the books behind handles; your user cache by default.",
)
@click.pass_context
def main(ctx: click.Context, source: str | None, cache: Path | None) -> None:
    """Value bitcoin miners' option to host AI/HPC load, inside a spreadsheet."""
    _use_utf8()
    ctx.obj = Desk(source or None, BookStore(cache))


for group in (company, excel, check, attach, refresh):
    group.register(main)


def _use_utf8() -> None:
    """Write UTF-8 where the console's own encoding cannot show our text."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command("call", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def call_command(desk: Desk, name: str, arguments: tuple[str, ...]) -> None:
    """Call worksheet function NAME and print its value as one line of JSON.

    Arguments are JSON where they parse (-5, [[0.25],[0.5]], null for a blank cell,
    {"error":"#N/A"} for an error cell), text otherwise; _ leaves an argument out.
    """
    from addin.boundary.call import call
    from addin.boundary.json_cells import from_json_text, to_json
    from workbook.cells import ErrorValue

    value = call(desk, name, [from_json_text(text) for text in arguments])
    answer = to_json(value) if isinstance(value, ErrorValue) else {"value": to_json(value)}
    say_json(answer)
    if isinstance(value, ErrorValue):
        sys.exit(1)


@main.command("functions")
@click.argument("name", required=False)
def functions_command(name: str | None) -> None:
    """List the worksheet functions, or show one with its arguments."""
    from addin.cli.screen import show_function, show_functions

    show_functions() if name is None else show_function(name)


@main.group("book")
def book_group() -> None:
    """Check facts, show what a book says of a miner, or append facts to a database."""


@book_group.command("check")
@click.argument("source", required=False)
@click.pass_obj
def book_check(desk: Desk, source: str | None) -> None:
    """Check a folder, an Excel file or a database of facts: every problem with its place."""
    from addin.cli.screen import show_book_check

    sys.exit(0 if show_book_check(source or desk.source) else 1)


@book_group.command("show")
@click.argument("scope")
@click.option("--as-of", help="Date of the book as YYYY-MM-DD.")
@click.pass_obj
def book_show(desk: Desk, scope: str, as_of: str | None) -> None:
    """Show every fact of SCOPE (a miner, ALL or NETWORK) with date, confidence and source."""
    from addin.cli.screen import show_facts
    from valuation_core.catalogue.bookkeeping import dated_book

    show_facts(dated_book(as_of, tables=desk.tables), scope)


@book_group.command("push")
@click.argument("url")
@click.argument("folder", required=False)
@click.pass_obj
def book_push(desk: Desk, url: str, folder: str | None) -> None:
    """Append to the database at URL the facts of FOLDER that it does not hold yet.

    The shipped book by default. Rows are never updated or deleted, so every past date can be
    rebuilt. SQLite (sqlite:///facts.db) and PostgreSQL.
    """
    from addin.sources import tables_from
    from addin.sources.push import push

    say(str(push(url, desk.tables if folder is None else tables_from(folder))))


@main.command("build")
@click.option("--as-of", help="Date of the book as YYYY-MM-DD.")
@click.option("--miners", help="Tickers separated by commas; the edition's coverage by default.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Workbook to write; hpc-model-DATE.xlsx in this folder by default.",
)
@click.option("--force", is_flag=True, help="Replace a workbook that is already there.")
@click.option("--xlsm", is_flag=True, help="Put the functions inside: a workbook with macros.")
@click.pass_obj
def build_command(
    desk: Desk, as_of: str | None, miners: str | None, out: Path | None, force: bool, xlsm: bool
) -> None:
    """Build the model workbook and print the coverage table."""
    from addin.cli.build import build
    from addin.cli.screen import show_coverage
    from valuation_core.catalogue.bookkeeping import dated_book

    book = dated_book(as_of, tables=desk.tables)
    suffix = ".xlsm" if xlsm else ".xlsx"
    out = out or Path(f"hpc-model-{book.as_of.isoformat()}{suffix}")
    if out.suffix.lower() != suffix:
        raise click.ClickException(f"{out} must end in {suffix}")
    if out.exists() and not force:
        raise click.ClickException(f"{out} is already there: give --force to replace it")
    if miners is None and not book.edition:
        raise click.ClickException(f"no edition by {book.as_of}: name the miners with --miners")
    tickers = (
        list(book.coverage) if miners is None else [name.strip() for name in miners.split(",")]
    )
    model = build(book, tickers, out, macros=xlsm)
    show_coverage(model)
    say(f"\nWorkbook: {out}")


@main.command("recalc")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="List every cell, however many.")
@click.option("--timeout", default=180.0, show_default=True, help="Seconds to wait at most.")
@click.pass_obj
def recalc_command(desk: Desk, file: Path, everything: bool, timeout: float) -> None:
    """Evaluate FILE in headless LibreOffice with our functions and compare every formula.

    Prints each cell whose recalculated value differs from the one in the file, each error cell,
    and the count compared. Exit status 1 if there is any difference or error, 2 if the file or
    LibreOffice cannot be used.
    """
    from addin.calc.engine import EngineError
    from addin.calc.recalculate import compare_with_engine
    from addin.cli.screen import show_comparison

    try:
        comparison = compare_with_engine(file, source=desk.source, timeout=timeout)
    except EngineError as error:
        say(f"Error: {error}", err=True)
        sys.exit(2)
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
        raise click.ClickException(str(error)) from None
