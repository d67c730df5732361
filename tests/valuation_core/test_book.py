"""The book: what is known on a date, looked up by miner and metric."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import add_rows
from valuation_core import ValuationError, load_book
from valuation_core.book import METRICS
from valuation_core.book.book import shipped_tables


def test_of_dated_facts_the_newest_on_or_before_the_date_counts():
    # RIOT held 19,273 BTC on 2025-06-30, 19,309 on 2025-08-31 and 19,287 on 2025-09-30
    assert load_book("2025-08-30").fact("RIOT", "btc_held").value == 19273
    assert load_book("2025-08-31").fact("RIOT", "btc_held").value == 19309
    assert load_book("2025-09-26").fact("RIOT", "btc_held").value == 19309
    assert load_book("2025-09-30").fact("RIOT", "btc_held").value == 19287


def test_the_default_date_is_the_edition_the_data_is_complete_for():
    assert load_book().as_of == date(2025, 9, 26)
    assert load_book() == load_book("2025-09-26")


def test_a_fact_known_later_than_its_date_is_not_seen_before(folder):
    add_rows(folder, ("RIOT", "cash", "999", "USD M", "", "2025-08-01", "2025-10-15"))
    assert load_book("2025-09-26", folder).fact("RIOT", "cash").value == 255.4
    assert load_book("2025-10-14", folder).fact("RIOT", "cash").value == 330.7
    # on 2025-10-15 it is known, but the balance of 2025-09-30 is newer
    assert load_book("2025-10-15", folder).fact("RIOT", "cash").value == 330.7


def test_at_equal_dates_the_last_row_of_the_file_wins(folder):
    add_rows(
        folder,
        ("RIOT", "cash", "1", "USD M", "", "2025-09-26", ""),
        ("RIOT", "cash", "2", "USD M", "", "2025-09-26", ""),
    )
    assert load_book(folder=folder).fact("RIOT", "cash").value == 2


@given(day=st.dates(date(2024, 6, 4), date(2025, 12, 31)))
@settings(max_examples=50)
def test_no_book_sees_the_future(day):
    book = load_book(day)
    known = [row["known_on"] or row["as_of"] for row in book.tables["inputs"].rows()]
    assert max(known) <= day
    assert all(row["announced"] <= day for row in book.tables["deals"].rows())
    assert all(row["issue_date"] <= day for row in book.tables["instruments"].rows())
    assert all(row["edition_date"] <= day for row in book.tables["editions"].rows())
    assert all(row["as_of"] <= day for row in book.tables["sites"].rows())
    assert all(row["as_of"] <= day for row in book.tables["market"].rows())


@given(day=st.dates(date(2024, 6, 4), date(2025, 12, 31)))
@settings(max_examples=25)
def test_the_newest_fact_agrees_with_a_plain_search_through_the_rows(day):
    book = load_book(day)
    rows = list(shipped_tables()["inputs"].rows())
    for (scope, metric), fact in book.facts.items():
        candidates = [
            row
            for row in rows
            if (row["scope"], row["metric"]) == (scope, metric)
            and (row["known_on"] or row["as_of"]) <= day
        ]
        newest = max(row["as_of"] for row in candidates)
        last = [row for row in candidates if row["as_of"] == newest][-1]
        assert fact.value == last["value"]


def test_a_miner_without_a_fact_of_its_own_takes_the_one_for_all(book):
    assert book.fact("RIOT", "tenant_cap").value == 800
    assert book.fact("RIOT", "tenant_cap").scope == "ALL"


def test_a_fact_of_the_network_is_the_same_for_every_scope(book):
    assert book.fact("RIOT", "btc_price").value == book.fact("NETWORK", "btc_price").value == 109107


def test_a_missing_fact_is_missing_and_says_so():
    with pytest.raises(ValuationError, match="RIOT: no btc_held on or before 2025-01-01"):
        load_book("2025-01-01").fact("RIOT", "btc_held")


def test_a_date_without_facts_is_refused():
    with pytest.raises(ValuationError, match="no facts on or before 2010-01-01"):
        load_book("2010-01-01")


@pytest.mark.parametrize("text", ["26.09.2025", "2025-9-26", "2025-02-30", "", "yesterday"])
def test_a_date_is_written_as_year_month_day(text):
    with pytest.raises(ValuationError, match="not a date as YYYY-MM-DD"):
        load_book(text)


@pytest.mark.parametrize("name", ["riot", " RIOT ", "Riot Platforms", "RIOT BLOCKCHAIN"])
def test_a_miner_goes_by_ticker_name_and_alias_in_any_case(book, name):
    assert book.ticker(name) == "RIOT"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("RIOTT", "RIOT"), ("Cleanspork", "CleanSpark"), ("Irys Energy", "Iris Energy")],
)
def test_an_unknown_miner_suggests_the_nearest(book, name, suggestion):
    with pytest.raises(ValuationError, match=f"unknown miner '{name}'; did you mean {suggestion}"):
        book.ticker(name)


def test_an_unknown_metric_suggests_the_nearest(book):
    with pytest.raises(ValuationError, match="did you mean hashrate"):
        book.fact("RIOT", "hashrat")


def test_the_coverage_is_the_tickers_of_the_latest_edition_in_its_order(book):
    assert book.coverage == ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
    assert load_book("2025-09-25").coverage == ("MARA", "RIOT", "IREN", "CLSK", "CIFR")
    assert load_book("2024-08-23").coverage == ("CLSK", "IREN", "MARA", "RIOT")


def test_before_the_first_edition_there_is_no_coverage():
    with pytest.raises(ValuationError, match="none on or before 2024-06-03"):
        _ = load_book("2024-06-03").coverage


def test_every_shipped_fact_has_a_source_and_a_confidence():
    for table in shipped_tables().values():
        if "source" in table.columns:
            assert all(row["source"] and row["confidence"] for row in table.rows())


def test_every_metric_of_the_nomenclature_is_used_by_the_shipped_book():
    assert set(shipped_tables()["inputs"].columns["metric"]) == set(METRICS)


def test_a_newer_row_without_a_value_says_that_the_fact_is_not_known(folder):
    add_rows(folder, ("RIOT", "hashrate", "", "EH/s", "", "2025-09-26", ""))
    with pytest.raises(ValuationError, match="RIOT: no hashrate"):
        load_book(folder=folder).fact("RIOT", "hashrate")


def test_a_book_cannot_be_changed(book):
    for mapping in (book.facts, book.tables, book.edition, book.tables["inputs"].columns):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_an_instrument_is_seen_until_it_is_retired(folder):
    path = folder / "instruments.csv"
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("RIOT-0-75"))
    cells = row.split(",")
    cells[11] = "2025-09-01"
    path.write_text(text.replace(row, ",".join(cells)), encoding="utf-8")
    for day, seen in (("2025-08-31", True), ("2025-09-01", False)):
        ids = load_book(day, folder).tables["instruments"].columns["instrument_id"]
        assert ("RIOT-0-75-convertible-2030" in ids) == seen


def test_a_table_is_to_be_had_as_a_data_frame(book):
    frame = book.frame("deals")
    assert frame["deal_id"].tolist() == list(book.tables["deals"].columns["deal_id"])
    with pytest.raises(ValuationError, match="table must be one of inputs"):
        book.frame("nothing")
