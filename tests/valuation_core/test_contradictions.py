"""Words of a vocabulary, rows that cannot be, and rows that are hardly meant."""

from __future__ import annotations

import pytest

from tests.valuation_core.book_files import add_rows, change_row, rows_of, write_rows
from tests.valuation_core.test_reader import problems_of
from valuation_core import load_book
from valuation_core.book import read_tables
from valuation_core.book.doubts import suspicious
from valuation_core.book.review import review
from valuation_core.company import diluted_shares
from valuation_core.deals import sites
from valuation_core.sector import power_by_status

NOTE = "RIOT-0-75-convertible-2030"
DEAL = "CIFR-fluidstack-barber-lake"


def notes_of(folder):
    """What is noted of the rows of a valid folder."""
    return list(suspicious(read_tables(folder)))


def test_the_shipped_book_is_without_doubtful_rows(folder):
    assert notes_of(folder) == []


@pytest.mark.parametrize("word", ["Operating", "OPERATING", " operating "])
def test_a_status_in_another_letter_case_is_the_same_status(folder, word):
    before = load_book(folder=folder)
    change_row(folder, "sites", "Rockdale", status=word)
    assert load_book(folder=folder).handle == before.handle
    assert power_by_status(load_book(folder=folder)) == power_by_status(before)
    assert sites("RIOT", load_book(folder=folder)) == sites("RIOT", before)


@pytest.mark.parametrize("word", ["oper*", ">5", "operating?", "<>", "running", "~operating"])
def test_a_status_that_is_none_is_refused_with_its_place(folder, word):
    row = change_row(folder, "sites", "Rockdale", status=word)
    place = f"sites.csv row {row} column status: must be one of operating, under construction, "
    (found,) = problems_of(folder)
    assert found.startswith(place)
    assert f"got '{word}'" in found


def test_a_word_mistyped_is_refused_with_the_nearest(folder):
    change_row(folder, "sites", "Rockdale", status="operatng")
    assert problems_of(folder)[0].endswith("; did you mean operating?")


def test_every_vocabulary_is_read_in_any_letter_case(folder):
    before = load_book("2025-11-24", folder=folder, case="bear").handle
    change_row(folder, "cases", "bear", change="SET", basis="", confidence="LOW")
    change_row(folder, "instruments", NOTE, kind="Convertible", recourse="CORPORATE")
    change_row(folder, "deals", DEAL, kind="Colo", confidence="High")
    change_row(folder, "sites", "Polaris Forge 2", status="Under  Construction")
    for table, words in (("inputs", ("gross", "critical")), ("editions", ("OW", "UW", "N"))):
        path = folder / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        for place, line in enumerate(lines):
            for word in words if table == "inputs" or ",JPM," in line else ():
                line = line.replace(f",{word},", f",{word.swapcase()},")
            lines[place] = line
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert load_book("2025-11-24", folder=folder, case="BEAR").handle == before


@pytest.mark.parametrize(
    ("table", "key", "cells", "problem"),
    [
        # 594.4 / 399.9 = 1.49 USD beside a strike of 14.86 USD: the share count is ten times too high
        ("instruments", NOTE, {"shares_m": "399.8927"}, "column shares_m: principal / shares is 1.4864"),
        ("instruments", NOTE, {"principal_usd_m": "5.944"}, "principal / shares is 0.1486 USD"),
        ("instruments", NOTE, {"strike_usd": "0"}, "strike_usd is 0.0000 USD"),
        ("instruments", NOTE, {"maturity": "2020-01-15"}, "maturity: 2020-01-15 is before issue_date"),
        ("instruments", NOTE, {"retired_on": "2024-01-01"}, "retired_on: 2024-01-01 is before issue_date"),
        ("instruments", NOTE, {"capped_call_cap_usd": "10"}, "10 is below strike_usd 14.864"),
        ("deals", DEAL, {"noi_margin_low": "0.9"}, "noi_margin_high: 0.85 is below noi_margin_low 0.9"),
        ("deals", DEAL, {"mw_gross": "100"}, "mw_gross: 100 is below mw_critical 168"),
        ("deals", DEAL, {"capex_low_usd_m_per_critical_mw": "12"}, "11 is below capex_low"),
        ("deals", DEAL, {"revenue_with_extensions_usd_m": "9"}, "9 is below revenue_usd_m 3000"),
        ("sites", "Barber Lake", {"mw_gross": "100"}, "mw_gross: 100 is below mw_critical 168"),
        ("sites", "Rockdale", {"part_of": "Rockdale"}, "part_of: 'Rockdale' is inside of itself"),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_is_refused_with_its_place(
    folder, table, key, cells, problem
):
    row = change_row(folder, table, key, **cells)
    found = [one for one in problems_of(folder) if one.startswith(f"{table}.csv row {row} column")]
    assert any(problem in one for one in found), problems_of(folder)


def test_sites_inside_of_each_other_in_a_circle_are_refused(folder):
    change_row(folder, "sites", "Rockdale", part_of="Corsicana phase 1")
    change_row(folder, "sites", "Corsicana phase 1", part_of="Rockdale")
    assert [one.split(": ")[1] for one in problems_of(folder)] == [
        "is inside of itself in a circle"
    ] * 2


def with_history(folder, *history):
    """Append rows of sites of RIOT given as site, part_of, as_of."""
    header, rows = rows_of(folder, "sites")
    made = dict.fromkeys(header, "") | {"ticker": "RIOT", "status": "secured", "ownership": "1"}
    made |= {"source": "x", "confidence": "low"}
    for site, outer, day in history:
        row = made | {"site": site, "part_of": outer, "as_of": day}
        rows.append([row[name] for name in header])
    write_rows(folder, "sites", header, rows)


def test_sites_that_change_places_were_never_inside_of_each_other(folder):
    january, july = "2025-01-01", "2025-07-01"
    with_history(folder, ("A", "B", january), ("B", "", january), ("A", "", july), ("B", "A", july))
    assert read_tables(folder)
    change_row(folder, "sites", "A", as_of="2025-08-01")  # now both hold from August on
    assert [one.split(": ")[1] for one in problems_of(folder)] == [
        "is inside of itself in a circle"
    ] * 2


def test_a_circle_of_the_past_is_refused_too(folder):
    january, july = "2025-01-01", "2025-07-01"
    with_history(folder, ("A", "B", january), ("B", "A", january), ("A", "", july))
    assert [one.split(": ")[1] for one in problems_of(folder)] == [
        "is inside of itself in a circle"
    ] * 2


def test_an_assumption_that_is_not_shown_as_one_is_noted(folder):
    change_row(folder, "inputs", "use_named", confidence="medium")
    change_row(folder, "cases", "bear", confidence="high")
    assert notes_of(folder) == [
        "inputs: ALL use_named: an assumption of medium confidence is not shown as one",
        "cases: bear ALL colo_value_position: an assumption of high confidence is not shown as one",
    ]


def test_inputs_of_one_day_in_the_wrong_order_are_refused(folder):
    add_rows(
        folder,
        ("ALL", "colo_value_low", "9", "USD M/MW", "gross", "2025-10-01", ""),
        ("ALL", "colo_value_high", "8", "USD M/MW", "gross", "2025-10-01", ""),
    )
    (found,) = problems_of(folder)
    assert found.endswith("column value: 9 is above the colo_value_high of that day, 8")


def test_an_identity_in_another_letter_case_is_a_duplicate(folder):
    path = folder / "sites.csv"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("RIOT,Rockdale,"))
    path.write_text(text + line.replace("RIOT,Rockdale", "RIOT,ROCKDALE") + "\n", encoding="utf-8")
    assert "duplicate of row" in problems_of(folder)[0]


@pytest.mark.parametrize(
    ("table", "key", "cells", "note"),
    [
        ("instruments", NOTE, {"shares_m": "38.5"}, "principal / shares is 15.4390 USD, strike_usd is"),
        ("instruments", NOTE, {"coupon": "0.75"}, "coupon 0.75 is a fraction: 0.05 is 5%"),
        ("deals", DEAL, {"mw_gross": "400"}, "CIFR Barber Lake: deals let 456 of its 300 mw_gross"),
        ("deals", DEAL, {"as_of": "2025-01-01"}, "as_of 2025-01-01 is before announced 2025-09-25"),
        ("deals", DEAL, {"backstop_usd_m": "9000"}, "revenue_usd_m 3000 is below backstop_usd_m 9000"),
        ("sites", "Cheyenne", {"mw_gross": "175"}, "details hold 175 of its 110 mw_gross"),
    ],
)  # fmt: skip
def test_a_row_that_is_hardly_meant_is_noted(folder, table, key, cells, note):
    change_row(folder, table, key, **cells)
    assert any(note in one for one in notes_of(folder)), notes_of(folder)
    assert set(notes_of(folder)) <= set(review(read_tables(folder)))


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (("RIOT", "cash", "1", "USD M", "", "2025-09-29", "2025-09-01"),
         "RIOT cash: known_on 2025-09-01 is before as_of 2025-09-29"),
        (("ALL", "colo_value_low", "9", "USD M/MW", "gross", "2025-10-01", ""),
         "ALL: colo_value_low 9 of 2025-10-01 is above colo_value_high 8.6 of 2025-09-26"),
        (("RIOT", "hpc_mw_shopped", "2000", "MW", "gross", "2025-10-30", ""),
         "RIOT: hpc_mw_shopped 2000 is above power_secured 1700"),
        (("NETWORK", "halving_date", "2032-04-05", "date", "", "2028-05-01", ""),
         "a halving lies between the block_subsidy of 2024-04-20 and the halving_date 2032-04-05"),
    ],
)  # fmt: skip
def test_an_input_that_is_hardly_meant_is_noted(folder, row, note):
    add_rows(folder, row)
    assert any(note in one for one in notes_of(folder)), notes_of(folder)


def test_the_same_deal_under_two_names_is_noted(folder):
    path = folder / "deals.csv"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(DEAL))
    path.write_text(text + line.replace(DEAL, "CIFR-again", 1) + "\n", encoding="utf-8")
    assert any(f"CIFR-again reads like {DEAL}" in one for one in notes_of(folder))


def test_a_share_count_of_ten_times_changes_no_figure_unnoticed(folder):
    # 594.4 / 14.864 = 39.99 M shares; with 399.9 the note would convert at 1.49 USD
    assert diluted_shares("RIOT", 20.0) == pytest.approx(409.61, abs=0.005)
    change_row(folder, "instruments", NOTE, shares_m="399.8927")
    assert problems_of(folder)
