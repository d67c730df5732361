"""Where the add-in finds its installation: one rule, so that the file is the same on every desk.

In the folder `hpc-valuation` of `%LOCALAPPDATA%` lie xlwings' libraries, under names of ours, and a
text of one line that names the interpreter: from that folder, or in full where it lies elsewhere.
The word `attach` in its place says that Excel attaches to a running server and starts none.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from addin.excel.server import CLASS_ID

HOME_FOLDER: Final = "hpc-valuation"
POINTER_FILE: Final = "python.txt"
ATTACH: Final = "attach"

LIBRARY_FOLDER: Final = "library"
LIBRARIES: Final = {64: "hpc-xlwings64.dll", 32: "hpc-xlwings32.dll"}
"""Names without a version, by the bits of Excel: VBA declares a library by a name that is fixed."""

SERVER_MODULE: Final = "addin.excel.server"
"""What the interpreter runs; a name of ours, fixed in the file."""


def pointer_text(home: PurePath, interpreter: PurePath, attach_only: bool) -> str:
    r"""Write the line that names the interpreter.

    Examples
    --------
    >>> from pathlib import PureWindowsPath
    >>> home = PureWindowsPath(r"C:\Users\ann\AppData\Local\hpc-valuation")
    >>> pointer_text(home, home / "program" / "pythonw.exe", attach_only=False)
    'program\\pythonw.exe'
    >>> pointer_text(home, PureWindowsPath(r"D:\Python\pythonw.exe"), attach_only=False)
    'D:\\Python\\pythonw.exe'
    """
    if attach_only:
        return ATTACH
    if interpreter.is_relative_to(home):
        return "\\".join(interpreter.relative_to(home).parts)
    return str(interpreter)


def server_command(interpreter: str, attach_only: bool) -> str:
    """Give what the library is told: the command that starts the server, or whom to attach to."""
    if attach_only:
        return CLASS_ID
    return f'"{interpreter}" -I -B -m {SERVER_MODULE} $(CLSID)'
