"""Deals and sites in cells: every figure of them follows the date and what is typed in the tables."""

from __future__ import annotations

from datetime import date
from math import inf

import pytest

from addin.calc.recalculate import agree, recalculated_each
from tests.workbook.cases import figure, find
from tests.workbook.tables import row_like, tables_with, typed
from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.company import value_of
from valuation_core.coverage import coverage
from valuation_core.errors import ValuationError
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.land import approved_mw
from valuation_core.option_by_site import offers_of
from valuation_core.shopped import let_since, stated_mw
from valuation_core.signed import colocation_deals, signed_mw
from workbook.cells import ErrorValue
from workbook.model.build import build_model
from workbook.model.figures import Figures
from workbook.model.sheets.valuation.power import MW_OF_TABLES

MINERS = ("RIOT", "IREN", "CLSK", "CIFR", "MARA", "WULF", "GLXY")
DAYS = ("2025-08-31", "2025-09-26", "2025-10-31", "2025-11-06", "2025-11-24")
LAST = date(2025, 11, 24)
NA = ErrorValue("#N/A")

CORSICANA, BUILDINGS = "Corsicana phase 2 (remaining)", "Corsicana HPC buildings 1-2"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book(LAST), MINERS), path)
    return path


def rows_typed(book):
    """What an analyst types: deals at a site, at a detail of it and without MW; a site let."""
    deal = {"ticker": "RIOT", "kind": "colo", "as_of": date(2025, 11, 20)}
    sweetwater = next(row for row in book.rows_of("sites", "IREN") if row["site"] == "Sweetwater 2")
    return {
        "deals": [
            row_like(
                book, "deals", **deal, deal_id="RIOT-a", site=CORSICANA.upper(),
                announced=date(2025, 11, 18), mw_critical=200.0,
            ),
            row_like(
                book, "deals", **deal, deal_id="RIOT-b", site=BUILDINGS,
                announced=date(2025, 11, 19), mw_gross=50.0,
            ),
            row_like(
                book, "deals", **deal | {"ticker": "MARA"}, deal_id="MARA-a", site="Findlay",
                announced=date(2025, 11, 19),
            ),
            # A pattern is no name: this site is not one of IREN's.
            row_like(
                book, "deals", **deal | {"ticker": "IREN"}, deal_id="IREN-a", site="*",
                announced=date(2025, 11, 20), mw_gross=30.0,
            ),
        ],
        "sites": [
            {**sweetwater, "status": "contracted", "mw_gross": 500.0, "as_of": date(2025, 11, 20)}
        ],
    }  # fmt: skip


def of_core(make, *arguments):
    """A figure of the core; #N/A where it has none."""
    try:
        return make(*arguments)
    except ValuationError:
        return NA


def sums(book, ticker):
    """What the lines of `MW_OF_TABLES` add up, by the core."""

    def pairs(made):
        return [float(sum(pair[at] for pair in made)) for at in (0, 1)]

    critical_gross = of_core(lambda: list(signed_mw(book, ticker)))
    let = of_core(lambda: pairs([stated_mw(row) for row in colocation_deals(book, ticker)]))
    approved = pairs(list(approved_mw(book, ticker)))
    return [
        *(critical_gross if critical_gross is not NA else (NA, NA)),
        *(let if let is not NA else (NA, NA)),
        *approved,
    ]


def at(cells, sheet, row, ticker):
    """A figure of a sheet of lines by its row and miner."""
    head = next(at for at, cell in cells[sheet].items() if at[1:] == "4" and cell.value == ticker)
    return cells[sheet][f"{head[0]}{row}"].value


def blocks(cells, sheet, ticker, labels):
    """Figures of a miner under labels that come again for each place or site; none of a blank."""
    rows = {}
    for place, cell in cells[sheet].items():
        if place[0] == "A" and place[1:].isdigit() and cell.value in labels:
            rows.setdefault(cell.value, []).append(place[1:])
    read = [
        tuple(at(cells, sheet, row, ticker) for row in of)
        for of in zip(*(rows[label] for label in labels), strict=True)
    ]
    return [one for one in read if one[0] != "-"]


PLACE = ("MW it offered", "MW let there since, gross", "MW let there since, critical")
OFFER = (
    "Site", "Stage: whose probability it takes", "Years to energization", "MW offered",
    "MW let there since, gross", "MW let there since, critical", "Owned",
)  # fmt: skip


def places(cells, ticker):
    """Places where MW were let: offered, gross, critical of each."""
    found = blocks(cells, "HPC", ticker, PLACE)
    return sorted(
        (inf if one[0] == "all of it" else one[0], *one[1:]) for one in found if any(one[1:])
    )


def places_of_core(book, ticker):
    fact = book.find(ticker, "hpc_mw_shopped")
    lets = let_since(book, ticker, fact.as_of) if fact else []
    return sorted((let.offered, let.gross, let.critical) for let in lets)


def offers_of_core(book, ticker):
    return sorted(
        (
            one.row["site"], one.stage, one.years, one.row["hpc_mw_offered"], one.let_gross,
            one.let_critical, one.row["ownership"],
        )
        for one in offers_of(book, ticker)
    )  # fmt: skip


def check_tables(cells, book):
    """Every sum, place and site that the tables give is the core's, on the facts of a book."""
    for ticker in MINERS:
        first = int(find(cells, "HPC", MW_OF_TABLES[0][1])[1:])
        for row, expected in enumerate(sums(book, ticker), start=first):
            assert agree(at(cells, "HPC", row, ticker), expected), (ticker, row)
        lets = of_core(places_of_core, book, ticker)
        if lets is NA:
            assert figure(cells, "HPC", "Let since", ticker) == NA, ticker
        else:
            assert places(cells, ticker) == lets, ticker
        offers = of_core(offers_of_core, book, ticker)
        if offers is NA:
            assert figure(cells, "Pipeline", "Sites that offer MW", ticker) == NA, ticker
        else:
            found = sorted(blocks(cells, "Pipeline", ticker, OFFER))
            assert len(found) == len(offers), ticker
            for one, expected in zip(found, offers, strict=True):
                assert all(agree(*pair) for pair in zip(one, expected, strict=True)), ticker
    deals = [row["deal_id"] for one in MINERS for row in colocation_deals(book, one)]
    heads = cells["Leases"].items()
    shown = [cell.value for place, cell in heads if place[1:] == "4" and place >= "D"]
    assert sorted(one for one in shown if one not in ("-", "how it is made")) == sorted(deals)


@pytest.mark.engine
def test_sums_places_and_sites_follow_the_cell_of_the_date(model, tmp_path):
    days = [date.fromisoformat(day) for day in DAYS]
    paths = [typed(model, tmp_path / f"{day}.xlsx", {}, day) for day in days]
    for day, cells in zip(days, recalculated_each(paths), strict=True):
        check_tables(cells, load_book(day))


@pytest.mark.engine
def test_what_is_typed_moves_cells_functions_and_core_alike(model, tmp_path):
    rows = rows_typed(load_book(LAST))
    days = [LAST, date(2025, 11, 18)]
    paths = [typed(model, tmp_path / f"{day}.xlsx", rows, day) for day in days]
    tables = tables_with(rows, tmp_path / "book")
    cells, before = recalculated_each(paths)
    book = Book.at(tables, LAST)
    check_tables(cells, book)
    check_tables(before, Book.at(tables, days[1]))
    assert cells["Inputs"]["C5"].value == book.handle
    assert cells["Checks"]["B4"].value is True  # cells against functions
    option = Figures(book, MINERS).call("HPC_VALUE")
    value = value_of(Evaluation().use(book), "RIOT")
    assert agree(figure(cells, "HPC", "Option value, in use", "RIOT"), option["RIOT"])
    assert agree(figure(cells, "HPC", "Signed deals, in use", "RIOT"), float(value.signed))
    # The detail uses up what its site offers: 600 = 200 critical x ratio + 50 + what is left.
    ratio = book.number("RIOT", "gross_to_critical")
    signed, net = (
        figure(cells, "HPC", label, "RIOT") for label in ("MW signed", "MW shopped, net")
    )
    assert signed == pytest.approx(200 * ratio + 50)
    assert net == pytest.approx(600 - 200 * ratio - 50)
    # MARA's deal states no MW: that spoils MARA alone.
    assert figure(cells, "HPC", "Signed deals, in use", "MARA") == NA
    assert isinstance(figure(cells, "HPC", "Signed deals, in use", "CIFR"), float)
    stages = blocks(cells, "Pipeline", "IREN", OFFER[:1])
    assert ("Sweetwater 2",) in stages
    assert places(cells, "IREN") == [(inf, 30.0, 0.0)]
