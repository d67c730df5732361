"""Comps: in cells, through HPC_COMPS and by the core the same figures, and each miner's gaps."""

from __future__ import annotations

from datetime import date

import pytest

from addin.calc.recalculate import agree, recalculated_each
from tests.workbook.cases import FIVE, figure, find, with_cells, with_inputs
from valuation_core import load_book, with_own_facts
from valuation_core.comparables import comparables
from valuation_core.coverage import coverage
from valuation_core.errors import ValuationError
from workbook.cells import ErrorValue
from workbook.model.build import plan_model
from workbook.model.excel_values import number
from workbook.model.sheets.facts.input_cells import AS_OF
from workbook.model.sheets.valuation.comps import FIGURES
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

LABELS = [label for _, label, *_ in FIGURES]
NA = ErrorValue("#N/A")


@pytest.fixture(scope="module")
def models(model_of, tmp_path_factory):
    """The models of two days."""
    folder = tmp_path_factory.mktemp("models")
    return {
        day: model_of(folder / f"{day}.xlsx", as_of=day) for day in ("2025-09-26", "2025-11-24")
    }


def core(book):
    """Give the core's figures by miner, in the order of the lines."""

    def shown(cell):
        return NA if isinstance(cell, ValuationError) else number(cell)

    return {row[0]: [shown(cell) for cell in row[1:]] for row in comparables(book).rows}


def check(cells, book):
    """Native lines, lines through the function and the table of all miners are the core's."""
    wanted = core(book)
    for ticker in FIVE:
        for prefix in ("", "HPC_COMPS: "):
            found = [figure(cells, "Comps", prefix + label, ticker) for label in LABELS]
            for label, one, other in zip(LABELS, wanted[ticker], found, strict=True):
                assert agree(one, other), (ticker, prefix + label, one, other)
    head = int(find(cells, "Comps", "ticker")[1:])
    for row, (ticker, figures) in enumerate(wanted.items(), start=head + 1):
        line = [cells["Comps"][f"{letter}{row}"].value for letter in "ABCDEFGHIJKL"]
        assert line[0] == ticker
        assert all(map(agree, figures, line[1:])), (ticker, figures, line)


def test_a_miner_is_measured_by_what_the_other_sheets_hold_of_it(models):
    cells = read_cells(read_parts(models["2025-11-24"]))

    def of(ticker):
        return [figure(cells, "Comps", label, ticker) for label in LABELS]

    # At 14.15 the note of 172.5 at 4.45 is shares, that of 1,300 at 16.03 is debt; 1,207 of cash.
    price, _, market, net_debt, value, less_coins, *per_mw = of("CIFR")[:8]
    assert price == 14.15
    assert market == pytest.approx(14.15 * 456.24041, abs=0.01)
    assert net_debt == pytest.approx(1300 - 1207)
    assert value == pytest.approx(6455.80 + 93, abs=0.01)
    assert less_coins == pytest.approx(value - 91.418)
    signed = figure(cells, "Comps", "MW of signed deals", "CIFR")
    # Two deals state critical MW; one of 300 gross MW is converted.
    assert signed == pytest.approx(168 + 39 + 300 / 1.3)
    assert per_mw == pytest.approx([value / signed, value / 936.4])
    # No MW of RIOT are signed, its other figures stand: 12.71 x 371.807 + 794.4 - 330.7.
    riot = of("RIOT")
    assert riot[6] == NA
    assert riot[4] == pytest.approx(12.71 * 371.807186 + 794.4 - 330.7)
    assert riot[7] == pytest.approx(riot[4] / 1700)
    assert NA not in riot[:6] + riot[7:]


def test_the_stored_figures_are_the_core_s(models):
    debts = []
    for day, path in models.items():
        cells = read_cells(read_parts(path))
        check(cells, load_book(day))
        debts += [
            figure(cells, "Comps", "Debt at the price", ticker) for ticker in ("RIOT", "CIFR")
        ]
    # RIOT's 200 are a loan. Its price was 16.74 in September and 12.71 in November.
    assert debts == pytest.approx([200, 0, 794.4, 1300])


@pytest.mark.engine
@pytest.mark.parametrize(
    ("days", "moves"),
    [
        (["2025-11-24"], False),
        pytest.param(["2025-09-26", "2025-11-24"], True, marks=pytest.mark.long),
    ],
    ids=["own values", "own values and the date"],
)
def test_cells_the_function_and_the_core_agree_and_follow_own_values_and_the_date(
    models, tmp_path, days, moves
):
    # At 20 USD the note of RIOT at 14.86 is shares; at 4 no note of CIFR is, and no warrant pays.
    own = [("RIOT", "price", 20.0), ("CIFR", "price", 4.0), ("NETWORK", "btc_price", 100_000.0)]
    runs = []
    for day in days:
        path, book = models[day], load_book(day)
        changed = with_inputs(path, tmp_path / f"own-{day}.xlsx", own)
        runs.append((changed, with_own_facts(book, [(*row, "") for row in own])))
    later = {AS_OF.sheet: {AS_OF.here: date(2025, 10, 31)}}
    if moves:
        moved = with_cells(models["2025-11-24"], tmp_path / "moved.xlsx", later)
        runs.append((moved, load_book("2025-10-31")))
    debts = []
    for (path, book), cells in zip(
        runs, recalculated_each([path for path, _ in runs]), strict=True
    ):
        assert cells["Checks"]["B4"].value is True, path
        check(cells, book)
        debts += [
            figure(cells, "Comps", "Debt at the price", ticker) for ticker in ("RIOT", "CIFR")
        ]
    # RIOT's 200 are a loan.
    expected = {"2025-09-26": [200, 172.5], "2025-11-24": [200, 1472.5]}
    assert debts[: 2 * len(days)] == pytest.approx([one for day in days for one in expected[day]])


def test_targets_of_other_brokers_stand_below_the_banks_and_go_by_the_date():
    """Citi had 24 on RIOT on 2025-09-26; Bernstein 25 from 2025-10-31, and 125 on IREN."""

    def shown(day, label):
        plan = plan_model(coverage(load_book(day), ["RIOT", "IREN"]))
        sheet = next(sheet for sheet in plan.sheets if sheet.name == "Comps")
        row = next(at for (at, left), one in sheet.cells.items() if (left, one.value) == (1, label))
        return [sheet.cells[row, column].value for column in (4, 5)]

    assert shown("2025-09-26", "Citi: target") == [24.0, "n/a"]
    assert shown("2025-09-26", "Bernstein: target") == ["n/a", 75.0]
    assert shown("2025-11-24", "Bernstein: target") == [25.0, 125.0]
    days = [date(2025, 10, 31), date(2025, 11, 4)]
    assert shown("2025-11-24", "Bernstein: day of it") == days
