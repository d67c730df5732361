"""Why the sites of a miner are worth another sum than its option by the company rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workbook.model.excel import IF, MAX, MIN, ONE, ZERO, Term
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

    def where_stated(ticker: str, found: Callable[[Term], Term], otherwise: Term) -> Term:
        probability = there("hpc_probability", ticker)
        return IF(probability.equals(NONE_STATED), otherwise, found(probability))

    def rule(ticker: str) -> Term:
        mw, value = there("capped", ticker), there(VALUES[USE], ticker)
        return where_stated(ticker, lambda probability: probability * mw * value, NONE_STATED)

    def more_mw(ticker: str) -> Term:
        more = (at("used", ticker) - there("capped", ticker)) * there(VALUES[USE], ticker)
        return where_stated(ticker, lambda probability: probability * more, NONE_STATED)

    def other_probability(ticker: str) -> Term:
        value, used = there(VALUES[USE], ticker), at("used", ticker)

        def more(probability: Term) -> Term:
            return (at("expected", ticker) - used * probability) * value

        return where_stated(ticker, more, NONE_STATED)

    def steps(ticker: str) -> Term:
        parts = [at(key, ticker) for key in ("rule", "by_mw", "by_probability", "by_wait")]
        return where_stated(ticker, lambda _: sum(parts[1:], parts[0]), at("worth", ticker))

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
        ("by_mw", "Change: MW used", "USD M", signed, more_mw,
         "(MW used - MW capped) x probability of the company x value per MW"),
        ("by_probability", "Change: probability by site", "USD M", signed, other_probability,
         "MW used x (probability of the sites - of the company) x value per MW"),
        ("by_wait", "Change: wait until energization", "USD M", signed, wait,
         "what the discount takes off"),
        ("steps", "Sum by site, step by step", "USD M", MONEY_EXACT, steps,
         "n/a above: the edition applies no probability to the company"),
    )  # fmt: skip
    for key, label, unit, number_format, make, note in makes:
        style = "total" if key in ("rule", "steps") else "calculation"
        lines.line(key, label, unit, number_format, make, style=style, note=note)
    for ticker in lines.columns:
        native, made = lines.cells["worth"][ticker], lines.cells["steps"][ticker]
        lines.pairs.append(Pair(f"{ticker}: steps to the sum by site", "worth", native, made, made))
