"""Functions: the reference of every worksheet function, each with an example that computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from valuation_core.book import Book
from valuation_core.catalogue.cards import Argument, Card, Kind
from valuation_core.catalogue.catalogue import catalogue, formula
from valuation_core.errors import ValuationError
from valuation_core.units import Takes
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.front.examples import (
    EXPLAINED,
    REQUIRED,
    Books,
    Examples,
    Results,
    failed,
)
from workbook.model.tables import LOWEST
from workbook.style import PLAIN

NAME: Final = "Functions"
EXAMPLE: Final = 5
"""Column in which examples start."""

WIDEST: Final = 8
"""Columns of a table shown; of a wider one the example counts the rows."""

WIDTHS: Final = (18, 11, 19, 56, *[11] * WIDEST)
_UNITS_OF_COLUMNS: Final = {"upside": "0.0%", "probability": "0.0%"}
_TABLE_NUMBER: Final = "#,##0.00"
_ANY_NUMBER: Final = "#,##0.0##"

LONGER_BY_CASE: Final = ("HPC_LADDER", "HPC_TORNADO")
"""Functions whose table has more rows under a case that changes more."""

ROOM: Final = 10
"""Rows kept below a table, which another date or rows typed later may make longer."""

COUNTED: Final = ("HPC_BRIDGE",)
"""Functions whose rows are counted: their number goes by what is chosen on another sheet."""


def plan_functions(
    book: Book, tickers: Sequence[str], compared: Books, laid_out: Book | None = None
) -> Sheet:
    """Plan the sheet: the functions by group, with arguments, units and a live example each.

    Examples are chosen by the book that the workbook was built with, where that is another one. The
    books `compared` on sheet Bridge are those of the function that takes two.
    """
    sheet = Sheet(NAME, WIDTHS, freeze="A5")
    sheet.put(1, 1, "Functions", "title")
    text = (
        "Every HPC_ function with its arguments and an example that reads the book of this "
        f"workbook (name {BOOK_NAME}). Change a blue cell and the example follows."
    )
    sheet.put(2, 1, text, "subtitle")
    text = (
        "An argument without an example is left out of the call and takes its default. A blank "
        "cell is not the same: it is a missing value."
    )
    sheet.put(3, 1, text, "subtitle")
    results = Results(compared)
    examples = Examples(laid_out or book, tickers, results)
    row = 5
    for group, cards in groupby(catalogue().values(), key=lambda card: card.group):
        sheet.put(row, 1, group, "group")
        for column in range(2, len(WIDTHS) + 1):
            sheet.put(row, column, None, "group")
        row += 1
        for card in cards:
            row = _Block(sheet, card, examples.of(card), book, results).plan(row)
    return sheet


class _Block:
    """One function: signature, summary, arguments with their example, and what it gives."""

    def __init__(
        self, sheet: Sheet, card: Card, given: Mapping[str, Any], book: Book, results: Results
    ) -> None:
        self.sheet, self.card, self.given, self.book = sheet, card, given, book
        self.results, self.compared = results, results.compared
        self.cells: dict[str, str] = {}
        """By argument: the text that stands for it in the call."""

    def plan(self, row: int) -> int:
        """Plan the block from a row on and say where the next one starts."""
        sheet, card = self.sheet, self.card
        sheet.put(row, 1, card.signature, "section")
        for column in range(2, len(WIDTHS) + 1):
            sheet.put(row, column, None, "section")
        sheet.heights[row] = 18
        sheet.put(row + 1, 1, card.summary, "text")
        sheet.put_row(row + 2, 1, ("Argument", "", "Unit", "Meaning", "Example"), "heading_left")
        line = row + 3
        for argument in card.arguments:
            self._argument(line, argument)
            line += 1
        if card.name == "HPC_EXPLAIN":
            line = self._explained(line)
        return self._gives(line) + 2

    def _argument(self, line: int, argument: Argument) -> None:
        sheet = self.sheet
        sheet.put(line, 1, argument.name, "label_bold")
        sheet.put(line, 2, "required" if argument.required else "optional", "unit")
        sheet.put(line, 3, argument.unit.name or _kind_of(argument), "unit")
        sheet.put(line, 4, argument.help, "note_ruled")
        sheet.heights[line] = LOWEST
        if argument.name in self.compared:
            cell, chosen = self.compared[argument.name]
            shown = chosen.handle if isinstance(chosen, Book) else chosen
            place = sheet.put(line, EXAMPLE, shown, "link_left", formula=cell.there)
            self.cells[argument.name] = place.fixed
        elif argument.unit.takes is Takes.BOOK:
            sheet.put(line, EXAMPLE, BOOK_NAME, "function_left")
            self.cells[argument.name] = BOOK_NAME
        elif argument.name in self.given:
            self.cells[argument.name] = self._input(line, argument).fixed
        elif not argument.repeats:
            made_there = self.card.name == "HPC_BOOK"
            sheet.put(line, EXAMPLE, "see Inputs" if made_there else "left out", "unit")

    def _input(self, line: int, argument: Argument) -> Ref:
        given = self.given[argument.name]
        values = given if isinstance(given, tuple) else (given,)
        refs = []
        for offset, value in enumerate(values):
            style = "input_left" if isinstance(value, str) else "input"
            number_format = _input_format(argument, value)
            refs.append(self.sheet.put(line, EXAMPLE + offset, value, style, number_format))
        return refs[0].to(refs[-1])

    def _explained(self, line: int) -> int:
        """Plan the arguments of the function that the example explains."""
        for argument in catalogue()[EXPLAINED].arguments:
            if argument.required:
                self.given = {**self.given, argument.name: REQUIRED[argument.name]}
                self._argument(line, argument)
                line += 1
        return line

    def _call(self) -> str:
        if self.card.name == "HPC_EXPLAIN":
            inner = formula(
                EXPLAINED,
                **{name: cell for name, cell in self.cells.items() if name != "function"},
                book=BOOK_NAME,
            )
            return f"HPC_EXPLAIN({self.cells['function']},{inner.partition('(')[2]}"
        return formula(self.card.name, **self.cells)

    def _gives(self, line: int) -> int:
        """Plan the result and say which row is its last."""
        sheet, card = self.sheet, self.card
        sheet.put(line, 1, "Gives", "label_bold")
        sheet.put(line, 2, card.kind.value, "unit")
        sheet.put(line, 3, card.returns.name or "-", "unit")
        sheet.put(line, 4, card.returns_text, "note_ruled")
        sheet.heights[line] = LOWEST
        if card.name == "HPC_BOOK":
            sheet.put(line, EXAMPLE, self.book.handle, "function_left", formula=BOOK_NAME)
            return line
        if card.name == "HPC_VERSION":
            # The stamp after the semicolon is of the facts a machine has by default.
            text = f'LEFT({self._call()},FIND(";",{self._call()})-1)'
            sheet.put(line, EXAMPLE, card.function().split(";")[0], "function_left", formula=text)
            return line
        rows = self.results.of(card, self.given, self.book)
        return self._result(line, rows, failed(rows))

    def _result(self, line: int, rows: list[list[Any]], without: bool) -> int:
        call = self._call()
        if len(rows[0]) > WIDEST or self.card.name in COUNTED:
            text = f"ROWS({call})-1"
            self.sheet.put(line, EXAMPLE, len(rows) - 1.0, "function", '0" row(s)"', text)
            return line
        shown: list[list[Value]] = [
            [NOT_AVAILABLE if isinstance(cell, ValuationError) else cell for cell in row]
            for row in rows
        ]
        text = f'IFERROR({call},"{NOT_AVAILABLE}")' if without else call
        if self.card.kind is not Kind.TABLE:
            value, number_format = shown[0][0], self.card.returns.number_format
            if number_format == PLAIN and isinstance(value, float):
                number_format = _ANY_NUMBER
            style = "function_left" if isinstance(value, str) else "function"
            self.sheet.put(line, EXAMPLE, value, style, number_format, text)
            return line
        formats = [_UNITS_OF_COLUMNS.get(str(name), _TABLE_NUMBER) for name in shown[0]]
        spill = self.sheet.put_spill(line, EXAMPLE, shown, text, "function", formats)
        self._align(spill)
        # What stands below would stop the table from growing.
        longest = spill.last_row
        if self.card.name in LONGER_BY_CASE:
            changes = Counter(row["case"] for row in self.book.tables["cases"].rows())
            longest = max(longest, spill.row + max(changes.values(), default=0))
        return longest + ROOM

    def _align(self, spill: Ref) -> None:
        """Set columns of texts to the left, their heading with them."""
        rows = range(spill.row, spill.last_row + 1)
        for column in range(spill.column, spill.last_column + 1):
            cells = [self.sheet.cells[row, column] for row in rows]
            if not any(isinstance(cell.value, float) for cell in cells[1:]):
                for row, cell in zip(rows, cells, strict=True):
                    self.sheet.cells[row, column] = replace(cell, style="function_left")


def _input_format(argument: Argument, value: Any) -> str:
    if isinstance(value, str) or argument.unit.takes is Takes.AXIS:
        return PLAIN
    return argument.unit.number_format


def _kind_of(argument: Argument) -> str:
    return {Takes.TEXT: "text", Takes.BOOK: "book"}.get(argument.unit.takes, "-")
