"""The page on one miner: what it says, from the same functions that the commands call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from addin.boundary.call import NOTHING, call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.digits import site_of, written
from addin.boundary.shown import cells
from addin.pages.blocks import PER_SHARE, Bar, Block, Chart, Note, Page, Table
from addin.pages.steps import of_steps
from valuation_core import __version__, freshness, readings
from valuation_core.book import PLAIN, Book
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.book.schema import BANK
from valuation_core.errors import ValuationError
from valuation_core.price_pays import mw_by_value, price_pays
from valuation_core.published import THRESHOLDS, price_of, published_figure
from valuation_core.readings import tried
from valuation_core.scorecard import case_remark
from valuation_core.target import target
from workbook.cells import ErrorValue

MOST_DRIVERS: Final = 6
"""Drivers of the risks for which the page has room, those of the largest swing."""

MOST_SITES: Final = 6
"""Sites for which the page has room; what the others are worth is one row."""

PIPELINE_COLUMNS: Final = ("site", "status", "energized on", "MW used", "probability", "USD M")

FROM_FUNCTIONS: Final = {
    "parts": "HPC_SOTP", "ladder": "HPC_LADDER", "bridge": "HPC_BRIDGE",
    "risks": "HPC_TORNADO", "pipeline": "HPC_PIPELINE",
}  # fmt: skip


@dataclass(frozen=True)
class TearSheet:
    """What is known of one miner in one book, and in an earlier one."""

    desk: Desk
    book: Book
    miner: str
    before: Book | None = None
    """Book that the bridge begins at; by default that of the last edition on the miner before."""
    options: tuple[str, ...] = ()
    """What was typed to get this book, so that a slide can be brought up to date."""

    @cached_property
    def ticker(self) -> str:
        """The ticker of the miner."""
        return self.book.ticker(self.miner)

    @cached_property
    def name(self) -> str:
        """The case in use, and whether own facts are in it."""
        return readings.name_in_use(self.book)

    @cached_property
    def beside_plain(self) -> Book:
        """The book in use; where that is plain, the one that explains published targets."""
        if (
            self.book.handle == self.book.plain.handle
            and readings.RECONSTRUCTION in self.book.cases
        ):
            return self.book.with_case(readings.RECONSTRUCTION)
        return self.book

    def page(self) -> Page:
        """Say everything.

        Raises
        ------
        ValuationError
            For an unknown miner.
        """
        names = {row["ticker"]: row["name"] for row in self.book.tables["miners"].rows()}
        price = readings.price_line(self.book, self.ticker)
        return Page(
            ticker=self.ticker,
            title=f"{names[self.ticker]} ({self.ticker})",
            verdict=self._verdict(),
            subtitle=f"{price}; model: {self.name}, facts as of {self.book.as_of}",
            blocks=tuple(map(_with_something, self._blocks())),
            options=self.options,
            footer=(
                f"hpc-valuation {__version__}; facts as of {self.book.as_of}, {self.name}, "
                f"{self.book.handle}. Targets of ours are what the framework gives; published "
                f"figures are those of {BANK} as reported by press. USD per share where nothing "
                "else is said."
            ),
        )

    def _blocks(self) -> Iterator[Block]:
        yield self._headline()
        yield self._parts()
        yield self._ladder()
        yield self._field()
        yield self._bridge()
        yield self._risks()
        yield self._pipeline()
        yield self._pays()
        yield Note("sources", "Sources and assumptions", tuple(self._sources()))

    def _rows(self, key: str, *arguments: Any) -> Any:
        return call(self.desk, FROM_FUNCTIONS[key], arguments, dates=_as_it_is)

    @cached_property
    def _handle(self) -> str:
        return self.desk.publish(self.book)

    def _verdict(self) -> str:
        """Give rating and target: plain, of the case beside it, and published."""
        said = []
        for one in readings.readings(self.book, self.ticker):
            rule = "n/a" if isinstance(one.rule, ValuationError) else one.rule
            said.append(f"{one.name} {rule} {_written(one.target)}")
        edition = self.book.edition.get(self.ticker)
        stated = tried(lambda: float(published_figure(self.book, self.ticker, "target")))
        rating = "not rated" if edition is None else edition["new_rating"]
        return "   |   ".join([*said, f"{BANK} {rating} {_written(stated)}"])

    def _headline(self) -> Table:
        rows = cells(readings.side_by_side(self.book, self.ticker))
        price = tried(lambda: price_of(self.book, self.ticker).value)
        title = f"Targets, USD per share, at a price of {_written(price)}"
        return Table("headline", title, rows)

    def _parts(self) -> Block:
        title = f"Sum of the parts, {self.name}"
        rows = self._rows("parts", self.miner, *[OMITTED] * 6, self._handle)
        if isinstance(rows, ErrorValue):
            return Note("parts", title, (f"n/a: {rows.reason}",))
        header, *lines = rows
        kept = [line for line in lines if line[1] != 0.0]
        nothing = [str(line[0]) for line in lines if line[1] == 0.0]
        note = f"nothing: {', '.join(nothing)}" if nothing else ""
        return Table("parts", title, [header, *kept], note=note)

    def _ladder(self) -> Block:
        name = readings.name_in_use(self.beside_plain)
        title = f"From {PLAIN} to {name} to published"
        rows = self._rows("ladder", self.miner, self.desk.publish(self.beside_plain))
        if not isinstance(rows, ErrorValue) and name != PLAIN:
            rows = [*rows[:-2], [name, NOTHING, rows[-3][-1]], *rows[-2:]]
        return of_steps("ladder", title, rows)

    def _bridge(self) -> Block:
        title = "Why the target moved"
        before = self.before or self._edition_before()
        if isinstance(before, str):
            return Note("bridge", title, (before,))
        first, second = readings.name_in_use(before), self.name
        title = f"Target of {before.as_of} to {self.book.as_of}, {second}"
        if first != second:
            title = f"Target of {before.as_of}, {first}, to {self.book.as_of}, {second}"
        rows = self._rows("bridge", self.miner, self.desk.publish(before), self._handle)
        if not isinstance(rows, ErrorValue):
            after = rows[-3]  # the residual and the published target come last
            renamed = [["before", *rows[1][1:]], *rows[2:-3], ["after", *after[1:]], *rows[-2:]]
            rows = [rows[0], *renamed]
        return of_steps("bridge", title, rows)

    def _edition_before(self) -> Book | str:
        """Give the book of the last edition on the miner before this date, or say there is none."""
        days = [
            row["edition_date"]
            for row in self.desk.tables["editions"].rows()
            if row["ticker"] == self.ticker and row["broker"] == BANK
            if row["edition_date"] < self.book.as_of
        ]
        if not days:
            return f"no edition on {self.ticker} before {self.book.as_of}: give another date"
        book = Book.at(self.desk.tables, max(days), self.book.case)
        try:
            target(self.ticker, book=book)
        except ValuationError as error:
            return f"the edition before, of {max(days)}, gives no target: {error.reason}"
        return book

    def _field(self) -> Chart:
        bars = [*self._ranges(), *self._figures()]
        refused = tried(lambda: target(self.ticker, prob=0.0, book=self.book))
        note = refused.reason if isinstance(refused, ValuationError) else ""
        if still := [bar.label for bar in bars if bar.start == bar.end]:
            note = f"no effect: {'; '.join(still)}"
            bars = [bar for bar in bars if bar.start != bar.end]
        title = f"Football field, {self.name}"
        price = tried(lambda: price_of(self.book, self.ticker).value)
        level = None if isinstance(price, ValuationError) else price
        return Chart("field", title, tuple(bars), False, note, level)

    def _ranges(self) -> Iterator[Bar]:
        plain, case = (
            tried(lambda book=book: float(target(self.ticker, book=book)))  # type: ignore[misc]
            for book in (self.book.plain, self.beside_plain)
        )
        yield from _between(f"{PLAIN} to {readings.name_in_use(self.beside_plain)}", plain, case)
        for label, argument, ends in (
            ("value per MW, low to high", "per_mw", ("low", "high")),
            ("probability, 0 to 1", "prob", (0.0, 1.0)),
        ):
            low, high = (
                tried(lambda end=end: float(target(self.ticker, book=self.book, **{argument: end})))  # type: ignore[misc]  # noqa: B023
                for end in ends
            )
            yield from _between(label, low, high)

    def _figures(self) -> Iterator[Bar]:
        """Give what is one figure: the target, the published one, the price."""
        for label, figure in (
            (f"target, {self.name}", tried(lambda: float(target(self.ticker, book=self.book)))),
            ("published", tried(lambda: float(published_figure(self.book, self.ticker, "target")))),
            ("share price", tried(lambda: price_of(self.book, self.ticker).value)),
        ):
            if not isinstance(figure, ValuationError):
                yield Bar(label, 0.0, figure, "total" if label.startswith("target") else "figure")

    def _risks(self) -> Block:
        title = f"Risks: target by driver, {self.name}"
        rows = self._rows("risks", self.miner, self._handle)
        if isinstance(rows, ErrorValue):
            return Note("risks", title, (f"n/a: {rows.reason}",))
        moving = [row for row in rows[1:] if row[3] != 0.0]
        bars = [Bar(row[0], row[1], row[2], "range") for row in moving[:MOST_DRIVERS]]
        left_out = [str(row[0]).split(" (")[0] for row in moving[MOST_DRIVERS:]]
        still = [str(row[0]).split(" (")[0] for row in rows[1:] if row[3] == 0.0]
        said = [f"smaller: {', '.join(left_out)}"] if left_out else []
        said += [f"no effect: {', '.join(still)}"] if still else []
        aim = tried(lambda: float(target(self.ticker, book=self.book)))
        level = None if isinstance(aim, ValuationError) else aim
        return Chart("risks", title, tuple(bars), False, "; ".join(said), level)

    def _pipeline(self) -> Block:
        title = "Pipeline: sites that offer MW"
        rows = self._rows("pipeline", self.miner, self._handle)
        if isinstance(rows, ErrorValue):
            return Note("pipeline", title, (f"n/a: {rows.reason}",))
        places = [rows[0].index(name) for name in PIPELINE_COLUMNS]
        *shown, why = rows
        header, *lines = ([row[place] for place in places] for row in shown)
        sites, sums = lines[:-2], lines[-2:]
        if len(sites) > MOST_SITES:
            sites.sort(key=lambda line: -line[-1])
            rest = sum(line[-1] for line in sites[MOST_SITES:])
            other = [f"{len(sites) - MOST_SITES} other sites", *[NOTHING] * (len(header) - 2), rest]
            sites = [*sites[:MOST_SITES], other]
        reasons = [cell.reason for line in sums for cell in line if isinstance(cell, ErrorValue)]
        said = [str(why[1]).rsplit("; ", 1)[-1]]
        said += [f"n/a: {reasons[0]}"] if reasons else []
        return Table("pipeline", title, [header, *sites, *sums], note="; ".join(said))

    def _pays(self) -> Block:
        title = "What the price pays for"
        try:
            rows = cells(mw_by_value(self.ticker, book=self.book))
            return Table("pays", title, rows, note=price_pays(self.ticker, book=self.book))
        except ValuationError as error:
            return Note("pays", title, (f"n/a: {error.reason}",))

    def _sources(self) -> Iterator[str]:
        """Say where price, target and facts are from, and what is an assumption."""
        price = tried(lambda: price_of(self.book, self.ticker))
        if not isinstance(price, ValuationError):
            yield f"price: {site_of(price.source)}, {price.as_of}, confidence {price.confidence}"
        row = self.book.edition.get(self.ticker)
        if row is not None:
            yield f"published: {row['broker']} of {row['edition_date']}, {site_of(row['source'])}"
        if line := readings.upside_line(self.book, self.ticker):
            yield line
        if others := readings.other_brokers(self.book, self.ticker):
            yield f"other brokers, not mixed in: {'; '.join(others)}"
        yield from self._facts()
        yield from freshness.remarks(self.book, [self.ticker])
        if remark := case_remark(self.desk.tables, self.beside_plain.case):
            yield remark
        if weak := readings.assumed(self.book, self.ticker):
            yield f"rests on assumptions: {', '.join(one.replace('_', ' ') for one in weak)}"
        if rule := self._rule():
            yield rule

    def _rule(self) -> str | None:
        """Say what a rating of ours is."""
        try:
            high, low = (self.book.number(MARKET_WIDE, one) for one in THRESHOLDS)
        except ValuationError:
            return None
        return f"rule on the upside: OW from {high:+.0%}, UW below {low:+.0%}"

    def _facts(self) -> Iterator[str]:
        """Name the sources of the facts of the miner, each with the newest date."""
        newest: dict[str, date] = {}
        for fact in self.book.facts.values():
            if fact.scope == self.ticker:
                site = site_of(fact.source).removeprefix("www.")
                newest[site] = max(fact.as_of, newest.get(site, fact.as_of))
        if newest:
            listed = ", ".join(f"{site} ({day})" for site, day in sorted(newest.items()))
            yield f"facts of {self.ticker}: {listed}"


def _with_something(block: Block) -> Block:
    """Give text in place of a chart without bars."""
    if not isinstance(block, Chart) or block.bars:
        return block
    return Note(block.key, block.title, (f"n/a: {block.note or 'no figure'}",))


def _written(figure: float | ValuationError) -> str:
    return "n/a" if isinstance(figure, ValuationError) else written(figure, PER_SHARE)


def _as_it_is(day: date) -> date:
    return day


def _between(
    label: str, low: float | ValuationError, high: float | ValuationError
) -> Iterator[Bar]:
    if not isinstance(low, ValuationError) and not isinstance(high, ValuationError):
        yield Bar(label, low, high, "range")
