"""Tables of a book given as rows of cells."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation_core import ValuationError
from valuation_core.book.book import shipped_tables
from valuation_core.book.origin import records_of
from valuation_core.catalogue.bookkeeping import dated_book
from valuation_core.company import sum_of_parts
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.shopped import net_shopped_part

SHIPPED = {name: [header, *rows] for name, header, rows in records_of(shipped_tables())}
NAMES = [name for name in SHIPPED if name != "format"]


def part(ticker, name, book):
    return next(row[1] for row in sum_of_parts(ticker, book=book).rows if row[0] == name)


def deal(**cells):
    header = SHIPPED["deals"][0]
    row = dict.fromkeys(header) | {
        "deal_id": "RIOT-new", "ticker": "RIOT", "counterparty": "a tenant",
        "site": "Corsicana phase 2 (remaining)", "kind": "colo", "source": "assumption",
        "confidence": "low", "as_of": date(2025, 10, 1), "announced": date(2025, 10, 1),
        "mw_critical": 200.0,
    }  # fmt: skip
    return list((row | cells).values())


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_table_given_as_rows_gives_the_shipped_book(name):
    assert dated_book(**{name: SHIPPED[name]}).handle == dated_book().handle


@given(st.randoms(use_true_random=False))
def test_columns_are_found_by_name_in_any_order_and_others_are_left_out(random):
    header, *rows = SHIPPED["sites"]
    order = random.sample(range(len(header)), len(header))
    shuffled = [[row[place] for place in order] + ["seen by me"] for row in rows]
    headings = [header[place].upper() for place in order] + ["remark"]
    assert dated_book(sites=[headings, *shuffled]).handle == dated_book().handle


def test_a_deal_is_one_more_row_and_no_mw_is_signed_and_optional():
    # 200 critical are 260 gross of the 600 that the site offered.
    book = dated_book("2025-10-31", deals=[*SHIPPED["deals"], [None] * 30, deal()])
    assert float(net_shopped_part(Evaluation().use(book), "RIOT")) == pytest.approx(340)
    assert part("RIOT", "signed", book) == pytest.approx(200 * 6.15 * 1.3)
    assert part("RIOT", "option", book) == pytest.approx(0.5 * 340 * 6.15)


def test_a_table_given_stands_whole_in_place_of_the_books():
    book = dated_book("2025-10-31", deals=[SHIPPED["deals"][0]])
    assert part("CIFR", "signed", book) == 0
    assert part("CIFR", "mining", book) == part("CIFR", "mining", dated_book("2025-10-31"))


@pytest.mark.parametrize(
    ("name", "row", "says"),
    [
        ("deals", deal(mw_critical="many"), "table deals row {} column mw_critical: not a number: 'many'"),
        ("deals", deal(ticker="RIOTT"), "table deals row {} column ticker: unknown ticker 'RIOTT'; did you mean RIOT?"),
        ("deals", deal(announced=None), "table deals row {} column announced: is empty"),
        ("deals", SHIPPED["deals"][1], "table deals row {} column deal_id: duplicate of row 2"),
        ("inputs", ["RIOT", "hashrat", 40.0, "EH/s", None, date(2025, 9, 1), None, "assumption", "low", None],
         "table inputs row {} column metric: unknown metric 'hashrat'; did you mean hashrate?"),
        ("cases", ["plain", "ALL", "hodl_premium", "set", 1.2, "ratio", None, "assumption", "low", None],
         "table cases row {} column case: plain is the case without changes"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_by_table_row_and_column(name, row, says):
    rows = [*SHIPPED[name], row]
    with pytest.raises(ValuationError) as caught:
        dated_book(**{name: rows})
    assert str(caught.value).startswith(says.format(len(rows)))
    assert caught.value.kind.value == "missing"  # a cell shows #N/A


def test_a_case_of_ones_own_is_rows_of_the_table():
    mine = [
        "mine",
        "RIOT",
        "hpc_mw_shopped",
        "set",
        300.0,
        "MW",
        "gross",
        "assumption",
        "low",
        None,
    ]
    book = dated_book(case="mine", cases=[*SHIPPED["cases"], mine])
    assert part("RIOT", "option", book) == 0.5 * 300 * 6.15
    assert book.fact("RIOT", "hpc_mw_shopped").case == "mine"


def sites_of_riot(part_of):
    """The header of the sites and Corsicana, with a second row said to be part of another site."""
    header = SHIPPED["sites"][0]
    place = {name: header.index(name) for name in ("ticker", "site", "part_of")}
    rows = [
        row for row in SHIPPED["sites"][1:]
        if row[place["ticker"]] == "RIOT" and not row[place["part_of"]]
    ]  # fmt: skip
    inside = list(rows[-1])
    inside[place["site"]], inside[place["part_of"]] = "a hall", part_of
    return [header, *rows, inside], rows[0][place["site"]]


def test_a_site_may_be_part_of_one_that_is_known_on_later_days_only():
    rows, _ = sites_of_riot("zzzz known later")
    assert dated_book(sites=rows).rows_of("sites", "RIOT")[-1]["part_of"] == "zzzz known later"


def test_a_site_of_a_misspelt_name_is_refused_all_the_same():
    _, known = sites_of_riot("")
    rows, _ = sites_of_riot(known[:-1])
    with pytest.raises(ValuationError, match=r"column part_of: no site .* of RIOT.*did you mean"):
        dated_book(sites=rows)
