"""Pro forma cash: the balance, and every note and loan that came or went after it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.valuation_core.book_files import with_row
from valuation_core import ValuationError, load_book, with_own_facts
from valuation_core.cash import cash_part
from valuation_core.company import diluted_shares
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.target import target

NOTE = "MARA-0-convertible-2030"
"""1,000 USD M into 38.5902 M shares above 25.91 USD, issued in 2024."""
BALANCE = date(2025, 9, 26)
"""Day of the cash of MARA: 780 USD M."""


def cash(ticker, book):
    return float(cash_part(Evaluation().use(book), ticker))


def rows_of(ticker, book):
    steps = []
    evaluation = Evaluation(steps=steps).use(book)
    cash_part(evaluation, ticker)
    return {step.step: step for step in steps}


def october():
    return load_book("2025-10-31")


def changed(book, **cells):
    """Give the book with a later row of MARA's note of 2030."""
    return with_row(book, "instruments", NOTE, **{"as_of": date(2025, 10, 20)} | cells)


def issued(book, day, **cells):
    """Give the book with a new note of MARA of 500 USD M."""
    cells = {
        "instrument_id": "new",
        "principal_usd_m": 500.0,
        "issue_date": day,
        "as_of": day,
    } | cells
    return with_row(book, "instruments", NOTE, **cells)


def test_cleanspark_has_the_balance_of_june_and_what_its_note_of_november_left():
    # 34.6 + 495.5; the credit line repaid out of the proceeds states 0.
    book = load_book("2025-11-24")
    assert cash("CLSK", book) == pytest.approx(530.1)
    rows = rows_of("CLSK", book)
    note = rows["CLSK-0-convertible-2032"]
    assert (note.value, note.formula, note.confidence) == (495.5, "issued: net proceeds", "high")
    assert note.as_of == date(2025, 11, 13)
    assert str(rows["CLSK-bitcoin-backed-credit-line"].value) == "0.0"
    assert rows["cash, pro forma"].value == pytest.approx(530.1)
    assert cash("CLSK", load_book("2025-11-12")) == 34.6
    # The balance of 2025-09-30 is known on 2025-11-25: the note came after it.
    assert cash("CLSK", load_book("2025-11-25")) == pytest.approx(46.5 + 495.5)


def test_without_a_note_since_the_balance_cash_is_the_balance():
    for ticker, balance in (("RIOT", 255.4), ("IREN", 564.5), ("MARA", 780.0), ("CIFR", 62.7)):
        assert cash(ticker, load_book()) == balance
        assert "cash, pro forma" not in rows_of(ticker, load_book())


def test_an_issue_whose_proceeds_are_not_known_brings_its_principal_and_says_so():
    book = issued(october(), date(2025, 10, 10), confidence="high")
    assert cash("MARA", book) == 780 + 500
    row = rows_of("MARA", book)["new"]
    assert (row.value, row.confidence) == (500, "low")
    known = issued(october(), date(2025, 10, 10), net_proceeds_usd_m=440.0, confidence="high")
    assert cash("MARA", known) == 780 + 440
    assert rows_of("MARA", known)["new"].confidence == "high"


@pytest.mark.parametrize(
    ("day", "more"),
    [
        (date(2025, 9, 25), 0),
        (BALANCE, 0),  # what happened on the day of the balance is in the balance
        (date(2025, 9, 27), 500),
        (date(2025, 10, 31), 500),
        (date(2025, 11, 1), 0),  # not issued yet
    ],
)
def test_only_what_came_after_the_balance_and_up_to_the_day_counts(day, more):
    assert cash("MARA", issued(october(), day)) == 780 + more


def test_half_of_a_note_bought_back_takes_half_of_its_principal():
    book = changed(october(), principal_usd_m=500.0, shares_m=19.2951)
    assert cash("MARA", book) == 780 - 500
    stated = changed(october(), principal_usd_m=500.0, shares_m=19.2951, net_proceeds_usd_m=480.0)
    assert cash("MARA", stated) == 780 - 480
    # Far below its conversion price the note is worth its principal: nothing jumps.
    assert target("MARA", book=book) == pytest.approx(target("MARA", book=october()), rel=1e-14)
    # Above it there are fewer shares.
    fewer = diluted_shares("MARA", 30.0, october()) - diluted_shares("MARA", 30.0, book)
    assert fewer == pytest.approx(19.2951)


def test_a_note_retired_takes_what_was_left_of_it():
    gone = changed(october(), retired_on=date(2025, 10, 20))
    assert cash("MARA", gone) == 780 - 1000
    assert target("MARA", book=gone) == pytest.approx(target("MARA", book=october()), rel=1e-14)
    half = changed(october(), principal_usd_m=400.0, as_of=date(2025, 10, 5))
    then = changed(half, retired_on=date(2025, 10, 20))
    assert cash("MARA", half) == 780 - 600
    assert cash("MARA", then) == 780 - 600 - 400


def test_a_conversion_costs_no_cash():
    gone = changed(october(), retired_on=date(2025, 10, 20), net_proceeds_usd_m=0.0)
    assert cash("MARA", gone) == 780


def test_a_retirement_that_is_still_to_come_costs_nothing_yet():
    assert cash("MARA", changed(october(), retired_on=date(2025, 11, 1))) == 780
    assert cash("MARA", changed(october(), retired_on=BALANCE, as_of=BALANCE)) == 780


def test_a_note_enlarged_brings_the_difference():
    assert cash("MARA", changed(october(), principal_usd_m=1150.0)) == 780 + 150


def test_project_debt_and_warrants_move_no_corporate_cash():
    day = date(2025, 10, 10)
    assert cash("MARA", issued(october(), day, recourse="project")) == 780
    assert cash("MARA", issued(october(), day, kind="warrant", strike_usd=20.0)) == 780


def test_an_own_count_of_cash_is_of_the_day():
    book = with_own_facts(load_book("2025-11-24"), [("CLSK", "cash", 600.0)])
    assert cash("CLSK", book) == 600


def test_a_note_without_a_principal_is_missing_and_never_nothing():
    book = issued(october(), date(2025, 10, 10), principal_usd_m=None)
    with pytest.raises(ValuationError, match="MARA: new states no principal_usd_m"):
        cash("MARA", book)
    assert target("RIOT", book=book) == target("RIOT", book=october())


def test_miners_in_one_range_each_have_their_own_cash():
    miners = np.array(["CLSK", "RIOT", "CLSK"], dtype=object)
    found = cash_part(Evaluation((3,)).use(load_book("2025-11-24")), miners)
    assert found.tolist() == pytest.approx([530.1, 330.7, 530.1])


def test_a_retirement_that_a_newer_row_calls_off_or_puts_off_took_no_cash():
    planned = changed(october(), as_of=date(2025, 10, 1), retired_on=date(2025, 10, 15))
    assert cash("MARA", planned) == 780 - 1000
    for newer in (None, date(2025, 12, 15)):
        book = changed(planned, as_of=date(2025, 10, 10), retired_on=newer)
        assert cash("MARA", book) == 780
        assert target("MARA", book=book) == target("MARA", book=october())


def test_an_issue_that_was_put_off_brings_cash_on_the_day_of_the_newest_row():
    planned = issued(october(), date(2025, 10, 10))
    late = {"instrument_id": "new", "principal_usd_m": 600.0, "as_of": date(2025, 10, 12)}
    put_off = with_row(planned, "instruments", NOTE, **late, issue_date=date(2025, 11, 20))
    assert cash("MARA", put_off) == 780  # not issued yet, and no debt either
    assert target("MARA", book=put_off) == target("MARA", book=october())
    done = with_row(planned, "instruments", NOTE, **late, issue_date=date(2025, 10, 20))
    assert cash("MARA", done) == 780 + 600  # as large as it was on the day of its issue
