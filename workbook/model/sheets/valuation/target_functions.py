"""Targets: the same figures through functions, beside the native ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import NOT_AVAILABLE
from workbook.model.figures import Figures
from workbook.model.lines import Lines, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.style import PER_SHARE, PERCENT, PRICE, TEXT

PUBLISHED: Final = (
    ("price", PRICE),
    ("old_target", PRICE),
    ("target", PRICE),
    ("old_rating", TEXT),
    ("rating", TEXT),
    ("upside", PERCENT),
    ("rule_rating", TEXT),
)
"""Items of HPC_PUBLISHED in the order of their lines, which stand one below the other."""


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
            formula(name, miner=lines.heads, book=BOOK_NAME),
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
    lines.functions(*_published(lines, figures))


def _published(lines: Lines, figures: Figures) -> tuple[str, list[Through]]:
    """Write the call of all published items, in the order of the native lines, and its lines."""
    made = []
    for item, number_format in PUBLISHED:
        key = item if item == "rule_rating" else f"published_{item}"
        native = {ticker: lines.value(key, ticker) for ticker in figures.tickers}
        labelled = {
            ticker: NOT_AVAILABLE if native[ticker] == NOT_AVAILABLE else value
            for ticker, value in figures.call("HPC_PUBLISHED", item=item).items()
        }
        unit = "" if "rating" in item else "fraction" if item == "upside" else "USD/share"
        label = f'HPC_PUBLISHED, "{item}"'
        made.append(
            Through(
                f"function_published_{item}", label, unit, number_format, labelled, key, note=item
            )
        )
    item = lines.notes_of_next(len(made))
    call = formula("HPC_PUBLISHED", miner=lines.heads, item=item, book=BOOK_NAME)
    none = f'{lines.block(f"published_{PUBLISHED[0][0]}", "rule_rating").here}="{NOT_AVAILABLE}"'
    return f'IF({none},"{NOT_AVAILABLE}",{call})', made
