"""Control: what is typed there is what every sheet and every function goes by, and shows it."""

from __future__ import annotations

from datetime import date

import pytest

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import FIVE, figure, input_row, with_cells
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.cells import day_of, letters
from workbook.model.build import plan_model
from workbook.model.sheets.facts.control_cells import DRIVERS, cell_of
from workbook.model.sheets.facts.input_cells import AS_OF, CHOSEN_CASE, COLUMN, CONTROL, MINER
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

BITCOIN = ("NETWORK", "btc_price")


@pytest.fixture(scope="module")
def model(model_of, tmp_path_factory):
    """The model of the shipped book on 2025-11-24."""
    return model_of(tmp_path_factory.mktemp("model") / "model.xlsx", as_of="2025-11-24")


def row_of(cells, sheet, label):
    """Give the cells right of a label, by the letter of their column."""
    row = next(at[1:] for at, cell in cells[sheet].items() if at[0] == "A" and cell.value == label)
    return {
        at[: -len(row)]: cell.value
        for at, cell in cells[sheet].items()
        if at.lstrip("ABCDEFGHIJKLMNOPQRST") == row
    }


@pytest.mark.engine
def test_case_miner_and_own_values_are_typed_on_control_and_all_else_follows(model, tmp_path):
    stored = read_cells(read_parts(model))
    order = coverage(load_book("2025-11-24")).tickers
    mine = cell_of(BITCOIN, order).here, cell_of(("IREN", "hpc_probability"), order).here
    typed = {CHOSEN_CASE.here: "bear", MINER.here: "IREN", mine[0]: 100_000.0, mine[1]: 0.4}
    over = f"E{input_row(stored, *BITCOIN)}"
    paths = [
        with_cells(model, tmp_path / "typed.xlsx", {CONTROL: typed}),
        # A number over the link of Inputs: what is typed on Control is not in use, and it says so.
        with_cells(model, tmp_path / "over.xlsx", {CONTROL: typed, "Inputs": {over: 90_000.0}}),
    ]
    cells, other = recalculated_each(paths)
    own = [(*BITCOIN, 100_000.0, ""), ("IREN", "hpc_probability", 0.4, "")]
    book = with_own_facts(load_book("2025-11-24", case="bear"), own)
    assert cells["Checks"]["B4"].value is True
    assert cells["Inputs"]["C5"].value == book.handle
    for ticker in FIVE:
        expected = target(ticker, book=book)
        assert figure(cells, "Targets", "Target, model", ticker) == pytest.approx(expected, 1e-9)
        row = row_of(cells, CONTROL, ticker)
        assert row["G"] == pytest.approx(expected, 1e-9)
    plain = load_book("2025-11-24").number("RIOT", "btc_price")
    bitcoin = row_of(cells, CONTROL, "Bitcoin price")
    # fact, 30% less in the case, own, in use
    assert [bitcoin[letter] for letter in "CDEF"] == pytest.approx(
        [plain, plain * 0.7, 100_000.0, 100_000.0]
    )
    assert bitcoin["I"] == "in use"
    chosen = row_of(cells, CONTROL, "HPC probability of IREN")
    assert [chosen[letter] for letter in "EF"] == [0.4, 0.4]
    assert row_of(cells, CONTROL, "Own values in use")["B"] == 2
    bitcoin = row_of(other, CONTROL, "Bitcoin price")
    assert [bitcoin[letter] for letter in "EF"] == [100_000.0, 90_000.0]
    assert bitcoin["I"] == "not in use: another value is typed on Inputs"


def test_control_shows_the_coverage_and_what_to_look_at(model):
    cells = read_cells(read_parts(model))
    assert day_of(cells[CONTROL][AS_OF.here].value) == date(2025, 11, 24)
    assert cells[CONTROL][CHOSEN_CASE.here].value == "plain"
    for ticker in FIVE:
        row = row_of(cells, CONTROL, ticker)
        assert row["A"] == ticker
        for letter, line in zip(
            "CFGHJ",
            ("Share price", "Target, plain", "Target, model", "Published target", "Upside, model"),
            strict=True,
        ):
            assert row[letter] == figure(cells, "Targets", line, ticker), (ticker, line)
    assert row_of(cells, CONTROL, "Own values in use")["B"] == 0
    age, limit = (
        {
            at[len(name) :]: cell.value
            for at, cell in cells["Inputs"].items()
            if at[: len(name)] == name
        }
        for name in (letters(COLUMN["age, days"]), letters(COLUMN["stale after"]))
    )
    numbers = [row for row in age if isinstance(age[row], float)]
    old = [row for row in numbers if isinstance(limit[row], float) and age[row] > limit[row]]
    assert row_of(cells, CONTROL, "Stale facts in use")["B"] == len(old) > 0


def test_each_own_value_has_one_place_to_be_typed():
    sheets = {sheet.name: sheet for sheet in plan_model(coverage(load_book())).sheets}
    inputs, control = sheets["Inputs"], sheets[CONTROL]
    yellow = {at for at, cell in control.cells.items() if cell.style == "own"}
    keys = [*DRIVERS, *((ticker, "hpc_probability") for ticker in FIVE)]
    assert yellow == {(cell_of(key, FIVE).row, cell_of(key, FIVE).column) for key in keys}
    taken = {
        cell.formula for (_, column), cell in inputs.cells.items() if column == 5 and cell.formula
    }
    # A probability of each of the six sites that offer MW is typed on Pipeline.
    assert len({one for one in taken if "Control!" in one}) == len(keys)
    assert len({one for one in taken if "Pipeline!" in one}) == 6
    closed = [rule for rule in inputs.validations if rule.kind == "closed"]
    assert len(closed) == len(keys) + 6
    assert closed[0].message.startswith("Type it into Control!")


def test_control_fits_one_screen():
    (control,) = (
        sheet for sheet in plan_model(coverage(load_book())).sheets if sheet.name == CONTROL
    )
    assert max(row for row, _ in control.cells) <= 40
    assert sum(control.widths) < 215  # letters: 1,600 of 1,920 dots
