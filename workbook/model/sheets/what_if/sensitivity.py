"""Sensitivity: target and upside of one miner by probability and MW, heat-mapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.addresses import column_absolute, row_absolute
from workbook.model.excel import IF, MIN, NA, ONE, Term
from workbook.model.excel_values import computed, is_same
from workbook.model.figures import Figures
from workbook.model.lines import CHECK, COLUMN_WIDTH, FIRST_COLUMN, LABEL, WIDTHS, Lines, Pair
from workbook.model.plan import Shading, Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.valuation.dilution_instruments import (
    DilutionInstruments,
    dilution_instruments,
)
from workbook.model.sheets.valuation.hpc_grids import (
    choose_miner,
    limit,
    miner_of,
    pick,
    put_label,
)
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import (
    COUNT,
    FACTOR,
    HEAT_HIGH,
    HEAT_LOW,
    HEAT_MIDDLE,
    MONEY,
    MONEY_EXACT,
    PER_MW,
    PER_SHARE,
    PERCENT,
    PRICE,
    SHARES,
)

NAME: Final = "Sensitivity"
PROBABILITIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
POWERS: Final = (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0)


class Sensitivity:
    """Plans the sheet; the chosen miner's figures come first, then the grids."""

    def __init__(self, figures: Figures, model: dict[str, Lines]) -> None:
        self.figures, self.model = figures, model
        columns = [f"MW {number}" for number in range(1, len(POWERS) + 1)]
        self.lines = Lines(
            NAME,
            "Sensitivity",
            "Target and upside of the miner chosen below, by the probability and the MW of its "
            "option (MW above one tenant's demand count as that). #N/A where the edition names MW: "
            "there is no option to move.",
            columns,
            head="Of one miner",
        )
        self.sheet: Sheet = self.lines.sheet
        self.sheet.widths = (*WIDTHS, *[COLUMN_WIDTH] * len(POWERS), 3)
        for place in range(FIRST_COLUMN, self.lines.note_column + 1):
            self.sheet.put_again(4, place, None)
        self.instruments: DilutionInstruments = dilution_instruments(figures)
        self.ticker = miner_of(figures, NAME)
        self.picked: dict[str, Ref] = {}

    def plan(self) -> Lines:
        """Plan the sheet and give its lines with the pairs to be checked."""
        self._picks(6)
        row = self._claims(21)
        top, side, row = self._axes(row + 1)
        shared = self._grid(
            row, "Value to be shared at the target date, USD M", MONEY, self._shared(), top, side
        )
        row = shared.last_row + 2
        for output, title, number_format in (
            ("target", "Target, USD per share", PER_SHARE),
            ("upside", "Upside over the share price", PERCENT),
        ):
            make = self._target(shared) if output == "target" else self._upside
            grid = self._grid(row, title, number_format, make, top, side, output)
            if output == "target":
                self.targets = grid
            self.sheet.shadings.append(Shading(grid, HEAT_LOW, HEAT_MIDDLE, HEAT_HIGH))
            row = self._function(grid, output, number_format, top, side) + 2
        self.lines.row = row
        return self.lines

    def _section(self, row: int, title: str) -> None:
        for column in range(LABEL, self.lines.note_column + 1):
            self.sheet.put(row, column, title if column == LABEL else None, "section")

    def _picks(self, row: int) -> None:
        self._section(row - 1, "Chosen miner")
        self.chosen = choose_miner(self.lines, row, self.ticker, self.model["hpc"].header)
        wanted = (
            ("targets", "rest", "Mining, other, cloud, land", "USD M", MONEY_EXACT),
            ("hpc", "signed_value_use", "Signed deals", "USD M", MONEY_EXACT),
            ("targets", "face_less_debt", "Coins and cash less debt", "USD M", MONEY_EXACT),
            ("hpc", VALUES[USE], "Equity value per MW, in use", "USD M/MW gross", PER_MW),
            ("hpc", "named", "Named MW in use: 1 leaves no option to move", "", "0"),
            ("hpc", "tenant_cap", "Demand of one tenant (cap)", "MW gross", COUNT),
            ("dilution", "shares_basic", "Basic shares", "M shares", SHARES),
            ("dilution", "principal", "Principal of convertible notes", "USD M", MONEY_EXACT),
            ("targets", "growth", "Growth to the target date", "ratio", FACTOR),
            ("targets", "price", "Share price", "USD/share", PRICE),
            ("targets", "target", "Target, model", "USD/share", PER_SHARE),
        )
        for offset, (sheet, key, label, unit, number_format) in enumerate(wanted, start=1):
            put_label(self.lines, row + offset, label, unit)
            self.picked[key] = self._pick(row + offset, FIRST_COLUMN, sheet, key, number_format)

    def _pick(self, row: int, column: int, sheet: str, key: str, number_format: str) -> Ref:
        lines = self.model[sheet]
        value = lines.value(key, self.ticker)
        text = pick(lines, key, self.chosen, NAME)
        return self.sheet.put(row, column, value, "link", number_format, text)

    def _claims(self, row: int) -> int:
        """Plan the chosen miner's instruments: one line each, three figures side by side."""
        self._section(row - 2, "Its instruments")
        put_label(self.lines, row - 1, "Conversion price or strike, new shares, claims", "")
        for offset, heading in enumerate(("USD/share", "M shares", "USD M")):
            self.sheet.put(row - 1, FIRST_COLUMN + offset, heading, "unit_right")
        for index in range(self.instruments.number):
            put_label(self.lines, row + index, f"Instrument {index + 1}", "")
            for offset, (name, number_format) in enumerate(
                (
                    ("conversion_price", "#,##0.0000_)"),
                    ("new_shares", SHARES),
                    ("claims_at", MONEY_EXACT),
                )
            ):
                self._pick(
                    row + index, FIRST_COLUMN + offset, "dilution", f"{name}_{index}", number_format
                )
        last = row + self.instruments.number - 1
        self.prices, self.new_shares, self.claims_at = (
            Ref(NAME, row, FIRST_COLUMN + offset, last, FIRST_COLUMN + offset)
            for offset in range(3)
        )
        return last + 1

    def _axes(self, row: int) -> tuple[Ref, Ref, int]:
        """Plan the axes once: MW across, probabilities down in the block below."""
        self._section(row, "Axes (change them)")
        put_label(self.lines, row + 1, "MW", "MW gross")
        put_label(self.lines, row + 2, "Probabilities", "fraction")
        top = [
            self.sheet.put(row + 1, FIRST_COLUMN + offset, value, "input", COUNT)
            for offset, value in enumerate(POWERS)
        ]
        side = [
            self.sheet.put(row + 2, FIRST_COLUMN + offset, value, "input", "0%")
            for offset, value in enumerate(PROBABILITIES)
        ]
        limit(self.sheet, top[0].to(top[-1]), "MW")
        limit(self.sheet, side[0].to(side[-1]), "A probability", 1.0)
        return top[0].to(top[-1]), side[0].to(side[-1]), row + 4

    def _grid(
        self,
        row: int,
        title: str,
        number_format: str,
        make: Callable[[Ref, Ref, int, int], tuple[str, Value]],
        top: Ref,
        side: Ref,
        output: str = "",
    ) -> Ref:
        """Plan a grid with its axes repeated as links; `make` gives a cell's formula and value."""
        self._section(row, title)
        sheet = self.sheet
        core = self._core(output) if output else None
        across = [
            sheet.put(row + 1, FIRST_COLUMN + j, POWERS[j], "heading_link", '#,##0" MW"', over)
            for j, over in enumerate(_cells(top))
        ]
        for i, down in enumerate(_cells(side)):
            at = sheet.put(row + 2 + i, CHECK, PROBABILITIES[i], "heading_link", "0%", down)
            for j, over in enumerate(across):
                text, value = make(at, over, i, j)
                if core is not None and is_same(value, core[i + 1][j + 1]):
                    value = core[i + 1][j + 1]
                sheet.put(row + 2 + i, FIRST_COLUMN + j, value, "grid", number_format, text)
        last = row + 1 + len(PROBABILITIES)
        return Ref(NAME, row + 2, FIRST_COLUMN, last, FIRST_COLUMN + len(POWERS) - 1)

    def _core(self, output: str) -> list[list[Value]]:
        made = self.figures.table(
            "HPC_SENSITIVITY", self.ticker, list(PROBABILITIES), list(POWERS), output
        )
        if isinstance(made, ErrorValue):
            return [[made] * (len(POWERS) + 1)] * (len(PROBABILITIES) + 1)
        return made

    def _shared(self) -> Callable[[Ref, Ref, int, int], tuple[str, Value]]:
        """Give the value to be shared at the target date; none where MW are named."""
        keys = ("rest", "signed_value_use", VALUES[USE], "tenant_cap", "growth", "face_less_debt")
        parts = [Term(self.picked[key].fixed, self._stored(key)) for key in (*keys, "named")]

        def make(at: Ref, over: Ref, i: int, j: int) -> tuple[str, Value]:
            rest, signed, value, cap, growth, face, named = parts
            mw = MIN(Term(column_absolute(over), POWERS[j]), cap)
            option = Term(row_absolute(at), PROBABILITIES[i]) * mw * value
            shared = (rest + signed + option) * growth + face
            made = IF(named.equals(ONE), NA, shared)
            return made.text, made.value

        return make

    def _stored(self, key: str) -> Value:
        ref = self.picked[key]
        return self.sheet.cells[ref.row, ref.column].value

    def _target(self, shared: Ref) -> Callable[[Ref, Ref, int, int], tuple[str, Value]]:
        basic, principal = (self.picked[key].fixed for key in ("shares_basic", "principal"))
        prices, shares, claims = (
            ref.fixed for ref in (self.prices, self.new_shares, self.claims_at)
        )

        def make(_: Ref, __: Ref, i: int, j: int) -> tuple[str, Value]:
            row, column = shared.row + i, shared.column + j
            value = Ref(NAME, row, column, row, column).here
            new = f"({value}>{claims})*{shares}"
            over = f"{value}-{principal}+SUMPRODUCT({new}*{prices})"
            return f"({over})/({basic}+SUMPRODUCT({new}))", self._per_share(row, column)

        return make

    def _per_share(self, row: int, column: int) -> Value:
        """Give the value of a cell to be shared, by share: who gains by it converts."""
        basic, principal = (self._stored(key) for key in ("shares_basic", "principal"))
        held = [
            self.sheet.cells[line, ref.column].value
            for ref in (self.prices, self.new_shares, self.claims_at)
            for line in range(ref.row, ref.last_row + 1)
        ]

        def per_share(value: float, basic: float, principal: float, *held: float) -> float:
            count = len(held) // 3
            prices, shares, claims = held[:count], held[count:-count], held[-count:]
            new = [of * (value > at) for of, at in zip(shares, claims, strict=True)]
            received = sum(of * price for of, price in zip(new, prices, strict=True))
            return (value - principal + received) / (basic + sum(new))

        return computed(per_share, self.sheet.cells[row, column].value, basic, principal, *held)

    def _upside(self, _: Ref, __: Ref, i: int, j: int) -> tuple[str, Value]:
        row, column = self.targets.row + i, self.targets.column + j
        price = self.picked["price"].fixed
        target = self.sheet.cells[row, column].value
        upside = computed(lambda value, at: value / at - 1, target, self._stored("price"))
        return f"{Ref(NAME, row, column, row, column).here}/{price}-1", upside

    def _function(self, grid: Ref, output: str, number_format: str, top: Ref, side: Ref) -> int:
        """Plan the same grid as one spilling call, axes included."""
        row = grid.last_row + 1
        call = formula(
            "HPC_SENSITIVITY",
            miner=self.chosen.fixed,
            probs=side.fixed,
            mws=top.fixed,
            output=f'"{output}"',
            book=BOOK_NAME,
        )
        values = self._core(output)
        self.sheet.put(row, LABEL, "The same through HPC_SENSITIVITY, one spilling call", "label")
        formats = ["0%", *[number_format] * len(POWERS)]
        spill = self.sheet.put_spill(row, CHECK, values, call, "function", formats)
        for column in range(CHECK, FIRST_COLUMN + len(POWERS)):
            self.sheet.restyle(row, column, "function", COUNT)
        body = Ref(NAME, row + 1, FIRST_COLUMN, spill.last_row, spill.last_column)
        label = f"Sensitivity of the {output}"
        self.lines.pairs.append(Pair(label, label, grid, body, grid))
        return spill.last_row


def plan_sensitivity(figures: Figures, model: dict[str, Lines]) -> Lines:
    """Plan the sheet; `model` holds the lines of targets, hpc and dilution."""
    return Sensitivity(figures, model).plan()


def _cells(ref: Ref) -> Sequence[str]:
    """Give the fixed addresses of a row of cells."""
    return [
        Ref(ref.sheet, ref.row, column, ref.row, column).fixed
        for column in range(ref.column, ref.last_column + 1)
    ]
