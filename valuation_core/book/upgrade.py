"""A book of the first format, converted: the same facts, dated and named as the second has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from valuation_core.book.book import shipped_tables
from valuation_core.book.fact import newest_facts
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.book.origin import (
    FORMAT,
    Cell,
    Origin,
    Record,
    Unreadable,
    Unusable,
    as_text,
    records_of,
)
from valuation_core.book.parse import parse_date
from valuation_core.book.position import MID, POSITION, positions
from valuation_core.book.reader import BookError, Problem, read_tables
from valuation_core.book.schema import ASSUMPTION, FIRST_FORMAT, FORMAT_VERSION, TABLES
from valuation_core.book.tables import Tables

NEUTRAL: Final = (
    POSITION,
    "guided_hashrate_share",
    "land_on_unlet",
    "land_power_value",
    "option_by_site",
    "signed_by_lease",
    "site_probability_12m",
    "site_probability_24m",
    "site_probability_later",
    "site_probability_pipeline",
    "use_named",
)
"""Parameters that the first format did not have, or not in this form."""

NEW_COLUMNS: Final = {
    "instruments": ("net_proceeds_usd_m", "as_of", "known_on"),
    "deals": ("escalator", "loan_to_cost", "debt_rate", "in_service", "known_on"),
    "sites": ("energized_on", "hpc_mw_offered", "hpc_probability", "known_on"),
    "market": ("known_on",),
}
"""By table: columns that the first format did not have."""

ADDED: Final = "Added by the conversion to format 2, at the value the shipped book has: neutral."


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A converted book, and what was done to it, a sentence each."""

    tables: Tables
    done: tuple[str, ...]


def upgraded(origin: Origin) -> Upgraded:
    """Convert a book of the first format.

    Raises
    ------
    BookError
        When the origin is of another format, is not a valid book, or states a value per MW that the
        second format cannot hold; with table, row and column.
    """
    if refusal := origin.refusal():
        raise BookError([Problem(origin.name, None, None, refusal)])
    _refuse_other_formats(origin)
    book = _Converted(origin)
    try:
        tables = read_tables(book)
    except BookError as error:
        raise BookError(book.problems or error.problems) from None
    if book.problems:
        raise BookError(book.problems)
    return Upgraded(tables, tuple(book.done))


def _refuse_other_formats(origin: Origin) -> None:
    try:
        _, *rows = origin.records(FORMAT) or [Record(1, {})]
    except Unreadable as error:
        raise BookError([Problem(origin.label(FORMAT), None, None, str(error))]) from None
    values = [_text(cell) for row in rows for cell in row.cells.values()]
    if values != [FIRST_FORMAT]:
        found = ", ".join(values) or "nothing"
        what = f"must be {FIRST_FORMAT} to be converted, got {found}"
        if values == [FORMAT_VERSION]:
            what = f"is {FORMAT_VERSION} already: there is nothing to convert"
        raise BookError(
            [Problem(origin.label(FORMAT), rows[0].number if rows else 2, FORMAT, what)]
        )


class _Converted:
    """The records of a book of the first format, as the second has them.

    It reads like any origin, so that everything in it is checked as always, with the rows and
    columns of the book that is converted.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.name = origin.name
        self.problems: list[Problem] = []
        self.done: list[str] = []

    def refusal(self) -> str | None:
        return self.origin.refusal()

    def label(self, table: str) -> str:
        return self.origin.label(table)

    def records(self, table: str) -> list[Record]:
        if table == FORMAT:
            return [Record(1, {"1": FORMAT}), Record(2, {"1": FORMAT_VERSION})]
        if table == "cases":
            return self._shipped_cases
        records = self.origin.records(table)
        if not records:
            return records
        header, rows = _Header(records[0]), records[1:]
        if any(name not in header.places for name in TABLES[table].key):
            return records  # the reader says what is wrong with the header
        if table == "inputs":
            return self._inputs(header, rows)
        new = [name for name in NEW_COLUMNS.get(table, ()) if name not in header.places]
        header.add(new)
        if table == "instruments" and "as_of" in new:
            self.done.append("instruments: as_of is the issue_date of each")
            rows = [header.filled(row, {"as_of": header.cell(row, "issue_date")}) for row in rows]
        if table == "deals" and "known_on" in new:
            rows = [*self._known_from_announcement(header, rows)]
        return [header.record, *rows]

    @cached_property
    def _shipped_cases(self) -> list[Record]:
        self.done.append("cases: the cases of the shipped book")
        ((header, rows),) = [
            (header, rows) for name, header, rows in records_of(shipped_tables()) if name == "cases"
        ]
        return [
            Record(number, {str(place): cell for place, cell in enumerate(row, 1) if cell})
            for number, row in enumerate([header, *rows], 1)
        ]

    def _known_from_announcement(self, header: _Header, rows: Sequence[Record]) -> Iterator[Record]:
        """Keep deals visible from the day they were announced, where they are dated later."""
        for row in rows:
            announced, as_of = header.text(row, "announced"), header.text(row, "as_of")
            days = parse_date(announced)[0], parse_date(as_of)[0]
            if None not in days and days[0] < days[1]:  # type: ignore[operator]
                name = header.text(row, "deal_id")
                self.done.append(
                    f"deals: {name} is of {as_of}: known_on {announced}, when it was announced"
                )
                row = header.filled(row, {"known_on": announced})
            yield row

    def _inputs(self, header: _Header, rows: Sequence[Record]) -> list[Record]:
        kept = [*self._last_of_a_day(header, rows)]
        stated = [
            {name: header.text(row, name) for name in header.places} | {"row": str(row.number)}
            for row in kept
        ]
        added: list[dict[str, str]] = []
        for row in positions(stated, self._refuse):
            self.done.append(
                f"inputs: {row['scope']} {POSITION} {row['value']} of {row['as_of']}: {row['note']}"
            )
            added.append(row)
        added += self._neutral(stated, added)
        rest = [row for row in kept if header.text(row, "metric") != MID]
        new = (header.filled(Record(int(row.get("row", "0")), {}), row) for row in added)
        return [header.record, *rest, *new]

    def _refuse(self, row: dict[str, str], what: str) -> None:
        place = self.label("inputs")
        self.problems.append(Problem(place, int(row["row"]), "value", what))

    def _last_of_a_day(self, header: _Header, rows: Sequence[Record]) -> Iterator[Record]:
        """Keep the last of the rows that state one fact for one day: it is the one that counted."""
        names = ("scope", "metric", "as_of")
        last: dict[tuple[str, ...], Record] = {}
        for row in rows:
            last[tuple(header.text(row, name) for name in names)] = row
        for row in rows:
            key = tuple(header.text(row, name) for name in names)
            if last[key] is row or "" in key:
                yield row
                continue
            kept, was = (header.text(one, "value") or "nothing" for one in (last[key], row))
            known = header.text(last[key], "known_on")
            later = known > (header.text(row, "known_on") or key[2])
            seen = f"; before {known} an earlier day's figure is in force" if later else ""
            self.done.append(
                f"inputs: {key[0]} {key[1]} of {key[2]} was stated twice: the last one is kept, "
                f"{kept}, row {row.number} with {was} left out{seen}"
            )

    def _neutral(
        self, stated: Sequence[dict[str, str]], added: Sequence[dict[str, str]]
    ) -> list[dict[str, str]]:
        """Give the parameters that are missing, from the first day of the book on."""
        days = [as_of for row in stated if (as_of := parse_date(row.get("as_of", ""))[0])]
        if not days:
            return []
        there = {row["metric"] for row in (*stated, *added) if row.get("scope") == MARKET_WIDE}
        shipped = newest_facts(shipped_tables()["inputs"])
        rows = []
        for metric in NEUTRAL:
            if metric in there:
                continue
            fact = shipped[MARKET_WIDE, metric]
            value, day = as_text(fact.value), min(days).isoformat()
            self.done.append(
                f"inputs: {MARKET_WIDE} {metric} {value} of {day} added, an assumption"
            )
            rows.append(
                {
                    "scope": MARKET_WIDE,
                    "metric": metric,
                    "value": value,
                    "unit": fact.unit,
                    "basis": fact.basis,
                    "as_of": day,
                    "source": ASSUMPTION,
                    "confidence": "low",
                    "note": ADDED,
                }
            )
        return rows


class _Header:
    """The header of a table: where each column stands, and columns put behind them."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.places = {_text(cell).casefold(): place for place, cell in record.cells.items()}

    def add(self, names: Sequence[str]) -> None:
        """Put columns behind the others."""
        self.places |= {name: f"new column {name}" for name in names}
        cells = {**self.record.cells, **{self.places[name]: name for name in names}}
        self.record = Record(self.record.number, cells, self.record.width)

    def cell(self, row: Record, name: str) -> Cell:
        """Give the cell of a row in a column; empty where there is none."""
        return row.cells.get(self.places.get(name, ""), "")

    def text(self, row: Record, name: str) -> str:
        """Give the text of such a cell; of one that no fact can be read from, why."""
        return _text(self.cell(row, name))

    def filled(self, row: Record, values: Mapping[str, Cell]) -> Record:
        """Give a row with further cells, as wide as the header where it is new."""
        more = {self.places[name]: cell for name, cell in values.items() if name in self.places}
        cells = {**row.cells, **{place: cell for place, cell in more.items() if cell != ""}}
        return Record(row.number, cells, row.width if row.cells else self.record.width)


def _text(cell: Cell) -> str:
    return cell.what if isinstance(cell, Unusable) else cell.strip()
