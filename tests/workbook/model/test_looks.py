"""How the model looks: tabs, named styles, the way back, print set-up, charts told in words."""

from __future__ import annotations

import subprocess
import zipfile
from collections import defaultdict
from dataclasses import replace

import openpyxl
import pytest
from lxml import etree
from openpyxl.chart import ScatterChart

from addin.calc.engine import SYSTEM_PATH, find_office
from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import figure, find, with_cells
from valuation_core import load_book
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.cells import ErrorValue
from workbook.model.build import build_model, plan_model
from workbook.model.print_setup import LEAST_SCALE
from workbook.model.sheets.front.football_chart import IMPLIED
from workbook.model.write import write
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells
from workbook.style import DATE_IF_ANY, LOOKS, NAMED, TABS

PAPERS = {"a4": ("9", 8.27, 11.69), "letter": ("1", 8.5, 11.0)}
"""The number that Excel gives a paper, its width and its height in inches."""
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@pytest.fixture(scope="module")
def on_paper(tmp_path_factory):
    """The plan of the shipped book, written for each paper: nothing else goes by the paper."""
    folder, plan = tmp_path_factory.mktemp("model"), plan_model(coverage(load_book()))
    for paper in PAPERS:
        write(replace(plan, paper=paper), folder / f"{paper}.xlsx")
    return {paper: folder / f"{paper}.xlsx" for paper in PAPERS}


@pytest.fixture(scope="module")
def model(on_paper):
    return on_paper["a4"]


@pytest.fixture(scope="module")
def opened(model):
    return openpyxl.load_workbook(model)


@pytest.fixture(scope="module")
def sheets(opened):
    return opened.worksheets


def inches(sheet, last):
    """How wide columns A to the last are printed in full size: 7 points a letter, 96 an inch."""
    letters = [openpyxl.utils.get_column_letter(number) for number in range(1, last + 1)]
    return sum((7 * sheet.column_dimensions[letter].width + 5) / 96 for letter in letters)


def test_a_tab_has_the_colour_of_its_kind(sheets):
    tabs = {sheet.title: sheet.sheet_properties.tabColor.rgb[2:] for sheet in sheets}
    assert set(tabs.values()) == set(TABS.values())
    for name, kind in (
        *(("Cover", "front"), ("Checks", "front"), ("Inputs", "facts"), ("AllDeals", "facts")),
        *(("SOTP", "valuation"), ("WhatIf", "what-if")),
    ):
        assert tabs[name] == TABS[kind]


def test_cells_carry_the_named_style_of_their_role_and_keep_their_look(opened):
    book = opened
    assert set(NAMED) <= set(book.named_styles)
    found = defaultdict(set)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.font.color is not None and cell.font.color.type == "rgb":
                    found[cell.style].add(cell.font.color.rgb[2:])
    for name, role in NAMED.items():
        assert LOOKS[role].color in found[name], name
    own = book["Inputs"]["E12"]
    assert (own.style, own.fill.fgColor.rgb[2:]) == ("HPC Own", LOOKS["own"].fill)
    target = book["Summary"]["K8"]  # a link to Targets, in bold
    assert (target.style, target.font.bold) == ("HPC Link", True)


def test_every_sheet_leads_back_to_the_cover_from_its_first_row_and_nothing_is_in_the_way(sheets):
    for sheet in sheets[1:]:
        linked = [cell for cell in sheet[1] if cell.hyperlink is not None]
        assert [cell.hyperlink.location for cell in linked] == ["Cover!$A$1"], sheet.title
        (cell,) = linked
        assert cell.value == "Cover"
        title = sheet["A1"].value
        if sheet.tables:
            # A free column keeps Excel from taking it for one more column of the table.
            assert sheet.cell(1, cell.column - 1).value is None
        else:
            # 16 points in bold are under 1.5 widths a letter: the title ends before it.
            before = [openpyxl.utils.get_column_letter(n) for n in range(1, cell.column)]
            room = sum(sheet.column_dimensions[letter].width for letter in before)
            assert room >= 1.5 * len(title) or cell.column > len(sheet.column_dimensions)


@pytest.mark.parametrize("paper", PAPERS)
def test_print_stays_legible_on_the_paper_asked_for(on_paper, opened, paper):
    several, (number, *inches_of) = set(), PAPERS[paper]
    book = opened if paper == "a4" else openpyxl.load_workbook(on_paper[paper])
    for sheet in book.worksheets:
        setup = sheet.page_setup
        assert str(setup.paperSize) == number
        last = openpyxl.utils.cell.range_boundaries(sheet.print_area.split("!")[1])[2]
        width = inches_of[setup.orientation == "landscape"]
        pages = setup.fitToWidth
        again = 0.0  # what stands at the left of every page
        if sheet.print_title_cols:
            again = inches(sheet, openpyxl.utils.cell.range_boundaries(sheet.print_title_cols)[2])
        scale = pages * (width - 1) / (inches(sheet, last) + (pages - 1) * again)
        assert scale >= LEAST_SCALE, (sheet.title, scale)
        assert setup.fitToHeight == (1 if sheet.title == "Cover" else 0), sheet.title
        assert sheet.oddFooter.right.text == "Page &P of &N"
        if setup.fitToWidth > 1:
            several.add(sheet.title)
    assert {"Inputs", "AllDeals"} <= several
    assert {"Summary", "SOTP", "Targets", "Checks"}.isdisjoint(several)


def test_the_steps_of_the_bisection_are_not_printed(sheets):
    lease = next(sheet for sheet in sheets if sheet.title == "Lease")
    steps = next(
        cell.row for cell in lease["A"] if str(cell.value).startswith("Bisection: each step")
    )
    assert lease.print_area.endswith(f"${steps - 1}")


def test_a_day_that_there_is_none_of_is_a_dash_and_not_the_first_of_all_days():
    """RIOT has no GPU cloud, so no day on which the MW of it were stated: the number there is 0."""
    plan = plan_model(coverage(load_book(), ["RIOT"]))
    cells = [cell for sheet in plan.sheets for cell in sheet.cells.values()]
    looks = {cell.number_format for cell in cells if cell.value == 0.0 and cell.formula}
    assert {one for one in looks if "yy" in one} == {DATE_IF_ANY}


def test_a_small_number_is_shown_with_its_decimals_where_the_book_has_whole_ones_alone(opened):
    """Land is worth 0 in every row of the book, 1.18 in the case bull: `#,##0` would show 1."""
    inputs, control = opened["Inputs"], opened["Control"]
    (row,) = (cell.row for cell in inputs["B"] if cell.value == "land_power_value")
    (driver,) = (cell.row for cell in control["A"] if cell.value == "Land and power, per MW")
    shown = [*inputs[f"C{row}:F{row}"][0], *control[f"C{driver}:F{driver}"][0]]
    assert {cell.number_format for cell in shown} == {"[<1000]General;#,##0"}


def test_the_swing_of_a_driver_that_the_miner_has_not_shows_no_figure(opened):
    sheet = opened["WhatIf"]
    headings = [cell for row in sheet.iter_rows() for cell in row if cell.value == "swing"]
    for heading in headings:
        below = sheet.cell(heading.row + 1, heading.column)
        above_0, below_0, at_0 = below.number_format.split(";")
        assert (above_0, below_0, at_0) == ("0.00_)", '"n/a"_)', '"-"_)')
    assert len(headings) == 2


def test_no_column_is_wider_than_a_screen_needs(sheets):
    for sheet in sheets:
        assert max(one.width for one in sheet.column_dimensions.values()) <= 60, sheet.title


def test_every_chart_says_in_words_what_it_shows(model):
    told = []
    with zipfile.ZipFile(model) as archive:
        for name in archive.namelist():
            if name.startswith("xl/drawings/drawing"):
                root = etree.fromstring(archive.read(name))
                told += [
                    next(frame.iter(f"{DRAWING}cNvPr")).get("descr")
                    for frame in root.iter(f"{DRAWING}graphicFrame")
                ]
    assert len(told) == 8
    assert sum(words.startswith("EV per MW") for words in told) == 2
    assert any("Columns of Published target, Model" in words for words in told)
    field = next(words for words in told if words.startswith("Football field"))
    assert "Upright lines: Share price, Target, model" in field
    bars = next(words for words in told if words.startswith("Distribution of the target"))
    assert "Columns: No contract is signed, A contract is signed. Upright lines: Share" in bars
    bridge = next(words for words in told if words.startswith("Bridge of the target"))
    assert "Horizontal bars of rise, fall, target; USD per share" in bridge


def test_the_football_field_has_a_bar_a_method_and_upright_lines(model, opened):
    (field,) = (chart for chart in opened["Summary"]._charts if isinstance(chart, ScatterChart))
    sheet = openpyxl.load_workbook(model, data_only=True)["Summary"]

    def ends(reference):
        (row,) = sheet[reference.numRef.f.split("!")[1].replace("$", "")]
        return [cell.value for cell in row]

    drawn = {one.tx.v: (ends(one.xVal), ends(one.yVal)) for one in field.series}
    across, up = drawn["Value per MW, low to high"]
    # RIOT at 3.7 and 8.6 a MW: the higher end is further right, both are at one height.
    assert across[0] < drawn["Target, model"][0][0] < across[1]
    assert up[0] == up[1]
    assert drawn["Share price"] == ([16.74, 16.74], [0, 7])
    assert drawn["Published target"] == ([19, 19], [3, 3])
    heights = [up[0] for _, up in drawn.values()]
    assert heights[:6] == [6, 5, 4, 3, 2, 1]
    plain, cases = drawn["Plain target"][0], drawn["All cases"][0]
    assert cases[0] < plain[0] == plain[1] < cases[1]
    targets = [target("RIOT", book=load_book(case=case)) for case in ("bear", "bull")]
    assert cases == pytest.approx(targets, 1e-9), "no case is below bear or above bull"
    bare = target("RIOT", prob=0)  # no roll-forward as shipped: a target is the value of today
    assert drawn[IMPLIED][0] == pytest.approx([bare, 16.74], 1e-9)


@pytest.mark.long
@pytest.mark.engine
def test_another_miner_chosen_moves_the_football_field_and_what_is_missing_is_not_drawn(
    model, tmp_path
):
    stored = read_cells(read_parts(model))
    place = find(stored, "Summary", "Miner of the football field (choose)", offset=2)
    chosen, none = recalculated_each(
        [
            with_cells(model, tmp_path / f"{number}.xlsx", {"Summary": {place: name}})
            for number, name in enumerate(("CLSK", "C*"))
        ]
    )
    rows = {
        cell.value: address[1:] for address, cell in chosen["Summary"].items() if address[0] == "A"
    }

    def row(label, cells=chosen):
        return [cells["Summary"][f"{column}{rows[label]}"].value for column in "CDGH"]

    price = figure(chosen, "Targets", "Share price", "CLSK")
    assert row("Share price") == [price, price, 0, 7]
    assert row("Published target") == [14, 14, 3, 3]
    assert row("Share price", none) == [ErrorValue("#N/A")] * 4


@pytest.mark.engine
def test_libreoffice_prints_every_sheet_where_the_functions_are_not_available(tmp_path):
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(case="reconstruction")), path)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    arguments = ["--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run(
        [str(find_office()), profile, *arguments, str(path)],
        env={"PATH": SYSTEM_PATH, "HOME": str(tmp_path)},
        check=False,
        capture_output=True,
        timeout=240,
    )
    assert (tmp_path / "model.pdf").read_bytes().startswith(b"%PDF")
