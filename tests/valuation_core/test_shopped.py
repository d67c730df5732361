"""Net shopped MW: a MW is never both signed and optional."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import with_row
from valuation_core import load_book, with_own_facts
from valuation_core.company import value_of
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice, value
from valuation_core.shopped import net_shopped_part
from valuation_core.signed import signed_gross_part

LATER = date(2025, 10, 15)
DEAL = {"kind": "colo", "announced": LATER, "as_of": LATER}
BARBER_LAKE = "CIFR-fluidstack-barber-lake"


def shopped(ticker, book):
    return float(net_shopped_part(Evaluation().use(book), ticker))


def with_deal(book, ticker, site, gross=None, critical=None, name="another"):
    """Give the book with one more deal for colocation, announced after the edition."""
    cells = {"ticker": ticker, "site": site, "mw_gross": gross, "mw_critical": critical}
    return with_row(book, "deals", BARBER_LAKE, deal_id=name, **cells, **DEAL)


def october():
    return load_book("2025-10-31")


@pytest.mark.parametrize(
    ("day", "mw"),
    [
        ("2025-09-26", 306),  # 150 Black Pearl, 100 Stingray, 56 Barber Lake
        ("2025-11-02", 306),
        ("2025-11-03", 156),  # AWS takes Black Pearl: the 150 that it offered, not the 300 let
        ("2025-11-19", 156),
        ("2025-11-20", 100),  # Fluidstack takes the 56 left at Barber Lake
    ],
)
def test_cipher_shops_less_with_every_deal(day, mw):
    assert shopped("CIFR", load_book(day)) == mw


def test_the_option_is_on_what_is_left_unless_you_say_otherwise():
    book = with_own_facts(load_book("2025-11-06"), [("ALL", "use_named", 0.0)])
    assert value("CIFR", book=book) == pytest.approx(0.5 * 156 * 6.15)
    assert value("CIFR", mw=306, book=book) == pytest.approx(0.5 * 306 * 6.15)


def test_a_deal_at_a_site_uses_up_what_that_site_offers_and_no_more():
    # Sweetwater 2 offers 600 of the 2,000 MW that IREN shops.
    for let, left in ((200, 1800), (600, 1400), (900, 1400)):
        assert shopped("IREN", with_deal(october(), "IREN", "sweetwater 2 ", let)) == left


def test_two_deals_at_one_site_use_it_up_together():
    one = with_deal(october(), "IREN", "Sweetwater 2", 400)
    assert shopped("IREN", with_deal(one, "IREN", "Sweetwater 2", 400, name="third")) == 1400


def test_a_deal_at_a_place_unknown_takes_its_full_gross_mw():
    assert shopped("IREN", with_deal(october(), "IREN", "Nowhere", 750)) == 1250
    assert shopped("IREN", with_deal(october(), "IREN", "", 750)) == 1250


def test_a_deal_at_a_site_that_offers_nothing_takes_nothing():
    assert shopped("IREN", with_deal(october(), "IREN", "Childress", 500)) == 2000


def test_critical_mw_count_with_thirty_percent_more():
    assert shopped("IREN", with_deal(october(), "IREN", "Sweetwater 2", None, 100)) == 1870
    both = with_deal(october(), "IREN", "Sweetwater 2", 120, 100)  # it states gross MW: those
    assert shopped("IREN", both) == 1880


def test_a_deal_at_a_detail_of_a_site_uses_up_what_the_site_offers():
    # The HPC buildings at Corsicana are a part of phase 2, which offers 600 MW.
    site = "Corsicana HPC buildings 1-2"
    assert shopped("RIOT", with_deal(october(), "RIOT", site, None, 112)) == pytest.approx(
        600 - 1.3 * 112
    )
    at_both = with_deal(
        with_deal(october(), "RIOT", site, 500),
        "RIOT",
        "Corsicana phase 2 (remaining)",
        500,
        name="b",
    )
    assert shopped("RIOT", at_both) == 0  # one offer of 600, used once


def test_what_is_left_is_never_below_nothing():
    assert shopped("RIOT", with_deal(october(), "RIOT", "Nowhere", 5000)) == 0


def test_a_cloud_contract_and_a_deal_of_the_day_itself_or_before_use_up_nothing():
    assert shopped("IREN", load_book("2025-11-06")) == 2000  # Microsoft's 200 MW are a cloud
    cells = {"ticker": "IREN", "site": "Sweetwater 2", "mw_gross": 300.0} | DEAL | {"kind": "cloud"}
    cloud = with_row(october(), "deals", BARBER_LAKE, deal_id="x", **cells)
    assert shopped("IREN", cloud) == 2000
    on_the_day = with_row(
        october(), "deals", BARBER_LAKE, deal_id="x", ticker="IREN", site="Nowhere",
        mw_gross=500.0, announced=date(2025, 9, 26), as_of=date(2025, 9, 26),
    )  # fmt: skip
    assert shopped("IREN", on_the_day) == 2000


def test_an_own_count_of_mw_is_of_the_day_and_nothing_is_taken_off():
    own = with_own_facts(load_book("2025-11-24"), [("CIFR", "hpc_mw_shopped", 250.0)])
    assert shopped("CIFR", own) == 250


def test_miners_in_one_range_each_lose_what_they_let():
    book = with_deal(load_book("2025-11-06"), "IREN", "Sweetwater 2", None, 100)
    miners = np.array(["RIOT", "CIFR", "IREN", "CIFR"], dtype=object)
    found = net_shopped_part(Evaluation((4,)).use(book), miners)
    assert found.tolist() == [600, 156, 1870, 156]


def test_the_explanation_shows_which_site_was_let():
    steps = value.explain({"miner": "CIFR", "prob": 0.5, "book": load_book("2025-11-20")})
    rows = {step.step: step.value for step in steps}
    assert (rows["let at Black Pearl"], rows["let at Barber Lake"]) == (150, 56)
    assert rows["MW shopped, net"] == 100


places = st.sampled_from(
    ["Sweetwater 1", "Sweetwater 2", "Childress", "Childress Horizon 1", "Nowhere", ""]
)


@given(deals=st.lists(st.tuples(places, st.floats(0.1, 3000), st.booleans()), max_size=4))
@settings(max_examples=40)
def test_a_new_deal_never_raises_what_is_shopped_nor_are_mw_counted_twice(deals):
    book, before = october(), 2000.0
    for place, (site, mw, critical) in enumerate(deals):
        book = with_deal(book, "IREN", site, *((None, mw) if critical else (mw,)), name=f"d{place}")
        after = shopped("IREN", book)
        assert 0 <= after <= before
        before = after
    known = {"Sweetwater 1": 1400.0, "Sweetwater 2": 600.0}
    for site in known:
        let = sum(mw * (1.3 if crit else 1) for at, mw, crit in deals if at == site)
        known[site] = max(0.0, known[site] - let)
    assert before <= sum(known.values()) + 1e-9  # what each site still has is all there is
    signed = float(signed_gross_part(Evaluation().use(book), "IREN"))
    assert signed == pytest.approx(sum(mw * (1.3 if crit else 1) for _, mw, crit in deals))


def test_the_value_of_the_mw_moves_from_the_option_to_the_signed_deals():
    before, after = (
        value_of(Evaluation().use(load_book(day)), "CIFR", Choice())
        for day in ("2025-11-02", "2025-11-03")
    )
    assert before.option - after.option == pytest.approx(0.5 * 150 * 6.15)
    assert after.signed - before.signed == pytest.approx(300 * 6.15)  # AWS states gross MW
