"""SOTP: the sum of the parts of each miner, in USD millions and per diluted share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.parts import ASSETS
from workbook.cells import MISSING, NOT_AVAILABLE, ErrorValue, Value
from workbook.model.excel import IF, ISERROR, ONE, SUM, ZERO, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import Lines, Make, Pair, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.facts.instrument_keys import (
    DEBT,
    SPOILS,
    add_instrument_columns,
    total,
)
from workbook.model.sheets.valuation.pro_forma_cash import plan_changes
from workbook.style import COUNT, MONEY_EXACT, PER_SHARE, RATIO, SHARES

NAME: Final = "SOTP"
LABELS: Final = {
    "mining": ("Mining", "four years of gross profit at today's network"),
    "hodl": ("Bitcoin held", "BTC held x BTC price x premium"),
    "named": ("Named MW", "MW named by the edition x value per MW; in place of the next parts"),
    "signed": ("Signed deals", "colocation deals, not probability-weighted; beyond named MW"),
    "option": ("HPC option", "probability x MW capped x value per MW; 0 where none is applied"),
    "cloud": ("GPU cloud", "MW of GPU cloud x value per MW"),
    "land": ("Land and power", "approved MW without a use x value per MW"),
    "other": ("Other", "the analyst's: stakes, growth"),
    "cash": ("Cash, pro forma", "cash of the balance date and what notes and loans changed since"),
}
"""Label and making of each part that adds to equity."""


def plan_sotp(figures: Figures, inputs: InputCells, mining: Lines, hpc: Lines) -> Lines:
    """Plan the parts that add to equity; `close_sotp` adds debt, equity and the value per share."""
    lines = Lines(
        NAME,
        "Sum of the parts",
        "Equity = mining + bitcoin held + named + signed + option + cloud + land + other + cash - "
        "debt; per share over the diluted shares solved with it.",
        figures.tickers,
    )
    lines.section("Facts")
    facts = (
        ("btc_held", "Bitcoin held", "BTC", COUNT, ""),
        ("btc_price", "Price of a bitcoin", "USD", COUNT, "NETWORK"),
        ("hodl_premium", "Value of held bitcoin over spot", "ratio", RATIO, ""),
        ("other_value", "Value of everything else", "USD M", MONEY_EXACT, ""),
        ("cash", "Cash of the balance date", "USD M", MONEY_EXACT, ""),
    )
    for key, label, unit, number_format, scope in facts:

        def fact(ticker: str, key: str = key, scope: str = scope) -> Term:
            return inputs.usable(scope or ticker, key)

        lines.line(_fact_key(key), label, unit, number_format, fact, style="link")
    add_instrument_columns(inputs.keys["instruments"])
    plan_changes(lines, figures, inputs)
    lines.name_missing(
        [*(_fact_key(fact[0]) for fact in facts), "cash_change"],
        lambda ticker: [
            *(sheet.there("missing", ticker) for sheet in (mining, hpc)),
            *_claims_missing(lines, inputs, ticker),
        ],
        {_fact_key("cash"): "cash", "cash_change": "instruments"},
    )
    lines.section("Parts, USD M")
    makes = _parts(lines, inputs, mining, hpc)
    core = figures.valuation()
    for part in ASSETS:
        label, note = LABELS[part]
        style = "link" if part in ("mining", "named") else "calculation"
        lines.line(
            part, label, "USD M", MONEY_EXACT, makes[part], style=style, core=core[part], note=note
        )
    lines.line(
        "assets",
        "Assets",
        "USD M",
        MONEY_EXACT,
        lambda ticker: SUM(lines.span(ASSETS[0], ASSETS[-1], ticker)),
        style="total",
        note="sum of the parts before debt",
    )
    return lines


def _claims_missing(lines: Lines, inputs: InputCells, ticker: str) -> list[Term]:
    """Name shares, the debt where it is the reported one, instruments that state too little."""

    def missing(metric: str) -> Term:
        return IF(ISERROR(inputs.usable(ticker, metric)), text(f"{metric} "), text(""))

    keys, head = inputs.keys["instruments"], Term(lines.head(ticker), ticker)
    lacking = IF(total(keys, SPOILS, head) > ZERO, text("instruments "), text(""))
    # The changes of cash say so themselves.
    lacking = IF(ISERROR(lines.at("cash_change", ticker)), text(""), lacking)
    reported = IF(total(keys, DEBT, head).equals(ZERO), missing("debt_reported"), text(""))
    return [missing("shares_basic"), lacking, reported]


def _fact_key(metric: str) -> str:
    """Give the key of a fact's line; cash is a fact and a part."""
    return f"{metric} fact" if metric in ASSETS else metric


def _parts(lines: Lines, inputs: InputCells, mining: Lines, hpc: Lines) -> dict[str, Make]:
    def hodl(ticker: str) -> Term:
        held = lines.at("btc_held", ticker) * lines.at("btc_price", ticker)
        return held * lines.at("hodl_premium", ticker) / inputs.constants["million"]

    def apart(ticker: str, term: Term, where_named: Term = ZERO) -> Term:
        return IF(hpc.there("named", ticker).equals(ONE), where_named, term)

    def option(ticker: str) -> Term:
        value = hpc.there("option_use", ticker)
        return apart(ticker, IF(value.equals(text(NOT_AVAILABLE)), ZERO, value))

    def signed(ticker: str) -> Term:
        beyond = hpc.there("beyond_value", ticker)
        return apart(ticker, hpc.there("signed_value_use", ticker), beyond)

    return {
        "mining": lambda ticker: mining.there("mining", ticker),
        "hodl": hodl,
        "named": lambda ticker: hpc.there("named_value", ticker),
        "signed": signed,
        "option": option,
        "cloud": lambda ticker: apart(ticker, hpc.there("cloud", ticker)),
        "land": lambda ticker: apart(ticker, hpc.there("land", ticker)),
        "other": lambda ticker: lines.at("other_value", ticker),
        "cash": lambda ticker: lines.at("cash fact", ticker) + lines.at("cash_change", ticker),
    }


def close_sotp(figures: Figures, lines: Lines, dilution: Lines) -> None:
    """Plan debt, equity, diluted shares and the value per share, and all of it per share."""
    core = figures.valuation()
    negative = {
        ticker: value if isinstance(value, ErrorValue) else 0.0 - value  # type: ignore[operator]
        for ticker, value in core["debt"].items()
    }
    lines.line(
        "debt",
        "Debt",
        "USD M",
        MONEY_EXACT,
        lambda ticker: -dilution.there("debt_left", ticker),
        core=negative,
        note="loans and notes that do not convert at the value per share",
    )
    lines.line(
        "equity",
        "Equity",
        "USD M",
        MONEY_EXACT,
        lambda ticker: lines.at("assets", ticker) + lines.at("debt", ticker),
        style="total",
        core=core["equity"],
    )
    lines.line(
        "shares",
        "Diluted shares",
        "M shares",
        SHARES,
        lambda ticker: dilution.there("shares", ticker),
        style="link",
        core=core["shares"],
        note="solved together with the value per share",
    )
    lines.section("Per diluted share, USD")
    for part in (*ASSETS, "debt"):

        def per_share(ticker: str, part: str = part) -> Term:
            return lines.at(part, ticker) / lines.at("shares", ticker)

        label = "Debt" if part == "debt" else LABELS[part][0]
        lines.line(f"{part}_per_share", label, "USD/share", PER_SHARE, per_share)
    lines.line(
        "per_share",
        "Value per share",
        "USD/share",
        PER_SHARE,
        lambda ticker: lines.at("equity", ticker) / lines.at("shares", ticker),
        style="total",
        core=core["per_share"],
        note="equity / diluted shares",
    )
    for ticker in lines.columns:
        summed, solved = lines.cells["per_share"][ticker], dilution.cells["per_share"][ticker]
        label = f"{ticker}: value per share, summed and solved"
        lines.pairs.append(Pair(label, "per_share", summed, solved, summed))
    _add_up(lines)


def _add_up(lines: Lines) -> None:
    """Plan the sum of the parts per share, which is the value per share."""
    first, last = f"{ASSETS[0]}_per_share", "debt_per_share"
    lines.line(
        "added",
        "Parts per share added up",
        "USD/share",
        PER_SHARE,
        lambda ticker: SUM(lines.span(first, last, ticker)),
        note="a check of the units: it is the value per share",
    )
    for ticker in lines.columns:
        added, value = lines.cells["added"][ticker], lines.cells["per_share"][ticker]
        lines.pairs.append(Pair(f"{ticker}: parts per share add up", "added", added, value, added))


def add_functions(figures: Figures, lines: Lines, targets: Lines) -> None:
    """Plan the lines of HPC_SOTP, beside the parts of this sheet and the target of another."""
    lines.section("Through functions (HPC_SOTP, one line of its table each)")
    core, aim = dict(figures.valuation()), figures.target()
    rows = [(part, f"HPC_SOTP: {LABELS[part][0]}", "USD M", lines) for part in ASSETS]
    rows += [("debt", "HPC_SOTP, debt", "USD M", lines)]
    rows += [("equity", "HPC_SOTP, equity", "USD M", lines)]
    rows += [("shares", "HPC_SOTP, diluted shares", "M shares", lines)]
    rows += [("per_share", "HPC_SOTP, value per share", "USD/share", lines)]
    rows += [("rolled", "HPC_SOTP, roll-forward", "USD M", targets)]
    rows += [("target_shares", "HPC_SOTP, diluted shares at the target", "M shares", targets)]
    rows += [("target", "HPC_SOTP, target", "USD/share", targets)]
    core["rolled"] = {
        # A table without a target is one error, whatever of it could be given.
        ticker: MISSING if isinstance(target, ErrorValue) else targets.value("rolled", ticker)
        for ticker, target in aim["per_share"].items()
    }
    core["target_shares"], core["target"] = aim["shares"], aim["per_share"]
    made = []
    for part, label, unit, native in rows:
        sign = -1.0 if part == "debt" else 1.0
        values: dict[str, Value] = {
            ticker: MISSING if isinstance(value, ErrorValue) else sign * value  # type: ignore[operator]
            for ticker, value in core[part].items()
        }
        gate = "target" if native is targets else "per_share"
        number_format = PER_SHARE if unit == "USD/share" else MONEY_EXACT
        made.append(
            Through(f"function_{part}", label, unit, number_format, values, part, gate, "", native)
        )
    lines.functions_by_column(_calls(lines, len(made)), made)


def _calls(lines: Lines, count: int) -> Callable[[str], str]:
    """Write what spills down a column: the table of its miner, one line of it each."""
    units = lines.units_of_next(count)
    line = f"ROW({units})-ROW($B${lines.row - 1})+1"
    column = f'COLUMNS($A${lines.row}:$B${lines.row})+({units}="USD/share")'

    def call(ticker: str) -> str:
        table = formula("HPC_SOTP", miner=lines.head(ticker), book=BOOK_NAME)
        # A table that fails is one error: the condition spreads it over all lines.
        return f'IF({units}="","",IFERROR(INDEX({table},{line},{column}),NA()))'

    return call
