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
SOME = DAYS[::2]
"""What the quick tests look at: before the edition, between two, and the day of the build."""
EACH_DAY = [pytest.param(day, marks=() if day in SOME else pytest.mark.long) for day in DAYS]
DAYS_TOGETHER = pytest.mark.parametrize(
    "days", [SOME, pytest.param(DAYS, marks=pytest.mark.long)], ids=["some", "all"]
)


@pytest.fixture(scope="session")
def model_of_five(tmp_path_factory):
    """The model of five miners on the last of the dates."""
    path = tmp_path_factory.mktemp("dates") / "model.xlsx"
    build_model(coverage(load_book(DAYS[-1]), FIVE), path)
    return path


@pytest.fixture(scope="session")
def on_day(model_of_five):
    """Gives the cells of the model after its date alone was changed to a day."""
    made = {}

    def cells(day):
        if day not in made:
            days = [one for one in DAYS if (one in SOME) == (day in SOME)]
            paths = [
                with_cells(
                    model_of_five,
                    model_of_five.with_name(f"{one}.xlsx"),
                    {AS_OF.sheet: {AS_OF.here: date.fromisoformat(one)}},
                )
                for one in days
            ]
            made.update(zip(days, recalculated_each(paths), strict=True))
        return made[day]

    return cells
