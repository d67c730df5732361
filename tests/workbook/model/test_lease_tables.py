"""One lease moved: each cell of its tables is the deal with those two terms in its own row."""

from __future__ import annotations

import re

import pytest

from addin.calc.recalculate import agree, recalculated_each
from tests.workbook.cases import find, with_cells
from tests.workbook.model.test_second_engine import computed, with_native_formulas_alone
from tests.workbook.model.test_what_if import table_of
from valuation_core import load_book
from valuation_core.book.tables import table_of as book_table
from valuation_core.coverage import coverage
from valuation_core.deal_lease import deal_value, taken_from_book
from valuation_core.lease import lease_value
from workbook.cells import ErrorValue, Ref, day_of
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.valuation.lease_tables import CHOOSE_LEASE
from workbook.model.shown import Shown
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells, within

BOOK = load_book("2025-11-24", case="sites")
MINERS = ["RIOT", "CIFR"]
FLUIDSTACK, AWS = "CIFR-fluidstack-barber-lake", "CIFR-aws-black-pearl"
TRIED = {
    "rent": "Tried: first-year rent",
    "capex": "Tried: capex",
    "cap_rate": "Tried: exit cap rate",
    "start": "Tried: in service from",
}
TABLES = (("capex", "rent"), ("start", "cap_rate"))
"""What stands above and on the left of each."""


def leases_of(shown=None):
    plan = plan_model(coverage(BOOK, MINERS), shown)
    return next(sheet for sheet in plan.sheets if sheet.name == "Leases")


def cell_of(sheet, label):
    """Give the cell right of a label, in the first column of figures."""
    row = next(at for (at, column), one in sheet.cells.items() if (column, one.value) == (1, label))
    return Ref(sheet.name, row, 4, row, 4)


def value(sheet, ref):
    return sheet.cells[ref.row, ref.column].value


def tried_in(sheet):
    """Give every pair of values that the tables try, and what they show."""
    for across, down in TABLES:
        above, left, found = table_of(
            sheet, *(cell_of(sheet, TRIED[key]) for key in (across, down))
        )
        for one, shown_of_row in zip(left, found, strict=True):
            for other, shown in zip(above, shown_of_row, strict=True):
                yield {down: one, across: other}, shown


def restated(deal, **terms):
    """The book with other terms in the row of a deal itself; a rent as what it adds up to."""
    rows = []
    for row in BOOK.tables["deals"].rows():
        if row["deal_id"] == deal:
            if "rent" in terms:
                rents = sum(1.03**year for year in range(int(row["term_years"])))
                row = {**row, "revenue_usd_m": terms["rent"] * mw_of(row) * rents}
            if "capex" in terms:
                ends = ("low", "high")
                row = row | {f"capex_{end}_usd_m_per_critical_mw": terms["capex"] for end in ends}
        rows.append(row)
    deals = book_table("deals", rows)
    return type(BOOK)(BOOK.as_of, {**BOOK.tables, "deals": deals}, BOOK.case)


def mw_of(row):
    return row["mw_critical"] or row["mw_gross"] / 1.3


@pytest.mark.parametrize("deal", [FLUIDSTACK, AWS])
def test_each_pair_of_values_tried_is_the_deal_with_them_in_its_row(deal):
    sheet = leases_of(Shown(chosen={"Leases": deal}))
    assert value(sheet, cell_of(sheet, CHOOSE_LEASE)) == deal
    row = next(row for row in BOOK.tables["deals"].rows() if row["deal_id"] == deal)
    pairs = list(tried_in(sheet))
    assert len(pairs) == 50
    start = value(sheet, cell_of(sheet, "Of the lease: in service from"))
    for moved, shown in pairs:
        if "rent" in moved:
            found = deal_value(deal, book=restated(deal, **moved))
        else:
            # All terms of the deal, as the lease engine takes them, its start so many years off.
            wait = (moved["start"] - (start - build_of(sheet) * 365.25)) / 365.25
            found = lease_value(
                0.11,
                rent=value(sheet, cell_of(sheet, "First-year rent in use")),
                capex=value(sheet, cell_of(sheet, "Capex in use")),
                lease_years=row["term_years"],
                build_years=wait,
                exit_cap_rate=moved["cap_rate"],
                book=BOOK,
            )
        assert shown == pytest.approx(found * mw_of(row), rel=1e-9), moved


def build_of(sheet):
    return value(sheet, cell_of(sheet, "Build time in use"))


def test_the_middle_of_a_table_is_the_lease_as_it_is():
    """168 MW in service on 2026-09-30: rent 1.558 on 10 of capex, from 20% less to 20% more."""
    sheet = leases_of()
    worth = 168 * deal_value(FLUIDSTACK, book=BOOK)
    above, left, found = table_of(sheet, *(cell_of(sheet, TRIED[key]) for key in TABLES[0]))
    assert above == pytest.approx([8.0, 9.0, 10.0, 11.0, 12.0])
    assert left[2] == pytest.approx(1.558, abs=5e-4)
    assert found[2][2] == pytest.approx(worth)
    above, left, found = table_of(sheet, *(cell_of(sheet, TRIED[key]) for key in TABLES[1]))
    assert left == pytest.approx([0.06, 0.07, 0.08, 0.09, 0.10])
    assert day_of(above[0]).isoformat() == "2026-09-30"
    assert found[2][0] == pytest.approx(worth)


def test_without_a_deal_the_block_shows_no_figure():
    plan = plan_model(coverage(BOOK, ["RIOT"]))
    sheet = next(sheet for sheet in plan.sheets if sheet.name == "Leases")
    assert all(shown == ErrorValue("#N/A") for _, shown in tried_in(sheet))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(BOOK, MINERS), path)
    return path


@pytest.mark.long
@pytest.mark.engine
def test_each_corner_tried_by_hand_moves_the_lease_and_no_valuation(model, tmp_path):
    sheet = leases_of()
    pairs = list(tried_in(sheet))
    tries = [pairs[at] for at in (0, 24, 29, 45)]
    paths = [
        with_cells(
            model,
            tmp_path / f"{number}.xlsx",
            {"Leases": {cell_of(sheet, TRIED[key]).here: one for key, one in moved.items()}},
        )
        for number, (moved, _) in enumerate(tries)
    ]
    last = find(read_cells(read_parts(model)), "Leases", "Tried: first-year rent")
    for (moved, shown), cells in zip(tries, recalculated_each(paths), strict=True):
        row = max(
            int(at[1:])
            for at, cell in cells["Leases"].items()
            if at[0] == "A" and cell.value == "Value of the deal" and int(at[1:]) > int(last[1:])
        )
        assert cells["Leases"][f"D{row}"].value == pytest.approx(shown, rel=1e-9), moved
        assert cells["Checks"]["B4"].value is True


@pytest.mark.long
def test_a_second_engine_computes_the_tables_alike(model, tmp_path):
    cells = read_cells(read_parts(model))["Leases"]
    areas = [cell.area for cell in cells.values() if cell.kind == "dataTable"]
    addresses = list(within(areas, cells))
    assert len(addresses) == 50
    with_native_formulas_alone(model, tmp_path / "native.xlsx", tables=["Leases"])
    found = computed(tmp_path / "native.xlsx", [("Leases", at) for at in addresses])
    differing = {
        at: (cells[at].value, found["Leases", at])
        for at in addresses
        if not agree(cells[at].value, found["Leases", at])
    }
    assert differing == {}


def test_terms_that_the_book_gives_for_want_of_the_deals_own_are_amber():
    """As `hpcval deals` lists them, but for payments and cap rate, which no deal states."""
    sheet = leases_of()
    shown = {
        rule.ref.row: rule.formula for rule in sheet.highlights if rule.style == "amber"
    }  # fmt: skip
    taken = taken_from_book(BOOK, [FLUIDSTACK, AWS])
    for column, deal in ((4, FLUIDSTACK), (5, AWS)):
        of_book = {term for (term, _), whose in taken.items() if deal in whose}
        found = set()
        for row, rule in shown.items():
            stated = [
                sheet.cells[int(number), column].value for number in re.findall(r"D(\d+)=", rule)
            ]
            some = any if rule.startswith("OR") else all
            if some(one == "n/a" for one in stated):
                found.add(TERMS[sheet.cells[row, 1].value])
        assert found == of_book - {"debt_years", "exit_cap_rate"}
        assert "escalator" in found


TERMS = {
    "Length of the lease": "lease_years", "Rise of the rent": "escalator",
    "Debt as a share of cost": "loan_to_cost", "Interest on debt": "debt_rate",
    "First-year rent": "rent", "NOI margin": "noi_margin", "Capex": "capex",
    "Build time": "build_years",
}  # fmt: skip
