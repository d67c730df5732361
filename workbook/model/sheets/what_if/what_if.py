"""What-if: the target under every case, by any two drivers, at both ends of each, by probability.

Every block is a data table of Excel: it puts values into the cells of "What is tried", which
Inputs and Control read before all others, so that the whole valuation is computed anew for each.

LibreOffice, too, computes such tables, but leaves what a value tried has come to in cells of other
sheets that the valuation in use does not need: there the tables are not computed, and say #N/A.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from valuation_core.sensitivity import DRIVERS
from workbook.cells import MISSING, ErrorValue, Ref, Value
from workbook.model.excel import BLANK, IF, ISNUMBER, NA, ONE, OR, ZERO, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.plan import Shading, Sheet
from workbook.model.sheets.facts.input_cells import MINER, InputCells
from workbook.model.sheets.facts.what_if_cells import (
    CASE_TRIED,
    COMPUTED,
    DRIVER_TRIED,
    DRIVERS_ROW,
    END_TRIED,
    IN_EXCEL,
    INPUT_COLUMN,
    MINER_TRIED,
    NAME,
    OFF,
    OUTCOME_TRIED,
    SHOPPED,
    TRIED,
    X_TRIED,
    Y_TRIED,
    driver_cell,
)
from workbook.model.sheets.valuation.hpc_grids import pick
from workbook.model.sheets.what_if.drivers import (
    BASE,
    HAS,
    HIGH_END,
    LOW_END,
    NAMED_ROW,
    NAMED_VALUE,
    NUMBER,
    OPTION,
    Drivers,
    choose_driver,
    title_of,
)
from workbook.model.sheets.what_if.tornado_bars import plan_bars
from workbook.style import HEAT_HIGH, HEAT_LOW, HEAT_MIDDLE, PER_SHARE, PERCENT

SPARE_CASES: Final = 3
PROBABILITIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
POWERS: Final = (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0)
X_DRIVER, Y_DRIVER = DRIVERS[5], DRIVERS[0]
X_STEPS, Y_STEPS = 7, 5
BITCOIN: Final = (0.7, 1.0, 1.3)
"""Factors of the bitcoin price, beside the outcomes of HPC."""
NAMED_FACTORS: Final = (0.75, 1.0, 1.25)
"""Factors of the value per named MW, where there is no option to move."""
OUTCOMES: Final = (
    ("MW shopped: none let", "Value per named MW, low"),
    ("MW shopped: as in use", "Value per named MW, in use"),
    ("MW shopped: all let", "Value per named MW, high"),
)
"""Outcomes of HPC, and what they are where MW are named."""
AXIS, FIRST = 2, 3
"""Columns of the values tried on the left, and of the first result."""
ANY: Final = "#,##0.####"
_CALL: Final = 8


@dataclass(frozen=True)
class WhatIf:
    """The planned sheet, the nine cells that Control shows, and the targets by case."""

    sheet: Sheet
    cases: Ref
    """Targets, a line a case and a column a miner, in their order."""
    nine: Ref
    bitcoin: Ref
    outcomes: Ref


def plan_what_if(
    figures: Figures, inputs: InputCells, hpc: Lines, targets: Lines, choices: Ref
) -> WhatIf:
    """Plan the sheet; `choices` are the cells that list the cases."""
    return _Planner(figures, inputs, hpc, targets).plan(choices)


class _Planner:
    """Plans the sheet from top to bottom."""

    def __init__(self, figures: Figures, inputs: InputCells, hpc: Lines, targets: Lines) -> None:
        self.figures, self.targets, self.miner = figures, targets, inputs.miner
        self.sheet = Sheet(NAME, (34, 15, *[11] * 10, 3, *[11] * len(figures.tickers)))
        self.row = NAMED_ROW + 2
        self.x_name, self.y_name = (Ref(NAME, at.row, 4, at.row, 4) for at in (X_TRIED, Y_TRIED))
        self._tried()
        chosen = Ref(NAME, 5, INPUT_COLUMN, 5, INPUT_COLUMN)
        self.chosen, self.target = self._value(chosen), self._target(chosen)
        named = self.x_name, self.y_name
        self.drivers = Drivers(self.sheet, inputs, hpc, self.chosen, named)

    def plan(self, choices: Ref) -> WhatIf:
        self._section(DRIVERS_ROW - 2, "Drivers of the chosen miner")
        self.drivers.plan()
        cases = self._cases(choices)
        made = self._outcomes(cases)
        self._two_drivers()
        self._option()
        self._tornado()
        return made

    def _value(self, ref: Ref) -> Term:
        return Term(ref.fixed, self.sheet.cells[ref.row, ref.column].value)

    def _target(self, miner: Ref) -> Term:
        value = self.targets.value("target", self.miner)
        return Term(pick(self.targets, "target", miner, NAME), value, _CALL)

    def _section(self, row: int, title: str) -> None:
        for column in range(1, HAS + 1):
            self.sheet.put(row, column, title if column == 1 else None, "section")

    def _put(self, row: int, column: int, term: Term, style: str, looks: str = "General") -> Term:
        return self._value(self.sheet.put(row, column, term.value, style, looks, term.text))

    def _tried(self) -> None:
        """Plan the cells into which the tables put their values."""
        sheet = self.sheet
        sheet.put(1, 1, "What if", "title")
        said = (
            "Change the yellow cells. What is tried is in use on every sheet until - takes it "
            "back; the tables try one value after the other by themselves."
        )
        sheet.put(2, 1, said, "subtitle")
        self._section(4, "What is tried: - is nothing")
        sheet.put(5, 1, "Miner, chosen on Control", "label_bold")
        sheet.put(5, 2, None, "label")
        sheet.put(5, INPUT_COLUMN, self.miner, "link", formula=MINER.there)
        for cell, label, unit in (
            (CASE_TRIED, "Case", "of all miners"),
            (MINER_TRIED, "Miner of the table of cases", ""),
            (OUTCOME_TRIED, "HPC outcome", "see its table"),
            (X_TRIED, "Driver across", "value"),
            (Y_TRIED, "Driver down", "value"),
            (DRIVER_TRIED, "Driver of the tornado", "number"),
            (END_TRIED, "Its end", "0 low, 1 high"),
        ):
            sheet.put(cell.row, 1, label, "label")
            sheet.put(cell.row, 2, unit or None, "unit")
            sheet.put(cell.row, cell.column, OFF, "input", ANY)
        sheet.put(COMPUTED.row, 1, "The tables below are computed", "label")
        sheet.put(COMPUTED.row, 2, None, "unit")
        sheet.put(COMPUTED.row, COMPUTED.column, True, "calculation", formula=IN_EXCEL)
        here = "by Excel, one after the other"
        said = f'IF({COMPUTED.here},"{here}","in Excel only: empty in LibreOffice")'
        sheet.put(COMPUTED.row, COMPUTED.column + 1, here, "subtitle", formula=said)
        for column, heading in ((4, "driver (choose)"), (5, "from"), (6, "step")):
            sheet.put(X_TRIED.row - 1, column, heading, "unit_right")
        for cell, driver, first, step in (
            (X_TRIED, X_DRIVER, 60_000.0, 20_000.0),
            (Y_TRIED, Y_DRIVER, 0.0, 0.25),
        ):
            choose_driver(sheet, cell.row, 4, driver)
            for column, value in ((5, first), (6, step)):
                sheet.put(cell.row, column, value, "input", ANY)

    def _cases(self, choices: Ref) -> Ref:
        """Plan the target of every miner under every case."""
        book, tickers = self.figures.book, self.figures.tickers
        self._section(self.row, "Target of every miner under every case, USD per share")
        head = self.row + 1
        tried = self._value(MINER_TRIED)
        off = OR(tried.equals(text(OFF)), tried.equals(BLANK))
        of = IF(off, self.chosen, tried)
        at = self.sheet.put(head, 1, of.value, "heading_left", formula=of.text)
        # Where no case stands there is nothing to show.
        shown = IF(self._value(CASE_TRIED).equals(BLANK), BLANK, self._target(at))
        self._put_target(head, shown)
        for offset, ticker in enumerate(tickers):
            self.sheet.put(head, FIRST + offset, ticker, "heading")
        names = list(book.cases)
        lines = min(len(names) + SPARE_CASES, choices.last_row - choices.row + 1)
        values: list[list[Value]] = []
        for line in range(lines):
            name = names[line] if line < len(names) else ""
            row, column = choices.row + line, choices.column
            source = Ref(choices.sheet, row, column, row, column)
            self._put(head + 1 + line, AXIS, Term(source.there, name), "link_left")
            self.sheet.put(head + 1 + line, 1, None, "label")
            made = Figures(book.with_case(name), tickers).call("HPC_TARGET") if name else {}
            values.append([_shown(made.get(ticker, "")) for ticker in tickers])
        self.row = head + lines + 2
        return self.sheet.put_table(head + 1, FIRST, values, MINER_TRIED, CASE_TRIED, PER_SHARE)

    def _corner(self, title: str, target: Term) -> int:
        """Plan the title of a table and its formula; give the row of the values across."""
        row = self.row + 1
        self._section(self.row, title)
        self.sheet.put(row, 1, None, "label")
        self._put_target(row, target)
        return row

    def _put_target(self, row: int, target: Term) -> None:
        shown = IF(self._value(COMPUTED), target, NA)
        self._put(row, AXIS, shown, "small_right", PER_SHARE)

    def _shade(self, cells: Ref) -> None:
        self.sheet.shadings.append(Shading(cells, HEAT_LOW, HEAT_MIDDLE, HEAT_HIGH))

    def _outcomes(self, cases: Ref) -> WhatIf:
        """Plan nine cells: what becomes of HPC, by the bitcoin price."""
        row = self._corner("Target by HPC outcome and bitcoin price, USD per share", self.target)
        self.sheet.put(row, FIRST + 7, "times the bitcoin price", "note_line")
        across = []
        for offset, factor in enumerate(BITCOIN):
            ref = self.sheet.put(row, FIRST + 4 + offset, factor, "input", "0.00")
            bitcoin = self.drivers.at("btc_price", BASE)
            price = IF(ISNUMBER(bitcoin), bitcoin * self._value(ref), NA)
            across.append(self._put(row, FIRST + offset, price, "heading_link", ANY).value)
        down = self._ends_of_option(row + 1)
        named = self.drivers.at(NAMED_VALUE, HAS).value is True
        values = self._targets(down, across, NAMED_VALUE if named else OPTION, "btc_price")
        price_cell = driver_cell("btc_price", TRIED)
        nine = self.sheet.put_table(row + 1, FIRST, values, price_cell, OUTCOME_TRIED, PER_SHARE)
        self._shade(nine)
        self.row = row + 5
        heads = Ref(NAME, row, FIRST, row, FIRST + 2)
        return WhatIf(self.sheet, cases, nine, heads, Ref(NAME, row + 1, 1, row + 3, 1))

    def _ends_of_option(self, row: int) -> list[Value]:
        """Plan the outcomes: a probability, or the value per MW where MW are named."""
        at = self.drivers.at
        named, has, value = at(NAMED_VALUE, HAS), at(OPTION, HAS), at(NAMED_VALUE, BASE)
        probabilities = (ZERO, at(OPTION, BASE), ONE)
        self.sheet.put(row, FIRST + 5, "times the value per named MW, if MW are named", "note_line")
        down = []
        for line, (outcome, of_named) in enumerate(OUTCOMES):
            factor = self.sheet.put(row + line, FIRST + 4, NAMED_FACTORS[line], "input", "0.00")
            option = IF(has, probabilities[line], text(OFF))
            end = IF(named, value * self._value(factor), option)
            down.append(self._put(row + line, AXIS, end, "heading_link", ANY).value)
            label = IF(named, text(of_named), IF(has, text(outcome), text("no option to move")))
            self._put(row + line, 1, label, "label")
        return down

    def _targets(
        self, down: Sequence[Value], across: Sequence[Value], metric: str, other: str
    ) -> list[list[Value]]:
        """Ask the core for the target at each pair; a text on the left tries nothing."""
        if any(not isinstance(value, float) for value in across):
            return [[MISSING] * len(across) for _ in down]
        lines: list[list[Value]] = []
        for one in down:
            moved = {other: [[float(value) for value in across]]}  # type: ignore[arg-type]
            if isinstance(one, float):
                moved[metric] = [[one]]
            failed = isinstance(one, ErrorValue)
            made = self.figures.targets_at(self.miner, **moved)[0]
            lines.append([MISSING for _ in across] if failed else made)
        return lines

    def _two_drivers(self) -> None:
        """Plan the target by the two drivers chosen above, with ranges of one's own."""
        names = self._value(self.x_name), self._value(self.y_name)
        both = IF(names[0].equals(names[1]), NA, self.target)
        row = self._corner("Target by the two drivers chosen above, USD per share", both)
        self._put(row, FIRST + X_STEPS, names[0], "note_line")
        self._put(row + 1, 1, names[1], "label")
        across = self._axis(X_TRIED, [(row, FIRST + step) for step in range(X_STEPS)])
        down = self._axis(Y_TRIED, [(row + 1 + step, AXIS) for step in range(Y_STEPS)])
        values = self._targets(down, across, Y_DRIVER.moves, X_DRIVER.moves)
        self._shade(self.sheet.put_table(row + 1, FIRST, values, X_TRIED, Y_TRIED, PER_SHARE))
        self.row = row + Y_STEPS + 2

    def _axis(self, cell: Ref, places: Sequence[tuple[int, int]]) -> list[Value]:
        """Plan values from the first on, step by step."""
        first, step = (self._value(Ref(NAME, cell.row, at, cell.row, at)) for at in (5, 6))
        term, found = first, []
        for place in places:
            put = self._put(*place, term, "heading_link", ANY)
            found.append(put.value)
            term = put + step
        return found

    def _option(self) -> None:
        """Plan the target by probability and MW of the option; none where MW are named."""
        has = self.drivers.at(OPTION, HAS)
        title = "Target by HPC probability and MW shopped, USD per share"
        row = self._corner(title, IF(has, self.target, NA))
        self.sheet.put(row, FIRST + len(POWERS), "MW on the basis of Inputs", "note_line")
        for offset, power in enumerate(POWERS):
            self.sheet.put(row, FIRST + offset, power, "input", '#,##0" MW"')
        for line, probability in enumerate(PROBABILITIES, start=row + 1):
            self.sheet.put(line, AXIS, probability, "input", PERCENT)
            self.sheet.put(line, 1, None, "label")
        values: list[list[Value]] = [[MISSING] * len(POWERS)] * len(PROBABILITIES)
        if has.value is True:
            values = self._targets(PROBABILITIES, POWERS, OPTION, SHOPPED)
        across, down = driver_cell(SHOPPED, TRIED), driver_cell(OPTION, TRIED)
        self._shade(self.sheet.put_table(row + 1, FIRST, values, across, down, PER_SHARE))
        self.row = row + len(PROBABILITIES) + 2

    def _tornado(self) -> None:
        """Plan the target at both ends of each driver, and the bars."""
        self.sheet.page_breaks.append(self.row)
        title = "Target at both ends of each driver, USD per share"
        row = self._corner(title, self.target)
        for offset, end in enumerate((0.0, 1.0)):
            self.sheet.put(row, FIRST + offset, end, "heading", '"high";;"low"')
        values = []
        for line, driver in enumerate(DRIVERS, start=row + 1):
            name = Term(driver_cell(driver.moves, 1).fixed, title_of(driver))
            self._put(line, 1, name, "label")
            self._put(line, AXIS, self.drivers.at(driver.moves, NUMBER), "link", "0")
            values.append(self._ends(driver.moves))
        made = self.sheet.put_table(row + 1, FIRST, values, END_TRIED, DRIVER_TRIED, PER_SHARE)
        has = driver_cell(DRIVERS[0].moves, HAS).to(driver_cell(DRIVERS[-1].moves, HAS))
        plan_bars(self.sheet, made, has, self._value(Ref(NAME, row, AXIS, row, AXIS)))

    def _ends(self, metric: str) -> list[Value]:
        ends = [self.drivers.at(metric, column).value for column in (LOW_END, HIGH_END)]
        if any(isinstance(end, ErrorValue) for end in ends):
            return [MISSING, MISSING]
        numbers = [end for end in ends if isinstance(end, float)]
        if not numbers:
            return [_shown(self.target.value)] * len(ends)
        return self.figures.targets_at(self.miner, **{metric: [numbers]})[0]


def _shown(value: Value) -> Value:
    return MISSING if isinstance(value, ErrorValue) else value
