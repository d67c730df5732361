"""The book: what is known on a date, looked up by miner and metric."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import add_rows, change_row, copy_row, rows_of, write_rows
from valuation_core import ValuationError, load_book
from valuation_core.book import METRICS, Book
from valuation_core.book.book import shipped_tables
from valuation_core.book.tables import table_of


def test_of_dated_facts_the_newest_known_on_the_date_counts():
    # RIOT held 19,273 BTC on 2025-06-30, 19,309 on 2025-08-31 and, told on 2025-10-03, 19,287 on
    # 2025-09-30
    assert load_book("2025-08-30").fact("RIOT", "btc_held").value == 19273
    assert load_book("2025-08-31").fact("RIOT", "btc_held").value == 19309
    assert load_book("2025-10-02").fact("RIOT", "btc_held").value == 19309
    assert load_book("2025-10-03").fact("RIOT", "btc_held").value == 19287


def test_the_default_date_is_the_edition_the_data_is_complete_for():
    assert load_book().as_of == date(2025, 9, 26)
    assert load_book() == load_book("2025-09-26")


def test_a_fact_known_later_than_its_date_is_not_seen_before(folder):
    add_rows(folder, ("RIOT", "cash", "999", "USD M", "", "2025-08-01", "2025-10-15"))
    assert load_book("2025-10-14", folder).fact("RIOT", "cash").value == 255.4
    assert load_book("2025-10-15", folder).fact("RIOT", "cash").value == 999
    # the balance of 2025-09-30 was told on 2025-10-30
    assert load_book("2025-10-30", folder).fact("RIOT", "cash").value == 330.7


def test_a_restated_figure_of_an_earlier_day_does_not_replace_a_newer_one(folder):
    add_rows(folder, ("RIOT", "cash", "999", "USD M", "", "2025-08-01", "2025-11-15"))
    assert load_book("2025-11-15", folder).fact("RIOT", "cash").value == 330.7


NOTE = "RIOT-0-75-convertible-2030"
DEAL = "CIFR-fluidstack-barber-lake"


def only(book, table, ticker, **cells):
    """The rows in force of a miner that have some cells."""
    rows = book.rows_of(table, ticker)
    return [row for row in rows if all(row[name] == value for name, value in cells.items())]


@pytest.mark.parametrize("known_on", ["", "2025-10-12"])
@pytest.mark.parametrize(
    ("table", "key", "ticker", "about", "column", "before", "after"),
    [
        ("instruments", NOTE, "RIOT", {"instrument_id": NOTE}, "principal_usd_m", 594.4, "300"),
        ("deals", DEAL, "CIFR", {"deal_id": DEAL}, "revenue_usd_m", 3000.0, "3100"),
        ("sites", "Odessa", "CIFR", {"site": "Odessa"}, "mw_gross", 207.0, "250"),
    ],
)
def test_a_later_row_about_a_thing_takes_over_on_the_day_it_is_known(
    folder, table, key, ticker, about, column, before, after, known_on
):
    shares = {"shares_m": "20.18"} if table == "instruments" else {}  # 300 / 20.18 = 14.866 USD
    day = {"as_of": "2025-10-10", "known_on": known_on}
    copy_row(folder, table, key, **day, **shares, **{column: after})
    seen_from = known_on or "2025-10-10"
    (last,) = only(load_book("2025-10-09", folder), table, ticker, **about)
    (first,) = only(load_book(seen_from, folder), table, ticker, **about)
    assert (last[column], first[column]) == (before, float(after))
    history = load_book("2025-12-31", folder).history_of(table, ticker)
    named = [row for row in history if all(row[name] == value for name, value in about.items())]
    assert [row[column] for row in named] == [before, float(after)]


def test_a_value_of_a_series_is_revised_by_a_later_row(folder):
    def hashprice(day):
        rows = load_book(day, folder).in_force["market"].rows()
        return [row["value"] for row in rows if row["series"] == "made up"]

    header, rows = rows_of(folder, "market")
    made = dict.fromkeys(header, "") | {"series": "made up", "period": "2025-08", "unit": "EH/s"}
    made |= {"scope": "NETWORK", "source": "x", "confidence": "low"}
    for value, day in (("5", "2025-09-01"), ("4", "2025-08-31")):
        rows.append([(made | {"value": value, "as_of": day})[name] for name in header])
    write_rows(folder, "market", header, rows)
    assert [hashprice(day) for day in ("2025-08-30", "2025-08-31", "2025-09-01")] == [[], [4], [5]]


def test_retirement_is_tested_on_the_newest_row_and_on_no_older_one(folder):
    change_row(folder, "instruments", NOTE, retired_on="2025-09-01")
    copy_row(folder, "instruments", NOTE, as_of="2025-08-20", retired_on="")
    # the row of 2025-08-20 says that it is not retired: what the older one said is past
    assert only(load_book("2025-09-01", folder), "instruments", "RIOT", instrument_id=NOTE)


def test_an_instrument_counts_until_the_day_it_is_retired(folder):
    copy_row(folder, "instruments", NOTE, as_of="2025-08-20", retired_on="2025-09-01")
    for day, seen in (("2025-08-31", True), ("2025-09-01", False), ("2025-12-31", False)):
        book = load_book(day, folder)
        assert bool(only(book, "instruments", "RIOT", instrument_id=NOTE)) == seen
        assert any(row["instrument_id"] == NOTE for row in book.history_of("instruments", "RIOT"))


@pytest.mark.parametrize(
    ("table", "key", "column", "ticker"),
    [("deals", DEAL, "announced", "CIFR"), ("instruments", NOTE, "issue_date", "RIOT")],
)
def test_what_is_known_before_it_begins_does_not_count_yet(folder, table, key, column, ticker):
    change_row(folder, table, key, **{column: "2025-10-05", "as_of": "2025-09-25"})
    for day, seen in (("2025-10-04", False), ("2025-10-05", True)):
        book = load_book(day, folder)
        assert any(row[table[:-1] + "_id"] == key for row in book.history_of(table, ticker))
        assert any(row[table[:-1] + "_id"] == key for row in book.rows_of(table, ticker)) == seen


def test_a_site_of_the_past_is_as_it_was_then():
    # CIFR let Black Pearl on 2025-11-03: until then it offered 150 MW there, since then none
    offered = [
        only(load_book(day), "sites", "CIFR", site="Black Pearl")[0]["hpc_mw_offered"]
        for day in ("2025-11-02", "2025-11-03")
    ]
    assert offered == [150, 0]


@given(data=st.data(), day=st.sampled_from(["2025-09-26", "2025-11-24"]))
@settings(max_examples=20)
def test_the_order_of_rows_never_matters(data, day):
    tables = {}
    for name, table in shipped_tables().items():
        order = data.draw(st.randoms(use_true_random=False))
        rows = list(table.rows())
        order.shuffle(rows)
        tables[name] = table_of(name, rows)
    for case in ("plain", "bear"):
        book, shuffled = load_book(day, case=case), Book.at(tables, date.fromisoformat(day), case)
        assert shuffled.facts == book.facts
        assert set(shuffled.coverage) == set(book.coverage)
        for name in book.in_force:
            assert sorted(map(str, shuffled.in_force[name].rows())) == sorted(
                map(str, book.in_force[name].rows())
            )


@given(day=st.dates(date(2024, 6, 4), date(2025, 12, 31)))
@settings(max_examples=50)
def test_no_book_sees_the_future(day):
    book = load_book(day)
    known = [row["known_on"] or row["as_of"] for row in book.tables["inputs"].rows()]
    assert max(known) <= day
    for table in ("instruments", "deals", "sites", "market"):
        assert all((row["known_on"] or row["as_of"]) <= day for row in book.tables[table].rows())
    assert all(row["announced"] <= day for row in book.in_force["deals"].rows())
    assert all(row["issue_date"] <= day for row in book.in_force["instruments"].rows())
    assert all(row["edition_date"] <= day for row in book.tables["editions"].rows())


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
        (only_one,) = [row for row in candidates if row["as_of"] == newest]
        assert fact.value == only_one["value"]


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


def test_the_coverage_is_the_tickers_the_bank_wrote_on_in_twelve_months():
    assert load_book("2025-09-26").coverage == ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
    # the note of 2025-11-06 is on IREN alone, those of 2025-09-26 on the others still count
    november = load_book("2025-11-06")
    assert november.coverage == ("RIOT", "CLSK", "CIFR", "MARA", "IREN")
    days = {ticker: row["edition_date"] for ticker, row in november.edition.items()}
    september = dict.fromkeys(("RIOT", "CLSK", "CIFR", "MARA"), date(2025, 9, 26))
    assert days == september | {"IREN": date(2025, 11, 6)}
    assert load_book("2024-08-23").coverage == ("CLSK", "IREN", "MARA", "RIOT")


def test_a_row_of_the_bank_older_than_twelve_months_is_published_and_no_coverage():
    # the newest rows are of 2025-11-24
    assert len(load_book("2026-11-24").coverage) == 5
    later = load_book("2026-11-25")
    assert later.edition["CIFR"]["edition_date"] == date(2025, 11, 24)
    with pytest.raises(ValuationError, match="none of JPM in the twelve months to 2026-11-25"):
        _ = later.coverage


def test_the_rows_of_other_brokers_are_never_mixed_in(folder):
    header, rows = rows_of(folder, "editions")
    made = dict.fromkeys(header, "") | {"broker": "Another Bank", "new_rating": "Strong Buy"}
    made |= {"new_target": "99", "source": "x", "confidence": "high"}
    for ticker in ("RIOT", "WULF"):
        row = made | {"ticker": ticker, "edition_date": "2025-09-26"}
        rows.append([row[name] for name in header])
    write_rows(folder, "editions", header, rows)
    book = load_book(folder=folder)
    assert book.coverage == ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
    assert book.edition["RIOT"]["new_target"] == 19
    assert [row["new_rating"] for row in only(book, "editions", "RIOT", broker="Another Bank")] == [
        "Strong Buy"
    ]


def test_before_the_first_edition_there_is_no_coverage():
    with pytest.raises(ValuationError, match="none of JPM in the twelve months to 2024-06-03"):
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


@pytest.mark.parametrize(
    ("scope", "metric", "days"),
    [
        ("RIOT", "price", 5),
        ("NETWORK", "btc_price", 5),
        ("NETWORK", "network_hashrate", 35),
        ("RIOT", "btc_held", 45),
        ("RIOT", "hashrate", 45),
        ("RIOT", "cash", 120),
        ("RIOT", "shares_basic", 120),
        ("RIOT", "hashrate_guided", 120),
    ],
)
def test_a_fact_is_stale_the_day_after_its_days_are_over(book, scope, metric, days):
    fact = book.fact(scope, metric)
    last = fact.as_of + timedelta(days=days)
    assert fact.age(last) == days
    assert not fact.is_stale(last)
    assert fact.is_stale(last + timedelta(days=1))


@pytest.mark.parametrize("metric", ["tenant_cap", "colo_value_position", "target_date"])
def test_a_parameter_is_never_stale(book, metric):
    assert not book.fact("ALL", metric).is_stale(date(2100, 1, 1))


def test_a_table_is_to_be_had_as_a_data_frame(book):
    frame = book.frame("deals")
    assert frame["deal_id"].tolist() == list(book.tables["deals"].columns["deal_id"])
    with pytest.raises(ValuationError, match="table must be one of inputs"):
        book.frame("nothing")
