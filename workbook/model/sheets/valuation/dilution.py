"""Dilution: the value per share and the diluted shares solved together, exactly, in cells.

What all claims take rises with the value per share in straight pieces with a bend where a note
converts or a warrant pays. A bend is passed exactly when the claims at it are below the value to be
shared, so the piece is found by one comparison each and nothing is tried out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from valuation_core.catalogue.catalogue import formula
from workbook.model.excel import IF, ISNUMBER, NA, SUM, ZERO, Term, function_of
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.plan import MISSING, Value
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.dilution_slots import Slots, passed, slots_of
from workbook.style import MONEY_EXACT, PER_SHARE, PLAIN, SHARES

NAME: Final = "Dilution"
NAME_HEIGHT: Final = 26
SLOT_PRICE: Final = "#,##0.0000_);(#,##0.0000);-_)"


def plan_dilution(figures: Figures, inputs: InputCells, sotp: Lines) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "Diluted shares",
        "A note converts above principal / shares, a warrant pays above its strike (treasury-stock "
        "method). Value per share and shares are solved together, exactly and without iteration.",
        figures.tickers,
    )
    slots = slots_of(figures)
    lines.section("Instruments outstanding, from the book (corporate, with a share count)")
    _instruments(lines, slots)
    lines.section("Claims")
    _claims(lines, inputs, slots)
    lines.name_missing(("shares_basic", "other_debt"), called={"other_debt": "debt"})
    lines.section("What all claims take when the value per share reaches each bend, USD M")
    for index in range(slots.number):
        lines.line(
            f"reached_{index}",
            f"Bend {index + 1}",
            "USD M",
            MONEY_EXACT,
            lambda ticker, index=index: _reached(lines, slots, ticker, index),  # type: ignore[misc]
            note="basic shares x bend + principal + claims of the bends below"
            if index == 0
            else "",
        )
    lines.section("Solution")
    _solution(lines, figures, sotp, slots)
    return lines


def _instruments(lines: Lines, slots: Slots) -> None:
    blocks = (
        ("names", "Instrument", "", PLAIN, "fact_small", "table of instruments, in file order"),
        ("at", "Bend", "USD/share", SLOT_PRICE, "fact", "principal / shares, or the strike"),
        ("slope", "Shares that join above it", "M shares", MONEY_EXACT, "fact", ""),
        ("repaid", "Principal that leaves debt", "USD M", MONEY_EXACT, "fact", ""),
        ("strike_shares", "Shares that pay a strike", "M shares", MONEY_EXACT, "fact", ""),
    )
    for name, label, unit, number_format, style, note in blocks:
        for index in range(slots.number):
            lines.stated(
                f"{name}_{index}",
                f"{label} {index + 1}",
                unit,
                number_format,
                lambda ticker, name=name, index=index: slots.value(name, ticker, index),  # type: ignore[misc]
                style=style,
                note=note if index == 0 else "",
            )
            if name == "names":
                lines.sheet.heights[lines.row - 1] = NAME_HEIGHT


def _claims(lines: Lines, inputs: InputCells, slots: Slots) -> None:
    lines.line(
        "shares_basic",
        "Basic shares",
        "M shares",
        SHARES,
        lambda ticker: inputs.usable(ticker, "shares_basic"),
        style="link",
    )
    last = slots.number - 1
    lines.line(
        "principal",
        "Principal of convertible notes",
        "USD M",
        MONEY_EXACT,
        lambda ticker: SUM(lines.span("repaid_0", f"repaid_{last}", ticker)),
    )

    def loans(ticker: str) -> Value:
        one = slots.found[ticker]
        return MISSING if one is None else one.loans

    lines.stated(
        "loans",
        "Loans and notes that cannot convert",
        "USD M",
        MONEY_EXACT,
        loans,
        note="table of instruments; blank where the miner has no debt instrument",
    )

    def debt(ticker: str) -> Term:
        stated = lines.at("loans", ticker)
        if slots.found[ticker] is not None and loans(ticker) is None:
            return inputs.usable(ticker, "debt_reported")
        return stated

    lines.line(
        "other_debt",
        "Debt that cannot convert",
        "USD M",
        MONEY_EXACT,
        debt,
        style="link",
        note="loans, or the reported debt where there is no debt instrument",
    )


def _reached(lines: Lines, slots: Slots, ticker: str, index: int) -> Term:
    """Give the claims at a bend: basic shares, all principal, and what joined below it."""
    bend = lines.at(f"at_{index}", ticker)
    last = slots.number - 1
    below = function_of(
        lambda at, bends, shares: f"SUMPRODUCT(({at}>{bends})*({at}-{bends})*{shares})",
        lambda at, bends, shares: sum(
            max(at - one, 0.0) * slope for one, slope in zip(bends, shares, strict=True)
        ),
        bend,
        lines.span("at_0", f"at_{last}", ticker),
        lines.span("slope_0", f"slope_{last}", ticker),
    )
    return lines.at("shares_basic", ticker) * bend + lines.at("principal", ticker) + below


def _solution(lines: Lines, figures: Figures, sotp: Lines, slots: Slots) -> None:
    core = figures.valuation()

    def add(
        key: str,
        label: str,
        unit: str,
        number_format: str,
        make: Callable[[str], Term],
        note: str = "",
        **options: Any,
    ) -> None:
        lines.line(key, label, unit, number_format, make, note=note, **options)

    def over(ticker: str, *amounts: str) -> Term:
        return passed(lines.at("shared", ticker), lines, slots, ticker, *amounts)

    add("assets", "Assets", "USD M", MONEY_EXACT, lambda t: sotp.there("assets", t), style="link")
    add(
        "shared",
        "Value to be shared",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("assets", t) - lines.at("other_debt", t),
        "assets less debt that cannot convert",
    )
    add(
        "joined",
        "Shares of the bends passed",
        "M shares",
        SHARES,
        lambda t: over(t, "slope"),
        "a bend is passed where the value to be shared exceeds the claims at it",
    )
    add(
        "offset",
        "Shares of the bends passed x their bend",
        "USD M",
        MONEY_EXACT,
        lambda t: over(t, "slope", "at"),
    )
    add(
        "per_share",
        "Value per share",
        "USD/share",
        PER_SHARE,
        lambda t: (
            (lines.at("shared", t) - lines.at("principal", t) + lines.at("offset", t))
            / (lines.at("shares_basic", t) + lines.at("joined", t))
        ),
        "(value - principal + shares x bends passed) / (basic shares + shares passed)",
        style="total",
        core=core["per_share"],
    )
    add("repaid", "Principal that converts", "USD M", MONEY_EXACT, lambda t: over(t, "repaid"))
    add(
        "debt_left",
        "Debt that remains",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("other_debt", t) + lines.at("principal", t) - lines.at("repaid", t),
        core=core["debt"],
    )
    add(
        "bought",
        "Strikes paid",
        "USD M",
        MONEY_EXACT,
        lambda t: over(t, "at", "strike_shares"),
        "they buy shares back at the value per share",
    )

    def shares(ticker: str) -> Term:
        bought = lines.at("bought", ticker)
        back = IF(bought.equals(ZERO), ZERO, bought / lines.at("per_share", ticker))
        return lines.at("shares_basic", ticker) + lines.at("joined", ticker) - back

    add(
        "shares",
        "Diluted shares",
        "M shares",
        SHARES,
        shares,
        "basic + joined - strikes paid / value per share",
        style="total",
        core=core["shares"],
    )


def close_dilution(figures: Figures, lines: Lines, targets: Lines) -> None:
    """Plan the shares at the market price, and both counts through the function."""
    slots = slots_of(figures)
    price = {ticker: targets.value("price", ticker) for ticker in figures.tickers}
    at_price = _at_price(figures, price)
    lines.section("At the share price")
    lines.line(
        "price",
        "Share price",
        "USD/share",
        PER_SHARE,
        lambda ticker: targets.there("price", ticker),
        style="link",
    )

    def shares(ticker: str) -> Term:
        price = lines.at("price", ticker)
        joined = passed(price, lines, slots, ticker, "slope", thresholds="at")
        bought = passed(price, lines, slots, ticker, "at", "strike_shares", thresholds="at")
        found = lines.at("shares_basic", ticker) + joined - bought / price
        # Like the function, which lays out all claims, debt included, before it counts shares.
        return IF(ISNUMBER(lines.at("other_debt", ticker)), found, NA)

    lines.line(
        "shares_at_price", "Diluted shares at the price", "M shares", SHARES, shares, core=at_price
    )
    lines.section("Through functions")
    lines.function(
        "function_shares",
        "HPC_DILUTED_SHARES, at the value",
        "M shares",
        SHARES,
        lambda ticker: formula("HPC_DILUTED_SHARES", miner=lines.head(ticker), book=BOOK_NAME),
        figures.call("HPC_DILUTED_SHARES"),
        of="shares",
    )
    lines.function(
        "function_at_price",
        "HPC_DILUTED_SHARES, at the price",
        "M shares",
        SHARES,
        lambda ticker: formula(
            "HPC_DILUTED_SHARES",
            miner=lines.head(ticker),
            price=lines.at("price", ticker).text,
            book=BOOK_NAME,
        ),
        at_price,
        of="shares_at_price",
    )


def _at_price(figures: Figures, price: dict[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for ticker, value in price.items():
        if isinstance(value, float):
            found[ticker] = figures.one("HPC_DILUTED_SHARES", miner=ticker, price=value)
        else:
            found[ticker] = MISSING
    return found
