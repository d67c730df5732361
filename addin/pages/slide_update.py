"""Bring the slides of a presentation up to date: whatever shape bears an address of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile

from lxml.etree import XMLSyntaxError
from pptx import Presentation
from pptx.exc import PackageNotFoundError

from addin.pages.blocks import Chart, Note, Page, Table
from addin.pages.layout import Box
from addin.pages.links import Link, alternative_text, link_in, set_alternative_text
from addin.pages.slides import add_block, data_of, paint, texts_of
from valuation_core.errors import ValuationError
from workbook.errors import WorkbookError

EMU: Final = 914_400
"""Units of a slide in an inch."""

SIGNED: Final = "_xmlsignatures"


@dataclass(frozen=True, slots=True)
class Change:
    """What is another one on a slide, or why a shape stays as it is."""

    slide: int
    link: str
    text: str
    failed: bool = False

    def __str__(self) -> str:
        return f"slide {self.slide}, {self.link}: {self.text}"


@dataclass(frozen=True, slots=True)
class Updated:
    """A presentation brought up to date: its bytes, what changed, and how many shapes were read."""

    content: bytes
    changes: tuple[Change, ...]
    linked: int


def updated(content: bytes, name: str, page_of: Callable[[Link], Page]) -> Updated:
    """Bring every linked shape of a presentation up to date; nothing else is touched.

    Parameters
    ----------
    content : bytes
        The presentation.
    name : str
        What it is called.
    page_of : callable
        Makes the page that an address names; may raise `ValuationError`.

    Raises
    ------
    WorkbookError
        When it is no presentation, or is signed.
    """
    try:
        deck = Presentation(BytesIO(content))
    except (PackageNotFoundError, BadZipFile, XMLSyntaxError, KeyError, ValueError) as error:
        raise WorkbookError(f"{name} is no PowerPoint presentation: {error}") from None
    if any(str(part.partname).startswith(f"/{SIGNED}") for part in deck.part.package.iter_parts()):
        raise WorkbookError(f"{name} is signed: a change would break the signature")
    pages: dict[tuple[str, tuple[str, ...]], Page | ValuationError] = {}
    changes: list[Change] = []
    linked = 0
    for number, slide in enumerate(deck.slides, start=1):
        for shapes, shape, link in list(_linked(slide.shapes)):
            linked += 1
            key = (link.ticker, link.options)
            if key not in pages:
                pages[key] = _page(page_of, link)
            page = pages[key]
            changes += [
                Change(number, str(link), text, failed)
                for text, failed in _bring(shapes, shape, link, page)
            ]
    stream = BytesIO()
    deck.save(stream)
    return Updated(stream.getvalue(), tuple(changes), linked)


def _page(page_of: Callable[[Link], Page], link: Link) -> Page | ValuationError:
    try:
        return page_of(link)
    except ValuationError as error:
        return error


def _linked(shapes: Any) -> Iterator[tuple[Any, Any, Link]]:
    """Give the linked shapes, those in groups too, each with the shapes it stands among."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _linked(shape.shapes)
        elif link := link_in(alternative_text(shape)):
            yield shapes, shape, link


def _bring(
    shapes: Any, shape: Any, link: Link, page: Page | ValuationError
) -> Iterator[tuple[str, bool]]:
    """Bring one shape up to date; give what changed, or why it stays as it is."""
    if isinstance(page, ValuationError):
        yield f"stays as it is: {page.reason}", True
        return
    texts = texts_of(page).get(link.key)
    block = page.block(link.key)
    if isinstance(block, Table) and getattr(shape, "has_table", False):
        yield from _bring_table(shape, block)
    elif isinstance(block, Chart) and getattr(shape, "has_chart", False):
        yield from _bring_chart(shape, block)
    elif texts is not None and shape.has_text_frame:
        yield from _bring_text(shape.text_frame, texts)
    elif block is not None:
        yield from _redraw(shapes, shape, page, link)
        return
    else:
        yield f"stays as it is: a page has no {link.key}", True
        return
    described = alternative_text(shape).rpartition(" [hpcval ")[0]
    set_alternative_text(shape, Link(page.ticker, link.key, page.options).beside(described))


def _redraw(shapes: Any, shape: Any, page: Page, link: Link) -> Iterator[tuple[str, bool]]:
    """Put another kind of shape in the place of one: where there is no figure now, or one again."""
    block = page.block(link.key)
    if block is None or not hasattr(shapes, "add_table"):  # a group takes no table
        yield "stays as it is: it cannot be drawn anew here", True
        return
    place = Box(*(one / EMU for one in (shape.left, shape.top, shape.width, shape.height)))
    add_block(shapes, block, place, page)
    # It stands where the old one did, also before and behind others.
    shape._element.addprevious(shapes[-1]._element)
    shape._element.getparent().remove(shape._element)
    said = "; ".join(block.lines) if isinstance(block, Note) else block.title
    yield f"drawn anew: {said}", False


def _bring_text(frame: Any, lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Write lines in the looks that the paragraphs have."""
    before = [paragraph.text.strip() for paragraph in frame.paragraphs]
    if before == list(lines) or (before == [""] and not any(lines)):
        return
    paragraphs = list(frame.paragraphs)
    for paragraph in paragraphs[len(lines) :]:
        paragraph._p.getparent().remove(paragraph._p)
    for _ in range(len(lines) - len(paragraphs)):
        last = frame.paragraphs[-1]._p
        last.addnext(deepcopy(last))
    for paragraph, line in zip(frame.paragraphs, lines, strict=True):
        _set_text(paragraph, line)
    for number in range(max(len(before), len(lines))):
        old = before[number] if number < len(before) else ""
        new = lines[number] if number < len(lines) else ""
        if old != new:
            yield f"{old or '(nothing)'} -> {new or '(nothing)'}", False


def _set_text(paragraph: Any, text: str) -> None:
    first, *rest = list(paragraph.runs) or [paragraph.add_run()]
    for run in rest:
        run._r.getparent().remove(run._r)
    first.text = text or " "


def _bring_table(shape: Any, block: Table) -> Iterator[tuple[str, bool]]:
    """Write the cells of a table; rows are added and taken off as the figures have them."""
    texts = block.texts()
    table = shape.table
    before = [[cell.text_frame.text.strip() for cell in row.cells] for row in table.rows]
    if before == texts:
        return
    columns = len(texts[0])
    if len(table.columns) != columns:
        # Another case has another heading, never another number of columns.
        yield f"stays as it is: it has {len(table.columns)} columns, not {columns}", True
        return
    grid = table._tbl
    rows = list(grid.tr_lst)
    for row in rows[len(texts) :]:
        grid.remove(row)
    for _ in range(len(texts) - len(rows)):
        grid.tr_lst[-1].addnext(deepcopy(grid.tr_lst[-1]))
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            _set_text(table.cell(row, column).text_frame.paragraphs[0], text)
    yield from ((text, False) for text in _cells_changed(before, texts))


def _cells_changed(
    before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Say which figures are other ones, each by the names of its row and column."""
    if before[0] != after[0]:
        yield f"headings {', '.join(before[0][1:])} -> {', '.join(after[0][1:])}"
    old = {line[0]: line for line in before[1:]}
    new = {line[0]: line for line in after[1:]}
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"{name} is gone"
        elif name not in old:
            yield f"{name} is new: {', '.join(new[name][1:])}"
        else:
            for column in range(1, min(len(old[name]), len(new[name]))):
                if old[name][column] != new[name][column]:
                    where = f"{name}, {after[0][column]}"
                    yield f"{where}: {old[name][column]} -> {new[name][column]}"


def _bring_chart(shape: Any, block: Chart) -> Iterator[tuple[str, bool]]:
    """Give a chart its figures; what a person made of its looks stays, but the colours of bars."""
    made = shape.chart
    plot = made.plots[0]
    before = [str(name) for name in plot.categories]
    values = [tuple(series.values) for series in plot.series]
    data = data_of(block)
    after = block.names
    if before == after and values == [tuple(series.values) for series in data]:
        return
    made.replace_data(data)
    paint(made, block)
    old, new = ({_name(text): _figure(text) for text in texts} for texts in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"{name} is gone", False
        elif name not in old:
            yield f"{name} is new: {new[name]}", False
        elif old[name] != new[name]:
            yield f"{name}: {old[name]} -> {new[name]}", False


def _name(text: str) -> str:
    return " ".join(text.split("\n")[:-1]) if "\n" in text else text.rpartition("   ")[0]


def _figure(text: str) -> str:
    return text.split("\n")[-1] if "\n" in text else text.rpartition("   ")[2]
