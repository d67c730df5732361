"""The workbook that a person works in, through xlwings."""

from __future__ import annotations

import atexit
import sys
from typing import Any, Final

import xlwings

ATTEMPTS: Final = 1000
"""Times that an Excel which is busy is asked, about a second."""


def active_book() -> xlwings.Book:
    """Give the workbook that is active in Excel.

    Raises
    ------
    WorkbookError
        When none is open, or Excel does not answer.
    """
    from workbook.errors import WorkbookError

    restrain_xlwings()
    try:
        return xlwings.books.active
    except Exception:  # xlwings raises what COM, or the system, happens to raise
        raise WorkbookError("no workbook is open in Excel") from None


def handed_over(workbook: Any) -> xlwings.Book:
    """Give the workbook that Excel hands over with a command.

    Raises
    ------
    WorkbookError
        For anything but an object of Excel: a text would name a program to start.
    """
    import pythoncom
    from win32com.client import Dispatch

    from workbook.errors import WorkbookError

    if not isinstance(workbook, pythoncom.TypeIIDs[pythoncom.IID_IDispatch]):
        raise WorkbookError("no workbook was handed over")
    windows: Any = sys.modules["xlwings._xlwindows"]
    found = windows.COMRetryObjectWrapper(Dispatch(workbook))
    return xlwings.Book(impl=windows.Book(xl=found))


def restrain_xlwings() -> None:
    """Keep xlwings from ending other Excels, and from asking a busy Excel for ever.

    With this process it would end every Excel that shows no workbook, which may be another
    program's. An Excel that goes on refusing would freeze while it waits for us.
    """
    windows: Any = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        atexit.unregister(windows.cleanup)
        windows.N_COM_ATTEMPTS = ATTEMPTS


def filled_with(cell: Any) -> str | None:
    """Give the cells that the formula of a cell fills with it; None where it fills one."""
    # An Excel without dynamic arrays knows nothing of spills, and shows an array of its own.
    if getattr(cell, "HasSpill", False):
        address = str(cell.SpillParent.SpillingToRange.Address)
    elif getattr(cell, "HasArray", False):
        address = str(cell.CurrentArray.Address)
    else:
        return None
    return address.replace("$", "") if ":" in address else None
