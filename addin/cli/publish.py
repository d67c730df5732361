"""Commands for a page a name, and for the slides it went into: tearsheet, slides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from addin.boundary.desk import Desk
from addin.cli.bridge import end_of
from addin.cli.chosen import NAMES, Chosen, reads_book
from addin.cli.commands import FLAGS, Refusal
from addin.cli.say import say
from addin.pages.blocks import Page
from addin.pages.links import Link
from addin.pages.tear_sheet import TearSheet
from valuation_core.book import Book
from valuation_core.errors import misfit
from workbook.opc.replace import replace_with_backup, whole, write_new

NEEDS: Final = 'needs matplotlib and python-pptx: pip install "hpc-valuation[pages]"'
FROM: Final = "--from"
MODEL: Final = "--model"
BEFORE_UPDATE: Final = "before-update"
_WORKBOOKS: Final = (".xlsx", ".xlsm")

_start = click.option(
    FROM,
    "start",
    metavar="DATE|CASE|MODEL.xlsx",
    help="Where the bridge begins: a date, a case, or the last snapshot in a workbook; by default "
    "the bank's edition on the miner before.",
)
_model = click.option(
    MODEL,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Model workbook whose facts, date, case and own values are shown, in place of the book.",
)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the figures come from, and what was typed to say so."""

    desk: Desk
    book: Book
    chosen: Chosen
    options: tuple[str, ...]


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (tearsheet, slides):
        main.add_command(command)


@click.command("tearsheet")
@click.argument("miners", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every name of the coverage.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write: .pdf, .png, .pptx or .xlsx.",
)
@click.option("--force", is_flag=True, help="Replace a file that is already there.")
@_start
@_model
@reads_book
@click.pass_obj
def tearsheet(
    desk: Desk,
    miners: tuple[str, ...],
    everything: bool,
    out: Path,
    force: bool,
    start: str | None,
    model: Path | None,
    chosen: Chosen,
) -> None:
    """Write a page on each of MINERS: rating, targets, parts, risks, sources.

    In .pptx and .xlsx tables and charts can be edited; hpcval slides brings a .pptx up to date.
    Several names give pages of one file; .png gives a file a name.
    """
    kind = out.suffix.lower().removeprefix(".")
    if kind not in ("pdf", "png", "pptx", "xlsx"):
        raise Refusal(f"--out {out}: must end in .pdf, .png, .pptx or .xlsx")
    if bool(miners) == everything:
        raise click.UsageError("name one or more MINERS, or give --all")
    source = _source(desk, chosen, model)
    book = source.book
    tickers = list(dict.fromkeys(map(book.ticker, book.coverage if everything else miners)))
    names = {out: tickers}
    if kind == "png" and len(tickers) > 1:
        names = {out.with_name(f"{out.stem}-{one}{out.suffix}"): [one] for one in tickers}
    if there := [path for path in names if path.exists() and not force]:
        raise Refusal(f"{there[0]} is already there: give --force to replace it")
    write = _writer(kind)
    pages = {page.ticker: page for page in _pages(source, tickers, start)}
    for path, whose in names.items():
        content = write([pages[one] for one in whose])
        write_new(path, whole(content), len(content))
        say(f"{path}: {', '.join(whose)}")


def _writer(kind: str) -> Callable[[Sequence[Page]], bytes]:
    """Give what writes pages: Excel needs no more than is always there."""
    if kind == "xlsx":
        from addin.pages.sheets import to_xlsx

        return to_xlsx
    try:
        if kind == "pptx":
            from addin.pages.slides import to_pptx

            return to_pptx
        from addin.pages.paper import to_pdf, to_png
    except ImportError:
        raise Refusal(f".{kind} {NEEDS}") from None
    return to_pdf if kind == "pdf" else lambda pages: to_png(pages[0])


def _source(desk: Desk, chosen: Chosen, model: Path | None) -> _Source:
    """Give the book that is meant: of the facts, or the one that a model workbook carries."""
    if model is None:
        typed = tuple(part for name, value in _given(chosen) for part in (FLAGS[name], value))
        return _Source(desk, chosen.book(desk), chosen, typed)
    if chosen.given:
        raise click.UsageError(f"{MODEL} has date, case and own values: give no {chosen.given}")
    from addin.closed.carried_by import book_carried_by

    carried = book_carried_by(model)
    own = Desk(store=desk.store)
    own.tables = carried.tables
    plainly = Chosen(carried.as_of.isoformat(), carried.case)
    # A slide goes to other people: it bears the name of the file, not its place.
    return _Source(own, carried.book(), plainly, (MODEL, model.name))


def _given(chosen: Chosen) -> Iterator[tuple[str, str]]:
    for name in NAMES:
        value = getattr(chosen, name)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                yield name, one


def _pages(source: _Source, tickers: Sequence[str], start: str | None) -> Iterator[Page]:
    from addin.cli.screen import working

    for number, ticker in enumerate(tickers, start=1):
        with working(f"{ticker}, page {number} of {len(tickers)} ..."):
            yield _page(source, ticker, start)


def _page(source: _Source, ticker: str, start: str | None) -> Page:
    if start is None:
        return TearSheet(source.desk, source.book, ticker, None, source.options).page()
    before = _before(source, ticker, start)
    of_file = Path(start).suffix.lower() in _WORKBOOKS
    options = (*source.options, FROM, before.as_of.isoformat() if of_file else start)
    return TearSheet(source.desk, source.book, ticker, before, options).page()


def _before(source: _Source, ticker: str, start: str) -> Book:
    """Give the book that the bridge begins at."""
    if Path(start).suffix.lower() in _WORKBOOKS:
        from addin.closed.last_snapshot import last_snapshot

        return source.desk.resolve(last_snapshot(Path(start), source.book.ticker(ticker)))
    return end_of(replace(source.chosen, own=(), btc_price=None), start).book(source.desk)


@click.command("slides")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="Write the figures; without it only say what differs.")
@_start
@_model
@reads_book
@click.pass_obj
def slides(
    desk: Desk, file: Path, update: bool, start: str | None, model: Path | None, chosen: Chosen
) -> None:
    """Bring the tables, charts and texts of ours in FILE, a presentation, up to date.

    Each says in its alternative text what it shows, wherever it was pasted; --as-of, --case and
    the rest take the place of what stands there. Without --update nothing is written, and the
    exit status is 1 where something differs. The presentation as it was is kept beside it.
    """
    try:
        from addin.pages.slide_update import updated
    except ImportError:
        raise Refusal(f"hpcval slides {NEEDS}") from None
    from addin.cli.screen import working

    def page_of(link: Link) -> Page:
        then, begins, made_from = _chosen_in(link)
        if made_from is not None and model is None:
            rule = f"it was made from {made_from}: give {MODEL}"
            raise misfit("address", rule, reason=rule)
        now = replace(then, **dict(_all_given(chosen)))
        try:
            source = _source(desk, chosen if model else now, model)
            return _page(source, link.ticker, start or begins)
        except click.ClickException as error:
            raise misfit("address", error.format_message(), reason=error.message) from None

    with working(f"Bringing {file.name} up to date ..."):
        found = updated(file.read_bytes(), file.name, page_of)
    for change in found.changes:
        say(change)
    if not found.linked:
        raise Refusal(f"{file.name} holds nothing of ours: no alternative text has an address")
    changed = [one for one in found.changes if not one.failed]
    failed = len(found.changes) - len(changed)
    said = f"{file}: {found.linked} linked shapes, {len(changed)} changes"
    if update and changed:
        content = found.content
        backup = replace_with_backup(file, whole(content), len(content), BEFORE_UPDATE)
        said += f"; as it was: {backup}"
    elif changed:
        said += ", nothing written: give --update"
    say(f"{said}; {failed} could not be brought up to date" if failed else said)
    sys.exit(1 if failed or (changed and not update) else 0)


def _all_given(chosen: Chosen) -> Iterator[tuple[str, Any]]:
    """Give what was typed, to stand in place of what an address has."""
    for name in NAMES:
        if value := getattr(chosen, name):
            yield name, value


_BY_FLAG: Final[Mapping[str, str]] = {flag: name for name, flag in FLAGS.items() if name != "plain"}


def _chosen_in(link: Link) -> tuple[Chosen, str | None, str | None]:
    """Read an address: which book it means, where the bridge begins, which model it was made from.

    Examples
    --------
    >>> _chosen_in(Link("RIOT", "parts", ("--case", "base", "--from", "2025-09-26")))
    (Chosen(as_of=None, case='base', own=(), btc_price=None), '2025-09-26', None)
    """
    found: dict[str, Any] = {}
    own: list[str] = []
    start = model = None
    for flag, value in zip(link.options[::2], link.options[1::2], strict=False):
        if flag == FROM and Path(value).suffix.lower() not in _WORKBOOKS:
            start = value
        elif flag == MODEL:
            model = value
        elif flag == FLAGS["own"]:
            own.append(value)
        elif flag in _BY_FLAG:
            found[_BY_FLAG[flag]] = value
        else:
            rule = f"has {flag}, which is no option of a page"
            raise misfit("address", rule, reason=f"the address {rule}")
    return Chosen(own=tuple(own), **found), start, model
