"""Deal leases: each signed deal valued on its own terms, in cells, in closed form.

Rents, debt service and what is left of it come in equal steps a year, so their present values are
geometric sums; nothing is laid out year by year.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book.tables import Row
from valuation_core.catalogue.catalogue import formula
from valuation_core.signed import colocation_deals
from workbook.cells import NOT_AVAILABLE, Value
from workbook.model.excel import AND, IF, INT, ISNUMBER, MAX, MIN, NA, ONE, ZERO, Term
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, NONE_STATED, InputCells
from workbook.model.sheets.valuation.lease_years import VALUE
from workbook.style import COUNT, DATE, MEGAWATTS, MONEY_EXACT, PER_MW, PERCENT, RATIO, TEXT

NAME: Final = "Leases"
HEADER_HEIGHT: Final = 36
NOTHING: Final = "no deal"
"""Heading of the one column of a sheet without deals."""

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

LEASE: Final = "USD M/MW critical"


def plan_deal_leases(figures: Figures, inputs: InputCells, lease: Lines) -> Lines:
    """Plan the sheet: one column a signed colocation deal of the miners."""
    return _DealLeases(figures, inputs, lease).plan()


def deals_of(figures: Figures) -> dict[str, Row]:
    """Give the signed colocation deals of the miners by their identity."""
    rows = (row for ticker in figures.tickers for row in colocation_deals(figures.book, ticker))
    return {row["deal_id"]: row for row in rows}


class _DealLeases:
    """Plans the sheet; one that no miner has a deal for has one empty column."""

    def __init__(self, figures: Figures, inputs: InputCells, lease: Lines) -> None:
        self.figures, self.inputs, self.lease = figures, inputs, lease
        self.deals = deals_of(figures)
        self.lines = Lines(
            NAME,
            "Signed deals, each as a lease on its own terms",
            "Equity value per critical MW; what a deal does not state sheet Lease gives. It is the "
            "value of signed deals where signed_by_lease is 1; else the value per MW is.",
            tuple(self.deals) or (NOTHING,),
            head="Deal",
        )
        self.lines.sheet.heights[4] = HEADER_HEIGHT

    def plan(self) -> Lines:
        """Plan what is stated, the terms in use, the value, and the same through the function."""
        lines = self.lines
        lines.section("As the deal states it")
        for column, label, unit, number_format in STATED:
            lines.stated(
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
        lines.section("Value")
        self._value()
        if self.deals:
            lines.section("Through functions")
            lines.function(
                "function_value",
                "HPC_DEAL_VALUE",
                LEASE,
                PER_MW,
                formula("HPC_DEAL_VALUE", deal=lines.heads, book=BOOK_NAME),
                self._core(),
                of="value",
            )
        return lines

    def _stated(self, deal: str, column: str) -> Value:
        row = self.deals.get(deal)
        value: Value = None if row is None else row[column]
        return NOT_AVAILABLE if value is None else value

    def _core(self) -> ByMiner:
        found: dict[str, Value] = {}
        for deal in self.deals:
            found[deal] = self.figures.one("HPC_DEAL_VALUE", deal=deal)
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
            row = self.deals.get(deal)
            return self.inputs.usable(row["ticker"] if row else "ALL", "gross_to_critical")

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
            return IF(states_rent(deal), own, self.lease.there("lease_rent", VALUE))

        def build(deal: str) -> Term:
            from_day = at("in_service", deal)
            own = MAX(from_day - day, ZERO) / constant["days_a_year"]
            theirs = self.lease.there("lease_build_years", VALUE)
            return IF(from_day.equals(NONE_STATED), theirs, own)

        lines.line(
            "gross_to_critical", "Gross MW per critical MW", "ratio", PER_MW, ratio, style="link"
        )
        lines.line("mw", "MW", "MW critical", MEGAWATTS, mw, note="critical, else gross / ratio")
        lines.line("years", "Length of the lease", "years", COUNT, years, note="whole years")
        for key, label, number_format, column, metric in (
            ("escalator_used", "Rise of the rent", PERCENT, "escalator", "lease_escalator"),
            ("loan", "Debt as a share of cost", PERCENT, "loan_to_cost", "lease_loan_to_cost"),
            ("interest", "Interest on debt", PERCENT, "debt_rate", "lease_debt_rate"),
        ):
            lines.line(
                key,
                label,
                "fraction",
                number_format,
                lambda deal, column=column, metric=metric: self._own(deal, column, metric),  # type: ignore[misc]
            )
        lines.line(
            "rents",
            "Rents of the term over the first",
            "ratio",
            RATIO,
            rents,
            note="sum of (1 + rise)^(y - 1)",
        )
        lines.line(
            "rent", "First-year rent", LEASE, "0.000_)", rent, note="revenue / (MW x that sum)"
        )
        lines.line(
            "margin",
            "NOI margin",
            "fraction",
            PERCENT,
            lambda d: self._middle(d, "noi_margin_low", "noi_margin_high", "lease_noi_margin"),
            note="middle of what is stated",
        )
        ends = [f"capex_{end}_usd_m_per_critical_mw" for end in ("low", "high")]
        lines.line(
            "capex",
            "Capex",
            LEASE,
            PER_MW,
            lambda d: self._middle(d, ends[0], ends[1], "capex_per_mw"),
        )
        lines.line("build", "Build time", "years", RATIO, build, note="to in service")

    def _value(self) -> None:
        lines, half = self.lines, self.inputs.constants["half_year"]

        def at(key: str, deal: str) -> Term:
            return lines.at(key, deal)

        def book(metric: str) -> Term:
            return self.lease.there(metric, VALUE)

        fade = ONE / (ONE + book("lease_equity_return"))

        def mid_year(deal: str) -> Term:
            """Give the discount of the first payment, half a year into the lease."""
            return fade ** (at("build", deal) + half)

        def end(deal: str) -> Term:
            return fade ** (at("build", deal) + at("years", deal))

        def income(deal: str) -> Term:
            growing = (ONE + at("escalator_used", deal)) * fade
            rents = mid_year(deal) * _sum(growing, at("years", deal))
            cap = book("lease_exit_cap_rate")
            grown = (ONE + at("escalator_used", deal)) ** at("years", deal)
            leaving = IF(cap > ZERO, grown / cap * end(deal), ZERO)
            return at("margin", deal) * (rents + leaving)

        def service(deal: str) -> Term:
            """Give the level payment a year per USD of debt."""
            falls = ONE / (ONE + at("interest", deal))
            worth = falls ** (at("build", deal) + half) * _sum(falls, at("debt_years", deal))
            return ONE / worth

        def debt(deal: str) -> Term:
            payment, years, term = (at(key, deal) for key in ("service", "debt_years", "years"))
            paid = mid_year(deal) * _sum(fade, MIN(years, term))
            falls = ONE / (ONE + at("interest", deal))
            left = falls**half * _sum(falls, MAX(years - term, ZERO)) * end(deal)
            return payment * (paid + left)

        def cost(deal: str) -> Term:
            loan = at("loan", deal)
            return ONE - loan + loan * at("debt", deal)

        lines.line(
            "debt_years",
            "Payments of debt",
            "years",
            COUNT,
            lambda _: INT(book("lease_debt_years")),
            style="link",
        )
        lines.line(
            "income",
            "Income and exit per USD of first-year rent",
            "ratio",
            RATIO,
            income,
            note="present value: margin x (rents of the term + income after it / cap rate)",
        )
        lines.line("service", "Debt service a year per USD of debt", "ratio", "0.0000_)", service)
        lines.line(
            "debt",
            "Debt service per USD of debt",
            "ratio",
            RATIO,
            debt,
            note="present value: payments of the term, and what is still due at its end",
        )
        lines.line(
            "cost",
            "Cost to equity per USD of capex",
            "ratio",
            RATIO,
            cost,
            note="equity at the start + debt service",
        )
        lines.line(
            "value",
            "Equity value",
            LEASE,
            PER_MW,
            lambda d: at("rent", d) * at("income", d) - at("capex", d) * at("cost", d),
            style="total",
            core=self._core() if self.deals else None,
            note="rent x income - capex x cost",
        )
        lines.line(
            "worth",
            "Value of the deal",
            "USD M",
            MONEY_EXACT,
            lambda d: at("value", d) * at("mw", d),
            style="total",
        )

        def fixed(deal: str) -> Term:
            own = AND(ISNUMBER(at("revenue_usd_m", deal)), ISNUMBER(at("term_years", deal)))
            of_rent = at("mw", deal) * at("rent", deal) * at("income", deal)
            of_gross = IF(own, of_rent, ZERO)
            return IF(ISNUMBER(at("mw_critical", deal)), at("worth", deal), of_gross)

        lines.line(
            "fixed",
            "of that, whatever gross MW a critical MW takes",
            "USD M",
            MONEY_EXACT,
            fixed,
            note="the rest goes with critical MW = gross MW / ratio, which the tornado moves",
        )


def _sum(ratio: Term, count: Term) -> Term:
    """Give the sum of a count of powers of a ratio, from 1 on."""
    return IF(ratio.equals(ONE), count, (ONE - ratio**count) / (ONE - ratio))


def of_miner(figures: Figures, leases: Lines, key: str, ticker: str) -> Term:
    """Add up a line over the deals of one miner."""
    deals = [deal for deal, row in deals_of(figures).items() if row["ticker"] == ticker]
    if not deals:
        return ZERO
    first, *rest = (leases.there(key, deal) for deal in deals)
    return sum(rest, first)
