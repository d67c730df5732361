"""Formulas that differ from their neighbours, as auditors' tools show them, found row by row.

Two formulas are alike when they say the same seen from their own cells (R1C1 form). One between
equal neighbours, along a row or a column, is odd unless a cell beside it in the other direction is
like it, it repeats along its line as subtotals do, or it alone of them adds up.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from workbook.cells import letters

_ENOUGH: Final = 3
"""Equal neighbours on both sides together that make a cell between them odd."""

_LAST_AFTER: Final = 4
"""Equal cells before the last one of a row that make it odd, beside rows that go on through it."""

_REFERENCE: Final = re.compile(
    r"""
    "(?:[^"]|"")*" | '(?:[^']|'')*' | \[[^\]]*\]          # texts, sheets, files: left alone
    | (?<![\w.\\])(?:
        (?P<c1>\$?)(?P<column>[A-Z]{1,3})(?P<r1>\$?)(?P<row>\d{1,7})
        | (?P<c2>\$?)(?P<from>[A-Z]{1,3}):(?P<c3>\$?)(?P<to>[A-Z]{1,3})
        | (?P<r2>\$?)(?P<top>\d{1,7}):(?P<r3>\$?)(?P<bottom>\d{1,7})
      )(?![\w.(!])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ADDS_UP: Final = re.compile(r"(?:SUM|SUBTOTAL|AGGREGATE|AVERAGE|MIN|MAX|COUNTA?)\(", re.IGNORECASE)


@lru_cache(maxsize=20_000)
def _number(column: str) -> int:
    number = 0
    for letter in column.upper():
        number = number * 26 + ord(letter) - 64
    return number


def relative(formula: str, row: int, column: int) -> str:
    """Give a formula as seen from its own cell.

    Examples
    --------
    >>> relative("B5*$A6+SUM(C:C)", 5, 3) == relative("C5*$A6+SUM(D:D)", 5, 4)
    True
    >>> relative("B5*$A6", 5, 3) == relative("B5*$A6", 5, 4)
    False
    """

    def seen(match: re.Match[str]) -> str:
        if (name := match["column"]) is not None:
            across = name.upper() if match["c1"] else _number(name) - column
            return f"R{match['row'] if match['r1'] else int(match['row']) - row}C{across};"
        if (name := match["from"]) is not None:
            first = name.upper() if match["c2"] else _number(name) - column
            other = match["to"]
            return f"C{first}:{other.upper() if match['c3'] else _number(other) - column};"
        if match["top"] is not None:
            first_row = match["top"] if match["r2"] else int(match["top"]) - row
            return f"R{first_row}:{match['bottom'] if match['r3'] else int(match['bottom']) - row};"
        return match[0]

    return _REFERENCE.sub(seen, formula)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a row: its column, its text and how it reads from its own cell."""

    column: int
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A formula that differs from equal neighbours, one of which is named."""

    row: int
    formula: Formula
    neighbour: str
    line: Literal["row", "column"]

    @property
    def address(self) -> str:
        """The cell."""
        return f"{letters(self.formula.column)}{self.row}"


@dataclass(slots=True)
class _Run:
    """Equal formulas side by side: where they start, how many."""

    first: Formula
    start: int
    count: int = 1
    excused: bool = False

    def is_like(self, other: _Run) -> bool:
        return self.first.seen == other.first.seen


class _Line:
    """The last runs of a row or a column without a gap."""

    __slots__ = ("last", "runs")

    def __init__(self) -> None:
        self.last, self.runs = 0, list[_Run]()

    def take(self, place: int, formula: Formula, *, excused: bool) -> _Run | None:
        """Take the next formula; give the run of one that now stands between equal neighbours."""
        runs = self.runs
        if place != self.last + 1:
            runs.clear()
        self.last = place
        if runs and runs[-1].first.seen == formula.seen:
            runs[-1].count += 1
        else:
            runs.append(_Run(formula, place, excused=excused))
            del runs[:-3]
        if len(runs) < 3:
            return None
        before, between, after = runs
        reached = after.count == max(1, _ENOUGH - before.count)
        between_equals = before.is_like(after) and between.count == 1 and not between.excused
        return between if reached and between_equals and not _adds_up(between, after) else None


def _adds_up(one: _Run, others: _Run) -> bool:
    adds = _ADDS_UP.match(one.first.seen) is not None
    return adds and _ADDS_UP.match(others.first.seen) is None


class Consistency:
    """Takes the formulas of a sheet row by row; what it keeps does not grow with their number."""

    def __init__(self) -> None:
        self._columns: defaultdict[int, _Line] = defaultdict(_Line)
        self._number, self._seen = 0, dict[int, str]()
        self._between: list[Odd] = []
        self._at_end: list[tuple[Odd, bool]] = []
        """Odd at the end of the last row, and whether the row above goes on there."""
        self._along: dict[tuple[int, str], tuple[int, Odd]] = {}
        """By column and form: how often odd, and the first."""

    def row(self, number: int, formulas: Sequence[Formula]) -> Iterator[Odd]:
        """Take a row, in its order; give what is odd in the row before."""
        seen = {one.column: one.seen for one in formulas}
        adjoins = number == self._number + 1
        above = self._seen if adjoins else {}
        yield from self._settled(seen if adjoins else {})
        line, found = _Line(), list[_Run]()
        for one in formulas:
            odd = line.take(one.column, one, excused=above.get(one.column) == one.seen)
            if odd is not None:
                found.append(odd)
            self._down(number, one, seen)
        often = Counter(one.first.seen for one in found)
        self._between = [_odd_in_row(number, one) for one in found if often[one.first.seen] == 1]
        if (end := _odd_at_end(line)) is not None:
            self._at_end = [(_odd_in_row(number, end), _goes_on(above, end.start))]
        self._number, self._seen = number, seen

    def end(self) -> Iterator[Odd]:
        """Give what is odd in the last row and along the columns."""
        yield from self._settled({})
        yield from (first for times, first in self._along.values() if times == 1)

    def _down(self, number: int, one: Formula, seen: Mapping[int, str]) -> None:
        beside = one.seen in (seen.get(one.column - 1), seen.get(one.column + 1))
        odd = self._columns[one.column].take(number, one, excused=beside)
        if odd is not None:
            neighbour = f"{letters(one.column)}{odd.start - 1}"
            first = Odd(odd.start, odd.first, neighbour, "column")
            times, first = self._along.get((one.column, odd.first.seen), (0, first))
            self._along[one.column, odd.first.seen] = times + 1, first

    def _settled(self, below: Mapping[int, str]) -> Iterator[Odd]:
        """Give what stays odd beside the row below, and forget it."""
        waiting = [
            *self._between,
            *(odd for odd, on in self._at_end if on or _goes_on(below, odd.formula.column)),
        ]
        self._between, self._at_end = [], []
        yield from (odd for odd in waiting if below.get(odd.formula.column) != odd.formula.seen)


def _odd_in_row(number: int, one: _Run) -> Odd:
    return Odd(number, one.first, f"{letters(one.start - 1)}{number}", "row")


def _odd_at_end(line: _Line) -> _Run | None:
    """Give the last formula of a row where many equal ones stand before it."""
    if len(line.runs) < 2:
        return None
    before, end = line.runs[-2:]
    alone = end.count == 1 and before.count >= _LAST_AFTER and not end.excused
    return end if alone and not _adds_up(end, before) else None


def _goes_on(row: Mapping[int, str], column: int) -> bool:
    """Tell whether a row has the same formula in a column as before it."""
    return column in row and row[column] == row.get(column - 1)
