"""MW still offered, in cells: those shopped as stated, less what was let since, place by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from valuation_core.book.tables import Row
from workbook.model.excel import AND, IF, ISNUMBER, MAX, MIN, NA, ONE, OR, SUM, ZERO, Term, text
from workbook.model.lines import Lines
from workbook.model.sheets.facts.deal_keys import (
    PLACE_CRITICAL,
    PLACE_GROSS,
    PLACE_KEY,
    PLACE_NAME,
    PLACE_OFFERED,
    SILENT,
    SINCE,
    TOO_DEEP,
)
from workbook.model.sheets.facts.input_cells import MINER, InputCells
from workbook.model.sheets.facts.keys import count_where, picked, row_of
from workbook.model.sheets.facts.miner_keys import TICKER, key_of, most_of_a_miner, shopped_on
from workbook.model.sheets.facts.what_if_cells import IN_EFFECT, OFF, SHOPPED, driver_cell
from workbook.style import DATE, MEGAWATTS, TEXT

GROSS: Final = "MW gross"

STATED: Final = (
    ("offered", "MW it offered", GROSS),
    ("let_gross", "MW let there since, gross", GROSS),
    ("let_critical", "MW let there since, critical", "MW critical"),
)
"""Key, label and unit of what is stated of a place."""

_COLUMNS: Final = {
    "offered": PLACE_OFFERED,
    "let_gross": PLACE_GROSS,
    "let_critical": PLACE_CRITICAL,
}
"""Helper column of each, in the row of the first deal at a place."""

NOTHING: Final = text("-")
"""Stands for the name of a place or site where a miner has fewer than there is room for."""


def places_of(deals: Iterable[Row]) -> int:
    """Give for how many places of one miner there is room, by the rows of the table of deals."""
    leases = [row for row in deals if row["kind"] == "colo"]
    return most_of_a_miner(leases, "site")


def plan_places(lines: Lines, inputs: InputCells) -> None:
    """Plan what was let since the MW shopped were stated, by place: where that many are let."""
    keys, number = inputs.keys["deals"], places_of(inputs.keys["deals"].table.rows_built)
    names, place_keys = keys.span(PLACE_NAME), keys.span(PLACE_KEY)
    tickers, since, silent = (keys.span(name) for name in (TICKER, SINCE, SILENT))
    too_deep = keys.span(TOO_DEEP)
    lines.line(
        "let_from",
        "MW shopped were stated on",
        "date",
        DATE,
        lambda ticker: shopped_on(inputs, ticker),
        style="link",
        note="colocation deals announced later have let some of them; yours are of today",
    )

    def places(ticker: str) -> Term:
        head = lines.title(ticker)
        unclear = count_where([(tickers, "=", head), (since, "=", ONE), (silent, "=", ONE)])
        deep = count_where([(tickers, "=", head), (too_deep, "=", ONE)])
        beyond = row_of(key_of(head, number + 1), place_keys)
        found = ZERO
        for k in range(number):
            found = found + IF(lines_row(ticker, k) > ZERO, ONE, ZERO)
        return IF(OR(unclear > ZERO, deep > ZERO, beyond > ZERO), NA, found)

    def lines_row(ticker: str, k: int) -> Term:
        return lines.at(f"place_row_{k}", ticker)

    for k in range(number):
        lines.line(
            f"place_row_{k}",
            f"Place {k + 1} where MW were let since: its first row on sheet AllDeals",
            "",
            "0_);;-_)",
            lambda ticker, k=k: row_of(key_of(lines.title(ticker), k + 1), place_keys),  # type: ignore[misc]
            style="link",
        )
        lines.line(
            f"place_{k}",
            f"Place {k + 1} where MW were let since",
            "",
            TEXT,
            lambda ticker, k=k: IF(  # type: ignore[misc]
                lines_row(ticker, k) > ZERO, picked(names, lines_row(ticker, k)), NOTHING
            ),
            style="fact_small",
        )
        for key, label, unit in STATED:
            column = keys.span(_COLUMNS[key])
            lines.line(
                f"{key}_{k}",
                label,
                unit,
                MEGAWATTS,
                lambda ticker, k=k, column=column: IF(  # type: ignore[misc]
                    lines_row(ticker, k) > ZERO, picked(column, lines_row(ticker, k)), ZERO
                ),
            )
    lines.line(
        "places",
        "Places where MW were let since",
        "",
        "0_)",
        places,
        note="#N/A for a deal that states no MW, or more places than there are lines for",
    )


def plan_net(lines: Lines, inputs: InputCells) -> None:
    """Plan what the deals use up, place by place, and the MW that are left, on gross MW."""
    number = places_of(inputs.keys["deals"].table.rows_built)

    def used(column: str, index: int) -> Term:
        offered, gross, critical = (lines.at(f"{key}_{index}", column) for key, *_ in STATED)
        on_gross = IF(critical > ZERO, critical * lines.at("gross_to_critical", column), ZERO)
        let = gross + on_gross
        return IF(ISNUMBER(offered), MIN(offered, let), let)

    for index in range(number):
        lines.line(
            f"used_{index}",
            f"Used up at place {index + 1}",
            GROSS,
            MEGAWATTS,
            lambda column, index=index: used(column, index),  # type: ignore[misc]
            note="smaller of the MW it offered and the MW let there" if index == 0 else "",
        )

    def let(column: str) -> Term:
        total = SUM(lines.span("used_0", f"used_{number - 1}", column))
        return IF(lines.at("places", column) > ZERO, total, ZERO)

    lines.line("let", "Let since", GROSS, MEGAWATTS, let)
    lines.line(
        "left",
        "MW shopped, less let since",
        GROSS,
        MEGAWATTS,
        lambda c: MAX(lines.at("hpc_mw_shopped", c) - lines.at("let", c), ZERO),
        note="as stated less let since: a MW is never both signed and optional",
    )

    def net(ticker: str) -> Term:
        tried = Term(driver_cell(SHOPPED, IN_EFFECT).there, OFF)
        critical = inputs.on_critical(ticker, SHOPPED).equals(ONE)
        gross = IF(critical, tried * lines.at("gross_to_critical", ticker), tried)
        chosen = Term(MINER.there, inputs.miner).equals(text(ticker))
        return IF(AND(chosen, ISNUMBER(tried)), gross, lines.at("left", ticker))

    lines.line(
        "net",
        "MW shopped, net",
        GROSS,
        MEGAWATTS,
        net,
        style="total",
        note="what What-if tries, if it does",
    )
