"""HPC_VALUE: probability x MW, capped by one tenant, x value per MW; HPC_WINDOW and HPC_CAPEX."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from tests.strategies import covered, megawatts, months, probabilities, values_per_mw, windows
from tests.valuation_core.book_files import without_facts
from valuation_core import ErrorKind, ValuationError, hpc, load_book, with_own_facts

value = hpc.value


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("RIOT", 0.5, 600), 0.5 * 600 * 6.15),
        (("RIOT", 0.5, 1000), 0.5 * 800 * 6.15),
        (("RIOT", 0.5, 600, "low"), 0.5 * 600 * 3.7),
        (("RIOT", 0.5, 600, "high"), 0.5 * 600 * 8.6),
        (("RIOT", 0.5, 600, "cloud"), 0.5 * 600 * 5.3),
        (("RIOT", 0.5, 600, 10.0), 3000.0),
        (("RIOT", 0.5, 600, "mid", "gross", 100), 0.5 * 100 * 6.15),
        (("CLSK", 0.5, 200), 615.0),
        (("RIOT",), 1845.0),
        (("IREN",), 2460.0),  # 2,000 MW shopped, capped at 800
        (("CIFR",), 0.5 * 306 * 6.15),
        (("Riot Platforms", 0.5, 600), 1845.0),
        ((" riot blockchain ", 0.5, 600), 1845.0),
        (("RIOT", 0.0, 600), 0.0),
        (("RIOT", 1.0, 0.0), 0.0),
    ],
)
def test_the_option_is_probability_times_capped_mw_times_value_per_mw(arguments, expected):
    assert value(*arguments) == pytest.approx(expected, rel=1e-15)


def test_critical_mw_are_multiplied_by_1_30_and_a_value_per_critical_mw_divided_by_it():
    # 461.538461538 critical MW x 1.30 = 600 gross MW, at the book's 6.15 per gross MW
    assert value("RIOT", 0.5, 461.538461538, basis="critical") == pytest.approx(1845, rel=1e-11)
    # 100 critical MW at 8 USD M per critical MW are 130 gross MW at 6.1538
    assert value("RIOT", 1, 100, 8.0, "critical") == pytest.approx(800.0)
    # a cap of 100 critical MW is 130 gross MW
    assert value("RIOT", 1, 1000, "mid", "critical", 100) == pytest.approx(130 * 6.15)


def test_an_omitted_cap_stays_on_gross_mw_whatever_the_basis():
    assert value("RIOT", 1, 10_000, "mid", "critical") == pytest.approx(800 * 6.15)


def test_a_fact_stated_on_critical_mw_is_converted():
    import dataclasses

    book = load_book()
    facts = {
        key: dataclasses.replace(fact, basis="critical") if key[1] == "hpc_mw_shopped" else fact
        for key, fact in book.facts.items()
    }
    book.__dict__["facts"] = facts  # in place of the computed one
    assert value("RIOT", 0.5, book=book) == pytest.approx(0.5 * 600 * 1.3 * 6.15)  # 780 MW
    assert value("RIOT", 1, 1, 5, "critical", book=book) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        (("RIOT", 1.7, 600), ErrorKind.DOMAIN, "prob must be between 0 and 1, got 1.7"),
        (("RIOT", -0.1), ErrorKind.DOMAIN, "prob must be between 0 and 1, got -0.1"),
        (("RIOT", float("nan")), ErrorKind.DOMAIN, "prob must be between 0 and 1, got nan"),
        (("RIOT", 0.5, -5), ErrorKind.DOMAIN, "mw must be 0 or more, got -5"),
        (("RIOT", 0.5, float("inf")), ErrorKind.DOMAIN, "mw must be 0 or more, got inf"),
        (("RIOT", 0.5, 600, float("inf")), ErrorKind.DOMAIN, "must be a finite number"),
        (("RIOT", 0.5, 600, "mid", "gross", -1), ErrorKind.DOMAIN, "cap must be 0 or more"),
        (("RIOT", 1, 800, 1e308), ErrorKind.DOMAIN, "result is not a finite number"),
        (("RIOT", "abc", 600), ErrorKind.MISFIT, "prob must be a number, got 'abc'"),
        (("RIOT", 0.5, 600, "medium-rare"), ErrorKind.MISFIT, "low, mid, high, cloud"),
        (
            ("RIOT", 0.5, 600, "mid", "net"),
            ErrorKind.MISFIT,
            "basis must be one of gross, critical",
        ),
        (("RIOTT",), ErrorKind.MISSING, "unknown miner 'RIOTT'; did you mean RIOT?"),
        (("CLSK",), ErrorKind.MISSING, "the edition applies no probability to CLSK: give prob"),
        (("WULF", 0.5), ErrorKind.MISSING, "WULF: no hpc_mw_shopped on or before 2025-09-26"),
    ],
)
def test_a_broken_rule_is_named_with_input_rule_and_value(arguments, kind, reason):
    with pytest.raises(ValuationError) as caught:
        value(*arguments)
    assert caught.value.kind is kind
    assert reason in str(caught.value)


def test_the_error_carries_its_parts():
    with pytest.raises(ValuationError) as caught:
        value("RIOT", 1.7, 600)
    assert (caught.value.input, caught.value.rule, caught.value.value) == (
        "prob",
        "must be between 0 and 1",
        1.7,
    )


def test_a_column_and_a_row_give_a_grid():
    grid = value("RIOT", [[0.25], [0.5]], [[300, 600, 900]])
    expected = [[p * min(mw, 800) * 6.15 for mw in (300, 600, 900)] for p in (0.25, 0.5)]
    assert grid.tolist() == expected


def test_every_argument_may_be_a_range():
    grid = value(
        ["RIOT", "IREN", "CIFR"],
        [0.5, 0.4, 0.3],
        [100, 200, 300],
        np.array(["mid", 5.0, "HIGH"], dtype=object),
        ["gross", "gross", "critical"],
        [800, 150, 100],
    )
    assert grid == pytest.approx([0.5 * 100 * 6.15, 0.4 * 150 * 5, 0.3 * 130 * 8.6])


def test_one_bad_element_spoils_only_itself():
    result = value.evaluate({"miner": "RIOT", "prob": [0.5, 1.7, 0.25], "mw": 600.0})
    assert result.failed.tolist() == [False, True, False]
    assert result.values[[0, 2]].tolist() == [1845.0, 922.5]
    assert str(result.error_at((1,))) == "prob must be between 0 and 1, got 1.7"
    assert result.error_at((0,)) is None


def test_called_from_python_an_array_with_a_bad_element_raises_that_elements_error():
    with pytest.raises(ValuationError, match="got 1.7"):
        value("RIOT", [0.5, 1.7], 600)


def test_ranges_that_do_not_fit_are_refused_with_their_sizes():
    with pytest.raises(ValuationError, match="of 2 and 3 cells do not fit together"):
        value("RIOT", [0.1, 0.2], [1, 2, 3])


def test_a_result_of_more_than_ten_million_elements_is_refused_unattempted():
    with pytest.raises(ValuationError, match="10,000,000 elements or fewer, got 16000000"):
        value("RIOT", np.zeros((4000, 1)), np.zeros((1, 4000)))


@given(p=probabilities, mw=megawatts, k=st.floats(0, 1))
def test_it_is_linear_in_probability(p, mw, k):
    assert value("RIOT", p * k, mw) == pytest.approx(k * value("RIOT", p, mw), rel=1e-12, abs=1e-9)


@given(p=probabilities, mw=megawatts, more=megawatts, per_mw=st.floats(0, 100))
def test_it_never_falls_when_mw_rise(p, mw, more, per_mw):
    assert value("RIOT", p, mw + more, per_mw) >= value("RIOT", p, mw, per_mw)


@given(p=probabilities, above=st.floats(0, 1e6), cap=megawatts)
def test_it_is_flat_above_the_cap(p, above, cap):
    at_cap = value("RIOT", p, cap, "mid", "gross", cap)
    assert value("RIOT", p, cap + above, "mid", "gross", cap) == at_cap


@given(p=probabilities, mw=megawatts, per_mw=values_per_mw, cap=megawatts)
def test_gross_and_critical_say_the_same_thing_in_two_units(p, mw, per_mw, cap):
    gross = value("RIOT", p, mw, per_mw, "gross", cap)
    critical = value("RIOT", p, mw / 1.3, per_mw * 1.3, "critical", cap / 1.3)
    assert critical == pytest.approx(gross, rel=1e-12, abs=1e-12)


@given(p=probabilities, mw=megawatts, per_mw=values_per_mw, cap=megawatts)
def test_it_agrees_with_exact_decimal_arithmetic(p, mw, per_mw, cap):
    exact = Decimal(p) * min(Decimal(mw), Decimal(cap)) * Decimal(per_mw)
    assert value("RIOT", p, mw, per_mw, "gross", cap) == pytest.approx(float(exact), rel=1e-15)


@given(
    rows=st.lists(
        st.tuples(
            covered | st.just("NOBODY"),
            probabilities | st.sampled_from([-1.0, 2.0]),
            megawatts | st.just(-1.0),
            values_per_mw | st.sampled_from(["low", "mid", "high", "cloud", "none"]),
            st.sampled_from(["gross", "critical", "net"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_an_array_gives_what_its_elements_give_one_by_one_errors_included(rows):
    columns = dict(
        zip(("miner", "prob", "mw", "per_mw", "basis"), zip(*rows, strict=True), strict=True)
    )
    arrays = {
        name: np.array(column, dtype=object if name in ("miner", "per_mw", "basis") else float)
        for name, column in columns.items()
    }
    together = value.evaluate(arrays)
    for index, row in enumerate(rows):
        error = together.error_at((index,))
        try:
            alone = value(*row)
        except ValuationError as expected:
            assert str(error) == str(expected)
            assert error.kind is expected.kind
        else:
            assert error is None
            assert together.values[index] == alone


def test_a_gross_element_does_not_need_the_ratio_that_its_critical_neighbour_lacks():
    book = without_facts(load_book(), ("ALL", "gross_to_critical"))
    arguments = {
        "miner": "RIOT",
        "prob": 0.5,
        "mw": 600.0,
        "basis": ["gross", "critical"],
        "book": book,
    }
    assert value.evaluate(arguments).failed.tolist() == [False, True]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((5, 0.5), "miner must be a name, got 5"),
        (("RIOT", [[0.5], [0.5, 0.6]]), "rows of equal length"),
        (("RIOT", 0.5, 1, "mid", "gross", 1, "book:x"), "book must be a Book, got 'book:x'"),
    ],
)
def test_what_is_no_argument_at_all_is_refused_in_words(arguments, reason):
    with pytest.raises(ValuationError, match=reason):
        value(*arguments)


def test_a_list_of_levels_and_numbers_is_an_array_of_both():
    assert value("RIOT", 0.5, 600, ["mid", 5.0]).tolist() == [1845, 1500]


def test_own_facts_move_the_defaults():
    book = with_own_facts(load_book(), [("RIOT", "hpc_mw_shopped", 100), ("ALL", "tenant_cap", 50)])
    assert value("RIOT", book=book) == pytest.approx(0.5 * 50 * 6.15)


def test_the_explanation_shows_the_mw_that_one_tenant_takes():
    steps = {step.step: step.value for step in hpc.value.explain({"miner": "IREN"})}
    assert steps["MW capped"] == 800  # of 2,000 shopped
    steps = {step.step: step.value for step in hpc.value.explain({"miner": "RIOT", "mw": 300})}
    assert steps["MW capped"] == 300


def test_with_half_the_window_left_a_quarter_chance_of_none_becomes_a_half():
    assert hpc.window(0.75, 4.5, 9) == 0.5  # 1 - 0.25^0.5


def test_the_editions_window_is_nine_months():
    assert hpc.window(0.75, 4.5) == 0.5


@given(p=probabilities, w=windows)
def test_at_the_start_the_whole_probability_is_left(p, w):
    assert hpc.window(p, 0, w) == p


@given(p=probabilities, w=windows, late=months)
def test_from_the_end_of_the_window_on_nothing_is_left(p, w, late):
    assert hpc.window(p, w, w) == 0
    assert hpc.window(p, w + late, w) == 0


@given(p=probabilities, w=windows, a=months, b=months)
def test_it_never_rises_as_time_passes(p, w, a, b):
    assert hpc.window(p, max(a, b), w) <= hpc.window(p, min(a, b), w) + 1e-15


@given(p=probabilities, w=windows, t=months)
def test_it_is_the_chance_that_a_constant_hazard_strikes_in_the_time_left(p, w, t):
    with mp.workdps(50):
        if p == 1:
            expected = 1.0 if t < w else 0.0
        else:
            hazard = -mp.log(1 - mpf(p)) / mpf(w)
            expected = float(1 - mp.exp(-hazard * max(mpf(w) - mpf(t), 0)))
    assert hpc.window(p, t, w) == pytest.approx(expected, abs=1e-13)


def test_a_window_of_no_months_leaves_nothing():
    assert hpc.window(0.5, 0, 0) == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((1.2, 3), "prob must be between 0 and 1, got 1.2"),
        ((0.5, -1), "months must be 0 or more, got -1"),
        ((0.5, 1, -9), "window must be 0 or more, got -9"),
        ((0.5, math.nan), "months must be 0 or more, got nan"),
    ],
)
def test_the_window_refuses_numbers_outside_their_domain(arguments, reason):
    with pytest.raises(ValuationError, match=reason.replace("(", "\\(")):
        hpc.window(*arguments)


def test_capex_of_1300_gross_mw_is_1000_critical_mw_at_10_million_each():
    assert hpc.capex(1300) == pytest.approx(10_000)


def test_capex_of_critical_mw_is_not_converted():
    assert hpc.capex(1000, basis="critical") == 10_000


def test_an_own_cost_per_mw_is_on_the_basis_of_the_mw():
    assert hpc.capex(100, 9) == 900
    assert hpc.capex(100, 9, "critical") == 900


def test_a_range_of_bases_is_converted_element_by_element():
    assert hpc.capex([1300, 1000], None, ["gross", "critical"]) == pytest.approx([10_000, 10_000])


@pytest.mark.parametrize("arguments", [(-1,), (1, -1), (math.inf,)])
def test_capex_refuses_numbers_outside_their_domain(arguments):
    with pytest.raises(ValuationError, match="must be 0 or more"):
        hpc.capex(*arguments)
