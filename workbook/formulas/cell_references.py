"""The cells, names, tables and functions that a formula mentions, read once for each text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from workbook.cells import LAST_COLUMN, LAST_ROW, place_of
from workbook.errors import WorkbookError

_CELL: Final = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_COLUMN: Final = r"\[(?:[^\[\]]|\[[^\]]*\])*\]"
MENTION: Final = re.compile(
    rf"""
    "(?:[^"]|"")*"                                                   # a text
    | (?P<place>(?:'(?:[^']|'')+'
          |(?:\[[^\]]*\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?
          |\[[^\]]*\][\w.]*)!)?
      (?:(?P<area>{_CELL}(?::{_CELL})?
          | \$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}
          | \$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}})(?![\w.(!\[])
        | (?P<word>(?:[^\W\d]|\\)[\w.\\?]*)(?P<opens>\(|{_COLUMN}|)
        | (?P<lost>\#REF!))
    | {_COLUMN}(?P<own>)                                              # of the own table
    | [\d.]+(?:[eE][+-]?\d+)?                                        # a number
    """,
    re.VERBOSE,
)
"""What of a formula may mention something: a place, then cells or a word; texts are one piece."""

_THIS_FILE: Final = "[0]"
"""Stands for the workbook itself, where a name is asked of it."""

_PREFIX: Final = re.compile(r"^(?:_xlfn\.|_xlws\.|_xll\.|_xludf\.)+", re.IGNORECASE)


class Corner(NamedTuple):
    """A corner of an area; a fixed row or column does not move when a formula is filled."""

    row: int
    column: int
    row_fixed: bool
    column_fixed: bool


class Area(NamedTuple):
    """Cells that a formula mentions: a sheet, or None for its own, and two corners."""

    sheet: str | None
    first: Corner
    last: Corner


class Word(NamedTuple):
    """A word that may be a name or a table, with the sheet that it is asked of, if any."""

    sheet: str | None
    word: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a formula mentions."""

    areas: tuple[Area, ...] = ()
    words: tuple[Word, ...] = ()
    functions: frozenset[str] = frozenset()
    """Names of functions, without the prefixes of the format, in capitals."""
    outside: bool = False
    """Whether it reads another file."""
    own_table: bool = False
    """Whether it names a column of the table that it stands in."""
    ranges: tuple[tuple[Area | Word, Area | Word], ...] = ()
    """Ends of ranges that are not both addresses, such as First:Last or C5:INDEX(C9:D9,2)."""


@lru_cache(maxsize=100_000)
def mentions_of(formula: str) -> Mentions:
    """Read a formula, without the equals sign.

    Examples
    --------
    >>> found = mentions_of('SUM(Inputs!$C$5:C9)*Rate+LEN("A1")')
    >>> [(one.sheet, one.first[:2], one.last[:2]) for one in found.areas]
    [('Inputs', (5, 3), (9, 3))]
    >>> found.words, sorted(found.functions)
    ((Word(sheet=None, word='Rate'),), ['LEN', 'SUM'])
    """
    areas: list[Area] = []
    words: list[Word] = []
    functions: set[str] = set()
    outside = own_table = joined = False
    end = 0
    for match in MENTION.finditer(formula):
        joined |= ":" in formula[end : match.start()]
        end = match.end()
        sheet = sheet_of(match["place"])
        if sheet is not None and ("[" in sheet or ":" in sheet):
            outside |= "[" in sheet
            if ":" in sheet and "[" not in sheet:
                words.append(Word(None, sheet))
                areas += filter(None, [_area_of(sheet, match["area"] or "")])
            if match["opens"] == "(":
                functions.add(_PREFIX.sub("", match["word"]).upper())
        elif match["area"]:
            area = _area_of(sheet, match["area"])
            if area is not None:
                areas.append(area)
        elif match["opens"] == "(":
            functions.add(_PREFIX.sub("", match["word"]).upper())
        elif match["word"] or (match["lost"] and sheet is not None):
            words.append(Word(sheet, match["word"] or match["lost"]))
        elif match["own"] is not None:
            own_table = True
    ranges = []
    for one, other in _ranges(formula) if joined else ():
        if isinstance(one, Area) and isinstance(other, Area) and other.sheet in (None, one.sheet):
            areas = [area for area in areas if area not in (one, other)]
            areas.append(Area(one.sheet, one.first, other.last))
        else:
            ranges.append((one, other))
    called = frozenset(functions)
    return Mentions(tuple(areas), tuple(words), called, outside, own_table, tuple(ranges))


def _ranges(formula: str) -> Iterator[tuple[Area | Word, Area | Word]]:
    """Give the ends of ranges between which a colon stands alone, as in Data!A1:Data!C3.

    An end that a function gives counts as the first thing that it names: INDEX gives a cell of it.
    """
    named: list[Area | Word] = []
    opened: list[int] = []
    end = 0
    last: int | None = None
    first: int | None = None
    for match in MENTION.finditer(formula):
        for sign in formula[end : match.start()].replace(" ", ""):
            if sign == "(":
                opened.append(len(named))
            elif sign == ")":
                inside = opened.pop() if opened else 0
                last, first = (inside if inside < len(named) else None), None
            elif sign == ":":
                first = last
            else:
                last = None
        end = match.end()
        sheet = sheet_of(match["place"])
        if match["opens"] == "(":
            opened.append(len(named))
            continue
        one = _area_of(sheet, match["area"] or "")
        other = one or (Word(sheet, match["word"]) if match["word"] else None)
        if other is None:
            last = None
            continue
        if first is not None:
            yield named[first], other
        named.append(other)
        last, first = len(named) - 1, None


def sheet_of(place: str | None) -> str | None:
    """Give the sheet of a place as it stands before an address, such as 'My inputs'!."""
    if not place:
        return None
    text = place[:-1]
    text = text[1:-1].replace("''", "'") if text.startswith("'") else text
    return text.removeprefix(_THIS_FILE) or None


def _area_of(sheet: str | None, text: str) -> Area | None:
    if not text:
        return None
    first, _, last = text.partition(":")
    try:
        one, other = _corner(first, 1), _corner(last or first, LAST_ROW)
    except WorkbookError:
        return None  # such as a name that looks like a cell beyond the last column
    return Area(sheet, one, other)


def _corner(text: str, whole: int) -> Corner:
    """Read a corner; a whole row or column reaches from its first to its last cell."""
    plain = text.replace("$", "")
    if plain.isdigit():
        column = 1 if whole == 1 else LAST_COLUMN
        return Corner(int(plain), column, text.startswith("$"), column_fixed=True)
    if plain.isalpha():
        column = place_of(f"{plain}1")[1]
        return Corner(whole, column, row_fixed=True, column_fixed=text.startswith("$"))
    row, column = place_of(text)
    return Corner(row, column, "$" in text[1:], text.startswith("$"))
