"""Commands that tell how far the framework explains: ladder, cases, scorecard, fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, Final

import click

from addin.boundary.call import call
from addin.boundary.desk import Desk
from addin.boundary.digits import site_of
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, all_given, shared
from addin.cli.company import print_tables
from valuation_core.book import PLAIN
from valuation_core.book.book import as_date
from valuation_core.book.cases import case_names
from valuation_core.book.tables import Row
from valuation_core.errors import ValuationError
from valuation_core.fitting import Fit, Miss, fit
from valuation_core.ladder import described
from valuation_core.readings import lacks
from valuation_core.scorecard import CHOSEN_ON, Score, case_remark, details, scores, summary
from workbook.cells import ErrorValue

CASE_HEADER: Final = ("case", "scope", "change", "facts changed", "source and note")
"""What fits a screen; --json gives every column of HPC_CASES."""

MISS_HEADER: Final = (
    "edition", "ticker", "published target", "before", "error before", "after", "error after",
)  # fmt: skip
LEFT_OUT: Final = ("left out", "error left out")


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (ladder, cases, scorecard, fit_command):
        main.add_command(command)


@click.command("ladder")
@click.argument("miner")
@reads_book
@shared("json")
@click.pass_obj
def ladder(desk: Desk, miner: str, chosen: Chosen, plain: bool) -> None:
    """Show the steps from MINER's plain target to that of the case, and to the published one."""
    book = chosen.book(desk)
    rows = call(desk, "HPC_LADDER", [miner, desk.publish(book)])
    if isinstance(rows, ErrorValue):
        raise Refusal(rows.reason)
    title = f"Ladder of {book.ticker(miner)} from {PLAIN} to {book.case}, {book.as_of}"
    remark = case_remark(desk.tables, book.case)
    print_tables(plain, {title: rows}, remarks=[remark] if remark else [])


@click.command("cases")
@reads_book
@shared("json")
@click.pass_obj
def cases(desk: Desk, chosen: Chosen, plain: bool) -> None:
    """List the changes of every case; where it changes no fact, it has no effect on that date."""
    book = chosen.book(desk)
    rows = call(desk, "HPC_CASES", [desk.publish(book)], dates=lambda day: day)
    if isinstance(rows, ErrorValue):
        raise Refusal(rows.reason)
    remarks = [one for name in book.cases if (one := case_remark(desk.tables, name))]
    if not plain:
        rows = [
            list(CASE_HEADER),
            *(_change(change, count) for change, count in book.facts_changed()),
        ]
    print_tables(plain, {f"Cases as of {book.as_of}": rows}, remarks=[_PLAIN, *remarks])


def _change(change: Row, count: int) -> list[Any]:
    """Give a change of a case as a screen shows it."""
    site = site_of(change["source"])
    note = f"{site}: {change['note']}" if change["note"] else site
    scope = change["scope"]
    what = described(change).removeprefix(f"{scope} ")
    return [change["case"], scope, what, float(count), note]


_PLAIN: Final = f"{PLAIN}: published parameters only, no changes"


@click.command("scorecard")
@shared("book", "cache", "json")
@click.option("--case", multiple=True, help="Case to score; every one by default.")
@click.pass_obj
@click.pass_context
def scorecard(ctx: click.Context, desk: Desk, case: Sequence[str], plain: bool) -> None:
    """Score each case on every edition of the bank, beside two naive forecasts.

    Each edition is forecast with the facts of its own day; --as-of means nothing here.
    """
    from addin.cli.screen import working

    chosen = tuple(dict.fromkeys((*all_given(ctx, "case"), *case)))
    with working("forecasting every edition ..."):
        found = scores(desk.tables, chosen or None)
    rows = records.cells(summary(found))
    known = case_names(desk.tables)
    remarks = [*_lacking(found, known), *_evidence(found)]
    if plain:
        tables = {"Scorecard": rows, "Forecasts": records.cells(details(found))}
        print_tables(plain, tables, remarks=remarks)
        return
    told = {one.edition for one in found if one.forecast in known and one.error is not None}
    header, *lines = rows
    kept = [line for line in lines if line[0] in told]
    print_tables(plain, {"Scorecard": [header, *kept]}, remarks=remarks)


def _lacking(found: Sequence[Score], cases: Collection[str]) -> Iterator[str]:
    """Say, by edition, for which names no case gives a target, and why."""
    errors: dict[date, list[tuple[str, ValuationError]]] = {}
    for one in found:
        if isinstance(one.figure, ValuationError) and one.forecast in cases:
            errors.setdefault(one.edition, []).append((one.ticker, one.figure))
    for edition, of_edition in errors.items():
        yield f"n/a on {edition}: {lacks(of_edition)}"


def _evidence(found: Sequence[Score]) -> Iterator[str]:
    """Say which editions are no evidence for a case."""
    scored = {one.forecast for one in found}
    for case, day in CHOSEN_ON.items():
        if case in scored:
            yield f"{case} was selected on {day}: that edition is no evidence for it"


@click.command("fit")
@click.argument("inputs")
@click.option("--edition", "editions", multiple=True, required=True, help="Date; may be repeated.")
@shared("book", "cache", "case", "json")
@click.pass_obj
def fit_command(
    desk: Desk, inputs: str, editions: Sequence[str], case: str | None, plain: bool
) -> None:
    """Fit INPUTS, metrics separated by commas, to the published targets of editions.

    One value for all names, by least squares of the relative errors. It prints, it changes nothing.
    """
    from addin.cli.screen import working

    days = [as_date(edition) for edition in editions]
    names = [name for name in inputs.split(",") if name.strip()]
    with working(f"fitting {inputs} ..."):
        found = fit(desk.tables, names, days, case or PLAIN)
    values = zip(found.inputs, found.present, found.fitted, strict=True)
    listed = ", ".join(day.isoformat() for day in sorted(set(days)))
    tables: dict[str, list[list[Any]]] = {
        f"Fitted to {listed} on top of {found.case}": [
            ["input", "before", "after"],
            *([name, before, after] for name, before, after in values),
        ],
        "Targets that were fitted": [
            [*MISS_HEADER, *LEFT_OUT],
            *(_miss(one, left_out=True) for one in found.misses),
        ],
    }
    if found.others:
        tables["Targets of every other edition, not fitted"] = [
            [*MISS_HEADER],
            *(_miss(one) for one in found.others if _has_figure(one)),
        ]
    print_tables(plain, tables, remarks=list(_about_fit(found)))


def _has_figure(one: Miss) -> bool:
    return not isinstance(one.before, ValuationError)


def _miss(one: Miss, left_out: bool = False) -> list[Any]:
    """Give a target beside the model's, before and after."""
    row: list[Any] = [one.edition, one.ticker, one.published]
    for figure in (one.before, one.after, *([one.left_out] if left_out else [])):
        row += [records.cell(figure), records.cell(one.part(figure, one.published))]
    return row


def _about_fit(found: Fit) -> Iterator[str]:
    """Say how much a fit is worth."""
    count = len(found.misses)
    yield (
        f"{count} targets, {len(found.inputs)} inputs: {found.degrees_of_freedom} degrees of "
        "freedom; left out is the target where the fit did not see that name"
    )
    for edition, ticker, reason in found.without:
        yield f"not fitted: {ticker} on {edition}, {reason}"
    lacking: dict[str, list[str]] = {}
    for one in found.others:
        if isinstance(one.before, ValuationError):
            lacking.setdefault(one.edition.isoformat(), []).append(one.ticker)
    if lacking:
        listed = "; ".join(f"{day} {', '.join(tickers)}" for day, tickers in lacking.items())
        yield f"n/a, facts are missing: {listed}"
    yield "this changes nothing: state a value with --set, or as a case"
