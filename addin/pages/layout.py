"""Where everything stands on a page, in inches, and in which colours: one layout for all forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from addin.pages.blocks import Role, Table
from workbook.style import GREY, NAVY, RED, STEEL, TEAL

WIDTH: Final = 13.333
HEIGHT: Final = 7.5
"""A slide of 16:9: the same page is printed, and shown."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the page: left, top, width and height."""

    left: float
    top: float
    width: float
    height: float


_LEFT: Final = 0.4
_COLUMN: Final = 4.03
_GAP: Final = 0.22
_SECOND: Final = _LEFT + _COLUMN + _GAP
_THIRD: Final = _SECOND + _COLUMN + _GAP

BOXES: Final[Mapping[str, Box]] = {
    "headline": Box(_LEFT, 1.1, _COLUMN, 1.65),
    "parts": Box(_LEFT, 2.85, _COLUMN, 2.5),
    "ladder": Box(_SECOND, 1.1, _COLUMN, 2.15),
    "bridge": Box(_THIRD, 1.1, _COLUMN, 2.15),
    "field": Box(_SECOND, 3.35, _COLUMN, 2.0),
    "risks": Box(_THIRD, 3.3, _COLUMN, 1.8),
    "pays": Box(_LEFT, 5.45, _COLUMN, 1.6),
    "pipeline": Box(_SECOND, 5.45, _COLUMN, 1.6),
    "sources": Box(_THIRD, 5.15, _COLUMN, 1.92),
}
"""Place of each block, its title included."""

_VERDICT: Final = 4.9
TITLE: Final = Box(_LEFT, 0.25, _VERDICT - _LEFT, 0.45)
VERDICT: Final = Box(_VERDICT, 0.25, WIDTH - _LEFT - _VERDICT, 0.45)
SUBTITLE: Final = Box(_LEFT, 0.7, WIDTH - 2 * _LEFT, 0.25)
FOOTER: Final = Box(_LEFT, 7.12, WIDTH - 2 * _LEFT, 0.26)

HEADING: Final = 0.24
"""Height of the title of a block."""
NOTE: Final = 0.3
"""Height of the note below a table or a chart: two lines."""

SIZES: Final[Mapping[str, float]] = {
    "title": 18.0, "verdict": 13.0, "subtitle": 9.5, "heading": 9.5, "table": 7.5,
    "label": 6.5, "note": 6.5, "footer": 6.5,
}  # fmt: skip
"""Sizes of letters in points."""

COLORS: Final[Mapping[Role, str]] = {
    "total": NAVY,
    "figure": GREY,
    "rise": TEAL,
    "fall": RED,
    "range": STEEL,
}

SMALLEST: Final = 4.0
"""Points below which letters do not shrink: what does not fit then is seen to be too much."""
LEADING: Final = 1.22
"""Height of a line over the size of its letters."""
LETTER: Final = 0.56
"""Width of a letter over its size, with room to spare."""

WIDEST_CELL: Final = 22
"""Letters that a column is made wide for; longer texts are folded."""


def under_heading(box: Box, with_note: bool) -> Box:
    """Give the place of what stands below the title of a block, and above its note."""
    height = box.height - HEADING - (NOTE if with_note else 0.0)
    return Box(box.left, box.top + HEADING, box.width, height)


def column_widths(table: Table, width: float) -> list[float]:
    """Share the width of a table among its columns, by the letters they need.

    Examples
    --------
    >>> rows = [["part", "USD M"], ["mining", 1172.75]]
    >>> [round(one, 2) for one in column_widths(Table("parts", "", rows), 3.0)]
    [1.33, 1.67]
    """
    texts = table.texts()
    # A heading is folded between words, so its longest word counts.
    words = [_longest_word(line[column] for line in texts) for column in range(len(texts[0]))]
    needs = [
        max(words[column], *(min(len(line[column]), WIDEST_CELL) for line in texts[1:])) + 2
        for column in range(len(texts[0]))
    ]
    over = sum(needs) - 72.0 * width / (LETTER * SIZES["table"])
    foldable = [column for column, word in enumerate(words) if needs[column] > word + 2]
    for column in foldable:
        needs[column] = max(words[column] + 2, needs[column] - ceil(max(over, 0) / len(foldable)))
    return [width * need / sum(needs) for need in needs]


def _longest_word(texts: Iterable[str]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=0)


def fitting(lines: Sequence[str], box: Box, size: float) -> float:
    """Give the size of letters at which lines fit a box, where nothing measures the letters.

    Examples
    --------
    >>> box = Box(0.0, 0.0, 4.0, 1.0)
    >>> fitting(["short"], box, 8.0), fitting(["long " * 200], box, 8.0)
    (8.0, 5.25)
    """
    while size > SMALLEST:
        letters = box.width * 72.0 / (LETTER * size)
        rows = sum(ceil(max(len(line), 1) / letters) for line in lines)
        if rows * size * LEADING <= box.height * 72.0:
            break
        size -= 0.25
    return size
