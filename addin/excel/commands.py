"""What a button may ask of Python in an open workbook: a fixed list, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from workbook.package import WorkbookError

if TYPE_CHECKING:
    import xlwings


def _refresh(book: xlwings.Book) -> str:
    from addin.excel import buttons
    from addin.sources.chosen import chosen_source

    source = chosen_source()
    if source is None:
        raise WorkbookError(
            "no source is chosen yet: run hpcval source with the folder, Excel file or database "
            "that holds your facts"
        )
    return buttons.refresh(book, source)


def _undo(book: xlwings.Book) -> str:
    from addin.excel import buttons

    return buttons.undo(book)


def _explain(book: xlwings.Book) -> str:
    from addin.desk import Desk
    from addin.excel import buttons

    return buttons.explain_selection(book, Desk())


def _snapshot(book: xlwings.Book) -> str:
    from addin.excel import buttons

    return buttons.snapshot(book)


def _freeze(book: xlwings.Book) -> str:
    from addin.excel import buttons

    return buttons.freeze(book)


COMMANDS: Final[Mapping[str, Callable[[xlwings.Book], str]]] = {
    "refresh": _refresh,
    "undo": _undo,
    "explain": _explain,
    "snapshot": _snapshot,
    "freeze": _freeze,
}
"""Commands by name. Each imports what it needs when it is given."""


def carry_out(name: Any, workbook: Any) -> str:
    """Carry a command out in the workbook that Excel hands over; say in one sentence what was done.

    Raises
    ------
    WorkbookError
        When there is no such command, or why it cannot be carried out; nothing is changed then.
    """
    if not isinstance(name, str) or name not in COMMANDS:
        raise WorkbookError("there is no such command")
    from addin.excel.opened import handed_over

    return COMMANDS[name](handed_over(workbook))
