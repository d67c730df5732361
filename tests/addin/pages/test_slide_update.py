"""Slides brought up to date: each linked shape, wherever it was pasted, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO

import pytest
from pptx import Presentation
from pptx.util import Inches, Pt

from addin.pages.links import Link, alternative_text, link_in, set_alternative_text
from addin.pages.slide_update import updated
from addin.pages.slides import to_pptx
from tests.addin.pages.conftest import LATER
from valuation_core.errors import missing
from workbook.errors import WorkbookError

THEN = ("--as-of", "2025-09-26", "--case", "reconstruction")


@pytest.fixture
def deck(page_of):
    """RIOT on 2025-09-26, as an analyst has it open."""
    return Presentation(BytesIO(to_pptx([page_of("RIOT", "2025-09-26", options=THEN)])))


def saved(deck):
    stream = BytesIO()
    deck.save(stream)
    return stream.getvalue()


def shape_of(deck, key, slide=0):
    (found,) = [
        shape
        for shape in deck.slides[slide].shapes
        if (link := link_in(alternative_text(shape))) and link.key == key
    ]
    return found


def brought(deck, page):
    return updated(saved(deck), "note.pptx", lambda link: page)


def said(found):
    return [str(change) for change in found.changes]


def test_what_is_up_to_date_stays_as_it_is(deck, page_of):
    found = brought(deck, page_of("RIOT", "2025-09-26", options=THEN))
    assert (found.linked, found.changes) == (30, ())


def test_a_later_date_changes_figures_texts_and_the_address(deck, page_of):
    found = brought(deck, page_of("RIOT"))
    lines = said(found)
    assert "slide 1, RIOT/headline: target, USD, plain: 12.41 -> 12.56" in lines
    assert "slide 1, RIOT/ladder: plain: 12.41 -> 12.56" in lines
    assert "slide 1, RIOT/parts: hodl, USD M: 2,106.75 -> 1,658.68" in lines
    after = Presentation(BytesIO(found.content))
    assert shape_of(after, "headline").table.cell(1, 1).text == "12.56"
    assert link_in(alternative_text(shape_of(after, "headline"))).options[1] == LATER
    assert brought(after, page_of("RIOT")).changes == ()


def test_a_note_where_there_was_no_figure_becomes_a_chart(deck, page_of):
    found = brought(deck, page_of("RIOT"))
    after = Presentation(BytesIO(found.content))
    bars = page_of("RIOT").block("bridge").bars
    base, above, _ = (one.values for one in shape_of(after, "bridge").chart.plots[0].series)
    assert base[0] + above[0] == pytest.approx(bars[0].end) == pytest.approx(19.668221670)
    back = updated(
        found.content, "note.pptx", lambda link: page_of("RIOT", "2025-09-26", options=THEN)
    )
    again = Presentation(BytesIO(back.content))
    assert shape_of(again, "bridge").text_frame.text.startswith("the edition before, of 2025-07-28")


def test_what_the_analyst_made_of_it_stays(deck, page_of):
    slide = deck.slides[0]
    chart = shape_of(deck, "field")
    chart.left, chart.width = Inches(1), Inches(9)
    cell = shape_of(deck, "headline").table.cell(1, 1)
    cell.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
    own = slide.shapes.add_textbox(0, 0, Inches(3), Inches(1))
    own.text_frame.text = "We like the land."
    after = Presentation(BytesIO(brought(deck, page_of("RIOT")).content))
    moved = shape_of(after, "field")
    assert (moved.left, moved.width) == (Inches(1), Inches(9))
    run = shape_of(after, "headline").table.cell(1, 1).text_frame.paragraphs[0].runs[0]
    assert (run.text, run.font.size) == ("12.56", Pt(14))
    texts = [shape.text_frame.text for shape in after.slides[0].shapes if shape.has_text_frame]
    assert texts[-1] == "We like the land."


def test_a_shape_pasted_on_another_slide_and_into_a_group_keeps_its_address(deck, page_of):
    other = deck.slides.add_slide(deck.slide_layouts[6])
    table = shape_of(deck, "headline")
    other.shapes._spTree.append(deepcopy(table._element))
    group = other.shapes.add_group_shape()
    title = shape_of(deck, "title")
    copied = group.shapes.add_textbox(0, 0, Inches(3), Inches(1))
    copied.text_frame.text = "Riot"
    set_alternative_text(copied, alternative_text(title))
    found = brought(deck, page_of("RIOT"))
    assert "slide 2, RIOT/headline: target, USD, plain: 12.41 -> 12.56" in said(found)
    assert "slide 2, RIOT/title: Riot -> Riot Platforms (RIOT)" in said(found)


def test_rows_are_added_and_taken_off(deck, page_of):
    """IREN has two sites on 2025-11-24, RIOT one."""
    sites = len(page_of("RIOT", "2025-09-26", options=THEN).block("pipeline").rows)
    after = Presentation(BytesIO(brought(deck, page_of("IREN")).content))
    assert len(shape_of(after, "pipeline").table.rows) == sites + 1
    back = brought(after, page_of("RIOT", "2025-09-26", options=THEN))
    shown = shape_of(Presentation(BytesIO(back.content)), "pipeline").table
    assert [[cell.text.strip() for cell in row.cells] for row in shown.rows] == page_of(
        "RIOT", "2025-09-26", options=THEN
    ).block("pipeline").texts()


def test_a_page_that_cannot_be_made_leaves_its_shapes_and_says_why(deck):
    def page_of(link):
        raise missing("miner", "no facts", reason=f"no facts on {link.ticker}")

    found = updated(saved(deck), "note.pptx", page_of)
    assert all(change.failed for change in found.changes)
    assert said(found)[0] == "slide 1, RIOT/title: stays as it is: no facts on RIOT"
    assert (
        shape_of(Presentation(BytesIO(found.content)), "headline").table.cell(1, 1).text == "12.41"
    )


def test_an_address_of_something_unknown_is_told(deck, page_of):
    shape = shape_of(deck, "title")
    set_alternative_text(shape, Link("RIOT", "moon").beside("Moon"))
    (change,) = brought(deck, page_of("RIOT", "2025-09-26", options=THEN)).changes
    assert (str(change), change.failed) == (
        "slide 1, RIOT/moon: stays as it is: a page has no moon", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "A mine", "[hpcval RIOT/parts", "[hpcval 'RIOT/parts]", "[hpcval RIOT]", "[hpcval ] x"],
)
def test_other_alternative_texts_are_no_addresses(text):
    assert link_in(text) is None


def test_what_is_no_presentation_is_refused():
    with pytest.raises(WorkbookError, match=r"note\.pptx is no PowerPoint presentation"):
        updated(b"PK nothing", "note.pptx", lambda link: None)
