"""A folder of CSV files is a book, or is refused with file, row and column."""

from __future__ import annotations

import csv
import gc
import shutil
import time

import pytest
from click.testing import CliRunner

from addin.cli import main
from tests.places import ROOT
from tests.valuation_core.book_files import (
    add_changes,
    change_row,
    copy_row,
    rows_of,
    write_rows,
)
from valuation_core import BookError, hpc, load_book
from valuation_core.book import read_tables
from valuation_core.book.schema import TABLES

HEADER = "scope,metric,value,unit,basis,as_of,known_on,source,confidence,note"
NOTE = "RIOT-0-75-convertible-2030"
DEAL = "CIFR-fluidstack-barber-lake"
GOOD = "RIOT,cash,255.4,USD M,,2025-06-30,,somewhere,high,"


def problems_of(folder):
    with pytest.raises(BookError) as caught:
        read_tables(folder)
    return [str(problem) for problem in caught.value.problems]


def problems_of_none(folder):
    """Whether a folder is read without a problem."""
    return bool(read_tables(folder))


def write_inputs(folder, *lines, header=HEADER, encoding="utf-8"):
    (folder / "inputs.csv").write_text("\n".join([header, *lines]) + "\n", encoding=encoding)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("RIOT,cash,abc,USD M,,2025-06-30,,x,high,", "row 2 column value: not a number: 'abc'"),
        ("RIOT,cash,nan,USD M,,2025-06-30,,x,high,", "row 2 column value: not a number: 'nan'"),
        ("RIOT,cash,1e999,USD M,,2025-06-30,,x,high,", "row 2 column value: too large: '1e999'"),
        (
            'RIOT,cash,"6,15",USD M,,2025-06-30,,x,high,',
            "row 2 column value: decimal or thousands comma",
        ),
        ("RIOT,cash,6,15,USD M,,2025-06-30,,x,high,", "row 2: has 11 cells, the header has 10"),
        ("RIOT,cash,1,EUR M,,2025-06-30,,x,high,", "row 2 column unit: unknown unit 'EUR M'"),
        ("RIOT,cash,1,MW,,2025-06-30,,x,high,", "row 2 column unit: cash is in USD M, got 'MW'"),
        ("RIOT,cahs,1,USD M,,2025-06-30,,x,high,", "unknown metric 'cahs'; did you mean cash?"),
        (
            "RIOTT,cash,1,USD M,,2025-06-30,,x,high,",
            "column scope: unknown ticker 'RIOTT'; did you mean RIOT?",
        ),
        ("RIOT,price,0,USD/share,,2025-06-30,,x,high,", "column value: must be above 0, got 0"),
        ("RIOT,cash,\uff14\uff12,USD M,,2025-06-30,,x,high,", "not a number"),
        ('RIOT,cash,"1,234,567",USD M,,2025-06-30,,x,high,', "decimal or thousands comma"),
        ("RIOT,cash,1,USD M,,2025-W39-1,,x,high,", "not a date as YYYY-MM-DD"),
        ("RIOT,cash,1,USD M,,30.06.2025,,x,high,", "row 2 column as_of: not a date as YYYY-MM-DD"),
        (
            "RIOT,cash,1,USD M,,2025-06-30,,x,sure,",
            "row 2 column confidence: must be one of high, medium, low",
        ),
        ("RIOT,cash,1,USD M,,2025-06-30,,,high,", "row 2 column source: is empty"),
        ("RIOT,cash,1,USD M,gross,2025-06-30,,x,high,", "row 2 column basis: cash has no MW basis"),
        (
            "RIOT,cloud_mw,1,MW,,2025-06-30,,x,high,",
            "column basis: cloud_mw needs a basis, gross or critical",
        ),
        (
            "RIOT,cloud_mw,-1,MW,gross,2025-06-30,,x,high,",
            "column value: must be 0 or more, got -1",
        ),
        (
            "RIOT,btc_price,1,USD,,2025-06-30,,x,high,",
            "btc_price is a fact of the network: use NETWORK",
        ),
        ("NETWORK,cash,1,USD M,,2025-06-30,,x,high,", "cash is a fact not of the network"),
        (
            "ALL,target_date,2026,date,,2025-06-30,,x,high,",
            "column value: not a date as YYYY-MM-DD: '2026'",
        ),
    ]
    + [
        (
            f"{scope},{metric},{value},{unit},,2025-06-30,,x,high,",
            "column value: must be between 0 and 1",
        )
        for scope, metric, unit in (
            ("RIOT", "hpc_probability", "fraction"),
            ("RIOT", "uptime", "fraction"),
            ("NETWORK", "fee_share", "fraction"),
            ("ALL", "signing_correlation", "fraction"),
            ("ALL", "lease_noi_margin", "fraction"),
            ("ALL", "lease_loan_to_cost", "fraction"),
            ("ALL", "gpu_utilisation", "fraction"),
            ("ALL", "gpu_opex_share", "fraction"),
        )
        for value in ("1.01", "-0.01")
    ],
)
def test_a_bad_row_of_inputs_is_refused_with_its_place(folder, line, problem):
    write_inputs(folder, line)
    found = problems_of(folder)
    assert len(found) == 1
    assert found[0].startswith("inputs.csv row 2")
    assert problem in found[0]


def test_rows_are_counted_as_a_spreadsheet_shows_them_blank_rows_included(folder):
    write_inputs(folder, GOOD, "", "IREN,cash,abc,USD M,,2025-06-30,,x,high,")
    assert problems_of(folder) == ["inputs.csv row 4 column value: not a number: 'abc'"]


def test_every_problem_is_listed_at_once(folder):
    write_inputs(
        folder, "RIOT,cash,abc,USD M,,2025-06-30,,x,high,", "RIOT,cash,1,USD M,,x,,x,high,"
    )
    (folder / "format.csv").write_text("format\n3\n")
    assert problems_of(folder) == [
        "format.csv row 2 column format: must be 2, got '3'",
        "inputs.csv row 3 column as_of: not a date as YYYY-MM-DD: 'x'",
        "inputs.csv row 2 column value: not a number: 'abc'",
    ]


@pytest.mark.parametrize(
    ("table", "column", "value", "problem"),
    [
        ("sites", "ownership", "1.5", "must be between 0 and 1, got 1.5"),
        ("sites", "mw_gross", "-1", "must be 0 or more, got -1"),
        ("sites", "part_of", "Nowhere", "no site 'Nowhere' of"),
        ("deals", "noi_margin_low", "80", "must be between 0 and 1, got 80"),
        ("deals", "kind", "lease", "must be one of colo, cloud, got 'lease'"),
        ("deals", "ticker", "RIOTT", "unknown ticker 'RIOTT'; did you mean RIOT?"),
        ("deals", "announced", "", "is empty"),
        ("instruments", "recourse", "none", "must be one of corporate, project"),
        ("instruments", "principal_usd_m", "1.000,5", "decimal or thousands comma"),
        ("editions", "new_rating", "BUY", "must be one of OW, N, UW"),
        ("market", "value", "1;2", "not a number"),
    ],
)
def test_a_bad_cell_of_any_table_is_refused_with_its_place(folder, table, column, value, problem):
    path = folder / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index(column)] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert any(
        found.startswith(f"{table}.csv row 2 column {column}: ") and problem in found
        for found in problems_of(folder)
    )


@pytest.mark.parametrize("table", TABLES)
def test_two_rows_about_one_thing_of_one_day_are_refused_in_every_table(folder, table):
    path = folder / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    (problem,) = problems_of(folder)
    key = TABLES[table].key[0]
    assert problem.startswith(f"{table}.csv row {len(lines) + 1} column {key}: duplicate of row 2")


@pytest.mark.parametrize("table", [name for name, schema in TABLES.items() if schema.dated])
def test_rows_about_one_thing_of_two_days_are_its_history(folder, table):
    header, rows = rows_of(folder, table)
    later = [*rows[0]]
    later[header.index("as_of")] = "2025-12-31"
    write_rows(folder, table, header, [*rows, later])
    assert len(read_tables(folder)[table]) == len(rows) + 1


def test_a_duplicate_is_one_however_late_it_was_known(folder):
    write_inputs(folder, GOOD, "RIOT,cash,260,USD M,,2025-06-30,2025-08-15,restated,high,")
    assert problems_of(folder) == [
        "inputs.csv row 3 column scope: duplicate of row 2: RIOT cash 2025-06-30"
    ]


@pytest.mark.parametrize(
    ("table", "key", "cells", "problem"),
    [
        ("sites", "Rockdale", {"site": "ROCKDALE"},
         "column site: 'ROCKDALE' is spelt 'Rockdale' in row"),
        ("deals", DEAL, {"deal_id": DEAL.upper()},
         f"column deal_id: '{DEAL.upper()}' is spelt '{DEAL}' in row"),
        ("deals", DEAL, {"ticker": "RIOT"}, f"column ticker: {DEAL} is of CIFR in row 7, got RIOT"),
        ("instruments", NOTE, {"ticker": "CIFR"}, f"column ticker: {NOTE} is of RIOT in row"),
    ],
)  # fmt: skip
def test_a_later_row_about_a_thing_bears_its_very_name_and_miner(
    folder, table, key, cells, problem
):
    row = copy_row(folder, table, key, as_of="2025-12-31", **cells)
    (found,) = problems_of(folder)
    assert found.startswith(f"{table}.csv row {row} {problem}")


FIRST = ROOT / "tests" / "format_1_book"


def test_a_folder_of_format_1_is_refused_with_the_command_that_converts_it(tmp_path):
    (problem,) = problems_of(FIRST)
    assert problem == (
        "format.csv row 2 column format: is 1, the first format: "
        f"convert the book with hpcval book upgrade {FIRST} NEW-FOLDER"
    )
    spaced = shutil.copytree(FIRST, tmp_path / "my facts")
    assert problems_of(spaced)[0].endswith(f'hpcval book upgrade "{spaced}" NEW-FOLDER')
    run = CliRunner().invoke(main, ["--book", str(FIRST), "call", "HPC_VALUE", "RIOT"])
    assert run.exit_code == 1
    assert "convert the book with hpcval book upgrade" in run.output


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (("x", "RIOT", "cash", "set", "1", "USD", ""), "unit", "cash is in USD M, got 'USD'"),
        (("x", "RIOT", "cahs", "set", "1", "USD M", ""), "metric", "did you mean cash?"),
        (("x", "RIOTT", "cash", "set", "1", "USD M", ""), "scope", "did you mean RIOT?"),
        (("x", "RIOT", "btc_price", "set", "1", "USD", ""), "scope", "use NETWORK, got 'RIOT'"),
        (("x", "NETWORK", "cash", "set", "1", "USD M", ""), "scope", "a fact not of the network"),
        (("x", "RIOT", "cash", "plus", "1", "USD M", ""), "change", "must be one of set, times"),
        (("x", "RIOT", "cash", "set", "", "USD M", ""), "value", "is empty"),
        (("x", "RIOT", "cash", "set", "much", "USD M", ""), "value", "not a number: 'much'"),
        (("x", "RIOT", "uptime", "set", "1.1", "fraction", ""), "value", "must be between 0 and 1"),
        (("x", "ALL", "target_date", "times", "2", "date", ""), "change", "is a date: set it"),
        (("x", "RIOT", "cloud_mw", "set", "5", "MW", ""), "basis", "needs a basis"),
        (("x", "ALL", "colo_value_mid", "set", "5", "USD M/MW", "gross"), "metric",
         "colo_value_mid is gone: state colo_value_position"),
        (("Plain", "RIOT", "cash", "set", "1", "USD M", ""), "case",
         "plain is the case without changes: give this one another name"),
        (("Bear", "RIOT", "cash", "set", "1", "USD M", ""), "case", "'Bear' is spelt 'bear' in row"),
        (("bear", "ALL", "hpc_probability", "set", "1", "fraction", ""), "case",
         "duplicate of row"),
    ],
)  # fmt: skip
def test_a_bad_change_of_a_case_is_refused_with_its_place(folder, row, column, problem):
    add_changes(folder, row)
    (found,) = problems_of(folder)
    assert found.startswith(f"cases.csv row 37 column {column}: ")
    assert problem in found


def test_a_factor_needs_no_basis(folder):
    add_changes(folder, ("x", "RIOT", "cloud_mw", "times", "2", "MW", ""))
    assert problems_of_none(folder)


def test_the_rating_of_another_broker_may_be_a_word_of_its_own(folder):
    row = change_row(folder, "editions", "JPM", new_rating="Strong Buy")
    (problem,) = problems_of(folder)
    assert problem.startswith(f"editions.csv row {row} column new_rating: must be one of OW, N, UW")
    change_row(folder, "editions", "JPM", broker="Another Bank")
    assert problems_of_none(folder)


def test_the_bank_is_the_bank_in_any_letter_case(folder):
    before = load_book(folder=folder).handle
    path = folder / "editions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",JPM,", ",jpm,"), encoding="utf-8")
    assert load_book(folder=folder).handle == before


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("NEW,New Miner,Cipher", "miners.csv row 20 column name: 'Cipher' already belongs to CIFR"),
        ("NEW,marathon,", "'marathon' already belongs to MARA"),
        ("ALL,Everyone,", "ALL is a reserved name"),
    ],
)
def test_a_name_belongs_to_one_miner(folder, line, problem):
    with (folder / "miners.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert any(problem in found for found in problems_of(folder))


def test_an_unknown_column_is_refused_with_the_nearest(folder):
    write_inputs(folder, header=HEADER.replace("known_on", "known_at"))
    assert problems_of(folder) == [
        "inputs.csv row 1 column known_at: unknown column; did you mean known_on?",
        "inputs.csv row 1 column known_on: column is missing",
    ]


def test_a_semicolon_file_is_recognised_and_refused(folder):
    write_inputs(folder, GOOD.replace(",", ";"), header=HEADER.replace(",", ";"))
    assert problems_of(folder) == [
        "inputs.csv row 1: is separated by semicolons: save it with commas"
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder):
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    before = load_book(folder=folder).handle
    (folder / "inputs.csv").write_bytes(("\ufeff" + text).replace("\n", "\r\n").encode())
    assert load_book(folder=folder).handle == before


def test_another_encoding_is_refused(folder):
    write_inputs(folder, GOOD + "é", encoding="latin-1")
    assert problems_of(folder)[0].startswith("inputs.csv: is not UTF-8 text")


@pytest.mark.parametrize("damage", ['"open', "a\0b"])
def test_a_damaged_file_is_refused(folder, damage):
    write_inputs(folder, GOOD + damage)
    assert len(problems_of(folder)) == 1


def test_an_empty_folder_is_not_a_book(tmp_path):
    assert "holds no CSV files" in problems_of(tmp_path)[0]
    assert "is not a folder" in problems_of(tmp_path / "nothing")[0]


def test_a_missing_or_empty_table_is_not_taken_for_no_facts(folder):
    (folder / "deals.csv").unlink()
    (folder / "sites.csv").write_text("")
    assert problems_of(folder) == [
        "deals.csv: is missing (an empty table needs its header row)",
        "sites.csv: is empty: the header row is missing",
    ]


def test_a_book_without_miners_or_format_is_refused(folder):
    (folder / "miners.csv").write_text("ticker,name,aliases\n")
    assert problems_of(folder) == ["miners.csv: holds no miner"]
    (folder / "format.csv").write_text("")
    assert problems_of(folder)[0] == "format.csv row 2 column format: must be 2, got 'nothing'"


def test_the_header_alone_is_an_empty_table(folder):
    header = (folder / "deals.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "deals.csv").write_text(header + "\n")
    assert len(load_book(folder=folder).tables["deals"]) == 0


def test_a_folder_with_a_miner_nobody_heard_of_works_in_place_of_the_shipped_one(
    folder, monkeypatch
):
    with (folder / "miners.csv").open("a", encoding="utf-8") as file:
        file.write("ZZZ,Zebra Compute,Zebra\n")
    with (folder / "inputs.csv").open("a", encoding="utf-8") as file:
        file.write("ZZZ,hpc_mw_shopped,100,MW,critical,2025-09-01,,a filing,high,\n")
        file.write("ZZZ,hpc_probability,0.25,fraction,,2025-09-01,,a filing,high,\n")
    expected = 0.25 * 130 * 6.15  # 100 critical MW are 130 gross
    assert hpc.value("zebra", book=load_book(folder=folder)) == pytest.approx(expected)
    run = CliRunner().invoke(main, ["--book", str(folder), "call", "HPC_VALUE", "ZZZ"])
    assert run.output.startswith('{"value": 199.875')
    show = CliRunner().invoke(main, ["--book", str(folder), "book", "show", "zzz"])
    assert "hpc_mw_shopped" in show.output
    assert "a filing" in show.output


def test_book_check_lists_each_problem_and_fails(folder):
    write_inputs(folder, "RIOT,cash,abc,USD M,,2025-06-30,,x,high,")
    run = CliRunner().invoke(main, ["book", "check", str(folder)])
    assert run.exit_code == 1
    assert "inputs.csv row 2 column value: not a number: 'abc'" in run.output


def test_book_check_of_the_shipped_book_passes_and_counts():
    run = CliRunner().invoke(main, ["book", "check"])
    assert run.exit_code == 0
    assert "231 inputs, 35 cases" in run.output
    assert "CIFR-public-warrants-cifrw has no share count, not usable for dilution" in run.output


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (("x", "WULF", "hpc_mw_named", "times", "2", "MW", ""),
         "cases: x: there is no WULF hpc_mw_named, so the change has no effect"),
        (("x", "ALL", "hpc_mw_named", "times", "2", "MW", ""), None),
    ],
)  # fmt: skip
def test_book_check_lists_a_change_without_effect(folder, change, note):
    add_changes(folder, change)
    run = CliRunner().invoke(main, ["book", "check", str(folder)])
    assert run.exit_code == 0
    found = [line for line in run.output.splitlines() if "no effect" in line]
    assert [line.removeprefix("note  ") for line in found] == ([note] if note else [])


def test_commas_that_excel_pads_every_row_with_are_blank_columns(folder):
    before = load_book(folder=folder).handle
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([*([*row, "", ""] for row in rows), [""] * 12])
    assert load_book(folder=folder).handle == before


def test_a_row_with_a_comma_too_many_is_no_padding(folder):
    write_inputs(folder, "RIOT,cash,6,15,USD M,,2025-06-30,,x,high", header=HEADER + ",")
    assert problems_of(folder)[0] == (
        "inputs.csv row 2: has 10 cells, the header has 11: "
        "put text or numbers that contain a comma in quotes, and use a decimal point"
    )


def test_the_line_that_tells_excel_the_separator_is_no_header(folder):
    before = load_book(folder=folder).handle
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    (folder / "inputs.csv").write_text("sep=,\n" + text, encoding="utf-8")
    assert load_book(folder=folder).handle == before
    write_inputs(folder, "RIOT,cash,abc,USD M,,2025-06-30,,x,high,", header="sep=,\n" + HEADER)
    assert problems_of(folder) == ["inputs.csv row 2 column value: not a number: 'abc'"]
    write_inputs(folder, GOOD.replace(",", ";"), header="sep=;\n" + HEADER.replace(",", ";"))
    assert problems_of(folder) == ["inputs.csv: says sep=;: save it with commas"]


def test_tabs_are_recognised_and_refused(folder):
    write_inputs(folder, GOOD.replace(",", "\t"), header=HEADER.replace(",", "\t"))
    assert problems_of(folder) == ["inputs.csv row 1: is separated by tabs: save it with commas"]


def test_names_of_files_and_columns_count_in_any_letter_case(folder):
    before = load_book(folder=folder).handle
    (folder / "inputs.csv").rename(folder / "INPUTS.CSV")
    text = (folder / "sites.csv").read_text(encoding="utf-8")
    (folder / "sites.csv").write_text(text.replace("ticker,site", "Ticker, SITE", 1))
    assert load_book(folder=folder).handle == before
    (folder / "Inputs.csv").write_text("x")
    assert problems_of(folder) == [
        "inputs.csv: is there twice, as INPUTS.CSV and Inputs.csv: keep one of them"
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "Source: the desk",
            "row 4: holds nothing but 'Source: the desk': fill the row, or take it away",
        ),
        (",,,,,,,,see,", "row 4: holds nothing but 'see': fill the row, or take it away"),
    ],
)
def test_a_remark_below_the_table_is_refused_with_its_place(folder, line, problem):
    write_inputs(folder, GOOD, "", line)
    assert problems_of(folder) == [f"inputs.csv {problem}"]


def test_a_column_without_a_heading_is_refused_once_where_it_holds_something(folder):
    others = (GOOD.replace("RIOT", ticker) for ticker in ("IREN", "CIFR"))
    write_inputs(folder, GOOD + ",", *(f"{row},why" for row in others), header=HEADER + ",")
    assert problems_of(folder) == [
        "inputs.csv row 3 column 11: 'why' stands in a column without a heading: "
        "give it one, or take it away"
    ]


def test_an_error_of_a_spreadsheet_is_called_an_error(folder):
    write_inputs(
        folder,
        "RIOT,cash,#N/A,USD M,,2025-06-30,,x,high,",
        "IREN,cash,1,USD M,,2025-06-30,,#REF!,high,#NV",
    )
    assert problems_of(folder) == [
        "inputs.csv row 2 column value: is the error #N/A: put the fact there",
        "inputs.csv row 3 column source: is the error #REF!: put the fact there",
        "inputs.csv row 3 column note: is the error #NV: put the fact there",
    ]


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x9b", "\u202e", "\uffff"])
def test_a_control_character_is_refused_with_its_place(folder, character):
    write_inputs(folder, f"{GOOD}a{character}[31m")
    (problem,) = problems_of(folder)
    assert problem == (
        "inputs.csv row 2 column note: "
        f"holds the control character U+{ord(character):04X}: take it out"
    )


def test_a_text_that_no_cell_could_hold_beside_another_is_refused_with_its_place(folder):
    write_inputs(folder, f"{GOOD}{'a' * 15_000}")
    assert load_book(folder=folder)
    write_inputs(folder, f"{GOOD}{'a' * 15_001}")
    (problem,) = problems_of(folder)
    assert problem.endswith("note: has 15,001 characters, more than 15,000: shorten it")


def test_a_name_that_no_formula_could_compare_is_refused_with_its_place(folder):
    write_inputs(folder, GOOD.replace("RIOT,", f"{'R' * 201},", 1))
    assert "inputs.csv row 2 column scope: has 201 characters, more than 200: shorten it" in (
        problems_of(folder)
    )


def test_a_folder_that_may_not_be_listed_is_not_called_empty(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "iterdir", refuse)
    assert problems_of(folder) == [f"{folder}: cannot be read: Permission denied"]


@pytest.mark.parametrize("table", TABLES)
def test_duplicates_cost_the_same_each_however_many_there_are(folder, table):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    line = text.splitlines()[1]

    def told(count):
        path.write_text(text + f"{line}\n" * count, encoding="utf-8")
        run = CliRunner().invoke(main, ["book", "check", str(folder)])
        assert run.output.count("duplicate of row 2") == count

    assert growth(told) < 30


def test_names_that_nobody_knows_cost_the_same_each_however_many_there_are(folder):
    def told(count):
        rows = (f"R{row},cash{row},1,USD M,,2025-06-30,,x,high," for row in range(count))
        write_inputs(folder, *rows)
        assert len(problems_of(folder)) == 2 * count

    assert growth(told) < 30


def growth(work, rows=2_000):
    """How many times the computing time grows where the rows grow tenfold.

    A reader that looks at each row once gives about 10, one that compares each with each 100;
    no clock of a machine enters.
    """
    seconds = []
    for count in (rows, 10 * rows):
        gc.collect()
        start = time.process_time()
        work(count)
        seconds.append(time.process_time() - start)
    return seconds[1] / seconds[0]
