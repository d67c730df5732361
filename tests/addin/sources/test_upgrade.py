"""A book of format 1, converted: the same facts on every date, or a refusal and nothing written."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from datetime import date

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from addin.cli import main
from addin.sources import tables_from
from addin.sources.push import push
from addin.sources.upgrade import upgrade
from tests.addin.sources.test_sources import typed
from tests.places import ROOT
from tests.valuation_core.book_files import change_row, rows_of, write_rows
from valuation_core import ValuationError, load_book
from valuation_core.book.book import shipped_tables
from valuation_core.book.upgrade import NEUTRAL

FIRST = ROOT / "tests" / "format_1_book"
MID = "colo_value_mid"
POSITION = "colo_value_position"


@pytest.fixture
def first(tmp_path):
    """A copy of the former shipped book, of format 1, that a test may change."""
    return shutil.copytree(FIRST, tmp_path / "first")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "second"


def dictionaries(folder, table):
    header, rows = rows_of(folder, table)
    return [dict(zip(header, row, strict=True)) for row in rows]


def facts_of_format_1(folder, day):
    """The facts in force on a day by the rules of format 1, read from its file alone."""
    found = {}
    for row in dictionaries(folder, "inputs"):
        key = row["scope"], row["metric"]
        if (row["known_on"] or row["as_of"]) > day:
            continue
        if key not in found or row["as_of"] >= found[key]["as_of"]:
            found[key] = row
    return {key: row for key, row in found.items() if row["value"]}


def ids_of_format_1(folder, table, day):
    """The instruments or deals that count on a day by the rules of format 1."""
    begins, name = {
        "instruments": ("issue_date", "instrument_id"),
        "deals": ("announced", "deal_id"),
    }[table]
    return {
        row[name]
        for row in dictionaries(folder, table)
        if row[begins] <= day and not "0" < row.get("retired_on", "") <= day
    }


def refused(source, out):
    with pytest.raises(ValuationError) as caught:
        upgrade(str(source), out)
    assert not out.exists()
    assert [path for path in out.parent.iterdir() if path.name.startswith(".")] == []
    return str(caught.value)


@pytest.mark.parametrize(
    "day", ["2024-06-30", "2025-06-30", "2025-09-25", "2025-09-26", "2025-10-31", "2025-12-31"]
)
def test_the_facts_of_every_date_are_those_of_the_book_that_was_converted(out, day):
    upgrade(str(FIRST), out)
    book = load_book(day, out)
    expected = facts_of_format_1(FIRST, day)
    assert {key[1] for key in book.facts} - set(NEUTRAL) == {key[1] for key in expected} - {MID}
    for (scope, metric), row in expected.items():
        if metric == MID:
            continue
        fact = book.facts[scope, metric]
        value = fact.value.isoformat() if isinstance(fact.value, date) else fact.value
        assert value == (row["value"] if isinstance(value, str) else float(row["value"]))
        assert (fact.unit, fact.basis, fact.as_of.isoformat()) == (
            row["unit"], row["basis"], row["as_of"]
        )  # fmt: skip
        assert (fact.source, fact.confidence, fact.note) == (
            row["source"], row["confidence"], row["note"]
        )  # fmt: skip
    for table, name in (("instruments", "instrument_id"), ("deals", "deal_id")):
        ids = book.in_force[table].columns[name]
        assert set(ids) == ids_of_format_1(FIRST, table, day)
    sites = [row for row in dictionaries(FIRST, "sites") if row["as_of"] <= day]
    assert [row["site"] for row in book.in_force["sites"].rows()] == [row["site"] for row in sites]


def test_a_prepared_middle_of_the_range_is_its_place_in_the_range(out):
    done = upgrade(str(FIRST), out)
    fact = load_book("2025-09-26", out).fact("RIOT", POSITION)
    # 6.15 is halfway from 3.7 to 8.6
    assert (fact.value, fact.as_of, fact.source, fact.confidence) == (
        0.5, date(2025, 9, 26), "assumption", "low"
    )  # fmt: skip
    assert fact.note == (
        "colo_value_mid 6.15 in the range 3.7 to 8.6 in force on 2025-09-26. Midpoint of low and "
        "high: project assumption. Read at https://blockspace.media/insight/"
        "j-p-morgan-upgrades-riot-downgrades-iren-and-cleanspark"
    )
    assert done[0].startswith(f"inputs: ALL {POSITION} 0.5 of 2025-09-26: colo_value_mid 6.15")


def test_what_the_first_format_lacked_is_added_neutral_and_ours(out):
    done = upgrade(str(FIRST), out)
    expected = {"use_named": 1, "guided_hashrate_share": 0, "land_power_value": 0,
                "land_on_unlet": 0, "option_by_site": 0, "signed_by_lease": 0}  # fmt: skip
    book = load_book("2024-04-20", out)  # the oldest fact of the book is of this day
    for metric, value in expected.items():
        fact = book.fact("ALL", metric)
        assert (fact.value, fact.source, fact.confidence) == (value, "assumption", "low")
        assert f"inputs: ALL {metric} {value} of 2024-04-20 added, an assumption" in done
    probabilities = ("12m", "24m", "later", "pipeline")
    found = [book.fact("ALL", f"site_probability_{name}").value for name in probabilities]
    assert found == [0.35, 0.2, 0.1, 0.05]
    assert book.cases == load_book().cases
    with pytest.raises(ValuationError, match="no colo_value_position"):
        book.fact("ALL", POSITION)  # the range itself is of 2025-09-26


def test_a_book_without_a_middle_gets_halfway_and_one_with_its_own_parameter_keeps_it(first, out):
    header, rows = rows_of(first, "inputs")
    rows = [row for row in rows if row[1] != MID]
    own = ["ALL", "use_named", "0", "fraction", "", "2025-09-01", "", "the desk", "high", ""]
    write_rows(first, "inputs", header, [*rows, own])
    upgrade(str(first), out)
    book = load_book("2025-09-26", out)
    assert (book.fact("ALL", POSITION).value, book.fact("ALL", POSITION).source) == (
        0.5, "assumption"
    )  # fmt: skip
    assert (book.fact("ALL", "use_named").value, book.fact("ALL", "use_named").source) == (
        0, "the desk"
    )  # fmt: skip


def with_inputs(first, *rows):
    header, known = rows_of(first, "inputs")
    write_rows(first, "inputs", header, [*known, *([*row, "the desk", "high", ""] for row in rows)])


def test_the_value_per_mw_stays_what_it_was_when_the_range_moves_and_for_a_miner_of_its_own(
    first, out
):
    with_inputs(
        first,
        ("ALL", "colo_value_high", "10", "USD M/MW", "gross", "2025-10-10", "2025-10-12"),
        ("RIOT", MID, "4.925", "USD M/MW", "gross", "2025-10-01", ""),
    )
    upgrade(str(first), out)

    def worth(day, ticker):
        book = load_book(day, out)
        low, high, place = (
            book.number(ticker, name) for name in ("colo_value_low", "colo_value_high", POSITION)
        )
        return low + place * (high - low)

    for day in ("2025-09-30", "2025-10-01", "2025-10-11", "2025-10-12", "2025-12-31"):
        assert worth(day, "IREN") == pytest.approx(6.15, rel=1e-14)
        riot = 6.15 if day < "2025-10-01" else 4.925
        assert worth(day, "RIOT") == pytest.approx(riot, rel=1e-14)
    stated = load_book("2025-10-01", out).fact("RIOT", POSITION)
    # a quarter of the way from 3.7 to 8.6, as sure as the desk was of 4.925
    assert (stated.value, stated.source, stated.confidence) == (0.25, "the desk", "high")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"value": "9"}, "ALL colo_value_mid 9 of 2025-09-26 is outside of the range 3.7 to 8.6 in "
                         "force on 2025-09-26, so it has no colo_value_position"),
        ({"value": "3.6"}, "is outside of the range 3.7 to 8.6"),
        ({"basis": "critical"}, "is on another MW basis than the range 3.7 to 8.6"),
        ({"as_of": "2025-09-25"}, "there is no colo_value_low and colo_value_high on 2025-09-25"),
        ({"value": "much"}, "ALL colo_value_mid: not a number: 'much'"),
        ({"unit": "USD M"}, "ALL colo_value_mid: is in USD M/MW, got 'USD M'"),
        ({"as_of": "26.9.2025"}, "ALL colo_value_mid: not a date as YYYY-MM-DD: '26.9.2025'"),
        ({"scope": "RIOTT"}, "unknown ticker 'RIOTT'"),
    ],
)  # fmt: skip
def test_a_middle_without_a_place_in_its_range_is_refused_with_its_row(first, out, cells, reason):
    row = change_row(first, "inputs", MID, **cells)
    said = refused(first, out)
    assert said.startswith(f"inputs.csv row {row} column ")
    assert reason in said


def test_a_middle_left_behind_by_its_range_is_refused(first, out):
    with_inputs(
        first,
        ("ALL", "colo_value_low", "8", "USD M/MW", "gross", "2025-11-24", ""),
        ("ALL", "colo_value_high", "17", "USD M/MW", "gross", "2025-11-24", ""),
    )
    assert "ALL colo_value_mid 6.15 of 2025-09-26 is outside of the range 8 to 17 in force on " in (
        refused(first, out)
    )


def test_of_two_figures_of_one_day_the_last_one_is_kept_and_that_is_said(first, out):
    with_inputs(
        first,
        ("RIOT", "cash", "1", "USD M", "", "2025-06-30", ""),
        ("RIOT", "cash", "2", "USD M", "", "2025-06-30", "2025-08-10"),
    )
    done = upgrade(str(first), out)
    book = load_book("2025-09-26", out)
    assert (
        book.fact("RIOT", "cash").value
        == 2
        == float(facts_of_format_1(first, "2025-09-26")["RIOT", "cash"]["value"])
    )
    said = [sentence for sentence in done if "stated twice" in sentence]
    assert len(said) == 2
    assert said[1].endswith(
        "the last one is kept, 2, row 177 with 1 left out; "
        "before 2025-08-10 an earlier day's figure is in force"
    )


def test_a_deal_dated_after_its_announcement_counts_from_the_announcement_as_before(first, out):
    change_row(first, "deals", "CIFR-fluidstack-barber-lake", as_of="2025-10-20")
    done = upgrade(str(first), out)
    assert any(
        "CIFR-fluidstack-barber-lake is of 2025-10-20: known_on 2025-09-25" in one for one in done
    )
    for day in ("2025-09-24", "2025-09-25", "2025-10-20"):
        ids = load_book(day, out).in_force["deals"].columns["deal_id"]
        assert set(ids) == ids_of_format_1(first, "deals", day)


def test_what_is_wrong_in_the_book_is_said_with_its_row_and_nothing_is_written(first, out):
    row = change_row(first, "sites", "Rockdale", ownership="1.5")
    assert refused(first, out) == (
        f"sites.csv row {row} column ownership: must be between 0 and 1, got 1.5"
    )
    (first / "deals.csv").unlink()
    assert "deals.csv: is missing" in refused(first, out)


@pytest.mark.parametrize(
    ("version", "reason"),
    [("2", "is 2 already: there is nothing to convert"), ("3", "must be 1 to be converted, got 3")],
)
def test_a_book_of_another_format_is_refused_in_one_sentence(first, out, version, reason):
    (first / "format.csv").write_text(f"format\n{version}\n")
    assert refused(first, out) == f"format.csv row 2 column format: {reason}"


def test_a_folder_that_holds_something_is_not_written_into(out):
    out.mkdir()
    (out / "mine.txt").write_text("x")
    with pytest.raises(ValuationError, match="must be new or empty"):
        upgrade(str(FIRST), out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_an_empty_folder_and_one_below_folders_that_are_not_there_are_filled(out, tmp_path):
    out.mkdir()
    upgrade(str(FIRST), out)
    upgrade(str(FIRST), tmp_path / "a" / "b")
    assert load_book(folder=out) == load_book(folder=tmp_path / "a" / "b")


def test_nothing_is_left_where_writing_fails_half_way(out, monkeypatch):
    def fail(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("addin.sources.upgrade.read_tables", fail)
    assert "cannot be written: No space left on device" in refused(FIRST, out)


def test_the_command_says_what_it_did_and_the_result_passes_the_check(out):
    run = CliRunner().invoke(main, ["book", "upgrade", str(FIRST), str(out)])
    assert run.exit_code == 0, run.output
    assert run.output.splitlines()[-1] == f"Converted: {out}"
    check = CliRunner().invoke(main, ["book", "check", str(out)])
    assert check.exit_code == 0
    assert "valid: 185 inputs, 35 cases" in check.output  # 175, less one middle, and 11 parameters
    again = CliRunner().invoke(main, ["book", "upgrade", str(out), str(out.parent / "third")])
    assert again.exit_code == 1
    assert "is 2 already" in again.output


def excel_file(path):
    """The book of format 1 as a person would keep it in Excel."""
    book = Workbook()
    book.remove(book.active)
    for file in FIRST.glob("*.csv"):
        sheet = book.create_sheet(file.stem)
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.reader(lines):
                sheet.append([typed(cell) for cell in row])
    book.save(path)
    return str(path)


def database(path):
    """The book of format 1 as a push of the former version left it."""
    with sqlite3.connect(path) as connection:
        for file in FIRST.glob("*.csv"):
            header, rows = rows_of(FIRST, file.stem)
            columns = ", ".join(f'"{name}" TEXT NOT NULL' for name in header)
            connection.execute(
                f"CREATE TABLE {file.stem} (row_number INTEGER PRIMARY KEY, {columns}, "
                "row_content TEXT UNIQUE)"
            )
            names = ", ".join(f'"{name}"' for name in header)
            marks = ", ".join("?" * len(header))
            connection.executemany(
                f"INSERT INTO {file.stem} ({names}) VALUES ({marks})",  # noqa: S608
                rows,
            )
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize(("make", "name"), [(excel_file, "facts.xlsx"), (database, "facts.db")])
def test_an_excel_file_and_a_database_are_refused_with_the_command_and_converted_by_it(
    tmp_path, out, make, name
):
    source = make(tmp_path / name)
    with pytest.raises(ValuationError) as caught:
        tables_from(source)
    assert str(caught.value).endswith(
        f"is 1, the first format: convert the book with hpcval book upgrade {source} NEW-FOLDER"
    )
    upgrade(source, out)
    upgrade(str(FIRST), tmp_path / "from the folder")
    expected, found = (load_book(folder=one) for one in (tmp_path / "from the folder", out))
    assert found.handle == expected.handle


def test_a_push_to_a_database_of_format_1_is_refused_with_the_way_out_and_changes_nothing(tmp_path):
    url = database(tmp_path / "facts.db")
    before = (tmp_path / "facts.db").read_bytes()
    with pytest.raises(ValuationError) as caught:
        push(url, shipped_tables())
    assert str(caught.value) == (
        f"{url}: table format is 1, the first format: convert the book with hpcval book upgrade "
        f"{url} NEW-FOLDER, and push that folder to a new database"
    )
    assert (tmp_path / "facts.db").read_bytes() == before
