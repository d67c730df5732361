"""What an analyst would look at: it is named with its figures, fails no check, and else is silent."""

from __future__ import annotations

import shutil

import pytest

from addin.calc.recalculate import recalculated_cells
from tests.places import SHIPPED
from tests.workbook.cases import FIVE, find, with_inputs
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.front.verdict import LOOK_ROW

LABELS = (
    "MW used above MW of the sites",
    "MW both signed and shopped",
    "deals in no part of the value",
    "cash moved by instruments since its date",
    "negative equity",
    "prices older than the newest",
    "stale facts in use",
    "own values without effect",
)
OWN = [
    ("RIOT", "hpc_mw_shopped", 3000.0),
    ("CIFR", "hpc_mw_shopped", 310.0),
    ("CLSK", "hpc_probability", 0.5),
    ("MARA", "cash", -20_000.0),
]


def named_in(book):
    """Give the sheets by name, and what stands beside each label of the group."""
    plan = plan_model(coverage(book, FIVE))
    sheets = {sheet.name: sheet.cells for sheet in plan.sheets}
    checks = sheets["Checks"]
    rows = {cell.value: row for (row, column), cell in checks.items() if column == 1}
    return sheets, {label: checks[rows[label], 3].value for label in LABELS}


@pytest.fixture(scope="module")
def september():
    return named_in(load_book("2025-09-26"))


@pytest.fixture(scope="module")
def constructed(tmp_path_factory):
    """6 November with values of one's own and two deals that reach no part of the value."""
    folder = tmp_path_factory.mktemp("facts") / "book"
    shutil.copytree(SHIPPED, folder)
    deals = folder / "deals.csv"
    header, *_ = deals.read_text(encoding="utf-8").splitlines()
    fields = dict.fromkeys(header.split(","), "") | {"source": "assumption", "confidence": "low"}
    with deals.open("a", encoding="utf-8") as file:
        for ticker, kind, mw in (
            ("CLSK", "colo", ""),
            ("IREN", "cloud", "50"),
            ("GLXY", "colo", ""),
        ):
            row = fields | {"ticker": ticker, "kind": kind, "mw_critical": mw}
            row |= {
                "deal_id": f"{ticker}-new",
                "counterparty": "Somebody",
                "announced": "2025-11-05",
                "as_of": "2025-11-05",
            }
            file.write(",".join(row.values()) + "\n")
    return named_in(with_own_facts(load_book("2025-11-06", folder=folder), OWN))


def test_mw_used_above_the_sites_are_named_for_the_miner_that_uses_them(september, constructed):
    # RIOT has 1,700 MW approved and 3,000 shopped; all others fit into their sites.
    found = constructed[1]["MW used above MW of the sites"]
    assert found == "RIOT: 3000 MW used of 1700; "
    assert september[1]["MW used above MW of the sites"] == ""


def test_mw_shopped_of_ones_own_that_are_let_by_now_are_counted_twice(september, constructed):
    # Since AWS took Black Pearl's 150 on 3 November, Barber Lake's 56 and Stingray's 100 are left:
    # 310 stated today are 154 more.
    said = "CIFR: 154 MW shopped that sites with signed MW offer no more; "
    assert constructed[1]["MW both signed and shopped"] == said
    _, shipped = named_in(load_book("2025-11-06"))
    assert shipped["MW both signed and shopped"] == "", (
        "the book's 306 are net of what was let: 156"
    )
    assert september[1]["MW both signed and shopped"] == ""


def test_a_deal_without_mw_or_of_cloud_that_cloud_mw_does_not_know_enters_nowhere(
    september, constructed
):
    # Of GLXY, which is no miner of the workbook, nothing is said.
    rest = "1 without MW, or a cloud contract later than cloud_mw; "
    assert constructed[1]["deals in no part of the value"] == f"IREN: {rest}CLSK: {rest}"
    assert september[1]["deals in no part of the value"] == ""


def test_cash_that_instruments_moved_since_its_date_is_named_with_the_amount(september):
    # CLSK's notes of November: 495.5 on top of the cash of June
    _, november = named_in(load_book("2025-11-24"))
    found = november["cash moved by instruments since its date"]
    assert found == "CLSK: 496 USD M since 30 June 2025; "
    assert september[1]["cash moved by instruments since its date"] == ""


def test_negative_equity_is_named(september, constructed):
    assert constructed[1]["negative equity"].startswith("MARA: -1")
    assert constructed[1]["negative equity"].count(";") == 1
    assert september[1]["negative equity"] == ""


def test_prices_of_an_older_day_than_the_newest_are_named(september, constructed):
    found = constructed[1]["prices older than the newest"]
    assert found.startswith("RIOT: 2 October 2025; IREN: 25 September 2025; ")
    assert "CLSK" not in found, "its price is the newest"
    assert september[1]["prices older than the newest"] == "", "all of 25 September"


def test_stale_facts_are_named_by_miner(september):
    found = september[1]["stale facts in use"]
    assert found.startswith("IREN: hashrate 88 days, ")
    assert "RIOT" not in found, "its newest facts are of August"


def test_an_own_value_that_moves_nothing_is_counted_and_says_what_it_needs(september, constructed):
    sheets, named = constructed
    assert named["own values without effect"] == "1 on Inputs, amber there; "
    assert "in use, but needs hpc_mw_shopped" in {cell.value for cell in sheets["Control"].values()}
    assert september[1]["own values without effect"] == ""


def test_cover_and_control_count_and_name_them_and_no_check_fails(september, constructed):
    sheets, _ = constructed
    assert sheets["Checks"][LOOK_ROW, 2].value == 7, "all but cash"
    for name in ("Cover", "Control"):
        said = sheets[name][4, 1].value
        assert said.startswith("7 to look at - MW used above MW of the sites - MW both signed and ")
        assert sheets[name][3, 1].value.startswith("All "), "the verdict is of the checks alone"
    assert september[0]["Cover"][4, 1].value == "1 to look at - stale facts in use"


@pytest.mark.long
@pytest.mark.engine
def test_they_follow_what_is_typed_in_a_real_engine(tmp_path):
    build_model(coverage(load_book("2025-11-06"), FIVE), tmp_path / "model.xlsx")
    path = with_inputs(tmp_path / "model.xlsx", tmp_path / "typed.xlsx", OWN)
    cells = recalculated_cells(path)
    _, expected = named_in(with_own_facts(load_book("2025-11-06"), OWN))
    for label, named in expected.items():
        row = find(cells, "Checks", label)[1:]
        assert (cells["Checks"][f"C{row}"].value or "") == named, label
        assert cells["Checks"][f"B{row}"].value == named.count(";"), label
    assert cells["Checks"]["B4"].value is True
    assert cells["Cover"]["A4"].value.startswith("6 to look at - ")
