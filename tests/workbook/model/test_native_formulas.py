"""What the native formulas compute, against the core, on facts of every kind; no engine needed.

A `Term` computes what its formula says. `test_model_in_the_engine` shows that LibreOffice reads the
formulas the same way; here the formulas themselves are held against the core.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workbook.cases import inputs_of
from valuation_core import load_book, with_own_facts
from valuation_core.book import Book
from valuation_core.book.tables import table_of
from valuation_core.coverage import coverage
from valuation_core.published import price_of
from valuation_core.target import target
from workbook.cells import MISSING, ErrorValue
from workbook.model.build import plan_model
from workbook.model.excel import IF, Term, joined_text, text
from workbook.model.figures import Figures
from workbook.model.sheets.valuation.deal_leases import plan_deal_leases
from workbook.model.sheets.valuation.dilution import plan_dilution
from workbook.model.sheets.valuation.dilution_instruments import (
    diluted_shares_of,
    dilution_instruments,
    per_share_of,
)
from workbook.model.sheets.valuation.hpc import plan_hpc
from workbook.model.sheets.valuation.lease import plan_lease
from workbook.model.sheets.valuation.mining import hashprice as native_hashprice
from workbook.model.sheets.valuation.mining import plan_mining
from workbook.model.sheets.valuation.mining_periods import mining_value
from workbook.model.sheets.valuation.pipeline import plan_pipeline
from workbook.model.sheets.valuation.sotp import plan_sotp

TICKERS = ("RIOT", "MARA")

RATES = st.floats(-0.6, 2.0).filter(lambda rate: rate == 0.0 or abs(rate) > 1e-4)

POWER_PRICES = st.floats(-50, 200).map(lambda price: round(price, 6))
"""A price of 5e-324 USD has no logarithm beside a revenue; no power is sold at it."""


def planned(own, tickers=TICKERS):
    """Plan the sheets up to the dilution on the shipped facts with some stated anew."""
    book = with_own_facts(load_book(), own)
    figures = Figures(book, tickers)
    _, inputs, *_ = inputs_of(book, tickers)
    mining = plan_mining(figures, inputs)
    leases = plan_deal_leases(figures, inputs, plan_lease(figures, inputs))
    hpc = plan_hpc(figures, inputs, plan_pipeline(figures, inputs), leases)
    sotp = plan_sotp(figures, inputs, mining, hpc)
    return figures, inputs, mining, plan_dilution(figures, inputs, sotp)


def check_mining(growth, discount, power, price):
    figures, inputs, mining, _ = planned(
        [
            ("ALL", "network_growth", growth),
            ("ALL", "mining_discount_rate", discount),
            ("RIOT", "power_price", power),
            ("NETWORK", "btc_price", price),
        ]
    )
    expected = figures.call("HPC_MINING_VALUE")["RIOT"]
    found = mining_value(mining, inputs, "RIOT").value
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=10)
@given(RATES, RATES, POWER_PRICES, st.floats(1_000, 400_000))
@example(0.35, 0.12, 90.0, 109_107.0)  # switched off within the second period
@example(-0.3, 0.0, 200.0, 60_000.0)  # switched on later, as the network shrinks
@example(0.0, 0.0, 35.0, 109_107.0)
def test_mining_by_geometric_sums_is_mining_day_by_day(growth, discount, power, price):
    check_mining(growth, discount, power, price)


@pytest.mark.long
@settings(max_examples=150)
@given(RATES, RATES, POWER_PRICES, st.floats(1_000, 400_000))
def test_mining_at_length(growth, discount, power, price):
    check_mining(growth, discount, power, price)


def check_value_per_share(other, shares):
    figures, _, _, dilution = planned(
        [("MARA", "other_value", other), ("MARA", "shares_basic", shares)]
    )
    expected = figures.valuation()["per_share"]["MARA"]
    shared = dilution.at("shared", "MARA")
    found = per_share_of(shared, dilution, dilution_instruments(figures), "MARA").value
    assert found == pytest.approx(expected, rel=1e-9)


@settings(max_examples=10)
@given(st.floats(-20_000, 60_000), st.floats(50, 900))
@example(30_000.0, 378.18)  # MARA above 19 and 20 USD: two of five notes convert
@example(-20_000.0, 378.18)  # negative equity: nothing converts
def test_the_value_per_share_of_what_is_in_the_money_is_the_solution_of_the_core(other, shares):
    check_value_per_share(other, shares)


@pytest.mark.long
@settings(max_examples=150)
@given(st.floats(-20_000, 60_000), st.floats(50, 900))
def test_the_value_per_share_at_length(other, shares):
    check_value_per_share(other, shares)


def check_diluted_shares(other):
    figures, _, _, dilution = planned([("CIFR", "other_value", other)], ("CIFR",))
    shared, instruments = dilution.at("shared", "CIFR"), dilution_instruments(figures)
    per_share = per_share_of(shared, dilution, instruments, "CIFR")
    found = diluted_shares_of(shared, per_share, dilution, instruments, "CIFR").value
    assert found == pytest.approx(figures.valuation()["shares"]["CIFR"], rel=1e-9)


@settings(max_examples=10)
@given(st.floats(-20_000, 60_000))
@example(0.0)  # the warrants of Google, at a strike of 0.01 USD, are in the money, and the note
@example(-20_000.0)  # negative equity: nothing is
def test_diluted_shares_at_a_value_are_those_of_the_core(other):
    check_diluted_shares(other)


@pytest.mark.long
@settings(max_examples=150)
@given(st.floats(-20_000, 60_000))
def test_diluted_shares_at_length(other):
    check_diluted_shares(other)


@pytest.mark.parametrize("price", [40.0, 16.06, 17.53])
def test_a_price_of_your_own_in_the_book_itself_wins_in_cells_too(price):
    own = with_own_facts(load_book(), [("MARA", "price", price)])
    sheet = next(one for one in plan_model(coverage(own)).sheets if one.name == "Targets")
    row = next(
        row for row, column in sheet.cells if sheet.cells[row, column].value == "Share price"
    )
    stated, newest, reference = (sheet.cells[row - back, 8].value for back in (3, 2, 1))
    # IF(newest <> stated, newest, reference), as the cell has it
    assert (newest if newest != stated else reference) == sheet.cells[row, 8].value == price


@pytest.mark.parametrize("change", ["set", "times"])
def test_a_price_that_the_case_changes_wins_in_cells_too(change):
    plain = load_book()
    like = next(row for row in plain.tables["cases"].rows() if row["case"] == "bear")
    to = {"case": "mine", "scope": "MARA", "metric": "price", "unit": "USD/share", "basis": ""}
    value = 0.5 if change == "times" else 9.0
    book = plain.with_changes([{**like, **to, "change": change, "value": value}])
    sheet = next(one for one in plan_model(coverage(book)).sheets if one.name == "Targets")
    at = {cell.value: row for (row, column), cell in sheet.cells.items() if column == 1}
    prices = [sheet.cells[at["Share price"], column].value for column in range(4, 9)]
    published = [price_of(plain, ticker).value for ticker in plain.coverage]
    assert prices == [*published[:-1], 0.5 * published[-1] if change == "times" else 9.0]
    days = [sheet.cells[at["Day of that price"], column].value for column in range(4, 9)]
    assert days == [price_of(book, ticker).as_of for ticker in book.coverage]


@pytest.mark.parametrize("stated", [1.5625, 2.0])
@pytest.mark.parametrize("day", ["2028-04-09", "2028-04-10", "2028-06-01", "2032-06-01"])
def test_a_subsidy_is_halved_in_cells_as_in_the_core(day, stated):
    for own in ([], [("NETWORK", "block_subsidy", stated)]):
        book = with_own_facts(load_book(day), own)
        figures = Figures(book, ("RIOT",))
        _, inputs, *_ = inputs_of(book, ("RIOT",))
        mining = plan_mining(figures, inputs)
        hashprice = native_hashprice(mining, inputs, "RIOT").value
        assert hashprice == pytest.approx(figures.one("HPC_HASHPRICE"), rel=1e-12)
        found = mining_value(mining, inputs, "RIOT").value
        assert found == pytest.approx(figures.call("HPC_MINING_VALUE")["RIOT"], rel=1e-9)


def test_a_formula_is_bracketed_as_its_value_is_computed():
    a, b, c = Term("A1", 8.0), Term("B1", 4.0), Term("C1", 2.0)
    assert ((a - b - c).text, (a - b - c).value) == ("A1-B1-C1", 2.0)
    assert ((a - (b - c)).text, (a - (b - c)).value) == ("A1-(B1-C1)", 6.0)
    assert ((a / (b * c)).text, (a / (b * c)).value) == ("A1/(B1*C1)", 1.0)
    assert (((a + b) ** c).text, ((a + b) ** c).value) == ("(A1+B1)^C1", 144.0)
    assert ((a ** (b / c)).text, (a ** (b / c)).value) == ("A1^(B1/C1)", 64.0)
    assert (((a**b) ** c).text) == "(A1^B1)^C1"  # spreadsheets and Python differ without brackets
    assert ((a - -b).text, (a * -b).text, (a**-c).text) == ("A1-(-B1)", "A1*(-B1)", "A1^(-C1)")
    assert ((-(a**c)).text, (-(a**c)).value) == ("-(A1^C1)", -64.0)  # Excel squares -A1 first
    assert (((-a) ** c).text, ((-a) ** c).value) == ("(-A1)^C1", 64.0)
    assert (a > (b > c)).text == "A1>(B1>C1)"
    assert (a.equals(b > c)).text == "A1=(B1>C1)"


def test_an_error_runs_through_a_formula_and_a_branch_not_taken_does_not():
    lost, one, zero = Term("A1", MISSING), Term("B1", 1.0), Term("C1", 0.0)
    assert (lost + one).value == MISSING
    assert (one / zero).value == ErrorValue("#DIV/0!")
    assert (one + text("x")).value == ErrorValue("#VALUE!")
    assert IF(one > zero, one, lost).value == 1.0
    assert IF(zero > one, one, lost).value == MISSING
    assert joined_text([text("a"), lost]).value == MISSING


@pytest.mark.parametrize("missing", ["hpc_mw_named", "hpc_value_named"])
def test_mw_named_without_their_value_or_a_value_without_mw_give_no_figure(missing):
    """As the core has it: both or #N/A. A text among the factors would be #VALUE!."""
    book = load_book("2025-11-24")
    stated = [row for row in book.tables["inputs"].rows() if row["metric"] != missing]
    without = Book(book.as_of, {**book.tables, "inputs": table_of("inputs", stated)})
    plan = plan_model(coverage(without, ["IREN", "RIOT"]))
    errors = {
        cell.value.code
        for sheet in plan.sheets
        for cell in sheet.cells.values()
        if isinstance(cell.value, ErrorValue)
    }
    assert errors <= {"#N/A", "#NUM!"}
    targets = [plan.names[f"{ticker}_target"] for ticker in ("IREN", "RIOT")]
    sheet = next(sheet for sheet in plan.sheets if sheet.name == "Targets")
    named, other = (sheet.cells[ref.row, ref.column].value for ref in targets)
    assert named == MISSING
    assert other == pytest.approx(target("RIOT", book=book))
