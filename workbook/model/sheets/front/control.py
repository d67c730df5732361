"""Control: what an analyst changes ten times a day, and what follows from it, on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import METRICS, PLAIN
from valuation_core.coverage import Coverage
from workbook.cells import Ref, Value
from workbook.model.excel import BLANK, IF, MAX, OR, ZERO, Span, Term, joined_text, text
from workbook.model.excel_values import number
from workbook.model.lines import Lines
from workbook.model.plan import Highlight, Sheet, Validation
from workbook.model.sheets.facts.case_cells import choose
from workbook.model.sheets.facts.control_cells import (
    COVERAGE_ROW,
    DRIVERS,
    DRIVERS_ROW,
    OWN_COLUMN,
    OWN_PROBABILITY,
    PROBABILITY,
    Key,
)
from workbook.model.sheets.facts.input_cells import (
    AS_OF,
    CASE,
    CASE_KNOWN,
    CASE_LABEL,
    CHOSEN_CASE,
    MINER,
    NO_BASIS,
    InputCells,
)
from workbook.model.sheets.facts.input_cells import CONTROL as NAME
from workbook.model.sheets.facts.input_effects import HEADING as EFFECT
from workbook.model.sheets.facts.input_rows import number_format_of
from workbook.model.sheets.facts.own_cells import validate
from workbook.model.sheets.facts.what_if_cells import CASE_TRIED, OFF
from workbook.model.sheets.front.control_notes import notes
from workbook.model.sheets.front.verdict import CheckCells, put_banner, put_looks
from workbook.model.sheets.what_if.what_if import WhatIf
from workbook.style import DATE, PER_SHARE, PERCENT, PRICE
from workbook.style import PLAIN as AS_TEXT

WIDTHS: Final = (27, 15, *[9.3] * 17)
NONE: Final = text(NO_BASIS)
SET_ASIDE: Final = "not in use: another value is typed on Inputs"
ON_INPUTS: Final = "typed on Inputs"

HEADINGS: Final = (
    *("Driver", "unit", "fact", "case", "own", "in use", "as of", "confidence", "own value"),
)
COVERAGE: Final = (
    *("Ticker", "Company", "Price", "of", "age, days", "Plain", "Case", "Published", "edition"),
    *("Upside", "Published upside then", "Published upside now", "Rule", "Rating", "Residual"),
    *("HPC prob., fact", "HPC prob., case", "HPC prob., own", "HPC prob., in use"),
)
RATIO: Final = ("fraction", "fraction/year")


def plan_control(
    table: Coverage,
    inputs: InputCells,
    targets: Lines,
    what_if: WhatIf,
    choices: Ref,
    checks: CheckCells,
    summary: Sheet,
) -> Sheet:
    """Plan the sheet.

    Parameters
    ----------
    table : Coverage
        The miners.
    inputs : InputCells
        Where facts landed.
    targets : Lines
        Their prices and targets.
    what_if : WhatIf
        The nine cells of the chosen miner.
    choices : Ref
        Cells that list the cases.
    checks : CheckCells
        The verdict of the checks.
    summary : Sheet
        What the line on old prices is taken from.
    """
    return _Control(table, inputs, targets).plan(what_if, choices, checks, summary)


class _Control:
    """Plans the sheet from top to bottom."""

    def __init__(self, table: Coverage, inputs: InputCells, targets: Lines) -> None:
        self.sheet = Sheet(NAME, WIDTHS, freeze=f"A{AS_OF.row}")
        self.table, self.inputs, self.targets = table, inputs, targets
        self.tickers, self.miner = tuple(table.tickers), inputs.miner

    def plan(self, what_if: WhatIf, choices: Ref, checks: CheckCells, summary: Sheet) -> Sheet:
        sheet = self.sheet
        sheet.put(1, 1, "Control", "title")
        said = "Change the yellow cells: every sheet and every function follows. " + (
            "Own values win over case and fact; clear the cell to take one back."
        )
        sheet.put(2, 1, said, "subtitle")
        put_banner(sheet, 3, checks, 9)
        put_looks(sheet, 4, checks, 9)
        self._choices(choices)
        self._section(DRIVERS_ROW - 2, "Drivers", 9)
        self._headings(DRIVERS_ROW - 1, HEADINGS)
        for row, (key, label) in enumerate(DRIVERS.items(), start=DRIVERS_ROW):
            self._driver(row, label, key)
        self._nine(what_if)
        self._coverage()
        self._probability()
        self._attention(COVERAGE_ROW + len(self.tickers) + 1, summary)
        return sheet

    def _section(self, row: int, title: str, width: int) -> None:
        for column in range(1, width + 1):
            self.sheet.put(row, column, title if column == 1 else None, "section")

    def _headings(self, row: int, headings: Sequence[str]) -> None:
        for column, heading in enumerate(headings, start=1):
            side = "heading_left" if column <= 2 or heading == HEADINGS[-1] else "heading"
            self.sheet.put(row, column, heading, side)

    def _cell(
        self, row: int, column: int, term: Term, style: str, number_format: str = AS_TEXT
    ) -> Ref:
        return self.sheet.put(row, column, term.value, style, number_format, term.text)

    def _choices(self, choices: Ref) -> None:
        """Plan the cells that choose date, case and miner."""
        sheet, book = self.sheet, self.table.book
        for row, label in (
            (AS_OF.row, "Date"),
            (CASE.row, CASE_LABEL),
            (CASE.row + 1, "Newest edition in force"),
            (MINER.row, "Miner"),
        ):
            sheet.put(row, 1, label, "label_bold")
            sheet.put(row, 2, None, "label")
        date = sheet.put(AS_OF.row, AS_OF.column, book.as_of, "input", DATE)
        sheet.validations.append(Validation(date, "The date is a day.", "date", low=1))
        case = sheet.put(CHOSEN_CASE.row, CHOSEN_CASE.column, book.case, "input")
        choose(sheet, case, choices)
        tried, named = Term(CASE_TRIED.there, OFF), Term(case.here, book.case)
        off = OR(tried.equals(text(OFF)), tried.equals(BLANK))
        stated = IF(named.equals(BLANK), text(PLAIN), named)
        self._cell(CASE.row, CASE.column, IF(off, stated, tried), "result_left")
        chosen = sheet.put(MINER.row, MINER.column, self.miner, "input")
        rule = "Choose a miner of this workbook."
        sheet.validations.append(Validation(chosen, rule, "list", source=self._column(1)))
        for row, said in (
            (AS_OF.row, "what was known by then counts, in cells and functions"),
            (MINER.row, "of the probability below"),
        ):
            sheet.put(row, MINER.column + 1, said, "subtitle")
        plain = self.inputs.case.equals(text(PLAIN))
        known = Term(CASE_KNOWN.there, True)
        told = IF(
            known,
            IF(plain, text("published parameters only"), text("see sheet Cases for what it sets")),
            text("no case of this name: choose one"),
        )
        self._cell(CASE.row, CASE.column + 1, told, "subtitle")
        sheet.put(CASE.row, CASE.column - 1, "in use:", "unit_right")

    def _nine(self, what_if: WhatIf) -> None:
        """Show the nine cells of What-if: what becomes of HPC, by the bitcoin price."""
        left, top = 13, DRIVERS_ROW - 1
        for column in range(left, left + 7):
            said = "Target by HPC outcome and bitcoin" if column == left else None
            self.sheet.put(top - 1, column, said, "section")
        source = what_if.sheet.cells

        def link(row: int, column: int, at: tuple[int, int], style: str, looks: str) -> None:
            ref = Ref(what_if.sheet.name, *at, *at)
            self.sheet.put(row, column, source[at].value, style, looks, ref.there)

        for column in range(left, left + 4):
            self.sheet.put(top, column, None, "heading_left")
        for offset in range(3):
            head = what_if.bitcoin.row, what_if.bitcoin.column + offset
            link(top, left + 4 + offset, head, "heading", "#,##0")
            at = what_if.outcomes.row + offset
            link(top + 1 + offset, left, (at, what_if.outcomes.column), "label", AS_TEXT)
            for column in range(left + 1, left + 4):
                self.sheet.put(top + 1 + offset, column, None, "label")
            for step in range(3):
                place = what_if.nine.row + offset, what_if.nine.column + step
                link(top + 1 + offset, left + 4 + step, place, "link", PRICE)

    def _column(self, column: int) -> Ref:
        """Give the cells of the miners in a column of the coverage."""
        return Ref(NAME, COVERAGE_ROW, column, COVERAGE_ROW + len(self.tickers) - 1, column)

    def _driver(self, row: int, label: str, key: Key) -> None:
        metric = METRICS[key[1]]
        beside = self.inputs.beside
        number_format = PERCENT if metric.unit in RATIO else number_format_of(self.table.book, key)
        self.sheet.put(row, 1, label, "label")
        self.sheet.put(row, 2, f"{metric.unit} {metric.basis}".rstrip(), "unit")
        terms = self._four(row, OWN_COLUMN, key, number_format)
        for column, term in zip((3, 4, 6), terms, strict=True):
            style = "link_bold" if column == 6 else "link"
            self._cell(row, column, term, style, number_format)
        self._cell(row, 7, beside(key, "as of"), "link", DATE)
        self._cell(row, 8, beside(key, "confidence"), "link_left")
        self._state(row, OWN_COLUMN, 9, key)

    def _four(self, row: int, column: int, key: Key, number_format: str) -> tuple[Term, Term, Term]:
        """Plan the yellow cell of a fact; give the book's, the case's and the one in use."""
        beside = self.inputs.beside
        typed = beside(key, "your value").value
        own = self.sheet.put(row, column, None if typed == "" else typed, "own", number_format)
        validate(self.sheet, own, key[1])
        moved = beside(key, "row of the case") > ZERO
        return (
            _or_none(beside(key, "in the book")),
            IF(moved, beside(key, "set by the case"), NONE),
            _or_none(beside(key, "in use")),
        )

    def _state(self, row: int, own_column: int, column: int, key: Key) -> None:
        """Say whether what is typed here is in use: on Inputs a number may lie over the link."""
        own = self._at(row, own_column)
        taken = self.inputs.beside(key, "your value")
        needs = self.inputs.beside(key, EFFECT)
        idle = joined_text([text("in use, but "), needs])
        taken_here = IF(needs.equals(BLANK), text("in use"), idle)
        here = IF(taken.equals(own), taken_here, text(SET_ASIDE))
        elsewhere = IF(taken.equals(BLANK), BLANK, text(ON_INPUTS))
        ref = self._cell(row, column, IF(own.equals(BLANK), elsewhere, here), "note_line")
        rule = f'ISNUMBER(SEARCH("Inputs",{ref.here}))'
        self.sheet.highlights.append(Highlight(ref, rule, "red"))
        self.sheet.highlights.append(Highlight(ref, f'ISNUMBER(SEARCH("but",{ref.here}))', "amber"))

    def _at(self, row: int, column: int) -> Term:
        ref = Ref(NAME, row, column, row, column)
        return Term(ref.here, self.sheet.cells[row, column].value)

    def _coverage(self) -> None:
        self._section(COVERAGE_ROW - 2, "Coverage: price, target and rating; HPC probability", 19)
        self._headings(COVERAGE_ROW - 1, COVERAGE)
        self.sheet.heights[COVERAGE_ROW - 1] = 36
        lines = (
            ("price", PRICE), ("price_date", DATE), ("price_age", "0"), ("plain", PRICE),
            ("target", PRICE), ("published_target", PRICE), ("published_date", DATE),
            ("upside", PERCENT), ("published_upside", PERCENT),
            ("published_upside_in_use", PERCENT), ("rating", AS_TEXT),
            ("published_rating", AS_TEXT), ("residual", PER_SHARE),
        )  # fmt: skip
        for index, ticker in enumerate(self.tickers):
            row = COVERAGE_ROW + index
            self.sheet.put(row, 1, ticker, "label_bold")
            self.sheet.put(row, 2, self.table.names[index], "label")
            for column, (key, number_format) in enumerate(lines, start=3):
                style = "link_bold" if key in ("target", "upside") else "link"
                self._cell(row, column, self.targets.there(key, ticker), style, number_format)
            fact = (ticker, PROBABILITY)
            if fact in self.inputs.facts:
                terms = self._four(row, OWN_PROBABILITY, fact, PERCENT)
                for column, term in zip((16, 17, 19), terms, strict=True):
                    style = "link_bold" if column == 19 else "link"
                    self._cell(row, column, term, style, PERCENT)
                self._state(row, OWN_PROBABILITY, 20, fact)
        days = self._column(9)
        values = tuple(self.sheet.cells[row, 9].value for row in range(days.row, days.last_row + 1))
        newest = MAX(Span(days.here, tuple(_serial(value) for value in values)))
        said = IF(newest.equals(ZERO), text("none by this date"), newest)
        self._cell(CASE.row + 1, MINER.column, said, "link", DATE)

    def _probability(self) -> None:
        """Plan the line of the chosen miner, whose own value is typed beside its name below."""
        row = DRIVERS_ROW + len(DRIVERS)
        chosen = Term(MINER.here, self.miner)
        label = joined_text([text("HPC probability of "), chosen])
        self._cell(row, 1, label, "label")
        self.sheet.put(row, 2, METRICS[PROBABILITY].unit, "unit")
        for column, source in ((3, 16), (4, 17), (5, 18), (6, 19)):
            style = "link_bold" if column == 6 else "link"
            found = self._of_chosen(source)
            term = _or_none(found) if source == OWN_PROBABILITY else found
            self._cell(row, column, term, style, PERCENT)
        self.sheet.put(row, 9, "own: type it beside the miner below", "note_line")
        for column in (7, 8):
            self.sheet.put(row, column, None, "label")

    def _of_chosen(self, column: int) -> Term:
        names, values = self._column(1).fixed, self._column(column).fixed
        at = COVERAGE_ROW + self.tickers.index(self.miner)
        cell = self.sheet.cells.get((at, column))
        # MATCH alone would take "R*" for a pattern; = does not.
        known = f"SUMPRODUCT(--({names}={MINER.fixed}))=1"
        found = f"INDEX({values},MATCH({MINER.fixed},{names},0))"
        return Term(f"IF({known},{found},NA())", cell.value if cell else None, 8)

    def _attention(self, row: int, summary: Sheet) -> None:
        self._section(row, "Stale, mixed, missing, assumed", 19)
        lines = notes(self.inputs, self.targets, summary)
        for line, (label, term) in enumerate(lines, start=row + 1):
            self.sheet.put(line, 1, label, "label")
            self._cell(line, 2, term, "link_left")


def _or_none(term: Term) -> Term:
    return IF(term.equals(BLANK), NONE, term)


def _serial(value: Value) -> Value:
    return value if isinstance(value, str) or value is None else number(value)
