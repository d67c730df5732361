"""Commands for a model in use, closed or open in Excel: refresh, snapshot, explain-cell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from addin.boundary.desk import Desk
from addin.cli.commands import Refusal, shared
from addin.cli.say import say, say_json
from valuation_core.book.origin import as_text
from workbook.errors import WorkbookError

if TYPE_CHECKING:
    from datetime import date

    import xlwings

    from addin.closed.refresh import Refreshed

_file = click.argument("file", required=False, type=click.Path(path_type=Path))
_open = click.option(
    "--open", "is_open", is_flag=True, help="Work in the workbook that is active in Excel."
)


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (refresh, choose, snapshot, explain_cell):
        main.add_command(command)


@click.command("refresh")
@_file
@_open
@click.option("--from", "source", help="Folder, Excel file or database URL; else as chosen.")
@shared("book", "cache", "as-of")
@click.option("--undo", "back", is_flag=True, help="Take the last refresh back, from the Log.")
@click.option("--dry-run", is_flag=True, help="List what would change and change nothing.")
@click.option("--no-recalc", is_flag=True, help="Leave the figures to Excel's next opening.")
@click.pass_obj
def refresh(
    desk: Desk,
    file: Path | None,
    is_open: bool,
    source: str | None,
    as_of: str | None,
    back: bool,
    dry_run: bool,
    no_recalc: bool,
) -> None:
    """Add the rows of a source that FILE, a closed workbook, or the open one lacks to its tables.

    Rows that are there stay as they are, and so does the date, unless --as-of sets it. Each row
    is a line of the sheet Log, and so is each target that changed. If anything is wrong with the
    source, nothing changes. A closed file as it was stays beside it with .before-refresh in its
    name.
    """
    from addin.cli.screen import working
    from addin.closed import refresh as refreshing
    from addin.sources.chosen import chosen_source
    from valuation_core.book.book import as_date

    if back and source is not None:
        raise click.UsageError("give either --from SOURCE or --undo")
    if source is None and not back:
        source = chosen_source()
    if source is None and not back:
        raise click.UsageError("give --from SOURCE, or choose one for good: hpcval source SOURCE")
    either(file, is_open)
    day = None if as_of is None else as_date(as_of)
    with refusals():
        if file is None:
            if dry_run:
                raise click.UsageError("--dry-run is for a closed FILE")
            _refresh_open(source, day)
        elif source is None:
            with working(f"taking the last refresh of {file.name} back ..."):
                done = refreshing.undo(file, desk, dry_run=dry_run, recalculate=not no_recalc)
            show(done, dry_run)
        else:
            with working(f"refreshing {file.name} ..."):
                done = refreshing.refresh(
                    file,
                    source,
                    desk,
                    as_of=day,
                    dry_run=dry_run,
                    recalculate=not no_recalc,
                )
            show(done, dry_run)


def _refresh_open(source: str | None, day: date | None) -> None:
    from addin.excel import buttons

    book = active_book()
    say(buttons.undo(book) if source is None else buttons.refresh(book, source, day))


def show(done: Refreshed, dry_run: bool) -> None:
    """Print each row that was brought, and what was done."""
    for one in done.rows:
        told = [as_text(one.row[name]) for name in ("value", "as_of", "source") if name in one.row]
        say(f"{one.table.sheet}!{one.address} {one.thing}: {', '.join(told)}")
    say(f"{'dry run, nothing was changed: ' if dry_run else ''}{done.report}")
    if done.backup is not None:
        say(f"as it was: {done.backup}")


@click.command("source")
@click.argument("source", required=False)
@click.option("--forget", is_flag=True, help="Choose none any more.")
def choose(source: str | None, forget: bool) -> None:
    """Choose SOURCE for every refresh: a folder of CSV files, an Excel file or a database URL.

    The button Refresh in Excel reads it, and hpcval refresh without --from. Without SOURCE: say
    which is chosen.
    """
    from addin.sources import described
    from addin.sources.chosen import choose_source, chosen_source, forget_source

    if forget and source is not None:
        raise click.UsageError("give either SOURCE or --forget")
    if forget:
        say("no source is chosen any more" if forget_source() else "no source was chosen")
    elif source is not None:
        name, place = choose_source(source)
        say(f"every refresh reads {name}; kept in {place}")
    else:
        chosen = chosen_source()
        say("no source is chosen" if chosen is None else f"chosen: {described(chosen)}")


@click.command("snapshot")
@_file
@_open
@click.pass_obj
def snapshot(desk: Desk, file: Path | None, is_open: bool) -> None:
    """Append the targets and ratings that FILE, or the open workbook, shows to its History.

    With the time, the handle of the facts and the date of the book.
    """
    from addin.cli.screen import working
    from addin.closed import snapshot_and_explain
    from addin.excel import buttons

    either(file, is_open)
    with refusals():
        if file is None:
            say(buttons.snapshot(active_book()))
        else:
            with working(f"taking a snapshot of {file.name} ..."):
                done = snapshot_and_explain.snapshot(file, desk)
            say(done)


@click.command("explain-cell")
@_file
@click.argument("cell", required=False)
@_open
@click.option("--write", is_flag=True, help="Also put the steps on the sheet Explain of FILE.")
@shared("book", "cache", "json")
@click.pass_obj
def explain_cell(
    desk: Desk, file: Path | None, cell: str | None, is_open: bool, write: bool, plain: bool
) -> None:
    """Show what is behind CELL of FILE, down to facts and their sources.

    CELL is an address such as Targets!D17, or a name such as RIOT_target.

    An output, such as a target, by the function that gives the same figure; a call by that call; an
    input by its fact; any other formula by the cells it reads. A plain link is followed. Arguments
    are the values stored in the file. With --open the selected cell is explained on the
    sheet Explain.
    """
    from addin.cli import records
    from addin.cli.screen import show_rows, working
    from addin.closed import snapshot_and_explain
    from addin.excel import buttons

    either(file, is_open)
    with refusals():
        if file is None:
            say(buttons.explain_selection(active_book(), desk))
            return
        if cell is None:
            raise click.UsageError("give the CELL, such as Targets!D17 or RIOT_target")
        with working(f"explaining {cell} of {file.name} ..."):
            found = snapshot_and_explain.explain_cell(file, cell, desk, write=write)
        if plain:
            said = {"remark": found.remark} if found.remark else {}
            say_json({found.title: records.rows(found.steps), **said}, indent=1)
        else:
            show_rows("\n".join(filter(None, (found.title, found.remark))), found.steps)


def either(file: Path | None, is_open: bool) -> None:
    """Refuse a command that names no workbook, or two."""
    if is_open == (file is not None):
        raise click.UsageError("give either FILE or --open")


@contextmanager
def refusals() -> Iterator[None]:
    """Show why nothing was done as one line."""
    from addin.excel.com import NO_ANSWER, is_of_excel

    try:
        yield
    except WorkbookError as error:
        raise Refusal(str(error)) from None
    except Exception as error:
        if is_of_excel(error):
            raise Refusal(NO_ANSWER) from None
        raise


def active_book() -> xlwings.Book:
    """Give the workbook that is active in Excel."""
    from addin.excel.opened import active_book

    return active_book()
