"""A folder of CSV files is a book, or is refused with file, row and column."""

from __future__ import annotations

import csv
import time

import pytest
from click.testing import CliRunner

from addin.cli import main
from valuation_core import BookError, hpc, load_book
from valuation_core.book import read_tables
from valuation_core.book.schema import TABLES

HEADER = "scope,metric,value,unit,basis,as_of,known_on,source,confidence,note"
GOOD = "RIOT,cash,255.4,USD M,,2025-06-30,,somewhere,high,"


def problems_of(folder):
    with pytest.raises(BookError) as caught:
        read_tables(folder)
    return [str(problem) for problem in caught.value.problems]


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
    write_inputs(folder, GOOD, "", "RIOT,cash,abc,USD M,,2025-06-30,,x,high,")
    assert problems_of(folder) == ["inputs.csv row 4 column value: not a number: 'abc'"]


def test_every_problem_is_listed_at_once(folder):
    write_inputs(
        folder, "RIOT,cash,abc,USD M,,2025-06-30,,x,high,", "RIOT,cash,1,USD M,,x,,x,high,"
    )
    (folder / "format.csv").write_text("format\n2\n")
    assert problems_of(folder) == [
        "format.csv row 2 column format: must be 1, got '2'",
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


@pytest.mark.parametrize("table", [name for name, schema in TABLES.items() if schema.key])
def test_a_duplicate_identity_is_refused(folder, table):
    path = folder / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    key = TABLES[table].key[0]
    expected = f"{table}.csv row {len(lines) + 1} column {key}: duplicate of row 2"
    assert any(problem.startswith(expected) for problem in problems_of(folder))


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
    assert problems_of(folder)[0] == "format.csv row 2 column format: must be 1, got 'nothing'"


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
    assert "175 inputs" in run.output
    assert "CIFR-public-warrants-cifrw has no share count, not usable for dilution" in run.output


def test_book_check_lists_facts_stated_twice_on_one_date(folder):
    with (folder / "inputs.csv").open("a", encoding="utf-8") as file:
        file.write("RIOT,cash,1,USD M,,2025-06-30,,x,low,\n")
    run = CliRunner().invoke(main, ["book", "check", str(folder)])
    assert "RIOT cash of 2025-06-30 is stated twice, 1.0 wins over 255.4" in run.output


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
    write_inputs(folder, GOOD + ",", GOOD + ",why", GOOD + ",why", header=HEADER + ",")
    assert problems_of(folder) == [
        "inputs.csv row 3 column 11: 'why' stands in a column without a heading: "
        "give it one, or take it away"
    ]


def test_an_error_of_a_spreadsheet_is_called_an_error(folder):
    write_inputs(
        folder,
        "RIOT,cash,#N/A,USD M,,2025-06-30,,x,high,",
        "RIOT,cash,1,USD M,,2025-06-30,,#REF!,high,#NV",
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


def test_a_folder_that_may_not_be_listed_is_not_called_empty(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "iterdir", refuse)
    assert problems_of(folder) == [f"{folder}: cannot be read: Permission denied"]


@pytest.mark.parametrize("table", ["sites", "inputs"])
def test_twenty_thousand_duplicates_are_told_in_two_seconds(folder, table):
    path = folder / f"{table}.csv"
    line = path.read_text(encoding="utf-8").splitlines()[1]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n" * 20_000)
    start = time.process_time()
    run = CliRunner().invoke(main, ["book", "check", str(folder)])
    assert time.process_time() - start < 2
    assert run.output.count("duplicate of row 2" if table == "sites" else "stated twice") >= 20_000


def test_twenty_thousand_names_that_nobody_knows_are_told_in_two_seconds(folder):
    write_inputs(
        folder, *(f"R{row},cash{row},1,USD M,,2025-06-30,,x,high," for row in range(20_000))
    )
    start = time.process_time()
    assert len(problems_of(folder)) == 40_000
    assert time.process_time() - start < 2
