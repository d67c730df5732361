"""Sheets that our commands add for themselves: which is ours, and what a new one is called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from addin.closed.explain_cell import NAME as EXPLAIN
from addin.closed.explain_cell import TITLE
from workbook.refresh.feed import NAME as FEED
from workbook.refresh.feed import is_feed
from workbook.refresh.log import HEADINGS
from workbook.refresh.log import NAME as LOG

ADDED = (LOG, EXPLAIN)


def is_ours(name: str, first_row: Collection[Any]) -> bool:
    """Tell by its first row whether a sheet is the Log, the Explain or the Feed that we wrote."""
    if name == FEED:
        return is_feed(first_row)
    if name == LOG:
        return set(HEADINGS) <= set(first_row)
    return name == EXPLAIN and any(str(value).startswith(TITLE) for value in first_row)


def ours_called(
    name: str, sheets: Iterable[str], first_row: Callable[[str], Collection[Any]]
) -> tuple[str, bool]:
    """Give what the sheet Log, Explain or Feed of ours is called, and whether it is there already.

    A sheet of the analyst of that name stays as it is; ours stands beside it under another one.

    Examples
    --------
    >>> ours_called("Log", ["log", "Data"], lambda sheet: ["calls with the company"])
    ('HPC Log', False)
    >>> ours_called("Log", ["LOG", "HPC Log"], lambda sheet: HEADINGS if "HPC" in sheet else [])
    ('HPC Log', True)
    """
    present = {sheet.casefold(): sheet for sheet in sheets}
    numbered = (f"HPC {name} {number}" for number in range(2, len(present) + 3))
    titles = (name, f"HPC {name}", *numbered)
    for title in titles:
        found = present.get(title.casefold())
        if found is not None and is_ours(name, first_row(found)):
            return found, True
    return next(title for title in titles if title.casefold() not in present), False
