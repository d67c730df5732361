"""What What-if moves: the drivers of the chosen miner, their ends, and the value in effect.

What a driver is without What-if stands by miner at the right; a value tried for it goes to Inputs,
where it wins over every other.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.sensitivity import DRIVERS, Driver
from workbook.cells import Ref
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    ISNUMBER,
    ONE,
    OR,
    TRUE,
    ZERO,
    Term,
    text,
)
from workbook.model.lines import Lines
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.facts.what_if_cells import (
    DRIVER_TRIED,
    DRIVERS_ROW,
    END_TRIED,
    IN_EFFECT,
    NAME,
    OFF,
    OUTCOME_TRIED,
    SHOPPED,
    TRIED,
    X_TRIED,
    Y_TRIED,
    driver_cell,
)
from workbook.model.sheets.valuation.power import NAMED

HOW: Final = {"replaces": "set to", "times": "times", "plus": "plus"}
BASE, HOW_COLUMN, LOW, HIGH, LOW_END, HIGH_END = range(3, 9)
NUMBER, HAS = 11, 12
BY_MINER: Final = 14
"""First column of what the drivers are, miner by miner."""
NAMED_ROW: Final = DRIVERS_ROW + len(DRIVERS)
HEADINGS: Final = (
    *("Driver", "unit", "in use", "moved", "by, low", "by, high", "low", "high", "tried"),
    *("in effect", "number", "of this miner"),
)
OPTION, NAMED_VALUE = "hpc_probability", "hpc_value_named"
_FORMAT: Final = "#,##0.####"
_CALL: Final = 8


def title_of(driver: Driver) -> str:
    """Give the name of a driver as a line begins with it.

    Examples
    --------
    >>> title_of(DRIVERS[0]), title_of(DRIVERS[5])
    ('Value per MW', 'BTC price')
    """
    return driver.name[0].upper() + driver.name[1:]


class Drivers:
    """Plans the block of the drivers; `miner` is the cell of the chosen one."""

    def __init__(
        self, sheet: Sheet, inputs: InputCells, hpc: Lines, miner: Term, named: tuple[Ref, Ref]
    ) -> None:
        self.sheet, self.inputs, self.hpc, self.miner = sheet, inputs, hpc, miner
        self.x_name, self.y_name = (
            Term(ref.fixed, sheet.cells[ref.row, ref.column].value) for ref in named
        )
        self.tickers = hpc.columns

    def plan(self) -> None:
        """Plan a line a driver, and what it is for each miner."""
        row = DRIVERS_ROW - 1
        for column, heading in enumerate(HEADINGS, start=1):
            self.sheet.put(row, column, heading, "heading_left" if column <= 2 else "heading")
        self.sheet.put_row(row, BY_MINER, self.tickers, "heading")
        self.heads = Ref(NAME, row, BY_MINER, row, BY_MINER + len(self.tickers) - 1)
        self._named()
        for index, driver in enumerate(DRIVERS):
            self._bases(DRIVERS_ROW + index, driver)
            self._driver(DRIVERS_ROW + index, index, driver)

    def at(self, metric: str, column: int) -> Term:
        """Give a cell of the driver that moves a fact."""
        ref = driver_cell(metric, column)
        return Term(ref.fixed, self.sheet.cells[ref.row, ref.column].value)

    def of_chosen(self, row: int) -> Term:
        """Look a row up in the chosen miner's column."""
        last = BY_MINER + len(self.tickers) - 1
        cells = Ref(NAME, row, BY_MINER, row, last).fixed
        column = BY_MINER + self.tickers.index(str(self.miner.value))
        # MATCH alone would take "R*" for a pattern; = does not.
        known = f"SUMPRODUCT(--({self.heads.fixed}={self.miner.text}))=1"
        found = f"INDEX({cells},MATCH({self.miner.text},{self.heads.fixed},0))"
        value = self.sheet.cells[row, column].value
        return Term(f"IF({known},{found},NA())", value, _CALL)

    def _put(
        self, row: int, column: int, term: Term, style: str, number_format: str = _FORMAT
    ) -> Term:
        ref = self.sheet.put(row, column, term.value, style, number_format, term.text)
        return Term(ref.here, term.value)

    def _bases(self, row: int, driver: Driver) -> None:
        for offset, ticker in enumerate(self.tickers):
            term = self._but_for(ticker, driver.moves)
            if driver.moves == SHOPPED:
                term = self._net(ticker)
            self._put(row, BY_MINER + offset, term, "link")

    def _but_for(self, ticker: str, metric: str) -> Term:
        """Give a fact of a miner where What-if tries nothing: its own, else that of ALL."""
        found = BLANK
        for scope in (NETWORK, MARKET_WIDE, ticker):
            if (scope, metric) in self.inputs.facts:
                one = self.inputs.beside((scope, metric), "but for What-if")
                found = IF(one.equals(BLANK), found, one)
        return found

    def _net(self, ticker: str) -> Term:
        """Give the MW still offered, on the basis on which they are stated."""
        critical = self.inputs.on_critical(ticker, SHOPPED).equals(ONE)
        left = self.hpc.there("left", ticker)
        ratio = self.hpc.there("gross_to_critical", ticker)
        return IF(ISNUMBER(left), IF(critical, left / ratio, left), BLANK)

    def _named(self) -> None:
        """Plan whether the MW that the edition names are used, by miner."""
        self.sheet.put(NAMED_ROW, 1, "Named MW are used", "label")
        for offset, ticker in enumerate(self.tickers):
            some = OR(*(self._but_for(ticker, key).differs(BLANK) for key in NAMED))
            used = self.inputs.usable(ticker, "use_named").equals(ONE)
            self._put(NAMED_ROW, BY_MINER + offset, IF(some, used, FALSE), "link", "General")
        self.sheet.put(NAMED_ROW, 2, None, "unit")
        self.named = self._put(NAMED_ROW, BASE, self.of_chosen(NAMED_ROW), "calculation", "General")

    def _driver(self, row: int, index: int, driver: Driver) -> None:
        sheet, metric = self.sheet, METRICS[driver.moves]
        sheet.put(row, 1, title_of(driver), "label")
        sheet.put(row, 2, metric.unit, "unit")
        base = self._put(row, BASE, self.of_chosen(row), "calculation")
        sheet.put(row, HOW_COLUMN, HOW[driver.how], "unit")
        moves = [
            Term(sheet.put(row, column, end, "input", _FORMAT).here, end)
            for column, end in zip((LOW, HIGH), driver.ends, strict=True)
        ]
        # A fact that cannot be given is no driver: the columns at the right name the miner.
        has = self._has(driver, base)
        known = Term(Ref(NAME, row, HAS, row, HAS).here, has.value)
        ends = [
            self._put(row, column, IF(known, _moved(driver, base, move), text(OFF)), "calculation")
            for column, move in zip((LOW_END, HIGH_END), moves, strict=True)
        ]
        typed = sheet.put(row, TRIED, OFF, "input", _FORMAT)
        number = Term(sheet.put(row, NUMBER, float(index + 1), "fact", "0").here, float(index + 1))
        self._put(row, HAS, has, "calculation", "General")
        effect = self._effect(row, driver, number, ends, Term(typed.here, OFF))
        self._put(row, IN_EFFECT, effect, "result")

    def _has(self, driver: Driver, base: Term) -> Term:
        """Tell whether it is a driver of the miner, as HPC_TORNADO does."""
        if driver.where == "always" and driver.how == "replaces":
            return TRUE
        counts = {
            "always": TRUE,
            "not 0": base.differs(ZERO),
            "unnamed": self.named.equals(FALSE),
            "named": self.named.equals(TRUE),
        }[driver.where]
        return ISNUMBER(base) if counts is TRUE else AND(ISNUMBER(base), counts)

    def _effect(
        self, row: int, driver: Driver, number: Term, ends: list[Term], typed: Term
    ) -> Term:
        """Choose what is tried: by the tornado, on either axis, as an outcome, or typed."""

        def tried(ref: Ref) -> Term:
            return Term(ref.fixed, OFF)

        found = IF(typed.equals(BLANK), text(OFF), typed)
        if driver.moves in (OPTION, NAMED_VALUE):
            outcome = tried(OUTCOME_TRIED)
            known = Term(Ref(NAME, row, HAS, row, HAS).here, self.sheet.cells[row, HAS].value)
            found = IF(AND(ISNUMBER(outcome), known), outcome, found)
        name = Term(Ref(NAME, row, 1, row, 1).here, title_of(driver))
        for cell, chosen in ((X_TRIED, self.x_name), (Y_TRIED, self.y_name)):
            found = IF(AND(ISNUMBER(tried(cell)), chosen.equals(name)), tried(cell), found)
        end = tried(END_TRIED)
        at_end = IF(end.equals(ZERO), *ends)
        return IF(AND(tried(DRIVER_TRIED).equals(number), ISNUMBER(end)), at_end, found)


def _moved(driver: Driver, base: Term, move: Term) -> Term:
    if driver.how == "replaces":
        return move
    return base * move if driver.how == "times" else base + move


def choose_driver(sheet: Sheet, row: int, column: int, driver: Driver) -> Ref:
    """Plan the cell in which a driver is chosen by its name."""
    ref = sheet.put(row, column, title_of(driver), "input_left")
    names = Ref(NAME, DRIVERS_ROW, 1, DRIVERS_ROW + len(DRIVERS) - 1, 1)
    sheet.validations.append(Validation(ref, "Choose a driver.", "list", source=names))
    return ref
