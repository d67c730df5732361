"""Command that tells why a target moved: bridge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from addin.boundary.call import call
from addin.boundary.desk import Desk
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, shared
from addin.cli.company import as_it_is, print_tables, stop_on_error
from valuation_core import freshness
from valuation_core.book import Book
from valuation_core.drivers import OWN_FACTS, SUBJECTS
from valuation_core.scorecard import case_remark

_END = "Date as YYYY-MM-DD or name of a case; --as-of and --case tell what it does not."


def register(main: click.Group) -> None:
    """Add the command to the command line."""
    main.add_command(bridge)


@click.command("bridge")
@click.argument("miner")
@click.option("--from", "start", metavar="DATE|CASE", help=f"Facts before. {_END}")
@click.option("--to", "end", metavar="DATE|CASE", help=f"Facts after. {_END}")
@click.option("--method", default="order", show_default=True, help="order or shapley.")
@click.option("--explain", is_flag=True, help="List the facts behind each driver too.")
@reads_book
@shared("json")
@click.pass_obj
def bridge(
    desk: Desk,
    miner: str,
    start: str | None,
    end: str | None,
    method: str,
    explain: bool,
    plain: bool,
    chosen: Chosen,
) -> None:
    """Show why the target of MINER moved: between dates, between cases, or by own facts.

    Own facts, --set and --btc-price, are facts after: without --from and --to they alone differ.
    """
    first = end_of(replace(chosen, own=(), btc_price=None), start).book(desk)
    second = end_of(chosen, end).book(desk)
    if first == second:
        raise Refusal("both ends are the same book: give --from and --to, or own facts with --set")
    cells = [miner, desk.publish(first), desk.publish(second), method]
    rows = call(desk, "HPC_BRIDGE", cells)
    stop_on_error(rows)
    ticker = first.ticker(miner)
    tables = {f"Why the target of {ticker} moved": rows if plain else _moving(rows)}
    if explain:
        facts = call(desk, "HPC_EXPLAIN", ["HPC_BRIDGE", *cells], dates=as_it_is)
        stop_on_error(facts)
        tables["Facts behind each driver"] = facts
    print_tables(plain, tables, remarks=list(_about(desk, first, second, ticker, rows)))


def end_of(chosen: Chosen, text: str | None) -> Chosen:
    """Give which book is meant by a date or a case.

    Examples
    --------
    >>> end_of(Chosen(case="base"), "2025-11-24")
    Chosen(as_of='2025-11-24', case='base', own=(), btc_price=None)
    >>> end_of(Chosen(as_of="2025-11-24"), "reconstruction").case
    'reconstruction'
    """
    if text is None:
        return chosen
    is_date = text.strip()[:1].isdigit()
    return replace(chosen, as_of=text) if is_date else replace(chosen, case=text)


def _moving(rows: Sequence[list[Any]]) -> list[list[Any]]:
    """Leave drivers out that did not move the target; what is new or gone stays."""
    return [row for row in rows if not _is_still(row)]


def _is_still(row: list[Any]) -> bool:
    return row[1] == 0.0 and row[0] in (*SUBJECTS, OWN_FACTS)


def _about(
    desk: Desk, first: Book, second: Book, ticker: str, rows: Sequence[list[Any]]
) -> Iterator[str]:
    """Say what is left out, and what stands behind the figures, a line each."""
    if still := [str(row[0]) for row in rows if _is_still(row)]:
        yield f"not moved by: {'; '.join(still)}"
    yield from freshness.remarks(second, [ticker])
    for case in dict.fromkeys((first.case, second.case)):
        if remark := case_remark(desk.tables, case):
            yield remark
