"""Comparables and what leases yield, by arithmetic a reader can check."""

from __future__ import annotations

from datetime import date

import pytest

from valuation_core import ValuationError, load_book
from valuation_core.comparables import HEADER, comparables
from valuation_core.deals import deal
from valuation_core.target import target

FLUIDSTACK = "CIFR-fluidstack-barber-lake"


def row_of(ticker, book=None):
    table = comparables(book)
    return dict(zip(table.header, next(row for row in table.rows if row[0] == ticker), strict=True))


def test_riot_at_its_price_of_the_edition():
    row = row_of("RIOT")
    # At 16.74 the note converts (14.864): 369.62 + 39.98927 M shares; 200 of debt, 255.4 of cash.
    market = 16.74 * (369.62 + 39.98927048)
    assert (row["price"], row["price date"]) == (16.74, date(2025, 9, 26))
    assert row["market value, USD M"] == pytest.approx(market)
    assert row["net debt, USD M"] == pytest.approx(200 - 255.4)
    assert row["EV, USD M"] == pytest.approx(market + 200 - 255.4)
    coins = 19309 * 109107 / 1e6
    assert row["EV less coins, USD M"] == pytest.approx(market + 200 - 255.4 - coins)
    assert row["EV per approved gross MW"] == pytest.approx(row["EV, USD M"] / 1700)
    assert row["price / value"] == pytest.approx(16.74 / target("RIOT"))
    assert row["coins / market value"] == pytest.approx(coins / market)
    assert row["published target"] == 19
    assert "no signed MW" in str(row["EV per signed critical MW"])


def test_signed_mw_that_are_stated_gross_count_as_critical_ones():
    # 168 and 39 critical, and 300 gross / 1.3 at Black Pearl.
    row = row_of("CIFR", load_book("2025-11-24"))
    expected = row["EV, USD M"] / (168 + 39 + 300 / 1.3)
    assert row["EV per signed critical MW"] == pytest.approx(expected)


def test_net_debt_is_pro_forma():
    # CLSK on 2025-11-24: 650 + 1,150 of notes, 34.6 + 495.5 of cash.
    assert row_of("CLSK", load_book("2025-11-24"))["net debt, USD M"] == pytest.approx(1800 - 530.1)


def test_every_miner_of_the_book_has_a_row_and_lacks_show_in_their_cells_only():
    table = comparables()
    assert [row[0] for row in table.rows] == list(load_book().tickers)
    wulf = row_of("WULF")
    assert wulf["market value, USD M"] > 0
    assert isinstance(wulf["net debt, USD M"], ValuationError)
    assert "no cash" in str(wulf["net debt, USD M"])


def test_a_lease_yields_what_its_terms_say():
    # 3,000 over ten years rising by 3% on 168 MW, margin 0.825, capex 10, exit at 8%.
    rent = 3000 / 168 / sum(1.03**y for y in range(10))
    income = 0.825 * rent
    assert deal(FLUIDSTACK, "first_year_rent") == pytest.approx(rent)
    assert deal(FLUIDSTACK, "yield_on_cost") == pytest.approx(income / 10)
    assert deal(FLUIDSTACK, "development_spread") == pytest.approx(income / 10 - 0.08)
    # 8 of debt over 15 years at 7.125%, paid from half a year after the build of 369 days.
    build = 369 / 365.25
    due = sum(1.07125 ** -(build + y - 0.5) for y in range(1, 16))
    assert deal(FLUIDSTACK, "debt_cover") == pytest.approx(income / (8 / due))


def test_the_multiple_holds_equity_and_capex_and_the_return_leaves_nothing():
    from valuation_core.deal_lease import deal_value

    value = deal_value(FLUIDSTACK)
    income = deal(FLUIDSTACK, "first_year_rent") * 0.825
    assert deal(FLUIDSTACK, "noi_multiple") == pytest.approx((value + 10) / income)
    found = deal(FLUIDSTACK, "equity_return")
    assert deal_value(FLUIDSTACK, found) == pytest.approx(0, abs=1e-9)


def test_a_contract_of_the_cloud_has_no_metric_of_a_lease():
    with pytest.raises(ValuationError, match="contract of the cloud"):
        deal("IREN-microsoft-childress-horizon-1-4", "yield_on_cost", load_book("2025-11-24"))


def test_an_approved_site_whose_mw_nobody_knows_leaves_ev_per_approved_mw_out():
    """BITF on 2025-11-24: 18 MW in Washington, and other sites: not 1,510 / 18 = 83.9."""
    rows = {row[0]: row for row in comparables(load_book("2025-11-24")).rows}
    enterprise, per_approved = (rows["BITF"][HEADER.index(name)] for name in (
        "EV, USD M", "EV per approved gross MW"))  # fmt: skip
    assert enterprise == pytest.approx(552.6 * 2.89 - 86.952)
    assert str(per_approved) == "BITF: site Other sites states no MW"
    # Land and power, worth 0 in the plain case, go on counting the MW that are known.
    assert rows["RIOT"][HEADER.index("EV per approved gross MW")] == pytest.approx(
        rows["RIOT"][HEADER.index("EV, USD M")] / 1700
    )
