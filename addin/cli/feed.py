"""Commands for the prices of a terminal: feed and keep."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from addin.boundary.desk import Desk
from addin.cli.commands import shared
from addin.cli.refresh import active_book, either, refusals, show
from addin.cli.say import say
from workbook.refresh.feed import TERMINALS


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    main.add_command(feed)
    main.add_command(keep)


@click.command("feed")
@click.argument("terminal", type=click.Choice([*TERMINALS, "none"]))
@click.argument("file", metavar="MODEL.xlsx", type=click.Path(path_type=Path))
@shared("book", "cache")
@click.pass_obj
def feed(desk: Desk, terminal: str, file: Path) -> None:
    """Let a closed model take share prices and the bitcoin price from a terminal, or from none.

    The sheet Feed asks the terminal line by line; its tickers are yours to change. A price stands
    as your own value; where the terminal gives no number the book's counts, and Feed says "book".
    Values that you typed stay. The file as it was stays beside it with .before-feed in its name.
    """
    from addin.closed.feed import feed as fed

    with refusals():
        done = fed(file, terminal, desk)
    say(done.report)
    say(f"as it was: {done.backup}")


@click.command("keep")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--open", "is_open", is_flag=True, help="The workbook that is active in Excel.")
@click.option("--dry-run", is_flag=True, help="List what would be added and change nothing.")
@shared("book", "cache", "as-of")
@click.pass_obj
def keep(desk: Desk, file: Path | None, is_open: bool, dry_run: bool, as_of: str | None) -> None:
    """Add the terminal's prices that FILE, or the open workbook, shows to its facts, dated today.

    --as-of dates them otherwise, such as the last day of trade. Each is a row of Facts with the
    terminal, ticker and field as its source; hpcval refresh --undo takes them off again.
    """
    from addin.closed import feed as feeds
    from addin.excel import buttons
    from valuation_core.book.book import as_date

    either(file, is_open)
    day = date.today() if as_of is None else as_date(as_of)  # noqa: DTZ011  the desk's own day
    with refusals():
        if file is None:
            if dry_run:
                raise click.UsageError("--dry-run is for a closed FILE")
            say(buttons.keep(active_book(), day))
        else:
            show(feeds.keep(file, desk, day, dry_run=dry_run), dry_run)
