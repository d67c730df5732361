"""What the rows of a table are about: one thing has one spelling, one miner, one row a day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from valuation_core.book.schema import TableSchema, folded
from valuation_core.book.tables import Row
from valuation_core.errors import quote


class Things:
    """The things that the rows of one table were about so far."""

    def __init__(self, schema: TableSchema) -> None:
        self.key = schema.key
        self.identity = (*schema.key, "as_of") if schema.dated else schema.key
        self.spelt = schema.spelt
        self.of_a_miner = "ticker" not in schema.key and any(
            column.name == "ticker" for column in schema.columns
        )
        self._rows: dict[tuple[Any, ...], int] = {}
        self._spellings: dict[tuple[Any, ...], tuple[int, Row]] = {}

    def problems(self, row: Row, number: int) -> Iterator[tuple[str, str]]:
        """Say what is wrong with a row beside those before it, as (column, what).

        Letter case and doubled spaces make no other thing: the newest row about a thing is found by
        its exact name, so another spelling of it would count beside it.
        """
        identity = _folded(row, self.identity)
        if (first := self._rows.setdefault(identity, number)) != number:
            shown = " ".join(str(row[column]) for column in self.identity)
            yield self.key[0], f"duplicate of row {first}: {shown}"
        if not self.spelt:
            return
        first, known = self._spellings.setdefault(_folded(row, self.spelt), (number, row))
        for column in self.spelt:
            if row[column] != known[column]:
                yield column, f"{quote(row[column])} is spelt {quote(known[column])} in row {first}"
        if self.of_a_miner and row["ticker"] != known["ticker"]:
            thing = " ".join(str(row[column]) for column in self.key)
            yield "ticker", f"{thing} is of {known['ticker']} in row {first}, got {row['ticker']}"


def _folded(row: Row, columns: tuple[str, ...]) -> tuple[Any, ...]:
    parts = (row[column] for column in columns)
    return tuple(folded(part) if isinstance(part, str) else part for part in parts)
