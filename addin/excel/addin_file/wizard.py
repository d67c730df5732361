"""Texts that help at typing: the function wizard's and those of IntelliSense."""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue

LONGEST_HELP: Final = 255
"""Excel cuts the texts of the function wizard here."""

INTELLISENSE_SHEET: Final = "_IntelliSense_"
"""Excel-DNA's IntelliSense reads a sheet of this name in any open add-in."""


def category(card: Card) -> str:
    """Give the category under which the function wizard lists a function."""
    return f"HPC: {card.group}"


def helps(card: Card) -> list[str]:
    """Give the text of every argument, as long as Excel takes it."""
    return [(argument.help or card.summary)[:LONGEST_HELP] for argument in card.arguments]


def intellisense_rows() -> list[list[str]]:
    """Give the rows of the sheet: name, description, help, then each argument's name and text.

    Examples
    --------
    >>> intellisense_rows()[1][0], intellisense_rows()[1][3]
    ('HPC_VALUE', 'miner')
    """
    rows = [["FunctionInfo", "1.0"]]
    for card in catalogue().values():
        pairs = zip(card.arguments, helps(card), strict=True)
        named = [part for argument, text in pairs for part in (argument.name, text)]
        rows.append([card.name, card.summary[:LONGEST_HELP], "", *named])
    return rows
