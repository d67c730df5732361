"""Deal leases: each signed deal valued on its own terms, in cells, in closed form.

Rents, debt service and what is left of it come in equal steps a year, so their present values are
geometric sums; nothing is laid out year by year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import Book
from valuation_core.catalogue.catalogue import formula
from workbook.cells import NOT_AVAILABLE, Ref, Value
from workbook.model.excel import AND, BLANK, IF, INT, ISNUMBER, MAX, MIN, NA, ONE, ZERO, Term
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import FIRST_COLUMN, HEADER_ROW, LABEL, Lines, Make, Pair
from workbook.model.plan import Highlight
from workbook.model.sheets.facts.deal_keys import LEASE_KEY, MW_RATIO, OF_MODEL
from workbook.model.sheets.facts.input_cells import BOOK_NAME, NONE_STATED, InputCells
from workbook.model.sheets.facts.keys import picked, row_of, sum_where
from workbook.model.sheets.facts.miner_keys import key_of
from workbook.model.sheets.valuation.deal_lease_value import LEASE, plan_value
from workbook.model.sheets.valuation.lease_tables import plan_lease_tables
from workbook.model.sheets.valuation.lease_years import VALUE
from workbook.model.sheets.valuation.shopped import NOTHING
from workbook.style import COUNT, DATE, MEGAWATTS, MONEY_EXACT, PER_MW, PERCENT, RATIO, TEXT

NAME: Final = "Leases"
HEADER_HEIGHT: Final = 36
SPARE_DEALS: Final = 6
"""Columns beyond the deals that the book knows."""

STATED: Final = (
    ("ticker", "Miner", "", TEXT),
    ("mw_critical", "MW critical", "MW critical", MEGAWATTS),
    ("mw_gross", "MW gross", "MW gross", MEGAWATTS),
    ("term_years", "Term", "years", COUNT),
    ("revenue_usd_m", "Revenue of the term", "USD M", MONEY_EXACT),
    ("escalator", "Yearly rise of the rent", "fraction/year", PERCENT),
    ("noi_margin_low", "NOI margin, low", "fraction", PERCENT),
    ("noi_margin_high", "NOI margin, high", "fraction", PERCENT),
    ("capex_low_usd_m_per_critical_mw", "Capex, low", "USD M/MW critical", PER_MW),
    ("capex_high_usd_m_per_critical_mw", "Capex, high", "USD M/MW critical", PER_MW),
    ("loan_to_cost", "Debt as a share of cost", "fraction", PERCENT),
    ("debt_rate", "Interest on debt", "fraction/year", PERCENT),
    ("in_service", "In service from", "date", DATE),
)
"""Column of the table of deals, label, unit, format."""

TAKEN: Final = {
    "years": ("term_years",),
    "escalator_used": ("escalator",),
    "loan": ("loan_to_cost",),
    "interest": ("debt_rate",),
    "rent": ("revenue_usd_m", "term_years"),
    "margin": ("noi_margin_low", "noi_margin_high"),
    "capex": ("capex_low_usd_m_per_critical_mw", "capex_high_usd_m_per_critical_mw"),
    "build": ("in_service",),
}
"""Terms that the book's lease gives where the deal states none of these."""


def plan_deal_leases(figures: Figures, inputs: InputCells, lease: Lines) -> Lines:
    """Plan the sheet: one column a signed colocation deal of the miners, and some to spare."""
    return _DealLeases(figures, inputs, lease).plan()


def _room_for(book: Book, tickers: Sequence[str]) -> int:
    """Give for how many deals of the miners there is room."""
    rows = (row for row in book.tables["deals"].rows() if row["kind"] == "colo")
    return len({row["deal_id"] for row in rows if row["ticker"] in tickers}) + SPARE_DEALS


class _DealLeases:
    """Plans the sheet; a column beyond the deals there are shows "-"."""

    def __init__(self, figures: Figures, inputs: InputCells, lease: Lines) -> None:
        self.figures, self.inputs, self.lease = figures, inputs, lease
        self.keys = inputs.keys["deals"]
        room = _room_for(figures.laid_out, figures.tickers)
        self.lines = Lines(
            NAME,
            "Signed deals, each as a lease on its own terms",
            "Equity value per critical MW. Amber: what a deal does not state, sheet Lease gives. "
            "It is the value of signed deals where signed_by_lease is 1; else the value per MW is.",
            tuple(f"Deal {k}" for k in range(1, room + 1)),
            head="Deal",
        )
        self.lines.sheet.heights[HEADER_ROW] = HEADER_HEIGHT

    def plan(self) -> Lines:
        """Plan what is stated, the terms in use, the value, and the same through the function."""
        lines, lease_keys = self.lines, self.keys.span(LEASE_KEY)
        lines.section("As the deal states it")
        lines.line(
            "row",
            "Its row on sheet AllDeals",
            "",
            "0_);;-_)",
            lambda deal: row_of(key_of(BLANK, lines.columns.index(deal) + 1), lease_keys),
            style="link",
            note="signed colocation deals of the miners, in the order of that sheet",
        )
        for deal in lines.columns:
            lines.head_by(deal, self._stated(deal, "deal_id"))
        for column, label, unit, number_format in STATED:
            lines.line(
                column,
                label,
                unit,
                number_format,
                lambda deal, column=column: self._stated(deal, column),  # type: ignore[misc]
                style="fact_small" if column == "ticker" else "fact",
                note=f'"{NOT_AVAILABLE}": not stated' if column == "mw_critical" else "",
            )
        lines.section("Terms in use")
        self._terms()
        self._mark_taken()
        lines.section("Value")
        half, book = (
            self.inputs.constants["half_year"],
            self.lease.there("lease_exit_cap_rate", VALUE),
        )
        plan_value(lines.at, self.lease, self._line, half, self._core(), lambda _: book)
        self._fixed()
        lines.section("Through functions")
        call = formula("HPC_DEAL_VALUE", deal=lines.heads, book=BOOK_NAME)
        lines.function(
            "function_value",
            "HPC_DEAL_VALUE",
            LEASE,
            PER_MW,
            f"IF({lines.heads}={NOTHING.text},{NOTHING.text},{call})",
            self._core(),
            of="value",
        )
        self._count()
        plan_lease_tables(self.figures, self.inputs, self.lease, lines)
        return lines

    def _mark_taken(self) -> None:
        """Lay amber over the terms that the book gives for want of the deal's own."""
        first = self.lines.columns[0]
        for key, columns in TAKEN.items():
            stated = [f'{self.lines.cells[one][first].here}="{NOT_AVAILABLE}"' for one in columns]
            # A rent needs all that it is made of; of a range one end is enough.
            missing = f"{'OR' if key == 'rent' else 'AND'}({','.join(stated)})"
            self.lines.sheet.highlights.append(Highlight(self.lines.across(key), missing, "amber"))

    def _fixed(self) -> None:
        """Plan what of the value goes by no ratio of gross to critical MW."""

        def fixed(deal: str) -> Term:
            at = self.lines.at
            own = AND(ISNUMBER(at("revenue_usd_m", deal)), ISNUMBER(at("term_years", deal)))
            of_rent = at("mw", deal) * at("rent", deal) * at("income", deal)
            of_gross = IF(own, of_rent, ZERO)
            return IF(ISNUMBER(at("mw_critical", deal)), at("worth", deal), of_gross)

        self._line(
            "fixed",
            "of that, whatever gross MW a critical MW takes",
            "USD M",
            MONEY_EXACT,
            fixed,
            note="the rest goes with critical MW = gross MW / ratio, which the tornado moves",
        )

    def _count(self) -> None:
        """Plan how many deals there are and have a column, for Checks to compare."""
        lines, room = self.lines, float(len(self.lines.columns))
        every = sum_where([(self.keys.span(OF_MODEL), "=", ONE)], None)
        columns = Term(f"COLUMNS({lines.heads})", room)
        cells: list[Ref] = []
        lines.section("Deals and columns")
        for label in ("Signed deals of the miners", "of them with a column above"):
            term = MIN(Term(cells[0].here, every.value), columns) if cells else every
            lines.sheet.put(lines.row, LABEL, label, "label")
            at = (lines.row, FIRST_COLUMN, term.value, "calculation", "0", term.text)
            cells.append(lines.sheet.put(*at))
            lines.row += 1
        label = "Signed deals of the miners, each with a column"
        lines.pairs.append(Pair(label, label, cells[0], cells[1], cells[0]))

    def _stated(self, deal: str, column: str) -> Term:
        row = self.lines.at("row", deal)
        found = picked(self.keys.table.span(column), row)
        stated = IF(found.equals(BLANK), NONE_STATED, found)
        return IF(row > ZERO, stated, NOTHING)

    def _line(
        self,
        key: str,
        label: str,
        unit: str,
        number_format: str,
        make: Make,
        *,
        style: str = "calculation",
        core: ByMiner | None = None,
        note: str = "",
    ) -> None:
        """Plan a line that shows "-" beyond the deals there are."""

        def shown(deal: str) -> Term:
            return IF(self.lines.at("row", deal) > ZERO, make(deal), NOTHING)

        self.lines.line(key, label, unit, number_format, shown, style=style, core=core, note=note)

    def _core(self) -> ByMiner:
        found: dict[str, Value] = {}
        for deal in self.lines.columns:
            name = self.lines.title(deal).value
            found[deal] = NOTHING.value
            if name != NOTHING.value:
                found[deal] = self.figures.one("HPC_DEAL_VALUE", deal=name)
        return found

    def _own(self, deal: str, column: str, metric: str) -> Term:
        stated = self.lines.at(column, deal)
        return IF(stated.equals(NONE_STATED), self.lease.there(metric, VALUE), stated)

    def _middle(self, deal: str, low: str, high: str, metric: str) -> Term:
        """Give the middle of a range, one end where only that is stated, else the book's."""
        one, other = self.lines.at(low, deal), self.lines.at(high, deal)
        halfway = (one + other) * self.inputs.constants["halfway"]
        both = AND(ISNUMBER(one), ISNUMBER(other))
        single = IF(ISNUMBER(one), one, IF(ISNUMBER(other), other, self.lease.there(metric, VALUE)))
        return IF(both, halfway, single)

    def _terms(self) -> None:
        lines, constant = self.lines, self.inputs.constants
        day = self.inputs.date

        def at(key: str, deal: str) -> Term:
            return lines.at(key, deal)

        def ratio(deal: str) -> Term:
            return picked(self.keys.span(MW_RATIO), at("row", deal))

        def mw(deal: str) -> Term:
            critical, gross = at("mw_critical", deal), at("mw_gross", deal)
            converted = IF(gross.equals(NONE_STATED), NA, gross / at("gross_to_critical", deal))
            return IF(critical.equals(NONE_STATED), converted, critical)

        def years(deal: str) -> Term:
            found = self._own(deal, "term_years", "lease_years")
            return IF(found.equals(INT(found)), found, NA)

        def rents(deal: str) -> Term:
            rise, term = at("escalator_used", deal), at("years", deal)
            return IF(rise.equals(ZERO), term, ((ONE + rise) ** term - ONE) / rise)

        def states_rent(deal: str) -> Term:
            return AND(ISNUMBER(at("revenue_usd_m", deal)), ISNUMBER(at("term_years", deal)))

        def rent(deal: str) -> Term:
            own = at("revenue_usd_m", deal) / (at("mw", deal) * at("rents", deal))
            stated = IF(states_rent(deal), own, self.lease.there("lease_rent", VALUE))
            # A deal that states no MW is no lease, whatever its other terms.
            return IF(at("mw", deal) > ZERO, stated, NA)

        def build(deal: str) -> Term:
            from_day = at("in_service", deal)
            own = MAX(from_day - day, ZERO) / constant["days_a_year"]
            theirs = self.lease.there("lease_build_years", VALUE)
            return IF(from_day.equals(NONE_STATED), theirs, own)

        self._line(
            "gross_to_critical", "Gross MW per critical MW", "ratio", PER_MW, ratio, style="link"
        )
        self._line("mw", "MW", "MW critical", MEGAWATTS, mw, note="critical, else gross / ratio")
        self._line("years", "Length of the lease", "years", COUNT, years, note="whole years")
        for key, label, number_format, column, metric in (
            ("escalator_used", "Rise of the rent", PERCENT, "escalator", "lease_escalator"),
            ("loan", "Debt as a share of cost", PERCENT, "loan_to_cost", "lease_loan_to_cost"),
            ("interest", "Interest on debt", PERCENT, "debt_rate", "lease_debt_rate"),
        ):
            self._line(
                key,
                label,
                "fraction",
                number_format,
                lambda deal, column=column, metric=metric: self._own(deal, column, metric),  # type: ignore[misc]
            )
        self._line(
            "rents",
            "Rents of the term over the first",
            "ratio",
            RATIO,
            rents,
            note="sum of (1 + rise)^(y - 1)",
        )
        self._line(
            "rent", "First-year rent", LEASE, "0.000_)", rent, note="revenue / (MW x that sum)"
        )
        self._line(
            "margin",
            "NOI margin",
            "fraction",
            PERCENT,
            lambda d: self._middle(d, "noi_margin_low", "noi_margin_high", "lease_noi_margin"),
            note="middle of what is stated",
        )
        ends = [f"capex_{end}_usd_m_per_critical_mw" for end in ("low", "high")]
        self._line(
            "capex",
            "Capex",
            LEASE,
            PER_MW,
            lambda d: self._middle(d, ends[0], ends[1], "capex_per_mw"),
        )
        self._line("build", "Build time", "years", RATIO, build, note="to in service")


def of_miner(inputs: InputCells, leases: Lines, key: str, miner: Term) -> Term:
    """Add up a line over the deals of one miner; #N/A with more deals than there is room for."""
    room = len(leases.columns)
    beyond = row_of(key_of(BLANK, room + 1), inputs.keys["deals"].span(LEASE_KEY))
    # Not SUMPRODUCT: an error of one deal is one of its miner alone.
    first, *rest = (
        IF(leases.there("ticker", deal).equals(miner), leases.there(key, deal), ZERO)
        for deal in leases.columns
    )
    return IF(beyond > ZERO, NA, sum(rest, first))
