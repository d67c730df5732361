"""Roll-forward in cells: operating parts grown to the target date, and dilution solved there anew.

Coins, cash and debt stand at face: they do not earn an equity return.
"""

from __future__ import annotations

from typing import Final

from valuation_core.parts import OPERATING
from workbook.model.excel import IF, MAX, ONE, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.valuation.dilution_instruments import (
    diluted_shares_of,
    dilution_instruments,
    per_share_of,
)
from workbook.style import COUNT, DATE, FACTOR, MONEY_EXACT, PER_SHARE, PERCENT, SHARES

AT_FACE: Final = ("hodl", "cash")


def growth_of(rate: Term, days: Term, inputs: InputCells) -> Term:
    """Give what operating parts grow by; at no rate nothing, whatever the date."""
    grown = (ONE + rate) ** (days / inputs.constants["days_a_year"])
    return IF(rate.equals(ZERO), ONE, grown)


def plan_roll_forward(
    lines: Lines, figures: Figures, inputs: InputCells, sotp: Lines, dilution: Lines
) -> None:
    """Plan the value per share, the growth, and the target with its own diluted shares."""
    _growth(lines, figures, inputs, sotp)

    def sum_of(names: tuple[str, ...], ticker: str) -> Term:
        first, *rest = (sotp.there(name, ticker) for name in names)
        return sum(rest, first)

    lines.line(
        "operating",
        "Operating parts",
        "USD M",
        MONEY_EXACT,
        lambda t: sum_of(OPERATING, t),
        style="link",
        note="mining, named, signed, option, cloud, land, other",
    )
    lines.line(
        "rolled",
        "What they grow by to the target date",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("operating", t) * (lines.at("growth", t) - ONE),
    )
    lines.line(
        "at_face",
        "Coins and cash, at face",
        "USD M",
        MONEY_EXACT,
        lambda t: sum_of(AT_FACE, t),
        style="link",
    )

    def shared(ticker: str) -> Term:
        grown = lines.at("operating", ticker) * lines.at("growth", ticker)
        return grown + lines.at("at_face", ticker) - dilution.there("other_debt", ticker)

    lines.line(
        "target_shared",
        "Value to be shared at the target date",
        "USD M",
        MONEY_EXACT,
        shared,
        note="operating parts x growth + coins and cash less debt that cannot convert",
    )
    instruments, away, core = dilution_instruments(figures), Elsewhere(dilution), figures.target()
    lines.line(
        "target",
        "Target, model",
        "USD/share",
        PER_SHARE,
        lambda t: per_share_of(lines.at("target_shared", t), away, instruments, t),
        style="total",
        core=core["per_share"],
        note="solved together with the diluted shares at the target date",
    )

    def shares(ticker: str) -> Term:
        value, solved = lines.at("target_shared", ticker), lines.at("target", ticker)
        return diluted_shares_of(value, solved, away, instruments, ticker)

    lines.line(
        "target_shares",
        "Diluted shares at the target",
        "M shares",
        SHARES,
        shares,
        core=core["shares"],
    )


def _growth(lines: Lines, figures: Figures, inputs: InputCells, sotp: Lines) -> None:
    day = inputs.date
    lines.line(
        "per_share",
        "Value per share",
        "USD/share",
        PER_SHARE,
        lambda ticker: sotp.there("per_share", ticker),
        style="link",
        core=figures.valuation()["per_share"],
    )
    lines.line(
        "value_shares",
        "Diluted shares at the value",
        "M shares",
        SHARES,
        lambda ticker: sotp.there("shares", ticker),
        style="link",
        core=figures.valuation()["shares"],
    )
    lines.line(
        "cost_of_equity",
        "Yearly return that rolls it forward",
        "fraction",
        PERCENT,
        lambda ticker: inputs.usable(ticker, "cost_of_equity"),
        style="link",
    )
    lines.line(
        "target_date",
        "Day the target is set for",
        "date",
        DATE,
        lambda ticker: inputs.usable(ticker, "target_date"),
        style="link",
    )
    lines.line(
        "days",
        "Days to the target date",
        "days",
        COUNT,
        lambda ticker: MAX(lines.at("target_date", ticker) - day, ZERO),
        note="0 from that day on",
    )
    lines.line(
        "growth",
        "Growth to the target date",
        "ratio",
        FACTOR,
        lambda t: growth_of(lines.at("cost_of_equity", t), lines.at("days", t), inputs),
        core=figures.target()["growth"],
        note="(1 + cost of equity) to the power of days / 365.25",
    )
