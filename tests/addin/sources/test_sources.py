"""Facts from a folder, an Excel file or a database: the same book, or a refusal in one sentence."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
import sqlalchemy
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from addin.cli import main
from addin.sources import described, origin_of, tables_from
from addin.sources.database import parsed_url, read_records, reason, shown
from addin.sources.push import push
from tests.addin.sources.pushing import push_at_once
from tests.valuation_core.book_files import add_rows
from valuation_core import BookError, ValuationError
from valuation_core.book.book import Book, shipped_tables
from valuation_core.book.origin import records_of
from valuation_core.book.schema import TABLES

DATES = (date(2025, 6, 30), date(2025, 9, 26), date(2025, 12, 1))


def handles(tables):
    return [Book.at(tables, day).handle for day in DATES]


def excel_file(path, change=lambda book: None):
    """Write the shipped book as a person would keep it: numbers as numbers, dates as dates."""
    book = Workbook()
    book.remove(book.active)
    for name, header, rows in records_of(shipped_tables()):
        sheet = book.create_sheet(name)
        sheet.append(header)
        for row in rows:
            sheet.append([typed(cell) for cell in row])
    change(book)
    book.save(path)
    return path


def typed(text):
    for read in (float, date.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text or None


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'facts.db'}"


def refusal_of(source):
    with pytest.raises(BookError) as caught:
        tables_from(source)
    return str(caught.value)


def test_an_excel_file_gives_the_same_books_as_the_folder(tmp_path):
    assert handles(tables_from(excel_file(tmp_path / "facts.xlsx"))) == handles(shipped_tables())


def test_a_database_gives_the_same_books_as_the_folder_on_every_date(url):
    push(url, shipped_tables())
    assert handles(tables_from(url)) == handles(shipped_tables())


def test_a_database_that_others_made_with_numbers_and_dates_is_read_too(tmp_path):
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as connection:
        for name, header, rows in records_of(shipped_tables()):
            columns = ", ".join(f'"{column}"' for column in header)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * len(header))
            values = [[number(cell) for cell in row] for row in rows]
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", values)  # noqa: S608
    connection.close()
    assert handles(tables_from(f"sqlite:///{path}")) == handles(shipped_tables())


def number(text):
    try:
        return float(text)
    except ValueError:
        return text or None


TYPES = {"text": "TEXT", "number": "NUMERIC(20, 6)", "date": "DATE"}


def typed_database(path, named=str, kinds=TYPES, change=None):
    """Make a database as a desk would: columns with types, NULL for a blank."""
    with sqlite3.connect(path) as connection:
        for name, header, rows in records_of(shipped_tables()):
            columns = TABLES[name].columns if name in TABLES else ()
            types = {column.name: kinds[column.kind] for column in columns}
            declared = ", ".join(f'"{named(column)}" {types.get(column, "")}' for column in header)
            connection.execute(f"CREATE TABLE {named(name)} ({declared})")
            marks = ", ".join("?" * len(header))
            values = [[cell or None for cell in row] for row in rows]
            connection.executemany(f"INSERT INTO {named(name)} VALUES ({marks})", values)  # noqa: S608
        if change:
            connection.execute(change)
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("named", [str, str.upper, str.title])
def test_a_database_with_typed_columns_and_names_in_any_case_gives_the_same_books(tmp_path, named):
    url = typed_database(tmp_path / "typed.db", named)
    assert handles(tables_from(url)) == handles(shipped_tables())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE sites SET as_of = '26.09.2025' WHERE rowid = 2", "row 2 column as_of: not a date"),
        ("UPDATE sites SET as_of = 45926 WHERE rowid = 2", "row 2 column as_of: not a date"),
        ("UPDATE sites SET mw_gross = 'NaN' WHERE rowid = 2", "column mw_gross: not a number"),
        ("UPDATE sites SET mw_gross = 9e999 WHERE rowid = 2", "column mw_gross: not a number"),
        ("UPDATE sites SET mw_gross = x'0102' WHERE rowid = 2", "column mw_gross: holds bytes"),
        (
            "UPDATE sites SET note = 'a' || char(27) WHERE rowid = 2",
            "table sites row 2 column note: holds the control character U+001B",
        ),
        ("UPDATE sites SET note = 'a' || char(0) WHERE rowid = 2", "control character U+0000"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_said_with_its_place(tmp_path, change, problem):
    assert problem in refusal_of(typed_database(tmp_path / "typed.db", change=change))


def test_a_logical_value_is_no_number(tmp_path):
    kinds = TYPES | {"number": "BOOLEAN"}
    url = typed_database(tmp_path / "typed.db", kinds=kinds)
    assert "table instruments row 1 column principal_usd_m: not a number: 'TRUE'" in refusal_of(url)


def test_a_date_with_a_time_of_midnight_is_that_day(tmp_path):
    url = typed_database(
        tmp_path / "typed.db",
        kinds=TYPES | {"date": "DATETIME"},
        change="UPDATE sites SET as_of = as_of || ' 00:00:00.000000'",
    )
    assert handles(tables_from(url)) == handles(shipped_tables())


def test_a_table_that_is_there_twice_in_other_letters_is_refused():
    column = sqlalchemy.Column("a", sqlalchemy.Text)
    names = sqlalchemy.MetaData()
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    with engine.connect() as connection, pytest.MonkeyPatch.context() as patch:
        sqlalchemy.Table("Inputs", names, column).create(connection)
        inspector = sqlalchemy.inspect(connection)
        patch.setattr(inspector, "get_table_names", lambda: ["Inputs", "INPUTS"])
        patch.setattr(sqlalchemy, "inspect", lambda _: inspector)
        with pytest.raises(ValueError, match="the table inputs is there as Inputs and INPUTS"):
            dict(read_records(connection))
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda book: book.remove(book["deals"]), "facts.xlsx sheet deals: is missing"),
        (
            lambda book: book["inputs"].cell(7, 3, "6,15"),
            "facts.xlsx sheet inputs row 7 column value: decimal or thousands comma in '6,15'",
        ),
        (
            lambda book: book["inputs"].cell(7, 6, "26.09.2025"),
            "facts.xlsx sheet inputs row 7 column as_of: not a date",
        ),
        (
            lambda book: book["format"].cell(2, 1, 3),
            "facts.xlsx sheet format row 2 column format: must be 2, got '3'",
        ),
        (lambda book: book.remove(book["cases"]), "facts.xlsx sheet cases: is missing"),
        (
            lambda book: book["format"].cell(2, 1, 1),
            "is 1, the first format: convert the book with hpcval book upgrade",
        ),
        (lambda book: book["sites"].cell(1, 1, "tickr"), "column tickr: unknown column"),
    ],
)
def test_what_is_wrong_with_an_excel_file_is_said_with_sheet_row_and_column(
    tmp_path, change, sentence
):
    assert sentence in refusal_of(excel_file(tmp_path / "facts.xlsx", change))


def test_a_file_that_is_no_workbook_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "facts.xlsx"
    assert "does not exist" in refusal_of(path)
    path.write_bytes(excel_file(tmp_path / "whole.xlsx").read_bytes()[:5000])
    assert "not an Excel workbook" in refusal_of(path)


def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path, url):
    assert "does not exist" in refusal_of(url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("table", ["deals", "cases"])
def test_half_a_database_is_refused_with_the_table(url, tmp_path, table):
    push(url, shipped_tables())
    with sqlite3.connect(tmp_path / "facts.db") as connection:
        connection.execute(f"DROP TABLE {table}")
    connection.close()
    assert refusal_of(url).startswith(f"table {table}: is missing")


def test_a_wrong_value_in_a_database_is_said_with_table_row_and_column(url, tmp_path):
    push(url, shipped_tables())
    with sqlite3.connect(tmp_path / "facts.db") as connection:
        connection.execute("UPDATE inputs SET value = 'abc' WHERE row_number = 3")
    connection.close()
    assert refusal_of(url).startswith("table inputs row 3 column value: not a number: 'abc'")


def test_pushing_again_adds_nothing_and_a_new_fact_adds_one(url, folder):
    first = push(url, shipped_tables())
    assert (first.held, push(url, shipped_tables()).added) == (0, 0)
    add_rows(folder, ("RIOT", "cash", "999", "USD M", "", "2025-09-26", ""))
    assert push(url, tables_from(folder)).added == 1
    tables = tables_from(url)
    assert Book.at(tables, date(2025, 9, 26)).fact("RIOT", "cash").value == 999
    # the day before is as it was
    before = date(2025, 9, 25)
    assert Book.at(tables, before).handle == Book.at(shipped_tables(), before).handle


def test_a_deal_with_other_figures_is_refused_and_nothing_is_pushed(url, folder):
    push(url, shipped_tables())
    text = (folder / "deals.csv").read_text(encoding="utf-8")
    (folder / "deals.csv").write_text(text.replace(",8700,", ",8701,"), encoding="utf-8")
    add_rows(folder, ("RIOT", "cash", "999", "USD M", "", "2025-09-26", ""))
    with pytest.raises(
        ValuationError, match="facts are never updated: table deals row .*duplicate"
    ):
        push(url, tables_from(folder))
    assert handles(tables_from(url)) == handles(shipped_tables())


def test_two_people_who_push_at_once_lose_nothing_and_duplicate_nothing(url, folder, tmp_path):
    """Two real processes push two folders that share all but one fact each."""
    mine, theirs = folder, tmp_path / "theirs"
    theirs.mkdir()
    for file in mine.iterdir():
        (theirs / file.name).write_bytes(file.read_bytes())
    add_rows(mine, ("RIOT", "cash", "998", "USD M", "", "2025-09-26", ""))
    add_rows(theirs, ("IREN", "cash", "999", "USD M", "", "2025-09-26", ""))
    push_at_once(url, mine, theirs)
    with sqlite3.connect(tmp_path / "facts.db") as connection:
        count, distinct = connection.execute(
            "SELECT count(*), count(DISTINCT row_content) FROM inputs"
        ).fetchone()
    connection.close()
    assert count == distinct == len(shipped_tables()["inputs"]) + 2
    facts = Book.at(tables_from(url), date(2025, 9, 26)).facts
    assert (facts["RIOT", "cash"].value, facts["IREN", "cash"].value) == (998, 999)


def test_a_password_is_in_no_description_and_no_refusal():
    url = "postgresql+psycopg://ann:s3cr3t@127.0.0.1:9/facts?sslpassword=0ther"
    said = [described(url), origin_of(url).name, refusal_of(url)]
    for command in (["--book", url, "book", "check"], ["book", "push", url]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1
        said.append(result.output)
    for sentence in said:
        assert "postgresql" in sentence
        assert "s3cr3t" not in sentence
        assert "0ther" not in sentence


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=12))
def test_what_a_driver_says_is_shown_without_the_password(password):
    url = parsed_url(f"postgresql://ann:{password}@desk/facts")
    said = reason(url, RuntimeError(f"failed for ann:{password}\nsecond line"))
    assert said == "failed for ann:***"
    assert password not in shown(url)


def test_a_text_that_is_no_url_is_not_repeated():
    with pytest.raises(ValuationError) as caught:
        tables_from("postgresql+psycopg//://x:pw@[")
    assert "pw" not in str(caught.value)


def test_the_command_line_pushes_and_reads_the_database_in_place_of_the_book(url):
    pushed = CliRunner().invoke(main, ["book", "push", url])
    assert pushed.exit_code == 0, pushed.output
    shown = CliRunner().invoke(main, ["--book", url, "call", "HPC_VALUE", "RIOT"])
    assert shown.output == '{"value": 1845.0}\n'


def test_the_file_of_a_database_is_named_as_it_is():
    assert described(r"sqlite:///C:\desk\my facts.db") == r"database sqlite:///C:\desk\my facts.db"
    assert described("sqlite:///facts.db") == "database sqlite:///facts.db"
