"""What the helper columns of instruments add up to is what the core decides, on any history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import table_of
from valuation_core.cash import flows_since
from valuation_core.errors import ValuationError
from valuation_core.instruments import instruments_of
from workbook.cells import Ref
from workbook.model.excel import Span, Term
from workbook.model.plan import Sheet
from workbook.model.sheets.facts import cash_keys, instrument_keys
from workbook.model.sheets.facts.input_cells import AS_OF
from workbook.model.sheets.facts.instrument_keys import total
from workbook.model.sheets.facts.keys import BookTable, KeyColumns

BOOK = load_book("2025-11-24")
BLANK = next(BOOK.tables["instruments"].rows())
FIRST = date(2025, 10, 1)
RIOT = Term("D$4", "RIOT")

DAYS = st.integers(0, 60).map(lambda days: FIRST + timedelta(days))
AMOUNTS = st.one_of(st.none(), st.sampled_from([0.0, 50.0, 100.0, 250.0]))
ROWS = st.fixed_dictionaries(
    {
        "instrument_id": st.sampled_from(["one", "two", "two*"]),
        "ticker": st.sampled_from(["RIOT", "RIOT", "CIFR"]),
        "kind": st.sampled_from(["convertible", "convertible", "loan", "warrant"]),
        "recourse": st.sampled_from(["corporate", "corporate", "corporate", "project"]),
        "principal_usd_m": AMOUNTS,
        "shares_m": AMOUNTS,
        "strike_usd": AMOUNTS,
        "net_proceeds_usd_m": AMOUNTS,
        "issue_date": DAYS,
        "retired_on": st.one_of(st.none(), st.none(), DAYS),
        "as_of": DAYS,
    }
)


def row(**fields):
    blank = {"instrument_id": "one", "ticker": "RIOT", "recourse": "corporate", "kind": "loan"}
    blank |= dict.fromkeys(("shares_m", "strike_usd", "net_proceeds_usd_m", "retired_on"))
    return blank | fields


ENLARGED = [
    row(principal_usd_m=100.0, issue_date=FIRST, as_of=FIRST),
    row(principal_usd_m=250.0, issue_date=FIRST, as_of=date(2025, 11, 1)),
]
REPAID = [
    *ENLARGED,
    row(
        principal_usd_m=0.0, issue_date=FIRST, as_of=date(2025, 11, 9), retired_on=date(2025, 11, 9)
    ),
]


@settings(max_examples=120)
@given(st.lists(ROWS, min_size=1, max_size=6), DAYS)
@example(ENLARGED, date(2025, 10, 15))  # 150 more
@example(REPAID, date(2025, 10, 15))  # 150 more, then 250 paid
@example(REPAID, date(2025, 9, 1))  # 100 issued, 150 more, 250 paid
def test_helper_columns_add_up_to_what_the_core_finds(rows, since):
    rows = [{**BLANK, **one, "known_on": None} for one in rows]
    book = Book.at({**BOOK.tables, "instruments": table_of("instruments", rows)}, BOOK.as_of)
    cells = Ref("AllInstruments", 1, 1, len(rows) + 3, len(TABLES["instruments"].columns))
    known = tuple(book.tables["instruments"].rows())
    table = BookTable("instruments", cells, known)
    keys = KeyColumns(Sheet("Keys", ()), table, 1, Term(AS_OF.there, book.as_of))
    keys.add_order()
    keys.add_newest()
    instrument_keys.add_instrument_columns(keys)
    miners = Span("SOTP!$D$4:$E$4", ("RIOT", "CIFR"))
    cash_keys.add_cash_columns(keys, miners, Span("SOTP!$D$9:$E$9", (since, since)))

    def found(heading):
        return total(keys, heading, RIOT).value

    try:
        one = instruments_of(book, "RIOT")
    except ValuationError:
        assert found(instrument_keys.SPOILS) > 0
    else:
        assert found(instrument_keys.SPOILS) == 0
        assert found(instrument_keys.DILUTES) == len(one.names)
        assert (found(instrument_keys.DEBT) == 0) == (one.loans is None)
        assert found(instrument_keys.LOAN) == (one.loans or 0.0)
        for heading, amounts in (
            (instrument_keys.CONVERTED, one.converted),
            (instrument_keys.EXERCISED, one.exercised),
            (instrument_keys.PRICE, one.conversion_price),
        ):
            assert found(heading) == pytest.approx(amounts.sum())
    try:
        flows = list(flows_since(book, "RIOT", since))
    except ValuationError:
        assert found(cash_keys.CASH_SPOILS) > 0
    else:
        assert found(cash_keys.CASH_SPOILS) == 0
        moved = found(cash_keys.MOVED) + found(cash_keys.PAID)
        assert moved == pytest.approx(sum(flow.amount for flow in flows))
        assert found(cash_keys.MOVES) + found(cash_keys.RETIRES) == len(flows)
