"""Stored figures of a changed workbook: whose they are, and when they are left to Excel."""

from __future__ import annotations

import pytest

from addin.boundary.desk import Desk
from addin.closed import workbook as closed
from workbook.cells import ErrorValue
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts
from workbook.opc.stored import StoredCell, read_cells


@pytest.fixture
def parts(tmp_path):
    sheet = Sheet("Data", (10,))
    sheet.put(1, 1, 2.0)
    sheet.put(2, 1, 3.0, formula="A1+1")
    sheet.put(3, 1, 5.0, formula="BDP(A1)")
    write(Plan("Data", [sheet]), tmp_path / "data.xlsx")
    return read_parts(tmp_path / "data.xlsx")


def engine_says(monkeypatch, **values):
    fresh = {"Data": {at: StoredCell(at, "", value, True) for at, value in values.items()}}
    monkeypatch.setattr(closed, "_from_engine", lambda parts, desk: fresh)


def stored(parts):
    return [read_cells(parts)["Data"][at].value for at in ("A1", "A2", "A3")]


def test_what_the_engine_computes_is_stored_and_lost_figures_are_counted(parts, monkeypatch):
    engine_says(monkeypatch, A2=4.0, A3=ErrorValue("#N/A"))
    sentence = closed.store_true_figures(parts, Desk())
    assert stored(parts) == [2.0, 4.0, ErrorValue("#N/A")]
    assert sentence == f"{closed.RECALCULATED}; cells that show an error and did not before: 1"


def test_an_engine_without_a_function_of_the_workbook_leaves_the_figures_to_excel(
    parts, monkeypatch
):
    engine_says(monkeypatch, A2=4.0, A3=ErrorValue("#NAME?"))
    sentence = closed.store_true_figures(parts, Desk())
    assert stored(parts) == [2.0, None, None]
    assert sentence == closed.LEFT_TO_EXCEL
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
