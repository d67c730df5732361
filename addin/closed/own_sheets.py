"""Sheets that our commands add for themselves: whose a sheet of such a name is, and what then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from addin.closed.explain_cell import NAME as EXPLAIN
from addin.closed.explain_cell import TITLE
from workbook.errors import WorkbookError
from workbook.refresh.log import HEADINGS
from workbook.refresh.log import NAME as LOG

ADDED = (LOG, EXPLAIN)


def is_ours(name: str, first_row: Collection[Any]) -> bool:
    """Tell by its first row whether the sheet Log or Explain is one that we wrote."""
    if name == LOG:
        return set(HEADINGS) <= set(first_row)
    return name == EXPLAIN and any(str(value).startswith(TITLE) for value in first_row)


def holds_ours(
    file: str, name: str, sheets: Iterable[str], first_row: Callable[[str], Collection[Any]]
) -> bool:
    """Tell whether a workbook has the sheet Log or Explain of ours already.

    Raises
    ------
    WorkbookError
        When a sheet of the analyst has the name, which Excel tells apart in no letter case.
    """
    found = next((sheet for sheet in sheets if sheet.casefold() == name.casefold()), None)
    if found is not None and not is_ours(found, first_row(found)):
        raise WorkbookError(
            f"{file} has a sheet {found} of its own, a name that ours needs: rename it in Excel, "
            "save, and do this again; nothing was changed"
        )
    return found is not None
