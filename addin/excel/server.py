"""The COM server that Excel talks to: worksheet functions, a fixed list of commands, nothing else.

xlwings' own server also evaluates text, runs code and imports modules for whoever asks. The object
here has three methods, and no module, path or code ever comes from its caller. Excel starts it as
`pythonw -I -B -m addin.excel.server CLASS_ID`, or attaches to one started by `hpcval serve`.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from typing import Any, Final

from addin.boundary.cells import OMITTED
from addin.excel.com import ERROR_MARK, is_missing, to_com
from valuation_core import __version__
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import ValuationError
from workbook.cells import ErrorValue

CLASS_ID: Final = "{cc3debda-fd76-4f05-8ca9-5f4d729fc24d}"
"""Class id of a server that a person starts: our own, lest another xlwings on the desk answers."""

FUNCTIONS: Final = "addin.excel.functions"
"""The only module whose functions are called."""

LARGEST_LOG: Final = 1024 * 1024

FAILED: Final = (
    "This failed, and what was written was taken back. server.log in the log folder says why."
)

_UNUSED: Final = ("pandas", "polars", "matplotlib", "PIL")
"""What xlwings imports where installed, for conversions that cells do not take here."""

_PULSE: Final = 500
"""Milliseconds after which a waiting server looks whether a person wants to stop it."""

_log = logging.getLogger(__name__)


class ServerError(RuntimeError):
    """The server cannot run; the text is one line for the person at the desk."""


class HpcServer:
    """The object Excel gets.

    Parameters
    ----------
    call_udf : callable
        xlwings' own: module, function, arguments.
    """

    _public_methods_: Final = ["Call", "Command", "Version"]

    def __init__(self, call_udf: Callable[[str, str, tuple[Any, ...]], Any]) -> None:
        self._call_udf = call_udf

    def Call(self, name: Any, arguments: Any) -> Any:  # noqa: N802 (the name VBA calls)
        """Give what the cells of a worksheet function show; errors are marked text."""
        try:
            if not isinstance(name, str) or name not in catalogue():
                _log.warning("no function %.80r", name)
                return to_com(ErrorValue("#NAME?"))
            # xlwings would read an argument left out of a ParamArray as a blank cell.
            cells = tuple(OMITTED if is_missing(cell) else cell for cell in arguments or ())
            return self._call_udf(FUNCTIONS, name, cells)
        except Exception:  # COM would show a traceback in the cell
            _log.exception("call failed")
            return to_com(ErrorValue("#VALUE!"))

    def Command(self, name: Any, workbook: Any) -> str:  # noqa: N802 (the name VBA calls)
        """Do what a button says in its workbook; one sentence, marked where nothing was done."""
        from addin.excel.commands import carry_out
        from workbook.errors import WorkbookError

        try:
            return carry_out(name, workbook).lstrip(ERROR_MARK)
        except (WorkbookError, ValuationError) as error:
            return ERROR_MARK + str(error)
        except Exception:  # COM would show a traceback
            _log.exception("command %.80r failed", name)
            return ERROR_MARK + FAILED

    def Version(self) -> str:  # noqa: N802 (the name VBA calls)
        """Give the version of the package, for the shim to compare with its own."""
        return __version__


def is_class_id(text: str) -> bool:
    """Tell whether a text is a class id in braces.

    Examples
    --------
    >>> is_class_id(CLASS_ID), is_class_id("Excel.Application")
    (True, False)
    """
    return re.fullmatch(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}", text) is not None


def serve(
    class_id: str, *, lasting: bool = False, ready: Callable[[], object] | None = None
) -> None:
    """Register the class and answer Excel until the last workbook lets go.

    Parameters
    ----------
    class_id : str
        Class id to answer for, in braces.
    lasting : bool
        Go on when the last workbook lets go, until Ctrl+C.
    ready : callable, optional
        Called once Excel can attach.

    Raises
    ------
    ServerError
        Elsewhere than on Windows, without pywin32, or for text that is no class id.
    """
    if not is_class_id(class_id):
        raise ServerError(f"{class_id} is not a class id")
    if sys.platform != "win32":
        raise ServerError("the server for Excel needs Windows")
    try:
        _serve(class_id, lasting, ready)
    except ImportError as error:
        raise ServerError(f"the server for Excel needs pywin32 and xlwings: {error}") from error


def _serve(class_id: str, lasting: bool, ready: Callable[[], object] | None) -> None:
    call_udf = load()
    import pythoncom
    import pywintypes
    import win32api
    import win32event
    from win32com.server import policy, util

    def create(_class_id: Any, interface: Any) -> Any:
        return util.wrap(HpcServer(call_udf), interface)

    # pywin32 calls this by name for each new client. Its own looks in the registry for a class and
    # for folders to import from; this process has one object to give.
    policy.CreateInstance = create
    factory = pythoncom.MakePyFactory(pywintypes.IID(class_id))
    flags = pythoncom.REGCLS_MULTIPLEUSE | pythoncom.REGCLS_SUSPENDED
    registered = pythoncom.CoRegisterClassObject(
        pywintypes.IID(class_id), factory, pythoncom.CLSCTX_LOCAL_SERVER, flags
    )
    if not lasting:
        pythoncom.EnableQuitMessage(win32api.GetCurrentThreadId())
    pythoncom.CoResumeClassObjects()
    _log.info("serving %s", class_id)
    if ready is not None:
        ready()
    with suppress(KeyboardInterrupt):
        while True:
            woken = win32event.MsgWaitForMultipleObjects((), 0, _PULSE, win32event.QS_ALLEVENTS)
            if woken == win32event.WAIT_OBJECT_0 and pythoncom.PumpWaitingMessages():
                break
    pythoncom.CoRevokeClassObject(registered)
    _log.info("ended %s", class_id)


def load() -> Callable[[str, str, tuple[Any, ...]], Any]:
    """Import the bound functions and give xlwings' call_udf, in the least time."""
    # Set for xlwings' paid server product, which would take the place of its decorators.
    os.environ.pop("XLWINGS_ON_SERVER", None)
    with _hidden(_UNUSED), _no_type_library():
        udfs: Any = importlib.import_module("xlwings.udfs")
    from addin.excel.opened import restrain_xlwings

    restrain_xlwings()
    udfs.get_udf_module(FUNCTIONS, None)
    return udfs.call_udf  # type: ignore[no-any-return]


@contextmanager
def _hidden(names: Sequence[str]) -> Iterator[None]:
    """Let imports of packages fail for a while as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _no_type_library() -> Iterator[None]:
    """Keep xlwings from writing modules for Excel's type library into the temporary folder.

    It does so to call Excel by compiled names; commands call it by name, a little slower.
    """
    from win32com.client import gencache

    ensure = gencache.EnsureModule
    gencache.EnsureModule = lambda *_, **__: None
    try:
        yield
    finally:
        gencache.EnsureModule = ensure


def keep_log() -> None:
    """Write warnings and failures to a file of bounded size in the user's log folder."""
    from platformdirs import user_log_path

    folder = user_log_path("hpc-valuation", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "server.log", maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        return  # a desk without a place for logs still calculates
    form = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], level=logging.INFO, format=form)
    logging.raiseExceptions = False


def main(arguments: Sequence[str]) -> int:
    """Serve the class id given by Excel until it lets go, or our own until Ctrl+C."""
    keep_log()
    try:
        serve(arguments[0] if arguments else CLASS_ID, lasting=not arguments)
    except ServerError as error:
        _log.error("%s", error)
        if sys.stderr is not None:
            sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
