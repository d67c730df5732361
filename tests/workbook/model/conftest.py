"""One model that several files of tests look at on each date, recalculated once."""

from datetime import date

import pytest

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import FIVE, with_cells
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model
from workbook.model.sheets.facts.input_cells import AS_OF

DAYS = ("2025-08-31", "2025-09-26", "2025-10-31", "2025-11-06", "2025-11-24")
"""The workbook is built for the last one."""


@pytest.fixture(scope="session")
def model_of_five(tmp_path_factory):
    """The model of five miners on the last of the dates."""
    path = tmp_path_factory.mktemp("dates") / "model.xlsx"
    build_model(coverage(load_book(DAYS[-1]), FIVE), path)
    return path


@pytest.fixture(scope="session")
def on_each_day(model_of_five):
    """The cells of the model after its date alone was changed, by date."""
    paths = [
        with_cells(
            model_of_five,
            model_of_five.with_name(f"{day}.xlsx"),
            {AS_OF.sheet: {AS_OF.here: date.fromisoformat(day)}},
        )
        for day in DAYS
    ]
    return dict(zip(DAYS, recalculated_each(paths), strict=True))
