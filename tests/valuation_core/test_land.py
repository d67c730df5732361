"""Land and power: approved MW that are neither let, offered nor used by a cloud."""

from __future__ import annotations

import pytest

from tests.valuation_core.book_files import with_row
from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.company import value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.land import land_value

FREE = {"RIOT": 1100, "IREN": 860, "CLSK": 1027, "CIFR": 386.4, "MARA": 876}
"""MW free on 2025-09-26."""


def land(ticker, book, **choice):
    return value_of(Evaluation().use(book), ticker, Choice(**choice)).land


def rows_of(ticker, book=None, **given):
    return {s.step: s.value for s in land_value.explain({"miner": ticker, "book": book, **given})}


@pytest.mark.parametrize("ticker", FREE)
def test_free_mw_of_september(ticker):
    assert land_value(ticker, 1.0) == pytest.approx(FREE[ticker], rel=1e-14)
    assert land_value(ticker) == 0  # the plain case gives land no value
    reconstruction = load_book(case="reconstruction")
    assert land_value(ticker, book=reconstruction) == pytest.approx(1.18 * FREE[ticker])
    assert land(ticker, reconstruction) == land_value(ticker, book=reconstruction)


def test_a_range_of_miners_is_each_of_them():
    assert land_value(list(FREE), 1.0) == pytest.approx(list(FREE.values()), rel=1e-14)
    assert land_value("RIOT", [0.0, 2.0]).tolist() == [0, 2200]


def test_ciphers_free_mw_worked_out():
    # Approved: Alborz 40 x 0.49, Barber Lake 300, Bear and Chief 20 x 0.49, Black Pearl 300,
    # Odessa 207, Stingray 100; Colchis and the option sites are in the pipeline.
    rows = rows_of("CIFR", per_mw=1.0)
    assert rows["MW approved"] == pytest.approx(19.6 + 300 + 9.8 + 300 + 207 + 100)
    assert (rows["MW signed"], rows["hpc_mw_shopped"], rows["cloud_mw"]) == (244, 306, 0)
    assert rows["MW free"] == pytest.approx(936.4 - 244 - 306)


def test_a_deal_at_black_pearl_uses_mw_up_that_were_free():
    # On 2025-11-06: 244 + 300 let, 156 shopped; 936.4 - 544 - 156.
    rows = rows_of("CIFR", load_book("2025-11-06"), per_mw=1.0)
    assert (rows["MW signed"], rows["MW shopped, net"]) == (544, 156)
    assert rows["MW free"] == pytest.approx(236.4)


def test_iren_keeps_its_cloud_and_counts_no_detail_of_a_site():
    # 160 British Columbia, 650 + 100 Childress, 1,400 + 600 Sweetwater; the rest lies inside those.
    rows = rows_of("IREN", per_mw=1.0)
    assert (rows["MW approved"], rows["cloud_mw"], rows["hpc_mw_shopped"]) == (2910, 50, 2000)


def test_more_let_than_approved_leaves_nothing_free():
    book = load_book("2025-11-24")  # IREN has a cloud of 858 MW, 2,000 shopped: 52 are left
    assert land_value("IREN", 1.0, book) == 52
    more = with_own_facts(book, [("IREN", "cloud_mw", 1000.0)])
    assert land_value("IREN", 1.0, more) == 0


def test_a_site_known_by_critical_mw_counts_thirty_percent_more_and_only_what_is_owned():
    book = with_row(
        load_book(), "sites", "RIOT", site="New", mw_gross=None, mw_critical=100.0,
        ownership=0.51, part_of="", status="secured", hpc_mw_offered=None,
    )  # fmt: skip
    assert land_value("RIOT", 1.0, book) == pytest.approx(1100 + 1.3 * 100 * 0.51)
    pipeline = with_row(
        load_book(), "sites", "RIOT", site="New", mw_gross=100.0, status="pipeline", part_of=""
    )
    assert land_value("RIOT", 1.0, pipeline) == 1100


@pytest.mark.parametrize(
    ("ticker", "unlet"),
    [
        ("RIOT", 600 - 0.5 * 600),
        ("IREN", 2000 - 0.5 * 800),  # one tenant takes no more than 800
        ("CIFR", 306 - 0.5 * 306),
        ("CLSK", 0.0),
    ],
)
def test_mw_that_find_no_tenant_may_count_as_land(ticker, unlet):
    own = [("ALL", "land_power_value", 0.475), ("ALL", "land_on_unlet", 1.0)]
    book = with_own_facts(load_book(), own)
    assert land_value(ticker, book=book) == pytest.approx(0.475 * (FREE[ticker] + unlet))
    half = with_own_facts(book, [("ALL", "land_on_unlet", 0.5)])
    assert land_value(ticker, book=half) == pytest.approx(0.475 * (FREE[ticker] + unlet / 2))


def test_where_the_edition_applies_no_probability_no_mw_shopped_are_expected_to_be_let():
    own = [("CLSK", "hpc_mw_shopped", 500.0), ("ALL", "land_on_unlet", 1.0)]
    # 1,027 approved less 500 shopped are free; all 500 are expected to stay without a tenant.
    assert land_value("CLSK", 1.0, with_own_facts(load_book(), own)) == 527 + 500


def test_the_mw_of_land_are_those_of_the_book_whatever_a_call_gives():
    book = load_book(case="bull")
    plain = land("RIOT", book)
    for choice in ({"mw": 5.0}, {"prob": 0.0}, {"cap": 1.0}, {"per_mw": "low"}):
        assert land("RIOT", book, **choice) == plain


def test_a_value_on_critical_mw_is_brought_to_gross():
    own = [("ALL", "land_power_value", 1.3, "critical")]
    assert land_value("RIOT", book=with_own_facts(load_book(), own)) == pytest.approx(1100)


def test_the_explanation_tells_what_is_named_beside_what_is_free():
    rows = rows_of("IREN", load_book("2025-11-24"), per_mw=1.0)
    assert rows["hpc_mw_named on gross MW"] == pytest.approx(660 * 1.3)
    assert rows["MW free"] == 52


def test_land_below_nothing_is_refused():
    with pytest.raises(ValuationError, match="per_mw must be 0 or more, got -1"):
        land_value("RIOT", -1)
