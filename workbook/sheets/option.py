"""The option of each miner, one column each: in native cells and through functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from valuation_core import hpc
from valuation_core.book import METRICS, Book
from valuation_core.catalog import formula
from valuation_core.coverage import LEVELS, Coverage
from valuation_core.reading import LEVELS as LEVEL_METRICS
from workbook.plan import NOT_AVAILABLE, Ref, Sheet, Value
from workbook.sheets.formulas import needs, shown
from workbook.sheets.inputs import BOOK_NAME, InputCells
from workbook.style import MEGAWATTS, MONEY, PER_MW, PER_SHARE, PERCENT, SHARES

NAME: Final = "HPC"
FIRST_COLUMN: Final = 3
BUILT_ON_GROSS: Final = "MW gross"


@dataclass
class HpcCells:
    """Where the figures of the sheet landed, and the pairs that Checks compares."""

    rows: dict[str, dict[str, Ref]] = field(default_factory=dict)
    """By figure, then by ticker."""
    pairs: list[tuple[str, Ref, Ref]] = field(default_factory=list)
    """Label, native cells, function cells."""


class MinerBlock:
    """One column per miner: facts, the option in cells, the same through functions."""

    def __init__(self, sheet: Sheet, cells: HpcCells, table: Coverage, inputs: InputCells) -> None:
        self.sheet, self.cells, self.table, self.inputs = sheet, cells, table, inputs
        self.book: Book = table.book
        self.row = 0

    def plan(self, row: int) -> int:
        """Plan the block from a row on and say which row comes next."""
        self.sheet.put_row(row, 1, ("Miner", "unit"), "heading_left")
        self.header = self.sheet.put_row(row, FIRST_COLUMN, self.table.tickers, "heading")
        self.row = row + 1
        self._facts()
        self._native()
        self._functions()
        return self.row

    def _section(self, title: str) -> None:
        self.sheet.put(self.row + 1, 1, title, "section")
        self.row += 2

    def _line(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        style: str,
        make: Callable[[int, str], tuple[Value, str]],
    ) -> None:
        """Plan one line: the value and formula of every miner."""
        self.sheet.put(self.row, 1, label, "label")
        self.sheet.put(self.row, 2, unit, "unit")
        self.cells.rows[key] = {}
        for index, ticker in enumerate(self.table.tickers):
            value, text = make(index, ticker)
            column = FIRST_COLUMN + index
            ref = self.sheet.put(self.row, column, value, style, number_format, text)
            self.cells.rows[key][ticker] = ref
        self.row += 1

    def _at(self, key: str, ticker: str) -> str:
        return self.cells.rows[key][ticker].here

    def _facts(self) -> None:
        self._section("Facts")
        self._fact_line("hpc_probability", "Probability that the MW are let", "fraction", PERCENT)
        self._fact_line("hpc_mw_shopped", "MW shopped", BUILT_ON_GROSS, MEGAWATTS)
        self._fact_line("tenant_cap", "Demand of one tenant (cap)", BUILT_ON_GROSS, MEGAWATTS)
        for level in LEVELS:
            label = f"Equity value per MW, {level}"
            self._fact_line(LEVEL_METRICS[level], label, "USD M/MW gross", PER_MW)
        self._fact_line("capex_per_mw", "Cost of building", "USD M/MW critical", PER_MW)
        self._fact_line("gross_to_critical", "Gross MW per critical MW", "ratio", PER_MW)
        self._fact_line("shares_basic", "Basic shares", "M shares", SHARES)

    def _fact_line(self, metric: str, label: str, unit: str, number_format: str) -> None:
        built_on = "critical" if unit.endswith("critical") else "gross"

        def make(_: int, ticker: str) -> tuple[Value, str]:
            source = self.inputs.fact(ticker, metric).there
            fact = self.inputs.known(ticker, metric)
            if fact is None:
                return NOT_AVAILABLE, f'IF({source}="","{NOT_AVAILABLE}",{source})'
            value = float(fact.value)  # type: ignore[arg-type]
            converted = source
            if fact.basis and fact.basis != built_on:
                # MW grow from critical to gross, values per MW shrink; the reverse for the rest.
                grows = (fact.basis == "critical") == (METRICS[metric].unit == "MW")
                ratio = self.inputs.known(ticker, "gross_to_critical")
                factor = float(ratio.value) if ratio else 1.0  # type: ignore[arg-type]
                value = value * factor if grows else value / factor
                ratio_cell = self.inputs.fact(ticker, "gross_to_critical").there
                converted = f"{source}{'*' if grows else '/'}{ratio_cell}"
            return value, f'IF({source}="","{NOT_AVAILABLE}",{converted})'

        self._line(metric, label, unit, number_format, "link", make)

    def _native(self) -> None:
        self._section("In cells")
        at, table = self._at, self.table

        def counted(index: int, ticker: str) -> tuple[Value, str]:
            text = needs((at("hpc_mw_shopped", ticker), at("tenant_cap", ticker)), "MIN({0},{1})")
            return shown(table.mw_capped, index), text

        self._line("capped", "MW capped", BUILT_ON_GROSS, MEGAWATTS, "calculation", counted)
        for level in LEVELS:
            self._option_line(level)
        for level in LEVELS:
            self._per_share_line(level)

        def capex(index: int, ticker: str) -> tuple[Value, str]:
            mw = shown(table.mw_capped, index)
            value: Value = NOT_AVAILABLE
            if isinstance(mw, float):
                value = hpc.capex(mw, book=self.book)
            parts = tuple(
                at(key, ticker) for key in ("capped", "gross_to_critical", "capex_per_mw")
            )
            return value, needs(parts, "{0}/{1}*{2}")

        self._line("capex", "Capex of the MW capped", "USD M", MONEY, "calculation", capex)

    def _option_line(self, level: str) -> None:
        def make(index: int, ticker: str) -> tuple[Value, str]:
            keys = ("hpc_probability", "capped", LEVEL_METRICS[level])
            parts = tuple(self._at(key, ticker) for key in keys)
            return shown(self.table.option[level], index), needs(parts, "{0}*{1}*{2}")

        label = f"Option value, {level}"
        self._line(f"option_{level}", label, "USD M", MONEY, "result", make)

    def _per_share_line(self, level: str) -> None:
        def make(index: int, ticker: str) -> tuple[Value, str]:
            parts = (self._at(f"option_{level}", ticker), self._at("shares_basic", ticker))
            return shown(self.table.option_per_share[level], index), needs(parts, "{0}/{1}")

        label = f"Option value per basic share, {level}"
        self._line(f"per_share_{level}", label, "USD/share", PER_SHARE, "calculation", make)

    def _functions(self) -> None:
        self._section("Through functions")
        for level in LEVELS:

            def value(index: int, _: str, level: str = level) -> tuple[Value, str]:
                miner = self._header_cell(index)
                call = formula("HPC_VALUE", miner=miner, per_mw=f'"{level}"', book=BOOK_NAME)
                result = shown(self.table.option[level], index)
                return result, f'_xlfn.IFNA({call},"{NOT_AVAILABLE}")'

            key = f"function_{level}"
            self._line(key, f"HPC_VALUE, {level}", "USD M", MONEY, "function", value)
            self._pair(f"Option value, {level}", f"option_{level}", key)

        def capex(_: int, ticker: str) -> tuple[Value, str]:
            mw = self._at("capped", ticker)
            call = formula("HPC_CAPEX", mw=mw, book=BOOK_NAME)
            value = self.sheet.cells[self._position("capex", ticker)].value
            return value, f'IF(ISNUMBER({mw}),{call},"{NOT_AVAILABLE}")'

        self._line("function_capex", "HPC_CAPEX", "USD M", MONEY, "function", capex)
        self._pair("Capex of the MW capped", "capex", "function_capex")

    def _header_cell(self, index: int) -> str:
        return Ref(
            NAME, self.header.row, FIRST_COLUMN + index, self.header.row, FIRST_COLUMN + index
        ).here

    def _position(self, key: str, ticker: str) -> tuple[int, int]:
        ref = self.cells.rows[key][ticker]
        return ref.row, ref.column

    def _pair(self, label: str, native: str, function: str) -> None:
        for ticker in self.table.tickers:
            rows = self.cells.rows
            self.cells.pairs.append(
                (f"{ticker}: {label}", rows[native][ticker], rows[function][ticker])
            )
