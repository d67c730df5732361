"""What-if grids of one miner chosen in a cell, and the steps behind its figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from valuation_core import hpc
from valuation_core.catalogue.catalogue import catalogue, formula
from workbook.cells import MISSING, ErrorValue, Ref, Value
from workbook.model.addresses import column_absolute, row_absolute
from workbook.model.figures import Figures, as_value
from workbook.model.lines import CHECK, FIRST_COLUMN, LABEL, UNIT, Lines, Pair
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import MEGAWATTS, MONEY, PER_MW, PERCENT

PROBABILITIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
POWERS: Final = (200.0, 400.0, 600.0, 800.0, 1000.0)
MONTHS: Final = (0.0, 3.0, 6.0, 9.0)
GRID_COLUMNS: Final = max(len(POWERS), len(MONTHS))


def plan_grids(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan the grids below the lines of the HPC sheet."""
    Grids(lines, figures, inputs).plan()


CHOOSE: Final = "Miner (choose)"
"""Label of the cell in which a miner is chosen, in column `FIRST_COLUMN`."""


def miner_of(figures: Figures, sheet: str) -> str:
    """Give the miner chosen on a sheet.

    Else the first whose option can be moved, else with a target or an option, else any.
    """
    if sheet in figures.chosen:
        return figures.chosen[sheet]
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("HPC_TARGET", {"prob": PROBABILITIES[0]}),
        ("HPC_TARGET", {}),
        ("HPC_VALUE", {}),
    )
    for name, given in calls:
        for ticker, value in figures.call(name, **given).items():
            if isinstance(value, float):
                return ticker
    return figures.tickers[0]


class Grids:
    """Grids of one miner chosen in a cell: option by probability and MW, probability left."""

    def __init__(self, lines: Lines, figures: Figures, inputs: InputCells) -> None:
        self.lines, self.figures, self.inputs = lines, figures, inputs
        self.sheet, self.book = lines.sheet, figures.book
        self.ticker = miner_of(figures, lines.name)

    def plan(self) -> None:
        """Plan the grids from the next row on."""
        row = self.lines.row + 1
        self.sheet.page_breaks.append(row)
        self._section(row, "What if: the cap and value per MW of one miner")
        self.chosen = choose_miner(self.lines, row + 1, self.ticker, self.lines.header)
        self.cap = self._pick(
            row + 2, "tenant_cap", "Demand of one tenant (cap)", "MW gross", MEGAWATTS
        )
        self.value = self._pick(
            row + 3, VALUES[USE], "Equity value per MW, in use", "USD M/MW gross", PER_MW
        )
        row = self._value_grid(row + 5)
        row = self._window_grid(row + 1)
        if isinstance(self.figures.call("HPC_VALUE")[self.ticker], float):
            self._explanation(row + 1)

    def _section(self, row: int, title: str) -> None:
        for column in range(LABEL, self.lines.note_column + 1):
            self.sheet.put(row, column, title if column == LABEL else None, "section")

    def _pick(self, row: int, key: str, label: str, unit: str, number_format: str) -> Ref:
        """Look the chosen miner's figure up in its column."""
        put_label(self.lines, row, label, unit)
        value = self.lines.value(key, self.ticker)
        text = pick(self.lines, key, self.chosen, self.sheet.name)
        return self.sheet.put(row, FIRST_COLUMN, value, "calculation", number_format, text)

    def _axes(
        self, row: int, title: str, across: Sequence[float], number_format: str
    ) -> tuple[Ref, Ref]:
        self.sheet.put(row, LABEL, title, "label_bold")
        self.sheet.put(row, UNIT, "by probability", "unit")
        top = [
            self.sheet.put(row, FIRST_COLUMN + offset, value, "input", number_format)
            for offset, value in enumerate(across)
        ]
        side = [
            self.sheet.put(row + 1 + offset, CHECK, value, "input", "0%")
            for offset, value in enumerate(PROBABILITIES)
        ]
        limit(self.sheet, top[0].to(top[-1]), "A value of this axis")
        limit(self.sheet, side[0].to(side[-1]), "A probability", 1.0)
        return top[0].to(top[-1]), side[0].to(side[-1])

    def _two_ways(
        self,
        row: int,
        values: list[list[Value]],
        native: Callable[[Ref, Ref], str],
        call: str,
        label: str,
        number_format: str,
        top: Ref,
        side: Ref,
    ) -> int:
        """Plan a grid in native cells, and the same as one spilling call below it."""
        sheet, name = self.sheet, self.sheet.name
        start = row + 1
        for i, values_of_row in enumerate(values):
            for j, value in enumerate(values_of_row):
                at = Ref(name, side.row + i, side.column, side.row + i, side.column)
                over = Ref(name, top.row, top.column + j, top.row, top.column + j)
                text = native(at, over)
                shown = MISSING if isinstance(value, ErrorValue) else value
                sheet.put(start + i, FIRST_COLUMN + j, shown, "calculation", number_format, text)
        below = start + len(values)
        sheet.put(below, 1, f"The same through {call.split('(')[0]}, one spilling call", "label")
        spill = sheet.put_spill(below, FIRST_COLUMN, values, call, "function", number_format)
        height, width = len(values), len(values[0])
        cells = Ref(name, start, FIRST_COLUMN, start + height - 1, FIRST_COLUMN + width - 1)
        self.lines.pairs.append(Pair(label, label, cells, spill, cells))
        return below + height

    def _value_grid(self, row: int) -> int:
        title = "Option value by probability and MW, USD M"
        top, side = self._axes(row, title, POWERS, '#,##0" MW"')
        grid = hpc.value.evaluate(
            {
                "miner": self.ticker,
                "prob": _column(PROBABILITIES),
                "mw": [list(POWERS)],
                "book": self.book,
            }
        )
        call = formula(
            "HPC_VALUE", miner=self.chosen.fixed, prob=side.here, mw=top.here, book=BOOK_NAME
        )

        def native(at: Ref, over: Ref) -> str:
            mw = f"MIN({column_absolute(over)},{self.cap.fixed})"
            return f"{row_absolute(at)}*{mw}*{self.value.fixed}"

        values = _values(grid)
        return self._two_ways(row, values, native, call, "Grid of option values", MONEY, top, side)

    def _window_grid(self, row: int) -> int:
        title = "Probability left after months without a deal"
        top, side = self._axes(row, title, MONTHS, '0" months"')
        grid = hpc.window.evaluate(
            {"prob": _column(PROBABILITIES), "months": [list(MONTHS)], "book": self.book}
        )
        window = self.inputs.usable("ALL", "window_months").text
        call = formula("HPC_WINDOW", prob=side.here, months=top.here, book=BOOK_NAME)

        def native(at: Ref, over: Ref) -> str:
            left = f"MAX({window}-{column_absolute(over)},0)/{window}"
            # Excel has no 0^0: at the end of the window nothing is left.
            months = column_absolute(over)
            return f"IF({months}<{window},1-(1-{row_absolute(at)})^({left}),0)"

        values = _values(grid)
        label = "Grid of probabilities left"
        return self._two_ways(row, values, native, call, label, PERCENT, top, side)

    def _explanation(self, row: int) -> None:
        card = catalogue()["HPC_EXPLAIN"]
        steps = card.function("HPC_VALUE", self.ticker, *[None] * 5, self.book)
        self._section(row, "How the figure of this miner is made (HPC_EXPLAIN)")
        values: list[list[Value]] = [
            ["-" if cell is None or cell == "" else cell for cell in line]
            for line in (steps.header, *steps.rows)
        ]
        call = f'HPC_EXPLAIN("HPC_VALUE",{self.chosen.fixed},,,,,,{BOOK_NAME})'
        self.sheet.put_spill(row + 1, 1, values, call, "function_left")


def limit(sheet: Sheet, cells: Ref, what: str, high: float | None = None) -> None:
    """Let cells take numbers from 0 on, to an upper end if there is one."""
    rule = "must be 0 or more" if high is None else f"must be between 0 and {high:g}"
    sheet.validations.append(Validation(cells, f"{what} {rule}.", "decimal", 0.0, high))


def put_label(lines: Lines, row: int, label: str, unit: str) -> None:
    """Plan what stands before a single cell."""
    lines.sheet.put(row, LABEL, label, "label")
    lines.sheet.put(row, UNIT, unit or None, "unit")
    lines.sheet.put(row, CHECK, None, "label")


def choose_miner(lines: Lines, row: int, ticker: str, miners: Ref) -> Ref:
    """Plan the cell in which a miner is chosen from the headings of a sheet."""
    put_label(lines, row, CHOOSE, "")
    chosen = lines.sheet.put(row, FIRST_COLUMN, ticker, "input")
    lines.sheet.validations.append(
        Validation(chosen, "Choose a miner of this workbook.", "list", source=miners)
    )
    return chosen


def pick(lines: Lines, key: str, chosen: Ref, sheet: str) -> str:
    """Write, for a formula on a sheet, the look-up of a line in the chosen miner's column."""
    values, miner, header = (
        ref.fixed if ref.sheet == sheet else ref.there
        for ref in (lines.across(key), chosen, lines.header)
    )
    # MATCH alone would take "R*" for a pattern; = does not.
    known = f"SUMPRODUCT(--({header}={miner}))=1"
    return f"IF({known},INDEX({values},MATCH({miner},{header},0)),NA())"


def _column(values: Sequence[float]) -> list[list[float]]:
    return [[value] for value in values]


def _values(grid: object) -> list[list[Value]]:
    """Give a grid of the core as cells hold it."""
    shape = grid.values.shape  # type: ignore[attr-defined]
    return [
        [as_value(grid.error_at((i, j)) or grid.values[i, j]) for j in range(shape[1])]  # type: ignore[attr-defined]
        for i in range(shape[0])
    ]
