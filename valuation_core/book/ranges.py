"""Tables of a book given as rows of cells, in place of those it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from valuation_core.book.origin import Record, Unreadable, as_text, records_of
from valuation_core.book.reader import BookError, read_tables
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Tables
from valuation_core.errors import missing

Rows = Sequence[Sequence[Any]]
"""Rows of cells, the header first; None is a blank cell."""


def with_given(tables: Tables, given: Mapping[str, Rows]) -> Tables:
    """Put tables given as rows in the place of those of a book, each whole.

    Columns are found by name in any order and letter case, unknown ones are left out, blank rows
    are skipped. The tables are read as strictly as those of a folder, as the rows of one day.

    Parameters
    ----------
    tables : mapping of str to Table
        Every table of the format.
    given : mapping of str to rows
        By name of the table.

    Returns
    -------
    mapping of str to Table
        Every table of the format.

    Raises
    ------
    ValuationError
        When a cell of a given table is wrong, naming table, row and column. Rows are counted from
        the header, which is row 1.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> header = ["deal_id", "ticker", "seen by"]
    >>> with_given(  # doctest: +ELLIPSIS
    ...     shipped_tables(), {"deals": [header, ["RIOT-new", "RIOT", "me"]]}
    ... )
    Traceback (most recent call last):
    ...
    valuation_core.errors.ValuationError: table deals row 1 column counterparty: column is ...
    """
    try:
        return read_tables(_Given(tables, given), of_one_day=True)
    except BookError as error:
        raise missing("tables", error.rule, reason=str(error)) from None


class _Given:
    """The origin that puts given rows in the place of tables."""

    name = "the tables given"

    def __init__(self, tables: Tables, given: Mapping[str, Rows]) -> None:
        self._given = given
        self._others = {name: [header, *rows] for name, header, rows in records_of(tables)}

    def refusal(self) -> str | None:
        """Nothing speaks against it."""
        return None

    def label(self, table: str) -> str:
        """Name the table."""
        return f"table {table}"

    def records(self, table: str) -> list[Record]:
        """Give one table as text."""
        if table in self._given:
            return _records(table, self._given[table])
        return [
            Record(number, {str(place): cell for place, cell in enumerate(row) if cell})
            for number, row in enumerate(self._others[table], start=1)
        ]


def _records(table: str, rows: Rows) -> list[Record]:
    """Give the known columns of rows that are not blank."""
    if not rows:
        raise Unreadable("is empty: the header row is missing")
    known = {column.name for column in TABLES[table].columns}
    headings = [as_text(cell).strip().casefold() for cell in rows[0]]
    places = [place for place, heading in enumerate(headings) if heading in known]
    found = []
    for number, row in enumerate(rows, start=1):
        if all(cell is None or cell == "" for cell in row):
            continue  # at a glance: most rows of a workbook are spare
        texts = {str(place): as_text(row[place]) for place in places}
        cells = {place: text for place, text in texts.items() if text.strip()}
        if cells:
            found.append(Record(number, cells))
    return found
