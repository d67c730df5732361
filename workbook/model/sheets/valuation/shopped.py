"""MW still offered, in cells: those shopped as stated, less what was let since, place by place."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from typing import Final

from valuation_core.errors import ValuationError
from valuation_core.shopped import Let, let_since
from workbook.cells import MISSING, Value
from workbook.model.excel import IF, ISNUMBER, MAX, MIN, ONE, SUM, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.style import MEGAWATTS, TEXT

GROSS: Final = "MW gross"
ALL_OF_IT: Final = "all of it"
"""What a place that the book does not know had to offer: whatever was let there."""

STATED: Final = (
    ("offered", "MW it offered", GROSS),
    ("let_gross", "MW let there since, gross", GROSS),
    ("let_critical", "MW let there since, critical", "MW critical"),
)
"""Key, label and unit of what is stated of a place."""


@dataclass(frozen=True)
class Places:
    """What was let since the shopped MW of the book were stated, by miner and place."""

    found: dict[str, list[Let] | None]
    number: int

    def value(self, key: str, ticker: str, index: int) -> Value:
        """Give a figure of one place of a miner; nothing where it has fewer."""
        lets = self.found[ticker]
        if lets is None:
            return MISSING
        if index >= len(lets):
            return "-" if key == "place" else 0.0
        let = lets[index]
        offered: Value = ALL_OF_IT if isinf(let.offered) else let.offered
        figures: dict[str, Value] = {
            "place": let.place,
            "offered": offered,
            "let_gross": let.gross,
            "let_critical": let.critical,
        }
        return figures[key]


def places_of(figures: Figures) -> Places:
    """Lay out what each miner has let since; a deal that states no MW spoils its miner."""
    plain = figures.book.plain
    found: dict[str, list[Let] | None] = {}
    for ticker in figures.tickers:
        # A value of the analyst is of the book's date; what was let before it does not count.
        fact = plain.find(ticker, "hpc_mw_shopped")
        try:
            found[ticker] = let_since(figures.book, ticker, fact.as_of) if fact else []
        except ValuationError:
            found[ticker] = None
    return Places(found, max(1, *(len(lets or ()) for lets in found.values())))


def plan_places(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan what is stated of each place, and whether it counts."""
    places = places_of(figures)
    for index in range(places.number):
        lines.stated(
            f"place_{index}",
            f"Place {index + 1} where MW were let since",
            "",
            TEXT,
            lambda ticker, index=index: places.value("place", ticker, index),  # type: ignore[misc]
            style="fact_small",
            note="colocation deals announced after the day of the MW shopped" if index == 0 else "",
        )
        for key, label, unit in STATED:
            lines.stated(
                f"{key}_{index}",
                label,
                unit,
                MEGAWATTS,
                lambda ticker, key=key, index=index: places.value(key, ticker, index),  # type: ignore[misc]
            )

    def counts(ticker: str) -> Term:
        own = inputs.is_own(inputs.place(ticker, "hpc_mw_shopped"))
        return IF(own, ZERO, ONE)

    lines.line(
        "let_counts",
        "Whether it counts: 0 beside MW of your own",
        "",
        "0",
        counts,
        style="link",
        note="your own MW shopped are of the date of the book: nothing was let since",
    )


def plan_net(lines: Lines, number: int) -> None:
    """Plan what the deals use up, place by place, and the MW that are left, on gross MW."""

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

    lines.line(
        "let_since",
        "Let since, whether it counts or not",
        GROSS,
        MEGAWATTS,
        lambda column: SUM(lines.span("used_0", f"used_{number - 1}", column)),
    )

    def let(column: str) -> Term:
        counts = lines.at("let_counts", column).equals(ONE)
        return IF(counts, lines.at("let_since", column), ZERO)

    lines.line("let", "Let since", GROSS, MEGAWATTS, let)
    lines.line(
        "net",
        "MW shopped, net",
        GROSS,
        MEGAWATTS,
        lambda c: MAX(lines.at("hpc_mw_shopped", c) - lines.at("let", c), ZERO),
        style="total",
        note="as stated less let since: a MW is never both signed and optional",
    )
