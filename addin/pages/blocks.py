"""What a page says, whatever it is written as: tables, charts of bars, and lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from addin.boundary.digits import units_of_rows, written
from workbook.cells import ErrorValue

PER_SHARE: Final = "USD/share"

Role = Literal["total", "figure", "rise", "fall", "range"]
"""A sum, a figure beside it, a step up or down, or a range between two ends."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as the functions give them, every figure unrounded, the first row as headings."""

    key: str
    title: str
    rows: Sequence[Sequence[Any]]
    note: str = ""

    def texts(self) -> list[list[str]]:
        """Give the cells as a person reads them, headings first.

        Examples
        --------
        >>> Table("parts", "", [["part", "USD M"], ["mining", 1172.7512]]).texts()
        [['part', 'USD M'], ['mining', '1,172.75']]
        """
        header, *lines = self.rows
        shown = [
            [written(cell, unit) for cell, unit in zip(line, of_line, strict=True)]
            for line, of_line in zip(lines, self.units(), strict=True)
        ]
        return [[str(cell) for cell in header], *shown]

    def units(self) -> list[list[str | None]]:
        """Give the unit of each cell below the headings; None where nothing tells it."""
        header, *lines = self.rows
        return units_of_rows(header, lines)

    def is_number(self, column: int) -> bool:
        """Whether a column holds figures, so that it stands to the right."""
        return any(isinstance(line[column], float | ErrorValue) for line in self.rows[1:])


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from one figure to another, in USD per share."""

    label: str
    start: float
    end: float
    role: Role

    @property
    def text(self) -> str:
        """The figure it stands for, as it is written beside it.

        Examples
        --------
        >>> Bar("land", 14.7, 17.9, "rise").text, Bar("plain", 0.0, 12.4, "total").text
        ('+3.20', '12.40')
        >>> Bar("BTC price", 17.3, 22.0, "range").text
        '17.30 to 22.00'
        """
        if self.role in ("total", "figure"):
            return written(self.end, PER_SHARE)
        if self.role == "range":
            return f"{written(self.start, PER_SHARE)} to {written(self.end, PER_SHARE)}"
        return f"{self.end - self.start:+,.2f}"

    @property
    def parts(self) -> tuple[float, float, float]:
        """What a stacked chart needs: an unseen base, then what is above zero, and what is below.

        Examples
        --------
        >>> Bar("", 2.0, 5.0, "rise").parts, Bar("", 1.0, -2.0, "fall").parts
        ((2.0, 3.0, 0.0), (0.0, 1.0, -2.0))
        >>> Bar("", -5.0, -2.0, "rise").parts
        (-2.0, 0.0, -3.0)
        """
        low, high = sorted((self.start, self.end))
        base = low if low >= 0.0 else min(high, 0.0)
        return base, max(high, 0.0) - max(low, 0.0), min(low, 0.0) - min(high, 0.0)


SERIES: Final = ("base", "above zero", "below zero")
"""Parts of a bar, as a stacked chart names them: the first one is not drawn."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars one after the other, upright beside or lying below each other."""

    key: str
    title: str
    bars: Sequence[Bar]
    upright: bool = True
    note: str = ""
    level: float | None = None
    """Figure that ranges are measured against."""

    @property
    def names(self) -> list[str]:
        r"""Name and figure of each bar, as an axis shows them.

        Examples
        --------
        >>> Chart("ladder", "", [Bar("land", 14.7, 17.9, "rise")]).names
        ['land\n+3.20']
        """
        between = "\n" if self.upright or len(self.bars) <= FEW else FIGURE
        return [f"{bar.label}{between}{bar.text}" for bar in self.bars]


FEW: Final = 6
"""Lying bars whose names have room for two lines."""

FIGURE: Final = "   "
"""Between name and figure on one line."""


@dataclass(frozen=True, slots=True)
class Note:
    """Lines of text."""

    key: str
    title: str
    lines: Sequence[str]


Block = Table | Chart | Note


@dataclass(frozen=True, slots=True)
class Page:
    """A page on one miner."""

    ticker: str
    title: str
    verdict: str
    """Rating, target and price in a line."""
    subtitle: str
    blocks: Sequence[Block]
    footer: str
    options: tuple[str, ...] = ()
    """What was typed to get it, besides the miner."""

    def block(self, key: str) -> Block | None:
        """Give the block of a name; None where the page has none."""
        return next((one for one in self.blocks if one.key == key), None)
