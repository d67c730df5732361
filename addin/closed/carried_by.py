"""The book of a closed model workbook, for commands that only look into it."""

from __future__ import annotations

from pathlib import Path

from addin.closed.carried import Carried
from addin.closed.core_figures import names_of
from addin.closed.planned_anew import carried_in
from addin.closed.workbook import ClosedWorkbook


def book_carried_by(path: Path) -> Carried:
    """Read the book that a model workbook carries: tables, date, case and own values.

    Raises
    ------
    WorkbookError
        When it is no workbook, or carries no book.
    """
    with ClosedWorkbook.to_read(path) as workbook:
        called, _ = names_of(workbook.package, workbook.cells)
        return carried_in(workbook.cells, called)
