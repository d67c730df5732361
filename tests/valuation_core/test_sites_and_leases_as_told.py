"""Sites and leases: figures an analyst can check by hand, one deal more, and what must always hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation_core.book_files import with_row
from valuation_core import load_book, with_own_facts
from valuation_core.book.tables import table_of
from valuation_core.bridge import bridge
from valuation_core.company import sum_of_parts
from valuation_core.deal_lease import deal_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.ladder import ladder
from valuation_core.lease import lease_value
from valuation_core.pipeline import pipeline
from valuation_core.published import price_of
from valuation_core.shopped import net_shopped_part
from valuation_core.target import rating, target

CORSICANA = "Corsicana phase 2 (remaining)"
SITES = load_book(case="sites")
DAY = "2025-10-31"
"""After the deals below, whose MW were still shopped on 2025-09-26."""
RICH = {"revenue_usd_m": 9000.0, "term_years": 15.0, "capex": 8.0}
POOR = {"revenue_usd_m": 4000.0, "term_years": 10.0, "capex": 14.0}


def part(book, name, ticker="RIOT"):
    return next(row[1] for row in sum_of_parts(ticker, book=book).rows if row[0] == name)


def with_deal(book, *, capex, mw=200.0, **cells):
    """One row more: a tenant of RIOT at Corsicana, 200 critical MW, of its own rent and cost."""
    deals = book.tables["deals"]
    blank = dict.fromkeys(next(iter(deals.rows())))
    row = blank | {
        "deal_id": "RIOT-tenant", "ticker": "RIOT", "counterparty": "a tenant", "kind": "colo",
        "site": CORSICANA, "announced": date(2025, 10, 10), "as_of": date(2025, 10, 10),
        "mw_critical": mw, "source": "assumption", "confidence": "low",
        "capex_low_usd_m_per_critical_mw": capex, "capex_high_usd_m_per_critical_mw": capex,
    }  # fmt: skip
    more = table_of("deals", [*deals.rows(), row | cells])
    return type(book)(book.as_of, {**book.tables, "deals": more}, book.case)


@pytest.mark.parametrize(
    ("changed", "values"),
    [
        ("build_years", {1: 6.74, 2: 5.48, 3: 4.35}),
        ("exit_cap_rate", {0.08: 6.74, 0.07: 7.21, 0.06: 7.82}),
        ("debt_rate", {0.0775: 6.48, 0.06125: 7.16}),
    ],
)
def test_a_later_start_a_dearer_exit_and_a_dearer_loan_each_cost_what_they_do(changed, values):
    """The shipped lease at 11%: 1.55 of rent on 10 of capex, 80% debt at 7.125%, exit at 8%."""
    found = {value: round(float(lease_value(0.11, **{changed: value})), 2) for value in values}
    assert found == values


def test_two_deals_of_200_mw_are_worth_the_same_by_the_published_rule_and_not_by_lease():
    plain = load_book(DAY)
    for terms in (RICH, POOR):
        book = with_deal(plain, **terms)
        # 200 x 6.15 x 1.30, whatever the rent.
        assert part(book, "signed") == pytest.approx(1599.00)
        # 200 critical MW are 260 gross of the 600 shopped.
        assert float(net_shopped_part(Evaluation().use(book), "RIOT")) == pytest.approx(340)
        assert part(book, "option") == pytest.approx(0.5 * 340 * 6.15)
    rich, poor = (
        part(with_own_facts(with_deal(plain, **terms), [("ALL", "signed_by_lease", 1)]), "signed")
        for terms in (RICH, POOR)
    )
    # First-year rents of 2.42 and 1.74 a MW: the first on 8 of capex, the second on 14.
    assert rich == pytest.approx(200 * deal_value("RIOT-tenant", book=with_deal(plain, **RICH)))
    assert rich > 1599.00 > poor > 0
    assert deal_value("RIOT-tenant", exit_cap_rate=0, book=with_deal(plain, **POOR)) < 0


def test_by_site_and_by_lease_the_same_deals_take_260_mw_off_the_site_too():
    for terms in (RICH, POOR):
        book = with_deal(load_book(DAY, case="sites"), **terms)
        row = dict(zip(pipeline("RIOT", book).header, pipeline("RIOT", book).rows[0], strict=True))
        assert (row["MW offered"], row["MW used"]) == (600.0, 340.0)
        assert part(book, "option") == pytest.approx(0.35 * 340 * 5.17)


@pytest.mark.parametrize("case", ["plain", "reconstruction", "base", "bear", "bull", "sites"])
@pytest.mark.parametrize("terms", [RICH, POOR])
def test_one_deal_moves_the_rating_for_reasons_that_bridge_and_ladder_show(case, terms):
    before = load_book(DAY, case=case)
    after = with_deal(before, **terms)
    moved = {row[0]: row[1] for row in bridge("RIOT", before, after).rows}
    change = target("RIOT", book=after) - target("RIOT", book=before)
    assert change != 0
    # Coins, mining, cash and the rest stay; the residual is what is left to the published target.
    reasons = {name for name, value in moved.items() if value is not None and abs(value) > 1e-9}
    assert reasons == {"deal RIOT-tenant, new", "residual"}
    assert moved["deal RIOT-tenant, new"] == pytest.approx(change)
    for book in (before, after):
        *steps, _, published = ladder("RIOT", book).rows
        assert steps[-1][2] == pytest.approx(target("RIOT", book=book), abs=1e-9)
        upside = steps[-1][2] / price_of(book, "RIOT").value - 1
        rated = "OW" if upside >= 0.10 else "UW" if upside < -0.10 else "N"
        assert (rating("RIOT", book=book), published[2]) == (rated, 19.0)


@pytest.mark.parametrize(
    ("day", "per_mw", "wait"),
    [
        # 0.3 of the way from 3.7 to 8.6 per gross MW; 2027-12-31 is 826 days off.
        ("2025-09-26", 3.7 * 0.7 + 8.6 * 0.3, 826 / 365.25 - 1),
        # From 8 to 17 per critical MW; 767 days off.
        ("2025-11-24", (8 * 0.7 + 17 * 0.3) / 1.3, 767 / 365.25 - 1),
    ],
)
def test_the_pipelines_of_riot_and_iren_by_hand_on_two_dates(day, per_mw, wait):
    book = load_book(day, case="sites")
    riot, iren = pipeline("RIOT", book).rows, pipeline("IREN", book).rows
    # Corsicana, 600 MW, from 2026-03-31: within a year, so 35% and no discount.
    assert [row[-1] for row in riot[:2]] == pytest.approx([0.35 * 600 * per_mw] * 2)
    # Sweetwater 1, 1,400 MW up to the cap of 800, from 2026-04-30; Sweetwater 2 later than 24
    # months: 10%, and it waits beyond the usual build of a year at 11%.
    first, second = 0.35 * 800 * per_mw, 0.10 * 600 * per_mw * 1.11**-wait
    assert [row[-1] for row in iren[:3]] == pytest.approx([first, second, first + second])
    assert iren[1][7] == pytest.approx(wait)


def of_site(book, **cells):
    """RIOT's one site changed; it is the row of a later day."""
    return with_row(book, "sites", CORSICANA, as_of=date(2025, 9, 26), **cells)


@given(p=st.floats(0, 1), q=st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_the_option_is_linear_in_the_probability_of_a_site(p, q):
    def worth(probability):
        own = [(f"RIOT/{CORSICANA}", "hpc_probability", probability)]
        return part(with_own_facts(SITES, own), "option")

    assert worth((p + q) / 2) == pytest.approx((worth(p) + worth(q)) / 2, abs=1e-9)


@pytest.mark.parametrize("stated", [{}, {"hpc_probability": 0.5}])
def test_the_option_falls_with_the_time_to_energization(stated):
    """By a lower probability of its stage, and by the wait alone where the site states one."""
    days = [date(year, month, 1) for year in range(2025, 2032) for month in (1, 7)]
    sites = [of_site(SITES, energized_on=day, **stated) for day in days]
    worth = np.array([part(book, "option") for book in sites])
    assert np.all(np.diff(worth) <= 1e-9)
    # A year is the usual build, from 2026-09-26 on each half year costs about 5%.
    assert np.all(np.diff(worth[4:]) < 0)


def test_the_cap_binds_each_site_and_not_their_sum():
    iren = pipeline("IREN", SITES).rows
    assert [row[4] for row in iren[:2]] == [800.0, 600.0]  # 1,400 offered; 600 offered
    lower = with_own_facts(SITES, [("ALL", "tenant_cap", 500.0)])
    assert [row[4] for row in pipeline("IREN", lower).rows[:2]] == [500.0, 500.0]


@pytest.mark.parametrize("mw", [1.0, 200.0, 400.0, 900.0])
def test_a_deal_at_a_site_never_raises_the_option(mw):
    before = load_book(DAY, case="sites")
    after = with_deal(before, mw=mw, **RICH)
    # 600 less 1.30 a critical MW, and never below none.
    assert part(after, "option") == pytest.approx(0.35 * max(600 - 1.3 * mw, 0) * 5.17)
    assert part(after, "option") < part(before, "option")


def test_one_site_that_holds_all_mw_at_once_is_what_the_company_rule_says():
    today = of_site(load_book(case="sites"), energized_on=date(2025, 9, 26), hpc_probability=0.5)
    *_, total, company, _ = pipeline("RIOT", today).rows
    assert total[-1] == pytest.approx(company[-1])
    assert total[-1] == pytest.approx(0.5 * 600 * 5.17)
