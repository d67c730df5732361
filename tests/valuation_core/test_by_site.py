"""The option site by site and signed deals on their own terms, against arithmetic by hand."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal, getcontext

import numpy as np
import pytest

from tests.valuation_core.book_files import rows_of, with_row, without_facts, write_rows
from valuation_core import ValuationError, hpc, load_book, with_own_facts
from valuation_core.book import SHIPPED_FOLDER, book_from_content, content_of
from valuation_core.company import sum_of_parts
from valuation_core.coverage import coverage
from valuation_core.deal_lease import deal_value, taken_from_book
from valuation_core.lease import lease_value
from valuation_core.pipeline import difference_in_words, pipeline
from valuation_core.target import target

SITES = load_book(case="sites")
FLUIDSTACK = "CIFR-fluidstack-barber-lake"
VALUE = 3.7 * 0.7 + 8.6 * 0.3  # at a position of 0.3: 5.17 USD M per gross MW


def with_deals(folder, change):
    header, rows = rows_of(folder, "deals")
    rows = [dict(zip(header, row, strict=True)) for row in rows]
    write_rows(folder, "deals", header, [list(row.values()) for row in change(rows)])
    return load_book(folder=folder)


def part(ticker, name, book):
    return next(row[1] for row in sum_of_parts(ticker, book=book).rows if row[0] == name)


def test_riot_has_one_site_energized_within_a_year():
    # 600 MW, 2026-03-31: probability 0.35, and within the usual build of a year: no discount.
    assert part("RIOT", "option", SITES) == pytest.approx(0.35 * 600 * VALUE)
    assert hpc.value("RIOT", book=SITES) == pytest.approx(0.35 * 600 * VALUE)


def test_iren_has_two_sites_each_capped_by_a_tenant_and_the_later_one_discounted():
    # Sweetwater 1: 1,400 capped at 800, 2026-04-30. Sweetwater 2: 600, 2027-12-31, 826 days off,
    # which is later than 24 months: 0.1, and 826 / 365.25 - 1 years of waiting at 11%.
    later = 0.1 * 600 * VALUE * 1.11 ** -(826 / 365.25 - 1)
    assert part("IREN", "option", SITES) == pytest.approx(0.35 * 800 * VALUE + later)


def test_a_call_with_a_probability_or_mw_of_its_own_is_answered_by_the_company_rule():
    assert hpc.value("RIOT", 0.5, book=SITES) == pytest.approx(0.5 * 600 * VALUE)
    assert hpc.value("RIOT", mw=100, book=SITES) == pytest.approx(0.5 * 100 * VALUE)


def test_a_name_without_a_probability_has_an_option_by_site():
    book = with_own_facts(load_book("2025-11-24", case="sites"), [("ALL", "use_named", 0)])
    # Austin County, 285 MW, 2027-12-31: 767 days off; range 8 to 17 per critical MW.
    value = (8 * 0.7 + 17 * 0.3) / 1.3
    expected = 0.1 * 285 * value * 1.11 ** -(767 / 365.25 - 1)
    assert part("CLSK", "option", book) == pytest.approx(expected)


def test_arrays_of_names_give_what_each_gives_alone():
    names = ["RIOT", "IREN", "CLSK", "CIFR", "MARA"]
    for day in ("2025-09-26", "2025-11-06", "2025-11-24"):
        book = load_book(day, case="sites")
        assert target(names, book=book).tolist() == pytest.approx(
            [target(name, book=book) for name in names], rel=1e-12
        )


def test_a_switch_for_one_name_leaves_the_others_on_the_company_rule():
    book = with_own_facts(load_book(), [("RIOT", "option_by_site", 1)])
    assert hpc.value(["RIOT", "IREN"], book=book).tolist() == pytest.approx(
        [0.35 * 600 * 6.15, 2460.0]
    )


def test_a_switch_between_on_and_off_is_refused():
    book = with_own_facts(load_book(), [("ALL", "option_by_site", 0.5)])
    with pytest.raises(ValuationError, match=r"option_by_site must be 0 or 1, got 0\.5"):
        hpc.value("RIOT", book=book)


def test_the_pipeline_shows_every_site_the_sum_and_the_company_rule():
    rows = pipeline("CIFR", SITES).rows
    assert [row[0] for row in rows] == [
        "Barber Lake", "Black Pearl", "Stingray", "sum by site", "company rule",
        "why they differ",
    ]  # fmt: skip
    *sites, total, company, why = rows
    assert total[-1] == pytest.approx(sum(row[-1] for row in sites))
    assert total[-1] == pytest.approx(part("CIFR", "option", SITES))
    assert company[-1] == pytest.approx(0.5 * 306 * VALUE)
    assert why[1] == difference_in_words("CIFR", SITES)
    assert why[-1] == pytest.approx(total[-1] - company[-1])
    # 56 MW from 2026-09-30, 369 days off: the second year, 4 days beyond the usual build.
    barber = dict(zip(pipeline("CIFR", SITES).header, sites[0], strict=True))
    assert (barber["MW used"], barber["probability"]) == (56.0, 0.2)
    assert barber["years to wait"] == pytest.approx(369 / 365.25 - 1)


def test_a_deal_at_a_site_uses_its_mw_up(folder):
    def let(rows):
        deal = dict(rows[0]) | {
            "deal_id": "RIOT-new", "ticker": "RIOT", "site": "corsicana PHASE 2 (remaining)",
            "kind": "colo", "announced": "2025-09-20", "mw_gross": "", "mw_critical": "200",
            "term_years": "15", "revenue_usd_m": "9000", "as_of": "2025-09-20",
        }  # fmt: skip
        return [*rows, {**deal, "mw_gross": "", "extension_years": "",
                        "revenue_with_extensions_usd_m": ""}]  # fmt: skip

    book = with_deals(folder, let).with_case("sites")
    # 200 critical are 260 gross: 340 of 600 are left.
    assert part("RIOT", "option", book) == pytest.approx(0.35 * 340 * VALUE)


def lease_by_hand(rent, escalator, margin, capex, share, rate, debt_years, years, build, cap, k):
    """Cash flows to equity year by year, in 40 digits."""
    getcontext().prec = 40
    rent, escalator, margin, capex, share, rate, build, cap, k = (
        Decimal(str(x)) for x in (rent, escalator, margin, capex, share, rate, build, cap, k)
    )
    one, half = Decimal(1), Decimal("0.5")
    level = (
        share * capex / sum((one + rate) ** -(build + y - half) for y in range(1, debt_years + 1))
    )
    total = -(one - share) * capex
    for y in range(1, years + 1):
        service = level if y <= debt_years else 0
        flow = rent * margin * (one + escalator) ** (y - 1) - service
        total += flow * (one + k) ** -(build + y - half)
    left = sum(
        level * (one + rate) ** -(y - half - years) for y in range(years + 1, debt_years + 1)
    )
    exit_value = rent * margin * (one + escalator) ** years / cap
    return total + (exit_value - left) * (one + k) ** -(build + years)


def test_every_shipped_lease_is_worth_its_cash_flows_by_hand():
    with (SHIPPED_FOLDER / "deals.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "colo"]
    book = load_book("2025-11-30")
    checked = 0
    for row in rows:
        known = row["as_of"] <= "2025-11-30"
        if not known or not (row["mw_critical"] or row["mw_gross"]):
            continue
        mw = Decimal(row["mw_critical"] or 0) or Decimal(row["mw_gross"]) / Decimal("1.3")
        years = int(float(row["term_years"] or 20))
        escalator = Decimal(row["escalator"] or "0.03")
        rents = sum((1 + escalator) ** (y - 1) for y in range(1, years + 1))
        stated = row["revenue_usd_m"] and row["term_years"]
        rent = Decimal(row["revenue_usd_m"]) / (mw * rents) if stated else Decimal("1.55")
        margins = [
            Decimal(row[f"noi_margin_{end}"]) for end in ("low", "high") if row[f"noi_margin_{end}"]
        ]
        costs = [
            Decimal(row[f"capex_{end}_usd_m_per_critical_mw"])
            for end in ("low", "high")
            if row[f"capex_{end}_usd_m_per_critical_mw"]
        ]
        build = Decimal(1)
        if row["in_service"]:
            days = (date.fromisoformat(row["in_service"]) - date(2025, 11, 30)).days
            build = Decimal(max(days, 0)) / Decimal("365.25")
        expected = lease_by_hand(
            rent, escalator,
            sum(margins) / len(margins) if margins else Decimal("0.825"),
            sum(costs) / len(costs) if costs else Decimal(10),
            row["loan_to_cost"] or "0.8", row["debt_rate"] or "0.07125", 15, years, build, "0.08", "0.11",
        )  # fmt: skip
        assert deal_value(row["deal_id"], book=book) == pytest.approx(float(expected), rel=1e-9)
        checked += 1
    assert checked >= 8


def test_signed_by_lease_adds_each_deal_on_its_own_terms():
    each = deal_value("CIFR-fluidstack-barber-lake", book=SITES)
    assert part("CIFR", "signed", SITES) == pytest.approx(168 * each)


def test_a_lease_of_much_rent_on_little_capex_is_worth_more_than_the_other_way_round(folder):
    def two(rows):
        base = dict.fromkeys(rows[0], "") | {
            "ticker": "RIOT", "counterparty": "a tenant", "site": "Corsicana phase 2 (remaining)",
            "kind": "colo", "announced": "2025-09-20", "mw_critical": "200", "as_of": "2025-09-20",
            "source": "assumption", "confidence": "low",
        }  # fmt: skip
        capex = "capex_{}_usd_m_per_critical_mw"
        rich = {"deal_id": "rich", "revenue_usd_m": "9000", "term_years": "15",
                capex.format("low"): "8", capex.format("high"): "8"}  # fmt: skip
        poor = {"deal_id": "poor", "revenue_usd_m": "4000", "term_years": "10",
                capex.format("low"): "14", capex.format("high"): "14"}  # fmt: skip
        return [*rows, base | rich, base | poor]

    book = with_deals(folder, two)
    rich, poor = (deal_value(name, book=book) for name in ("rich", "poor"))
    # 4,000 / 10 / 200 = 2.0 a year on 14 of capex lives from what comes after its term alone.
    assert rich > poor > 0 > deal_value("poor", exit_cap_rate=0, book=book)
    assert rich > 2 * poor


def test_a_contract_of_the_cloud_is_no_lease():
    with pytest.raises(ValuationError, match="contract of the cloud"):
        deal_value("IREN-microsoft-childress-horizon-1-4", book=load_book("2025-11-24"))


def test_what_rests_on_an_assumption_is_named_once_a_low_offer_of_a_site_too():
    """Corsicana offers 600 MW; where that is low it is named as the site states it."""
    low = with_row(SITES, "sites", "Corsicana phase 2 (remaining)",
                   as_of=date(2025, 7, 1), confidence="low")  # fmt: skip
    plain, changed = (coverage(book, ("RIOT", "IREN")).assumptions for book in (SITES, low))
    more = set(changed[0]) - set(plain[0])
    assert more == {"MW offered at Corsicana phase 2 (remaining)"}
    # IREN has two sites and three levels of value per MW: each fact is named once.
    assert "build time before the lease" in plain[1]
    assert not any("low, low" in text for text in plain[1])


def test_a_probability_of_ones_own_for_a_site_stands_before_that_of_its_stage():
    own = [("riot/CORSICANA phase 2 (remaining)", "hpc_probability", 0.8)]
    book = with_own_facts(SITES, own)
    assert part("RIOT", "option", book) == pytest.approx(0.8 * 600 * VALUE)
    row = dict(zip(pipeline("RIOT", book).header, pipeline("RIOT", book).rows[0], strict=True))
    assert (row["probability"], row["probability from"]) == (0.8, "own")
    again = with_own_facts(book, [(own[0][0], "hpc_probability", 0.6)])
    assert part("RIOT", "option", again) == pytest.approx(0.6 * 600 * VALUE)
    assert book.plain.handle == load_book().handle
    assert book_from_content(content_of(book.as_of, book.tables, book.case), book.handle) == book


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("RIOT/Corsicana phase 3", "hpc_probability", 0.5),
         "facts row 1: unknown site of RIOT 'Corsicana phase 3'; did you mean Corsicana phase 1?"),
        (("RIOT/Rockdale", "hashrate", 5.0), "facts row 1: of a site only hpc_probability can be stated"),
        (("RIOT/Rockdale", "hpc_probability", 1.5), "facts row 1: RIOT/Rockdale hpc_probability must be between 0 and 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_stated_for_a_site_is_refused(row, says):
    with pytest.raises(ValuationError) as caught:
        with_own_facts(SITES, [row])
    assert str(caught.value).startswith(says)


def test_a_deal_is_not_valued_with_a_term_of_debt_that_a_lease_is_refused_with():
    book = with_own_facts(load_book("2025-11-06"), [("ALL", "lease_debt_years", 11.67)])
    says = "must be a whole number of years, got 11.67"
    with pytest.raises(ValuationError, match=f"lease_debt_years {says}"):
        deal_value("CIFR-aws-black-pearl", book=book)
    with pytest.raises(ValuationError, match=says):
        lease_value(0.1, book=book)


def test_a_deal_is_not_valued_with_a_wait_that_a_lease_is_refused_with():
    book = load_book("2025-11-06")
    # "2226" for "2026": 200.15 years after 2025-11-06
    late = with_row(book, "deals", "CIFR-aws-black-pearl", deal_id="late",
                    in_service=date(2226, 1, 1))  # fmt: skip
    with pytest.raises(
        ValuationError, match=r"build_years must be between 0 and 200, got 200\.147"
    ):
        deal_value("late", book=late)
    with pytest.raises(ValuationError, match="build_years must be between 0 and 200, got 201"):
        lease_value(0.1, build_years=201)


def test_what_is_wrong_with_a_deal_or_a_site_of_one_miner_is_an_error_of_that_one_alone():
    book = with_row(load_book("2025-11-06", case="sites"), "deals", "CIFR-aws-black-pearl",
                    deal_id="half", term_years=10.5)  # fmt: skip
    miners = np.array(["CIFR", "MARA", "RIOT"], dtype=object)
    found = target.evaluate({"miner": miners, "book": book})
    assert "term_years must be a whole number" in found.error_at((0,)).reason
    assert found.values[1:].tolist() == [target("MARA", book=book), target("RIOT", book=book)]
    stage = without_facts(book, ("ALL", "site_probability_12m"))
    found = target.evaluate({"miner": miners[1:], "book": stage})
    assert found.error_at((0,)) is None  # MARA offers no site
    assert "no site_probability_12m" in found.error_at((1,)).reason
    deals = np.array(["IREN-microsoft-childress-horizon-1-4", "CIFR-aws-black-pearl"], dtype=object)
    found = deal_value.evaluate({"deal": deals, "book": book})
    assert "contract of the cloud" in found.error_at((0,)).reason
    assert found.values[1] == deal_value("CIFR-aws-black-pearl", book=book)


def numbers_of(sentence):
    """Give both figures, their difference, and the three steps that lead from one to the other."""
    figures = re.findall(
        r"(-?[0-9,]+\.[0-9]) (?:USD M )?by|, ([+-][0-9,.]+):|\(([+-][0-9,.]+)\)", sentence
    )
    return [float("".join(one).replace(",", "")) for one in figures]


@pytest.mark.parametrize(
    ("day", "case", "ticker"),
    [("2025-09-26", "plain", "IREN"), ("2025-09-26", "sites", "CIFR"), ("2025-11-24", "base", "RIOT")],
)  # fmt: skip
def test_why_both_differ_adds_up(day, case, ticker):
    book = load_book(day, case=case)
    by_site, company, difference, *steps = numbers_of(difference_in_words(ticker, book))
    rows = {row[0]: row[-1] for row in pipeline(ticker, book).rows}
    assert by_site == pytest.approx(rows["sum by site"], abs=0.06)
    assert company == pytest.approx(rows["company rule"], abs=0.06)
    assert difference == pytest.approx(by_site - company, abs=0.11)
    assert len(steps) == 3
    assert sum(steps) == pytest.approx(difference, abs=0.21)


def test_each_step_between_both_is_of_the_size_a_reader_finds():
    sentence = difference_in_words("IREN")
    assert "MW 1,400 against 800 (+1,845.0)" in sentence  # 0.5 x (1,400 - 800) x 6.15
    # (0.35 x 800 + 0.1 x 600) / 1,400 = 24.3%; (340 - 700) x 6.15
    assert "probability 24.3% against 50.0% (-2,214.0)" in sentence
    wait = (date(2027, 12, 31) - date(2025, 9, 26)).days / 365.25 - 1
    lost = 0.1 * 600 * 6.15 * (1.11**-wait - 1)
    assert f"up to {wait:.2f} years of waiting ({lost:+,.1f})" in sentence


@pytest.mark.parametrize(
    ("book", "ticker", "counted"),
    [
        (load_book(), "RIOT", "the company rule"),
        (load_book(), "CLSK", "no option"),
        (SITES, "RIOT", "the sum by site"),
        (load_book("2025-11-24"), "IREN", "neither, but the named MW"),
    ],
)
def test_the_sentence_tells_which_of_both_the_target_counts(book, ticker, counted):
    assert difference_in_words(ticker, book).endswith(f"; the target counts {counted}")


def test_terms_that_the_book_gives_are_listed_with_their_value_and_deals():
    cloud, bare = "IREN-microsoft-childress-horizon-1-4", "WULF-core42-lake-mariner"
    taken = taken_from_book(load_book("2025-11-24"), [FLUIDSTACK, cloud, bare])
    assert taken["escalator", 0.03] == (FLUIDSTACK, bare)
    assert taken["rent", 1.55] == (bare,)  # without a term its revenue says nothing of a year
    assert taken["exit_cap_rate", 0.08] == (FLUIDSTACK, bare)
    assert ("capex", 10.0) in taken
    assert FLUIDSTACK not in taken["capex", 10.0]
