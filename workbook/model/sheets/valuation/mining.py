"""Mining: four years of gross profit by subsidy period, in cells and through functions.

Where revenue falls with the growth of the network and profits are discounted, both daily, the days
of a period make two geometric sums: one of revenue, one of power. The day on which revenue meets
the cost of power is solved for, so nothing is added up day by day.
"""

from __future__ import annotations

from typing import Final

from valuation_core.book import METRICS
from valuation_core.catalogue.catalogue import formula
from workbook.cells import NOT_AVAILABLE
from workbook.model.excel import IF, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME, InputCells
from workbook.model.sheets.valuation.halvings import SUBSIDY_DAY
from workbook.model.sheets.valuation.mining_periods import PERIODS, mining_value, plan_chain
from workbook.style import COUNT, DATE, MONEY_EXACT, PERCENT, RATIO

NAME: Final = "Mining"
MINER_FACTS: Final = (
    ("hashrate", "Deployed hashrate", "EH/s", "#,##0.0_)"),
    ("guided_hashrate_share", "Share of the way to guided hashrate", "fraction", PERCENT),
    ("uptime", "Share of the hashrate that runs", "fraction", PERCENT),
    ("efficiency", "Energy per terahash", "J/TH", "0.00_)"),
    ("power_price", "All-in price of electricity", "USD/MWh", "0.00_)"),
    ("network_growth", "Growth of the network", "fraction/year", PERCENT),
    ("mining_discount_rate", "Discount rate of mining", "fraction/year", PERCENT),
)
STATED_FACTS: Final = (
    ("hashrate_guided", "Guided hashrate", "EH/s", "#,##0.0_)"),
    ("hashrate_displaced", "Hashrate displaced by HPC", "EH/s", "#,##0.0_)"),
    ("displaced_on", "Day it stops mining", "date", DATE),
)
"""Facts that a miner may do without."""
NETWORK_FACTS: Final = (
    ("btc_price", "Price of a bitcoin", "USD", COUNT),
    ("network_hashrate", "Hashrate of the network", "EH/s", COUNT),
    ("fee_share", "Fees as a share of the subsidy", "fraction", "0.00%_)"),
    ("block_subsidy", "New bitcoin per block", "BTC/block", RATIO),
    (SUBSIDY_DAY, "Day that subsidy is of", "date", DATE),
    ("blocks_per_day", "Blocks found a day", "blocks/day", "0.0_)"),
    ("halving_date", "Day of the next halving", "date", DATE),
)

ALL_FACTS: Final = (*MINER_FACTS, *STATED_FACTS, *NETWORK_FACTS)


def plan_mining(figures: Figures, inputs: InputCells) -> Lines:
    """Plan the sheet."""
    lines = Lines(
        NAME,
        "Mining",
        "Gross profit of the next four years at today's network, by subsidy period. Black and "
        "green cells are native formulas, purple cells HPC_ functions.",
        figures.tickers,
    )
    lines.section("Facts")
    for key, label, unit, number_format in MINER_FACTS:
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda ticker, key=key: inputs.usable(ticker, key),  # type: ignore[misc]
            style="link",
        )
    for key, label, unit, number_format in STATED_FACTS:
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda ticker, key=key: inputs.stated(ticker, key),  # type: ignore[misc]
            style="link",
            note=f'"{NOT_AVAILABLE}": none is stated' if key == "hashrate_guided" else "",
        )
    for key, label, unit, number_format in NETWORK_FACTS:
        lines.line(
            key,
            label,
            unit,
            number_format,
            lambda _, key=key: _network_fact(inputs, key),  # type: ignore[misc]
            style="link",
        )
    facts = [fact[0] for fact in ALL_FACTS if fact[0] in METRICS]
    lines.name_missing(facts)
    plan_chain(lines, inputs)
    lines.section("Value")
    lines.line(
        "hashprice",
        "Hashprice",
        "USD/PH/s-day",
        RATIO,
        lambda ticker: hashprice(lines, inputs, ticker),
        core=dict.fromkeys(figures.tickers, figures.one("HPC_HASHPRICE")),
        note="revenue of a PH/s in a day, today",
    )
    core = figures.call("HPC_MINING_VALUE")
    lines.line(
        "mining",
        "Mining",
        "USD M",
        MONEY_EXACT,
        lambda ticker: mining_value(lines, inputs, ticker),
        style="total",
        core=core,
        note="hashrate x uptime x profit of all periods, less that of displaced hashrate",
    )
    _functions(lines, figures)
    return lines


def _network_fact(inputs: InputCells, key: str) -> Term:
    if key == SUBSIDY_DAY:
        return inputs.day_of(("NETWORK", "block_subsidy"))
    return inputs.usable("NETWORK", key)


def hashprice(lines: Lines, inputs: InputCells, ticker: str) -> Term:
    """Revenue of the first period that has a day, per PH/s."""
    earned = lines.at(f"earned_{PERIODS}", ticker)
    for period in range(PERIODS - 1, 0, -1):
        has_days = lines.at(f"end_{period}", ticker) > ZERO
        earned = IF(has_days, lines.at(f"earned_{period}", ticker), earned)
    return earned / inputs.constants["ph_per_eh"]


def _functions(lines: Lines, figures: Figures) -> None:
    lines.section("Through functions")
    price = figures.one("HPC_HASHPRICE")
    lines.function(
        "function_hashprice",
        "HPC_HASHPRICE",
        "USD/PH/s-day",
        RATIO,
        # One price for all: the condition spreads it over the columns.
        f'IF({lines.heads}="","",{formula("HPC_HASHPRICE", book=BOOK_NAME)})',
        dict.fromkeys(lines.columns, price),
        of="hashprice",
    )
    lines.function(
        "function_mining",
        "HPC_MINING_VALUE",
        "USD M",
        MONEY_EXACT,
        formula("HPC_MINING_VALUE", miner=lines.heads, book=BOOK_NAME),
        figures.call("HPC_MINING_VALUE"),
        of="mining",
    )
