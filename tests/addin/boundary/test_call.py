"""The boundary: what every host shows for a call."""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.boundary.call import _render, call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.excel.com import from_com, to_com
from tests.addin.boundary.any_cells import cells, check_result, ranges
from tests.addin.boundary.cases import CASES, approximately, every_case, shown
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.result import ResultTable
from workbook.cells import ErrorValue


@every_case
def test_every_case_at_the_boundary(desk, case):
    assert shown(call(desk, case.function, case.cells)) == approximately(case.expected)


def test_the_cases_cover_every_function_but_version():
    assert {case.function for case in CASES} == set(catalogue()) - {"HPC_VERSION"}


def test_an_error_carries_its_reason(desk):
    assert (
        call(desk, "HPC_VALUE", ["CLSK"]).reason
        == "the edition applies no probability to CLSK: give prob"
    )
    grid = call(desk, "HPC_VALUE", ["RIOT", [[0.5, 1.7, None, "x", ErrorValue("#REF!")]], 600.0])
    assert [cell.reason for cell in grid[0][1:]] == [
        "prob must be between 0 and 1, got 1.7",
        "prob is a blank cell",
        "prob must be a number, got 'x'",
        "prob is #REF!",
    ]


def test_explain_gives_the_same_reason_as_the_call(desk):
    for case in CASES:
        if (
            isinstance(case.expected, str)
            and case.expected.startswith("#")
            and case.function != "HPC_EXPLAIN"
        ):
            alone = call(desk, case.function, case.cells)
            explained = call(desk, "HPC_EXPLAIN", [case.function, *case.cells])
            if any(isinstance(cell, list) for cell in case.cells) and case.function != "HPC_BOOK":
                continue
            assert explained[1][:3] == ["no result", alone.reason, alone], case.shows


def test_explain_reads_arguments_as_the_function_does(desk):
    table = call(desk, "HPC_EXPLAIN", ["HPC_VALUE", "RIOT", "50%", [[600.0]], OMITTED, "gross"])
    assert table[0] == ["step", "formula", "value", "unit", "source", "as of", "confidence"]
    assert table[-1][:4] == [
        "option value",
        "probability x MW capped x value per MW",
        1845.0,
        "USD M",
    ]
    assert all(cell not in (None, "") for row in table for cell in row)


def test_a_long_text_is_cut_at_what_a_cell_formula_can_take(desk):
    text = call(desk, "HPC_SOURCE", ["RIOT", "power_price"])
    assert len(text) == 255
    assert text.endswith("…")


def test_a_handle_made_in_one_session_resolves_in_the_next(tmp_path):
    facts = [["RIOT", "hpc_mw_shopped", 400.0]]
    handle = call(Desk(store=BookStore(tmp_path)), "HPC_BOOK", [OMITTED, facts])
    cells = ["RIOT", *[OMITTED] * 5, handle]
    assert call(Desk(store=BookStore(tmp_path)), "HPC_VALUE", cells) == 0.5 * 400 * 6.15


def test_a_range_of_handles_is_evaluated_book_by_book(desk):
    own = call(desk, "HPC_BOOK", [OMITTED, [["RIOT", "hpc_mw_shopped", 400.0]]])
    plain = call(desk, "HPC_BOOK", [])
    handles = [[own], [plain], ["x"], [None]]
    values = call(desk, "HPC_VALUE", [[["RIOT", "CLSK"]], *[OMITTED] * 5, handles])
    assert shown(values) == [[1230.0, "#N/A"], [1845.0, "#N/A"], ["#N/A", "#N/A"], ["#N/A", "#N/A"]]
    assert values[0][1].reason == "the edition applies no probability to CLSK: give prob"
    assert values[2][0].reason == "book is not a handle made by HPC_BOOK, got 'x'"


def test_the_shape_of_a_range_of_handles_and_another_range_is_the_shape_of_both(desk):
    own = call(desk, "HPC_BOOK", [])
    rest = [600.0, OMITTED, OMITTED, OMITTED]
    assert shown(call(desk, "HPC_VALUE", ["RIOT", [[0.5, 0.25]], *rest, [["bad"], [own]]])) == [
        ["#N/A", "#N/A"],
        [1845.0, 922.5],
    ]
    misfits = call(desk, "HPC_VALUE", ["RIOT", [[0.1, 0.2, 0.3]], *rest, [[own, "bad"]]])
    assert misfits.code == "#VALUE!"
    assert "do not fit together" in misfits.reason
    many = call(desk, "HPC_VALUE", ["RIOT", [[0.5] * 4000], *rest, [[own]] * 4000])
    assert many.code == "#NUM!"


def test_beside_a_range_a_bad_single_cell_leaves_each_error_its_own(desk):
    cells = ["RIOT", None, [[ErrorValue("#DIV/0!"), 600.0]]]
    assert shown(call(desk, "HPC_VALUE", cells)) == [["#DIV/0!", "#N/A"]]
    rest = [600.0, OMITTED, OMITTED, OMITTED, "bad"]
    cells = ["RIOT", [[0.1, ErrorValue("#REF!")]], *rest]
    assert shown(call(desk, "HPC_VALUE", cells)) == [["#N/A", "#REF!"]]


def test_a_currency_cell_is_a_number(desk):
    assert call(desk, "HPC_VALUE", ["RIOT", 0.5, Decimal("600")]) == 1845.0
    assert call(desk, "HPC_VALUE", ["RIOT", [[Decimal("0.5"), 0.25]], 600.0]) == [[1845.0, 922.5]]


def test_one_long_text_in_a_range_of_numbers_costs_nothing(desk):
    rows = [[0.5]] * 20_000 + [["x" * 32_767]]
    result = call(desk, "HPC_VALUE", ["RIOT", rows, 600.0])
    assert (result[0][0], result[-1][0].code) == (1845.0, "#VALUE!")


def test_rows_of_unequal_length_are_refused(desk):
    for rows in ([[0.5], 0.6], [[0.5], [0.5, 0.6]]):
        assert call(desk, "HPC_VALUE", ["RIOT", rows, 600.0]).code == "#VALUE!"


def test_a_book_made_while_explaining_resolves_too(desk):
    explained = call(desk, "HPC_EXPLAIN", ["HPC_BOOK", OMITTED, [["RIOT", "cash", 1.0]]])
    assert call(desk, "HPC_DATA", ["RIOT", "cash", explained[-1][2]]) == 1.0


def test_too_many_or_too_few_arguments_are_refused(desk):
    assert call(desk, "HPC_VERSION", [1.0]).reason == "arguments must be 0 or fewer, got 1"
    assert call(desk, "HPC_VALUE", [OMITTED, 0.5]).reason == "miner must be given"
    assert call(desk, "HPC_NOTHING", []).reason.startswith("unknown function 'HPC_NOTHING'")


def test_a_range_of_a_million_cells_becomes_float64(desk):
    rows = np.linspace(0, 1, 10**6).reshape(1000, 1000).tolist()
    values = call(desk, "HPC_VALUE", ["RIOT", rows, 600.0])
    assert values[999][999] == 3690.0
    assert values[0][0] == 0.0


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan, np.float64("nan")])
def test_a_number_that_is_not_finite_never_passes_whatever_made_it(desk, number):
    assert _render(desk, number).code == "#NUM!"
    table = _render(desk, ResultTable(("a",), ((number,), (1.0,))))
    assert shown(table) == [["a"], ["#NUM!"], [1.0]]


@pytest.mark.parametrize("name", list(catalogue()))
@given(arguments=st.lists(cells | ranges | st.just(OMITTED), max_size=8))
@settings(max_examples=150)
def test_whatever_the_cells_hold_a_value_or_a_listed_error_comes_back(
    tmp_path_factory, name, arguments
):
    desk = Desk(store=BookStore(tmp_path_factory.getbasetemp() / "fuzz"))
    check_result(call(desk, name, arguments))


nested = st.recursive(cells, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner))


@pytest.mark.parametrize("name", list(catalogue()))
@given(arguments=st.lists(nested | st.just(OMITTED), max_size=8))
@settings(max_examples=60)
def test_however_cells_are_nested_an_answer_comes_within_seconds(tmp_path_factory, name, arguments):
    desk = Desk(store=BookStore(tmp_path_factory.getbasetemp() / "fuzz"))
    start = time.process_time()
    check_result(call(desk, name, [from_com(cell) for cell in arguments]))
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", sorted(set(catalogue()) - {"HPC_VERSION"}))
def test_a_text_with_a_nul_is_an_error_with_a_reason_in_a_cell_and_in_a_range(desk, name):
    for place in range(len(catalogue()[name].arguments)):
        for cell in ("RIOT\0", [["RIOT\0", "RIOT"]], [["x", "\0"], ["y", 1.0]]):
            given = ["RIOT"] * place + [cell]
            answer = call(desk, name, given)
            for one in [cell for row in answer for cell in row] if isinstance(answer, list) else []:
                assert one == one, (name, given)
            assert "internal error" not in str(answer)
            assert to_com(answer) is not None


def test_a_handle_with_a_nul_at_its_end_is_no_handle(desk):
    """NumPy's own texts lose a NUL at their end, and with it the error of the cell."""

    cells = ["RIOT", *[OMITTED] * 5, [["RIOT\0", call(desk, "HPC_BOOK", [])]]]
    wrong, right = call(desk, "HPC_VALUE", cells)[0]
    assert (wrong.code, right) == ("#N/A", 1845.0)
    assert wrong.reason == "book is not a handle made by HPC_BOOK, got 'RIOT\\x00'"


@pytest.mark.parametrize("case", ["plain", "sites"])
@pytest.mark.parametrize("day", ["2025-09-26", "2025-11-24"])
def test_every_step_of_a_target_is_a_number_or_a_text(desk, day, case):
    handle = call(desk, "HPC_BOOK", [day, OMITTED, case])
    for miner in ("RIOT", "IREN", "CLSK", "CIFR", "MARA"):
        rows = call(desk, "HPC_EXPLAIN", ["HPC_TARGET", miner, *[OMITTED] * 6, handle])
        assert {type(row[2]) for row in rows[1:]} <= {float, str}
