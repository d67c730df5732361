"""Why the sites of a miner are worth another sum than its option by the company rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workbook.model.excel import IF, MAX, MIN, NA, ONE, ZERO, Term
from workbook.model.lines import Lines, Make, Pair
from workbook.model.sheets.facts.input_cells import NONE_STATED
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import MEGAWATTS, MONEY_EXACT

GROSS: Final = "MW gross"


def used_mw(lines: Lines, column: str, index: int) -> Term:
    """Give the MW of a site that count: those left, as far as they are owned, up to the cap."""

    def at(key: str) -> Term:
        return lines.at(f"{key}_{index}", column)

    ratio, critical = lines.at("gross_to_critical", column), at("site_critical")
    let = at("site_gross") + IF(critical > ZERO, critical * ratio, ZERO)
    left = MAX(at("site_offered") - let, ZERO) * at("site_owned")
    return MIN(left, lines.at("tenant_cap", column))


def plan_steps(lines: Lines, hpc: Lines, number: int) -> None:
    """Plan what the company rule gives, and three steps from it to the sum that add up."""
    lines.section("Why the sum by site is not what the company rule gives")

    def at(key: str, ticker: str) -> Term:
        return lines.at(key, ticker)

    def there(key: str, ticker: str) -> Term:
        return hpc.there(key, ticker)

    def of_sites(ticker: str, weigh: Callable[[int], Term]) -> Term:
        parts = [weigh(index) * used_mw(lines, ticker, index) for index in range(number)]
        return sum(parts[1:], parts[0])

    def probability(ticker: str) -> Term:
        stated = there("hpc_probability", ticker)
        return IF(stated.equals(NONE_STATED), NA, stated)

    def rule(ticker: str) -> Term:
        return probability(ticker) * there("capped", ticker) * there(VALUES[USE], ticker)

    def more_mw(ticker: str) -> Term:
        more = at("used", ticker) - there("capped", ticker)
        return probability(ticker) * more * there(VALUES[USE], ticker)

    def other_probability(ticker: str) -> Term:
        expected = at("used", ticker) * probability(ticker)
        return (at("expected", ticker) - expected) * there(VALUES[USE], ticker)

    def wait(ticker: str) -> Term:
        later = at("weighted", ticker) - at("expected", ticker)
        return later * there(VALUES[USE], ticker)

    signed = "#,##0.00_);-#,##0.00_);-_)"
    makes: tuple[tuple[str, str, str, str, Make, str], ...] = (
        ("used", "MW used of all sites", GROSS, MEGAWATTS, lambda t: of_sites(t, lambda _: ONE),
         "left and owned, up to the cap of each site"),
        ("expected", "MW used x probability", GROSS, "#,##0.0_);-#,##0.0_);-_)",
         lambda t: of_sites(t, lambda index: at(f"site_probability_{index}", t)), ""),
        ("rule", "Company rule", "USD M", MONEY_EXACT, rule,
         "probability of the company x MW capped once x value per MW; sheet HPC"),
        ("by_mw", "+ more or fewer MW", "USD M", signed, more_mw,
         "(MW used - MW capped) x probability of the company x value per MW"),
        ("by_probability", "+ probability by site", "USD M", signed, other_probability,
         "MW used x (probability of the sites - of the company) x value per MW"),
        ("by_wait", "+ wait until energization", "USD M", signed, wait,
         "what the discount takes off"),
        ("steps", "= sum by site", "USD M", MONEY_EXACT,
         lambda t: at("rule", t) + at("by_mw", t) + at("by_probability", t) + at("by_wait", t),
         "#N/A where the company rule has no probability"),
    )  # fmt: skip
    for key, label, unit, number_format, make, note in makes:
        style = "total" if key in ("rule", "steps") else "calculation"
        lines.line(key, label, unit, number_format, make, style=style, note=note)
    for ticker in lines.columns:
        native, made = lines.cells["worth"][ticker], lines.cells["steps"][ticker]
        lines.pairs.append(Pair(f"{ticker}: steps to the sum by site", "worth", native, made, made))
