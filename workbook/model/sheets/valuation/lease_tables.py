"""What if, for one signed lease: rent, capex, cap rate and start moved, in data tables of Excel.

The lease is laid out a second time, below all deals, so that what is tried moves these cells alone
and no valuation. In Excel the cells that a data table moves stand on its own sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from valuation_core.deal_lease import terms_of, value_of_lease
from valuation_core.deal_metrics import deal_row
from valuation_core.errors import ValuationError
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.units import DAYS_A_YEAR
from workbook.cells import MISSING, Ref, Value, serial_of
from workbook.model.excel import BLANK, IF, MAX, NA, OR, ZERO, Span, Term, text
from workbook.model.figures import Figures, as_value
from workbook.model.lines import CHECK, FIRST_COLUMN, LABEL, UNIT, Lines
from workbook.model.plan import Shading, Validation
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.facts.keys import picked
from workbook.model.sheets.facts.what_if_cells import COMPUTED, OFF
from workbook.model.sheets.valuation.deal_lease_value import LEASE, plan_value
from workbook.model.sheets.valuation.lease_years import VALUE
from workbook.model.sheets.valuation.shopped import NOTHING
from workbook.style import (
    COUNT,
    DATE,
    HEAT_HIGH,
    HEAT_LOW,
    HEAT_MIDDLE,
    MEGAWATTS,
    MONEY_EXACT,
    PER_MW,
    PERCENT,
    RATIO,
)

CHOOSE_LEASE: Final = "Lease (choose)"
"""Label of the cell in which a deal is chosen."""

TRIED: Final = (
    ("rent", "First-year rent", LEASE, "0.000_)"),
    ("capex", "Capex", LEASE, PER_MW),
    ("cap_rate", "Exit cap rate", "fraction", "0.00%"),
    ("start", "In service from", "date", DATE),
)
"""What the tables move: key, label, unit, format."""

STEPS: Final = (
    ("rent", "of the rent, from one value to the next", 0.1, "0%"),
    ("capex", "of capex", 0.1, "0%"),
    ("cap_rate", "added to the cap rate", 0.01, "0.00%"),
    ("start", "years added to the start", 0.5, "0.0"),
)
"""From one value that is tried to the next: key, label, value, format."""

WIDE: Final = 5
"""Values tried of each; the lease's own stands in the middle, its own start first."""
AXIS, FIRST = FIRST_COLUMN, FIRST_COLUMN + 1
"""Columns of the values on the left, and of the first result."""


def plan_lease_tables(figures: Figures, inputs: InputCells, lease: Lines, lines: Lines) -> None:
    """Plan the block below the deals, whose lines `lines` has; `lease` is the book's."""
    _OneLease(figures, inputs, lease, lines).plan()


def _chosen_deal(figures: Figures, lines: Lines) -> str:
    """Give the deal chosen on the sheet, else the first there is."""
    names = [str(lines.title(deal).value) for deal in lines.columns]
    chosen = figures.chosen.get(lines.name, "")
    return chosen if chosen in names else names[0]


def _lower(label: str) -> str:
    return f"{label[0].lower()}{label[1:]}"


class _OneLease:
    """Plans the lease chosen with what is tried in place of its terms, and two tables."""

    def __init__(self, figures: Figures, inputs: InputCells, lease: Lines, lines: Lines) -> None:
        self.figures, self.inputs, self.lease, self.lines = figures, inputs, lease, lines
        self.sheet, self.deal = lines.sheet, _chosen_deal(figures, lines)
        self.at_key: dict[str, Ref] = {}
        self.place = ZERO

    def plan(self) -> None:
        lines = self.lines
        lines.sheet.page_breaks.append(lines.row)
        lines.section("What if: one lease, in Excel's data tables; no other cell is moved")
        self._choose()
        self._tried()
        self._terms()
        half, core = self.inputs.constants["half_year"], {VALUE: self._core()}
        plan_value(self._at, self.lease, self._plan, half, core, lambda _: self._in_use("cap_rate"))
        self._steps()
        title = "Value of the lease, USD M"
        self._table(f"{title}: first-year rent down, capex across", "rent", "capex")
        self._table(f"{title}: exit cap rate down, in service from across", "cap_rate", "start")

    def _put(self, key: str, label: str, unit: str, term: Term, looks: str, note: str = "") -> Ref:
        made = self._labelled(label, unit, note)
        ref = self.sheet.put(made, FIRST_COLUMN, term.value, "calculation", looks, term.text)
        self.at_key[key] = ref
        return ref

    def _labelled(self, label: str, unit: str, note: str = "") -> int:
        row = self.lines.row
        self.sheet.put(row, LABEL, label, "label")
        self.sheet.put(row, UNIT, unit or None, "unit")
        self.sheet.put(row, CHECK, None, "label")
        if note:
            self.sheet.put(row, FIRST, note, "note_line")
        self.lines.row += 1
        return row

    def _value(self, ref: Ref) -> Term:
        return Term(ref.fixed, self.sheet.cells[ref.row, ref.column].value)

    def _at(self, key: str, _: str = VALUE) -> Term:
        return self._value(self.at_key[key])

    def _plan(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        make: Callable[[str], Term],
        *,
        style: str = "calculation",
        core: Mapping[str, Value] | None = None,
        note: str = "",
    ) -> None:
        ref = self._put(key, label, unit, make(VALUE), number_format, note)
        if style == "total":
            self.sheet.restyle(ref.row, ref.column, style, number_format)
        if core is not None:
            self.sheet.put_again(ref.row, ref.column, core[VALUE])

    def _choose(self) -> None:
        row = self._labelled(CHOOSE_LEASE, "")
        chosen = self.sheet.put(row, FIRST_COLUMN, self.deal, "input_left")
        heads = self.lines.header
        message = "Choose one of the deals above."
        self.sheet.validations.append(Validation(chosen, message, "list", source=heads))
        # Exact, unlike MATCH: an identity that was typed may hold characters of a pattern.
        same = f"({heads.fixed}={chosen.fixed})"
        before = Ref(heads.sheet, heads.row, CHECK, heads.row, CHECK).fixed
        number = f"SUMPRODUCT({same}*(COLUMN({heads.fixed})-COLUMN({before})))"
        place = [str(self.lines.title(deal).value) for deal in self.lines.columns].index(self.deal)
        # Beyond the deals there are columns stand whose heading is "-".
        none = self._value(chosen).equals(NOTHING)
        # A deal that is not known on the date has no column: INDEX takes 0 for the whole line.
        number_of = Term(number, place + 1.0)
        found = IF(none, NA, IF(number_of.equals(ZERO), NA, number_of))
        self._put("place", "Its place among the deals", "", found, "0")
        self.place = self._at("place")

    def _tried(self) -> None:
        for key, label, unit, looks in TRIED:
            row = self._labelled(f"Tried: {_lower(label)}", unit)
            self.at_key[f"tried {key}"] = self.sheet.put(row, FIRST_COLUMN, OFF, "input", looks)
            said = {
                "rent": "- is nothing; the tables try one value after the other by themselves",
                "cap_rate": "0 is no exit: the lease is worth what its term pays",
            }.get(key)
            if said:
                self.sheet.put(row, FIRST, said, "note_line")

    def _of_deal(self, key: str) -> Term:
        """Give a term of the chosen deal, as the lines above have it."""
        cells = self.lines.across(key)
        values = tuple(self.lines.value(key, deal) for deal in self.lines.columns)
        return picked(Span(cells.fixed, values), self.place)

    def _in_use(self, key: str) -> Term:
        """Give what is tried, else what holds for the deal; none of it may be negative."""
        tried = self._at(f"tried {key}")
        sound = IF(tried >= ZERO, tried, NA)
        off = OR(tried.equals(text(OFF)), tried.equals(BLANK))
        return IF(off, self._at(f"own {key}"), sound)

    def _terms(self) -> None:
        days = self.inputs.constants["days_a_year"]
        build = self._of_deal("build")
        for key, label, unit, looks in TRIED:
            own = {
                "cap_rate": self.lease.there("lease_exit_cap_rate", VALUE),
                # Of a deal in service it is the day of the book: what is past is no wait.
                "start": self.inputs.date + build * days,
            }.get(key) or self._of_deal(key)
            self._put(f"own {key}", f"Of the lease: {_lower(label)}", unit, own, looks)
        wait = MAX(self._in_use("start") - self.inputs.date, ZERO) / days
        for key, label, unit, looks, term in (
            ("rent", "First-year rent in use", LEASE, "0.000_)", self._in_use("rent")),
            ("capex", "Capex in use", LEASE, PER_MW, self._in_use("capex")),
            ("build", "Build time in use", "years", RATIO, wait),
            ("mw", "MW", "MW critical", MEGAWATTS, self._of_deal("mw")),
            ("years", "Length of the lease", "years", COUNT, self._of_deal("years")),
            ("margin", "NOI margin", "fraction", PERCENT, self._of_deal("margin")),
            ("escalator_used", "Rise of the rent", "fraction/year", PERCENT, None),
            ("loan", "Debt as a share of cost", "fraction", PERCENT, None),
            ("interest", "Interest on debt", "fraction/year", PERCENT, None),
        ):
            self._put(key, label, unit, term or self._of_deal(key), looks)

    def _steps(self) -> None:
        for key, label, step, looks in STEPS:
            row = self._labelled(f"Step: {label}", "")
            self.at_key[f"step {key}"] = self.sheet.put(row, FIRST_COLUMN, step, "input", looks)

    def _table(self, title: str, down: str, across: str) -> None:
        """Plan one table, with the values that it tries."""
        lines, sheet = self.lines, self.sheet
        lines.section(title)
        head = lines.row
        shown = IF(Term(COMPUTED.there, True), self._at("worth"), NA)
        sheet.put(head, AXIS, shown.value, "small_right", MONEY_EXACT, shown.text)
        rows = self._axis(down, [(head + 1 + step, AXIS) for step in range(WIDE)])
        columns = self._axis(across, [(head, FIRST + step) for step in range(WIDE)])
        values = [[self._core_at({down: one, across: other}) for other in columns] for one in rows]
        cells = [self.at_key[f"tried {key}"] for key in (across, down)]
        made = sheet.put_table(head + 1, FIRST, values, cells[0], cells[1], MONEY_EXACT)
        sheet.shadings.append(Shading(made, HEAT_LOW, HEAT_MIDDLE, HEAT_HIGH))
        lines.row = head + WIDE + 1

    def _axis(self, key: str, places: Sequence[tuple[int, int]]) -> list[Value]:
        """Plan the values that a table tries: around the lease's own, from its own start on."""
        own, step = self._at(f"own {key}"), self._at(f"step {key}")
        looks = next(one[-1] for one in TRIED if one[0] == key)
        if key == "start":
            term, more = own, step * self.inputs.constants["days_a_year"]
        else:
            more = step if key == "cap_rate" else own * step
            term = own - more - more
        found: list[Value] = []
        for row, column in places:
            ref = self.sheet.put(row, column, term.value, "heading_link", looks, term.text)
            found.append(term.value)
            term = self._value(ref) + more
        return found

    def _core(self) -> Value:
        """Give the core's value of the lease as it is, in USD M per critical MW."""
        return self.figures.one("HPC_DEAL_VALUE", deal=self.deal)

    def _core_at(self, tried: Mapping[str, Value]) -> Value:
        """Give what the core makes of the lease with other terms, in USD M."""
        if any(not isinstance(value, float) or value < 0.0 for value in tried.values()):
            return MISSING
        moved = {key: float(value) for key, value in tried.items()}  # type: ignore[arg-type]
        book = self.figures.book
        evaluation = Evaluation().use(book)
        try:
            terms = terms_of(evaluation, deal_row(book, self.deal), moved.get("cap_rate"))
            asked = evaluation.number("ALL", "lease_equity_return")
        except ValuationError as error:
            return as_value(error)
        changed: dict[str, Any] = {key: moved[key] for key in ("rent", "capex") if key in moved}
        if "start" in moved:
            wait = moved["start"] - serial_of(book.as_of)
            changed["build_years"] = max(wait, 0.0) / DAYS_A_YEAR
        made = terms._replace(lease={**terms.lease, **changed})
        return as_value(value_of_lease(made, asked) * terms.mw)
