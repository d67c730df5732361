"""Facts looked up by name: their value, their source and their age."""

from __future__ import annotations

from datetime import date

import pytest

from valuation_core import ErrorKind, ValuationError, load_book, with_own_facts
from valuation_core.facts import age, fact, source


@pytest.mark.parametrize(
    ("day", "scope", "metric", "days"),
    [
        ("2025-09-26", "RIOT", "cash", 88),  # of 2025-06-30
        ("2025-09-26", "riot platforms", "price", 1),
        ("2025-09-26", "NETWORK", "btc_price", 0),
        ("2025-11-24", "NETWORK", "network_hashrate", 4),
        ("2025-11-24", "CLSK", "cash", 147),  # the newer balance is known a day later
        ("2025-11-25", "CLSK", "cash", 56),
        ("2025-11-24", "RIOT", "colo_value_position", 59),
    ],
)
def test_age_is_the_days_from_the_day_a_fact_is_about(day, scope, metric, days):
    assert age(scope, metric, load_book(day)) == days


def test_an_own_fact_is_of_the_day_and_so_is_one_that_a_case_sets():
    own = with_own_facts(load_book("2025-11-24"), [("RIOT", "cash", 300.0)])
    assert age("RIOT", "cash", own) == 0
    bear = load_book("2025-11-24", case="bear")
    assert age("ALL", "colo_value_position", bear) == 0
    assert age("NETWORK", "btc_price", bear) == 1  # a factor on the price leaves it as old as it is


def test_scopes_down_and_metrics_across_give_a_grid_with_errors_where_they_belong():
    scopes, metrics = [["RIOT"], ["MARA"]], [["cash", "price", "nonsense", "debt_reported"]]
    made = age.evaluate({"scope": scopes, "metric": metrics})
    assert made.failed.tolist() == [[False, False, True, True], [False, False, True, True]]
    assert made.values[:, :2].tolist() == [[88, 1], [0, 1]]
    assert made.error_at((0, 3)).kind is ErrorKind.MISSING


def test_a_metric_that_is_gone_or_unknown_is_told():
    with pytest.raises(ValuationError, match="no debt_reported on or before"):
        age("RIOT", "debt_reported")
    with pytest.raises(ValuationError, match="did you mean hpc_mw_shopped"):
        age("RIOT", "hpc_mw_shoped")


def test_a_date_is_a_fact_too():
    book = load_book("2025-11-24")
    assert fact("CIFR", "displaced_on", book) == date(2026, 9, 30)
    assert source("CIFR", "hashrate_displaced", book).startswith("assumption (as of 2025-11-24")
