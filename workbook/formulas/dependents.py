"""Which cells of a workbook depend on others, directly or through further ones."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from workbook.cells import LAST_COLUMN, LAST_ROW, corners_of, place_of
from workbook.formulas.cell_references import Area, Corner, Mentions, Word, mentions_of
from workbook.opc.stored import StoredCell, within

MAY_READ_ANYTHING: Final = frozenset({"INDIRECT", "OFFSET", "EVALUATE", "GET.CELL"})
"""Functions whose precedents only a calculation can tell."""

_BLOCK: Final = 64
"""Rows that share an entry in the table of areas."""

_MOST_ENTRIES: Final = 64
"""Entries of one area in that table; a larger one is looked at for each cell of its sheet."""


class Place(NamedTuple):
    """A cell: its sheet in small letters, row and column."""

    sheet: str
    row: int
    column: int


class Box(NamedTuple):
    """An area on a sheet, in small letters."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    def holds(self, place: Place) -> bool:
        """Tell whether a cell lies in it."""
        return (
            self.top <= place.row <= self.bottom
            and self.left <= place.column <= self.right
            and self.sheet == place.sheet
        )


@dataclass(frozen=True, slots=True)
class Words:
    """What words in formulas stand for: names by sheet (or None) and name, and tables."""

    names: Mapping[tuple[str | None, str], str] = field(default_factory=dict)
    tables: Mapping[str, Box] = field(default_factory=dict)


class _Reader(NamedTuple):
    """The cell that a formula stands in, and how its text is to be read there."""

    place: Place
    sheet: str
    """Sheet of what names none: that of the cell, or of a name that is followed."""
    moved: tuple[int, int] = (0, 0)
    """Rows and columns by which references that are not fixed have moved."""
    depth: int = 0
    """How many names were followed."""


class Dependents:
    """The dependents of the cells of a workbook.

    Examples
    --------
    >>> cells = {"Data": {"A1": StoredCell("A1", None, 1.0, False),
    ...                   "B1": StoredCell("B1", "A1*2", 2.0, True),
    ...                   "C1": StoredCell("C1", "SUM(A$1:B$1)", 3.0, True),
    ...                   "D1": StoredCell("D1", "7", 7.0, True)}}
    >>> found = Dependents(cells, Words()).of([Place("data", 1, 1)])
    >>> sorted(place.column for place in found)
    [2, 3]
    """

    def __init__(self, cells: Mapping[str, Mapping[str, StoredCell]], words: Words) -> None:
        self._words = words
        self._own_functions = {
            key for (_, key), text in words.names.items() if "LAMBDA(" in text.upper()
        }
        """Names that are called as functions."""
        self._sheets = [sheet.lower() for sheet in cells]
        self.unknown: set[Place] = set()
        """Cells that may depend on anything."""
        self._readers: dict[Box, list[Place]] = defaultdict(list)
        for sheet, found in cells.items():
            for cell in found.values():
                if cell.formula is not None:
                    self._add(sheet.lower(), cell, found)
        self._near: dict[tuple[str, int, int], list[Box]] = defaultdict(list)
        """Areas by sheet, column and block of rows."""
        self._far: dict[str, list[Box]] = defaultdict(list)
        """Areas that span many columns or blocks, by sheet."""
        for box in self._readers:
            if (box.top, box.left) == (box.bottom, box.right):
                continue
            blocks = range(box.top // _BLOCK, box.bottom // _BLOCK + 1)
            if len(blocks) * (box.right - box.left + 1) > _MOST_ENTRIES:
                self._far[box.sheet].append(box)
                continue
            for column in range(box.left, box.right + 1):
                for block in blocks:
                    self._near[box.sheet, column, block].append(box)

    def _add(self, sheet: str, cell: StoredCell, found: Mapping[str, StoredCell]) -> None:
        place = Place(sheet, *place_of(cell.address))
        text, moved = cell.formula or "", (0, 0)
        if cell.source is not None:
            text = found[cell.source].formula or ""
            row, column = place_of(cell.source)
            moved = place.row - row, place.column - column
        if cell.kind == "dataTable":
            # Its formula stands in the corner, what it tries above and on the left.
            self.unknown.add(place)
            (top, left), (bottom, right) = corners_of(cell.area or cell.address)
            if top > 1 and left > 1:
                self._readers[Box(sheet, top - 1, left - 1, top - 1, right)].append(place)
                self._readers[Box(sheet, top, left - 1, bottom, left - 1)].append(place)
        for box in self._boxes(mentions_of(text), _Reader(place, sheet, moved)):
            self._readers[box].append(place)
        if cell.area is not None:
            self._fill(place, cell.area, found)

    def _fill(self, place: Place, area: str, found: Mapping[str, StoredCell]) -> None:
        """Let the cells that an array fills depend on the cell that holds it."""
        source = Box(place.sheet, place.row, place.column, place.row, place.column)
        filled = (Place(place.sheet, *place_of(address)) for address in within([area], found))
        self._readers[source] += [one for one in filled if one != place]

    def _boxes(self, found: Mentions, reader: _Reader) -> Iterator[Box]:
        """Give the areas that a formula in a cell reads; names are followed."""
        place = reader.place
        if found.functions & MAY_READ_ANYTHING:
            self.unknown.add(place)
        for area in found.areas:
            yield from self._of(area, reader)
        if found.own_table:
            yield from (table for table in self._words.tables.values() if table.holds(place))
        for word in found.words:
            yield from self._of(word, reader)
        for function in found.functions if self._own_functions else ():
            if (name := function.lower()) in self._own_functions:
                yield from self._of(Word(None, name), reader)
        for ends in found.ranges:
            yield from _spanned([box for end in ends for box in self._of(end, reader)])

    def _of(self, one: Area | Word, reader: _Reader) -> Iterator[Box]:
        """Give the cells that an address, a name or a table stands for in a formula."""
        if isinstance(one, Area):
            for title in self._through((one.sheet or reader.sheet).lower()):
                yield _box(one, title, reader.moved)
            return
        sheet, key = one.sheet, one.word.lower()
        if sheet is None and key in self._words.tables:
            yield self._words.tables[key]
        place = reader.place
        for scope in (sheet.lower() if sheet else reader.sheet, None):
            text = self._words.names.get((scope, key))
            if text is not None and reader.depth < 20:
                # A name without dollar signs is written as it holds for A1, and moves from there.
                moved = place.row - 1, place.column - 1
                here = _Reader(place, scope or reader.sheet, moved, reader.depth + 1)
                yield from self._boxes(mentions_of(text), here)
                return

    def _through(self, sheets: str) -> Sequence[str]:
        """Give the sheets of a reference, which may go through all from one to another."""
        first, colon, last = sheets.partition(":")
        if not colon:
            return (sheets,)
        if first not in self._sheets or last not in self._sheets:
            return ()
        start, end = sorted((self._sheets.index(first), self._sheets.index(last)))
        return self._sheets[start : end + 1]

    def of(self, seeds: Iterable[Place], *, unknown: bool = True) -> set[Place]:
        """Give the cells that depend on any of some cells; these themselves are not among them.

        With `unknown` also those that may, as far as can be told, and what depends on them.
        """
        seeds = set(seeds)
        given = self.unknown if unknown and seeds else set()
        found: set[Place] = set(given)
        ahead = deque((*seeds, *found))
        done: set[Box] = set()
        far = dict(self._far)
        while ahead:
            place = ahead.popleft()
            reached = [box for box in far.get(place.sheet, ()) if box.holds(place)]
            if reached:
                far[place.sheet] = [box for box in far[place.sheet] if box not in reached]
            for box in (*self._close(place), *reached):
                if box not in done and box.holds(place):
                    done.add(box)
                    fresh = [one for one in self._readers[box] if one not in found]
                    found.update(fresh)
                    ahead.extend(fresh)
        return (found - seeds) | given

    def _close(self, place: Place) -> Iterator[Box]:
        """Give the small areas that may hold a cell."""
        alone = Box(place.sheet, place.row, place.column, place.row, place.column)
        if alone in self._readers:
            yield alone
        yield from self._near.get((place.sheet, place.column, place.row // _BLOCK), ())

    def readers(self, place: Place) -> Iterator[Place]:
        """Give the cells whose formulas read a cell; one that reads it twice comes twice."""
        for box in (*self._close(place), *self._far.get(place.sheet, ())):
            if box.holds(place):
                yield from self._readers[box]

    def read_by(self, place: Place, cell: StoredCell, source: str | None = None) -> list[Box]:
        """Give the areas that the formula of a cell reads; `source` is that of a filled one."""
        moved = (0, 0)
        if cell.source is not None:
            row, column = place_of(cell.source)
            moved = place.row - row, place.column - column
        reader = _Reader(place, place.sheet, moved)
        return list(self._boxes(mentions_of(source or cell.formula or ""), reader))


def _box(area: Area, sheet: str, moved: tuple[int, int]) -> Box:
    first, last = _moved(area.first, moved), _moved(area.last, moved)
    top, bottom = sorted((first[0], last[0]))
    left, right = sorted((first[1], last[1]))
    return Box(sheet, top, left, bottom, right)


def _moved(corner: Corner, moved: tuple[int, int]) -> tuple[int, int]:
    """Move a corner along; beyond the last row or column it goes on with the first."""
    row = corner.row + (0 if corner.row_fixed else moved[0])
    column = corner.column + (0 if corner.column_fixed else moved[1])
    return (row - 1) % LAST_ROW + 1, (column - 1) % LAST_COLUMN + 1


def _spanned(boxes: Iterable[Box]) -> Iterator[Box]:
    """Give for each sheet the area from the first to the last cell of some areas on it."""
    found: dict[str, Box] = {}
    for box in boxes:
        one = found.get(box.sheet, box)
        top, left = min(one.top, box.top), min(one.left, box.left)
        bottom, right = max(one.bottom, box.bottom), max(one.right, box.right)
        found[box.sheet] = Box(box.sheet, top, left, bottom, right)
    yield from found.values()
