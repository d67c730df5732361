"""export, tearsheet and slides on the command line."""

from __future__ import annotations

import csv
import re
import sys
from datetime import date
from io import StringIO

import pytest
from openpyxl import load_workbook
from pptx import Presentation

from addin.pages.blocks import Table
from addin.pages.exports import to_csv
from addin.pages.links import Link, alternative_text, link_in
from addin.pages.sheets import tables_to_xlsx
from tests.addin.cli.test_cli_cases import given, hpcval
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from workbook.model.build import build_model


def rows_of(*arguments):
    run = hpcval("export", *arguments)
    assert run.exit_code == 0, run.output
    return list(csv.DictReader(StringIO(run.output)))


def test_rank_as_csv_is_rank_with_units_case_and_date():
    rows = rows_of("rank", "--case", "reconstruction")
    (told, *_) = given("rank", "--case", "reconstruction").values()
    assert [row["ticker"] for row in rows] == [row["ticker"] for row in told]
    assert [float(row["target, USD/share"]) for row in rows] == [row["target"] for row in told]
    assert [float(row["upside, fraction"]) for row in rows] == [row["upside"] for row in told]
    assert {(row["case"], row["as of"]) for row in rows} == {("reconstruction", "2025-09-26")}


def test_the_parts_of_the_whole_coverage_stand_below_each_other():
    rows = rows_of("value")
    assert list(dict.fromkeys(row["miner"] for row in rows)) == list(load_book().coverage)
    (option,) = [row for row in rows if (row["miner"], row["part"]) == ("RIOT", "option")]
    assert float(option["USD M"]) == 1845.0


def test_where_rows_differ_in_unit_a_column_tells_it():
    rows = {row["item"]: row for row in rows_of("targets", "riot")}
    assert float(rows["upside at the price in use"]["published"]) == pytest.approx(19 / 16.74 - 1)
    units = {name: row["measured in"] for name, row in rows.items()}
    assert units["target, USD"] == "USD/share"
    assert units["residual, fraction of published"] == "fraction"
    assert units["rating"] == ""


def test_what_is_not_there_is_an_error_with_its_reason():
    rows = {row["site"]: row for row in rows_of("pipeline", "CLSK")}
    assert rows["company rule"]["USD M"] == "#N/A"
    assert rows["company rule"]["n/a because"] == "CLSK: no hpc_probability on or before 2025-09-26"


def test_comparables_are_told_in_their_own_units():
    (riot,) = [row for row in rows_of("comps") if row["ticker"] == "RIOT"]
    assert float(riot["price / value, times"]) == pytest.approx(16.74 / 12.405968030560205)
    assert float(riot["EV per approved gross MW, USD M/MW"]) == pytest.approx(4.0, abs=0.005)


def test_markdown_and_html_are_rounded_and_bear_what_is_to_be_said():
    shown = hpcval("export", "ladder", "RIOT", "--format", "md", "--case", "reconstruction").output
    assert "| colo\\_value\\_position set to 1 | 1.99 | 14.39 | RIOT |" in shown
    assert "RIOT: price 16.74 USD of 2025-09-26" in shown
    page = hpcval("export", "rank", "--format", "html").output
    assert page.startswith("<!DOCTYPE html>")
    assert re.search(r"<td [^>]*>-25\.9%</td>", page)


def test_excel_gets_numbers_dates_and_formats(tmp_path):
    out = tmp_path / "rank.xlsx"
    run = hpcval("export", "rank", "--out", out)
    assert run.output == f"{out}: rank, plain, facts as of 2025-09-26, 5 rows\n"
    (sheet,) = load_workbook(out).worksheets
    names = [cell.value for cell in sheet[3]]
    first = dict(zip(names, sheet[4], strict=True))
    assert first["target, USD/share"].value == pytest.approx(12.527, abs=0.001)
    assert first["upside, percent"].number_format == "0.0%"
    assert first["as of"].value.date() == date(2025, 9, 26)


def test_a_text_that_excel_would_run_stays_text(tmp_path):
    book = tmp_path / "book"
    table = Table("sites", "sites", [["site", "USD M"], ["=HYPERLINK(1)", 1.0]])
    assert b"'=HYPERLINK(1)" in to_csv("", table, [])
    book.write_bytes(tables_to_xlsx("sites", table, []))
    with book.open("rb") as file:
        cell = load_workbook(file).worksheets[0]["A4"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("export", "rank", "RIOT"), "rank is of the whole coverage: it takes no MINERS"),
        (("export", "value", "--out", "x.doc"), "must end in .csv, .md, .html or .xlsx"),
        (("export", "value", "--out", "x.md", "--format", "md"), "give either --out or --format"),
        (("tearsheet", "RIOT", "--out", "x.doc"), "must end in .pdf, .png, .pptx or .xlsx"),
        (("tearsheet", "--out", "x.pdf"), "name one or more MINERS, or give --all"),
        (
            ("tearsheet", "RIOT", "--all", "--out", "x.pdf"),
            "name one or more MINERS, or give --all",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments, reason):
    run = hpcval(*arguments)
    assert run.exit_code
    assert reason in run.output


def test_a_file_that_is_there_is_replaced_only_with_force(tmp_path):
    out = tmp_path / "riot.xlsx"
    assert hpcval("tearsheet", "RIOT", "--out", out).exit_code == 0
    run = hpcval("tearsheet", "RIOT", "--out", out)
    assert "is already there: give --force" in run.output
    assert hpcval("tearsheet", "RIOT", "--out", out, "--force").output == f"{out}: RIOT\n"


def test_pictures_of_several_names_are_a_file_each(tmp_path, monkeypatch):
    monkeypatch.setattr("addin.pages.paper.to_png", lambda page: page.ticker.encode())
    run = hpcval("tearsheet", "RIOT", "marathon", "--out", tmp_path / "page.png")
    assert run.exit_code == 0, run.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page-MARA.png", "page-RIOT.png"]


@pytest.mark.parametrize("kind", ["pdf", "png", "pptx"])
def test_without_the_extra_packages_it_is_said_how_to_get_them(kind, monkeypatch, tmp_path):
    for name in ("addin.pages.paper", "addin.pages.slides"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "pptx", None)
    run = hpcval("tearsheet", "RIOT", "--out", tmp_path / f"riot.{kind}")
    assert run.exit_code == 1
    assert 'pip install "hpc-valuation[pages]"' in run.output


@pytest.fixture
def deck(tmp_path):
    path = tmp_path / "note.pptx"
    options = ("--case", "reconstruction", "--from", "plain", "--set", "RIOT.btc_held=19000")
    run = hpcval("tearsheet", "RIOT", *options, "--out", path)
    assert run.exit_code == 0, run.output
    return path


def test_slides_say_what_differs_and_write_it_only_when_told(deck):
    """19,000 and 10,000 coins at 109,107 USD are 2,073.03 and 1,091.07 USD M."""
    before = deck.read_bytes()
    run = hpcval("slides", deck)
    assert (run.exit_code, run.output) == (0, f"{deck}: 30 linked shapes, 0 changes\n")
    run = hpcval("slides", deck, "--set", "RIOT.btc_held=10000")
    assert run.exit_code == 1
    assert "RIOT/parts: hodl, USD M: 2,073.03 -> 1,091.07\n" in run.output
    assert run.output.endswith("nothing written: give --update\n")
    assert deck.read_bytes() == before
    run = hpcval("slides", deck, "--set", "RIOT.btc_held=10000", "--update")
    assert run.exit_code == 0
    kept = deck.with_name("note.before-update.pptx")
    assert run.output.endswith(f"as it was: {kept}\n")
    assert kept.read_bytes() == before
    run = hpcval("slides", deck)
    assert (run.exit_code, run.output) == (0, f"{deck}: 30 linked shapes, 0 changes\n")


def test_the_address_bears_what_was_typed(deck):
    (slide,) = Presentation(deck).slides
    (link, *_) = [one for shape in slide.shapes if (one := link_in(alternative_text(shape)))]
    assert link.options == (
        "--case", "reconstruction", "--set", "RIOT.btc_held=19000", "--from", "plain",
    )  # fmt: skip


def test_a_presentation_without_addresses_is_told_so(tmp_path):
    path = tmp_path / "other.pptx"
    Presentation().save(path)
    run = hpcval("slides", path, "--update")
    assert run.exit_code == 1
    assert "holds nothing of ours" in run.output


def test_an_unknown_case_in_an_address_is_told_and_nothing_is_written(deck):
    before = deck.read_bytes()
    run = hpcval("slides", deck, "--case", "moon", "--update")
    assert run.exit_code == 1
    assert "stays as it is" in run.output
    assert "moon" in run.output
    assert deck.read_bytes() == before


def test_the_bridge_may_begin_at_the_last_snapshot_and_the_slide_bears_its_date(
    tmp_path, monkeypatch
):
    handle = load_book("2025-09-26").handle
    monkeypatch.setattr("addin.closed.last_snapshot.last_snapshot", lambda path, ticker: handle)
    path = tmp_path / "note.pptx"
    options = ("--as-of", "2025-11-24", "--from", tmp_path / "model.xlsx")
    assert hpcval("tearsheet", "RIOT", *options, "--out", path).exit_code == 0
    (slide,) = Presentation(path).slides
    links = {
        link.key: shape for shape in slide.shapes if (link := link_in(alternative_text(shape)))
    }
    title = links["bridge.title"]
    assert title.text_frame.text == "Target of 2025-09-26 to 2025-11-24, plain"
    assert "--from 2025-09-26]" in alternative_text(title)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of one name, in which an analyst typed 19,000 coins over those of the book."""
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    book = with_own_facts(load_book(case="reconstruction"), [("RIOT", "btc_held", 19000.0)])
    build_model(coverage(book, ["RIOT"]), path)
    return path


@pytest.mark.long
def test_a_model_workbook_gives_its_own_values_to_the_page_and_the_slides(model, tmp_path):
    """19,000 coins at 109,107 USD are 2,073.03 USD M."""
    path = tmp_path / "note.pptx"
    assert hpcval("tearsheet", "RIOT", "--model", model, "--out", path).exit_code == 0
    shapes = {
        link_in(alternative_text(shape)): shape for shape in Presentation(path).slides[0].shapes
    }
    parts = shapes[Link("RIOT", "parts", ("--model", "model.xlsx"))].table
    assert [cell.text for cell in parts.rows[2].cells][:2] == ["hodl", "2,073.03"]
    run = hpcval("slides", path, "--model", model)
    assert (run.exit_code, run.output) == (0, f"{path}: 30 linked shapes, 0 changes\n")
    run = hpcval("slides", path, "--update")
    assert run.exit_code == 1
    assert "stays as it is: it was made from model.xlsx: give --model" in run.output
    run = hpcval("slides", path, "--model", model, "--case", "base")
    assert "--model has date, case and own values: give no --case" in run.output
