"""What the case in use, or a value of yours, does to one row of Inputs."""

from __future__ import annotations

from collections.abc import Mapping

from valuation_core.book import METRICS, OWN
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.cells import Value
from workbook.model.excel_values import text_of
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.case_cells import CaseTable, book_column
from workbook.model.sheets.facts.input_cells import CASE, COLUMN, NO_BASIS, basis_of
from workbook.model.sheets.facts.what_if_cells import yours_of

Key = tuple[str, str]


class ChangedRow:
    """What the case in use does to one row of Inputs."""

    def __init__(
        self, sheet: Sheet, row: int, key: Key, table: CaseTable, rows: Mapping[Key, int]
    ) -> None:
        self.sheet, self.row, self.key, self.table = sheet, row, key, table
        for_all = (MARKET_WIDE, key[1])
        self.all_row = 0 if key[0] in (MARKET_WIDE, NETWORK) else rows.get(for_all, 0)
        self.fact, self.stated = table.book.facts.get(key), table.fact(key)
        self.yours = yours_of(key[1])
        self.own = table.found(*key, row)
        # Without a fact of its own, a miner has a changed one of ALL only if named itself.
        self.for_all = None if key[0] in (MARKET_WIDE, NETWORK) else table.found(*for_all, row)
        base = table.base(key)
        of_all = self.for_all[0] if self.for_all and self.stated is not None else 0
        self.number = 0 if base is None else int(self.own[0] or of_all)
        self.in_use = self.number if self.fact is not None and self.fact.case else 0

    def at(self, heading: str, row: int = 0) -> str:
        """Give the address of a cell of the row."""
        return book_column(heading, row or self.row).here

    @property
    def applied(self) -> str:
        """The address of the number of the change in use, 0 where none is."""
        return self.at("change in use")

    def base(self, heading: str) -> str:
        """Write what a change starts from: the fact of the row, else that of ALL."""
        if not self.all_row:
            return self.at(heading)
        other = self.at(heading, self.all_row)
        return f'IF({self.at("in the book")}="",{other},{self.at(heading)})'

    def told(self, name: str, otherwise: str) -> str:
        """Write a column of the change in use, else something of the book."""
        change = self.table.of_row(name, book_column("change in use", self.row))
        return f"IF({self.applied}=0,{otherwise},{change})"

    def _of(self, name: str) -> str:
        return self.table.of_row(name, book_column("row of the case", self.row))

    def put(self, number_format: str) -> None:
        """Plan which change there is, whether it is in use, what it sets and on which basis."""
        sheet, row = self.sheet, self.row
        found, number = self.at("change found"), self.at("row of the case")
        theirs = self.at("in the book")
        sheet.put(row, COLUMN["change found"], self.own[0], "unit", "0", self.own[1])
        of_row, without = found, "0"
        if self.for_all:
            line, formula = self.for_all
            sheet.put(row, COLUMN["change for ALL"], line, "unit", "0", formula)
            of_row = f"IF({found}>0,{found},{self.at('change for ALL')})"
        if self.all_row:
            others = self.at("in the book", self.all_row)
            without = f'IF({others}="",0,{found})'
        formula = f'IF({theirs}="",{without}+0*{found},{of_row})'
        sheet.put(row, COLUMN["row of the case"], float(self.number), "unit", "0", formula)
        off = [f'{self.at(self.yours)}<>""']
        if self.all_row:
            # What you state for ALL keeps every change of the case to that metric off.
            off.append(self.at("own in use", self.all_row))
        either = f"OR({','.join(off)})" if len(off) > 1 else off[0]
        formula = f"IF({number}=0,0,IF({either},0,{number}))"
        sheet.put(row, COLUMN["change in use"], float(self.in_use), "unit", "0", formula)
        change, value = self._of("change"), self._of("value")
        made = f'IF({change}="times",{self.base("in the book")}*{value},{value})'
        formula = f'IF({number}=0,"{NO_BASIS}",{made})'
        shown: Value = self._set()
        sheet.put(row, COLUMN["set by the case"], shown, "calculation", number_format, formula)
        default = METRICS[self.key[1]].basis or NO_BASIS
        stated = self._of("basis")
        on = f'IF({change}="times",{self.at("basis in the book")},'
        on += f'IF({stated}="","{default}",{stated}))'
        formula = f"IF({number}=0,{self.at('basis in the book')},{on})"
        self._put_own(formula)

    def _put_own(self, without: str) -> None:
        """Plan whether a value of yours is in use, and the MW basis of what is in use.

        One that equals the book's is the book's; in place of what a case set it is always own.
        """
        sheet, row, book = self.sheet, self.row, self.table.book
        own = self.fact is not None and self.fact.confidence == OWN
        basis = basis_of(book, self.key) or NO_BASIS
        default = self._basis()
        stated = basis if own and basis != default else None
        sheet.put(row, COLUMN["your basis"], stated, "unit")
        mine, on, theirs = (self.at(name) for name in (self.yours, "your basis", "in the book"))
        moved = f'OR({self.at("row of the case")}>0,{on}<>"",{mine}<>{theirs})'
        formula = f'IF({mine}="",FALSE,{moved})'
        sheet.put(row, COLUMN["own in use"], own, "unit", formula=formula)
        formula = f'IF(AND({mine}<>"",{on}<>""),{on},{without})'
        sheet.put(row, COLUMN["basis"], basis, "unit", formula=formula)

    def _basis(self) -> str:
        """Give the basis of what book and case have."""
        if self.number:
            change = self.table.change_in(self.number)
            if change["change"] != "times":
                return str(change["basis"]) or METRICS[self.key[1]].basis or NO_BASIS
        return str(self.sheet.cells[self.row, COLUMN["basis in the book"]].value)

    def _set(self) -> Value:
        if not self.number:
            return NO_BASIS
        change = self.table.change_in(self.number)
        base = self.table.base(self.key)
        if change["change"] == "times" and base is not None:
            return float(base.value) * float(change["value"])  # type: ignore[arg-type]
        return change["value"]  # type: ignore[no-any-return]

    def note(self) -> tuple[str, str]:
        """Give the note of the fact in use, and the formula that makes it."""
        was = '"the date in the book"'
        base = self.table.base(self.key)
        shown = "the date in the book"
        if METRICS[self.key[1]].unit != "date":
            was = self.base("in the book")
            shown = str(text_of(base.value)) if base else ""
        case = CASE.there
        row = book_column("change in use", self.row)
        change, value, more = (self.table.of_row(name, row) for name in ("change", "value", "note"))
        what = f'IF({change}="times",{was}&" times "&{value},"in place of "&{was})'
        made = f'"case "&{case}&": "&{what}&IF({more}="","",". "&{more})'
        theirs = self.at("basis in the book")
        on = f'IF({theirs}="{NO_BASIS}",""," "&{theirs})'
        instead = f'IF({self.base("in the book")}="","","in place of "&{was}&{on})'
        whose = f'IF({self.at("own in use")},{instead},{self.at("note in the book")}&"")'
        formula = f"IF({self.applied}=0,{whose},{made})"
        if self.fact is not None and self.fact.confidence == OWN:
            of = str(self.sheet.cells[self.row, COLUMN["basis in the book"]].value)
            basis = "" if of == NO_BASIS else f" {of}"
            return f"in place of {shown}{basis}" if base else "", formula
        if not self.in_use:
            return (self.stated.note if self.stated else "") or "", formula
        applied = self.table.change_in(self.in_use)
        told = f"in place of {shown}"
        if applied["change"] == "times":
            told = f"{shown} times {text_of(applied['value'])}"
        note = f"case {self.table.book.case}: {told}"
        return f"{note}. {applied['note']}" if applied["note"] else note, formula
