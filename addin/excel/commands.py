"""What a button may ask of Python in an open workbook: a fixed list, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from addin.boundary.desk import Desk
from addin.excel import buttons, opened, pages_button, stopping
from addin.sources.chosen import chosen_source
from workbook.errors import WorkbookError

if TYPE_CHECKING:
    import xlwings


def _refresh(book: xlwings.Book) -> str:
    source = chosen_source()
    if source is None:
        raise WorkbookError(
            "no source is chosen yet: run hpcval source with the folder, Excel file or database "
            "that holds your facts"
        )
    return buttons.refresh(book, source)


COMMANDS: Final[Mapping[str, Callable[[xlwings.Book], str]]] = {
    "refresh": _refresh,
    "undo": buttons.undo,
    "keep": lambda book: buttons.keep(book, date.today()),  # noqa: DTZ011  the desk's own day
    "explain": lambda book: buttons.explain_selection(book, Desk()),
    "snapshot": buttons.snapshot,
    "freeze": buttons.freeze,
    "tearsheets": pages_button.tear_sheets,
}
"""Commands by name. The server imports them with the first one given: most sessions give none."""


def carry_out(name: Any, workbook: Any) -> str:
    """Carry a command out in the workbook that Excel hands over; say in one sentence what was done.

    Raises
    ------
    WorkbookError
        When there is no such command, or why it cannot be carried out; nothing is changed then.
    """
    if not isinstance(name, str) or name not in COMMANDS:
        raise WorkbookError("there is no such command")
    book = opened.handed_over(workbook)
    with stopping.listening(stopping.escape_over(book)):
        return COMMANDS[name](book)
