"""Subsidy periods in cells: from the facts of a column to the profit of one EH/s in each period.

Where revenue falls with the growth of the network and profits are discounted, both daily, the days
of a period make two geometric sums: one of revenue, one of power. The day on which revenue meets
the cost of power is solved for, so nothing is added up day by day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from valuation_core.mining import power_per_exahash_day
from workbook.cells import Value
from workbook.model.excel import (
    AND,
    IF,
    INT,
    LN,
    MAX,
    MIN,
    NA,
    ONE,
    OR,
    ZERO,
    Term,
    text,
)
from workbook.model.lines import Lines, Make
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.valuation.halvings import plan_halvings
from workbook.model.sheets.valuation.hashrate import plan_hashrate
from workbook.style import COUNT, FACTOR

PERIODS: Final = 4
"""Subsidy periods that the sheet has room for; four years reach into two or three."""

Key = Callable[[str], str]
"""Gives the key of a line of one period."""


def plan_chain(lines: Lines, inputs: InputCells) -> None:
    """Plan the lines from facts to the profit per EH/s of each period."""
    constant = inputs.constants
    plan_hashrate(lines, inputs)
    plan_halvings(lines, inputs)
    lines.section("One EH/s at today's network")

    def at(key: str) -> dict[str, Term]:
        return {column: lines.at(key, column) for column in lines.columns}

    def coins(column: str) -> Term:
        before = constant["halving_factor"] ** lines.at("halvings", column)
        return lines.at("block_subsidy", column) / before * lines.at("blocks_per_day", column)

    def revenue(column: str) -> Term:
        earned = at("coins")[column] * at("btc_price")[column]
        return earned * (ONE + at("fee_share")[column]) / at("network_hashrate")[column]

    def power(column: str) -> Term:
        return at("efficiency")[column] * constant["hours_a_day"] * at("power_price")[column]

    lines.line(
        "coins",
        "Coins of the network before the halving",
        "BTC/day",
        "0.0_)",
        coins,
        note="block subsidy x blocks per day; doubled for each halving before the subsidy's day",
    )
    lines.line(
        "revenue",
        "Revenue before the halving",
        "USD/EH/s-day",
        COUNT,
        revenue,
        note="coins x BTC price x (1 + fee share) / network hashrate",
    )
    power_figures = {column: _power_figure(lines, column) for column in lines.columns}
    lines.line(
        "power",
        "Cost of power",
        "USD/EH/s-day",
        COUNT,
        power,
        core=power_figures,
        note="J/TH x 24 x USD/MWh",
    )

    def daily(key: str) -> dict[str, Term]:
        return {
            column: (ONE + lines.at(key, column)) ** (-ONE / constant["days_a_year"])
            for column in lines.columns
        }

    lines.line(
        "falls",
        "Revenue of a day over the day before",
        "ratio",
        FACTOR,
        daily("network_growth").__getitem__,
        note="(1 + network growth) to the power of -1 / 365.25",
    )
    lines.line(
        "discount",
        "Discount of a day",
        "ratio",
        FACTOR,
        daily("mining_discount_rate").__getitem__,
        note="(1 + discount rate) to the power of -1 / 365.25",
    )
    for period in range(1, PERIODS + 1):
        _plan_period(lines, inputs, period)


def _power_figure(lines: Lines, column: str) -> Value:
    efficiency, price = lines.value("efficiency", column), lines.value("power_price", column)
    if isinstance(efficiency, float) and isinstance(price, float):
        return float(power_per_exahash_day(efficiency, price))
    return NA.value


def _plan_period(lines: Lines, inputs: InputCells, period: int) -> None:
    """Plan one period: its days, those on which mining pays, and the profit of them."""
    constant = inputs.constants
    lines.section(f"Subsidy period {period}" + (": to the halving" if period == 1 else ""))

    def key(name: str) -> str:
        return f"{name}_{period}"

    def get(name: str, column: str) -> Term:
        return lines.at(key(name), column)

    def start(column: str) -> Term:
        return ZERO if period == 1 else lines.at(f"end_{period - 1}", column)

    def end(column: str) -> Term:
        halving = lines.at("to_halving", column)
        for _ in range(period - 1):
            halving = halving + lines.at("between", column)
        return MIN(constant["horizon_days"], MAX(ZERO, halving))

    def earned(column: str) -> Term:
        if period == 1:
            return lines.at("revenue", column)
        return lines.at(f"earned_{period - 1}", column) * constant["halving_factor"]

    lines.line(
        key("start"), "First day", "day", "#,##0", start, note="days from the date of the book"
    )
    lines.line(
        key("end"),
        "Day after the last",
        "day",
        "#,##0",
        end,
        note="next halving, within the horizon",
    )
    lines.line(
        key("earned"),
        "Revenue at today's network",
        "USD/EH/s-day",
        COUNT,
        earned,
        note="half of the period before" if period > 1 else "",
    )
    lines.line(
        key("meets"),
        "Day on which revenue meets power",
        "day",
        "#,##0.0;-#,##0.0;-",
        lambda column: _meets(lines, key, column),
        note="ln(power / revenue) / ln(fall of a day); - where it never does",
    )
    lines.line(
        key("on"),
        "Mining pays from day",
        "day",
        "#,##0",
        lambda column: _first_on(lines, key, column),
        note="below power cost it is switched off",
    )
    lines.line(
        key("off"),
        "Mining pays to before day",
        "day",
        "#,##0",
        lambda column: _first_off(lines, key, column),
    )
    lines.line(key("state"), "State", "", "General", lambda column: _state(lines, key, column))

    def profit_between(first: str, after: str) -> Make:
        def profit(column: str) -> Term:
            days = get(first, column), get(after, column)
            gross = get("earned", column) * _sum_of_powers(get("falling", column), *days)
            discount = _sum_of_powers(lines.at("discount", column), *days)
            return gross - lines.at("power", column) * discount

        return profit

    lines.line(
        key("falling"),
        "Fall and discount of a day",
        "ratio",
        FACTOR,
        lambda column: lines.at("falls", column) * lines.at("discount", column),
    )
    lines.line(
        key("profit"),
        "Profit of one EH/s",
        "USD/EH/s",
        COUNT,
        profit_between("on", "off"),
        note="revenue x sum of falls and discounts - power x sum of discounts",
    )

    def displaced_to(column: str) -> Term:
        return MAX(get("off", column), get("lost_on", column))

    lines.line(
        key("lost_on"),
        "Displaced hashrate would mine from day",
        "day",
        "#,##0",
        lambda column: MAX(
            get("on", column), MIN(get("end", column), lines.at("displaced_from", column))
        ),
    )
    lines.line(key("lost_off"), "and to before day", "day", "#,##0", displaced_to)
    lines.line(
        key("lost"),
        "Profit of one EH/s displaced",
        "USD/EH/s",
        COUNT,
        profit_between("lost_on", "lost_off"),
    )


def _sum_of_powers(ratio: Term, first: Term, after: Term) -> Term:
    """Sum of the powers of a ratio from the first day on to the last: (x^a - x^b) / (1 - x)."""
    return IF(ratio.equals(ONE), after - first, (ratio**first - ratio**after) / (ONE - ratio))


def _meets(lines: Lines, key: Key, column: str) -> Term:
    revenue, power = lines.at(key("earned"), column), lines.at("power", column)
    falls = lines.at("falls", column)
    never = OR(power <= ZERO, revenue <= ZERO, falls.equals(ONE))
    return IF(never, ZERO, LN(power / revenue) / LN(falls))


def _first_on(lines: Lines, key: Key, column: str) -> Term:
    start, end, revenue, meets = (
        lines.at(key(name), column) for name in ("start", "end", "earned", "meets")
    )
    power, falls = lines.at("power", column), lines.at("falls", column)
    flat = IF(revenue > power, start, end)
    rising = MIN(end, MAX(start, INT(meets) + ONE))
    moving = IF(falls < ONE, start, rising)
    paid = IF(revenue <= ZERO, end, IF(falls.equals(ONE), flat, moving))
    return IF(power <= ZERO, start, paid)


def _first_off(lines: Lines, key: Key, column: str) -> Term:
    end, on, meets, revenue = (
        lines.at(key(name), column) for name in ("end", "on", "meets", "earned")
    )
    power, falls = lines.at("power", column), lines.at("falls", column)
    falling = AND(falls < ONE, power > ZERO, revenue > ZERO)
    last = MAX(on, MIN(end, -INT(-meets)))
    return IF(falling, last, end)


def _state(lines: Lines, key: Key, column: str) -> Term:
    start, end, on, off = (lines.at(key(name), column) for name in ("start", "end", "on", "off"))
    runs = IF(off - on < end - start, text("partly off"), text("on"))
    return IF(end <= start, text("-"), IF(off <= on, text("switched off"), runs))


def mining_value(lines: Lines, inputs: InputCells, ticker: str) -> Term:
    """Give the value of all periods; a horizon with more of them than the sheet has is #N/A."""
    million = inputs.constants["million"]

    def total(name: str) -> Term:
        first, *rest = (lines.at(f"{name}_{period}", ticker) for period in range(1, PERIODS + 1))
        return sum(rest, first)

    uptime = lines.at("uptime", ticker)
    gross = lines.at("valued", ticker) * uptime * total("profit") / million
    lost = lines.at("displaced", ticker) * uptime * total("lost") / million
    covered = lines.at(f"end_{PERIODS}", ticker) >= inputs.constants["horizon_days"]
    return IF(covered, gross - lost, NA)
