"""Commands that keep a workbook fresh: refresh."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from addin.desk import Desk
from workbook.package import WorkbookError

if TYPE_CHECKING:
    from addin.refreshing import Refreshed


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    main.add_command(refresh)


@click.command("refresh")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "source", help="Folder of CSV files, Excel file or database URL.")
@click.option("--as-of", help="Date of the facts, YYYY-MM-DD; the workbook's if left out.")
@click.option("--undo", "back", is_flag=True, help="Take the last refresh back, from the Log.")
@click.option("--dry-run", is_flag=True, help="List what would change and change nothing.")
@click.option("--no-recalc", is_flag=True, help="Leave the figures to Excel's next opening.")
@click.pass_obj
def refresh(
    desk: Desk,
    file: Path,
    source: str | None,
    as_of: str | None,
    back: bool,
    dry_run: bool,
    no_recalc: bool,
) -> None:
    """Bring the facts of FILE, a closed workbook, up to a source.

    Changes only cells "in the book" that differ, never a value of yours; each change is a line of
    the sheet Log. If anything is wrong with the source, nothing changes. The file as it was stays
    beside it with .before-refresh in its name.
    """
    from addin import refreshing
    from valuation_core.book.book import as_date

    if back == (source is not None):
        raise click.UsageError("give either --from SOURCE or --undo")
    try:
        if source is None:
            done = refreshing.undo(file, desk, dry_run=dry_run, recalculate=not no_recalc)
        else:
            done = refreshing.refresh(
                file,
                source,
                desk,
                known_by=None if as_of is None else as_date(as_of),
                dry_run=dry_run,
                recalculate=not no_recalc,
            )
    except WorkbookError as error:
        raise click.ClickException(str(error)) from None
    _show(done, dry_run)


def _show(done: Refreshed, dry_run: bool) -> None:
    for change in done.changes:
        name = f"{change.sheet}!{change.address} {change.scope} {change.metric}"
        click.echo(f"{name}: {_shown(change.old)} -> {_shown(change.new)}  ({change.source})")
    click.echo(f"{'dry run, nothing was changed: ' if dry_run else ''}{done.report}")
    if done.backup is not None:
        click.echo(f"as it was: {done.backup}")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    return "nothing" if value is None else str(value)
