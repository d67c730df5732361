"""A real spreadsheet engine opens attached workbooks: our figures agree, their pages are the same."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from addin.calc.engine import convert
from addin.calc.recalculate import compare_with_engine
from tests.workbook import analysts
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.audit.check import check
from workbook.freeze import freeze
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

XLSX = "xlsx:Calc MS Excel 2007 XML"
pytestmark = pytest.mark.engine


@pytest.mark.long  # beside sheets of the same names it is a quick test: test_names_taken
def test_every_figure_of_ours_is_what_the_engine_computes(tmp_path, ours):
    path = analysts.make("formats", tmp_path)
    attach(path, ours)
    comparison = compare_with_engine(path)
    assert comparison.compared > 1000
    assert comparison.differences == ()


@pytest.mark.long
def test_an_analysts_formula_over_our_cells_is_computed(tmp_path, ours):
    path = tmp_path / "model.xlsx"
    with analysts.xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Mine").write_formula("A1", "=RIOT_price*2+Inputs!C9*0", None, 33.48)
    attach(path, ours)
    price = 2 * 16.74
    assert read_cells(read_parts(convert(path, XLSX, tmp_path / "o")))["Mine"]["A1"].value == (
        pytest.approx(price)
    )
    assert compare_with_engine(path).differences == ()


def test_a_workbook_made_by_the_engine_itself_comes_back_to_the_byte(tmp_path, ours):
    made = convert(analysts.make("rich", tmp_path), XLSX, tmp_path / "made")
    path = shutil.copy(made, tmp_path / "office.xlsx")
    original, before = digest(path), entries(path)
    outcome = attach(path, ours)
    after = entries(path)
    assert {name for name in before if before[name] != after[name]} == set(outcome.changed)
    assert len(outcome.changed) <= 4
    assert detach(path).to_the_byte
    assert digest(path) == original


def test_our_check_finds_nothing_new_after_attach_freeze_and_detach(tmp_path, ours):
    path = analysts.make("rich", tmp_path)
    before = check(path)
    attach(path, ours)
    freeze(path, tmp_path / "share.xlsx")
    for file in (path, tmp_path / "share.xlsx"):
        # What HPC_COMPS lacks stands as a plain #N/A in the frozen copy.
        told = [one for one in check(file).found if one.kind.severity == "problem"]
        assert len([one for one in told if one.sheet != "Comps"]) == before.problems
    detach(path)
    assert check(path) == before


def pages(path, folder, count):
    """The first pages as pictures."""
    pdf = convert(path, "pdf:calc_pdf_Export", folder)
    subprocess.run(["pdftoppm", "-r", "60", "-l", str(count), pdf, folder / "page"], check=True)
    found = sorted(folder.glob("page-*.ppm"))
    return [page.read_bytes() for page in found]


@pytest.mark.pdftoppm
@pytest.mark.parametrize(
    "name",
    [
        "drawings",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("formats", "conditional")),
    ],
)
def test_their_pages_are_the_same_to_the_pixel(name, tmp_path, ours):
    path = analysts.make(name, tmp_path)
    with_ours = shutil.copy(path, tmp_path / "with.xlsx")
    attach(with_ours, ours, sheets=["Inputs"])
    before = pages(path, tmp_path / "before", 9)
    assert before
    assert pages(with_ours, tmp_path / "after", 9)[: len(before)] == before
