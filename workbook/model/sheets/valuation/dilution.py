"""Dilution: the value per share and the diluted shares solved together, exactly, in cells.

What all claims take rises with the value per share. A note or warrant is in the money exactly when
the claims at its conversion price or strike are below the value to be shared, so each is decided by
one comparison and nothing is tried out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import MISSING, Value
from workbook.model.excel import (
    IF,
    ISERROR,
    ISNUMBER,
    NA,
    SUM,
    ZERO,
    Term,
)
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.facts.instrument_keys import DEBT, LOAN, total
from workbook.model.sheets.valuation.dilution_instruments import (
    DilutionInstruments,
    dilution_instruments,
    in_the_money,
    value_of_new_shares,
)
from workbook.model.sheets.valuation.dilution_slots import is_in_full, plan_slots
from workbook.style import COUNT, MONEY_EXACT, PER_SHARE, SHARES

NAME: Final = "Dilution"


def plan_dilution(figures: Figures, inputs: InputCells, sotp: Lines) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "Diluted shares",
        "Notes by the if-converted method, warrants by the treasury-stock method. Value per share "
        "and shares are solved together, exactly and without iteration.",
        figures.tickers,
    )
    instruments = dilution_instruments(figures)
    lines.section("Instruments outstanding on the date, from the table of instruments")
    plan_slots(lines, inputs.keys["instruments"], instruments)
    lines.section("Claims")
    _claims(lines, inputs, instruments)
    lines.name_missing(("shares_basic", "other_debt"), called={"other_debt": "debt"})
    lines.section("Claims when the value per share is at each conversion price or strike, USD M")
    for index in range(instruments.number):
        lines.line(
            f"claims_at_{index}",
            f"Claims at conversion price or strike {index + 1}",
            "USD M",
            MONEY_EXACT,
            lambda ticker, index=index: _claims_at(lines, instruments, ticker, index),  # type: ignore[misc]
            note="basic x price + principal + new shares in the money x (price - their own price)"
            if index == 0
            else "",
        )
    lines.section("Solution")
    _solution(lines, figures, sotp, instruments)
    return lines


def _claims(lines: Lines, inputs: InputCells, instruments: DilutionInstruments) -> None:
    lines.line(
        "shares_basic",
        "Basic shares",
        "M shares",
        SHARES,
        lambda ticker: inputs.usable(ticker, "shares_basic"),
        style="link",
    )
    last = instruments.number - 1
    lines.line(
        "principal",
        "Principal of convertible notes",
        "USD M",
        MONEY_EXACT,
        lambda ticker: SUM(lines.span("converted_0", f"converted_{last}", ticker)),
    )
    keys = inputs.keys["instruments"]

    def of_keys(heading: str, ticker: str) -> Term:
        return total(keys, heading, Term(lines.head(ticker), ticker))

    lines.line(
        "debts",
        "Notes and loans outstanding",
        "number",
        COUNT,
        lambda ticker: of_keys(DEBT, ticker),
        note="corporate, convertible notes too",
    )
    lines.line(
        "loans",
        "Loans and notes that cannot convert",
        "USD M",
        MONEY_EXACT,
        lambda ticker: IF(is_in_full(lines, ticker), of_keys(LOAN, ticker), NA),
        note="table of instruments",
    )

    def debt(ticker: str) -> Term:
        reported = inputs.usable(ticker, "debt_reported")
        found = IF(lines.at("debts", ticker).equals(ZERO), reported, lines.at("loans", ticker))
        return IF(ISERROR(lines.at("loans", ticker)), NA, found)

    lines.line(
        "other_debt",
        "Debt that cannot convert",
        "USD M",
        MONEY_EXACT,
        debt,
        style="link",
        note="loans, or the reported debt where there is no debt instrument",
    )


def _claims_at(lines: Lines, instruments: DilutionInstruments, ticker: str, index: int) -> Term:
    """Give the claims at a conversion price: basic shares, all principal, what is in the money."""
    price = lines.at(f"conversion_price_{index}", ticker)
    new = value_of_new_shares(price, lines, instruments, ticker)
    return lines.at("shares_basic", ticker) * price + lines.at("principal", ticker) + new


def _solution(
    lines: Lines, figures: Figures, sotp: Lines, instruments: DilutionInstruments
) -> None:
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
        return in_the_money(lines.at("shared", ticker), lines, instruments, ticker, *amounts)

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
        "new_shares",
        "New shares in the money",
        "M shares",
        SHARES,
        lambda t: over(t, "new_shares"),
        "in the money: the value to be shared exceeds the claims at the conversion price",
    )
    add(
        "paid_for_new",
        "New shares x conversion price or strike",
        "USD M",
        MONEY_EXACT,
        lambda t: over(t, "new_shares", "conversion_price"),
    )
    add(
        "per_share",
        "Value per share",
        "USD/share",
        PER_SHARE,
        lambda t: (
            (lines.at("shared", t) - lines.at("principal", t) + lines.at("paid_for_new", t))
            / (lines.at("shares_basic", t) + lines.at("new_shares", t))
        ),
        "(value - principal + new shares x conversion price) / (basic + new shares)",
        style="total",
        core=core["per_share"],
    )
    add("converted", "Principal converted", "USD M", MONEY_EXACT, lambda t: over(t, "converted"))
    add(
        "debt_left",
        "Debt that remains",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("other_debt", t) + lines.at("principal", t) - lines.at("converted", t),
        core=core["debt"],
    )
    add(
        "proceeds",
        "Proceeds of exercise",
        "USD M",
        MONEY_EXACT,
        lambda t: over(t, "conversion_price", "exercised"),
        "they buy shares back at the value per share (treasury-stock method)",
    )

    def shares(ticker: str) -> Term:
        proceeds = lines.at("proceeds", ticker)
        back = IF(proceeds.equals(ZERO), ZERO, proceeds / lines.at("per_share", ticker))
        return lines.at("shares_basic", ticker) + lines.at("new_shares", ticker) - back

    add(
        "shares",
        "Diluted shares",
        "M shares",
        SHARES,
        shares,
        "basic + new shares - proceeds of exercise / value per share",
        style="total",
        core=core["shares"],
    )


def close_dilution(figures: Figures, lines: Lines, targets: Lines) -> None:
    """Plan the shares at the market price, and both counts through the function."""
    instruments = dilution_instruments(figures)
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

        def counted(*amounts: str) -> Term:
            return in_the_money(
                price, lines, instruments, ticker, *amounts, above="conversion_price"
            )

        proceeds = counted("conversion_price", "exercised")
        found = lines.at("shares_basic", ticker) + counted("new_shares") - proceeds / price
        # Like the function, which lays out all claims, debt included, before it counts shares.
        return IF(ISNUMBER(lines.at("other_debt", ticker)), found, NA)

    lines.line(
        "shares_at_price", "Diluted shares at the price", "M shares", SHARES, shares, core=at_price
    )
    lines.section("Through functions")
    price_given = lines.argument(
        "price", "Share price as the function takes it", "USD/share", PER_SHARE
    )
    at_given = formula("HPC_DILUTED_SHARES", miner=lines.heads, price=price_given, book=BOOK_NAME)
    lines.function(
        "function_shares",
        "HPC_DILUTED_SHARES, at the value",
        "M shares",
        SHARES,
        formula("HPC_DILUTED_SHARES", miner=lines.heads, book=BOOK_NAME),
        figures.call("HPC_DILUTED_SHARES"),
        of="shares",
    )
    lines.function(
        "function_at_price",
        "HPC_DILUTED_SHARES, at the price",
        "M shares",
        SHARES,
        f"IF(ISERROR({lines.across('price').here}),NA(),{at_given})",
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
