"""Implied: the MW, the probability and the value per MW that a share price pays for."""

from __future__ import annotations

from typing import Final

from workbook.model.excel import (
    ABS,
    IF,
    ISERROR,
    MAX,
    NA,
    ZERO,
    Term,
    text,
)
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines, Pair
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.valuation.dilution_instruments import (
    DilutionInstruments,
    dilution_instruments,
    per_share_of,
    value_of_new_shares,
)
from workbook.model.sheets.valuation.target_functions import put_functions
from workbook.model.sheets.valuation.targets import NONE_PUBLISHED
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import COUNT, MONEY_EXACT, PER_MW, PER_SHARE, PERCENT, PRICE, TEXT

NAME: Final = "Implied"


def plan_implied(
    figures: Figures, inputs: InputCells, hpc: Lines, sotp: Lines, dilution: Lines, targets: Lines
) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "What the share price pays for",
        "At a given price the diluted shares are known, so the option the price pays for follows, "
        "and each of its three factors in closed form. MW are not capped.",
        figures.tickers,
    )
    instruments = dilution_instruments(figures)
    lines.section("Value the price stands for, USD M")
    _worth(lines, inputs, instruments, hpc, sotp, dilution, targets)
    lines.name_missing((), lambda ticker: [targets.there("missing", ticker)])
    lines.section("Factors of the option")
    _factors(lines, hpc)
    lines.section("What the price pays for")
    _implied(lines, figures)
    lines.section("Put back: the value per share with these MW is the price")
    _put_back(lines, instruments, dilution)
    lines.section("Through functions")
    rows = (
        ("mw", "HPC_IMPLIED_MW", "MW gross", COUNT),
        ("prob", "HPC_IMPLIED_PROB", "fraction", PERCENT),
        ("per_mw", "HPC_IMPLIED_PER_MW", "USD M/MW gross", PER_MW),
    )
    put_functions(lines, figures, rows)
    return lines


def _worth(
    lines: Lines,
    inputs: InputCells,
    instruments: DilutionInstruments,
    hpc: Lines,
    sotp: Lines,
    dilution: Lines,
    targets: Lines,
) -> None:
    lines.line(
        "price",
        "Share price",
        "USD/share",
        PRICE,
        lambda t: targets.there("price", t),
        style="link",
    )

    def claims(ticker: str) -> Term:
        price = lines.at("price", ticker)
        above = value_of_new_shares(price, Elsewhere(dilution), instruments, ticker)
        equity = dilution.there("shares_basic", ticker) * price
        return equity + dilution.there("principal", ticker) + above

    lines.line(
        "claims",
        "Claims of shares, notes and warrants at the price",
        "USD M",
        MONEY_EXACT,
        claims,
        note="basic x price + principal + new shares in the money x (price - conversion price)",
    )
    lines.line(
        "other_debt",
        "Debt that cannot convert",
        "USD M",
        MONEY_EXACT,
        lambda t: dilution.there("other_debt", t),
        style="link",
    )

    def without(ticker: str) -> Term:
        first, *rest = (sotp.there(key, ticker) for key in ("mining", "hodl", "other", "cash"))
        apart = [hpc.there(key, ticker) for key in ("signed_value_use", "cloud", "land")]
        return sum((*rest, *apart), first)

    lines.line(
        "without",
        "All parts but the option",
        "USD M",
        MONEY_EXACT,
        without,
        style="link",
        note="MW that an edition names are set aside",
    )

    def left(ticker: str) -> Term:
        worth = lines.at("claims", ticker) + lines.at("other_debt", ticker)
        return worth - lines.at("without", ticker)

    lines.line("left", "Left for the option", "USD M", MONEY_EXACT, left)

    def paid(ticker: str) -> Term:
        rest, without = lines.at("left", ticker), lines.at("without", ticker)
        noise = inputs.constants["rounding"] * MAX(ABS(without), ABS(rest + without))
        return IF(ABS(rest) <= noise, ZERO, IF(rest < ZERO, NA, rest))

    lines.line("paid", "Option the price pays for", "USD M", MONEY_EXACT, paid, style="total")

    def state(ticker: str) -> Term:
        below = text("price is below the value without the option")
        unpaid = IF(ISERROR(lines.at("paid", ticker)), below, text("-"))
        return IF(ISERROR(lines.at("left", ticker)), text("a fact is missing"), unpaid)

    lines.line("state", "Why not, where it is #N/A", "", TEXT, state, style="missing")
    lines.sheet.heights[lines.row - 1] = 36


def _factors(lines: Lines, hpc: Lines) -> None:
    for key, source, label, unit, number_format in (
        ("probability", "hpc_probability", "Probability that the MW are let", "fraction", PERCENT),
        ("capped", "capped", "MW capped", "MW gross", COUNT),
        ("value", VALUES[USE], "Equity value per MW, in use", "USD M/MW gross", PER_MW),
        ("cap", "tenant_cap", "Demand of one tenant (cap)", "MW gross", COUNT),
    ):
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda ticker, source=source: hpc.there(source, ticker),  # type: ignore[misc]
            style="link",
        )


def _implied(lines: Lines, figures: Figures) -> None:
    def share(ticker: str, factor: Term) -> Term:
        return IF(factor > ZERO, lines.at("paid", ticker) / factor, NA)

    lines.line(
        "mw",
        "MW let for sure at the value in use",
        "MW gross",
        COUNT,
        lambda t: share(t, lines.at("value", t)),
        style="total",
        core=figures.call("HPC_IMPLIED_MW"),
        note="option paid for / value per MW",
    )

    def against_cap(ticker: str) -> Term:
        over = text("above one tenant's demand")
        verdict = IF(lines.at("mw", ticker) > lines.at("cap", ticker), over, text("within it"))
        return IF(ISERROR(lines.at("mw", ticker)), text("-"), verdict)

    lines.line("flag", "Against one tenant's demand", "", TEXT, against_cap, style="small_right")
    lines.sheet.heights[lines.row - 1] = 22
    lines.line(
        "prob",
        "Probability of the MW shopped, net, at the value in use",
        "fraction",
        PERCENT,
        lambda t: share(t, lines.at("capped", t) * lines.at("value", t)),
        style="total",
        core=figures.call("HPC_IMPLIED_PROB"),
        note="option paid for / (MW capped x value per MW); above 100% the price pays for more",
    )

    def per_mw(ticker: str) -> Term:
        probability = lines.at("probability", ticker)
        weighted = share(ticker, probability * lines.at("capped", ticker))
        return IF(probability.equals(NONE_PUBLISHED), NA, weighted)

    lines.line(
        "per_mw",
        "Value per MW at the edition's probability",
        "USD M/MW gross",
        PER_MW,
        per_mw,
        style="total",
        core=figures.call("HPC_IMPLIED_PER_MW"),
        note="option paid for / (probability x MW capped); #N/A where no probability is applied",
    )


def _put_back(lines: Lines, instruments: DilutionInstruments, dilution: Lines) -> None:
    away = Elsewhere(dilution)

    def shared(ticker: str) -> Term:
        option = lines.at("mw", ticker) * lines.at("value", ticker)
        return lines.at("without", ticker) + option - lines.at("other_debt", ticker)

    lines.line("shared", "Value to be shared", "USD M", MONEY_EXACT, shared)
    lines.line(
        "back",
        "Value per share",
        "USD/share",
        PER_SHARE,
        lambda t: per_share_of(lines.at("shared", t), away, instruments, t),
        style="result",
    )
    lines.line(
        "bare",
        "Value per share without the option",
        "USD/share",
        PER_SHARE,
        lambda t: per_share_of(
            lines.at("without", t) - lines.at("other_debt", t), away, instruments, t
        ),
        style="result",
        note="the price above it is what is paid for the option; MW named set aside",
    )
    for ticker in lines.columns:
        price, back, mw = (lines.cells[key][ticker] for key in ("price", "back", "mw"))
        lines.pairs.append(Pair(f"{ticker}: price put back", "back", price, back, mw))
