"""HPC_PUBLISHED: what the edition said, and the rating rule on it."""

from __future__ import annotations

import pytest

from tests.valuation_core.book_files import add_changes, change_row
from valuation_core import ValuationError, load_book, published, with_own_facts
from valuation_core.book.reader import read_tables
from valuation_core.company import option_per_share
from valuation_core.coverage import coverage, price_of
from valuation_core.published import ITEMS, rule_rating
from valuation_core.scorecard import scores
from valuation_core.target import target, upside

figure = published.published
COVERED = ["RIOT", "IREN", "CLSK", "CIFR", "MARA"]


def test_the_edition_of_september_2025():
    assert figure(COVERED, "rating").tolist() == ["OW", "UW", "N", "N", "OW"]
    assert figure(COVERED, "old_rating").tolist() == ["N", "N", "OW", "N", "OW"]
    assert figure(COVERED, "target").tolist() == [19, 24, 14, 12, 20]
    assert figure(COVERED, "old_target").tolist() == [15, 16, 15, 6, 22]
    assert figure(COVERED, "price").tolist() == [16.74, 46.29, 13.68, 11.66, 16.06]
    assert figure(COVERED, "move").tolist() == [0.0045, -0.0981, -0.0899, -0.035, -0.01]


def test_upside_is_target_over_price_less_one():
    assert figure("RIOT", "upside") == 19 / 16.74 - 1  # 13.5%
    assert round(figure("RIOT", "upside"), 3) == 0.135


def test_the_rating_rule_on_published_targets_gives_the_published_ratings():
    assert figure(COVERED, "rule_rating").tolist() == ["OW", "UW", "N", "N", "OW"]


def test_the_rule_includes_ten_percent_in_overweight_and_minus_ten_in_neutral(book):
    upsides = (0.1, 0.0999, -0.1, -0.1001)
    assert [rule_rating(book, "RIOT", u) for u in upsides] == ["OW", "N", "N", "UW"]


def test_a_miner_and_an_item_may_both_be_ranges():
    grid = figure([["RIOT"], ["IREN"]], [["target", "RATING"]])
    assert grid.tolist() == [[19, "OW"], [24, "UW"]]


def test_the_edition_is_the_latest_on_or_before_the_books_date():
    assert figure("RIOT", "target", load_book("2025-09-25")) == 15
    assert figure("RIOT", "rating", load_book("2025-09-25")) == "N"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("WULF", "target"),
            "WULF: nothing published on or before 2025-09-26",
        ),
        (("RIOT", "guidance"), "item must be one of target, old_target"),
        (
            ("CIFR", "target", load_book("2025-03-13")),
            "CIFR: the edition of 2025-03-13 gives no target",
        ),
        (
            ("RIOT", "target", load_book("2024-06-03")),
            "RIOT: nothing published on or before 2024-06-03",
        ),
    ],
)
def test_a_figure_that_was_not_published_is_an_error_that_says_why(arguments, reason):
    with pytest.raises(ValuationError, match=reason):
        figure(*arguments)


def test_every_item_is_explained_down_to_the_edition():
    for item in ITEMS:
        steps = figure.explain({"miner": "RIOT", "item": item})
        assert steps[-1].value == figure("RIOT", item)
        assert any(step.source.startswith("https://") for step in steps)


def test_the_price_is_the_editions_on_its_date_and_the_newest_fact_on_other_dates():
    assert price_of(load_book(), "RIOT").value == 16.74
    assert price_of(load_book("2025-10-02"), "RIOT").value == 19.44
    # MARA's reference price is derived, which its price fact says
    assert price_of(load_book(), "MARA").confidence == "low"


def test_a_price_that_a_case_changes_stands_before_the_editions(folder):
    # RIOT's target of 12.41 over 20 USD, and over four fifths of the 16.74 of the edition.
    for change, value, price in (("set", "20", 20.0), ("times", "0.8", 0.8 * 16.74)):
        unit = "USD/share"
        add_changes(folder, (change, "RIOT", "price", change, value, unit, ""))
        book = load_book("2025-09-26", folder, change)
        assert price_of(book, "RIOT").value == pytest.approx(price, rel=1e-15)
        assert upside("RIOT", book=book) == pytest.approx(target("RIOT") / price - 1, rel=1e-12)
        own = with_own_facts(book, [("RIOT", "price", 18.0)])
        assert price_of(own, "RIOT").value == 18.0
    assert price_of(load_book("2025-09-26", folder), "RIOT").value == 16.74


def test_a_forecast_that_knows_no_case_is_the_same_beside_every_case(folder):
    for ticker in ("RIOT", "IREN", "CLSK", "CIFR", "MARA"):
        add_changes(folder, ("low", ticker, "price", "times", "0.1", "USD/share", ""))
    tables = read_tables(folder)
    beside = [
        [(one.edition, one.ticker, one.forecast, one.rule) for one in scores(tables, [case])
         if one.forecast != case]
        for case in ("plain", "low")
    ]  # fmt: skip
    assert beside[0] == beside[1]
    # A tenth of the price makes every target of the case itself OW.
    assert {one.rule for one in scores(tables, ["low"]) if one.forecast == "low"} <= {"OW", None}


def test_a_target_of_nothing_is_not_read(folder):
    row = change_row(folder, "editions", "2025-09-26", new_target="0")
    with pytest.raises(
        ValuationError, match=f"editions.csv row {row} column new_target: must be above 0, got 0"
    ):
        load_book("2025-09-26", folder)


def test_the_coverage_table_stands_on_the_same_figures(book):
    table = coverage(book)
    assert table.tickers == tuple(COVERED)
    assert table.mw_shopped.values.tolist() == [600, 2000, 0, 306, 0]
    assert table.mw_capped.values.tolist() == [600, 800, 0, 306, 0]
    assert table.option["low"].values[0] == 0.5 * 600 * 3.7
    assert table.option_per_share["mid"].values[0] == pytest.approx(1845 / 369.62)
    # IREN's notes convert at the value solved with the option: more shares than the 272 M basic
    assert table.option_per_share["mid"].values[1] == option_per_share("IREN", book=book)
    assert table.option["mid"].values[1] / table.option_per_share["mid"].values[1] > 310
    assert table.option_per_share["mid"].failed.tolist() == [False, False, True, False, True]
    assert str(table.option["mid"].error_at((2,))).endswith("no probability to CLSK: give prob")
    assert table.assumptions[0] == ()  # low and high are published, mid is halfway between them
    assert table.assumptions[4] == (
        "share price (upside)",
        "power offered to HPC tenants",
        "basic shares (per share)",
    )


def test_before_the_first_fact_of_the_network_the_table_stands_without_figures():
    table = coverage(load_book("2025-09-25"), ["RIOT"])
    assert table.names == ("Riot Platforms",)
    assert table.option_per_share["mid"].failed.tolist() == [True]


def test_a_miner_outside_the_edition_spoils_only_its_own_row(book):
    table = coverage(book, ["WULF", "riot"])
    assert table.tickers == ("WULF", "RIOT")
    assert table.mw_shopped.failed.tolist() == [True, False]
    assert table.target.failed.tolist() == [True, False]
    assert table.option["mid"].values[1] == 1845
