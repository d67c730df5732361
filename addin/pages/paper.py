"""A page as PDF or PNG, drawn with matplotlib: the same on every machine, without Office."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from addin.pages.blocks import Bar, Chart, Note, Page, Table
from addin.pages.layout import (
    BOXES,
    COLORS,
    FOOTER,
    HEIGHT,
    LEADING,
    NOTE,
    SIZES,
    SMALLEST,
    SUBTITLE,
    TITLE,
    VERDICT,
    WIDTH,
    Box,
    column_widths,
    under_heading,
)
from workbook.style import AMBER, BAND, GREY, INK, NAVY, RULE, TEAL

FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so a page is the same on every machine."""

POINTS: Final = 72.0
DPI: Final = 160
_UNITS: Final = 64.0
"""Of a font in a point."""


def to_pdf(pages: Sequence[Page]) -> bytes:
    """Give the pages as one PDF file."""
    stream = BytesIO()
    with rc_context({"pdf.fonttype": 42, "font.family": FONT}):
        about = {"Title": ", ".join(page.title for page in pages), "CreationDate": None}
        with PdfPages(stream, metadata=about) as file:
            for page in pages:
                file.savefig(drawn(page))
    return stream.getvalue()


def to_png(page: Page, dots: int = DPI) -> bytes:
    """Give a page as a picture, of so many dots an inch."""
    stream = BytesIO()
    # Letters that are fitted to dots are wider than those that were measured.
    with rc_context({"font.family": FONT, "text.hinting": "none"}):
        drawn(page).savefig(stream, format="png", dpi=dots, metadata={"Title": page.title})
    return stream.getvalue()


def drawn(page: Page) -> Figure:
    """Draw a page."""
    figure = Figure(figsize=(WIDTH, HEIGHT), facecolor="white")
    sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    sheet.set(xlim=(0.0, WIDTH), ylim=(HEIGHT, 0.0))
    sheet.set_axis_off()
    paper = _Paper(figure, sheet)
    paper.lines(TITLE, [page.title], SIZES["title"], NAVY, bold=True)
    right, middle = VERDICT.left + VERDICT.width, VERDICT.top + VERDICT.height / 2
    size = min(SIZES["verdict"], VERDICT.width / width_of(page.verdict, 1.0, bold=True))
    paper.text(right, middle, page.verdict, size, TEAL, align="right", bold=True)
    paper.lines(SUBTITLE, [page.subtitle], SIZES["subtitle"], GREY)
    paper.rule(FOOTER.left, FOOTER.left + FOOTER.width, 1.0, NAVY, 1.2)
    for block in page.blocks:
        box = BOXES[block.key]
        paper.lines(box, [block.title], SIZES["heading"], NAVY, bold=True)
        paper.rule(box.left, box.left + box.width, box.top + 0.2, RULE, 0.6)
        if isinstance(block, Note):
            paper.lines(under_heading(box, with_note=False), block.lines, SIZES["note"], INK)
            continue
        inner = under_heading(box, bool(block.note))
        if isinstance(block, Table):
            paper.table(inner, block)
        elif block.upright:
            paper.columns(inner, block)
        else:
            paper.ranges(inner, block)
        if block.note:
            below = Box(box.left, box.top + box.height - NOTE, box.width, NOTE)
            paper.lines(below, [block.note], SIZES["note"], GREY)
    paper.lines(FOOTER, [page.footer], SIZES["footer"], GREY)
    return figure


@cache
def _at_hundred(text: str, bold: bool) -> float:
    """Give how wide a text is in letters of 100 points, in points."""
    properties = FontProperties(family=FONT, weight="bold" if bold else "normal")
    font = get_font(findfont(properties))
    font.set_size(100.0, POINTS)
    font.set_text(text)
    return float(font.get_width_height()[0]) / _UNITS


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Give how wide a text is, in inches."""
    return _at_hundred(text, bold) * size / (100.0 * POINTS) if text else 0.0


def folded(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Fold a text between words so that no line is wider than it may be."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size, bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


class _Paper:
    """Draws on a sheet measured in inches from its upper left corner."""

    def __init__(self, figure: Figure, sheet: Axes) -> None:
        self.figure, self.sheet = figure, sheet

    def lines(
        self, box: Box, lines: Sequence[str], size: float, color: str, *, bold: bool = False
    ) -> None:
        """Write lines into a box, each folded; letters become smaller until all of it fits."""
        while True:
            texts = [part for line in lines for part in folded(line, box.width, size, bold)]
            step = size * LEADING / POINTS
            if len(texts) * step <= box.height or size <= SMALLEST:
                break
            size -= 0.25
        for number, text in enumerate(texts):
            self.text(box.left, box.top + (number + 0.5) * step, text, size, color, bold=bold)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str = INK,
        *,
        align: Any = "left",
        bold: bool = False,
    ) -> None:
        """Write one line; a dollar sign is one, not the beginning of a formula."""
        weight = "bold" if bold else "normal"
        self.sheet.text(
            x, y, text, size=size, color=f"#{color}", ha=align, va="center", weight=weight,
            parse_math=False,
        )  # fmt: skip

    def rule(self, left: float, right: float, y: float, color: str, width: float) -> None:
        """Draw a line across."""
        self.sheet.add_line(Line2D((left, right), (y, y), color=f"#{color}", linewidth=width))

    def fill(self, left: float, top: float, width: float, height: float, color: str) -> None:
        """Fill a rectangle."""
        self.sheet.add_patch(
            Rectangle((left, top), width, height, facecolor=f"#{color}", linewidth=0)
        )

    def table(self, box: Box, table: Table) -> None:
        """Write a table, a folded cell taking more lines; all of it fits the box."""
        size = SIZES["table"]
        widths = column_widths(table, box.width)
        while True:
            rows = [
                [
                    folded(text, width - 0.08, size, bold=number == 0)
                    for text, width in zip(line, widths, strict=True)
                ]
                for number, line in enumerate(table.texts())
            ]
            step = size * LEADING / POINTS
            heights = [max(map(len, line)) * step + 0.02 for line in rows]
            wide = any(
                width_of(text, size, number == 0) > width - 0.06
                for number, line in enumerate(rows)
                for texts, width in zip(line, widths, strict=True)
                for text in texts
            )
            if (sum(heights) <= box.height and not wide) or size <= SMALLEST:
                break
            size -= 0.25
        top = box.top
        for number, (line, height) in enumerate(zip(rows, heights, strict=True)):
            if number == 0:
                self.fill(box.left, top, box.width, height, BAND)
            self._row(box.left, top, height, widths, line, table, size, bold=number == 0)
            top += height
            self.rule(box.left, box.left + box.width, top, RULE, 0.4)

    def _row(
        self,
        left: float,
        top: float,
        height: float,
        widths: Sequence[float],
        line: Sequence[Sequence[str]],
        table: Table,
        size: float,
        *,
        bold: bool,
    ) -> None:
        step = size * LEADING / POINTS
        for column, (texts, width) in enumerate(zip(line, widths, strict=True)):
            right = table.is_number(column)
            x = left + width - 0.04 if right else left + 0.04
            first = top + (height - len(texts) * step) / 2
            for number, text in enumerate(texts):
                y = first + (number + 0.5) * step
                align = "right" if right else "left"
                self.text(x, y, text, size, NAVY if bold else INK, align=align, bold=bold)
            left += width

    def columns(self, box: Box, chart: Chart) -> None:
        """Draw steps as upright bars, each figure above its bar and its name below."""
        if not chart.bars:
            return
        slot = box.width / len(chart.bars)
        size = self._size_of_names(chart, slot - 0.04)
        names = [folded(bar.label, slot - 0.04, size) for bar in chart.bars]
        step = size * LEADING / POINTS
        foot = max(map(len, names)) * step + 0.04
        low, high = _reach(chart.bars)
        top, bottom = box.top + step + 0.06, box.top + box.height - foot

        def at(value: float) -> float:
            return bottom - (bottom - top) * (value - low) / (high - low)

        for number, (bar, name) in enumerate(zip(chart.bars, names, strict=True)):
            middle = box.left + (number + 0.5) * slot
            upper = at(max(bar.start, bar.end))
            height = at(min(bar.start, bar.end)) - upper
            self.fill(
                middle - 0.36 * slot, upper, 0.72 * slot, max(height, 0.008), COLORS[bar.role]
            )
            bold = bar.role in ("total", "figure")
            self.text(middle, upper - 0.07, bar.text, size, INK, align="center", bold=bold)
            for line, text in enumerate(name):
                y = bottom + 0.04 + (line + 0.5) * step
                self.text(middle, y, text, size, INK, align="center")
            if number + 1 < len(chart.bars):
                reach = middle + 0.64 * slot
                self.rule(middle + 0.36 * slot, reach, at(bar.end), GREY, 0.4)
        self.rule(box.left, box.left + box.width, at(0.0), INK, 0.6)

    def _size_of_names(self, chart: Chart, width: float) -> float:
        """Give the size of letters at which no word is wider than its bar's place."""
        words = [word for bar in chart.bars for word in (*bar.label.split(), bar.text)]
        widest = max(width_of(word, 1.0, bold=True) for word in words)
        return max(min(SIZES["label"], width / widest), SMALLEST)

    def ranges(self, box: Box, chart: Chart) -> None:
        """Draw ranges as lying bars, the name to the left and the figures behind the bar."""
        if not chart.bars:
            return
        size = SIZES["label"]
        slot = box.height / max(len(chart.bars), 4)
        names, figures = 0.46 * box.width, 0.2 * box.width
        left, right = box.left + names, box.left + box.width - figures
        low, high = _reach(chart.bars)

        def at(value: float) -> float:
            return left + (right - left) * (value - low) / (high - low)

        step = size * LEADING / POINTS
        for number, bar in enumerate(chart.bars):
            middle = box.top + (number + 0.5) * slot
            texts = folded(bar.label, names - 0.06, size)
            for line, text in enumerate(texts):
                y = middle + (line - (len(texts) - 1) / 2) * step
                self.text(left - 0.06, y, text, size, INK, align="right")
            first, last = sorted((at(bar.start), at(bar.end)))
            height = 0.62 * slot
            self.fill(
                first, middle - height / 2, max(last - first, 0.008), height, COLORS[bar.role]
            )
            self.text(last + 0.05, middle, bar.text, size, INK)
        foot = box.top + slot * len(chart.bars)
        for value, color, dashes in ((0.0, INK, None), (chart.level, AMBER, (0.0, (3.0, 2.0)))):
            if value is not None:
                ends = ((at(value), at(value)), (box.top, foot))
                self.sheet.add_line(
                    Line2D(*ends, color=f"#{color}", linewidth=0.8, linestyle=dashes or "-")
                )


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    """Give between which figures a scale must reach: zero is always on it."""
    ends = [end for bar in bars for end in (bar.start, bar.end)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    return (low, high) if high > low else (low, low + 1.0)
