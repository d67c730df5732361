"""The case in use as a cell: which of its changes applies to a row of Inputs, natively."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from valuation_core.book import PLAIN, Book, Fact
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row
from workbook.cells import Ref
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.input_cells import CASE, CASE_KNOWN, COLUMN, NAME

CASE_NAME: Final = "Case_in_use"
"""Defined name of the cell that chooses the case."""

_SPARE_CASES: Final = 8
_LIST_COLUMN: Final = len(TABLES["cases"].columns) + 2
_LIST_WIDTHS: Final = (3.0, 16.0)
"""Of the free column behind the table and of the list."""
Key = tuple[str, str]


@dataclass(frozen=True)
class CaseTable:
    """The cells of the table of cases, the header in their first row, and the book behind them."""

    cells: Ref
    book: Book

    def column(self, name: str) -> str:
        """Give the address of a column, from its header down to the spare rows."""
        names = [column.name for column in TABLES["cases"].columns]
        at = self.cells.column + names.index(name)
        return Ref(self.cells.sheet, self.cells.row, at, self.cells.last_row, at).there

    def of_row(self, name: str, row: Ref) -> str:
        """Give a column of the change in a row, whose number a cell holds."""
        return f"INDEX({self.column(name)},{row.here})"

    @cached_property
    def plain(self) -> Book:
        """The book without own facts and without the case: what its tables state."""
        return self.book.plain

    @cached_property
    def _rows(self) -> dict[Key, int]:
        """Rows of the changes of the case in use."""
        rows = enumerate(self.book.tables["cases"].rows(), start=self.cells.row + 1)
        return {
            (row["scope"], row["metric"]): line
            for line, row in rows
            if row["case"] == self.book.case
        }

    def change_in(self, row: int) -> Row:
        """Give the change in a row of the sheet."""
        return list(self.book.tables["cases"].rows())[row - self.cells.row - 1]

    def changed_keys(self) -> set[Key]:
        """Give what any case changes."""
        return {(row["scope"], row["metric"]) for row in self.book.tables["cases"].rows()}

    def found(self, scope: str, metric: str, row: int) -> tuple[float, str]:
        """Give the row of the change for a scope and the metric of a row, and its formula.

        0 where the case in use has none.
        """
        cases, metrics, scopes = (self.column(name) for name in ("case", "metric", "scope"))
        asked = f'"{MARKET_WIDE}"' if scope == MARKET_WIDE else f"$A{row}"
        case = f"({cases}={CASE.there})*({metrics}=$B{row})*({scopes}={asked})"
        formula = f"IF({CASE_KNOWN.fixed},SUMPRODUCT(MAX({case}*ROW({cases}))),NA())"
        return float(self._rows.get((scope, metric), 0)), formula

    def known(self) -> str:
        """Write whether the case in use is one of the table; a blank cell is the plain case."""
        case = CASE.there
        cases = self.column("case")
        listed = f"SUMPRODUCT(({cases}={case})*(ROW({cases})>{self.cells.row}))>0"
        return f'IF(OR({case}="",{case}="{PLAIN}"),TRUE,{listed})'

    def fact(self, key: Key) -> Fact | None:
        """Give the fact without the case."""
        return self.plain.facts.get(key)

    def base(self, key: Key) -> Fact | None:
        """Give the fact that a change of the case starts from: the scope's, else that of ALL."""
        return self.fact(key) or self.fact((MARKET_WIDE, key[1]))


def put_choices(sheet: Sheet, table: Ref, book: Book) -> Ref:
    """List the cases beside their table, plain first, so that one typed below can be chosen too."""
    column = _LIST_COLUMN
    sheet.widths = [*sheet.widths, *_LIST_WIDTHS]
    sheet.put(1, column, "cases to choose", "heading_left")
    sheet.put(2, column, PLAIN, "label")
    names = list(book.cases)
    cases = Ref(table.sheet, table.row, table.column, table.last_row, table.column).fixed
    for place in range(1, len(names) + _SPARE_CASES):
        before = [Ref(sheet.name, 2 + at, column, 2 + at, column).here for at in range(place)]
        new = "*".join(f"({cases}<>{one})" for one in before)
        rows = f'({cases}<>"")*(ROW({cases})>{table.row})*{new}'
        # Beyond the table where there is no other name, so that nothing is found.
        after = f"ROWS({cases})+1"
        first = f"{after}-SUMPRODUCT(MAX({rows}*({after}-ROW({cases}))))"
        name = names[place] if place < len(names) else ""
        sheet.put(2 + place, column, name, "label", formula=f'IFERROR(INDEX({cases},{first}),"")')
    return Ref(sheet.name, 2, column, 1 + len(names) + _SPARE_CASES, column)


def choose(sheet: Sheet, cell: Ref, choices: Ref) -> None:
    """Let the case be chosen from a list."""
    message = "Choose a case of sheet Cases."
    sheet.validations.append(Validation(cell, message, "list", source=choices))


def book_column(name: str, row: int) -> Ref:
    """Give the cell of a row of Inputs under a heading."""
    return Ref(NAME, row, COLUMN[name], row, COLUMN[name])
