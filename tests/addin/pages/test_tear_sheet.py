"""The page on a name: every figure is the one that the commands give, in all four forms."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pytest
from openpyxl import load_workbook
from openxml_audit import OpenXmlValidator
from pptx import Presentation

from addin.pages import paper
from addin.pages.blocks import Bar, Chart, Note, Table
from addin.pages.layout import HEIGHT, WIDTH
from addin.pages.links import alternative_text, link_in
from addin.pages.sheets import DATA_AT, to_xlsx
from addin.pages.slides import to_pptx
from addin.pages.tear_sheet import TearSheet
from tests.addin.cli.test_cli_cases import given
from tests.addin.pages.conftest import LATER, NAMES
from tests.test_package_schema import findings
from valuation_core import load_book, with_own_facts


def ladder_of(ticker, case="reconstruction"):
    (rows,) = [
        rows
        for title, rows in given("ladder", ticker, "--as-of", LATER, "--case", case).items()
        if title.startswith("Ladder")
    ]
    return rows


@pytest.mark.parametrize("ticker", NAMES)
def test_the_figures_are_those_of_value(ticker, page_of):
    page = page_of(ticker)
    answer = given("value", ticker, "--as-of", LATER, "--case", "reconstruction")
    parts = answer[f"Sum of the parts of {ticker}, reconstruction"]
    shown = page.block("parts")
    nothing = shown.note.removeprefix("nothing: ").split(", ")
    assert [row for row in parts if row["part"] not in nothing] == [
        dict(zip(shown.rows[0], row, strict=True)) for row in shown.rows[1:]
    ]
    assert all(row["USD M"] == 0.0 for row in parts if row["part"] in nothing)
    targets = answer[f"Target of {ticker}"]
    headline = page.block("headline")
    for row, line in zip(targets, headline.rows[1:], strict=True):
        assert list(row.values()) == list(line)


def test_the_ladder_begins_at_plain_adds_up_and_ends_at_the_published_target(page_of):
    """12.56 + 2.75 + 0.14 + 3.15 + 1.73 = 20.33, less 3.33 17.00 for RIOT on 2025-11-24."""
    bars = page_of("RIOT").block("ladder").bars
    assert [bar.text for bar in bars] == [
        "12.56", "+2.75", "+0.14", "+3.15", "+1.73", "20.33", "-3.33", "17.00",
    ]  # fmt: skip
    steps = [bar for bar in bars[:-1] if bar.label != "reconstruction"]
    for before, bar in pairwise(steps):
        assert bar.start == before.end
    rows = [row for row in ladder_of("RIOT") if row["step"] != "own facts"]
    ends = [row["target so far, USD per share"] for row in rows]
    assert [bar.end for bar in (*steps, bars[-1])] == ends


def test_a_plain_page_shows_how_published_targets_are_explained(page_of):
    page = page_of("RIOT", case="plain")
    assert page.block("ladder").title == "From plain to reconstruction to published"
    assert page.block("field").bars[0].label == "plain to reconstruction"
    assert page.block("parts").title == "Sum of the parts, plain"


def test_what_the_edition_names_takes_probability_and_value_per_mw_out_of_the_field(page_of):
    field = page_of("IREN").block("field")
    assert [bar.label for bar in field.bars] == [
        "plain to reconstruction", "target, reconstruction", "published", "share price",
    ]  # fmt: skip
    assert field.note.startswith("the edition names 660 MW for IREN")
    assert page_of("IREN").block("pipeline").note.startswith("the target counts neither")


def test_a_bridge_that_cannot_be_says_why(page_of):
    bridge = page_of("RIOT", as_of="2025-09-26").block("bridge")
    assert isinstance(bridge, Note)
    assert bridge.lines == (
        "the edition before, of 2025-07-28, gives no target: RIOT: no cost_of_equity on or before "
        "2025-07-28",
    )


def test_own_facts_are_named_on_the_page(desk):
    book = with_own_facts(load_book(), [("RIOT", "price", 20.0)])
    page = TearSheet(desk, book, "riot").page()
    assert "plain + own" in page.subtitle
    assert page.subtitle.startswith("price 20.00 USD")
    assert book.handle in page.footer


def test_a_miner_without_facts_gets_a_page_of_reasons(desk):
    page = TearSheet(desk, load_book(), "BTBT").page()
    assert isinstance(page.block("parts"), Note)
    for key in ("parts", "ladder", "field", "bridge", "risks"):
        assert "BTBT" in page.block(key).lines[0]
    for write in (paper.to_png, lambda one: to_pptx([one]), lambda one: to_xlsx([one])):
        assert write(page)


@pytest.fixture(scope="module")
def deck(page_of):
    return Presentation(BytesIO(to_pptx([page_of(ticker) for ticker in NAMES])))


def shapes_of(slide):
    return {link_in(alternative_text(shape)).key: shape for shape in slide.shapes}


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_native_charts_and_tables_hold_the_figures(number, deck, page_of):
    page = page_of(NAMES[number])
    shapes = shapes_of(deck.slides[number])
    for block in page.blocks:
        shape = shapes[block.key]
        if isinstance(block, Chart):
            series = [list(one.values) for one in shape.chart.plots[0].series]
            for bar, (base, above, below) in zip(
                block.bars, zip(*series, strict=True), strict=True
            ):
                found = sorted((base + below, base + above))
                assert found == pytest.approx(sorted((bar.start, bar.end)), abs=1e-12)
        elif isinstance(block, Table):
            cells = [[cell.text.strip() for cell in row.cells] for row in shape.table.rows]
            assert cells == block.texts()
        else:
            assert shape.text_frame.text == "\n".join(block.lines)
    ends = [row["target so far, USD per share"] for row in ladder_of(page.ticker)]
    base, above, _ = (list(one.values) for one in shapes["ladder"].chart.plots[0].series)
    assert base[0] + above[0] == ends[0]
    assert base[-1] + above[-1] == ends[-1]


def test_bars_below_zero_are_drawn_below_it():
    """From 1 down to -2: 1 above and 2 below; from -5 up to -2: 3 below -2."""
    assert Bar("", 1.0, -2.0, "fall").parts == (0.0, 1.0, -2.0)
    assert Bar("", -5.0, -2.0, "rise").parts == (-2.0, 0.0, -3.0)


def test_the_slides_are_valid_by_the_schema(page_of, tmp_path):
    (tmp_path / "deck.pptx").write_bytes(to_pptx([page_of("RIOT")]))
    found = OpenXmlValidator(max_errors=0).validate(str(tmp_path / "deck.pptx")).errors
    assert [str(one) for one in found] == []


@pytest.fixture(scope="module")
def book_file(page_of, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "pages.xlsx"
    path.write_bytes(to_xlsx([page_of(ticker) for ticker in NAMES]))
    return path


def test_each_miner_has_a_sheet_that_excel_takes_whatever_its_ticker(page_of):
    """Excel, "Rename a worksheet": at most 31 letters, none of / \\ ? * : [ ], no ' at either end, and
    not History; no two names are told apart by case. The height of a row: 409 points at most."""
    tickers = "BRK/B", "brk-b", "'X'", "History", "A" * 40, "A" * 41, "[*]", "''"
    pages = [replace(page_of("RIOT"), ticker=ticker, footer="x " * 3_000) for ticker in tickers]
    book = load_workbook(BytesIO(to_xlsx(pages)))
    assert book.sheetnames == [
        *("BRK-B", "brk-b1", "X", "History-", "A" * 29, f"{'A' * 29}1", "---", "-"),
    ]
    for sheet in book:
        assert max(row.height or 0 for row in sheet.row_dimensions.values()) == 409
        assert all(sheet.title in str(chart.series[0].val.numRef.f) for chart in sheet._charts)


def test_the_workbook_holds_the_figures_as_numbers_a_sheet_a_name(book_file, page_of):
    book = load_workbook(book_file)
    assert tuple(book.sheetnames) == NAMES
    for ticker in NAMES:
        sheet, page = book[ticker], page_of(ticker)
        rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows(max_col=3)}
        (target,) = [row for row in page.block("parts").rows if row[0] == "target"]
        assert rows["target"][1:] == ["-", pytest.approx(target[2], rel=1e-15)]
        data = {
            row[0].value: (row[1].value, row[2].value)
            for row in sheet.iter_rows(min_col=DATA_AT, max_col=DATA_AT + 2)
        }
        for bar in page.block("risks").bars:
            assert data[bar.label] == pytest.approx((bar.start, bar.end), rel=1e-15)
        assert len(sheet._charts) == 4
    assert findings(book_file) == []


@pytest.mark.pdftoppm
def test_the_pdf_is_one_page_whose_text_can_be_searched(page_of, tmp_path):
    path = tmp_path / "pages.pdf"
    path.write_bytes(paper.to_pdf([page_of("RIOT")]))
    run = subprocess.run(
        [shutil.which("pdftotext"), "-layout", str(path), "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    (text, after) = run.stdout.split("\f")
    assert "Riot Platforms (RIOT)" in text
    assert "reconstruction OW 20.33" in text
    assert after == ""


def outside(page):
    """Give the texts that do not stand whole on the page."""
    figure = paper.drawn(page)
    figure.draw_without_rendering()
    (sheet,) = figure.axes
    width, height = WIDTH * figure.dpi, HEIGHT * figure.dpi
    found = []
    for text in sheet.texts:
        box = text.get_window_extent()
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
            found.append(text.get_text())
    return found


def test_everything_stands_on_the_page(page_of):
    assert outside(page_of("CIFR")) == []


@pytest.mark.long
@pytest.mark.parametrize("ticker", NAMES)
@pytest.mark.parametrize("as_of", ["2025-09-26", LATER])
def test_everything_stands_on_each_page(ticker, as_of, page_of):
    for case in ("plain", "reconstruction", "bull"):
        assert outside(page_of(ticker, as_of, case)) == []


@pytest.mark.long
def test_a_page_is_the_same_whenever_it_is_made(page_of):
    assert paper.to_pdf([page_of("RIOT")]) == paper.to_pdf([page_of("RIOT")])
