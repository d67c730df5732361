"""Commands that value companies: value, rank, implied, solve, explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import click

from addin.boundary.call import arguments_of, call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.json_cells import from_json_text
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, shared
from addin.cli.say import say_json
from valuation_core import freshness, readings
from valuation_core.book import Book
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import misfit
from valuation_core.evaluation.arrays import Elements
from valuation_core.price_pays import mw_by_value, price_pays
from valuation_core.published import published_figure, upside_in_use
from valuation_core.scorecard import case_remark
from workbook.cells import ErrorValue

F = TypeVar("F", bound=Callable[..., Any])


def _options(*names: str) -> Callable[[F], F]:
    """Add options that hand one cell each to a worksheet function."""

    def add(function: F) -> F:
        for name in reversed(names):
            function = click.option(f"--{name}", help=_HELP[name])(function)
        return function

    return add


_HELP = {
    "price": "USD per share; the reference price by default.",
    "prob": "Probability that the MW are let.",
    "mw": "MW offered to tenants.",
    "per-mw": "Value per MW: low, mid, high, cloud or a number in USD M.",
    "basis": "gross or critical MW.",
    "cap": "MW that one tenant takes.",
}


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (value, rank, implied, solve, explain):
        main.add_command(command)


@click.command("value")
@click.argument("miner")
@_options("prob", "mw", "per-mw", "basis", "cap")
@reads_book
@shared("json")
@click.pass_obj
def value(desk: Desk, /, miner: str, plain: bool, chosen: Chosen, **given: str | None) -> None:
    """Value MINER: the sum of its parts, and its targets beside the published one.

    Plain is what was published, without case, own facts and options.
    """
    book = chosen.book(desk)
    option = [_cell(given[name]) for name in ("prob", "mw", "per_mw", "basis", "cap")]
    parts = call(desk, "HPC_SOTP", [miner, *option, OMITTED, desk.publish(book)])
    stop_on_error(parts)
    ticker = book.ticker(miner)
    choice = _named(desk, "HPC_TARGET", miner, given, "prob", "mw", "per_mw", "basis", "cap")
    name = readings.name_in_use(book, bool(choice))
    tables = {
        f"Sum of the parts of {ticker}, {name}": parts,
        f"Target of {ticker}": records.cells(readings.side_by_side(book, ticker, choice)),
    }
    print_tables(plain, tables, remarks=_about(desk, book, ticker))


def _about(desk: Desk, book: Book, ticker: str) -> list[str]:
    """Say what stands behind the figures of a miner, a line each."""
    lines = [readings.price_line(book, ticker)]
    if upside := readings.upside_line(book, ticker):
        lines.append(upside)
    if others := readings.other_brokers(book, ticker):
        lines.append(f"other brokers, not mixed in: {'; '.join(others)}")
    lines += freshness.remarks(book, [ticker])
    lines += about_cases(desk, book)
    if assumed := readings.assumed(book, ticker):
        lines.append(f"rests on assumptions: {', '.join(assumed)}")
    return lines


@click.command("rank")
@reads_book
@shared("json")
@click.pass_obj
def rank(desk: Desk, plain: bool, chosen: Chosen) -> None:
    """Rank the coverage by the model's upside, plain and published targets beside it."""
    book = chosen.book(desk)
    rows = call(desk, "HPC_RANK", [desk.publish(book)], dates=as_it_is)
    stop_on_error(rows)
    tickers = [str(row[0]) for row in rows[1:]]
    about = [*freshness.remarks(book, tickers), *about_cases(desk, book), *_missing(rows)]
    if not plain:
        from addin.cli.overview import show_ranking

        show_ranking(book, tickers, about)
        return
    wider = with_published_upsides(book, rows)
    print_tables(plain, {"Coverage by upside of the model": wider}, remarks=about)


def with_published_upsides(book: Book, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Give the rows of HPC_RANK with the residual as a part, and the published upsides."""
    upsides = [["residual, % of published", *(f"published upside {when}" for when in WHEN)]]
    for row in rows[1:]:
        found = dict(zip(rows[0], row, strict=True))
        upsides.append([_part(found), *_published_upsides(book, str(row[0]))])
    return [[*row, *more] for row, more in zip(rows, upsides, strict=True)]


def _missing(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Say why there is no figure, once for each reason."""
    errors = [cell for row in rows[1:] for cell in row if isinstance(cell, ErrorValue)]
    return [f"n/a: {reason}" for reason in dict.fromkeys(error.reason for error in errors)]


WHEN = ("when published", "now")


def _part(row: dict[str, Any]) -> Any:
    """Give the residual as a part of the published target, or why there is none."""
    residual, stated = row["residual"], row["published target"]
    return residual if isinstance(residual, ErrorValue) else residual / stated


def _published_upsides(book: Book, ticker: str) -> list[Any]:
    """Give the published upside at the edition's price and at the price in use."""
    found: list[Any] = [
        readings.tried(lambda: published_figure(book, ticker, "upside")),
        readings.tried(lambda: upside_in_use(book, ticker)),
    ]
    return [records.cell(one) for one in found]


@click.command("implied")
@click.argument("miner")
@_options("price", "prob", "mw", "basis", "cap")
@reads_book
@shared("json")
@click.pass_obj
def implied(desk: Desk, /, miner: str, plain: bool, chosen: Chosen, **given: str | None) -> None:
    """Show what the share price of MINER pays for: MW, capex, probability, value per MW.

    MW are certain unless --prob says otherwise, and not capped by what one tenant takes.
    """
    book = chosen.book(desk)
    ticker = book.ticker(miner)
    certain = _named(desk, "HPC_IMPLIED_MW", miner, given, "price", "prob", "basis")
    limits = _named(desk, "HPC_IMPLIED_PROB", miner, given, "mw", "cap")
    at = {name: certain[name] for name in ("price", "prob") if name in certain}
    order = [_cell(given[name]) for name in ("price", "prob", "mw", "basis", "cap")]
    needed = call(desk, "HPC_IMPLIED_PER_MW", [miner, *order, desk.publish(book)])
    table = mw_by_value(ticker, book=book, **certain, **limits)
    tables = {
        f"What the price of {ticker} pays for, {readings.name_in_use(book)}": records.cells(table),
        "Value per MW that its own MW and probability would need": [["USD M per MW"], [needed]],
    }
    about = [price_pays(ticker, book=book, **at), readings.price_line(book, ticker)]
    remark = case_remark(desk.tables, book.case)
    print_tables(plain, tables, remarks=[*about, *([remark] if remark else [])])


@click.command("solve")
@click.argument("miner")
@click.argument("input")
@click.option("--target", required=True, help="USD per share that the model's target shall equal.")
@reads_book
@shared("json")
@click.pass_obj
def solve(desk: Desk, miner: str, input: str, target: str, plain: bool, chosen: Chosen) -> None:
    """Find the value of INPUT, such as btc_price, at which the target of MINER is as given."""
    book = desk.publish(chosen.book(desk))
    found = call(desk, "HPC_SOLVE", [miner, input, _cell(target), book])
    stop_on_error(found)
    now = call(desk, "HPC_DATA", [miner, input, book])
    rows = [["input", "now", f"for a target of {target} USD"], [input, now, found]]
    print_tables(plain, {f"Solved for {miner}": rows})


@click.command("explain", context_settings={"ignore_unknown_options": True})
@reads_book
@shared("json")
@click.argument("function")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def explain(
    desk: Desk, plain: bool, chosen: Chosen, function: str, arguments: Sequence[str]
) -> None:
    """Show every step behind FUNCTION called with ARGUMENTS, down to the sources."""
    cells = chosen.cells(desk, function, [from_json_text(text) for text in arguments])
    rows = call(desk, "HPC_EXPLAIN", [function, *cells], dates=as_it_is)
    stop_on_error(rows)
    print_tables(plain, {f"How {function.upper()} is made": rows})


def as_it_is(day: date) -> date:
    """Give a date as one: a screen is no spreadsheet."""
    return day


def about_cases(desk: Desk, book: Book) -> list[str]:
    """Say what the cases beside the plain figures are: that in use, or the reconstruction."""
    shown = book.case if book.handle != book.plain.handle else readings.RECONSTRUCTION
    remark = case_remark(desk.tables, shown) if shown in book.cases else None
    return [remark] if remark else []


def _named(
    desk: Desk, function: str, miner: str, given: dict[str, str | None], *names: str
) -> dict[str, Any]:
    """Read options as the arguments of a function that they name."""
    card = catalogue()[function]
    cells = {name: _cell(given[name]) for name in names} | {"miner": miner}
    ordered = [cells.get(argument.name, OMITTED) for argument in card.arguments]
    found = arguments_of(desk, card, ordered)
    del found["miner"]
    for name, value in found.items():
        if isinstance(value, Elements):
            raise misfit(name, "must be a single value, not a range")
    return found


def _cell(text: str | None) -> Any:
    return OMITTED if text is None else from_json_text(text)


def stop_on_error(result: Any) -> None:
    """Refuse with the reason where a function gives an error."""
    if isinstance(result, ErrorValue):
        raise Refusal(result.reason)


def print_tables(
    plain: bool, tables: dict[str, list[list[Any]]], remarks: Sequence[str] = ()
) -> None:
    """Print tables and what is to be said of them, or both as JSON."""
    if plain:
        found: dict[str, Any] = {name: records.rows(rows) for name, rows in tables.items()}
        say_json(found | ({"remarks": [*remarks]} if remarks else {}), indent=1)
        return
    from addin.cli.screen import say_remark, show_rows

    for name, rows in tables.items():
        show_rows(name, rows)
    for remark in remarks:
        say_remark(remark)
