"""What-if: each cell of its tables is the target with that one thing changed, whoever computes it."""

from __future__ import annotations

import pytest

from addin.calc.recalculate import agree, recalculated_each
from tests.workbook.cases import change, figure, with_cells
from tests.workbook.model.test_second_engine import computed, with_native_formulas_alone
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.sensitivity import DRIVERS, tornado
from valuation_core.target import target
from workbook.cells import ErrorValue
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.facts.what_if_cells import (
    CASE_TRIED,
    COMPUTED,
    DRIVER_TRIED,
    END_TRIED,
    MINER_TRIED,
    NAME,
    OUTCOME_TRIED,
    TRIED,
    X_TRIED,
    Y_TRIED,
    driver_cell,
)
from workbook.model.sheets.what_if.what_if import POWERS, PROBABILITIES
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells, within

DAY = "2025-11-24"
MODELS = {
    # Shops MW: probability and MW are drivers, and land and cost of equity are not 0.
    "option": ("base", ["RIOT", "CIFR"]),
    # Its MW are named, with a value of their own.
    "named": ("reconstruction", ["IREN"]),
}


def book_of(name):
    return load_book(DAY, case=MODELS[name][0])


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, (_, miners) in MODELS.items():
        build_model(coverage(book_of(name), miners), folder / f"{name}.xlsx")
    return folder


@pytest.fixture(scope="module")
def sheets():
    return {
        name: next(
            sheet
            for sheet in plan_model(coverage(book_of(name), miners)).sheets
            if sheet.name == NAME
        )
        for name, (_, miners) in MODELS.items()
    }


def table_of(sheet, across, down):
    """Give the data table of two input cells: values above, values on the left, results."""
    (table,) = (
        cell.table
        for cell in sheet.cells.values()
        if cell.table and (cell.table.across, cell.table.down) == (across, down)
    )
    box = table.cells
    rows, columns = range(box.row, box.last_row + 1), range(box.column, box.last_column + 1)
    return (
        [sheet.cells[box.row - 1, column].value for column in columns],
        [sheet.cells[row, box.column - 1].value for row in rows],
        [[sheet.cells[row, column].value for column in columns] for row in rows],
    )


PRICE, SHOPPED, OPTION = (
    driver_cell(metric, TRIED) for metric in ("btc_price", "hpc_mw_shopped", "hpc_probability")
)


def test_every_case_stands_beside_every_miner(sheets):
    across, down, found = table_of(sheets["option"], MINER_TRIED, CASE_TRIED)
    assert set(across) == {"RIOT", "CIFR"}
    assert down[:6] == ["plain", "reconstruction", "base", "bear", "bull", "sites"]
    for case, line in zip(down, found, strict=True):
        for miner, shown in zip(across, line, strict=True):
            # Where a case typed below the table may come to stand, nothing is shown yet.
            assert shown == (target(miner, book=load_book(DAY, case=case)) if case else "")


def test_both_ends_of_each_driver_are_those_of_the_tornado(sheets):
    for name, miner in (("option", "RIOT"), ("named", "IREN")):
        ends, numbers, found = table_of(sheets[name], END_TRIED, DRIVER_TRIED)
        assert (ends, numbers) == ([0.0, 1.0], [float(n) for n in range(1, len(DRIVERS) + 1)])
        bars = {row[0].split(" (")[0]: row[1:3] for row in tornado(miner, book_of(name)).rows}
        base = target(miner, book=book_of(name))
        for driver, line in zip(DRIVERS, found, strict=True):
            # What is no driver of the miner leaves its target where it is.
            expected = bars.get(driver.name, (base, base))
            assert line == pytest.approx(expected, rel=1e-12), driver.name
        assert len(bars) > 8


def test_probability_by_mw_is_the_target_with_both_stated_and_none_where_mw_are_named(sheets):
    across, down, found = table_of(sheets["option"], SHOPPED, OPTION)
    assert (tuple(across), tuple(down)) == (POWERS, PROBABILITIES)
    book = book_of("option")
    for line, column in ((0, 0), (2, 3), (3, 1), (4, 6)):
        own = [
            ("RIOT", "hpc_probability", down[line], ""),
            ("RIOT", "hpc_mw_shopped", across[column], "gross"),
        ]
        expected = target("RIOT", book=with_own_facts(book, own))
        assert found[line][column] == pytest.approx(expected, rel=1e-12)
    *_, found = table_of(sheets["named"], SHOPPED, OPTION)
    assert {cell for line in found for cell in line} == {ErrorValue("#N/A")}


def test_nine_cells_are_the_outcomes_of_hpc_by_the_bitcoin_price(sheets):
    for name, miner, metric in (
        ("option", "RIOT", "hpc_probability"),
        ("named", "IREN", "hpc_value_named"),
    ):
        book = book_of(name)
        across, down, found = table_of(sheets[name], PRICE, OUTCOME_TRIED)
        bitcoin = book.number(miner, "btc_price")
        assert across == pytest.approx([0.7 * bitcoin, bitcoin, 1.3 * bitcoin])
        in_use = book.number(miner, metric)
        ends = (0.0, 1.0) if name == "option" else (0.75 * in_use, 1.25 * in_use)
        assert down == [ends[0], in_use, ends[1]]
        basis = book.fact(miner, metric).basis
        for end, line in zip(down, found, strict=True):
            for price, shown in zip(across, line, strict=True):
                own = [("NETWORK", "btc_price", price, ""), (miner, metric, end, basis)]
                expected = target(miner, book=with_own_facts(book, own))
                assert shown == pytest.approx(expected, rel=1e-12)


@pytest.mark.engine
@pytest.mark.parametrize("which", ["one", pytest.param("all", marks=pytest.mark.long)])
def test_each_value_tried_by_hand_gives_what_its_cell_shows(models, sheets, tmp_path, which):
    tries = tries_of(sheets)
    if which != "all":
        # Below, LibreOffice computes every cell of the tables of the other model.
        tries = [one for one in tries if one[0] == "named"][-1:]
    paths = [
        with_cells(models / f"{name}.xlsx", tmp_path / f"{number}.xlsx", {NAME: typed})
        for number, (name, _, typed, _) in enumerate(tries)
    ]
    for (name, miner, typed, shown), cells in zip(
        tries, recalculated_each(paths, timeout=540), strict=True
    ):
        found = figure(cells, "Targets", "Target, model", miner)
        assert found == pytest.approx(shown, rel=1e-9), (name, typed)
        # Functions follow what is tried as the native cells do.
        assert cells["Checks"]["B4"].value is True, (name, typed)
        assert any(
            cell.value == float(len(typed)) for at, cell in cells["Control"].items() if at[0] == "B"
        )


def tries_of(sheets):
    """Values to type into the cells that the data tables set: model, miner, cells, its target."""
    tries = []
    for name, miner in (("option", "RIOT"), ("named", "IREN")):
        *_, ends = table_of(sheets[name], END_TRIED, DRIVER_TRIED)
        # The chosen miner of one model, then of the other: between them they have every driver.
        drivers = [
            (index, driver)
            for index, driver in enumerate(DRIVERS)
            if (driver.where == "named") == (name == "named")
        ]
        for index, _ in drivers:
            end = index % 2
            typed = {DRIVER_TRIED.here: index + 1.0, END_TRIED.here: float(end)}
            tries.append((name, miner, typed, ends[index][end]))
        across, down, found = table_of(sheets[name], X_TRIED, Y_TRIED)
        tries.append((name, miner, {X_TRIED.here: across[5], Y_TRIED.here: down[1]}, found[1][5]))
        across, down, found = table_of(sheets[name], PRICE, OUTCOME_TRIED)
        tries.append(
            (name, miner, {PRICE.here: across[0], OUTCOME_TRIED.here: down[2]}, found[2][0])
        )
    across, down, found = table_of(sheets["option"], SHOPPED, OPTION)
    tries.append(("option", "RIOT", {SHOPPED.here: 1000.0, OPTION.here: 0.75}, found[3][5]))
    across, down, found = table_of(sheets["option"], MINER_TRIED, CASE_TRIED)
    bear = down.index("bear")
    tries += [
        ("option", miner, {CASE_TRIED.here: "bear"}, shown)
        for miner, shown in zip(across, found[bear], strict=True)
    ]
    return tries


def tables_in(path):
    """Give the addresses of all cells of the data tables, with the stored values."""
    cells = read_cells(read_parts(path))[NAME]
    areas = [cell.area for cell in cells.values() if cell.kind == "dataTable"]
    assert len(areas) == 5
    return {address: cells[address].value for address in within(areas, cells)}


def switched_on(path, target):
    return with_cells(path, target, {NAME: {COMPUTED.here: True}})


@pytest.mark.engine
def test_libreoffice_computes_the_tables_alike_where_it_is_let(models, tmp_path):
    path = models / "option.xlsx"
    stored = tables_in(path)
    as_is, let = recalculated_each([path, switched_on(path, tmp_path / "let.xlsx")])
    # Left to itself it says that it does not, and every other sheet keeps its figures.
    assert {as_is[NAME][address].value for address in stored} == {ErrorValue("#N/A")}
    assert as_is["Checks"]["B4"].value is True
    differing = {
        address: (value, let[NAME][address].value)
        for address, value in stored.items()
        if value != "" and not agree(value, let[NAME][address].value)
    }
    assert differing == {}


@pytest.mark.long
def test_a_second_engine_computes_the_tables_alike(models, tmp_path):
    path = models / "option.xlsx"
    stored = tables_in(path)
    with_native_formulas_alone(path, tmp_path / "native.xlsx", tables=[NAME])
    found = computed(tmp_path / "native.xlsx", [(NAME, address) for address in stored])
    differing = {
        address: (value, found[NAME, address])
        for address, value in stored.items()
        if value != "" and not agree(value, found[NAME, address])
    }
    assert differing == {}


def test_a_data_table_is_written_as_excel_writes_it(models):
    seen = []

    def look(name, root):
        if name == NAME:
            seen.extend(
                dict(one.attrib) for one in root.iter("{*}f") if one.get("t") == "dataTable"
            )
        return False

    change(models / "option.xlsx", models / "copy.xlsx", look)
    assert seen[0].keys() == {"t", "ref", "dt2D", "dtr", "r1", "r2"}
    assert (seen[0]["dt2D"], seen[0]["dtr"]) == ("1", "1")
    assert (seen[0]["r1"], seen[0]["r2"]) == (MINER_TRIED.here, CASE_TRIED.here)
