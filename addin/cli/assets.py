"""Commands for what a company offers and has let: pipeline, deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from addin.boundary.call import NOTHING, call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.digits import as_stated
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import shared
from addin.cli.company import as_it_is, print_tables, stop_on_error
from valuation_core.book import Book
from valuation_core.deal_lease import deal_value, taken_from_book
from valuation_core.deal_metrics import deal_row
from valuation_core.deals import deal as deal_metric
from valuation_core.readings import name_in_use, tried
from valuation_core.scorecard import case_remark

DEAL_COLUMNS: Final = ("deal", "announced", "MW critical", "term, years", "revenue, USD M")
"""Columns of HPC_DEALS that fit a screen; --json gives every one."""

LEASE_METRICS: Final = {
    "first-year rent, USD M per critical MW": "first_year_rent",
    "yield on cost": "yield_on_cost",
    "equity return": "equity_return",
}
"""What a deal yields as a lease on its own terms, and the metric of HPC_DEAL behind it."""

LEASE_VALUE: Final = "value, USD M per critical MW"
FROM_BOOK: Final = "terms from the book"


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (pipeline, deals):
        main.add_command(command)


@click.command("pipeline")
@click.argument("miner")
@reads_book
@shared("json")
@click.pass_obj
def pipeline(desk: Desk, miner: str, plain: bool, chosen: Chosen) -> None:
    """Value the sites of MINER that offer MW one by one, beside the rule for the whole company."""
    book = chosen.book(desk)
    rows = call(desk, "HPC_PIPELINE", [miner, desk.publish(book)], dates=as_it_is)
    stop_on_error(rows)
    title = f"Sites of {book.ticker(miner)} that offer MW, {name_in_use(book)}, {book.as_of}"
    *shown, why = rows
    print_tables(plain, {title: shown}, [str(why[1]), *_about_case(desk, book)])


@click.command("deals")
@click.argument("miner", required=False)
@reads_book
@shared("json")
@click.pass_obj
def deals(desk: Desk, miner: str | None, plain: bool, chosen: Chosen) -> None:
    """List signed deals, of MINER or all, with what each yields as a lease on its own terms."""
    book = chosen.book(desk)
    who = OMITTED if miner is None else miner
    rows = call(desk, "HPC_DEALS", [who, desk.publish(book)], dates=as_it_is)
    stop_on_error(rows)
    header, *lines = rows
    names = [str(line[0]) for line in lines]
    taken = taken_from_book(book, names)
    if not plain:
        kept = [header.index(name) for name in DEAL_COLUMNS]
        header, *lines = ([row[index] for index in kept] for row in rows)
    table = [[*header, *LEASE_METRICS, LEASE_VALUE]]
    table += [[*line, *_yields(book, name)] for name, line in zip(names, lines, strict=True)]
    if plain:
        table[0].append(FROM_BOOK)
        for row, name in zip(table[1:], names, strict=True):
            terms = [term for (term, _), whose in taken.items() if name in whose]
            row.append(", ".join(terms) or NOTHING)
    remarks = [*_about_value(book, names), *_from_book(taken), *_about_case(desk, book)]
    print_tables(plain, {"Signed deals": table}, remarks)


def _yields(book: Book, name: str) -> Iterator[Any]:
    """Give what a deal yields as a lease, each figure or why there is none."""
    for metric in LEASE_METRICS.values():
        yield records.cell(tried(lambda: deal_metric(name, metric, book)))  # noqa: B023  at once
    yield records.cell(tried(lambda: float(deal_value(name, book=book))))


def _about_value(book: Book, names: Sequence[str]) -> Iterator[str]:
    """Say at which return deals are valued, and whose target does not count that value."""
    rate = book.find("ALL", "lease_equity_return")
    if rate is not None:
        yield f"value: to equity at a return of {rate.value:.1%} a year, after capex and debt"
    miners = dict.fromkeys(deal_row(book, name)["ticker"] for name in names)
    switches = {miner: book.find(miner, "signed_by_lease") for miner in miners}
    by_mw = [miner for miner, one in switches.items() if one is None or one.value != 1.0]
    if by_mw:
        rule = "targets count signed MW by value per MW, not this value"
        yield f"{rule}: signed_by_lease 0 ({', '.join(by_mw)})"


def _from_book(taken: dict[tuple[str, float], tuple[str, ...]]) -> Iterator[str]:
    """Say which terms are not the deals' own, a line for each set of deals."""
    leases = {name for names in taken.values() for name in names}
    terms: dict[tuple[str, ...], list[str]] = {}
    for (term, value), names in taken.items():
        terms.setdefault(names, []).append(f"{term} {as_stated(value)}")
    for names, listed in terms.items():
        whose = "every lease" if {*names} == leases and len(leases) > 1 else ", ".join(names)
        yield f"of the book, not the deal's own (low confidence): {', '.join(listed)} for {whose}"


def _about_case(desk: Desk, book: Book) -> list[str]:
    remark = case_remark(desk.tables, book.case)
    return [remark] if remark else []
