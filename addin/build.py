"""Build the model workbook, with progress on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from valuation_core.book import Book
from valuation_core.coverage import Coverage, coverage
from workbook.model import build_model


def build(book: Book, miners: Sequence[str], path: Path) -> Coverage:
    """Value the miners, write the workbook and give the coverage table it shows."""
    with Console(stderr=True).status("Valuing and writing the workbook ..."):
        table = coverage(book, miners)
        build_model(table, path)
    return table
