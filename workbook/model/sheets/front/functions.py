"""Functions: the reference of every worksheet function, each with an example that computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.catalogue.cards import Argument, Card, Kind
from valuation_core.catalogue.catalogue import catalogue, formula
from valuation_core.errors import ValuationError, kept
from valuation_core.result import ResultTable
from valuation_core.units import Takes
from workbook.cells import NOT_AVAILABLE, ErrorValue, Ref, Value
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.tables import LINE, LOWEST, lines_of
from workbook.style import PLAIN

NAME: Final = "Functions"
EXAMPLE: Final = 5
"""Column in which examples start."""

WIDEST: Final = 8
"""Columns of a table shown; of a wider one the example counts the rows."""

WIDTHS: Final = (18, 11, 19, 56, *[11] * WIDEST)
EMPTY: Final = "-"
_UNITS_OF_COLUMNS: Final = {"upside": "0.0%", "probability": "0.0%"}
_TABLE_NUMBER: Final = "#,##0.00"
_ANY_NUMBER: Final = "#,##0.0##"

OPTIONAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "HPC_VALUE": {"prob": 0.5, "mw": 600.0},
    "HPC_PER_SHARE": {"prob": 0.5, "mw": 600.0},
    "HPC_TARGET": {"prob": 0.5, "mw": 600.0},
    "HPC_SOTP": {"prob": 0.5, "mw": 600.0},
    "HPC_UPSIDE": {"price": 15.0, "prob": 0.5, "mw": 600.0},
    "HPC_RATING": {"price": 15.0, "prob": 0.5, "mw": 600.0},
    "HPC_CAPEX": {"per_mw": 11.0, "basis": "critical"},
    "HPC_MINING_VALUE": {"btc_price": 100_000.0},
    "HPC_HASHPRICE": {"btc_price": 100_000.0},
    "HPC_DILUTED_SHARES": {"price": 25.0},
    "HPC_IMPLIED_MW": {"price": 25.0, "prob": 1.0, "per_mw": "high"},
    "HPC_IMPLIED_PROB": {"price": 25.0, "mw": 600.0},
    "HPC_IMPLIED_PER_MW": {"price": 25.0, "prob": 0.5, "mw": 600.0},
    "HPC_DISTRIBUTION": {"percentiles": (0.25, 0.75, 0.95)},
    "HPC_HISTOGRAM": {"edges": (5.0, 10.0, 15.0, 20.0)},
    "HPC_SIMULATE": {"percentiles": (0.25, 0.75, 0.95), "paths": 10_000.0},
    "HPC_LEASE_VALUE": {"equity_return": 0.1},
    "HPC_CLOUD_VALUE": {"equity_return": 0.15},
}
"""Optional arguments worth showing in an example; the others are left out and take defaults."""

REQUIRED: Final[Mapping[str, Any]] = {
    "prob": 0.75,
    "months": 4.5,
    "mw": 600.0,
    "item": "target",
    "input": "other_value",
    "target": 20.0,
    "probs": (0.25, 0.5, 0.75, 1.0),
    "mws": (200.0, 400.0, 600.0, 800.0),
    "value": 8.0,
    "scope": "ALL",
    "metric": "tenant_cap",
    "series": "aggregate_market_cap",
}
"""Values of required arguments by name; miner and deal are the workbook's own."""

EXPLAINED: Final = "HPC_WINDOW"

LONGER_BY_CASE: Final = ("HPC_LADDER", "HPC_TORNADO")
"""Functions whose table has more rows under a case that changes more."""

ROOM: Final = 10
"""Rows kept below a table, which another date or rows typed later may make longer."""

COUNTED: Final = ("HPC_BRIDGE",)
"""Functions whose rows are counted: their number goes by what is chosen on another sheet."""
Books = Mapping[str, tuple[Ref, Book | ErrorValue]]
"""By argument: the cell with a handle, and the book it names."""


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
    results = _Results(compared)
    examples = _Examples(laid_out or book, tickers, results)
    row = 5
    for group, cards in groupby(catalogue().values(), key=lambda card: card.group):
        sheet.put(row, 1, group, "group")
        for column in range(2, len(WIDTHS) + 1):
            sheet.put(row, column, None, "group")
        row += 1
        for card in cards:
            row = _Block(sheet, card, examples.of(card), book, results).plan(row)
    return sheet


class _Results:
    """What the core gives for examples: each is computed once, to choose it and to show it."""

    def __init__(self, compared: Books) -> None:
        self.compared = compared
        self._known: dict[Any, list[list[Any]]] = {}

    def of(self, card: Card, given: Mapping[str, Any], book: Book) -> list[list[Any]]:
        """Give rows of values, or the error in place of them."""
        key = (card.name, id(book), *given.items())
        if key not in self._known:
            self._known[key] = self._computed(card, given, book)
        return self._known[key]

    def _computed(self, card: Card, given: Mapping[str, Any], book: Book) -> list[list[Any]]:
        arguments = {k: list(one) if isinstance(one, tuple) else one for k, one in given.items()}
        of_books = [one.name for one in card.arguments if one.unit.takes is Takes.BOOK]
        books = {name: self.compared.get(name, (None, book))[1] for name in of_books}
        try:
            if card.name == "HPC_EXPLAIN":
                explained = catalogue()[EXPLAINED].arguments
                ordered = [
                    book if argument.unit.takes is Takes.BOOK else arguments.get(argument.name)
                    for argument in explained
                ]
                result: Any = card.function(arguments["function"], *ordered)
            else:
                result = card.function(**arguments, **books)
        except ValuationError as error:
            return [[kept(error)]]
        if isinstance(result, ResultTable):
            return [[_plain(cell) for cell in row] for row in (result.header, *result.rows)]
        return [[_plain(result)]]


class _Examples:
    """Chooses arguments for which a function has an answer in this book."""

    def __init__(self, book: Book, tickers: Sequence[str], results: _Results) -> None:
        self.book, self.tickers, self.results = book, tickers, results
        rows = list(book.in_force["deals"].rows())
        self.deals = [row["deal_id"] for row in rows]
        self.leases = [row["deal_id"] for row in rows if row["kind"] == "colo"]

    def of(self, card: Card) -> dict[str, Any]:
        """Give the arguments of the example: of the first miner for which it has a result."""
        names = [argument.name for argument in card.arguments if argument.required]
        chosen = {name: self._required(card, name) for name in names if name in REQUIRED}
        chosen |= OPTIONAL.get(card.name, {})
        if card.name == "HPC_DEAL":
            chosen |= {"deal": next(iter(self.deals), "none"), "metric": "usd_per_kw_month"}
        if card.name == "HPC_DEAL_VALUE":
            chosen |= {"deal": next(iter(self.leases), "none")}
        if card.name == "HPC_EXPLAIN":
            return {"function": EXPLAINED}
        if "miner" not in {argument.name for argument in card.arguments}:
            return chosen
        for ticker in self.tickers:
            given = {"miner": ticker, **chosen}
            if not _failed(self.results.of(card, given, self.book)):
                return given
        return {"miner": self.tickers[0], **chosen}

    def _required(self, card: Card, name: str) -> Any:
        if name == "target" and card.name == "HPC_SOLVE":
            published = [row["new_target"] for row in self.book.edition.values()]
            return next((target for target in published if target), REQUIRED[name])
        return REQUIRED[name]


class _Block:
    """One function: signature, summary, arguments with their example, and what it gives."""

    def __init__(
        self, sheet: Sheet, card: Card, given: Mapping[str, Any], book: Book, results: _Results
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
        sheet.heights[line] = max(LOWEST, LINE * lines_of(argument.help, WIDTHS[3]))
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
        sheet.heights[line] = max(LOWEST, LINE * lines_of(card.returns_text, WIDTHS[3]))
        if card.name == "HPC_BOOK":
            sheet.put(line, EXAMPLE, self.book.handle, "function_left", formula=BOOK_NAME)
            return line
        if card.name == "HPC_VERSION":
            # The stamp after the semicolon is of the facts a machine has by default.
            text = f'LEFT({self._call()},FIND(";",{self._call()})-1)'
            sheet.put(line, EXAMPLE, card.function().split(";")[0], "function_left", formula=text)
            return line
        rows = self.results.of(card, self.given, self.book)
        return self._result(line, rows, _failed(rows))

    def _result(self, line: int, rows: list[list[Any]], failed: bool) -> int:
        call = self._call()
        if len(rows[0]) > WIDEST or self.card.name in COUNTED:
            text = f"ROWS({call})-1"
            self.sheet.put(line, EXAMPLE, len(rows) - 1.0, "function", '0" row(s)"', text)
            return line
        shown: list[list[Value]] = [
            [NOT_AVAILABLE if isinstance(cell, ValuationError) else cell for cell in row]
            for row in rows
        ]
        text = f'IFERROR({call},"{NOT_AVAILABLE}")' if failed else call
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


def _failed(rows: Sequence[Sequence[Any]]) -> bool:
    return any(isinstance(cell, ValuationError) for row in rows for cell in row)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value == "":
        return EMPTY
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, str | float | date | ValuationError) else str(value)
