"""Value of a deal on its terms, in cells: what its rents, its debt and its cost are worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workbook.model.excel import IF, INT, MAX, MIN, ONE, ZERO, Term
from workbook.model.figures import ByMiner
from workbook.model.lines import Lines
from workbook.model.sheets.valuation.lease_years import VALUE
from workbook.style import COUNT, MONEY_EXACT, PER_MW, RATIO

LEASE: Final = "USD M/MW critical"


def plan_value(
    lines: Lines, lease: Lines, line: Callable[..., None], half: Term, core: ByMiner
) -> None:
    """Plan the value of each deal of a sheet, whose lines `line` plans; `lease` is the book's.

    `half` is half a year, `core` has the values to store.
    """

    def at(key: str, deal: str) -> Term:
        return lines.at(key, deal)

    def book(metric: str) -> Term:
        return lease.there(metric, VALUE)

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

    line(
        "debt_years",
        "Payments of debt",
        "years",
        COUNT,
        lambda _: INT(book("lease_debt_years")),
        style="link",
    )
    line(
        "income",
        "Income and exit per USD of first-year rent",
        "ratio",
        RATIO,
        income,
        note="present value: margin x (rents of the term + income after it / cap rate)",
    )
    line("service", "Debt service a year per USD of debt", "ratio", "0.0000_)", service)
    line(
        "debt",
        "Debt service per USD of debt",
        "ratio",
        RATIO,
        debt,
        note="present value: payments of the term, and what is still due at its end",
    )
    line(
        "cost",
        "Cost to equity per USD of capex",
        "ratio",
        RATIO,
        cost,
        note="equity at the start + debt service",
    )
    line(
        "value",
        "Equity value",
        LEASE,
        PER_MW,
        lambda d: at("rent", d) * at("income", d) - at("capex", d) * at("cost", d),
        style="total",
        core=core,
        note="rent x income - capex x cost",
    )
    line(
        "worth",
        "Value of the deal",
        "USD M",
        MONEY_EXACT,
        lambda d: at("value", d) * at("mw", d),
        style="total",
    )


def _sum(ratio: Term, count: Term) -> Term:
    """Give the sum of a count of powers of a ratio, from 1 on."""
    return IF(ratio.equals(ONE), count, (ONE - ratio**count) / (ONE - ratio))
