"""What-if grids of one miner chosen in a cell, and the steps behind its figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from valuation_core import hpc
from valuation_core.catalog import catalogue, formula
from valuation_core.coverage import Coverage
from valuation_core.reading import LEVELS as LEVEL_METRICS
from workbook.plan import Ref, Sheet, Validation, Value
from workbook.sheets.formulas import column_absolute, row_absolute, shown
from workbook.sheets.inputs import BOOK_NAME
from workbook.sheets.option import BUILT_ON_GROSS, FIRST_COLUMN, NAME, HpcCells, MinerBlock
from workbook.style import MEGAWATTS, MONEY, PER_MW, PERCENT

PROBABILITIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
POWERS: Final = (200.0, 400.0, 600.0, 800.0, 1000.0)
MONTHS: Final = (0.0, 3.0, 6.0, 9.0)


class Grids:
    """Grids of one miner chosen in a cell: option by probability and MW, probability left."""

    def __init__(self, sheet: Sheet, cells: HpcCells, table: Coverage, block: MinerBlock) -> None:
        self.sheet, self.cells, self.table, self.block = sheet, cells, table, block
        self.book = table.book
        self.ticker = next(
            (
                ticker
                for index, ticker in enumerate(table.tickers)
                if isinstance(shown(table.option["mid"], index), float)
            ),
            table.tickers[0],
        )

    def plan(self, row: int) -> None:
        """Plan the grids from a row on."""
        sheet = self.sheet
        sheet.page_breaks.append(row)
        sheet.put(row, 1, "What if: the cap and value per MW of one miner", "section")
        sheet.put(row + 1, 1, "Miner (choose)", "label")
        sheet.put(row + 1, 2, None, "unit")
        self.chosen = sheet.put(row + 1, 3, self.ticker, "input")
        sheet.validations.append(
            Validation(
                self.chosen, "Choose a miner of this workbook.", "list", choices=self.table.tickers
            )
        )
        self.cap = self._pick(
            row + 2, "tenant_cap", "Demand of one tenant (cap)", BUILT_ON_GROSS, MEGAWATTS
        )
        self.mid = self._pick(
            row + 3, LEVEL_METRICS["mid"], "Equity value per MW, mid", "USD M/MW gross", PER_MW
        )
        row = self._value_grid(row + 5)
        row = self._window_grid(row + 1)
        if isinstance(
            shown(self.table.option["mid"], self.table.tickers.index(self.ticker)), float
        ):
            self._explanation(row + 1)

    def _pick(self, row: int, key: str, label: str, unit: str, number_format: str) -> Ref:
        """Look the chosen miner's figure up in its column."""
        refs = self.cells.rows[key]
        first, last = (refs[self.table.tickers[end]] for end in (0, -1))
        header = self.block.header.fixed
        values = first.to(last).fixed
        self.sheet.put(row, 1, label, "label")
        self.sheet.put(row, 2, unit, "unit")
        value = self.sheet.cells[refs[self.ticker].row, refs[self.ticker].column].value
        text = f"INDEX({values},MATCH({self.chosen.fixed},{header},0))"
        return self.sheet.put(row, 3, value, "calculation", number_format, text)

    def _axes(
        self, row: int, title: str, across: Sequence[float], number_format: str
    ) -> tuple[Ref, Ref]:
        self.sheet.put(row, 1, title, "label_bold")
        self.sheet.put(row, 2, "probability", "unit")
        top = [
            self.sheet.put(row, FIRST_COLUMN + offset, value, "input", number_format)
            for offset, value in enumerate(across)
        ]
        side = [
            self.sheet.put(row + 1 + offset, 2, value, "input", "0%")
            for offset, value in enumerate(PROBABILITIES)
        ]
        return top[0].to(top[-1]), side[0].to(side[-1])

    def _two_ways(
        self,
        row: int,
        values: list[list[float]],
        native: Callable[[Ref, Ref], str],
        call: str,
        label: str,
        number_format: str,
        top: Ref,
        side: Ref,
    ) -> int:
        """Plan a grid in native cells, and the same as one spilling call below it."""
        sheet = self.sheet
        start = row + 1
        for i, values_of_row in enumerate(values):
            for j, value in enumerate(values_of_row):
                at = Ref(NAME, side.row + i, side.column, side.row + i, side.column)
                over = Ref(NAME, top.row, top.column + j, top.row, top.column + j)
                column = FIRST_COLUMN + j
                text = native(at, over)
                sheet.put(start + i, column, value, "calculation", number_format, text)
        below = start + len(values)
        sheet.put(below, 1, f"The same through {call.split('(')[0]}, one spilling call", "label")
        spill = sheet.put_spill(below, FIRST_COLUMN, values, call, "function", number_format)
        height, width = len(values), len(values[0])
        cells = Ref(NAME, start, FIRST_COLUMN, start + height - 1, FIRST_COLUMN + width - 1)
        self.cells.pairs.append((label, cells, spill))
        return below + height

    def _value_grid(self, row: int) -> int:
        title = "Option value by probability and MW, USD M"
        top, side = self._axes(row, title, POWERS, '#,##0" MW"')
        grid = hpc.value(self.ticker, [[p] for p in PROBABILITIES], [list(POWERS)], book=self.book)
        call = formula(
            "HPC_VALUE", miner=self.chosen.fixed, prob=side.here, mw=top.here, book=BOOK_NAME
        )

        def native(at: Ref, over: Ref) -> str:
            mw = f"MIN({column_absolute(over)},{self.cap.fixed})"
            return f"{row_absolute(at)}*{mw}*{self.mid.fixed}"

        label = "Grid of option values"
        return self._two_ways(row, _floats(grid), native, call, label, MONEY, top, side)

    def _window_grid(self, row: int) -> int:
        title = "Probability left after months without a deal"
        top, side = self._axes(row, title, MONTHS, '0" months"')
        grid = hpc.window([[p] for p in PROBABILITIES], [list(MONTHS)], book=self.book)
        window = f"{self.block.inputs.fact('ALL', 'window_months').there}"
        call = formula("HPC_WINDOW", prob=side.here, months=top.here, book=BOOK_NAME)

        def native(at: Ref, over: Ref) -> str:
            left = f"MAX({window}-{column_absolute(over)},0)/{window}"
            # Excel has no 0^0: at the end of the window nothing is left.
            months = column_absolute(over)
            return f"IF({months}<{window},1-(1-{row_absolute(at)})^({left}),0)"

        label = "Grid of probabilities left"
        return self._two_ways(row, _floats(grid), native, call, label, PERCENT, top, side)

    def _explanation(self, row: int) -> None:
        card = catalogue()["HPC_EXPLAIN"]
        steps = card.function("HPC_VALUE", self.ticker, None, None, "mid", None, None, self.book)
        self.sheet.put(row, 1, "How the figure of this miner is made (HPC_EXPLAIN)", "section")
        values: list[list[Value]] = [
            ["-" if cell is None or cell == "" else cell for cell in line]
            for line in (steps.header, *steps.rows)
        ]
        call = f'HPC_EXPLAIN("HPC_VALUE",{self.chosen.fixed},,,"mid",,,{BOOK_NAME})'
        self.sheet.put_spill(row + 1, 1, values, call, "function_left")


def _floats(grid: object) -> list[list[float]]:
    return grid.tolist()  # type: ignore[attr-defined,no-any-return]
