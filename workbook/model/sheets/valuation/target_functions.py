"""Targets: the same figures through functions, beside the native ones."""

from __future__ import annotations

from collections.abc import Iterable

from valuation_core.catalogue.catalogue import formula
from workbook.cells import NOT_AVAILABLE
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.style import PER_SHARE, PERCENT, PRICE, TEXT


def put_functions(
    lines: Lines, figures: Figures, rows: Iterable[tuple[str, str, str, str]]
) -> None:
    """Put a line through each function of a miner alone: key of its figure, name, unit, format."""
    for key, name, unit, number_format in rows:
        lines.function(
            f"function_{key}",
            name,
            unit,
            number_format,
            lambda ticker, name=name: formula(name, miner=lines.head(ticker), book=BOOK_NAME),  # type: ignore[misc]
            figures.call(name),
            of=key,
        )


def put_target_functions(lines: Lines, figures: Figures) -> None:
    """Put the functions of target, rating and the published figures under the native lines."""
    rows = (
        ("target", "HPC_TARGET", "USD/share", PER_SHARE),
        ("upside", "HPC_UPSIDE", "fraction", PERCENT),
        ("rating", "HPC_RATING", "", TEXT),
    )
    put_functions(lines, figures, rows)
    for item, number_format in (
        ("target", PRICE),
        ("rating", TEXT),
        ("price", PRICE),
        ("upside", PERCENT),
        ("rule_rating", TEXT),
    ):
        key = item if item == "rule_rating" else f"published_{item}"
        native = {ticker: lines.value(key, ticker) for ticker in figures.tickers}
        labelled = {
            ticker: NOT_AVAILABLE if native[ticker] == NOT_AVAILABLE else value
            for ticker, value in figures.call("HPC_PUBLISHED", item=item).items()
        }

        def call(ticker: str, item: str = item, key: str = key) -> str:
            miner = lines.head(ticker)
            made = formula("HPC_PUBLISHED", miner=miner, item=f'"{item}"', book=BOOK_NAME)
            return f'IF({lines.at(key, ticker).text}="{NOT_AVAILABLE}","{NOT_AVAILABLE}",{made})'

        unit = "" if "rating" in item else "fraction" if item == "upside" else "USD/share"
        lines.function(
            f"function_published_{item}",
            f'HPC_PUBLISHED, "{item}"',
            unit,
            number_format,
            call,
            labelled,
            of=key,
        )
