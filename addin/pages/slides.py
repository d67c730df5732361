"""A page as a slide: tables and charts are PowerPoint's own, to be edited and pasted anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from addin.pages.blocks import SERIES, Block, Chart, Note, Page, Table
from addin.pages.layout import (
    BOXES,
    COLORS,
    FOOTER,
    HEADING,
    HEIGHT,
    LEADING,
    LETTER,
    NOTE,
    SIZES,
    SMALLEST,
    SUBTITLE,
    TITLE,
    VERDICT,
    WIDTH,
    Box,
    column_widths,
    fitting,
    under_heading,
)
from addin.pages.links import Link, set_alternative_text
from workbook.style import BAND, FONT, GREY, INK, NAVY, RULE, TEAL

BLANK: Final = 6
"""Layout of python-pptx's own template without anything on it."""

NO_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's name for a table without style and grid."""

SOURCES: Final = "sources"
"""The block that is text whatever the figures are."""

NAMES_REACH: Final = 0.5
"""Part of the width of a chart that the names of lying bars take at most."""


def to_pptx(pages: Sequence[Page]) -> bytes:
    """Give the pages as a presentation, a slide a page."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title = ", ".join(page.title for page in pages)
    deck.core_properties.author = "hpc-valuation"
    for page in pages:
        _add(deck.slides.add_slide(deck.slide_layouts[BLANK]), page)
    stream = BytesIO()
    deck.save(stream)
    return stream.getvalue()


def texts_of(page: Page) -> dict[str, tuple[str, ...]]:
    """Give every text of a page by its key: head, foot, and titles and notes of blocks."""
    found: dict[str, tuple[str, ...]] = {
        "title": (page.title,),
        "verdict": (page.verdict,),
        "subtitle": (page.subtitle,),
        "footer": (page.footer,),
    }
    for block in page.blocks:
        found[f"{block.key}.title"] = (block.title,)
        if isinstance(block, Note):
            found[block.key] = tuple(block.lines)
        found[f"{block.key}.note"] = ("",) if isinstance(block, Note) else (block.note,)
    return found


def _add(slide: Any, page: Page) -> None:
    texts = texts_of(page)

    def write(key: str, box: Box, size: str, color: str, **look: Any) -> None:
        shape = add_text(slide.shapes, texts[key], box, SIZES[size], color, **look)
        _link(shape, page, key, " ".join(texts[key]))

    write("title", TITLE, "title", NAVY, bold=True)
    write("verdict", VERDICT, "verdict", TEAL, bold=True, right=True)
    write("subtitle", SUBTITLE, "subtitle", GREY)
    for block in page.blocks:
        box = BOXES[block.key]
        head = Box(box.left, box.top, box.width, HEADING)
        write(f"{block.key}.title", head, "heading", NAVY, bold=True)
        if block.key == SOURCES:
            write(block.key, under_heading(box, with_note=False), "note", INK)
            continue
        # A block that is text for want of figures may be a chart again on another day.
        add_block(slide.shapes, block, under_heading(box, with_note=True), page)
        below = Box(box.left, box.top + box.height - NOTE, box.width, NOTE)
        write(f"{block.key}.note", below, "note", GREY)
    write("footer", FOOTER, "footer", GREY)


def _link(shape: Any, page: Page, key: str, description: str) -> None:
    link = Link(page.ticker, key, page.options)
    shape.name = str(link)
    set_alternative_text(shape, link.beside(description))


def add_block(shapes: Any, block: Block, box: Box, page: Page) -> None:
    """Put a block in a place: a table, a chart, or text, with its address."""
    if isinstance(block, Table):
        shape = _add_table(shapes, block, box)
    elif isinstance(block, Chart):
        shape = _add_chart(shapes, block, box)
    else:
        shape = add_text(shapes, block.lines, box, SIZES["note"], INK)
    _link(shape, page, block.key, f"{block.title}, {page.ticker}")


def add_text(
    shapes: Any,
    lines: Sequence[str],
    box: Box,
    size: float,
    color: str,
    *,
    bold: bool = False,
    right: bool = False,
) -> Any:
    """Put lines of text in a place, in letters that fit it."""
    shape = shapes.add_textbox(*_inches(box))
    frame = shape.text_frame
    _tight(frame)
    frame.word_wrap = True
    fits = fitting(lines, box, size)
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        _write(paragraph, line, fits, color, bold=bold)
    return shape


def _inches(box: Box) -> tuple[int, int, int, int]:
    return (Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height))


def _tight(frame: Any) -> None:
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _write(paragraph: Any, text: str, size: float, color: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = text or " "  # a line without text would be as high as PowerPoint's own letters
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = RGBColor.from_string(color)


def _add_table(shapes: Any, table: Table, box: Box) -> Any:
    texts = table.texts()
    size = SIZES["table"]
    while size * LEADING * (len(texts) + 1) > box.height * 72.0 and size > SIZES["footer"] - 1:
        size -= 0.25
    height = size * LEADING / 72.0
    place = Box(box.left, box.top, box.width, height * len(texts))
    shape = shapes.add_table(len(texts), len(texts[0]), *_inches(place))
    made = shape.table
    made.horz_banding = False
    shape._element.xpath(".//a:tableStyleId")[0].text = NO_STYLE
    for column, width in zip(made.columns, column_widths(table, box.width), strict=True):
        column.width = Inches(width)
    for row, line in enumerate(texts):
        made.rows[row].height = Inches(height)
        for column, text in enumerate(line):
            cell = made.cell(row, column)
            _look(cell, head=row == 0)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if table.is_number(column) else PP_ALIGN.LEFT
            _write(paragraph, text, size, NAVY if row == 0 else INK, bold=row == 0)
    return shape


def _look(cell: Any, *, head: bool) -> None:
    cell.margin_top = cell.margin_bottom = 0
    cell.margin_left = cell.margin_right = Inches(0.04)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    # python-pptx knows no borders: a line below each row, before the fill as the schema wants it.
    properties = cell._tc.get_or_add_tcPr()
    line = etree.SubElement(properties, qn("a:lnB"), w=str(Pt(0.5)))
    fill = etree.SubElement(line, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), val=RULE)
    if head:
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string(BAND)


def data_of(chart: Chart) -> CategoryChartData:
    """Give the data of a chart of bars: name and figure of each, and what is stacked."""
    data = CategoryChartData(number_format="0.00")
    data.categories = chart.names
    for number, name in enumerate(SERIES):
        data.add_series(name, [bar.parts[number] for bar in chart.bars])
    return data


def _add_chart(shapes: Any, chart: Chart, box: Box) -> Any:
    kind = XL_CHART_TYPE.COLUMN_STACKED if chart.upright else XL_CHART_TYPE.BAR_STACKED
    shape = shapes.add_chart(kind, *_inches(box), data_of(chart))
    made = shape.chart
    made.has_legend = made.has_title = False
    made.font.size, made.font.name = Pt(SIZES["label"]), FONT
    made.font.color.rgb = RGBColor.from_string(INK)
    values, names = made.value_axis, made.category_axis
    values.has_major_gridlines = False
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "0", False
    values.visible = False
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.format.line.color.rgb = RGBColor.from_string(INK)
    names.reverse_order = not chart.upright
    names.tick_labels.font.size = Pt(_size_of_names(chart, box))
    # python-pptx knows neither: names are upright, and none is left out for want of room.
    names._element.xpath("./c:txPr/a:bodyPr")[0].set("rot", "0")
    skip = etree.SubElement(names._element, qn("c:tickLblSkip"), val="1")
    names._element.xpath("./c:noMultiLvlLbl")[0].addprevious(skip)
    for one in made._chartSpace.xpath(".//c:axId | .//c:crossAx"):
        one.set("val", one.get("val").lstrip("-"))  # the schema knows no negative one
    made.plots[0].gap_width = 40
    made.plots[0].overlap = 100
    paint(made, chart)
    return shape


def _size_of_names(chart: Chart, box: Box) -> float:
    """Give the size of letters at which all names fit beside or below their bars."""
    place = box.width / len(chart.bars) if chart.upright else box.height / len(chart.bars)
    if chart.upright:
        words = max(len(word) for name in chart.names for word in name.split())
        return max(min(SIZES["label"], place * 72.0 / (LETTER * words)), SMALLEST)
    lines = max(name.count("\n") + 1 for name in chart.names)
    longest = max(len(line) for name in chart.names for line in name.splitlines())
    across = NAMES_REACH * box.width * 72.0 / (LETTER * longest)
    return max(min(SIZES["label"], place * 72.0 / (LEADING * lines), across), SMALLEST)


def paint(made: Any, chart: Chart) -> None:
    """Give each bar the colour of its role; the base under it is not drawn."""
    base, *seen = made.plots[0].series
    base.format.fill.background()
    base.format.line.fill.background()
    for series in seen:
        series.invert_if_negative = False
        for number, bar in enumerate(chart.bars):
            fill = series.points[number].format.fill
            fill.solid()
            fill.fore_color.rgb = RGBColor.from_string(COLORS[bar.role])
