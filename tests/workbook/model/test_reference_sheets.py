"""Cover, Deals, Instruments, Sites, History, Functions, Sources: what they say is in the book."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date

import openpyxl
import pytest

from addin.calc.recalculate import compare_with_engine
from tests.places import SHIPPED
from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.book.tables import table_of
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import coverage
from valuation_core.instruments import instruments_of
from valuation_core.sector import power_by_status
from workbook.audit.check import check
from workbook.cells import Ref
from workbook.model.build import build_model, plan_model
from workbook.model.excel import Term
from workbook.model.plan import Plan, Sheet
from workbook.model.sheets.facts.book_tables import plan_book_tables
from workbook.model.sheets.facts.history import plan_history
from workbook.model.sheets.facts.input_cells import AS_OF
from workbook.model.sheets.facts.input_sections import IDLE
from workbook.model.sheets.facts.instrument_keys import add_instrument_columns
from workbook.model.sheets.facts.instrument_uses import DILUTES
from workbook.model.sheets.facts.instruments import (
    FIELDS,
    FIRST_ROW,
    plan_instruments,
)
from workbook.model.sheets.facts.keys import plan_keys
from workbook.model.write import write
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

TABLES = ("deals", "instruments", "sites", "editions", "market")


@pytest.fixture(scope="module")
def plan():
    return plan_model(coverage(load_book()))


@pytest.fixture(scope="module")
def path(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    write(plan, path)
    return path


def sheet_of(plan, name):
    return next(sheet for sheet in plan.sheets if sheet.name == name)


def rows_of(sheet, first, last, columns):
    return [
        [getattr(sheet.cells.get((row, column)), "value", None) for column in range(1, columns + 1)]
        for row in range(first, last + 1)
    ]


def right_of(sheet, text, offset=1):
    """Give the cell right of the first one that holds a text."""
    row, column = min(at for at, cell in sheet.cells.items() if cell.value == text)
    return sheet.cells[row, column + offset]


def heading(sheet, title, after=0):
    return min(at for at, cell in sheet.cells.items() if cell.value == title and at[0] > after)


def own_folder(tmp_path, **changes):
    """Copy the shipped book; each change takes the lines of a table and gives its new ones."""
    folder = tmp_path / "facts"
    shutil.copytree(SHIPPED, folder)
    for table, change in changes.items():
        file = folder / f"{table}.csv"
        lines = change(file.read_text(encoding="utf-8").splitlines())
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


# --- Cover -------------------------------------------------------------------------------------


def test_the_contents_lead_to_every_other_sheet(path):
    book = openpyxl.load_workbook(path)
    linked = [cell for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink]
    others = [name for name in book.sheetnames if name != "Cover"]
    assert [cell.hyperlink.location for cell in linked] == [f"{name}!$A$1" for name in others]
    assert [cell.value for cell in linked] == others
    assert all(cell.offset(0, 1).value for cell in linked)  # each says what it holds


def test_the_cover_says_date_edition_miners_book_and_checks(plan, book):
    cover = sheet_of(plan, "Cover")
    assert right_of(cover, "As of").value == date(2025, 9, 26)
    edition = right_of(cover, "Newest edition")
    assert edition.value == "26 September 2025, JPM, as reported by press"
    assert right_of(cover, "Miners (5)").value == "RIOT, IREN, CLSK, CIFR, MARA"
    assert right_of(cover, "Book of facts").value == book.handle
    assert right_of(cover, "Book of facts").formula.endswith(
        '"functions are not available",Book),Book)'
    )
    checks = sheet_of(plan, "Checks")
    number = right_of(checks, "Number of checks").value
    assert cover.cells[3, 1].value == f"All {number:.0f} checks pass"
    assert [mark.style for mark in cover.highlights] == ["red", "amber"]


def test_a_link_inside_the_workbook_is_no_link_to_the_web(tmp_path):
    sheet = Sheet("First", (10,))
    sheet.put(1, 1, "there", link=Ref.top_of("Second"))
    sheet.put(2, 1, "web", link="https://example.org/a")
    other = Sheet("Second", (10,))
    other.put(1, 1, "text")
    write(Plan("Links", [sheet, other]), tmp_path / "links.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "links.xlsx")["First"]
    assert (cells["A1"].hyperlink.location, cells["A1"].hyperlink.target) == ("Second!$A$1", None)
    assert cells["A2"].hyperlink.target == "https://example.org/a"


# --- Deals -------------------------------------------------------------------------------------


def test_deal_metrics_are_computed_in_cells_beside_the_function(plan):
    deals = sheet_of(plan, "Deals")
    top = heading(deals, "in cells")[0]
    row = min(at[0] for at, cell in deals.cells.items() if cell.value == "CIFR" and at[0] > top)
    native = [deals.cells[row, column] for column in range(7, 19, 2)]
    values = [cell.value for cell in native]
    assert values[0] == pytest.approx(3000 / 10 / 168)
    assert values[1] == pytest.approx(3000 / 10 / 168 * 1e6 / 1000 / 12)  # 148.8 USD
    assert values[2] == pytest.approx(244 / 168)
    assert values[3:] == pytest.approx([240, 255, 1400 / 3000])
    assert not any("HPC_" in cell.formula for cell in native)
    beside = [deals.cells[row, column] for column in range(8, 20, 2)]
    assert [cell.value for cell in beside] == values
    first = [deals.cells[top + 1, column] for column in range(8, 20, 2)]
    # One call a metric spills down six deals and twelve lines to spare.
    for number, cell in enumerate(first):
        assert f"HPC_DEAL($B$35:$B$52,$C${26 + number},Book)" in cell.formula
        assert cell.spill == (18, 1)
    assert all(cell.formula is None for cell in beside if cell not in first)


def test_a_metric_a_deal_does_not_state_says_so_in_cells_and_through_the_function(plan):
    deals = sheet_of(plan, "Deals")
    top = heading(deals, "in cells")[0]
    # It states revenue, term and critical MW, no margin; below the deals are lines to spare.
    row = min(row for row, column in deals.cells if row > top and column == 2
              and deals.cells[row, column].value == "CORZ-coreweave-six-sites")  # fmt: skip
    shown = [deals.cells[row, column].value for column in range(7, 19)]
    assert shown[:4] == pytest.approx([8700 / 12 / 500] * 2 + [8700 / 12 / 500 * 1e6 / 12e3] * 2)
    assert shown[4:] == ["n/a"] * 8
    assert [deals.cells[top + 12, column].value for column in (1, 2, 7, 8)] == [""] * 4


# --- Instruments -------------------------------------------------------------------------------


def instruments_sheet(book, tickers):
    """Plan Instruments on the tables of a book, and the helper columns it reads."""
    _, tables = plan_book_tables(book)
    _, keys = plan_keys(tables, Term(AS_OF.there, book.as_of))
    add_instrument_columns(keys["instruments"])
    return plan_instruments(tickers, keys["instruments"])[0]


def list_of(sheet):
    """Give the lines of the list that show an instrument, by the names of their fields."""
    names = [field.name for field in FIELDS]
    below = heading(sheet, "By miner, with recourse to the company")[0]
    rows = rows_of(sheet, FIRST_ROW, below - 2, len(names))
    return [dict(zip(names, row, strict=True)) for row in rows if row[0]]


def book_with(rows):
    """Give a book of the shipped tables whose instruments are others."""
    tables = load_book().tables
    day = load_book().as_of
    return Book.at({**tables, "instruments": table_of("instruments", rows)}, day)


def test_what_an_instrument_is_said_to_do_is_what_the_dilution_does(book):
    listed = list_of(instruments_sheet(book, book.tickers))
    ids = {
        (row["ticker"], row["instrument"]): row["instrument_id"]
        for row in book.tables["instruments"].rows()
    }
    for ticker in book.tickers:
        said = [
            ids[ticker, line["instrument"]]
            for line in listed
            if line["ticker"] == ticker and line["use"] == DILUTES
        ]
        assert sorted(said) == sorted(instruments_of(book, ticker).names)


@pytest.mark.parametrize(
    ("change", "use", "reason"),
    [
        ({"recourse": "project"}, "left out", "inside the value per MW"),
        ({"shares_m": None}, "debt only", "No share count"),
        ({"principal_usd_m": None}, "not usable", "No principal"),
        ({"kind": "loan"}, "debt", "does not convert"),
        ({"kind": "warrant", "shares_m": None}, "not usable", "No share count"),
        ({"kind": "warrant", "strike_usd": None}, "not usable", "No strike"),
    ],
)
def test_an_instrument_that_does_not_dilute_says_why(book, change, use, reason):
    note = next(row for row in book.rows_of("instruments", "RIOT") if row["kind"] == "convertible")
    (plain,) = list_of(instruments_sheet(book_with([note]), ["RIOT"]))
    assert plain["use"] == DILUTES
    (changed,) = list_of(instruments_sheet(book_with([{**note, **change}]), ["RIOT"]))
    assert changed["use"] == use
    assert reason in changed["why"]


def test_a_note_converts_above_principal_over_shares_and_sums_are_by_miner(book):
    sheet = instruments_sheet(book, ["RIOT", "MARA"])
    column = heading(sheet, "Exercised above, USD")[1]
    assert sheet.cells[5, column].value == pytest.approx(594.4 / 39.98927048)
    top = heading(sheet, "Convertible notes, USD M")[0]
    totals = {row[0]: row[2:7] for row in rows_of(sheet, top + 2, top + 3, 7)}
    assert totals["RIOT"] == pytest.approx([594.4, 200, 0, 39.98927048, 0])
    assert totals["MARA"][0] == pytest.approx(1000 + 925 + 1025 + 48.08 + 300)
    galaxy = instruments_sheet(book, ["GLXY"])  # its one loan of 1,400 is the project's
    top = heading(galaxy, "Loans, USD M")[0]
    assert rows_of(galaxy, top + 2, top + 2, 7) == [["GLXY", None, 0.0, 0.0, 0.0, 0.0, 0.0]]


# --- Sites -------------------------------------------------------------------------------------


def sites_of(book, tickers):
    return sheet_of(plan_model(coverage(book, tickers)), "Sites")


def test_the_sums_of_all_sites_are_those_of_the_sector(book):
    sheet = sites_of(book, book.tickers)
    top = heading(sheet, "Sites without MW gross")[0]
    last = max(row for row, column in sheet.cells if sheet.cells[row, column].value == "All")
    shown = rows_of(sheet, last, last, 16)[0][5:]
    names = rows_of(sheet, top, top, 16)[0][5:]
    totals = dict(zip(names, shown, strict=True))
    sector = {status: mw for status, mw, *_ in power_by_status(book).rows}
    assert {status: totals[status] for status in sector} == pytest.approx(sector)
    assert totals["All"] == pytest.approx(sum(sector.values()))
    assert totals["Sites without MW gross"] == sum(row[3] for row in power_by_status(book).rows)


def test_the_mw_of_every_status_are_checked_against_all_mw_added(book):
    sheet = sites_of(book, ["RIOT"])
    label = "All of the statuses above"
    row = next(row for row, column in sheet.cells if sheet.cells[row, column].value == label)
    all_added = next(column for at, column in sheet.cells if sheet.cells[at, column].value == "All"
                     and column > 1)  # fmt: skip
    every, made = sheet.cells[row - 1, all_added], sheet.cells[row, all_added]
    assert sheet.cells[row, all_added + 1].formula.startswith("ROUND(")
    # 400 and 700 MW operating at RIOT, 600 secured at Corsicana; the buildings there are inside.
    assert every.value == made.value == 1700.0
    assert "IF" not in every.formula  # no SUMIFS: a status of "oper*" or ">5" is no pattern
    by_status = [
        cell.formula for cell in sheet.cells.values() if "SUMPRODUCT((" in (cell.formula or "")
    ]
    assert any("=F$" in text for text in by_status)


def test_a_detail_of_another_row_adds_nothing_and_ownership_applies(book):
    sheet = sites_of(book, ["CIFR", "IREN"])
    added = heading(sheet, "MW added")[1]
    by_site = {
        sheet.cells[row, 2].value: sheet.cells[row, added].value
        for row in range(5, 40)
        if (row, added) in sheet.cells and isinstance(sheet.cells[row, added].value, float)
    }
    assert by_site["Alborz (49%)"] == pytest.approx(40 * 0.49)
    assert by_site["Canal Flats"] == 0.0  # inside of British Columbia
    assert by_site["Sweetwater 1"] == 1400.0


# --- History -----------------------------------------------------------------------------------


def test_every_edition_of_the_miners_is_listed_with_upside_in_cells(book):
    sheet = plan_history(book, ["RIOT", "CIFR"], list(book.tables["editions"].rows()))
    top = heading(sheet, "Upside to target")
    published = [row for row in book.tables["editions"].rows() if row["ticker"] in ("RIOT", "CIFR")]
    listed = rows_of(sheet, top[0] + 1, top[0] + len(published), 2)
    assert Counter(map(tuple, listed)) == Counter(
        (row["edition_date"], row["ticker"]) for row in published
    )
    newest = sheet.cells[top[0] + 1, top[1]]
    assert newest.value == pytest.approx(19 / 16.74 - 1)
    assert newest.formula.startswith("IF(COUNT(")


def test_targets_and_ratings_stand_by_edition_and_miner(book):
    sheet = plan_history(book, ["RIOT", "IREN"], list(book.tables["editions"].rows()))
    assert rows_of(sheet, 5, 5, 3) == [["Edition", "RIOT", "IREN"]]
    top = heading(sheet, "Ratings")[0]
    targets = {row[0]: row[1:] for row in rows_of(sheet, 6, top - 2, 3)}
    assert targets[date(2025, 9, 26)] == [19.0, 24.0]
    assert targets[date(2024, 6, 4)] == ["-", 11.0]
    last = top + 1 + len(targets)
    ratings = {row[0]: row[1:] for row in rows_of(sheet, top + 2, last, 3)}
    assert ratings[date(2025, 9, 26)] == ["OW", "UW"]


# --- Functions ---------------------------------------------------------------------------------


def test_every_function_has_its_arguments_and_an_example_with_a_result(plan):
    sheet = sheet_of(plan, "Functions")
    starts = {
        cell.value.partition("(")[0]: row
        for (row, column), cell in sheet.cells.items()
        if column == 1 and cell.style == "section"
    }
    assert list(starts) == list(catalogue())
    for name, card in catalogue().items():
        row = starts[name]
        assert sheet.cells[row, 1].value == card.signature
        assert sheet.cells[row + 1, 1].value == card.summary
        for line, argument in enumerate(card.arguments, start=row + 3):
            assert sheet.cells[line, 1].value == argument.name
            assert sheet.cells[line, 4].value == argument.help
        gives = next(line for line in range(row, row + 40) if sheet.cells[line, 1].value == "Gives")
        example = sheet.cells[gives, 5]
        assert example.value not in (None, "n/a"), name
        expected = "Book" if name == "HPC_BOOK" else f"{name}("
        assert expected in example.formula, name
        assert "IFERROR" not in example.formula, name


def test_an_example_without_a_result_says_so_and_spoils_nothing(book):
    plan = plan_model(coverage(book, ["GREE"]))  # no hashrate, no probability
    sheet = sheet_of(plan, "Functions")
    shown = [cell for cell in sheet.cells.values() if cell.formula and "HPC_SOTP" in cell.formula]
    assert [(cell.value, cell.formula[:8]) for cell in shown] == [("n/a", "IFERROR(")]


# --- Sources -----------------------------------------------------------------------------------


def test_every_source_is_listed_once_with_what_rests_on_it(plan, book):
    sheet = sheet_of(plan, "Sources")
    top = heading(sheet, "Published by")[0]
    names = [cell.value for (row, column), cell in sheet.cells.items() if column == 2 and row > top]
    tickers = set(book.coverage)
    scopes = {"ALL", "NETWORK"} | tickers
    # Of facts of any date, and of what the analyst may state.
    rows = book.tables["inputs"].rows()
    expected = {"own fact"} | {row["source"] for row in rows if row["scope"] in scopes}
    for table in ("deals", "cases"):
        expected |= {row["source"] for row in book.tables[table].rows()}
    for table in ("instruments", "sites", "editions"):
        expected |= {row["source"] for row in book.tables[table].rows() if row["ticker"] in tickers}
    assert len(names) == len(set(names))
    assert set(names) == expected
    rests = {
        sheet.cells[row, 2].value: sheet.cells[row, 14].value
        for row in range(top + 1, top + 1 + len(names))
    }
    deal = next(row for row in book.tables["deals"].rows() if row["ticker"] == "CIFR")
    assert f"CIFR ({deal['deal_id']}" in rests[deal["source"]]


def test_counts_of_sources_add_up_by_sheet_and_by_confidence(plan, book):
    sheet = sheet_of(plan, "Sources")
    top = heading(sheet, "Published by")[0]
    titles = rows_of(sheet, top, top, 13)[0]
    totals = dict(zip(titles, rows_of(sheet, 4, 4, 13)[0], strict=True))
    of_miners = {
        table: sum(row["ticker"] in book.coverage for row in book.tables[table].rows())
        for table in ("instruments", "sites", "editions")
    }
    assert totals["Deals"] == len(book.tables["deals"])
    assert totals["Instruments"] == of_miners["instruments"]
    assert totals["Sites"] == of_miners["sites"]
    assert totals["History"] == of_miners["editions"]
    assert totals["Cases"] == len(book.tables["cases"])
    sheets = ("Inputs", "Deals", "Instruments", "Sites", "History", "Cases")
    assert totals["All"] == sum(totals[name] for name in sheets)
    levels = Counter(
        row["confidence"] for name in ("deals", "cases") for row in book.tables[name].rows()
    )
    for table in of_miners:
        rows = [row for row in book.tables[table].rows() if row["ticker"] in book.coverage]
        levels += Counter(row["confidence"] for row in rows)
    scopes = {"ALL", "NETWORK", *book.coverage}
    levels += Counter(
        f.confidence for f in book.facts.values() if f.scope in scopes and f.metric not in IDLE
    )
    items = ("old_rating", "new_rating", "old_target", "new_target", "ref_price", "day_move")
    for row in book.edition.values():  # published figures stand on Inputs, one a row
        levels[row["confidence"]] += sum(row[item] not in (None, "") for item in items)
    assert {level: totals[level] for level in ("high", "medium", "low")} == dict(levels)
    assert totals["own"] == 0


# --- any universe ------------------------------------------------------------------------------


def test_texts_that_start_with_an_equals_sign_stay_texts(tmp_path):
    def renamed(lines):
        return [line.replace("Barber Lake", "=1+1") for line in lines]

    folder = own_folder(tmp_path, deals=renamed, sites=renamed)
    build_model(coverage(load_book(folder=folder)), tmp_path / "model.xlsx")
    cells = read_cells(read_parts(tmp_path / "model.xlsx"))
    for name in ("AllDeals", "AllSites"):
        texts = [cell for cell in cells[name].values() if cell.value == "=1+1"]
        assert texts
        assert all(cell.formula is None for cell in texts)


@pytest.mark.engine
def problems(path):
    """What a check finds wrong; a figure that is missing for want of a fact is none."""
    return [one for one in check(path).found if one.kind.severity == "problem"]


@pytest.mark.long
@pytest.mark.engine
def test_a_folder_without_deals_instruments_sites_or_editions_builds_clean(tmp_path):
    folder = own_folder(tmp_path, **{table: lambda lines: lines[:1] for table in TABLES})
    target = tmp_path / "model.xlsx"
    build_model(coverage(load_book(folder=folder), ["RIOT", "IREN"]), target)
    assert problems(target) == []
    comparison = compare_with_engine(target, source=folder)
    assert (comparison.differences, comparison.errors) == ((), ())
    cells = read_cells(read_parts(target))
    assert cells["Deals"]["A4"].value == "Miner"  # lines to spare for what is typed later
    assert cells["Deals"]["A5"].value == ""


@pytest.mark.long
@pytest.mark.engine
def test_every_miner_of_the_book_in_one_model_builds_clean(tmp_path, book):
    target = tmp_path / "model.xlsx"
    build_model(coverage(book, book.tickers), target)
    assert problems(target) == []
    comparison = compare_with_engine(target)
    assert (comparison.differences, comparison.errors) == ((), ())
    assert comparison.compared > 10_000
