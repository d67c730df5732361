"""What a workbook shows in its own cells, where a plan of it must follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from valuation_core.book import Book


@dataclass(frozen=True, slots=True)
class Shown:
    """What the cells of a workbook in use say."""

    facts: Book
    """Its facts as Inputs shows them, which may say more of them than functions read."""
    sources: tuple[str, ...] = ()
    """What the sheet of sources lists."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """The miner chosen on a sheet, by its name."""
