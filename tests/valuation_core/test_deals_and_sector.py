"""Deals, sites and sector series."""

from __future__ import annotations

from datetime import date

import pytest

from valuation_core import ValuationError, load_book
from valuation_core.book import Book
from valuation_core.book.tables import table_of
from valuation_core.deal_metrics import NAMES
from valuation_core.deals import deal, deals, sites
from valuation_core.sector import power_by_status, series

CIFR = "CIFR-fluidstack-barber-lake"


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("revenue_per_critical_mw_year", 3000 / 10 / 168),  # 1.786
        ("usd_per_kw_month", 3000e6 / 10 / 168_000 / 12),  # 148.8
        ("gross_to_critical", 244 / 168),  # 1.452
        ("noi_low", 300 * 0.80),
        ("noi_high", 300 * 0.85),
        ("backstop_to_revenue", 1400 / 3000),
        ("revenue_per_critical_mw_year_with_extensions", 7000 / 20 / 168),
        ("usd_per_kw_month_with_extensions", 7000e6 / 20 / 168_000 / 12),
        ("backstop_to_revenue_with_extensions", 1400 / 7000),
        ("warrant_share", 24.178576 / (393.28 + 38.79892425 + 24.178576)),  # 5.3%; published 5.4%
        ("mw_critical", 168),
        ("counterparty", "Fluidstack (Google backstop)"),
    ],
)
def test_the_metrics_of_the_fluidstack_deal(metric, expected):
    found = deal(CIFR, metric)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


NEEDS = {
    "revenue_per_critical_mw_year": ("revenue_usd_m", "term_years", "mw_critical"),
    "usd_per_kw_month": ("revenue_usd_m", "term_years", "mw_critical"),
    "gross_to_critical": ("mw_gross", "mw_critical"),
    "noi_low": ("revenue_usd_m", "term_years", "noi_margin_low"),
    "noi_high": ("revenue_usd_m", "term_years", "noi_margin_high"),
    "backstop_to_revenue": ("backstop_usd_m", "revenue_usd_m"),
    "warrant_share": ("warrants_m",),
}
EXTENDED = ("revenue_with_extensions_usd_m", "extension_years")


def columns_of(name):
    """The columns that a metric of a deal is made from."""
    plain = name.removesuffix("_with_extensions")
    if plain == name:
        return NEEDS.get(name, (name,))
    swapped = [EXTENDED[0] if one == "revenue_usd_m" else one for one in NEEDS[plain]]
    return (*swapped, *(EXTENDED[1:] if "term_years" in swapped else ()))


def test_a_metric_is_an_error_exactly_where_the_deal_does_not_state_what_it_is_made_from(book):
    figures = 0
    for row in book.tables["deals"].rows():
        for name in NAMES:
            lacking = [one for one in columns_of(name) if row[one] in (None, "")]
            if lacking:
                with pytest.raises(ValuationError, match=f"states no ({'|'.join(lacking)})$"):
                    deal(row["deal_id"], name)
            else:
                assert deal(row["deal_id"], name) not in (None, "")
                figures += 1
    assert figures > 100


def test_a_deal_is_known_from_the_day_it_was_announced():
    with pytest.raises(ValuationError, match="unknown deal"):
        deal(CIFR, "mw_critical", load_book("2025-09-24"))


def test_the_table_of_deals_leaves_out_what_is_not_stated():
    rows = {row[0]: row for row in deals().rows}
    assert rows["APLD-coreweave-polaris-forge-1-ellendale"][9] == pytest.approx(11_000 / 15 / 400)
    assert len(deals("WULF").rows) == 2
    with pytest.raises(ValuationError, match="RIOT: no deals on or before 2025-09-26"):
        deals("RIOT")


def test_owned_mw_of_sites_apply_ownership_and_details_are_not_added():
    rows = {row[0]: row for row in sites("CIFR").rows}
    assert rows["Alborz (49%)"][6] == pytest.approx(40 * 0.49)
    rows = power_by_status().rows
    raw = [row for row in load_book().tables["sites"].rows() if not row["part_of"]]
    assert {status for status, *_ in rows} == {row["status"] for row in raw}
    for status, total, stated, silent in rows:
        those = [row for row in raw if row["status"] == status]
        owned = [row["mw_gross"] * row["ownership"] for row in those if row["mw_gross"] is not None]
        assert total == pytest.approx(sum(owned))
        assert (stated, silent) == (len(owned), len(those) - len(owned))
    totals = [total for _, total, *_ in rows]
    assert totals == sorted(totals, reverse=True)
    assert sum(silent for *_, silent in rows) > 0


def test_a_series_is_read_by_period_and_scope_and_newest_by_default():
    assert series("aggregate_market_cap", "2025-08") == 39.1
    assert series("gross_to_critical_ratio", scope="GLXY Helios") == 1.521
    assert series("hashprice") == 48.6  # the value of the book's day, not the later one
    assert series("hashprice", book=load_book("2025-10-01")) == 50


def test_the_newest_value_of_a_series_is_that_of_its_last_period_in_whatever_order_rows_stand():
    book = load_book()
    rows = list(book.tables["market"].rows())
    # July's 31.8 and August's 39.1 were both told on 2025-09-02.
    again = dict(next(row for row in rows if row["period"] == "2025-07" and row["value"] == 31.8))
    for told in (rows, rows[::-1], sorted(rows, key=lambda row: str(row["value"]))):
        assert series("aggregate_market_cap", book=with_market(book, told)) == 39.1
        # July told anew, later, is still July
        more = [{**again, "value": 32.0, "as_of": date(2025, 9, 20)}, *told]
        assert series("aggregate_market_cap", book=with_market(book, more)) == 39.1
        assert series("aggregate_market_cap", "2025-07", book=with_market(book, more)) == 32.0
        # what is told later of two that end together, and what is told of no day, counts
        words = [
            {**again, "period": word, "value": value, "as_of": date(2025, 9, day)}
            for word, value, day in (("mid September", 41.0, 21), ("late Sept", 42.0, 22))
        ]
        assert series("aggregate_market_cap", book=with_market(book, [*words, *told])) == 42.0


def with_market(book, rows):
    return Book(book.as_of, {**book.tables, "market": table_of("market", rows)}, book.case)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("gross_to_critical_ratio",),
            "scope must be chosen from CIFR Barber Lake 1; CORZ Muskogee",
        ),
        (("aggregate_market_cap", "1999"), "period is none of"),
        (("aggregate_market_cap", None, "Mars"), "scope is none of listed US miners, got 'Mars'"),
        (("aggregate_market_capp",), "did you mean aggregate_market_cap"),
    ],
)
def test_a_series_that_cannot_be_given_says_why(arguments, reason):
    with pytest.raises(ValuationError, match=reason):
        series(*arguments)


def test_a_site_inside_a_row_that_is_not_known_yet_counts_itself():
    book = load_book("2025-01-01")
    rows = list(book.tables["sites"].rows())
    known = {(row["ticker"], row["site"]) for row in rows}
    orphans = [
        row for row in rows if row["part_of"] and (row["ticker"], row["part_of"]) not in known
    ]
    assert len(orphans) >= 4
    expected = sum(
        (row["mw_gross"] or 0) * row["ownership"]
        for row in rows
        if row["status"] == "operating" and (not row["part_of"] or row in orphans)
    )
    assert dict(r[:2] for r in power_by_status(book).rows)["operating"] == pytest.approx(expected)
