"""A workbook as data: each cell has its value and, where it computes, the formula that gives it.

Sheets are planned before anything is written, so every formula stands beside the value that the
valuation core computes for it. Where a cell landed is asked of the plan, never counted by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from workbook.cells import Ref, Value, letters
from workbook.model.excel import Term

Paper: TypeAlias = Literal["a4", "letter"]


@dataclass(frozen=True, slots=True)
class DataTable:
    """Cells that Excel computes by putting what stands above and left of them into two others.

    The formula stands in the corner: above the values on the left, left of those above.
    """

    cells: Ref
    across: Ref
    """Cell that takes the values above."""
    down: Ref
    """Cell that takes the values on the left."""


# As with terms, frozen for the type checker alone: there are fifty thousand.
@dataclass(slots=True)
class Cell:
    """A planned cell; `spill` makes its formula fill that many rows and columns."""

    value: Final[Value]
    style: Final[str] = "text"
    number_format: Final[str] = "General"
    formula: Final[str | None] = None
    spill: Final[tuple[int, int] | None] = None
    link: Final[str | Ref | None] = None
    """Where a click leads: an address on the web, or a place in this workbook."""
    table: Final[DataTable | None] = None
    """In the first cell of a data table: what fills it."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What may be typed into a cell: numbers, dates, one of a list, or nothing if closed."""

    ref: Ref
    message: str
    kind: Literal["list", "decimal", "date", "closed"]
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    source: Ref | None = None
    """Cells that hold the choices of a list, in place of `choices`."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Colour a range where a formula is true."""

    ref: Ref
    formula: str
    style: str


@dataclass(frozen=True, slots=True)
class Shading:
    """Colour a range by its numbers, from low over middle to high."""

    ref: Ref
    low: str
    middle: str
    high: str


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One series of a chart; without a colour it takes room and is not seen."""

    title: str
    values: Ref
    color: str | None
    number_format: str
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart over ranges of the workbook; `markers` are laid over the bars as points."""

    title: str
    unit: str
    number_format: str
    categories: Ref
    series: tuple[ChartSeries, ...]
    place: Ref
    """Cells that the chart covers."""
    kind: Literal["clustered", "stacked"] = "clustered"
    horizontal: bool = False
    markers: tuple[ChartSeries, ...] = ()
    legend: bool = True
    """Whether series are named; not where the unit says what the colours mean."""

    @property
    def description(self) -> str:
        """Say what the chart shows to who cannot see it, and where its figures stand."""
        shown = [one.title for one in (*self.series, *self.markers) if one.color is not None]
        bars = "Horizontal bars" if self.horizontal else "Columns"
        named = ", ".join(dict.fromkeys(shown))
        return f"{self.title}. {bars} of {named}; {self.unit}, for each of {self.categories.there}."


@dataclass(frozen=True, slots=True)
class ExcelTable:
    """A table of Excel over cells whose first row are its headings."""

    name: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line of a chart from one point to another: two cells across, two cells up."""

    title: str
    values: Ref
    heights: Ref
    color: str


@dataclass(frozen=True, slots=True)
class RangeChart:
    """Horizontal bars from one figure to another, each at a height of its own, and upright lines.

    A bar is named where it begins, a line in the legend.
    """

    title: str
    unit: str
    number_format: str
    bars: tuple[Stroke, ...]
    lines: tuple[Stroke, ...]
    top: float
    place: Ref
    """Cells that the chart covers."""

    @property
    def description(self) -> str:
        """Say what the chart shows to who cannot see it, and where its figures stand."""
        bars, lines = (", ".join(one.title for one in each) for each in (self.bars, self.lines))
        first = self.bars[0].values.to(self.lines[-1].values)
        return f"{self.title}. Horizontal bars: {bars}. Upright lines: {lines}; {self.unit}. " + (
            f"Figures: {first.there}."
        )


@dataclass(frozen=True, slots=True)
class HistogramChart:
    """Upright bars where they stand on a scale of figures, and upright lines at some of them.

    Bars of one title have one colour, and one place in the legend.
    """

    title: str
    unit: str
    number_format: str
    bars: tuple[Stroke, ...]
    lines: tuple[Stroke, ...]
    place: Ref
    """Cells that the chart covers."""

    @property
    def description(self) -> str:
        """Say what the chart shows to who cannot see it, and where its figures stand."""
        bars, lines = (
            ", ".join(dict.fromkeys(one.title for one in each)) for each in (self.bars, self.lines)
        )
        return f"{self.title}. Columns: {bars}. Upright lines: {lines}; {self.unit}. " + (
            f"Figures: {self.bars[0].values.to(self.bars[-1].heights).there}."
        )


@dataclass
class Sheet:
    """A planned sheet."""

    name: str
    widths: Sequence[float]
    freeze: str | None = None
    repeat_rows: tuple[int, int] | None = None
    landscape: bool = True
    one_page: bool = False
    """Whether all of it is printed on one page."""
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[Ref] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    highlights: list[Highlight] = field(default_factory=list)
    shadings: list[Shading] = field(default_factory=list)
    charts: list[Chart | RangeChart | HistogramChart] = field(default_factory=list)
    tables: list[ExcelTable] = field(default_factory=list)
    outline: list[tuple[int, int]] = field(default_factory=list)
    """Rows, from one to another, that fold under the row above them."""
    folded: tuple[int, int] | None = None
    """Columns at the right that are folded away, and not printed."""
    page_breaks: list[int] = field(default_factory=list)
    """Rows that start a new printed page."""
    last_printed: int | None = None
    """Row behind which nothing is printed; the last one by default."""
    visibility: Literal["visible", "hidden", "veryHidden"] = "visible"
    """A hidden sheet is brought back by a menu, a very hidden one by a macro alone."""

    def put(
        self,
        row: int,
        column: int,
        value: Value,
        style: str = "text",
        number_format: str = "General",
        formula: str | None = None,
        link: str | Ref | None = None,
    ) -> Ref:
        """Plan one cell and say where it landed."""
        return self._place(row, column, Cell(value, style, number_format, formula, None, link))

    def put_down(
        self, lines: range, column: int, cells: Iterable[Term], style: str, number_format: str
    ) -> None:
        """Plan a formula a row, with its value, in many rows of a column."""
        planned = self.cells
        for line, term in zip(lines, cells, strict=True):
            if (line, column) in planned:
                raise self._planned_twice(line, column)
            planned[line, column] = Cell(term.value, style, number_format, term.text)

    def put_spill(
        self,
        row: int,
        column: int,
        values: Sequence[Sequence[Value]],
        formula: str,
        style: str = "function",
        number_format: str | Sequence[str] = "General",
    ) -> Ref:
        """Plan a dynamic array: the formula in the first cell, its values over the rows."""
        height, width = len(values), len(values[0])
        formats = [number_format] * width if isinstance(number_format, str) else number_format
        for i, values_of_row in enumerate(values):
            for j, value in enumerate(values_of_row):
                first = i == j == 0
                self._place(
                    row + i,
                    column + j,
                    Cell(
                        value,
                        style,
                        formats[j],
                        formula if first else None,
                        (height, width) if first else None,
                    ),
                )
        return Ref(self.name, row, column, row + height - 1, column + width - 1)

    def put_table(
        self,
        row: int,
        column: int,
        values: Sequence[Sequence[Value]],
        across: Ref,
        down: Ref,
        number_format: str,
    ) -> Ref:
        """Plan a data table from its first cell on, below and right of what it tries."""
        last = row + len(values) - 1, column + len(values[0]) - 1
        cells = Ref(self.name, row, column, *last)
        for i, values_of_row in enumerate(values):
            for j, value in enumerate(values_of_row):
                table = DataTable(cells, across, down) if i == j == 0 else None
                made = Cell(value, "grid", number_format, table=table)
                self._place(row + i, column + j, made)
        return cells

    def put_again(self, row: int, column: int, value: Value) -> None:
        """Change the value of a planned cell."""
        self.cells[row, column] = replace(self.cells[row, column], value=value)

    def restyle(self, row: int, column: int, style: str, number_format: str) -> None:
        """Change the look of a planned cell."""
        self.cells[row, column] = replace(
            self.cells[row, column], style=style, number_format=number_format
        )

    def put_row(self, row: int, column: int, values: Sequence[Value], style: str) -> Ref:
        """Plan cells side by side."""
        for offset, value in enumerate(values):
            self.put(row, column + offset, value, style)
        return Ref(self.name, row, column, row, column + len(values) - 1)

    def _place(self, row: int, column: int, cell: Cell) -> Ref:
        if (row, column) in self.cells:
            raise self._planned_twice(row, column)
        self.cells[row, column] = cell
        return Ref(self.name, row, column, row, column)

    def _planned_twice(self, row: int, column: int) -> ValueError:
        return ValueError(f"{self.name}!{letters(column)}{row} is planned twice")


@dataclass
class Plan:
    """A planned workbook: sheets in tab order, names, and what the file says about itself."""

    title: str
    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, Ref] = field(default_factory=dict)
    as_of: date | None = None
    paper: Paper = "a4"
