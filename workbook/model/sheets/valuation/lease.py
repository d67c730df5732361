"""Lease: equity value of a lease and of GPU cloud per critical MW, and the return in a value.

The value is the cash flows of a table of years at the asked-for return. The return in a value has
no closed form: it is solved by bisection, fifty steps, each of them one row.
"""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.model.excel import AND, IF, INT, NA, ONE, SUM, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import COLUMN_WIDTH, WIDTHS, Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.lease_return import EquityReturn
from workbook.model.sheets.valuation.lease_years import COLUMNS, FIRST_ROW, VALUE, YEARS, Years
from workbook.style import COUNT, PER_MW, PERCENT, RATIO

NAME: Final = "Lease"
TERMS: Final = (
    ("lease_rent", "First-year rent", "USD M/MW critical", "0.000_)"),
    ("lease_escalator", "Yearly rise of the rent", "fraction/year", PERCENT),
    ("lease_noi_margin", "Net operating income over rent", "fraction", PERCENT),
    ("capex_per_mw", "Cost of building", "USD M/MW critical", PER_MW),
    ("lease_loan_to_cost", "Debt as a share of cost", "fraction", PERCENT),
    ("lease_debt_rate", "Interest on debt", "fraction/year", "0.000%_)"),
    ("lease_debt_years", "Term of debt", "years", COUNT),
    ("lease_years", "Length of the lease", "years", COUNT),
    ("lease_build_years", "Build time before the lease", "years", "0.0_)"),
    ("lease_exit_cap_rate", "Cap rate at the end, 0 = no exit", "fraction", PERCENT),
    ("lease_equity_return", "Equity return asked for", "fraction/year", PERCENT),
)
CLOUD_TERMS: Final = (
    ("gpu_per_mw", "GPUs per critical MW", "GPUs/MW critical", COUNT),
    ("gpu_price", "Rent of a GPU", "USD/GPU/hour", "0.00_)"),
    ("gpu_utilisation", "Share of hours rented", "fraction", PERCENT),
    ("gpu_opex_share", "Operating cost over revenue", "fraction", PERCENT),
    ("gpu_capex", "Cost of a GPU with server and network", "USD/GPU", COUNT),
    ("gpu_life", "Life of a GPU", "years", COUNT),
)
LAST_COLUMN: Final = COLUMNS["value"] + 1
WHOLE: Final = ("lease_debt_years", "lease_years")


def plan_lease(figures: Figures, inputs: InputCells) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "Lease and GPU cloud, per critical MW",
        "Equity value of a lease after capex and debt, without tax; and the yearly return at which "
        "it is worth the published values. Years below; flows come at mid-year.",
        (VALUE,),
        head="Per critical MW",
    )
    # The table of years has more columns than the lines above it, whose notes run over them.
    lines.sheet.widths = (*WIDTHS, *[COLUMN_WIDTH] * LAST_COLUMN)
    lines.section("Terms")
    _terms(lines, inputs)
    years = Years(lines, inputs.constants["half_year"])
    _lease(lines, figures, years)
    _cloud(lines, figures, inputs)
    _functions(lines, figures)
    EquityReturn(lines, figures, inputs, years).plan()
    if lines.row > FIRST_ROW - 2:
        raise ValueError(f"{NAME}: the lines run into the table of years")
    return lines


def _terms(lines: Lines, inputs: InputCells) -> None:
    lines.line(
        "ratio",
        "Gross MW per critical IT MW",
        "ratio",
        PER_MW,
        lambda _: inputs.usable("ALL", "gross_to_critical"),
        style="link",
    )
    for key, label, unit, number_format in TERMS:

        def term(column: str, key: str = key) -> Term:
            found = inputs.usable("ALL", key, "critical", lines.at("ratio", column))
            if key not in WHOLE:
                return found
            longest = Term(f"$B${FIRST_ROW + YEARS}", float(YEARS))
            limits = AND(
                found.equals(INT(found)),
                found >= ONE,
                found <= longest,
            )
            return IF(limits, found, NA)

        note = f"whole years, 1 to {YEARS} on this sheet" if key in WHOLE else ""
        lines.line(key, label, unit, number_format, term, style="link", note=note)
    lines.name_missing([key for key, *_ in TERMS])


def _lease(lines: Lines, figures: Figures, years: Years) -> None:
    lines.section("Lease")

    def at(key: str, column: str) -> Term:
        return lines.at(key, column)

    def loan(column: str) -> Term:
        return at("lease_loan_to_cost", column) * at("capex_per_mw", column)

    unit = "USD M/MW critical"
    lines.line(
        "start",
        "Equity put in at the start",
        unit,
        PER_MW,
        lambda c: loan(c) - at("capex_per_mw", c),
        note="loan - cost",
    )
    lines.line(
        "end_time",
        "Time of the end",
        "years",
        "0.0_)",
        lambda c: at("lease_build_years", c) + at("lease_years", c),
    )
    years.plan_debt()
    lines.line(
        "annuity",
        "Value at the debt rate of 1 a year",
        "ratio",
        RATIO,
        lambda _: SUM(years.span("due", 1, YEARS)),
        note="sum of the debt factors below",
    )
    lines.line(
        "level",
        "Debt service a year",
        unit,
        "0.000_)",
        lambda c: loan(c) / at("annuity", c),
        note="level; interest to the first payment is capitalised",
    )

    def exit_value(column: str) -> Term:
        rise = (ONE + at("lease_escalator", column)) ** at("lease_years", column)
        income = at("lease_rent", column) * at("lease_noi_margin", column) * rise
        rate = at("lease_exit_cap_rate", column)
        return IF(rate > ZERO, income / rate, ZERO)

    lines.line(
        "exit",
        "Exit value at the end",
        unit,
        PER_MW,
        exit_value,
        note="income of the year after the lease / cap rate",
    )
    years.plan_flows()
    lines.line(
        "settled",
        "Debt still due at the end",
        unit,
        PER_MW,
        lambda _: SUM(years.span("left", 1, YEARS)),
        note="at its present value then",
    )
    core = {VALUE: figures.one("HPC_LEASE_VALUE")}
    lines.line(
        "value",
        "Equity value of the lease",
        unit,
        PER_MW,
        lambda _: SUM(years.span("value", 0, YEARS + 1)),
        style="total",
        core=core,
        note="flows of the years below at the return asked for",
    )


def _cloud(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    lines.section("GPU cloud")
    constant = inputs.constants
    for key, label, unit, number_format in CLOUD_TERMS:
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda column, key=key: inputs.usable(
                "ALL", key, "critical", lines.at("ratio", column)
            ),  # type: ignore[misc]
            style="link",
        )

    def at(key: str, column: str) -> Term:
        return lines.at(key, column)

    def cash(column: str) -> Term:
        hours = constant["hours_a_year"] * at("gpu_utilisation", column)
        revenue = at("gpu_per_mw", column) * at("gpu_price", column) * hours
        return revenue * (ONE - at("gpu_opex_share", column)) / constant["million"]

    def annuity(column: str) -> Term:
        years = at("gpu_life", column)
        x = ONE / (ONE + at("lease_equity_return", column))
        sums = IF(x.equals(ONE), years, x ** constant["half_year"] * (ONE - x**years) / (ONE - x))
        return IF(years.equals(INT(years)), sums, NA)

    def value(column: str) -> Term:
        cost = at("gpu_per_mw", column) * at("gpu_capex", column) / constant["million"]
        return at("cash", column) * at("gpu_annuity", column) - cost

    lines.line(
        "cash",
        "Cash flow a year",
        "USD M/MW critical",
        PER_MW,
        cash,
        note="GPUs x rent x hours x utilisation x (1 - operating cost)",
    )
    lines.line(
        "gpu_annuity",
        "Value of 1 at the middle of each year",
        "ratio",
        RATIO,
        annuity,
        note="whole years",
    )
    core = {VALUE: figures.one("HPC_CLOUD_VALUE")}
    lines.line(
        "cloud",
        "Equity value of GPU cloud",
        "USD M/MW critical",
        PER_MW,
        value,
        style="total",
        core=core,
        note="cash flows less cost, without debt",
    )


def _functions(lines: Lines, figures: Figures) -> None:
    lines.section("Through functions")
    for key, name in (("value", "HPC_LEASE_VALUE"), ("cloud", "HPC_CLOUD_VALUE")):
        lines.function(
            f"function_{key}",
            name,
            "USD M/MW critical",
            PER_MW,
            formula(name, book=BOOK_NAME),
            {VALUE: figures.one(name)},
            of=key,
        )
