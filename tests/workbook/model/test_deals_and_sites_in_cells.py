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
from valuation_core.book.schema import STATUSES
from valuation_core.coverage import coverage
from valuation_core.errors import ValuationError
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
    sites = {row["site"]: row for row in book.tables["sites"].rows()}
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
            # On the day on which the MW shopped were stated: those were without it already.
            row_like(
                book, "deals", **deal | {"as_of": date(2025, 9, 26)}, deal_id="RIOT-c",
                site="Rockdale", announced=date(2025, 9, 26), mw_gross=10.0,
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
            {
                **sites["Sweetwater 2"], "status": "contracted", "mw_gross": 500.0,
                "as_of": date(2025, 11, 20),
            },
            # What Corsicana offers now is not what it offered when the MW shopped were stated.
            {**sites[CORSICANA], "hpc_mw_offered": 350.0, "as_of": date(2025, 11, 20)},
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


def listed(cells, sheet):
    """The lines of a list that show a row: its first two columns."""
    rows = (str(row) for row in range(5, 100))
    pairs = []
    for row in rows:
        if f"A{row}" not in cells[sheet] or cells[sheet][f"A{row}"].value in (None, "MW added"):
            break
        pairs.append((cells[sheet][f"A{row}"].value, cells[sheet][f"B{row}"].value))
    return [pair for pair in pairs if pair != ("", "")]


def check_lists(cells, book):
    """Deals and Sites list what is in force, and MW add up by status without any twice."""
    deals = [(row["ticker"], row["deal_id"]) for row in book.in_force["deals"].rows()]
    assert sorted(listed(cells, "Deals")) == sorted(deals)
    rows = [row for ticker in MINERS for row in book.rows_of("sites", ticker)]
    names = [(row["ticker"], row["site"]) for row in rows]
    assert sorted(listed(cells, "Sites")) == sorted(names)
    added = dict.fromkeys(STATUSES, 0.0)
    for row in rows:
        if (row["ticker"], row["part_of"]) not in names:
            added[row["status"]] += (row["mw_gross"] or 0.0) * row["ownership"]
    total = next(
        at[1:] for at, cell in cells["Sites"].items() if at[0] == "A" and cell.value == "All"
    )
    shown = [cells["Sites"][f"{column}{total}"].value for column in "FGHIJ"]
    assert shown == pytest.approx(list(added.values()))


@pytest.mark.long
@pytest.mark.engine
def test_sums_places_and_sites_follow_the_cell_of_the_date(model, tmp_path):
    days = [date.fromisoformat(day) for day in DAYS]
    paths = [typed(model, tmp_path / f"{day}.xlsx", {}, day) for day in days]
    for day, cells in zip(days, recalculated_each(paths), strict=True):
        check_tables(cells, load_book(day))
        check_lists(cells, load_book(day))


@pytest.mark.engine
def test_what_is_typed_moves_cells_functions_and_core_alike(model, tmp_path):
    rows = rows_typed(load_book(LAST))
    tables = tables_with(rows, tmp_path / "book")
    earlier = date(2025, 11, 18)
    cells, by_site, before = recalculated_each(
        [
            typed(model, tmp_path / "typed.xlsx", rows, LAST),
            typed(model, tmp_path / "sites.xlsx", rows, LAST, "sites"),
            typed(model, tmp_path / "before.xlsx", rows, earlier),
        ]
    )
    book = Book.at(tables, LAST)
    for found, of in ((cells, book), (before, Book.at(tables, earlier))):
        check_tables(found, of)
        check_lists(found, of)
    assert by_site["Checks"]["B4"].value is True
    assert cells["Inputs"]["C5"].value == book.handle
    assert cells["Checks"]["B4"].value is True  # cells against functions
    # The case values the option site by site and each deal as a lease of its own.
    for found, of in ((cells, book), (by_site, Book.at(tables, LAST, "sites"))):
        figures = Figures(of, MINERS)
        option, parts = figures.call("HPC_VALUE"), figures.valuation(with_named=False)
        for ticker in ("RIOT", "IREN", "CIFR"):
            label = "Option value, in use"
            assert agree(figure(found, "HPC", label, ticker), option[ticker]), ticker
        for ticker in ("RIOT", "CIFR", "MARA"):
            found_in_cells = figure(found, "HPC", "Signed deals, in use", ticker)
            assert agree(found_in_cells, parts["signed"][ticker]), ticker
    # The detail uses up what its site offers: 600 = 200 critical x ratio + 50 + what is left.
    ratio = book.number("RIOT", "gross_to_critical")
    signed, net = (
        figure(cells, "HPC", label, "RIOT") for label in ("MW signed", "MW shopped, net")
    )
    assert signed == pytest.approx(200 * ratio + 50 + 10)
    assert net == pytest.approx(600 - 200 * ratio - 50)
    # MARA's deal states no MW: that spoils MARA alone.
    assert figure(cells, "HPC", "Signed deals, in use", "MARA") == NA
    assert isinstance(figure(cells, "HPC", "Signed deals, in use", "CIFR"), float)
    stages = blocks(cells, "Pipeline", "IREN", OFFER[:1])
    assert ("Sweetwater 2",) in stages
    assert places(cells, "IREN") == [(inf, 30.0, 0.0)]


@pytest.mark.engine
def test_more_deals_than_there_is_room_for_fail_a_check(model, tmp_path):
    book = load_book(LAST)
    many = [
        row_like(
            book, "deals", ticker="RIOT", kind="colo", deal_id=f"RIOT-{number}",
            site=f"Town {number}", announced=LAST, as_of=LAST, mw_gross=1.0,
        )
        for number in range(13)
    ]  # fmt: skip
    (cells,) = recalculated_each([typed(model, tmp_path / "many.xlsx", {"deals": many}, LAST)])
    # Nothing is dropped: MW let at a ninth place leave no figure, and the lists say it.
    assert figure(cells, "HPC", "MW signed", "RIOT") == 13.0
    assert figure(cells, "HPC", "MW shopped, net", "RIOT") == NA
    assert figure(cells, "HPC", "Option value, in use", "RIOT") == NA
    wrong = {
        cells["Checks"][f"A{at[1:]}"].value
        for at, cell in cells["Checks"].items()
        if at[0] == "E" and cell.value is False
    }
    assert {
        "Deals in force, each with a line",
        "Signed deals of the miners, each with a column",
        "RIOT: HPC_VALUE, in use",
    } <= wrong
