"""What a workbook in use shows in its own cells, where a plan of it must follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from valuation_core.book import Book
from valuation_core.book.tables import Tables
from workbook.cells import Value


@dataclass(frozen=True, slots=True)
class Shown:
    """What a plan of a workbook in use takes from it, beside its book."""

    tables: Tables | None = None
    """Its tables with every row, known on its date or later."""
    rows_built: Mapping[str, int] = field(default_factory=dict)
    """Rows that each table of the book was laid out for; more of them stand in the spare ones."""
    laid_out: Book | None = None
    """The book that the workbook was built with, by which its sheets are laid out."""
    sources: tuple[str, ...] = ()
    """What the sheet of sources lists."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """The miner, or the deal, chosen on a sheet, by its name."""
    compared: Mapping[tuple[int, int], Value] = field(default_factory=dict)
    """What is typed into the cells that choose the two books of Bridge, by row and column."""
