"""Instruments are taken from their table by the cell of the date: what is typed there counts."""

from __future__ import annotations

from datetime import date

import pytest
from lxml import etree

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import FIVE, change, figure, find
from tests.workbook.model.conftest import DAYS, DAYS_TOGETHER
from valuation_core import load_book
from valuation_core.book import Book
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import table_of
from valuation_core.cash import flows_since
from valuation_core.instruments import instruments_of
from workbook.cells import ErrorValue, day_of, letters, serial_of
from workbook.model.figures import Figures
from workbook.opc.xml import tag

DAY = DAYS[-1]
NA = ErrorValue("#N/A")
COLUMNS = [column.name for column in TABLES["instruments"].columns]


@pytest.fixture(scope="module")
def model(model_of_five):
    return model_of_five


def instrument(name, day, **fields):
    """Give a row of the table: the newest row about an instrument, or a new one, with changes."""
    older = [
        row for row in load_book(DAY).tables["instruments"].rows() if row["instrument_id"] == name
    ]
    blank = dict.fromkeys(COLUMNS) | {
        "instrument_id": name,
        "instrument": name,
        "issue_date": date.fromisoformat(day),
        "recourse": "corporate",
    }
    start = older[-1] if older else blank
    provenance = {"source": "typed", "confidence": "medium", "note": ""}
    return {
        **start,
        "net_proceeds_usd_m": None,
        **provenance,
        "as_of": date.fromisoformat(day),
    } | fields


def typed(model, target, rows):
    """Copy the model with rows typed below the table of instruments."""
    first = len(load_book(DAY).tables["instruments"]) + 2

    def edit(name, root):
        if name != "AllInstruments":
            return False
        data = root.find(tag("sheetData"))
        for line, row in enumerate(rows, start=first):
            made = etree.SubElement(data, tag("row"), r=str(line))
            for place, column in enumerate(COLUMNS, start=1):
                put(made, f"{letters(place)}{line}", row[column])
        return True

    return change(model, target, edit)


def put(row, address, value):
    if value is None or value == "":
        return
    cell = etree.SubElement(row, tag("c"), r=address)
    if isinstance(value, str):
        cell.set("t", "str")
    shown = serial_of(value) if isinstance(value, date) else value
    etree.SubElement(cell, tag("v")).text = str(shown)


def book_with(rows):
    """Give the core's book of the same tables."""
    tables = load_book(DAY).tables
    every = [*tables["instruments"].rows(), *rows]
    return Book.at({**tables, "instruments": table_of("instruments", every)}, load_book(DAY).as_of)


def slots(cells, ticker):
    """Give the instruments of a miner on Dilution: name, conversion price, shares, principal."""
    found = []
    for number in range(1, 100):
        if not any(cell.value == f"Instrument {number}" for cell in cells["Dilution"].values()):
            return sorted(found)
        name, *figures = (
            figure(cells, "Dilution", f"{label} {number}", ticker)
            for label in (
                "Instrument",
                "Conversion price or strike",
                "New shares on conversion or exercise",
                "Principal converted",
                "Shares under warrants",
            )
        )
        if name != "-":
            found.append((name, *figures))
    raise AssertionError("more than 99 slots")


def of_core(one):
    columns = (one.conversion_price, one.shares, one.converted, one.exercised)
    return sorted(zip(one.names, *(column.tolist() for column in columns), strict=True))


def check_instruments(cells, book, ticker):
    """Slots, loans and cash of a miner are those of the core on the day of its cash shown."""
    one = instruments_of(book, ticker)
    assert [row[0] for row in slots(cells, ticker)] == sorted(one.names)
    for mine, theirs in zip(slots(cells, ticker), of_core(one), strict=True):
        assert mine[1:] == pytest.approx(theirs[1:], rel=1e-9)
    loans = figure(cells, "Dilution", "Loans and notes that cannot convert", ticker)
    assert loans == pytest.approx(one.loans or 0.0, rel=1e-9)
    since = day_of(figure(cells, "SOTP", "Day of the cash", ticker))
    flows = list(flows_since(book, ticker, since))
    moved = figure(cells, "SOTP", "Changes of cash since", ticker)
    assert moved == pytest.approx(sum(flow.amount for flow in flows), rel=1e-9)
    shown = (figure(cells, "SOTP", f"Change of cash since, {k}", ticker) for k in range(1, 5))
    told = [f"{flow.row['instrument_id']}, {flow.day.isoformat()}: {flow.what}" for flow in flows]
    assumed = ["; assumed: the principal" if flow.assumed else "" for flow in flows]
    assert sorted(text for text in shown if text != "-") == sorted(
        map("".join, zip(told, assumed, strict=True))
    )


@pytest.mark.engine
@DAYS_TOGETHER
def test_the_cell_of_the_date_decides_which_instruments_dilute_are_owed_and_moved_cash(
    on_day, days
):
    for day in days:
        cells, book = on_day(day), load_book(day)
        for ticker in FIVE:
            check_instruments(cells, book, ticker)
        outstanding = [row for ticker in FIVE for row in book.rows_of("instruments", ticker)]
        below = int(find(cells, "Instruments", "By miner, with recourse to the company")[1:])
        listed = [
            (cells["Instruments"][f"A{row}"].value, cells["Instruments"][f"B{row}"].value)
            for row in range(5, below - 1)
        ]
        shown = [line for line in listed if line != ("", "")]
        assert shown == [(row["ticker"], row["instrument"]) for row in outstanding]
        assert cells["Instruments"]["A2"].value.startswith(f"Outstanding on {day}: ")
        # CLSK repaid its credit line of 174.5 on 13 November.
        rows = [at[1:] for at, cell in cells["Instruments"].items() if cell.value == "CLSK"]
        row = next(at for at in rows if int(at) > below)
        assert cells["Instruments"][f"D{row}"].value == (0.0 if day == DAY else 174.5)


HALF = instrument(
    "RIOT-0-75-convertible-2030", "2025-11-20", principal_usd_m=297.2, shares_m=39.98927048 / 2
)
RETIRED = instrument("MARA-1-00-convertible-2026", "2025-11-18", retired_on=date(2025, 11, 18))
NO_STRIKE = instrument(
    "CIFR-new-warrants", "2025-11-10", ticker="CIFR", kind="warrant", shares_m=5.0
)
NEW_NOTE = instrument(
    "IREN-new-note", "2025-11-20", ticker="IREN", kind="convertible", principal_usd_m=500.0,
    shares_m=25.0, net_proceeds_usd_m=490.0,
)  # fmt: skip


@pytest.mark.engine
def test_rows_typed_below_the_instruments_move_cells_functions_and_core_together(model, tmp_path):
    rows = [HALF, RETIRED, NO_STRIKE, NEW_NOTE]
    (cells,) = recalculated_each([typed(model, tmp_path / "typed.xlsx", rows)])
    book = book_with(rows)
    assert cells["Checks"]["B4"].value is True
    # The note is half; its principal less, 594.4 - 297.2, was paid; MARA's 48.08 was repaid.
    assert figure(cells, "SOTP", "Changes of cash since", "RIOT") == pytest.approx(-297.2)
    assert figure(cells, "SOTP", "Changes of cash since", "MARA") == pytest.approx(-48.08)
    assert figure(cells, "SOTP", "Changes of cash since", "IREN") == 490.0
    assert ("IREN-new-note", 20.0, 25.0, 500.0, 0.0) in slots(cells, "IREN")
    core, target = Figures(book, FIVE).valuation(), Figures(book, FIVE).call("HPC_TARGET")
    for ticker in ("RIOT", "IREN", "CLSK", "MARA"):
        check_instruments(cells, book, ticker)
        for name, sheet, label in (
            ("cash", "SOTP", "Cash, pro forma"),
            ("debt", "Dilution", "Debt that remains"),
            ("shares", "SOTP", "Diluted shares"),
            ("per_share", "SOTP", "Value per share"),
        ):
            found = figure(cells, sheet, label, ticker)
            assert found == pytest.approx(core[name][ticker], rel=1e-9), (name, ticker)
        found = figure(cells, "Targets", "Target, model", ticker)
        assert found == pytest.approx(target[ticker], rel=1e-9)
    # Warrants without a strike leave no figure of their miner, in cells and in the core.
    assert core["per_share"]["CIFR"] == NA
    assert figure(cells, "SOTP", "Value per share", "CIFR") == NA
    assert figure(cells, "Targets", "Target, model", "CIFR") == NA
    assert figure(cells, "SOTP", "Missing", "CIFR") == "instruments "


@pytest.mark.engine
def test_more_instruments_than_lines_give_no_figure_and_no_debt_instrument_leaves_what_is_reported(
    model, tmp_path
):
    many = [
        instrument(f"MARA-note-{number}", "2025-11-20", ticker="MARA", kind="convertible",
                   principal_usd_m=100.0, shares_m=2.0)
        for number in range(4)
    ]  # fmt: skip
    gone = [
        instrument(f"CLSK-0-convertible-{year}", "2025-11-20", retired_on=date(2025, 11, 20))
        for year in (2030, 2032)
    ]
    silent = instrument("IREN-loan", "2025-11-20", ticker="IREN", kind="loan")
    rows = [*many, *gone, silent]
    (cells,) = recalculated_each([typed(model, tmp_path / "many.xlsx", rows)])
    # Five notes of MARA dilute and three lines are spare: the ninth has none.
    assert figure(cells, "Dilution", "Notes and warrants that dilute", "MARA") == 9
    assert figure(cells, "Targets", "Target, model", "MARA") == NA
    row = find(cells, "Checks", "MARA: instruments that dilute, each with a line")[1:]
    assert cells["Checks"][f"E{row}"].value is False
    assert figure(cells, "Dilution", "Debt that cannot convert", "CLSK") == 820.3
    # A loan without a principal leaves neither debt nor cash of its miner.
    assert figure(cells, "SOTP", "Changes of cash since", "IREN") == NA
    assert figure(cells, "Dilution", "Debt that cannot convert", "IREN") == NA
    assert figure(cells, "SOTP", "Missing", "IREN") == "instruments "
    book = book_with(rows)
    assert instruments_of(book, "CLSK").loans is None
    for ticker in ("CLSK", "RIOT"):
        expected = Figures(book, FIVE).valuation()["per_share"][ticker]
        found = figure(cells, "SOTP", "Value per share", ticker)
        assert found == pytest.approx(expected, rel=1e-9)
