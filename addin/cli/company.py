"""Commands that value companies: value, rank, implied, solve, explain, deals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from addin.boundary.call import call
from addin.boundary.cells import OMITTED, error_value
from addin.boundary.desk import Desk
from addin.boundary.json_cells import from_json_text
from addin.cli import records
from addin.cli.commands import Refusal, shared
from addin.cli.say import say_json
from valuation_core.catalogue.bookkeeping import dated_book
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import LEVELS
from valuation_core.errors import ValuationError
from valuation_core.published import upside_in_use
from valuation_core.units import Takes
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
    "btc-price": "USD per bitcoin.",
}

DEAL_COLUMNS = (
    "deal",
    "announced",
    "MW critical",
    "term, years",
    "revenue, USD M",
    "USD M per critical MW and year",
    "USD per kW-month",
)
"""What fits a screen; --json gives every column."""

_ours = shared("book", "cache", "as-of", "json")


OF_THE_EDITION = "when published, upside"
"""Label of the published target's upside over the edition's own price."""


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (value, rank, implied, solve, explain, deals):
        main.add_command(command)


@click.command("value")
@click.argument("miner")
@_options("prob", "mw", "per-mw", "basis", "cap", "btc-price")
@_ours
@click.pass_obj
def value(desk: Desk, /, miner: str, plain: bool, as_of: str | None, **given: str | None) -> None:
    """Value MINER: the sum of its parts, and its target beside the published one."""
    book = _book(desk, as_of)
    option = [_cell(given[name]) for name in ("prob", "mw", "per_mw", "basis", "cap", "btc_price")]
    parts = call(desk, "HPC_SOTP", [miner, *option, book])
    _stop_on_error(parts)
    target = call(desk, "HPC_TARGET", [miner, *option, book])
    stated = call(desk, "HPC_PUBLISHED", [miner, "target", book])
    both = isinstance(target, float) and isinstance(stated, float)
    residual = target - stated if both else stated
    upside = call(desk, "HPC_UPSIDE", [miner, OMITTED, *option, book])
    rating = call(desk, "HPC_RATING", [miner, OMITTED, *option, book])
    table = [
        ["", "model", "published"],
        ["target, USD", target, stated],
        ["upside", upside, _upside_in_use(desk, miner, book)],
        [OF_THE_EDITION, "-", call(desk, "HPC_PUBLISHED", [miner, "upside", book])],
        ["rating", rating, call(desk, "HPC_PUBLISHED", [miner, "rating", book])],
        ["residual, USD", residual, "-"],
        ["residual, % of published", 100 * residual / stated if both else residual, "-"],
    ]
    _print(plain, {f"Sum of the parts of {miner}": parts, "Target": table})


def _upside_in_use(desk: Desk, miner: str, book: str) -> Any:
    """The published target over the price in use, as a cell shows it."""
    facts = desk.resolve(book)
    try:
        return upside_in_use(facts, facts.ticker(miner))
    except ValuationError as error:
        return error_value(error)


@click.command("rank")
@_ours
@click.pass_obj
def rank(desk: Desk, plain: bool, as_of: str | None) -> None:
    """Rank the coverage by the model's upside, published target and rating beside it."""
    rows = call(desk, "HPC_RANK", [_book(desk, as_of)])
    _stop_on_error(rows)
    _print(plain, {"Coverage by upside of the model": rows})


@click.command("implied")
@click.argument("miner")
@_options("price", "prob", "mw", "basis", "cap")
@_ours
@click.pass_obj
def implied(desk: Desk, /, miner: str, plain: bool, as_of: str | None, **given: str | None) -> None:
    """Show what the share price of MINER pays for: MW, probability, value per MW."""
    book = _book(desk, as_of)
    price, prob, mw, basis, cap = (
        _cell(given[name]) for name in ("price", "prob", "mw", "basis", "cap")
    )
    rows: list[list[Any]] = [
        ["value per MW", "MW (certain or at --prob)", "capex of them, USD M", "probability"]
    ]
    for level in LEVELS:
        power = call(desk, "HPC_IMPLIED_MW", [miner, price, prob, level, basis, book])
        cost = power
        if isinstance(power, float):
            cost = call(desk, "HPC_CAPEX", [power, OMITTED, basis, book])
        odds = call(desk, "HPC_IMPLIED_PROB", [miner, price, mw, level, basis, cap, book])
        rows.append([level, power, cost, odds])
    per_mw = call(desk, "HPC_IMPLIED_PER_MW", [miner, price, prob, mw, basis, cap, book])
    tables = {
        f"What the price of {miner} pays for": rows,
        "Value per MW that its own MW and probability would need": [["USD M per MW"], [per_mw]],
    }
    _print(plain, tables)
    if all(isinstance(cell, ErrorValue) for row in rows[1:] for cell in row[1:]):
        sys.exit(1)


@click.command("solve")
@click.argument("miner")
@click.argument("input")
@click.option("--target", required=True, help="USD per share that the model's target shall equal.")
@_ours
@click.pass_obj
def solve(desk: Desk, miner: str, input: str, target: str, plain: bool, as_of: str | None) -> None:
    """Find the value of INPUT, such as btc_price, at which the target of MINER is as given."""
    book = _book(desk, as_of)
    found = call(desk, "HPC_SOLVE", [miner, input, _cell(target), book])
    _stop_on_error(found)
    now = call(desk, "HPC_DATA", [miner, input, book])
    rows = [["input", "now", f"for a target of {target} USD"], [input, now, found]]
    _print(plain, {f"Solved for {miner}": rows})


@click.command("explain", context_settings={"ignore_unknown_options": True})
@_ours
@click.argument("function")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def explain(
    desk: Desk, plain: bool, as_of: str | None, function: str, arguments: Sequence[str]
) -> None:
    """Show every step behind FUNCTION called with ARGUMENTS, down to the sources."""
    cells = dated(desk, function, [from_json_text(text) for text in arguments], as_of)
    rows = call(desk, "HPC_EXPLAIN", [function, *cells])
    _stop_on_error(rows)
    _print(plain, {f"How {function.upper()} is made": rows})


@click.command("deals")
@click.argument("miner", required=False)
@_ours
@click.pass_obj
def deals(desk: Desk, miner: str | None, plain: bool, as_of: str | None) -> None:
    """List signed deals, of MINER or all, with revenue per critical MW."""
    rows = call(desk, "HPC_DEALS", [OMITTED if miner is None else miner, _book(desk, as_of)])
    _stop_on_error(rows)
    if not plain:
        kept = [rows[0].index(name) for name in DEAL_COLUMNS]
        rows = [[row[index] for index in kept] for row in rows]
    _print(plain, {"Signed deals": rows})


def _book(desk: Desk, as_of: str | None) -> str:
    return desk.publish(dated_book(as_of, tables=desk.tables))


def dated(desk: Desk, function: str, cells: list[Any], as_of: str | None) -> list[Any]:
    """Give the arguments of a function with the book of a date among them."""
    card = catalogue().get(function.strip().upper())
    if as_of is None or card is None:
        return cells
    takes_book = [argument.unit.takes is Takes.BOOK for argument in card.arguments]
    if True not in takes_book:
        raise click.UsageError(f"{card.name} takes no book, so no --as-of")
    place = takes_book.index(True)
    padded = cells + [OMITTED] * (place + 1 - len(cells))
    if padded[place] is not OMITTED:
        raise click.UsageError(f"give either --as-of or the argument book of {card.name}")
    padded[place] = _book(desk, as_of)
    return padded


def _cell(text: str | None) -> Any:
    return OMITTED if text is None else from_json_text(text)


def _stop_on_error(result: Any) -> None:
    if isinstance(result, ErrorValue):
        raise Refusal(result.reason)


def _print(plain: bool, tables: dict[str, list[list[Any]]]) -> None:
    if plain:
        say_json({name: records.rows(rows) for name, rows in tables.items()}, indent=1)
        return
    from addin.cli.screen import show_rows

    for name, rows in tables.items():
        show_rows(name, rows)
