"""Commands for filings of the SEC: fetch and compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from addin.boundary.desk import Desk
from addin.cli.commands import shared
from addin.cli.company import print_tables
from addin.cli.say import say
from valuation_core import __version__
from valuation_core.catalogue.bookkeeping import dated_book

if TYPE_CHECKING:
    from addin.sources.compared import Difference
    from addin.sources.edgar import Filed

_MINERS = click.argument("miners", nargs=-1)


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    main.add_command(fetch)
    main.add_command(compare)


@click.group("fetch")
def fetch() -> None:
    """Fetch facts from the internet: the only commands that do."""


@fetch.command("edgar")
@_MINERS
@click.option("--contact", required=True, metavar="MAIL", help="Your address, told to the SEC.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the files, made where it is missing.",
)
@shared("book", "cache")
@click.pass_obj
def edgar(desk: Desk, miners: tuple[str, ...], contact: str, out: Path) -> None:
    """Bring the SEC's company facts of MINERS, all of the book by default, into a folder.

    One request a second; a file of the last 24 hours is not asked for again. Only www.sec.gov and
    data.sec.gov are contacted. Then: hpcval compare --with edgar:FOLDER.
    """
    from addin.sources.sec import Sec

    for sentence in Sec(contact, __version__).fetch(out, _tickers(desk, miners)):
        say(sentence)
    say(f"in {out}: compare with --with edgar:{out}, use with --book book+edgar:{out}")


@click.command("compare")
@_MINERS
@click.option("--with", "filed", required=True, metavar="edgar:FOLDER", help="Recorded filings.")
@shared("book", "cache", "as-of", "json")
@click.pass_obj
def compare(
    desk: Desk, miners: tuple[str, ...], filed: str, as_of: str | None, plain: bool
) -> None:
    """List where the book differs from filings in cash and shares, and by how much.

    Of MINERS, all of the book by default, as known on the date of the book. Debt, convertibles and
    bitcoin that filings tag are shown as filed, for a person to confirm: they are never taken.
    """
    from addin.sources.compared import differences
    from addin.sources.edgar import filings, to_confirm
    from addin.sources.with_filings import folder_of

    folder, tickers = folder_of(filed), _tickers(desk, miners)
    book = dated_book(as_of, tables=desk.tables)
    found = filings(folder, tickers)
    different, agreeing = differences(book, found)
    shown = [one for one in to_confirm(folder, tickers) if one.known_on <= book.as_of]
    without = [name for name in tickers if name not in {one.ticker for one in found}]
    remarks = [f"{len(different)} differ, {agreeing} are the filed figure, perhaps rounded"]
    if without:
        remarks.append(f"no filings with cash or shares of: {', '.join(without)}")
    tables = {"Book and filings": _differing(different)}
    if shown:
        tables["Confirm by hand: never taken from filings"] = _confirmed(shown)
    print_tables(plain, tables, remarks)


def _tickers(desk: Desk, miners: Sequence[str]) -> list[str]:
    book = desk.default_book
    return [book.ticker(name) for name in miners] or list(book.tickers)


def _differing(found: Sequence[Difference]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [
            *("miner", "fact", "measured in", "book", "of day", "filing", "of its day", "filed on"),
            *("book less filing", "less, % of filing", "which", "accession"),
        ]
    ]
    for one in found:
        of = one.filed
        rows.append(
            [
                *(of.ticker, of.subject, of.unit),
                *(_or_dash(one.stated), _or_dash(one.as_of)),
                *(of.value, of.as_of, of.known_on),
                *(_or_dash(one.amount), _or_dash(one.share)),
                *(one.remark, of.accession),
            ]
        )
    return rows


def _confirmed(found: Sequence[Filed]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["miner", "what", "tag", "as filed", "measured in", "of day", "filed on", "accession"]
    ]
    for one in found:
        told = one.ticker, one.subject, one.tag, one.value, one.unit
        rows.append([*told, one.as_of, one.known_on, one.accession])
    return rows


def _or_dash(value: Any) -> Any:
    return "-" if value is None else value
